#!/usr/bin/env bats
# dist/jwt-issuer.service: what the unit leaves to the service is enough.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
}

teardown() {
	world_end
}

# The unit's capabilities, as setpriv writes them.
capabilities() {
	sed -n 's/^CapabilityBoundingSet=//p' \
	    "$WORLD_REPO/dist/jwt-issuer.service" | tr -s ' \n' '\n' |
	    sed 's/^CAP_/+/' | tr '[:upper:]' '[:lower:]'
}

# as_unit [CAPABILITY]: the service with these, but not with that one.
as_unit() {
	local set
	set=$(capabilities | grep -vx "+${1:-}" | paste -sd,)
	[[ $set == *+sys_admin* || ${1:-} == sys_admin ]]
	in_world sh -c 'cat >"$1" && chmod 755 "$1"' - "$BIN/as-unit" <<-END
		#!/bin/sh
		exec setpriv --no-new-privs --bounding-set=-all,$set \
		    jwt-issuerd "\$@"
	END
	start_issuerd as-unit
}

@test 'the capabilities of the unit are enough for each proof' {
	as_unit
	ask deploy "ISSUE aud=test://$HOST" "$LOGIN"
	issued
	run pam_with "$token" test deploy authenticate
	accepted
	ask deploy 'ISSUE aud=ssh://build7' 'ANSWER wrong'
	denied login_refused
	policy 'proof = session'
	reload
	ask deploy 'ISSUE aud=ssh://build7'
	denied session_required
	log_mark
	run session_of 2001 setpriv --reuid=deploy --regid=deploy --init-groups \
	    talk /run/jwt-issuer/socket <<<'ISSUE aud=ssh://build7'
	issued
	policy 'proof = peer'
	reload
	ask deploy 'ISSUE aud=ssh://build7'
	issued
}

@test 'without one of these nobody gets a token, and it is no wrong password' {
	local one
	for one in sys_admin setuid setgid setpcap; do
		as_unit "$one"
		ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
		[[ ${lines[-1]} == 'ERR internal_error '* ]] || { shown; return 1; }
		log_mark
		signal_issuerd TERM
		wait_log 'jwt-issuerd.*: stopped' >/dev/null
	done
}
