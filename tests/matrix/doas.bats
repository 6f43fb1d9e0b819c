#!/usr/bin/env bats
# doas (OpenDoas), run by the account operator.

load matrix

setup() {
	MATRIX_USER=operator
	matrix_begin doas
	in_world test -x "$BIN/doas" || {
		world_end
		skip 'no doas here'
	}
	echo 'permit operator as root' | put /etc/doas.conf 600
	doas=(setpriv --reuid=operator --regid=operator --init-groups
	    doas true)
}

teardown() {
	world_end
}

@test "doas: pasted at a terminal, then what is asked for" {
	matrix_row doas 'terminal, as the prompts ask' matrix_paste rest \
	    "${doas[@]}" < <(matrix_511)
}

@test "doas: 511 at each prompt of a terminal" {
	matrix_row doas 'terminal, 511 a prompt' matrix_type 511 \
	    "${doas[@]}" < <(matrix_511)
}

@test "doas: pasted once, all behind the first 511 is lost" {
	matrix_row doas 'terminal, once' matrix_paste once "${doas[@]}" <<-END
		300	login 1
		510	login 1
		511	login 2
		512	reason cut_off
		1022	reason cut_off
		1023	reason cut_off
		1024	reason cut_off
		1600	reason cut_off
		4095	reason cut_off
		4096	reason cut_off
		9000	reason cut_off
	END
}
