# shellcheck shell=bash
# The variables are demo.sh's and world.bash's.
# shellcheck disable=SC2034,SC2119,SC2153,SC2154
#
# The demo's second act: two hosts, from a password on the first one to the
# last refusal on the second. Loaded by demo.sh.

# shellcheck source-path=SCRIPTDIR source=login/two-hosts.bash
. "$(dirname "$0")/login/two-hosts.bash"

# The temporary folder may be closed to others.
HOST_SSH_AS=

# there: the log line of the second host, which the login was to.
there() {
	host second
	log_line "$1"
	host first
}

# to_second FILE CMD: a login with the token in FILE, which fails where it must.
to_second() {
	local file=$1
	shift
	typed "ssh second $*"
	ssh_to second "$file" deploy "$@" >"$stage/said" 2>&1
}

# asked AUDIENCE FILE [ARG...]: jwt-issue in a session on the first host.
asked() {
	local audience=$1 file=$2
	shift 2
	typed "ssh -t first jwt-issue -a $audience $*> ${file##*/}"
	SSH_INPUT=$stage/password ssh_to first "$stage/password" deploy \
	    "$BIN/jwt-issue --stdin -a $audience $*" >"$file" 2>"$stage/said" ||
	    fail "jwt-issue: $(cat "$stage/said")"
}

# published: the first host's set, copied to the second.
published() {
	local set=$stage/issuer.jwks
	host first
	in_world jwtctl jwks >"$set" || fail 'jwtctl jwks'
	host second
	put /etc/security/pam_jwt.d/issuer.jwks <"$set"
	host first
	typed 'jwtctl jwks | ssh second tee /etc/security/pam_jwt.d/issuer.jwks'
}

kid_of() {
	cut -d. -f1 "$1" | tr _- /+ | base64 -d 2>/dev/null |
	    sed 's/.*"kid":"\([^"]*\)".*/\1/'
}

two_hosts() {
	local status=0
	stage=$(mktemp -d) || fail 'no folder'
	hosts_begin first second || status=$?
	if [ "$status" -ne 0 ]; then
		rm -rf "$stage"
		say "The second act is left out: $WORLD_REASON."
		return 0
	fi
	echo "$PASSWORD" >"$stage/password"
	play_two_hosts
	hosts_end
	rm -rf "$stage"
}

play_two_hosts() {
	host first
	stack sshd <<-END
		@include common-auth
		@include common-account
		@include common-session
	END
	begin_issuer 'publish_before = 0s' 'cache = 0s' 'leeway = 0s'
	host_sshd || fail sshd
	host second
	believe
	sed -i 's/^user .*/&\nleeway     = 0s/' "$WORLD/etc/security/pam_jwt.conf"
	host_sshd || fail sshd
	say 'The first host has the issuer and takes passwords. The second has' \
	    'no password to ask for: it believes the public keys of the first.'
	published

	step 'Two hosts: a password on the first, a token on the second'
	asked ssh://second "$stage/token"
	to_second "$stage/token" 'uname -n; id -un' || fail "$(cat "$stage/said")"
	sed "s/.*/  $good&$plain/" "$stage/said"
	there accepted
	asked sudo://second "$stage/token.sudo"
	SSH_INPUT=$stage/token.sudo to_second "$stage/token" \
	    "$BIN/sudo -k -S -p '' id -un" || fail "$(cat "$stage/said")"
	sed "s/.*/  $good&$plain/" "$stage/said"
	host second
	line=$(wait_log ' reason=accepted service=sudo') ||
	    fail 'no log line of sudo'
	labelled log "${line#*pam_jwt\(*\): }"
	host first

	step 'The key rotates meanwhile, and nobody notices'
	typed 'jwtctl key rotate; jwtctl key list'
	in_world jwtctl key rotate >"$stage/said" 2>&1 || fail "$(cat "$stage/said")"
	in_world jwtctl key list | cut -c -76 | printed
	published
	say 'With the usual publish_before the new key would wait a day from here,' \
	    'and a timer would go on.'
	typed 'jwtctl key tend; jwtctl key list'
	in_world jwtctl key tend >"$stage/said" 2>&1 || fail "$(cat "$stage/said")"
	in_world jwtctl key list | cut -c -76 | printed
	to_second "$stage/token" uname -n || fail "$(cat "$stage/said")"
	say "signed by the retired key $(kid_of "$stage/token")"
	asked ssh://second "$stage/token.next"
	to_second "$stage/token.next" uname -n || fail "$(cat "$stage/said")"
	say "signed by the active key $(kid_of "$stage/token.next")"
	[ "$(kid_of "$stage/token")" != "$(kid_of "$stage/token.next")" ] ||
	    fail 'the key did not rotate'

	step 'A token for one second is one that has expired'
	asked ssh://second "$stage/token.short" '-t 1s '
	host second
	until_true 10 has_expired || fail 'it does not expire'
	host first
	! to_second "$stage/token.short" uname -n || fail 'it was taken'
	labelled ssh "$(tail -n 1 "$stage/said" | sed 's/.*: //')"
	there expired
}

has_expired() {
	explain "$stage/token.short" deploy --service sshd | grep -q 'refused: expired'
}
