# A certified identity provider (panva's oidc-provider): its tokens log in by
# keys that pam-jwtd found by discovery, through rotation and outage.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load matrix
load ../login/netd
load sso

setup() {
	command -v node >/dev/null || skip 'no node here'
	[ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] ||
	    skip 'oidc-provider needs Node 20'
	[ -d "$BUILD/node/node_modules/oidc-provider" ] ||
	    skip 'no oidc-provider here, which tests/deps.sh brings by npm'
	sso_begin
	OIDC=$BATS_TEST_TMPDIR/oidc
	mkdir "$OIDC"
	ln -s "$(realpath "$BUILD/node/node_modules")" "$OIDC/node_modules"
	cp "$MATRIX_HERE"/web/oidc*.mjs "$OIDC/"
	OIDC_PORT=0
	OIDC_PID=
}

teardown() {
	oidc_stop
	world_end
}

# oidc_start ALGORITHM KEY...: with these keys, made as needed, at the port
# that it had before.
oidc_start() {
	local alg=$1 name
	shift
	for name; do
		[ -e "$KEYS/$name" ] || key_new "$name" --alg "$alg"
	done
	(cd "$KEYS" && jq -cs '{keys: .}' "$@") >"$OIDC/keys"
	: >"$OIDC/log"
	(cd "$OIDC" && exec node oidc.mjs "$OIDC_PORT" keys "$alg" \
	    "ssh://$HOST") >"$OIDC/log" 2>"$OIDC/errors" 3>&- &
	OIDC_PID=$!
	until_true 60 grep -q '^listening at ' "$OIDC/log" || {
		cat "$OIDC/errors"
		return 1
	}
	OIDC_ISSUER=$(sed -n 's/^listening at //p' "$OIDC/log")
	OIDC_PORT=${OIDC_ISSUER##*:}
}

oidc_stop() {
	[ -z "${OIDC_PID:-}" ] || {
		kill -KILL "$OIDC_PID"
		wait "$OIDC_PID" || :
	} 2>/dev/null
	OIDC_PID=
}

# given KIND [NAME]: a token from it, in $token.
given() {
	(cd "$OIDC" && node oidc_login.mjs "$OIDC_ISSUER" "$@") >"$token"
}

section() {
	sso_section "$OIDC_ISSUER" "$@"
}

# Everything that a company wants of it, under one algorithm.
all_of() {
	oidc_start "$1" one
	section 'audience = ssh://%h' 'type = access' \
	    'user = preferred_username' 'require = groups has ssh-users' \
	    'require = /realm_access/roles has ssh-users' \
	    'require = https://example.com/roles has ssh'
	in_world jwtctl fetch
	given access deploy
	enters deploy
	refused user_mismatch operator
	tamper "$token" 3
	refused signature_invalid deploy
	given id deploy
	refused type_mismatch deploy

	section 'audience = ssh' 'type = id' 'user = email without @example.com'
	enters deploy
	given access deploy
	refused type_mismatch deploy

	put /etc/security/pam_jwt.d/map <<<'deploy client_id is pipeline, scope has ssh'
	section 'audience = ssh://%h' \
	    'user_map = /etc/security/pam_jwt.d/map'
	given pipeline
	enters deploy
	refused user_mismatch operator
	given access deploy
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

turns() {
	local keys
	for keys in 'two one' two 'three two' three; do
		oidc_stop
		# shellcheck disable=SC2086 # several
		oidc_start ES256 $keys
		given access deploy
		enters deploy
	done
}

@test "keys are rotated while people log in, and nobody notices" {
	oidc_start ES256 one
	section 'audience = ssh://%h' 'user = sub' 'refetch_every = 0' \
	    'key_grace = 1h'
	start_netd
	given access deploy
	enters deploy
	cp "$token" "$token.old"

	meanwhile turns
	cp "$token.old" "$token"
	enters deploy
}

@test "with the provider stopped people log in, by keys of before" {
	oidc_start ES256 one
	section 'audience = ssh://%h' 'user = sub'
	start_netd
	given access deploy
	enters deploy
	oidc_stop
	enters deploy
	stop_netd
	enters deploy
	# Not by a key that nobody could fetch.
	oidc_start ES256 two
	given access deploy
	oidc_stop
	refused unknown_key deploy
}

@test "another issuer's document is not believed, though it answers there" {
	oidc_start ES256 one
	section 'audience = ssh://%h'
	sed -i "s#^issuer .*#issuer = http://localhost:$OIDC_PORT#" \
	    "$WORLD/etc/security/pam_jwt.conf"
	run in_world jwtctl fetch
	[ "$status" -eq 1 ]
	[[ $output == *'must be the same byte for byte'* ]]
}
