#!/usr/bin/env bats
# jwt-askpass and a real sudo, run by the account operator.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root_world
	mine=/run/home/operator/token
	as operator mkdir -m 700 /run/home/operator/kept
	variables=()
}

teardown() {
	world_end
}

# bears [PAD] CLAIM=VALUE...: a token in operator's own file.
bears() {
	token "$token" sub=operator "$@"
	as operator sh -c "umask 077 && cat >$mine" <"$token"
}

by_askpass() {
	log_mark
	as operator env JWT_FILE="$mine" SUDO_ASKPASS="$BIN/jwt-askpass" \
	    XDG_RUNTIME_DIR=/run/home/operator/kept "${variables[@]}" timeout 60 sudo -A id -un </dev/null
}

@test "sudo -A takes a token, whatever its length" {
	local pad
	for pad in 1 100 101 102 200 201 202 203 1000 2500; do
		bears pad="x$(printf "%0${pad}d" 0)"
		run by_askpass
		[ "$output" = root ]
		accepted
	done
	run in_world ls -A /run/home/operator/kept
	[ -z "$output" ] || { shown; return 1; }
}

@test "sudo -A takes a token of just as many characters as sudo does" {
	local pad kid length found=0
	for kid in a ab; do
		rm "$KEYS/test" "$KEYS/test.pub"
		key_new test --kid "$kid"
		for pad in $(seq 100 250); do
			bears pad="x$(printf "%0${pad}d" 0)" jti=x
			length=$(($(wc -c <"$token") - 1))
			[ "$length" -lt 511 ] || break
		done
		[ "$length" -eq 511 ] || continue
		found=$((found + 1))
		run by_askpass
		[ "$output" = root ]
		accepted
	done
	[ "$found" -gt 0 ]
}

@test "for sudo the host is this machine, in its short and its whole name" {
	stack sudo <<-END
		auth required pam_jwt.so issuer=$ISSUER keys=$ETC/security/pam_jwt.d/test.pub audience=%s://%h algorithms=EdDSA user=sub
		@include common-account
	END
	bears aud="sudo://$HOST"
	run by_askpass
	accepted
	bears aud="[\"sudo://$HOST\",\"ssh://elsewhere\"]"
	run by_askpass
	accepted
	bears aud=sudo://elsewhere
	run by_askpass
	[ "$status" -ne 0 ]
	[[ $output == *"another host than \"$HOST\""* && $output != *eyJ* ]]
}

@test "a token that was found goes to sudo where it names this machine" {
	variables=(JWT_FILE= BEARER_TOKEN_FILE="$mine")
	bears
	run by_askpass
	accepted
	bears aud=https://grid.example.com
	run by_askpass
	[ "$status" -ne 0 ]
	[[ $output == *'names no host'* ]]
}

@test "a command gets this machine's name, and runs once" {
	as operator sh -c 'cat >/run/home/operator/fetch &&
	    chmod 755 /run/home/operator/fetch' <<-END
		#!/bin/sh
		echo "\$@" >>/run/home/operator/runs
		cat $mine
	END
	variables=(JWT_FILE= 'JWT_COMMAND=/run/home/operator/fetch %h')
	bears pad="x$(printf '%01000d' 0)"
	run by_askpass
	accepted
	[ "$(as operator cat /run/home/operator/runs)" = "$HOST" ]
}

@test "who only calls itself sudo is no host" {
	bears
	in_world mkdir -p /run/other
	in_world cp /bin/bash /run/other/sudo
	run as operator env JWT_FILE="$mine" /run/other/sudo -c \
	    'jwt-askpass "JWT: "; exit $?'
	[ "$status" -eq 1 ]
	[[ $output == *'not certain'* ]]
}

@test "a text in sudo's prompt is no host either" {
	stack sudo <<-END
		auth	required	pam_jwt.so [prompt=(x@build7) JWT: ]
		@include common-account
	END
	bears aud=ssh://build7
	run by_askpass
	[ "$status" -ne 0 ]
	[[ $output == *'no prompt for a token'* ]]
}

@test "sudo -S takes the lines that --pieces prints" {
	local pad
	for pad in 1 500 2500; do
		bears pad="x$(printf "%0${pad}d" 0)"
		log_mark
		run as operator sh -c \
		    "jwt-askpass --pieces $mine | sudo -k -S -p '' id -un"
		[ "${lines[-1]}" = root ]
		accepted
	done
}

@test "sudo wants the program by its path" {
	bears
	log_mark
	run as operator env JWT_FILE="$mine" SUDO_ASKPASS=jwt-askpass \
	    timeout 60 sudo -A id -un </dev/null
	[ "$status" -ne 0 ]
	[[ $output == *'jwt-askpass: No such file'* ]]
}
