# The log line under attack: what the client, the token or the program chose
# stands in it quoted and cut, and nothing of a token or a password does.

bats_require_minimum_version 1.5.0

setup() {
	load world
	load verdicts
	simple_world
	# As JSON, as bash writes it, and how the log must show it.
	EVIL='a\nb\r\tc\u001b[31m\u0007 \"q\" \\ %n%s é\u009b\u202e\u007f reason=accepted'
	# shellcheck disable=SC2059 # it is written as a format
	BYTES=$(printf "${EVIL//%/%%}")
	SHOWN='a\\x0ab\\x0d\\x09c\\x1b\[31m\\x07 \\x22q\\x22 \\x5c %n%s '
	SHOWN+='\\xc3\\xa9\\xc2\\x9b\\xe2\\x80\\xae\\x7f reason=accepted'
}

teardown() {
	world_end
}

@test 'claims with line breaks, escapes, quotes and %n do not break the line' {
	token "$T" "jti=\"$EVIL\""
	expect accepted "$T" deploy " sub=\"deploy\" jti=\"$SHOWN\"\$"
	token "$T" "aud=\"$EVIL\"" "jti=\"$EVIL\""
	told audience_mismatch "$T" deploy "seen=\"$SHOWN\"\$"
	token "$T" "sub=\"$EVIL\""
	expect user_mismatch "$T" deploy "sub=\"$SHOWN\" jti=" \
	    "seen=\"$SHOWN\"\$"
	token "$T" "typ=\"refresh$EVIL\""
	told type_mismatch "$T" deploy "seen=\"refresh$SHOWN\"\$"
	token "$T" "iss=\"$EVIL\""
	expect unknown_issuer "$T" deploy "seen=\"$SHOWN\"\$"
	token "$T" "aud={\"$EVIL\":[1]}"
	told claims_invalid "$T" deploy 'seen="\{\\x22'
}

@test 'anybody can write a header, and none breaks the line' {
	raw "$T" "{\"alg\":\"$EVIL\",\"kid\":\"$EVIL\"}" "{\"iss\":\"$ISSUER\"}"
	expect algorithm_not_allowed "$T" deploy " kid=\"$SHOWN\" " \
	    "seen=\"$SHOWN\"\$"
	raw "$T" "{\"alg\":\"EdDSA\",\"kid\":\"$EVIL\"}" "{\"iss\":\"$ISSUER\"}"
	expect unknown_key "$T" deploy " kid=\"$SHOWN\" " \
	    'seen="looked for EdDSA and kid .{1,6}a.x5cx0a'
}

@test 'a client cannot write words of our own: rhost, tty, user' {
	local forged
	forged='x" reason=accepted service=sshd user="root'
	PAMTESTER_OPTIONS=(-I rhost="$BYTES" -I tty="$forged")
	token "$T"
	expect accepted "$T" deploy " rhost=\"${SHOWN:0:40}" \
	    ' tty="x\\x22 reason=accepted service=sshd user=\\x22root" user="dep'
	expect user_not_allowed "$T" 'deploy rhost=192.0.2.1' \
	    ' user="deploy rhost=192\.0\.2\.1" '
	expect user_not_allowed "$T" "$BYTES" ' user="a\\x0ab'
	# A filter that takes the first of each word is not led astray.
	[[ ${LINE%% rhost=*} =~ ^\<85\>refused\ reason=user_not_allowed\  ]]
	[[ ${LINE%%\"*} != *accepted* ]]
}

@test 'a service with a strange name stands in quotes' {
	SERVICE='s s=d'
	stack "$SERVICE" <<<'auth required pam_jwt.so'
	token "$T"
	pam_with "$T" "$SERVICE" deploy authenticate
	[ "$(log_now | sed 's/ issuer=.*//')" = \
	    '<86>accepted reason=accepted service="s s=d"' ]
}

@test 'long values are cut, and the line stays within a syslog message' {
	local long
	long=$(printf '\\u0001%.0s' {1..150})
	PAMTESTER_OPTIONS=(-I rhost="$(printf '\1%.0s' {1..900})"
	    -I tty="$(printf '\1%.0s' {1..900})")
	token "$T" "jti=\"$long\"" "sub=\"$long\"" "aud=\"ssh://$HOST\""
	expect user_mismatch "$T" deploy 'rhost="(\\x01)+\.\.\."' \
	    'tty="(\\x01)+\.\.\."' 'sub="(\\x01)+\.\.\."' 'jti="(\\x01)+\.\.\."'
	[ ${#LINE} -lt 1900 ]
}

@test 'I3: an answer that is no token is not logged either' {
	local answer
	for answer in "$PASSWORD" 'correct horse battery.staple' \
	    "eyJhbGciOiJub25lIn0.$PASSWORD" "ey.$PASSWORD.$PASSWORD" \
	    "eyJhbGciOiJub25lIn0.$PASSWORD.$PASSWORD.$PASSWORD"; do
		printf '%s\n' "$answer" >"$T"
		run pam_with "$T" sshd deploy authenticate
		run -1 grep -F -e "$PASSWORD" -e battery "$WORLD/log"
	done
	[ "$(grep -c '^<85>refused reason=' "$WORLD/log")" -eq 5 ]
}

@test 'I3: debug says each check in a line of its own, and nothing of the token' {
	local -a names
	stack sshd <<<'auth required pam_jwt.so debug'
	token "$T" exp=-60
	told expired "$T" deploy
	mapfile -t names < <(sed -n 's/^<87>check \(.*\): ok$/\1/p' "$WORLD/log")
	[ "${names[*]}" = 'answer shape header issuer service algorithm keys key'\
' signature claims type' ]
	[ "$(tail -n 2 "$WORLD/log" | head -n 1)" = '<87>check expiry: failed' ]
	# Without it there is none.
	stack sshd <<<'auth required pam_jwt.so'
	: >"$WORLD/log"
	log_mark
	told expired "$T" deploy
	[ "$(wc -l <"$WORLD/log")" -eq 1 ]
}

@test 'without a user or an answer there is a line that says so' {
	token "$T"
	log_mark
	: >"$WORLD/nothing"
	run pam_with "$WORLD/nothing" sshd deploy authenticate
	[ "$status" -ne 0 ]
	log_now | grep -qx '<85>.*no answer.*Conversation error'
}
