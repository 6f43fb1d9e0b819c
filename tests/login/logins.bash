# shellcheck shell=bash
#
# Programs that log in, and the log that they leave; loaded by world.bash,
# which describes them.

start_sshd() {
	local log=$WORLD/sshd.log
	: >>"$log"
	in_world test -x "$BIN/sshd" || { world_fail 'no sshd'; return 1; }
	if [ ! -e "$WORLD/hostkey" ]; then
		# In the world, because there whoever runs this has a name.
		in_world PAM_WRAPPER=0 ssh-keygen -q -t ed25519 -N '' -C '' \
		    -f "$WORLD/hostkey"
	fi
	# The port may be taken by the time sshd asks for it: then another.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		SSH_PORT=$((20000 + RANDOM % 10000))
		printf '%s\n' "$@" "Include $ETC/ssh/sshd_config.d/*.conf" \
		    "Port $SSH_PORT" "ListenAddress $SSH_ADDRESS" \
		    "HostKey $WORLD/hostkey" 'UsePAM yes' 'PidFile none' \
		    'KbdInteractiveAuthentication yes' 'StrictModes no' \
		    'PasswordAuthentication yes' 'PubkeyAuthentication no' \
		    'PermitUserRC no' 'UseDNS no' 'PrintMotd no' \
		    'PrintLastLog no' 'LogLevel VERBOSE' |
		    put /etc/ssh/sshd_config.test
		in_world LD_LIBRARY_PATH="$BIN" "$BIN/sshd" -D -e \
		    -f "$ETC/ssh/sshd_config.test" \
		    </dev/null >/dev/null 2>>"$log" 3>&- &
		WORLD_PIDS+=($!)
		until_true 10 sshd_decided $! "$log" || break
		if sshd_listens "$log"; then
			printf '[%s]:%s %s\n' "$SSH_ADDRESS" "$SSH_PORT" \
			    "$(cat "$WORLD/hostkey.pub")" |
			    put /etc/ssh/known_hosts.test
			return 0
		fi
		grep -q "port $SSH_PORT .*Address already in use" "$log" || break
	done
	world_fail "sshd does not start: $(cat "$log")"
}

sshd_listens() {
	grep -q "^Server listening on $SSH_ADDRESS port $SSH_PORT\." "$1"
}

sshd_decided() {
	sshd_listens "$2" || ! kill -0 "$1" 2>/dev/null
}

# answer FILE: where the world can read it, whoever may read FILE.
answer() {
	log_mark
	cp "$1" "$WORLD/answer"
	chmod 644 "$WORLD/answer"
	world_own "$WORLD/answer"
}

ssh_with() {
	local file=$1 user=$2
	local -a runner=(in_world)
	shift 2
	[ -z "$SSH_AS" ] || runner=(as "$SSH_AS")
	answer "$file"
	"${runner[@]}" SSH_ASKPASS="$BIN/askpass" SSH_ASKPASS_REQUIRE=force \
	    ANSWER="$WORLD/answer" PIECE="${PIECE:-}" "${SSH_ENV[@]}" \
	    PAM_WRAPPER=0 \
	    timeout 60 ssh -F none -p "$SSH_PORT" \
	    -o UserKnownHostsFile="$ETC/ssh/known_hosts.test" \
	    -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes \
	    -o IdentityFile=none -o IdentitiesOnly=yes -o LogLevel=ERROR \
	    -o PreferredAuthentications="$SSH_METHOD" \
	    -o NumberOfPasswordPrompts=1 "${SSH_OPTIONS[@]}" \
	    "$user@$SSH_ADDRESS" "$@" <"$SSH_INPUT"
}

pam_with() {
	local file=$1
	shift
	answer "$file"
	in_world timeout 60 pamtester "${PAMTESTER_OPTIONS[@]}" "$@" \
	    <"$WORLD/answer"
}

sudo_with() {
	local file=$1 caller=$2
	shift 2
	answer "$file"
	as "$caller" ANSWER="$WORLD/answer" SUDO_ASKPASS="$BIN/askpass" \
	    timeout 60 sudo -k -S -p '' "$@" <"$WORLD/answer"
}

su_with() {
	local file=$1 caller=$2 target=$3
	shift 3
	answer "$file"
	as "$caller" timeout 60 su "$target" -c "${*:-true}" <"$WORLD/answer"
}

on_tty() {
	local regex=$1 file=$2 line text='' byte status=0 command
	shift 2
	log_mark
	printf -v command '%q ' "$@"
	coproc TTY { in_world script -qec "$command" /dev/null 2>&1; }
	local pid=$TTY_PID in=${TTY[1]} out=${TTY[0]}
	exec {in}>&"$in" {out}<&"$out"
	while IFS= read -r line; do
		# Typed before the prompt it would be thrown away.
		while ! [[ $text =~ $regex ]]; do
			IFS= read -r -t 20 -N 1 -u "$out" byte || {
				# Where it asks no more, it would wait for ever.
				[ "$?" -le 128 ] || kill_tree "$pid"
				break 2
			}
			printf '%s' "$byte"
			text+=$byte
		done
		text=
		printf '%s\n' "$line" >&"$in"
	done <"$file"
	cat <&"$out"
	exec {in}>&- {out}<&-
	wait "$pid" || status=$?
	return "$status"
}

explain() {
	local file=$1 user=$2
	shift 2
	in_world jwtctl explain --config "$ETC/security/pam_jwt.conf" \
	    --user "$user" "$@" <"$file"
}

# shown: what `run` ran did.
shown() {
	# shellcheck disable=SC2154 # set by run
	printf 'exit status %d, output:\n%s\n' "$status" "$output"
}

# --- the log ----------------------------------------------------------------

log_mark() {
	# In a file, because it may happen in a subshell.
	wc -l <"$WORLD/log" >"$WORLD/mark"
}

log_now() {
	tail -n "+$(($(<"$WORLD/mark") + 1))" "$WORLD/log"
}

log_has() {
	log_now | grep -qE -- "$1"
}

wait_log() {
	until_true 10 log_has "$1" || {
		world_fail "no log line matches: $1"
		log_now >&2
		return 1
	}
	log_now | grep -m 1 -E -- "$1"
}
