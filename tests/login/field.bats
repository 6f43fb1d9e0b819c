#!/usr/bin/env bats
# What administrators of other modules ran into: each as it came to them.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root_world
	token "$token"
}

teardown() {
	world_end
}

@test "in the account phase the module lets no other be skipped" {
	stack test <<-END
		auth	required	pam_jwt.so
		account	sufficient	pam_jwt.so
		account	required	pam_nologin.so
		account	required	pam_unix.so
	END
	run pam_with "$token" test deploy authenticate acct_mgmt
	accepted
	echo 'maintenance' | put /etc/nologin
	run pam_with "$token" test deploy authenticate acct_mgmt
	[ "$status" -ne 0 ]
	# It is the account phase that says no, and the log says so of neither.
	wait_log '<86>.*accepted reason=accepted '
}

@test "a login without a terminal and without an answer ends at once" {
	local begin=$SECONDS
	run in_world setsid timeout 20 pamtester test deploy authenticate \
	    </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	run as operator setsid timeout 20 su deploy -c true </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	[ $((SECONDS - begin)) -lt 20 ]
}

@test "cron runs its jobs at once, without a question, beside a stack that asks for tokens" {
	local cron
	cron=$(in_world sh -c 'command -v cron') || skip 'no cron'
	stack common-auth <<-END
		auth	required	pam_jwt.so
	END
	stack cron <<-END
		@include common-auth
		session	required	pam_loginuid.so
		@include common-account
		@include common-session-noninteractive
	END
	# The host's own jobs are no matter of ours, and cron writes files here.
	in_world mount -t tmpfs none /var/spool
	in_world mount -t tmpfs none /tmp
	in_world mkdir -p /var/spool/cron/crontabs
	put /etc/crontab <<-END
		@reboot deploy id -un >/run/home/deploy/ran
	END
	log_mark
	in_world "$cron" -f </dev/null >/dev/null 2>&1 3>&- &
	WORLD_PIDS+=($!)
	until_true 30 in_world grep -qs '^deploy$' /run/home/deploy/ran
	# A session is begun; nobody is asked, and nobody refused.
	wait_log 'pam_unix\(cron:session\): session opened for user deploy'
	run -1 log_has 'pam_jwt'
}

@test "sudo that must not ask, and programs that cannot, end at once" {
	local begin=$SECONDS
	run as operator setsid timeout 20 sudo -k -n true </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	run as operator setsid timeout 20 sudo -k -S true </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	run as operator setsid timeout 20 sudo -k true </dev/null
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	[ $((SECONDS - begin)) -lt 20 ]
}

@test "what sudo remembers outlives the token, unless timestamp_timeout is 0" {
	sed -i 's/timestamp_timeout=0/timestamp_timeout=15, timestamp_type=global/' \
	    "$WORLD/etc/sudoers"
	# Good for a minute after its end, until that is taken back: no clock has
	# to be waited for.
	token "$token" sub=operator iat=-100 exp=-45
	answer "$token"
	config_add <<<'leeway = 60s'
	run as operator sudo -S -p '' id -un <"$WORLD/answer"
	[ "${lines[-1]}" = root ]
	config_default
	run explain "$token" operator
	[ "${lines[-1]}" = 'refused: expired' ]
	run as operator sudo -n id -un
	[ "$output" = root ]
	run sudo_with "$token" operator id -un
	[ "$status" -ne 0 ]
	refused expired
	sed -i 's/timestamp_timeout=15/timestamp_timeout=0/' "$WORLD/etc/sudoers"
	token "$token" sub=operator
	run sudo_with "$token" operator id -un
	[ "${lines[-1]}" = root ]
	run as operator sudo -n id -un
	[ "$status" -ne 0 ]
}

@test "beside another JSON library with functions of the same names it is ours that is called" {
	local other
	other=$(first /usr/lib/*/libjansson.so.4 /usr/lib64/libjansson.so.4) ||
	    skip 'no libjansson'
	echo "$other" >>"$WORLD/etc/ld.so.preload"
	run in_world cat /proc/self/maps
	[[ $output == *"$other"* ]]
	run pam_with "$token" test deploy authenticate
	accepted
}

@test "a service is known by the name that PAM has for it, whatever it is" {
	local service
	config_add <<<'services = sshd-internal polkit-1 su-l'
	for service in sshd-internal polkit-1 su-l sudo-i sshd; do
		stack $service <<<'auth required pam_jwt.so'
		run pam_with "$token" $service deploy authenticate
		case $service in
		sudo-i | sshd)
			refused service_not_allowed
			wait_log 'expected=".*sshd-internal polkit-1 su-l"'
			;;
		*) accepted ;;
		esac
	done
}

# Another account's process asks, as a screen locker does: root may read all.
asks_itself() {
	as deploy timeout 20 pamtester test deploy authenticate <"$token"
}

@test "a file that may not be read is named, with what was refused and to whom" {
	local file
	sed -i 's|^user .*|user_map = /etc/security/pam_jwt.d/map|' \
	    "$WORLD/etc/security/pam_jwt.conf"
	echo 'deploy sub is deploy' | put /etc/security/pam_jwt.d/map
	run asks_itself
	[ "$status" -eq 0 ] || { shown; log_now; return 1; }
	for file in pam_jwt.conf pam_jwt.d/map pam_jwt.d/test.pub; do
		in_world chmod 600 "/etc/security/$file"
		log_mark
		run asks_itself
		[ "$status" -ne 0 ]
		wait_log "<83>.*reason=(config_error|keys_unavailable) .*fault=\"/etc/security/$file: .*Permission denied \\(errno 13, as uid 2001\\)"
		in_world chmod 644 "/etc/security/$file"
	done
}

@test "a group among thousands is found, and one that is not there is not" {
	local groups
	config_add <<<'require = groups has ssh-users'
	groups=$(seq -f '"g%g"' -s , 1 5000)
	token "$token" groups="[$groups,\"ssh-users\"]"
	run explain "$token" deploy
	[ "$status" -eq 0 ] || { shown; return 1; }
	token "$token" groups="[$groups]"
	run explain "$token" deploy
	[ "${lines[-1]}" = 'refused: requirement_unmet' ]
}

@test "a module that is gone leaves the ways in that do without it" {
	[[ $BUILD != */asan ]] || skip 'no real pam_unix under the sanitizers'
	stack test <<-END
		auth	sufficient	pam_jwt.so
		auth	required	pam_unix.so try_first_pass
		account	required	pam_permit.so
	END
	printf '%s\n' "$PASSWORD" >"$BATS_TEST_TMPDIR/password"
	run pam_with "$token" test deploy authenticate
	accepted
	in_world sh -c 'for f in /usr/lib/*/security/pam_jwt.so \
	    /lib/*/security/pam_jwt.so; do [ ! -e "$f" ] || mv "$f" "$f.gone"; done'
	run pam_with "$token" test deploy authenticate
	[ "$status" -ne 0 ]
	run pam_with "$BATS_TEST_TMPDIR/password" test deploy authenticate
	[ "$status" -eq 0 ]
}

@test "another key in the file counts from the next login on" {
	key_new next
	run pam_with "$token" test deploy authenticate
	accepted
	# By rename, as whoever renews keys should do it.
	in_world mv /etc/security/pam_jwt.d/next.pub \
	    /etc/security/pam_jwt.d/test.pub
	run pam_with "$token" test deploy authenticate
	refused unknown_key
	token "$token" --key next
	run pam_with "$token" test deploy authenticate
	accepted
	# Half of a file is none.
	in_world sh -c 'f=/etc/security/pam_jwt.d/test.pub
	    head -c 40 $f >$f.half; cat $f.half >$f'
	run pam_with "$token" test deploy authenticate
	refused keys_unavailable
}

@test "a good token for an account without a shell is told as good, and lets nobody in" {
	start_sshd
	sed -i '/^deploy:/s|:[^:]*$|:/nowhere/shell|' "$WORLD/etc/passwd"
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
	# sshd keeps such an account out itself, and sends its stand-in.
	wait_log 'reason=(stand_in_password|accepted) '
	sed -i '/^deploy:/s|:[^:]*$|:/usr/sbin/nologin|' "$WORLD/etc/passwd"
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
	wait_log '<86>.*accepted reason=accepted '
}
