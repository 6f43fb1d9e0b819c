# shellcheck shell=bash
#
# Servers in a root world, for those tests of the matrix that begin one;
# loaded after matrix.bash.
#
#   server_has PATH...    true where the host has all of these programs and
#                         modules, or all were unpacked; then those of
#                         /usr/lib are in their places in the world, and the
#                         others behind $SERVERS, which is "" or a folder
#   server_account NAME ID    an account of that name and number in the world
#   server_stack SERVICE  a stack for users that need not be accounts
#   server_start LOG CMD... -- ASK...    runs CMD in the background, until ASK
#                         succeeds; fails, and shows LOG, where that ends or
#                         takes too long
#   server_port           finds a PORT of the loopback that nothing listens at
#   server_listens        true when something does

server_has() {
	local path
	local -a folders=()
	SERVERS=
	for path; do
		[ -e "$path" ] || SERVERS=/run/unpacked
	done
	[ -n "$SERVERS" ] || return 0
	for path; do
		[ -e "$WORLD_UNPACKED$path" ] || return 1
		[[ $path != /usr/lib/* ]] || folders+=("$(cut -d/ -f4 <<<"$path")")
	done
	server_places "${folders[@]}"
}

# server_places FOLDER...: the build folder may lie where a server's account
# may not go, and some programs look for their parts in one place alone, so
# what was unpacked is shown elsewhere, and those folders of it in /usr/lib,
# among links to what is there.
server_places() {
	in_world bash -eu -s "$WORLD_UNPACKED" "$SERVERS" "$@" <<-'END'
		unpacked=$1
		servers=$2
		shift 2
		mkdir "$servers" /run/lib /run/lib.new
		mount --bind "$unpacked" "$servers"
		mount --rbind /usr/lib /run/lib
		ln -s /run/lib/* /run/lib.new/
		for folder; do
			ln -sfn "$servers/usr/lib/$folder" "/run/lib.new/$folder"
		done
		mount --bind /run/lib.new /usr/lib
	END
}

# server_libraries: there is no cache of libraries for what was unpacked.
server_libraries() {
	local -a folder=("$WORLD_UNPACKED"/usr/lib/*-linux-gnu*)
	[ -z "$SERVERS" ] || echo "$SERVERS${folder[0]#"$WORLD_UNPACKED"}"
}

server_account() {
	sed -i "/^$1:/d" "$WORLD"/etc/{passwd,group}
	echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >>"$WORLD/etc/passwd"
	echo "$1:x:$2:" >>"$WORLD/etc/group"
}

server_stack() {
	stack "$1" <<-END
		auth	required	pam_jwt.so
		account	required	pam_permit.so
	END
}

server_start() {
	local log=$1
	local -a command=()
	shift
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	shift
	in_world "${command[@]}" </dev/null >>"$log" 2>&1 3>&- &
	WORLD_PIDS+=($!)
	SERVER_RUNS=no
	until_true 30 server_decided $! "$@" || :
	[ "$SERVER_RUNS" = yes ] || {
		world_fail "${command[0]} does not start: $(cat "$log")"
		return 1
	}
}

# server_decided PID ASK...
server_decided() {
	local pid=$1
	shift
	if "$@" >/dev/null 2>&1; then
		SERVER_RUNS=yes
	else
		! kill -0 "$pid" 2>/dev/null
	fi
}

server_port() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		PORT=$((20000 + RANDOM % 10000))
		server_listens || return 0
	done
	return 1
}

server_listens() {
	(: <>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null
}
