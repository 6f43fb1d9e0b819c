#!/usr/bin/env bats
# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
# jwt-askpass: $JWT_COMMAND.

bats_require_minimum_version 1.5.0
load askpass

setup() {
	askpass_setup
	unsigned '"ssh://build7"'
	ENVIRONMENT=(PATH="$BATS_TEST_TMPDIR:$PATH" XDG_RUNTIME_DIR="$KEPT"
	    TOKEN="$TOKEN" SAID="$BATS_TEST_TMPDIR/said")
	# A command that says how it was called, and gives the token.
	cat >"$BATS_TEST_TMPDIR/fetch" <<-'END'
		#!/bin/sh
		printf '<%s>' "$@" >"$SAID" && echo >>"$SAID"
		echo run >>"$SAID.runs"
		cat "$TOKEN"
	END
	chmod +x "$BATS_TEST_TMPDIR/fetch"
}

here() {
	ask '(deploy@build7) JWT: ' "$@"
}

# words COMMAND WANTED: what the command was called with.
words() {
	rm -f "$BATS_TEST_TMPDIR/said"
	gives here JWT_COMMAND="$1"
	diff -u - "$BATS_TEST_TMPDIR/said" <<<"$2"
}

@test "a command is found in PATH, and what it prints is the token" {
	gives here JWT_COMMAND=fetch
	gives here JWT_COMMAND="$BATS_TEST_TMPDIR/fetch"
	gives here JWT_COMMAND="cat '$TOKEN'"
}

@test "words end at white space, but not between quotes" {
	words 'fetch a  b' '<a><b>'
	words $' \tfetch\na\t b \n' '<a><b>'
	words "fetch 'a  b' \"c d\" e'f g'h\"i\"" '<a  b><c d><ef ghi>'
	words "fetch '' \"\" x" '<><><x>'
	words "fetch 'it\"s' \"it's\"" "<it\"s><it's>"
	words 'fetch \a \  $HOME `id` ; | > *' \
	    '<\a><\><$HOME><`id`><;><|><>><*>'
}

@test "%h is the host, %% a percent" {
	words 'fetch -a ssh://%h x%hy%h %% %%h "%h"' \
	    '<-a><ssh://build7><xbuild7ybuild7><%><%h><build7>'
}

@test "by sh -c the host is an argument" {
	gives here \
	    JWT_COMMAND="sh -c 'test \"\$1\" = build7 && fetch | cat' - %h"
	[ "$(<"$BATS_TEST_TMPDIR/said")" = '<>' ]
}

# nothing_runs REGEX COMMAND [PROMPT]
nothing_runs() {
	gives_nothing "$1" ask "${3:-(deploy@build7) JWT: }" JWT_COMMAND="$2" &&
	    [ ! -e "$BATS_TEST_TMPDIR/said" ]
}

@test "a command that cannot be understood does not run" {
	nothing_runs 'behind % stands' 'fetch %s'
	nothing_runs 'behind % stands' 'fetch %'
	nothing_runs 'behind % stands' 'fetch "%'
	nothing_runs "a ' has no other" "fetch 'x"
	nothing_runs 'a " has no other' 'fetch "x'\'
	nothing_runs 'names no command' ' '
	nothing_runs 'names no command' "'' fetch"
	nothing_runs '"nonexistent-command": (No such file|Permission denied)' nonexistent-command
	nothing_runs 'Permission denied' "$TOKEN"
}

@test "a variable before the command is one for a shell, and not shown" {
	nothing_runs '"SECRET": No such file' 'SECRET=hunter2 fetch'
	[[ $stderr != *hunter2* ]]
}

# manual REGEX: the lines of the manual that match, as a person reads them.
manual() {
	sed -n "s/\\\\(aq/'/g; s/\\\\e/\\\\/g; /$1/p" \
	    "$ASKPASS_HERE/../../man/jwt-askpass.1"
}

@test "the manual's commands ask for the host, as they stand there" {
	local line shell
	for shell in my-login ssh; do
		mv "$BATS_TEST_TMPDIR/fetch" "$BATS_TEST_TMPDIR/$shell"
		line=$(manual "JWT_COMMAND=.*$shell ")
		[ "$(wc -l <<<"$line")" -eq 1 ]
		JWT_COMMAND=$(bash -c "${line#$ }; "'printf %s "$JWT_COMMAND"')
		gives here JWT_COMMAND="$JWT_COMMAND"
		grep -F build7 "$BATS_TEST_TMPDIR/said"
		mv "$BATS_TEST_TMPDIR/$shell" "$BATS_TEST_TMPDIR/fetch"
	done
	[ "$(<"$BATS_TEST_TMPDIR/said")" = \
	    '<bastion><get-token><-a><ssh://build7>' ]
}

@test "the manual's script gives all pieces, as it stands there" {
	unsigned '"ssh://build7"' 4000
	manual '^#!.bin.sh' >"$BATS_TEST_TMPDIR/around"
	manual '^JWT_FILE=.*exec' >>"$BATS_TEST_TMPDIR/around"
	chmod +x "$BATS_TEST_TMPDIR/around"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/around")" -eq 2 ]
	ENVIRONMENT+=(HOME="${TOKEN%/*}" PATH="${ASKPASS%/*}:$PATH")
	ASKPASS=$BATS_TEST_TMPDIR/around
	[ "$(one_login '(deploy@build7) ' 1023)" = "$(<"$TOKEN")" ]
}

@test "where the host is not certain, nothing runs that wants it" {
	local prompt
	for prompt in 'JWT: ' '(deploy@-oProxyCommand=id) JWT: ' \
	    '(deploy@$(id)) JWT: ' '(deploy@a;b) JWT: ' '(deploy@a b) JWT: ' \
	    '(deploy@a_b) JWT: ' \
	    $'(x@build7) y@web1) \nJWT: ' $'\n(deploy@build7) \nJWT: '; do
		nothing_runs 'not certain: nothing is run' 'fetch %h' "$prompt"
	done
	# The others do not ask for it, and then the token's audience decides.
	gives_nothing 'which host asks is not certain' ask 'JWT: ' \
	    JWT_COMMAND=fetch
}

@test "what the server writes is no host for the command" {
	unsigned ''
	gives ask $'(deploy@build7) (x@build8) \nJWT: ' JWT_COMMAND='fetch a'
	[ "$(<"$BATS_TEST_TMPDIR/said")" = '<a>' ]
	gives ask $'(deploy@build7) @build8 (x)\nJWT: ' JWT_COMMAND='fetch %h'
	[ "$(<"$BATS_TEST_TMPDIR/said")" = '<build7>' ]
}

@test "a command that fails gives nothing, though it printed a token" {
	gives_nothing 'failed with status 3' here \
	    JWT_COMMAND="sh -c 'fetch; exit 3'"
	gives_nothing 'ended by signal 9' here \
	    JWT_COMMAND="sh -c 'fetch; kill -9 \$\$'"
	gives_nothing 'does not hold a token: nothing' here JWT_COMMAND=true
}

@test "one that says too much and does not end is not waited for" {
	mkfifo "$BATS_TEST_TMPDIR/end"
	gives_nothing 'more than 65536 bytes' timeout 20 env -i \
	    "${ENVIRONMENT[@]}" JWT_COMMAND="sh -c 'exec 2>&-; trap \"\" TERM
		yes; read end <$BATS_TEST_TMPDIR/end'" \
	    "$ASKPASS" '(deploy@build7) JWT: '
	echo >"$BATS_TEST_TMPDIR/end"
}

@test "it runs once a login, and all pieces are of the same token" {
	unsigned '"ssh://build7"' 4000
	[ "$(one_login '(deploy@build7) ' 1023 JWT_COMMAND=fetch)" = \
	    "$(<"$TOKEN")" ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/said.runs")" -eq 1 ]
}

@test "it does not see what would make it ask us" {
	gives here SSH_ASKPASS=x SUDO_ASKPASS=x SSH_ASKPASS_REQUIRE=force \
	    SSH_ASKPASS_PROMPT= OTHER=seen \
	    JWT_COMMAND="sh -c 'env >\"\$SAID\"; cat \"\$TOKEN\"'"
	grep -q '^OTHER=seen$' "$BATS_TEST_TMPDIR/said"
	run ! grep -E '^(SSH_ASKPASS|SUDO_ASKPASS|JWT_COMMAND)' \
	    "$BATS_TEST_TMPDIR/said"
}

@test "it has the pipe, standard error and nothing else of ours" {
	gives_nothing 'does not hold' here JWT_COMMAND='ls /proc/self/fd'
	gives here JWT_COMMAND="sh -c 'ls /proc/self/fd >\"\$SAID\"; cat \"\$TOKEN\"'"
	[ "$(<"$BATS_TEST_TMPDIR/said")" = "$(ls /proc/self/fd)" ]
	gives here JWT_COMMAND="sh -c 'readlink /proc/self/fd/0 >\"\$SAID\"; cat \"\$TOKEN\"'"
	[ "$(<"$BATS_TEST_TMPDIR/said")" = /dev/null ]
	run --separate-stderr here \
	    JWT_COMMAND="sh -c 'echo told >&2; cat \"\$TOKEN\"'"
	[ "$stderr" = told ]
}

@test "SIGPIPE does to it what it does to others" {
	gives here JWT_COMMAND="sh -c 'yes | head -n 1 >/dev/null; kill -s PIPE \$\$ 2>/dev/null; cat \"\$TOKEN\"'" &&
	    return 1
	gives_nothing 'ended by signal 13' here \
	    JWT_COMMAND="sh -c 'kill -s PIPE \$\$'"
}
