# shellcheck shell=bash
# shellcheck disable=SC2034,SC2119,SC2120,SC2153,SC2154 # as in the bats files that load it
#
# A provider of keys, and pam-jwtd that fetches them, for the bats files that
# load this after helper.
#
#   netd_world            a root world whose one section, [issuer sso], has
#                         its keys fetched; a user world where that cannot be
#   netd_places           where in a world the keys and the socket are
#   provider_start [CERTIFICATE KEY]   begins provider.py (see there), with
#                         $PROVIDER as its folder and $PROVIDER_URL its address
#   provider_stop
#   provider_mode [MODE]  how it answers from now on
#   provider_set NAME...  its set of keys are these of $KEYS, made as needed
#   provider_asked        how often it was asked, from the last time on
#   sso [LINE...]         writes the configuration anew, with these lines in
#                         the section
#   fetch [ARG...]        jwtctl fetch, as root or as who runs the user world
#   start_netd            pam-jwtd --listen; NETD_PID, and NETD_LOG is its
#                         standard error
#   stop_netd
#   netd_number           its number in the world
#   login NAME [ARG...]   a login by a token that NAME signs (token's ARGs)

NETD_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

netd_world() {
	local status=0
	world_root || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || return 1
	[ "$status" -eq 0 ] || world_user || return 1
	token=$BATS_TEST_TMPDIR/token
	netd_places
	stack test <<<'auth required pam_jwt.so'
	provider_start
	sso
}

netd_places() {
	if [ "$WORLD_KIND" = root ]; then
		NETD_FOLDER=/run/pam_jwt_keys
		NETD_SOCKET=/run/pam_jwt/socket
		in_world install -d -m 755 -o pam-jwtd -g pam-jwtd "$NETD_FOLDER"
		in_world install -d -m 755 /run/pam_jwt
	else
		NETD_FOLDER=$WORLD/fetched
		NETD_SOCKET=$WORLD/netd.socket
		mkdir "$NETD_FOLDER"
		world_own "$NETD_FOLDER"
	fi
}

provider_start() {
	PROVIDER=${PROVIDER:-${BATS_TEST_TMPDIR:-$WORLD}/provider}
	mkdir -p "$PROVIDER"
	rm -f "$PROVIDER/.port"
	python3 "$NETD_HERE/provider.py" "$PROVIDER" "$@" \
	    3>&- 2>"$PROVIDER/.errors" &
	PROVIDER_PID=$!
	until_true 20 test -e "$PROVIDER/.port" || {
		cat "$PROVIDER/.errors"
		return 1
	}
	PROVIDER_PORT=$(cat "$PROVIDER/.port")
	PROVIDER_URL=http://127.0.0.1:$PROVIDER_PORT
	[ $# -eq 0 ] || PROVIDER_URL=https://localhost:$PROVIDER_PORT
}

provider_stop() {
	[ -z "${PROVIDER_PID:-}" ] || {
		kill -KILL "$PROVIDER_PID"
		wait "$PROVIDER_PID" || :
	} 2>/dev/null
	PROVIDER_PID=
}

provider_mode() {
	if [ $# -gt 0 ]; then
		printf '%s\n' "$*" >"$PROVIDER/.mode"
	else
		rm -f "$PROVIDER/.mode"
	fi
}

provider_set() {
	local name
	for name; do
		[ -e "$KEYS/$name" ] || key_new "$name"
	done
	(cd "$KEYS" && jq -cs '{keys: .}' "${@/%/.pub}") >"$PROVIDER/jwks.new"
	mv "$PROVIDER/jwks.new" "$PROVIDER/jwks"
}

provider_asked() {
	local count=0
	[ ! -e "$PROVIDER/.requests" ] || count=$(wc -l <"$PROVIDER/.requests")
	rm -f "$PROVIDER/.requests"
	echo "$count"
}

sso() {
	config <<-END
		[issuer sso]
		issuer     = $ISSUER
		jwks_url   = $PROVIDER_URL/jwks
		audience   = ssh://%h
		algorithms = EdDSA ES256 RS256
		$(printf '%s\n' "$@")
		$([ "$WORLD_KIND" = root ] || config_runner_line)

		[pam-jwtd]
		folder = $NETD_FOLDER
		socket = $NETD_SOCKET
	END
}

config_runner_line() {
	local minimum
	minimum=$(awk '$1 == "UID_MIN" {print $2}' /etc/login.defs 2>/dev/null)
	[ "$WORLD_UID" -ge "${minimum:-1000}" ] && [ "$WORLD_UID" -ne 65534 ] ||
	    echo 'system_accounts = deploy'
}

fetch() {
	in_world "$BIN/jwtctl" fetch --config "$ETC/security/pam_jwt.conf" "$@"
}

start_netd() {
	NETD_LOG=${BATS_TEST_TMPDIR:-$WORLD}/netd.log
	log_mark
	in_world "$BIN/pam-jwtd" --config "$ETC/security/pam_jwt.conf" \
	    --listen "$@" 3>&- >"$NETD_LOG" 2>&1 &
	NETD_PID=$!
	WORLD_PIDS+=("$NETD_PID")
	wait_log 'pam-jwtd.*: ready$' >/dev/null || {
		cat "$NETD_LOG"
		return 1
	}
}

# netd_number: of the service in its world, as it said in the log; pgrep waits
# for ever where a sanitizer is loaded into it.
netd_number() {
	sed -n 's/.*pam-jwtd\[\([0-9]*\)\]: ready$/\1/p' "$WORLD/log" | tail -n 1
}

stop_netd() {
	log_mark
	in_world kill -TERM "$(netd_number)"
	wait "$NETD_PID" || :
}

login() {
	local name=$1
	shift
	token "$token" --key "$name" "$@" || return 1
	run pam_with "$token" test deploy authenticate
}
