# jwt-issue: who gets a token, what it says, and every refusal.
# shellcheck disable=SC2317 # functions that `refused` calls

bats_require_minimum_version 1.5.0

setup() {
	load world
	[ -x "$BUILD/jwt-issue" ] || skip 'no jwt-issue'
}

teardown() {
	# One test takes the write permission away.
	[ ! -d "$WORLD/home/out" ] || chmod 755 "$WORLD/home/out"
	world_end
}

# A world of wrappers with a key and a login by password.
simple_world() {
	world_user
	stack jwt-issuer <<-END
		auth	required	pam_unix.so
		account	required	pam_unix.so
	END
	in_world jwtctl keygen "$KEYS/test"
	# Each part of this folder is compared by the tests of -o.
	in_world mkdir "$WORLD/home/out"
}

# pass ARG...: the password comes by a pipe.
pass() {
	printf '%s\n' "$PASSWORD" | issue "$@"
}

issue() {
	in_world jwt-issue --key "$KEYS/test" --issuer "$ISSUER" "$@"
}

# claims [KEY] < TOKEN: what was signed, if the signature holds.
claims() {
	in_world jwtctl verify --signature-only --key "$KEYS/${1:-test}.pub"
}

# part N TOKEN: the header (1) or the payload (2) as JSON.
part() {
	local text
	text=$(cut -d. -f"$1" <<<"$2" | tr _- /+)
	while [ $((${#text} % 4)) -ne 0 ]; do text+='='; done
	base64 -d <<<"$text"
}

# refused STATUS REGEX CMD...: nothing on standard output, the reason on the
# other.
refused() {
	local status_wanted=$1 regex=$2
	shift 2
	run --separate-stderr "$@"
	[ "$status" -eq "$status_wanted" ] || {
		echo "status $status: $stderr"
		return 1
	}
	[ -z "$output" ]
	[[ $stderr =~ $regex ]] || { echo "stderr: $stderr"; return 1; }
}

# --- a token ----------------------------------------------------------------

@test 'the right password gives a token that verifies and says what was asked' {
	local now text number='([0-9]+)' pattern
	simple_world
	now=$(date +%s)
	pass -a ssh://build7 -t 90 >"$WORLD/token"
	[ "$(wc -l <"$WORLD/token")" -eq 1 ]
	[ "$(wc -c <"$WORLD/token")" -le 511 ]
	text=$(claims <"$WORLD/token")
	pattern='^\{"iss":"'$ISSUER'","sub":"deploy","aud":"ssh://build7",'
	pattern+='"iat":'$number',"exp":'$number',"auth_time":'$number','
	pattern+='"jti":"[A-Za-z0-9_-]{22}"\}$'
	[[ $text =~ $pattern ]] || { echo "$text"; return 1; }
	[ "${BASH_REMATCH[1]}" -ge "$now" ]
	[ "${BASH_REMATCH[1]}" -le "$(date +%s)" ]
	[ "${BASH_REMATCH[2]}" -eq $((BASH_REMATCH[1] + 90)) ]
	[ "${BASH_REMATCH[3]}" -eq "${BASH_REMATCH[1]}" ]
}

@test 'the header has alg and kid of the key, and typ login+jwt' {
	local kid
	simple_world
	kid=$(grep -o '"kid":"[^"]*"' <"$KEYS/test")
	part 1 "$(pass -a ssh://build7)" >"$WORLD/header"
	[ "$(cat "$WORLD/header")" = "{\"alg\":\"EdDSA\",$kid,\"typ\":\"login+jwt\"}" ]
}

@test 'the token logs in by the module, and with a wrong audience it does not' {
	simple_world
	config_default
	put /etc/security/pam_jwt.d/test.pub <"$KEYS/test.pub"
	pass -a "ssh://$HOST" >"$WORLD/token"
	explain "$WORLD/token" deploy --service sshd | grep -qx accepted
	pass -a ssh://another >"$WORLD/token"
	run -1 explain "$WORLD/token" deploy --service sshd
	[ "${lines[-1]}" = 'refused: audience_mismatch' ]
}

@test 'five minutes is the default lifetime' {
	simple_world
	pass -a ssh://build7 | claims >"$WORLD/claims"
	[[ $(cat "$WORLD/claims") =~ \"iat\":([0-9]+),\"exp\":([0-9]+) ]]
	[ $((BASH_REMATCH[2] - BASH_REMATCH[1])) -eq 300 ]
}

@test 'two audiences are an array, in their order' {
	simple_world
	pass -a ssh://build7 --audience sudo://build7 | claims |
	    grep -qF '"aud":["ssh://build7","sudo://build7"]'
}

@test 'two tokens have two ids' {
	local first second
	simple_world
	first=$(pass -a ssh://build7 | claims | grep -o '"jti":"[^"]*"')
	second=$(pass -a ssh://build7 | claims | grep -o '"jti":"[^"]*"')
	[ -n "$first" ]
	[ "$first" != "$second" ]
}

@test 'claims come last, as strings, with what JSON must escape escaped' {
	simple_world
	pass -a ssh://build7 --claim role=admin --claim 'n="\/é' --claim 'q"=1=2' \
	    --claim empty= | claims >"$WORLD/claims"
	grep -qF '","role":"admin","n":"\"\\/é","q\"":"1=2","empty":""}' \
	    "$WORLD/claims"
}

@test 'other algorithms that are short enough sign as well' {
	local alg
	simple_world
	for alg in ES256 HS256 Ed25519; do
		in_world jwtctl keygen --alg "$alg" "$KEYS/$alg"
		printf '%s\n' "$PASSWORD" | in_world jwt-issue \
		    --key "$KEYS/$alg" --issuer "$ISSUER" -a ssh://build7 \
		    >"$WORLD/token"
		part 1 "$(cat "$WORLD/token")" | grep -q "\"alg\":\"$alg\""
		[ "$alg" = HS256 ] || claims "$alg" <"$WORLD/token" >/dev/null
	done
}

@test 'a relative path names the key from the folder that it runs in' {
	simple_world
	printf '%s\n' "$PASSWORD" | in_world env -C "$KEYS" jwt-issue \
	    --key ./test --issuer "$ISSUER" -a ssh://build7 | claims
}

# --- who --------------------------------------------------------------------

@test 'the account is that of the uid, whatever the environment says' {
	simple_world
	printf '%s\n' "$PASSWORD" | in_world USER=operator LOGNAME=operator \
	    jwt-issue --key "$KEYS/test" --issuer "$ISSUER" -a ssh://build7 |
	    claims | grep -qF '"sub":"deploy"'
}

@test '--user asks for another account, and its password counts' {
	simple_world
	echo "operator:other-password:jwt-issuer" >"$WORLD/passdb"
	printf 'other-password\n' | issue -a ssh://build7 --user operator |
	    claims | grep -qF '"sub":"operator"'
	refused 77 'the login was refused' pass -a ssh://build7 --user operator
	refused 77 'the login was refused' pass -a ssh://build7
}

@test 'sub is who PAM says it was' {
	simple_world
	sed "1a auth required $(first /usr/lib/*/pam_wrapper/pam_set_items.so \
	    /usr/lib64/pam_wrapper/pam_set_items.so)" \
	    "$WORLD/etc/pam.d/jwt-issuer" >"$WORLD/stack"
	put /etc/pam.d/jwt-issuer <"$WORLD/stack"
	printf '%s\n' "$PASSWORD" | in_world PAM_USER=operator \
	    jwt-issue --key "$KEYS/test" --issuer "$ISSUER" -a ssh://build7 |
	    claims | grep -qF '"sub":"operator"'
}

@test 'a name that PAM made up and no token can hold gets none' {
	simple_world
	sed "1a auth required $(first /usr/lib/*/pam_wrapper/pam_set_items.so \
	    /usr/lib64/pam_wrapper/pam_set_items.so)" \
	    "$WORLD/etc/pam.d/jwt-issuer" >"$WORLD/stack"
	put /etc/pam.d/jwt-issuer <"$WORLD/stack"
	made_up() {
		printf '%s\n' "$PASSWORD" | in_world PAM_USER=$'de\xffploy' \
		    jwt-issue --key "$KEYS/test" --issuer "$ISSUER" -a h
	}
	refused 65 'name is no valid UTF-8' made_up
}

@test 'PAM is told the service, the account and who asks' {
	simple_world
	put /bin/told 755 <<-END
		#!/bin/sh
		echo "\$PAM_SERVICE \$PAM_USER \$PAM_RUSER" >$WORLD/home/told
	END
	stack jwt-issuer <<-END
		auth	required	pam_unix.so
		auth	required	pam_exec.so $WORLD/bin/told
		account	required	pam_permit.so
	END
	pass -a ssh://build7 --user operator
	[ "$(cat "$WORLD/home/told")" = 'jwt-issuer operator deploy' ]
}

@test 'a uid without an account is told so' {
	simple_world
	sed -i /^deploy:/d "$ETC/passwd"
	refused 67 'uid [0-9]+ has no account' pass -a ssh://build7
}

# --- the login --------------------------------------------------------------

@test 'a wrong password and an unknown account are refused with the same words' {
	local known unknown
	simple_world
	wrong() { echo wrong | issue -a ssh://build7 "$@"; }
	refused 77 'the login was refused' wrong
	known=${stderr#*jwt-issue: }
	refused 77 'the login was refused' wrong --user nobody-at-all
	unknown=${stderr#*jwt-issue: }
	[ "${unknown/nobody-at-all/X}" = "${known/deploy/X}" ]
}

@test 'the account phase counts' {
	simple_world
	stack jwt-issuer <<-END
		auth	required	pam_unix.so
		account	required	pam_deny.so
	END
	refused 77 'the account may not log in' pass -a ssh://build7
}

@test 'each answer of PAM has its exit code and its words' {
	local phase answer code words
	simple_world
	while read -r phase answer code words; do
		stack jwt-issuer <<-END
			auth	required	pam_permit.so
			$phase	required	pam_debug.so ${phase/account/acct}=$answer
			account	required	pam_permit.so
		END
		refused "$code" "$words" pass -a ssh://build7 ||
		    { echo "$phase $answer"; return 1; }
	done <<-END
		auth    user_unknown     77 the login was refused
		auth    maxtries         77 the login was refused
		auth    perm_denied      77 the login was refused
		auth    acct_expired     77 the login was refused
		auth    authinfo_unavail 69 cannot be reached
		auth    system_err       71 System error
		account perm_denied      77 the account may not log in
		account user_unknown     77 the account may not log in
		account acct_expired     77 the account has expired
		account new_authtok_reqd 77 the password has expired and must be changed
		account authinfo_unavail 69 cannot be reached
		account service_err      71 Error in service module
	END
}

@test 'a module that is missing is a fault of the system' {
	simple_world
	stack jwt-issuer <<-END
		auth	required	pam_no_such_module.so
		account	required	pam_permit.so
	END
	refused 71 'PAM service jwt-issuer' pass -a ssh://build7
}

# --- a host of its own: pam_unix and real accounts --------------------------

real_world() {
	# PAM's own helper, unix_chkpwd, does not run under them.
	[ -z "$(sanitizer)" ] || skip 'no real pam_unix under the sanitizers'
	world_root || skip "$WORLD_REASON"
	stack jwt-issuer <<<$'@include common-auth\n@include common-account'
	as deploy jwtctl keygen /run/home/deploy/key
	in_world jwtctl keygen /run/key
}

# by ACCOUNT ARG...: the password typed by that account.
by() {
	local account=$1
	shift
	printf '%s\n' "$PASSWORD" | as "$account" jwt-issue \
	    --key /run/home/deploy/key --issuer "$ISSUER" -a ssh://build7 "$@"
}

by_root() {
	printf '%s\n' "$PASSWORD" | in_world jwt-issue --key /run/key \
	    --issuer "$ISSUER" -a ssh://build7 "$@"
}

@test 'real host: an ordinary account gets a token by its own password alone' {
	real_world
	by deploy >"$WORLD/token"
	as deploy jwtctl verify --signature-only --key /run/home/deploy/key.pub \
	    <"$WORLD/token" | grep -qF '"sub":"deploy"'
	refused 77 'the login was refused' by deploy --user operator
	wrong() { PASSWORD=wrong by deploy; }
	refused 77 'the login was refused' wrong
	# Another account's key.
	refused 78 '/run/home/deploy' by operator
}

@test 'real host: root may ask for others, by their password' {
	real_world
	by_root --user deploy >"$WORLD/token"
	part 2 "$(cat "$WORLD/token")" | grep -qF '"sub":"deploy"'
	wrong() { PASSWORD=wrong by_root --user deploy; }
	refused 77 'the login was refused' wrong
}

@test 'real host: locked, expired and with an old password there is no token' {
	local days
	real_world
	refused 77 'the login was refused' by_root --user locked
	# Debian's stack says no more than "denied", and pam_unix says the rest.
	refused 77 'the account may not log in' by_root --user expired
	[[ $stderr == *'Your account has expired'* ]]
	# Changed 100 days ago, to be changed every 90.
	days=$(($(date +%s) / 86400 - 100))
	sed -i -E "s/^(deploy:[^:]*):[^:]*:0:99999:/\1:$days:0:90:/" \
	    "$WORLD/etc/shadow"
	refused 77 'must be changed first' by_root --user deploy
	refused 77 'must be changed first' by deploy
}

@test 'real host: an account without a password gets no token, nullok or not' {
	real_world
	sed -i -E 's/^(deploy|operator):[^:]*:/\1::/' "$WORLD/etc/shadow"
	grep -q nullok "$WORLD/etc/pam.d/common-auth"
	empty() { PASSWORD='' by_root --user deploy; }
	refused 77 'the login was refused' empty
	empty() { PASSWORD='' by deploy; }
	refused 77 'the login was refused' empty
}

@test 'real host: set-user-id or set-group-id it refuses to run' {
	local mode
	real_world
	for mode in 4755 2755; do
		in_world cp /run/bin/jwt-issue /run/bin/lent
		in_world chmod "$mode" /run/bin/lent
		refused 78 'must not be set-user-id' \
		    as deploy lent --key x --issuer x -a h
		refused 78 'must not be set-user-id' as deploy lent --help
	done
	# Root has no more by it.
	run -0 in_world lent --help
}

# --- answers ----------------------------------------------------------------

@test 'a line without a newline is an answer, and only the first line is' {
	simple_world
	printf %s "$PASSWORD" | issue -a ssh://build7 | claims
	printf '%s\nrest\n' "$PASSWORD" | {
		issue -a ssh://build7 >"$WORLD/token"
		# Unread: it belongs to somebody else.
		[ "$(cat)" = rest ]
	}
	claims <"$WORLD/token"
}

@test 'without an answer it fails at once and says what is missing' {
	simple_world
	nothing() { issue -a ssh://build7 </dev/null; }
	refused 69 'standard input is no terminal' nothing
	closed() { issue -a ssh://build7 <&-; }
	refused 69 'standard input is no terminal' closed
}

@test 'an answer is whole or an error: too long, a NUL in it' {
	local long
	simple_world
	long=$(head -c 4096 /dev/zero | tr '\0' x)
	echo "deploy:$long:jwt-issuer" >"$WORLD/passdb"
	answer_long() { printf '%s\n' "$1" | issue -a ssh://build7; }
	answer_nul() { printf 'x\0%s\n' "$long" | issue -a ssh://build7; }
	# pam_matrix itself reads no such line; what counts is who refuses.
	refused 77 'the login was refused' answer_long "$long"
	refused 77 'the answer has more than 4096 bytes' answer_long "x$long"
	refused 77 'the answer has a NUL' answer_nul
	answer_endless() { issue -a ssh://build7 </dev/zero; }
	refused 77 'the answer has a NUL' answer_endless
}

@test 'after an answer that failed no other module gets the next line' {
	simple_world
	stack jwt-issuer <<-END
		auth	optional	pam_unix.so
		auth	sufficient	pam_unix.so
		auth	required	pam_deny.so
		account	required	pam_permit.so
	END
	twice() {
		printf '%s\n%s\n' "$1" "$PASSWORD" | issue -a ssh://build7
	}
	twice wrong | claims
	refused 77 'the answer has more than 4096 bytes' \
	    twice "$(head -c 5000 /dev/zero | tr '\0' x)"
}

@test 'prompts and messages never reach standard output, nor steer a terminal' {
	simple_world
	printf 'Hello \033[31mdeploy\n' | put /etc/motd
	stack jwt-issuer <<-END
		auth	optional	pam_echo.so file=$ETC/motd
		auth	required	pam_unix.so
		account	required	pam_permit.so
	END
	run --separate-stderr pass -a ssh://build7
	[ "$status" -eq 0 ]
	[[ $stderr == *'Hello \x1b[31mdeploy'* ]]
	[[ $stderr == *Password:* ]]
	[[ $output =~ ^ey[A-Za-z0-9_.-]+$ ]]
}

@test 'on a terminal: the prompt, no echo, the token' {
	simple_world
	echo "$PASSWORD" >"$WORLD/typed"
	run on_tty 'Password: $' "$WORLD/typed" jwt-issue --key "$KEYS/test" \
	    --issuer "$ISSUER" -a ssh://build7
	[ "$status" -eq 0 ]
	[[ $output != *"$PASSWORD"* ]]
	grep -o 'eyJ[A-Za-z0-9_.-]*' <<<"$output" | claims
}

@test 'on a terminal: ^C ends it and the echo is back' {
	simple_world
	printf 'half\003\n' >"$WORLD/typed"
	put /bin/interrupted 755 <<-END
		#!/bin/sh
		trap : INT
		jwt-issue --key $KEYS/test --issuer x -a ssh://build7
		echo "status \$?"
		stty -a
	END
	run on_tty 'Password: $' "$WORLD/typed" interrupted
	[[ $output == *'status 130'* ]]
	[[ $output =~ [[:space:]]echo[[:space:]] ]]
	[[ $output != *half* ]]
}

@test 'on a terminal: stopped, the echo is back; continued, it asks again' {
	simple_world
	printf '%s\n' $'half\032' "$PASSWORD" >"$WORLD/typed"
	put /bin/stopped 755 <<-END
		#!/bin/sh
		set -m
		jwt-issue --key $KEYS/test --issuer x -a ssh://build7
		echo "status \$?"
		stty -a
		fg
	END
	run on_tty 'Password: $' "$WORLD/typed" stopped
	[ "$status" -eq 0 ]
	[[ $output == *'status 148'* ]]
	[[ $output =~ [[:space:]]echo[[:space:]] ]]
	[[ $output != *half* ]]
	grep -o 'eyJ[A-Za-z0-9_.-]*' <<<"$output" | claims
}

@test 'on a terminal: a line that the kernel may have cut is refused' {
	simple_world
	head -c 4095 /dev/zero | tr '\0' x >"$WORLD/typed"
	echo >>"$WORLD/typed"
	run on_tty 'Password: $' "$WORLD/typed" jwt-issue --key "$KEYS/test" \
	    --issuer "$ISSUER" -a ssh://build7
	[ "$status" -eq 77 ]
	[[ $output == *'the answer has more than 4094 bytes'* ]]
	sed -i s/^x// "$WORLD/typed"
	run on_tty 'Password: $' "$WORLD/typed" jwt-issue --key "$KEYS/test" \
	    --issuer "$ISSUER" -a ssh://build7
	[[ $output == *'the login was refused'* ]]
}

# --- options ----------------------------------------------------------------

@test '--help is on standard output, and every option is in it' {
	local option
	simple_world
	run -0 --separate-stderr in_world jwt-issue --help
	[ -z "$stderr" ]
	for option in --key --issuer --audience --ttl --user --claim --output; do
		[[ $output == *"$option"* ]]
	done
}

@test 'what is missing or unknown is a usage error' {
	simple_world
	refused 64 '--key is missing' in_world jwt-issue --issuer x -a h
	refused 64 '--issuer is missing' in_world jwt-issue --key x -a h
	refused 64 '--audience. is missing' in_world jwt-issue --key x --issuer x
	refused 64 usage: issue -a h --no-such-option
	refused 64 usage: issue -a h -t
	refused 64 'no argument is wanted' issue -a h h2
}

@test 'what stands twice, empty or not in UTF-8 is a usage error' {
	local option
	simple_world
	for option in --key --issuer; do
		refused 64 "$option is there twice" issue -a h "$option" x
	done
	refused 64 '--ttl is there twice' issue -a h -t 1m -t 2m
	refused 64 '--user is there twice' issue -a h --user a --user b
	refused 64 '--output is there twice' issue -a h -o a -o b
	refused 64 '--audience h is there twice' issue -a h -a g -a h
	refused 64 '--audience is empty' issue -a ''
	refused 64 '--user is empty' issue -a h --user ''
	refused 64 '--audience is no valid UTF-8' issue -a $'h\xc0\xaf'
	refused 64 '--audience has a control character' issue -a $'h\nh'
	refused 64 '--audience has a control character' issue -a $'h\xc2\x9b'
	refused 64 '--user has a control character' issue -a h --user $'\e[m'
	refused 64 '--issuer is no valid' in_world jwt-issue --key x \
	    --issuer $'\xed\xa0\x80' -a h
}

@test 'lifetimes from one second to a day, and no others' {
	local ttl
	simple_world
	for ttl in 0 0m 24h1 86401 25h 2d; do
		refused 64 '' issue -a h -t "$ttl"
	done
	refused 64 '25h is 90000 seconds; from 1 to 86400' issue -a h -t 25h
	for ttl in '' x 5x -5 1.5h '5 m' 99999999999; do
		refused 64 '' issue -a h "--ttl=$ttl"
	done
	for ttl in 1 1s 24h 1d 86400; do
		pass -a h -t "$ttl" | claims
	done
}

@test 'claims that only the issuer sets, and names that are none, are refused' {
	local name
	simple_world
	for name in iss sub aud exp nbf iat jti auth_time amr acr cnf events; do
		refused 64 'the issuer alone sets' issue -a h --claim "$name=x"
	done
	refused 64 'no name before' issue -a h --claim =x
	refused 64 'wants NAME=VALUE' issue -a h --claim role
	refused 64 'role is there twice' issue -a h --claim role=x \
	    --claim role=y
	refused 64 'name has a control' issue -a h --claim $'a\tb=x'
	refused 64 'value has a control' issue -a h --claim $'a=\x7f'
	refused 64 'value is no valid UTF-8' issue -a h --claim $'a=\xff'
}

@test 'options are examined before anybody is asked' {
	simple_world
	refused 64 '' pass -a h -t 0
	[[ $stderr != *Password* ]]
	refused 78 '' in_world jwt-issue --key /nowhere --issuer x -a h
	[[ $stderr != *Password* ]]
	refused 73 '' pass -a h -o /nowhere/token
	[[ $stderr != *Password* ]]
}

# --- the key ----------------------------------------------------------------

@test 'a key that cannot be read, or is none, is told before the login' {
	simple_world
	with_key() { in_world jwt-issue --key "$1" --issuer x -a h </dev/null; }
	refused 78 '/nowhere: cannot be opened' with_key /nowhere
	refused 78 'test.pub' with_key "$KEYS/test.pub"
	echo '{}' | put /keys/empty 600
	refused 78 'keys/empty' with_key "$KEYS/empty"
	chmod 644 "$KEYS/test"
	refused 78 'keys/test' with_key "$KEYS/test"
	chmod 620 "$KEYS/test"
	refused 78 'keys/test: it has mode 0620' with_key "$KEYS/test"
	chmod 600 "$KEYS/test"
	ln -s test "$KEYS/link"
	refused 78 'is a symbolic link' with_key "$KEYS/link"
}

# --- 510 bytes --------------------------------------------------------------

@test 'a token has 510 bytes at most, to the byte' {
	local size pad text found
	simple_world
	text=$(printf '%0200d' 0)
	for pad in 60 61 62 63 64 65 66 67 68 69 70; do
		run --separate-stderr pass -a h --claim "x=${text:0:$pad}"
		size=${#output}
		if [ "$status" -eq 0 ]; then
			[ "$size" -le 510 ]
			found+=" $size"
			continue
		fi
		[ "$status" -eq 65 ]
		[ -z "$output" ]
		[[ $stderr =~ 'would have '([0-9]+)' bytes, and at most 510' ]]
		[ "${BASH_REMATCH[1]}" -gt 510 ]
	done
	echo "$found"
}

@test 'what takes the room is said: header, claims, signature, and the sum' {
	local -a line
	local sum=0 total text
	simple_world
	in_world jwtctl keygen --alg RS256 "$KEYS/rsa"
	with_rsa() {
		printf '%s\n' "$PASSWORD" | in_world jwt-issue \
		    --key "$KEYS/rsa" --issuer x -a ssh://build7 --claim role=x
	}
	refused 65 'bytes, and at most 510' with_rsa
	[[ $stderr =~ 'would have '([0-9]+) ]]
	total=${BASH_REMATCH[1]}
	while read -r -a line; do
		case ${line[0]} in
		header | payload | signature | dots) sum=$((sum + line[1])) ;;
		esac
	done <<<"$stderr"
	[ "$sum" -eq "$total" ]
	for text in 'alg RS256, kid of 43 bytes' ' 21  aud' ' 11  role' \
	    'an EdDSA or ES256 key makes 86'; do
		[[ $stderr == *"$text"* ]]
	done
}

# --- where it goes ----------------------------------------------------------

@test '-o writes a file of mode 0600, over an older one, and nothing else' {
	local file
	simple_world
	file=$WORLD/home/out/token
	run -0 --separate-stderr pass -a ssh://build7 -o "$file"
	[ -z "$output" ]
	[ "$(stat -c %a "$file")" = 600 ]
	claims <"$file"
	[ "$(ls -A "$WORLD/home/out")" = token ]
	cp "$file" "$WORLD/older"
	chmod 644 "$file"
	pass -a ssh://build7 --output "$file"
	[ "$(stat -c %a "$file")" = 600 ]
	run ! cmp "$file" "$WORLD/older"
	[ "$(ls -A "$WORLD/home/out")" = token ]
}

@test '-o takes a name in this folder, and no umask opens it' {
	simple_world
	in_folder() {
		printf '%s\n' "$PASSWORD" | in_world env -C "$WORLD/home/out" \
		    jwt-issue --key "$KEYS/test" --issuer x -a h -o token
	}
	(umask 0 && in_folder)
	[ "$(stat -c %a "$WORLD/home/out/token")" = 600 ]
}

@test '-o replaces no link, folder or device, and needs its folder' {
	local out
	simple_world
	out=$WORLD/home/out
	ln -s "$WORLD/home/elsewhere" "$out/link"
	mkdir "$out/folder"
	refused 73 'is no regular file' pass -a h -o "$out/link"
	refused 73 'is no regular file' pass -a h -o "$out/folder"
	refused 73 'Is a directory' pass -a h -o "$out/"
	refused 73 'is no regular file|Permission denied' pass -a h -o /dev/null
	refused 73 'No such file' pass -a h -o "$WORLD/nowhere/token"
	chmod 555 "$out"
	refused 73 'Permission denied' pass -a h -o "$out/token"
	[ ! -e "$WORLD/home/elsewhere" ]
	[ "$(ls -A "$out")" = $'folder\nlink' ]
}

@test 'a refused login leaves the file as it was' {
	simple_world
	echo older >"$WORLD/home/out/token"
	wrong() { echo wrong | issue -a h -o "$WORLD/home/out/token"; }
	refused 77 '' wrong
	[ "$(cat "$WORLD/home/out/token")" = older ]
	[ "$(ls -A "$WORLD/home/out")" = token ]
}

@test 'a standard output that takes nothing is an error' {
	simple_world
	full() { pass -a h >/dev/full; }
	refused 74 'standard output: No space left' full
	closed() { pass -a h >&-; }
	refused 74 'standard output: Bad file descriptor' closed
	help_full() { in_world jwt-issue --help >/dev/full; }
	refused 74 'standard output' help_full
}
