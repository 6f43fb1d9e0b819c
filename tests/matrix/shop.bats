#!/usr/bin/env bats
# An application as lessons have it: Express asks for a password and signs a
# token with a secret. What it gives logs in here, as pam_jwt-providers(7) has
# it, with issuer and audience and without.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load matrix
load sso

setup() {
	command -v node >/dev/null || skip 'no node here'
	[ -d "$BUILD/node/node_modules/express" ] ||
	    skip 'no Express here, which tests/deps.sh brings by npm'
	matrix_begin test sshd
	PAGE=$WORLD_REPO/man/pam_jwt-providers.7
	SHOP_ISSUER=https://shop.example.com
	SECRET=$(openssl rand -base64 48)
	export JWT_SECRET=$SECRET
	mkdir "$BATS_TEST_TMPDIR/shop"
	ln -s "$(realpath "$BUILD/node/node_modules")" \
	    "$BATS_TEST_TMPDIR/shop/node_modules"
	cp "$MATRIX_HERE/web/shop.mjs" "$BATS_TEST_TMPDIR/shop/"
}

teardown() {
	shop_stop
	world_end
}

# shop_start [NAME=VALUE]...: anew, with that in its environment.
shop_start() {
	local log=$WORLD/shop.log
	shop_stop
	: >"$log"
	(cd "$BATS_TEST_TMPDIR/shop" && exec /usr/bin/env "$@" \
	    "$(node -p process.execPath)" "$BATS_TEST_TMPDIR/shop/shop.mjs") \
	    >"$log" 2>&1 3>&- &
	SHOP_PID=$!
	until_true 60 grep -q '^listening at ' "$log" ||
	    { cat "$log"; return 1; }
	SHOP=$(sed -n 's/^listening at //p' "$log")
}

shop_stop() {
	[ -z "${SHOP_PID:-}" ] || {
		kill -KILL "$SHOP_PID"
		wait "$SHOP_PID" || :
	} 2>/dev/null
	SHOP_PID=
}

shop_curl() {
	curl --silent --show-error --noproxy '*' --max-time 20 "$@"
}

# buys USER PASSWORD: logs in there, and its token is in $token.
buys() (
	set -o pipefail
	jq -n '{username: $ARGS.positional[0], password: $ARGS.positional[1]}' \
	    --args "$@" |
	    shop_curl --fail -H 'Content-Type: application/json' \
	        --data @- "$SHOP/login" | jq -r .token >"$token"
)

# block WORD: the display of the page that begins with it, without mdoc.
block() {
	awk -v first="$1" '
		/^\.Bd -literal/ { open = 1; next }
		/^\.Ed/ { open = found = 0 }
		open && index($0, first) == 1 { found = 1 }
		{ open = 0 }
		found { gsub(/\\e/, "\\"); print }
	' "$PAGE"
}

# believe: the key, by the page's own command; the map and the section are the
# page's, too. believe ISSUER AUDIENCE: the section names these.
believe() {
	block umask >"$BATS_TEST_TMPDIR/command"
	[ -s "$BATS_TEST_TMPDIR/command" ]
	in_world /usr/bin/env JWT_SECRET="$SECRET" \
	    sh -eu "$BATS_TEST_TMPDIR/command"
	block '# lesson: /etc/security/pam_jwt.d/shop.map' | sed 1d |
	    put /etc/security/pam_jwt.d/shop.map
	block '# lesson: /etc/security/pam_jwt.conf' | sed 1d >"$token.conf"
	[ $# -eq 0 ] || sed -i -e "s#^issuer_absent .*#issuer = $1#" \
	    -e "s#^audience_absent .*#audience = $2#" "$token.conf"
	config <"$token.conf"
	in_world jwtctl check
}

# The application's own guard agrees about the token: an HTTP status.
guard() {
	[ "$(shop_curl -o /dev/null -w '%{http_code}' -H @- "$SHOP/me" \
	    <<<"Authorization: Bearer $(<"$token")")" = "$1" ]
}

owner() {
	buys owner 'the password of the owner'
}

# What both kinds of token have in common: userId 1 is the operator, and
# nobody else is anybody.
logins() {
	run ! buys owner 'a wrong password'
	owner
	guard 200
	enters operator
	refused user_mismatch deploy
	refused user_not_allowed root
	tamper "$token" 2
	guard 401
	run ! enters operator
	owner
	tamper "$token" 3
	guard 401
	refused signature_invalid operator
	buys customer 'the password of a customer'
	guard 200
	refused user_mismatch operator
	refused user_mismatch deploy
}

# With another secret, and when its time is over.
not_always() {
	owner
	enters operator
	shop_start "$@" LIFETIME=-1h
	owner
	guard 401
	refused expired operator
	JWT_SECRET=$(openssl rand -base64 48) shop_start "$@"
	owner
	guard 200
	refused signature_invalid operator
}

@test "with issuer and audience: userId 1 logs in, and nobody else" {
	local -a both=("ISSUER=$SHOP_ISSUER" "AUDIENCE=ssh://$HOST")
	shop_start "${both[@]}"
	believe "$SHOP_ISSUER" 'ssh://%h'
	logins
	not_always "${both[@]}"

	shop_start "ISSUER=$SHOP_ISSUER" AUDIENCE=https://shop.example.com
	owner
	refused audience_mismatch operator
	shop_start ISSUER=https://other.example.com "AUDIENCE=ssh://$HOST"
	owner
	refused unknown_issuer operator
	shop_start
	owner
	refused claims_invalid operator
}

@test "the bare token, userId, role, iat and exp: userId 1 logs in, and nobody else" {
	shop_start
	believe
	owner
	[ "$(cut -d. -f2 "$token" | tr -- '-_' '+/' | base64 -di 2>/dev/null |
	    jq -c keys)" = '["exp","iat","role","userId"]' ]
	logins
	not_always

	# What names an issuer or an audience was made for something.
	shop_start "AUDIENCE=ssh://$HOST"
	owner
	refused audience_mismatch operator
	shop_start "ISSUER=$SHOP_ISSUER"
	owner
	refused unknown_issuer operator
}

@test "ssh opens by the token of the application" {
	start_sshd
	shop_start
	believe
	owner
	PIECE=511 run ssh_with "$token" operator true
	[ "$status" -eq 0 ]
	wait_log 'accepted reason=accepted ' >/dev/null
	buys customer 'the password of a customer'
	PIECE=511 run ssh_with "$token" operator true
	[ "$status" -ne 0 ]
	wait_log ' refused reason=user_mismatch ' >/dev/null
}

# Its secret is one that nobody here knows, and its time was over years ago.
@test "explain reads a token of long ago, signed with an unknown secret" {
	shop_start
	believe
	JWT_SECRET=$(openssl rand -base64 48) shop_start LIFETIME=-3000d
	owner
	run in_world jwtctl explain --user operator "$token"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *'    alg            "HS256"'* ]]
	[[ $output == *'    userId         1'* ]]
	[[ $output == *'    role           "admin"'* ]]
	[[ $output == *'Z, 3000 d ago)'* ]]
	[[ $output != *missing* ]]
	[[ $output == *'FAIL signature'* ]]
	[[ $output != *"$(cut -d. -f3 "$token")"* ]]
	# The same with the secret known: it is the time that remains.
	JWT_SECRET=$SECRET shop_start LIFETIME=-3000d
	owner
	run in_world jwtctl explain --user operator "$token"
	[[ $output == *'ok   signature'* ]]
	[[ $output == *'FAIL expiry        expired '* ]]
	# And of today, part by part to the end.
	JWT_SECRET=$SECRET shop_start
	owner
	run in_world jwtctl explain --user operator "$token"
	[ "$status" -eq 0 ]
	[[ $output == *'userId is 1, role is admin'* ]]
}
