# shellcheck shell=bash
# Variables come from run and from the tests, and go to them.
# shellcheck disable=SC2034,SC2154
#
# For the matrix: how long a token may be in each application and each way to
# answer it, tried for real. Loaded by every bats file here. `make
# check-matrix` runs them; what they measured is then in
# $BUILD/matrix/NAME.tsv, of which table.awk makes the table in README.md.
#
#	load matrix
#	setup() { matrix_begin su; }
#	teardown() { world_end; }
#
# and a test is one row, with what must come of each length:
#
#	@test "su: a line on standard input" {
#		matrix_row su 'standard input' by_pipe <<-END
#			300	login 1
#			4096	reason cut_off
#		END
#	}
#
#   matrix_begin SERVICE...    a root world, or skips; these PAM services take
#                         a token and nothing else
#   matrix_config         a configuration with short names, so that a token may
#                         have 300 characters
#   matrix_token LENGTH FILE [USER]    a good token of exactly that length, in
#                         a line of its own; for deploy unless told otherwise
#   matrix_answers FILE PIECE    that token as one answer a line, PIECE
#                         characters each, or "whole"; with a `=` behind a last
#                         one after which the module asks again
#   matrix_row APPLICATION WAY CMD... <<LENGTH OUTCOME    each length: CMD logs
#                         in with $token, for $MATRIX_USER, and OUTCOME must
#                         come of it, which is then recorded
#   matrix_expect APPLICATION WAY LENGTH OUTCOME    the same for what `run` ran
#   matrix_cell APPLICATION WAY LENGTH OUTCOME    records one
#   matrix_type PIECE CMD...    CMD on a terminal, where $token is typed, PIECE
#                         characters for each prompt
#   matrix_paste once|rest CMD...    CMD on a terminal, where all of $token is
#                         pasted; and to further prompts, "(from N, at most M)",
#                         the lone = that ends it, or what they ask for
#   matrix_4095, matrix_511    what comes of a program that takes so many
#                         characters at once, and of answers of that length
#
# An OUTCOME is
#   login N        it logs in, after N prompts
#   reason NAME    the module refuses, and that is its reason in the log
#   client TEXT    no answer reaches the module; TEXT is what the program says

MATRIX_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../login/world.bash
. "$MATRIX_HERE/../login/world.bash"

MATRIX_PROMPT='JWT( \(from [0-9]+(, at most [0-9]+)?\))?: '
MATRIX_USER=deploy

matrix_begin() {
	local status=0
	world_root || status=$?
	[ "$status" -ne 77 ] || skip "$WORLD_REASON"
	[ "$status" -eq 0 ] || return
	token=$BATS_TEST_TMPDIR/token
	answers=$BATS_TEST_TMPDIR/answers
	matrix_config
	matrix_stack "$@"
}

matrix_stack() {
	local service
	for service; do
		stack "$service" <<-END
			auth	required	pam_jwt.so
			@include common-account
			@include common-session
		END
	done
}

# Two keys, because no base64 has 4n + 1 characters: with a payload alone, and
# one header, every fourth length would have no token.
matrix_config() {
	key_new a --kid a
	key_new bb --kid bb
	printf '{"keys":[%s,%s]}\n' "$(cat "$KEYS/a.pub")" \
	    "$(cat "$KEYS/bb.pub")" | put /etc/security/pam_jwt.d/both.jwks
	config <<-END
		[issuer matrix]
		issuer     = https://i
		keys       = $ETC/security/pam_jwt.d/both.jwks
		audience   = a
		algorithms = EdDSA
		user       = sub
	END
}

# matrix_sign KEY USER PADDING
matrix_sign() {
	local now padding
	now=$(date +%s)
	printf -v padding '%*s' "$3" ''
	printf '{"iss":"https://i","sub":"%s","aud":"a","iat":%d,"exp":%d,"pad":"%s"}' \
	    "$2" "$now" $((now + 300)) "${padding// /x}" |
	    in_world jwtctl sign --key "$KEYS/$1"
}

matrix_token() {
	local length=$1 file=$2 user=${3:-$MATRIX_USER} key text header payload
	for key in a bb; do
		text=$(matrix_sign "$key" "$user" 0)
		IFS=. read -r header payload _ <<<"$text"
		# What is left for the payload, next to an EdDSA signature.
		payload=$((length - ${#header} - 86 - 2))
		[ $((payload % 4)) -ne 1 ] || continue
		text=$(cut -d. -f2 <<<"$text")
		matrix_sign "$key" "$user" \
		    $((payload * 3 / 4 - ${#text} * 3 / 4)) >"$file"
		text=$(<"$file")
		[ ${#text} -eq "$length" ] && return
	done
	world_fail "no token of $length characters, but of ${#text}"
}

matrix_answers() {
	local width=$2 last
	[ "$width" != whole ] || width=100000
	fold -w "$width" "$1"
	last=$(fold -w "$width" "$1" | tail -n 1)
	case ${#last} in
	511 | 1023 | 4095) echo '=' ;;
	esac
}

matrix_type() {
	local piece=$1
	shift
	matrix_answers "$token" "$piece" >"$answers"
	on_tty "$MATRIX_PROMPT\$" "$answers" "$@"
}

matrix_paste() {
	local command byte text='' further=$1 asked=' \(from ([0-9]+)(, at most ([0-9]+))?\)'
	local from=0 most=100000 rest whole status=0
	shift
	whole=$(<"$token")
	log_mark
	printf -v command '%q ' "$@"
	coproc TTY { in_world script -qec "$command" /dev/null 2>&1; }
	local pid=$TTY_PID in=${TTY[1]} out=${TTY[0]}
	exec {in}>&"$in" {out}<&"$out"
	while IFS= read -r -t 20 -N 1 -u "$out" byte; do
		printf '%s' "$byte"
		text+=$byte
		[[ $text =~ $MATRIX_PROMPT$ ]] || continue
		if [[ $text =~ $asked ]]; then
			[ "$further" = once ] || from=${BASH_REMATCH[1]}
			most=${BASH_REMATCH[3]:-$most}
		fi
		text=
		rest=${whole:from:most}
		[ "$further" = rest ] || whole='='
		printf '%s\n' "${rest:-=}" >&"$in"
	done
	exec {in}>&- {out}<&-
	wait "$pid" || status=$?
	return "$status"
}

matrix_4095() {
	cat <<-END
		300	login 1
		510	login 1
		511	login 2
		512	login 1
		1022	login 1
		1023	login 2
		1024	login 1
		1600	login 1
		4095	login 2
		4096	login 2
		9000	login 3
	END
}

matrix_511() {
	cat <<-END
		300	login 1
		510	login 1
		511	login 2
		512	login 2
		1022	login 3
		1023	login 3
		1024	login 3
		1600	login 4
		4095	login 9
		4096	login 9
		9000	login 18
	END
}

matrix_row() {
	local application=$1 way=$2 length outcome line
	local -a lines
	shift 2
	mapfile -t lines
	for line in "${lines[@]}"; do
		read -r length outcome <<<"$line"
		matrix_token "$length" "$token" || return
		run "$@"
		matrix_expect "$application" "$way" "$length" "$outcome" ||
		    return
	done
}

matrix_expect() {
	local outcome=$4
	if case $outcome in
	login\ *) matrix_logged_in "${outcome#login }" ;;
	reason\ *) matrix_refused "${outcome#reason }" ;;
	client\ *) matrix_not_asked "${outcome#client }" ;;
	*) false ;;
	esac then
		matrix_cell "$@"
		return
	fi
	printf '%s, %s, %d characters: not "%s" but exit status %d, output:\n' \
	    "$1" "$2" "$3" "$outcome" "$status"
	printf '%s\nthe log:\n' "$output"
	log_now
	return 1
}

matrix_prompts() {
	grep -oE "$MATRIX_PROMPT" <<<"$output" | wc -l
}

matrix_logged_in() {
	[ "$status" -eq 0 ] && [ "$(matrix_prompts)" -eq "$1" ] &&
	    wait_log 'accepted reason=accepted ' >/dev/null &&
	    [ "$(log_now | grep -c ' reason=')" -eq 1 ]
}

matrix_refused() {
	[ "$status" -ne 0 ] && wait_log " reason=$1 " >/dev/null &&
	    [ "$(log_now | grep -c ' reason=')" -eq 1 ]
}

# What was logged before our own line would be there by then.
matrix_not_asked() {
	[ "$status" -ne 0 ] && [[ $output == *"$1"* ]] &&
	    in_world logger 'the matrix looks' &&
	    wait_log 'the matrix looks' >/dev/null &&
	    ! log_has ' reason='
}

matrix_cell() {
	local name
	name=$(basename "$BATS_TEST_FILENAME" .bats)
	mkdir -p "$BUILD/matrix"
	printf '%s\t%s\t%s\t%s\n' "$@" >>"$BUILD/matrix/$name.tsv"
}
