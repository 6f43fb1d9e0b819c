#!/usr/bin/env bats
# A token that is longer than what a program carries, by ssh and sudo as they
# are: in pieces where they can be asked for, and else the reason.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root_world
}

teardown() {
	world_end
}

# long LENGTH...: a good token in $token that has about so many characters.
long() {
	local pad
	printf -v pad '%*s' "$(($1 * 3 / 4 - 220))" ''
	token "$token" pad="${pad// /x}" "${@:2}"
}

# prompts REGEX FILE USER: how many prompts ssh got that match.
prompts() {
	local SSH_OPTIONS=(-vv)
	ssh_with "$2" "$3" true 2>&1 | grep -c "$1" || :
}

@test 'ssh: a token of 4000 characters goes in pieces' {
	start_sshd
	long 4000
	[ "$(wc -c <"$token")" -gt 3900 ]
	PIECE=511 ssh_with "$token" deploy true
	wait_log 'accepted reason=accepted .*user="deploy"'
	PIECE=1000 run ! ssh_with "$token" deploy true
	wait_log 'refused reason=cut_off '
}

@test 'ssh: an account that does not exist is asked as often as one that does' {
	local length char counts=()
	start_sshd
	for length in 300 511 1022 1023; do
		for char in x . =; do
			printf -v answer '%*s' "$length" ''
			printf %s "${answer// /$char}" >"$BATS_TEST_TMPDIR/answer"
			counts=("$(prompts 'num_prompts 1' \
			    "$BATS_TEST_TMPDIR/answer" deploy)")
			counts+=("$(prompts 'num_prompts 1' \
			    "$BATS_TEST_TMPDIR/answer" nobody-here)")
			[ "${counts[0]}" -gt 0 ]
			[ "${counts[0]}" = "${counts[1]}" ] || {
				echo "$length of $char: ${counts[*]} prompts"
				return 1
			}
		done
	done
	# It is asked again at all: the comparison can fail.
	[ "${counts[0]}" -gt 10 ]
}

@test "ssh: the stand-in of sshd is known also in pieces" {
	start_sshd
	long 1500
	PIECE=511 run ! ssh_with "$token" nobody-here true
	wait_log 'reason=stand_in_password .*user="nobody-here"'
}

@test "ssh's password method carries one piece: what is cut says so" {
	SSH_METHOD=password
	start_sshd
	long 900
	ssh_with "$token" deploy true
	long 1500
	run ! ssh_with "$token" deploy true
	wait_log 'reason=cut_off .*gave the same 1023 characters to each of 65'
	run ! log_has signature_invalid
}

@test 'sudo: a token that fits no answer is asked for in smaller ones' {
	stack sudo <<-END
		auth     required pam_jwt.so
		@include common-account
	END
	long 1500
	fold -w 511 "$token" >"$BATS_TEST_TMPDIR/lines"
	sudo_with "$BATS_TEST_TMPDIR/lines" deploy true
	wait_log 'accepted .*user="deploy"'
}

@test 'sudo: whoever types the whole is asked for less, and may go on' {
	local typed=$BATS_TEST_TMPDIR/lines
	local prompt='JWT( \(from [0-9]+(, at most 511)?\))?: $'
	stack sudo <<-END
		auth     required pam_jwt.so
		@include common-account
	END
	long 1500
	{ cat "$token" && fold -w 511 "$token"; } >"$typed"
	run on_tty "$prompt" "$typed" setpriv --reuid=deploy --regid=deploy \
	    --init-groups sudo -k echo good
	[[ $output == *'JWT (from 0, at most 511): '*'JWT (from 511): '*good* ]]
	accepted
	# Who never obeys is refused after a few.
	for _ in 1 2 3 4 5 6; do cat "$token"; done >"$typed"
	run on_tty "$prompt" "$typed" setpriv --reuid=deploy --regid=deploy \
	    --init-groups sudo -k echo good
	[[ $output != *good* ]]
	[ "$(grep -o 'at most 511' <<<"$output" | wc -l)" -eq 3 ]
	wait_log 'no answer to the prompt after 0 characters, nor when asked for less'
	# Who gives up is told by the log what to do, wherever that was.
	{ cat "$token" && echo; } >"$typed"
	run on_tty "$prompt" "$typed" setpriv --reuid=deploy --regid=deploy \
	    --init-groups sudo -k echo good
	refused not_a_jwt
	wait_log 'fault="the application failed on an answer, .*jwt-askpass"'
	{ head -c 511 "$token" && echo && cat "$token" && echo; } >"$typed"
	run on_tty "$prompt" "$typed" setpriv --reuid=deploy --regid=deploy \
	    --init-groups sudo -k echo good
	refused cut_off
	wait_log 'fault="the application failed on an answer, .*jwt-askpass"'
}

@test 'sudo: whoever gives a cut token once, or again, is told so' {
	local typed=$BATS_TEST_TMPDIR/lines
	local prompt='JWT( \(from [0-9]+\))?: $'
	stack sudo <<-END
		auth     required pam_jwt.so
		@include common-account
	END
	long 1500
	{ head -c 511 "$token" && echo && echo; } >"$typed"
	run on_tty "$prompt" "$typed" setpriv --reuid=deploy --regid=deploy \
	    --init-groups sudo -k echo good
	refused cut_off
	wait_log 'fault="nothing came after the first 511 characters, '
	for _ in 1 2 3; do head -c 511 "$token" && echo; done >"$typed"
	echo '=' >>"$typed"
	run on_tty "$prompt" "$typed" setpriv --reuid=deploy --regid=deploy \
	    --init-groups sudo -k echo good
	refused malformed
	wait_log 'fault="the same 511 characters came for each of 3 prompts, '
}

@test 'sudo: who cannot be asked is refused at once' {
	stack sudo <<-END
		auth     required pam_jwt.so
		@include common-account
	END
	: >"$BATS_TEST_TMPDIR/nothing"
	run ! sudo_with "$BATS_TEST_TMPDIR/nothing" deploy true
	run ! as deploy timeout 10 setsid sudo -n true
	run ! as deploy timeout 10 setsid sudo true </dev/null
	echo "$output"
	[ "$(grep -c 'a terminal is required' <<<"$output")" -le 1 ]
}
