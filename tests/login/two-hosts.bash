# shellcheck shell=bash
# Variables go to world.bash and come from it.
# shellcheck disable=SC2034,SC2153
#
# Two hosts, for a story that needs more than one: root worlds (world.bash),
# each with a host name and a network of its own, joined by a cable. The
# machine they run on has no end of that cable: its own network stays as it is.
# Loaded after world.bash.
#
#   hosts_begin NAME NAME    begins both, with nothing configured, and is at
#                         the first; 77 where that is not possible, with the
#                         reason in WORLD_REASON
#   hosts_end             ends both; fails where world_end does
#   host NAME             goes to that one: world.bash's functions and
#                         variables ($HOST, $WORLD, $KEYS) are about it now
#   on_host NAME CMD...   CMD as there; then it is again where it was
#   host_sshd [LINE...]   start_sshd, at this host's own address; `ssh NAME`
#                         finds it then, from both, and knows its key
#   host_trusts NAME KEY  gives this host the public half of a key that NAME
#                         has, as key_new would
#   ssh_to NAME FILE USER [CMD]    from here to there, USER as USER, or as
#                         $HOST_SSH_AS, "" is root; lets wait_log of both begin
#                         at this login
#
# The names are in both hosts' /etc/hosts. In a test that goes on at two places
# `host` is the one to call: what fails behind it ends the test, as anywhere.

HOST_VARIABLES=(HOST WORLD WORLD_KIND WORLD_PIDS WORLD_HOLDER WORLD_SANITIZE
    WORLD_SPACES ETC BIN KEYS SSH_ADDRESS SSH_PORT)
HOST_NOW=
HOST_NAMES=()
# bats loads this from within a function.
declare -gA HOST_STATE=() HOST_ADDRESS=() HOST_PORT=() HOST_KEY=()

hosts_begin() {
	local name status=0
	command -v ip >/dev/null || {
		WORLD_REASON='needs ip (iproute2)'
		return 77
	}
	for name; do
		host_begin "$name" || status=$?
		[ "$status" -eq 0 ] || break
	done
	[ "$status" -ne 0 ] || host_join || status=$?
	[ "$status" -eq 0 ] || {
		hosts_end
		return "$status"
	}
	host "$1"
}

hosts_end() {
	local name status=0
	for name in "${HOST_NAMES[@]}"; do
		host "$name"
		world_end || status=$?
	done
	HOST_NOW='' HOST_NAMES=() HOST_STATE=() HOST_PORT=() HOST_KEY=()
	return "$status"
}

host() {
	host_save
	HOST_NOW=$1
	# Written by declare -p below.
	eval "${HOST_STATE[$1]}"
}

host_save() {
	local text
	[ -n "$HOST_NOW" ] || return 0
	text=$(declare -p "${HOST_VARIABLES[@]}" 2>/dev/null) || :
	HOST_STATE[$HOST_NOW]=${text//declare -/declare -g -}
}

on_host() {
	local before=$HOST_NOW result=0
	host "$1"
	shift
	# What fails here and is not asked about ends the test at this place.
	"$@"
	result=$?
	host "$before"
	return "$result"
}

# host_begin NAME
host_begin() {
	host_save
	HOST_NOW=$1
	HOST_NAMES+=("$1")
	HOST=$1
	HOST_ADDRESS[$1]=10.0.0.${#HOST_NAMES[@]}
	SSH_ADDRESS=${HOST_ADDRESS[$1]}
	SSH_PORT='' WORLD='' WORLD_PIDS=() WORLD_SPACES=(--net --uts)
	world_root || return
	nsenter --target "$WORLD_HOLDER" --uts hostname "$1" &&
	    host_ip link set lo up
}

# host_ip ARG...: ip(8), whichever the host has, about the current network.
host_ip() {
	nsenter --target "$WORLD_HOLDER" --net ip "$@"
}

# host_join: a cable is made with both its ends in their places at once.
host_join() {
	local holder name other
	host "${HOST_NAMES[1]}"
	holder=$WORLD_HOLDER
	host "${HOST_NAMES[0]}"
	host_ip link add eth0 type veth peer name eth0 netns "$holder" || {
		WORLD_REASON='needs network namespaces that veth can join'
		return 77
	}
	for name in "${HOST_NAMES[@]}"; do
		host "$name"
		host_ip address add "${HOST_ADDRESS[$name]}/24" dev eth0
		host_ip link set eth0 up
		printf '127.0.0.1 localhost\n' >"$WORLD/etc/hosts"
		for other in "${HOST_NAMES[@]}"; do
			echo "${HOST_ADDRESS[$other]} $other"
		done >>"$WORLD/etc/hosts"
	done
}

host_sshd() {
	local here=$HOST_NOW name
	# sudo in a session shall hear of the sanitizers what it does elsewhere.
	start_sshd "$@" "SetEnv ${WORLD_SANITIZE[*]}"
	HOST_PORT[$here]=$SSH_PORT
	HOST_KEY[$here]=$(<"$WORLD/hostkey.pub")
	for name in "${HOST_NAMES[@]}"; do
		host "$name"
		host_knows
	done
	host "$here"
}

host_knows() {
	local name
	for name in "${!HOST_PORT[@]}"; do
		echo "[$name]:${HOST_PORT[$name]} ${HOST_KEY[$name]}"
	done | put /etc/ssh/known_hosts.test
	{
		for name in "${!HOST_PORT[@]}"; do
			printf 'Host %s\nPort %s\n' "$name" "${HOST_PORT[$name]}"
		done
		printf '%s\n' 'Host *' 'StrictHostKeyChecking yes' \
		    'NumberOfPasswordPrompts 1' \
		    "GlobalKnownHostsFile $ETC/ssh/known_hosts.test"
	} | put /etc/ssh/ssh_config
}

host_trusts() {
	local here=$HOST_NOW key
	host "$1"
	key=$(<"$WORLD/etc/security/pam_jwt.d/$2.pub")
	host "$here"
	put "/etc/security/pam_jwt.d/$2.pub" <<<"$key"
}

ssh_to() {
	local to=$1 file=$2 user=$3
	shift 3
	on_host "$to" log_mark
	SSH_ADDRESS=$to SSH_PORT=${HOST_PORT[$to]} SSH_AS=${HOST_SSH_AS-$user} \
	    ssh_with "$file" "$user" "$@"
}
