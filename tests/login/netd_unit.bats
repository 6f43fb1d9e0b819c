# dist/pam-jwtd.service: what the unit leaves to the service is enough for all
# that it does, so that no key goes stale behind a sandbox.

bats_require_minimum_version 1.5.0
load helper
load netd

setup() {
	netd_world
	provider_set one
	# By a name, which is looked up in a thread.
	PROVIDER_URL=http://localhost:$PROVIDER_PORT
	sso 'refetch_every = 0'
	UNIT=$WORLD_REPO/dist/pam-jwtd.service
}

teardown() {
	provider_stop
	world_end
}

# The values of a setting, a word a line.
setting() {
	sed -n "s/^$1=//p" "$UNIT" | tr ' ' '\n'
}

# calls_allowed: those of the unit's filter, by systemd's own sets.
calls_allowed() {
	systemd-analyze syscall-filter >"$BATS_TEST_TMPDIR/sets"
	setting SystemCallFilter | python3 -c '
import sys
sets, name = {}, None
for line in open(sys.argv[1]):
    word = line.strip()
    if line.startswith("@"):
        name = word
        sets[name] = []
    elif word and not word.startswith("#"):
        sets[name].append(word)
def calls(word):
    if not word.startswith("@"):
        return {word}
    return set().union(*(calls(one) for one in sets[word]))
taken, minus = set(), False
for word in sys.stdin.read().split():
    # ~ is said once, for the rest of its line.
    minus = word.startswith("~") or (minus and word != "@system-service")
    found = calls(word.lstrip("~"))
    taken = taken - found if minus else taken | found
print("\n".join(sorted(taken)))' "$BATS_TEST_TMPDIR/sets"
}

# It is begun as systemd does it, fetches for two that ask and for the timer,
# reads a changed configuration, and is ended.
traced() {
	cat >"$BATS_TEST_TMPDIR/begin.py" <<-'END'
		import os, signal, socket, sys
		path, config, trace, program = sys.argv[1:]
		to = socket.socket(socket.AF_UNIX)
		to.bind(path)
		to.listen(5)
		child = os.fork()
		if child == 0:
		    os.dup2(to.fileno(), 3)
		    os.set_inheritable(3, True)
		    os.execvp("strace", ["strace", "-f", "-D", "-o", trace, "sh",
		        "-c", "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\"", "-",
		        program, "--config", config])
		for signal in None, signal.SIGHUP, signal.SIGTERM:
		    ask = socket.socket(socket.AF_UNIX)
		    ask.connect(path)
		    ask.sendall(b"FETCH sso\n")
		    print(ask.recv(100).decode().strip())
		    if signal is not None:
		        os.kill(child, signal)
		print(os.waitpid(child, 0)[1])
	END
	in_world install -d -m 755 -o pam-jwtd -g pam-jwtd /run/unit
	in_world timeout 60 setpriv --reuid=pam-jwtd --regid=pam-jwtd \
	    --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
	    python3 - /run/unit/socket /etc/security/pam_jwt.conf \
	    /run/unit/trace "$BIN/pam-jwtd" <"$BATS_TEST_TMPDIR/begin.py"
}

@test 'the unit allows every call and every kind of socket that it uses' {
	[ "$WORLD_KIND" = root ] || skip 'it needs root'
	[ -z "$(sanitizer)" ] || skip 'sanitizers make calls of their own'
	command -v systemd-analyze >/dev/null || skip 'no systemd-analyze here'
	in_world strace -o "$WORLD/trace" true || skip 'no ptrace'
	run traced
	[ "$status" -eq 0 ] || { shown; return 1; }
	[ "$output" = "$(printf 'OK\nOK\nOK\n0')" ] || { shown; return 1; }

	# What came before its own program is the shell's and strace's.
	in_world cat /run/unit/trace | sed -n '/execve(.*pam-jwtd/,$p' \
	    >"$BATS_TEST_TMPDIR/trace"
	sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$BATS_TEST_TMPDIR/trace" |
	    sort -u >"$BATS_TEST_TMPDIR/made"
	grep -qx connect "$BATS_TEST_TMPDIR/made"
	grep -qx renameat "$BATS_TEST_TMPDIR/made"
	calls_allowed >"$BATS_TEST_TMPDIR/allowed"
	grep -qx connect "$BATS_TEST_TMPDIR/allowed"
	run ! grep -qx chroot "$BATS_TEST_TMPDIR/allowed"
	run comm -23 "$BATS_TEST_TMPDIR/made" "$BATS_TEST_TMPDIR/allowed"
	[ "$output" = '' ] || { shown; return 1; }

	# RestrictAddressFamilies, MemoryDenyWriteExecute.
	run comm -23 <(sed -nE 's/.* socket\((AF_[A-Z0-9]+),.*/\1/p' \
	    "$BATS_TEST_TMPDIR/trace" | sort -u) \
	    <(setting RestrictAddressFamilies | sort)
	[ "$output" = '' ] || { shown; return 1; }
	run ! grep -E 'mprotect\(.*PROT_EXEC|PROT_WRITE\|PROT_EXEC' \
	    "$BATS_TEST_TMPDIR/trace"
}
