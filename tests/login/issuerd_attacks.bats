# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
# What a local user, and a front that was taken over, can still reach of the
# host: attacks that once went through.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
	policy 'proof = peer'
}

teardown() {
	world_end
}

# taken COMMAND...: what the shell that is the front says to these.
taken() {
	run as deploy talk /run/jwt-issuer/socket \
	    < <(printf '%s\n' TAKEOVER "$@" exit)
	echo "$output"
}

# taken_python: the same of a program on stdin.
taken_python() {
	local program
	program=$(cat)
	taken "exec python3 - <<'END'" "$program" END
}

served() {
	ask operator 'ISSUE aud=ssh://build7'
	issued
}

# --- the front --------------------------------------------------------------

@test 'the front has no keyring of the host' {
	start_issuerd taken-issuerd
	taken_python <<-'END'
		import ctypes, os
		c = ctypes.CDLL(None, use_errno=True)
		first = 248 if os.uname().machine == 'x86_64' else 217
		# Of the last, what would only give the number of a keyring.
		for call in range(first, first + 3):
		    print(c.syscall(call, 0, -4, 0, 0, 0), ctypes.get_errno())
	END
	[ "$output" = $'-1 1\n-1 1\n-1 1' ]
	served
}

@test 'the front has sockets of four kinds and no other' {
	start_issuerd taken-issuerd
	taken_python <<-'END'
		import errno, socket
		made, refused = [], 0
		for family in range(64):
		    for kind in (1, 2, 3, 5):
		        try:
		            socket.socket(family, kind)
		            made.append(family)
		        except OSError as e:
		            refused += e.errno == errno.EAFNOSUPPORT
		print(sorted(set(made)))
		print(refused >= 59 * 4)
	END
	[ "$output" = $'[1, 2, 10, 16]\nTrue' ]
	served
}

@test 'system calls by another table end the process that tries them' {
	[ "$(uname -m)" = x86_64 ] || skip 'one table only'
	start_issuerd taken-issuerd
	taken_python <<-'END'
		import ctypes, mmap, os
		def ended(act):
		    pid = os.fork()
		    if pid == 0:
		        act()
		        os._exit(0)
		    return os.WTERMSIG(os.waitpid(pid, 0)[1])
		def old(number):
		    m = mmap.mmap(-1, 4096, prot=7)
		    m.write(b'\x53\xb8' + bytes([number, 0, 0, 0]) + b'\xcd\x80\x5b\xc3')
		    at = ctypes.addressof(ctypes.c_char.from_buffer(m))
		    ctypes.CFUNCTYPE(ctypes.c_int)(at)()
		x32 = ctypes.CDLL(None).syscall
		# getpid and ptrace, as x32 and as int 0x80.
		print([ended(lambda n=n: x32(0x40000000 + n)) for n in (39, 521)],
		    [ended(lambda n=n: old(n)) for n in (20, 26)])
	END
	# SIGSYS; or SIGSEGV, where the kernel has no such table at all.
	[[ $output =~ ^'[31, 31] ['(31|11)', '(31|11)']'$ ]]
	served
}

# left: how many processes sleep for 5432 seconds. Not by pgrep, which waits
# for ever where the address sanitizer is loaded into it.
left() {
	in_world sh -c 'grep -lszx "543[2]" /proc/[0-9]*/cmdline | wc -l'
}

none_left() {
	[ "$(left)" -eq 0 ]
}

one_left() {
	[ "$(left)" -eq 1 ]
}

@test 'the front cannot outlive the service' {
	start_issuerd taken-issuerd
	{
		printf '%s\n' TAKEOVER "exec python3 -c '
		import ctypes, os
		end = ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
		print(end, flush=True)
		os.execlp(\"sleep\", \"sleep\", \"5432\")'" | sed 's/^\t*//'
		in_world sleep 100
	} | as deploy talk /run/jwt-issuer/socket >"$WORLD/said" &
	WORLD_PIDS+=($!)
	until_true 10 one_left
	[ "$(cat "$WORLD/said")" = -1 ]
	signal_issuerd KILL
	until_true 10 none_left
}

# --- callers ----------------------------------------------------------------

@test 'an urgent byte is one like others, and nothing spins for it' {
	start_issuerd
	log_mark
	run as deploy python3 - <<-'END'
		import socket
		s = socket.socket(socket.AF_UNIX)
		s.connect('/run/jwt-issuer/socket')
		s.send(b'ISSUE aud=ssh://buil')
		s.send(b'd', socket.MSG_OOB)
		s.send(b'7')
		# Out of line, poll says that it is there and recv that it is not.
		s.send(b'\n', socket.MSG_OOB)
		print(s.recv(70000).decode(), end='')
	END
	issued
	[ "$(claim aud)" = '"ssh://build7"' ]
	served
}

@test 'descriptors that are sent along are nobody'\''s' {
	start_issuerd
	log_mark
	run as deploy python3 - <<-'END'
		import os, socket, array
		s = socket.socket(socket.AF_UNIX)
		s.connect('/run/jwt-issuer/socket')
		ours, theirs = os.pipe()
		many = array.array('i', [theirs] * 250)
		s.sendmsg([b'ISSUE aud=ssh://build7\n'],
		    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, many)])
		os.close(theirs)
		print(s.recv(70000).decode(), end='')
		print(os.read(ours, 1) == b'')
	END
	[ "${lines[-1]}" = True ]
	unset 'lines[-1]'
	issued
}

@test 'a thousand connections of one account, and another is served' {
	start_issuerd
	as operator python3 - >"$WORLD/said" <<-'END' 3>&- &
		import resource, socket, time
		resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))
		held = []
		for _ in range(1000):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(5)
		    try:
		        s.connect('/run/jwt-issuer/socket')
		        held.append(s)
		    except OSError:
		        pass
		print('there', flush=True)
		time.sleep(60)
	END
	WORLD_PIDS+=($!)
	until_true 30 grep -q there "$WORLD/said"
	ask deploy 'ISSUE aud=ssh://build7'
	issued_one_of_many
}

# The others' refusals are in the log, too.
issued_one_of_many() {
	[[ ${lines[-1]} == 'OK '* ]] && log_has 'issued reason=issued .*"deploy"'
}

@test 'who has many uids, as in a user namespace, leaves no file for each' {
	local files
	start_issuerd
	served
	files=$(in_world ls /run/jwt-issuer/usage)
	run in_world python3 - <<-'END'
		import os, socket
		for uid in range(100000, 100040):
		    if os.fork() == 0:
		        os.setresgid(uid, uid, uid)
		        os.setresuid(uid, uid, uid)
		        s = socket.socket(socket.AF_UNIX)
		        s.connect('/run/jwt-issuer/socket')
		        print(s.recv(4096).decode().split()[1], flush=True)
		        os._exit(0)
		    os.wait()
	END
	[ "$(grep -c '^unknown_user$' <<<"$output")" -eq 40 ]
	[ "$(in_world ls /run/jwt-issuer/usage)" = "$files" ]
	served
}
