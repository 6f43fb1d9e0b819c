# Every reason that is decided before the keys are read: the PAM code, the log
# line, what explain says, and never a word to the user. In the order of the
# list of reasons; what is refused stands beside what is not.

bats_require_minimum_version 1.5.0

setup() {
	load world
	load verdicts
	simple_world
}

teardown() {
	world_end
}

# --- 1 ----------------------------------------------------------------------

@test 'config_error: the file is missing, and the log names it' {
	token "$T"
	expect accepted "$T" deploy
	rm "$ETC/security/pam_jwt.conf"
	expect config_error "$T" deploy \
	    'fault="[^"]*security/pam_jwt\.conf: cannot be opened: No such file'
}

@test 'config_error: a fault in the file, with its line and word' {
	local line word number
	token "$T"
	config_default
	number=$(($(wc -l <"$ETC/security/pam_jwt.conf") + 1))
	while IFS='|' read -r line word; do
		config_more "$line"
		expect config_error "$T" deploy \
		    "pam_jwt\.conf:$number: [^\"]*$word" ||
		    wrong "by the line: $line"
	done <<-'END'
		audiance = ssh|'audiance' is no key
		issuer = https://issuer.test|issuer.* a second time
		leeway = 301s|301s
		leeway = 5x|5x
		typ =|typ.* has no value
		typ = "JWT|quote is not closed
		export = maybe|maybe
		max_age = 1 m|m. is one word too many
		services = sshd, sudo|separated by spaces
		services = SSHD|SSHD
		system_accounts = -x|-x
		require = groups hat x|hat
		require|neither a \[section\] nor a setting
		[issuer test]|another section has this label
		[service SSHD]|SSHD
		[services sshd]|services
		[service sshd|not closed
	END
	config_more 'leeway = 300s'
	expect accepted "$T" deploy
}

@test 'config_error: a fault in any section stops every issuer' {
	token "$T"
	config_more '[issuer other]' 'issuer = https://other.test'
	expect config_error "$T" deploy "issuer 'other' has no keys"
	config_more '[service su]' 'max_auth_age = 5m'
	expect accepted "$T" deploy
}

@test 'config_error: a file that others could have written, and no other' {
	local file=$ETC/security/pam_jwt.conf mode
	token "$T"
	for mode in 666 620 602; do
		chmod "$mode" "$file"
		expect config_error "$T" deploy \
		    "pam_jwt\.conf: it has mode 0$mode, wanted no write"
	done
	chmod 000 "$file"
	expect config_error "$T" deploy \
	    'cannot be opened: Permission denied \(errno 13, as uid [0-9]+\)'
	chmod 400 "$file"
	expect accepted "$T" deploy
	chmod 777 "$ETC/security"
	expect config_error "$T" deploy "the folder 'security' above it"
	chmod 755 "$ETC/security"
	mv "$file" "$file.real"
	ln -s pam_jwt.conf.real "$file"
	expect config_error "$T" deploy 'is a symbolic link'
}

@test 'config_error: a file that another account owns' {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	token "$T"
	chown 2002 "$ETC/security/pam_jwt.conf"
	expect config_error "$T" deploy 'is owned by uid 2002, wanted root'
	chown root "$ETC/security/pam_jwt.conf"
	expect accepted "$T" deploy
}

@test "config_error: the map of the token's issuer, and of no other" {
	local map=$ETC/security/pam_jwt.d/test.map
	key_new other
	sed -i "s#^user .*#user_map = $map#" "$ETC/security/pam_jwt.conf"
	config_add <<-END
		[issuer other]
		issuer     = https://other.test
		keys       = $ETC/security/pam_jwt.d/other.pub
		audience   = ssh://%h
		algorithms = EdDSA
	END
	sed -n '/system_accounts/p' "$ETC/security/pam_jwt.conf" | config_add
	token "$T"
	token "$WORLD/other" --key other iss=https://other.test
	expect config_error "$T" deploy 'test\.map: cannot be opened'
	expect accepted "$WORLD/other" deploy
	printf '%s\n' '# a grant' 'deploy sub hat deploy' |
	    put /etc/security/pam_jwt.d/test.map
	expect config_error "$T" deploy 'test\.map:2: [^"]*hat'
	echo 'deploy  sub not is operator' | put /etc/security/pam_jwt.d/test.map
	expect config_error "$T" deploy 'test\.map:1: '
	expect accepted "$WORLD/other" deploy
	echo 'deploy  sub is deploy' | put /etc/security/pam_jwt.d/test.map
	expect accepted "$T" deploy
}

# --- 2 to 6: shape ----------------------------------------------------------

@test "stand_in_password: sshd's junk, cut to any length" {
	local junk length
	printf '\b\n' >"$T"
	expect stand_in_password "$T" deploy 'sshd sent its stand-in'
	junk=$(printf '\b\n\r\177INCORRECT%.0s' {1..80})
	SERVICE=given GIVEN=yes
	for length in 1 2 3 4 12 13 14 26 1022; do
		printf %s "${junk:0:$length}" >"$T"
		expect stand_in_password "$T" deploy
	done
	printf %s "${junk:0:13}x" >"$T"
	expect not_a_jwt "$T" deploy
	printf %s "${junk:1:13}" >"$T"
	expect not_a_jwt "$T" deploy
}

@test 'too_long: more than 64 KiB, and not one byte less' {
	local head
	SERVICE=given GIVEN=yes
	token "$WORLD/whole"
	head=$(cut -d. -f1 "$WORLD/whole").
	printf '%s%s' "$head" "$(head -c $((65536 - ${#head})) /dev/zero |
	    tr '\0' A)" >"$T"
	expect cut_off "$T" deploy
	printf A >>"$T"
	expect too_long "$T" deploy '65537 bytes, at most 65536'
}

@test 'not_a_jwt: a password, nothing, or what only looks like one' {
	local whole answer
	token "$WORLD/whole"
	whole=$(cat "$WORLD/whole")
	for answer in '' "$PASSWORD" . .. a.b.c e '{"alg":"EdDSA"}' \
	    "Bearer $whole" "\"$whole\"" " $whole" "x$whole" ".$whole" \
	    "$(base64url <<<'["alg","EdDSA"]').$(cut -d. -f2- <<<"$whole")"; do
		printf '%s\n' "$answer" >"$T"
		expect not_a_jwt "$T" deploy \
		    'seen="(nothing|no base64url JSON object at the beginning)"' ||
		    wrong "by: $answer"
	done
}

@test 'cut_off: the beginning of a good token, wherever it ends' {
	local whole head payload size
	token "$T"
	expect accepted "$T" deploy
	whole=$(cat "$T")
	head=${whole%%.*} payload=${whole%.*}
	for size in 2 $((${#head} - 1)) ${#head} $((${#head} + 1)) \
	    $((${#head} + 30)) ${#payload} $((${#payload} + 1)) \
	    $((${#payload} + 2 + RANDOM % 80)) $((${#whole} - 4)) \
	    $((${#whole} - 3)) $((${#whole} - 2)) $((${#whole} - 1)); do
		printf '%s\n' "${whole:0:size}" >"$T"
		expect cut_off "$T" deploy 'seen="[^"]*[0-9]+' ||
		    wrong "$size of ${#whole}"
	done
}

@test 'malformed: everything else that three parts must not be' {
	local whole head payload signature answer
	token "$T"
	whole=$(cat "$T")
	IFS=. read -r head payload signature <<<"$whole"
	for answer in "$whole." "$whole.x" "$head..$signature" "$whole=" \
	    "$head.$payload.$signature==" "$whole " "$head. $payload.$signature" \
	    "$head.${payload/e/+}.$signature" "$head.${payload/e/\/}.$signature" \
	    "$head.$payload.${signature:0:85}B" "$head.$payload.${signature}AAA" \
	    "$head.$payload.'$signature'"; do
		printf '%s\n' "$answer" >"$T"
		expect malformed "$T" deploy || wrong "by: $answer"
	done
	raw "$T" '{"alg":"none"}' '{"iss":"https://issuer.test"}' ''
	expect malformed "$T" deploy 'the signature is empty'
}

# --- 7 to 11: header and issuer ---------------------------------------------

@test 'header_invalid: no member that chooses the key or what is checked' {
	local header payload='{"iss":"https://issuer.test"}'
	while read -r header; do
		raw "$T" "$header" "$payload"
		expect header_invalid "$T" deploy 'fault="' ||
		    wrong "by: $header"
	done <<-'END'
		{"typ":"JWT"}
		{"alg":null}
		{"alg":["EdDSA"]}
		{"alg":"EdDSA","alg":"EdDSA"}
		{"alg":"EdDSA","kid":1}
		{"alg":"EdDSA","kid":null}
		{"alg":"EdDSA",}
		{"alg":"EdDSA"}x
		{"alg":"EdDSA","crit":["exp"]}
		{"alg":"EdDSA","crit":[]}
		{"alg":"EdDSA","b64":true}
		{"alg":"EdDSA","zip":"DEF"}
		{"alg":"EdDSA","jwk":{}}
		{"alg":"EdDSA","jku":"https://evil.test/keys"}
		{"alg":"EdDSA","x5u":"https://evil.test/cert"}
		{"alg":"EdDSA","x5c":[]}
		{"alg":"EdDSA","cty":"JWT"}
		{"alg":"EdDSA","cty":"application/jwt"}
	END
	for header in '{"alg":"EdDSA"}' '{"alg":"EdDSA","x5t":"AAAA"}' \
	    '{"alg":"EdDSA","cty":"text"}'; do
		raw "$T" "$header" "$payload"
		expect signature_invalid "$T" deploy
	done
}

@test 'claims_invalid: a payload that names no issuer in strict JSON' {
	local payload
	while read -r payload; do
		raw "$T" '{"alg":"EdDSA"}' "$(printf %b "$payload")"
		expect claims_invalid "$T" deploy || wrong "by: $payload"
	done <<-'END'
		[]
		"https://issuer.test"
		{}
		{"sub":"deploy"}
		{"iss":null}
		{"iss":1}
		{"iss":["https://issuer.test"]}
		{"iss":"https://issuer.test","iss":"https://issuer.test"}
		{"iss":"https://issuer.test",}
		{"iss":"https://issuer.test"} x
		{'iss':'https://issuer.test'}
		{"iss":"https://issuer.test","a":NaN}
		{"iss":"https://issuer.test","a":"\0377"}
		{"iss":"https://issuer.test","a\\u0000b":1}
	END
	raw "$T" '{"alg":"EdDSA"}' '{"iss":"https://issuer.test","a":"é"}'
	expect signature_invalid "$T" deploy
}

@test 'unknown_issuer: iss is compared byte for byte' {
	local iss
	for iss in https://issuer.test/ https://ISSUER.test http://issuer.test \
	    https://issuer.test.evil.test https://issuer.tes ' '; do
		token "$T" iss="$iss"
		expect unknown_issuer "$T" deploy \
		    'an issuer of [^"]*pam_jwt\.conf, byte for byte' "seen=\"$iss\""
	done
	token "$T" iss=https://issuer.test/
	expect unknown_issuer "$T" deploy ' hint="iss differs from the issuer of '\
'\[issuer test\] only by a final slash: https://issuer\.test \(configured\)" user='
	token "$T"
	expect accepted "$T" deploy issuer=test
	[[ $LINE != *hint=* ]]
	config_default
	sed -i "s#^issuer .*#issuer = https://a.test $ISSUER#" \
	    "$ETC/security/pam_jwt.conf"
	expect accepted "$T" deploy
}

@test 'issuer_absent takes a token without iss, and no other' {
	config_default
	sed -i 's/^issuer .*/issuer_absent = yes/' "$ETC/security/pam_jwt.conf"
	token "$T" iss=
	expect accepted "$T" deploy
	token "$T"
	expect unknown_issuer "$T" deploy
	token "$T" iss=null
	expect claims_invalid "$T" deploy
}

@test 'service_not_allowed: the services that are named, by default all' {
	token "$T"
	stack login <<<'auth required pam_jwt.so'
	config_more 'services = login'
	expect service_not_allowed "$T" deploy \
	    'a service that issuer test serves' 'seen="sshd"'
	SERVICE=login
	expect accepted "$T" deploy
	config_more
	expect accepted "$T" deploy
}

@test 'service_not_allowed: jwt-issuer, unless it is named' {
	SERVICE=jwt-issuer
	token "$T"
	stack jwt-issuer <<<'auth required pam_jwt.so'
	expect service_not_allowed "$T" deploy
	config_more 'services = jwt-issuer'
	expect accepted "$T" deploy
}

@test 'algorithm_not_allowed: only what the section lists' {
	key_new p256 --alg ES256
	in_world jwtctl keygen --alg HS256 "$KEYS/secret"
	token "$WORLD/p256" --key p256
	token "$WORLD/secret" --key secret
	expect algorithm_not_allowed "$WORLD/p256" deploy 'expected="EdDSA"' \
	    'seen="ES256"'
	expect algorithm_not_allowed "$WORLD/secret" deploy 'seen="HS256"'
	raw "$T" '{"alg":"none"}' "$(cat "$WORLD/p256.claims")"
	expect algorithm_not_allowed "$T" deploy 'seen="none"'
	raw "$T" '{"alg":"eddsa"}' "$(cat "$WORLD/p256.claims")"
	expect algorithm_not_allowed "$T" deploy
	config_default
	sed -i 's/^algorithms .*/algorithms = EdDSA ES256/' \
	    "$ETC/security/pam_jwt.conf"
	put /etc/security/pam_jwt.d/test.pub <"$KEYS/p256.pub"
	expect accepted "$WORLD/p256" deploy
}
