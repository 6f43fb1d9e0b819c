#!/usr/bin/env bats
#
# jwtctl key and jwtctl jwks: the issuer's keys, from the first to the last,
# and everything that they refuse.

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
	! holds "$token"
}

@test 'remove: --now, for a key that somebody else has' {
	fresh
	first=$kid
	issue
	fresh
	is 0 key activate "$kid" --now
	is 0 key remove "$first" --now
	! holds "$token"
	is 1 key remove "$first"
	has "$err" 'there is no key'
}

# --- by the clock -----------------------------------------------------------

@test 'rotate: one step each time, and running it twice is running it once' {
	fresh
	first=$kid
	issue
	is 0 key rotate
	next=$(kid next)
	has "$err" "$next: next; to be published now"
	has "$err" "what comes next: $next signs from 2027-01-16T08:00:00Z"
	cp keys/ring ring
	is 0 key rotate
	[[ $err != *published* ]]
	cmp keys/ring ring
	NOW=$((NOW + 86400))
	is 0 key rotate
	has "$err" "$next: active"
	has "$err" "$first: retired"
	has "$err" "what comes next: $first is removed from"
	[ -z "$(kid next)" ]
	NOW=$((NOW + 300 + 60 + 21600))
	is 0 key tend
	has "$err" "$first: removed"
	has "$err" 'nothing comes by itself'
	[ "$(key list --json | jq -c '[.keys[].kid]')" = "[\"$next\"]" ]
}

@test 'rotate: the next key has the algorithm of the one that signs' {
	fresh --alg ES384
	is 0 key rotate
	[ "$(field "$(kid next)" alg)" = ES384 ]
}

@test 'rotate: on an empty folder it makes the first key' {
	mkdir -m 700 keys
	is 0 key rotate
	[ -n "$(kid active)" ]
}

@test 'tend: makes a next key only with rotate_every, and in time' {
	fresh
	NOW=$((NOW + 400 * 86400))
	is 0 key tend
	[ -z "$(kid next)" ]
	keys_configure 'rotate_every = 401d'
	NOW=$((NOW - 1))
	is 0 key tend
	has "$err" "what comes next: $kid gets a next key beside it from"
	[ -z "$(kid next)" ]
	NOW=$((NOW + 1))
	is 0 key tend
	[ -n "$(kid next)" ]
	cp keys/ring ring
	is 0 key tend
	cmp keys/ring ring
}

@test 'rotate: many at once are one' {
	fresh
	local pids=() pid n
	for n in {1..8}; do
		key rotate >/dev/null 2>"err$n" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	[ "$(cat err? | grep -c ': next; to be published')" -eq 1 ]
	[ "$(key list --json | jq '.keys | length')" -eq 2 ]
	[ "$(find keys -name '*.jwk' | wc -l)" -eq 2 ]
}

@test 'a lock that somebody holds is waited for, and not for ever' {
	fresh
	flock keys sleep 60 &
	holder=$!
	until ! flock -n keys true; do :; done
	is 2 key rotate
	pkill -P "$holder" 2>/dev/null || :
	kill "$holder" 2>/dev/null || :
	has "$err" 'somebody else has locked it for 10 seconds'
	[ -z "$(kid next)" ]
}

@test 'a clock that went back changes nothing, and both times are said' {
	fresh
	issue
	first=$kid
	is 0 key rotate
	cp -r keys before
	local call
	NOW=$((NOW - 6))
	for call in new rotate tend "activate $(kid next) --now" \
	    "retire $first --now" "remove $first --now"; do
		# shellcheck disable=SC2086
		is 1 key $call
		has "$err" 'the clock says 2027-01-15T07:59:54Z'
		has "$err" 'last change was at 2027-01-15T08:00:00Z'
	done
	diff -r keys before
	is 1 bin/sign_by_folder "$W/keys" "$NOW" 300 '{}'
	has "$err" 'clock_wrong: '
	# What ntp corrects is nothing of that kind.
	NOW=$((NOW + 1))
	is 0 key tend
	issue
}

# A host that asks for the set now and then, and one that has just asked
# before a key was added: both take every token that lives.
@test 'a rotation from beginning to end: every token that lives is taken' {
	keys_configure 'publish_before = 2h' 'cache = 1h' 'rotate_every = 5h' \
	    'leeway = 60s'
	local step end life i removed=0 refused=0
	local -a tokens=() ends=()
	fresh
	first=$kid
	for step in {0..39}; do
		is 0 key tend
		[[ $err != *removed* ]] || removed=$((removed + 1))
		is 0 ctl jwks --config conf -o "set.$step"
		life=$((300 + step % 4 * 1100))
		issue "$life"
		tokens+=("$token")
		ends+=($((NOW + life + 60)))
		for i in "${!tokens[@]}"; do
			if [ "${ends[i]}" -lt "$NOW" ]; then
				holds "${tokens[i]}" "set.$step" ||
				    refused=$((refused + 1))
				unset "tokens[$i]"
				continue
			fi
			holds "${tokens[i]}" "set.$step"
			[ "$step" -lt 4 ] ||
			    holds "${tokens[i]}" "set.$((step - 4))"
		done
		# Nothing but the key that signs and the next one can sign.
		[ "$(find keys -name '*.jwk' -printf '%f\n' | sort)" = \
		    "$({ kid active; kid next; } | sed 's/$/.jwk/' | sort)" ]
		NOW=$((NOW + 900))
	done
	[ "$removed" -ge 1 ]
	[ "$(kid active)" != "$first" ]
	[ ! -e "keys/$first.pub" ]
}

# --- jwks -------------------------------------------------------------------

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

# --- faults -----------------------------------------------------------------

@test 'a faulty ring is told with file and line, and never mended' {
	fresh
	issue
	sed -i 's/^state .*/state = gone/' keys/ring
	cp keys/ring ring
	local call
	for call in list new rotate tend "activate $kid" "remove $kid"; do
		# shellcheck disable=SC2086
		is 2 key $call
		has "$err" "$W/keys/ring:4: state: 'gone' is no state"
	done
	is 2 ctl jwks --config conf
	is 1 bin/sign_by_folder "$W/keys" "$NOW" 300 '{}'
	has "$err" "config_error: $W/keys/ring:4: "
	cmp keys/ring ring
	rm keys/ring
	for call in list new rotate tend; do
		is 2 key "$call"
		has "$err" 'keys/ring: is missing, though '
	done
	[ ! -e keys/ring ]
}

@test 'a folder or a file that others may write is refused' {
	fresh
	chmod 750 keys
	is 2 key list
	has "$err" 'keys: has mode 0750, wanted 0700'
	is 2 key rotate
	chmod 700 keys
	chmod 664 keys/ring
	is 2 key rotate
	has "$err" 'keys/ring: it has mode 0664'
	chmod 600 keys/ring
	chmod 664 "keys/$kid.pub"
	is 2 ctl jwks --config conf
	has "$err" "keys/$kid.pub: it has mode 0664"
	chmod 777 .
	is 2 key list
	has "$err" 'above it'
}

@test 'what a run that was broken off left is wiped, a stranger is named' {
	fresh
	echo secret >keys/.new-0123456789abcdef
	echo somebodys >"keys/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.jwk"
	is 0 key tend
	has "$err" 'AAAAAA.jwk: belongs to no key of the ring'
	[ ! -e keys/.new-0123456789abcdef ]
	[ "$(cat keys/AAAA*.jwk)" = somebodys ]
}

@test 'usage: what is missing and what excludes itself' {
	local call
	for call in activate retire remove; do
		is 2 key "$call"
		has "$err" 'the KID is missing'
		is 2 key "$call" ../../etc/passwd
		has "$err" 'there is no such folder'
	done
	fresh
	for call in activate retire remove; do
		is 1 key "$call" ../../etc/passwd
		has "$err" 'there is no key "../../etc/passwd"'
	done
	is 2 ctl key
	is 2 ctl key frobnicate
	has "$err" 'there is no call "frobnicate"'
	is 2 key list --folder "$W/keys"
	has "$err" 'exclude each other'
	is 2 key new --user "$(id -un)"
	has "$err" '--user goes with --folder'
	is 0 ctl key --help
	for call in new list activate retire remove rotate tend; do
		has "$out" "  key $call "
		is 0 ctl key "$call" --help
		[[ $out == "usage: jwtctl key $call"* ]]
		is 0 ctl key --help
	done
	is 2 ctl key list --config nowhere
	has "$err" 'nowhere: cannot be opened'
	sed -i 's/^keys = .*/key = credential:signing/' conf
	is 2 key list
	has "$err" 'does not lie in a key folder'
}

@test '--folder does without a configuration' {
	ordinary
	is 0 ctl key new --folder keys
	kid=$out
	is 0 ctl key list --folder "$W/keys"
	has "$out" "$kid"
	is 0 ctl jwks --folder keys
	has "$out" "$kid"
	issue
}

# --- accounts ---------------------------------------------------------------

@test 'root becomes the account that signs, and everything is its own' {
	need_root
	OWNER=$(id -un 65534)
	keys_configure
	fresh
	has "$err" 'keys: made, for uid 65534 alone'
	is 0 key rotate
	is 0 key activate "$(kid next)" --now
	[ "$(stat -c %u keys keys/* | sort -u)" = 65534 ]
	is 0 ctl jwks --config conf -o set.json
	[ "$(stat -c '%u %a' set.json)" = '0 644' ]
	drop=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
	issue
	is 0 key list
}

@test 'links in the folder do not turn the rights of root against root' {
	need_root
	OWNER=$(id -un 65534)
	keys_configure
	fresh
	echo 'root alone' >secret
	chmod 600 secret
	ln -sf "$W/secret" "keys/$kid.pub"
	is 2 ctl jwks --config conf -o set.json
	[ ! -e set.json ]
	ln -sf "$W/secret" keys/.new-x
	is 2 key tend
	[ "$(cat secret)" = 'root alone' ]
	rm keys/.new-x
	mv keys/ring ring
	ln -s "$W/ring" keys/ring
	is 2 key list
	has "$err" 'is a symbolic link'
	rm -r keys
	mkdir -m 700 real
	ln -s real keys
	is 2 key new
	[ -z "$(ls real)" ]
}

@test 'root makes the folder where nobody else can write, and nowhere else' {
	need_root
	OWNER=$(id -un 65534)
	keys_configure
	sed -i "s#^keys = .*#keys = $W/lib/keys#" conf
	mkdir lib
	chown 65534 lib
	is 2 key new
	has "$err" "lib: must be root's"
	chown 0 lib
	chmod 777 lib
	is 2 key new
	has "$err" 'and has mode 0777'
	[ ! -e lib/keys ]
	rmdir lib
	is 0 key new
	[ "$(stat -c '%u %a' lib)" = '0 755' ]
	[ "$(stat -c '%u %a' lib/keys)" = '65534 700' ]
}

@test 'an account that is not there is named' {
	need_root
	OWNER=no-such-account
	keys_configure
	is 2 key new
	has "$err" "there is no account 'no-such-account'"
	[ ! -e keys ]
}

@test 'a folder of another account than the one that signs is refused' {
	need_root
	OWNER=$(id -un 65534)
	keys_configure
	mkdir -m 700 keys
	is 2 key new
	has "$err" 'belongs to uid 0, and the account that signs is'
	[ -z "$(ls keys)" ]
}

@test 'anybody else is told who may' {
	need_root
	is 0 key new
	ordinary
	chown 0:0 "$W"
	is 2 key list
	has "$err" 'belongs to uid 0, and this runs as uid 65534: run it as root'
	is 2 key rotate
	rm -r keys
	is 2 key new
	has "$err" 'run it as root or as that account'
}

@test 'an ordinary account keeps its own keys' {
	ordinary
	keys_configure
	fresh
	issue
	is 0 key rotate
	is 0 key activate "$(kid next)" --now
	"${drop[@]}" /usr/bin/env sh -c '"$0" jwks --config conf -o set' "$JWTCTL"
	holds "$token" set
}
