/*
 * Which key serves which algorithm, pair by pair, and a signature that only a
 * lax reader of its padding takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/evp.h>

#include <cmocka.h>

#include "jwt/signature.h"
#include "key_checks.h"

static const struct {
	const char *alg, *family, *curve;
} table[] = {
    {"HS256", "oct", ""},
    {"HS384", "oct", ""},
    {"HS512", "oct", ""},
    {"RS256", "RSA", ""},
    {"RS384", "RSA", ""},
    {"RS512", "RSA", ""},
    {"PS256", "RSA", ""},
    {"PS384", "RSA", ""},
    {"PS512", "RSA", ""},
    {"ES256", "EC", "P-256"},
    {"ES384", "EC", "P-384"},
    {"ES512", "EC", "P-521"},
    {"ES256K", "EC", "secp256k1"},
    {"Ed25519", "OKP", "Ed25519"},
    {"Ed448", "OKP", "Ed448"},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* A new key's public half; without `alg` where it is to have none. */
static struct jwt_keyset *
new_key(OSSL_LIB_CTX *libctx, const char *alg, bool pinned)
{
	char *private = NULL, *public = NULL;
	struct json_object *jwk;
	struct jwt_keyset *set;

	assert_int_equal(
	    jwt_key_generate(libctx, jwt_algorithm_find(jwt_slice_of(alg)), "k",
		&private, &public),
	    JWT_OK);
	jwk = json_tokener_parse(public);
	if (!pinned)
		json_object_object_del(jwk, "alg");
	set = taken_keys(libctx, json_object_to_json_string(jwk));
	json_object_put(jwk);
	free(private);
	free(public);
	return set;
}

/* 1 when the set's key would serve a token of this algorithm. */
static bool
serves(const struct jwt_keyset *set, const char *alg)
{
	struct jwt_slice kid = jwt_slice_of("k");
	const struct jwt_key *key;
	enum jwt_reason reason;

	reason = jwt_keyset_choose(
	    set, jwt_algorithm_find(jwt_slice_of(alg)), &kid, &key, NULL);
	assert_true(reason == JWT_OK || reason == JWT_UNKNOWN_KEY);
	return reason == JWT_OK;
}

static void
a9_a10_an_alg_of_a_key_is_the_only_one(void **state)
{
	struct jwt_keyset *set;
	size_t i, k;

	for (i = 0; i < ROWS; i++) {
		set = new_key(*state, table[i].alg, true);
		for (k = 0; k < ROWS; k++)
			assert_int_equal(serves(set, table[k].alg), i == k);
		jwt_keyset_free(set);
	}
}

static void
a5_a8_a14_a15_a16_a_key_without_alg_serves_its_type_and_curve(void **state)
{
	struct jwt_keyset *set;
	bool wanted;
	size_t i, k;

	for (i = 0; i < ROWS; i++) {
		/* A shorter secret does not serve a longer hash. */
		if (strcmp(table[i].family, "oct") == 0 &&
		    strcmp(table[i].alg, "HS512") != 0)
			continue;
		set = new_key(*state, table[i].alg, false);
		for (k = 0; k < ROWS; k++) {
			wanted =
			    strcmp(table[i].family, table[k].family) == 0 &&
			    strcmp(table[i].curve, table[k].curve) == 0;
			assert_int_equal(serves(set, table[k].alg), wanted);
		}
		assert_int_equal(
		    serves(set, "EdDSA"), strcmp(table[i].family, "OKP") == 0);
		jwt_keyset_free(set);
	}
}

/* 00 01, FF eight times, 00 and SHA-256's DigestInfo without its digest */
static const unsigned char prefix[30] = {0x00, 0x01, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

#define HEAD (sizeof(prefix) + 32)

/* The least number whose cube is at least this one, by halving. */
static void
cube_root(BIGNUM *root, BIGNUM *cube, const BIGNUM *wanted, BN_CTX *ctx)
{
	int bit;

	BN_zero(root);
	for (bit = 700; bit >= 0; bit--) {
		assert_true(BN_set_bit(root, bit));
		assert_true(BN_sqr(cube, root, ctx));
		assert_true(BN_mul(cube, cube, root, ctx));
		if (BN_cmp(cube, wanted) >= 0)
			assert_true(BN_clear_bit(root, bit));
	}
	assert_true(BN_add_word(root, 1));
	assert_true(BN_sqr(cube, root, ctx));
	assert_true(BN_mul(cube, cube, root, ctx));
}

/*
 * With exponent 3, whoever may put anything behind the digest finds a cube
 * that begins as the padding does, and has signed what he likes.
 */
static void
c4_garbage_behind_the_digest_is_no_padding(void **state)
{
	static const char input[] = "what nobody signed";
	struct jwt_key_parts parts = {.kty = JWT_KTY_RSA};
	unsigned char n[256], padded[256] = {0}, signature[256];
	BIGNUM *root = BN_new(), *cube = BN_new(), *wanted;
	BN_CTX *ctx = BN_CTX_new();
	struct jwt_key key = {0};

	memset(n, 0xff, sizeof(n));
	n[255] = 0xfd;
	parts.n = (struct jwt_slice){(char *)n, sizeof(n)};
	parts.e = (struct jwt_slice){"\3", 1};
	assert_int_equal(jwt_key_build(*state, &parts, &key), JWT_OK);
	assert_null(key.refusal);
	memcpy(padded, prefix, sizeof(prefix));
	assert_true(EVP_Digest(input, strlen(input), padded + sizeof(prefix),
	    NULL, EVP_sha256(), NULL));
	wanted = BN_bin2bn(padded, sizeof(padded), NULL);
	cube_root(root, cube, wanted, ctx);
	assert_int_equal(BN_bn2binpad(cube, signature, 256), 256);
	assert_memory_equal(signature, padded, HEAD);
	assert_int_equal(BN_bn2binpad(root, signature, 256), 256);
	assert_int_equal(
	    jwt_signature_verify(*state, &key,
		jwt_algorithm_find(jwt_slice_of("RS256")), jwt_slice_of(input),
		(struct jwt_slice){(char *)signature, sizeof(signature)}),
	    JWT_SIGNATURE_INVALID);
	jwt_key_clear(&key);
	BN_free(root);
	BN_free(cube);
	BN_free(wanted);
	BN_CTX_free(ctx);
}

/* Certificate, JWK and JWKS are public as well, and so is an SSH key. */
static void
a6_no_public_text_is_a_secret(void **state)
{
	struct jwt_keyset *set = new_key(*state, "EdDSA", false);
	static const char *const texts[] = {"ssh-ed25519 AAAA deploy",
	    "-----BEGIN RSA PUBLIC KEY-----\nAA==\n", "0\x2a\x30\x05",
	    "a secret of 32 characters or more, as a text"};
	size_t i;

	assert_false(serves(set, "HS256"));
	assert_true(serves(set, "EdDSA"));
	jwt_keyset_free(set);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refused_file(*state, jwt_slice_of(texts[i]), 0100600, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a9_a10_an_alg_of_a_key_is_the_only_one),
	    cmocka_unit_test(
		a5_a8_a14_a15_a16_a_key_without_alg_serves_its_type_and_curve),
	    cmocka_unit_test(c4_garbage_behind_the_digest_is_no_padding),
	    cmocka_unit_test(a6_no_public_text_is_a_secret),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
