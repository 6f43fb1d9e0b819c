#!/usr/bin/env bats
# pamtester, which stands for every program that asks by misc_conv of
# Linux-PAM 1.5.2 and later, su and login among them.

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

@test "pamtester: a token on standard input, in one line" {
	matrix_row pamtester 'standard input, in one line' by_pipe whole <<-END
		300	login 1
		510	login 1
		512	login 1
		1022	login 1
		1024	login 1
		1600	login 1
	END
}
