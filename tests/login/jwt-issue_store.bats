#!/usr/bin/env bats
# Variables come from issuing.bash, and go to the commands of each test.
# shellcheck disable=SC2030,SC2031
#
# jwt-issue --store, --list and --forget: where tokens are kept, when another
# one is asked for, and what is never touched.

bats_require_minimum_version 1.5.0

setup() {
	load issuing
	issuing_begin
	TOKEN=$(fake)
	gives "$TOKEN"
	KEPT=$I/run/bt_u0
}

teardown() {
	issuing_end
}

# keep [ARG of fake]...: such a token is stored already.
keep() {
	(umask 077 && fake "$@" >"$KEPT")
	EARLIER=$(<"$KEPT")
}

# renews CMD...: something is asked, and the new token is stored.
renews() {
	: >"$I/said"
	run -0 --separate-stderr "$@"
	asked && [ "$(<"$KEPT")" = "$TOKEN" ] &&
	    [ "$(stat -c %a "$KEPT")" = 600 ]
}

# keeps CMD...: nothing is, and the earlier one stays.
keeps() {
	: >"$I/said"
	run -0 --separate-stderr "$@"
	unasked && [ "$(<"$KEPT")" = "$EARLIER" ]
}

# in_own_tmp SCRIPT: bash in a mount namespace, whose /tmp is its own; there
# $I is /mnt and the programs are in /media.
in_own_tmp() {
	local -a own=(unshare --mount)
	[ "$(id -u)" -eq 0 ] || own=(unshare -Ur --mount)
	"${own[@]}" true 2>/dev/null || skip 'needs mount namespaces'
	"${own[@]}" env -i PATH="$PATH" I="$I" B="$BUILD" SCRIPT="$1" bash -ec '
		mount --bind "$I" /mnt
		mount --bind "$B" /media
		mount -t tmpfs -o mode=1777 none /tmp
		cd /mnt
		issue() { /media/jwt-issue --socket /mnt/socket -a ssh://build7 "$@"; }
		eval "$SCRIPT"'
}

# --- where ------------------------------------------------------------------

@test '--store puts the token where jwt-askpass finds it, for nobody else' {
	run -0 --separate-stderr issue -a ssh://build7 --store
	[ -z "$output" ]
	[ -z "$stderr" ]
	[ "$(<"$KEPT")" = "$TOKEN" ]
	[ "$(stat -c %a "$KEPT")" = 600 ]
	[ "$(ls -A "$I/run")" = bt_u0 ]
	[ "$("${AS_ROOT[@]}" env -i XDG_RUNTIME_DIR="$I/run" \
	    "$BUILD/jwt-askpass" '(deploy@build7) JWT: ' </dev/null)" = "$TOKEN" ]
}

@test 'BEARER_TOKEN_FILE comes first' {
	ENVIRONMENT+=("BEARER_TOKEN_FILE=$I/own")
	issue -a ssh://build7 --store
	[ "$(<"$I/own")" = "$TOKEN" ]
	[ "$(stat -c %a "$I/own")" = 600 ]
	[ ! -e "$KEPT" ]
	ENVIRONMENT[-1]=BEARER_TOKEN_FILE=
	issue -a ssh://build7 --store
	[ "$(<"$KEPT")" = "$TOKEN" ]
}

@test 'without a folder of its own it is /tmp, and one that is not fit is none' {
	run -0 in_own_tmp '
		issue --store
		[ "$(stat -c %a /tmp/bt_u0)" = 600 ]
		cp /tmp/bt_u0 /mnt/found
		rm /tmp/bt_u0
		mkdir -m 750 /mnt/open
		XDG_RUNTIME_DIR=/mnt/open issue --store
		rm /tmp/bt_u0
		XDG_RUNTIME_DIR=/mnt/none issue --store
		rm /tmp/bt_u0
		mkdir -m 700 own
		XDG_RUNTIME_DIR=own issue --store
		rm /tmp/bt_u0
		XDG_RUNTIME_DIR=/mnt/own issue --store
		[ ! -e /tmp/bt_u0 ]
		[ -e /mnt/own/bt_u0 ]
		ls /mnt/open'
	[ -z "$output" ]
	[ "$(<"$I/found")" = "$TOKEN" ]
}

@test 'a /tmp that is not sticky is no place' {
	run -73 in_own_tmp 'chmod 777 /tmp; issue --store'
	[[ $output == *'no place is fit for a token'* ]]
	unasked
}

@test 'in /tmp the file of another is refused, and a link not followed' {
	[ "$(id -u)" -eq 0 ] || skip 'needs root, to be somebody else'
	run -73 in_own_tmp '
		cp /mnt/script /tmp/bt_u0
		chown 20000 /tmp/bt_u0
		issue --store'
	[[ $output == *'is owned by uid 20000, wanted uid 0'* ]]
	run -73 in_own_tmp '
		: >/mnt/aim
		ln -s /mnt/aim /tmp/bt_u0
		issue --store'
	[[ $output == *'is no regular file, and nothing else is replaced'* ]]
	[ ! -s "$I/aim" ]
	unasked
}

@test 'what is there and no token is never replaced, and nothing is asked' {
	local odd
	printf '%s\n' 'export PATH' >"$KEPT"
	chmod 600 "$KEPT"
	refused 73 'bt_u0.: holds no token' issue -a ssh://build7 --store
	[ "$(<"$KEPT")" = 'export PATH' ]
	head -c 70000 /dev/zero | tr '\0' A >"$KEPT"
	refused 73 'has more than 65536 bytes' issue -a ssh://build7 --store
	rm "$KEPT"
	mkdir "$KEPT"
	refused 73 'is no regular file' issue -a ssh://build7 --store
	rmdir "$KEPT"
	mkfifo "$KEPT"
	refused 73 'is no regular file' issue -a ssh://build7 --store
	rm "$KEPT"
	ENVIRONMENT+=(BEARER_TOKEN_FILE=/dev/null)
	refused 73 '(is no regular file|Permission denied)' issue -a ssh://build7 --store
	ENVIRONMENT[-1]=BEARER_TOKEN_FILE=$TOKEN
	refused 73 'looks like a token, not the name' issue -a ssh://build7 --store
	[[ $stderr != *eyJ* ]]
	unasked
}

@test 'an empty file is no token, and is replaced' {
	: >"$KEPT"
	renews issue -a ssh://build7 --store
}

@test 'BEARER_TOKEN goes before every stored one, and that is said' {
	ENVIRONMENT+=("BEARER_TOKEN=$(fake '"x"')")
	renews issue -a ssh://build7 --store
	[[ $stderr == 'jwt-issue: $BEARER_TOKEN is set'* ]]
	[[ $stderr != *eyJ* ]]
	EARLIER=$TOKEN
	keeps issue -a ssh://build7 --store
	[[ $stderr == 'jwt-issue: $BEARER_TOKEN is set'* ]]
}

# --- when -------------------------------------------------------------------

@test 'with more than a third of its life left nothing is asked' {
	keep '"ssh://build7"' 0 300
	keeps issue -a ssh://build7 --store
	[ -z "$output$stderr" ]
	keep '"ssh://build7"' -190 110
	keeps issue -a ssh://build7 --store
	service_ends
	keeps issue -a ssh://build7 --store
}

@test 'with a third or less, expired, or from the future it is renewed' {
	local times
	for times in '-200 100' '-250 50' '-300 0' '-400 -100' '1000 1300' \
	    '300 100'; do
		# shellcheck disable=SC2086
		keep '"ssh://build7"' $times
		renews issue -a ssh://build7 --store || { echo "$times"; return 1; }
	done
}

@test 'of a token without times nobody knows, so it is renewed' {
	local claims
	for claims in '{"aud":"ssh://build7"}' '{"aud":"ssh://build7","exp":9999999999}' \
	    '{"aud":"ssh://build7","iat":1,"exp":"9999999999"}' \
	    '{"aud":["ssh://build7",1],"iat":1700000000,"exp":9999999999}' \
	    '{"iat":1700000000,"exp":9999999999}' '[]' '{' ; do
		printf 'eyJhbGciOiJFZERTQSJ9.%s.AAAA' \
		    "$(printf %s "$claims" | base64url)" >"$KEPT"
		chmod 600 "$KEPT"
		renews issue -a ssh://build7 --store || { echo "$claims"; return 1; }
	done
}

@test 'audiences are compared as a set' {
	keep '["a","b","c"]'
	keeps issue -a c -a a -a b --store
	keep '["a","b","a"]'
	keeps issue -a b -a a --store
	keep '["a"]'
	keeps issue -a a --store
	keep '["a","b"]'
	renews issue -a a --store
	keep '"a"'
	renews issue -a a -a b --store
	keep '"a"'
	renews issue -a A --store
	keep '[]'
	renews issue -a a --store
}

@test 'a claim that is asked for must be in it' {
	keep '"a"' 0 300 '"ticket":"4711"'
	keeps issue -a a --claim ticket=4711 --store
	keeps issue -a a --store
	renews issue -a a --claim ticket=4712 --store
	keep '"a"' 0 300 '"ticket":4711'
	renews issue -a a --claim ticket=4711 --store
}

@test 'a token that others could read or write is renewed, and they cannot any more' {
	local mode
	for mode in 640 604 660 620; do
		keep
		chmod "$mode" "$KEPT"
		renews issue -a ssh://build7 --store
	done
}

@test 'a refusal leaves what is stored as it was' {
	keep '"ssh://build7"' -400 -100
	printf '%s\n' hear 'say ERR login_refused no' | plays
	refused 77 no issue -a ssh://build7 --store
	[ "$(<"$KEPT")" = "$EARLIER" ]
	gives x.y.z
	refused 76 'jwt-issuerd: holds no token' issue -a ssh://build7 --store
	[ "$(<"$KEPT")" = "$EARLIER" ]
	[ "$(ls -A "$I/run")" = bt_u0 ]
}

@test '--store --json says where, until when and whether it was renewed' {
	local pattern
	run -0 --separate-stderr issue -a ssh://build7 --store --json
	pattern='^\{"file":"'$KEPT'","audience":\["ssh://build7"\],"expires":[0-9]{10},"renewed":'
	[[ $output =~ $pattern'true}'$ ]]
	run -0 --separate-stderr issue -a ssh://build7 --store --json
	[[ $output =~ $pattern'false}'$ ]]
	[ -z "$stderr" ]
	: >"$KEPT" && echo no >"$KEPT"
	run -73 --separate-stderr issue -a ssh://build7 --store --json
	[[ $output =~ ^\{\"error\":\"cannot_create\",\"message\":\".*holds\ no\ token ]]
}

@test 'on a terminal it says what it did' {
	local what
	stored() {
		"${AS_ROOT[@]}" script -qec "env -i XDG_RUNTIME_DIR=$I/run \
		    $ISSUE --socket $S -a ssh://build7 --store" /dev/null </dev/null
	}
	run -0 stored
	[[ $output == *'bt_u0": stored; it expires in '[45]' min'* ]]
	run -0 stored
	[[ $output == *'bt_u0": the token there is for the same, and nothing was asked; it expires in '[45]' min'* ]]
	[[ $output != *eyJ* ]]
}

# --- --list -----------------------------------------------------------------

@test '--list: nothing anywhere' {
	run -0 --separate-stderr local_issue --list
	[ -z "$stderr" ]
	[ "${lines[0]}" = '$BEARER_TOKEN: not set' ]
	[ "${lines[1]}" = '$BEARER_TOKEN_FILE: not set' ]
	[ "${lines[2]}" = "\"$KEPT\": nothing there" ]
	[[ ${lines[3]} == '"/tmp/bt_u0"'* ]]
	ENVIRONMENT=()
	run -0 --separate-stderr local_issue --list
	[ "${lines[2]}" = '$XDG_RUNTIME_DIR: not set' ]
}

@test '--list shows what each token says, when it expires, and never the token' {
	keep '["ssh://build7","sudo://build7"]' -48 252
	ENVIRONMENT+=("BEARER_TOKEN=$(fake '"a"' -480 -180)"
	    "BEARER_TOKEN_FILE=$I/file")
	(umask 077 && fake '"b"' 0 90000 >"$I/file")
	run -0 --separate-stderr local_issue --list
	[[ $output != *eyJ* ]]
	[ "${lines[0]}" = '$BEARER_TOKEN:' ]
	[ "${lines[1]}" = '    issuer    "https://issuer.test"' ]
	[ "${lines[2]}" = '    subject   "deploy"' ]
	[ "${lines[3]}" = '    audience  "a"' ]
	[[ ${lines[4]} =~ ^\ {4}expires\ {3}20[0-9-]{8}T[0-9:]{8}Z,\ expired\ 3\ min\ ago$ ]]
	[ "${lines[5]}" = "\"$I/file\":" ]
	[[ ${lines[9]} =~ ,\ expires\ in\ (1\ d(\ 1\ h)?|1\ d)$ ]] ||
	    [[ ${lines[9]} == *', expires in 1 d' ]]
	[ "${lines[10]}" = "\"$KEPT\":" ]
	[ "${lines[13]}" = '    audience  "ssh://build7"' ]
	[ "${lines[14]}" = '              "sudo://build7"' ]
	[[ ${lines[15]} =~ ,\ expires\ in\ 4\ min(\ 1?[0-9]\ s)?$ ]]
}

@test '--list says what is wrong with what lies there, and is no failure' {
	keep
	chmod 640 "$KEPT"
	ENVIRONMENT+=(BEARER_TOKEN=opaque "BEARER_TOKEN_FILE=$I/link")
	ln -s run/bt_u0 "$I/link"
	run -0 --separate-stderr local_issue --list
	[[ ${lines[0]} == '$BEARER_TOKEN: holds no token: '* ]]
	[[ ${lines[1]} == *'is a symbolic link, wanted a file' ]]
	[ "${lines[2]}" = "\"$KEPT\": others may read or write it: chmod 600" ]
	chmod 600 "$KEPT"
	printf 'eyJhbGciOiJFZERTQSJ9.%s.AAAA' "$(printf '{' | base64url)" >"$KEPT"
	ENVIRONMENT[-1]=BEARER_TOKEN_FILE=$TOKEN
	run -0 --separate-stderr local_issue --list
	[ "${lines[1]}" = '$BEARER_TOKEN_FILE: what looks like a token, not the name of a file' ]
	[[ ${lines[2]} == "\"$KEPT\": what the token says cannot be read"* ]]
	[[ $output != *eyJ* ]]
}

@test '--list: what stands in a token steers no terminal and forges no line' {
	keep '"a\u001b[2J\n\"b\""' 0 300 '"x":1'
	run -0 --separate-stderr local_issue --list
	[[ $output == *'audience  "a\x1b[2J\x0a\x22b\x22"'* ]]
	printf 'eyJhbGciOiJFZERTQSJ9.%s.AAAA' "$(printf '{"sub":"é\u0085"}' | base64url)" >"$KEPT"
	run -0 --separate-stderr local_issue --list
	[[ $output == *'issuer    none'* ]]
	[[ $output == *'subject   "\xc3\xa9\xc2\x85"'* ]]
	[[ $output == *'audience  none'* ]]
	[[ $output == *'expires   never expires'* ]]
}

@test '--list --json: the same for a program' {
	keep '["a","b"]'
	ENVIRONMENT+=(BEARER_TOKEN=opaque)
	run -0 --separate-stderr local_issue --list --json
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == '{"places":[{"place":"$BEARER_TOKEN","file":null,"found":true,"problem":"$BEARER_TOKEN: holds no token: '* ]]
	[[ $output == *'{"place":"$BEARER_TOKEN_FILE","file":null,"found":false}'* ]]
	[[ $output =~ \{\"place\":\"\$XDG_RUNTIME_DIR\",\"file\":\"$KEPT\",\"found\":true,\"issuer\":\"https://issuer.test\",\"subject\":\"deploy\",\"audience\":\[\"a\",\"b\"\],\"expires\":[0-9]{10}\} ]]
	[[ $output == *'{"place":"/tmp","file":"/tmp/bt_u0","found":'*']}' ]]
	[[ $output != *eyJ* ]]
}

# --- --forget ---------------------------------------------------------------

# forget [ARG...]: with a /tmp of its own, for there it looks as well.
forget() {
	in_own_tmp "XDG_RUNTIME_DIR=/mnt/run /media/jwt-issue --forget $*"
}

@test '--forget removes the token and says which, and nothing is no error' {
	keep
	run -0 --separate-stderr forget
	[ "$output" = 'removed "/mnt/run/bt_u0"' ]
	[ ! -e "$KEPT" ]
	run -0 --separate-stderr forget
	[ "$output" = 'nothing is stored' ]
	run -0 --separate-stderr forget --json
	[ "$output" = '{"removed":[]}' ]
	keep
	chmod 644 "$KEPT"
	run -0 --separate-stderr forget --json
	[ "$output" = '{"removed":["/mnt/run/bt_u0"]}' ]
	[ ! -e "$KEPT" ]
	# Whatever it says.
	printf 'eyJhbGciOiJFZERTQSJ9.%s.AAAA' "$(printf '{' | base64url)" >"$KEPT"
	run -0 forget
	[ ! -e "$KEPT" ]
}

@test '--forget: of what BEARER_TOKEN_FILE names, no further' {
	keep
	cp -p "$KEPT" "$I/own"
	ENVIRONMENT+=("BEARER_TOKEN_FILE=$I/own")
	run -0 local_issue --forget
	[ "$output" = "removed \"$I/own\"" ]
	[ ! -e "$I/own" ]
	[ -e "$KEPT" ]
	run -0 local_issue --forget
	[ "$output" = 'nothing is stored' ]
	[ -e "$KEPT" ]
}

@test '--forget: in all places that are looked at, and a fault in one keeps no other' {
	run -77 in_own_tmp '
		mkdir -m 700 /mnt/own
		export XDG_RUNTIME_DIR=/mnt/own
		issue --store
		XDG_RUNTIME_DIR= issue --store
		/media/jwt-issue --forget
		[ ! -e /tmp/bt_u0 ]
		[ ! -e /mnt/own/bt_u0 ]
		XDG_RUNTIME_DIR= issue --store
		echo something >/mnt/own/bt_u0
		status=0
		/media/jwt-issue --forget || status=$?
		[ ! -e /tmp/bt_u0 ]
		[ -e /mnt/own/bt_u0 ]
		exit "$status"'
	[ "${lines[0]}" = 'removed "/mnt/own/bt_u0"' ]
	[ "${lines[1]}" = 'removed "/tmp/bt_u0"' ]
	[ "${lines[2]}" = 'removed "/tmp/bt_u0"' ]
	[[ ${lines[3]} == 'jwt-issue: "/mnt/own/bt_u0": holds no token'* ]]
}

@test '--forget: never what is another'\''s, a link, or no token' {
	ENVIRONMENT+=("BEARER_TOKEN_FILE=$KEPT")
	echo 'export PATH' >"$KEPT"
	refused 77 'holds no token' local_issue --forget
	[ "$(<"$KEPT")" = 'export PATH' ]
	rm "$KEPT"
	fake >"$I/aim"
	ln -s ../aim "$KEPT"
	refused 77 'symbolic link' local_issue --forget
	[ -e "$I/aim" ]
	rm "$KEPT"
	[ "$(id -u)" -eq 0 ] || return 0
	keep
	chown 20000 "$KEPT"
	refused 77 'is owned by uid 20000' local_issue --forget
	[ -e "$KEPT" ]
	run -77 --separate-stderr local_issue --forget --json
	[[ $output == '{"error":"not_permitted","message":'* ]]
}
