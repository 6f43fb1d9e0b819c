#!/usr/bin/env bats
# jwt-askpass: what is no prompt for a token goes to another program, or to
# the person at the terminal.

bats_require_minimum_version 1.5.0
load helper
load askpass

setup() {
	askpass_setup
	unsigned ''
	world_user
	typed=$WORLD/typed
	put /bin/at-terminal 755 <<-'END'
		#!/bin/sh
		jwt-askpass "$(cat "$HOME/prompt")" >"$HOME/given"
		echo $? >"$HOME/status"
	END
}

teardown() {
	world_end
}

# at_terminal PROMPT [VARIABLE=VALUE]...: asks there, what stands in $typed is
# the answer; what came out is in $WORLD/home/given, the status in .../status.
at_terminal() {
	local prompt=$1
	shift
	printf '%s' "$prompt" >"$WORLD/home/prompt"
	world_own "$WORLD/home/prompt"
	on_tty "${shown_as:-$prompt}" "$typed" env "$@" at-terminal
}

given() {
	[ "$(<"$WORLD/home/status")" -eq "$1" ] &&
	    printf %s "${2-}" | cmp - "$WORLD/home/given"
}

@test "a password is typed without being seen, and given without a newline" {
	local prompt
	echo 'secret  x' >"$typed"
	for prompt in 'Password: ' "deploy@build7's password: " \
	    "Enter passphrase for key 'id': "; do
		run at_terminal "$prompt"
		given 0 'secret  x'
		[[ $output == *"$prompt"* && $output != *secret* ]]
	done
}

@test "the answer to a question is seen" {
	local question='Are you sure you want to continue connecting (yes/no/[fingerprint])? '
	echo yes >"$typed"
	shown_as='fingerprint]\)\? $'
	run at_terminal "$question"
	given 0 yes
	[[ $output == *"$question"yes* ]]
	shown_as='fingerprint: $'
	run at_terminal "Please type 'yes', 'no' or the fingerprint: "
	given 0 yes
	[[ $output == *'fingerprint: yes'* ]]
	shown_as='Allow\? $'
	run at_terminal 'Allow? ' SSH_ASKPASS_PROMPT=confirm
	given 0 yes
	[[ $output == *'Allow? yes'* ]]
	# Never with a token, though it looks like that.
	shown_as='JWT: $'
	run at_terminal 'JWT: ' SSH_ASKPASS_PROMPT=confirm \
	    BEARER_TOKEN="$(<"$TOKEN")"
	given 0 yes
}

@test "a notice is shown, and no answer waited for" {
	: >"$typed"
	run at_terminal 'Touch the key' SSH_ASKPASS_PROMPT=none
	given 0 ''
	[[ $output == *'Touch the key'* ]]
}

@test "no answer, or one that the terminal may have cut, is none" {
	printf '\004\n' >"$typed"
	run at_terminal 'Password: '
	given 1 ''
	[[ $output == *'no answer was given'* ]]
	head -c 4095 /dev/zero | tr '\0' x >"$typed"
	echo >>"$typed"
	run at_terminal 'Password: '
	given 1 ''
	[[ $output == *'more than 4094 bytes'* ]]
}

@test "a server's text cannot steer the terminal" {
	echo x >"$typed"
	shown_as='Password: $'
	run at_terminal $'(deploy@build7) \e[2J\r\x9b\xc2\x9b\x7f\tPassword: '
	given 0 x
	[[ $output == *'\x1b[2J\x0d\x9b\xc2\x9b\x7f\x09Password: '* ]]
}

@test "ended by a signal, it leaves the terminal as it was" {
	put /bin/ended 755 <<-'END'
		#!/bin/sh
		jwt-askpass 'Password: ' & pid=$!
		until stty -a | grep -q ' -echo '; do :; done
		kill -s TERM $pid
		wait $pid
		echo "status $?"
		stty -a
	END
	# Opened both ways, it has no end that would be an answer.
	mkfifo "$WORLD/open"
	run in_world timeout 60 script -qec ended /dev/null <>"$WORLD/open"
	[[ $output == *'status 143'* && $output == *' echo '* ]]
	[[ $output != *' -echo '* ]]
}

@test "after a signal that it outlives it asks again" {
	put /bin/again 755 <<-'END'
		#!/bin/sh
		# Commands in the background have no standard input.
		jwt-askpass 'Password: ' >"$HOME/given" & pid=$!
		until stty -a </dev/tty | grep -q ' -echo '; do :; done
		kill -s CONT $pid
		wait $pid
		echo $? >"$HOME/status"
		stty -a </dev/tty
	END
	echo secret >"$typed"
	# What pam_wrapper says of other tests' folders may stand between.
	run on_tty 'Password: .*Password: $' "$typed" again
	given 0 secret
	[[ $output == *' echo '* && $output != *secret* ]]
}

# --- another program --------------------------------------------------------

# next_program: one that says what it was given.
next_program() {
	cat >"$BATS_TEST_TMPDIR/next" <<-'END'
		#!/bin/sh
		printf '%s|' "$#" "$@" "${JWT_NEXT_ASKPASS-unset}"
		exit 7
	END
	chmod +x "$BATS_TEST_TMPDIR/next"
}

@test "another askpass program gets the same argument, and its answer counts" {
	next_program
	run -7 ask $'(deploy@build7) x\ny\nPassword: ' \
	    JWT_NEXT_ASKPASS="$BATS_TEST_TMPDIR/next"
	[ "$output" = $'1|(deploy@build7) x\ny\nPassword: |unset|' ]
	run -7 ask 'x (yes/no)? ' PATH="$BATS_TEST_TMPDIR:$PATH" \
	    JWT_NEXT_ASKPASS=next SSH_ASKPASS_PROMPT=none
	[ "$output" = '1|x (yes/no)? |unset|' ]
	# And none for a token.
	gives ask 'JWT: ' JWT_NEXT_ASKPASS="$BATS_TEST_TMPDIR/next"
}

@test "it hands nothing on to itself for ever" {
	gives_nothing 'no terminal' ask 'Password: ' JWT_NEXT_ASKPASS="$ASKPASS"
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$ASKPASS" \
	    >"$BATS_TEST_TMPDIR/next"
	chmod +x "$BATS_TEST_TMPDIR/next"
	gives_nothing 'no terminal' ask 'Password: ' \
	    JWT_NEXT_ASKPASS="$BATS_TEST_TMPDIR/next"
}

@test "a program that is not there is a fault" {
	gives_nothing 'JWT_NEXT_ASKPASS: "/nonexistent": No such file' \
	    ask 'Password: ' JWT_NEXT_ASKPASS=/nonexistent
}

@test "a command for the token has the terminal, to ask there" {
	echo answer >"$typed"
	cat >"$WORLD/home/fetch" <<-'END'
		#!/bin/sh
		test -t 0 && printf 'Say: ' >/dev/tty && read -r said
		echo "$said" >"$HOME/said"
		cat "$HOME/token"
	END
	chmod +x "$WORLD/home/fetch"
	cp "$TOKEN" "$WORLD/home/token"
	world_own "$WORLD/home"
	shown_as='Say: $'
	run at_terminal 'JWT: ' JWT_COMMAND="$WORLD/home/fetch"
	given 0 "$(<"$TOKEN")"
	[ "$(<"$WORLD/home/said")" = answer ]
}
