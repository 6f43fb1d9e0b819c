/*
 * Signatures on curves: rows D1 to D6 and D14.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "signature_checks.h"

/* Another pair of numbers in a signature's place. */
static enum jwt_reason
verify_pair(
    const struct fixture *f, const char *name, const BIGNUM *r, const BIGNUM *s)
{
	int half = (int)key_for(f, name)->curve->size;
	unsigned char bytes[2 * 66];

	assert_int_equal(BN_bn2binpad(r, bytes, half), half);
	assert_int_equal(BN_bn2binpad(s, bytes + half, half), half);
	return verify(f, name, bytes, (size_t)half * 2);
}

static const char *const ec_names[] = {"ES256", "ES384", "ES512", "ES256K"};

static BIGNUM *
order_of(const struct fixture *f, const char *name)
{
	EC_GROUP *group;
	BIGNUM *order;

	group = EC_GROUP_new_by_curve_name(
	    OBJ_sn2nid(key_for(f, name)->curve->group));
	order = BN_dup(EC_GROUP_get0_order(group));
	EC_GROUP_free(group);
	return order;
}

/* D1, CVE-2022-21449: r and s from {0, 1, n - 1, n, n + 1} */
static void
d1_numbers_outside_the_order_never_verify(void **state)
{
	const struct fixture *f = *state;
	BIGNUM *number[5];
	size_t i, r, s;

	for (i = 0; i < 4; i++) {
		for (r = 0; r < 5; r++)
			number[r] = r < 2 ? BN_new() : order_of(f, ec_names[i]);
		BN_zero(number[0]);
		BN_one(number[1]);
		BN_sub_word(number[2], 1);
		BN_add_word(number[4], 1);
		for (r = 0; r < 5; r++) {
			for (s = 0; s < 5; s++)
				assert_int_equal(verify_pair(f, ec_names[i],
						     number[r], number[s]),
				    JWT_SIGNATURE_INVALID);
		}
		for (r = 0; r < 5; r++)
			BN_free(number[r]);
	}
}

/* D3, D4, D5 */
static void
d3_d5_ecdsa_signatures_are_r_and_s(void **state)
{
	const struct fixture *f = *state;
	const unsigned char *der;
	unsigned char *bytes = NULL;
	struct signature sig;
	BIGNUM *r, *s, *order, *rest;
	ECDSA_SIG *pair;
	size_t i;
	int half, len;

	for (i = 0; i < 4; i++) {
		sign(f, ec_names[i], &sig);
		half = (int)sig.len / 2;
		r = BN_bin2bn(sig.bytes, half, NULL);
		s = BN_bin2bn(sig.bytes + half, half, NULL);
		order = order_of(f, ec_names[i]);
		rest = BN_new();
		assert_int_equal(verify_pair(f, ec_names[i], r, s), JWT_OK);
		assert_int_equal(
		    verify_pair(f, ec_names[i], s, r), JWT_SIGNATURE_INVALID);
		/* RFC 7518 does not ask for the lesser s */
		BN_sub(rest, order, s);
		assert_int_equal(verify_pair(f, ec_names[i], r, rest), JWT_OK);
		pair = ECDSA_SIG_new();
		ECDSA_SIG_set0(pair, r, s);
		len = i2d_ECDSA_SIG(pair, &bytes);
		der = bytes;
		assert_int_equal(verify(f, ec_names[i], der, (size_t)len),
		    (size_t)len < sig.len ? JWT_CUT_OFF
					  : JWT_SIGNATURE_INVALID);
		ECDSA_SIG_free(pair);
		OPENSSL_free(bytes);
		bytes = NULL;
		BN_free(order);
		BN_free(rest);
	}
}

/* D14: r = -z / d makes the point infinity, OpenSSL's third answer */
static void
a_signature_under_which_r_is_infinity_is_invalid(void **state)
{
	const struct fixture *f = *state;
	unsigned char hash[64];
	BIGNUM *d, *z, *r, *s, *order;
	BN_CTX *ctx = BN_CTX_new();
	struct jwt_slice input = INPUT;
	size_t i, len;

	for (i = 0; i < 4; i++) {
		d = NULL;
		assert_int_equal(
		    EVP_PKEY_get_bn_param(key_for(f, ec_names[i])->pkey,
			OSSL_PKEY_PARAM_PRIV_KEY, &d),
		    1);
		assert_int_equal(EVP_Q_digest(f->libctx, alg(ec_names[i])->hash,
				     NULL, input.at, input.len, hash, &len),
		    1);
		z = BN_bin2bn(hash, (int)len, NULL);
		order = order_of(f, ec_names[i]);
		r = BN_new();
		s = BN_new();
		BN_one(s);
		assert_non_null(BN_mod_inverse(r, d, order, ctx));
		assert_true(BN_mod_mul(r, r, z, order, ctx));
		assert_true(BN_sub(r, order, r));
		assert_int_equal(
		    verify_pair(f, ec_names[i], r, s), JWT_SIGNATURE_INVALID);
		BN_free(d);
		BN_free(z);
		BN_free(r);
		BN_free(s);
		BN_free(order);
	}
	BN_CTX_free(ctx);
}

/* D6: RFC 8032 section 5.1.7, S + L in the place of S */
static void
d6_edwards_signatures_have_one_form(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		const char *name, *order;
		int half, s_len;
	} rows[] = {
	    {"Ed25519",
		"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3"
		"ed",
		32, 32},
	    {"Ed448",
		"3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23"
		"e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3",
		57, 57}};
	struct signature s;
	BIGNUM *number, *order = NULL;
	size_t i;

	for (i = 0; i < 2; i++) {
		sign(f, rows[i].name, &s);
		number =
		    BN_lebin2bn(s.bytes + rows[i].half, rows[i].s_len, NULL);
		assert_true(BN_hex2bn(&order, rows[i].order));
		assert_true(BN_cmp(number, order) < 0);
		BN_add(number, number, order);
		assert_int_equal(BN_bn2lebinpad(number, s.bytes + rows[i].half,
				     rows[i].s_len),
		    rows[i].s_len);
		assert_int_equal(verify(f, rows[i].name, s.bytes, s.len),
		    JWT_SIGNATURE_INVALID);
		BN_free(number);
	}
	BN_free(order);
}

static bool
in_range(
    const struct fixture *f, const char *name, const void *bytes, size_t len)
{
	return jwt_signature_in_range(f->libctx, key_for(f, name), alg(name),
	    (struct jwt_slice){bytes, len});
}

static bool
pair_in_range(
    const struct fixture *f, const char *name, const BIGNUM *r, const BIGNUM *s)
{
	int half = (int)key_for(f, name)->curve->size;
	unsigned char bytes[2 * 66];

	assert_int_equal(BN_bn2binpad(r, bytes, half), half);
	assert_int_equal(BN_bn2binpad(s, bytes + half, half), half);
	return in_range(f, name, bytes, (size_t)half * 2);
}

/* H14: what OpenSSL refuses without its work would tell by its time. */
static void
h14_the_range_of_ecdsa_ends_at_the_order(void **state)
{
	const struct fixture *f = *state;
	BIGNUM *zero = BN_new(), *one = BN_new(), *order, *last;
	size_t i;

	BN_zero(zero);
	BN_one(one);
	for (i = 0; i < 4; i++) {
		order = order_of(f, ec_names[i]);
		last = BN_dup(order);
		BN_sub_word(last, 1);
		assert_true(pair_in_range(f, ec_names[i], one, last));
		assert_true(pair_in_range(f, ec_names[i], last, one));
		assert_false(pair_in_range(f, ec_names[i], zero, one));
		assert_false(pair_in_range(f, ec_names[i], one, zero));
		assert_false(pair_in_range(f, ec_names[i], order, one));
		assert_false(pair_in_range(f, ec_names[i], one, order));
		BN_free(order);
		BN_free(last);
	}
	BN_free(zero);
	BN_free(one);
}

static void
h14_the_range_of_the_others_has_an_end_too(void **state)
{
	static const char *const names[] = {
	    "RS256", "PS512", "HS512", "Ed25519", "EdDSA", "Ed448"};
	const struct fixture *f = *state;
	unsigned char bytes[JWT_SIGNATURE_MAX];
	struct signature s;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		sign(f, names[i], &s);
		assert_true(in_range(f, names[i], s.bytes, s.len));
		assert_false(in_range(f, names[i], s.bytes, s.len - 1));
		assert_false(in_range(f, names[i], s.bytes, s.len + 1));
		memset(bytes, 0xff, sizeof(bytes));
		assert_int_equal(in_range(f, names[i], bytes, s.len),
		    strcmp(names[i], "HS512") == 0);
	}
	/* Of Ed448 R = (.., 0) is decoded, and (0, 1) and no point are not. */
	sign(f, "Ed448", &s);
	memset(s.bytes, 0, 57);
	assert_true(in_range(f, "Ed448", s.bytes, s.len));
	s.bytes[0] = 1;
	assert_false(in_range(f, "Ed448", s.bytes, s.len));
	memset(s.bytes, 0xff, 57);
	assert_false(in_range(f, "Ed448", s.bytes, s.len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(d1_numbers_outside_the_order_never_verify),
	    cmocka_unit_test(d3_d5_ecdsa_signatures_are_r_and_s),
	    cmocka_unit_test(a_signature_under_which_r_is_infinity_is_invalid),
	    cmocka_unit_test(d6_edwards_signatures_have_one_form),
	    cmocka_unit_test(h14_the_range_of_ecdsa_ends_at_the_order),
	    cmocka_unit_test(h14_the_range_of_the_others_has_an_end_too),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
