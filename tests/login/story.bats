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

# granted AUDIENCE [ARG...]: what the issuer on the first host would give, where
# /etc/issue-token finds it; ARG as of token.
granted() {
	local audience=$1
	shift
	token "$token" aud="$audience" "$@"
	put "/etc/tokens/${audience//[:\/]/_}" <"$token"
	[ -e "$WORLD/etc/issue-token" ] || put /etc/issue-token 755 <<-'END'
		#!/bin/sh
		exec cat "/etc/tokens/$(echo "$1" | tr ':/' __)"
	END
}

# published KEY...: these of the first host are the set that the second has.
published() {
	local keys='' name
	for name; do
		keys+=${keys:+,}$(<"$KEYS/$name.pub")
	done
	host second
	put /etc/security/pam_jwt.d/test.pub <<<"{\"keys\":[$keys]}"
	host first
}

# session: logs in on the first host with a password, and types stdin there.
session() {
	echo "$PASSWORD" >"$answer"
	{
		echo 'export SSH_ASKPASS=jwt-askpass SSH_ASKPASS_REQUIRE=force'
		echo 'export JWT_COMMAND="/etc/issue-token ssh://%h"'
		cat
	} | put /etc/session
	on_host second log_mark
	ssh_to first "$answer" deploy sh -l /etc/session
}

goes_on() {
	run session <<<'ssh second uname -n'
	[ "$output" = second ] && on_host second accepted
}

ends_there() { # ends_there REASON
	run session <<<'ssh second uname -n'
	on_host second refused "$1"
}

@test "the story: a password on the first host, and tokens from there on" {
	stack sshd <<-END
		@include common-auth
		@include common-account
		@include common-session
	END
	granted ssh://second
	granted sudo://second
	run session <<-END
		ssh second uname -n
		/etc/issue-token sudo://second |
		    ssh second "$BIN/sudo -k -S -p '' id -un"
	END
	[ "$output" = $'second\nroot' ]
	[ "$(on_host second log_now | grep -c 'reason=accepted service=sshd')" = 2 ]
	[ "$(on_host second log_now | grep -c 'reason=accepted service=sudo')" = 1 ]
	grep 'Accepted keyboard-interactive/pam for deploy from 10.0.0.1' "$WORLD/sshd.log"
	run ! log_has 'pam_jwt'

	# The next key is published before it signs, the old one while it counts.
	key_new next
	granted ssh://second --key next
	ends_there unknown_key
	published test next
	goes_on
	granted ssh://second --key test
	goes_on
	published next
	ends_there unknown_key
	granted ssh://second --key next
	goes_on

	granted ssh://second --key next iat=-900 exp=-600
	ends_there expired
}
