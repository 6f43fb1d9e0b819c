#!/usr/bin/env bats
# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
#
# jwtctl key: a key is made, shown, activated, retired and removed, and what of
# it is refused.

bats_require_minimum_version 1.5.0

setup() {
	load keys
	keys_begin
}

teardown() {
	keys_end
}

modes() {
	stat -c '%a %n' keys "keys/$1".*
}

# --- new --------------------------------------------------------------------

@test 'new: the first key signs at once, and its files have their modes' {
	fresh
	[ "$(wc -l <out)" -eq 1 ]
	has "$err" "$kid: the first key, active at once"
	has "$err" 'publish what `jwtctl jwks` writes now'
	[ "$(modes "$kid")" = "700 keys
600 keys/$kid.jwk
644 keys/$kid.pub" ]
	[ "$(stat -c %a keys/ring)" = 600 ]
	[ "$(kid active)" = "$kid" ]
	[ "$(field "$kid" alg)" = EdDSA ]
	issue
	holds "$token"
}

@test 'new: the modes are the same with any umask' {
	umask 0
	fresh
	[ "$(stat -c %a keys)" = 700 ]
	[ "$(stat -c %a "keys/$kid.jwk")" = 600 ]
	umask 0777
	is 0 key rotate
	umask 022
	kid=$(kid next)
	[ "$(stat -c %a "keys/$kid.jwk")" = 600 ]
	[ "$(stat -c %a "keys/$kid.pub")" = 644 ]
}

@test 'new: the second one waits until every verifier has it' {
	fresh
	first=$kid
	fresh --alg ES256
	has "$err" "$kid: next; to be published now, and to sign from"
	has "$err" '2027-01-16T08:00:00Z (in 24h) on'
	[ "$(kid next)" = "$kid" ]
	[ "$(kid active)" = "$first" ]
	issue
	has "$(cut -d . -f 1 <<<"$token" | tr _- /+ | base64 -d 2>/dev/null)" \
	    "\"kid\":\"$first\""
}

@test 'new: one next key at most' {
	fresh
	fresh
	is 1 key new
	has "$err" "$kid is next already"
	[ "$(key list --json | jq '.keys | length')" -eq 2 ]
}

@test 'new: every algorithm that has a public half, and no other' {
	local alg
	for alg in EdDSA Ed448 ES256 ES384 ES512 ES256K RS256 PS256; do
		rm -rf keys
		fresh --alg "$alg"
		[ "$(field "$kid" alg)" = "$alg" ]
		issue
		holds "$token"
	done
	is 2 key new --alg HS256
	has "$err" 'a secret has no public half'
	is 2 key new --alg none
	has "$err" 'not one of these: RS256'
}

# --- list -------------------------------------------------------------------

@test 'list: a table for people, JSON for machines' {
	fresh
	first=$kid
	fresh
	issue 600
	NOW=$((NOW + 3 * 86400))
	is 0 key activate "$kid"
	NOW=$((NOW + 60))
	is 0 key list
	[ -z "$err" ]
	[ "$(wc -l <out)" -eq 3 ]
	has "$out" 'WHAT COMES'
	has "$out" "$first EdDSA   retired 2027-01-18T08:00:00Z (60s ago)"
	has "$out" 'published until 2027-01-18T14:11:00Z (in 6h)'
	has "$out" "$kid EdDSA   active  2027-01-18T08:00:00Z (60s ago)"
	is 0 key list --json
	[ "$(jq -c '.keys[0] | del(.kid)' <out)" = '{"alg":"EdDSA","state":"retired","created":1800000000,"published":1800000000,"activated":1800000000,"retired":1800259200,"longest":600,"due":1800281460}' ]
	[ "$(jq -c '[.now, .keys[1].due, .keys[1].retired]' <out)" = \
	    '[1800259260,null,null]' ]
}

@test 'list: before the first key' {
	is 2 key list
	has "$err" 'there is no such folder'
	mkdir -m 700 keys
	is 0 key list
	[ "$out" = 'no key; `jwtctl key new` makes the first one' ]
	is 0 key list --json
	[ "$out" = "{\"now\":$NOW,\"keys\":[]}" ]
}

# --- activate, retire, remove -----------------------------------------------

@test 'activate: refused before publish_before, and the time is said' {
	fresh
	first=$kid
	fresh
	NOW=$((NOW + 86399))
	is 1 key activate "$kid"
	has "$err" 'before 2027-01-16T08:00:00Z (in 1s)'
	[ "$(kid active)" = "$first" ]
	NOW=$((NOW + 1))
	is 0 key activate "$kid"
	[ "$(kid active)" = "$kid" ]
	[ "$(kid retired)" = "$first" ]
	[ ! -e "keys/$first.jwk" ]
	[ -e "keys/$first.pub" ]
}

@test 'activate: --now does not wait' {
	fresh
	fresh
	is 0 key activate "$kid" --now
	[ "$(kid active)" = "$kid" ]
	is 0 key activate "$kid"
	has "$err" 'is active already'
}

@test 'activate: a retired key has no private half any more' {
	fresh
	first=$kid
	fresh
	is 0 key activate --now "$kid"
	is 1 key activate --now "$first"
	has "$err" 'its private half is gone'
}

@test 'activate: a key that cannot sign stays next' {
	fresh
	first=$kid
	fresh
	mv "keys/$kid.jwk" away
	is 2 key activate "$kid" --now
	has "$err" "keys/$kid.jwk: is missing"
	cp "keys/$first.jwk" "keys/$kid.jwk"
	is 2 key activate "$kid" --now
	has "$err" 'is not the key that its name says'
	cp away "keys/$kid.jwk"
	chmod 644 "keys/$kid.jwk"
	is 2 key activate "$kid" --now
	has "$err" 'mode 0644, wanted 0600'
	[ "$(kid active)" = "$first" ]
	[ "$(kid next)" = "$kid" ]
}

@test 'retire: the private half is wiped before it is removed' {
	fresh
	fresh
	ln "keys/$kid.jwk" other
	size=$(stat -c %s other)
	is 0 key retire "$kid"
	[ ! -e "keys/$kid.jwk" ]
	[ "$(stat -c %s other)" -eq "$size" ]
	[ -z "$(tr -d '\0' <other)" ]
	is 0 key retire "$kid"
	has "$err" 'is retired already'
}

@test 'retire: not the key that signs, unless it is meant' {
	fresh
	is 1 key retire "$kid"
	has "$err" 'is the only key that signs'
	[ "$(kid active)" = "$kid" ]
	is 0 key retire "$kid" --now
	has "$err" 'no key is active: nothing can be signed'
	is 1 bin/sign_by_folder "$W/keys" "$NOW" 300 '{}'
	has "$err" 'keys_unavailable: '
	has "$err" 'no key is active'
	is 0 key list
	has "$out" 'no key is active'
	# One that comes now waits like any other, since others were before.
	fresh
	has "$err" "$kid: next"
	is 0 key activate --now "$kid"
	[ "$(wc -l <err)" -eq 1 ]
	issue
}

@test 'remove: refused while tokens live' {
	fresh
	first=$kid
	issue 3600
	fresh
	is 1 key remove "$kid"
	has "$err" 'is next: `jwtctl key retire` it'
	is 0 key activate "$kid" --now
	is 1 key remove "$kid" --now
	has "$err" 'is active: `jwtctl key retire` it'
	# An hour, a minute of leeway, six hours in which a set may be kept.
	NOW=$((NOW + 3600 + 60 + 6 * 3600 - 1))
	is 1 key remove "$first"
	has "$err" 'may live until 2027-01-15T15:01:00Z (in 1s)'
	holds "$token"
	NOW=$((NOW + 1))
	is 0 key remove "$first"
	has "$err" 'publish what `jwtctl jwks` writes now'
	[ -z "$(ls "keys/$first".* 2>/dev/null)" ]
	run ! holds "$token"
}

@test 'remove: --now, for a key that somebody else has' {
	fresh
	first=$kid
	issue
	fresh
	is 0 key activate "$kid" --now
	is 0 key remove "$first" --now
	run ! holds "$token"
	is 1 key remove "$first"
	has "$err" 'there is no key'
}
