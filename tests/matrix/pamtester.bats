#!/usr/bin/env bats
# pamtester, which stands for every program that asks by misc_conv of
# Linux-PAM 1.5.2 and later.

load matrix

setup() {
	matrix_begin test
}

teardown() {
	world_end
}

# by_pipe PIECE: the answers on standard input.
by_pipe() {
	matrix_answers "$token" "$1" >"$answers"
	pam_with "$answers" test deploy authenticate
}

@test "pamtester: a line on standard input, of which each prompt takes some" {
	matrix_row pamtester 'standard input, one line' by_pipe whole \
	    < <(matrix_4095)
}

@test "pamtester: lines of 511 on standard input" {
	matrix_row pamtester 'standard input, lines of 511' by_pipe 511 \
	    < <(matrix_511)
}

@test "pamtester: pasted at a terminal, then what is asked for" {
	matrix_row pamtester 'terminal, as the prompts ask' matrix_paste rest \
	    pamtester test deploy authenticate < <(matrix_4095)
}

@test "pamtester: 511 at each prompt of a terminal" {
	matrix_row pamtester 'terminal, 511 a prompt' matrix_type 511 \
	    pamtester test deploy authenticate < <(matrix_511)
}

@test "pamtester: pasted once, a terminal's line is the end" {
	matrix_row pamtester 'terminal, once' matrix_paste once \
	    pamtester test deploy authenticate <<-END
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
