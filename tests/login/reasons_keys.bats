# Every reason that comes of the keys and the signature: the PAM code, the log
# line, what explain says, and never a word to the user.

bats_require_minimum_version 1.5.0

setup() {
	load world
	load verdicts
	simple_world
}

teardown() {
	world_end
}

# public [MODE]: writes the public key of the issuer "test".
public() {
	put /etc/security/pam_jwt.d/test.pub "$@"
}

# jwk [KEY]: the public JWK alone.
jwk() {
	tr -d '\n' <"$KEYS/${1:-test}.pub"
}

@test 'B13: keys_unavailable: a file that cannot be used, and how to mend it' {
	local how words file=$ETC/security/pam_jwt.d/test.pub
	key_new weak --alg ES256
	token "$T"
	while IFS='|' read -r how words; do
		rm -rf "$file"
		public 644 <"$KEYS/test.pub"
		eval "$how"
		world_own "$ETC"
		expect keys_unavailable "$T" deploy 'issuer=test' "$words" ||
		    wrong "by: $how"
	done <<-'END'
		rm "$file"|test\.pub: cannot be opened: No such file
		chmod 000 "$file"|cannot be opened: Permission denied
		chmod 666 "$file"|it has mode 0666
		rm "$file"; mkdir "$file"|test\.pub: 
		mv "$file" "$file.1"; ln -s test.pub.1 "$file"|symbolic link
		rm "$file"; mkfifo "$file"|test\.pub: 
		echo garbage >"$file"|is no key file
		: >"$file"|test\.pub: 
		echo '{}' >"$file"|neither kty nor keys
		echo '{"keys":[]}' >"$file"|keys holds 0 keys
		echo "{\"keys\":[$(jwk),$(jwk)]}" >"$file"|two keys have the kid
		cp "$KEYS/test" "$file"; chmod 644 "$file"|private
		sed 's/"x":"[^"]*"/"x":"AAAA"/' "$KEYS/test.pub" >"$file"|usable keys in [^"]*: 0
		sed 's/"use":"sig"/"use":"enc"/' "$KEYS/test.pub" >"$file"|usable keys in [^"]*: 0
	END
	rm -rf "$file"
	public 644 <"$KEYS/test.pub"
	expect accepted "$T" deploy
}

@test 'keys_unavailable: secrets that others can read' {
	local file=$ETC/security/pam_jwt.d/secret.jwk
	in_world jwtctl keygen --alg HS256 "$KEYS/secret"
	config_default
	sed -i -e "s#^keys .*#keys = $file#" -e 's/^algorithms .*/algorithms = HS256/' \
	    "$ETC/security/pam_jwt.conf"
	put /etc/security/pam_jwt.d/secret.jwk 644 <"$KEYS/secret"
	token "$T" --key secret
	expect keys_unavailable "$T" deploy 'mode 0644, wanted 0600'
	chmod 600 "$file"
	expect accepted "$T" deploy
}

@test 'unknown_key: none has the kid, or two would do' {
	key_new second
	token "$T" --key second
	expect unknown_key "$T" deploy 'one key in [^"]*test\.pub for EdDSA' \
	    'seen="looked for EdDSA and kid'
	echo "{\"keys\":[$(jwk),$(jwk second)]}" | public
	expect accepted "$T" deploy
	raw "$T" '{"alg":"EdDSA"}' "$(cat "$T.claims")"
	expect unknown_key "$T" deploy
}

@test 'B14: a key that was exchanged is believed at the next login no more' {
	token "$T"
	expect accepted "$T" deploy
	key_new second
	public <"$KEYS/second.pub"
	expect unknown_key "$T" deploy
	token "$T" --key second
	expect accepted "$T" deploy
}

@test 'key_refused: the key that fits is too weak to be believed' {
	local bad='{"kty":"OKP","crv":"Ed25519","kid":"bad","x":"'
	bad+=$(printf 'A%.0s' {1..43})'"}'
	echo "{\"keys\":[$bad,$(jwk)]}" | public
	token "$T"
	expect accepted "$T" deploy
	raw "$T" '{"alg":"EdDSA","kid":"bad"}' "$(cat "$T.claims")"
	expect key_refused "$T" deploy 'seen="the key that fits was refused: '
}

@test 'signature_invalid: another key, another payload, one other character' {
	token "$T"
	tamper "$T" 3
	expect signature_invalid "$T" deploy 'EdDSA signature does not hold'
	token "$T" sub=operator
	token "$WORLD/other"
	raw "$T" '{}' "$(cat "$WORLD/other.claims")" "$(cut -d. -f3 "$T")"
	printf '%s.%s\n' "$(cut -d. -f1 "$WORLD/other")" \
	    "$(cut -d. -f2,3 "$T")" >"$WORLD/mixed"
	expect signature_invalid "$WORLD/mixed" deploy
	key_new thief --kid "$(grep -o '"kid":"[^"]*' "$KEYS/test" |
	    cut -d'"' -f4)"
	token "$T" --key thief exp=-100
	# Nothing of what is unsigned is believed, nor told.
	expect signature_invalid "$T" deploy
	[[ $LINE != *sub=* && $LINE != *jti=* ]]
}
