#!/usr/bin/env bats
# PostgreSQL's method pam. Its server asks the client for the password once,
# and gives that to every prompt. It does not run as root, so the key files
# are readable for its account.

load matrix
load servers

setup() {
	local programs
	matrix_begin
	programs=$(first {,"$WORLD_UNPACKED"}/usr/lib/postgresql/*/bin/postgres) ||
	    programs=/usr/lib/postgresql/15/bin/postgres
	programs=/usr/lib/${programs#*/usr/lib/}
	programs=${programs%/*}
	server_has "$programs"/{postgres,initdb,psql} || {
		world_end
		skip 'no postgres or no psql here'
	}
	server_stack postgresql
	start_postgres "$programs"
}

teardown() {
	world_end
}

# start_postgres PROGRAMS: on a socket in a folder of the world's own. Its
# shared memory has a namespace of its own, or it would be left on the host
# when the world is ended.
start_postgres() {
	local log=$WORLD/postgres.log data=/run/postgresql/data
	local -a postgres=(unshare --ipc setpriv --reuid=postgres
	    --regid=postgres --clear-groups)
	psql=$SERVERS$1/psql
	server_account postgres 151
	in_world install -d -o postgres -g postgres /run/postgresql
	in_world "${postgres[@]}" "$SERVERS$1/initdb" --no-sync \
	    --auth=trust -D "$data" >"$log" 2>&1 || {
		cat "$log"
		return 1
	}
	in_world "${postgres[@]}" sh -c 'printf "local all %s\n" \
	    "postgres trust" "all pam" >"$1"' sh "$data/pg_hba.conf"
	server_start "$log" "${postgres[@]}" "$SERVERS$1/postgres" \
	    -D "$data" -k /run/postgresql -c listen_addresses= -c fsync=off \
	    -- in_world "$psql" -h /run/postgresql -U postgres -q \
	    -c 'CREATE ROLE deploy LOGIN' postgres
}

# The server asks the client once, and that is what counts as a prompt here.
query() {
	echo 'JWT: '
	in_world PGPASSFILE="$ETC/pgpass" "$@" timeout 60 "$psql" -w \
	    -h /run/postgresql -U deploy -c 'SELECT current_user' postgres
}

by_environment() {
	log_mark
	query PGPASSWORD="$(cat "$token")"
}

by_file() {
	log_mark
	printf '*:*:*:deploy:%s\n' "$(cat "$token")" | put /etc/pgpass 600
	query
}

by_terminal() {
	local status=0
	on_tty 'Password for user deploy: $' "$token" "$psql" -P pager=off \
	    -h /run/postgresql -U deploy -c 'SELECT 1' postgres \
	    >"$answers" || status=$?
	sed 's/Password for user deploy: /JWT: /' "$answers"
	return "$status"
}

whole() {
	local length
	for length in 300 510 511 512 1022 1023 1024 1600 4095 4096 9000; do
		echo "$length login 1"
	done
}

@test "postgresql: the environment of psql" {
	matrix_row postgresql 'psql, PGPASSWORD' by_environment < <(whole)
}

@test "postgresql: a password file of psql" {
	matrix_row postgresql 'psql, .pgpass' by_file < <(whole)
}

@test "postgresql: at a terminal, where psql takes 4095" {
	matrix_row postgresql 'psql, terminal' by_terminal \
	    < <(whole | sed -E 's/^(4096|9000) .*/\1 reason cut_off/')
}

@test "postgresql: who logs in is the role that the token names" {
	matrix_token 1600 "$token"
	run by_environment
	[ "$status" -eq 0 ]
	[[ $output == *deploy* ]]
	matrix_token 1600 "$token" operator
	run by_environment
	[[ $output == *'PAM authentication failed for user "deploy"'* ]]
	matrix_refused user_mismatch
	matrix_token 1600 "$token"
	tamper "$token" 3
	run by_environment
	matrix_refused signature_invalid
}
