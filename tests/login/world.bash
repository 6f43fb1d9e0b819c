# shellcheck shell=bash
#
# A host of its own for every login test, and what logs in to it. Loaded by
# the bats files (`load world`) and by the demo; needs bash, no bats.
#
# There are two kinds of world, with the same functions:
#   root  a mount and process namespace with its own copy of /etc, its own
#         accounts, /dev, /run, /var/log, PAM modules and logger. Real sshd,
#         sudo and su run in it as on any host. Needs root.
#   user  everything through libpam_wrapper and libnss_wrapper, sshd included,
#         so that any account of a build machine will do. No sudo, no su.
#         Where root asks for it, it runs under an account without privileges.
# Nothing of either touches the host, and nothing is left after world_end.
#
# Worlds
#   world_root            begins a root world; 77 where that is not possible,
#                         with the reason in WORLD_REASON
#   world_user            begins a user world; never needs a privilege
#   world_end             ends it: its processes, mounts and files; fails, and
#                         shows it, where a sanitizer complained
#   in_world CMD...       runs CMD in it (as root in a root world), with
#                         nothing of the caller's environment
#   as ACCOUNT CMD...     the same as that account (root world only)
#   put PATH [MODE]       writes stdin to PATH (/etc/...) of the world
# Accounts, all with the password $PASSWORD: deploy (2001) and operator
#   (2002); locked (2003, by "!"); expired (2004, long ago); svc (150, a
#   system account). jwt-issuer (160) signs, pam-jwtd (161) fetches keys; both
#   have none. In a user world deploy has the runner's own uid, and the others
#   can be asked for, but nobody can become them.
#
# Paths inside: $ETC (/etc), $BIN (the programs that are tested, in PATH) and
#   $KEYS (private keys); from outside the first one is $WORLD/etc in both.
#
# What is configured
#   stack SERVICE         writes stdin as PAM stack; a stock common-auth,
#                         -account, -session and -password are there. In a
#                         user world pam_jwt.so gets its path and config=,
#                         and pam_unix.so is exchanged for pam_matrix.so
#   recipe NAME           the files of that recipe of pam.d-example, as they
#                         stand there; start_sshd heeds its sshd_config part
#   config                writes stdin as pam_jwt.conf
#   config_add            appends stdin to it
#   config_default        one issuer: $ISSUER, the key "test", the audience
#                         ssh://%h, EdDSA, user = sub
#   key_new NAME [ARG...] jwtctl keygen ARG... into $KEYS/NAME, and the
#                         public half into $ETC/security/pam_jwt.d/NAME.pub
#
# Tokens; a file each
#   token FILE [CLAIM=VALUE|CLAIM=|-o OPTION]...
#                         signs with $KEYS/test: iss, sub deploy, aud
#                         ssh://HOST, iat now, exp in 5 minutes, jti; each
#                         changed by CLAIM=VALUE (JSON, or else a string;
#                         +60 and -60 count from now) or dropped by CLAIM=.
#                         --key NAME and --typ T go to jwtctl sign
#   tamper FILE PART [OTHER]    changes one character of part 1, 2 or 3
#                         (header, payload, signature), the shape stays good;
#                         or puts that part of the token in OTHER in its place
#
# Logins; each takes the answer to the prompt from FILE, gives the status of
# what it ran, and lets wait_log begin at this login
#   start_sshd [LINE...]  starts sshd with these sshd_config lines in front;
#                         SSH_PORT says where, on the loopback only, or at
#                         SSH_ADDRESS in a world with a network of its own
#   ssh_with FILE USER [CMD]    ssh; SSH_METHOD=password instead of
#                         keyboard-interactive; SSH_OPTIONS=(-tt ...), SSH_ENV=(NAME=VALUE ...);
#                         SSH_AS=ACCOUNT runs it, SSH_INPUT=FILE is for CMD
#   pam_with FILE SERVICE USER OPERATION...    pamtester;
#                         PAMTESTER_OPTIONS=(-I rhost=192.0.2.7)
#   sudo_with FILE CALLER ARG...    sudo -k -S ARG... (root world)
#   su_with FILE CALLER TARGET [CMD]    su TARGET -c CMD (root world)
#   on_tty REGEX FILE CMD...    CMD in the world on a terminal of its own;
#                         each line of FILE is typed when REGEX is prompted
#   explain FILE USER [ARG...]    jwtctl explain for that token, user, config
#
# The log, one line a message, "<PRIORITY>" (numeric, facility included) first
#   wait_log REGEX        the first matching line since the last login began,
#                         waited for (10 s at most); with it on stdout
#   log_now               all lines since then, without waiting
#   log_mark              lets both begin here
# All of this may be called by bats' `run`, except start_sshd, world_root and
# world_user, which set variables.

WORLD_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORLD_REPO=$(cd "$WORLD_HERE/../.." && pwd)
BUILD=${BUILD:-$WORLD_REPO/build}
case $BUILD in /*) ;; *) BUILD=$WORLD_REPO/$BUILD ;; esac
# Unpacked once for both builds.
WORLD_UNPACKED=${BUILD%/asan}/root
WORLD_UNPACKED=${WORLD_UNPACKED/%\/coverage\/root/\/root}

# What worlds say about the host and what tests say about worlds.
# shellcheck disable=SC2034 # for those who load this file
ISSUER=https://issuer.test
PASSWORD=deploy-password
# openssl passwd -6 -salt 'rounds=1000$login': few rounds, for the speed
# shellcheck disable=SC2016
WORLD_HASH='$6$rounds=1000$login$FJ6hgsfhdrz1pUD.ZpMmy8VEfNow2vl4XOD.NOdKTA0'
WORLD_HASH+='vTBidTjNpkkpUI6XuNYUugoakQ2S23NFKnU7V3g3T40'
HOST=$(uname -n)
HOST=${HOST%%.*}
SSH_METHOD=keyboard-interactive
SSH_ADDRESS=127.0.0.1
SSH_OPTIONS=()
SSH_ENV=()
SSH_AS=
SSH_INPUT=/dev/null
PAMTESTER_OPTIONS=()

WORLD=
WORLD_KIND=
WORLD_PIDS=()
WORLD_REASON=
# Further namespaces of a root world, in the words of unshare(1) and nsenter(1).
WORLD_SPACES=()

# --- small parts ------------------------------------------------------------

world_fail() {
	printf 'world: %s\n' "$*" >&2
	return 1
}

# first FILE...: the first one that is there.
first() {
	local file
	for file; do
		[ ! -e "$file" ] || { printf '%s\n' "$file"; return 0; }
	done
	return 1
}

# until_true SECONDS CMD...: asks CMD again and again; false when time is up.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# The folder of libpam's modules, as the Makefile finds it.
pam_folder() {
	local file
	[ -z "${PAMDIR:-}" ] || { printf '%s\n' "$PAMDIR"; return 0; }
	file=$(first "/usr/lib/$(uname -m)-linux-gnu/security/pam_unix.so" \
	    /usr/lib/*/security/pam_unix.so /usr/lib64/security/pam_unix.so \
	    /usr/lib/security/pam_unix.so) && dirname "$file"
}

# A module built with the sanitizers needs their runtime to be first in the
# program that loads it.
sanitizer() {
	local file
	grep -q __asan_init "$BUILD/pam_jwt.so" 2>/dev/null || return 0
	file=$("${CC:-gcc}" -print-file-name=libasan.so)
	realpath "$file"
}

# --- worlds -----------------------------------------------------------------

world_new() {
	local base=${TMPDIR:-/tmp}
	# A root world covers these.
	case $base in /run* | /dev* | /etc* | /var/log* | /var/run*) base=/tmp ;; esac
	umask 022
	WORLD_KIND=$1
	# Named before it is made: an interruption must not leave a folder that
	# world_end does not know.
	WORLD=$base/pam_jwt.$$.$RANDOM$RANDOM
	mkdir -m 700 "$WORLD" || { WORLD='' && return 1; }
	KEYS=$WORLD/keys
	mkdir "$KEYS"
	: >"$WORLD/log"
	log_mark
	# What a sanitizer has to say must not get lost in a daemon. The programs
	# around our module free little when they end, so leaks do not count.
	WORLD_SANITIZE=("ASAN_OPTIONS=detect_leaks=0:log_path=$WORLD/sanitizer"
	    "UBSAN_OPTIONS=print_stacktrace=1:log_path=$WORLD/sanitizer")
}

# The programs that are found by name in a world, wherever the build folder is
# and whoever may read it. An installed sshd or sudo is preferred.
world_programs() {
	local program
	for program in "$WORLD_HERE/askpass" "$BUILD"/jwt{ctl,-issue,-issuerd,-askpass} "$BUILD/pam-jwtd" \
	    "$BUILD/pam_jwt.so" "$BUILD"/tests/login/{logcatch,talk,taken-issuerd,load-issuerd,preload-{folder,log}.so} \
	    "$WORLD_UNPACKED"/usr/lib/*/libwrap.so.0; do
		[ ! -e "$program" ] || printf '%s\n' "$program"
	done
	first /usr/sbin/sshd "$WORLD_UNPACKED/usr/sbin/sshd"
	first /usr/bin/sudo "$WORLD_UNPACKED/usr/bin/sudo"
	first /usr/bin/doas "$WORLD_UNPACKED/usr/bin/doas"
	first /usr/sbin/cron "$WORLD_UNPACKED/usr/sbin/cron"
}

world_root() {
	local ready pamdir sudo='' fd
	local -a programs
	# shellcheck disable=SC2034 # for the caller
	WORLD_REASON='needs root that may mount (not an ordinary container)'
	if [ "$(id -u)" -ne 0 ]; then
		# shellcheck disable=SC2034
		WORLD_REASON='needs root'
		return 77
	fi
	if ! unshare --mount --pid "${WORLD_SPACES[@]}" --fork \
	    mount -t tmpfs none /mnt 2>/dev/null; then
		return 77
	fi
	pamdir=$(pam_folder) || { world_fail 'no pam_unix.so'; return 1; }
	mapfile -t programs < <(world_programs)
	[ -d /usr/libexec/sudo ] || sudo=$WORLD_UNPACKED/usr/libexec/sudo
	[ -d "$sudo" ] || sudo=
	world_new root || return 1
	ETC=/etc
	BIN=/run/bin
	chmod 711 "$WORLD"
	mkdir "$WORLD/dev"
	world_etc
	world_stacks

	exec {fd}< <(exec 3>&- unshare --mount --pid "${WORLD_SPACES[@]}" --fork \
	    --kill-child --propagation private "$WORLD_HERE/private-host.sh" "$WORLD" \
	    "$(realpath "$pamdir")" "$sudo" "${programs[@]}" \
	    2>"$WORLD/setup")
	WORLD_PIDS=($!)
	read -r -t 20 -u "$fd" ready || :
	exec {fd}<&-
	if [ "${ready:-}" != ready ]; then
		world_fail "no private host: $(cat "$WORLD/setup")"
		world_end
		return 1
	fi
	read -r WORLD_HOLDER <"$WORLD/holder"
}

# A copy of /etc for a root world: its files, and of its folders those that
# logins depend on; the others are links (private-host.sh), for the speed.
world_etc() {
	local etc=$WORLD/etc entry
	local -a copies=() links=()
	for entry in /etc/*; do
		case $entry in
		/etc/sudoers* | /etc/ld.so.preload | /etc/nologin) ;;
		/etc/hosts.allow | /etc/hosts.deny) ;;
		/etc/security | /etc/default | /etc/skel) copies+=("$entry") ;;
		/etc/pam.d | /etc/ssh | /etc/pam_jwt*) ;;
		*)
			if [ -d "$entry" ] && [ ! -L "$entry" ]; then
				links+=("/run$entry")
			else
				copies+=("$entry")
			fi
			;;
		esac
	done
	mkdir "$etc" "$etc/pam.d" "$etc/ssh"
	cp -a "${copies[@]}" "$etc/"
	ln -s "${links[@]}" "$etc/"
	rm -rf "$etc/security/pam_jwt.conf" "$etc/security/pam_jwt.d"
	mkdir "$etc/security/pam_jwt.d"
	world_accounts

	# No directory service, no name server, no rule of the host's own.
	printf '%s: files\n' passwd group shadow gshadow hosts services \
	    >"$etc/nsswitch.conf"
	echo "127.0.0.1 localhost $(uname -n)" >"$etc/hosts"
	printf '%s\n' 'Defaults !lecture, timestamp_timeout=0, passwd_tries=1' \
	    'operator ALL=(ALL:ALL) ALL' 'deploy ALL=(ALL:ALL) ALL' |
	    put /etc/sudoers 440
	# su waits that many seconds after a refusal.
	sed -i '/^FAIL_DELAY/d' "$etc/login.defs"
	echo 'FAIL_DELAY 0' >>"$etc/login.defs"
	# Set-user-id programs heed no LD_PRELOAD, but this file.
	[ -z "$(sanitizer)" ] || sanitizer >"$etc/ld.so.preload"
}

# Accounts of the host that have the same names or numbers as ours are dropped
# from the copy.
world_accounts() {
	local etc=$WORLD/etc name uid hash expire file
	for file in passwd shadow group gshadow; do
		[ -e "$etc/$file" ] || continue
		sed -i -E -e '/^(deploy|operator|locked|expired|svc|jwt-issuer|pam-jwtd):/d' \
		    -e '/^[^:]*:[^:]*:(2001|2002|2003|2004|150|160|161):/d' "$etc/$file"
	done
	# What the host's root has in its profile is no matter of ours.
	sed -i -e 's#^\(root:.*\):[^:]*:[^:]*$#\1:/run/home/root:/bin/sh#' \
	    "$etc/passwd"
	while read -r name uid hash expire; do
		echo "$name:x:$uid:$uid::/run/home/$name:/bin/sh" >>"$etc/passwd"
		echo "$name:x:$uid:" >>"$etc/group"
		echo "$name:${hash/HASH/$WORLD_HASH}:19000:0:99999:7::${expire#-}:" \
		    >>"$etc/shadow"
	done <<-END
		deploy 2001 HASH -
		operator 2002 HASH -
		locked 2003 !HASH -
		expired 2004 HASH 1
		svc 150 HASH -
		jwt-issuer 160 ! -
		pam-jwtd 161 ! -
	END
	# A login of root shall not run what the host's root has in its profile.
	sed -i 's#^root:.*#root:x:0:0::/run/home/root:/bin/sh#' "$etc/passwd"
	echo 'PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin' >"$etc/profile"
	grep -q ^sshd: "$etc/passwd" ||
	    echo 'sshd:x:149:65534::/run/sshd:/usr/sbin/nologin' >>"$etc/passwd"
}

world_user() {
	local lib
	local -a programs
	WORLD_UID=$(id -u)
	WORLD_GID=$(id -g)
	if [ "$WORLD_UID" -eq 0 ]; then
		# No account of the host, and another one in each world: pam_wrapper
		# takes its folder in /tmp from a dead process of the same account,
		# and two that do it at the same time take it from each other.
		WORLD_UID=$((20000 + $$ % 30000))
		WORLD_GID=$WORLD_UID
	fi
	world_new user || return 1
	ETC=$WORLD/etc
	BIN=$WORLD/bin
	mkdir "$BIN"
	mapfile -t programs < <(world_programs)
	cp "${programs[@]}" "$BIN/"
	mkdir -p "$ETC/security/pam_jwt.d" "$ETC/pam.d" "$ETC/ssh" \
	    "$WORLD/home"
	printf '%s\n' root:x:0:0::/:/bin/sh \
	    "deploy:x:$WORLD_UID:$WORLD_GID::$WORLD/home:/bin/sh" \
	    operator:x:2002:2002::/:/bin/sh svc:x:150:150::/:/bin/sh \
	    pam-jwtd:x:161:161::/:/bin/sh >"$ETC/passwd"
	printf '%s\n' root:x:0: "deploy:x:$WORLD_GID:" operator:x:2002: \
	    svc:x:150: >"$ETC/group"
	# pam_matrix takes a password for one service each.
	local service
	for service in jwt-issuer sshd login test; do
		printf '%s\n' "deploy:$PASSWORD:$service" \
		    "operator:$PASSWORD:$service"
	done >"$WORLD/passdb"
	chmod 600 "$WORLD/passdb"
	for lib in pam nss; do
		first "/usr/lib/$(uname -m)-linux-gnu/lib${lib}_wrapper.so" \
		    /usr/lib/*/lib${lib}_wrapper.so /usr/lib64/lib${lib}_wrapper.so
	done >"$WORLD/preload"
	WORLD_PRELOAD=$( (sanitizer; printf '%s\n' "$BIN"/preload-*.so
	    cat "$WORLD/preload") | tr '\n' ' ')
	world_stacks
	world_own "$WORLD"
}

# In a user world that root began, files belong to the account it runs under,
# since our module takes only its own or root's.
world_own() {
	[ "$WORLD_KIND" != user ] || [ "$(id -u)" -ne 0 ] ||
	    chown -R "$WORLD_UID:$WORLD_GID" "$@"
}

# Debian's stock common files without the modules of other packages, so that
# the recipes run the same on every host.
world_stacks() {
	rm -f "$WORLD"/etc/pam.d/common-*
	stack common-auth <<-END
		auth	[success=1 default=ignore]	pam_unix.so nullok
		auth	requisite			pam_deny.so
		auth	required			pam_permit.so
	END
	stack common-account <<-END
		account	[success=1 new_authtok_reqd=done default=ignore] pam_unix.so
		account	requisite			pam_deny.so
		account	required			pam_permit.so
	END
	stack common-session <<-END
		session	[default=1]			pam_permit.so
		session	requisite			pam_deny.so
		session	required			pam_permit.so
		session	required			pam_unix.so
	END
	stack common-session-noninteractive <"$WORLD/etc/pam.d/common-session"
	stack common-password <<-END
		password	[success=1 default=ignore]	pam_unix.so yescrypt
		password	requisite			pam_deny.so
		password	required			pam_permit.so
	END
	stack other <<-END
		auth		required	pam_deny.so
		account		required	pam_deny.so
		session		required	pam_deny.so
		password	required	pam_deny.so
	END
}

world_end() {
	local pid status=0
	[ -n "$WORLD" ] || return 0
	WORLD_KILLED=()
	for pid in "${WORLD_PIDS[@]}"; do
		if [ "$WORLD_KIND" = user ]; then
			kill_tree "$pid"
		else
			# With the process that waits for the first one of the
			# namespace that one dies, and with it all the others.
			kill -KILL "$pid" 2>/dev/null || :
		fi
		wait "$pid" 2>/dev/null || :
	done
	until_true 10 none_alive "${WORLD_KILLED[@]}" || status=1
	# What pam_wrapper made for processes that were ended.
	[ "$WORLD_KIND" != user ] || world_sweep
	! first "$WORLD"/sanitizer.* >/dev/null || {
		cat "$WORLD"/sanitizer.* >&2
		status=1
	}
	rm -rf "${WORLD:?}"
	WORLD='' WORLD_KIND='' WORLD_PIDS=()
	return "$status"
}

# kill_tree PID: ends a process that we started and all that come from it.
kill_tree() {
	local stat pid rest
	local -a field
	for stat in /proc/[0-9]*/stat; do
		# "PID (NAME) STATE PARENT": the name may hold anything.
		{ read -r rest <"$stat"; } 2>/dev/null || continue
		pid=${rest%% *}
		read -r -a field <<<"${rest##*) }"
		[ "${field[1]:-}" != "$1" ] || kill_tree "$pid"
	done
	kill -TERM "$1" 2>/dev/null || :
	WORLD_KILLED+=("$1")
}

# alive PID: false also for one that only waits to be asked for its status.
alive() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null &&
	    [[ ${stat##*) } != Z* ]]
}

none_alive() {
	local pid
	for pid; do
		! alive "$pid" || return 1
	done
}

# pam_wrapper keeps a folder /tmp/pam.X for each process, with a copy of the
# stacks, and removes it at the end unless the process is killed. Those that
# name this world are ours.
world_sweep() {
	local folder pid
	for folder in /tmp/pam.?; do
		grep -qsF "$WORLD" "$folder"/* || continue
		pid=
		read -r pid 2>/dev/null <"$folder/pid" || :
		alive "${pid:-none}" || rm -rf "$folder"
	done
}

in_world() {
	local -a wrap=()
	if [ "$WORLD_KIND" = root ]; then
		nsenter --target "$WORLD_HOLDER" --mount --pid \
		    "${WORLD_SPACES[@]}" --root --wd -- \
		    /usr/bin/env -i PATH="$BIN:/usr/sbin:/usr/bin:/sbin:/bin" \
		    HOME=/run/home/root LANG=C.UTF-8 "${WORLD_SANITIZE[@]}" "$@"
		return
	fi
	[ "$(id -u)" -ne 0 ] ||
	    wrap=(setpriv --reuid="$WORLD_UID" --regid="$WORLD_GID"
		--clear-groups --inh-caps=-all --)
	"${wrap[@]}" /usr/bin/env -i -C "$WORLD" \
	    PATH="$BIN:/usr/sbin:/usr/bin:/sbin:/bin" \
	    HOME="$WORLD/home" LANG=C.UTF-8 LD_PRELOAD="$WORLD_PRELOAD" \
	    "${WORLD_SANITIZE[@]}" PAM_WRAPPER=1 \
	    PAM_WRAPPER_SERVICE_DIR="$WORLD/etc/pam.d" WORLD_LOG="$WORLD/log" \
	    NSS_WRAPPER_PASSWD="$ETC/passwd" NSS_WRAPPER_GROUP="$ETC/group" "$@"
}

as() {
	local account=$1
	shift
	[ "$WORLD_KIND" = root ] || { world_fail "as: a user world"; return 1; }
	in_world setpriv --reuid="$account" --regid="$account" --init-groups \
	    /usr/bin/env HOME="/run/home/$account" \
	    USER="$account" LOGNAME="$account" "$@"
}

put() {
	local file=$WORLD$1
	[ -d "${file%/*}" ] || mkdir -p "${file%/*}"
	cat >"$file"
	[ -z "${2:-}" ] || chmod "$2" "$file"
	world_own "$file"
}

# --- what is configured -----------------------------------------------------

stack() {
	local matrix
	if [ "$WORLD_KIND" = root ]; then
		put "/etc/pam.d/$1"
		return
	fi
	matrix=$(first /usr/lib/*/pam_wrapper/pam_matrix.so \
	    /usr/lib64/pam_wrapper/pam_matrix.so)
	stack_whole | sed \
	    -e "/config=\|issuer=\|\.so issue/! s#pam_jwt\.so#& config=$ETC/security/pam_jwt.conf#" \
	    -e "s#\(^\|[[:space:]]\)pam_jwt\.so#\1$BIN/pam_jwt.so#" \
	    -e "/^-\?auth/ s#pam_unix\.so.*#$matrix passdb=$WORLD/passdb#" \
	    -e 's#pam_unix\.so.*#pam_permit.so#' | put "/etc/pam.d/$1"
}

# Debian's libpam looks for an included file in the host's folder, whatever
# pam_wrapper says, so in a user world each stack is one file.
stack_whole() {
	local line
	while IFS= read -r line; do
		case $line in
		@include*) cat "$WORLD/etc/pam.d/${line##*[[:space:]]}" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
}

recipe() {
	local line path='' recipe=''
	while IFS= read -r line; do
		case $line in
		'#:: recipe '*) recipe=${line#'#:: recipe '} path= ;;
		'#:: file '*) path=${line#'#:: file '} ;;
		'#:: end') recipe='' path='' ;;
		*)
			[ "$recipe-${path:+file}" = "$1-file" ] || continue
			[ -d "$WORLD/recipe${path%/*}" ] ||
			    mkdir -p "$WORLD/recipe${path%/*}"
			printf '%s\n' "$line" >>"$WORLD/recipe$path"
			;;
		esac
	done <"$WORLD_REPO/pam.d-example"
	[ -d "$WORLD/recipe" ] || { world_fail "no recipe $1"; return 1; }
	# Those of pam.d first, in the order of the alphabet: sudo-i has sudo.
	for path in "$WORLD"/recipe/etc/pam.d/*; do
		stack "${path##*/}" <"$path"
	done
	for path in "$WORLD"/recipe/etc/ssh/sshd_config.d/*; do
		[ ! -e "$path" ] || put "${path#"$WORLD/recipe"}" <"$path"
	done
	rm -r "$WORLD/recipe"
}

config() {
	put /etc/security/pam_jwt.conf
}

config_add() {
	cat >>"$WORLD/etc/security/pam_jwt.conf"
}

config_default() {
	config <<-END
		[issuer test]
		issuer     = $ISSUER
		keys       = $ETC/security/pam_jwt.d/test.pub
		audience   = ssh://%h
		algorithms = EdDSA
		user       = sub
	END
	config_runner
}

# config_runner: deploy is let in whoever runs this.
config_runner() {
	local minimum
	[ "$WORLD_KIND" = user ] || return 0
	# Build machines run under a service's number or nobody's, and in a user
	# world that is the number of deploy.
	minimum=$(awk '$1 == "UID_MIN" {print $2}' /etc/login.defs 2>/dev/null)
	if [ "$WORLD_UID" -lt "${minimum:-1000}" ] || [ "$WORLD_UID" -eq 65534 ]
	then
		config_add <<<'system_accounts = deploy'
	fi
}

# shellcheck source-path=SCRIPTDIR source=token.bash
. "$WORLD_HERE/token.bash"
# shellcheck source-path=SCRIPTDIR source=logins.bash
. "$WORLD_HERE/logins.bash"
# shellcheck source-path=SCRIPTDIR source=issuer_world.bash
. "$WORLD_HERE/issuer_world.bash"
