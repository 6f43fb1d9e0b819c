# shellcheck shell=bash
#
# For the tests of jwt-askpass that need no world: it is called with a prompt,
# as ssh and sudo do, in an environment of its own.

ASKPASS_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$ASKPASS_HERE/../../build}
case $BUILD in /*) ;; *) BUILD=$ASKPASS_HERE/../../$BUILD ;; esac
ASKPASS=$BUILD/jwt-askpass

# askpass_setup: a folder for what is kept, and the name of a token's file.
askpass_setup() {
	umask 022
	KEPT=$BATS_TEST_TMPDIR/kept
	mkdir -m 700 "$KEPT"
	TOKEN=$BATS_TEST_TMPDIR/token
	ENVIRONMENT=(PATH="$PATH" XDG_RUNTIME_DIR="$KEPT" JWT_FILE="$TOKEN"
	    ASAN_OPTIONS=detect_leaks=1)
}

# ask PROMPT [VARIABLE=VALUE]...: jwt-askpass without a terminal.
ask() {
	local prompt=$1
	shift
	setsid -w env -i "${ENVIRONMENT[@]}" "$@" "$ASKPASS" "$prompt" \
	    </dev/null
}

# one_login PREFIX PIECE [VARIABLE=VALUE]...: all pieces, by one parent, as
# the module asks for them; PIECE is the length of those that are not the last.
one_login() {
	local prefix=$1 size=$2
	shift 2
	# shellcheck disable=SC2016 # for the shell that is called
	setsid -w env -i "${ENVIRONMENT[@]}" "$@" ASKPASS="$ASKPASS" \
	    bash -c '
		given=0 prompt="JWT: "
		while piece=$("$ASKPASS" "$1$prompt"); do
			[ "$piece" != = ] || exit 0
			printf %s "$piece"
			[ "${#piece}" -eq "$2" ] || [ "${#piece}" -eq 511 ] ||
			    [ "${#piece}" -eq 1023 ] || exit 0
			given=$((given + ${#piece}))
			prompt="JWT (from $given): "
		done
		exit 1' - "$prefix" "$size" </dev/null
}

base64url() {
	base64 -w 0 | tr -d = | tr +/ -_
}

# unsigned AUDIENCE [LENGTH]: a token into $TOKEN, of that many characters, for
# whoever does not look at its signature. AUDIENCE is JSON; none where empty.
unsigned() {
	local head claims length=${2:-0} bytes body sign pad
	head=$(printf '{"alg":"EdDSA"}' | base64url)
	claims="{\"iss\":\"https://issuer.test\"${1:+,\"aud\":$1},\"pad\":\""
	bytes=$(((length - ${#head} - 88) * 3 / 4))
	[ "$bytes" -ge $((${#claims} + 2)) ] || bytes=$((${#claims} + 2))
	# A part has no length of one more than a multiple of four.
	while body=$(((bytes * 4 + 2) / 3))
	    sign=$((length - ${#head} - 2 - body)) && [ "$length" -gt 0 ] &&
	    [ $((sign % 4)) -eq 1 ]; do
		bytes=$((bytes - 1))
	done
	[ "$length" -gt 0 ] || sign=86
	pad=$(seq -s , 1 20000)
	claims+="${pad:0:bytes - ${#claims} - 2}\"}"
	{
		printf '%s.' "$head"
		printf %s "$claims" | base64url
		printf .
		head -c "$sign" /dev/zero | tr '\0' A
		echo
	} >"$TOKEN"
	chmod 600 "$TOKEN"
}

# gives CMD...: CMD gives the token's first piece, or all of it.
gives() {
	local text
	text=$("$@") || return 1
	[ -n "$text" ] && [[ $(<"$TOKEN") == "$text"* ]]
}

# gives_nothing REGEX CMD...: nothing on standard output, and one sentence
# that says why, without a word of the token.
gives_nothing() {
	local regex=$1
	shift
	run --separate-stderr "$@"
	# shellcheck disable=SC2154 # set by run
	if [ "$status" -ne 1 ] || [ -n "$output" ] ||
	    [ "${#stderr_lines[@]}" -ne 1 ] || ! [[ $stderr =~ $regex ]] ||
	    [[ $stderr == *eyJ* ]]; then
		printf 'status %d, output %s\n%s\n' "$status" "$output" \
		    "$stderr"
		return 1
	fi
}
