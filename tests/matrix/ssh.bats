#!/usr/bin/env bats
# sshd with the stock client. By keyboard-interactive sshd asks for as many
# pieces as the module wants; by its password method it has one answer.

load matrix

setup() {
	matrix_begin sshd
	start_sshd
	client=(ssh -F none -p "$SSH_PORT"
	    -o "UserKnownHostsFile=$ETC/ssh/known_hosts.test"
	    -o PreferredAuthentications=keyboard-interactive
	    -o NumberOfPasswordPrompts=1 deploy@127.0.0.1 true)
}

teardown() {
	world_end
}

# by_askpass PIECE [METHOD]: an askpass program answers; what it was asked is
# shown.
by_askpass() {
	local status=0 SSH_METHOD=${2:-keyboard-interactive}
	put /etc/asked 755 <<-'END'
		#!/bin/sh
		echo "$1" | sed "s/.*'s password: /JWT: /" >>/run/asked
		exec /run/bin/askpass.given "$1"
	END
	in_world sh -c 'rm -f /run/asked
		test -e /run/bin/askpass.given ||
		    mv /run/bin/askpass /run/bin/askpass.given
		cp /etc/asked /run/bin/askpass'
	PIECE=$1 ssh_with "$token" deploy true || status=$?
	in_world cat /run/asked
	return "$status"
}

@test "ssh: an askpass program that gives 511 from where it is asked" {
	matrix_row ssh 'askpass, 511 from where it is asked' by_askpass 511 \
	    < <(matrix_511)
}

# What comes of pieces of 1023.
by_1023() {
	cat <<-END
		300	login 1
		510	login 1
		511	login 2
		512	login 1
		1022	login 1
		1023	login 2
		1024	login 2
		1600	login 2
		4095	login 5
		4096	login 5
		9000	login 9
	END
}

@test "ssh: jwt-askpass" {
	put /etc/given 755 <<-'END'
		#!/bin/sh
		umask 077
		cat "$ANSWER" >"$HOME/given"
		JWT_FILE=$HOME/given exec jwt-askpass "$1"
	END
	in_world cp /etc/given /run/bin/askpass
	matrix_row ssh 'jwt-askpass' by_askpass '' < <(by_1023)
}

@test "ssh: 1023 at each prompt of a terminal" {
	matrix_row ssh 'terminal, 1023 a prompt' matrix_type 1023 \
	    "${client[@]}" < <(by_1023)
}

@test "ssh: pasted once, more than 1023 at a terminal are lost" {
	matrix_row ssh 'terminal, once' matrix_paste once "${client[@]}" <<-END
		300	login 1
		510	login 1
		511	login 2
		512	login 1
		1022	login 1
		1023	login 2
		1024	reason cut_off
		1600	reason cut_off
		4095	reason cut_off
		4096	reason cut_off
		9000	reason cut_off
	END
}

@test "ssh: its password method carries 1023" {
	matrix_row ssh 'password method, askpass' by_askpass '' password <<-END
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
