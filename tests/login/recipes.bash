# shellcheck shell=bash
# Variables come from helper.bash and from run, and go to the tests; what is
# quoted is meant for the shell in the world.
# shellcheck disable=SC2016,SC2034,SC2153,SC2154
#
# For the tests of pam.d-example; loaded after helper.bash, which is described
# there. Everything a recipe speaks of is taken from that file itself.
#
#   corp_world            a root world with the configuration that stands at
#                         the top of pam.d-example, and its key file
#   corp_token USER [CLAIM=VALUE]...    a token for USER into $token
#   says FILE TEXT        writes one line; FILE on standard output
#   denied                what `run` ran did not log in, though the log has
#                         the token as accepted: the account phase's doing
#   shadow USER FIELD TEXT    changes a field of the world's shadow
#   logs_in FILE          deploy does by ssh, with a session of its own
#   keeps_out REASON FILE [USER]    ssh runs nothing, and the log says why
#   prompts FILE USER     each question of ssh, and what it says, names off
#   typed ANSWER...       ssh at a terminal, an answer for each prompt; "I am
#                         deploy" in its output where that logs in

EXAMPLE=$WORLD_REPO/pam.d-example

corp_world() {
	root_world
	ISSUER=https://sso.example.com/realms/corp
	sed -n '/^#	\[issuer corp\]/,/^#$/s/^#	//p' "$EXAMPLE" | config
	[ -s "$WORLD/etc/security/pam_jwt.conf" ]
	put /etc/security/pam_jwt.d/corp.jwks <"$KEYS/test.pub"
	rm "$WORLD"/etc/pam.d/{sshd,sudo,su,test} \
	    "$WORLD/etc/security/pam_jwt.d/test.pub"
	password=$(says password "$PASSWORD")
	wrong=$(says wrong wrong)
	empty=$(says empty '')
}

corp_token() {
	local user=$1
	shift
	token "$token" sub="id of $user" preferred_username="$user" "$@"
}

says() {
	printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/$1"
	printf '%s\n' "$BATS_TEST_TMPDIR/$1"
}

denied() {
	[ "$status" -ne 0 ] || { shown; return 1; }
	wait_log '^<86>.*accepted reason=accepted ' >/dev/null && one_line
}

shadow() {
	awk -F: -v OFS=: -v user="$1" -v field="$2" -v text="$3" \
	    '$1 == user { $field = text } { print }' "$WORLD/etc/shadow" \
	    >"$WORLD/shadow"
	cat "$WORLD/shadow" >"$WORLD/etc/shadow"
}

# --- ssh ---------------------------------------------------------------------

logs_in() {
	run ssh_with "$1" deploy 'id -un; echo "$HOME"'
	[ "$status" -eq 0 ]
	[ "${lines[*]}" = 'deploy /run/home/deploy' ]
	wait_log 'pam_unix\(sshd:session\): session opened for user deploy' \
	    >/dev/null
}

keeps_out() {
	run ssh_with "$2" "${3:-deploy}" touch /run/home/deploy/was-here
	refused "$1" || return
	run ! in_world test -e /run/home/deploy/was-here
}

prompts() {
	in_world sh -c 'rm -f /run/asked; cat >/run/bin/askpass' <<-'END'
		#!/bin/sh
		echo "$1" >>/run/asked
		cat "$ANSWER"
	END
	ssh_with "$1" "$2" true 2>&1 && echo 'logged in'
	in_world cat /run/asked | sed "s/$2@/USER@/"
}

typed() {
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/typed"
	on_tty '(JWT|assword): $' "$BATS_TEST_TMPDIR/typed" ssh -F none \
	    -p "$SSH_PORT" -o UserKnownHostsFile=/etc/ssh/known_hosts.test \
	    -o PreferredAuthentications=keyboard-interactive \
	    -o NumberOfPasswordPrompts=1 deploy@127.0.0.1 \
	    'echo "I am $(id -un)"'
}
