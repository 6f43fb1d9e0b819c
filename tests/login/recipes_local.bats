#!/usr/bin/env bats
# The recipes of pam.d-example for sudo and su, as they stand there.

bats_require_minimum_version 1.5.0
load helper
load recipes

setup() {
	corp_world
	# The line names everything itself.
	rm "$WORLD/etc/security/pam_jwt.conf"
}

teardown() {
	world_end
}

# becomes_root [ARG...]: operator's sudo with $token runs as root.
becomes_root() {
	run sudo_with "$token" operator "$@" id -un
	[ "${lines[-1]}" = root ]
	accepted
}

# stays_out REASON FILE [ARG...]: sudo runs nothing.
stays_out() {
	local reason=$1 file=$2
	shift 2
	run sudo_with "$file" operator "$@" touch /run/was-here
	refused "$reason" || return
	run ! in_world test -e /run/was-here
}

# --- sudo -------------------------------------------------------------------

@test "sudo: a token with sudo's own audience opens, one for ssh does not" {
	recipe sudo
	corp_token operator aud="sudo://$HOST"
	becomes_root
	run sudo_with "$token" operator -u deploy id -un
	[ "${lines[-1]}" = deploy ]
	accepted
	corp_token operator aud="ssh://$HOST"
	stays_out audience_mismatch "$token"
	wait_log "expected=\"sudo://$HOST\" .*seen=\"ssh://$HOST\""
	corp_token operator aud="sudo://elsewhere"
	stays_out audience_mismatch "$token"
}

@test "sudo: passwords, empty answers and bad tokens open nothing" {
	recipe sudo
	stays_out not_a_jwt "$password"
	stays_out not_a_jwt "$wrong"
	stays_out not_a_jwt "$empty"
	corp_token operator aud="sudo://$HOST" iat=-600 exp=-300
	stays_out expired "$token"
	corp_token deploy aud="sudo://$HOST"
	stays_out user_mismatch "$token"
	# The target's name is not the caller's.
	corp_token root aud="sudo://$HOST"
	stays_out user_mismatch "$token"
	corp_token operator aud="sudo://$HOST"
	tamper "$token" 3
	stays_out signature_invalid "$token"
	rm "$WORLD/etc/security/pam_jwt.d/corp.jwks"
	corp_token operator aud="sudo://$HOST"
	stays_out keys_unavailable "$token"
}

@test "sudo: nothing on standard input opens nothing, and neither does -n" {
	recipe sudo
	run as operator timeout 10 sudo -k -S true </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	log_mark
	# At once: no question is asked that nobody answers.
	run as operator timeout 5 sudo -n touch /run/was-here </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	[[ $output == *'a password is required'* ]]
	run ! in_world test -e /run/was-here
	log_now | { ! grep 'accepted'; }
}

@test "sudo -i: a service with an audience of its own" {
	recipe sudo
	corp_token operator aud="sudo-i://$HOST"
	becomes_root -i
	wait_log ' service=sudo-i '
	stays_out audience_mismatch "$token"
	corp_token operator aud="sudo://$HOST"
	stays_out audience_mismatch "$token" -i
	corp_token operator "aud=[\"sudo://$HOST\",\"sudo-i://$HOST\"]"
	becomes_root
	becomes_root -i
}

@test "sudo: the caller's account counts, whatever the token says" {
	recipe sudo
	shadow operator 8 1
	corp_token operator aud="sudo://$HOST"
	run sudo_with "$token" operator touch /run/was-here
	denied
	run ! in_world test -e /run/was-here
	shadow operator 8 ''
	becomes_root
	# What sudoers does not allow no token does.
	corp_token locked aud="sudo://$HOST"
	run sudo_with "$token" locked touch /run/was-here
	[ "$status" -ne 0 ]
	run ! in_world test -e /run/was-here
}

@test "I5: under sudo an environment that the caller chose changes nothing" {
	recipe sudo
	corp_token operator aud="sudo://$HOST" iat=-600 exp=-300
	answer "$token"
	echo '[issuer x]' | put /run-conf
	run as operator JWT_CONFIG="$WORLD/run-conf" OPENSSL_CONF=/nowhere \
	    OPENSSL_MODULES=/nowhere OPENSSL_ENGINES=/nowhere TZ=XXX99 \
	    HOME=/nowhere LD_PRELOAD=/nowhere.so LD_LIBRARY_PATH=/nowhere \
	    XDG_CONFIG_HOME=/nowhere XDG_RUNTIME_DIR=/nowhere \
	    BEARER_TOKEN=x JWT_FILE=/nowhere JWT_COMMAND=/nowhere \
	    sudo -k -S -p '' true <"$WORLD/answer"
	refused expired
	wait_log 'exp=20[0-9-]*T[0-9:]*Z now=20[0-9-]*T[0-9:]*Z'
	# Nothing that the caller named is so much as looked at.
	run ! in_world OPENSSL_CONF=/nowhere OPENSSL_MODULES=/nowhere \
	    OPENSSL_ENGINES=/nowhere XDG_CONFIG_HOME=/nowhere \
	    XDG_RUNTIME_DIR=/nowhere LD_LIBRARY_PATH=/nowhere \
	    JWT_CONFIG=/nowhere JWT_FILE=/nowhere BEARER_TOKEN_FILE=/nowhere \
	    strace -f -q -u operator -e trace=%file -o /run/trace \
	    sudo -k -S -p '' true <"$WORLD/answer"
	in_world grep -q corp.jwks /run/trace
	run ! in_world grep -n '"[^"]*nowhere' /run/trace
}

# --- su ---------------------------------------------------------------------

@test "su: a token of the account that is wanted, not of the one that asks" {
	recipe su
	corp_token deploy aud="su://$HOST"
	run su_with "$token" operator deploy id -un
	[[ ${lines[-1]} == *deploy ]]
	accepted
	wait_log 'user="deploy"'
	corp_token operator aud="su://$HOST"
	run su_with "$token" operator deploy touch /run/home/deploy/was-here
	refused user_mismatch
	run ! in_world test -e /run/home/deploy/was-here
}

@test "su: passwords, empty answers and bad tokens open nothing" {
	local file
	recipe su
	for file in "$password" "$wrong" "$empty"; do
		run su_with "$file" operator deploy true
		refused not_a_jwt
	done
	corp_token deploy aud="ssh://$HOST"
	run su_with "$token" operator deploy true
	refused audience_mismatch
	corp_token deploy aud="su://$HOST" iat=-600 exp=-300
	run su_with "$token" operator deploy true
	refused expired
	[[ $output == *'The token has expired'* ]]
}

@test "su: root asks freely, and becoming root is refused until it is named" {
	recipe su
	run in_world su deploy -c 'id -un'
	[ "$output" = deploy ]
	corp_token root aud="su://$HOST"
	run su_with "$token" operator root touch /run/was-here
	refused user_not_allowed
	run ! in_world test -e /run/was-here
	corp_token svc aud="su://$HOST"
	run su_with "$token" operator svc true
	refused user_not_allowed
	# As the recipe says.
	sed -i 's/^auth.*pam_jwt\.so.*/& system_accounts=root/' \
	    "$WORLD/etc/pam.d/su"
	corp_token root aud="su://$HOST"
	run su_with "$token" operator root id -un
	[[ ${lines[-1]} == *root ]]
	accepted
}

@test "su: the wanted account counts, whatever the token says" {
	recipe su
	corp_token expired aud="su://$HOST"
	run su_with "$token" operator expired true
	denied
	corp_token locked aud="su://$HOST"
	run su_with "$token" operator locked id -un
	[[ ${lines[-1]} == *locked ]]
	accepted
}

@test "su -: with the distribution's file for it, an audience of its own" {
	recipe su
	printf '%s include su\n' auth account session | stack su-l
	corp_token deploy aud="su-l://$HOST"
	answer "$token"
	run as operator timeout 60 su - deploy -c 'id -un' <"$WORLD/answer"
	[[ ${lines[-1]} == *deploy ]]
	accepted
	corp_token deploy aud="su://$HOST"
	answer "$token"
	run as operator timeout 60 su - deploy -c true <"$WORLD/answer"
	refused audience_mismatch
}
