#!/usr/bin/env bats
# Every recipe of pam.d-example, exactly as it stands there.

load helper

# The recipes speak of an issuer with these names.
ISSUER=https://sso.example.com/realms/corp

setup() {
	root_world
	ISSUER=https://sso.example.com/realms/corp
	put /etc/security/pam_jwt.d/corp.jwks <"$KEYS/test.pub"
	config <<-END
		[issuer corp]
		issuer     = $ISSUER
		keys       = /etc/security/pam_jwt.d/corp.jwks
		audience   = ssh://%h
		algorithms = ES256 EdDSA
		user       = preferred_username
	END
	password=$BATS_TEST_TMPDIR/password
	echo "$PASSWORD" >"$password"
}

teardown() {
	world_end
}

corp_token() { # corp_token USER CLAIM=VALUE...
	local user=$1
	shift
	token "$token" sub="id of $user" preferred_username="$user" "$@"
}

@test "token-only: a token opens, the password does not" {
	recipe token-only
	start_sshd
	corp_token deploy
	run ssh_with "$token" deploy 'id -un'
	[ "$output" = deploy ]
	accepted
	run ssh_with "$password" deploy true
	refused not_a_jwt
	SSH_METHOD=password
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
}

@test "token-or-password: either opens, by both methods, a bad one of both does not" {
	recipe token-or-password
	start_sshd
	corp_token deploy
	for SSH_METHOD in keyboard-interactive password; do
		run ssh_with "$token" deploy true
		accepted
		run ssh_with "$password" deploy 'id -un'
		[ "$output" = deploy ]
		wait_log ' reason=not_a_jwt '
		echo wrong >"$BATS_TEST_TMPDIR/wrong"
		run ssh_with "$BATS_TEST_TMPDIR/wrong" deploy true
		refused not_a_jwt
	done
	corp_token deploy iat=-600 exp=-300
	run ssh_with "$token" deploy true
	refused expired
}

@test "token-then-password: both are asked for, neither alone opens" {
	recipe token-then-password
	start_sshd
	corp_token deploy
	# The askpass answers both prompts from one file, so a terminal types.
	cat "$token" "$password" >"$BATS_TEST_TMPDIR/both"
	run on_tty '(JWT|Password): $' "$BATS_TEST_TMPDIR/both" ssh -F none \
	    -p "$SSH_PORT" -o UserKnownHostsFile=/etc/ssh/known_hosts.test \
	    -o PreferredAuthentications=keyboard-interactive \
	    -o NumberOfPasswordPrompts=1 deploy@127.0.0.1 'id -un; exit 7'
	[[ $output == *$'\ndeploy'* ]]
	[ "$status" -eq 7 ]
	cat "$token" "$token" >"$BATS_TEST_TMPDIR/both"
	run on_tty '(JWT|Password): $' "$BATS_TEST_TMPDIR/both" ssh -F none \
	    -p "$SSH_PORT" -o UserKnownHostsFile=/etc/ssh/known_hosts.test \
	    -o PreferredAuthentications=keyboard-interactive \
	    -o NumberOfPasswordPrompts=1 deploy@127.0.0.1 'exit 7'
	[ "$status" -eq 255 ]
	run ssh_with "$password" deploy true
	refused not_a_jwt
}

@test "sudo: its own audience opens sudo, that of sudo-i opens sudo -i" {
	recipe sudo
	corp_token operator aud="sudo://$HOST"
	run sudo_with "$token" operator id -un
	[ "${lines[-1]}" = root ]
	accepted
	run sudo_with "$token" operator -i true
	refused audience_mismatch
	corp_token operator aud="sudo-i://$HOST"
	run sudo_with "$token" operator -i id -un
	[ "${lines[-1]}" = root ]
	accepted
	corp_token operator aud="ssh://$HOST"
	run sudo_with "$token" operator true
	refused audience_mismatch
}

@test "su: root needs none, others a token of the account that is wanted" {
	recipe su
	corp_token deploy aud="su://$HOST"
	run su_with "$token" operator deploy 'id -un'
	[[ ${lines[-1]} == *deploy ]]
	accepted
	run su_with "$token" operator root true
	refused user_not_allowed
	run in_world su deploy -c 'id -un'
	[ "$output" = deploy ]
}
