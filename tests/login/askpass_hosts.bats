#!/usr/bin/env bats
# jwt-askpass: which host gets which token, by the token's audience.

bats_require_minimum_version 1.5.0
load askpass

setup() {
	askpass_setup
}

# goes AUDIENCE HOST [VARIABLE=VALUE]..., and stays
goes() {
	unsigned "$1"
	gives ask "(deploy@$2) JWT: " "${@:3}" || {
		echo "$1 does not go to $2"
		return 1
	}
}

stays() {
	unsigned "$1"
	gives_nothing "another host than \"${2//[\[\]]/.}\"" \
	    ask "(deploy@$2) JWT: " "${@:3}" || {
		echo "$1 goes to $2"
		return 1
	}
}

@test "a token for a host goes to it, and to no other" {
	goes '"ssh://build7"' build7
	goes '"ssh://build7.example.com"' build7.example.com
	stays '"ssh://build7"' build8
	stays '"ssh://build7"' build77
	stays '"ssh://build77"' build7
	stays '"ssh://build7.example.com"' build7
	stays '"ssh://build7"' xbuild7
}

@test "case is no difference" {
	goes '"SSH://Build7"' bUILD7
	goes '"ssh://build7"' Build7.Example.com JWT_DOMAINS=eXample.COM
}

@test "any scheme names a host, but those of the web" {
	goes '"sudo://build7"' build7
	goes '"x-1+2.3://build7"' build7
	stays '"sftp://build7"' build8
	for audience in '"https://build7"' '"http://build7"' '"api://build7"' \
	    '"HTTPS://app.example.com"' '"build7"' '"ssh"' '"urn:x:build7"' \
	    '"://build7"' '" ssh://build7"' '"a b://build7"' '[]' ''; do
		goes "$audience" build8
	done
}

@test "of several hosts each one gets it" {
	goes '["ssh://build7","ssh://build8"]' build7
	goes '["ssh://build7","ssh://build8"]' build8
	stays '["ssh://build7","ssh://build8"]' build9
}

@test "a token that names a host is for that one, whatever else it names" {
	goes '["https://app.example.com","ssh","ssh://build7"]' build7
	stays '["https://app.example.com","ssh","ssh://build7"]' build8
}

@test "a first label names the hosts of listed domains alone" {
	local domains='JWT_DOMAINS= corp.example.net  example.com '
	goes '"ssh://build7"' build7.example.com "$domains"
	goes '"ssh://build7.example.com"' build7.example.com "$domains"
	goes '"ssh://build7"' build7.corp.example.net "$domains"
	stays '"ssh://build7"' build7.example.com
	stays '"ssh://build7"' build7.example.com JWT_DOMAINS=
	stays '"ssh://build7"' build7.example.org "$domains"
	stays '"ssh://build7"' build7.evil.example.com "$domains"
	stays '"ssh://build7"' build7.com "$domains"
	stays '"ssh://build7"' build8.example.com "$domains"
	stays '"ssh://"' .example.com "$domains"
	stays '"ssh://build7.x"' build7.x.example.com "$domains"
}

@test "a dot at the end of a whole name is none" {
	goes '"ssh://build7.example.com"' build7.example.com.
	goes '"ssh://build7.example.com."' build7.example.com
	goes '"ssh://build7"' build7.example.com. JWT_DOMAINS=example.com
	goes '"ssh://build7"' build7.example.com JWT_DOMAINS=example.com.
	# Another name: no domain is looked for.
	stays '"ssh://build7"' build7.
	stays '"ssh://build7."' build7
}

@test "an address is compared as it stands, IPv6 without brackets" {
	goes '"ssh://10.0.0.7"' 10.0.0.7
	goes '"ssh://[fe80::1]"' FE80::1
	stays '"ssh://[fe80::1]"' fe80::2
	stays '"ssh://fe80::1"' fe80::1
	stays '"ssh://[]"' fe80::1
}

@test "a path is no part of the host's name" {
	goes '"ssh://build7/x@y:1"' build7
	goes '"ssh://build7?x"' build7
	goes '"ssh://build7#x"' build7
	stays '"ssh:///build7"' build7
	stays '"ssh://build8/build7"' build7
}

@test "a port or a user beside the host: a prompt tells neither" {
	stays '"ssh://build7:22"' build7
	stays '"ssh://[fe80::1]:22"' fe80::1
	stays '"ssh://deploy@build7"' build7
	stays '"ssh://build8:x@build7"' build7
	stays '"ssh://%62uild7"' build7
}

@test "an audience that is no string goes nowhere" {
	for audience in null 1 true '{"ssh":1}' '[1]' '["ssh://build7",null]' \
	    '[["ssh://build7"]]'; do
		unsigned "$audience"
		gives_nothing 'neither a string nor an array' \
		    ask '(deploy@build7) JWT: '
	done
}

@test "claims that cannot be read go nowhere" {
	local payload
	for payload in '' '[]' '"x"' '{' '{"aud":"ssh","aud":"ssh://build8"}' \
	    '{"aud":"ssh"}x'; do
		printf '%s.%s.%s\n' "$(printf '{"alg":"EdDSA"}' | base64url)" \
		    "$(printf %s "$payload" | base64url)" \
		    "$(head -c 86 /dev/zero | tr '\0' A)" >"$TOKEN"
		chmod 600 "$TOKEN"
		gives_nothing 'claims cannot be read' ask '(deploy@build7) JWT: '
	done
}

@test "without a host, only a token that names none is given" {
	unsigned '"ssh://build7"'
	gives_nothing 'which host asks is not certain' ask 'JWT: '
	unsigned '"https://app.example.com"'
	gives ask 'JWT: '
}

@test "a token that was merely found goes to no host it does not name" {
	local name found=("JWT_FILE=" "BEARER_TOKEN_FILE=$TOKEN")
	unsigned '"https://grid.example.com"'
	gives_nothing 'names no host' ask '(deploy@build7) JWT: ' "${found[@]}"
	gives_nothing 'names no host' ask 'JWT: ' "${found[@]}"
	unsigned ''
	gives_nothing 'names no host' ask '(deploy@build7) JWT: ' "${found[@]}"
	unsigned '"ssh://build7"'
	gives ask '(deploy@build7) JWT: ' "${found[@]}"
	gives_nothing 'another host' ask '(deploy@build8) JWT: ' "${found[@]}"
	gives_nothing 'not certain' ask 'JWT: ' "${found[@]}"
}

@test "a process that calls itself sudo is believed no host" {
	unsigned "\"ssh://$(uname -n | cut -d. -f1)\""
	[ "$(id -u)" -ne 0 ] || skip 'needs an ordinary account'
	cp "$(command -v bash)" "$BATS_TEST_TMPDIR/sudo"
	gives_nothing 'not certain' env -i "${ENVIRONMENT[@]}" \
	    "$BATS_TEST_TMPDIR/sudo" -c '"$0" "JWT: "; exit $?' "$ASKPASS"
}

@test "for root's sudo the host is this machine" {
	local host
	[ "$(id -u)" -eq 0 ] || skip 'needs root, as sudo has'
	cp "$(command -v bash)" "$BATS_TEST_TMPDIR/sudo"
	host=$(uname -n | cut -d. -f1)
	by_sudo=(env -i "${ENVIRONMENT[@]}" "$BATS_TEST_TMPDIR/sudo" -c
	    '"$0" "$1"; exit $?' "$ASKPASS")
	unsigned "\"ssh://$host\""
	gives "${by_sudo[@]}" 'JWT: '
	cp "$BATS_TEST_TMPDIR/sudo" "$BATS_TEST_TMPDIR/sudoedit"
	gives "${by_sudo[@]/%\/sudo//sudoedit}" 'JWT: '
	unsigned "\"sudo://$(uname -n)\""
	gives "${by_sudo[@]}" 'JWT: '
	unsigned '"ssh://build7"'
	gives_nothing "another host than \"$host\"" "${by_sudo[@]}" 'JWT: '
	# What stands in front was not put there by sudo.
	gives_nothing 'no prompt for a token' setsid -w "${by_sudo[@]}" \
	    '(deploy@build7) JWT: '
	gives_nothing 'another host than' "${by_sudo[@]}" \
	    $'(deploy@build7) \nJWT: '
}
