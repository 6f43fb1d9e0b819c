/*
 * Wycheproof's raw signature files through the library's own doors: each key
 * through jwt_key_build, each signature through jwt_signature_verify.
 *
 * The label decides, but for the rules below, where RFC 7518 is stricter than
 * the primitive that the file is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/signature.h"
#include "vectors.h"

#define FOLDER "wycheproof/"

struct set {
	const char *file;
	const char *algorithm; /* NULL: the group says which hash */
	const char *also;      /* another name of it, and both must agree */
	/* Whether a strict verifier takes it; 1, 0, or -1: as its label says */
	int (*rule)(const struct json_object *group,
	    const struct json_object *test, size_t hash_size);
};

static int
is(const struct json_object *object, const char *name, const char *wanted)
{
	return strcmp(text_of(object, name), wanted) == 0;
}

static int
number(const struct json_object *object, const char *name)
{
	return json_object_get_int(member(object, name));
}

static int
by_label(const struct json_object *group, const struct json_object *test,
    size_t hash_size)
{
	(void)group;
	(void)test;
	(void)hash_size;
	return -1;
}

/* "acceptable", a DigestInfo without NULL: refused, as RFC 8017 8.2.2 has it */
static int
no_missing_null(const struct json_object *group, const struct json_object *test,
    size_t hash_size)
{
	(void)group;
	(void)hash_size;
	return is(test, "result", "acceptable") ? 0 : -1;
}

/*
 * Salt of 0 bytes: RFC 7518 section 3.5 wants 32.  Test 69 is invalid in its
 * file because its salt has 32.
 */
static int
no_empty_salt(const struct json_object *group, const struct json_object *test,
    size_t hash_size)
{
	(void)group;
	(void)hash_size;
	return number(test, "tcId") == 69;
}

/* MGF1 by SHA-1 and a salt of 20 bytes: never */
static int
no_sha1(const struct json_object *group, const struct json_object *test,
    size_t hash_size)
{
	(void)group;
	(void)test;
	(void)hash_size;
	return 0;
}

/* Valid as parameters go: only those of RFC 7518 section 3.5 */
static int
jose_parameters(const struct json_object *group, const struct json_object *test,
    size_t hash_size)
{
	if (!is(group, "mgfSha", text_of(group, "sha")) ||
	    (size_t)number(group, "sLen") != hash_size)
		return 0;
	if (!is(group, "sha", "SHA-256") && !is(group, "sha", "SHA-384") &&
	    !is(group, "sha", "SHA-512"))
		return 0;
	return is(test, "result", "valid");
}

/* Tags that are cut, and secrets shorter than the hash (section 3.2): never */
static int
whole_tags(const struct json_object *group, const struct json_object *test,
    size_t hash_size)
{
	(void)test;
	if ((size_t)number(group, "tagSize") != hash_size * 8 ||
	    (size_t)number(group, "keySize") < hash_size * 8)
		return 0;
	return -1;
}

static const struct set sets[] = {
    {"ecdsa_secp256k1_sha256_p1363_test.json", "ES256K", NULL, by_label},
    {"ecdsa_secp256r1_sha256_p1363_test.json", "ES256", NULL, by_label},
    {"ecdsa_secp384r1_sha384_p1363_test.json", "ES384", NULL, by_label},
    {"ecdsa_secp521r1_sha512_p1363_test.json", "ES512", NULL, by_label},
    {"ed25519_test.json", "EdDSA", "Ed25519", by_label},
    {"ed448_test.json", "EdDSA", "Ed448", by_label},
    {"hmac_sha256_test.json", "HS256", NULL, whole_tags},
    {"hmac_sha384_test.json", "HS384", NULL, whole_tags},
    {"hmac_sha512_test.json", "HS512", NULL, whole_tags},
    {"rsa_pss_2048_sha256_mgf1_0_test.json", "PS256", NULL, no_empty_salt},
    {"rsa_pss_2048_sha256_mgf1_32_test.json", "PS256", NULL, by_label},
    {"rsa_pss_2048_sha256_mgf1sha1_20_test.json", "PS256", NULL, no_sha1},
    {"rsa_pss_2048_sha384_mgf1_48_test.json", "PS384", NULL, by_label},
    {"rsa_pss_3072_sha256_mgf1_32_test.json", "PS256", NULL, by_label},
    {"rsa_pss_4096_sha256_mgf1_32_test.json", "PS256", NULL, by_label},
    {"rsa_pss_4096_sha384_mgf1_48_test.json", "PS384", NULL, by_label},
    {"rsa_pss_4096_sha512_mgf1_64_test.json", "PS512", NULL, by_label},
    {"rsa_pss_misc_test.json", NULL, NULL, jose_parameters},
    {"rsa_signature_2048_sha256_test.json", "RS256", NULL, no_missing_null},
    {"rsa_signature_2048_sha384_test.json", "RS384", NULL, no_missing_null},
    {"rsa_signature_2048_sha512_test.json", "RS512", NULL, no_missing_null},
    {"rsa_signature_3072_sha256_test.json", "RS256", NULL, no_missing_null},
    {"rsa_signature_3072_sha384_test.json", "RS384", NULL, no_missing_null},
    {"rsa_signature_3072_sha512_test.json", "RS512", NULL, no_missing_null},
    {"rsa_signature_4096_sha256_test.json", "RS256", NULL, no_missing_null},
    {"rsa_signature_4096_sha384_test.json", "RS384", NULL, no_missing_null},
    {"rsa_signature_4096_sha512_test.json", "RS512", NULL, no_missing_null},
    {"rsa_signature_8192_sha256_test.json", "RS256", NULL, no_missing_null},
};

/* A number as a JWK would have it: `size` bytes, or for 0 as few as may be. */
static struct jwt_slice
as_number(unsigned char *bytes, size_t len, size_t size)
{
	while (len > 0 && bytes[0] == 0 && (size == 0 || len > size)) {
		bytes++;
		len--;
	}
	return (struct jwt_slice){(const char *)bytes, len};
}

/* The group's public key or the test's secret. */
static void
build_key(OSSL_LIB_CTX *libctx, const struct json_object *group,
    const struct json_object *test, const struct jwt_algorithm *algorithm,
    const char *curve, struct jwt_key *key)
{
	struct jwt_key_parts parts = {.kty = algorithm->kty};
	unsigned char *bytes[2] = {NULL, NULL};
	const struct json_object *public_key = NULL;
	size_t len[2], size = 0;

	if (parts.kty != JWT_KTY_OCT)
		public_key = member(group, "publicKey");
	if (curve != NULL) {
		parts.curve = jwt_curve_find(jwt_slice_of(curve));
		assert_non_null(parts.curve);
		size = parts.curve->size;
	}
	switch (parts.kty) {
	case JWT_KTY_OCT:
		bytes[0] = unhex(text_of(test, "key"), &len[0]);
		parts.k = (struct jwt_slice){(char *)bytes[0], len[0]};
		break;
	case JWT_KTY_OKP:
		bytes[0] = unhex(text_of(public_key, "pk"), &len[0]);
		parts.x = (struct jwt_slice){(char *)bytes[0], len[0]};
		break;
	case JWT_KTY_EC:
		bytes[0] = unhex(text_of(public_key, "uncompressed"), &len[0]);
		assert_int_equal(len[0], 1 + 2 * size);
		parts.x = (struct jwt_slice){(char *)bytes[0] + 1, size};
		parts.y = (struct jwt_slice){parts.x.at + size, size};
		break;
	case JWT_KTY_RSA:
		bytes[0] = unhex(text_of(public_key, "modulus"), &len[0]);
		bytes[1] =
		    unhex(text_of(public_key, "publicExponent"), &len[1]);
		parts.n = as_number(bytes[0], len[0], 0);
		parts.e = as_number(bytes[1], len[1], 0);
		break;
	}
	assert_int_equal(jwt_key_build(libctx, &parts, key), JWT_OK);
	free(bytes[0]);
	free(bytes[1]);
}

static enum jwt_reason
verify(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, const struct json_object *test)
{
	unsigned char *input, *signature;
	struct jwt_slice slices[2];
	enum jwt_reason reason;

	if (key->refusal != NULL || !jwt_key_fits(key, algorithm))
		return JWT_KEY_REFUSED;
	input = unhex(text_of(test, "msg"), &slices[0].len);
	signature =
	    unhex(text_of(test, key->kty == JWT_KTY_OCT ? "tag" : "sig"),
		&slices[1].len);
	slices[0].at = (char *)input;
	slices[1].at = (char *)signature;
	reason =
	    jwt_signature_verify(libctx, key, algorithm, slices[0], slices[1]);
	free(input);
	free(signature);
	return reason;
}

static bool
refuses(enum jwt_reason reason)
{
	return reason == JWT_SIGNATURE_INVALID || reason == JWT_CUT_OFF ||
	       reason == JWT_KEY_REFUSED;
}

static void
judge(OSSL_LIB_CTX *libctx, const struct set *set,
    const struct json_object *group, const struct json_object *test,
    const struct jwt_algorithm *algorithm, const struct jwt_key *key,
    struct tally *tally)
{
	int wanted = set->rule(group, test, algorithm->hash_size);
	enum jwt_reason reason = verify(libctx, key, algorithm, test), other;

	if (wanted == -1)
		wanted = is(test, "result", "valid");
	other = reason;
	if (set->also != NULL)
		other = verify(libctx, key,
		    jwt_algorithm_find(jwt_slice_of(set->also)), test);
	tally_count(tally,
	    reason == other && (wanted ? reason == JWT_OK : refuses(reason)),
	    text_of(test, "tcId"), "%s: %s", text_of(test, "comment"),
	    jwt_reason_name(reason));
}

static const struct jwt_algorithm *
find_algorithm(const struct set *set, const struct json_object *group)
{
	const char *name = set->algorithm;

	if (name == NULL)
		name = is(group, "sha", "SHA-384")   ? "PS384"
		       : is(group, "sha", "SHA-512") ? "PS512"
		                                     : "PS256";
	return jwt_algorithm_find(jwt_slice_of(name));
}

static void
judge_group(OSSL_LIB_CTX *libctx, const struct set *set,
    const struct json_object *group, struct tally *tally)
{
	const struct jwt_algorithm *algorithm = find_algorithm(set, group);
	struct json_object *tests = member(group, "tests"), *test;
	const char *curve = algorithm->curve;
	struct jwt_key key = {0};
	size_t i, count;

	if (algorithm->kty == JWT_KTY_OKP && curve == NULL)
		curve =
		    strstr(set->file, "ed448") != NULL ? "Ed448" : "Ed25519";
	if (algorithm->kty != JWT_KTY_OCT)
		build_key(libctx, group, NULL, algorithm, curve, &key);
	count = json_object_array_length(tests);
	for (i = 0; i < count; i++) {
		test = json_object_array_get_idx(tests, i);
		if (algorithm->kty == JWT_KTY_OCT) {
			jwt_key_clear(&key);
			build_key(libctx, group, test, algorithm, NULL, &key);
		}
		judge(libctx, set, group, test, algorithm, &key, tally);
	}
	jwt_key_clear(&key);
}

static size_t
judge_set(OSSL_LIB_CTX *libctx, const struct set *set)
{
	struct json_object *root, *groups;
	struct tally tally = {0};
	size_t i;
	char name[256];

	snprintf(name, sizeof(name), FOLDER "%s", set->file);
	tally.set = name;
	root = vector_json(name);
	groups = member(root, "testGroups");
	for (i = 0; i < json_object_array_length(groups); i++)
		judge_group(
		    libctx, set, json_object_array_get_idx(groups, i), &tally);
	assert_int_equal(tally.tests, number(root, "numberOfTests"));
	json_object_put(root);
	return tally_tell(&tally);
}

static void
wycheproof_agrees_on_every_raw_signature(void **state)
{
	size_t i, disagreed = 0;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		disagreed += judge_set(*state, &sets[i]);
	assert_int_equal(disagreed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wycheproof_agrees_on_every_raw_signature),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
