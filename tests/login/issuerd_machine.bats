# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
# jwt-issuerd on machines that are not as they should be: each has its own
# message and one line in the log, and the service goes on. How it begins and
# ends.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
	policy 'proof = peer'
}

teardown() {
	world_end
}

# served: the service goes on.
served() {
	ask operator 'ISSUE aud=ssh://build7'
	issued
}

# --- machines ---------------------------------------------------------------

@test 'no key, then one that others could read, then a good one' {
	in_world sh -c "rm -rf $ISSUER_KEYS/*"
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7'
	denied keys_unavailable
	issuer_key
	in_world sh -c "chmod 644 $ISSUER_KEYS/*.jwk"
	ask deploy 'ISSUE aud=ssh://build7'
	denied config_error
	in_world sh -c "chmod 600 $ISSUER_KEYS/*.jwk"
	served
}

@test 'a clock before the key became active' {
	start_issuerd
	in_world sh -c "cp $ISSUER_KEYS/ring /run/ring.good &&
	    sed -i 's/^activated = .*/activated = 4102444800/' $ISSUER_KEYS/ring"
	ask deploy 'ISSUE aud=ssh://build7'
	denied clock_wrong
	[[ $output == *2100-01-01T00:00:00Z* ]]
	in_world sh -c "cat /run/ring.good >$ISSUER_KEYS/ring"
	served
}

@test 'a full disk: no token, and one again when there is room' {
	start_issuerd
	in_world sh -c "mount -o remount,size=64k /srv &&
	    { head -c 1m /dev/zero >/srv/full 2>/dev/null || :; }"
	ask deploy 'ISSUE aud=ssh://build7'
	denied store_unavailable
	[[ $output == *[Nn]o%20space* ]]
	in_world rm /srv/full
	served
}

@test 'a full /run: no connection, and no token' {
	start_issuerd
	in_world sh -c 'mount -o remount,size=32m /run &&
	    { head -c 64m /dev/zero >/run/full 2>/dev/null || :; }'
	ask deploy 'ISSUE aud=ssh://build7'
	in_world rm /run/full
	[[ ${lines[-1]} == 'ERR store_unavailable '* ]]
	served
}

@test 'PAM that cannot be asked is no wrong password' {
	policy
	rm "$WORLD/etc/pam.d/jwt-issuer"
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	[[ $output == 'ERR login_'* ]]
	stack jwt-issuer <<<'auth required pam_nowhere.so'
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	[[ $output == 'ERR login_'* ]]
	issuer_stack
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	issued
}

# A module of its own, because no signal of theirs ends the first process of a
# namespace.
crashes() {
	"${CC:-gcc}" -x c -shared -fPIC -o "$BATS_TEST_TMPDIR/crash.so" - <<-'END'
		int pam_sm_authenticate(void) { __builtin_trap(); }
		int pam_sm_setcred(void) { return 0; }
	END
	in_world sh -c 'cat >/srv/crash.so' <"$BATS_TEST_TMPDIR/crash.so"
	stack jwt-issuer <<<'auth required /srv/crash.so'
}

# through SCRIPT: the stack runs that by pam_exec, as the front.
through() {
	printf '#!/bin/sh\n%s\n' "$1" |
	    in_world sh -c 'cat >/srv/exec && chmod 755 /srv/exec'
	stack jwt-issuer <<-END
		auth	required	pam_exec.so /srv/exec
		auth	required	pam_unix.so nodelay
		@include common-account
	END
}

# asleep: whether a process of the stack is still there.
asleep() {
	in_world sh -c 'grep -lszx "765[4]" /proc/[0-9]*/cmdline' >/dev/null
}

none_asleep() {
	! asleep
}

@test 'a module that dies, hangs or leaves a process: told, ended, and no token' {
	policy 'proof = password'
	sed -i 's/^keys/answer_time = 1s\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
	crashes
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	denied internal_error
	through 'setsid sleep 7654 </dev/null >/dev/null 2>&1 & exit 0'
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	issued
	until_true 10 none_asleep
	through 'exec sleep 7654'
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	denied timed_out
	until_true 10 none_asleep
	issuer_stack
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	issued
}

# --- the service ------------------------------------------------------------

@test 'a faulty configuration: no beginning, and no reload' {
	echo 'nonsense = 1' >>"$WORLD/etc/security/jwt-issuer.conf"
	run in_world jwt-issuerd --listen
	[ "$status" -eq 78 ]
	[[ $output == *jwt-issuer.conf:[0-9]*nonsense* ]]
	policy 'proof = peer'
	start_issuerd
	echo 'nonsense = 1' >>"$WORLD/etc/security/jwt-issuer.conf"
	log_mark
	signal_issuerd HUP
	wait_log 'the one from before is still in force'
	wait_log 'jwt-issuer.conf:[0-9]+: .*nonsense'
	served
}

@test 'it ends when told to, with what it is doing done' {
	start_issuerd
	served
	signal_issuerd TERM
	wait_log 'jwt-issuerd.*: stopped'
	run in_world test -e /run/jwt-issuer/socket
	[ "$status" -ne 0 ]
	# Killed, it leaves a socket behind that the next one replaces.
	start_issuerd
	signal_issuerd KILL
	in_world test -e /run/jwt-issuer/socket
	start_issuerd
	served
}

@test 'two do not share a socket' {
	start_issuerd
	run in_world jwt-issuerd --listen
	[ "$status" -eq 71 ]
	[[ $output == *'another jwt-issuerd listens there'* ]]
	served
}

@test 'not begun as root, and without an account that signs' {
	run as deploy jwt-issuerd --listen=/tmp/socket
	[ "$status" -eq 77 ]
	sed -i '/^jwt-issuer:/d' "$WORLD/etc/passwd"
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7'
	[[ $output == 'ERR internal_error '*jwt-issuer* ]]
}

@test 'begun for each connection, as systemd does with Accept=yes' {
	local activate
	activate=$(command -v systemd-socket-activate) ||
	    skip 'no systemd-socket-activate'
	in_world mkdir -p /run/jwt-issuer
	in_world "$activate" --accept -l /run/jwt-issuer/socket \
	    "$BIN/jwt-issuerd" >"$WORLD/activate.log" 2>&1 3>&- &
	WORLD_PIDS+=($!)
	until_true 10 in_world test -S /run/jwt-issuer/socket
	in_world chmod 666 /run/jwt-issuer/socket
	served
	ask deploy 'ISSUE aud=https://build7'
	denied audience_not_allowed
	# A fault that came later is told to who asks.
	echo 'nonsense = 1' >>"$WORLD/etc/security/jwt-issuer.conf"
	ask deploy 'ISSUE aud=ssh://build7'
	[[ $output == 'ERR config_error '* ]]
}
