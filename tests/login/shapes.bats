# Tokens as providers make them that cannot run here, after their public
# documentation (tests/shapes), each by the configuration that
# pam_jwt-providers(7) has for it, as it stands there: it logs in, and what is
# changed in it does not. Only where the keys lie is another.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper

setup() {
	user_world
	SHAPES=$WORLD_REPO/tests/shapes
	PAGE=$WORLD_REPO/man/pam_jwt-providers.7
}

teardown() {
	world_end
}

# example NAME PATH: what the page has for it, without mdoc's escapes.
example() {
	awk -v first="# $1: $2" '
		/^\.Bd -literal/ { open = 1; next }
		/^\.Ed/ { open = found = 0 }
		open && $0 == first { found = 1; next }
		{ open = 0 }
		found { print }
	' "$PAGE"
}

# paths NAME: the files that the page has for it.
paths() {
	sed -n "s/^# $1: //p" "$PAGE"
}

# configure NAME: its files, in the world; the keys are ours.
configure() {
	local path alg
	alg=$(jq -r .header.alg "$SHAPES/$1.json")
	rm -f "$KEYS/$1" "$KEYS/$1.pub"
	in_world PAM_WRAPPER=0 "$BIN/jwtctl" keygen --alg "$alg" "$KEYS/$1" \
	    2>/dev/null
	first "$KEYS/$1.pub" "$KEYS/$1" >"$BATS_TEST_TMPDIR/public"
	put /etc/security/pam_jwt.d/keys 600 \
	    <"$(cat "$BATS_TEST_TMPDIR/public")"
	while read -r path; do
		example "$1" "$path" | sed -E \
		    -e "s#^(discovery|jwks_url|keys) .*#keys = $ETC/security/pam_jwt.d/keys#" \
		    -e "s#^(user_map +=) /etc#\\1 $ETC#" |
		    put "$path"
	done < <(paths "$1")
	config_runner
	# It cannot be the file alone that the tests could read.
	[ -s "$WORLD/etc/security/pam_jwt.conf" ]
}

# shape NAME CHANGE: the token, changed by one of the file's own changes.
shape() {
	jq -c --argjson change "$2" --arg host "$HOST" '
		.claims
		| with_entries(if (.key | IN("iat", "nbf", "exp", "auth_time"))
			then .value += (now | floor) else . end)
		| walk(if type == "string" then gsub("HOST"; $host) else . end)
		| . + ($change.set // {})
		| delpaths([$change.drop[]? | [.]])
	' "$SHAPES/$1.json" >"$token.claims"
	(umask 077 && in_world PAM_WRAPPER=0 "$BIN/jwtctl" sign --key \
	    "$KEYS/$1" "${TYP[@]}" <"$token.claims" >"$token")
}

# tries NAME: all that its file says.
tries() {
	local user change reason says
	configure "$1"
	user=$(jq -r .user "$SHAPES/$1.json")
	TYP=()
	reason=$(jq -r '.header.typ // ""' "$SHAPES/$1.json")
	[ -z "$reason" ] || TYP=(--typ "$reason")
	while read -r change; do
		shape "$1" "$change"
		log_mark
		run pam_with "$token" sshd "$user" authenticate
		accepted || { echo "$1 $change"; return 1; }
	done < <(jq -c '{}, .accepted[]?' "$SHAPES/$1.json")
	while read -r change; do
		shape "$1" "$change"
		log_mark
		run pam_with "$token" sshd "$user" authenticate
		reason=$(jq -r .reason <<<"$change")
		refused "$reason" || { echo "$1 $change"; return 1; }
		says=$(jq -r '.says // ""' <<<"$change")
		[[ $(log_now) == *"$says"* ]] || { log_now; return 1; }
	done < <(jq -c '.refused[]' "$SHAPES/$1.json")
}

@test "auth0" {
	tries auth0
}

@test "cognito" {
	tries cognito
}

@test "entra-id" {
	tries entra-id
}

@test "entra-id-v1" {
	tries entra-id-v1
}

@test "github-actions" {
	tries github-actions
}

@test "gitlab" {
	tries gitlab
}

@test "glewlwyd" {
	tries glewlwyd
}

@test "google" {
	tries google
}

@test "keycloak" {
	tries keycloak
}

@test "kubernetes" {
	tries kubernetes
}

@test "lesson" {
	tries lesson
}

@test "okta" {
	tries okta
}

@test "spiffe" {
	tries spiffe
}

@test "teleport" {
	tries teleport
}

@test "vault" {
	tries vault
}

@test "zitadel" {
	tries zitadel
}

@test "the page has a configuration for each shape, and a shape for each" {
	(cd "$SHAPES" && printf '%s\n' *.json | sed 's/\.json$//' | sort) \
	    >"$BATS_TEST_TMPDIR/shapes"
	sed -n 's/^# \([a-z0-9-]*\): .*/\1/p' "$PAGE" | sort -u |
	    diff "$BATS_TEST_TMPDIR/shapes" -
	sed -n 's/^\ttries \([a-z0-9-]*\)$/\1/p' "$BATS_TEST_FILENAME" | sort |
	    diff "$BATS_TEST_TMPDIR/shapes" -
}

@test "each configuration is without a fault as it stands" {
	local name path
	while read -r name; do
		rm -rf "$BATS_TEST_TMPDIR/conf"
		example "$name" /etc/security/pam_jwt.conf \
		    >"$BATS_TEST_TMPDIR/conf"
		chmod 644 "$BATS_TEST_TMPDIR/conf"
		run "$BUILD/jwtctl" check --config "$BATS_TEST_TMPDIR/conf"
		# Alone what this host has not: the keys and the map.
		[ "$status" -eq 1 ] || { echo "$name: $output"; return 1; }
		! grep -vE 'No such file or directory|jwtctl fetch' <<<"$output" |
		    grep -v '^[0-9]* fault' | grep . || {
			echo "$name: $output"
			return 1
		}
	done < <(sed -n 's/^# \([a-z0-9-]*\): .*conf$/\1/p' "$PAGE" | sort -u)
}
