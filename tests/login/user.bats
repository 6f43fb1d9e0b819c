#!/usr/bin/env bats
# The same logins as an ordinary user, whatever that user's shell and home.

load helper

setup() {
	user_world
}

teardown() {
	world_end
}

@test "pamtester takes a token and refuses an expired one" {
	token "$token"
	run pam_with "$token" test deploy authenticate acct_mgmt open_session \
	    close_session
	accepted
	token "$token" iat=-600 exp=-300
	run pam_with "$token" test deploy authenticate
	refused expired
	explained expired "$token" deploy
}

@test "ssh logs in by token, by keyboard-interactive and by password" {
	start_sshd
	token "$token"
	for SSH_METHOD in keyboard-interactive password; do
		run ssh_with "$token" deploy 'echo "$USER"'
		[ "$output" = deploy ]
		accepted
	done
}

@test "ssh refuses a token that was tampered with" {
	start_sshd
	token "$token"
	tamper "$token" 3
	for SSH_METHOD in keyboard-interactive password; do
		run ssh_with "$token" deploy true
		refused signature_invalid
	done
}
