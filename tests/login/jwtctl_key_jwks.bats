#!/usr/bin/env bats
#
# jwtctl jwks: the set that verifiers get, whole or not at all.

bats_require_minimum_version 1.5.0

setup() {
	load keys
	keys_begin
}

teardown() {
	keys_end
}

@test 'jwks: next, active and retired keys, each with kid, alg and use' {
	fresh
	issue
	first=$kid
	fresh --alg ES256
	is 0 key activate "$kid" --now
	second=$kid
	fresh --alg RS256
	is 0 ctl jwks --config conf
	[ -z "$err" ]
	[ "$(jq -c '[.keys[] | [.kid, .alg, .use]]' <out)" = \
	    "[[\"$first\",\"EdDSA\",\"sig\"],[\"$second\",\"ES256\",\"sig\"],[\"$kid\",\"RS256\",\"sig\"]]" ]
	[ "$(jq -r '.keys[] | keys[]' <out | sort -u | tr '\n' ' ')" = \
	    'alg crv e kid kty n use x y ' ]
}

@test 'jwks: a file is replaced whole, and has mode 0644' {
	fresh
	umask 077
	echo old >set.json
	ln set.json kept
	is 0 ctl jwks --config conf -o set.json
	[ "$(stat -c %a set.json)" = 644 ]
	[ "$(cat kept)" = old ]
	is 0 ctl jwks --config conf
	[ "$out" = "$(cat set.json)" ]
	is 0 ctl jwks --config conf --output set.json
	[ "$(find . -maxdepth 1 -name 'set.json*' | wc -l)" -eq 1 ]
}

@test 'jwks: what is no file is not replaced' {
	fresh
	mkdir folder
	ln -s nowhere link
	local path
	for path in folder link; do
		is 2 ctl jwks --config conf -o "$path"
		has "$err" 'is no regular file'
	done
	is 2 ctl jwks --config conf -o nowhere/set
	has "$err" 'nowhere/set: cannot be written: No such file'
}

@test 'jwks: no set without keys, and none with a key that is another' {
	mkdir -m 700 keys
	is 2 ctl jwks --config conf
	has "$err" 'there is no key to publish'
	fresh
	first=$kid
	fresh
	echo old >set.json
	cp "keys/$first.pub" "keys/$kid.pub"
	is 2 ctl jwks --config conf -o set.json
	has "$err" "keys/$kid.pub: is not the public key that its name says"
	cp "keys/$kid.jwk" "keys/$kid.pub"
	is 2 ctl jwks --config conf -o set.json
	rm "keys/$kid.pub"
	is 2 ctl jwks --config conf -o set.json
	has "$err" "keys/$kid.pub: cannot be opened"
	[ "$(cat set.json)" = old ]
}
