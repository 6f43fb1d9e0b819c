# The pam.d line: what may stand behind pam_jwt.so, and that every fault of it
# refuses the login and says which word is wrong.

bats_require_minimum_version 1.5.0

setup() {
	load world
	load verdicts
	simple_world
	EXPLAIN=no
	CONFIG=$ETC/security/pam_jwt.conf
	PUB=$ETC/security/pam_jwt.d/test.pub
	# One issuer by the line alone; deploy may have a system account's uid.
	INLINE="issuer=$ISSUER keys=$PUB audience=ssh://%h algorithms=EdDSA"
	INLINE+=" system_accounts=deploy"
}

teardown() {
	world_end
}

# options OPTION...: the stack with these options.
options() {
	stack sshd <<<"auth required pam_jwt.so $*"
}

# faulty REGEX OPTION...: refused, and the log says why; nobody is asked.
faulty() {
	local regex=$1
	shift
	options "$@"
	expect config_error "$T" deploy \
	    "fault=\"pam\.d line of service 'sshd': [^\"]*$regex" ||
	    wrong "by the options: $*" || return
	[[ $(<"$WORLD/said") != *JWT:* ]] || wrong 'asked nevertheless'
}

# works OPTION..., refuses REASON OPTION...: $T with these options.
works() {
	options "$@"
	expect accepted "$T" deploy || wrong "by the options: $*"
}

refuses() {
	local reason=$1 outcome=expect
	shift
	options "$@"
	case $reason in
	told-*) outcome=told reason=${reason#told-} ;;
	esac
	"$outcome" "$reason" "$T" deploy || wrong "by the options: $*"
}

# without NAME: the inline options but this one.
without() {
	sed -E "s#(^| )$1=[^ ]*##" <<<"$INLINE"
}

# Every option with a value that is right, in words of pam.d.
every_option() {
	cat <<-END
		config=$CONFIG
		[prompt=Token: ]
		issuer=$ISSUER
		issuer_absent=no
		keys=$PUB
		audience=ssh://%h
		audience_absent=no
		audience_claim=aud
		algorithms=EdDSA
		user=sub
		user_map=$PUB
		services=sshd
		system_accounts=deploy
		typ=JWT
		leeway=30s
		export=no
		max_age=1d
		max_auth_age=1d
		max_lifetime=1d
		[require=sub is deploy]
	END
}

@test 'I10: each option alone is taken, and a misspelt one refuses the login' {
	local option name
	token "$T"
	while read -r option; do
		name=${option%%=*} name=${name#[}
		faulty "'${name}s' is no option" "$INLINE" \
		    "${option/"$name="/"${name}s="}"
		faulty "'${name^}' is no option" "$INLINE" \
		    "${option/"$name="/"${name^}="}"
		case $name in
		config) works "$option" ;;
		user_map) ;;
		max_auth_age) refuses told-too_old "$INLINE" "$option" ;;
		*) works "$(without "$name")" "$option" ;;
		esac
	done < <(every_option)
}

@test 'I10: an option twice, empty, or without its = refuses the login' {
	local option key
	token "$T"
	while read -r option; do
		key=${option%%=*} key=${key#[}
		[ "$key" = require ] ||
		    faulty "'$key=?'? stands (t)?here" \
			"$(without "$key")" "$option" "$option"
		faulty "'$key=' has no value" "$(without "$key")" "$key="
		faulty "'$key' is no option" "$INLINE" "$key"
	done < <(every_option)
	faulty "'debug' stands there twice" debug debug
	works 'debug'
	works "$INLINE" '[require=sub is deploy]' '[require=typ absent]'
}

@test 'I11: words that are no options refuse the login, all of them' {
	local word
	token "$T"
	for word in use_first_pass try_first_pass nullok alwaysok DEBUG debug=yes \
	    jwks_uri=https://x discover=yes =x '[a b=c]' "$PUB"; do
		options "$word"
		expect config_error "$T" deploy 'is no option' ||
		    wrong "by $word"
	done
	# What a service fetches is not what a line of PAM's says.
	for word in jwks_url=https://x discovery=yes; do
		faulty 'what pam-jwtd shall fetch stands in' \
		    "$(without keys)" "$word"
	done
	faulty "'foo' is no option.* \(and 2 more: jwtctl check\)" foo bar=1 keys=
}

@test 'badly quoted or separated values refuse the login' {
	token "$T"
	faulty 'quote is not closed' "$(without audience)" 'audience="ssh'
	faulty 'quote must begin' "$(without audience)" 'audience=ssh"'
	faulty 'closing quote must end' "$(without audience)" 'audience="ssh"x'
	faulty 'empty value stands in quotes' "$(without audience)" 'audience=""'
	faulty 'quote is not closed' "$(without audience)" '[audience="a b]'
	# libpam splits at spaces, in quotes too; brackets keep them.
	faulty "'b.x22' is no option" "$(without audience)" 'audience="a b"'
	faulty 'a value is missing at a comma' "$(without audience)" \
	    'audience=ssh,,ssh://%h'
	faulty 'a value is missing at a comma' "$(without audience)" 'audience=,ssh'
	faulty 'a value is missing at a comma' "$(without audience)" 'audience=ssh,'
	faulty "'b' follows the claim" "$(without user)" '[user=a b]'
	faulty "'b' follows the claim" "$(without user)" 'user=a,b'
	faulty "'/b' is one word too many" "$(without keys)" '[keys=/a /b]'
}

@test 'values that no key takes refuse the login' {
	token "$T"
	faulty 'algorithms: .*HS512256' "$(without algorithms)" \
	    algorithms=EdDSA,HS512256
	faulty 'algorithms: .*none' "$(without algorithms)" algorithms=none
	faulty 'the path must begin with /' "$(without keys)" keys=test.pub
	faulty 'after % there may be' "$(without audience)" audience=ssh://%i
	faulty 'neither yes nor no' "$INLINE" export=true
	faulty 'is no duration' "$INLINE" leeway=1w
	faulty 'more than 300 seconds' "$INLINE" leeway=301
	faulty 'SSHD.: PAM turns' "$INLINE" services=SSHD
	faulty 'is no login name' "$(without system_accounts)" system_accounts=0
	faulty 'hat' "$INLINE" '[require=groups hat x]'
	faulty 'has more than 511 bytes' "$INLINE" \
	    "prompt=$(printf 'x%.0s' {1..512})"
}

@test 'A13: what an issuer needs is demanded, and what excludes each other refused' {
	token "$T"
	# Without issuer= the world would put config= there.
	faulty "has no issuer \(or issuer_absent" "$(without issuer) # issuer="
	faulty "has no keys" "$(without keys)"
	faulty "has no audience \(or audience_absent" "$(without audience)"
	faulty "has no algorithms" "$(without algorithms)"
	faulty 'algorithms' "$(without algorithms)" algorithms=
	faulty "config= and 'issuer=' exclude" "$INLINE" "config=$CONFIG"
	faulty "config= and 'leeway=' exclude" "config=$CONFIG" leeway=1
	faulty 'issuer and issuer_absent exclude' "$INLINE" issuer_absent=yes
	faulty 'user and user_map exclude' "$INLINE" user=sub "user_map=$PUB"
}

@test 'config= names another file, and a missing one is a fault' {
	token "$T"
	mv "$CONFIG" "$ETC/security/other.conf"
	works "config=$ETC/security/other.conf"
	options "config=$CONFIG"
	expect config_error "$T" deploy 'pam_jwt\.conf: cannot be opened'
	options config=security/other.conf
	expect config_error "$T" deploy 'the path must begin with /'
	# The line alone needs no file.
	works "$INLINE"
}

@test 'lists by commas or, in brackets, by spaces' {
	token "$T"
	works "$(without issuer) issuer=https://a.test,$ISSUER"
	works "$(without issuer) [issuer=https://a.test $ISSUER]"
	works "$(without issuer) [issuer=\"https://a.test\" , $ISSUER]"
	works "$(without audience) audience=sudo,ssh://%h"
	works "$(without algorithms) algorithms=ES256,EdDSA"
	works "$(without audience)" "audience=\"ssh://%h\""
	refuses unknown_issuer "$(without issuer)" \
	    "issuer=\"https://a.test,$ISSUER\""
	refuses unknown_issuer "$(without issuer) issuer=https://a.test"
	[[ $LINE != *issuer=* ]]
	token "$T" aud='"a b,c"'
	works "$(without audience) [audience=\"a b,c\"]"
	refuses told-audience_mismatch "$(without audience) [audience=a b,c]"
}

@test 'each key of a section does on the line what it does in the file' {
	token "$T" 'who={"unix":"deploy"}' 'for="x"' auth_time=-5 amr=otp
	works "$INLINE" user=/who/unix
	refuses claims_invalid "$INLINE" user=/who/none
	works "$(without audience)" audience=x audience_claim=for
	refuses told-audience_mismatch "$(without audience)" audience=x
	refuses told-audience_mismatch "$(without audience)" audience_absent=yes
	refuses unknown_issuer "$(without issuer)" issuer=https://x
	refuses algorithm_not_allowed "$(without algorithms)" algorithms=ES256
	refuses keys_unavailable "$(without keys)" "keys=$ETC/none"
	refuses service_not_allowed "$INLINE" services=sudo,su
	works "$INLINE" services=su,sshd
	refuses told-type_mismatch "$INLINE" typ=at+jwt
	refuses told-requirement_unmet "$INLINE" '[require=amr is pwd]'
	works "$INLINE" '[require=amr is otp]' '[require=sub is deploy]'
	works "$INLINE" '[require=amr has otp, sub not is root]'
	refuses told-lifetime_too_long "$INLINE" max_lifetime=1m
	works "$INLINE" max_auth_age=5m max_age=5m max_lifetime=5m
	echo 'deploy amr is otp' | put /etc/security/map
	works "$INLINE" "user_map=$ETC/security/map"
	echo 'deploy amr is pwd' | put /etc/security/map
	refuses user_mismatch "$INLINE" "user_map=$ETC/security/map"
	token "$T" iat=-100 exp=-20
	works "$INLINE"
	refuses told-expired "$INLINE" leeway=10
	refuses told-too_old "$INLINE" max_age=5
	token "$T" iss=
	refuses claims_invalid "$INLINE"
	works issuer_absent=yes "$(without issuer) # issuer="
	token "$T" sub=svc
	options "$INLINE"
	told user_not_allowed "$T" svc
	options "$(without system_accounts)" system_accounts=postgres,svc
	expect accepted "$T" svc
}

@test 'prompt= is what the user is asked' {
	token "$T"
	options
	pam_with "$T" sshd deploy authenticate 2>&1 | grep -q 'JWT: '
	options prompt=Password:
	pam_with "$T" sshd deploy authenticate 2>&1 | grep -q '^Password:'
	options '[prompt=Token, please: ]'
	pam_with "$T" sshd deploy authenticate 2>&1 | grep -q '^Token, please: '
	options 'prompt=%s%n'
	pam_with "$T" sshd deploy authenticate 2>&1 | grep -qF '%s%n'
}

# exported: JWT_* in the session that follows the login.
exported() {
	pam_with "$T" sshd deploy authenticate open_session >/dev/null 2>&1
	grep -s '^JWT_' "$WORLD/home/env" | sort || :
}

@test 'export=yes gives the session who and until when, and nothing else' {
	local option
	put /bin/told 755 <<-END
		#!/bin/sh
		env >$WORLD/home/env
	END
	token "$T" jti=one
	for option in '' export=no export=yes; do
		stack sshd <<-END
			auth	required	pam_jwt.so $INLINE $option
			session	required	pam_exec.so $WORLD/bin/told
		END
		exported >"$WORLD/exported"
		[ "$option" = export=yes ] || [ ! -s "$WORLD/exported" ]
	done
	[[ $(<"$T.claims") =~ \"exp\":([0-9]+) ]]
	printf '%s\n' "JWT_EXPIRES=${BASH_REMATCH[1]}" JWT_ID=one \
	    "JWT_ISSUER=$ISSUER" JWT_SUBJECT=deploy |
	    diff - "$WORLD/exported"
	# What could steer a shell or a terminal is left out, as what is absent.
	token "$T" jti= 'name="a\nb=c"'
	[ "$(exported | cut -d= -f1 | tr '\n' ' ')" = \
	    'JWT_EXPIRES JWT_ISSUER JWT_SUBJECT ' ]
	token "$T" 'jti="a\nJWT_SUBJECT=root"'
	run exported
	[[ $output != *root* && $output != *JWT_ID* ]]
	# A login that is refused exports nothing.
	rm "$WORLD/home/env"
	token "$T" exp=-60
	run exported
	[ "$output" = '' ] && [ ! -e "$WORLD/home/env" ]
}
