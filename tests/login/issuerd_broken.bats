# jwt-issuerd, where a call of one of its three processes fails, at every place
# in turn: what keeps the front and the signer in their bounds fails, and there
# is no token; anything else fails, and there is an answer or an end in time.

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	[ -z "$(sanitizer)" ] || skip 'sanitizers make a process slow to begin'
	activate=$(command -v systemd-socket-activate) ||
	    skip 'no systemd-socket-activate'
	root_issuer
	policy 'proof = peer'
	# Where a process says that its call failed, which the front could not.
	marks=$WORLD/marks
	mkdir -m 1777 "$marks"
	sed -i "s|^pam_paths = |&$marks |;s|^keys|tokens_per_minute = 100000\n&|" \
	    "$WORLD/etc/security/jwt-issuer.conf"
	in_world sh -c 'cat >/run/preload.so' \
	    <"$BUILD/tests/login/preload-break.so"
	in_world mkdir -p /run/jwt-issuer
}

teardown() {
	world_end
}

# answers KIND NTH: one request, served with that failure; what came of it is
# in $output, and $broken says whether there was one, as far as can be seen:
# while its view is made, the front can leave no mark.
answers() {
	local pid
	place="$1 $2"
	rm -f "$marks/mark"
	in_world rm -f /run/jwt-issuer/socket
	in_world "$activate" --accept -l /run/jwt-issuer/socket \
	    -E LD_PRELOAD=/run/preload.so -E "BREAK=$1 $2 5 $marks/mark" \
	    "$BIN/jwt-issuerd" </dev/null >"$WORLD/activate.log" 2>&1 3>&- &
	pid=$!
	until_true 10 in_world test -S /run/jwt-issuer/socket
	in_world chmod 666 /run/jwt-issuer/socket
	log_mark
	run as deploy timeout 15 talk /run/jwt-issuer/socket \
	    <<<'ISSUE aud=ssh://build7'
	broken=no
	[[ ! -e $marks/mark && $output == 'OK '* ]] || broken=yes
	kill_tree "$pid"
	wait "$pid" 2>/dev/null || :
	[ "$status" -ne 124 ] || { echo "$place: nothing came"; return 1; }
}

# every KIND CHECK: until there is no such call any more, for some of which
# nobody can see that they failed.
every() {
	local kind=$1 n whole=0 places=0
	shift
	for ((n = 1; whole < 3; n++)); do
		answers "$kind" "$n"
		if [ "$broken" = no ]; then
			whole=$((whole + 1))
			continue
		fi
		whole=0 places=$((places + 1))
		if [ "$n" -ge 200 ] || ! "$@"; then
			echo "$place: $output"
			log_now
			return 1
		fi
	done
	echo "# $kind: $places places" >&3
	[ "$places" -gt 0 ]
}

no_token() {
	[[ $output == 'ERR '* ]] &&
	    ! grep -q 'reason=issued' <(log_now)
}

# A token that went out is in the log, and nobody died of it.
token_or_not() {
	case $output in
	'OK '*) wait_log 'issued reason=issued ' >/dev/null ;;
	'ERR '* | '') ;;
	*) false ;;
	esac
}

@test 'what keeps front and signer in their bounds fails: no token' {
	local kind
	for kind in setgroups setresgid setresuid setsid unshare mount \
	    move_mount mount_setattr close_range seccomp_load \
	    capng_apply capng_lock; do
		every "$kind" no_token
	done
}

# In make check-long, for it takes a minute or two. What the view is to keep and
# cannot be had is not in it, which is less.
@test 'anything else fails: an answer or an end, in time' {
	local kind
	[ -n "${REQUESTS:-}" ] || skip 'make check-long does it'
	for kind in socketpair fork open open_tree getsockopt setsockopt recv \
	    poll prctl uname; do
		every "$kind" token_or_not
	done
}
