#!/usr/bin/env bats
# Variables come from issuing.bash, and go to the commands of each test.
# shellcheck disable=SC1003,SC2030,SC2031
#
# jwt-issue: what it asks the service, what it relays to the person and what it
# prints.

bats_require_minimum_version 1.5.0

setup() {
	load issuing
	issuing_begin
	TOKEN=$(fake)
}

teardown() {
	issuing_end
}

# asks KIND TEXT: one prompt and then the token.
asks() {
	printf '%s\n' hear "say ASK $1 $2" hear "say OK $TOKEN" | plays
}

pass() {
	printf '%s\n' secret | issue "$@"
}

# --- what is asked ----------------------------------------------------------

@test 'a token is printed, and nothing else' {
	gives "$TOKEN"
	run -0 --separate-stderr issue -a ssh://build7
	[ "$output" = "$TOKEN" ]
	[ -z "$stderr" ]
	[ "$(said)" = 'ISSUE aud=ssh://build7' ]
}

@test 'the request says all that is asked for, and nothing of the caller' {
	gives "$TOKEN"
	issue --audience 'ssh://build 7' -a sudo://build7 -t 90 \
	    --claim ticket=4711 --claim 'a=b=%' --long
	[ "$(said)" = 'ISSUE aud=ssh://build%207 aud=sudo://build7 ttl=90 claim=ticket=4711 claim=a=b=%25 long' ]
}

@test 'a duration is seconds, and without one the policy decides' {
	gives "$TOKEN"
	issue -a h -t 5m
	issue -a h --ttl 1h
	issue -a h -t 24h
	[ "$(said)" = $'ISSUE aud=h ttl=300\nISSUE aud=h ttl=3600\nISSUE aud=h ttl=86400' ]
}

@test '--json prints the token, its audiences and when it expires' {
	gives "$(fake '["ssh://build7","é"]' 0 300)"
	run -0 --separate-stderr issue -a h --json
	[ "${#lines[@]}" -eq 1 ]
	[[ $output =~ ^\{\"token\":\"([A-Za-z0-9_.-]+)\",\"audience\":\[\"ssh://build7\",\"é\"\],\"expires\":([0-9]+)\}$ ]]
	[ "$(printf '%s\n' hear "say OK ${BASH_REMATCH[1]}")" = "$(<"$I/script")" ]
	[ $((BASH_REMATCH[2] - $(date +%s))) -le 300 ]
	[ $((BASH_REMATCH[2] - $(date +%s))) -ge 240 ]
}

# --- what a person is asked -------------------------------------------------

@test 'a prompt is relayed, and the answer sent as it is' {
	local answer
	asks hidden Password:%20
	for answer in secret '  two words ' 'a%20=b\' "$(head -c 512 /dev/zero | tr '\0' x)"; do
		: >"$I/said"
		answer() { printf '%s\n' "$answer" | issue -a h; }
		run -0 --separate-stderr answer
		[ "$output" = "$TOKEN" ]
		[ "$stderr" = Password: ]
		[ "$(tail -n 1 "$I/said")" = "ANSWER $answer" ]
	done
}

@test 'several prompts and messages, in their order' {
	printf '%s\n' hear 'say TELL info Welcome%20%C3%A9%09.' \
	    'say ASK shown One-time%20code:%20' hear \
	    'say TELL error Not%20that%20one.' 'say ASK hidden PIN:%0Anow:%20' \
	    hear "say OK $TOKEN" | plays
	both() { printf '1\n2\n' | issue -a h; }
	run -0 --separate-stderr both
	[ "$output" = "$TOKEN" ]
	[ "$stderr" = $'Welcome é\t.\nOne-time code: \nNot that one.\nPIN:\nnow:' ]
	[ "$(said)" = $'ISSUE aud=h\nANSWER 1\nANSWER 2' ]
}

@test 'control characters of a prompt or a message steer no terminal' {
	printf '%s\n' hear 'say TELL info %1B[31mred%7F' \
	    'say ASK hidden %1B]0;x%07Password:%0D' hear "say OK $TOKEN" | plays
	run -0 --separate-stderr pass -a h
	[ "$output" = "$TOKEN" ]
	[ "$stderr" = $'\\x1b[31mred\\x7f\n\\x1b]0;x\\x07Password:\\x0d' ]
}

@test 'a line without a newline is an answer, and only the first line is' {
	asks hidden Password:
	printf %s secret | issue -a h
	[ "$(tail -n 1 "$I/said")" = 'ANSWER secret' ]
	printf 'secret\nrest\n' | {
		issue -a h >"$I/out"
		# Unread: it belongs to somebody else.
		[ "$(cat)" = rest ]
	}
	[ "$(<"$I/out")" = "$TOKEN" ]
}

@test 'an answer is whole or an error: too long, a NUL in it' {
	local text
	asks hidden Password:
	text=$(head -c 513 /dev/zero | tr '\0' x)
	long() { printf '%s\n' "$text" | issue -a h; }
	nul() { printf 'x\0y\n' | issue -a h; }
	endless() { issue -a h </dev/zero; }
	refused 77 'the answer has more than 512 bytes' long
	[ "$(tail -n 1 "$I/said")" = CANCEL ]
	refused 77 'the answer has a NUL' nul
	refused 77 'the answer has a NUL' endless
}

@test 'without an answer it fails at once, says what is missing and takes its leave' {
	asks hidden Password:
	nothing() { issue -a h </dev/null; }
	refused 69 'standard input ended before .*ssh -t' nothing
	[ "$(said)" = $'ISSUE aud=h\nCANCEL' ]
	closed() { issue -a h <&-; }
	refused 69 'standard input ended' closed
	# The second prompt has none.
	printf '%s\n' hear 'say ASK hidden 1' hear 'say ASK hidden 2' hear | plays
	refused 69 'standard input ended' pass -a h
	[ "$(said)" = $'ISSUE aud=h\nANSWER secret\nCANCEL' ]
}

@test 'without a terminal and --stdin it fails at once, whatever standard input is' {
	local input
	asks hidden Password:
	bare() {
		"${AS_ROOT[@]}" env -i PATH="$PATH" "$ISSUE" --socket "$S" -a h <"$input"
	}
	echo secret >"$I/answers"
	for input in "$I/answers" /dev/null; do
		plays < <(printf '%s\n' hear 'say ASK hidden Password:' hear)
		refused 69 'no terminal to ask on: .*ssh -t.*--stdin' bare
		[ "$(said)" = $'ISSUE aud=h\nCANCEL' ]
	done
}

@test 'a service that gave up while somebody typed has the last word' {
	printf '%s\n' hear 'say ASK hidden 1' 'say ERR timed_out Too%20slow.' leave |
	    plays
	refused 75 'Too slow.' pass -a h
}

# --- refusals ---------------------------------------------------------------

@test 'each reason of the service has its exit code, its text and its word' {
	local code word words=0
	while read -r code word; do
		printf '%s\n' hear "say ERR $word Why%20$word." | plays
		refused "$code" "^jwt-issue: Why $word\.$" issue -a h
		run -"$code" --separate-stderr issue -a h --json
		[ "$output" = "{\"error\":\"$word\",\"message\":\"Why $word.\"}" ]
		[ "$stderr" = "jwt-issue: Why $word." ]
		# Every one is in the manual, with its code.
		grep -q "^\.It $code .* Li $word$" "$ISSUING_HERE/../../man/jwt-issue.1"
		words=$((words + 1))
	done <<-END
		70 internal_error
		78 config_error
		66 keys_unavailable
		71 clock_wrong
		74 store_unavailable
		75 too_many_connections
		75 too_many_tokens
		75 timed_out
		77 caller_gone
		76 malformed_request
		67 unknown_user
		77 user_not_allowed
		68 audience_not_allowed
		65 lifetime_too_long
		65 claim_not_allowed
		65 token_too_long
		77 session_required
		77 login_refused
		69 login_unavailable
	END
	# All but "issued".
	[ "$words" -eq "$(($(grep -c '^    \[ISSUER_' "$ISSUING_HERE/../../issuer/reason.c") - 1))" ]
}

@test 'a refusal without a text is told by its word, and a text steers nothing' {
	printf '%s\n' hear 'say ERR login_refused ' | plays
	refused 77 'jwt-issue: login_refused$' issue -a h
	printf '%s\n' hear 'say ERR login_refused %1B[2J%0Ano%C3' | plays
	refused 77 $'jwt-issue: \\\\x1b\\[2J\nno' issue -a h
	run -77 --separate-stderr issue -a h --json
	[ "$output" = '{"error":"login_refused","message":"\\x1b[2J\u000ano\\xc3"}' ]
}

# --- hostile or broken services ---------------------------------------------

# wrong REGEX LINE...: those lines of the script make it end with EX_PROTOCOL.
wrong() {
	local regex=$1
	shift
	printf '%s\n' hear "$@" leave | plays
	refused 76 "what answers there is no jwt-issuerd.*: $regex" pass -a h ||
	    { echo "script: $*"; return 1; }
}

@test 'a line that is none of the four ends it' {
	local line
	for line in '' ' ' OK ERR 'ok x.y.z' ' OK x.y.z' 'OKx' 'TOKEN x.y.z' \
	    'HTTP/1.1 200 OK' 'ASK' 'TELL' 'ISSUE aud=h' 'ANSWER x'; do
		wrong '(a line is of one word|a line begins with an unknown word)' \
		    "say $line"
	done
	for line in 'ASK visible x' 'ASK Hidden x' 'ASK hidden' 'ASK  hidden x' \
	    'ASK hiddenx y'; do
		wrong 'it asks for neither kind' "say $line"
	done
	for line in 'TELL warning x' 'TELL info' 'TELL infox y'; do
		wrong 'it tells neither kind' "say $line"
	done
	for line in 'ERR no_such_reason x' 'ERR issued x' 'ERR login_refused' \
	    'ERR  login_refused x' 'ERR LOGIN_REFUSED x'; do
		wrong 'it refuses for no known reason' "say $line"
	done
}

@test 'a text that is not in its one form ends it' {
	local text
	for text in 'two words' 'x ' '%' '%4' '%zz' '%00' '%41' '%0a' '%C3%a9' 'a%'; do
		wrong 'a text is malformed' "say ASK hidden $text"
		wrong 'a text is malformed' "say TELL info $text"
		wrong 'a text is malformed' "say ERR login_refused $text"
	done
}

@test 'a byte that is not printable ASCII ends it, wherever it stands' {
	local byte
	for byte in 01 09 0d 1b 7f 80 c3 ff; do
		wrong 'a line is not of printable ASCII' "say OK $TOKEN\\x$byte"
		wrong 'a line is not of printable ASCII' "say ASK hidden x\\x${byte}y"
		wrong 'a line is not of printable ASCII' "say \\x$byte"
	done
	wrong 'a line is not of printable ASCII' 'say ASK hidden \x00'
}

@test 'what is no compact JWS is no token' {
	local token
	for token in x x.y x.y.z.a .y.z x..z x.y. .. '' 'x.y.z ' ' x.y.z' x.y.z= \
	    x.y+.z x./.z 'x.y.z x.y.z' x.y.z%20 "${TOKEN/./,}" '{"x":"y.z.a"}'; do
		wrong 'its token is none' "say OK $token"
	done
	gives x.y.z
	[ "$(issue -a h)" = x.y.z ]
}

@test 'a line has 65536 bytes at most, and a token may have nearly all of them' {
	local text
	text=$(head -c 65000 /dev/zero | tr '\0' A)
	printf '%s\n' hear 'raw OK x.y.' 'fill 65524 A' 'say ' | plays
	[ "$(issue -a h | wc -c)" -eq 65529 ]
	wrong 'a line has no end' 'raw OK x.y.' 'fill 65529 A' 'say '
	wrong 'a line has no end' 'fill 100000 x'
}

@test 'a service without an end ends: prompts, messages' {
	printf '%s\n' hear 'many 200 ASK hidden x' leave | plays
	endless() { yes | issue -a h; }
	refused 76 'it has no end' endless
	[ "$(grep -c ANSWER "$I/said")" -le 1 ]
	[ "$(grep -cx x <<<"$stderr")" -eq 128 ]
	wrong 'it has no end' 'many 200 TELL info x'
	printf '%s\n' hear 'many 127 TELL info x' "say OK $TOKEN" | plays
	[ "$(issue -a h)" = "$TOKEN" ]
}

@test 'a connection that ends early is told, at each place' {
	local script
	for script in '' hear $'hear\nsay TELL info x' \
	    $'hear\nsay ASK hidden x' $'hear\nsay ASK hidden x\nhear'; do
		printf '%s\n' "$script" | plays
		refused 75 'ended the connection without an answer' pass -a h ||
		    { echo "script: $script"; return 1; }
	done
	for script in 'raw ASK' 'raw ASK hidden x' 'raw OK ' "raw OK $TOKEN" \
	    'raw ERR login_refused x'; do
		wrong 'it ended within a line' "$script"
	done
}

@test 'what follows the last line does nothing' {
	printf '%s\n' hear "raw OK $TOKEN\\x0aASK hidden x\\x0aERR login_refused x\\x0a" |
	    plays
	run -0 --separate-stderr issue -a h
	[ "$output" = "$TOKEN" ]
	[ -z "$stderr" ]
}

@test 'a line in many small pieces is a line' {
	printf '%s\n' hear 'raw A' 'raw SK hid' 'raw den Pass' 'say word:' hear \
	    'raw OK' 'raw  ' "say $TOKEN" | plays
	run -0 --separate-stderr pass -a h
	[ "$output" = "$TOKEN" ]
	[ "$stderr" = Password: ]
}

# --- reaching the service ---------------------------------------------------

@test 'where nobody listens it says how to change that' {
	refused 69 'no jwt-issuerd listens there.*systemctl start jwt-issuer.socket' \
	    local_issue -a h --socket "$I/nobody"
	refused 69 'no jwt-issuerd listens there' \
	    local_issue -a h --socket "$I/script/socket"
	: >"$I/file"
	refused 69 'no jwt-issuerd listens there' local_issue -a h --socket "$I/file"
	service_ends
	refused 69 'no jwt-issuerd listens there' issue -a h
	run -69 --separate-stderr issue -a h --json
	[[ $output =~ ^\{\"error\":\"unavailable\",\"message\":\".*systemctl ]]
	refused 69 'a socket.s path has at most 107 bytes' local_issue -a h \
	    --socket "/$(head -c 120 /dev/zero | tr '\0' x)"
}

@test 'a service that is not root'\''s is told nothing' {
	gives "$TOKEN"
	if [ "$(id -u)" -eq 0 ]; then
		service_ends
		rm "$S"
		chmod 755 "$I"
		mkdir -m 777 "$I/of-another"
		S=$I/of-another/socket
		: >"$I/said"
		chmod 666 "$I/said"
		serve setpriv --reuid=20000 --regid=20000 --clear-groups --
		refused 77 'belongs to uid 20000 and not to root' issue -a h
	else
		# Without the namespace it is the caller's own and nobody's else.
		AS_ROOT=(setsid -w)
		refused 77 "belongs to uid $(id -u) and not to root" issue -a h
	fi
	[ ! -s "$I/said" ]
	run -77 --separate-stderr issue -a h --json
	[[ $output == '{"error":"not_permitted","message":"'*'not to root'* ]]
}

@test 'a socket that may not be opened is told' {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to be somebody else'
	chmod 711 "$I"
	chmod 600 "$S"
	AS_ROOT+=(setpriv --reuid=20000 --regid=20000 --clear-groups --)
	cp "$ISSUE" "$I/jwt-issue"
	ISSUE=$I/jwt-issue
	refused 77 'Permission denied' issue -a h
}

@test 'silence has an end: 90 seconds for a line, 10 for a connection' {
	local pid runtime
	ENVIRONMENT+=("LD_PRELOAD=$BUILD/tests/login/preload-hurry.so")
	runtime=$(ldd "$ISSUE" | grep -o '/[^ ]*libasan[^ ]*') || :
	ENVIRONMENT[-1]=${ENVIRONMENT[-1]/=/=$runtime }
	printf '%s\n' hear stay | plays
	refused 75 'was silent for 90 seconds' issue -a h
	[[ $stderr == $'send: 10 s\n'*'poll: '[89]?000' ms'* ]]
	# A line that never gets whole is silence as well.
	printf '%s\n' hear 'raw OK x.y' stay | plays
	refused 75 'was silent for 90 seconds' issue -a h
	printf '%s\n' hear deaf | plays
	issue -a h 2>/dev/null || :
	# The next one is in the queue, and that has no room for others.
	issue -a h 2>/dev/null &
	pid=$!
	in_queue() {
		run issue -a h
		[ "$status" -eq 75 ]
		[[ $output == *'took no connection for 10 seconds'* ]]
	}
	for _ in 1 2 3 4 5; do
		! in_queue || break
	done
	in_queue
	wait "$pid" || [ $? -eq 75 ]
}

# --- files ------------------------------------------------------------------

@test '-o writes a file of mode 0600, in place of an older one' {
	gives "$TOKEN"
	mkdir "$I/out"
	echo older >"$I/out/token"
	chmod 644 "$I/out/token"
	umask 077
	run -0 issue -a h -o "$I/out/token"
	[ -z "$output" ]
	[ "$(<"$I/out/token")" = "$TOKEN" ]
	[ "$(stat -c %a "$I/out/token")" = 600 ]
	umask 777
	run -0 issue -a h --output "$I/out/other" --json
	umask 022
	[[ $output =~ ^\{\"file\":\"$I/out/other\",\"audience\":\[\"ssh://build7\"\],\"expires\":[0-9]+\}$ ]]
	[ "$(stat -c %a "$I/out/other")" = 600 ]
	[ "$(ls "$I/out")" = $'other\ntoken' ]
}

@test 'a file that cannot be written is told before anything is asked' {
	gives "$TOKEN"
	mkdir "$I/out"
	ln -s token "$I/out/link"
	mkfifo "$I/out/fifo"
	refused 73 'its folder cannot be opened' issue -a h -o "$I/none/token"
	refused 73 'no regular file' issue -a h -o "$I/out/link"
	refused 73 'no regular file' issue -a h -o "$I/out/fifo"
	refused 73 '(no regular file|Permission denied)' issue -a h -o /dev/stdout
	refused 73 '' issue -a h -o "$I/out/"
	unasked
	[ "$(ls "$I/out")" = $'fifo\nlink' ]
}

@test 'a refusal leaves no file and the older one as it was' {
	printf '%s\n' hear 'say ERR login_refused no' | plays
	mkdir "$I/out"
	echo older >"$I/out/token"
	refused 77 no issue -a h -o "$I/out/token"
	refused 77 no issue -a h -o "$I/out/other"
	[ "$(ls "$I/out")" = token ]
	[ "$(<"$I/out/token")" = older ]
}

@test 'standard output that cannot be written is told' {
	gives "$TOKEN"
	full() { issue -a h "$@" >/dev/full; }
	refused 74 'standard output: No space left' full
	refused 74 'standard output: No space left' full --json
	closed() { issue -a h >&-; }
	refused 74 'standard output' closed
	help() { local_issue --help >/dev/full; }
	refused 74 'standard output' help
}

# --- options ----------------------------------------------------------------

@test '--help is on standard output, and every option is in it' {
	local option
	run -0 --separate-stderr local_issue --help
	[ -z "$stderr" ]
	for option in --audience --ttl --claim --long --output --store --list \
	    --forget --json --socket --help; do
		[[ $output == *"$option"* ]]
		grep -q "Fl Fl ${option#--}" "$ISSUING_HERE/../../man/jwt-issue.1"
	done
}

@test 'what is missing or unknown is a usage error' {
	refused 64 '--audience. is missing' issue
	refused 64 '--audience. is missing' local_issue --store
	refused 64 usage: issue -a h --no-such-option
	refused 64 usage: issue -a h --key x
	refused 64 usage: issue -a h -t
	refused 64 'no argument is wanted' issue -a h h2
	unasked
}

@test 'only one thing becomes of a token' {
	refused 64 '--output and --store do not go together' issue -a h -o x --store
	refused 64 '--store and --list do not' local_issue -a h --store --list
	refused 64 '--list and --forget do not' local_issue --list --forget
	refused 64 '--list asks for no token' local_issue --list -a h
	refused 64 '--forget asks for no token' issue --forget
	refused 64 '--list asks for no token' local_issue --list --long
	refused 64 '--list asks for no token' local_issue --list -t 5
	unasked
}

@test 'what stands twice, empty or not in UTF-8 is a usage error' {
	refused 64 '--ttl is there twice' issue -a h -t 1m -t 2m
	refused 64 '--output is there twice' issue -a h -o a -o b
	refused 64 '--socket is there twice' issue -a h --socket x
	refused 64 'the audience .h. is there twice' issue -a h -a g -a h
	refused 64 'an audience is empty' issue -a ''
	refused 64 '--output is empty' issue -a h -o ''
	refused 64 'no valid UTF-8' issue -a $'h\xc0\xaf'
	refused 64 'a control character' issue -a $'h\nh'
	refused 64 'a control character' issue -a $'h\xc2\x9b'
	refused 64 'the request would have .* bytes' issue -a "$(printf %0503d 0)"
	unasked
}

@test 'lifetimes from one second to a day, and no others' {
	local ttl
	for ttl in 0 0m 24h1 86401 25h 2d '' x 5x -5 1.5h '5 m' 99999999999; do
		refused 64 '--ttl' issue -a h "--ttl=$ttl"
	done
	refused 64 '25h is 90000 seconds; from 1 to 86400' issue -a h -t 25h
	unasked
}

@test 'claims that only the issuer sets, and names that are none, are refused' {
	local name
	for name in iss sub aud exp nbf iat jti auth_time amr acr cnf events \
	    client_id name groups host; do
		refused 64 'the issuer alone sets' issue -a h --claim "$name=x"
	done
	refused 64 'no name before' issue -a h --claim =x
	refused 64 'wants NAME=VALUE' issue -a h --claim role
	refused 64 'role. is there twice' issue -a h --claim role=x \
	    --claim role=y
	refused 64 'a control character' issue -a h --claim $'a\tb=x'
	refused 64 'a control character' issue -a h --claim $'a=\x7f'
	refused 64 'no valid UTF-8' issue -a h --claim $'a=\xff'
	unasked
}

@test 'with --json, wherever it stands, a fault of the options is JSON as well' {
	local -a call
	run -64 --separate-stderr issue --no-such-option --json
	[ "$output" = '{"error":"usage","message":"\"--no-such-option\" is no option of jwt-issue, or wants another value"}' ]
	run -64 --separate-stderr issue -a h -t x --json
	[[ $output == '{"error":"usage","message":"--ttl'* ]]
	[[ $stderr == 'jwt-issue: --ttl'* ]]
}

@test 'set-user-id or set-group-id it refuses to run' {
	local mode
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	! ldd "$ISSUE" | grep -q libasan || skip 'no sanitizer may be set-user-id'
	chmod 711 "$I"
	cp "$ISSUE" "$I/lent"
	mount_allows_it() { [[ $(findmnt -no OPTIONS -T "$I") != *nosuid* ]]; }
	mount_allows_it || skip 'no set-user-id programs here'
	for mode in 4755 2755; do
		chmod "$mode" "$I/lent"
		refused 78 'must not be set-user-id' setpriv --reuid=20000 \
		    --regid=20000 --clear-groups -- "$I/lent" -a h
		refused 78 'must not be set-user-id' setpriv --reuid=20000 \
		    --regid=20000 --clear-groups -- "$I/lent" --help
	done
	# Root has no more by it.
	run -0 "$I/lent" --help
}

@test 'no other process of the caller can look into it' {
	local pid
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to be somebody else'
	chmod 711 "$I"
	cp "$ISSUE" "$I/jwt-issue"
	printf '%s\n' hear stay | plays
	setpriv --reuid=20000 --regid=20000 --clear-groups -- \
	    "$I/jwt-issue" --socket "$S" -a h 3>&- &
	pid=$!
	until asked; do sleep 0.02; done
	# The kernel's sign of it: what is in /proc is not the caller's.
	[ "$(stat -c %u "/proc/$pid/environ")" -eq 0 ]
	kill "$pid"
	wait "$pid" || [ $? -eq 143 ]
}
