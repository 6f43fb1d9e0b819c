/*
 * Memory that runs out at any point, once or for good: a good key is never
 * refused for it, a good signature never invalid, and nothing bad passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broken_memory.h"
#include "jwt/libctx.h"
#include "signature_checks.h"

static const char *const names[] = {
    "HS512", "RS256", "PS256", "ES256", "ES512", "ES256K", "EdDSA", "Ed448"};

/* What is done again and again, each time with a little more memory. */
struct work {
	const struct fixture *f;
	const char *name; /* of the algorithm */
	struct signature s;
	const char *text; /* of a key file */
	bool pem;
};

/* Returns false when memory was enough. */
typedef void attempt(const struct work *work);

static void
repeat(const struct work *work, attempt *once)
{
	bool enough = false;
	long n;
	int i;

	for (i = 0; i < 2; i++) {
		for (n = 0; n < 20000; n++) {
			for_good = i == 1;
			left = n;
			once(work);
			enough = left > 0;
			left = -1;
			if (enough)
				break;
		}
		assert_true(enough);
	}
}

static void
is_fault(enum jwt_reason reason)
{
	left = -1;
	if (reason != JWT_NO_MEMORY && reason != JWT_INTERNAL_ERROR)
		fail_msg("%s", jwt_reason_name(reason));
}

static void
verify_good(const struct work *work)
{
	enum jwt_reason reason =
	    verify(work->f, work->name, work->s.bytes, work->s.len);

	if (reason != JWT_OK)
		is_fault(reason);
}

static void
verify_bad(const struct work *work)
{
	enum jwt_reason reason =
	    verify(work->f, work->name, work->s.bytes, work->s.len);

	if (reason != JWT_SIGNATURE_INVALID)
		is_fault(reason);
}

static void
good_signatures_stay_good_and_bad_ones_bad(void **state)
{
	struct work work = {.f = *state};
	size_t i;

	skip_unless_allocator_is_ours();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		work.name = names[i];
		sign(work.f, names[i], &work.s);
		repeat(&work, verify_good);
		work.s.bytes[5] ^= 1;
		repeat(&work, verify_bad);
	}
}

/* In a context that has fetched nothing yet, as that of a login. */
static void
verify_cold(const struct work *work)
{
	struct jwt_keyset *set = NULL;
	enum jwt_reason reason;
	OSSL_LIB_CTX *libctx;
	long after = left;

	left = -1;
	libctx = jwt_libctx_new();
	assert_non_null(libctx);
	assert_int_equal(jwt_keyset_parse(libctx, "file",
			     jwt_slice_of(work->text), 0100600, &set, NULL),
	    JWT_OK);
	left = after;
	reason = jwt_signature_verify(libctx, &set->key[0], alg(work->name),
	    jwt_slice_of("cold"),
	    (struct jwt_slice){(const char *)work->s.bytes, work->s.len});
	if (reason != JWT_OK)
		is_fault(reason);
	after = left;
	left = -1;
	jwt_keyset_free(set);
	OSSL_LIB_CTX_free(libctx);
	left = after;
}

static void
good_signatures_stay_good_in_a_cold_context(void **state)
{
	static const char *const cold[] = {"RS256", "ES256", "EdDSA", "Ed448"};
	struct work work = {.f = *state};
	char *private_jwk, *public_jwk;
	struct jwt_key key;
	size_t i;

	skip_unless_allocator_is_ours();
	for (i = 0; i < sizeof(cold) / sizeof(cold[0]); i++) {
		work.name = cold[i];
		assert_int_equal(jwt_key_generate(work.f->libctx, alg(cold[i]),
				     NULL, &private_jwk, &public_jwk),
		    JWT_OK);
		assert_int_equal(
		    jwt_key_parse_private(work.f->libctx, "file",
			jwt_slice_of(private_jwk), 0100600, &key, NULL),
		    JWT_OK);
		assert_int_equal(
		    jwt_signature_make(work.f->libctx, &key, alg(cold[i]),
			jwt_slice_of("cold"), work.s.bytes, &work.s.len),
		    JWT_OK);
		work.text = public_jwk;
		repeat(&work, verify_cold);
		jwt_key_clear(&key);
		free(private_jwk);
		free(public_jwk);
	}
}

static void
read_good(const struct work *work)
{
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;
	enum jwt_reason reason;

	reason = jwt_keyset_parse(work->f->libctx, "file",
	    jwt_slice_of(work->text), 0100600, &set, &fault);
	if (reason == JWT_OK) {
		left = left > 0 ? left : -1;
		if (set->usable != 1 || set->refusals != NULL)
			fail_msg("%s: %s", work->text, set->refusals);
	} else if (reason != JWT_KEYS_UNAVAILABLE || !work->pem) {
		/* OpenSSL does not say what its PEM reader died of */
		is_fault(reason);
	}
	jwt_keyset_free(set);
}

static void
read_refused(const struct work *work)
{
	struct jwt_keyset *set;
	enum jwt_reason reason;

	reason = jwt_keyset_parse(work->f->libctx, "file",
	    jwt_slice_of(work->text), 0100600, &set, NULL);
	if (reason == JWT_OK) {
		left = left > 0 ? left : -1;
		assert_int_equal(set->usable, 0);
		assert_non_null(set->refusals);
	} else {
		is_fault(reason);
	}
	jwt_keyset_free(set);
}

static void
good_keys_stay_usable_and_weak_ones_refused(void **state)
{
	struct work work = {.f = *state};
	char *private_jwk, *public_jwk;
	size_t i;

	skip_unless_allocator_is_ours();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(jwt_key_generate(work.f->libctx, alg(names[i]),
				     NULL, &private_jwk, &public_jwk),
		    JWT_OK);
		work.text = public_jwk;
		repeat(&work, read_good);
		work.text = filled("{\"keys\":[%s]}", public_jwk);
		repeat(&work, read_good);
		free(private_jwk);
		free(public_jwk);
	}
	work.text = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAAAAAAAAAA"
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";
	repeat(&work, read_refused);
	work.text = filled("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\","
			   "\"y\":\"%s\"}",
	    b64("12345678901234567890123456789012", 32),
	    b64("12345678901234567890123456789012", 32));
	repeat(&work, read_refused);
	work.text = filled("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQ\"}",
	    b64("12345678901234567890123456789012", 32));
	repeat(&work, read_refused);
	work.pem = true;
	work.text = "-----BEGIN PUBLIC KEY-----\n"
		    "MCowBQYDK2VwAyEAAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAA=\n-----END PUBLIC KEY-----\n";
	repeat(&work, read_good);
}

static void
make_key(const struct work *work)
{
	char *private_jwk, *public_jwk;
	enum jwt_reason reason;

	reason = jwt_key_generate(
	    work->f->libctx, alg(work->name), NULL, &private_jwk, &public_jwk);
	if (reason != JWT_OK) {
		is_fault(reason);
		assert_null(private_jwk);
		assert_null(public_jwk);
		return;
	}
	free(private_jwk);
	free(public_jwk);
}

static void
new_keys_are_whole_or_not_there(void **state)
{
	static const char *const quick[] = {"HS256", "ES256", "EdDSA"};
	struct work work = {.f = *state};
	size_t i;

	skip_unless_allocator_is_ours();
	for (i = 0; i < sizeof(quick) / sizeof(quick[0]); i++) {
		work.name = quick[i];
		repeat(&work, make_key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_signatures_stay_good_and_bad_ones_bad),
	    cmocka_unit_test(good_signatures_stay_good_in_a_cold_context),
	    cmocka_unit_test(good_keys_stay_usable_and_weak_ones_refused),
	    cmocka_unit_test(new_keys_are_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
