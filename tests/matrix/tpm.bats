#!/usr/bin/env bats
# jwt-issuerd with a key that does not leave its module: a TPM 2.0 in software
# (swtpm) through tpm2-openssl, and a PKCS#11 token (SoftHSM) where there is
# pkcs11-provider.

# What one test sets is its own.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load matrix
load servers
load ../login/issuerd

setup() {
	matrix_begin test
	issuer_stack
	config_issuer
	issuer_folder
	# The device or its like is mostly a group's.
	sed -i '/^tss:/d' "$WORLD/etc/group"
	echo 'tss:x:170:jwt-issuer' >>"$WORLD/etc/group"
}

teardown() {
	world_end
}

# key URI [LINE]: the issuer signs with that and publishes it.
key() {
	policy 'proof = peer' 'any_length = yes'
	sed -i "s|^keys = .*|key = $1\n${2:-}|" \
	    "$WORLD/etc/security/jwt-issuer.conf"
}

publish() {
	in_world env "${ISSUERD_ENV[@]}" jwtctl jwks >"$WORLD/jwks" &&
	    put /etc/security/pam_jwt.d/issuer.jwks <"$WORLD/jwks"
}

# signs ALGORITHM: a token comes, it opens a login, and its key is the one
# that is published.
signs() {
	ask deploy "ISSUE aud=test://$HOST long"
	issued
	[[ $(part 1) == *'"alg":"'"$1"'"'* ]]
	[ "$(part 1 | jq -r .kid)" = "$(jq -r '.keys[0].kid' "$WORLD/jwks")" ]
	log_mark
	run pam_with "$token" test deploy authenticate
	[ "$status" -eq 0 ]
	wait_log ' accepted reason=accepted ' >/dev/null
}

# --- a TPM ------------------------------------------------------------------

tpm() {
	local folder
	server_has /usr/bin/swtpm /usr/bin/tpm2_createprimary ||
	    skip 'no swtpm or tpm2-tools here'
	folder=$(server_libraries)
	first "${SERVERS:+$WORLD_UNPACKED}"/usr/lib/*/ossl-modules/tpm2.so \
	    >/dev/null || skip 'no tpm2-openssl here'
	TPM=("LD_LIBRARY_PATH=${folder:+$folder:$folder/swtpm}")
	[ -z "$folder" ] || TPM+=("OPENSSL_MODULES=$folder/ossl-modules")
	in_world install -d -m 700 /srv/tpm
	server_port
	tpm_start
	TPM+=("TPM2OPENSSL_TCTI=swtpm:host=127.0.0.1,port=$PORT"
	    "TPM2TOOLS_TCTI=swtpm:host=127.0.0.1,port=$PORT" TSS2_LOG=all+none)
	ISSUERD_ENV=("${TPM[@]}")
}

tpm_start() {
	server_start "$WORLD/tpm.log" env "${TPM[@]}" \
	    "$SERVERS/usr/bin/swtpm" socket --tpm2 --tpmstate dir=/srv/tpm \
	    --server "type=tcp,port=$PORT,bindaddr=127.0.0.1" \
	    --ctrl "type=tcp,port=$((PORT + 1)),bindaddr=127.0.0.1" \
	    --pid file=/srv/tpm/pid --flags not-need-init,startup-clear \
	    -- server_listens
}

# What `openssl genpkey` makes is wrapped: only this TPM can use it.
tpm_file() {
	in_world env "${TPM[@]}" openssl genpkey -provider tpm2 \
	    -provider default "$@" -out /srv/jwt-issuer/signing.pem 2>/dev/null
	in_world sh -c 'cd /srv/jwt-issuer && chmod 400 signing.pem &&
	    chown jwt-issuer: signing.pem &&
	    head -n 1 signing.pem' | grep -q 'TSS2 PRIVATE KEY'
	key file:/srv/jwt-issuer/signing.pem 'provider = tpm2'
	publish
}

@test "a TPM's key in a wrapped file signs, and by its handle too" {
	tpm
	tpm_file -algorithm EC -pkeyopt group:P-256
	start_issuerd
	signs ES256
	tpm_file -algorithm RSA -pkeyopt bits:2048
	reload
	signs RS256
	in_world sh -c "cd /srv/tpm && exec sh -s" <<-END
		export $(printf '%q ' "${TPM[@]}")
		PATH=$SERVERS/usr/bin:\$PATH
		tpm2_createprimary -Q -C o -c above && tpm2_flushcontext -t &&
		tpm2_create -Q -C above -G ecc256:ecdsa-sha256 -u pub -r priv \
		    -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' &&
		tpm2_flushcontext -t &&
		tpm2_load -Q -C above -u pub -r priv -c key &&
		tpm2_evictcontrol -Q -C o -c key 0x81000001 &&
		tpm2_flushcontext -t
	END
	key handle:0x81000001 'provider = tpm2'
	publish
	reload
	signs ES256
}

@test "a TPM that is gone, a key that is not there: said, and it goes on" {
	tpm
	tpm_file -algorithm EC -pkeyopt group:P-256
	start_issuerd
	signs ES256
	key handle:0x81000077 'provider = tpm2'
	reload
	ask deploy "ISSUE aud=test://$HOST long"
	denied keys_unavailable
	[[ $output == *handle:0x81000077*tpm2* ]]
	key file:/srv/jwt-issuer/signing.pem 'provider = tpm2'
	reload
	in_world sh -c 'kill "$(cat /srv/tpm/pid)"'
	until_true 10 tpm_gone
	ask deploy "ISSUE aud=test://$HOST long"
	denied keys_unavailable
	[[ $output == *provider%20tpm2* ]]
	tpm_start
	signs ES256
}

tpm_gone() {
	! server_listens
}

@test "a key that lies open in a file is refused, whatever its provider" {
	tpm
	in_world openssl genrsa -out /srv/jwt-issuer/signing.pem 2048 2>/dev/null
	in_world chown jwt-issuer: /srv/jwt-issuer/signing.pem
	key file:/srv/jwt-issuer/signing.pem 'provider = tpm2'
	run publish
	[ "$status" -eq 2 ]
	[[ $output == *'lies open in a file'* ]]
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST long"
	denied keys_unavailable
	[[ $output == *lies%20open%20in%20a%20file* ]]
}

@test "two keys in one file are refused: which one signs?" {
	tpm
	tpm_file -algorithm EC -pkeyopt group:P-256
	in_world sh -c 'cd /srv/jwt-issuer && cp signing.pem one &&
	    chmod 600 signing.pem && cat one one >signing.pem &&
	    chmod 400 signing.pem && chown jwt-issuer: signing.pem'
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST long"
	denied keys_unavailable
	[[ $output == *more%20than%20one%20private%20key* ]]
}

@test "a key below what verifiers take is refused" {
	tpm
	tpm_file -algorithm RSA -pkeyopt bits:1024 && return 1
	start_issuerd
	ask deploy "ISSUE aud=test://$HOST long"
	denied keys_unavailable
	[[ $output == *1024* ]]
}

# A TPM has room for three keys at once.
@test "one token after another leaves nothing in the TPM" {
	tpm
	tpm_file -algorithm EC -pkeyopt group:P-256
	start_issuerd
	for _ in 1 2 3 4 5 6 7 8; do
		signs ES256
	done
}

# --- PKCS#11 ----------------------------------------------------------------

@test "a PKCS#11 token's key signs, by its PIN from a file" {
	local module name
	module=$(first "${PKCS11_PROVIDER:-/nonexistent}" \
	    /usr/lib/*/ossl-modules/pkcs11.so) ||
	    skip 'no pkcs11-provider here'
	[ -e /usr/lib/softhsm/libsofthsm2.so ] &&
	    command -v softhsm2-util pkcs11-tool >/dev/null ||
	    skip 'no SoftHSM or pkcs11-tool here'
	in_world sh -eu <<-'END'
		cd /srv/jwt-issuer
		mkdir tokens
		printf '%s\n' 'directories.tokendir = /srv/jwt-issuer/tokens' \
		    'objectstore.backend = file' >softhsm.conf
		printf 1234 >pin
		export SOFTHSM2_CONF=$PWD/softhsm.conf
		softhsm2-util --init-token --free --label issuer --pin 1234 \
		    --so-pin 12345678 >/dev/null
		id=1
		for key in EC:prime256v1 RSA:2048 EC:edwards25519; do
			pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so \
			    --login --pin 1234 --token-label issuer \
			    --keypairgen --key-type $key --label $key \
			    --id 0$id >/dev/null 2>&1
			id=$((id + 1))
		done
		chown -R jwt-issuer: .
		chmod 400 pin
	END
	ISSUERD_ENV=("OPENSSL_MODULES=${module%/*}"
	    SOFTHSM2_CONF=/srv/jwt-issuer/softhsm.conf
	    PKCS11_PROVIDER_MODULE=/usr/lib/softhsm/libsofthsm2.so)
	for name in EC:prime256v1=ES256 RSA:2048=RS256 EC:edwards25519=EdDSA; do
		key "pkcs11:token=issuer;object=${name%=*};type=private?pin-source=file:/srv/jwt-issuer/pin" \
		    'provider = pkcs11'
		publish
		[ "$name" != EC:prime256v1=ES256 ] || start_issuerd
		reload
		signs "${name#*=}"
	done
	# Nobody is asked for the PIN, and none is tried.
	key 'pkcs11:token=issuer;object=RSA:2048;type=private' \
	    'provider = pkcs11'
	reload
	ask deploy "ISSUE aud=test://$HOST long"
	denied keys_unavailable
}
