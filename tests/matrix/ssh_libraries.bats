#!/usr/bin/env bats
# sshd with what programs are written with, beside the clients of people.

load matrix
load servers

# Debian's, which has Debian's modules.
PYTHON=/usr/bin/python3

setup() {
	matrix_begin sshd
}

teardown() {
	world_end
}

only_interactive() {
	start_sshd 'PasswordAuthentication no' 'Subsystem sftp internal-sftp'
}

by_library() {
	log_mark
	in_world timeout --foreground 60 "$PYTHON" -B \
	    "$MATRIX_HERE/ssh_library.py" "$1" "$2" "$SSH_PORT" "$token"
}

has_paramiko() {
	"$PYTHON" -c 'import paramiko' 2>/dev/null || skip 'no paramiko here'
}

has_libssh() {
	"$PYTHON" -c 'import ctypes; ctypes.CDLL("libssh.so.4")' 2>/dev/null ||
	    skip 'no libssh here'
}

# whole PROMPTS...: how many there are for 511, 1023 and 4095.
whole() {
	cat <<-END
		300	login 1
		510	login 1
		511	login $1
		512	login 1
		1022	login 1
		1023	login $2
		1024	login 1
		1600	login 1
		4095	login $3
		4096	login 1
		9000	login 1
	END
}

# Up to what the module takes altogether: it cannot know that it has the token.
same_each_time() {
	whole 129 65 17
}

# sshd knows no password of more than 1024.
by_password() {
	cat <<-END
		300	login 1
		510	login 1
		511	login 1
		512	login 1
		1022	login 1
		1023	login 1
		1024	login 1
		1600	client $1
		4095	client $1
		4096	client $1
		9000	client $1
	END
}

@test "paramiko: what follows from where it is asked" {
	has_paramiko
	only_interactive
	matrix_row paramiko 'auth_interactive, as the prompts ask' \
	    by_library paramiko interactive < <(whole 2 2 2)
}

@test "paramiko: the same answer to every prompt" {
	has_paramiko
	only_interactive
	matrix_row paramiko 'the same answer each time' \
	    by_library paramiko same < <(same_each_time)
}

@test "paramiko: by the password method" {
	has_paramiko
	start_sshd
	matrix_row paramiko 'password method' by_library paramiko password \
	    < <(by_password 'Authentication failed')
}

@test "libssh: what follows from where it is asked" {
	has_libssh
	only_interactive
	matrix_row libssh 'keyboard-interactive, as the prompts ask' \
	    by_library libssh interactive < <(whole 2 2 2)
}

@test "libssh: the same answer to every prompt" {
	has_libssh
	only_interactive
	matrix_row libssh 'the same answer each time' by_library libssh same \
	    < <(same_each_time)
}

@test "libssh: by the password method" {
	has_libssh
	start_sshd
	matrix_row libssh 'password method' by_library libssh password \
	    < <(by_password 'Access denied')
}

# Of libssh2's methods it tries keyboard-interactive last. It shows no prompt.
by_curl() {
	log_mark
	echo 'JWT: '
	echo "user = deploy:$(cat "$token")" |
	    in_world timeout --foreground 60 curl -sS -K - -o /dev/null \
	    --hostpubsha256 "$(in_world ssh-keygen -lf "$WORLD/hostkey.pub" |
		sed 's/.*SHA256:\([^ ]*\) .*/\1/')" \
	    "sftp://127.0.0.1:$SSH_PORT/"
}

@test "curl: sftp, with libssh2" {
	curl -V | grep -q libssh2 || skip 'no curl with libssh2 here'
	only_interactive
	matrix_row 'curl sftp' '-K, user = name:token' by_curl \
	    < <(whole 1 1 1)
}
