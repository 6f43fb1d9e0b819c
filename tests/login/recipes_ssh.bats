#!/usr/bin/env bats
# The recipes of pam.d-example for ssh, as they stand there: a real sshd with
# the recipe's own lines of sshd_config, the stock client, all phases.

bats_require_minimum_version 1.5.0
load helper
load recipes

setup() {
	corp_world
}

teardown() {
	world_end
}

# --- the file itself --------------------------------------------------------

@test "each recipe is one of these, and its configuration has no fault" {
	[ "$(sed -n 's/^#:: recipe //p' "$EXAMPLE" | tr '\n' ' ')" = \
	    'token-only token-or-password token-then-password key-and-token sudo su issuer ' ]
	run in_world jwtctl check
	[ "$status" -eq 0 ]
	corp_token deploy
	run in_world jwtctl explain --user deploy <"$token"
	[ "${lines[-1]}" = accepted ]
}

@test "each recipe for ssh decides what the stock sshd_config leaves open" {
	local name word
	for name in token-only token-or-password token-then-password \
	    key-and-token; do
		recipe "$name"
		for word in UsePAM KbdInteractiveAuthentication \
		    PasswordAuthentication; do
			grep -qE "^$word (yes|no)$" \
			    "$WORLD"/etc/ssh/sshd_config.d/50-pam_jwt.conf
		done
		# Ours is no word in the account phase, so nothing is skipped.
		run ! grep -E '^(account|session|password).*pam_jwt' \
		    "$WORLD/etc/pam.d/sshd"
	done
}

# --- token-only -------------------------------------------------------------

@test "token-only: a token opens; a password and bad tokens do not" {
	recipe token-only
	start_sshd
	corp_token deploy
	logs_in "$token"
	keeps_out not_a_jwt "$password"
	keeps_out not_a_jwt "$empty"
	corp_token deploy aud=ssh://elsewhere
	keeps_out audience_mismatch "$token"
	corp_token operator
	keeps_out user_mismatch "$token"
	corp_token deploy
	tamper "$token" 3
	keeps_out signature_invalid "$token"
	rm "$WORLD/etc/security/pam_jwt.d/corp.jwks"
	corp_token deploy
	keeps_out keys_unavailable "$token"
	rm "$WORLD/etc/security/pam_jwt.conf"
	keeps_out config_error "$token"
}

@test "token-only: the owner of an expired token is told so by ssh" {
	recipe token-only
	start_sshd
	corp_token deploy iat=-600 exp=-300
	run typed "$(<"$token")"
	refused expired
	[[ $output == *'The token has expired; get a new one.'* ]]
	corp_token operator iat=-600 exp=-300
	run typed "$(<"$token")"
	refused expired
	[[ $output != *'expired'* ]]
}

@test "token-only: the password method is not offered" {
	recipe token-only
	start_sshd
	corp_token deploy
	SSH_METHOD=password
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
	[[ $output == *'Permission denied (keyboard-interactive)'* ]]
	run ! grep reason= <(log_now)
}

@test "token-only: the account phase counts, and the log says the token was good" {
	recipe token-only
	start_sshd
	corp_token expired
	run ssh_with "$token" expired true
	denied
	wait_log 'account expired has expired'
	# Only the password is locked.
	corp_token locked
	run ssh_with "$token" locked id -un
	[ "$output" = locked ]
	accepted
	corp_token deploy
	echo 'Down for repair.' | put /etc/nologin
	run ssh_with "$token" deploy true
	denied
	rm "$WORLD/etc/nologin"
	in_world sh -c 'echo Closing. >/run/nologin'
	run ssh_with "$token" deploy true
	denied
	in_world rm /run/nologin
	logs_in "$token"
}

@test "token-only: no account, or one that sshd keeps out, looks like a bad token" {
	local seen user
	recipe token-only
	start_sshd 'DenyUsers operator' 'PermitRootLogin no'
	says bad "$(head -c 300 /dev/zero | tr '\0' x)" >"$WORLD/name"
	seen=$(prompts "$(<"$WORLD/name")" deploy) || :
	wait_log ' reason=not_a_jwt '
	[[ $seen == *'USER@127.0.0.1) JWT: '* ]]
	[[ $seen != *'logged in'* ]]
	for user in operator nobody-here root; do
		corp_token $user
		[ "$(prompts "$token" $user)" = "${seen//deploy/$user}" ]
		wait_log "<85>.*refused reason=stand_in_password service=sshd .*user=\"$user\"$"
		[ "$(log_now | grep -c reason=)" -eq 1 ]
	done
	# As long as the best of tokens that is not believed.
	corp_token deploy
	tamper "$token" 3
	[ "$(prompts "$token" deploy)" = "$seen" ]
}

@test "token-only: the session is told who, where export says so" {
	recipe token-only
	config_add <<<'export = yes'
	start_sshd
	corp_token deploy jti=one
	run ssh_with "$token" deploy 'env | grep ^JWT_ | sort'
	[ "${lines[0]%%=*}" = JWT_EXPIRES ]
	[ "${lines[*]:1}" = \
	    "JWT_ID=one JWT_ISSUER=$ISSUER JWT_SUBJECT=id of deploy" ]
	# It names no value of the token's own that could be taken for a path.
	corp_token deploy 'jti="a\nPATH=/tmp"'
	run ssh_with "$token" deploy 'env'
	[[ $output != *JWT_ID* && $output != *PATH=/tmp* ]]
}

# --- key-and-token ----------------------------------------------------------

@test "key-and-token: both open, neither alone, a long token too" {
	local pad key=$WORLD/userkey
	recipe key-and-token
	start_sshd "AuthorizedKeysFile $WORLD/userkey.pub"
	in_world ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
	SSH_METHOD=publickey,keyboard-interactive
	corp_token deploy
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
	run ! grep reason= <(log_now)
	SSH_OPTIONS=(-o "IdentityFile=$key")
	run ssh_with "$token" deploy true
	accepted
	printf -v pad '%*s' 2000 ''
	corp_token deploy pad="${pad// /x}"
	PIECE=511 run ssh_with "$token" deploy true
	accepted
	tamper "$token" 3
	PIECE=511 run ssh_with "$token" deploy true
	refused signature_invalid
	SSH_METHOD=publickey
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
}

# --- token-then-password ----------------------------------------------------

@test "token-then-password: both open, neither alone" {
	recipe token-then-password
	start_sshd
	corp_token deploy
	run typed "$(<"$token")" "$PASSWORD"
	[[ $output == *JWT:*assword:*'I am deploy'* ]]
	accepted
	run typed "$(<"$token")" wrong
	[[ $output != *'I am'* ]]
	denied
	# What was typed is no answer to the second question.
	run typed "$(<"$token")" "$(<"$token")"
	[[ $output != *'I am'* ]]
	denied
}

@test "token-then-password: after a refused token nothing more is asked" {
	recipe token-then-password
	start_sshd
	run typed "$PASSWORD" "$PASSWORD"
	[[ $output != *'I am'* && $output != *assword:* ]]
	refused not_a_jwt
	corp_token deploy iat=-600 exp=-300
	run typed "$(<"$token")" "$PASSWORD"
	[[ $output != *'I am'* && $output != *assword:* ]]
	refused expired
}

@test "token-then-password: the account phase counts, the method password does not" {
	recipe token-then-password
	start_sshd
	echo closed | put /etc/nologin
	corp_token deploy
	run typed "$(<"$token")" "$PASSWORD"
	[[ $output != *'I am'* ]]
	denied
	rm "$WORLD/etc/nologin"
	SSH_METHOD=password
	run ssh_with "$token" deploy true
	[ "$status" -ne 0 ]
	run ! grep reason= <(log_now)
}
