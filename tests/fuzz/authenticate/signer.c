#include "signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "base64.h"

/* Public to everybody who reads this: good for nothing else. */
static const unsigned char ed_seed[32] = "a fuzzer's key, and no secret 01";
static const unsigned char secret[32] = "a fuzzer's key, and no secret 02";

static EVP_PKEY *ed, *es;
static char jwks[1024];

void
signer_build(void)
{
	unsigned char raw[32], point[65];
	char *x, *ec_x, *ec_y;
	size_t len = sizeof(raw);

	ed = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, ed_seed, sizeof(ed_seed));
	es = EVP_EC_gen("P-256");
	must(ed != NULL && es != NULL);
	must(EVP_PKEY_get_raw_public_key(ed, raw, &len) == 1);
	must(EVP_PKEY_get_octet_string_param(
		 es, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) == 1);
	x = base64_encode(raw, sizeof(raw));
	ec_x = base64_encode(point + 1, 32);
	ec_y = base64_encode(point + 33, 32);
	snprintf(jwks, sizeof(jwks),
	    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\","
	    "\"x\":\"%s\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"es\","
	    "\"x\":\"%s\",\"y\":\"%s\"}]}",
	    x, ec_x, ec_y);
	free(x);
	free(ec_x);
	free(ec_y);
}

struct bytes
signer_keys(void)
{
	return (struct bytes){(const uint8_t *)jwks, strlen(jwks)};
}

static size_t
sign_es(const char *input, unsigned char signature[64])
{
	const unsigned char *at;
	unsigned char der[80];
	size_t len = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *pair;

	must(ctx != NULL &&
	     EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, es, NULL) ==
		 1 &&
	     EVP_DigestSign(ctx, der, &len, (const unsigned char *)input,
		 strlen(input)) == 1);
	EVP_MD_CTX_free(ctx);
	at = der;
	must((pair = d2i_ECDSA_SIG(NULL, &at, (long)len)) != NULL);
	must(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32);
	ECDSA_SIG_free(pair);
	return 64;
}

/* The token of what is to be signed, which ends without a dot. */
static char *
sign(char key, const char *input)
{
	unsigned char bytes[64];
	size_t len = sizeof(bytes);
	EVP_MD_CTX *ctx;
	char *signature, *token;

	if (key == 'e') {
		must((ctx = EVP_MD_CTX_new()) != NULL &&
		     EVP_DigestSignInit_ex(
			 ctx, NULL, NULL, NULL, NULL, ed, NULL) == 1 &&
		     EVP_DigestSign(ctx, bytes, &len,
			 (const unsigned char *)input, strlen(input)) == 1);
		EVP_MD_CTX_free(ctx);
	} else if (key == 'h') {
		must(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret,
			 sizeof(secret), (const unsigned char *)input,
			 strlen(input), bytes, sizeof(bytes), &len) != NULL);
	} else {
		len = sign_es(input, bytes);
	}
	signature = base64_encode(bytes, len);
	must(asprintf(&token, "%s.%s", input, signature) > 0);
	free(signature);
	return token;
}

char *
signer_sign(char key, struct bytes header, struct bytes claims)
{
	char *head = base64_encode(header.at, header.len);
	char *body = base64_encode(claims.at, claims.len);
	char *input, *token;

	must(asprintf(&input, "%s.%s", head, body) > 0);
	token = sign(key, input);
	free(head);
	free(body);
	free(input);
	return token;
}

static bool
verify_es(const char *input, const char *text)
{
	unsigned char *bytes, *der = NULL;
	size_t len, text_len = strlen(text);
	ECDSA_SIG *pair = NULL;
	EVP_MD_CTX *ctx = NULL;
	int der_len = 0;
	bool holds;

	if (text_len != 86 ||
	    (bytes = base64_decode(text, text_len, &len)) == NULL)
		return false;
	must(len == 64 && (pair = ECDSA_SIG_new()) != NULL &&
	     ECDSA_SIG_set0(pair, BN_bin2bn(bytes, 32, NULL),
		 BN_bin2bn(bytes + 32, 32, NULL)) == 1 &&
	     (der_len = i2d_ECDSA_SIG(pair, &der)) > 0 &&
	     (ctx = EVP_MD_CTX_new()) != NULL &&
	     EVP_DigestVerifyInit_ex(
		 ctx, NULL, "SHA256", NULL, NULL, es, NULL) == 1);
	holds = EVP_DigestVerify(ctx, der, (size_t)der_len,
		    (const unsigned char *)input, strlen(input)) == 1;
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(pair);
	OPENSSL_free(der);
	free(bytes);
	return holds;
}

bool
signer_signed(const char *token)
{
	const char *dot = strrchr(token, '.');
	char *input, *again;
	bool holds = false;
	size_t i;

	if (dot == NULL)
		return false;
	must((input = strndup(token, (size_t)(dot - token))) != NULL);
	for (i = 0; i < 2 && !holds; i++) {
		again = sign("eh"[i], input);
		holds = strcmp(again, token) == 0;
		free(again);
	}
	holds = holds || verify_es(input, dot + 1);
	free(input);
	return holds;
}

unsigned char *
signer_part(const char *token, unsigned int part, size_t *len)
{
	for (; part > 0 && (token = strchr(token, '.')) != NULL; part--)
		token++;
	return token == NULL ? NULL
	                     : base64_decode(token, strcspn(token, "."), len);
}
