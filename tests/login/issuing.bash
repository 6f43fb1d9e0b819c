# shellcheck shell=bash
#
# For the tests of jwt-issue that need no world: it asks a service that plays
# a script (fake-issuerd.c), in an environment and a folder of its own.
#
#   issuing_begin     makes the folder, I, and starts the service; skips the
#                     test where nobody can be uid 0
#   issuing_end       ends it; service_ends the service alone
#   plays             takes the script from standard input
#   issue ARG...      jwt-issue --stdin of uid 0 without a terminal, with the variables
#                     of the array ENVIRONMENT; its uid is 0 so that it takes
#                     the service for root's, which it is
#   said              what it said to the service
#   asked, unasked    whether it said anything
#   fake [AUD [IAT [EXP [MORE]]]]     a token that nobody signed: AUD is JSON,
#                     IAT and EXP count from now, MORE is more members
#   refused STATUS REGEX CMD...       nothing on standard output, and why on
#                     the other

ISSUING_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$ISSUING_HERE/../../build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
ISSUE=$BUILD/jwt-issue

issuing_begin() {
	umask 022
	I=$(mktemp -d)
	mkdir -m 700 "$I/run"
	S=$I/socket
	# Who is not root becomes it in a namespace, where the service, which is
	# of the same account, seems to be root's as well.
	ROOT=()
	[ "$(id -u)" -eq 0 ] || ROOT=(unshare -Ur)
	AS_ROOT=("${ROOT[@]}" setsid -w)
	"${AS_ROOT[@]}" true 2>/dev/null || skip 'needs root or user namespaces'
	ENVIRONMENT=("XDG_RUNTIME_DIR=$I/run")
	plays </dev/null
	serve env
}

issuing_end() {
	service_ends
	rm -rf "${I:?}"
}

service_ends() {
	[ -n "${FAKE:-}" ] || return 0
	kill "$FAKE" 2>/dev/null || :
	wait "$FAKE" 2>/dev/null || :
	FAKE=
}

# serve CMD...: the service, run by CMD.
serve() {
	local fd ready=
	exec {fd}< <(exec 3>&- "$@" "$BUILD/tests/login/fake-issuerd" "$S" \
	    "$I/script" "$I/said" 2>&1)
	FAKE=$!
	read -r -t 10 -u "$fd" ready || :
	exec {fd}<&-
	[ "$ready" = ready ] || { echo "no service: $ready"; return 1; }
	chmod 666 "$S"
}

plays() {
	cat >"$I/script"
	: >"$I/said"
}

said() {
	cat "$I/said"
}

asked() {
	[ -s "$I/said" ]
}

unasked() {
	[ ! -s "$I/said" ]
}

issue() {
	"${AS_ROOT[@]}" env -i PATH="$PATH" ASAN_OPTIONS=detect_leaks=1 \
	    "${ENVIRONMENT[@]}" "$ISSUE" --socket "$S" --stdin "$@"
}

# What asks nobody, and takes no --socket.
local_issue() {
	"${AS_ROOT[@]}" env -i PATH="$PATH" ASAN_OPTIONS=detect_leaks=1 \
	    "${ENVIRONMENT[@]}" "$ISSUE" "$@"
}

base64url() {
	base64 -w 0 | tr -d = | tr +/ -_
}

fake() {
	local now aud=${1:-'"ssh://build7"'}
	now=$(date +%s)
	printf '{"alg":"EdDSA","typ":"login+jwt"}' | base64url
	printf .
	printf '{"iss":"https://issuer.test","sub":"deploy","aud":%s,"iat":%d,"exp":%d%s}' \
	    "$aud" "$((now + ${2:-0}))" "$((now + ${3:-300}))" \
	    "${4:+,$4}" | base64url
	printf .
	head -c 64 /dev/zero | base64url
}

# gives TOKEN: the service asks for nothing and gives it.
gives() {
	printf '%s\n' hear "say OK $1" | plays
}

refused() {
	local status_wanted=$1 regex=$2
	shift 2
	run --separate-stderr "$@"
	# shellcheck disable=SC2154 # set by run
	[ "$status" -eq "$status_wanted" ] || {
		echo "status $status: $stderr"
		return 1
	}
	[ -z "$output" ]
	[[ $stderr =~ $regex ]] || { echo "stderr: $stderr"; return 1; }
}
