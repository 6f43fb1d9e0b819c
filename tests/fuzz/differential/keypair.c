#include "keypair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "../authenticate/base64.h"
#include "jwt/libctx.h"
#include "other.h"

static const struct algorithm algorithms[] = {
    {"HS256", "oct", NULL, NULL, "SHA256", 32, false, true},
    {"HS384", "oct", NULL, NULL, "SHA384", 48, false, true},
    {"HS512", "oct", NULL, NULL, "SHA512", 64, false, true},
    {"RS256", "RSA", NULL, NULL, "SHA256", 0, false, true},
    {"RS384", "RSA", NULL, NULL, "SHA384", 0, false, true},
    {"RS512", "RSA", NULL, NULL, "SHA512", 0, false, true},
    {"PS256", "RSA", NULL, NULL, "SHA256", 0, true, true},
    {"PS384", "RSA", NULL, NULL, "SHA384", 0, true, true},
    {"PS512", "RSA", NULL, NULL, "SHA512", 0, true, true},
    {"ES256", "EC", "P-256", "P-256", "SHA256", 64, false, true},
    {"ES384", "EC", "P-384", "P-384", "SHA384", 96, false, true},
    {"ES512", "EC", "P-521", "P-521", "SHA512", 132, false, true},
    {"ES256K", "EC", "secp256k1", "secp256k1", "SHA256", 64, false, false},
    {"EdDSA", "OKP", "Ed25519", "ED25519", NULL, 64, false, true},
    {"EdDSA", "OKP", "Ed448", "ED448", NULL, 114, false, false},
    {"Ed25519", "OKP", "Ed25519", "ED25519", NULL, 64, false, false},
    {"Ed448", "OKP", "Ed448", "ED448", NULL, 114, false, false},
};

#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

static struct keypair keys[ALGORITHMS][KEYPAIRS];
OSSL_LIB_CTX *keypair_libctx;

size_t
keypair_algorithms(void)
{
	return ALGORITHMS;
}

const struct keypair *
keypair(size_t algorithm, size_t i)
{
	return &keys[algorithm % ALGORITHMS][i % KEYPAIRS];
}

const struct algorithm *
algorithm_find(const char *name)
{
	size_t i;

	for (i = 0; i < ALGORITHMS; i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

/* A JWK that grows. */
static void
add(char **jwk, const char *name, const char *value)
{
	char *longer;

	must(asprintf(&longer, "%s%s\"%s\":\"%s\"", *jwk == NULL ? "{" : *jwk,
		 *jwk == NULL ? "" : ",", name, value) > 0);
	free(*jwk);
	*jwk = longer;
}

static void
add_bytes(char **jwk, const char *name, const void *bytes, size_t len)
{
	char *text = base64_encode(bytes, len);

	add(jwk, name, text);
	free(text);
}

/* A number of the key; `size` 0: as short as it is. */
static void
add_number(char **jwk, const char *name, const EVP_PKEY *pkey,
    const char *param, size_t size)
{
	unsigned char bytes[512];
	BIGNUM *number = NULL;

	must(EVP_PKEY_get_bn_param(pkey, param, &number) == 1);
	if (size == 0)
		size = (size_t)BN_num_bytes(number);
	must(BN_bn2binpad(number, bytes, (int)size) == (int)size);
	add_bytes(jwk, name, bytes, size);
	BN_clear_free(number);
}

static void
add_parts(char **jwk, const struct keypair *key, bool is_private)
{
	static const struct {
		const char *name, *param;
	} rsa[] = {{"n", OSSL_PKEY_PARAM_RSA_N}, {"e", OSSL_PKEY_PARAM_RSA_E},
	    {"d", OSSL_PKEY_PARAM_RSA_D}, {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
	    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
	    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
	    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
	    {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
	size_t i, len, half = key->algorithm->size / 2;
	unsigned char raw[64];

	if (key->pkey == NULL) {
		add_bytes(jwk, "k", key->secret, sizeof(key->secret));
	} else if (strcmp(key->algorithm->type, "RSA") == 0) {
		for (i = 0; i < (is_private ? 8 : 2); i++)
			add_number(
			    jwk, rsa[i].name, key->pkey, rsa[i].param, 0);
	} else if (strcmp(key->algorithm->type, "EC") == 0) {
		add_number(jwk, "x", key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, half);
		add_number(jwk, "y", key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, half);
		if (is_private)
			add_number(jwk, "d", key->pkey,
			    OSSL_PKEY_PARAM_PRIV_KEY, half);
	} else {
		len = sizeof(raw);
		must(EVP_PKEY_get_raw_public_key(key->pkey, raw, &len) == 1);
		add_bytes(jwk, "x", raw, len);
		len = sizeof(raw);
		must(EVP_PKEY_get_raw_private_key(key->pkey, raw, &len) == 1);
		if (is_private)
			add_bytes(jwk, "d", raw, len);
	}
}

static char *
write_jwk(const struct keypair *key, bool is_private)
{
	const struct algorithm *row = key->algorithm;
	char *jwk = NULL, *whole;

	add(&jwk, "kty", row->type);
	if (row->curve != NULL)
		add(&jwk, "crv", row->curve);
	add(&jwk, "alg", row->name);
	add(&jwk, "kid", "k");
	add_parts(&jwk, key, is_private);
	must(asprintf(&whole, "%s}", jwk) > 0);
	free(jwk);
	return whole;
}

/* RSA keys are slow to make, so that one serves all that it can. */
static EVP_PKEY *
make_pkey(const struct algorithm *row, size_t i)
{
	static EVP_PKEY *rsa[KEYPAIRS];
	EVP_PKEY *pkey;

	if (strcmp(row->type, "RSA") == 0) {
		if (rsa[i] == NULL)
			rsa[i] = EVP_RSA_gen(2048);
		must(rsa[i] != NULL && EVP_PKEY_up_ref(rsa[i]) == 1);
		return rsa[i];
	}
	if (strcmp(row->type, "EC") == 0)
		pkey = EVP_EC_gen(row->group);
	else
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, row->group);
	must(pkey != NULL);
	return pkey;
}

static void
build_key(struct keypair *key, const struct algorithm *row, size_t i)
{
	char *private;

	key->algorithm = row;
	if (strcmp(row->type, "oct") == 0)
		must(RAND_bytes(key->secret, sizeof(key->secret)) == 1);
	else
		key->pkey = make_pkey(row, i);
	key->signature_size =
	    row->size != 0 ? row->size : (size_t)EVP_PKEY_get_size(key->pkey);
	private = write_jwk(key, true);
	key->public_text = write_jwk(key, false);
	must(jwt_key_parse_private(keypair_libctx, "keypair",
		 jwt_slice_of(private), 0600, &key->private, NULL) == JWT_OK);
	must(jwt_keyset_parse(keypair_libctx, "keypair",
		 jwt_slice_of(key->public_text), 0600, &key->public,
		 NULL) == JWT_OK &&
	     key->public->usable == 1);
	if (row->other_has_it) {
		key->other_private = other_key(private);
		key->other_public = other_key(key->public_text);
	}
	free(private);
}

void
keypair_build(void)
{
	size_t i, j;

	must((keypair_libctx = jwt_libctx_new()) != NULL);
	other_build();
	for (i = 0; i < ALGORITHMS; i++)
		for (j = 0; j < KEYPAIRS; j++)
			build_key(&keys[i][j], &algorithms[i], j);
}
