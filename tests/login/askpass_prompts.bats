#!/usr/bin/env bats
# jwt-askpass: which prompts it answers, with which piece.

bats_require_minimum_version 1.5.0
load askpass

setup() {
	askpass_setup
}

# --- pieces -----------------------------------------------------------------

@test "a token comes as it is, without a newline" {
	unsigned '"ssh://build7"'
	ask '(deploy@build7) JWT: ' >"$BATS_TEST_TMPDIR/given"
	head -c -1 "$TOKEN" | cmp - "$BATS_TEST_TMPDIR/given"
}

@test "white space around the token is no part of it" {
	unsigned '"ssh://build7"'
	token=$(<"$TOKEN")
	printf ' \n%s \r\n\n' "$token" >"$TOKEN"
	[ "$(ask '(deploy@build7) JWT: ')" = "$token" ]
}

@test "ssh gets 1023 characters, who does not say its host 511, by one write" {
	unsigned '' 4000
	[ "$(ask '(deploy@build7) JWT: ' | dd bs=64k count=1 status=none |
	    wc -c)" -eq 1023 ]
	[ "$(ask 'JWT: ' | dd bs=64k count=1 status=none | wc -c)" -eq 511 ]
}

@test "the pieces together are the token, whatever its length" {
	local length
	for length in 300 510 511 512 1022 1023 1024 1533 2046 2047 4000 4095 \
	    9000; do
		unsigned '["ssh://build7"]' "$length"
		[ "$(wc -c <"$TOKEN")" -eq $((length + 1)) ]
		run one_login '(deploy@build7) ' 1023
		[ "$output" = "$(<"$TOKEN")" ] || {
			echo "$length: $output"
			return 1
		}
		unsigned '' "$length"
		run one_login '' 511
		[ "$output" = "$(<"$TOKEN")" ]
		# Nothing is left of either.
		[ -z "$(ls -A "$KEPT")" ]
	done
}

# begun AUDIENCE LENGTH PROMPT...: what the last of the prompts gets, of the
# same parent.
begun() {
	unsigned "$1" "$2"
	shift 2
	setsid -w env -i "${ENVIRONMENT[@]}" ASKPASS="$ASKPASS" bash -c '
		while [ $# -gt 1 ]; do
			"$ASKPASS" "$1" >/dev/null
			shift
		done
		"$ASKPASS" "$1" || exit' - "$@" </dev/null
}

@test "where nothing is left, a lone = says so" {
	[ "$(begun '' 511 'JWT: ' 'JWT (from 511): ')" = '=' ]
	[ "$(begun '' 1022 'JWT: ' 'JWT (from 511): ' \
	    'JWT (from 1022): ')" = '=' ]
	[ "$(begun '"ssh://b"' 1023 '(x@b) JWT: ' '(x@b) JWT (from 1023): ')" \
	    = '=' ]
}

@test "what lies behind the end is a fault" {
	gives_nothing 'behind character 512' begun '' 511 'JWT: ' \
	    'JWT (from 512): '
	gives_nothing 'behind character 999999' begun '' 600 'JWT: ' \
	    'JWT (from 999999): '
}

# at_most M: the length of the piece that ssh gets of 9000 characters.
at_most() {
	unsigned '' 9000
	ask "(deploy@build7) JWT (from 0, at most $1): " | wc -c
}

@test "a piece is no longer than is asked for, and of a length that goes on" {
	[ "$(at_most 511)" -eq 511 ]
	[ "$(at_most 1000)" -eq 511 ]
	[ "$(at_most 1022)" -eq 511 ]
	[ "$(at_most 1023)" -eq 1023 ]
	[ "$(at_most 4095)" -eq 1023 ]
	[ "$(at_most 99999)" -eq 1023 ]
}

@test "fewer characters than make a piece are enough for a last one alone" {
	unsigned '' 400
	gives ask 'JWT (from 0, at most 400): '
	gives_nothing '399 characters at most' ask 'JWT (from 0, at most 399): '
	gives_nothing '510 characters at most' begun '' 600 \
	    'JWT (from 0, at most 510): '
}

# --- prompts ----------------------------------------------------------------

@test "what is no prompt of ours gets no token" {
	local prompt
	unsigned ''
	for prompt in '' JWT 'JWT:' 'JWT:  ' ' JWT: ' 'jwt: ' 'Password: ' \
	    $'JWT: \n' $'JWT: \nPassword: ' $'JWT: \r' 'JWT: JWT: ' \
	    'JWT (from 1): x' 'JWT (from 01): ' 'JWT (from -1): ' \
	    'JWT (from 1000000): ' 'JWT (from 0, at most 0): ' \
	    'deploy@build7 JWT: ' '(deploy@build7)JWT: ' \
	    '(deploy@build7)  JWT: ' '(build7) JWT: ' '(@build7) JWT: ' \
	    '(x@y) (deploy@build7) JWT: ' \
	    '(deploy@build7) (x@y) JWT: ' $'(deploy@build7)\r JWT: ' \
	    "deploy@build7's password: " \
	    "Enter passphrase for key '/home/deploy/JWT: ': " \
	    $'(a\nb@build7) JWT: '; do
		gives_nothing 'no terminal' ask "$prompt"
	done
}

@test "no question about a host's key is answered with a token" {
	unsigned ''
	gives_nothing 'no terminal' ask \
	    'Are you sure you want to continue connecting (yes/no/[fingerprint])? '
	gives_nothing 'no terminal' ask \
	    "Please type 'yes', 'no' or the fingerprint: "
	for kind in confirm none other; do
		gives_nothing 'no terminal' ask 'JWT: ' \
		    SSH_ASKPASS_PROMPT="$kind"
	done
	gives ask 'JWT: ' SSH_ASKPASS_PROMPT=
}

@test "lines in front of the prompt change nothing" {
	unsigned '"ssh://build7"' 900
	[ "$(ask $'(deploy@build7) Maintenance (today) at 5 pm\n\nJWT: ' |
	    wc -c)" -eq 900 ]
	[ "$(ask $'(deploy@build7) JWT (from 5): \nJWT: ' | wc -c)" -eq 900 ]
	[ "$(ask $'(deploy@build7) ops@example.com\nJWT: ' | wc -c)" -eq 900 ]
}

@test "the host is what the client says first, and nothing that follows" {
	local prompt
	unsigned '"ssh://build7"'
	gives ask '(deploy@build7) JWT: '
	gives ask '(deploy@corp@build7) JWT: '
	gives ask $'(deploy@build7) (hello) \nJWT: '
	for prompt in '(deploy@web1) JWT: ' \
	    $'(deploy@web1) (deploy@build7) \nJWT: ' \
	    $'(deploy@web1) \n(deploy@build7) x\nJWT: ' \
	    $'(deploy@web1) x\r(deploy@build7) \nJWT: '; do
		gives_nothing 'another host than|not certain' ask "$prompt"
	done
	# The server's text alone, before a client's that says no host.
	for prompt in $'(deploy@build7) x\n(deploy@build7) JWT: ' \
	    $'x\n(deploy@build7) JWT: '; do
		gives_nothing 'no terminal' ask "$prompt"
	done
	for prompt in 'JWT: ' $'x\nJWT: ' $'\n(deploy@build7) \nJWT: '; do
		gives_nothing 'not certain' ask "$prompt"
	done
}

@test "a user's name that looks like a host is none" {
	local prompt
	unsigned '"ssh://build7"'
	# ssh -l 'x@build7) y' web1, whose server sends a newline in front.
	for prompt in $'(x@build7) y@web1) \nJWT: ' \
	    $'(x@build7) @web1) \nJWT: ' $'(x@build7) \ny@web1) \nJWT: ' \
	    $'(x@build7) \n\nfoo @ bar) \nJWT: '; do
		gives_nothing 'not certain' ask "$prompt"
	done
	gives_nothing 'no terminal' ask '(x@build7) y@web1) JWT: '
}

@test "a host is made of letters, digits, dots, colons, hyphens and underscores" {
	local host long
	long=$(printf '%0253d' 0)
	for host in 10.0.0.7 ::1 fe80::1 build-7 build_7 "$long"; do
		unsigned "\"ssh://[$host]\""
		gives ask "(deploy@$host) JWT: "
	done
	unsigned '"ssh://build7"'
	for host in '' -build7 'build7 ' 'build%7' 'b;id' 'b$x' $'b\tx' 'fe80::1%1' \
	    '[::1]' "${long}0" bü '(build7)' 'build7)'; do
		gives_nothing 'not certain' ask "(deploy@$host) JWT: "
	done
}

# --- being called -----------------------------------------------------------

@test "one argument never names a file, not even one that looks so" {
	local argument
	unsigned ''
	for argument in "--pieces=$TOKEN" "--pieces $TOKEN" --pieces -n \
	    "-p$TOKEN" "$TOKEN" -; do
		run ask "$argument"
		[ "$status" -eq 1 ]
		[[ $output != *eyJ* ]]
	done
}

@test "called without a prompt, or with more, it says how it is called" {
	gives_nothing 'prompt is missing' "$ASKPASS"
	gives_nothing 'one argument' "$ASKPASS" 'JWT: ' 'JWT: '
	gives_nothing 'followed by FILE' "$ASKPASS" --pieces
	gives_nothing 'followed by FILE' "$ASKPASS" --pieces x y
	gives_nothing 'followed by FILE' "$ASKPASS" --pieces x -n 511 y
	run -0 "$ASKPASS" --help
	[[ $output == usage:* ]]
	run -0 "$ASKPASS" --version
	[[ $output == 'jwt-askpass '[0-9]* ]]
	run -1 bash -c "$ASKPASS --help >/dev/full"
}

@test "with descriptors closed it gives nothing, and to nobody else" {
	unsigned ''
	run -1 --separate-stderr env -i "${ENVIRONMENT[@]}" \
	    sh -c '"$0" "JWT: " >&-' "$ASKPASS"
	[[ $stderr == *'standard output: Bad file descriptor'* ]]
	[ "$(ask 'JWT: ' 2>&- <&-)" = "$(<"$TOKEN")" ]
	run -1 env -i "${ENVIRONMENT[@]}" \
	    sh -c '"$0" "JWT: " >&- 2>&- <&-' "$ASKPASS"
	[ -z "$output" ]
}

@test "who does not read gets it no sooner" {
	unsigned '' 600
	run --separate-stderr bash -c '
		env -i "$@" | true
		exit "${PIPESTATUS[0]}"' - "${ENVIRONMENT[@]}" \
	    sh -c 'sleep 0.2; exec "$0" "JWT: "' "$ASKPASS"
	[ "$status" -eq 1 ]
	[[ $stderr == *'standard output: Broken pipe'* ]]
	[ -z "$(ls -A "$KEPT")" ]
}

# --- --pieces ---------------------------------------------------------------

@test "--pieces prints lines that sudo -S takes, and an end" {
	local length
	for length in 300 510 511 512 1022 1023 4000; do
		unsigned '' "$length"
		run "$ASKPASS" --pieces "$TOKEN"
		[ "$(tr -d '\n=' <<<"$output")" = "$(<"$TOKEN")" ]
		for line in "${lines[@]::${#lines[@]}-1}"; do
			[ "${#line}" -eq 511 ]
		done
		if [ $((length % 511)) -eq 0 ]; then
			[ "${lines[-1]}" = = ]
		else
			[ "${#lines[-1]}" -eq $((length % 511)) ]
		fi
		[ "$("$ASKPASS" --pieces - <"$TOKEN")" = "$output" ]
	done
	# A last line as long as another client's piece asks for an end, too.
	unsigned '' 1023
	run "$ASKPASS" --pieces "$TOKEN" -n 4095
	[ "${#lines[0]}" -eq 1023 ]
	[ "${lines[1]}" = = ]
}

@test "--pieces refuses what is no token, no size and no file" {
	echo password >"$TOKEN"
	gives_nothing 'the file does not hold a token' "$ASKPASS" --pieces "$TOKEN"
	unsigned '' 600
	gives_nothing '510 characters at most' "$ASKPASS" --pieces "$TOKEN" -n 510
	for size in '' x -1 1e3 99999999999; do
		gives_nothing 'number of characters' "$ASKPASS" --pieces \
		    "$TOKEN" -n "$size"
	done
	gives_nothing 'No such file' "$ASKPASS" --pieces "$TOKEN.none"
	gives_nothing 'name is wanted' "$ASKPASS" --pieces "$(<"$TOKEN")"
	gives_nothing 'Is a directory' "$ASKPASS" --pieces "$KEPT"
}
