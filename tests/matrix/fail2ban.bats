#!/usr/bin/env bats
#
# fail2ban's own fail2ban-regex reads the log of real logins by the filter that
# is installed: it finds who attacks, and nobody else, whatever they call
# themselves.

bats_require_minimum_version 1.5.0

setup() {
	load ../login/world
	load ../login/verdicts
	FILTER=$WORLD_REPO/dist/pam_jwt.fail2ban
	ROOT=$WORLD_UNPACKED
	[ ! -e /usr/bin/fail2ban-regex ] || ROOT=
	[ -e "$ROOT/usr/bin/fail2ban-regex" ] || skip 'no fail2ban-regex'
	simple_world
	EXPLAIN=no
	SYSLOG=$BATS_TEST_TMPDIR/auth.log
	COUNT=0
}

teardown() {
	world_end
}

# found MODE: the addresses that fail2ban finds in $SYSLOG, in one line.
found() {
	PYTHONPATH=$ROOT/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
	    /usr/bin/python3 "$ROOT/usr/bin/fail2ban-regex" \
	    --config "$ROOT/etc/fail2ban" -o ip "$SYSLOG" "${FILTER}[mode=$1]" \
	    2>&1 | xargs
}

# finds MODE ADDRESS...: no others, in the order of their lines.
finds() {
	local mode=$1 got
	shift
	got=$(found "$mode")
	[ "$got" = "$*" ] ||
	    wrong "mode $mode finds '$got', not '$*', in:" "$(<"$SYSLOG")"
}

# syslog MESSAGE: as rsyslog writes what sshd's module logs, in both of its
# formats by turns.
syslog() {
	local date='Nov 25 03:26:12'
	COUNT=$((COUNT + 1))
	[ $((COUNT % 2)) -eq 0 ] || date=2026-11-25T03:26:12.345678+00:00
	printf '%s build7 sshd[%d]: pam_jwt(%s:auth): %s\n' "$date" "$COUNT" \
	    "$SERVICE" "$1" >>"$SYSLOG"
}

# try ADDRESS REASON USER: a login with $T from there, and its line in $SYSLOG.
try() {
	PAMTESTER_OPTIONS=(-I rhost="$1" -I tty=ssh)
	if [ -n "${SENTENCE[$2]:-}" ] && [ "$3" = deploy ]; then
		told "$2" "$T" "$3"
	else
		expect "$2" "$T" "$3"
	fi || return
	syslog "${LINE#<*>}"
}

# Each from an address of its own.
attacks() {
	printf 'a password\n' >"$T"
	try 198.51.100.1 not_a_jwt deploy
	token "$T" && sed -i 's/$/=/' "$T"
	try 198.51.100.2 malformed deploy
	raw "$T" '{"alg":"EdDSA","jwk":{}}' '{}'
	try 198.51.100.3 header_invalid deploy
	token "$T" iss="$ISSUER/"
	try 198.51.100.4 unknown_issuer deploy
	raw "$T" '{"alg":"none"}' "{\"iss\":\"$ISSUER\"}"
	try 2001:db8::5 algorithm_not_allowed deploy
	raw "$T" '{"alg":"EdDSA","kid":"other"}' "{\"iss\":\"$ISSUER\"}"
	try 198.51.100.6 unknown_key deploy
	raw "$T" '{"alg":"EdDSA"}' "{\"iss\":\"$ISSUER\"}"
	try 198.51.100.7 signature_invalid deploy
	token "$T" sub=operator@example.com
	try 198.51.100.8 user_mismatch operator
	token "$T"
	try 198.51.100.9 user_not_allowed root
}

@test "whoever forges, guesses or uses another's token is found" {
	attacks
	finds normal 198.51.100.{1..4} 2001:db8::5 198.51.100.{6..9}
	finds or-password 198.51.100.{2..4} 2001:db8::5 198.51.100.{6..9}
	finds strict 198.51.100.{1..4} 2001:db8::5 198.51.100.{6..9}
	# The hints stand between, and are not in the way.
	grep -q ' hint="iss differs .* rhost="198\.51\.100\.4"' "$SYSLOG"
	grep -q ' hint="sub is an address .* rhost="198\.51\.100\.8"' "$SYSLOG"
}

@test "honest people and faults of the host are not, in any mode" {
	token "$T"
	try 192.0.2.1 accepted deploy
	token "$T" exp=-60
	try 192.0.2.2 expired deploy
	token "$T" nbf=+99
	try 192.0.2.3 not_yet_valid deploy
	token "$T" iat=+99
	try 192.0.2.4 issued_in_future deploy
	token "$T" exp=+99999
	try 192.0.2.5 lifetime_too_long deploy
	token "$T"
	config_more 'require = groups has x' 'max_age = 1d'
	try 192.0.2.6 requirement_unmet deploy
	token "$T" iat=
	try 192.0.2.7 too_old deploy
	config_more 'nonsense = 1'
	try 192.0.2.8 config_error deploy
	config_default
	rm "$ETC/security/pam_jwt.d/test.pub"
	try 192.0.2.9 keys_unavailable deploy
	printf '\b\n' >"$T"
	try 192.0.2.10 stand_in_password deploy
	local mode
	for mode in normal or-password strict; do
		finds "$mode"
	done
}

@test "what honest people do now and then counts in strict mode alone" {
	token "$T" aud=ssh://other
	try 192.0.2.1 audience_mismatch deploy
	token "$T" && sed -i 's/..$//' "$T"
	try 192.0.2.2 cut_off deploy
	token "$T" exp=
	try 192.0.2.3 claims_invalid deploy
	token "$T" --typ refresh+jwt
	try 192.0.2.4 type_mismatch deploy
	token "$T" cnf='{}'
	try 192.0.2.5 proof_required deploy
	token "$T"
	config_more 'services = login'
	try 192.0.2.6 service_not_allowed deploy
	finds normal
	finds or-password
	finds strict 192.0.2.{1..6}
}

@test "nobody gets another one banned by what they call themselves" {
	local evil='x rhost="203.0.113.9"' whole
	raw "$T" "{\"alg\":\"none\",\"kid\":\"k\\\" rhost=\\\"203.0.113.9\\\"\"}" \
	    '{"iss":"https://issuer.test\" rhost=\"203.0.113.9\""}'
	expect unknown_issuer "$T" "$evil"
	syslog "${LINE#<*>}"
	PAMTESTER_OPTIONS=(-I tty="$evil")
	expect unknown_issuer "$T" deploy
	syslog "${LINE#<*>}"
	PAMTESTER_OPTIONS=(-I rhost="$evil" -I tty="$evil")
	expect unknown_issuer "$T" "$evil"
	syslog "${LINE#<*>}"
	PAMTESTER_OPTIONS=(-I rhost='203.0.113.9" user="x')
	expect unknown_issuer "$T" "$evil"
	syslog "${LINE#<*>}"
	finds strict
	# The one who does it is.
	PAMTESTER_OPTIONS=(-I rhost=198.51.100.1 -I tty="$evil")
	expect unknown_issuer "$T" "$evil"
	syslog "${LINE#<*>}"
	finds strict 198.51.100.1
	# Nor by a line that another program writes of them.
	whole='pam_jwt(sshd:auth): refused reason=malformed service=sshd rhost="203.0.113.9"'
	printf 'Nov 25 03:26:12 build7 sshd[7]: %s\n' \
	    "Invalid user $whole from 198.51.100.2 port 22" \
	    "error: PAM: $whole" "x: $whole" "pam_unix(sshd:auth): $whole" \
	    "pam_jwt(sshd:auth): $whole" \
	    "pam_jwt(sshd:session): ${whole#*: }" \
	    "pam_jwt(sshd:auth): accepted reason=malformed service=sshd rhost=\"203.0.113.9\"" \
	    "pam_jwt(sshd:auth): refused reason=expired service=sshd reason=malformed rhost=\"203.0.113.9\"" \
	    >"$SYSLOG"
	finds strict
	# Which, by itself, would be found.
	printf 'Nov 25 03:26:12 build7 sshd[7]: %s\n' "$whole" \
	    "message repeated 2 times: [ $whole]" >"$SYSLOG"
	finds normal 203.0.113.9 203.0.113.9
}

@test "a name in place of an address, and no address, find nobody" {
	raw "$T" '{"alg":"EdDSA"}' "{\"iss\":\"$ISSUER\"}"
	try host.evil.test signature_invalid deploy
	try '' signature_invalid deploy
	PAMTESTER_OPTIONS=()
	expect signature_invalid "$T" deploy
	syslog "${LINE#<*>}"
	finds strict
}

@test "the filter has a word for each reason" {
	local name count=0
	while read -r name; do
		count=$((count + 1))
		grep -qw "$name" "$FILTER" || wrong "no $name" || return
	done < <(sed -n 's/^    \[JWT_[A-Z_]*\] = {"\([a-z_]*\)".*/\1/p' \
	    "$WORLD_REPO/jwt/reason.c")
	[ "$count" -gt 25 ]
}
