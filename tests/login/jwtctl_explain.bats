#!/usr/bin/env bats
#
# What jwtctl explain shows of a token and its checks: for people, at a
# terminal, and as JSON for programs.

# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

setup() {
	load signing
	signing_begin
}

teardown() {
	signing_end
}

# line TEXT: a line of what explain said, whole.
line() {
	[[ $'\n'$OUT$'\n' == *$'\n'"$1"$'\n'* ]] ||
	    wrong "no line '$1' in:" "$OUT"
}

# no TEXT: it is nowhere in what explain said.
no() {
	[[ $OUT != *"$1"* ]] || wrong "'$1' is in:" "$OUT"
}

# count REGEX: how many of its lines match.
count() {
	printf '%s\n' "$OUT" | grep -c "$1"
}

# json FILTER: what jq makes of explain --json, of the token in $T.
json() {
	"$JWTCTL" explain --config conf --user deploy --now "$NOW" \
	    --host web1.example.com --json <"$T" >json || :
	jq -r "$1" <json
}

# --- the parts --------------------------------------------------------------

@test "the classic token of lessons: its parts, and what a login misses" {
	local signature=SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c
	printf '%s.%s.%s\n' eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 \
	    eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ \
	    "$signature" >"$T"
	says claims_invalid
	line 'The token, not verified:'
	line '    alg            "HS256"'
	line '    typ            "JWT"'
	line '    sub            "1234567890"'
	line '    name           "John Doe"'
	line '    iat            1516239022 (2018-01-18T01:30:22Z, 3284 d 6 h ago)'
	line '    iss            only a section with issuer_absent = yes takes a token without it'
	[[ $OUT == *$'\n    aud            only a section with audience_absent = yes'* ]]
	[[ $OUT == *$'\n    exp            no setting takes a token without it'* ]]
	line '     note          the token has no iss; only a section with issuer_absent = yes takes such tokens'
	no "$signature"
}

@test "the bare token of an application: a note at each step that it takes" {
	unsigned '{"userId":1,"role":"admin","iat":1516239022,"exp":1516242622}'
	says claims_invalid
	line '    userId         1'
	line '    role           "admin"'
	line '    exp            1516242622 (2018-01-18T02:30:22Z, 3284 d 5 h ago)'
	settings 'audience_absent = yes' 'user = role'
	sed -i 's/^issuer =.*/issuer_absent = yes/' conf
	sign '{"userId":1,"role":"deploy","iat":1516239022,"exp":1516242622}'
	says expired
	# The section takes it without issuer and audience.
	no missing
	line 'FAIL expiry        expired 3284 d 5 h ago (2018-01-18T02:30:22Z, now 2027-01-15T08:00:00Z), leeway 30 s'
	sign '{"userId":1,"role":"deploy","iat":1516239022}'
	says claims_invalid
	[[ $OUT == *$'\n  missing for a login\n    exp  '* ]]
	line '     note          a token without exp is not taken, and no setting changes that: its issuer has to set one'
	sign '{"role":"deploy","exp":1800000300000}'
	says claims_invalid
	[[ $OUT == *'note          exp seems to count milliseconds'* ]]
	sign '{"role":"deploy","exp":1800000300}'
	says accepted
	# Nothing is missing of a token that logs in.
	no missing
}

@test "the parts are shown where the configuration is missing or faulty" {
	sign "$(claims x='{"a":[1,2.50,null,true,"b"],"c":{}}')"
	rm conf
	says config_error
	line 'The token, not verified:'
	line '    iss            "https://issuer.test"'
	line '    aud            "ssh"'
	line '    exp            1800000300 (2027-01-15T08:05:00Z, in 5 min)'
	line '    x              {"a": [1, 2.50, null, true, "b"], "c": {}}'
	no missing
	settings 'colour = red'
	says config_error
	line '    sub            "deploy"'
}

@test "the parts say whether the signature holds" {
	sign "$(claims)"
	says accepted
	line 'The token, whose signature holds:'
	says user_mismatch --user operator
	line 'The token, whose signature holds:'
	unsigned "$(claims)"
	says signature_invalid
	line 'The token, not verified:'
}

@test "what stands in the parts steers no terminal, names neither" {
	local hex=':\x1b[31m:\x22\x5c:\xc3\xa9:\x0a'
	sign '{"iss":"https://issuer.test","sub":":\u001b[31m:\"\\:é:\n","a\nb c":1,"":2}' \
	    '{"alg":"EdDSA","x\u001b":"\u009b"}'
	says claims_invalid
	line "    sub            \"$hex\""
	line '    "a\x0ab c"     1'
	line '    ""             2'
	line '    "x\x1b"        "\xc2\x9b"'
	[ -z "$(printf %s "$OUT" | LC_ALL=C tr -d '\012\040-\176')" ]
}

@test "long claims are shown whole, the signature never" {
	local long
	long=$(printf 'x%.0s' {1..3000})
	sign "$(claims long="\"$long\"")"
	says accepted
	line "    long           \"$long\""
	no "$(cut -d. -f3 "$T")"
	no "$(cut -d. -f2 "$T" | head -c 40)"
}

@test "of what is no token nothing is shown" {
	local answer
	for answer in 'correct horse battery staple' hunter2.hunter2.hunter2 \
	    eyJhbGciOiJFZERTQSJ9hunter2 .hunter2. hunter2; do
		printf '%s\n' "$answer" >"$T"
		says cut_off || says not_a_jwt
		no hunter2
		no battery
		no 'The token,'
	done
	# Of a token that is cut, what is there.
	printf '%s\n' eyJhbGciOiJFZERTQSJ9.hunter2 >"$T"
	says cut_off
	line '    alg            "EdDSA"'
	[[ $OUT == *$'\n  payload, which cannot be read: '* ]]
	no hunter2
	bytes '{"alg":"EdDSA"}' | base64url >"$T"
	printf '.%s.' "$(printf '{"a":1,"a":2}' | base64url)" >>"$T"
	says cut_off
	[[ $OUT == *'payload, which cannot be read: '* ]]
	printf '%s.e30.%s\n' "$(printf '{"alg":"none",}' | base64url)" \
	    "$(printf 'A%.0s' {1..86})" >"$T"
	says header_invalid
	[[ $OUT == *'header, which cannot be read: '* ]]
}

# --- the checks -------------------------------------------------------------

@test "a near miss stands below its check, in text and JSON" {
	local note='iss differs from the issuer of [issuer test] only by a final slash: https://issuer.test (configured)'
	sign "$(claims iss='"https://issuer.test/"')"
	says unknown_issuer
	line "     note          $note"
	[ "$(json '.checks[-1].note')" = "$note" ]
	[ "$(json '.checks[0].note')" = null ]
	settings 'audience = ssh://%h'
	sign "$(claims aud='"ssh://we\"b2"')"
	says audience_mismatch
	note='an audience of the token names another host, this host is web1.example.com: '
	line "     note          $note\"ssh://we\\x22b2\""
	[ "$(json '.checks[-1].note')" = "$note\"ssh://we\\x22b2\"" ]
	sign "$(claims aud='"ssh://web1"')"
	says accepted
	no ' note '
	[ "$(json '[.checks[].note] | unique | tostring')" = '[null]' ]
}

@test "times are told as distance and date, those that are right as well" {
	sign "$(claims exp=$((NOW + 288)) iat=$((NOW - 120)))"
	says accepted
	line 'ok   expiry        expires in 4 min 48 s (2027-01-15T08:04:48Z, now 2027-01-15T08:00:00Z), leeway 30 s'
	line 'ok   issued        issued 2 min ago (2027-01-15T07:58:00Z, now 2027-01-15T08:00:00Z), leeway 30 s'
	line 'ok   lifetime      lives 6 min 48 s, max_lifetime 1 d'
	sign "$(claims nbf=$((NOW + 200)))"
	says not_yet_valid
	line 'FAIL not before    not valid for another 3 min 20 s (2027-01-15T08:03:20Z, now 2027-01-15T08:00:00Z), leeway 30 s'
	[ "$(json '.checks[-1].seen')" = 2027-01-15T08:03:20Z ]
}

@test "each grant of the map that names the account is shown" {
	settings "user_map = $W/map"
	printf '%s\n' 'deploy    repo is a/b, ref is main' 'operator  repo is a/b' \
	    'deploy    repo is a/c' 'deploy    repo is a/b' >map
	sign "$(claims repo='"a/b"' ref='"de\nv"')"
	says accepted
	line "     FAIL $W/map:1  repo is a/b, ref is main; not met: ref is main, seen \"de\\x0av\""
	line "     FAIL $W/map:3  repo is a/c, seen \"a/b\""
	line "     ok   $W/map:4  repo is a/b"
	line '     1 grant to other accounts'
	[ "$(json '.checks[] | select(.name == "user") | .map, (.tried | tostring), .more, .others')" = \
	    "$W/map
[{\"line\":1,\"ok\":false,\"conditions\":\"repo is a/b, ref is main\",\"condition\":\"ref is main\",\"seen\":\"de\\\\x0av\"},{\"line\":3,\"ok\":false,\"conditions\":\"repo is a/c\",\"condition\":\"repo is a/c\",\"seen\":\"a/b\"},{\"line\":4,\"ok\":true,\"conditions\":\"repo is a/b\",\"condition\":null,\"seen\":null}]
0
1" ]
	sign "$(claims repo='"a/d"')"
	says user_mismatch
	line "     FAIL $W/map:4  repo is a/b, seen \"a/d\""
	says user_mismatch --user nobody-2
	line '     4 grants to other accounts'
	no "$W/map:1"
}

@test "of many grants fifty are shown, and the others counted" {
	settings "user_map = $W/map"
	seq -f 'deploy repo is a/%g' 53 >map
	sign "$(claims repo='"b"')"
	says user_mismatch
	[ "$(count "^     FAIL $W/map:")" -eq 50 ]
	line '     and 3 more'
	line '     0 grants to other accounts'
}

@test "without a map nothing is said of one" {
	sign "$(claims)"
	says accepted
	no grant
	[ "$(json '.checks[] | select(.name == "user") | has("tried")')" = false ]
}

# --- colour -----------------------------------------------------------------

# coloured [NAME=VALUE]...: how many escapes explain writes to a terminal.
coloured() {
	script -qec "env TERM=xterm $* '$JWTCTL' explain --config conf \
	    --user deploy --now $NOW --host web1 '$T'" /dev/null |
	    tr -cd '\033' | wc -c
}

@test "colours are for a terminal that wants them" {
	command -v script || skip 'no script'
	sign "$(claims iss='"https://ISSUER.test"')"
	[ "$(coloured)" -gt 8 ]
	[ "$(coloured TERM=dumb)" -eq 0 ]
	[ "$(coloured -u TERM)" -eq 0 ]
	[ "$(coloured NO_COLOR=1)" -eq 0 ]
	# As no-color.org has it, an empty one says nothing.
	[ "$(coloured NO_COLOR=)" -gt 8 ]
	says unknown_issuer
	no $'\033'
	TERM=xterm says unknown_issuer
	no $'\033'
}
