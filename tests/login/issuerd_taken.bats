# A front that somebody has taken over (a build that gives a shell to who asks
# for it) cannot reach the key: by file, by trace, by signal, nor by becoming
# somebody else.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
	start_issuerd taken-issuerd
}

teardown() {
	world_end
}

# taken COMMAND...: what the shell that is the front says to these.
taken() {
	log_mark
	run as deploy talk /run/jwt-issuer/socket \
	    < <(printf '%s\n' TAKEOVER "$@" exit)
	echo "$output"
}

@test 'the front is what it should be: uid 0 and nothing of root' {
	taken id 'grep ^Cap /proc/self/status' \
	    'grep -E "NoNewPrivs|Seccomp:" /proc/self/status'
	[[ ${lines[0]} == 'uid=0(root) '* ]]
	# Nothing that could come back; CAP_AUDIT_WRITE is libpam's.
	[[ $output == *$'CapPrm:\t0000000000000000'* ]]
	[[ $output == *$'CapBnd:\t0000000020000000'* ]]
	[[ $output == *$'NoNewPrivs:\t1'* ]]
	[[ $output == *$'Seccomp:\t2'* ]]
	# Nothing is wrong with the service itself.
	ask deploy "ISSUE aud=test://$HOST" "$LOGIN"
	issued
}

@test 'no file of the key' {
	local kid
	kid=$(in_world sh -c "cd $ISSUER_KEYS && echo *.jwk")
	[ -n "$kid" ]
	taken "ls $ISSUER_KEYS" "cat $ISSUER_KEYS/$kid" \
	    "umount $ISSUER_KEYS" "umount -l $ISSUER_KEYS" \
	    'mount -t tmpfs none /mnt' 'unshare -m true' 'unshare -Urm true' \
	    'nsenter -t 1 -m true' 'chroot / true' \
	    "mount --bind / /mnt && cat /mnt/$ISSUER_KEYS/$kid" \
	    "cat /proc/1/root$ISSUER_KEYS/$kid"
	[[ ! $output =~ \"(kty|d)\" ]]
	[ "$(grep -cE 'ermission denied|not permitted|superuser|failed' \
	    <<<"$output")" -ge 9 ]
	# The same question outside, where there is an answer.
	in_world cat "$ISSUER_KEYS/$kid" | grep -q '"d"'
}

@test 'no disk below the files, no memory, no kernel setting' {
	taken 'ls /dev' 'mknod /tmp/disk b 8 0' 'cat /dev/mem' \
	    'echo x >/proc/sys/kernel/core_pattern' \
	    'echo h >/proc/sysrq-trigger' 'touch /etc/cron.d/x' \
	    'touch /root/x' 'touch /usr/local/bin/x' 'ls -A /run/systemd'
	[[ ! $output =~ $'\n'(sd|vd|nvme|mem|kmsg) ]]
	[[ $output == *'/proc/sys/kernel/core_pattern: Read-only file system'* ]]
	[[ $output == *'/proc/sysrq-trigger: '[RN]o* || \
	    $output == *'/proc/sysrq-trigger: Read-only'* ]]
	[ "$(grep -c 'Read-only file system' <<<"$output")" -ge 4 ]
	[[ $output == *"/tmp/disk: Operation not permitted"* ]]
}

@test 'nothing in place of what the host asks for accounts, nor of its log' {
	in_world mkdir -p /run/systemd/userdb /run/systemd/journal /run/nscd \
	    /run/faillock
	in_world touch /run/nscd/socket
	taken 'touch /run/systemd/userdb/io.x' 'touch /run/systemd/journal/x' \
	    'mv /run/nscd/socket /run/nscd/x' 'rm /run/nscd/socket' \
	    'touch /run/x' 'touch /run/faillock/deploy && echo counted'
	[ "$(grep -c 'Read-only file system' <<<"$output")" -eq 5 ]
	# pam_faillock counts there, and the host sees it.
	[ "${lines[-1]}" = counted ]
	in_world test -e /run/faillock/deploy
}

@test 'no other process to trace or to signal' {
	taken 'ls -d /proc/[0-9]*' 'kill -9 2' 'kill -9 -1' \
	    'strace -p 1 true' \
	    'python3 -c "import ctypes; print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))"'
	[ "$(grep -c '^/proc/' <<<"$output")" -le 3 ]
	[[ $'\n'$output$'\n' != *$'\n0\n'* ]]
	# The signer of the same request has waited all the while; so has the
	# service.
	ask deploy "ISSUE aud=test://$HOST" "$LOGIN"
	issued
}

@test 'a signal to its whole process group stays with it' {
	taken 'kill -9 0'
	ask deploy "ISSUE aud=test://$HOST" "$LOGIN"
	issued
}

@test 'nobody else to become, and no capability to win back' {
	taken 'setpriv --reuid=160 --clear-groups true' \
	    'setpriv --reuid=2002 --clear-groups true' \
	    'su operator -c id' 'chown 160 /tmp' 'chmod u+s /bin/bash'
	[[ ! $output =~ uid=(2002|160) ]]
	[ "$(grep -cE 'not permitted|failure|Read-only' \
	    <<<"$output")" -ge 4 ]
}

@test 'at worst a token for the very caller, by their policy' {
	# What the front says to the signer is a struct; python writes it.
	cat >"$WORLD/order.py" <<-'END'
		import os, struct, sys, time
		import socket
		for fd in range(3, 64):
		    try:
		        end = socket.socket(fileno=os.dup(fd))
		        if end.getsockname() in ('', b'') and \
		            end.type == socket.SOCK_STREAM:
		            break
		    except OSError:
		        pass
		text = sys.argv[1].encode() + b'\0' + b'sub\0operator\0'
		claims = int(sys.argv[2])
		os.write(fd, struct.pack('qqIII', int(sys.argv[3]),
		    int(time.time()), 1, claims, 0) + text.ljust(512, b'\0') + b'\0' * 4)
		head = os.read(fd, 8)
		reason, length = struct.unpack('II', head)
		print('signer said', reason, os.read(fd, length).decode())
	END
	order() { # order AUDIENCE CLAIMS SECONDS
		taken "exec python3 - $1 $2 $3 <<'END'" \
		    "$(sed 's/^/ /;s/^ //' "$WORLD/order.py")" END
	}
	order ssh://build7 0 60
	[[ $output == *'signer said 0 ey'* ]]
	sed -n 's/.*signer said 0 //p' <<<"$output" >"$token"
	[ "$(claim sub)" = '"deploy"' ]
	[ "$(claim exp)" -eq "$(($(claim iat) + 60))" ]
	order https://elsewhere 0 60
	[[ $output == *'signer said '[1-9]*allow* ]]
	order ssh://build7 0 86400
	[[ $output == *'signer said '[1-9]* ]]
	order ssh://build7 1 60
	[[ $output == *'signer said '[1-9]* ]]
}
