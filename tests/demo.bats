#!/usr/bin/env bats
# make demo: what it shows, and that nothing is left of it.

bats_require_minimum_version 1.5.0

setup() {
	BUILD=${BUILD:-build}
	cd "$BATS_TEST_DIRNAME/.."
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -m 755 "$TMPDIR"
	# For the accounts that root becomes; of nobody else's folder is a sticky
	# one taken.
	[ "$(id -u)" -ne 0 ] || chmod 1777 "$TMPDIR"
}

# What every demo shows, by one line of each part.
shows_the_story() {
	local line
	for line in 'accepted reason=accepted service=sshd ' \
	    'has 40' 'SSH_ASKPASS=jwt-askpass' \
	    'refused reason=expired ' 'refused reason=signature_invalid ' \
	    'refused reason=audience_mismatch ' 'explain refused: expired' \
	    'explain refused: signature_invalid' \
	    'explain refused: audience_mismatch' ' ok      1 key, 1 new' \
	    'accepted reason=accepted service=sshd issuer=sso ' \
	    'The provider is down: people still log in' 'one for each'; do
		[[ $output == *"$line"* ]] || { echo "not shown: $line"; return 1; }
	done
	# No colours where no terminal is.
	[[ $output != *$'\e'* ]]
}

nothing_is_left() {
	[ -z "$(ls -A "$TMPDIR")" ]
	run ! grep -ls "$TMPDIR" /proc/[0-9]*/cmdline
}

# demo_as UID UMASK: as an account that this host does not have, or as nobody
# with its shell nologin and no home, in a folder that only has what is needed.
demo_as() {
	local copy=$BATS_TEST_TMPDIR/copy
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to become another account'
	mkdir -p "$copy/build/tests/login"
	cp -r tests pam.d-example "$copy/"
	cp "$BUILD"/{pam_jwt.so,jwtctl,jwt-askpass,jwt-issue,pam-jwtd} "$copy/build/"
	cp "$BUILD"/tests/login/{logcatch,preload-*.so} "$copy/build/tests/login/"
	[ ! -d "$BUILD/root" ] || cp -r "$BUILD/root" "$copy/build/"
	# bats keeps its folders to itself.
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	chown -R "$1:$1" "$copy"
	run setpriv --reuid="$1" --regid="$1" --clear-groups env -i \
	    PATH="$PATH" TMPDIR="$TMPDIR" HOME=/nonexistent bash -c \
	    'umask "$1" && "$2/tests/demo.sh" </dev/null' - "$2" "$copy"
	[ "$status" -eq 0 ]
	shows_the_story
	nothing_is_left
}

@test "whoever runs it is shown the whole story" {
	run tests/demo.sh
	[ "$status" -eq 0 ]
	shows_the_story
	if [ "$(id -u)" -ne 0 ] || [[ $output == *'sudo is left out'* ]]; then
		skip 'needs root that may mount, for sudo'
	fi
	[[ $output == *'accepted reason=accepted service=sudo '* ]]
	[[ $output == *'uid=0(root)'* ]]
	[[ $output == *'issued reason=issued policy=everybody proof=password'* ]]
	[[ $output == *'Second act'*'signed by the retired key'*'signed by the active key'*'leeway=0s'* ]] ||
	    [[ $output == *'The second act is left out'* ]]
	nothing_is_left
}

@test "it works for nobody, whose shell is nologin, who has no home, umask 077" {
	demo_as 65534 077
}

@test "it works for an account that has no name here, umask 002" {
	demo_as 34567 002
}

@test "it works for an account with the number of a service" {
	demo_as 234 022
}

@test "interrupted at any moment it leaves nothing behind" {
	for seconds in 0.05 0.1 0.2 0.4 0.6 0.9 1.2; do
		# timeout sends what ^C would, to the whole group.
		run timeout -k 30 -s INT "$seconds" tests/demo.sh
		nothing_is_left
	done
}
