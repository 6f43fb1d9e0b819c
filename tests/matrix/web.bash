# shellcheck shell=bash
# Variables come from run, the tests and what is loaded before, and go to them.
# shellcheck disable=SC2034,SC2154
#
# An Express application beside a world; loaded after matrix.bash and
# servers.bash.
#
#   web_begin             a root world, or skips; in it runs web/app.mjs, as
#                         no account of the world, and the PAM services sshd
#                         and test take a token of the issuer and nothing
#                         else. $WEB is its URL, $WEB_KEYS the key set's
#   web_believe ALGORITHM    they take the application's tokens instead,
#                         signed with that: by its secret, or by what it
#                         publishes
#   issued FILE AUDIENCE KEY    a token as the issuer makes it for deploy; there
#                         may be several audiences, with spaces between. Keys
#                         are EdDSA, ES256, RS256
#   as_issued FILE AUDIENCE [--key NAME] [--typ T] [CLAIM=VALUE]...    the same
#                         with what no issuer would put there; the key
#                         "unknown" is one that is not published
#   for_both CMD FILE ARG...    one of these, for this host's ssh and the
#                         application at once
#   signed FILE ALGORITHM [NAME=VALUE]...    one that Express signs for deploy
#                         to log in to this host; HS256 or RS256
#   changed FILE HOW      one part of it: "header" (another typ), "payload"
#                         (operator's), "signature" (one character), "header,
#                         one character" and "payload, one character"
#
# What becomes of $token; each is one `run`
#   opens ROUTE           the application answers with the subject, deploy
#   shut ROUTE TEXT       the application refuses, and says TEXT
#   enters [ssh]          it logs $MATRIX_USER in, by pamtester or by ssh
#   refused REASON [ssh]  the module refuses, and that is its reason
#   reads CMD...          a reader in another language finds the subject in
#                         good ones, and says of others why not

WEB_AUDIENCE=https://web.test
WEB_ISSUER=https://web.test/login

web_begin() {
	local status=0 alg
	command -v node >/dev/null || skip 'no node here'
	[ -d "$BUILD/node/node_modules" ] ||
	    skip 'no Express here, which tests/deps.sh brings by npm'
	world_root || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ] || return
	token=$BATS_TEST_TMPDIR/token
	answers=$BATS_TEST_TMPDIR/answers
	key_new unknown
	issuer_folder
	for alg in EdDSA ES256 RS256; do
		web_issuer "$alg"
	done
	# Of three services, the one set that they are an issuer by.
	jq -s '{keys: map(.keys[])}' "$BATS_TEST_TMPDIR"/jwks.* |
	    put /etc/security/pam_jwt.d/issuer.jwks
	config <<-END
		[issuer ours]
		issuer     = $ISSUER
		keys       = $ETC/security/pam_jwt.d/issuer.jwks
		audience   = ssh://%h
		algorithms = EdDSA ES256 RS256
	END
	matrix_stack sshd test
	start_sshd
	web_start
}

# web_issuer ALGORITHM: a jwt-issuerd whose key is of that one. The key lies
# in $KEYS as well, for tokens that no issuer would make.
web_issuer() {
	local conf=/etc/security/jwt-issuer.$1
	issuer_config <<-END
		[policy everybody]
		audience   = ssh://* https://*
		proof      = peer
		any_length = yes
	END
	sed -e "s|^keys .*|keys = /srv/jwt-issuer/$1|" \
	    "$WORLD/etc/security/jwt-issuer.conf" | put "$conf"
	in_world install -d -m 700 -o jwt-issuer -g jwt-issuer \
	    "/srv/jwt-issuer/$1"
	in_world jwtctl key new --alg "$1" --config "$conf" >/dev/null 2>&1
	in_world jwtctl jwks --config "$conf" >"$BATS_TEST_TMPDIR/jwks.$1"
	in_world sh -c "cat /srv/jwt-issuer/$1/*.jwk" >"$KEYS/$1"
	chmod 600 "$KEYS/$1"
	server_start "$WORLD/issuerd.$1" jwt-issuerd --config "$conf" \
	    --state "/run/jwt-issuer.$1" --listen="/run/jwt-issuer.$1.socket" \
	    -- in_world test -S "/run/jwt-issuer.$1.socket"
}

# The build folder may lie where the application's account may not go, and so
# may node.
web_start() {
	local log=$WORLD/web.log
	in_world jwtctl keygen --alg HS256 "$KEYS/secret" 2>/dev/null
	server_account www-data 155
	in_world bash -eu -s "$BUILD/node/node_modules" \
	    "$MATRIX_HERE/web/app.mjs" "$KEYS/secret" \
	    "$(node -p process.execPath)" <<-'END'
		mkdir -p /run/web/node_modules
		mount --bind "$1" /run/web/node_modules
		: >/run/web/node
		mount --bind "$4" /run/web/node
		cp "$2" /run/web/app.mjs
		install -o www-data -m 400 "$3" /run/web/secret
	END
	server_start "$log" setpriv --reuid=www-data --regid=www-data \
	    --clear-groups /usr/bin/env ISSUER="$ISSUER" \
	    AUDIENCE="$WEB_AUDIENCE" OWN_ISSUER="$WEB_ISSUER" \
	    JWKS="$ETC/security/pam_jwt.d/issuer.jwks" \
	    SECRET=/run/web/secret /run/web/node /run/web/app.mjs \
	    -- grep -q '^listening at ' "$log"
	WEB=$(sed -n 's/^listening at //p' "$log")
	WEB_KEYS=$(sed -n 's/^publishing //p' "$log")
}

web_curl() {
	curl --silent --show-error --noproxy '*' --max-time 20 "$@"
}

web_believe() {
	local file=$ETC/security/pam_jwt.d/web
	if [ "$1" = HS256 ]; then
		put /etc/security/pam_jwt.d/web 600 <"$KEYS/secret"
	else
		web_curl "$WEB/jwks.json" | put /etc/security/pam_jwt.d/web
	fi
	config <<-END
		[issuer web]
		issuer     = $WEB_ISSUER
		keys       = $file
		audience   = ssh://%h
		algorithms = $1
	END
}

issued() {
	local -a audiences=()
	local audience
	for audience in $2; do
		audiences+=(-a "$audience")
	done
	as deploy jwt-issue --socket "/run/jwt-issuer.$3.socket" --long \
	    "${audiences[@]}" >"$1"
}

as_issued() {
	local file=$1 audience=$2 now
	local -a typ=(--typ login+jwt)
	now=$(date +%s)
	shift 2
	[[ $audience != *' '* ]] || audience="[\"${audience// /\",\"}\"]"
	[[ " $* " != *' --typ '* ]] || typ=()
	token "$file" "${typ[@]}" aud="$audience" nbf="$now" \
	    auth_time="$now" amr='["pwd"]' "$@"
}

for_both() {
	"$1" "$2" "ssh://$HOST $WEB_AUDIENCE" "${@:3}"
}

signed() {
	local file=$1 wanted="\"algorithm\":\"$2\"" claim
	local -A value=([subject]=deploy [audience]=ssh://$HOST)
	shift 2
	for claim; do
		value[${claim%%=*}]=${claim#*=}
	done
	for claim in "${!value[@]}"; do
		wanted+=",\"$claim\":$(json "${value[$claim]}")"
	done
	web_curl --fail -H 'Content-Type: application/json' \
	    --data "{$wanted}" "$WEB/login" >"$file" && echo >>"$file"
}

changed() {
	case $2 in
	header) web_edit "$1" 1 's/"typ":"[^"]*"/"typ":"at+jwt"/' ;;
	payload) web_edit "$1" 2 's/"sub":"deploy"/"sub":"operator"/' ;;
	header*) tamper "$1" 1 ;;
	payload*) tamper "$1" 2 ;;
	signature) tamper "$1" 3 ;;
	esac
}

# web_edit FILE PART SED
web_edit() {
	local -a part
	local text
	IFS=. read -r -a part <"$1"
	text=${part[$2 - 1]}
	while [ $((${#text} % 4)) -ne 0 ]; do
		text+='='
	done
	text=$(tr -- '-_' '+/' <<<"$text" | base64 -d | sed "$3" |
	    base64 -w 0 | tr '+/' '-_' | tr -d =)
	[ "$text" != "${part[$2 - 1]}" ] ||
	    { world_fail "nothing for $3"; return 1; }
	part[$2 - 1]=$text
	(IFS=. && printf '%s\n' "${part[*]}") >"$1"
}

web_ask() {
	web_curl -w '\n%{http_code}\n' -H @- "$WEB/$1" \
	    <<<"Authorization: Bearer $(<"$token")"
}

opens() {
	run web_ask "$1"
	[ "$output" = $'deploy\n200' ] || world_fail "$1 answers: $output"
}

shut() {
	run web_ask "$1"
	[[ ${lines[-1]} == 401 && $output == *"$2"* ]] ||
	    world_fail "$1 answers: $output, not: $2"
}

web_login() {
	if [ "${1:-}" = ssh ]; then
		PIECE=511 ssh_with "$token" "$MATRIX_USER" true
		return
	fi
	matrix_answers "$token" whole >"$answers"
	pam_with "$answers" test "$MATRIX_USER" authenticate
}

enters() {
	run web_login "$@"
	[ "$status" -eq 0 ] && wait_log 'accepted reason=accepted ' >/dev/null
}

refused() {
	run web_login "${2:-}"
	[ "$status" -ne 0 ] && wait_log " refused reason=$1 " >/dev/null
}

reads() {
	local alg how
	for alg in EdDSA ES256 RS256; do
		for how in header payload signature; do
			for_both issued "$token" "$alg"
			enters pamtester
			run "$@" <"$token"
			[ "$status-$output" = 0-deploy ]
			changed "$token" "$how"
			run "$@" <"$token"
			[[ $status -ne 0 && $output == *erification* ]]
		done
	done
	for how in aud=ssh://other iss=https://other.test exp=-600; do
		for_both as_issued "$token" --key ES256 iat=-900 nbf=-900 "$how"
		run ! "$@" <"$token"
		echo "$output" >>"$BATS_TEST_TMPDIR/said"
	done
	grep -i audience "$BATS_TEST_TMPDIR/said"
	grep -i issuer "$BATS_TEST_TMPDIR/said"
	grep -i expired "$BATS_TEST_TMPDIR/said"
}
