#!/usr/bin/env bats
# sshd with other clients than the stock one, and with what types for that one;
# by keyboard-interactive alone, unless said otherwise.

load matrix
load servers

setup() {
	matrix_begin sshd
	start_sshd 'PasswordAuthentication no'
}

teardown() {
	world_end
}

# client PROGRAM: skips where it is missing.
client() {
	server_has "/usr/bin/$1" || skip "no $1 here"
	client=(env LD_LIBRARY_PATH="$(server_libraries)"
	    timeout --foreground 60 "$SERVERS/usr/bin/$1")
}

# These programs have one answer, and that is what counts as a prompt here.
by_plink() {
	log_mark
	echo 'JWT: '
	in_world "${client[@]}" -batch "${plink[@]}" -pwfile "$token" \
	    deploy@127.0.0.1 true
}

by_dbclient() {
	log_mark
	echo 'JWT: '
	in_world DROPBEAR_PASSWORD="$(cat "$token")" "${client[@]}" \
	    "${dbclient[@]}" deploy@127.0.0.1 true
}

by_sshpass() {
	echo 'JWT: '
	sshpass keyboard-interactive -P JWT 2>&1 | sed 's/JWT/prompt/g'
	return "${PIPESTATUS[0]}"
}

# sshpass METHOD OPTION...
sshpass() {
	local method=$1
	shift
	log_mark
	in_world "${client[@]}" -v -f "$token" "$@" ssh -F none \
	    -p "$SSH_PORT" -o "UserKnownHostsFile=$ETC/ssh/known_hosts.test" \
	    -o "PreferredAuthentications=$method" \
	    -o NumberOfPasswordPrompts=1 deploy@127.0.0.1 true
}

by_sshpass_method() {
	echo 'JWT: '
	sshpass password 2>&1
}

# As it comes, it looks for "assword:", and waits where the module asks on.
by_sshpass_assword() {
	local said=$BATS_TEST_TMPDIR/said status=0
	echo 'JWT: '
	# What the one before said shall not count.
	: >"$said"
	sshpass keyboard-interactive >>"$said" 2>&1 &
	until_true 30 sshpass_decided $! "$said" || :
	kill_tree $!
	wait $! || status=$?
	sed 's/JWT (/waits at &/' "$said"
	return "$status"
}

sshpass_decided() {
	grep -q 'JWT (from' "$2" || ! kill -0 "$1" 2>/dev/null
}

plink_options() {
	plink=(-ssh -no-antispoof -P "$SSH_PORT" -hostkey
	    "$(in_world ssh-keygen -lf "$WORLD/hostkey.pub" | cut -d' ' -f2)")
}

# Where the module asks again, plink has nothing more to give.
@test "plink: a password file, but not of exactly 511, 1023 or 4095" {
	client plink
	plink_options
	matrix_row plink '-pwfile' by_plink <<-END
		300	login 1
		510	login 1
		511	client Configured password was not accepted
		512	login 1
		1022	login 1
		1023	client Configured password was not accepted
		1024	login 1
		1600	login 1
		4095	client Configured password was not accepted
		4096	login 1
		9000	login 1
	END
}

@test "plink: pasted at a terminal, then what is asked for" {
	client plink
	plink_options
	matrix_row plink 'terminal, as the prompts ask' matrix_paste rest \
	    "${client[@]}" "${plink[@]}" deploy@127.0.0.1 true < <(matrix_4095)
}

@test "dbclient: its environment" {
	local length
	client dbclient
	dbclient=(-y -y -p "$SSH_PORT")
	matrix_row dbclient 'DROPBEAR_PASSWORD' by_dbclient < <(
	    for length in 300 510 511 512 1022 1023 1024 1600 4095 4096 9000; do
		    echo "$length login 1"
	    done)
}

@test "dbclient: pasted at a terminal, then what is asked for" {
	client dbclient
	matrix_row dbclient 'terminal, as the prompts ask' matrix_paste rest \
	    "${client[@]}" -y -y -p "$SSH_PORT" deploy@127.0.0.1 true \
	    < <(matrix_4095)
}

# It takes a second prompt for a refusal, and ends.
@test "sshpass: what ssh takes at once, but not exactly 511" {
	client sshpass
	matrix_row sshpass '-P JWT' by_sshpass <<-END
		300	login 1
		510	login 1
		511	client detected prompt, again
		512	login 1
		1022	login 1
		1023	client detected prompt, again
		1024	client detected prompt, again
		1600	client detected prompt, again
		4095	client detected prompt, again
		4096	client detected prompt, again
		9000	client detected prompt, again
	END
}

@test "sshpass: what its options are made for, with prompt=Password:" {
	client sshpass
	stack sshd <<-END
		auth	required	pam_jwt.so prompt=Password:
		@include common-account
		@include common-session
	END
	matrix_row sshpass 'as it comes, prompt=Password:' by_sshpass_assword \
	    <<-END
		300	login 1
		510	login 1
		511	client waits at JWT (from 511):
		512	login 1
		1022	login 1
		1023	client waits at JWT (from 1023):
		1024	client waits at JWT (from 1023):
		1600	client waits at JWT (from 1023):
		4095	client waits at JWT (from 1023):
		4096	client waits at JWT (from 1023):
		9000	client waits at JWT (from 1023):
	END
}

@test "sshpass: by the password method" {
	client sshpass
	start_sshd
	matrix_row sshpass 'password method' by_sshpass_method <<-END
		300	login 1
		510	login 1
		511	login 1
		512	login 1
		1022	login 1
		1023	login 1
		1024	reason cut_off
		1600	reason cut_off
		4095	reason cut_off
		4096	reason cut_off
		9000	reason cut_off
	END
}
