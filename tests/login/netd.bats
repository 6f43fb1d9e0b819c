# Tokens of a provider log in by keys that pam-jwtd fetched, through rotation,
# outage and flood.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load netd

setup() {
	netd_world
}

teardown() {
	provider_stop
	world_end
}

@test "fetched keys log in, and none before they are fetched" {
	provider_set one
	login one
	refused keys_unavailable
	fetch
	login one
	accepted
}

@test "jwtctl check says what a login would find of fetched keys" {
	provider_set one
	run in_world "$BIN/jwtctl" check --config "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 1 ]
	[[ $output == *'sso.keys: '*'(jwtctl fetch --issuer sso)'* ]] || { shown; return 1; }
	fetch
	run in_world "$BIN/jwtctl" check --config "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 0 ] || { shown; return 1; }
	sed -i 's/^algorithms.*/algorithms = RS256/' \
	    "$WORLD/etc/security/pam_jwt.conf"
	run in_world "$BIN/jwtctl" check --config "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 1 ]
	[[ $output == *'serves any of the algorithms, but only: EdDSA'* ]] || { shown; return 1; }
}

@test "a login with the provider stopped works" {
	provider_set one
	fetch
	start_netd
	provider_stop
	login one
	accepted
	stop_netd
	login one
	accepted
}

@test "a key rotated at the provider works at the next login, without a timer" {
	provider_set one
	start_netd
	until_true 10 in_world test -e "$NETD_FOLDER/sso.keys"
	sso 'refetch_every = 0'
	login one
	accepted
	provider_set one two
	login two
	accepted
	provider_set two
	fetch
	login one
	refused unknown_key
	login two
	accepted
}

@test "without pam-jwtd an unknown kid is refused by the keys at hand, at once" {
	provider_set one
	fetch
	provider_set one two
	login two
	refused unknown_key
	[ "$(provider_asked)" -eq 1 ]
}

# unknown NUMBER: so many tokens, each by another kid, a line each.
unknown() {
	token "$token" --key one
	python3 - "$1" "$token" <<-'END'
		import base64, json, sys
		with open(sys.argv[2]) as file:
		    rest = file.read().strip().split(".")[1:]
		for n in range(int(sys.argv[1])):
		    header = json.dumps({"alg": "EdDSA", "kid": "unknown%d" % n})
		    print(".".join([base64.urlsafe_b64encode(
		        header.encode()).decode().rstrip("=")] + rest))
	END
}

# Whole logins; fewer of them where each takes a multiple of the time.
@test "1,000 unknown kids cause one fetch at most" {
	local count=1000
	[ "$WORLD_KIND" = root ] && [ -z "$(sanitizer)" ] || count=50
	provider_set one
	start_netd
	until_true 10 in_world test -e "$NETD_FOLDER/sso.keys"
	provider_asked
	unknown "$count" >"$BATS_TEST_TMPDIR/unknown"
	log_mark
	SECONDS=0
	in_world sh -c '
		while read -r one; do
			printf "%s\n" "$one" | pamtester test deploy \
			    authenticate >/dev/null 2>&1 && exit 1
		done
		exit 0' <"$BATS_TEST_TMPDIR/unknown"
	echo "$count logins in $SECONDS s"
	[ "$(log_now | grep -c 'refused reason=unknown_key ')" -eq "$count" ]
	asked=$(provider_asked)
	[ "$asked" -le 1 ] || { echo "asked $asked times"; return 1; }
}

@test "a key that left the set is taken for key_grace and not longer" {
	sso 'key_grace = 1h'
	provider_set one two
	fetch
	provider_set two
	fetch
	login one
	accepted
	# half an hour more is in it, and an hour is not
	log_mark
	token "$token" --key one exp=+7000
	run explain "$token" deploy --now "$(($(date +%s) + 1800))"
	[ "$status" -eq 0 ] || { shown; return 1; }
	run explain "$token" deploy --now "$(($(date +%s) + 3601))"
	[ "${lines[-1]}" = 'refused: unknown_key' ]
	[[ $output == *"left the provider's set"* ]]
	sso
	login one
	refused unknown_key
	fetch
	login two
	accepted
}

@test "a set that the provider did not confirm is believed for stale_after" {
	sso 'stale_after = 10h'
	provider_set one
	fetch
	login one
	accepted
	token "$token" --key one exp=+80000
	run explain "$token" deploy --now "$(($(date +%s) + 35000))"
	[ "$status" -eq 0 ] || { shown; return 1; }
	run explain "$token" deploy --now "$(($(date +%s) + 37000))"
	[ "${lines[-1]}" = 'refused: keys_unavailable' ] || { shown; return 1; }
	[[ $output == *'stale_after=36000s'* ]]
}

@test "from half of stale_after the log warns with each login" {
	sso 'stale_after = 2s'
	provider_set one
	fetch
	aged() {
		login one
		log_now | grep -qE '^<84>.*accepted.* warning="the keys of sso'
	}
	until_true 4 aged || { log_now; return 1; }
	gone() {
		login one
		log_now | grep -q 'reason=keys_unavailable'
	}
	until_true 6 gone || { log_now; return 1; }
}

@test "keys that were fetched from another address are not believed" {
	provider_set one
	fetch
	login one
	accepted
	sso
	sed -i 's#/jwks$#/jwks?other#' "$WORLD/etc/security/pam_jwt.conf"
	login one
	refused keys_unavailable
	[[ $(log_now) == *'another address'* ]]
	fetch
	login one
	accepted
}

@test "keys that somebody else could have written are not believed" {
	provider_set one
	fetch
	in_world chmod 666 "$NETD_FOLDER/sso.keys"
	login one
	refused keys_unavailable
	[ "$WORLD_KIND" = root ] || skip 'needs a second account'
	fetch
	login one
	accepted
	in_world chown operator "$NETD_FOLDER/sso.keys"
	login one
	refused keys_unavailable
}

@test "a login waits for a slow provider as long as fetch_timeout, and no longer" {
	provider_set one
	fetch
	start_netd
	sso 'fetch_timeout = 1s' 'refetch_every = 0'
	provider_set one two
	provider_mode slow 6
	SECONDS=0
	login two
	refused unknown_key
	[ "$SECONDS" -lt 5 ]
	# The service goes on, and the next login has the key.
	two_is_there() {
		in_world grep -q "$(jq -r .kid "$KEYS/two.pub")" \
		    "$NETD_FOLDER/sso.keys"
	}
	until_true 15 two_is_there
	login two
	accepted
}

@test "fetch_timeout = 0 asks without waiting" {
	provider_set one
	fetch
	start_netd
	sso 'fetch_timeout = 0' 'refetch_every = 0'
	provider_set one two
	provider_mode slow 1
	login two
	refused unknown_key
	two_logs_in() {
		login two
		[ "$status" -eq 0 ]
	}
	until_true 15 two_logs_in
}

@test "who hangs in the service's place holds no login for long" {
	provider_set one
	fetch
	key_new two
	sso 'fetch_timeout = 1s'
	in_world python3 - "$NETD_SOCKET" 3>&- <<-'END' &
		import socket, sys, time
		to = socket.socket(socket.AF_UNIX)
		to.bind(sys.argv[1])
		to.listen(0)
		time.sleep(30)
	END
	WORLD_PIDS+=($!)
	until_true 10 in_world test -S "$NETD_SOCKET"
	SECONDS=0
	for _ in 1 2 3; do
		login two
		refused unknown_key
	done
	[ "$SECONDS" -lt 10 ]
}

@test "of sockets a login opens the log's and pam-jwtd's alone" {
	[ -z "$(sanitizer)" ] || skip 'sanitizers trace in a way of their own'
	provider_set one
	fetch
	start_netd
	provider_set one two
	sso 'refetch_every = 0'
	token "$token" --key two
	in_world strace -f -o "$WORLD/trace" true || skip 'no ptrace'
	log_mark
	run in_world sh -c 'strace -f -e trace=network -o "$1" \
	    pamtester test deploy authenticate <"$2"' - \
	    "$WORLD/trace" "$token"
	[ "$status" -eq 0 ] || { shown; return 1; }
	grep -q "connect(.*$NETD_SOCKET" "$WORLD/trace"
	# libpam itself tells the kernel's audit of each attempt.
	run ! grep 'socket(' <(grep -vE 'AF_UNIX|NETLINK_AUDIT' "$WORLD/trace")
	run ! grep 'connect(' <(grep -vE "$NETD_SOCKET|/dev/log|nscd" \
	    "$WORLD/trace")
}

# The bytes that a login by the key NAME reads of the fetched file.
bytes_read() { # bytes_read NAME
	token "$token" --key "$1"
	log_mark
	run in_world sh -c 'strace -f -y -e trace=read,pread64 -o "$1" \
	    pamtester test deploy authenticate <"$2"' - \
	    "$WORLD/trace" "$token"
	[ "$status" -eq 0 ] || { shown; return 1; } >&2
	awk -v folder="<$NETD_FOLDER/" '
		index($0, folder) { sum += $NF }
		END { print sum + 0 }' "$WORLD/trace"
}

@test "of ten thousand keys a login reads the one that it needs" {
	[ -z "$(sanitizer)" ] || skip 'sanitizers trace in a way of their own'
	in_world strace -f -o "$WORLD/trace" true || skip 'no ptrace'
	provider_set one two
	fetch
	few=$(bytes_read one)
	[ "$few" -gt 0 ]
	python3 - "$PROVIDER/jwks" <<-'END'
		# P-256's points 1 G, 2 G and so on (SEC 2, section 2.4.2).
		import base64, json, sys
		p = 2**256 - 2**224 + 2**192 + 2**96 - 1
		g = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
		     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
		def add(a, b):
		    over, under = (3 * a[0] ** 2 - 3, 2 * a[1]) if a == b else (
		        b[1] - a[1], b[0] - a[0])
		    slope = over * pow(under, -1, p)
		    x = (slope ** 2 - a[0] - b[0]) % p
		    return x, (slope * (a[0] - x) - a[1]) % p
		def text(number):
		    return base64.urlsafe_b64encode(
		        number.to_bytes(32, "big")).decode().rstrip("=")
		with open(sys.argv[1]) as file:
		    mine = json.load(file)["keys"]
		others, point = [], g
		for n in range(9998):
		    others.append({"kty": "EC", "crv": "P-256", "alg": "ES256",
		        "kid": "other%d" % n, "x": text(point[0]), "y": text(point[1])})
		    point = add(point, g)
		with open(sys.argv[1], "w") as file:
		    json.dump({"keys": mine[:1] + others + mine[1:]}, file)
	END
	sso 'max_keys = 10000' 'max_bytes = 4000000'
	run fetch -v
	[ "$status" -eq 0 ]
	[[ $output == *' 10000 keys'* ]]
	for name in one two; do
		many=$(bytes_read "$name")
		# Finding a place among n takes log2(n) lines of the index.
		echo "bytes of two keys: $few, of ten thousand: $many"
		[ "$many" -lt $((few + 4096)) ]
	done
}
