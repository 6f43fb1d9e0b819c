#!/usr/bin/env bats
# tests/run: what it leaves behind.

bats_require_minimum_version 1.5.0
load login/world

setup() {
	BUILD=${BUILD:-build}
	cd "$BATS_TEST_DIRNAME/.."
	# Results and worlds of its own, beside those of whoever runs this.
	OWN=$BATS_TEST_TMPDIR/build
	mkdir -p "$OWN/tests/login" "$BATS_TEST_TMPDIR/tmp"
	cp "$BUILD"/{pam_jwt.so,jwtctl,jwt-askpass,jwt-issue} "$OWN/"
	cp "$BUILD"/tests/login/{logcatch,preload-*.so} "$OWN/tests/login/"
	[ ! -d "$BUILD/root" ] || cp -r "$BUILD/root" "$OWN/"
	# bats keeps its folders to itself.
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	chmod 1777 "$BATS_TEST_TMPDIR/tmp"
}

sshd_runs() {
	grep -qs "$BATS_TEST_TMPDIR.*sshd_config.test" /proc/[0-9]*/cmdline
}

@test 'interrupted it ends every job, its worlds and their servers, and says so' {
	local signal runner status
	for signal in INT TERM; do
		BUILD=$OWN TMPDIR=$BATS_TEST_TMPDIR/tmp \
		    env --default-signal=INT tests/run plain -- login/user \
		    >"$BATS_TEST_TMPDIR/shown" 2>&1 3>&- &
		runner=$!
		until_true 60 sshd_runs
		kill -"$signal" "$runner"
		status=0
		wait "$runner" || status=$?
		[ "$status" -eq 130 ]
		grep -q '^interrupted: ' "$BATS_TEST_TMPDIR/shown"
		# Neither a process nor a file.
		run ! grep -ls "$BATS_TEST_TMPDIR/tmp" /proc/[0-9]*/cmdline
		[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
	done
}
