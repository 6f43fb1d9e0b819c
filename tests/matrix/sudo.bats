#!/usr/bin/env bats
# sudo, run by the account operator. Answers of 512 characters and more it
# does not take, and tells the module that the conversation failed.

load matrix

setup() {
	MATRIX_USER=operator
	matrix_begin sudo sudo-i
	operator=(setpriv --reuid=operator --regid=operator --init-groups)
}

teardown() {
	world_end
}

# by_pipe PIECE: the answers on standard input.
by_pipe() {
	matrix_answers "$token" "$1" >"$answers"
	answer "$answers"
	as operator timeout 60 sudo -k -S true <"$WORLD/answer"
}

# by_askpass PIECE: an askpass program answers; what it was asked is shown.
by_askpass() {
	local status=0
	answer "$token"
	put /etc/asked 755 <<-'END'
		#!/bin/sh
		echo "$1" >>/run/home/operator/asked
		exec askpass "$1"
	END
	in_world rm -f /run/home/operator/asked
	as operator ANSWER="$WORLD/answer" PIECE="$1" SUDO_ASKPASS=/etc/asked \
	    timeout 60 sudo -k -A true || status=$?
	in_world cat /run/home/operator/asked
	return "$status"
}

# What one failed prompt more makes of it.
once_too_long() {
	cat <<-END
		300	login 1
		510	login 1
		511	login 2
		512	login 3
		1022	login 4
		1023	login 4
		1024	login 4
		1600	login 5
		4095	login 10
		4096	login 10
		9000	login 19
	END
}

@test "sudo: 511 at each prompt of a terminal" {
	matrix_row sudo 'terminal, 511 a prompt' matrix_type 511 \
	    "${operator[@]}" sudo -k true < <(matrix_511)
}

@test "sudo: pasted at a terminal, then what is asked for, 511 at most" {
	matrix_row sudo 'terminal, as the prompts ask' matrix_paste rest \
	    "${operator[@]}" sudo -k true < <(once_too_long)
}

@test "sudo -i: the same" {
	matrix_row 'sudo -i' 'terminal, as the prompts ask' matrix_paste rest \
	    "${operator[@]}" sudo -k -i true < <(once_too_long)
}

@test "sudo: pasted once, more than 511 at a terminal are lost" {
	matrix_row sudo 'terminal, once' matrix_paste once \
	    "${operator[@]}" sudo -k true <<-END
		300	login 1
		510	login 1
		511	login 2
		512	reason not_a_jwt
		1022	reason not_a_jwt
		1023	reason not_a_jwt
		1024	reason not_a_jwt
		1600	reason not_a_jwt
		4095	reason not_a_jwt
		4096	reason not_a_jwt
		9000	reason not_a_jwt
	END
}

@test "sudo -S: lines of 511" {
	matrix_row sudo '-S, lines of 511' by_pipe 511 < <(matrix_511)
}

@test "sudo -S: one line, which sudo cuts at 1023 and then does not take" {
	matrix_row sudo '-S, one line' by_pipe whole <<-END
		300	login 1
		510	login 1
		511	login 2
		512	client no password was provided
		1022	client no password was provided
		1023	reason not_a_jwt
		1024	reason not_a_jwt
		1600	client no password was provided
		4095	client PAM authentication error: Conversation error
		4096	client PAM authentication error: Conversation error
		9000	client PAM authentication error: Conversation error
	END
}

@test "sudo -A: an askpass program that gives 511 from where it is asked" {
	matrix_row sudo '-A, 511 from where it is asked' by_askpass 511 \
	    < <(matrix_511)
}

@test "sudo -A: jwt-askpass" {
	put /etc/given 755 <<-'END'
		#!/bin/sh
		umask 077
		cat "$ANSWER" >"$HOME/given"
		JWT_FILE=$HOME/given exec jwt-askpass "$1"
	END
	in_world cp /etc/given /run/bin/askpass
	matrix_row sudo '-A, jwt-askpass' by_askpass '' < <(matrix_511)
}

# With exactly 511 it is asked on to the longest token there is, before the
# module knows that these are not the pieces of one.
@test "sudo -A: an askpass program that gives the same to every prompt" {
	matrix_row sudo '-A, the whole token each time' by_askpass '' <<-END
		300	login 1
		510	login 1
		511	login 129
		512	client PAM authentication error: Conversation error
		1022	client PAM authentication error: Conversation error
		1023	client PAM authentication error: Conversation error
		1024	client PAM authentication error: Conversation error
		1600	client PAM authentication error: Conversation error
		4095	client PAM authentication error: Conversation error
		4096	client PAM authentication error: Conversation error
		9000	client PAM authentication error: Conversation error
	END
}
