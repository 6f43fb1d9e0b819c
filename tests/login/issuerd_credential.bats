# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
# jwt-issuerd with a key that systemd gives it (key = credential:NAME): root's
# file, which only the signer gets to read.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
	in_world sh -c 'install -d -m 500 /srv/credentials &&
	    jwtctl keygen /srv/credentials/signing.key 2>/dev/null &&
	    chmod 400 /srv/credentials/signing.key'
	in_world cat /srv/credentials/signing.key.pub |
	    put /etc/security/pam_jwt.d/issuer.jwks
	policy 'proof = peer'
	credential signing.key
	ISSUERD_ENV=(CREDENTIALS_DIRECTORY=/srv/credentials)
}

teardown() {
	world_end
}

# credential NAME [LINE]: the key in place of the folder's.
credential() {
	sed -i "s|^keys = .*|key = credential:$1\n${2:-}|;s|^key = .*|key = credential:$1\n${2:-}|" \
	    "$WORLD/etc/security/jwt-issuer.conf"
}

@test 'it signs, and what it signs opens a login' {
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST"
	issued
	run pam_with "$token" test deploy authenticate
	accepted
	# Opened for each request, so a new one is taken at once.
	in_world sh -c 'cd /srv/credentials && rm signing.key* &&
	    jwtctl keygen --alg ES256 signing.key 2>/dev/null &&
	    chmod 400 signing.key'
	ask deploy "ISSUE aud=test://$HOST"
	issued
	[[ $(part 1) == *ES256* ]]
}

@test 'by a name that the configuration gives it' {
	credential signing.key 'kid = of-the-unit'
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST"
	issued
	[[ $(part 1) == *'"kid":"of-the-unit"'* ]]
}

@test 'absent, open to others, no key, no credentials at all: said, and no token' {
	start_issuerd
	credential other.key
	reload
	ask deploy "ISSUE aud=test://$HOST"
	denied keys_unavailable
	[[ $output == *other.key*No%20such%20file* ]]
	credential signing.key
	reload
	in_world chmod 444 /srv/credentials/signing.key
	ask deploy "ISSUE aud=test://$HOST"
	denied keys_unavailable
	[[ $output == *0444* ]]
	in_world sh -c 'cd /srv/credentials && chmod 400 signing.key &&
	    mv signing.key good && echo nonsense >signing.key &&
	    chmod 400 signing.key'
	ask deploy "ISSUE aud=test://$HOST"
	denied keys_unavailable
	in_world sh -c 'cd /srv/credentials && rm signing.key &&
	    ln -s good signing.key'
	ask deploy "ISSUE aud=test://$HOST"
	denied keys_unavailable
	in_world sh -c 'cd /srv/credentials && mv good signing.key'
	ask deploy "ISSUE aud=test://$HOST"
	issued
	signal_issuerd TERM
	wait_log 'jwt-issuerd.*: stopped'
	ISSUERD_ENV=()
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST"
	denied keys_unavailable
	[[ $output == *CREDENTIALS_DIRECTORY* ]]
}

@test 'a front that was taken over has neither the file nor the descriptor' {
	start_issuerd taken-issuerd
	run as deploy talk /run/jwt-issuer/socket < <(printf '%s\n' TAKEOVER \
	    'ls -l /proc/self/fd' 'ls /srv/credentials' \
	    'cat /srv/credentials/signing.key' exit)
	[[ $output == *'/proc/'* ]]
	[[ $output != *'signing.key ->'* && $output != *'-> /srv'* ]]
	[[ $output != *'"kty"'* ]]
	[[ $output == *'/srv/credentials/signing.key: Permission denied'* ]]
}
