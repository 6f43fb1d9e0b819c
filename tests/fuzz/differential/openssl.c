#include "openssl.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "../authenticate/base64.h"

static bool
set_up(EVP_PKEY_CTX *ctx, const struct algorithm *algorithm, int salt)
{
	if (strcmp(algorithm->type, "RSA") != 0)
		return true;
	if (!algorithm->is_pss)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) ==
		       1;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) == 1;
}

/* RFC 7518 section 3.4. */
static size_t
der_to_pair(
    const unsigned char *der, size_t der_len, size_t size, unsigned char *bytes)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
	int half = (int)(size / 2);

	must(pair != NULL &&
	     BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, half) == half &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + half, half) == half);
	ECDSA_SIG_free(pair);
	return size;
}

size_t
openssl_mac(const void *secret, size_t secret_len, const char *input,
    unsigned char *bytes)
{
	size_t len = 0;

	must(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret, secret_len,
		 (const unsigned char *)input, strlen(input), bytes, 64,
		 &len) != NULL);
	return len;
}

static void
make_mac(const struct keypair *key, const struct algorithm *algorithm,
    const void *input, size_t len, unsigned char bytes[64])
{
	size_t mac_len = 0;

	must(EVP_Q_mac(NULL, "HMAC", NULL, algorithm->hash, NULL, key->secret,
		 sizeof(key->secret), input, len, bytes, 64, &mac_len) != NULL);
	must(mac_len == algorithm->size);
}

size_t
openssl_sign(const struct keypair *key, const struct algorithm *algorithm,
    int salt, const char *input, unsigned char *bytes)
{
	unsigned char raw[1024];
	size_t len = sizeof(raw);
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;

	if (key->pkey == NULL) {
		make_mac(key, algorithm, input, strlen(input), bytes);
		return algorithm->size;
	}
	must((ctx = EVP_MD_CTX_new()) != NULL);
	must(EVP_DigestSignInit_ex(ctx, &pctx, algorithm->hash, NULL, NULL,
		 key->pkey, NULL) == 1 &&
	     set_up(pctx, algorithm, salt) &&
	     EVP_DigestSign(ctx, raw, &len, (const unsigned char *)input,
		 strlen(input)) == 1);
	EVP_MD_CTX_free(ctx);
	if (strcmp(algorithm->type, "EC") == 0)
		return der_to_pair(raw, len, algorithm->size, bytes);
	memcpy(bytes, raw, len);
	return len;
}

static unsigned char *
pair_to_der(const unsigned char *bytes, size_t size, size_t *der_len)
{
	int half = (int)(size / 2), len;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;

	must(pair != NULL);
	must(ECDSA_SIG_set0(pair, BN_bin2bn(bytes, half, NULL),
		 BN_bin2bn(bytes + half, half, NULL)) == 1);
	must((len = i2d_ECDSA_SIG(pair, &der)) > 0);
	ECDSA_SIG_free(pair);
	*der_len = (size_t)len;
	return der;
}

static bool
holds(const struct keypair *key, const char *input, size_t len,
    const unsigned char *bytes, size_t size)
{
	const struct algorithm *algorithm = key->algorithm;
	unsigned char mac[64], *der = NULL;
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;
	bool result;

	if (size != key->signature_size)
		return false;
	if (key->pkey == NULL) {
		make_mac(key, algorithm, input, len, mac);
		return memcmp(mac, bytes, size) == 0;
	}
	if (strcmp(algorithm->type, "EC") == 0)
		bytes = der = pair_to_der(bytes, size, &size);
	must((ctx = EVP_MD_CTX_new()) != NULL);
	must(EVP_DigestVerifyInit_ex(ctx, &pctx, algorithm->hash, NULL, NULL,
		 key->pkey, NULL) == 1 &&
	     set_up(pctx, algorithm, RSA_PSS_SALTLEN_DIGEST));
	result = EVP_DigestVerify(
		     ctx, bytes, size, (const unsigned char *)input, len) == 1;
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	ERR_clear_error();
	return result;
}

/* RFC 7515 section 4.1.1, and the algorithm is the key's own. */
static bool
names_algorithm(
    const char *header, size_t len, const struct algorithm *algorithm)
{
	struct json_object *object, *alg;
	unsigned char *text;
	size_t text_len;
	bool result;

	if ((text = base64_decode(header, len, &text_len)) == NULL)
		return false;
	object = json_tokener_parse((char *)text);
	free(text);
	result = json_object_is_type(object, json_type_object) &&
	         json_object_object_get_ex(object, "alg", &alg) &&
	         json_object_is_type(alg, json_type_string) &&
	         (size_t)json_object_get_string_len(alg) ==
	             strlen(algorithm->name) &&
	         strcmp(json_object_get_string(alg), algorithm->name) == 0;
	json_object_put(object);
	return result;
}

bool
openssl_verifies(const struct keypair *key, const char *token, size_t len)
{
	const char *end = token + len, *payload, *signature;
	unsigned char *bytes, *body;
	size_t size, body_len;
	bool result;

	if ((payload = memchr(token, '.', len)) == NULL)
		return false;
	payload++;
	signature = memchr(payload, '.', (size_t)(end - payload));
	if (signature == NULL)
		return false;
	signature++;
	if (memchr(signature, '.', (size_t)(end - signature)) != NULL ||
	    !names_algorithm(
		token, (size_t)(payload - 1 - token), key->algorithm))
		return false;
	body = base64_decode(
	    payload, (size_t)(signature - 1 - payload), &body_len);
	bytes = base64_decode(signature, (size_t)(end - signature), &size);
	result =
	    body != NULL && bytes != NULL &&
	    holds(key, token, (size_t)(signature - 1 - token), bytes, size);
	free(body);
	free(bytes);
	return result;
}

char *
openssl_pem(const struct keypair *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *copy;
	long len;

	must(bio != NULL && PEM_write_bio_PUBKEY(bio, key->pkey) == 1);
	len = BIO_get_mem_data(bio, &text);
	must((copy = strndup(text, (size_t)len)) != NULL);
	BIO_free(bio);
	return copy;
}

BIGNUM *
openssl_order(const struct keypair *key)
{
	static const char ed25519[] = "1000000000000000000000000000000014def9"
				      "dea2f79cd65812631a5cf5d3ed";
	const struct algorithm *row = key->algorithm;
	BIGNUM *order = NULL;
	EC_GROUP *group;

	if (strcmp(row->type, "EC") == 0) {
		group = EC_GROUP_new_by_curve_name_ex(NULL, NULL,
		    OBJ_txt2nid(strcmp(row->group, "P-256") == 0 ? "prime256v1"
				: strcmp(row->group, "P-384") == 0 ? "secp384r1"
				: strcmp(row->group, "P-521") == 0
				    ? "secp521r1"
				    : row->group));
		must(group != NULL);
		order = BN_dup(EC_GROUP_get0_order(group));
		EC_GROUP_free(group);
		must(order != NULL);
	} else if (row->curve != NULL && strcmp(row->curve, "Ed25519") == 0) {
		must(BN_hex2bn(&order, ed25519) > 0);
	}
	return order;
}
