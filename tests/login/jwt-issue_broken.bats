#!/usr/bin/env bats
#
# jwt-issue where memory runs out or the machine fails, at every place in turn:
# nothing is called good that is not, nothing half done is left, and one
# sentence says what failed.

bats_require_minimum_version 1.5.0

setup() {
	load broken
	broken_begin
}

teardown() {
	broken_end
}

ISSUE_FAULTS=' 69 70 71 73 74 78 '

issue() {
	id -un >/dev/null 2>&1 || skip 'needs an account'
	preload="$build/tests/login/preload-break.so "
	preload+=$build/tests/login/preload-pam.so
	ISSUE=("$build/jwt-issue" --key ../test --issuer https://issuer.test
	    -a ssh://build7 -a ssh://build8 --user deploy --claim role=admin)
	echo right >../right
	echo wrong >../wrong
	input=../right
}

# A token that says the right things in $1.
is_token() {
	local payload wanted='^\{"iss":"https://issuer.test","sub":"deploy",'
	wanted+='"aud":\["ssh://build7","ssh://build8"\],"iat":[0-9]+,"exp":'
	wanted+='[0-9]+,"auth_time":[0-9]+,"jti":"[A-Za-z0-9_-]{22}"'
	wanted+=',"role":"admin"\}$'
	[[ $1 == *$'\n' ]] && payload=$("$JWTCTL" verify --signature-only \
	    --key ../test.pub - <<<"${1%$'\n'}") && [[ $payload =~ $wanted ]]
}

# The last line on standard error is the command's, and before it the prompt.
issue_sentence() {
	local rest=${err#*$'Password: \n'}
	[ -z "$out" ] && [[ $rest =~ ^jwt-issue:\ [^$'\n']+$'\n'$ ]]
}

issues_or_fails() {
	[ -z "$files" ] || return 1
	if [ "$status" -eq 0 ]; then
		is_token "$out"
	else
		[[ $ISSUE_FAULTS == *" $status "* ]] && issue_sentence
	fi
}

# In place of an older one, which is there as long as the new one is not.
replaces_or_fails() {
	local text
	IFS= read -r -d '' text <token || :
	echo older >token
	[ "$files" = token ] && [ -z "$out" ] || return 1
	if [ "$status" -eq 0 ]; then
		is_token "$text"
	else
		[[ $ISSUE_FAULTS == *" $status "* ]] && issue_sentence &&
		    [ "$text" = older$'\n' ]
	fi
}

refuses_or_fails() {
	[ -z "$files" ] && [ -z "$out" ] && {
		[ "$status" -eq "$whole_status" ] ||
		    [[ $ISSUE_FAULTS == *" $status "* ]]
	} && [[ $err == *'jwt-issue: '* ]]
}

@test 'jwt-issue: a whole token or none' {
	issue
	kinds='prctl getpwuid_r getrandom write poll'
	sweep issues_or_fails "${ISSUE[@]}"
	each write 0 1 issues_or_fails "${ISSUE[@]}"
	each write 4 1 issues_or_fails "${ISSUE[@]}"
	each pam_start 26 1 issues_or_fails "${ISSUE[@]}"
	each pam_set_item 5 1 issues_or_fails "${ISSUE[@]}"
	[ "$whole_status" -eq 0 ]
}

@test 'jwt-issue: into a file the new one whole, or the older one stays' {
	local kind
	issue
	echo older >token
	whole "${ISSUE[@]}" -o token
	[ "$whole_status" -eq 0 ]
	echo older >token
	each memory 12 "$step" replaces_or_fails "${ISSUE[@]}" -o token
	for kind in open fstatat faccessat getrandom openat fchmod write fsync \
	    close renameat sigprocmask; do
		each "$kind" 5 1 replaces_or_fails "${ISSUE[@]}" -o token
	done
	each write 0 1 replaces_or_fails "${ISSUE[@]}" -o token
}

@test 'jwt-issue: refused is refused, whatever fails' {
	local odd
	local -A words=([binary]='a way that no terminal can show'
	    [nobody]='the account may not log in')
	issue
	input=../wrong
	sweep refuses_or_fails "${ISSUE[@]}"
	[ "$whole_status" -eq 77 ]
	whole "${ISSUE[@]}" -o /
	[ "$whole_status" -eq 73 ]
	input=../right
	set -- "${ISSUE[@]}" --claim "long=$(head -c 400 /dev/zero | tr '\0' x)"
	whole "$@"
	[ "$whole_status" -eq 65 ]
	each memory 12 "$step" refuses_or_fails "$@"
	for odd in binary nobody; do
		issue
		PAM_ODD=$odd whole "${ISSUE[@]}"
		[ -z "$out" ]
		[[ $status$err == *"${words[$odd]}"* ]] || wrong
	done
}

@test 'jwt-issue on a terminal: a token or a sentence' {
	local kind n
	load logins
	# No world, only its way to type.
	in_world() { "$@"; }
	log_mark() { :; }
	issue
	for kind in none open tcgetattr tcsetattr sigprocmask signalfd poll \
	    read; do
		for ((n = 1; ; n++)); do
			rm -f ../mark
			run on_tty 'Password: $' ../right env PAM_ODD=tells \
			    LD_PRELOAD="$preload" BREAK="$kind $n 5 $W/mark" \
			    "${ISSUE[@]}"
			place="$kind $n on a terminal"
			out=${lines[-1]%$'\r'} err=$output
			if [ "$status" -eq 0 ]; then
				is_token "$out"$'\n'
			else
				[[ $ISSUE_FAULTS == *" $status "* ]] &&
				    [[ $output =~ (^|$'\n')jwt-issue:\  ]]
			fi || wrong
			[ -e ../mark ] || break
		done
		[ "$status" -eq 0 ]
	done
}
