#!/usr/bin/env bats
# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
#
# jwtctl key among faulty files and accounts that the keys are none of the
# business of.

bats_require_minimum_version 1.5.0

setup() {
	load keys
	keys_begin
}

teardown() {
	keys_end
}

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
	echo notes >"keys/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.txt"
	echo somebodys >"keys/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.jwk"
	is 0 key tend
	has "$err" 'AAAAAA.jwk: belongs to no key of the ring'
	[ ! -e keys/.new-0123456789abcdef ]
	[ "$(cat keys/AAAA*.jwk)" = somebodys ]
}

@test 'a longest lifetime that nobody can read lets no key go' {
	fresh
	first=$kid
	issue
	fresh
	is 0 key activate --now "$kid"
	echo much >"keys/$first.longest"
	NOW=$((NOW + 86400))
	local call
	for call in list 'list --json' tend rotate "remove $first"; do
		# shellcheck disable=SC2086
		is 2 key $call
		has "$err" "keys/$first.longest: is no number of seconds"
	done
	holds "$token"
	is 0 key remove --now "$first"
}

@test 'a public half that is none, or not for signatures' {
	fresh
	first=$(<"keys/$kid.pub")
	local text
	for text in '' '{}' "${first/,\"use\":\"sig\"/}" \
	    "${first/,\"alg\":\"EdDSA\"/}" "${first/sig/enc}" \
	    "{\"keys\":[$first,$first]}"; do
		printf '%s' "$text" >"keys/$kid.pub"
		is 2 key list
		has "$err" "keys/$kid.pub: "
		is 2 key rotate
		is 2 ctl jwks --config conf
	done
	printf '{"keys":[%s]}\n\n' "$first" >"keys/$kid.pub"
	is 2 ctl jwks --config conf
	printf ' %s\n\n' "$first" >"keys/$kid.pub"
	is 0 ctl jwks --config conf
	[ "$(jq -r '.keys[].kid' <out)" = "$kid" ]
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
	sed -i "s#^keys = .*#keys = $W/lib/deep/keys#" conf
	is 2 key new
	has "$err" 'lib/deep: the folder above the keys: No such file'
	sed -i "s#^keys = .*#keys = $W/lib/keys#" conf
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
