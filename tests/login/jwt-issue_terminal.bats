#!/usr/bin/env bats
#
# jwt-issue at a terminal: what is seen, what is not, and how the terminal is
# left.

bats_require_minimum_version 1.5.0

setup() {
	load issuing
	load logins
	issuing_begin
	TOKEN=$(fake)
	printf '%s\n' hear 'say ASK hidden Password:%20' hear "say OK $TOKEN" |
	    plays
	TYPED=$I/typed
	PROGRAM=("${ROOT[@]}" env -i PATH="$PATH" "$ISSUE" --socket "$S" -a h)
}

teardown() {
	issuing_end
}

# No world, only its way to type.
in_world() { "$@"; }
log_mark() { :; }

# at_terminal: a shell that asks, tells the status and how the terminal is.
at_terminal() {
	{
		printf '%s\n' 'set -m' 'trap : INT'
		printf '%q ' "${PROGRAM[@]}"
		printf '\n%s\n' 'echo "status $?"' 'stty -a' "$@"
	} >"$I/sh"
	on_tty 'Password: $' "$TYPED" sh "$I/sh"
}

@test 'the prompt, no echo, the token' {
	echo secret >"$TYPED"
	run -0 on_tty 'Password: $' "$TYPED" "${PROGRAM[@]}"
	[[ $output == *'Password: '* ]]
	[[ $output != *secret* ]]
	[[ $output == *"$TOKEN"* ]]
	[ "$(tail -n 1 "$I/said")" = 'ANSWER secret' ]
}

@test 'the token goes into a pipe, and prompt and messages to the terminal' {
	printf '%s\n' hear 'say TELL info Hello' 'say ASK hidden Password:%20' \
	    hear "say OK $TOKEN" | plays
	echo secret >"$TYPED"
	{
		printf '%q ' "${PROGRAM[@]}"
		echo ">$I/out"
	} >"$I/sh"
	run -0 on_tty 'Password: $' "$TYPED" sh "$I/sh"
	[[ $output == *Hello*'Password: '* ]]
	[[ $output != *eyJ* ]]
	[ "$(<"$I/out")" = "$TOKEN" ]
}

@test 'what may be shown is shown' {
	printf '%s\n' hear 'say ASK shown Code:%20' hear "say OK $TOKEN" | plays
	echo 123456 >"$TYPED"
	run -0 on_tty 'Code: $' "$TYPED" "${PROGRAM[@]}"
	[[ $output == *'Code: 123456'* ]]
}

@test 'the end of input is no answer, and is said' {
	printf '\004\n' >"$TYPED"
	run at_terminal
	[[ $output == *'no answer was given'* ]]
	[[ $output == *'status 77'* ]]
	[ "$(tail -n 1 "$I/said")" = CANCEL ]
}

@test '^C ends it and the echo is back' {
	printf 'half\003\n' >"$TYPED"
	run at_terminal
	[[ $output == *'status 130'* ]]
	[[ $output =~ [[:space:]]echo[[:space:]] ]]
	[[ $output != *half* ]]
}

@test 'stopped, the echo is back; continued, it asks again' {
	printf '%s\n' $'half\032' secret >"$TYPED"
	run -0 at_terminal fg
	[[ $output == *'status 148'* ]]
	[[ $output =~ [[:space:]]echo[[:space:]] ]]
	[[ $output != *half* ]]
	[[ $output == *"$TOKEN"* ]]
	[ "$(tail -n 1 "$I/said")" = 'ANSWER secret' ]
}

@test 'a line that the kernel may have cut is refused, and one that is too long' {
	head -c 4095 /dev/zero | tr '\0' x >"$TYPED"
	echo >>"$TYPED"
	run -77 on_tty 'Password: $' "$TYPED" "${PROGRAM[@]}"
	[[ $output == *'the answer has more than 4094 bytes'* ]]
	head -c 513 /dev/zero | tr '\0' x >"$TYPED"
	echo >>"$TYPED"
	run -77 on_tty 'Password: $' "$TYPED" "${PROGRAM[@]}"
	[[ $output == *'the answer has more than 512 bytes'* ]]
	sed -i s/^x// "$TYPED"
	run -0 on_tty 'Password: $' "$TYPED" "${PROGRAM[@]}"
	[ "$(tail -n 1 "$I/said" | wc -c)" -eq 520 ]
}

@test 'a terminal as standard input that is nobody'\''s to ask on is told' {
	local pty
	# Its session has another one, or none.
	without() {
		"${ROOT[@]}" script -qec "setsid -w $(printf '%q ' "${PROGRAM[@]}")" \
		    /dev/null </dev/null
	}
	run -69 without
	[[ $output == *'no terminal to ask on'* ]]
	[ "$(tail -n 1 "$I/said")" = CANCEL ]
}
