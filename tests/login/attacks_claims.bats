# The claims under attack: times, audience, issuer, kind of token, and what is
# demanded besides. All tokens are signed by the issuer's own key.

bats_require_minimum_version 1.5.0

setup() {
	load signing
	signing_begin
}

teardown() {
	signing_end
}

# with REASON: each line has claims that change the good ones, separated by
# spaces
with() {
	local reason=$1 line count=0
	local -a changes
	shift
	while IFS= read -r line; do
		read -r -a changes <<<"$line"
		sign "$(claims "${changes[@]}")"
		says "$reason" "$@" || wrong "by the claims: $line" || return
		count=$((count + 1))
	done
	[ "$count" -gt 0 ]
}

# lacks CLAIM: the reason was this claim
lacks() {
	[[ $OUT == *"expected $1 as "* ]] || wrong "not for $1: $OUT"
}

# --- times ------------------------------------------------------------------

@test 'G1 G2: exp is there, and a number' {
	local value
	with accepted <<<"exp=$((NOW + 300))"
	with claims_invalid <<<exp=
	lacks exp
	for value in null true false '"1800000300"' '""' '[1800000300]' \
	    '{"exp":1800000300}' []; do
		with claims_invalid <<<"exp=$value"
		lacks exp
	done
	# Whatever other claims seem to say instead.
	with claims_invalid <<-END
		exp= expires_in=300
		exp= Exp=$((NOW + 300))
		exp= exp_=$((NOW + 300)) nbf=$((NOW - 10))
	END
}

@test 'G3: a fraction is taken and lengthens nothing, an exponent is not' {
	settings 'leeway = 0'
	with accepted <<-END
		exp=$((NOW + 1)).0
		exp=$((NOW + 1)).999
		nbf=$NOW.0
		iat=$((NOW - 1)).5
	END
	with expired <<-END
		exp=$NOW.999
		exp=$NOW.0
		exp=-0 iat=
		exp=0 iat=
	END
	with not_yet_valid <<<"nbf=$NOW.001"
	with issued_in_future <<<"iat=$NOW.001"
	with claims_invalid <<-'END'
		exp=1.8000003e9
		exp=1.8000003E+9
		exp=1e400
		exp=1e3
		exp=-0.0
		exp=-0.5
		exp=0.18e10
		nbf=1e3
		iat=1e3
	END
}

@test 'G4: a time lies between 1970 and the year 9999' {
	local claim value
	for claim in exp nbf iat; do
		for value in 253402300800 9223372036854775807 \
		    9223372036854775808 18446744073709551616 \
		    18446744075509551916 100000000000000000000000000 \
		    253402300800.0 99999999999999999999.5 -1 -1800000300 \
		    -9223372036854775808 -9223372036854775809; do
			with claims_invalid <<<"$claim=$value"
		done
	done
	# The last second of that year is a time, though not for a login's.
	with lifetime_too_long <<<exp=253402300799
	with not_yet_valid <<<nbf=253402300799
	with issued_in_future <<<iat=253402300799
	with accepted <<<nbf=0
}

@test 'G5: the ends of time and the greatest leeway do not meet' {
	local end=253402300799
	settings 'leeway = 300s' 'max_lifetime = 36500d' 'max_age = 36500d'
	with accepted --now 0 <<-'END'
		iat=0 exp=1
		iat=300 exp=301 nbf=300
		iat=0 exp=0
	END
	with not_yet_valid --now 0 <<<'iat=0 nbf=301 exp=400'
	with issued_in_future --now 0 <<<'iat=301 exp=400'
	with accepted --now $end <<-END
		iat=$((end - 10)) exp=$end
		iat=$end exp=$((end - 299)) nbf=$end
	END
	with expired --now $end <<<"iat=$((end - 400)) exp=$((end - 300))"
	with claims_invalid --now $end <<<"exp=$((end + 1))"
}

@test 'G6: at exp a token has expired' {
	settings 'leeway = 0'
	with accepted <<<"exp=$((NOW + 1))"
	with expired <<<"exp=$NOW"
	settings 'leeway = 30s'
	with accepted <<<"exp=$((NOW - 29))"
	with expired <<<"exp=$((NOW - 30))"
}

@test 'G7: nbf to come, or none' {
	local value
	with accepted <<-END
		nbf=
		nbf=$((NOW + 30))
	END
	with not_yet_valid <<<"nbf=$((NOW + 31))"
	for value in null false '"0"' '""' [] {}; do
		with claims_invalid <<<"nbf=$value"
		lacks nbf
	done
}

@test 'G8: iat to come, with max_age or without' {
	local value
	with accepted <<<"iat=$((NOW + 30))"
	with issued_in_future <<<"iat=$((NOW + 31))"
	for value in null true '"0"' []; do
		with claims_invalid <<<"iat=$value"
		lacks iat
	done
	settings 'max_age = 1m'
	with issued_in_future <<<"iat=$((NOW + 31))"
	with accepted <<<"iat=$((NOW - 90))"
	with too_old <<<"iat=$((NOW - 91))"
	with too_old <<<iat=
}

@test 'G9: a token lives a day, or as long as the section says' {
	with accepted <<<"iat=$NOW exp=$((NOW + 86400))"
	with lifetime_too_long <<-END
		iat=$NOW exp=$((NOW + 86401))
		exp=$((NOW + 315360000))
		iat= exp=$((NOW + 86401))
		iat=$((NOW - 86400)) exp=$((NOW + 1))
		iat=0 exp=$((NOW + 1))
	END
	settings 'max_lifetime = 1h'
	with accepted <<<"iat=$NOW exp=$((NOW + 3600))"
	with lifetime_too_long <<<"iat=$NOW exp=$((NOW + 3601))"
}

@test 'G10: leeway has a unit or is seconds, and ends at five minutes' {
	local value
	sign "$(claims)"
	for value in 301 301s 6m 1h -1 -0 +1 1e9 1.5 '' 18446744073709551617 \
	    4294967296 5x 0x1 inf '1 2'; do
		settings "leeway = $value"
		says config_error || wrong "by leeway = $value"
	done
	for value in 0 30 300 300s 5m; do
		settings "leeway = $value"
		says accepted || wrong "by leeway = $value"
	done
}

@test 'G11: a clock that is wrong, and one behind 2038, let nothing old in' {
	local at
	with accepted <<<"exp=$((NOW + 300))"
	# A clock that nobody set: the token comes from the future.
	with issued_in_future --now 0 <<<"exp=$((NOW + 300))"
	with lifetime_too_long --now 0 <<<"iat= exp=$((NOW + 300))"
	for at in 2147483647 2147483648 4294967295 4294967296 8589934592; do
		with accepted --now $at <<<"iat=$at exp=$((at + 300))"
		with expired --now $at <<<"exp=$((at - 30)) iat=$((at - 60))"
		with not_yet_valid --now $at <<-END
			iat=$at exp=$((at + 300)) nbf=$((at + 31))
		END
	done
	# What 32 bits would make of these times is another one.
	with expired <<<'iat= exp=1'
	with lifetime_too_long <<<"exp=$((NOW + 4294967296))"
}

# --- issuer and audience ----------------------------------------------------

@test 'G12 G13: iss is one string, byte for byte' {
	with accepted <<-'END'
		iss="https://issuer.test"
		iss="https:\/\/issuer.test"
		iss="\u0068ttps://issuer.test"
	END
	with unknown_issuer <<-'END'
		iss="https://issuer.test/"
		iss="https://issuer.test.evil"
		iss="https://issuer.tes"
		iss="https://issuer"
		iss="ttps://issuer.test"
		iss="HTTPS://issuer.test"
		iss="https://ISSUER.test"
		iss="http://issuer.test"
		iss="https://issuer.test:443"
		iss="https://issuer.test#x"
		iss="https://issuer.test,x"
		iss="test"
		iss=""
	END
	with claims_invalid <<-'END'
		iss=
		iss=null
		iss=["https://issuer.test"]
		iss=["https://issuer.test","https://evil.test"]
		iss=["https://evil.test","https://issuer.test"]
		iss={"https://issuer.test":1}
		iss=true
	END
}

@test 'G14 G15 G16: one string of aud is one of ours, whole' {
	settings 'audience = ssh ssh://%h'
	with accepted <<-'END'
		aud="ssh"
		aud="ssh://web1"
		aud=["ssh"]
		aud=["web","ssh"]
		aud=["","ssh"]
	END
	with claims_invalid <<-'END'
		aud=
		aud=null
		aud=1
		aud={}
		aud={"ssh":true}
		aud=["ssh",1]
		aud=[1,"ssh"]
		aud=["ssh",null]
		aud=[["ssh"]]
		aud= azp="ssh"
		aud= Aud="ssh"
	END
	with audience_mismatch <<-'END'
		aud=[]
		aud=[""]
		aud=""
		aud="ssh,web"
		aud="web,ssh"
		aud="ss"
		aud="sshd"
		aud="SSH"
		aud="*"
		aud="ssh://*"
		aud="ssh://web1.example.com"
		aud="ssh://web2"
		aud="ssh://web1/"
		aud="ssh://%h"
		aud=["ssh,web"]
	END
	sign "$(claims aud='"ssh web"')"
	says audience_mismatch
	sign "$(claims aud='"ssh ssh://web1"')"
	says audience_mismatch
}

@test 'G17: an empty issuer or audience is no configuration' {
	local name value
	sign "$(claims iss='""' aud='""')"
	for name in issuer audience algorithms keys; do
		for value in '' '""'; do
			settings "$name = $value"
			says config_error || wrong "by $name = $value"
			[[ $OUT == *' has no value'* || $OUT == *'an empty value'* ]]
		done
	done
	settings
	sign "$(claims)"
	says accepted
}

# --- whose and what kind ----------------------------------------------------

@test 'G18: a subject that is missing, empty or no string' {
	with claims_invalid <<-'END'
		sub=
		sub=null
		sub=1
		sub=true
		sub=["deploy"]
		sub={"deploy":1}
		sub= Sub="deploy"
		sub= username="deploy"
	END
	with user_mismatch <<<'sub=""'
	sign "$(claims sub='""')"
	says user_not_allowed --user ''
	with accepted <<<'sub="deploy"'
	settings 'user = name'
	with claims_invalid <<<'name='
	with accepted <<<'name="deploy" sub='
}

# typed REASON: each line is a typ as JSON, or nothing for none
typed() {
	sed -e 's/^..*$/{"alg":"EdDSA","typ":&}/' \
	    -e 's/^$/{"alg":"EdDSA"}/' | headers "$1"
}

@test 'G19 G20: typ is what the section says, and a string' {
	typed accepted <<-'END'

		"JWT"
		"jwt"
		"at+jwt"
		"application/at+jwt"
		"application/JWT"
		"JOSE"
	END
	typed type_mismatch <<-'END'
		1
		null
		true
		["JWT"]
		{"typ":"JWT"}
		""
		"JWT "
		"application/"
		"application/application/jwt"
		"text/jwt"
		"at+jwtx"
		"JOSE+JSON"
		"logout+jwt"
		"secevent+jwt"
		"dpop+jwt"
		"entity-statement+jwt"
		"oauth-authz-req+jwt"
		"kb+jwt"
	END
	# An ID token is no access token where the section says so.
	settings 'typ = at+jwt'
	typed accepted <<-'END'
		"at+jwt"
		"AT+JWT"
		"application/at+JWT"
	END
	typed type_mismatch <<-'END'

		"JWT"
		"at"
		1
		null
	END
}

@test 'G21: a token for another service or by another client' {
	with audience_mismatch <<<'aud="web"'
	settings 'audience = %s://%h'
	with accepted <<<'aud="sshd://web1"'
	with accepted --service sudo <<<'aud="sudo://web1"'
	with audience_mismatch --service sudo <<<'aud="sshd://web1"'
	with audience_mismatch <<<'aud="sshd://web2"'
	settings 'audience = shared' 'require = azp is ssh-login'
	with accepted <<<'aud="shared" azp="ssh-login"'
	with requirement_unmet <<-'END'
		aud="shared"
		aud="shared" azp="web"
		aud="shared" azp=null
		aud="shared" azp=["ssh-login"]
	END
}

@test 'G22: refresh, logout and other tokens of the same issuer' {
	with type_mismatch <<-'END'
		typ="Refresh"
		typ="Offline"
		typ="Logout"
		typ="refresh"
		token_use="refresh"
		token_type="refresh_token"
		type="refresh"
		type="invite"
		typ="verify-email"
		typ="reset-credentials"
		typ="InitialAccessToken"
		typ="RegistrationAccessToken"
		events={"http://schemas.openid.net/event/backchannel-logout":{}}
		events=null
	END
	with accepted <<-'END'
		typ="Bearer"
		typ="ID"
		token_use="access"
		token_use="id"
		type="access"
	END
}

@test 'G23: a token that is bound to a key is no bearer token' {
	with proof_required <<-'END'
		cnf={"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}
		cnf={"x5t#S256":"AA"}
		cnf={"jwk":{}}
		cnf={}
		cnf=null
		cnf=""
		cnf=[]
	END
	with accepted <<<'Cnf={"jkt":"x"}'
}

@test 'G24: a strength of the login that is demanded and absent' {
	settings 'require = acr is gold' 'require = amr has mfa'
	with accepted <<-'END'
		acr="gold" amr=["pwd","mfa"]
		acr="gold" amr="mfa"
	END
	with requirement_unmet <<-'END'
		acr=
		acr="gold"
		amr=["mfa"]
		acr="gold" amr=[]
		acr="gold" amr=["mfas"]
		acr="gold" amr=["MFA"]
		acr="gold" amr=[["mfa"]]
		acr="gold" amr={"mfa":true}
		acr="gold2" amr=["mfa"]
		acr=["gold"] amr=["mfa"]
		acr=null amr=null
	END
	# Absence fulfils no demand for something else, either.
	settings 'require = amr not has pwd'
	with requirement_unmet <<<amr=
	with accepted <<<'amr=["hwk"]'
}

@test 'G25: a nonce is not looked at, for nobody here asked for one' {
	with accepted <<-'END'
		nonce="n-0S6_WzA2Mj"
		nonce=1
		nonce=null
	END
}

@test 'G26: what would remember used tokens is refused, not ignored' {
	sign "$(claims jti='"one"')"
	settings 'one_time = yes'
	says config_error
	settings 'replay = no'
	says config_error
	settings
	says accepted
	# Until there is such a memory, a token is good until it expires.
	says accepted
}

@test 'G27: jti may be missing and of any type, unless the section says' {
	local value
	for value in '' '"one"' 1 null '["one"]' '{}'; do
		with accepted <<<"jti=$value"
	done
	settings 'require = jti matches ?*'
	with requirement_unmet <<-'END'
		jti=
		jti=""
		jti=1
		jti=["one"]
	END
	with accepted <<<'jti="one"'
}

@test 'G28: a dot is a letter of a name, a path begins with a slash' {
	settings 'require = a.b is x'
	with accepted <<<'a.b="x"'
	with requirement_unmet <<<'a={"b":"x"}'
	settings 'require = /a/b is x'
	with accepted <<<'a={"b":"x"}'
	with requirement_unmet <<-'END'
		a.b="x"
		a/b="x"
		/a/b="x"
		a=["b","x"]
		a="b"
	END
	settings 'require = /a~1b/c~0d is x'
	with accepted <<<'a/b={"c~d":"x"}'
	settings 'user = /realm/name'
	with accepted <<<'realm={"name":"deploy"} sub="operator"'
	with claims_invalid <<<'realm.name="deploy"'
}

@test 'G29: a group is a whole element or a whole word' {
	settings 'require = groups has wheel'
	with accepted <<-'END'
		groups=["wheel"]
		groups=["staff","wheel"]
		groups="wheel"
	END
	sign "$(claims groups='"staff wheel admin"')"
	says accepted
	with requirement_unmet <<-'END'
		groups=["wheelbarrow"]
		groups=["bigwheel"]
		groups="wheelbarrow"
		groups="bigwheel"
		groups=["Wheel"]
		groups="staff,wheel"
		groups=[["wheel"]]
		groups={"wheel":true}
		groups=[""]
		groups=[]
		groups=
	END
	sign "$(claims groups='["staff wheel"]')"
	says requirement_unmet
	sign "$(claims groups='"staff\twheel"')"
	says requirement_unmet
}
