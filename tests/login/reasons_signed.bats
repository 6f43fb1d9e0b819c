# Every reason that is decided once the signature holds: the PAM code, the log
# line with what was expected and seen, what explain says, and a sentence to
# the user when the token is the account's own, but not for a stranger's.

bats_require_minimum_version 1.5.0

setup() {
	load world
	load verdicts
	simple_world
}

teardown() {
	world_end
}

# own_and_foreign REASON CLAIMS [REGEX...]: a token with these claims, words
# in one argument, is refused for REASON; the account it names is told so,
# another account is not.
own_and_foreign() {
	local reason=$1
	local -a claims
	read -r -a claims <<<"$2"
	shift 2
	token "$T" "${claims[@]}"
	told "$reason" "$T" deploy "$@" || return
	expect "$reason" "$T" operator "$@"
}

# at EPOCH WORD: explain's last word on $T at this second.
at() {
	local output
	output=$(explain "$T" deploy --now "$1" 2>&1) || :
	[ "${output##*$'\n'}" = "$2" ] || wrong "at $1 not $2: $output"
}

# --- 16, 17 -----------------------------------------------------------------

@test 'claims_invalid: a time that is missing, or none' {
	local claim
	for claim in exp= exp=null exp=true 'exp="1900000000"' exp=1e9 \
	    "exp=[1900000000]" exp=253402300800 \
	    'nbf="1"' nbf=null iat=true 'iat="1"' auth_time=soon; do
		token "$T" "$claim"
		told claims_invalid "$T" deploy \
		    "expected=\"${claim%%=*} as seconds since 1970" seen= ||
		    wrong "by $claim"
	done
	signed "$T" "{\"iss\":\"$ISSUER\",\"sub\":\"deploy\",\"aud\":\"ssh://$HOST\",\"exp\":-1}"
	told claims_invalid "$T" deploy 'seen="-1"'
	token "$T" exp="$(($(date +%s) + 60)).5" nbf= iat=
	expect accepted "$T" deploy
	token "$T" exp=
	expect claims_invalid "$T" operator
}

@test 'claims_invalid: an audience or a user that is missing or no string' {
	local claim
	for claim in aud= aud=null aud=1 'aud={}' aud=[1] \
	    "aud=[\"ssh://$HOST\",1]"; do
		token "$T" "$claim"
		told claims_invalid "$T" deploy 'expected="aud as a string or' ||
		    wrong "by $claim"
	done
	for claim in sub= sub=null sub=1 'sub=["deploy"]'; do
		token "$T" "$claim"
		# Nobody is named, so nobody is told.
		expect claims_invalid "$T" deploy 'expected="sub as a string' ||
		    wrong "by $claim"
	done
}

@test 'type_mismatch: a kind of token that is no login' {
	local claim typ
	for claim in typ=Refresh token_use=refresh type=offline \
	    token_type=logout events={} typ=verify-email typ=reset-credentials; do
		own_and_foreign type_mismatch "$claim" \
		    "a kind of token that logs in, by its claim ${claim%%=*}" \
		    'seen="' || wrong "by $claim"
	done
	for typ in logout+jwt secevent+jwt dpop+jwt jose.; do
		own_and_foreign type_mismatch "--typ $typ" "seen=\"${typ/+/.}\"" \
		    'expected="no typ, or JWT, JOSE, at\+jwt or login\+jwt"'
	done
	for typ in JWT jwt JOSE at+jwt application/at+jwt login+jwt; do
		token "$T" --typ "$typ" typ=Bearer
		expect accepted "$T" deploy || wrong "by --typ $typ"
	done
	config_more 'typ = id+jwt'
	own_and_foreign type_mismatch '' "a typ that the issuer's section names"
	token "$T" --typ id+jwt
	expect accepted "$T" deploy
}

# --- 18: the clocks ---------------------------------------------------------

@test 'expired: the log has both times and the leeway' {
	own_and_foreign expired 'exp=-40 iat=-400' leeway=30s \
	    'now=20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}Z'
	[[ $LINE == *" exp=$(claim_utc "$T" exp) now="* ]]
	token "$T" exp=-10 iat=-300
	expect accepted "$T" deploy "exp=$(claim_utc "$T" exp)"
}

@test 'not_yet_valid and issued_in_future: the log has both times' {
	local now='now=20[0-9-]*T[0-9:]*Z leeway=30s'
	own_and_foreign not_yet_valid nbf=+50
	[[ $LINE =~ nbf=$(claim_utc "$T" nbf)\ $now ]]
	own_and_foreign issued_in_future 'iat=+50 exp=+100'
	[[ $LINE =~ iat=$(claim_utc "$T" iat)\ $now ]]
	token "$T" nbf=+20 iat=+20
	expect accepted "$T" deploy
}

@test 'lifetime_too_long: a day, unless the section says otherwise' {
	own_and_foreign lifetime_too_long 'iat=-10 exp=+86400' \
	    'lifetime=8641[0-1]s max_lifetime=86400s'
	own_and_foreign lifetime_too_long 'iat= exp=+86500' \
	    'lifetime=86[45][0-9]{2}s max_lifetime=86400s'
	token "$T" iat=-10 exp=+86380
	expect accepted "$T" deploy
	config_more 'max_lifetime = 10m'
	own_and_foreign lifetime_too_long 'iat=+0 exp=+602' max_lifetime=600s
	token "$T" iat=+0 exp=+590
	expect accepted "$T" deploy
}

@test 'too_old: by iat and by auth_time, a missing one included' {
	config_more 'max_age = 10m' '[service sshd]' 'max_auth_age = 5m'
	own_and_foreign too_old 'iat=-640 auth_time=-1' \
	    'now=20[^ ]*Z max_age=600s leeway=30s'
	[[ $LINE == *" iat=$(claim_utc "$T" iat) now="* ]]
	own_and_foreign too_old 'iat= auth_time=-1' 'iat=absent max_age=600s'
	own_and_foreign too_old auth_time=-340 'max_auth_age=300s leeway=30s'
	[[ $LINE == *" auth_time=$(claim_utc "$T" auth_time) now="* ]]
	own_and_foreign too_old '' 'auth_time=absent max_auth_age=300s'
	token "$T" iat=-620 auth_time=-320
	expect accepted "$T" deploy
	stack login <<<'auth required pam_jwt.so'
	token "$T"
	SERVICE=login
	expect accepted "$T" deploy
}

@test 'clocks: to the second, as explain sees it at any time' {
	config_more 'max_age = 1000s' 'max_lifetime = 2000s'
	local t=1900000000
	token "$T" iat=$t nbf=$((t + 100)) exp=$((t + 500))
	at $((t - 31)) 'refused: not_yet_valid'
	at $((t + 69)) 'refused: not_yet_valid'
	at $((t + 70)) accepted
	at $((t + 529)) accepted
	at $((t + 530)) 'refused: expired'
	token "$T" iat=$t exp=$((t + 500))
	at $((t - 31)) 'refused: issued_in_future'
	at $((t - 30)) accepted
	token "$T" iat=$t exp=$((t + 2000))
	at $((t + 1030)) accepted
	at $((t + 1031)) 'refused: too_old'
	token "$T" iat=$t exp=$((t + 2001))
	at $t 'refused: lifetime_too_long'
	token "$T" iat= exp=$((t + 2000))
	config_more 'max_lifetime = 2000s' 'leeway = 0'
	at $t accepted
	at $((t - 1)) 'refused: lifetime_too_long'
	at $((t + 1999)) accepted
	at $((t + 2000)) 'refused: expired'
}

# --- 19 to 21 ---------------------------------------------------------------

@test 'audience_mismatch: the log has what is configured and what was seen' {
	local aud
	for aud in ssh://elsewhere "ssh://$HOST/" "ssh://${HOST}x" "SSH://$HOST" \
	    "sudo://$HOST" "[\"ssh://elsewhere\",\"ssh://$HOST.evil.test\"]" []; do
		own_and_foreign audience_mismatch "aud=$aud" \
		    "expected=\"ssh://$HOST\"" 'seen="' || wrong "by $aud"
	done
	[[ $LINE == *'seen="[]"'* ]]
	token "$T" aud=ssh://elsewhere
	told audience_mismatch "$T" deploy 'seen="ssh://elsewhere"'
	token "$T" "aud=[\"account\",\"ssh://$HOST\"]"
	expect accepted "$T" deploy
}

@test 'audience_absent takes a token without aud; with one, it must fit' {
	config_default
	sed -i 's/^audience .*/audience_absent = yes/' \
	    "$ETC/security/pam_jwt.conf"
	token "$T" aud=
	expect accepted "$T" deploy
	own_and_foreign audience_mismatch '' 'none \(audience_absent = yes\)'
	token "$T" aud=null
	told claims_invalid "$T" deploy
	config_more 'audience_absent = yes'
	token "$T"
	expect accepted "$T" deploy
	token "$T" aud=
	expect accepted "$T" deploy
}

@test 'proof_required: a token that is bound to a key' {
	local cnf
	for cnf in '{"jkt":"x"}' null {}; do
		own_and_foreign proof_required "cnf=$cnf" 'expected="no cnf"'
	done
}

@test 'user_not_allowed: root and system accounts that are not named' {
	local user
	for user in root svc; do
		token "$T" sub=$user
		told user_not_allowed "$T" $user \
		    'expected="an account of a person \(UID_MIN [0-9]+\), or' \
		    'seen="uid (0|150)"'
	done
	token "$T"
	expect user_not_allowed "$T" root 'seen="uid 0"'
	config_default
	sed -i '/^system_accounts/d' "$ETC/security/pam_jwt.conf"
	config_add <<<'system_accounts = svc deploy'
	token "$T" sub=svc
	expect accepted "$T" svc
	token "$T" sub=root
	told user_not_allowed "$T" root
	expect user_mismatch "$T" deploy
}

@test 'user_not_allowed: a name that is none, whatever the token says' {
	local user long
	long=$(printf 'a%.0s' {1..256})
	for user in '-deploy' 'de ploy' 'deploy/' '../deploy' '2001' 'dep$loy' \
	    'déploy' "$long" 'deploy rhost=192.0.2.1' '"deploy"'; do
		token "$T" "sub=\"${user//\"/\\\"}\""
		told user_not_allowed "$T" "$user" \
		    'expected="a login name of letters, digits' ||
		    wrong "by $user"
	done
	for user in "${long:1}" 'unknown' 'web_1.x@y-z' '_a' 'host$'; do
		token "$T" "sub=$user"
		# nss_wrapper knows no answer such as "there is none": the host
		# is asked.
		run in_world NSS_WRAPPER_PASSWD= NSS_WRAPPER_GROUP= \
		    jwtctl explain --config "$ETC/security/pam_jwt.conf" \
		    --user "$user" <"$T"
		[ "${lines[-1]}" = accepted ] || wrong "by $user"
		[[ $output == *'no such account on this host; the account'* ]]
	done
}

@test 'internal_error: the accounts cannot be asked, which is no refusal' {
	token "$T" sub=unknown
	chmod 000 "$ETC/passwd"
	expect internal_error "$T" unknown \
	    'fault="an answer of the account database, which failed: '
	chmod 644 "$ETC/passwd"
	token "$T"
	expect accepted "$T" deploy
}

# --- 22, 23, 27 -------------------------------------------------------------

@test 'user_mismatch: only the account that the token names, and no word' {
	local sub
	for sub in operator Deploy deploy2 deplo 'deploy '; do
		token "$T" "sub=\"$sub\""
		expect user_mismatch "$T" deploy \
		    'expected="sub equal to the login name"' "seen=\"$sub\"" ||
		    wrong "by $sub"
	done
	config_default
	sed -i 's#^user .*#user = /login/unix#' "$ETC/security/pam_jwt.conf"
	token "$T" 'login={"unix":"operator"}'
	expect user_mismatch "$T" deploy 'seen="operator"'
	expect accepted "$T" operator
}

@test 'user_mismatch: a map grants by its conditions' {
	local map=$ETC/security/pam_jwt.d/test.map
	config_default
	sed -i "s#^user .*#user_map = $map#" "$ETC/security/pam_jwt.conf"
	echo 'deploy  repository is acme/app, ref is refs/heads/main' |
	    put /etc/security/pam_jwt.d/test.map
	token "$T" repository=acme/app ref=refs/heads/main
	expect accepted "$T" deploy
	expect user_mismatch "$T" operator 'fault="a grant to this account in'
	token "$T" repository=acme/app ref=refs/heads/evil
	expect user_mismatch "$T" deploy 'expected="ref is refs/heads/main' \
	    'test\.map:1' 'seen="refs/heads/evil"'
}

@test 'requirement_unmet: which one, and what was seen' {
	config_more 'require = groups has ssh-users' \
	    '[service sshd]' 'require = amr not is pwd'
	token "$T" amr=otp
	told requirement_unmet "$T" deploy 'seen="absent"' \
	    'expected="groups has ssh-users \([^"]*pam_jwt\.conf:[0-9]+\)'
	# Who it is counts before what is required of them.
	expect user_mismatch "$T" operator
	token "$T" 'groups=["staff"]' amr=otp
	told requirement_unmet "$T" deploy 'seen="\[.x22staff.x22\]"'
	token "$T" 'groups=["ssh-users"]' amr=pwd
	told requirement_unmet "$T" deploy 'amr not is pwd' 'seen="pwd"'
	token "$T" 'groups=["ssh-users"]'
	told requirement_unmet "$T" deploy 'amr not is pwd' 'seen="absent"'
	token "$T" 'groups=["ssh-users"]' amr=otp
	expect accepted "$T" deploy
}

@test 'accepted: one line with who, by which key, until when' {
	PAMTESTER_OPTIONS=(-I rhost=192.0.2.7 -I tty=ssh)
	token "$T" jti=one
	expect accepted "$T" deploy \
	    " issuer=test exp=$(claim_utc "$T" exp) rhost=\"192\.0\.2\.7\"" \
	    ' rhost="192\.0\.2\.7" tty="ssh" user="deploy" kid="[^"]+"' \
	    ' kid="[^"]+" sub="deploy" jti="one"$'
	token "$T" sub= jti=two user=deploy
	config_default
	sed -i 's/^user .*/user = user/' "$ETC/security/pam_jwt.conf"
	expect accepted "$T" deploy 'kid="[^"]+" jti="two"$'
}

@test 'the first reason in the list is the verdict' {
	config_more 'require = groups has x'
	key_new other
	token "$T" exp=-60 aud=x sub=operator cnf={} --key other
	expect unknown_key "$T" deploy
	token "$T" exp=-60 aud=x sub=operator cnf={} --typ x
	expect type_mismatch "$T" deploy
	token "$T" exp=-60 aud=x sub=operator cnf={}
	expect expired "$T" deploy
	token "$T" aud=x sub=operator cnf={}
	expect audience_mismatch "$T" deploy
	token "$T" sub=operator cnf={}
	expect proof_required "$T" deploy
	token "$T" sub=operator
	expect user_not_allowed "$T" svc
	expect user_mismatch "$T" deploy
}

@test 'explain --json: the verdict in a word, also where it cannot judge' {
	json_says() {
		run --separate-stderr explain "$T" deploy --json
		[ "$status" -eq "$1" ]
		[[ $output == "{\"verdict\":\"$2\",\"reason\":\"$3\",\"checks\":["*'}' ]]
		[ "${#lines[@]}" -eq 1 ]
	}
	token "$T"
	json_says 0 accepted accepted
	token "$T" exp=-60
	json_says 1 refused expired
	rm "$ETC/security/pam_jwt.d/test.pub"
	json_says 2 error keys_unavailable
	config_more 'audiance = x'
	json_says 2 error config_error
}
