# shellcheck shell=bash
# Variables go to the tests, and "set" is a file.
# shellcheck disable=SC2034,SC2238
#
# A key folder in a world of its own: nothing of the host's. Loaded by bats
# files.
#
#   keys_begin [SETTING]...   a folder W, in which "conf" names the key folder
#                     W/keys and has these settings; NOW is the clock
#   keys_end          removes it
#   ctl ARGUMENT...   jwtctl at the time NOW
#   key CALL...       jwtctl key CALL by that configuration
#   is STATUS CMD...  CMD ends with it; its outputs are in $out and $err
#   has TEXT PART     fails unless it does
#   fresh             key new, whatever it says; its KID is in $kid
#   kid STATE         the KID of the one key of that state, or nothing
#   field KID NAME    what `key list --json` says of a key
#   issue [LIFETIME]  a token, signed as the service does it, in $token
#   holds TOKEN [SET] its signature does, by the set that is published now
#   ordinary          goes on as an account that is not root, where it is root
#   need_root         skips the test where it is not root

keys_begin() {
	umask 022
	build=$(realpath "${BUILD:-build}")
	W=$(mktemp -d)
	chmod 755 "$W"
	cd "$W" || return 1
	# Where another account may find them.
	mkdir bin
	cp "$build/jwtctl" "$build/tests/login/sign_by_folder" \
	    "$build/tests/login/preload-clock.so" bin
	JWTCTL=$W/bin/jwtctl
	NOW=1800000000
	drop=()
	if grep -q __asan_init "$JWTCTL"; then
		export ASAN_OPTIONS=verify_asan_link_order=0
	fi
	keys_configure "$@"
}

# keys_configure [SETTING]...: for the account that runs this.
keys_configure() {
	{
		printf '%s\n' '[issuer]' 'issuer = https://issuer.test' \
		    "keys = $W/keys" "user = ${OWNER:-$(id -un)}" "$@"
		printf '%s\n' '[policy all]' 'audience = **'
	} >conf
}

keys_end() {
	cd / && rm -rf "${W:?}"
}

ctl() {
	"${drop[@]}" /usr/bin/env CLOCK="$NOW" \
	    LD_PRELOAD="$W/bin/preload-clock.so" "$JWTCTL" "$@"
}

key() {
	local call=$1
	shift
	ctl key "$call" --config "$W/conf" "$@"
}

is() {
	local want=$1 status=0
	shift
	"$@" >out 2>err || status=$?
	out=$(<out)
	err=$(<err)
	[ "$status" -eq "$want" ] || {
		printf 'status %s, wanted %s: %s\n%s\n%s\n' "$status" "$want" \
		    "$*" "$out" "$err"
		return 1
	}
}

has() {
	[[ $1 == *"$2"* ]] || { printf 'no "%s" in:\n%s\n' "$2" "$1"; return 1; }
}

fresh() {
	is 0 key new "$@"
	kid=$out
}

kid() {
	key list --json | jq -r --arg state "$1" \
	    '.keys[] | select(.state == $state) | .kid'
}

field() {
	key list --json | jq -r --arg kid "$1" --arg name "$2" \
	    '.keys[] | select(.kid == $kid) | .[$name]'
}

issue() {
	local life=${1:-300}
	is 0 "${drop[@]}" "$W/bin/sign_by_folder" "$W/keys" "$NOW" "$life" \
	    "{\"exp\":$((NOW + life))}"
	token=$out
}

holds() {
	local set=${2:-set}
	[ -n "${2:-}" ] || ctl jwks --config "$W/conf" >set || return 1
	printf '%s' "$1" | "${drop[@]}" "$JWTCTL" verify --signature-only --key "$set" \
	    >/dev/null 2>>verify.err
}

ordinary() {
	[ "$(id -u)" -eq 0 ] || return 0
	drop=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
	chown 65534:65534 "$W"
	OWNER=$(id -un 65534)
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
}
