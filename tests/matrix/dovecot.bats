#!/usr/bin/env bats
# Dovecot, by IMAP. Its auth process gives what the client sent to every
# prompt; how long that may be depends on the command it came with.

load matrix
load servers

setup() {
	matrix_begin
	server_has /usr/sbin/dovecot /usr/bin/doveconf \
	    /usr/lib/dovecot/imap-login || {
		world_end
		skip 'no dovecot here'
	}
	server_stack dovecot
	start_dovecot
}

teardown() {
	world_end
}

start_dovecot() {
	server_account dovecot 152
	server_account dovenull 153
	server_account mail 154
	server_port
	put /etc/dovecot.test <<-END
		protocols = imap
		listen = 127.0.0.1
		base_dir = /run/dovecot
		state_dir = /run/dovecot/state
		log_path = /run/dovecot.log
		ssl = no
		disable_plaintext_auth = no
		auth_mechanisms = plain login
		auth_failure_delay = 0
		first_valid_uid = 1
		mail_location = maildir:/run/home/mail/%u
		passdb {
		  driver = pam
		  args = dovecot
		}
		userdb {
		  driver = static
		  args = uid=mail gid=mail home=/run/home/mail/%u
		}
		service imap-login {
		  inet_listener imap {
		    port = $PORT
		  }
		  inet_listener imaps {
		    port = 0
		  }
		}
	END
	in_world install -d -o mail -g mail /run/home/mail
	# As dovecot would run its doveconf, from a place of its own.
	server_start "$WORLD/dovecot.log" "$SERVERS/usr/bin/doveconf" \
	    -f service=master -c "$ETC/dovecot.test" \
	    -e "$SERVERS/usr/sbin/dovecot" -F -c "$ETC/dovecot.test" \
	    -- server_listens
}

# try CMD...: why Dovecot dropped the client is shown from its own log, for its
# BYE may be lost with the connection. The client gives one answer, and that is
# what counts as a prompt here.
try() {
	local status=0
	log_mark
	in_world sh -c ': >/run/dovecot.log'
	echo 'JWT: '
	"$@" || status=$?
	until_true 10 in_world grep -o 'Disconnected: [^(]*' /run/dovecot.log
	return "$status"
}

# by_curl MECHANISM: the mailbox is searched too, so that the session is known
# to run.
by_curl() {
	printf 'user = "deploy:%s"\n' "$(cat "$token")" |
	    in_world timeout 60 curl -sSv --login-options "AUTH=$1" -K - \
	    "imap://127.0.0.1:$PORT/INBOX?ALL"
}

# by_login FORM: the command LOGIN, which curl does not send where there is
# AUTHENTICATE.
by_login() {
	local status=0
	# The server may be gone before all is written.
	trap '' PIPE
	exec {IMAP}<>"/dev/tcp/127.0.0.1/$PORT"
	login_"$1" || status=$?
	exec {IMAP}>&-
	return "$status"
}

login_quoted() {
	expect '* OK ' &&
	    printf 'a LOGIN deploy "%s"\r\n' "$(cat "$token")" >&"$IMAP" &&
	    selects
}

login_literal() {
	local text
	text=$(cat "$token")
	expect '* OK ' &&
	    printf 'a LOGIN deploy {%d}\r\n' ${#text} >&"$IMAP" &&
	    expect '+ ' && printf '%s\r\n' "$text" >&"$IMAP" && selects
}

selects() {
	expect 'a OK ' && printf 'b SELECT INBOX\r\n' >&"$IMAP" && expect 'b OK '
}

# expect TEXT: true when the next line that is an answer begins with it. All
# lines are shown.
expect() {
	local line
	while IFS= read -r -t 20 -u "$IMAP" line; do
		printf '%s\n' "${line%$'\r'}"
		case $line in
		"$1"*) return 0 ;;
		'* BYE '* | a\ * | b\ * | +*) return 1 ;;
		esac
	done
	return 1
}

# 6133 and the name "deploy" are 8188 characters in base64, one more is 8192.
authenticated() {
	local length
	for length in 300 510 511 512 1022 1023 1024 1600 4095 4096 6133; do
		echo "$length login 1"
	done
	echo '6134 client Disconnected: Authentication response too large'
	echo '9000 client Disconnected: Authentication response too large'
}

@test "dovecot: AUTHENTICATE PLAIN, of which it takes less than 8192 bytes" {
	matrix_row dovecot 'IMAP, AUTHENTICATE PLAIN' try by_curl PLAIN \
	    < <(authenticated)
}

@test "dovecot: the command LOGIN, of which it takes 1024 quoted" {
	matrix_row dovecot 'IMAP, LOGIN' try by_login quoted <<-END
		300	login 1
		510	login 1
		511	login 1
		512	login 1
		1022	login 1
		1023	login 1
		1024	login 1
		1026	client Disconnected: Input buffer full
		1600	client Disconnected: Input buffer full
		4095	client Disconnected: Input buffer full
		4096	client Disconnected: Input buffer full
		9000	client Disconnected: Input buffer full
	END
}

@test "dovecot: the command LOGIN with a literal is no way out" {
	matrix_row dovecot 'IMAP, LOGIN with a literal' try by_login literal <<-END
		300	login 1
		510	login 1
		511	login 1
		512	login 1
		1022	login 1
		1023	login 1
		1024	login 1
		1026	login 1
		1028	client Disconnected: Input buffer full
		1600	client Disconnected: Input buffer full
		4095	client Disconnected: Input buffer full
		4096	client Disconnected: Input buffer full
		9000	client Disconnected: Literal size too large
	END
}

@test "dovecot: who logs in is whom the token names" {
	matrix_token 1600 "$token"
	run try by_curl PLAIN
	matrix_logged_in 1
	matrix_token 1600 "$token" operator
	run try by_curl PLAIN
	[[ $output == *'Authentication failed'* ]]
	matrix_refused user_mismatch
	matrix_token 1600 "$token"
	tamper "$token" 3
	run try by_curl PLAIN
	matrix_refused signature_invalid
}
