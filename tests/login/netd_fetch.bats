# jwtctl fetch: what a provider may answer, and what becomes of it. Whatever
# is wrong with an answer, the keys that were there stay as they are.

# shellcheck disable=SC2030,SC2031,SC2119,SC2120

bats_require_minimum_version 1.5.0
load helper
load netd

setup() {
	netd_world
	provider_set one
}

teardown() {
	provider_stop
	world_end
}

# fetched: it went well; failed TEXT: it did not, the message has TEXT, and
# the host's copy is what it was.
fetched() {
	run fetch "$@"
	[ "$status" -eq 0 ] || { shown; return 1; }
}

failed() {
	local before text=$1
	shift
	before=$(in_world cat "$NETD_FOLDER/sso.keys" 2>/dev/null | sha256sum)
	run fetch "$@"
	[ "$status" -eq 1 ] || { shown; return 1; }
	[[ $output == *"$text"* ]] || { shown; return 1; }
	[ "$before" = "$(in_world cat "$NETD_FOLDER/sso.keys" 2>/dev/null |
	    sha256sum)" ]
}

# discovery [ISSUER [KEYS]]: the provider's document, and a section for it.
discovery() {
	sso
	sed -i -e "s#^issuer .*#issuer = $PROVIDER_URL/realm#" \
	    -e 's#^jwks_url .*#discovery = yes#' \
	    "$WORLD/etc/security/pam_jwt.conf"
	mkdir -p "$PROVIDER/realm/.well-known"
	printf '{"issuer":"%s","jwks_uri":"%s"}' "${1:-$PROVIDER_URL/realm}" \
	    "${2:-$PROVIDER_URL/jwks}" \
	    >"$PROVIDER/realm/.well-known/openid-configuration"
}

# certificates: $CA, and certificates for localhost in CERT and in EXPIRED.
certificates() {
	local dir=$BATS_TEST_TMPDIR/ca name
	mkdir -p "$dir"
	cat >"$dir/conf" <<-END
		[ca]
		default_ca = test
		[test]
		dir = $dir
		database = $dir/index
		new_certs_dir = $dir
		default_md = sha256
		policy = any
		rand_serial = yes
		unique_subject = no
		copy_extensions = copy
		[any]
		commonName = supplied
	END
	: >"$dir/index"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj /CN=test -days 2 -keyout "$dir/ca.key" -out "$dir/ca.pem"
	for name in cert expired; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		    -keyout "$dir/$name.key" -out "$dir/$name.csr"
	done
	openssl ca -batch -config "$dir/conf" -cert "$dir/ca.pem" \
	    -keyfile "$dir/ca.key" -in "$dir/cert.csr" -days 2 \
	    -out "$dir/cert.pem" -notext
	openssl ca -batch -config "$dir/conf" -cert "$dir/ca.pem" \
	    -keyfile "$dir/ca.key" -in "$dir/expired.csr" -out \
	    "$dir/expired.pem" -notext -startdate 200101000000Z -enddate \
	    200201000000Z
	put /etc/security/pam_jwt.d/ca.pem <"$dir/ca.pem"
	CA=$ETC/security/pam_jwt.d/ca.pem
	CERT=("$dir/cert.pem" "$dir/cert.key")
	EXPIRED=("$dir/expired.pem" "$dir/expired.key")
} 2>/dev/null

# due: seconds until the next fetch.
due() {
	local at
	at=$(in_world sed -n 's/^due //p' "$NETD_FOLDER/sso.state")
	echo $((at - $(date +%s)))
}

@test "what is no good answer changes nothing, and the message says what came" {
	fetched
	provider_mode status 429
	failed 'answered HTTP 429, wanted 200'
	provider_mode status 500
	failed 'answered HTTP 500, wanted 200'
	provider_mode status 204
	failed 'answered HTTP 204'
	provider_mode status 304
	failed 'answered HTTP 304'
	provider_mode cut
	failed 'remaining'
	provider_mode big 10000000
	failed 'has more than 262144 bytes (max_bytes)'
	provider_mode
	echo '<!DOCTYPE html><html>Sign in</html>' >"$PROVIDER/jwks"
	failed 'answered a page (HTML or XML), wanted a JWKS'
	echo 'null' >"$PROVIDER/jwks"
	failed 'JSON'
	: >"$PROVIDER/jwks"
	failed 'JSON'
	echo '{"keys":{}}' >"$PROVIDER/jwks"
	failed 'keys is missing, or no array'
	echo '{"keys":[],"keys":[]}' >"$PROVIDER/jwks"
	failed 'JSON'
	rm "$PROVIDER/jwks"
	failed 'answered HTTP 404'
	provider_stop
	failed 'onnect'
	login one
	accepted
}

@test "a provider that never answers is given up" {
	fetched
	provider_mode hang
	SECONDS=0
	failed 'imed out'
	[ "$SECONDS" -lt 25 ]
}

@test "a bad key among good ones is named and left out" {
	key_new good
	key_new weak --alg RS256
	jq -c '.n="AQAB"+.n[0:100]' "$KEYS/weak.pub" >"$KEYS/bad.pub"
	(cd "$KEYS" && jq -cs '{keys: .}' good.pub bad.pub) >"$PROVIDER/jwks"
	fetched
	[[ $output == *'1 key'*'left out: key 2 with kid'* ]] || { shown; return 1; }
	login good
	accepted
}

@test "keys of other use and unknown types are skipped" {
	key_new good
	jq -c '[., (.use="enc"|.kid="e"), {kty:"AKP",kid:"f"}] | {keys: .}' \
	    "$KEYS/good.pub" >"$PROVIDER/jwks"
	fetched
	[[ $output == *'1 key, 1 new, 2 for other use'* ]] || { shown; return 1; }
	login good
	accepted
}

@test "a set with none good, a private key or a secret changes nothing" {
	fetched
	jq -c '{keys: [.use="enc"]}' "$KEYS/one.pub" >"$PROVIDER/jwks"
	failed 'has no key that can be used; for other use, type or curve: 1'
	jq -c '{keys: [.]}' "$KEYS/one" >"$PROVIDER/jwks"
	failed 'it must be considered leaked'
	in_world PAM_WRAPPER=0 "$BIN/jwtctl" keygen --alg HS256 "$KEYS/secret"
	(cd "$KEYS" && jq -cs '{keys: .}' one.pub secret) >"$PROVIDER/jwks"
	failed 'shared secret'
	jq -c '{keys: [.]}' "$KEYS/secret" >"$PROVIDER/jwks"
	failed 'shared secret'
	jq -c '{keys: [., .]}' "$KEYS/one.pub" >"$PROVIDER/jwks"
	failed 'two keys have the kid'
	login one
	accepted
}

@test "64 keys are taken, and more where max_keys says so" {
	jq -c '. as $k | {keys: [range(65) | $k + {kid: "k\(.)"}]}' \
	    "$KEYS/one.pub" >"$PROVIDER/jwks"
	failed 'has 65 keys, at most 64 are taken (max_keys)'
	sso 'max_keys = 65'
	fetched
	[[ $output == *'65 keys'* ]]
	jq -c '. as $k | {keys: [range(64) | $k + {kid: "k\(.)"}]}' \
	    "$KEYS/one.pub" >"$PROVIDER/jwks"
	sso
	fetched
	[[ $output == *'64 keys'*'1 gone'* ]] || { shown; return 1; }
}

@test "a key of more than 16 KiB changes nothing, but certificates do not count" {
	fetched
	jq -c '{keys: [. + {kid: ("x" * 17000)}]}' "$KEYS/one.pub" \
	    >"$PROVIDER/jwks"
	failed 'has a key of 17'
	jq -c '{keys: [. + {x5c: [("x" * 17000)]}]}' "$KEYS/one.pub" \
	    >"$PROVIDER/jwks"
	fetched
}

@test "what is known already is asked for by its ETag, and confirmed" {
	echo '"v1"' >"$PROVIDER/.etag"
	fetched
	grep -qx '/jwks - pam_jwt' "$PROVIDER/.requests"
	fetched
	tail -n 1 "$PROVIDER/.requests" | grep -qx '/jwks "v1" pam_jwt'
	[[ $output == *'1 key, unchanged'* ]] || { shown; return 1; }
	login one
	accepted
	# not where the copy is gone
	in_world rm "$NETD_FOLDER/sso.keys"
	fetched
	tail -n 1 "$PROVIDER/.requests" | grep -qx '/jwks - pam_jwt'
	echo '"v2"' >"$PROVIDER/.etag"
	provider_set two
	fetched
	[[ $output == *'1 new, 1 gone'* ]] || { shown; return 1; }
}

@test "Cache-Control is honoured between 5 minutes and 24 hours" {
	local row age least most
	sso 'stale_after = 3d'
	while read -r age least most; do
		echo "Cache-Control: $age" >"$PROVIDER/.headers"
		fetched
		row=$(due)
		[ "$row" -ge "$least" ] && [ "$row" -le "$most" ] || {
			echo "$age: $row"
			return 1
		}
	done <<-END
		max-age=15 260 300
		max-age=7200,public 6400 7200
		max-age=99999999 70000 86400
		no-store 260 300
		public 3200 3600
	END
	# a set must not become stale between two fetches
	echo 'Cache-Control: max-age=7200' >"$PROVIDER/.headers"
	sso 'stale_after = 2h'
	fetched
	row=$(due)
	[ "$row" -ge 3200 ] && [ "$row" -le 3600 ]
}

@test "after a failure it is asked again later and later, and as Retry-After says" {
	fetched
	provider_mode status 503
	failed 503
	[ "$(due)" -le 60 ]
	failed 503
	failed 503
	[ "$(due)" -gt 200 ]
	[ "$(due)" -le 240 ]
	for _ in 1 2 3 4; do failed 503; done
	[ "$(due)" -le 900 ]
	[ "$(due)" -gt 850 ]
	echo 'Retry-After: 3600' >"$PROVIDER/.headers"
	failed 503
	[ "$(due)" -gt 3500 ]
	# Not so late that the keys that are there would end.
	echo 'Retry-After: 86400' >"$PROVIDER/.headers"
	failed 503
	[ "$(due)" -le 21600 ]
	[ "$(due)" -gt 21500 ]
	provider_mode
	rm "$PROVIDER/.headers"
	fetched
	in_world grep -qx 'failures 0' "$NETD_FOLDER/sso.state"
}

@test "discovery: the keys are where the issuer's own document says" {
	discovery
	fetched
	token "$token" --key one iss="$PROVIDER_URL/realm"
	run pam_with "$token" test deploy authenticate
	accepted
	# RFC 8414 has the words between host and path
	mkdir -p "$PROVIDER/.well-known/oauth-authorization-server"
	mv "$PROVIDER/realm/.well-known/openid-configuration" \
	    "$PROVIDER/.well-known/oauth-authorization-server/realm"
	fetched
}

@test "discovery: another issuer's document is not believed" {
	discovery
	fetched
	discovery "$PROVIDER_URL/realm/"
	failed "$PROVIDER_URL/realm/\", and the section's is \"$PROVIDER_URL/realm\""
	discovery "https://evil.example.com"
	failed 'must be the same byte for byte'
	discovery 'https://login.example.com/{tenantid}/v2.0'
	failed 'template for many tenants'
	discovery "$PROVIDER_URL/realm" 'http://sso.example.com/jwks'
	failed 'its jwks_uri must be https://'
	discovery "$PROVIDER_URL/realm" 'file:///etc/passwd'
	failed 'its jwks_uri must begin with https://'
	echo '{"jwks_uri":"x"}' \
	    >"$PROVIDER/realm/.well-known/openid-configuration"
	failed 'issuer is missing'
	echo '<html>' >"$PROVIDER/realm/.well-known/openid-configuration"
	failed 'is no discovery document'
}

@test "a certificate is checked: by ca_file, its dates and its name" {
	certificates
	provider_stop
	provider_start "${CERT[@]}"
	sso
	failed 'certificate'
	sso "ca_file = $CA"
	fetched
	provider_stop
	provider_start "${EXPIRED[@]}"
	sso "ca_file = $CA"
	failed 'expired'
	provider_stop
	provider_start "${CERT[@]}"
	PROVIDER_URL=https://127.0.0.1:$PROVIDER_PORT
	sso "ca_file = $CA"
	failed 'SSL'
}

# Whoever answers in the provider's place chose it.
@test "a certificate's name reaches no terminal as it is" {
	local dir=$BATS_TEST_TMPDIR/ca name
	certificates
	name=$(printf 'red\033[31m"\ttext')
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$name" -keyout "$dir/cert.key" -out "$dir/cert.csr" \
	    2>/dev/null
	openssl ca -batch -config "$dir/conf" -cert "$dir/ca.pem" -keyfile \
	    "$dir/ca.key" -in "$dir/cert.csr" -days 2 -out "$dir/cert.pem" \
	    -notext 2>/dev/null
	provider_stop
	provider_start "${CERT[@]}"
	sso "ca_file = $CA"
	failed 'red\x1b[31m\x22\x09text'
	[[ $output != *$'\e'* ]]
}

# Only the section says whom to believe.
@test "the environment brings no certificate" {
	certificates
	provider_stop
	provider_start "${CERT[@]}"
	sso
	printf '%s\n' 'openssl_conf = all' '[all]' 'ssl_conf = ssl' '[ssl]' \
	    'system_default = default' '[default]' \
	    "VerifyCAFile = $BATS_TEST_TMPDIR/ca/ca.pem" |
	    put /etc/openssl.conf
	for variable in "OPENSSL_CONF=$ETC/openssl.conf" "SSL_CERT_FILE=$CA" \
	    "CURL_CA_BUNDLE=$CA"; do
		run in_world /usr/bin/env "$variable" "$BIN/jwtctl" fetch \
		    --config "$ETC/security/pam_jwt.conf"
		[ "$status" -eq 1 ] || { echo "$variable"; shown; return 1; }
		[[ $output == *certificate* ]] || { shown; return 1; }
	done
}

@test "a redirect is followed to https of the same host, and nowhere else" {
	fetched
	provider_mode redirect "$PROVIDER_URL/other"
	failed 'which is not https'
	provider_mode redirect https://evil.example.com/jwks
	failed 'which is of another host'
	provider_mode redirect file:///etc/passwd
	failed 'which must begin with https://'
	certificates
	provider_stop
	provider_start "${CERT[@]}"
	sso "ca_file = $CA"
	provider_mode redirect "$PROVIDER_URL/jwks"
	failed 'which is one redirect too many'
	provider_mode redirect "http://localhost:$PROVIDER_PORT/jwks"
	failed 'which is not https'
	provider_mode redirect "https://localhost.example.com:$PROVIDER_PORT/jwks"
	failed 'which is of another host'
	# one that ends well
	local second=$BATS_TEST_TMPDIR/second url=$PROVIDER_URL first=$PROVIDER_PID
	mkdir "$second"
	cp "$PROVIDER/jwks" "$second/keys"
	PROVIDER=$second provider_start "${CERT[@]}"
	printf 'redirect %s/keys\n' "$PROVIDER_URL" \
	    >"$BATS_TEST_TMPDIR/provider/.mode"
	PROVIDER_URL=$url
	sso "ca_file = $CA"
	fetched
	kill -KILL "$first"
}

# A provider far away has no say in what is asked on this host.
@test "discovery: a document from https names no http, not even here" {
	certificates
	provider_stop
	provider_start "${CERT[@]}"
	discovery '' "http://localhost:$PROVIDER_PORT/jwks"
	sed -i "s#^discovery.*#&\nca_file = $CA#" \
	    "$WORLD/etc/security/pam_jwt.conf"
	failed 'its jwks_uri is not https, and the document is'
	discovery
	sed -i "s#^discovery.*#&\nca_file = $CA#" \
	    "$WORLD/etc/security/pam_jwt.conf"
	fetched
}

@test "a proxy is the section's own and never the environment's" {
	sso "proxy = http://127.0.0.1:1"
	failed 'onnect'
	sso
	run in_world env http_proxy=http://127.0.0.1:1 \
	    ALL_PROXY=http://127.0.0.1:1 "$BIN/jwtctl" fetch --config \
	    "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 0 ] || { shown; return 1; }
}

@test "--dry-run writes nothing, --json and --verbose say all" {
	run fetch --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *'1 key, 1 new; nothing was written'* ]] || { shown; return 1; }
	run ! in_world test -e "$NETD_FOLDER/sso.keys"
	run ! in_world test -e "$NETD_FOLDER/sso.state"
	run fetch -v
	[[ $output == *"$PROVIDER_URL/jwks: HTTP 200, "*' bytes in '* ]]
	[[ $output == *"kid \"$(jq -r .kid "$KEYS/one.pub")\" Ed25519, for EdDSA"* ]]
	in_world sh -c '"$@" 2>/dev/null' - "$BIN/jwtctl" fetch --json \
	    --config "$ETC/security/pam_jwt.conf" >"$BATS_TEST_TMPDIR/json"
	jq -e '.[0] | .ok and .issuer == "sso" and .keys == 1 and .fault == null' \
	    "$BATS_TEST_TMPDIR/json"
	provider_mode status 500
	run in_world sh -c '"$@" 2>/dev/null' - "$BIN/jwtctl" fetch --json \
	    --config "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 1 ]
	jq -e '.[0] | (.ok | not) and (.fault | test("HTTP 500"))' <<<"$output"
}

@test "--issuer names one, --due takes those whose time has come" {
	run fetch --issuer other
	[ "$status" -eq 2 ]
	[[ $output == *'has no section [issuer other]'* ]]
	run fetch --issuer sso
	[ "$status" -eq 0 ]
	provider_asked
	run fetch --due
	[ "$status" -eq 0 ]
	[ "$(provider_asked)" -eq 0 ]
	in_world sed -i 's/^due .*/due 1/' "$NETD_FOLDER/sso.state"
	run fetch --due
	[ "$(provider_asked)" -eq 1 ]
}

@test "faults of the configuration and the arguments exit with 2" {
	sso 'jwks_uri = x'
	run fetch
	[ "$status" -eq 2 ]
	[[ $output == *"'jwks_uri' is no key of an issuer's section"* ]]
	run fetch --dry
	[ "$status" -eq 2 ]
	run fetch extra
	[ "$status" -eq 2 ]
	run fetch --help
	[ "$status" -eq 0 ]
	config_default
	run fetch
	[ "$status" -eq 2 ]
	[[ $output == *'nothing to fetch'* ]]
}

@test "many issuers are fetched at the same time, and a terminal sees how far" {
	for name in a b c; do
		config_add <<-END
			[issuer $name]
			issuer = https://$name.example.com
			jwks_url = $PROVIDER_URL/jwks?$name
			audience = ssh
			algorithms = EdDSA
		END
	done
	provider_mode slow 2
	SECONDS=0
	printf '' >"$BATS_TEST_TMPDIR/none"
	run on_tty 'never' "$BATS_TEST_TMPDIR/none" "$BIN/jwtctl" fetch \
	    --config "$ETC/security/pam_jwt.conf"
	[ "$SECONDS" -lt 7 ] || { shown; return 1; }
	[[ $output == *'of 4 issuers fetched, waiting for '* ]] || { shown; return 1; }
	run fetch
	[[ $output != *'of 4 issuers fetched'* ]]
}

# Everybody may open the folder, and who may open it may lock it.
@test "no other account holds it up" {
	[ "$WORLD_KIND" = root ] || skip 'needs a second account'
	fetched
	as operator python3 - "$NETD_FOLDER" >"$BATS_TEST_TMPDIR/locked" \
	    3>&- <<-'END' &
		import fcntl, os, sys, time
		held = []
		for name in [""] + os.listdir(sys.argv[1]):
		    try:
		        fd = os.open(os.path.join(sys.argv[1], name), os.O_RDONLY)
		        fcntl.flock(fd, fcntl.LOCK_EX)
		        held.append(fd)
		        print("locked", name, flush=True)
		    except PermissionError:
		        print("not", name, flush=True)
		print("all", flush=True)
		time.sleep(60)
	END
	WORLD_PIDS+=($!)
	until_true 10 grep -qx all "$BATS_TEST_TMPDIR/locked"
	grep -q '^locked' "$BATS_TEST_TMPDIR/locked"
	run in_world timeout 10 "$BIN/jwtctl" fetch --config \
	    "$ETC/security/pam_jwt.conf"
	[ "$status" -eq 0 ] || { shown; return 1; }
}

# What the network's answers could make of it must not reach root's shell.
@test "root's terminal is not that of the service's account" {
	[ "$WORLD_KIND" = root ] || skip 'it needs root'
	provider_mode slow 3
	printf '' >"$BATS_TEST_TMPDIR/none"
	on_tty 'never' "$BATS_TEST_TMPDIR/none" "$BIN/jwtctl" fetch \
	    --config "$ETC/security/pam_jwt.conf" 3>&- \
	    >"$BATS_TEST_TMPDIR/shown" &
	local shown=$!
	until_true 20 grep -sq '^/jwks' "$PROVIDER/.requests"
	run in_world sh -c 'for one in /proc/[0-9]*/stat; do
		read -r _ name _ _ _ _ terminal _ <"$one" || continue
		[ "$name" != "(pam-jwtd)" ] ||
		    echo "$(grep "^Uid:" "${one}us") $terminal"
	done'
	[ "$output" = "$(printf 'Uid:\t161\t161\t161\t161 0')" ] || { shown; return 1; }
	wait "$shown"
	grep -q ' ok ' "$BATS_TEST_TMPDIR/shown"
}

@test "who may not write is told so" {
	[ "$WORLD_KIND" = root ] || skip 'needs a second account'
	run as operator "$BIN/jwtctl" fetch
	[ "$status" -eq 1 ]
	[[ $output == *'must belong to the user that pam-jwtd runs as'* ]] || { shown; return 1; }
	run as operator "$BIN/jwtctl" fetch --dry-run
	[ "$status" -eq 0 ]
	in_world chown operator "$NETD_FOLDER"
	run fetch
	[ "$status" -eq 1 ]
	login one
	refused keys_unavailable
}
