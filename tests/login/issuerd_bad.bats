# What one test sets is its own.
# shellcheck disable=SC2030,SC2031
#
# jwt-issuerd among callers that are not as they should be: each has its own message and one line in the log, and the service goes on.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
	policy 'proof = peer'
}

teardown() {
	world_end
}

# stall ACCOUNT LINE...: says these lines and hangs on, in the background.
stall() {
	local account=$1
	shift
	as "$account" sh -c '{ [ $# -eq 0 ] || printf "%s\n" "$@"
		exec sleep 100; } | talk /run/jwt-issuer/socket' - "$@" \
	    >"$WORLD/stalled.$RANDOM" 2>&1 3>&- &
	WORLD_PIDS+=($!)
}

# served: the service goes on.
served() {
	ask operator 'ISSUE aud=ssh://build7'
	issued
}

# --- callers ----------------------------------------------------------------

@test 'lines that are no request' {
	local line
	start_issuerd
	for line in '' ' ' ISSUE 'ISSUE ' 'issue aud=ssh://a' \
	    'ISSUE  aud=ssh://a' 'ISSUE aud=ssh://a ' 'ISSUE aud=' \
	    'ISSUE aud=ssh://a aud=ssh://a' 'ISSUE ttl=60' \
	    'ISSUE aud=ssh://a ttl=0' 'ISSUE aud=ssh://a ttl=060' \
	    'ISSUE aud=ssh://a ttl=-1' 'ISSUE aud=ssh://a ttl=1 ttl=1' \
	    'ISSUE aud=ssh://a ttl=99999999999999999999' \
	    'ISSUE aud=ssh://a long long' 'ISSUE aud=ssh://a sub=operator' \
	    'ISSUE aud=%' 'ISSUE aud=%4' 'ISSUE aud=%zz' 'ISSUE aud=%00' \
	    'ISSUE aud=%0a' 'ISSUE aud=%41' 'ISSUE aud=%FF' \
	    'ISSUE aud=ssh://a claim=x' 'ISSUE aud=ssh://a claim==x' \
	    $'ISSUE aud=ssh://a\r' $'ISSUE\taud=ssh://a' \
	    'GET / HTTP/1.1' '{"aud":"ssh://a"}'; do
		ask deploy "$line"
		denied malformed_request || { echo "of: $line"; return 1; }
	done
	served
}

@test 'a NUL in the line, and bytes that are no text' {
	start_issuerd
	log_mark
	run as deploy talk /run/jwt-issuer/socket \
	    < <(printf 'ISSUE aud=ssh://a\0b\n')
	denied malformed_request
	log_mark
	run as deploy talk /run/jwt-issuer/socket \
	    < <(printf 'ISSUE aud=ssh://\377\376\n')
	denied malformed_request
	log_mark
	run as deploy talk /run/jwt-issuer/socket < <(head -c 100000 /dev/urandom)
	denied malformed_request
	served
}

@test 'a line of 512 bytes is read, one of 513 is not' {
	local line='ISSUE aud=ssh://build7 claim=x='
	policy 'proof = peer' 'claims = x' 'any_length = yes'
	start_issuerd
	line+=$(printf 'y%.0s' {1..600})
	ask deploy "${line:0:506} long"
	issued
	ask deploy "${line:0:507} long"
	denied malformed_request
}

@test 'who hangs up, before or amid a line, harms nobody' {
	start_issuerd
	log_mark
	run as deploy talk -q /run/jwt-issuer/socket </dev/null
	wait_log 'refused reason=caller_gone '
	log_mark
	run as deploy talk -q /run/jwt-issuer/socket < <(printf 'ISSUE aud=')
	wait_log 'refused reason=caller_gone '
	log_mark
	run as deploy talk -q /run/jwt-issuer/socket \
	    < <(printf 'ISSUE aud=ssh://build7\n')
	wait_log 'reason=issued '
	served
}

@test 'who stalls holds their own places, and is ended' {
	local i
	[ -z "$(sanitizer)" ] || skip 'sanitizers make a process slow to begin'
	sed -i 's/^keys/connections_per_user = 3\ntokens_per_minute = 10000\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
	for i in 1 2 3; do stall deploy; done
	# One that is asked before they are there would take a place of theirs.
	until_true 10 in_world sh -c '[ "$(pgrep -cx talk)" -ge 3 ]'
	until_true 10 places_taken
	ask deploy 'ISSUE aud=ssh://build7'
	denied too_many_connections
	served
	# 10 s is what a line may take.
	until_true 20 log_has 'refused reason=timed_out '
	until_true 20 free_again
}

places_taken() {
	ask deploy 'ISSUE aud=ssh://build7'
	[[ $output == 'ERR too_many_connections '* ]]
}

free_again() {
	ask deploy 'ISSUE aud=ssh://build7'
	[[ $output == 'OK '* ]]
}

@test 'no answer to a prompt in the time that there is for it' {
	policy
	sed -i 's/^keys/answer_time = 1s\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
	log_mark
	stall deploy 'ISSUE aud=ssh://build7'
	wait_log 'refused reason=timed_out .*proof=password'
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	issued
}

@test 'an answer that is none, or too long' {
	policy
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7' "$PASSWORD"
	denied malformed_request
	ask deploy 'ISSUE aud=ssh://build7' \
	    "ANSWER $(printf 'x%.0s' {1..600})"
	denied malformed_request
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	issued
	run ! grep -F "$PASSWORD" "$WORLD/log"
}

@test 'tokens of a minute are counted for each account' {
	local i
	sed -i 's/^keys/tokens_per_minute = 3\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
	# The minute may end amid these.
	for i in 1 2 3 4 5 6 7; do
		ask deploy 'ISSUE aud=ssh://build7'
		[[ $output == 'OK '* ]] || break
	done
	[ "$i" -ge 4 ] && [ "$i" -le 7 ]
	denied too_many_tokens
	[[ $output == *in%20this%20minute* ]]
	served
}
