# jwt-issuerd: who gets a token by which proof, and what it says. 


bats_require_minimum_version 1.5.0
load helper
load issuerd

setup() {
	root_issuer
}

teardown() {
	world_end
}

# --- proofs -----------------------------------------------------------------

@test 'a password gives a token that opens a login' {
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST" "$LOGIN"
	[[ ${lines[0]} == 'ASK hidden Password:%20' ]]
	issued
	run pam_with "$token" test deploy authenticate
	accepted
	run pam_with "$token" test operator authenticate
	refused user_mismatch
}

@test 'its claims are the ones that are promised, and no others' {
	local now
	start_issuerd
	now=$(date +%s)
	ask deploy "ISSUE aud=ssh://build7 ttl=120" "$LOGIN"
	issued
	[ "$(part 1 | tr -d '{}"' | tr , '\n' | sed 's/:.*//' | xargs)" = \
	    'alg kid typ' ]
	[[ $(part 1) == *'"typ":"login+jwt"'* ]]
	[ "$(claim iss)" = "\"$ISSUER\"" ]
	[ "$(claim sub)" = '"deploy"' ]
	[ "$(claim aud)" = '"ssh://build7"' ]
	[ "$(claim amr)" = '["pwd"]' ]
	[ "$(claim iat)" -ge "$now" ]
	[ "$(claim nbf)" -eq "$(claim iat)" ]
	[ "$(claim exp)" -eq "$(($(claim iat) + 120))" ]
	[ "$(claim auth_time)" -le "$(claim iat)" ]
	[ "$(claim auth_time)" -ge "$now" ]
	[[ $(claim jti) =~ ^\"[A-Za-z0-9_-]{22}\"$ ]]
	[ "$(part 2 | python3 -c 'import json, sys
print(" ".join(json.load(sys.stdin)))')" = \
	    'iss sub aud iat nbf exp jti auth_time amr' ]
	[ "$(wc -c <"$token")" -le 511 ]
}

@test 'a wrong password, a locked and an expired account get nothing' {
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7' 'ANSWER wrong'
	denied login_refused
	ask locked 'ISSUE aud=ssh://build7' "$LOGIN"
	denied login_refused
	ask expired 'ISSUE aud=ssh://build7' "$LOGIN"
	[[ $output == *'TELL error Your%20account%20has%20expired'* ]]
	denied login_refused
}

@test 'an expired password is said, and gives nothing' {
	sed -i 's/^\(deploy:[^:]*\):[0-9]*:/\1:0:/' "$WORLD/etc/shadow"
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	[[ $output == *TELL*change%20your%20password* ]] || { shown; return 1; }
	denied login_refused
	[[ ${lines[-1]} == *password%20has%20expired* ]]
}

@test 'every prompt and message of the stack is relayed' {
	stack jwt-issuer <<-END
		auth	required	pam_echo.so welcome, %u 100%% = sure
		auth	required	pam_unix.so nodelay
		auth	required	pam_ftp.so users=deploy
		account	required	pam_permit.so
	END
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN" 'ANSWER deploy@build7'
	[ "${lines[0]}" = 'TELL info welcome,%20deploy%20100%25%20=%20sure' ]
	[ "${lines[1]}" = 'ASK hidden Password:%20' ]
	[[ ${lines[2]} == 'ASK hidden Guest%20login%20ok'* ]]
	issued
	# What was meant for the first prompt does not go to the second.
	ask deploy 'ISSUE aud=ssh://build7' "$LOGIN"
	denied caller_gone
	ask deploy 'ISSUE aud=ssh://build7' CANCEL
	denied caller_gone
}

@test 'proof = peer asks nobody, and claims no login' {
	policy 'proof = peer'
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7'
	issued
	[ "${#lines[@]}" -eq 1 ]
	[ "$(claim sub)" = '"deploy"' ]
	[ "$(claim auth_time)" = null ]
	[ "$(claim amr)" = null ]
}

@test 'proof = session: a process of a login of that account, no other' {
	policy 'proof = session'
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7'
	denied session_required
	log_mark
	run session_of 2001 setpriv --reuid=deploy --regid=deploy --init-groups \
	    talk /run/jwt-issuer/socket <<<'ISSUE aud=ssh://build7'
	issued
	[ "$(claim auth_time)" = null ]
	# As after `sudo -u deploy`: the login is another's.
	log_mark
	run session_of 2002 setpriv --reuid=deploy --regid=deploy --init-groups \
	    talk /run/jwt-issuer/socket <<<'ISSUE aud=ssh://build7'
	denied session_required
}

# --- who --------------------------------------------------------------------

@test 'root and system accounts get nothing until they are named' {
	start_issuerd
	for account in root svc; do
		ask "$account" 'ISSUE aud=ssh://build7' "$LOGIN"
		denied user_not_allowed
	done
	policy
	sed -i 's/^keys/system_accounts = svc\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	reload
	ask svc 'ISSUE aud=ssh://build7' "$LOGIN"
	issued
	ask root 'ISSUE aud=ssh://build7' "$LOGIN"
	denied user_not_allowed
}

@test 'root of a user namespace is who it was outside' {
	policy 'proof = peer'
	start_issuerd
	log_mark
	run as deploy unshare -Ur talk /run/jwt-issuer/socket \
	    <<<'ISSUE aud=ssh://build7'
	issued
	[ "$(claim sub)" = '"deploy"' ]
}

@test 'a uid without an account gets nothing' {
	start_issuerd
	log_mark
	run in_world setpriv --reuid=3999 --regid=3999 --clear-groups \
	    talk /run/jwt-issuer/socket <<<'ISSUE aud=ssh://build7'
	denied unknown_user
}

@test 'users, and groups that kernel and database both know' {
	echo 'staff2:x:2050:operator' >>"$WORLD/etc/group"
	policy 'proof = peer' 'groups = staff2'
	start_issuerd
	ask operator 'ISSUE aud=ssh://build7'
	issued
	ask deploy 'ISSUE aud=ssh://build7'
	denied user_not_allowed
	# One that it has left since, and one that the process gave up.
	log_mark
	run in_world setpriv --reuid=deploy --regid=deploy --groups=2050 \
	    talk /run/jwt-issuer/socket <<<'ISSUE aud=ssh://build7'
	denied user_not_allowed
	log_mark
	run in_world setpriv --reuid=operator --regid=operator --clear-groups \
	    talk /run/jwt-issuer/socket <<<'ISSUE aud=ssh://build7'
	denied user_not_allowed
}

# --- what -------------------------------------------------------------------

@test 'a request beyond policy: what was asked and what is allowed' {
	policy 'proof = peer' 'claims = ticket' 'max_lifetime = 10m'
	start_issuerd
	ask deploy 'ISSUE aud=https://build7'
	denied audience_not_allowed
	[[ ${lines[-1]} == *https://build7*ssh://* ]]
	ask deploy 'ISSUE aud=ssh://build7 aud=https://build7'
	denied audience_not_allowed
	ask deploy 'ISSUE aud=ssh://build7 ttl=601'
	denied lifetime_too_long
	[[ ${lines[-1]} == *601*600* || ${lines[-1]} == *10m* ]]
	ask deploy 'ISSUE aud=ssh://build7 ttl=600'
	issued
	ask deploy 'ISSUE aud=ssh://build7 claim=role=x'
	denied claim_not_allowed
	ask deploy 'ISSUE aud=ssh://build7 claim=sub=operator'
	denied claim_not_allowed
	ask deploy 'ISSUE aud=ssh://build7 claim=ticket=4711'
	issued
	[ "$(claim ticket)" = '"4711"' ]
}

@test 'fixed claims, those of a user, name, host and groups' {
	sed -i 's/^\(deploy:[^:]*:[^:]*:[^:]*\):[^:]*/\1:Deploy Account,,,/' \
	    "$WORLD/etc/passwd"
	printf '%s\n' ssh-users:x:2060:deploy secret:x:2061:deploy \
	    >>"$WORLD/etc/group"
	policy 'proof = peer' 'include = name groups host' \
	    'group_claim = ssh-*' 'claim = team platform' '[user deploy]' \
	    'claim = employee "17"'
	sed -i 's/^proof.*/&\nany_length = yes/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
	ask deploy 'ISSUE aud=ssh://build7 long'
	issued
	[ "$(claim name)" = '"Deploy Account"' ]
	[ "$(claim groups)" = '["ssh-users"]' ]
	[ "$(claim host)" = "\"$(uname -n)\"" ]
	[ "$(claim team)" = '"platform"' ]
	[ "$(claim employee)" = '"17"' ]
	ask operator 'ISSUE aud=ssh://build7'
	issued
	[ "$(claim employee)" = null ]
}

@test 'profile = at+jwt is that of RFC 9068' {
	policy 'proof = peer'
	sed -i 's/^keys/profile = at+jwt\n&/' \
	    "$WORLD/etc/security/jwt-issuer.conf"
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST"
	issued
	[[ $(part 1) == *'"typ":"at+jwt"'* ]]
	[ "$(claim client_id)" = '"jwt-issue"' ]
	run pam_with "$token" test deploy authenticate
	accepted
}

@test 'a token over 510 bytes: refused, until it is asked for and allowed' {
	local long
	long=$(printf 'x%.0s' {1..200})
	policy 'proof = peer' 'claims = note'
	start_issuerd
	ask deploy "ISSUE aud=ssh://build7 claim=note=$long"
	denied token_too_long
	ask deploy "ISSUE aud=ssh://build7 claim=note=$long long"
	denied token_too_long
	policy 'proof = peer' 'claims = note' 'any_length = yes'
	reload
	ask deploy "ISSUE aud=ssh://build7 claim=note=$long"
	denied token_too_long
	ask deploy "ISSUE aud=ssh://build7 claim=note=$long long"
	issued
	[ "$(wc -c <"$token")" -gt 511 ]
}
