#!/usr/bin/env bats
# jwtctl issued: what it finds in a log, and what it takes for somebody's text.

bats_require_minimum_version 1.5.0

setup() {
	BUILD=${BUILD:-build}
	case $BUILD in /*) ;; *) BUILD=$BATS_TEST_DIRNAME/../../$BUILD ;; esac
	log=$BATS_TEST_TMPDIR/log
	cat >"$log" <<-'END'
		Nov 26 11:23:27 build7 jwt-issuerd[59]: ready
		Nov 26 11:23:27 build7 jwt-issuerd[62]: issued reason=issued policy=staff proof=password lifetime=300s exp=2026-11-26T11:28:27Z jti=first kid="k" uid=2001 pid=60 user="deploy" aud="ssh://build7" aud="ssh://build8" claim="ticket"
		2026-11-26T11:24:00+00:00 build7 jwt-issuerd[63]: issued reason=issued policy=staff proof=peer lifetime=60s exp=2026-11-26T11:25:00Z jti=second kid="k" uid=2002 pid=61 user="operator" aud="ssh://build7"
		2026-11-26T11:25:00+0000 build7 jwt-issuerd: refused reason=login_refused policy=staff proof=password uid=2001 pid=64 user="deploy" aud="ssh://build7" why="PAM service jwt-issuer: the login was refused"
		2026-11-26T11:25:01+0000 build7 jwt-issuerd: refused reason=unknown_user uid=3999 pid=65 why="uid 3999 has no account on this host"
	END
}

teardown() {
	[ -z "${WORLD:-}" ] || world_end
}

issued() {
	run --separate-stderr "$BUILD/jwtctl" issued "$@" "$log"
}

@test 'all of them, one line each' {
	issued
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
	[ "${lines[0]}" = 'Nov 26 11:23:27  deploy  ssh://build7 ssh://build8  300s  password  jti=first' ]
	[ "${lines[1]}" = '2026-11-26T11:24:00+00:00  operator  ssh://build7  60s  peer  jti=second' ]
	[ "${lines[2]}" = '2026-11-26T11:25:00+0000  deploy  ssh://build7  refused: login_refused: PAM service jwt-issuer: the login was refused' ]
	[ "${lines[3]}" = '2026-11-26T11:25:01+0000  3999   refused: unknown_user: uid 3999 has no account on this host' ]
}

@test 'by account, audience, id and reason; 1 where there is none' {
	issued --user deploy
	[ "${#lines[@]}" -eq 2 ]
	issued --audience ssh://build8
	[ "${#lines[@]}" -eq 1 ]
	issued --jti second --user operator
	[ "${#lines[@]}" -eq 1 ]
	issued --reason issued
	[ "${#lines[@]}" -eq 2 ]
	issued --jti second --user deploy
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	issued --user deplo
	[ "$status" -eq 1 ]
}

@test 'as JSON' {
	issued --json --user deploy
	[ "$status" -eq 0 ]
	[ "$(jq -r .jti <<<"${lines[0]}")" = first ]
	[ "$(jq -c .aud <<<"${lines[0]}")" = '["ssh://build7","ssh://build8"]' ]
	[ "$(jq -r .why <<<"${lines[1]}")" = \
	    'PAM service jwt-issuer: the login was refused' ]
}

@test 'what others logged, or put into what was logged, is no line of it' {
	cat >"$log" <<-'END'
		Nov 26 11:23:27 build7 sshd[62]: jwt-issuerd[62]: issued reason=issued jti=forged uid=0 user="deploy" aud="x"
		Nov 26 11:23:27 build7 jwt-issuerd2[62]: issued reason=issued jti=forged uid=0 user="deploy" aud="x"
		Nov 26 11:23:27 jwt-issuerd[62]: issued reason=issued jti=forged uid=0 user="deploy" aud="x"
		issued reason=issued jti=forged uid=0 user="deploy" aud="x"

		Nov 26 11:23:27 build7 jwt-issuerd[62]: pam_unix(jwt-issuer:auth): authentication failure; user=deploy
		Nov 26 11:23:27 build7 jwt-issuerd[62]: refused reason=malformed_request uid=1 pid=2 user="deploy" why="'\x22 jti=forged user=\x22operator'"
		Nov 26 11:23:27 build7 jwt-issuerd[62]: refused reason=malformed_request uid=1 pid=2 user="cut
	END
	issued --jti forged
	[ "$status" -eq 1 ]
	issued --user operator
	[ "$status" -eq 1 ]
	issued --user deploy
	[ "${#lines[@]}" -eq 1 ]
}

@test 'junk, a line of a megabyte, no file' {
	head -c 100000 /dev/urandom >"$log"
	issued
	[ "$status" -eq 1 ]
	{
		printf 'Nov 26 11:23:27 build7 jwt-issuerd[1]: issued reason=issued jti='
		head -c 1000000 /dev/zero | tr '\0' x
		echo
	} >"$log"
	issued
	[ "$status" -eq 0 ]
	rm "$log"
	issued
	[ "$status" -eq 2 ]
	[[ $stderr == *'No such file'* ]]
}

@test 'what the service itself logs is found' {
	load helper
	load issuerd
	root_issuer
	policy 'proof = peer'
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7 ttl=60'
	issued_id=$(sed -n 's/.* jti=\([^ ]*\) .*/\1/p' "$WORLD/log")
	ask deploy 'ISSUE aud=https://build7'
	# The world's logger writes no host.
	sed 's/^<[0-9]*>\(... .. ........\) /\1 build7 /' "$WORLD/log" >"$log"
	run "$BUILD/jwtctl" issued --user deploy "$log"
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *"  deploy  ssh://build7  60s  peer  jti=$issued_id" ]]
	[[ ${lines[1]} == *'  deploy  https://build7  refused: audience_not_allowed: '* ]]
}
