#!/usr/bin/env bats
# jwt-askpass: the token of a login that has begun, kept for its next pieces.

bats_require_minimum_version 1.5.0
load askpass

setup() {
	askpass_setup
	unsigned '"ssh://build7"' 3000
	cp -p "$TOKEN" "$TOKEN.first"
}

# in_login SCRIPT [VARIABLE=VALUE]...: SCRIPT in a shell that stands for the
# client; there `asks PROMPT` calls jwt-askpass, as a child of that shell.
in_login() {
	local script=$1
	shift
	setsid -w env -i "${ENVIRONMENT[@]}" "$@" ASKPASS="$ASKPASS" \
	    KEPT="$KEPT" bash -c '
		set -e
		asks() { "$ASKPASS" "(deploy@build7) $1"; }
		eval "$1"; :' - "$script" </dev/null
}

first='asks "JWT: " >/dev/null;'

@test "a file that is renewed between two pieces changes neither" {
	unsigned '"ssh://build7"' 2900
	mv "$TOKEN" "$TOKEN.second"
	cp -p "$TOKEN.first" "$TOKEN"
	in_login 'asks "JWT: "
	    mv "$JWT_FILE.second" "$JWT_FILE"
	    asks "JWT (from 1023): "; asks "JWT (from 2046): "' \
	    >"$BATS_TEST_TMPDIR/given"
	head -c -1 "$TOKEN.first" | cmp - "$BATS_TEST_TMPDIR/given"
	# A new login takes the new one.
	[ "$(one_login '(deploy@build7) ' 1023)" = "$(<"$TOKEN")" ]
}

@test "it is the caller's alone, whatever the umask" {
	run -0 in_login "umask 0; $first stat -c '%a %h %F' \"\$KEPT\"/*"
	[ "$output" = '600 1 regular file' ]
	run -0 in_login "umask 777; $first stat -c '%a' \"\$KEPT\"/*;
	    asks 'JWT (from 2046): ' >/dev/null"
	[ "$output" = 600 ]
}

@test "the last piece takes it away" {
	run -0 in_login "$first asks 'JWT (from 1023): ' >/dev/null
	    ls -A \"\$KEPT\"; asks 'JWT (from 2046): ' >/dev/null
	    ls -A \"\$KEPT\""
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == jwt-askpass.* ]]
	gives_nothing 'not begun here' in_login "$first
	    asks 'JWT (from 2046): ' >/dev/null
	    asks 'JWT (from 1023): '"
}

@test "a token that needs no second piece is never kept" {
	unsigned '"ssh://build7"' 1022
	run -0 in_login "$first ls -A \"\$KEPT\""
	[ -z "$output" ]
}

@test "another parent's login, or none, gets nothing of it" {
	gives_nothing 'not begun here' in_login 'asks "JWT (from 1023): "'
	gives_nothing 'not begun here' in_login "$first
	    (asks 'JWT (from 1023): '; :)"
}

@test "another host gets nothing of it" {
	gives_nothing 'not begun here' in_login "$first
	    \"\$ASKPASS\" '(deploy@build8) JWT (from 1023): '"
	gives_nothing 'not begun here' in_login "$first
	    \"\$ASKPASS\" \$'(deploy@build8) (x@build7) \nJWT (from 1023): '"
	gives_nothing 'not begun here' in_login "$first
	    \"\$ASKPASS\" 'JWT (from 1023): '"
}

@test "two logins at once do not mix" {
	local i
	unsigned '"ssh://build7"' 2900
	mv "$TOKEN" "$TOKEN.second"
	mv "$TOKEN.first" "$TOKEN"
	for i in 1 2 3 4; do
		one_login '(deploy@build7) ' 1023 >"$TOKEN.a$i" &
		one_login '(deploy@build7) ' 1023 JWT_FILE="$TOKEN.second" \
		    >"$TOKEN.b$i" &
	done
	wait
	for i in 1 2 3 4; do
		[ "$(<"$TOKEN.a$i")" = "$(<"$TOKEN")" ]
		[ "$(<"$TOKEN.b$i")" = "$(<"$TOKEN.second")" ]
	done
	[ -z "$(ls -A "$KEPT")" ]
}

@test "asked for less from the beginning, it gives the one it has" {
	printf '#!/bin/sh\necho run >>"%s.runs"\ncat "%s"\n' "$TOKEN" "$TOKEN" \
	    >"$BATS_TEST_TMPDIR/fetch"
	chmod +x "$BATS_TEST_TMPDIR/fetch"
	in_login 'asks "JWT: " >/dev/null
	    asks "JWT (from 0, at most 511): "
	    asks "JWT (from 511): "; asks "JWT (from 1534): "
	    asks "JWT (from 2557): "' JWT_FILE= \
	    JWT_COMMAND="$BATS_TEST_TMPDIR/fetch" >"$BATS_TEST_TMPDIR/given"
	head -c -1 "$TOKEN" | cmp - "$BATS_TEST_TMPDIR/given"
	[ "$(wc -l <"$TOKEN.runs")" -eq 1 ]
	# The beginning itself is a new login.
	in_login "$first $first" JWT_FILE= \
	    JWT_COMMAND="$BATS_TEST_TMPDIR/fetch"
	[ "$(wc -l <"$TOKEN.runs")" -eq 3 ]
}

@test "what a login left behind goes with the next, and nothing else" {
	in_login "$first"
	run ls -A "$KEPT"
	[ "${#lines[@]}" -eq 1 ]
	echo mine >"$KEPT/jwt-askpass.conf"
	echo mine >"$KEPT/jwt-askpass.1.2.x"
	unsigned '"ssh://build7"' 300
	in_login "$first"
	[ "$(ls -A "$KEPT")" = $'jwt-askpass.1.2.x\njwt-askpass.conf' ]
}

@test "one that is there for long goes, though its parent runs" {
	run -0 in_login "$first touch -d '11 minutes ago' \"\$KEPT\"/*
	    (\"\$ASKPASS\" '(deploy@build8) JWT: ' 2>/dev/null || :)
	    ls -A \"\$KEPT\""
	[ -z "$output" ]
	run -0 in_login "$first touch -d '9 minutes ago' \"\$KEPT\"/*
	    (\"\$ASKPASS\" '(deploy@build8) JWT: ' 2>/dev/null || :)
	    ls -A \"\$KEPT\""
	[ "${#lines[@]}" -eq 1 ]
}

# tampered REGEX COMMANDS: $file is what was kept.
tampered() {
	gives_nothing "$1" in_login "$first file=\$(echo \"\$KEPT\"/*)
	    $2
	    asks 'JWT (from 1023): '"
	rm -rf "${KEPT:?}"/*
}

@test "what is kept is looked at as any token's file" {
	tampered 'symbolic link' 'mv "$file" "$file.x"; ln -s "$file.x" "$file"'
	tampered 'mode 0644' 'chmod 644 "$file"'
	tampered 'mode 0620' 'chmod 620 "$file"'
	tampered 'no regular file' 'rm "$file"; mkfifo -m 600 "$file"'
	tampered 'no regular file' 'rm "$file"; mkdir -m 700 "$file"'
	tampered 'not whole' ': >"$file"'
	tampered 'not whole' 'truncate -s -1 "$file"'
	tampered 'another host' 'sed -i s/build7/build8/ "$file"'
	tampered 'does not hold a token' \
	    'printf "build7\npassword\n" >"$file"'
	[ "$(id -u)" -ne 0 ] || tampered 'owned by uid 2001' 'chown 2001 "$file"'
}

@test "whoever is first there cannot make it write elsewhere" {
	local target=$BATS_TEST_TMPDIR/target
	: >"$target"
	# The name is known before: put in its place, a link is taken away.
	gives in_login "$first name=\$(echo \"\$KEPT\"/*)
	    rm \"\$name\"; ln -s '$target' \"\$name\"
	    asks 'JWT: '"
	[ ! -s "$target" ]
	# A folder is not, and then nothing is given.
	gives_nothing 'cannot be kept for its next piece' in_login "$first
	    name=\$(echo \"\$KEPT\"/*); rm \"\$name\"; mkdir \"\$name\"
	    asks 'JWT: '"
}

@test "it lies in no folder that others can write" {
	[ -w /dev/shm ] || skip 'no /dev/shm'
	chmod 777 "$KEPT"
	run -0 in_login "$first ls /dev/shm; ls -A \"\$KEPT\"
	    asks 'JWT (from 2046): ' >/dev/null"
	[[ $output == *"jwt-askpass.$(id -u)."* ]]
	[ -z "$(ls -A "$KEPT")" ]
	for place in '' /nonexistent relative "$TOKEN"; do
		[ "$(one_login '(deploy@build7) ' 1023 \
		    XDG_RUNTIME_DIR="$place")" = "$(<"$TOKEN")" ]
	done
	ln -s "$KEPT" "$KEPT.link"
	chmod 700 "$KEPT"
	run -0 in_login "$first ls -A \"\$KEPT\"
	    asks 'JWT (from 2046): ' >/dev/null" XDG_RUNTIME_DIR="$KEPT.link"
	[ -z "$output" ]
}
