# jwt-issue at the far end of a real ssh, and the session entry in a real
# sshd, whose login the kernel knows by pam_loginuid.

# What the far shell expands is meant for it.
# shellcheck disable=SC2016,SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
	typed=$BATS_TEST_TMPDIR/typed
	ssh=(ssh -F none -tt -o UserKnownHostsFile=/etc/ssh/known_hosts.test
	    -o PreferredAuthentications=keyboard-interactive
	    -o NumberOfPasswordPrompts=1)
}

teardown() {
	world_end
}

# login [LINE...]: sshd's stack takes the password, and has these lines.
login() {
	stack sshd <<-END
		auth	required	pam_unix.so nodelay
		@include common-account
		@include common-session
		$(printf '%s\n' "$@")
	END
	start_sshd
	ssh+=(-p "$SSH_PORT" deploy@127.0.0.1)
}

# runtime: the folder that pam_systemd makes on a host that has it.
runtime() {
	in_world install -d -m 700 -o deploy -g deploy /run/home/deploy/runtime
	echo XDG_RUNTIME_DIR=/run/home/deploy/runtime | put /etc/runtime.env
	runtime='session required pam_env.so envfile=/etc/runtime.env'
}

@test "ssh -tt HOST jwt-issue: the login's password, then the issuer's, then a token" {
	[ -z "$(sanitizer)" ] || skip 'no real pam_unix under the sanitizers'
	start_issuerd
	login
	printf '%s\n' "$PASSWORD" "$PASSWORD" >"$typed"
	run on_tty 'assword: $' "$typed" "${ssh[@]}" \
	    "$BIN/jwt-issue" -a "test://$HOST"
	[ "$status" -eq 0 ] || { shown; return 1; }
	[[ $output != *"$PASSWORD"* ]]
	grep -oE 'ey[A-Za-z0-9_.-]{100,}' <<<"$output" >"$token"
	[ "$(wc -l <"$token")" -eq 1 ]
	log_mark
	run pam_with "$token" test deploy authenticate
	accepted
}

@test "ssh without a terminal: it says at once what is missing" {
	[ -z "$(sanitizer)" ] || skip 'no real pam_unix under the sanitizers'
	start_issuerd
	login
	printf '%s\n' "$PASSWORD" >"$typed"
	ssh[3]=-T
	run on_tty 'assword: $' "$typed" "${ssh[@]}" \
	    "$BIN/jwt-issue" -a "test://$HOST"
	[ "$status" -eq 69 ] || { shown; return 1; }
	[[ $output == *'no terminal to ask on: '*'ssh -t'* ]]
}

@test "the session entry leaves a token in every login, proved by the kernel" {
	[ -z "$(sanitizer)" ] || skip 'no real pam_unix under the sanitizers'
	policy 'proof = session'
	start_issuerd
	runtime
	login 'session required pam_loginuid.so' "$runtime" \
	    "session optional pam_jwt.so issue audience=test://$HOST command=$BIN/jwt-issue"
	printf '%s\n' "$PASSWORD" >"$typed"
	run on_tty 'assword: $' "$typed" "${ssh[@]}" \
	    'cat "$XDG_RUNTIME_DIR/bt_u$(id -u)"; cat /proc/self/loginuid'
	[ "$status" -eq 0 ] || { shown; log_now; return 1; }
	[[ $output == *"$(in_world id -u deploy)"* ]]
	wait_log 'jwt-issuerd.*: issued reason=issued .*session' >/dev/null
	grep -oE 'ey[A-Za-z0-9_.-]{100,}' <<<"$output" >"$token"
	[ "$(claim auth_time)" = null ]
	log_mark
	run pam_with "$token" test deploy authenticate
	accepted
}

@test "without pam_loginuid there is no proof: the login goes on without a token" {
	[ -z "$(sanitizer)" ] || skip 'no real pam_unix under the sanitizers'
	policy 'proof = session'
	start_issuerd
	runtime
	login "$runtime" "session optional pam_jwt.so issue audience=test://$HOST command=$BIN/jwt-issue"
	printf '%s\n' "$PASSWORD" >"$typed"
	run on_tty 'assword: $' "$typed" "${ssh[@]}" 'echo "I am $(id -un)"'
	[ "$status" -eq 0 ] || { shown; log_now; return 1; }
	[[ $output == *'I am deploy'* ]]
	wait_log 'jwt-issuerd.*: refused reason=session_required ' >/dev/null
}
