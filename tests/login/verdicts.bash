# shellcheck shell=bash
#
# One login by pamtester and all that it must leave: the PAM code, one log
# line, a sentence to the user or none, and the same reason from explain.
# Loaded after world.bash; for user worlds.
#
#   expect REASON FILE USER [REGEX...]
#                 USER answers with FILE's first line, and REASON comes of it,
#                 without a word to the user. The log line has each REGEX, and
#                 nothing of a token. SERVICE is the PAM service, sshd here;
#                 with GIVEN=yes the answer is not typed but left by an
#                 earlier module, any bytes and any length. EXPLAIN=no where
#                 explain is not asked, since pam.d has another configuration
#   told REASON FILE USER [REGEX...]
#                 the same, and the user is told the reason in a sentence
#   LINE          the log line of the last one, SAID what the user was told
#   raw FILE HEADER PAYLOAD [SIGNATURE]
#                 writes a token of these very bytes; unsigned, as long as a
#                 signed one, where there is no SIGNATURE (base64url)
#   signed FILE JSON [OPTION...]
#                 signs this very payload with the key "test"
#   base64url     stdin as base64url
#   claim_utc FILE CLAIM    a time in FILE's claims, as the log writes it
#   T             a file for the test's token
#   config_more LINE...     the default configuration with these lines in its
#                 issuer's section

SERVICE=sshd
GIVEN=no
EXPLAIN=yes
LINE=
SAID=

# KIND[REASON]: what sort of answer a reason is, refused where none stands.
declare -gA KIND=([accepted]=accepted [config_error]=config
    [keys_unavailable]=unavailable [internal_error]=fault)

# Per kind: what pamtester says at the end (the text of the PAM code), the
# priority (authpriv is 80) and what explain exits with.
declare -gA PAM_SAYS=([accepted]='successfully authenticated'
    [refused]='Authentication failure' [config]='Error in service module'
    [unavailable]='Authentication service cannot retrieve authentication info'
    [fault]='System error')
declare -gA PRIORITY=([accepted]=86 [refused]=85 [config]=83 [unavailable]=83
    [fault]=83)
declare -gA EXPLAIN_EXIT=([accepted]=0 [refused]=1 [config]=2 [unavailable]=2
    [fault]=2)

# As pam_jwt(8) promises it: words in their order, and whatever is in the
# quotes, they can be told apart.
QUOTED='"([^"\\]|\\x[0-9a-f][0-9a-f])*"'
LINE_FORM='^<8[3456]>(accepted|refused) reason=[a-z_]+'
LINE_FORM+="( service=([a-z0-9_.@-]+|$QUOTED))?( issuer=[A-Za-z0-9_.-]+)?"
LINE_FORM+="(( [a-z_]+=[A-Za-z0-9:-]+)*|( (expected|fault)=$QUOTED))"
LINE_FORM+="( hint=$QUOTED)?( warning=$QUOTED)?"
for word in rhost tty user kid sub jti seen; do
	LINE_FORM+="( $word=$QUOTED)?"
done
LINE_FORM+='$'
unset word

# How the sentence to the user begins.
declare -gA SENTENCE=([claims_invalid]='A claim that the login needs'
    [type_mismatch]='The token is of a kind' [expired]='The token has expired'
    [not_yet_valid]='The token is not valid yet'
    [issued_in_future]='The token says it was issued in the future'
    [lifetime_too_long]='The token lives longer'
    [too_old]='The token, or the login behind it, is too old'
    [audience_mismatch]='The token is meant for another'
    [proof_required]='The token is bound to a key'
    [user_not_allowed]='Tokens do not open this account'
    [requirement_unmet]='The token does not meet what is required')

wrong() {
	printf '%s\n' "$@" >&2
	return 1
}

expect() {
	verdict '' "$@"
}

told() {
	[ -n "${SENTENCE[$1]:-}" ] || wrong "$1 has no sentence" || return
	verdict "${SENTENCE[$1]}" "$@"
}

# Bats' errexit does not reach into functions that stand in a condition, so
# each step here says for itself that it failed. As few processes as can be:
# there are hundreds of these.
verdict() {
	local sentence=$1 reason=$2 file=$3 user=$4 kind status=0 regex
	shift 4
	kind=${KIND[$reason]:-refused}
	login "$file" "$user" >"$WORLD/said" 2>&1 || status=$?
	read_log || return
	for regex in "^<${PRIORITY[$kind]}>" "$@"; do
		[[ $LINE =~ $regex ]] ||
		    wrong "the log lacks '$regex': $LINE" || return
	done
	regex=refused
	[ "$reason" != accepted ] || regex=accepted
	[[ $LINE =~ ^\<..\>$regex' 'reason=$reason' 'service=$SERVICE( |$) ]] ||
	    wrong "not $reason of $SERVICE: $LINE" || return
	[ $((status == 0)) -eq $((${EXPLAIN_EXIT[$kind]} == 0)) ] ||
	    wrong "pamtester ends with $status" || return
	leaks_nothing "$file" || return
	said "${PAM_SAYS[$kind]}" "$sentence" || return
	explains "$reason" "${EXPLAIN_EXIT[$kind]}" "$file" "$user"
}

login() {
	if [ "$GIVEN" = no ]; then
		pam_with "$1" "$SERVICE" "$2" authenticate
		return
	fi
	log_mark
	in_world PAM_AUTHTOK="$(cat "$1")" timeout 60 pamtester \
	    "${PAMTESTER_OPTIONS[@]}" "$SERVICE" "$2" authenticate </dev/null
}

# The one line of a login, beside those that `debug` adds.
read_log() {
	local line LC_ALL=C
	local -a lines=()
	while IFS= read -r line; do
		[[ $line == '<87>'* ]] || lines+=("$line")
	done < <(log_now)
	[ ${#lines[@]} -eq 1 ] ||
	    wrong "${#lines[@]} lines, not one:" "${lines[@]}" \
		"$(<"$WORLD/said")" || return
	LINE=${lines[0]}
	[[ $LINE != *[!\ -~]* && $LINE =~ $LINE_FORM ]] ||
	    wrong "the log line has not its form: $LINE"
}

# Neither the answer nor a part of it is in the log, debug lines included.
leaks_nothing() {
	local log part
	log=$(<"$WORLD/log")
	while IFS= read -r -d . part || [ -n "$part" ]; do
		part=${part%$'\n'}
		[[ ${#part} -lt 8 || $log != *"${part:0:4000}"* ]] ||
		    wrong "the log has of the answer: $part" || return
	done <"$1"
}

# What the user saw: the prompt, perhaps a sentence behind it, and at the end
# the text of the PAM code.
said() {
	local line text=
	while IFS= read -r line; do
		[[ $line == *[PN]WRAP_ERROR* ]] || line+=$'\n'
		text+=${line%%[PN]WRAP_ERROR*}
	done <"$WORLD/said"
	text=${text%$'\n'}
	[[ $text == *"pamtester: $1" ]] ||
	    wrong "pamtester does not say '$1': $text" || return
	SAID=${text%"pamtester: $1"}
	SAID=${SAID#"${SAID%%[! ]*}"}
	SAID=${SAID#*: }
	SAID=${SAID%$'\n'}
	if [ -z "$2" ]; then
		[ -z "$SAID" ] || wrong "the user was told: $SAID"
	else
		[[ $SAID == "$2"* && $SAID != *$'\n'* ]] ||
		    wrong "the user was not told '$2...': $SAID"
	fi
}

explains() {
	local output status=0 word="refused: $1"
	[ "$EXPLAIN" = yes ] || return 0
	[ "$1" != accepted ] || word=accepted
	output=$(explain "$3" "$4" --service "$SERVICE" 2>&1) || status=$?
	[[ ${output##*$'\n'} == "$word" && $status -eq $2 ]] ||
	    wrong "explain exits $status, not $2 for $word:" "$output"
}

# --- what is given ----------------------------------------------------------

base64url() {
	base64 -w 0 | tr +/ -_ | tr -d =
}

raw() {
	local signature=${4-}
	[ $# -gt 3 ] || signature=$(printf 'A%.0s' {1..86})
	printf '%s.%s.%s\n' "$(printf %s "$2" | base64url)" \
	    "$(printf %s "$3" | base64url)" "$signature" >"$1"
}

signed() {
	local file=$1 json=$2
	shift 2
	printf %s "$json" | in_world jwtctl sign --key "$KEYS/test" "$@" >"$file"
}

claim_utc() {
	[[ $(cat "$1.claims") =~ \"$2\":([0-9]+) ]] &&
	    date -u -d "@${BASH_REMATCH[1]}" +%FT%TZ
}

config_more() {
	config_default
	[ $# -eq 0 ] || printf '%s\n' "$@" | config_add
}

# A user world with one key, one issuer and the module alone in a stack.
simple_world() {
	world_user
	key_new test 2>"$WORLD/said"
	config_default
	stack "$SERVICE" <<<'auth required pam_jwt.so'
	stack given <<-END
		auth	required	$(first /usr/lib/*/pam_wrapper/pam_set_items.so \
		    /usr/lib64/pam_wrapper/pam_set_items.so)
		auth	required	pam_jwt.so
	END
	# shellcheck disable=SC2034 # for the tests
	T=$WORLD/token
}
