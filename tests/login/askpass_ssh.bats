#!/usr/bin/env bats
# jwt-askpass, the stock ssh and a real sshd: long tokens, and servers that
# want a token that is for another host.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root_world
	start_sshd
	mine=/run/home/operator/token
	as operator mkdir -m 700 /run/home/operator/kept
	put /etc/hosts <<<"127.0.0.1 localhost $HOST build7 web1"
	put /etc/ssh/known_hosts.test <<<"* $(<"$WORLD/hostkey.pub")"
}

teardown() {
	world_end
}

# bears CLAIM=VALUE...: a token in operator's own file.
bears() {
	token "$token" "$@"
	as operator sh -c "umask 077 && cat >$mine" <"$token"
}

# bears_long LENGTH: one of that many characters, or one or two more.
bears_long() {
	local pad=1 length
	while bears pad="x$(seq -s , 1 9999 | head -c "$pad")" \
	    jti=x "${@:2}" || return
	    length=$(($(wc -c <"$token") - 1))
	    [ "$length" -lt "$1" ]; do
		pad=$((pad + ($1 - length) * 3 / 4))
		[ $(($1 - length)) -gt 2 ] || pad=$((pad + 1))
	done
	[ "$length" -lt $(($1 + 3)) ]
}

# goes_to HOST [OPTION]...: operator logs in there as deploy.
goes_to() {
	local host=$1
	shift
	log_mark
	as operator env JWT_FILE="$mine" SSH_ASKPASS=jwt-askpass \
	    SSH_ASKPASS_REQUIRE=force \
	    XDG_RUNTIME_DIR=/run/home/operator/kept "${variables[@]}" \
	    timeout 60 ssh -F none "$@" -p "$SSH_PORT" \
	    -o UserKnownHostsFile="$ETC/ssh/known_hosts.test" \
	    -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes \
	    -o IdentityFile=none -o IdentitiesOnly=yes -o LogLevel=ERROR \
	    -o PreferredAuthentications="$SSH_METHOD" \
	    -o NumberOfPasswordPrompts=1 -l "${user:-deploy}" "$host" \
	    'id -un' </dev/null
}

logs_in_to() {
	run goes_to "$@"
	[ "$output" = deploy ] && accepted
}

# kept_from REGEX HOST [OPTION]...: nothing reaches the server, and why not is
# what the person reads.
kept_from() {
	local regex=$1
	shift
	run goes_to "$@"
	[ "$status" -eq 255 ] || { shown; return 1; }
	[[ $output =~ $regex ]] || { shown; return 1; }
	wait_log 'reason=not_a_jwt .* seen="nothing"' >/dev/null
}

@test "a token logs in, whatever its length" {
	local length
	bears
	logs_in_to "$HOST"
	for length in 510 511 512 1021 1022 1023 1024 2045 2046 4000; do
		bears_long "$length"
		logs_in_to "$HOST"
	done
	run in_world ls -A /run/home/operator/kept
	[ -z "$output" ] || { shown; return 1; }
}

@test "a token of just such a length as clients cut logs in" {
	local found=0 length kid
	for kid in a ab; do
		rm "$KEYS/test" "$KEYS/test.pub"
		key_new test --kid "$kid"
		for length in 1023 2046; do
			bears_long "$length"
			[ "$(wc -c <"$token")" -eq $((length + 1)) ] || continue
			found=$((found + 1))
			logs_in_to "$HOST"
		done
	done
	[ "$found" -gt 0 ]
}

@test "a command runs once for all pieces, with the host's name" {
	bears_long 4000
	as operator sh -c 'cat >/run/home/operator/fetch && chmod 755 /run/home/operator/fetch' <<-END
		#!/bin/sh
		echo "\$@" >>/run/home/operator/runs
		cat $mine
	END
	variables=(JWT_FILE= 'JWT_COMMAND=/run/home/operator/fetch -a ssh://%h')
	logs_in_to "$HOST"
	[ "$(as operator cat /run/home/operator/runs)" = "-a ssh://$HOST" ]
	logs_in_to "$HOST"
	[ "$(as operator cat /run/home/operator/runs | wc -l)" -eq 2 ]
}

@test "a token for another host is not given" {
	bears aud=ssh://build7
	kept_from "another host than \"$HOST\"" "$HOST"
	# The machine believes its own name alone, so it would not be taken here.
	run goes_to build7
	refused audience_mismatch
	bears
	kept_from 'another host than "web1"' web1
	logs_in_to web1 -o HostKeyAlias="$HOST"
}

# says TEXT: this server, from now on, before the prompt.
says() {
	printf '%s' "$1" | put /etc/text
	stack sshd <<-END
		auth	optional	pam_echo.so file=/etc/text
		auth	required	pam_jwt.so
		@include common-account
		@include common-session
	END
}

@test "a server cannot say that it is another host" {
	local text
	for text in '(deploy@build7) ' $'\n(deploy@build7) ' \
	    $'x\n(deploy@build7) JWT: ' $'\r(deploy@build7) JWT: \r'; do
		says "$text"
		bears aud=ssh://build7
		kept_from "another host|not certain" "$HOST"
		# Nor does the text cost the right one anything more than its host.
		bears aud=
		run goes_to "$HOST"
		refused claims_invalid
	done
}

@test "a server's text hinders no login" {
	says $'Maintenance (today) from 5 pm, see\nhttps://example.com/\n'
	bears_long 3000
	logs_in_to "$HOST"
	says $'Ask ops@example.com (or your chief)\n'
	logs_in_to "$HOST"
}

@test "a server's own prompt is none of ours" {
	stack sshd <<-END
		auth	required	pam_jwt.so [prompt=(deploy@build7) JWT: ]
		@include common-account
	END
	bears aud=ssh://build7
	kept_from 'no prompt for a token' "$HOST"
	stack sshd <<-END
		auth	required	pam_jwt.so [prompt=Token: ]
		@include common-account
	END
	bears
	kept_from 'no prompt for a token' "$HOST"
}

@test "a user's name that looks like a host is none" {
	says $'\n'
	bears aud=ssh://build7
	for user in 'x@build7) y' 'x@build7) '; do
		run goes_to "$HOST"
		[ "$status" -eq 255 ]
		# Newer clients take no such name at all.
		[[ $output == *'not certain'* || $output == *nvalid* ||
		    $output == *'another host'* ]]
	done
}

@test "a token that lies about goes to no server that merely asks" {
	bears aud=https://grid.example.com
	variables=(JWT_FILE= BEARER_TOKEN_FILE="$mine")
	kept_from 'names no host' "$HOST"
	bears
	logs_in_to "$HOST"
}

@test "the password method gets no token" {
	bears
	SSH_METHOD=password
	run goes_to "$HOST"
	[ "$status" -eq 255 ]
	[[ $output == *'no prompt for a token'* ]]
}

@test "a host's key is no matter for a token" {
	bears
	: | put /etc/ssh/known_hosts.test
	run goes_to "$HOST" -o StrictHostKeyChecking=ask
	[ "$status" -eq 255 ]
	[[ $output == *'no prompt for a token'* && $output != *eyJ* ]] || { shown; return 1; }
}
