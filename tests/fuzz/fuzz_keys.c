/*
 * Key files of any form: what comes out usable keeps what the vetting
 * promises, by OpenSSL's own slow checks where it has them, and can be used.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "check.h"
#include "jwt/keyset.h"
#include "jwt/libctx.h"
#include "jwt/part.h"
#include "jwt/signature.h"
#include "jwt/vet.h"
#include "mutate.h"

#define EXAMINED_MAX 4 /* keys of a set, for want of time */

static OSSL_LIB_CTX *libctx;

int
/* NOLINTNEXTLINE(readability-non-const-parameter): as libFuzzer has it */
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	libctx = jwt_libctx_new();
	check(libctx != NULL, "no memory");
	return 0;
}

static void
check_rsa(const EVP_PKEY *pkey)
{
	BIGNUM *n = NULL, *e = NULL;

	check(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
		  EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1,
	    "an RSA key has no numbers");
	check(BN_num_bits(n) >= JWT_RSA_BITS_MIN &&
		  BN_num_bits(n) <= JWT_RSA_BITS_MAX && BN_is_odd(n),
	    "an RSA modulus is too small, too large or even");
	check(BN_is_odd(e) && !BN_is_one(e) && BN_num_bits(e) <= 32,
	    "an RSA exponent is even, one or too large");
	BN_free(n);
	BN_free(e);
}

static void
check_ec(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(libctx, pkey, NULL);

	check(ctx != NULL && EVP_PKEY_public_check(ctx) == 1,
	    "OpenSSL finds an EC key that it would not use");
	EVP_PKEY_CTX_free(ctx);
}

/* Under a point of small order, R = 1 and S = 0 hold over many a text. */
static void
check_edwards(const struct jwt_key *key)
{
	const struct jwt_algorithm *algorithm;
	char signature[114] = {1}, text[1];
	struct jwt_slice slice = {signature, key->curve->signature_size};

	algorithm = jwt_algorithm_find(jwt_slice_of("EdDSA"));
	if (key->algorithm != NULL)
		algorithm = key->algorithm;
	for (text[0] = 0; text[0] < 8; text[0]++)
		check(jwt_signature_verify(libctx, key, algorithm,
			  (struct jwt_slice){text, 1}, slice) != JWT_OK,
		    "a key takes the signature that anybody can make");
}

/* Taken apart and built again, it is the same key. */
static void
check_parts(const struct jwt_key *key)
{
	struct jwt_parts parts = {0};
	struct jwt_key again = {.algorithm = key->algorithm};
	char *thumbprint;

	parts.parts.kty = key->kty;
	parts.parts.curve = key->curve;
	check(jwt_parts_from_pkey(key->pkey, false, &parts) == JWT_OK,
	    "a key has no parts");
	check(jwt_key_build(libctx, &parts.parts, &again) == JWT_OK &&
		  again.refusal == NULL &&
		  EVP_PKEY_eq(key->pkey, again.pkey) == 1,
	    "a key's parts make another key");
	thumbprint = jwt_key_thumbprint(libctx, &parts.parts);
	check(thumbprint != NULL && strlen(thumbprint) == 43,
	    "a key has no thumbprint");
	free(thumbprint);
	jwt_key_clear(&again);
	jwt_parts_clear(&parts);
}

static void
check_verify(const struct jwt_key *key)
{
	const struct jwt_algorithm *algorithm;
	char signature[JWT_SIGNATURE_MAX];
	enum jwt_reason reason;
	size_t i, fits = 0, size;

	memset(signature, 0x55, sizeof(signature));
	signature[0] = 0;
	for (i = 0; (algorithm = jwt_algorithm_at(i)) != NULL; i++) {
		if (!jwt_key_fits(key, algorithm))
			continue;
		fits++;
		check(
		    algorithm->kty == key->kty &&
			(key->algorithm == NULL || key->algorithm == algorithm),
		    "a key fits an algorithm of another type or name");
		size = jwt_key_signature_size(key, algorithm);
		check(size > 1 && size <= sizeof(signature),
		    "a key makes signatures of no length");
		reason = jwt_signature_verify(libctx, key, algorithm,
		    jwt_slice_of("text"), (struct jwt_slice){signature, size});
		check(reason == JWT_SIGNATURE_INVALID,
		    "a usable key does more than refuse a wrong signature");
		check_queue();
	}
	check(fits > 0, "a usable key fits no algorithm");
}

static void
check_key(const struct jwt_key *key)
{
	if (key->kty == JWT_KTY_OCT) {
		check(key->pkey == NULL && key->secret_len >= 32 &&
			  key->secret_len <= JWT_SECRET_MAX,
		    "a secret is too short or too long");
		check_verify(key);
		return;
	}
	check(key->pkey != NULL && key->secret == NULL && !key->is_private,
	    "a public key is not built, or has more in it");
	check((key->curve != NULL) == (key->kty != JWT_KTY_RSA),
	    "a key has no curve, or one too many");
	if (key->kty == JWT_KTY_RSA)
		check_rsa(key->pkey);
	else if (key->kty == JWT_KTY_EC)
		check_ec(key->pkey);
	else
		check_edwards(key);
	check_parts(key);
	check_queue();
	check_verify(key);
}

/* A kid chooses its own key or none. */
static void
check_choice(const struct jwt_keyset *set, const struct jwt_key *key)
{
	const struct jwt_algorithm *algorithm = jwt_key_signing_algorithm(key);
	struct jwt_slice kid = {key->kid, key->kid_len};
	const struct jwt_key *chosen;

	if (key->kid == NULL)
		return;
	check(
	    jwt_keyset_choose(set, algorithm, &kid, &chosen, NULL) == JWT_OK &&
		chosen == key,
	    "a kid does not choose its key");
}

static void
check_set(struct jwt_slice bytes, const struct jwt_keyset *set)
{
	struct jwt_keyset *open = NULL;
	size_t i, usable = 0, secrets = 0;

	for (i = 0; i < set->count; i++) {
		if (set->key[i].refusal != NULL) {
			check(set->key[i].pkey == NULL &&
				  set->key[i].secret == NULL,
			    "a refused key was built");
			continue;
		}
		secrets += set->key[i].kty == JWT_KTY_OCT;
		if (usable++ < EXAMINED_MAX) {
			check_key(&set->key[i]);
			check_choice(set, &set->key[i]);
		}
	}
	check(usable == set->usable, "the usable keys are miscounted");
	check((set->refusals != NULL) == (usable < set->count),
	    "a refused key is not named");
	check(
	    secrets == 0 || secrets == usable, "secrets lie beside other keys");
	if (secrets == 0)
		return;
	check(jwt_keyset_parse(libctx, "file", bytes, 0640, &open, NULL) ==
		      JWT_KEYS_UNAVAILABLE &&
		  open == NULL,
	    "secrets in a file that others can read are taken");
}

/* The same bytes as the one key that signs. */
static void
try_private(struct jwt_slice bytes)
{
	const struct jwt_algorithm *algorithm;
	unsigned char signature[JWT_SIGNATURE_MAX];
	struct jwt_slice text = jwt_slice_of("text");
	struct jwt_fault fault = {""};
	struct jwt_key key = {0};
	size_t len = 0;

	if (jwt_key_parse_private(libctx, "file", bytes, 0600, &key, &fault) !=
	    JWT_OK)
		return;
	check(key.is_private && key.refusal == NULL, "it is no private key");
	algorithm = jwt_key_signing_algorithm(&key);
	check(algorithm != NULL, "a private key fits no algorithm");
	check(jwt_signature_make(
		  libctx, &key, algorithm, text, signature, &len) == JWT_OK &&
		  jwt_signature_verify(libctx, &key, algorithm, text,
		      (struct jwt_slice){(char *)signature, len}) == JWT_OK,
	    "a private key's own signature does not hold");
	jwt_key_clear(&key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct jwt_slice bytes = {(const char *)data, len};
	struct jwt_fault fault = {""};
	struct jwt_keyset *set = NULL;
	enum jwt_reason reason;

	reason = jwt_keyset_parse(libctx, "file", bytes, 0600, &set, &fault);
	check(reason == JWT_OK || reason == JWT_KEYS_UNAVAILABLE,
	    "a key file makes a fault of ours");
	check((reason == JWT_OK) == (set != NULL),
	    "keys come with a refusal, or none without");
	check((reason == JWT_OK) == (fault.text[0] == '\0'),
	    "a refusal has words, and a file that is taken has none");
	check_queue();
	if (set != NULL)
		check_set(bytes, set);
	jwt_keyset_free(set);
	try_private(bytes);
	check_queue();
	return 0;
}

size_t
LLVMFuzzerCustomMutator(
    uint8_t *bytes, size_t len, size_t max, unsigned int seed)
{
	return mutate_pem(bytes, len, max, seed);
}
