#!/usr/bin/env bats
# su, run by the account operator.

load matrix

setup() {
	matrix_begin su
	su=(setpriv --reuid=operator --regid=operator --init-groups
	    su deploy -c true)
}

teardown() {
	world_end
}

by_pipe() {
	matrix_answers "$token" "$1" >"$answers"
	su_with "$answers" operator deploy true
}

@test "su: a line on standard input, of which each prompt takes some" {
	matrix_row su 'standard input, one line' by_pipe whole < <(matrix_4095)
}

@test "su: pasted at a terminal, then what is asked for" {
	matrix_row su 'terminal, as the prompts ask' matrix_paste rest \
	    "${su[@]}" < <(matrix_4095)
}

@test "su: pasted once, a terminal's line is the end" {
	matrix_row su 'terminal, once' matrix_paste once "${su[@]}" <<-END
		300	login 1
		510	login 1
		511	login 2
		512	login 1
		1022	login 1
		1023	login 2
		1024	login 1
		1600	login 1
		4095	login 2
		4096	reason cut_off
		9000	reason cut_off
	END
}
