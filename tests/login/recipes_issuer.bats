#!/usr/bin/env bats
# The recipe of pam.d-example for the host that issues tokens, as it stands
# there: the two phases that jwt-issuerd runs.

bats_require_minimum_version 1.5.0
load helper
load recipes

setup() {
	# It calls the crypt that was there when pamtester began: none.
	[ -z "$(sanitizer)" ] || skip 'a sanitizer before pamtester has no crypt'
	corp_world
	recipe issuer
}

teardown() {
	world_end
}

# proves FILE [USER]
proves() {
	run pam_with "$1" jwt-issuer "${2:-deploy}" authenticate acct_mgmt
	[ "$status" -eq 0 ] || { shown; return 1; }
}

fails_to_prove() {
	run pam_with "$1" jwt-issuer "${2:-deploy}" authenticate acct_mgmt
	[ "$status" -ne 0 ] || { shown; return 1; }
}

@test "issuer: the example file that is installed is this recipe" {
	[ "$(grep -v '^#' "$WORLD_REPO/dist/jwt-issuer.pam")" = \
	    "$(grep -v '^#' "$WORLD/etc/pam.d/jwt-issuer")" ]
}

@test "issuer: the password proves who somebody is, nothing else does" {
	proves "$password"
	proves "$password" operator
	fails_to_prove "$wrong"
	fails_to_prove "$empty"
	fails_to_prove "$password" nobody-here
}

@test "issuer: a locked account and one that has expired prove nothing" {
	fails_to_prove "$password" locked
	fails_to_prove "$password" expired
	shadow deploy 8 1
	fails_to_prove "$password"
	shadow deploy 8 ''
	proves "$password"
}

@test "issuer: a token buys no token, though the stack may ask for one" {
	corp_token deploy
	fails_to_prove "$token"
	sed 's/^@include common-auth/auth sufficient pam_jwt.so\n&/' \
	    "$WORLD/etc/pam.d/jwt-issuer" | stack jwt-issuer
	fails_to_prove "$token"
	wait_log 'refused reason=service_not_allowed '
	proves "$password"
}
