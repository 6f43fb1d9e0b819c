#!/usr/bin/env bats
# The recipe of pam.d-example that takes a token or the password, as it stands
# there: a real sshd, the stock client, all phases.

bats_require_minimum_version 1.5.0
load helper
load recipes

setup() {
	corp_world
	recipe token-or-password
}

teardown() {
	world_end
}

@test "by both methods the one or the other opens" {
	start_sshd
	for SSH_METHOD in keyboard-interactive password; do
		corp_token deploy
		logs_in "$token"
		accepted
		logs_in "$password"
		wait_log '<85>.*refused reason=not_a_jwt '
		keeps_out not_a_jwt "$wrong"
		corp_token operator
		keeps_out user_mismatch "$token"
	done
	# An empty one is sent to PAM by this method alone.
	SSH_METHOD=keyboard-interactive
	keeps_out not_a_jwt "$empty"
}

@test "a refused token is not tried as the password" {
	start_sshd
	corp_token deploy iat=-600 exp=-300
	# shellcheck disable=SC2016
	shadow deploy 2 "$(perl -e 'chomp($_ = <STDIN>);
	    print crypt($_, q($6$rounds=1000$login$))' <"$token")"
	for SSH_METHOD in keyboard-interactive password; do
		keeps_out expired "$token"
	done
	# It is the right one, were it asked.
	printf '%s required pam_unix.so\n' auth account session | stack sshd
	run ssh_with "$token" deploy id -un
	[ "$output" = deploy ]
}

@test "who exists is not told by the number of questions" {
	local seen user answer
	start_sshd 'DenyUsers operator'
	corp_token deploy iat=-600 exp=-300
	tamper "$token" 3
	for answer in "$token" "$wrong"; do
		seen=$(prompts "$answer" deploy) || :
		[[ $seen != *'logged in'* ]]
		for user in operator nobody-here; do
			[ "$(prompts "$answer" $user)" = \
			    "${seen//deploy/$user}" ]
		done
	done
}

@test "the account phase counts for both" {
	local answer
	start_sshd
	corp_token expired
	for answer in "$token" "$password"; do
		run ssh_with "$answer" expired true
		[ "$status" -ne 0 ]
		wait_log 'account expired has expired'
	done
	keeps_out not_a_jwt "$password" locked
	corp_token locked
	run ssh_with "$token" locked true
	accepted
	echo closed | put /etc/nologin
	corp_token deploy
	for answer in "$token" "$password"; do
		run ssh_with "$answer" deploy true
		[ "$status" -ne 0 ]
	done
}

@test "without a configuration the password still opens" {
	start_sshd
	rm "$WORLD/etc/security/pam_jwt.conf"
	run ssh_with "$password" deploy id -un
	[ "$output" = deploy ]
	wait_log '<83>.*refused reason=config_error '
}
