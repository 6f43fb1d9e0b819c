#!/usr/bin/env bats
# Two hosts and one person: tokens that are made on the first, for the second.

bats_require_minimum_version 1.5.0
load helper
load two-hosts

setup() {
	local status=0
	hosts_begin first second || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ] || return
	token=$BATS_TEST_TMPDIR/token
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

# The name and all links of a network, as the current process sees them.
network() {
	uname -n
	ip -o address | awk '{print $2, $3, $4}' | sort
	ip -o link | sed -e 's/^[0-9]*: //' -e 's/[@:].*//' | sort
}

@test "each host has its own name and network, and this machine neither" {
	network >"$BATS_TEST_TMPDIR/machine"
	run ! grep -e '^eth0 inet 10\.0\.0\.[12]/24' "$BATS_TEST_TMPDIR/machine"
	[ "$(in_world uname -n)" = first ]
	[[ $(host_ip -o address) == *'10.0.0.1/24'* ]]
	host second
	[ "$(in_world uname -n)" = second ]
	[[ $(host_ip -o address) == *'10.0.0.2/24'* ]]
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
