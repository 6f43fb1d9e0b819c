#include "signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "vet.h"

/* DER of two numbers of 66 bytes: 2 * (66 + 3) and a header of 3. */
#define DER_MAX 144

/* OpenSSL's nothing must not be NULL. */
static const unsigned char *
bytes_of(struct jwt_slice slice)
{
	return (const unsigned char *)(slice.len == 0 ? "" : slice.at);
}

/*
 * RFC 7518 section 3.5: MGF1 with the same hash, and a salt as long as the
 * hash; OpenSSL's default when verifying would take any salt.
 */
static int
set_padding(EVP_PKEY_CTX *ctx, const struct jwt_algorithm *algorithm)
{
	if (algorithm->kty != JWT_KTY_RSA)
		return 1;
	if (!algorithm->pss)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) ==
		       1;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, algorithm->hash, NULL) ==
	           1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
	           1;
}

static enum jwt_reason
make_mac(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    unsigned char mac[EVP_MAX_MD_SIZE])
{
	size_t len = 0;

	if (key->secret == NULL ||
	    EVP_Q_mac(libctx, "HMAC", NULL, algorithm->hash, NULL, key->secret,
		key->secret_len, bytes_of(input), input.len, mac,
		EVP_MAX_MD_SIZE, &len) == NULL ||
	    len != algorithm->hash_size)
		return JWT_INTERNAL_ERROR;
	return JWT_OK;
}

static enum jwt_reason
verify_mac(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    struct jwt_slice signature)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	enum jwt_reason result;

	result = make_mac(libctx, key, algorithm, input, mac);
	if (result == JWT_OK &&
	    CRYPTO_memcmp(mac, signature.at, signature.len) != 0)
		result = JWT_SIGNATURE_INVALID;
	OPENSSL_cleanse(mac, sizeof(mac));
	return result;
}

/* RFC 7518 section 3.4: R || S to the DER that OpenSSL takes. */
static enum jwt_reason
to_der(struct jwt_slice signature, unsigned char der[DER_MAX], size_t *len)
{
	const unsigned char *at = bytes_of(signature);
	int half = (int)(signature.len / 2), size;
	enum jwt_reason result = JWT_NO_MEMORY;
	ECDSA_SIG *pair = NULL;
	BIGNUM *r, *s = NULL;

	if ((r = BN_bin2bn(at, half, NULL)) == NULL ||
	    (s = BN_bin2bn(at + half, half, NULL)) == NULL ||
	    (pair = ECDSA_SIG_new()) == NULL)
		goto out;
	if (ECDSA_SIG_set0(pair, r, s) != 1) {
		result = JWT_INTERNAL_ERROR;
		goto out;
	}
	r = s = NULL; /* transferred */
	size = i2d_ECDSA_SIG(pair, NULL);
	if (size <= 0 || size > DER_MAX) {
		result = JWT_INTERNAL_ERROR;
		goto out;
	}
	if (i2d_ECDSA_SIG(pair, &der) != size)
		goto out;
	*len = (size_t)size;
	result = JWT_OK;
out:
	ECDSA_SIG_free(pair);
	BN_clear_free(r);
	BN_clear_free(s);
	return result;
}

static enum jwt_reason
from_der(
    const unsigned char *der, size_t len, size_t half, unsigned char *signature)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	const BIGNUM *r, *s;
	ECDSA_SIG *pair;

	if ((pair = d2i_ECDSA_SIG(NULL, &der, (long)len)) == NULL)
		return JWT_NO_MEMORY;
	ECDSA_SIG_get0(pair, &r, &s);
	if (BN_bn2binpad(r, signature, (int)half) == (int)half &&
	    BN_bn2binpad(s, signature + half, (int)half) == (int)half)
		result = JWT_OK;
	ECDSA_SIG_free(pair);
	return result;
}

/*
 * The Edwards curves' hash, fetched here first: where OpenSSL cannot fetch it
 * while it checks a signature, it says that the signature does not hold.
 */
static enum jwt_reason
fetch_inner_hash(OSSL_LIB_CTX *libctx, const struct jwt_key *key)
{
	EVP_MD *hash;

	if (key->curve == NULL || key->curve->hash == NULL)
		return JWT_OK;
	if ((hash = EVP_MD_fetch(libctx, key->curve->hash, NULL)) == NULL)
		return JWT_NO_MEMORY;
	EVP_MD_free(hash);
	return JWT_OK;
}

/* Puts the question to OpenSSL once; `*answer` is EVP_DigestVerify's. */
static enum jwt_reason
ask(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    struct jwt_slice signature, int *answer)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	unsigned char der[DER_MAX];
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return JWT_NO_MEMORY;
	if (key->kty == JWT_KTY_EC) {
		result = to_der(signature, der, &signature.len);
		if (result != JWT_OK)
			goto out;
		signature.at = (const char *)der;
	}
	result = JWT_INTERNAL_ERROR;
	if (EVP_DigestVerifyInit_ex(ctx, &pctx, algorithm->hash, libctx, NULL,
		key->pkey, NULL) != 1 ||
	    !set_padding(pctx, algorithm))
		goto out;
	*answer = EVP_DigestVerify(ctx, bytes_of(signature), signature.len,
	    bytes_of(input), input.len);
	result = JWT_OK;
out:
	EVP_MD_CTX_free(ctx);
	/* Of a token that still opens something. */
	OPENSSL_cleanse(der, sizeof(der));
	return result;
}

/*
 * OpenSSL's third answer for ECDSA may still come from the signature: from
 * one under which R is the point at infinity.  Then it has an ordinary answer
 * to another signature, r = s = 1.
 */
static enum jwt_reason
judge_third_answer(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input, size_t len)
{
	char other[JWT_SIGNATURE_MAX] = {0};
	enum jwt_reason result;
	int answer = -1;

	if (key->kty != JWT_KTY_EC || len > sizeof(other))
		return JWT_INTERNAL_ERROR;
	other[len / 2 - 1] = other[len - 1] = 1;
	result = ask(libctx, key, algorithm, input,
	    (struct jwt_slice){other, len}, &answer);
	if (result == JWT_OK)
		result =
		    answer == 0 ? JWT_SIGNATURE_INVALID : JWT_INTERNAL_ERROR;
	return result;
}

/*
 * What is no yes is asked for twice: OpenSSL says no, or worse, also when
 * memory runs out on its way, and a fault must not look like a refusal.
 */
static enum jwt_reason
verify_by_key(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    struct jwt_slice signature)
{
	enum jwt_reason result;
	int answer = -1, i;

	if ((result = fetch_inner_hash(libctx, key)) != JWT_OK)
		return result;
	for (i = 0; i < 2; i++) {
		result = ask(libctx, key, algorithm, input, signature, &answer);
		if (result != JWT_OK)
			return result;
		if (answer == 1)
			return JWT_OK;
	}
	if (answer == 0)
		return JWT_SIGNATURE_INVALID;
	return judge_third_answer(libctx, key, algorithm, input, signature.len);
}

enum jwt_reason
jwt_signature_verify(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    struct jwt_slice signature)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	size_t size;

	if (key->refusal != NULL || !jwt_key_fits(key, algorithm))
		return JWT_INTERNAL_ERROR;
	if ((size = jwt_key_signature_size(key, algorithm)) == 0)
		return JWT_INTERNAL_ERROR;
	if (signature.len < size)
		return JWT_CUT_OFF;
	if (signature.len > size)
		return JWT_SIGNATURE_INVALID;
	ERR_set_mark();
	result = key->kty == JWT_KTY_OCT
	             ? verify_mac(libctx, key, algorithm, input, signature)
	             : verify_by_key(libctx, key, algorithm, input, signature);
	ERR_pop_to_mark();
	return result;
}

/* Whether a number lies between these, the second one excluded. */
static bool
is_between(const unsigned char *bytes, size_t len, bool is_little,
    unsigned int from, const BIGNUM *below)
{
	BIGNUM *number;
	bool result;

	number = is_little ? BN_lebin2bn(bytes, (int)len, NULL)
	                   : BN_bin2bn(bytes, (int)len, NULL);
	result = number != NULL && (from == 0 || !BN_is_zero(number)) &&
	         BN_ucmp(number, below) < 0;
	BN_clear_free(number);
	return result;
}

bool
jwt_signature_in_range(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice signature)
{
	const unsigned char *at = bytes_of(signature);
	const struct jwt_curve *curve = key->curve;
	size_t half = signature.len / 2;
	BIGNUM *below = NULL;
	bool result = false;

	if (signature.len != jwt_key_signature_size(key, algorithm))
		return false;
	if (key->kty == JWT_KTY_OCT)
		return true;
	if (curve == NULL ? EVP_PKEY_get_bn_param(
				key->pkey, OSSL_PKEY_PARAM_RSA_N, &below) != 1
			  : BN_hex2bn(&below, curve->order) == 0)
		return false;
	if (curve == NULL)
		result = is_between(at, signature.len, false, 0, below);
	else if (key->kty == JWT_KTY_EC)
		result = is_between(at, half, false, 1, below) &&
		         is_between(at + half, half, false, 1, below);
	else
		result = is_between(at + half, half, true, 0, below);
	/* Ed25519's R is compared as bytes, Ed448's must be a point. */
	if (result && curve != NULL && strcmp(curve->name, "Ed448") == 0)
		result = jwt_vet_is_point(
		    libctx, curve, (struct jwt_slice){signature.at, half});
	BN_free(below);
	return result;
}

static enum jwt_reason
sign_by_key(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    unsigned char *signature, size_t size)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	unsigned char der[DER_MAX];
	bool is_ec = key->kty == JWT_KTY_EC;
	size_t len = is_ec ? sizeof(der) : size;
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return JWT_NO_MEMORY;
	if (EVP_DigestSignInit_ex(ctx, &pctx, algorithm->hash, libctx, NULL,
		key->pkey, NULL) != 1 ||
	    !set_padding(pctx, algorithm) ||
	    EVP_DigestSign(ctx, is_ec ? der : signature, &len, bytes_of(input),
		input.len) != 1)
		goto out;
	if (is_ec)
		result = from_der(der, len, size / 2, signature);
	else
		result = len == size ? JWT_OK : JWT_INTERNAL_ERROR;
out:
	EVP_MD_CTX_free(ctx);
	return result;
}

enum jwt_reason
jwt_signature_make(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice input,
    unsigned char *signature, size_t *len)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	enum jwt_reason result;
	size_t size;

	if (key->refusal != NULL || !key->is_private ||
	    !jwt_key_fits(key, algorithm))
		return JWT_INTERNAL_ERROR;
	size = jwt_key_signature_size(key, algorithm);
	if (size == 0 || size > JWT_SIGNATURE_MAX)
		return JWT_INTERNAL_ERROR;
	ERR_set_mark();
	if (key->kty == JWT_KTY_OCT) {
		result = make_mac(libctx, key, algorithm, input, mac);
		if (result == JWT_OK)
			memcpy(signature, mac, size);
		OPENSSL_cleanse(mac, sizeof(mac));
	} else {
		result =
		    sign_by_key(libctx, key, algorithm, input, signature, size);
	}
	ERR_pop_to_mark();
	if (result == JWT_OK)
		*len = size;
	return result;
}
