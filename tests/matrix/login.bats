#!/usr/bin/env bats
# login, as a terminal's getty begins it.

load matrix

setup() {
	command -v login >/dev/null || skip 'no login here'
	matrix_begin login
	# One that is refused is asked for another name else.
	sed -i '/LOGIN_RETRIES/d' "$WORLD/etc/login.defs"
	echo 'LOGIN_RETRIES 1' >>"$WORLD/etc/login.defs"
	# A shell that ends by itself.
	printf '%s\n' '#!/bin/sh' 'echo "I am $(id -un)"' | put /etc/iam 755
	sed -i 's#^\(deploy:.*\):/bin/sh$#\1:/etc/iam#' "$WORLD/etc/passwd"
}

teardown() {
	world_end
}

# Its own status tells little of the login.
logs_in() {
	"$@" | tee "$BATS_TEST_TMPDIR/shown"
	grep -q 'I am deploy' "$BATS_TEST_TMPDIR/shown"
}

@test "login: pasted at a terminal, then what is asked for" {
	matrix_row login 'terminal, as the prompts ask' logs_in \
	    matrix_paste rest login deploy < <(matrix_4095)
}

@test "login: pasted once, a terminal's line is the end" {
	matrix_row login 'terminal, once' logs_in \
	    matrix_paste once login deploy <<-END
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
