#!/usr/bin/env bats
# Variables go to functions of the library and come from it.
# shellcheck disable=SC2030,SC2031
#
# A token for the session: what the module runs for it, as whom, what that
# gets to see, and what becomes of a login when it fails.

bats_require_minimum_version 1.5.0

setup() {
	load world
	: >"$BATS_TEST_TMPDIR/nothing"
}

teardown() {
	world_end
}

# A program in the place of jwt-issue, which writes down all that it sees.
notes() {
	put /bin/notes 755 <<-END
		#!/bin/sh
		cd $1 || exit 1
		for word; do printf '<%s>' "\$word"; done >arguments
		tr '\0' '\n' </proc/\$\$/environ >environment
		(ls /proc/\$\$/fd; readlink /proc/\$\$/fd/[012]) >descriptors
		grep -E '^(Uid|Gid|Groups|SigBlk|SigIgn|Umask):' /proc/\$\$/status |
		    tr -s '\t ' ' ' >status
		read -r _ _ _ _ _ session rest </proc/\$\$/stat
		[ "\$session" = \$\$ ] && readlink /proc/\$\$/cwd >session
		$2
	END
}

user_world() {
	world_user
	notes "$WORLD/home" "exit 0"
}

# session_line ARG...: the line for the service test, alone but for one that
# permits.
session_line() {
	stack test <<-END
		session	required	pam_jwt.so issue $*
		session	required	pam_permit.so
	END
}

begins() {
	run pam_with "$BATS_TEST_TMPDIR/nothing" test "${1:-deploy}" open_session
	[ "$status" -eq 0 ] || { echo "$output"; log_now; return 1; }
}

# fails REGEX: the session does not begin, and one line says why.
fails() {
	run pam_with "$BATS_TEST_TMPDIR/nothing" test deploy open_session
	[ "$status" -ne 0 ]
	wait_log "$1" >/dev/null
	[ "$(log_now | grep -c .)" -eq 1 ]
}

@test 'it asks for what the line says, with %h, %H and %s filled in' {
	user_world
	session_line 'audience=ssh://%h audience=%s://%H?100%% ttl=10m' \
	    "command=$WORLD/bin/notes"
	begins
	[ "$(<"$WORLD/home/arguments")" = \
	    "<--store><-a><ssh://$HOST><-a><test://$(uname -n)?100%><-t><10m>" ]
}

@test 'it gets XDG_RUNTIME_DIR of the session, and nothing of the host' {
	user_world
	session_line "audience=x command=$WORLD/bin/notes"
	PAMTESTER_OPTIONS=(-E "XDG_RUNTIME_DIR=$WORLD/home" -E OTHER=x)
	in_world_with_more() {
		exec 7<"$WORLD/etc/passwd" 8<"$WORLD/etc/passwd"
		SECRET=x begins
	}
	in_world_with_more
	# A shell sets these itself.
	[ "$(grep -Ev '^(PWD|OLDPWD|SHLVL|_)=' "$WORLD/home/environment")" = \
	    "XDG_RUNTIME_DIR=$WORLD/home" ]
	# The script itself is one more.
	[ "$(<"$WORLD/home/descriptors")" = $'0\n1\n10\n2\n/dev/null\n/dev/null\n/dev/null' ]
	[ "$(<"$WORLD/home/session")" = "$(realpath "$WORLD/home")" ]
	grep -q '^SigBlk: 0*$' "$WORLD/home/status"
	# 32 and 33 are libc's own, which lets nobody set them, and make leaves
	# them ignored.
	grep -Eq '^SigIgn: 0*(180000000)?$' "$WORLD/home/status"
	grep -q '^Umask: 0077$' "$WORLD/home/status"
	PAMTESTER_OPTIONS=()
	begins
	! grep -q XDG "$WORLD/home/environment" || return 1
}

@test 'root, unknown accounts and lines of the older form ask for nothing' {
	user_world
	session_line "audience=x command=$WORLD/bin/notes"
	begins root
	begins nobody-at-all
	[ ! -e "$WORLD/home/arguments" ]
	[ -z "$(log_now)" ]
	stack test <<<'session required pam_jwt.so'
	begins
	[ ! -e "$WORLD/home/arguments" ]
}

@test 'a fault of the arguments is told, and nothing is run' {
	local arguments
	user_world
	while IFS= read -r arguments; do
		session_line "$arguments"
		fails '^<83>.*session argument ".*" of issue: '
	done <<-END
		command=$WORLD/bin/notes
		audience= command=$WORLD/bin/notes
		audience=ssh://%x command=$WORLD/bin/notes
		audience=ssh://% command=$WORLD/bin/notes
		audience=x ttl= command=$WORLD/bin/notes
		audience=x ttl=x command=$WORLD/bin/notes
		audience=x ttl=5 ttl=5 command=$WORLD/bin/notes
		audience=x command=notes
		audience=x command=$WORLD/bin/notes command=$WORLD/bin/notes
		audience=x debug command=$WORLD/bin/notes
		audience=x issue command=$WORLD/bin/notes
		audience=x claim=x=y command=$WORLD/bin/notes
		config=/nowhere audience=x command=$WORLD/bin/notes
	END
	[ ! -e "$WORLD/home/arguments" ]
}

@test 'how it ended is one line of the log, and the session has no token' {
	local code words
	user_world
	session_line "audience=x command=$WORLD/bin/notes"
	while read -r code words; do
		notes "$WORLD/home" "exit $code"
		fails "^<85>.*no token for the session: $WORLD/bin/notes: $words"
	done <<-END
		1 it failed
		64 the arguments of the PAM line have a fault
		65 a lifetime or claim
		67 jwt-issuerd does not know the account
		68 no policy allows the audience
		69 no jwt-issuerd listens, or it asks for a password
		70 it failed
		73 the token cannot be stored
		75 jwt-issuerd was too slow
		76 what answers is no jwt-issuerd
		77 jwt-issuerd refused
		78 jwt-issuerd.s configuration
	END
	notes "$WORLD/home" 'kill -KILL $$'
	fails 'no token for the session: .*/notes: it failed'
	session_line "audience=x command=$WORLD/bin/none"
	fails 'no token for the session: .*/none: it cannot be run'
	# Optional it holds up nobody.
	stack test <<-END
		session	optional	pam_jwt.so issue audience=x command=$WORLD/bin/none
		session	required	pam_permit.so
	END
	begins
}

@test 'after five seconds it is ended, and the login goes on' {
	local start=$SECONDS
	user_world
	notes "$WORLD/home" "echo \$\$ >$WORLD/home/pid; exec sleep 600"
	session_line "audience=x command=$WORLD/bin/notes"
	fails 'no token for the session: .*/notes: it took too long'
	[ $((SECONDS - start)) -ge 4 ]
	[ $((SECONDS - start)) -le 20 ]
	[ ! -e "/proc/$(<"$WORLD/home/pid")" ]
}

@test 'a program that ignores its children is told no more than is known' {
	[ -z "$(sanitizer)" ] || skip 'pam_wrapper and a shell under the sanitizers'
	user_world
	session_line "audience=x command=$WORLD/bin/notes"
	put /bin/ignoring 755 <<-'END'
		#!/bin/bash
		trap '' CHLD
		exec pamtester test deploy open_session
	END
	log_mark
	run in_world ignoring
	[ -e "$WORLD/home/arguments" ]
	[ "$status" -eq 0 ] || wait_log 'how it ended is not known'
}

@test 'another account'\''s token nobody gets who is not root' {
	user_world
	sed -i 's/^operator:x:2002/operator:x:2999/' "$ETC/passwd"
	session_line "audience=x command=$WORLD/bin/notes"
	run pam_with "$BATS_TEST_TMPDIR/nothing" test operator open_session
	[ "$status" -ne 0 ]
	wait_log '/notes: the account cannot be entered'
	[ ! -e "$WORLD/home/arguments" ]
}

# --- as root, and with the real service -------------------------------------

root_world() {
	local status=0
	world_root || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ]
}

@test 'real host: it becomes the user, with all groups and for good' {
	root_world
	sed -i 's/^operator:x:2002:/&deploy/' "$WORLD/etc/group"
	in_world install -d -m 777 /run/notes
	notes /run/notes 'exit 0'
	in_world install -m 755 /dev/stdin /run/bin/notes <"$WORLD/bin/notes"
	session_line 'audience=x command=/run/bin/notes'
	begins
	in_world grep -q '^Uid: 2001 2001 2001 2001$' /run/notes/status
	in_world grep -q '^Gid: 2001 2001 2001 2001$' /run/notes/status
	in_world grep -q '^Groups: 2001 2002 *$' /run/notes/status
	[ "$(in_world stat -c %a /run/notes/arguments)" = 600 ]
}

# issuer [LINE...]: the service with one policy, with these lines in it, and a
# session that gets a token by it.
issuer() {
	root_world
	issuer_stack
	issuer_config <<-END
		[policy all]
		audience = ssh://*
		$(printf '%s\n' "$@")
	END
	issuer_key
	start_issuerd
	stack test <<-END
		session	required	pam_jwt.so issue audience=ssh://%h command=/run/bin/jwt-issue
		session	required	pam_permit.so
	END
	in_world install -d -m 700 -o deploy -g deploy /run/user-2001
	PAMTESTER_OPTIONS=(-E XDG_RUNTIME_DIR=/run/user-2001)
}

@test 'real host: a login leaves the token where programs look for it' {
	issuer 'proof = peer'
	begins
	[ "$(in_world stat -c '%a %U' /run/user-2001/bt_u2001)" = '600 deploy' ]
	run as deploy XDG_RUNTIME_DIR=/run/user-2001 jwt-issue --list --json
	[[ $output == *'"file":"/run/user-2001/bt_u2001","found":true,"issuer":"'$ISSUER'","subject":"deploy","audience":["ssh://'$HOST'"]'* ]]
}

@test 'real host: where a policy wants a password there is nobody to ask' {
	issuer
	run pam_with "$BATS_TEST_TMPDIR/nothing" test deploy open_session
	[ "$status" -ne 0 ]
	wait_log 'no token for the session: /run/bin/jwt-issue: no jwt-issuerd listens, or it asks for a password'
	run in_world ls -A /run/user-2001
	[ -z "$output" ]
}

@test 'real host: where none listens the session has no token, and goes on' {
	root_world
	stack test <<-END
		session	optional	pam_jwt.so issue audience=ssh://%h command=/run/bin/jwt-issue
		session	required	pam_permit.so
	END
	in_world install -d -m 700 -o deploy -g deploy /run/user-2001
	PAMTESTER_OPTIONS=(-E XDG_RUNTIME_DIR=/run/user-2001)
	begins
	wait_log 'no token for the session: /run/bin/jwt-issue: no jwt-issuerd listens'
}
