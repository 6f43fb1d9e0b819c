# shellcheck shell=bash
#
# Tokens of any bytes, signed, and what `jwtctl explain` says of them; no world
# is needed for that. Loaded by bats files; works in a folder of its own, W.
#
#   signing_begin     makes the folder, a key, and settings that believe it
#   signing_end       removes it
#   settings LINE...  the configuration: one issuer, and these lines after it;
#                     a line `NAME = VALUE` of the issuer's takes the place of
#                     the usual one
#   claims [NAME=JSON]...    a good payload, each claim changed or, with
#                     nothing behind the =, dropped
#   bytes TEXT        writes TEXT with each <XX> as the byte of that number;
#                     nothing else in it is special, a backslash neither
#   sign PAYLOAD [HEADER]    makes the token of these bytes, signed by openssl,
#                     which looks at none of them
#   unsigned PAYLOAD [HEADER]    the same with a signature of zeros, where what
#                     is refused is refused before the signature is looked at
#   base64url         stdin as base64url
#   says REASON [OPTION...]  explain ends with it, and with its exit status;
#                     OPTION as of jwtctl explain
#   each REASON ...   reads lines, signs each as payload, and wants REASON
#   headers REASON    the same with lines that are headers
#   T                 the file of the token, OUT what explain said

# shellcheck source-path=SCRIPTDIR source=claims.bash
. "$BATS_TEST_DIRNAME/claims.bash"

NOW=1800000000
AUD=ssh
HEADER='{"alg":"EdDSA"}'

signing_begin() {
	umask 022
	JWTCTL=$(realpath "${BUILD:-build}/jwtctl")
	W=$(mktemp -d)
	cd "$W" || return 1
	T=$W/token
	openssl genpkey -algorithm ed25519 -out key 2>/dev/null
	openssl pkey -in key -pubout -out pub
	# shellcheck disable=SC2119 # as usual
	settings
}

signing_end() {
	cd / && rm -rf "${W:?}"
}

# shellcheck disable=SC2120 # the tests have lines for it
settings() {
	local line name
	local -A usual=([issuer]=https://issuer.test [keys]=$W/pub
	    [audience]=ssh [algorithms]=EdDSA)
	for line; do
		[[ $line != \[* ]] || break
		unset "usual[${line%% =*}]"
	done
	{
		echo '[issuer test]'
		for name in "${!usual[@]}"; do
			echo "$name = ${usual[$name]}"
		done
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >conf
}

bytes() {
	local text=${1//\\/\\\\}
	while [[ $text =~ \<([0-9A-F][0-9A-F])\> ]]; do
		text=${text//"${BASH_REMATCH[0]}"/\\x${BASH_REMATCH[1]}}
	done
	printf %b "$text"
}

# encoded CMD...: what CMD writes, as base64url, in ENCODED. Few processes, for
# there are hundreds of these.
encoded() {
	ENCODED=$("$@" | base64 -w 0)
	ENCODED=${ENCODED//+/-} ENCODED=${ENCODED//\//_} ENCODED=${ENCODED%%=*}
}

base64url() {
	encoded cat
	printf %s "$ENCODED"
}

input() {
	encoded bytes "${2:-$HEADER}"
	printf %s. "$ENCODED" >"$W/input"
	encoded bytes "$1"
	printf %s "$ENCODED" >>"$W/input"
}

sign() {
	input "$@"
	encoded openssl pkeyutl -sign -inkey "$W/key" -rawin -in "$W/input"
	printf '%s.%s\n' "$(<"$W/input")" "$ENCODED" >"$T"
}

unsigned() {
	input "$@"
	printf '%s.%s\n' "$(<"$W/input")" "$(printf 'A%.0s' {1..86})" >"$T"
}

says() {
	local reason=$1 wanted=1 status=0 last="refused: $1"
	local -a options=()
	shift
	[[ " $* " == *' --user '* ]] || options+=(--user deploy)
	[[ " $* " == *' --now '* ]] || options+=(--now "$NOW")
	case $reason in
	accepted) wanted=0 last=accepted ;;
	config_error | keys_unavailable | internal_error) wanted=2 ;;
	esac
	OUT=$("$JWTCTL" explain --config "$W/conf" "${options[@]}" \
	    --host web1.example.com "$@" 2>&1 <"$T") || status=$?
	[[ $status -eq $wanted && ${OUT##*$'\n'} == "$last" ]] ||
	    wrong "exit status $status, not $reason of" "$(head -c 500 "$T")" \
		"$OUT"
}

wrong() {
	printf '%s\n' "$@" >&2
	return 1
}

each() {
	local reason=$1 payload count=0
	shift
	while IFS= read -r payload; do
		sign "$payload"
		says "$reason" "$@" || wrong "by the payload: $payload" || return
		count=$((count + 1))
	done
	[ "$count" -gt 0 ]
}

headers() {
	local reason=$1 header count=0
	while IFS= read -r header; do
		sign "$(claims)" "$header"
		says "$reason" || wrong "by the header: $header" || return
		count=$((count + 1))
	done
	[ "$count" -gt 0 ]
}
