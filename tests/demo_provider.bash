# shellcheck shell=bash disable=SC2154 # of demo.sh, which loads it
#
# For demo.sh, in its first world: tokens of a provider of identity, by keys
# that are fetched, through its rotation and while it is down.
#
#   provider_act    all of it; ssh's configuration is another afterwards

# shellcheck source-path=SCRIPTDIR source=login/netd.bash
. "$(dirname "${BASH_SOURCE[0]}")/login/netd.bash"

# by KEY: a token of deploy's, signed by that key of the provider, and a login.
by() {
	token "$token.sso" --key "$1" aud="$audience" iss="$ISSUER"
	typed "ssh -p $SSH_PORT deploy@127.0.0.1 id"
	ssh_with "$token.sso" deploy id >"$WORLD/said" 2>&1 ||
	    fail "ssh: $(cat "$WORLD/said")"
	sed "s/.*/  $good&$plain/" "$WORLD/said"
	log_line accepted
}

provider_act() {
	step 'A provider of identity has the keys; they are fetched, and no login waits for it'
	netd_places
	KEYS=$WORLD/provider.keys
	mkdir "$KEYS"
	quietly provider_start
	quietly provider_set monday
	quietly sso
	typed "cat $ETC/security/pam_jwt.conf"
	sed '/^$/d; /^system_accounts/d' "$WORLD/etc/security/pam_jwt.conf" |
	    printed
	typed 'jwtctl fetch'
	fetch >"$WORLD/said" 2>&1 || fail "jwtctl fetch: $(cat "$WORLD/said")"
	printed <"$WORLD/said"
	by monday

	step 'The provider makes a new key: the next login has it'
	sso 'refetch_every = 0'
	typed 'pam-jwtd --listen &'
	quietly start_netd
	quietly provider_set tuesday
	by tuesday

	step 'The provider is down: people still log in'
	typed 'kill the provider; kill pam-jwtd'
	quietly stop_netd
	provider_stop
	by tuesday
}
