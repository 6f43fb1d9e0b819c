#!/usr/bin/env bats
# What a client of sshd sees of a refusal, word by word and by the clock: the
# same for an account that exists, one that does not, and one that sshd keeps
# out. TRIES=200 makes of it the long measurement.

bats_require_minimum_version 1.5.0
load helper
load netd

setup() {
	root_world
	start_sshd 'DenyUsers operator' 'PermitRootLogin no'
}

teardown() {
	provider_stop
	world_end
}

# All that the client says of a login once the connection stands.
seen_by_client() { # seen_by_client FILE USER
	local SSH_OPTIONS=(-v)
	ssh_with "$1" "$2" true 2>&1 | tr -d '\r' |
	    sed -n -e "s/$2@/USER@/g" -e '/SSH2_MSG_SERVICE_ACCEPT/,$p'
}

@test 'H14: a refusal says nothing of whether the account exists' {
	local answer answers=() user here
	local forged=$BATS_TEST_TMPDIR/forged expired=$BATS_TEST_TMPDIR/expired
	local foreign=$BATS_TEST_TMPDIR/foreign
	token "$forged"
	tamper "$forged" 3
	token "$expired" sub=svc iat=-600 exp=-300
	token "$foreign" sub=svc
	printf '%s\n' "$PASSWORD" >"$BATS_TEST_TMPDIR/password"
	printf 'x.y.z\n' >"$BATS_TEST_TMPDIR/rubbish"
	answers=("$forged" "$expired" "$foreign" "$BATS_TEST_TMPDIR/password"
	    "$BATS_TEST_TMPDIR/rubbish")
	for SSH_METHOD in keyboard-interactive password; do
		for answer in "${answers[@]}"; do
			here=$(seen_by_client "$answer" deploy)
			echo "$here"
			[[ $here == *askpass*'Permission denied'* ]]
			[[ $here != *Authenticated* ]]
			for user in nobody-here operator root; do
				[ "$(seen_by_client "$answer" $user)" = \
				    "$here" ] || {
					echo "$answer for $user differs from:"
					echo "$here"
					return 1
				}
			done
		done
	done
}

# An own token is told from a forged one, so the comparison can fail.
@test 'who has a good token is told why it is refused, and nobody else' {
	local here
	token "$token" iat=-600 exp=-300
	here=$(seen_by_client "$token" deploy)
	[[ $here == *'has expired'* ]]
	[[ $(seen_by_client "$token" operator) != *'has expired'* ]]
	[[ $(seen_by_client "$token" nobody-here) != *'has expired'* ]]
}

milliseconds() { # milliseconds FILE USER: one refused login
	local begin=${EPOCHREALTIME/[.,]/}
	! ssh_with "$1" "$2" true 2>/dev/null
	echo $(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

median() {
	sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# same_time: of a forged token that names an account and one that names none.
same_time() {
	local tries=${TRIES:-15} i here there least part=5
	# Few tries on a machine that does other work: only the gross shows.
	[ "$tries" -ge 200 ] || part=2
	token "$token"
	tamper "$token" 3
	for ((i = 0; i < tries; i++)); do
		milliseconds "$token" deploy >>"$BATS_TEST_TMPDIR/here"
		milliseconds "$token" absent >>"$BATS_TEST_TMPDIR/there"
	done
	here=$(median <"$BATS_TEST_TMPDIR/here")
	there=$(median <"$BATS_TEST_TMPDIR/there")
	least=$((here < there ? here : there))
	echo "# $tries tries each: $here ms where the account exists," \
	    "$there ms where it does not" | tee /dev/fd/3
	# sshd adds up to 4 ms of its own, by the account's name.
	[ $((here > there ? here - there : there - here)) -le \
	    $((least / part / 2 + 5)) ]
}

@test 'H14: nor does the time of one' {
	same_time
}

# Of a provider's set there is one key of each kind, as in the files.
@test 'H14: nor does it with keys that were fetched' {
	NETD_FOLDER=/run/pam_jwt_keys
	NETD_SOCKET=/run/pam_jwt/socket
	in_world install -d -m 755 -o pam-jwtd -g pam-jwtd "$NETD_FOLDER"
	provider_start
	key_new elliptic --alg ES256
	key_new large --alg RS256
	provider_set test elliptic large
	sso
	fetch
	provider_stop
	token "$token"
	ssh_with "$token" deploy true
	same_time
}
