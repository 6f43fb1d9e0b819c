#!/usr/bin/env bats
# The stock ssh client against a real sshd, by both ways that ask PAM.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root_world
	start_sshd
}

teardown() {
	world_end
}

both_ways() { # both_ways CMD...: the rest of the test, by each method
	for SSH_METHOD in keyboard-interactive password; do
		"$@"
	done
}

logs_in() {
	token "$token"
	run ssh_with "$token" deploy 'id -un'
	[ "$output" = deploy ]
	accepted
}

@test "a token logs in, by keyboard-interactive and by password" {
	both_ways logs_in
	explained accepted "$token" deploy --service sshd
}

is_refused() { # is_refused REASON USER
	run ssh_with "$token" "$2" true
	refused "$1"
}

@test "an expired token is refused" {
	token "$token" iat=-600 exp=-300
	both_ways is_refused expired deploy
	explained expired "$token" deploy --service sshd
}

@test "a token with another payload than was signed is refused" {
	token "$token" sub=deploy
	token "$token.other" sub=operator
	tamper "$token" 2 "$token.other"
	both_ways is_refused signature_invalid operator
	explained signature_invalid "$token" operator --service sshd
}

@test "a token for another host is refused" {
	token "$token" aud=ssh://elsewhere
	both_ways is_refused audience_mismatch deploy
	explained audience_mismatch "$token" deploy --service sshd
}

@test "somebody else's token is refused" {
	token "$token" sub=operator
	both_ways is_refused user_mismatch deploy
	explained user_mismatch "$token" deploy --service sshd
}

@test "the password of an account is no token" {
	echo "$PASSWORD" >"$token"
	both_ways is_refused not_a_jwt deploy
}

@test "a good token for an account that does not exist is refused" {
	token "$token" sub=nobody-here
	both_ways is_refused stand_in_password nobody-here
}

@test "an account whose password is locked logs in by token" {
	token "$token" sub=locked
	run ssh_with "$token" locked true
	accepted
}

@test "a system account is refused until it is named" {
	token "$token" sub=svc
	is_refused user_not_allowed svc
	config_add <<<'system_accounts = svc'
	run ssh_with "$token" svc true
	accepted
}

@test "an expired account stays out, and the log says its token was good" {
	token "$token" sub=expired
	run ssh_with "$token" expired true
	[ "$status" -ne 0 ]
	wait_log 'accepted reason=accepted .*user="expired"'
}

@test "the log has who, where from and which token, and not the token" {
	token "$token" jti=unique-id
	run ssh_with "$token" deploy true
	accepted
	wait_log 'service=sshd .*rhost="127.0.0.1" .*user="deploy" .*jti="unique-id"'
	run ! grep -F -f <(tr . '\n' <"$token") "$WORLD/log" "$WORLD/sshd.log"
}
