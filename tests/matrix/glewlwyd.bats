# Glewlwyd, a provider of identity in C, as Debian has it: configured by its
# own REST interface, with its own quirks in the tokens.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load matrix
load servers
load ../login/netd
load sso

setup() {
	command -v node >/dev/null || skip 'no node here'
	ROOT=
	[ -e /usr/bin/glewlwyd ] || ROOT=$WORLD_UNPACKED
	TABLES=$ROOT/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz
	if [ ! -e "$ROOT/usr/bin/glewlwyd" ] || [ ! -e "$TABLES" ]; then
		skip 'no Glewlwyd here, which tests/deps.sh brings'
	fi
	PAGE=$WORLD_REPO/man/pam_jwt-providers.7
	SSO=$BATS_TEST_TMPDIR/glewlwyd
	mkdir "$SSO"
	sso_begin
}

teardown() {
	glewlwyd_stop
	world_end
}

# Its tables, its configuration file, and where it will be found.
glewlwyd_new() {
	rm -f "$SSO/database"
	zcat "$TABLES" | python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript(sys.stdin.read())' "$SSO/database"
	server_port
	URL=http://127.0.0.1:$PORT
	ISSUER=$URL/api/sso
	cat >"$SSO/conf" <<-END
		port = $PORT
		bind_address = "127.0.0.1"
		external_url = "$URL"
		login_url = "login.html"
		api_prefix = "api"
		cookie_domain = "127.0.0.1"
		cookie_secure = 0
		session_key = "session"
		log_mode = "console"
		log_level = "INFO"
		hash_algorithm = "SHA512"
		admin_scope = "g_admin"
		profile_scope = "g_profile"
		user_module_path = "$ROOT/usr/lib/glewlwyd/user"
		client_module_path = "$ROOT/usr/lib/glewlwyd/client"
		user_auth_scheme_module_path = "$ROOT/usr/lib/glewlwyd/scheme"
		plugin_module_path = "$ROOT/usr/lib/glewlwyd/plugin"
		database = { type = "sqlite3"; path = "$SSO/database"; };
	END
}

glewlwyd_start() {
	local -a libraries=("$ROOT"/usr/lib/*-linux-gnu*)
	LD_LIBRARY_PATH=${ROOT:+${libraries[0]}} "$ROOT/usr/bin/glewlwyd" \
	    --config-file="$SSO/conf" </dev/null >>"$SSO/log" 2>&1 3>&- &
	SSO_PID=$!
	until_true 30 server_decided "$SSO_PID" server_listens || :
	kill -0 "$SSO_PID" || { cat "$SSO/log"; return 1; }
}

glewlwyd_stop() {
	[ -z "${SSO_PID:-}" ] || {
		kill -KILL "$SSO_PID"
		wait "$SSO_PID" || :
	} 2>/dev/null
	SSO_PID=
}

# keys ALGORITHM NAME...: they are in $SSO/keys, made as needed.
keys() {
	local alg=$1 name
	shift
	for name; do
		[ -e "$KEYS/$name" ] || key_new "$name" --alg "$alg" \
		    --kid "$name"
	done
	(cd "$KEYS" && jq -cs '{keys: .}' "$@") >"$SSO/keys"
}

glewlwyd() {
	node "$MATRIX_HERE/web/glewlwyd.mjs" "$URL" "$@"
}

# given WORD...: the token that glewlwyd.mjs prints for it, in $token.
given() {
	glewlwyd "$@" >"$token" 2>"$SSO/errors" || { cat "$SSO/errors"; return 1; }
}

# begins ALGORITHM: it runs, with a key for that, and all that it has.
begins() {
	glewlwyd_new
	glewlwyd_start
	keys "$1" one
	glewlwyd configure "$SSO/keys"
}

# as_the_page_says: its section, which finds the keys here.
as_the_page_says() {
	{
		awk '/^\.Bd -literal/ { open = 1; next }
			/^\.Ed/ { open = found = 0 }
			open && $0 == "# glewlwyd: /etc/security/pam_jwt.conf" {
				found = 1
				next
			}
			{ open = 0 }
			found { print }' "$PAGE" >"$SSO/page"
		grep -q '^issuer  *= https://sso.example.com/api/oidc$' "$SSO/page"
		sed -E -e "s#^(issuer +=) .*#\\1 $ISSUER#" \
		    -e 's#^(algorithms +=) .*#\1 ES256 RS256 PS256 EdDSA#' \
		    "$SSO/page"
		echo
		sso_service
	} | config
}

all_of() {
	begins "$1"
	as_the_page_says
	in_world jwtctl fetch
	given access deploy
	enters deploy
	refused user_mismatch operator
	tamper "$token" 3
	refused signature_invalid deploy
	# For another use of the same person's.
	given access deploy 'openid ops'
	refused audience_mismatch deploy
	given id deploy
	refused type_mismatch deploy
	# A client is nobody of that name.
	given pipeline
	refused claims_invalid deploy

	# Its refresh tokens are no JWTs.
	given refresh deploy
	refused not_a_jwt deploy

	# The list of scopes is one audience unless it is told otherwise.
	given access deploy
	sso_section "$ISSUER" 'audience = ssh' 'user = preferred_username'
	in_world jwtctl fetch
	refused audience_mismatch deploy
	sso_section "$ISSUER" 'audience = "openid ssh ops"' \
	    'user = preferred_username'
	enters deploy

	sso_section "$ISSUER" 'audience = portal' 'type = id' \
	    'user = preferred_username' 'require = groups has ssh-users'
	refused type_mismatch deploy
	given id deploy
	enters deploy
	refused user_mismatch operator

	put /etc/security/pam_jwt.d/map <<<'deploy client_id is pipeline, scope has ssh'
	sso_section "$ISSUER" 'audience = ssh' \
	    'user_map = /etc/security/pam_jwt.d/map'
	given pipeline
	enters deploy
	refused user_mismatch operator
	given access deploy ssh
	refused user_mismatch deploy
}

@test "ES256: access, ID and client's tokens" {
	all_of ES256
}

@test "RS256: access, ID and client's tokens" {
	all_of RS256
}

@test "PS256: access, ID and client's tokens" {
	all_of PS256
}

@test "EdDSA: access, ID and client's tokens" {
	all_of EdDSA
}

# A section's keys are for its tokens alone.
@test "two plugins publish one key under one kid, for RSA and for PSS" {
	local name
	begins ES256
	openssl genrsa -out "$SSO/pem" 2048 2>/dev/null
	openssl rsa -in "$SSO/pem" -pubout -out "$SSO/public" 2>/dev/null
	glewlwyd plugin rsa "$SSO/pem" rsa "$SSO/public"
	glewlwyd plugin pss "$SSO/pem" rsa-pss "$SSO/public"
	{
		for name in rsa pss; do
			cat <<-END
				[issuer $name]
				issuer     = $URL/api/$name
				discovery  = yes
				algorithms = RS256 PS256
				audience   = portal
				user       = preferred_username

			END
		done
		sso_service
	} | config
	in_world jwtctl fetch
	for name in rsa pss; do
		given id deploy openid "$name"
		enters deploy
		cut -d. -f1 "$token" >"$token.$name"
	done
	run ! cmp "$token.rsa" "$token.pss"
	# What one signed is no token by what the other publishes.
	config <<-END
		[issuer mixed]
		issuer     = $URL/api/pss
		jwks_url   = $URL/api/rsa/jwks
		algorithms = RS256 PS256
		audience   = portal
		user       = preferred_username

		$(sso_service)
	END
	in_world jwtctl fetch
	refused unknown_key deploy
}

# Never asked for a password: auth_time is 0, which is long ago.
@test "auth_time 0 is no fresh login" {
	begins ES256
	sso_section "$ISSUER" 'audience = portal' 'user = preferred_username' \
	    'max_auth_age = 5m'
	in_world jwtctl fetch
	given id deploy
	[ "$(cut -d. -f2 "$token" | tr -- '-_' '+/' | base64 -di 2>/dev/null |
	    jq .auth_time)" = 0 ]
	refused too_old deploy
}

turns() {
	local set
	for set in 'two one' two 'three two' three; do
		# shellcheck disable=SC2086 # several
		keys ES256 $set
		glewlwyd keys "$SSO/keys"
		given access deploy
		enters deploy
	done
}

@test "keys are rotated while people log in, and nobody notices" {
	begins ES256
	sso_section "$ISSUER" 'audience = ssh' 'audience_words = yes' \
	    'user = preferred_username' 'refetch_every = 0' 'key_grace = 1h'
	start_netd
	given access deploy
	enters deploy
	cp "$token" "$token.old"
	meanwhile turns
	cp "$token.old" "$token"
	enters deploy
}

@test "a key that left is no longer believed, by what is usual" {
	begins ES256
	sso_section "$ISSUER" 'audience = ssh' 'audience_words = yes' \
	    'user = preferred_username' 'refetch_every = 0'
	start_netd
	given access deploy
	enters deploy
	cp "$token" "$token.old"
	keys ES256 two
	glewlwyd keys "$SSO/keys"
	given access deploy
	enters deploy
	cp "$token.old" "$token"
	refused unknown_key deploy
}

@test "with the provider stopped people log in, by keys of before" {
	begins ES256
	as_the_page_says
	start_netd
	given access deploy
	enters deploy
	glewlwyd_stop
	enters deploy
	stop_netd
	enters deploy
	# Not by a key that nobody could fetch.
	glewlwyd_start
	keys ES256 two
	glewlwyd keys "$SSO/keys"
	given access deploy
	glewlwyd_stop
	refused unknown_key deploy
}
