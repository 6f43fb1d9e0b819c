#!/usr/bin/env bats
# jwt-askpass: where it finds the token, and what it takes from there.

bats_require_minimum_version 1.5.0
load askpass

setup() {
	askpass_setup
	unsigned '"ssh://build7"'
	ENVIRONMENT=(PATH="$PATH" XDG_RUNTIME_DIR="$KEPT")
	found=$KEPT/bt_u$(id -u)
}

# here [VARIABLE=VALUE]...: asks as the host of the token would.
here() {
	ask '(deploy@build7) JWT: ' "$@"
}

# other NAME: a token with another length, and so another text, into a file.
other() {
	TOKEN=$1
	unsigned '"ssh://build7"' "$2"
}

@test "JWT_FILE, JWT_COMMAND, then the discovery of bearer tokens" {
	local lengths=() set=()
	first=$TOKEN
	other "$BATS_TEST_TMPDIR/b" 301
	other "$BATS_TEST_TMPDIR/c" 302
	other "$BATS_TEST_TMPDIR/d" 303
	other "$found" 304
	set=("JWT_FILE=$first" "JWT_COMMAND=cat $BATS_TEST_TMPDIR/b"
	    "BEARER_TOKEN=$(<"$BATS_TEST_TMPDIR/c")"
	    "BEARER_TOKEN_FILE=$BATS_TEST_TMPDIR/d")
	while :; do
		lengths+=("$(here "${set[@]}" | wc -c)")
		[ "${#set[@]}" -gt 0 ] || break
		set=("${set[@]:1}")
	done
	[ "${lengths[*]:1}" = '301 302 303 304' ]
	[ "${lengths[0]}" = "$(($(wc -c <"$first") - 1))" ]
}

@test "a variable that is empty is not set" {
	other "$found" 304
	gives here JWT_FILE= JWT_COMMAND= BEARER_TOKEN= BEARER_TOKEN_FILE=
}

@test "where there is none, it says where one could be" {
	[ ! -e "/tmp/bt_u$(id -u)" ] || skip 'this account has a token in /tmp'
	gives_nothing 'there is no token: .*JWT_FILE.*JWT_COMMAND' here
	gives_nothing 'there is no token' here XDG_RUNTIME_DIR=
	gives_nothing 'there is no token' here XDG_RUNTIME_DIR=/nonexistent
}

@test "a file that is named and is not there is a fault, and nothing else asked" {
	gives_nothing 'JWT_FILE: "/nonexistent": No such file' here \
	    JWT_FILE=/nonexistent BEARER_TOKEN_FILE="$TOKEN"
	gives_nothing 'BEARER_TOKEN_FILE: "/nonexistent": No such file' here \
	    BEARER_TOKEN_FILE=/nonexistent
}

# not_private REGEX CMD...: after CMD none of the ways takes the file.
not_private() {
	local regex=$1
	shift
	rm -rf "$TOKEN" "$found"
	unsigned '"ssh://build7"'
	"$@" "$TOKEN"
	gives_nothing "JWT_FILE: .*$regex" here JWT_FILE="$TOKEN"
	gives_nothing "BEARER_TOKEN_FILE: .*$regex" here \
	    BEARER_TOKEN_FILE="$TOKEN"
	mv "$TOKEN" "$found"
	gives_nothing "bt_u.*$regex" here
}

fifo() { rm "$1" && mkfifo -m 600 "$1"; }
folder() { rm "$1" && mkdir -m 700 "$1"; }
link() { mv "$1" "$1.real" && ln -s "$1.real" "$1"; }
loop() { rm "$1" && ln -s "$1" "$1"; }

@test "a file that others can read or write is refused, and why is said" {
	local mode
	for mode in 640 604 660 620 602 610 644 666; do
		not_private "mode 0$mode, wanted nothing for group" chmod "$mode"
	done
	for mode in 600 400 700; do
		unsigned '"ssh://build7"'
		chmod "$mode" "$TOKEN"
		gives here JWT_FILE="$TOKEN"
		rm -f "$TOKEN"
	done
}

@test "what is no regular file is refused, and holds nobody up" {
	not_private 'no regular file' fifo
	not_private 'no regular file' folder
	not_private 'symbolic link' link
	not_private 'symbolic link' loop
	gives_nothing 'no regular file' here JWT_FILE=/dev/null
	gives_nothing 'symbolic link' here JWT_FILE=/dev/stdin
}

@test "a file of another account is refused" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to give a file away'
	not_private 'is owned by uid 2001, wanted uid 0' chown 2001
}

@test "what is no token is not sent, nor shown" {
	local text rest=eyJhbGciOiJFZERTQSJ9
	for text in '' secret-password a.b.c "$rest" "$rest.$rest" \
	    "$rest.$rest." "Bearer $(<"$TOKEN")" "\"$(<"$TOKEN")\"" \
	    "$(<"$TOKEN").x.y" "$(<"$TOKEN")=" $'eyJ\n.eyJ\n.x' \
	    "$(cat "$TOKEN" "$TOKEN")"; do
		printf '%s\n' "$text" >"$BATS_TEST_TMPDIR/text"
		chmod 600 "$BATS_TEST_TMPDIR/text"
		gives_nothing 'JWT_FILE does not hold a token' here \
		    JWT_FILE="$BATS_TEST_TMPDIR/text"
		[[ $stderr != *secret* ]]
		gives_nothing 'JWT_COMMAND does not hold a token' here \
		    JWT_COMMAND="cat $BATS_TEST_TMPDIR/text"
		[ -z "$text" ] ||
		    gives_nothing 'BEARER_TOKEN does not hold a token' here \
		    BEARER_TOKEN="$text"
	done
}

@test "a token where a name belongs is not shown" {
	local length text variable
	for length in 0 400; do
		unsigned '"ssh://build7"' "$length"
		for text in "$(<"$TOKEN")" "Bearer $(<"$TOKEN")" \
		    "./$(<"$TOKEN")" "$(head -c 60 "$TOKEN")"; do
			for variable in JWT_FILE JWT_COMMAND \
			    BEARER_TOKEN_FILE XDG_RUNTIME_DIR; do
				gives_nothing '' here "$variable=$text"
			done
			gives_nothing '' ask 'Password: ' \
			    JWT_NEXT_ASKPASS="$text"
		done
	done
	gives_nothing 'JWT_FILE: what looks like a token' here \
	    JWT_FILE="$(<"$TOKEN")"
}

@test "a token has 64 KiB at most, with what stands around it" {
	unsigned '"ssh://build7"' 65535
	[ "$(one_login '(deploy@build7) ' 1023 JWT_FILE="$TOKEN")" = \
	    "$(<"$TOKEN")" ]
	echo >>"$TOKEN"
	gives_nothing 'JWT_FILE: has more than 65536 bytes' here \
	    JWT_FILE="$TOKEN"
	gives_nothing 'JWT_COMMAND: has more than 65536 bytes' here \
	    JWT_COMMAND="cat $TOKEN"
	gives_nothing 'JWT_COMMAND: has more than 65536 bytes' here \
	    JWT_COMMAND=yes
	gives_nothing 'BEARER_TOKEN: has more than 65536 bytes' here \
	    BEARER_TOKEN="$(printf '%065537d' 0)"
}

@test "what stands in a name cannot steer the terminal" {
	gives_nothing '\\x1b.2J' here JWT_FILE=$'/\e[2J'
	gives_nothing '\\x1b.2J' here JWT_COMMAND=$'\e[2J'
}

@test "an absurd environment is no harm" {
	gives here JWT_FILE="$TOKEN" HOME= XDG_RUNTIME_DIR=relative PATH=
	gives env -i JWT_FILE="$TOKEN" "$ASKPASS" '(deploy@build7) JWT: '
	run ! env -i "$ASKPASS" '(deploy@build7) JWT: '
	cd "${TOKEN%/*}"
	gives here JWT_FILE="${TOKEN##*/}"
}
