#!/usr/bin/env bats
# polkit's helper for authentication agents, to which an agent gives each
# answer as a line. No graphical agent takes part.

load matrix

setup() {
	matrix_begin polkit-1
	helper=$(first {,"$WORLD_UNPACKED"}/usr/lib/polkit-1/polkit-agent-helper-1) || {
		world_end
		skip 'no polkit-agent-helper-1 here'
	}
	# Without a cache of libraries for those that were only unpacked.
	libraries=$(first "$WORLD_UNPACKED"/usr/lib/*/libpolkit-gobject-1.so.0) ||
	    libraries=
}

teardown() {
	world_end
}

# by_lines PIECE: first the cookie, then the answers. Afterwards the helper
# wants to tell polkitd by D-Bus, and there is none; that it got there says
# that PAM accepted the login.
by_lines() {
	local out=$BATS_TEST_TMPDIR/out
	matrix_answers "$token" "$1" >"$answers"
	log_mark
	{ echo cookie; cat "$answers"; } |
	    in_world LD_LIBRARY_PATH="${libraries%/*}" timeout 60 \
	    "$helper" deploy >"$out" 2>&1 || :
	cat "$out"
	grep -q 'rror getting authority' "$out"
}

@test "polkit: a line, of which each prompt takes 511" {
	matrix_row polkit 'an agent, one line' by_lines whole < <(matrix_511)
}

# Where a line of 511 ends, an answer ends that was not longer: the line break
# is the next one.
@test "polkit: lines of 511 end with the first" {
	matrix_row polkit 'an agent, lines of 511' by_lines 511 <<-END
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
