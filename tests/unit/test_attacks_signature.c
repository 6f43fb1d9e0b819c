/*
 * Attacks on the bytes of a signature: paddings that a lax reader of
 * PKCS #1 takes, numbers of another width, and lengths that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/rsa.h>

#include "jwt/base64url.h"
#include "jwt/token.h"

#include "signature_checks.h"

#define K 384 /* bytes of the fixture's modulus */

/* RFC 8017 section 9.2, note 1. */
#define DIGEST_INFO "3031300d060960864801650304020105000420"

/* The value whose signature is made, padded in one way or another. */
static const struct {
	const char *head, *separator, *info, *tail;
	int fill;   /* how many padding bytes; 0: as many as there is room */
	int change; /* this padding byte becomes FE; 0: none */
	bool good;
} paddings[] = {
    {"0001", "00", DIGEST_INFO, "", 0, 0, true},
    {"0001", "00", "302f300b06096086480165030402010420", "", 0, 0, false},
    {"0001", "00", "308131300d060960864801650304020105000420", "", 0, 0, false},
    {"0001", "00", "303230810d060960864801650304020105000420", "", 0, 0, false},
    {"0001", "00", "3032300d06096086480165030402010500048120", "", 0, 0, false},
    {"0001", "00", "3080300d060960864801650304020105000420", "0000", 0, 0,
	false},
    {"0001", "00", "3033300f06096086480165030402010502ffff0420", "", 0, 0,
	false},
    {"0001", "00", "3031300d060960864801650304020305000420", "", 0, 0, false},
    {"0001", "00", "3031300d060960864801650304020104000420", "", 0, 0, false},
    {"0001", "00", "3031300d060960864801650304020105000320", "", 0, 0, false},
    {"0001", "00", "0420", "", 0, 0, false},
    {"0001", "00", "", "", 0, 0, false},
    {"0000", "00", DIGEST_INFO, "", 0, 0, false},
    {"0002", "00", DIGEST_INFO, "", 0, 0, false},
    {"0101", "00", DIGEST_INFO, "", 0, 0, false},
    {"0001", "ff", DIGEST_INFO, "", 0, 0, false},
    {"0001", "0000", DIGEST_INFO, "", 0, 0, false},
    {"0001", "00", DIGEST_INFO, "00", 0, 0, false},
    {"0001", "00", DIGEST_INFO, "", 0, 1, false},
    {"0001", "00", DIGEST_INFO, "", 0, 100, false},
    /* CVE-2006-4339: short padding, and the rest is free to choose */
    {"0001", "00", DIGEST_INFO, "", 8, 0, false},
    {"0001", "00", DIGEST_INFO, "", 100, 0, false},
    {"0001", "00", DIGEST_INFO, "", 329, 0, false},
};

static size_t
put_hex(unsigned char *at, const char *hex)
{
	unsigned char *bytes;
	size_t len;

	bytes = unhex(hex, &len);
	memcpy(at, bytes, len);
	free(bytes);
	return len;
}

static void
pad(size_t row, const unsigned char hash[32], unsigned char value[2 * K])
{
	size_t used, fill = (size_t)paddings[row].fill;

	memset(value, 0x55, 2 * K);
	if (fill == 0)
		fill = K - 32 -
		       (strlen(paddings[row].head) +
			   strlen(paddings[row].separator) +
			   strlen(paddings[row].info) +
			   strlen(paddings[row].tail)) /
		           2;
	used = put_hex(value, paddings[row].head);
	memset(value + used, 0xff, fill);
	if (paddings[row].change != 0)
		value[used + (size_t)paddings[row].change - 1] = 0xfe;
	used += fill;
	used += put_hex(value + used, paddings[row].separator);
	used += put_hex(value + used, paddings[row].info);
	memcpy(value + used, hash, 32);
	put_hex(value + used + 32, paddings[row].tail);
}

static void
d8_pkcs1_has_one_padding(void **state)
{
	const struct fixture *f = *state;
	unsigned char hash[32], value[2 * K], bytes[K];
	struct jwt_slice input = INPUT;
	EVP_PKEY_CTX *ctx;
	size_t i, len;

	assert_int_equal(EVP_Q_digest(f->libctx, "SHA256", NULL, input.at,
			     input.len, hash, &len),
	    1);
	assert_int_equal(
	    jwt_key_signature_size(key_for(f, "RS256"), alg("RS256")), K);
	for (i = 0; i < sizeof(paddings) / sizeof(paddings[0]); i++) {
		pad(i, hash, value);
		ctx = EVP_PKEY_CTX_new_from_pkey(
		    f->libctx, key_for(f, "RS256")->pkey, NULL);
		assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
		len = sizeof(bytes);
		assert_int_equal(EVP_PKEY_sign(ctx, bytes, &len, value, K), 1);
		EVP_PKEY_CTX_free(ctx);
		if (verify(f, "RS256", bytes, len) !=
		    (paddings[i].good ? JWT_OK : JWT_SIGNATURE_INVALID))
			fail_msg("padding %zu", i);
	}
}

/* The same two numbers, each in so many bytes. */
static void
widen(const struct signature *s, size_t width, struct signature *wide)
{
	size_t half = s->len / 2, keep = width < half ? width : half, i;

	memset(wide, 0, sizeof(*wide));
	wide->len = 2 * width;
	for (i = 0; i < 2; i++)
		memcpy(wide->bytes + (i + 1) * width - keep,
		    s->bytes + (i + 1) * half - keep, keep);
}

static void
d2_d4_r_and_s_have_the_width_of_the_curve(void **state)
{
	static const char *const names[] = {
	    "ES256", "ES384", "ES512", "ES256K"};
	static const size_t widths[] = {
	    16, 31, 32, 33, 47, 48, 49, 64, 65, 66, 67, 256};
	const struct fixture *f = *state;
	struct signature s, wide;
	size_t i, k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* Both begin with a zero byte that a careless signer drops. */
		do
			sign(f, names[i], &s);
		while (strcmp(names[i], "ES512") == 0 &&
		       (s.bytes[0] != 0 || s.bytes[66] != 0));
		for (k = 0; k < sizeof(widths) / sizeof(widths[0]); k++) {
			widen(&s, widths[k], &wide);
			assert_int_equal(
			    verify(f, names[i], wide.bytes, wide.len),
			    wide.len == s.len  ? JWT_OK
			    : wide.len < s.len ? JWT_CUT_OFF
					       : JWT_SIGNATURE_INVALID);
		}
	}
}

/* Pages of which the last cannot be read. */
struct fence {
	char *pages;
	size_t readable;
};

static struct fence
build_fence(size_t readable)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct fence fence;

	fence.readable = (readable + page - 1) / page * page;
	fence.pages = aligned_alloc(page, fence.readable + page);
	assert_non_null(fence.pages);
	assert_int_equal(
	    mprotect(fence.pages + fence.readable, page, PROT_NONE), 0);
	return fence;
}

static void
remove_fence(struct fence fence)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert_int_equal(mprotect(fence.pages + fence.readable, page,
			     PROT_READ | PROT_WRITE),
	    0);
	free(fence.pages);
}

/* These bytes, the last of which stands at the fence. */
static struct jwt_slice
at_fence(struct fence fence, const void *bytes, size_t len)
{
	char *at = fence.pages + fence.readable - len;

	if (len > 0)
		memcpy(at, bytes, len);
	return (struct jwt_slice){at, len};
}

/* One byte read too many ends the test, with sanitizers and without. */
static void
i1_nothing_behind_a_signature_or_a_token_is_read(void **state)
{
	static const char text[] =
	    "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0."
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	struct fence fence = build_fence(8192), other = build_fence(8192);
	const struct fixture *f = *state;
	const struct jwt_algorithm *row;
	struct jwt_slice input = INPUT;
	struct jwt_token token;
	struct signature s;
	size_t i, len;

	input = at_fence(other, input.at, input.len);
	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		sign(f, row->name, &s);
		for (len = 0; len <= s.len + 8; len++)
			assert_int_equal(jwt_signature_verify(f->libctx,
					     key_for(f, row->name), row, input,
					     at_fence(fence, s.bytes, len)),
			    len < s.len    ? JWT_CUT_OFF
			    : len == s.len ? JWT_OK
					   : JWT_SIGNATURE_INVALID);
	}
	for (len = 0; len < sizeof(text); len++) {
		assert_int_equal(
		    jwt_token_split(at_fence(fence, text, len), &token, NULL),
		    len < 2                  ? JWT_NOT_A_JWT
		    : len < sizeof(text) - 1 ? JWT_CUT_OFF
					     : JWT_OK);
		jwt_token_clear(&token);
	}
	remove_fence(fence);
	remove_fence(other);
}

/* Judged by its length alone: where it points, nothing can be read. */
static void
e3_i2_sizes_are_refused_before_a_byte_is_read(void **state)
{
	static const size_t sizes[] = {JWT_TOKEN_MAX + 1, INT32_MAX,
	    (size_t)INT32_MAX + 1, UINT32_MAX, SIZE_MAX / 4 * 3, SIZE_MAX / 2,
	    SIZE_MAX / 2 + 1, SIZE_MAX - 1, SIZE_MAX};
	struct fence fence = build_fence(1);
	struct jwt_slice text = {fence.pages + fence.readable, 0};
	const struct fixture *f = *state;
	const struct jwt_algorithm *row;
	struct jwt_token token;
	size_t i, k;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		text.len = sizes[i];
		assert_int_equal(
		    jwt_token_split(text, &token, NULL), JWT_TOO_LONG);
		jwt_token_clear(&token);
		for (k = 0; (row = jwt_algorithm_at(k)) != NULL; k++)
			assert_int_equal(
			    jwt_signature_verify(f->libctx,
				key_for(f, row->name), row, INPUT, text),
			    JWT_SIGNATURE_INVALID);
		if (sizes[i] > SIZE_MAX / 2)
			assert_null(jwt_base64url_encode(text.at, sizes[i]));
	}
	/* One that is as long as the rest of 32 bits may hold. */
	for (k = 0;
	     SIZE_MAX > UINT32_MAX && (row = jwt_algorithm_at(k)) != NULL;
	     k++) {
		text.len = (size_t)UINT32_MAX + 1 +
		           jwt_key_signature_size(key_for(f, row->name), row);
		assert_int_equal(jwt_signature_verify(f->libctx,
				     key_for(f, row->name), row, INPUT, text),
		    JWT_SIGNATURE_INVALID);
	}
	remove_fence(fence);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(d8_pkcs1_has_one_padding),
	    cmocka_unit_test(d2_d4_r_and_s_have_the_width_of_the_curve),
	    cmocka_unit_test(i1_nothing_behind_a_signature_or_a_token_is_read),
	    cmocka_unit_test(e3_i2_sizes_are_refused_before_a_byte_is_read),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
