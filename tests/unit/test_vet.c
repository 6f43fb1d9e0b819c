/*
 * The vetting of keys: rows C1 to C17, each refused key beside its usable
 * neighbour.
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

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "key_checks.h"

/* An RSA key as JWK; no key of ours is a product of primes, nor need it be. */
static const char *
rsa(const void *n, size_t n_len, const void *e, size_t e_len)
{
	return filled("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}",
	    b64(n, n_len), b64(e, e_len));
}

/* A modulus of so many bits, all ones but the second last. */
static size_t
modulus(unsigned char *n, size_t bits)
{
	size_t len = (bits + 7) / 8;

	memset(n, 0xff, len);
	n[0] = (unsigned char)(0xff >> (len * 8 - bits));
	n[len - 1] = 0xfd;
	return len;
}

/* C1, C5 */
static void
c1_c5_rsa_moduli_have_2048_to_8192_bits(void **state)
{
	unsigned char n[4096];

	usable_key(*state, rsa(n, modulus(n, 2048), "\1\0\1", 3));
	usable_key(*state, rsa(n, modulus(n, 2049), "\1\0\1", 3));
	usable_key(*state, rsa(n, modulus(n, 8192), "\1\0\1", 3));
	refused_key(*state, rsa(n, modulus(n, 2047), "\1\0\1", 3),
	    "RSA modulus has 2047 bits, at least 2048 are needed");
	refused_key(*state, rsa(n, modulus(n, 1024), "\1\0\1", 3),
	    "RSA modulus has 1024 bits, at least 2048 are needed");
	refused_key(*state, rsa(n, modulus(n, 8193), "\1\0\1", 3),
	    "RSA modulus has 8193 bits, at most 8192 are taken");
	refused_key(
	    *state, rsa(n, modulus(n, 32768), "\1\0\1", 3), "at most 8192");
	refused_key(*state, rsa("", 0, "\1\0\1", 3), "has 0 bits");
}

/* C2, C3, C5 */
static void
c2_c3_c5_rsa_exponents_are_odd_and_of_2_to_32_bits(void **state)
{
	unsigned char n[4096];
	size_t len = modulus(n, 2048);

	usable_key(*state, rsa(n, len, "\3", 1));
	usable_key(*state, rsa(n, len, "\377\377\377\377", 4));
	refused_key(*state, rsa(n, len, "\1", 1), "RSA exponent is 1");
	refused_key(*state, rsa(n, len, "\2", 1), "RSA exponent is even");
	refused_key(*state, rsa(n, len, "\1\0\0", 3), "RSA exponent is even");
	refused_key(*state, rsa(n, len, "", 0), "RSA exponent is even");
	refused_key(*state, rsa(n, len, "\1\0\0\0\1", 5),
	    "RSA exponent has 33 bits, at most 32 are taken");
}

/* C3: RFC 7518 section 6.3.1 */
static void
c3_rsa_numbers_are_odd_and_written_in_their_least_form(void **state)
{
	unsigned char n[4096];
	size_t len = modulus(n + 1, 2048);

	n[0] = 0;
	usable_key(*state, rsa(n + 1, len, "\1\0\1", 3));
	refused_key(*state, rsa(n, len + 1, "\1\0\1", 3), "leading zeros");
	refused_key(*state, rsa(n + 1, len, "\0\1\0\1", 4), "leading zeros");
	refused_key(*state, rsa(n + 1, len, "\0", 1), "leading zeros");
	n[len] = 0xfe;
	refused_key(*state, rsa(n + 1, len, "\1\0\1", 3), "modulus is even");
}

/* A number of 2048 bits that is `rest` modulo the primes from 3 to 167. */
static void
make_roca(unsigned char n[256], unsigned long rest)
{
	BIGNUM *bn = BN_new();
	unsigned long i, k;

	assert_non_null(bn);
	assert_true(BN_one(bn));
	for (i = 3; i <= 167; i += 2) {
		for (k = 3; k < i && i % k != 0; k += 2)
			continue;
		if (k == i)
			assert_true(BN_mul_word(bn, i));
	}
	assert_true(BN_lshift(bn, bn, 2048 - BN_num_bits(bn)));
	assert_true(BN_add_word(bn, rest));
	assert_int_equal(BN_bn2binpad(bn, n, 256), 256);
	BN_free(bn);
}

/* C6: all powers of 65537 modulo the small primes, or one of them is none */
static void
c6_rsa_moduli_of_the_roca_generator_are_refused(void **state)
{
	unsigned char n[256];

	make_roca(n, 1);
	refused_key(*state, rsa(n, sizeof(n), "\1\0\1", 3), "ROCA");
	make_roca(n, 65537);
	refused_key(*state, rsa(n, sizeof(n), "\1\0\1", 3), "ROCA");
	make_roca(n, 3);
	usable_key(*state, rsa(n, sizeof(n), "\1\0\1", 3));
}

/* A point of a curve whose x has room for x + p, and that sum. */
struct small_point {
	unsigned char x[66], y[66], more_x[66];
	const struct jwt_curve *curve;
};

static void
find_small_point(const char *curve, struct small_point *point)
{
	const struct jwt_curve *row = jwt_curve_find(jwt_slice_of(curve));
	EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(row->group));
	BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new(), *x = BN_new();
	BIGNUM *s = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	int size = (int)row->size;

	assert_true(EC_GROUP_get_curve(group, p, a, b, ctx));
	for (BN_one(x);; BN_add_word(x, 1)) {
		BN_mod_sqr(s, x, p, ctx);
		BN_mod_add(s, s, a, p, ctx);
		BN_mod_mul(s, s, x, p, ctx);
		BN_mod_add(s, s, b, p, ctx);
		if (BN_kronecker(s, p, ctx) == 1)
			break;
	}
	assert_non_null(BN_mod_sqrt(s, s, p, ctx));
	point->curve = row;
	assert_int_equal(BN_bn2binpad(x, point->x, size), size);
	assert_int_equal(BN_bn2binpad(s, point->y, size), size);
	assert_true(BN_add(x, x, p));
	assert_int_equal(BN_bn2binpad(x, point->more_x, size), size);
	BN_free(p);
	BN_free(a);
	BN_free(b);
	BN_free(x);
	BN_free(s);
	BN_CTX_free(ctx);
	EC_GROUP_free(group);
}

static const char *
ec(const char *curve, const void *x, size_t x_len, const void *y, size_t y_len)
{
	return filled(
	    "{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", curve,
	    b64(x, x_len), b64(y, y_len));
}

/* C7, C8, C9: for each curve, one point and what is done to it */
static void
a15_c7_c8_c9_ec_points_lie_on_their_curve_and_have_one_form(void **state)
{
	static const char *const curves[] = {
	    "P-256", "P-384", "P-521", "secp256k1"};
	struct small_point p;
	unsigned char longer[67] = {0};
	size_t i, size;

	for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		find_small_point(curves[i], &p);
		size = p.curve->size;
		usable_key(*state, ec(curves[i], p.x, size, p.y, size));
		/* x >= p names the same point once more */
		refused_key(*state, ec(curves[i], p.more_x, size, p.y, size),
		    "does not lie on");
		p.y[size - 1] ^= 2;
		refused_key(*state, ec(curves[i], p.x, size, p.y, size),
		    "does not lie on");
		p.y[size - 1] ^= 2;
		/* a byte short, empty (infinity), padded to one more */
		refused_key(*state, ec(curves[i], p.x + 1, size - 1, p.y, size),
		    "coordinates have");
		refused_key(
		    *state, ec(curves[i], p.x, size, p.y, size - 1), "have");
		refused_key(*state, ec(curves[i], "", 0, "", 0),
		    "coordinates have 0 and 0 bytes");
		memcpy(longer + 1, p.x, size);
		refused_key(*state, ec(curves[i], longer, size + 1, p.y, size),
		    "bytes");
		/* the origin, what a careless reader takes for infinity */
		memset(longer, 0, sizeof(longer));
		refused_key(*state, ec(curves[i], longer, size, longer, size),
		    "does not lie on");
	}
	/* A15: secp256k1 and P-256 have coordinates of one size */
	find_small_point("secp256k1", &p);
	refused_key(
	    *state, ec("P-256", p.x, 32, p.y, 32), "does not lie on P-256");
}

static const char *
okp(const char *curve, const void *x, size_t len)
{
	return filled("{\"kty\":\"OKP\",\"crv\":\"%s\",\"x\":\"%s\"}", curve,
	    b64(x, len));
}

/* y below p - 1 or so: a little endian number, and what lies above it. */
static const char *
edwards(const char *curve, unsigned char low, unsigned char fill,
    unsigned char top, bool sign)
{
	unsigned char y[57];
	size_t len = strcmp(curve, "Ed448") == 0 ? 57 : 32;

	memset(y, fill, sizeof(y));
	y[0] = low;
	y[len - 1] = (unsigned char)(top | (sign ? 0x80 : 0));
	if (len == 57 && fill == 0xff)
		y[28] = 0xfe; /* p = 2^448 - 2^224 - 1 */
	return okp(curve, y, len);
}

/* C10: the signature R = identity, S = 0 would hold under these */
static void
c10_edwards_points_of_small_order_are_refused(void **state)
{
	static const unsigned char eighth[2][32] = {
	    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
		0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3,
		0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc,
		0x05},
	    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
		0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c,
		0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03,
		0x7a}};
	const char *why = "small order";
	unsigned char y[32];
	int sign;
	size_t i;

	for (sign = 0; sign < 2; sign++) {
		refused_key(*state, edwards("Ed25519", 0, 0, 0, sign), why);
		refused_key(*state, edwards("Ed25519", 1, 0, 0, sign), why);
		refused_key(
		    *state, edwards("Ed25519", 0xec, 0xff, 0x7f, sign), why);
		for (i = 0; i < 2; i++) {
			memcpy(y, eighth[i], sizeof(y));
			y[31] = (unsigned char)(y[31] | (sign ? 0x80 : 0));
			refused_key(*state, okp("Ed25519", y, 32), why);
		}
		refused_key(*state, edwards("Ed448", 0, 0, 0, sign), why);
		refused_key(*state, edwards("Ed448", 1, 0, 0, sign), why);
		refused_key(*state, edwards("Ed448", 0xfe, 0xff, 0, sign), why);
	}
	usable_key(*state, edwards("Ed25519", 3, 0, 0, false));
	usable_key(*state, edwards("Ed25519", 3, 0, 0, true));
	usable_key(*state, edwards("Ed448", 3, 0, 0, false));
}

/* C10, C11 */
static void
c10_c11_edwards_points_have_one_form_and_lie_on_their_curve(void **state)
{
	const char *why = "y >= p";
	unsigned char y[58] = {3};
	int low;

	/* p and all that is above it, in 255 bits and with the sign */
	for (low = 0xed; low <= 0xff; low++) {
		refused_key(*state,
		    edwards("Ed25519", (unsigned char)low, 0xff, 0x7f, false),
		    why);
		refused_key(*state,
		    edwards("Ed25519", (unsigned char)low, 0xff, 0x7f, true),
		    why);
	}
	refused_key(*state, edwards("Ed448", 0xff, 0xff, 0, false), why);
	refused_key(*state, edwards("Ed448", 3, 0, 1, false), why);
	refused_key(*state, edwards("Ed448", 3, 0, 0x7f, true), why);
	refused_key(*state, edwards("Ed25519", 2, 0, 0, false), "no point");
	refused_key(*state, edwards("Ed448", 2, 0, 0, false), "no point");
	refused_key(*state, okp("Ed25519", y, 31), "has 31 bytes");
	refused_key(*state, okp("Ed25519", y, 33), "has 33 bytes");
	refused_key(*state, okp("Ed25519", y, 0), "has 0 bytes");
	refused_key(*state, okp("Ed448", y, 56), "has 56 bytes");
	refused_key(*state, okp("Ed448", y, 58), "has 58 bytes");
}

static const char *
oct(size_t len, const char *more)
{
	static const char zeros[2048];

	return filled(
	    "{\"kty\":\"oct\",\"k\":\"%s\"%s}", b64(zeros, len), more);
}

/* A17: RFC 7518 section 3.2 */
static void
a17_secrets_are_as_long_as_their_hash(void **state)
{
	usable_key(*state, oct(32, ""));
	usable_key(*state, oct(1024, ""));
	usable_key(*state, oct(48, ",\"alg\":\"HS384\""));
	usable_key(*state, oct(64, ",\"alg\":\"HS512\""));
	refused_key(*state, oct(0, ""), "secret has 0 bytes");
	refused_key(*state, oct(31, ""), "HS256 needs at least 32");
	refused_key(*state, oct(1025, ""), "at most 1024");
	refused_key(*state, oct(47, ",\"alg\":\"HS384\""),
	    "secret has 47 bytes, HS384 needs at least 48");
	refused_key(*state, oct(63, ",\"alg\":\"HS512\""), "at least 64");
}

/* C12: 43 characters that are a key, and what a lax reader would mend */
static void
c12_key_members_are_canonical_base64url(void **state)
{
#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	static const char *const faults[] = {"Aw" A40 "A=", "Aw" A40 "A ",
	    " Aw" A40 "A", "Aw" A40 "\\n", "Aw" A40 "+", "Aw" A40 "/",
	    "Aw" A40 "B", "Aw" A40 "AAA", "Aw" A40 "\\u00e9"};
	size_t i;

	usable_key(
	    *state, filled("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}",
			"Aw" A40 "A"));
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		refused_key(*state,
		    filled("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}",
			faults[i]),
		    "x is no base64url");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c1_c5_rsa_moduli_have_2048_to_8192_bits),
	    cmocka_unit_test(
		c2_c3_c5_rsa_exponents_are_odd_and_of_2_to_32_bits),
	    cmocka_unit_test(
		c3_rsa_numbers_are_odd_and_written_in_their_least_form),
	    cmocka_unit_test(c6_rsa_moduli_of_the_roca_generator_are_refused),
	    cmocka_unit_test(
		a15_c7_c8_c9_ec_points_lie_on_their_curve_and_have_one_form),
	    cmocka_unit_test(c10_edwards_points_of_small_order_are_refused),
	    cmocka_unit_test(
		c10_c11_edwards_points_have_one_form_and_lie_on_their_curve),
	    cmocka_unit_test(a17_secrets_are_as_long_as_their_hash),
	    cmocka_unit_test(c12_key_members_are_canonical_base64url),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
