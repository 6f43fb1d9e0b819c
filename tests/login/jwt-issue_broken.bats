#!/usr/bin/env bats
# Variables come from issuing.bash, and go to the commands of each test.
# shellcheck disable=SC2001,SC2030,SC2031
#
# jwt-issue where memory runs out or the machine fails, at every place in turn:
# nothing is called good that is not, nothing half done is left, and one
# sentence says what failed.

bats_require_minimum_version 1.5.0

setup() {
	load broken
	load issuing
	[ "$(id -u)" -eq 0 ] || skip 'needs root, whose the service must be'
	broken_begin
	issuing_begin
	TOKEN=$(fake '["ssh://build7","ssh://build8"]' 0 300 '"role":"admin"')
	printf '%s\n' hear 'say TELL info Hello' 'say ASK hidden Password:%20' \
	    hear "say OK $TOKEN" | plays
	chmod 700 "$W/here"
	export XDG_RUNTIME_DIR=$W/here
	unset BEARER_TOKEN BEARER_TOKEN_FILE
	KEPT=bt_u0
	CALL=("$ISSUE" --socket "$S" -a ssh://build7 -a ssh://build8
	    --claim role=admin -t 5m --stdin)
	echo right >../right
	input=../right
	SOCKETS='socket connect getsockopt setsockopt clock_gettime poll send recv'
}

teardown() {
	[ -z "${I:-}" ] || issuing_end
	[ -z "${W:-}" ] || broken_end
}

FAULTS=' 69 70 71 73 74 75 76 77 78 '

failed() {
	[[ $FAULTS == *" $status "* ]]
}

# The last line on standard error is the command's, and before it the prompt.
issue_sentence() {
	local rest=${err#$'Hello\n'}
	rest=${rest#$'Password: \n'}
	[[ $rest =~ ^jwt-issue:\ [^$'\n']+$'\n'$ && $err != *eyJ* ]]
}

prints_or_fails() {
	[ -z "$files" ] || return 1
	if [ "$status" -eq 0 ]; then
		[ "$out" = "$TOKEN"$'\n' ]
	else
		failed && issue_sentence && [ -z "$out" ]
	fi
}

# In place of an older one, which is there as long as the new one is not.
replaces_or_fails() {
	local text='' now
	[ "$files" = "$file" ] || return 1
	IFS= read -r -d '' text <"$file" || :
	now=$text
	put_older
	if [ "$status" -eq 0 ]; then
		[ "$now" = "$TOKEN"$'\n' ] && [ -z "$out" ]
	else
		failed && issue_sentence && [ "$now" = "$OLDER"$'\n' ] && [ -z "$out" ]
	fi
}

put_older() {
	(umask 077 && echo "$OLDER" >"$file")
}

refuses_or_fails() {
	[ -z "$files" ] && [ -z "$out" ] && {
		[ "$status" -eq "$whole_status" ] || failed
	} && [[ $err == *'jwt-issue: '* ]]
}

# sockets CHECK CMD...: what the connection needs fails in turn.
sockets() {
	local kind
	for kind in $SOCKETS; do
		each "$kind" 5 1 "$@" || return
	done
	each send 0 1 "$@"
	each recv 0 1 "$@"
	each send 4 1 "$@"
	each recv 4 1 "$@"
	each poll 4 1 "$@"
	each connect 4 1 "$@"
	each recv 104 1 "$@"
}

@test 'jwt-issue: a whole token or none' {
	kinds='prctl write'
	sweep prints_or_fails "${CALL[@]}"
	[ "$whole_status" -eq 0 ]
	sockets prints_or_fails "${CALL[@]}"
	each write 0 1 prints_or_fails "${CALL[@]}"
	each write 4 1 prints_or_fails "${CALL[@]}"
}

@test 'jwt-issue: into a file the new one whole, or the older one stays' {
	local kind file=token OLDER=older
	put_older
	whole "${CALL[@]}" -o token
	[ "$whole_status" -eq 0 ]
	put_older
	each memory 12 "$step" replaces_or_fails "${CALL[@]}" -o token
	for kind in open fstatat faccessat getrandom openat fchmod write fsync \
	    close renameat sigprocmask; do
		each "$kind" 5 1 replaces_or_fails "${CALL[@]}" -o token
	done
	each write 0 1 replaces_or_fails "${CALL[@]}" -o token
}

@test 'jwt-issue --store: the new one whole, or the older one stays' {
	local kind file=$KEPT OLDER
	OLDER=$(fake '["ssh://build7","ssh://build8"]' -400 -100)
	put_older
	whole "${CALL[@]}" --store
	[ "$whole_status" -eq 0 ]
	put_older
	each memory 12 "$step" replaces_or_fails "${CALL[@]}" --store
	for kind in open fstatat faccessat getrandom openat fchmod write fsync \
	    close renameat sigprocmask fstat; do
		each "$kind" 5 1 replaces_or_fails "${CALL[@]}" --store
	done
	# Where the folder cannot be looked at, /tmp would be next.
	each read 5 1 replaces_or_fails "${CALL[@]}" --store
	each read 0 1 replaces_or_fails "${CALL[@]}" --store
}

# What is stored stays, and nothing is asked unless something failed.
keeps_or_fails() {
	local text
	text=$(<"$KEPT")
	put_older
	[ "$files" = "$KEPT" ] || return 1
	if [ "$status" -eq 0 ]; then
		[ "$text" = "$OLDER" ] &&
		    [[ $out =~ ^\{\"file\":.*,\"renewed\":false\}$'\n'$ ]]
	else
		failed && [ "$text" = "$OLDER" ] && issue_sentence && {
			[ -z "$out" ] ||
			    [[ $out =~ ^\{\"error\":\"[a-z_]+\",\"message\":\".*\"\}$'\n'$ ]]
		}
	fi
}

@test 'jwt-issue --store --json: what serves stays, and the object is whole or an error' {
	local file=$KEPT OLDER
	OLDER=$(fake '["ssh://build7","ssh://build8"]' 0 250 '"role":"admin"')
	put_older
	printf '%s\n' hear 'say ERR login_refused no' | plays
	whole "${CALL[@]}" --store --json
	[ "$whole_status" -eq 0 ]
	each memory 12 "$step" keeps_or_fails "${CALL[@]}" --store --json
	each write 5 1 keeps_or_fails "${CALL[@]}" --store --json
	each write 0 1 keeps_or_fails "${CALL[@]}" --store --json
}

json_or_fails() {
	[ -z "$files" ] || return 1
	if [ "$status" -eq 0 ]; then
		[ "$out" = "$whole_out" ]
	else
		failed && issue_sentence && {
			[ -z "$out" ] ||
			    [[ $out =~ ^\{\"error\":\"[a-z_]+\",\"message\":\".*\"\}$'\n'$ ]]
		}
	fi
}

@test 'jwt-issue --json: a whole object, or one that says what failed' {
	sweep json_or_fails "${CALL[@]}" --json
	[ "$whole_status" -eq 0 ]
	sockets json_or_fails "${CALL[@]}" --json
	each write 5 1 json_or_fails "${CALL[@]}" --json
}

@test 'jwt-issue: refused is refused, whatever fails' {
	printf '%s\n' hear 'say ASK hidden Password:%20' hear \
	    'say ERR login_refused No.' | plays
	sweep refuses_or_fails "${CALL[@]}"
	[ "$whole_status" -eq 77 ]
	sockets refuses_or_fails "${CALL[@]}"
	whole "${CALL[@]}" -o /
	[ "$whole_status" -eq 73 ]
	each memory 12 "$step" refuses_or_fails "${CALL[@]}" -o /
	whole "${CALL[@]}" -t x
	[ "$whole_status" -eq 64 ]
	each memory 12 "$step" refuses_or_fails "${CALL[@]}" -t x
}

lists_or_fails() {
	[ "$files" = "$KEPT" ] || return 1
	if [ "$status" -eq 0 ]; then
		[ "$(sed 's/expires in .*//' <<<"$out")" = "$wanted" ] ||
		    [[ $out == *'Input/output error'* && $out != *eyJ* ]]
	else
		failed && issue_sentence && [ -z "$out" ]
	fi
}

@test 'jwt-issue --list: all of it or a sentence' {
	local wanted file=$KEPT OLDER long
	# More than a stream in memory has room for at first.
	long=$(printf '"%0300d",' {1..40})
	OLDER=$(fake "[${long%,}]")
	put_older
	whole "$ISSUE" --list
	[ "$whole_status" -eq 0 ]
	wanted=$(sed 's/expires in .*//' <<<"$whole_out")
	sweep lists_or_fails "$ISSUE" --list
	each write 5 1 lists_or_fails "$ISSUE" --list
}

# Removed and said, or there and told why.
forgets_or_fails() {
	local had=$files
	put_older
	if [ "$status" -eq 0 ]; then
		[ -z "$had" ] && [[ $out == removed* ]]
	elif [ "$status" -eq 74 ]; then
		[ -z "$had" ] && issue_sentence
	else
		failed && [ "$had" = "$file" ] && issue_sentence && [ -z "$out" ]
	fi
}

@test 'jwt-issue --forget: removed, or there' {
	local kind file=own OLDER=$TOKEN
	export BEARER_TOKEN_FILE=$W/here/own
	put_older
	whole "$ISSUE" --forget
	[ "$whole_status" -eq 0 ]
	put_older
	each memory 12 "$step" forgets_or_fails "$ISSUE" --forget
	for kind in open openat read fstat; do
		each "$kind" 5 1 forgets_or_fails "$ISSUE" --forget
	done
	each read 0 1 forgets_or_fails "$ISSUE" --forget
	each unlink 5 1 forgets_or_fails "$ISSUE" --forget
	each write 5 1 forgets_or_fails "$ISSUE" --forget
}

@test 'jwt-issue on a terminal: a token or a sentence' {
	local kind n
	load logins
	unset 'CALL[-1]'
	# No world, only its way to type.
	in_world() { "$@"; }
	log_mark() { :; }
	for kind in none open tcgetattr tcsetattr sigprocmask signalfd poll \
	    read; do
		for ((n = 1; ; n++)); do
			rm -f ../mark
			run on_tty 'Password: $' ../right env \
			    LD_PRELOAD="$preload" BREAK="$kind $n 5 $W/mark" \
			    "${CALL[@]}"
			place="$kind $n on a terminal"
			out=${lines[-1]%$'\r'} err=$output
			if [ "$status" -eq 0 ]; then
				[ "$out" = "$TOKEN" ]
			else
				failed && [[ $output =~ (^|$'\n')jwt-issue:\  ]]
			fi || wrong
			[ -e ../mark ] || break
		done
		[ "$status" -eq 0 ]
	done
}
