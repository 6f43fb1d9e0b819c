#!/usr/bin/env bats
# A token that logs in here opens a web application, and a web application's
# token logs in here. The applications are real ones: Express with the three
# libraries that guard most of its routes, and readers in Python and Go.

bats_require_minimum_version 1.5.0
load matrix
load servers
load web

setup() {
	web_begin
}

teardown() {
	world_end
}

@test "a token that logs in opens a route of Express, by the keys over HTTP" {
	local alg
	for alg in EdDSA ES256 RS256; do
		for_both issued "$token" "$alg"
		enters
		enters ssh
		opens jose
		grep -q '^keys for jose/' "$WORLD/web.log"
		[ "$alg" != EdDSA ] || continue
		opens express-jwt
		opens jsonwebtoken
	done
	: >"$token"
	shut jose 'Invalid Compact JWS'
	shut express-jwt 'Format is Authorization: Bearer'
	shut jsonwebtoken 'no such key'
}

# jsonwebtoken, and with it express-jwt, knows no EdDSA: they need an issuer
# that signs with ES256 or RS256.
@test "EdDSA is what two of the three libraries do not know" {
	for_both issued "$token" EdDSA
	opens jose
	shut express-jwt 'invalid algorithm'
	shut jsonwebtoken 'invalid algorithm'
}

# changed_is_refused HOW REASON JOSE OTHERS: before the change it was good.
changed_is_refused() {
	local alg
	for alg in EdDSA ES256 RS256; do
		for_both issued "$token" "$alg"
		MATRIX_USER=deploy enters
		opens jose
		[ "$alg" = EdDSA ] || opens express-jwt
		[ "$alg" = EdDSA ] || opens jsonwebtoken
		changed "$token" "$1"
		refused "$2"
		refused "$2" ssh
		shut jose "$3"
		[ "$alg" != EdDSA ] || continue
		shut express-jwt "$4"
		shut jsonwebtoken "$4"
	done
}

@test "with another header it is refused, there and here" {
	changed_is_refused header signature_invalid \
	    'signature verification failed' 'invalid signature'
	changed_is_refused 'header, one character' not_a_jwt \
	    'JWS Protected Header is invalid' 'no such key'
}

@test "with another payload it is refused, there and here" {
	MATRIX_USER=operator
	changed_is_refused payload signature_invalid \
	    'signature verification failed' 'invalid signature'
	changed_is_refused 'payload, one character' claims_invalid \
	    'signature verification failed' 'invalid signature'
}

@test "with another signature it is refused, there and here" {
	changed_is_refused signature signature_invalid \
	    'signature verification failed' 'invalid signature'
}

# Each line: what is other, the reason here, what jose and the others say.
@test "another audience, issuer, key or time is refused, there and here" {
	local other reason jose others
	local -a changes
	while IFS='|' read -r other reason jose others; do
		read -r -a changes <<<"$other"
		for_both as_issued "$token" --key ES256
		enters
		opens jose
		opens express-jwt
		opens jsonwebtoken
		for_both as_issued "$token" --key ES256 "${changes[@]}"
		refused "$reason"
		shut jose "$jose"
		shut express-jwt "$others"
		shut jsonwebtoken "$others"
	done <<-END
		aud=ssh://other|audience_mismatch|unexpected "aud"|jwt audience invalid
		iss=https://other.test|unknown_issuer|unexpected "iss"|jwt issuer invalid
		iat=-900 nbf=-900 exp=-600|expired|"exp" claim timestamp|jwt expired
		nbf=+600|not_yet_valid|"nbf" claim timestamp|jwt not active
		--key unknown|unknown_key|no applicable key|no such key
	END
}

# Where the token is for one of them, the other has no use for it.
@test "a token for the login opens no route, one for a route logs nobody in" {
	issued "$token" "ssh://$HOST" ES256
	enters
	shut jose 'unexpected "aud"'
	shut express-jwt 'jwt audience invalid'
	shut jsonwebtoken 'jwt audience invalid'
	issued "$token" "$WEB_AUDIENCE" ES256
	refused audience_mismatch
	opens jose
	opens express-jwt
	opens jsonwebtoken
}

# Of the libraries jose alone asks for the type (RFC 8725 3.11).
@test "a token of another type is refused by jose and here" {
	for_both as_issued "$token" --key ES256
	enters
	opens jose
	for_both as_issued "$token" --key ES256 --typ secevent+jwt
	refused type_mismatch
	shut jose 'unexpected "typ"'
}

# express_signs ALGORITHM OTHER: and OTHER is what is not believed then.
express_signs() {
	local how reason
	web_believe "$1"
	signed "$token" "$1"
	enters
	enters ssh
	while IFS='|' read -r how reason; do
		MATRIX_USER=deploy
		signed "$token" "$1"
		enters
		[ "$how" != payload ] || MATRIX_USER=operator
		changed "$token" "$how"
		refused "$reason"
		refused "$reason" ssh
	done <<-END
		header|signature_invalid
		header, one character|not_a_jwt
		payload|signature_invalid
		payload, one character|claims_invalid
		signature|signature_invalid
	END
	MATRIX_USER=deploy
	signed "$token" "$1" audience=ssh://other
	refused audience_mismatch
	signed "$token" "$1" issuer=https://other.test
	refused unknown_issuer
	signed "$token" "$1" iat=-900
	refused expired
	signed "$token" "$1" subject=operator
	refused user_mismatch
	signed "$token" "$2"
	refused algorithm_not_allowed
}

@test "what Express signs with HS256 logs in here, and not when it is changed" {
	express_signs HS256 RS256
}

@test "what Express signs with RS256 logs in here, and not when it is changed" {
	express_signs RS256 HS256
}

@test "Python's PyJWT reads it, and refuses it changed" {
	local python=/usr/bin/python3
	"$python" -c 'import jwt, cryptography' 2>/dev/null ||
	    skip 'no PyJWT here'
	reads env no_proxy='*' "$python" -B "$MATRIX_HERE/web/read.py" \
	    "$WEB_KEYS" "$ISSUER" "$WEB_AUDIENCE"
}

@test "Go's golang-jwt reads it, and refuses it changed" {
	local gopath=/usr/share/gocode
	command -v go >/dev/null || skip 'no Go here'
	[ -e "$gopath/src/github.com/golang-jwt/jwt/parser.go" ] ||
	    skip 'no golang-jwt here'
	GO111MODULE=off GOFLAGS='' GOPATH=$gopath GOCACHE=$BUILD/go \
	    go build -o "$BATS_TEST_TMPDIR/read" "$MATRIX_HERE/web/read.go"
	reads env no_proxy='*' "$BATS_TEST_TMPDIR/read" \
	    "$WEB_KEYS" "$ISSUER" "$WEB_AUDIENCE"
}
