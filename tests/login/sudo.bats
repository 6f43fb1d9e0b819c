#!/usr/bin/env bats
# Real sudo, run by the account operator.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root_world
}

teardown() {
	world_end
}

@test "a token gives root by sudo" {
	token "$token" sub=operator
	run sudo_with "$token" operator id -un
	[ "${lines[-1]}" = root ]
	accepted
}

@test "sudo refuses an expired token, and runs nothing" {
	token "$token" sub=operator iat=-600 exp=-300
	run sudo_with "$token" operator touch /run/ran
	refused expired
	run ! in_world test -e /run/ran
}

@test "sudo refuses the token of another account" {
	token "$token" sub=deploy
	run sudo_with "$token" operator true
	refused user_mismatch
}

@test "sudo takes a token typed at a terminal" {
	token "$token" sub=operator
	run on_tty 'JWT: $' "$token" setpriv --reuid=operator \
	    --regid=operator --init-groups sudo id -un
	[[ $output == *root* ]]
	accepted
}

@test "sudo takes a token from an askpass program" {
	token "$token" sub=operator
	answer "$token"
	run as operator ANSWER="$WORLD/answer" SUDO_ASKPASS="$BIN/askpass" \
	    sudo -A id -un
	[ "${lines[-1]}" = root ]
	accepted
}

@test "with an audience of its own, sudo takes no token for ssh" {
	stack sudo <<-END
		auth required pam_jwt.so issuer=$ISSUER keys=$ETC/security/pam_jwt.d/test.pub audience=%s://%h algorithms=EdDSA user=sub
		@include common-account
	END
	token "$token" sub=operator aud="ssh://$HOST"
	run sudo_with "$token" operator true
	refused audience_mismatch
	token "$token" sub=operator aud="sudo://$HOST"
	run sudo_with "$token" operator true
	accepted
}
