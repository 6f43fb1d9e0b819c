#!/usr/bin/env bats
# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
# Two hosts and one person: tokens that are got on the first, for the second.

bats_require_minimum_version 1.5.0
load helper
load two-hosts

setup() {
	local status=0
	hosts_begin first second || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ] || return
	token=$BATS_TEST_TMPDIR/token
	answer=$BATS_TEST_TMPDIR/answer
	key_new test
	host_believes
	host second
	host_trusts first test
	host_believes
	host first
}

teardown() {
	hosts_end
}

# What both hosts are: tokens for ssh and, of an audience of its own, for sudo.
host_believes() {
	config_default
	stack sshd <<-END
		auth	required	pam_jwt.so
		@include common-account
		@include common-session
	END
	stack sudo <<-END
		auth required pam_jwt.so issuer=$ISSUER keys=$ETC/security/pam_jwt.d/test.pub audience=%s://%h algorithms=EdDSA user=sub
		@include common-account
		@include common-session
	END
	host_sshd
}

# What this machine has of a network.
network() {
	readlink /proc/self/ns/{net,uts}
	uname -n
	ip -o address | awk '{print $2, $3, $4}' | sort
	ip -o link | sed -e 's/^[0-9]*: //' -e 's/[@:].*//' | sort
}

@test "each host has its own name and network, and this machine neither" {
	local spaces='readlink /proc/self/ns/net /proc/self/ns/uts'
	network >"$BATS_TEST_TMPDIR/machine"
	[ "$(in_world uname -n)" = first ]
	[[ $(host_ip -o address) == *' 10.0.0.1/24 '* ]]
	in_world sh -c "$spaces" >"$BATS_TEST_TMPDIR/spaces"
	host second
	[ "$(in_world uname -n)" = second ]
	[[ $(host_ip -o address) == *' 10.0.0.2/24 '* ]]
	in_world sh -c "$spaces" >>"$BATS_TEST_TMPDIR/spaces"
	sh -c "$spaces" >>"$BATS_TEST_TMPDIR/spaces"
	[ "$(sort -u "$BATS_TEST_TMPDIR/spaces" | wc -l)" -eq 6 ]
	hosts_end
	network | diff "$BATS_TEST_TMPDIR/machine" -
}

@test "a token for the second host's ssh logs in there, and not on the first" {
	token "$token" aud=ssh://second jti=for-second
	run ssh_to second "$token" deploy 'uname -n; id -un'
	[ "$output" = $'second\ndeploy' ]
	on_host second accepted
	on_host second wait_log 'rhost="10.0.0.1" .*jti="for-second"'
	run ssh_to first "$token" deploy true
	refused audience_mismatch
}

@test "a token for the first host is refused on the second" {
	token "$token" aud=ssh://first
	run ssh_to first "$token" deploy 'uname -n'
	[ "$output" = first ]
	accepted
	run ssh_to second "$token" deploy true
	on_host second refused audience_mismatch
}

# sudo there reads what comes through ssh, as from a person who types it.
sudo_there() {
	SSH_INPUT=$1 ssh_to second "$token" deploy \
	    "$BIN/sudo -k -S -p '' id -un"
}

@test "logged in on the second host, another token is what sudo there takes" {
	token "$token" aud=ssh://second jti=for-ssh
	token "$token.sudo" aud=sudo://second jti=for-sudo
	run sudo_there "$token.sudo"
	[ "${lines[-1]}" = root ]
	host second
	wait_log 'reason=accepted service=sshd .*jti="for-ssh"'
	wait_log 'reason=accepted service=sudo .*jti="for-sudo"'
	host first
	token "$token.sudo" aud=sudo://first
	run ! sudo_there "$token.sudo"
	on_host second wait_log 'reason=audience_mismatch service=sudo '
	run ! sudo_there "$token"
	on_host second wait_log 'reason=audience_mismatch service=sudo '
}

# --- the whole of it --------------------------------------------------------

# issuer_here: the first host takes passwords and has the issuer; the second
# believes it, and allows no leeway, so that nobody has to wait for it.
issuer_here() {
	stack sshd <<-END
		@include common-auth
		@include common-account
		@include common-session
	END
	issuer_config 'publish_before = 0s' 'cache = 0s' 'leeway = 0s' <<-END
		[policy everybody]
		audience = ssh://* sudo://*
	END
	issuer_stack
	issuer_key
	start_issuerd
	host second
	stack sudo <<-END
		auth required pam_jwt.so issuer=$ISSUER keys=$ETC/security/pam_jwt.d/issuer.jwks audience=%s://%h algorithms=EdDSA user=sub
		@include common-account
		@include common-session
	END
	config <<-END
		[issuer ours]
		issuer     = $ISSUER
		keys       = $ETC/security/pam_jwt.d/issuer.jwks
		audience   = ssh://%h
		algorithms = EdDSA
		user       = sub
		leeway     = 0s
	END
	host first
	published
}

# published: what the first host publishes is what the second has.
published() {
	issuer_publish
	host second
	put /etc/security/pam_jwt.d/issuer.jwks <"${BATS_TEST_TMPDIR}/jwks"
	host first
}

issuer_publish() {
	in_world jwtctl jwks >"$BATS_TEST_TMPDIR/jwks"
}

# session COMMAND: deploy logs in on the first host with a password, and types
# that command there and the password once more, where it is asked for.
session() {
	printf '%s\n' "$PASSWORD" >"$answer"
	on_host second log_mark
	SSH_INPUT=$answer ssh_to first "$answer" deploy "$@"
}

# granted FILE AUDIENCE [ARG...]: jwt-issue in such a session.
granted() {
	local file=$1
	shift
	session "$BIN/jwt-issue --stdin -a $*" >"$file"
	[ "$(jwt_parts "$file")" -eq 3 ]
}

jwt_parts() {
	tr . '\n' <"$1" | wc -l
}

goes_on() { # goes_on FILE
	run ssh_to second "$1" deploy uname -n
	[ "$output" = second ] && on_host second accepted
}

ends_there() { # ends_there REASON FILE
	run ssh_to second "$2" deploy uname -n
	on_host second refused "$1"
}

has_expired() {
	run on_host second explain "$1" deploy --service sshd
	[ "${lines[-1]}" = 'refused: expired' ]
}

@test "the story: a password on the first host, and tokens from there on" {
	issuer_here
	granted "$token" ssh://second
	goes_on "$token"
	granted "$token.sudo" sudo://second
	SSH_INPUT=$token.sudo run ssh_to second "$token" deploy \
	    "$BIN/sudo -k -S -p '' id -un"
	[ "${lines[-1]}" = root ]
	on_host second wait_log 'reason=accepted service=sudo '
	run ! log_has 'pam_jwt.*reason='

	# Kept where jwt-askpass looks, by a session whose password was enough.
	session "export HOME=/run/home/deploy XDG_RUNTIME_DIR=/run/home/deploy/run
		mkdir -m 700 \$XDG_RUNTIME_DIR &&
		$BIN/jwt-issue --stdin -a ssh://second --store &&
		SSH_ASKPASS=$BIN/jwt-askpass SSH_ASKPASS_REQUIRE=force \
		    ssh second uname -n" >"$BATS_TEST_TMPDIR/said"
	[ "$(<"$BATS_TEST_TMPDIR/said")" = second ]
	on_host second wait_log 'reason=accepted service=sshd '

	# The next key is published before it signs, the old one while it counts.
	first=$(signing_key)
	in_world jwtctl key rotate
	granted "$token.old" ssh://second
	published
	in_world jwtctl key tend
	[ "$(signing_key)" != "$first" ]
	granted "$token.new" ssh://second
	[ "$(cut -d. -f1 "$token.old")" = "$(cut -d. -f1 "$token")" ]
	[ "$(cut -d. -f1 "$token.new")" != "$(cut -d. -f1 "$token")" ]
	goes_on "$token.old"
	goes_on "$token.new"
	in_world jwtctl key remove --now "$first"
	published
	ends_there unknown_key "$token.old"
	goes_on "$token.new"

	# Nothing is revoked; it ends by itself.
	granted "$token.short" ssh://second -t 1s
	until_true 10 has_expired "$token.short"
	ends_there expired "$token.short"
	[ "$(grep -c 'issued reason=issued ' "$WORLD/log")" -eq 6 ]
}

signing_key() {
	in_world jwtctl key list --json |
	    jq -r '.keys[] | select(.state == "active") | .kid'
}
