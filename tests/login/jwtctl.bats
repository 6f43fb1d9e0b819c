#!/usr/bin/env bats
#
# jwtctl, as scripts use it: each call, option, exit code and file mode.

setup() {
	umask 022
	JWTCTL=$(realpath "${BUILD:-build}/jwtctl")
	W=$(mktemp -d)
	cd "$W" || return 1
	HOST=build7
	NOW=1800000000
	AUD=ssh://$HOST
	load claims
}

teardown() {
	rm -rf "${W:?}"
}

ctl() {
	"$JWTCTL" "$@"
}

# is STATUS CMD...: CMD ends with it; its outputs are in $out and $err.
is() {
	local want=$1 status=0
	shift
	"$@" >out 2>err || status=$?
	out=$(cat out)
	err=$(cat err)
	[ "$status" -eq "$want" ] || {
		printf 'status %s, wanted %s: %s\n%s\n%s\n' "$status" "$want" \
		    "$*" "$out" "$err"
		return 1
	}
}

has() {
	[[ $1 == *"$2"* ]] || { printf 'no "%s" in:\n%s\n' "$2" "$1"; return 1; }
}

# usage CMD...: a usage error, which has one sentence, a hint, and no output.
usage() {
	is 2 "$@"
	[ -z "$out" ]
	[ "$(wc -l <err)" -eq 2 ]
	# shellcheck disable=SC2016
	[[ $err == *$'\nTry `jwtctl'*'--help`.' ]]
}

# The last line of the output.
last() {
	[ "$(tail -n 1 out)" = "$1" ] || { cat out err; return 1; }
}

b64() {
	base64 -w 0 | tr '+/' '-_' | tr -d =
}

# A token of any header and payload with a signature of zeros.
raw() {
	printf '%s.%s.%s' "$(printf %s "$1" | b64)" "$(printf %s "$2" | b64)" \
	    "$(printf 'A%.0s' {1..86})"
}

# One issuer, its key "test", and a good token in "token".
issuer() {
	ctl keygen test 2>/dev/null
	cat >conf <<-END
		[issuer corp]
		issuer     = https://issuer.test
		keys       = $W/test.pub
		audience   = ssh://%h
		algorithms = EdDSA
		user       = sub
	END
	claims | ctl sign --key test >token
}

# explain [OPTION]... <TOKEN
explain() {
	local -a user=(--user deploy)
	[[ " $* " != *' --user '* ]] || user=()
	ctl explain --config conf "${user[@]}" --host "$HOST.example.com" \
	    --now "$NOW" "$@"
}

# finds REASON [OPTION]... <TOKEN: text and JSON say it, with its exit code.
finds() {
	local reason=$1 status=1 line verdict=refused
	shift
	cat >answer
	line="refused: $reason"
	case $reason in
	accepted) status=0 line=accepted verdict=accepted ;;
	config_error | keys_unavailable | internal_error)
		status=2 verdict=error
		;;
	esac
	is "$status" explain "$@" answer
	last "$line"
	[ -z "$err" ]
	is "$status" explain --json "$@" answer
	[ -z "$err" ]
	[ "$(wc -l <out)" -eq 1 ]
	[[ $out == "{\"verdict\":\"$verdict\",\"reason\":\"$reason\",\"checks\":["* ]]
	strict_json "$out"
}

# Strict JSON and an object is what sign takes, and nothing but ASCII is here.
strict_json() {
	[ -e json-key ] || ctl keygen json-key 2>/dev/null
	printf %s "$1" | ctl sign --key json-key >/dev/null
	[ -z "$(printf %s "$1" | LC_ALL=C tr -d '\040-\176')" ]
}

signed() {
	claims "$@" | ctl sign --key test
}

# --- the command ------------------------------------------------------------

@test "jwtctl: --help lists the calls, --version is one line" {
	is 0 ctl --help
	local call
	for call in keygen sign verify explain check; do
		has "$out" "  $call "
	done
	is 0 ctl --version
	[[ $out =~ ^jwtctl\ [0-9.]+$ ]]
}

@test "jwtctl: every call has --help on standard output" {
	local call
	for call in keygen sign verify explain check; do
		is 0 ctl "$call" --help
		[[ $out == "usage: jwtctl $call"* ]]
		[ -z "$err" ]
	done
}

@test "jwtctl: no call, an unknown one, and a token in its place" {
	usage ctl
	usage ctl frobnicate
	usage ctl --frobnicate
	usage ctl eyJhbGciOiJFZERTQSJ9.e30.AAAA
	has "$err" "ps would show"
}

@test "jwtctl: unknown, repeated and valueless options of every call" {
	local call
	for call in keygen sign verify explain check; do
		usage ctl "$call" --frobnicate
		usage ctl "$call" -x
		usage ctl "$call" --help=yes
	done
	usage ctl keygen --kid
	usage ctl sign --key
	usage ctl check --config
	usage ctl sign --key a --key a
	usage ctl explain --json --json
	usage ctl explain --json=yes
	# No name is shortened: what it means would change with the next option.
	usage ctl check --conf "$ETC/security/pam_jwt.conf"
	usage ctl check "--conf=$ETC/security/pam_jwt.conf"
	usage ctl explain --js
	usage ctl check --hel
	usage ctl keygen a b
	usage ctl sign --key a b c
	usage ctl explain --user a b c
	usage ctl check conf
	usage ctl sign --secret=hunter2
	[[ $err != *hunter2* ]]
}

@test "jwtctl: what cannot be written to standard output is a failure" {
	issuer
	echo '{}' >claims
	full() {
		ctl "$@" >/dev/full
	}
	is 2 full --help
	is 2 full sign --key test claims
	is 2 full verify --signature-only --key test.pub token
	is 2 full explain --config conf --user deploy token
	is 2 full explain --config conf --user deploy --json token
	is 2 full check --config conf
	has "$err" "standard output"
	closed() {
		ctl "$@" >&-
	}
	is 2 closed --version
	is 2 closed sign --key test claims
	has "$err" "standard output"
	# A key is not written into what stands for it.
	is 0 closed keygen k
	has "$(cat k)" '"d":"'
}

# --- keygen -----------------------------------------------------------------

@test "keygen: EdDSA unless told, private 0600 and public 0644 under any umask" {
	local mask
	for mask in 000 022 077 777; do
		(umask $mask && ctl keygen "k$mask") 2>err
		[ "$(stat -c %a "k$mask")" = 600 ]
		[ "$(stat -c %a "k$mask.pub")" = 644 ]
	done
	has "$(cat k022)" '"d":"'
	[[ $(cat k022.pub) != *'"d":'* ]]
	has "$(cat k022.pub)" '"kty":"OKP","crv":"Ed25519"'
	has "$(cat k022.pub)" '"alg":"EdDSA","use":"sig"'
}

@test "keygen: writes nothing to standard output" {
	is 0 ctl keygen k
	[ -z "$out" ]
	has "$err" "k.pub"
	[[ $err != *"$(sed 's/.*"d":"\([^"]*\).*/\1/' k)"* ]]
}

@test "C17: keygen: kid is the RFC 7638 thumbprint, or the one that is given" {
	local x
	ctl keygen k 2>/dev/null
	x=$(sed 's/.*"x":"\([^"]*\).*/\1/' k.pub)
	has "$(cat k.pub)" "\"kid\":\"$(printf \
	    '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$x" |
	    openssl dgst -sha256 -binary | b64)\""
	# A quote is no end of the string.
	ctl keygen --kid 'a "b"' q 2>/dev/null
	has "$(cat q.pub)" '"kid":"a \"b\""'
	usage ctl keygen --kid '' n
	usage ctl keygen --kid $'a\nb' n
	usage ctl keygen --kid $'\xff' n
	[ ! -e n ]
}

@test "keygen: every algorithm signs, and verifies with its public half" {
	local alg key
	for alg in HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 \
	    ES384 ES512 ES256K EdDSA Ed25519 Ed448; do
		ctl keygen --alg $alg k$alg 2>/dev/null
		key=k$alg.pub
		[[ $alg != HS* ]] || key=k$alg
		echo '{"a":1}' | ctl sign --key k$alg >t
		is 0 ctl verify --signature-only --key $key t
		[ "$out" = '{"a":1}' ]
		has "$(cat $key)" "\"alg\":\"$alg\""
	done
}

@test "keygen: a secret has no public half" {
	is 0 ctl keygen --alg HS256 h
	[ ! -e h.pub ]
	[ "$(stat -c %a h)" = 600 ]
	has "$err" "both halves"
}

@test "keygen: unknown algorithms and a missing FILE are usage errors" {
	usage ctl keygen --alg none n
	usage ctl keygen --alg eddsa n
	has "$err" EdDSA
	usage ctl keygen --alg '' n
	usage ctl keygen
	usage ctl keygen ''
	usage ctl keygen -
	[ ! -e n ] && [ ! -e - ]
}

@test "keygen: never overwrites, and leaves no half behind" {
	echo mine >k
	is 1 ctl keygen k
	has "$err" "exists already"
	[ "$(cat k)" = mine ] && [ ! -e k.pub ]
	echo mine >l.pub
	is 1 ctl keygen l
	has "$err" "l.pub exists already"
	[ "$(cat l.pub)" = mine ] && [ ! -e l ]
	# Nor through a link, dangling or not.
	ln -s target m
	is 1 ctl keygen m
	[ ! -e target ] && [ ! -e m.pub ]
	ln -s target o.pub
	is 1 ctl keygen o
	[ ! -e target ] && [ ! -e o ]
	ctl keygen --alg HS256 h 2>/dev/null
	is 1 ctl keygen --alg HS256 h
	is 1 ctl keygen missing/k
	has "$err" "No such file"
}

# --- sign -------------------------------------------------------------------

@test "sign: alg, kid and typ in the header, the claims byte for byte" {
	local claims=' { "z":1.0, "a" : "\u00e9", "z2":[ ] }'
	ctl keygen --kid one k 2>/dev/null
	printf %s "$claims" | ctl sign --key k >t
	[ "$(cut -d. -f1 t)" = "$(printf \
	    '{"alg":"EdDSA","kid":"one","typ":"JWT"}' | b64)" ]
	[ "$(cut -d. -f2 t)" = "$(printf %s "$claims" | b64)" ]
	[ "$(wc -l <t)" -eq 1 ]
	printf %s "$claims" | ctl sign --key k --typ at+jwt >t
	[ "$(cut -d. -f1 t)" = "$(printf \
	    '{"alg":"EdDSA","kid":"one","typ":"at+jwt"}' | b64)" ]
	usage ctl sign --key k --typ ''
	usage ctl sign --key k --typ $'\x01'
}

@test "sign: one final newline is dropped, and no second one" {
	ctl keygen k 2>/dev/null
	printf '{}\n' | ctl sign --key k >t
	[ "$(cut -d. -f2 t)" = "$(printf '{}' | b64)" ]
	printf '{}\n\n' | ctl sign --key k >t
	[ "$(cut -d. -f2 t)" = "$(printf '{}\n' | b64)" ]
}

@test "sign: reads a file, -, or standard input" {
	ctl keygen k 2>/dev/null
	echo '{}' >c
	[ "$(ctl sign --key k c)" = "$(ctl sign --key k - <c)" ]
	[ "$(ctl sign --key k c)" = "$(ctl sign --key k <c)" ]
	is 2 ctl sign --key k nothing
	is 2 ctl sign --key k .
}

@test "sign: claims that are no strict JSON object are refused" {
	ctl keygen k 2>/dev/null
	local claims
	for claims in '' '[]' '"a"' null '{' '{"a":1,"a":2}' '{"a":NaN}' \
	    "{'a':1}" '{"a":1}x' '{"a":"\u0000"}' '{"a":01}' $'{"a":"\xff"}'; do
		printf %s "$claims" >c
		is 1 ctl sign --key k c
		[ -z "$out" ]
		has "$err" "the claims"
	done
}

@test "sign: 64 KiB of claims are taken, a byte more is not" {
	ctl keygen k 2>/dev/null
	printf '{"a":"%s"}\n' "$(head -c 65528 /dev/zero | tr '\0' a)" >c
	is 0 ctl sign --key k c
	printf '{"a":"%s"}' "$(head -c 65529 /dev/zero | tr '\0' a)" >c
	is 1 ctl sign --key k c
	has "$err" "more than 65536 bytes"
}

@test "sign: a key that is no private JWK of mode 0600 is refused" {
	ctl keygen k 2>/dev/null
	echo '{}' >c
	usage ctl sign c
	is 2 ctl sign --key nothing c
	has "$err" "$W/nothing"
	is 2 ctl sign --key k.pub c
	chmod 640 k
	is 2 ctl sign --key k c
	has "$err" "mode 0640"
	chmod 600 k
	ln -s k link
	is 2 ctl sign --key link c
	has "$err" "symbolic link"
	echo junk >junk
	chmod 600 junk
	is 2 ctl sign --key junk c
	openssl genpkey -algorithm ed25519 -out pem 2>/dev/null
	chmod 600 pem
	is 2 ctl sign --key pem c
	has "$err" "PEM"
	is 2 ctl sign --key . c
	[ -z "$out" ]
}

# --- verify -----------------------------------------------------------------

@test "verify: the payload's bytes and nothing else, whatever they are" {
	ctl keygen k 2>/dev/null
	printf ' {"a":"\\n"}\n\n' >c
	ctl sign --key k c >t
	ctl verify --signature-only --key k.pub t >p
	printf ' {"a":"\\n"}\n' | cmp - p
	ctl verify --signature-only --key k.pub <t | cmp - p
	ctl verify --signature-only --key k.pub - <t | cmp - p
	# Without the final newline it is the same token, with two it is none.
	tr -d '\n' <t >t1
	ctl verify --signature-only --key k.pub t1 | cmp - p
	{ cat t; echo; } >t2
	is 1 ctl verify --signature-only --key k.pub t2
}

@test "verify: keys as JWK, JWKS and PEM, by absolute and relative paths" {
	ctl keygen --alg ES256 k 2>/dev/null
	echo '{}' | ctl sign --key k >t
	printf '{"keys":[%s]}' "$(cat k.pub)" >jwks
	mkdir sub
	is 0 ctl verify --signature-only --key jwks t
	is 0 ctl verify --signature-only --key "$W/jwks" t
	is 0 ctl verify --signature-only --key ./sub/../jwks t
	# A PEM has no kid: it serves the one key that fits.
	openssl genpkey -algorithm ed25519 -out pem 2>/dev/null
	openssl pkey -in pem -pubout -out pub
	printf '%s.%s' "$(printf '{"alg":"EdDSA"}' | b64)" \
	    "$(printf 'no JSON' | b64)" >input
	printf '%s.%s' "$(cat input)" "$(openssl pkeyutl -sign -inkey pem \
	    -rawin -in input | b64)" >t
	is 0 ctl verify --signature-only --key pub t
	[ "$out" = 'no JSON' ]
}

@test "verify: a reason first on standard error, and exit 1" {
	local token length
	issuer
	token=$(cat token)
	ctl keygen other 2>/dev/null
	is 1 ctl verify --signature-only --key other.pub token
	[[ $err == "unknown_key: "* ]]
	raw '{"alg":"EdDSA"}' '{}' >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "signature_invalid: "* ]]
	[ -z "$out" ]
	printf %s "${token%.*}" >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "cut_off: "* ]]
	for length in 1 2 3 4 5 50 86; do
		printf %s "${token::-length}" >bad
		is 1 ctl verify --signature-only --key test.pub bad
		[[ $err == "cut_off: "* ]]
	done
	echo "$token=" >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "malformed: "* ]]
	echo password >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "not_a_jwt: "* ]]
	raw '{"alg":"EdDSA","crit":["x"]}' '{}' >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "header_invalid: "* ]]
	raw '{"alg":"none"}' '{}' >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "algorithm_not_allowed: "* ]]
	head -c 65537 /dev/zero | tr '\0' a >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "too_long: "* ]]
	head -c 300000 /dev/zero | tr '\0' a >bad
	is 1 ctl verify --signature-only --key test.pub bad
	[[ $err == "too_long: "* ]]
	[ -z "$out" ]
}

@test "verify: HS with a file of secrets alone" {
	ctl keygen --alg HS256 h 2>/dev/null
	echo '{}' | ctl sign --key h >t
	is 0 ctl verify --signature-only --key h t
	ctl keygen k 2>/dev/null
	# A public key is no secret.
	raw '{"alg":"HS256"}' '{}' >bad
	is 1 ctl verify --signature-only --key k.pub bad
	[[ $err == "unknown_key: "* ]]
	printf '{"keys":[%s,%s]}' "$(cat h)" "$(cat k.pub)" >mixed
	chmod 600 mixed
	is 2 ctl verify --signature-only --key mixed t
	chmod 644 h
	is 2 ctl verify --signature-only --key h t
	has "$err" 0600
}

@test "verify: a key file that is refused is exit 2" {
	issuer
	is 2 ctl verify --signature-only --key test token
	[[ $err == "keys_unavailable: "*private* ]]
	is 2 ctl verify --signature-only --key nothing token
	has "$err" "$W/nothing"
	is 2 ctl verify --signature-only --key '' token
	chmod g+w test.pub
	is 2 ctl verify --signature-only --key test.pub token
	has "$err" "mode 0664"
	echo '{"keys":[{"kty":"OKP","crv":"X25519","x":"AA"}]}' >unusable
	is 2 ctl verify --signature-only --key unusable token
	has "$err" "no key that can be used"
	[ -z "$out" ]
}

@test "verify: usage errors, and a token as an argument" {
	issuer
	usage ctl verify --key test.pub token
	has "$err" "jwtctl explain"
	usage ctl verify --signature-only token
	usage ctl verify --signature-only --key test.pub "$(cat token)"
	has "$err" "ps would show"
	[[ $err != *"$(cut -c 1-20 token)"* ]]
	# A file may be called like that.
	cp token eyes.jwt
	is 0 ctl verify --signature-only --key test.pub eyes.jwt
	is 2 ctl verify --signature-only --key test.pub nothing
}

# --- explain ----------------------------------------------------------------

@test "explain: accepted, each check on its line" {
	issuer
	finds accepted <token
	is 0 explain token
	[ "$(grep -c '^ok  ' out)" -eq 21 ]
	has "$out" "expected ssh://build7, seen \"ssh://build7\""
	is 0 explain <token
	is 0 explain - <token
	tr -d '\n' <token >answer
	is 0 explain answer
	is 0 ctl explain --config "$W/conf" --user deploy --host "$HOST" \
	    --now "$NOW" token
}

@test "explain: every reason of shape and header" {
	issuer
	printf '\b\n\r\177INCORRECT\b\n' | finds stand_in_password
	head -c 65537 /dev/zero | tr '\0' a | finds too_long
	printf '' | finds not_a_jwt
	echo password | finds not_a_jwt
	cut -d. -f1,2 token | finds cut_off
	sed 's/.$//' token | finds cut_off
	sed 's/$/=/' token | finds malformed
	sed 's/$/ /' token | finds malformed
	raw '{"alg":"EdDSA","jwk":{}}' '{}' | finds header_invalid
	raw '{"alg":"EdDSA","alg":"EdDSA"}' '{}' | finds header_invalid
	raw '{"alg":"EdDSA"}' '[]' | finds claims_invalid
	raw '{"alg":"EdDSA"}' '{}' | finds claims_invalid
}

@test "explain: every reason of issuer and key" {
	issuer
	signed iss='"https://issuer.test/"' | finds unknown_issuer
	finds service_not_allowed --service jwt-issuer <token
	raw '{"alg":"none"}' "$(claims)" | finds algorithm_not_allowed
	raw '{"alg":"EdDSA","kid":"other"}' "$(claims)" | finds unknown_key
	raw '{"alg":"EdDSA"}' "$(claims)" | finds signature_invalid
	printf '{"keys":[%s,%s]}' "$(cat test.pub)" '{"kty":"OKP","kid":"weak",
	    "crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}' \
	    >jwks
	sed -i "s,test.pub,jwks," conf
	finds accepted <token
	raw '{"alg":"EdDSA","kid":"weak"}' "$(claims)" | finds key_refused
	chmod o+w jwks
	finds keys_unavailable <token
	rm jwks
	finds keys_unavailable <token
}

@test "explain: every reason of the claims" {
	issuer
	signed exp= | finds claims_invalid
	claims | ctl sign --key test --typ refresh+jwt | finds type_mismatch
	signed exp=$((NOW - 31)) iat=$((NOW - 99)) | finds expired
	has "$(cat out)" 2027-01-15T08:00:00Z
	signed nbf=$((NOW + 31)) | finds not_yet_valid
	signed iat=$((NOW + 31)) | finds issued_in_future
	signed exp=$((NOW + 86400)) | finds lifetime_too_long
	signed aud='"ssh://other"' | finds audience_mismatch
	signed cnf='{}' | finds proof_required
	signed sub='"root"' | finds user_not_allowed --user root
	finds user_not_allowed --user 'a b' <token
	finds user_not_allowed --user '' <token
	finds user_mismatch --user deploy-2 <token
	echo 'require = groups has "ssh users"' >>conf
	finds requirement_unmet <token
	has "$out" 'groups has \"ssh users\"'
	signed groups='["ssh users"]' | finds accepted
	echo 'max_age = 5s' >>conf
	signed iat=$((NOW - 36)) groups='["ssh users"]' | finds too_old
}

@test "explain: --service, --host and --now are what they say" {
	issuer
	sed -i 's,ssh://%h,"%s://%H",' conf
	signed aud='"sudo://build8.example.com"' >token
	finds audience_mismatch <token
	is 0 ctl explain --config conf --user deploy --service sudo \
	    --host build8.example.com --now "$NOW" token
	is 1 ctl explain --config conf --user deploy --service sudo \
	    --host build8.example.com --now $((NOW + 330)) token
	last 'refused: expired'
	is 2 ctl explain --config conf --user deploy --host '' --now "$NOW" token
	last 'refused: internal_error'
	# By themselves: sshd, the kernel's name, the clock.
	sed -i 's,"%s://%H",%s://%h,' conf
	signed aud="\"sshd://$(uname -n | cut -d. -f1)\"" iat= \
	    exp=$(($(date +%s) + 300)) >token
	is 0 ctl explain --config conf --user deploy token
}

@test "explain: one issuer inline, lists with spaces as in the file" {
	issuer
	sed -i d conf
	local -a inline=(--issuer 'https://other.test https://issuer.test'
	    --keys test.pub --audience '"two words" ssh://%h'
	    --algorithms 'ES256 EdDSA' --user deploy --host "$HOST" --now "$NOW")
	is 0 ctl explain "${inline[@]}" token
	last accepted
	is 0 ctl explain "${inline[@]}" --user-claim sub token
	is 1 ctl explain "${inline[@]}" --user-claim name token
	last 'refused: claims_invalid'
	signed aud='["two words"]' >token
	is 0 ctl explain "${inline[@]}" --json token
	# A path with a space is quoted, as every value.
	cp test.pub 'my key'
	is 0 ctl explain --issuer https://issuer.test --keys '"my key"' \
	    --audience '"two words"' --algorithms EdDSA --user deploy \
	    --now "$NOW" token
	is 2 ctl explain --issuer https://issuer.test --keys 'my key' \
	    --audience '"two words"' --algorithms EdDSA --user deploy \
	    --now "$NOW" token
	last 'refused: config_error'
}

@test "explain: every fault of the configuration, each on its line" {
	issuer
	printf '%s\n' 'leeway = 1h' 'nonsense = 1' >>conf
	finds config_error <token
	is 2 explain token
	[ "$(grep -c '^FAIL configuration ' out)" -eq 2 ]
	has "$out" "$W/conf:7: "
	has "$out" "$W/conf:8: "
	is 2 explain --json token
	[ "$(grep -o '"name":"configuration","ok":false' out | wc -l)" -eq 2 ]
	rm conf
	finds config_error <token
	has "$out" "$W/conf: "
	# An issuer that is not whole.
	is 2 ctl explain --issuer i --keys k --algorithms EdDSA --user deploy \
	    token
	has "$out" "no audience"
	last 'refused: config_error'
}

@test "explain: usage errors" {
	issuer
	usage ctl explain --config conf token
	usage ctl explain --config conf --issuer i --user deploy token
	usage ctl explain --config conf --user-claim c --user deploy token
	usage explain --service '' token
	usage explain --service SSHD token
	usage explain --service a/b token
	local now
	for now in '' -1 1.5 1e9 ' 1' 0x10 253402300800 99999999999999999999; do
		usage ctl explain --config conf --user deploy --now "$now" token
	done
	usage explain "$(cat token)"
	has "$err" "ps would show"
	is 2 explain nothing
	[ -z "$out" ]
}

@test "explain: foreign text is quoted, in JSON as well" {
	issuer
	signed sub='"a\u001b[31m\"\\\u00e9\nok"' >token
	is 1 explain token
	has "$out" 'seen "a\x1b[31m\x22\x5c\xc3\xa9\x0aok"'
	last 'refused: user_mismatch'
	finds user_mismatch <token
	# Of JSON's escapes.
	has "$out" '"seen":"a\\x1b[31m\\x22\\x5c\\xc3\\xa9\\x0aok"'
}

@test "explain: shows claims to whoever holds the token, its bytes to nobody" {
	issuer
	signed sub='"operator-2"' x='"for the eye"' >token
	is 1 explain token
	has "$out" '"for the eye"'
	[[ $out != *"$(cut -d. -f3 token)"* ]]
	[[ $out != *"$(cut -d. -f2 token)"* ]]
	# A program decodes them by itself.
	is 1 explain --json token
	[[ $out != *"$(cut -d. -f3 token)"* && $out != *"for the eye"* ]]
}

# --- check ------------------------------------------------------------------

@test "check: no fault" {
	issuer
	is 0 ctl check --config conf
	[ "$out" = "1 issuer, 0 services: no fault" ]
	ctl keygen --alg ES256 two 2>/dev/null
	cat >>conf <<-END
		[issuer two]
		issuer     = https://two.test
		keys       = $W/two.pub
		audience   = ssh
		algorithms = ES256 RS256
		user_map   = $W/map
		[service sudo sudo-i]
		max_age    = 5m
	END
	echo 'deploy sub is 1' >map
	is 0 ctl check --config "$W/conf"
	[ "$out" = "2 issuers, 1 service: no fault" ]
	[ -z "$err" ]
}

@test "check: all faults of the configuration, with file and line" {
	issuer
	sed -i -e 's/EdDSA/none/' -e '1i x = 1' conf
	echo 'leeway' >>conf
	is 1 ctl check --config conf
	[ "$(wc -l <out)" -ge 3 ]
	has "$out" "$W/conf:1: "
	has "$out" "$W/conf:6: algorithms: 'none'"
	has "$out" "$W/conf:8: "
	is 1 ctl check --config nothing
	has "$out" "$W/nothing: "
	echo >empty
	is 1 ctl check --config empty
	chmod o+w conf
	is 1 ctl check --config conf
	has "$out" "chmod go-w"
}

@test "check: key files that no login could use" {
	issuer
	chmod g+w test.pub
	is 1 ctl check --config conf
	has "$out" "$W/conf:1: keys: $W/test.pub: "
	rm test.pub
	is 1 ctl check --config conf
	has "$out" "No such file"
	cp test test.pub
	is 1 ctl check --config conf
	has "$out" "private"
	echo '{"keys":[{"kty":"OKP","kid":"weak","crv":"Ed25519",
	    "x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}' >test.pub
	chmod 644 test.pub
	is 1 ctl check --config conf
	has "$out" 'the key with kid "weak": '
	has "$out" "no key that can be used"
	[ "$(wc -l <out)" -eq 2 ]
}

@test "check: keys against algorithms, secrets against public keys" {
	issuer
	sed -i 's/EdDSA/ES256 RS256/' conf
	is 1 ctl check --config conf
	has "$out" "serves any of the algorithms, but only: EdDSA"
	sed -i 's/ES256 RS256/HS256/' conf
	is 1 ctl check --config conf
	has "$out" "file of secrets"
	ctl keygen --alg HS256 secret 2>/dev/null
	mv -f secret test.pub
	is 0 ctl check --config conf
	chmod 644 test.pub
	is 1 ctl check --config conf
	has "$out" "0600"
	chmod 600 test.pub
	sed -i 's/HS256/EdDSA/' conf
	is 1 ctl check --config conf
	has "$out" "HS algorithms alone"
}

@test "check: maps" {
	issuer
	sed -i "s,^user .*,user_map = $W/map," conf
	is 1 ctl check --config conf
	has "$out" "$W/conf:1: user_map: $W/map: "
	printf '%s\n' 'deploy sub is 1' 'deploy' '' 'deploy sub not is 1' >map
	is 1 ctl check --config conf
	has "$out" "$W/map:2: "
	has "$out" "$W/map:4: "
	[ "$(wc -l <out)" -eq 2 ]
}

@test "check: one key file under two names beside issuer_absent" {
	issuer
	ln test.pub same.pub
	cat >>conf <<-END
		[issuer app]
		issuer_absent = yes
		keys          = $W/same.pub
		audience      = ssh
		algorithms    = EdDSA
	END
	is 1 ctl check --config conf
	has "$out" "$W/conf:7: keys: "
	has "$out" "'corp'"
	ctl keygen app 2>/dev/null
	mv -f app.pub same.pub
	is 0 ctl check --config conf
	# Among sections that name their issuers a file may be shared.
	ln -f test.pub same.pub
	sed -i 's,issuer_absent = yes,issuer = https://two.test,' conf
	is 0 ctl check --config conf
}
