# pam-jwtd's socket: who may ask, what is understood, and that nothing that is
# said to it ends it.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load netd

setup() {
	netd_world
	provider_set one
	sso 'refetch_every = 0'
	start_netd
	until_true 10 in_world test -e "$NETD_FOLDER/sso.keys"
	provider_asked
}

teardown() {
	provider_stop
	world_end
}

# say ACCOUNT TEXT: what it answers to a text, given in pieces of one byte
# where TEXT begins with "slowly ".
say() {
	local -a as=(in_world)
	[ "$1" = root ] || as=(as "$1")
	run "${as[@]}" python3 - "$NETD_SOCKET" "$2" <<-'END'
		import socket, sys
		to = socket.socket(socket.AF_UNIX)
		to.settimeout(20)
		to.connect(sys.argv[1])
		text = sys.argv[2].encode().decode("unicode_escape").encode("latin-1")
		try:
		    for byte in text:
		        to.send(bytes([byte]))
		    print(to.recv(100).decode().strip() or "closed")
		except (BrokenPipeError, ConnectionResetError):
		    print("closed")
	END
	[ "$status" -eq 0 ] || { shown; return 1; }
}

@test "a line names a section and nothing else" {
	say root 'FETCH sso\n'
	[ "$output" = OK ]
	[ "$(provider_asked)" -eq 1 ]
	for line in 'FETCH other\n' 'FETCH \n' 'FETCH\n' 'fetch sso\n' '\n' \
	    'FETCH sso \n' 'FETCH http://evil.example.com/\n' \
	    'FETCH ../sso\n' 'FETCH sso\0\n' 'FETCH sso\nFETCH sso\n'; do
		say root "$line"
		[ "$output" = UNKNOWN ] || [ "$line" = 'FETCH sso\nFETCH sso\n' ] || {
			echo "$line: $output"
			return 1
		}
	done
	say root "$(printf 'x%.0s' {1..200})"
	[ "$output" = closed ]
	say root 'FETCH sso\n'
	[ "$output" = OK ]
}

@test "who says nothing is given up, and holds up nobody" {
	in_world python3 - "$NETD_SOCKET" 3>&- <<-'END' &
		import socket, sys, time
		held = []
		for _ in range(60):
		    to = socket.socket(socket.AF_UNIX)
		    to.connect(sys.argv[1])
		    held.append(to)
		time.sleep(20)
	END
	WORLD_PIDS+=($!)
	again() {
		say root 'FETCH sso\n'
		[ "$output" = OK ]
	}
	until_true 10 again
}

@test "root and the group that is named may ask, and nobody else" {
	[ "$WORLD_KIND" = root ] || skip 'needs a second account'
	stop_netd
	sso 'refetch_every = 0'
	config_add <<<'group = operator'
	start_netd
	say operator 'FETCH sso\n'
	[ "$output" = OK ]
	in_world chmod 666 "$NETD_SOCKET"
	say deploy 'FETCH sso\n'
	[ "$output" = closed ]
	say root 'FETCH sso\n'
	[ "$output" = OK ]
}

@test "without a group the socket is root's alone" {
	[ "$WORLD_KIND" = root ] || skip 'needs a second account'
	[ "$(in_world stat -c %a:%U "$NETD_SOCKET")" = 600:root ]
	in_world chmod 666 "$NETD_SOCKET"
	say operator 'FETCH sso\n'
	[ "$output" = closed ]
	say root 'FETCH sso\n'
	[ "$output" = OK ]
}

@test "a login believes root and the service's user at the other end, nobody else" {
	[ "$WORLD_KIND" = root ] || skip 'needs a second account'
	stop_netd
	in_world install -d -m 777 /run/open
	NETD_SOCKET=/run/open/socket
	sso
	in_world setpriv --reuid=operator --regid=operator --clear-groups \
	    python3 - "$NETD_SOCKET" 3>&- >"$BATS_TEST_TMPDIR/heard" <<-'END' &
		import os, socket, sys
		to = socket.socket(socket.AF_UNIX)
		to.bind(sys.argv[1])
		os.chmod(sys.argv[1], 0o666)
		to.listen(5)
		while True:
		    peer, _ = to.accept()
		    print("heard", peer.recv(100), flush=True)
	END
	WORLD_PIDS+=($!)
	until_true 10 in_world test -S "$NETD_SOCKET"
	key_new two
	login two
	refused unknown_key
	until_true 10 grep -q "heard b''" "$BATS_TEST_TMPDIR/heard"
	run ! grep -q FETCH "$BATS_TEST_TMPDIR/heard"
}

@test "it runs as its user, and holds nothing of root's" {
	[ "$WORLD_KIND" = root ] || skip 'needs root'
	pid=$(netd_number)
	in_world grep -q "^Uid:	161	161	161	161" "/proc/$pid/status"
	in_world grep -q '^Gid:	161	161	161	161' "/proc/$pid/status"
	in_world grep -q '^NoNewPrivs:	1' "/proc/$pid/status"
	in_world grep -q '^CapEff:	0000000000000000' "/proc/$pid/status"
	[ "$(in_world stat -c %U "$NETD_FOLDER/sso.keys")" = pam-jwtd ]
}

@test "root is no user to fetch as" {
	[ "$WORLD_KIND" = root ] || skip 'needs root'
	stop_netd
	config_add <<<'user = root'
	run in_world timeout 10 "$BIN/pam-jwtd" --listen
	[ "$status" -eq 77 ]
	[[ $output == *"who is root"* ]] || { shown; return 1; }
	sed -i 's/^user = root/user = nobody-here/' \
	    "$WORLD/etc/security/pam_jwt.conf"
	run fetch
	[ "$status" -eq 2 ]
	[[ $output == *"there is no account 'nobody-here'"* ]] || { shown; return 1; }
}

@test "a changed configuration is read, a faulty one is not taken" {
	log_mark
	config_add <<-END
		[issuer more]
		issuer = https://more.example.com
		jwks_url = $PROVIDER_URL/jwks?more
		audience = ssh
		algorithms = EdDSA
	END
	say root 'FETCH sso\n'
	wait_log 'pam_jwt.conf was read again' >/dev/null
	say root 'FETCH more\n'
	[ "$output" = OK ] || [ "$output" = RECENT ]
	config_add <<<'nonsense = x'
	log_mark
	say root 'FETCH sso\n'
	wait_log 'still in force' >/dev/null
	say root 'FETCH sso\n'
	[ "$output" = OK ]
}

@test "what goes wrong is in the log, and what is left out" {
	log_mark
	provider_mode status 500
	say root 'FETCH sso\n'
	[ "$output" = FAILED ]
	wait_log '^<83>.*pam-jwtd.*issuer=sso not fetched, next at .*HTTP 500' \
	    >/dev/null
	provider_mode
	key_new good
	jq -c '{keys: [., {kty:"OKP",crv:"Ed25519",kid:"bad",x:"AQ"}]}' \
	    "$KEYS/good.pub" >"$PROVIDER/jwks"
	log_mark
	say root 'FETCH sso\n'
	[ "$output" = OK ]
	wait_log "^<84>.*issuer=sso keys left out: key 2 with kid 'bad'" >/dev/null
	wait_log '^<86>.*issuer=sso fetched: 1 keys, 1 new, 1 gone' >/dev/null
}

# A full disk, say: the record of when it tried cannot be written, either.
@test "a folder that takes nothing is no reason to try at every moment" {
	in_world rm "$NETD_FOLDER/sso.state"
	in_world chmod 555 "$NETD_FOLDER"
	log_mark
	say root 'FETCH sso\n'
	[ "$output" = FAILED ]
	for _ in 1 2 3 4 5; do
		say root 'FETCH other\n'
	done
	in_world chmod 755 "$NETD_FOLDER"
	[ "$(log_now | grep -c 'issuer=sso not fetched, .* cannot be written')" \
	    -le 2 ] || { log_now | head; return 1; }
}

@test "a second one does not take the socket from the first" {
	run in_world timeout 10 "$BIN/pam-jwtd" --listen \
	    --config "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 71 ]
	[[ $output == *'another pam-jwtd listens there'* ]]
	say root 'FETCH sso\n'
	[ "$output" = OK ]
}

@test "a socket of systemd's is served until there is nothing to do" {
	stop_netd
	run in_world timeout 20 python3 - "$BIN/pam-jwtd" "$NETD_SOCKET.2" \
	    "$ETC/security/pam_jwt.conf" <<-'END'
		import os, socket, sys
		program, path, config = sys.argv[1:]
		to = socket.socket(socket.AF_UNIX)
		to.bind(path)
		to.listen(5)
		child = os.fork()
		if child == 0:
		    os.dup2(to.fileno(), 3)
		    os.set_inheritable(3, True)
		    os.environ["LISTEN_FDS"] = "1"
		    os.environ["LISTEN_PID"] = str(os.getpid())
		    os.execv(program, [program, "--config", config])
		for _ in range(2):
		    ask = socket.socket(socket.AF_UNIX)
		    ask.connect(path)
		    ask.sendall(b"FETCH sso\n")
		    print(ask.recv(100).decode().strip())
		os.kill(child, 15)
		print(os.waitpid(child, 0)[1])
	END
	[ "$status" -eq 0 ] || { shown; return 1; }
	[ "$output" = "$(printf 'OK\nOK\n0')" ] || { shown; return 1; }
}
