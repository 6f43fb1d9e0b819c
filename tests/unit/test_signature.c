/*
 * Signatures of every algorithm, and those of RSA: rows A9, D7 to D15.
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
#include <openssl/rsa.h>

#include "signature_checks.h"

static void
what_was_signed_verifies_and_nothing_else_does(void **state)
{
	const struct fixture *f = *state;
	struct jwt_slice input = INPUT, none = {NULL, 0};
	const struct jwt_algorithm *row;
	struct signature s;
	size_t i, k, at;

	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		sign(f, row->name, &s);
		assert_int_equal(verify(f, row->name, s.bytes, s.len), JWT_OK);
		/* a bit of each byte */
		for (k = 0; k < s.len; k++) {
			s.bytes[k] ^= (unsigned char)(1 << k % 7);
			assert_int_equal(verify(f, row->name, s.bytes, s.len),
			    JWT_SIGNATURE_INVALID);
			s.bytes[k] ^= (unsigned char)(1 << k % 7);
		}
		/* D15: the bytes as received, all of them and no others */
		for (at = 0; at < input.len; at++) {
			struct jwt_slice less = {input.at, at};

			assert_int_equal(
			    jwt_signature_verify(f->libctx,
				key_for(f, row->name), row, less,
				(struct jwt_slice){(char *)s.bytes, s.len}),
			    JWT_SIGNATURE_INVALID);
		}
		assert_int_equal(
		    jwt_signature_make(f->libctx, key_for(f, row->name), row,
			none, s.bytes, &s.len),
		    JWT_OK);
		assert_int_equal(
		    jwt_signature_verify(f->libctx, key_for(f, row->name), row,
			none, (struct jwt_slice){(char *)s.bytes, s.len}),
		    JWT_OK);
	}
}

/* D2, D4, D7, D11, D13: the length comes first */
static void
d2_d4_d7_d11_a_signature_has_one_length(void **state)
{
	const struct fixture *f = *state;
	const struct jwt_algorithm *row;
	struct signature s;
	size_t i, len;

	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		sign(f, row->name, &s);
		for (len = 0; len < s.len; len++)
			assert_int_equal(
			    verify(f, row->name, s.bytes, len), JWT_CUT_OFF);
		for (len = s.len + 1; len <= s.len + 8; len++)
			assert_int_equal(verify(f, row->name, s.bytes, len),
			    JWT_SIGNATURE_INVALID);
		/* a leading zero too many, as numbers are taken to have */
		memmove(s.bytes + 1, s.bytes, s.len);
		s.bytes[0] = 0;
		assert_int_equal(verify(f, row->name, s.bytes, s.len + 1),
		    JWT_SIGNATURE_INVALID);
		assert_int_equal(verify(f, row->name, NULL, 0), JWT_CUT_OFF);
	}
}

/* D7: 0, 1, n, n + s, and all ones */
static void
d7_rsa_values_beyond_the_modulus_never_verify(void **state)
{
	static const char *const names[] = {"RS256", "PS256"};
	const struct fixture *f = *state;
	struct signature s;
	BIGNUM *n = NULL, *sum = BN_new();
	size_t i;

	for (i = 0; i < 2; i++) {
		sign(f, names[i], &s);
		assert_int_equal(
		    EVP_PKEY_get_bn_param(
			key_for(f, names[i])->pkey, OSSL_PKEY_PARAM_RSA_N, &n),
		    1);
		BN_bin2bn(s.bytes, (int)s.len, sum);
		BN_add(sum, sum, n);
		if (BN_num_bytes(sum) == (int)s.len) {
			BN_bn2binpad(sum, s.bytes, (int)s.len);
			assert_int_equal(verify(f, names[i], s.bytes, s.len),
			    JWT_SIGNATURE_INVALID);
		}
		BN_bn2binpad(n, s.bytes, (int)s.len);
		assert_int_equal(
		    verify(f, names[i], s.bytes, s.len), JWT_SIGNATURE_INVALID);
		memset(s.bytes, 0, s.len);
		assert_int_equal(
		    verify(f, names[i], s.bytes, s.len), JWT_SIGNATURE_INVALID);
		s.bytes[s.len - 1] = 1;
		assert_int_equal(
		    verify(f, names[i], s.bytes, s.len), JWT_SIGNATURE_INVALID);
		memset(s.bytes, 0xff, s.len);
		assert_int_equal(
		    verify(f, names[i], s.bytes, s.len), JWT_SIGNATURE_INVALID);
		BN_free(n);
		n = NULL;
	}
	BN_free(sum);
}

/* A PSS signature with a salt and an MGF1 hash of its own. */
static void
sign_pss(
    const struct fixture *f, const char *mgf1, int salt, struct signature *s)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct jwt_slice input = INPUT;
	EVP_PKEY_CTX *pctx;

	assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, "SHA256", f->libctx,
			     NULL, key_for(f, "PS256")->pkey, NULL),
	    1);
	assert_int_equal(
	    EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx, mgf1, NULL), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt), 1);
	s->len = JWT_SIGNATURE_MAX;
	assert_int_equal(EVP_DigestSign(ctx, s->bytes, &s->len,
			     (const unsigned char *)input.at, input.len),
	    1);
	EVP_MD_CTX_free(ctx);
}

/* D9: RFC 7518 section 3.5; D10 */
static void
d9_d10_pss_has_one_salt_length_and_mask_hash(void **state)
{
	static const char *const names[] = {
	    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
	const struct fixture *f = *state;
	struct signature s;
	size_t i, k;

	sign_pss(f, "SHA256", 32, &s);
	assert_int_equal(verify(f, "PS256", s.bytes, s.len), JWT_OK);
	for (i = 0; i < 66; i++) {
		if (i == 32)
			continue;
		sign_pss(f, "SHA256", (int)i, &s);
		assert_int_equal(
		    verify(f, "PS256", s.bytes, s.len), JWT_SIGNATURE_INVALID);
	}
	sign_pss(f, "SHA1", 32, &s);
	assert_int_equal(
	    verify(f, "PS256", s.bytes, s.len), JWT_SIGNATURE_INVALID);
	for (i = 0; i < 6; i++) {
		sign(f, names[i], &s);
		for (k = 0; k < 6; k++)
			assert_int_equal(verify(f, names[k], s.bytes, s.len),
			    i == k ? JWT_OK : JWT_SIGNATURE_INVALID);
	}
}

static void
a_key_signs_and_verifies_by_its_own_algorithms_alone(void **state)
{
	const struct fixture *f = *state;
	const struct jwt_algorithm *row;
	char refusal[] = "too weak";
	struct jwt_key key;
	unsigned char bytes[JWT_SIGNATURE_MAX] = {0};
	size_t i, k, len;

	for (i = 0; i < f->count; i++) {
		for (k = 0; (row = jwt_algorithm_at(k)) != NULL; k++) {
			if (jwt_key_fits(&f->key[i], row))
				continue;
			assert_int_equal(
			    jwt_signature_verify(f->libctx, &f->key[i], row,
				INPUT, (struct jwt_slice){(char *)bytes, 64}),
			    JWT_INTERNAL_ERROR);
			assert_int_equal(
			    jwt_signature_make(
				f->libctx, &f->key[i], row, INPUT, bytes, &len),
			    JWT_INTERNAL_ERROR);
		}
		row = jwt_key_signing_algorithm(&f->key[i]);
		key = f->key[i];
		key.is_private = false;
		assert_int_equal(jwt_signature_make(
				     f->libctx, &key, row, INPUT, bytes, &len),
		    JWT_INTERNAL_ERROR);
		/* a refused key has nothing to verify with */
		memset(&key, 0, sizeof(key));
		key.kty = f->key[i].kty;
		key.curve = f->key[i].curve;
		key.refusal = refusal;
		assert_int_equal(
		    jwt_signature_verify(f->libctx, &key, row, INPUT, INPUT),
		    JWT_INTERNAL_ERROR);
	}
}

/* A1 to A4: the table is asked byte for byte, and has no "none" */
static void
a1_a2_a4_algorithms_are_found_by_their_whole_name(void **state)
{
	static const char *const others[] = {"", "none", "None", "nOnE", "NONE",
	    "rs256", "Rs256", "RS256 ", " RS256", "RS2", "RS2567", "ahs256b",
	    "ES521", "ES224", "eddsa", "ED25519", "HS256\n"};
	const struct fixture *f = *state;
	const struct jwt_algorithm *row;
	size_t i, size;

	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		assert_ptr_equal(
		    jwt_algorithm_find(jwt_slice_of(row->name)), row);
		size = jwt_algorithm_signature_size(row);
		if (row->kty == JWT_KTY_RSA || strcmp(row->name, "EdDSA") == 0)
			assert_int_equal(size, 0);
		else
			assert_int_equal(size,
			    jwt_key_signature_size(key_for(f, row->name), row));
	}
	assert_int_equal(i, 16);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(jwt_algorithm_find(jwt_slice_of(others[i])));
	assert_null(jwt_algorithm_find(TEXT("RS256\0")));
	assert_null(jwt_algorithm_find(TEXT("RS256\0x")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a1_a2_a4_algorithms_are_found_by_their_whole_name),
	    cmocka_unit_test(what_was_signed_verifies_and_nothing_else_does),
	    cmocka_unit_test(d2_d4_d7_d11_a_signature_has_one_length),
	    cmocka_unit_test(d7_rsa_values_beyond_the_modulus_never_verify),
	    cmocka_unit_test(d9_d10_pss_has_one_salt_length_and_mask_hash),
	    cmocka_unit_test(
		a_key_signs_and_verifies_by_its_own_algorithms_alone),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
