#!/usr/bin/env bats
# What the other files promise: a world leaves nothing on the host.

bats_require_minimum_version 1.5.0
load helper

# Everything of the host's that a login could change, but for what changes by
# itself.
host_state() {
	find /etc /var/log /run "$(pam_folder)" -xdev -type f \
	    ! -path '/run/udev/*' ! -path '/var/log/journal/*' \
	    -exec md5sum {} + 2>/dev/null | sort
	cut -d ' ' -f 3- /proc/self/mountinfo | sort
}

@test "nothing of a root world is left: files, mounts, processes" {
	host_state >"$BATS_TEST_TMPDIR/before"
	root_world
	world=$WORLD
	start_sshd
	token "$token"
	run ssh_with "$token" deploy true
	accepted
	token "$token" sub=operator
	run sudo_with "$token" operator sh -c \
	    'echo changed >>/etc/passwd; echo new >/etc/new; touch /var/log/new'
	accepted
	[ "$(tail -n 1 "$WORLD/etc/passwd")" = changed ]
	world_end
	host_state >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[ ! -e "$world" ]
	run ! grep -lsF "$world" /proc/[0-9]*/cmdline
}

@test "root in a root world cannot write to the host's own folders" {
	root_world
	run in_world touch /usr/new /run/etc/new
	[ "$status" -ne 0 ]
	[[ $output == *'/usr/new'*'Read-only'*'/run/etc/new'*'Read-only'* ]]
	world_end
}

@test "nothing of a user world is left: files, processes" {
	user_world
	world=$WORLD
	start_sshd
	token "$token"
	run ssh_with "$token" deploy true
	accepted
	world_end
	[ ! -e "$world" ]
	run ! grep -lsF "$world" /proc/[0-9]*/cmdline
}
