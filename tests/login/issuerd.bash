# shellcheck shell=bash
# shellcheck disable=SC2034,SC2119,SC2120,SC2154,SC2164 # as in the bats files that load it
#
# What the tests of jwt-issuerd say about it: lines are typed by hand (talk),
# so that nothing of jwt-issue is trusted here.

# root_issuer: a root world with a key, PAM's stack for the login, and a host
# that believes the issuer. The service begins with each test's policy.
root_issuer() {
	local status=0
	world_root || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ]
	token=$BATS_TEST_TMPDIR/token
	issuer_stack
	config_issuer
	stack test <<<'auth required pam_jwt.so'
	policy
	issuer_key
}

# policy [LINE...]: one for everybody, with these lines in it.
policy() {
	issuer_config <<-END
		[policy all]
		audience = ssh://* test://*
		$(printf '%s\n' "$@")
	END
}

# ask ACCOUNT LINE...: what is said to the service, one line each, and what it
# answers, in $output.
ask() {
	local account=$1
	shift
	log_mark
	run as "$account" talk /run/jwt-issuer/socket < <(printf '%s\n' "$@")
}

LOGIN="ANSWER $PASSWORD"

# issued: the last answer is a token, which goes to $token; one line says so.
issued() {
	[[ ${lines[-1]} == 'OK '* ]] || { shown; return 1; }
	printf '%s\n' "${lines[-1]#OK }" >"$token"
	wait_log '^<86>.*jwt-issuerd.*: issued reason=issued ' >/dev/null
	one_audit
	! grep -qF "${lines[-1]#OK }" "$WORLD/log"
}

# denied REASON: the last answer is that, and one line of the log.
denied() {
	local priority=85
	case $1 in
	*_error | *_unavailable | *_wrong) priority=83 ;;
	esac
	[[ ${lines[-1]} == "ERR $1 "* ]] || { shown; return 1; }
	[[ $output != *'OK ey'* ]]
	wait_log "^<$priority>.*jwt-issuerd.*: (refused|error) reason=$1 " >/dev/null
	one_audit
}

one_audit() {
	[ "$(log_now | grep -c 'jwt-issuerd.*: [a-z]* reason=')" -eq 1 ] || {
		log_now
		return 1
	}
}

# part N: of the token in $token, as JSON; claim NAME: one of its claims.
part() {
	local text
	text=$(cut -d. -f"$1" "$token" | tr _- /+)
	while [ $((${#text} % 4)) -ne 0 ]; do text+='='; done
	base64 -d <<<"$text"
}

claim() {
	part 2 | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin).get(sys.argv[1])))' "$1"
}

# signal_issuerd NAME: to the process that listens.
signal_issuerd() {
	local pid
	pid=$(sed -n 's/.*jwt-issuerd\[\([0-9]*\)\]: ready$/\1/p' "$WORLD/log" |
	    tail -n 1)
	in_world kill "-$1" "$pid"
}

reload() {
	log_mark
	signal_issuerd HUP
	wait_log 'configuration was read again' >/dev/null
}
