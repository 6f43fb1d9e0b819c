/*
 * Rows A5, A6 and A8: whatever of a public key anybody can read is no secret
 * to sign with, whatever form the key file has (CVE-2016-10555,
 * CVE-2022-29217, CVE-2024-33663, CVE-2024-54150).  So that it is known that
 * such tokens are good ones, each is taken where its secret is configured.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cmocka.h>

#include "jwt/base64url.h"
#include "jwt/vet.h"

#include "judging.h"
#include "key_checks.h"
#include "scratch.h"

#define TEXTS_MAX 32
#define TEXT_MAX 8192

/* What is public of one key, and which of it is a key file as it stands. */
static struct {
	const char *name;
	char bytes[TEXT_MAX];
	size_t len;
	bool is_key_file;
} public[TEXTS_MAX];
static size_t count;

static void
put(const char *name, const void *bytes, size_t len, bool is_key_file)
{
	assert_true(count < TEXTS_MAX && len < TEXT_MAX);
	public[count].name = name;
	memcpy(public[count].bytes, bytes, len);
	public[count].len = len;
	public[count++].is_key_file = is_key_file;
}

static void
put_text(const char *name, const char *string, bool is_key_file)
{
	put(name, string, strlen(string), is_key_file);
}

/* DER; and as PEM, without the end of its last line, and with CRLF. */
static void
put_block(const char *name, int len, unsigned char *der, bool is_key_file)
{
	char *plain, *crlf;
	BIO *bio = BIO_new(BIO_s_mem());
	size_t i, used = 0;
	long size;

	assert_true(len > 0);
	put(name, der, (size_t)len, false);
	assert_true(PEM_write_bio(bio, name, "", der, len));
	size = BIO_get_mem_data(bio, &plain);
	put(name, plain, (size_t)size, is_key_file);
	put(name, plain, (size_t)size - 1, is_key_file);
	assert_non_null(crlf = malloc((size_t)size * 2));
	for (i = 0; i < (size_t)size; i++) {
		if (plain[i] == '\n')
			crlf[used++] = '\r';
		crlf[used++] = plain[i];
	}
	put(name, crlf, used, is_key_file);
	free(crlf);
	BIO_free(bio);
	OPENSSL_free(der);
}

/* Signed by a key that was never seen before, as any authority's would be. */
static void
put_certificate(EVP_PKEY *pkey)
{
	EVP_PKEY *authority = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char *der = NULL;
	X509 *x509 = X509_new();
	int len;

	assert_true(X509_set_pubkey(x509, pkey));
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), 3600));
	assert_true(X509_sign(x509, authority, NULL));
	len = i2d_X509(x509, &der);
	put_block("CERTIFICATE", len, der, true);
	X509_free(x509);
	EVP_PKEY_free(authority);
}

/* The members as they are and as bytes, and RFC 7638's form of them. */
static void
put_members(const struct json_object *jwk)
{
	static const char *const names[] = {"crv", "e", "kty", "n", "x", "y"};
	const char *canonical = "";
	struct jwt_slice member;
	unsigned char *bytes;
	size_t i, len;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (jwt_json_string(jwk, names[i], &member) != JWT_MEMBER_FOUND)
			continue;
		canonical = text("%s%s\"%s\":\"%s\"", canonical,
		    canonical[0] == '\0' ? "{" : ",", names[i], member.at);
		put_text(names[i], member.at, false);
		if (strcmp(names[i], "kty") == 0 ||
		    strcmp(names[i], "crv") == 0)
			continue;
		assert_int_equal(
		    jwt_base64url_decode(member, &bytes, &len), JWT_OK);
		put(names[i], bytes, len, false);
		free(bytes);
	}
	put_text("canonical JWK", text("%s}", canonical), true);
}

/* An Ed25519 key as authorized_keys has it (RFC 8709 section 4). */
static void
put_ssh(const EVP_PKEY *pkey)
{
	unsigned char wire[51] = "\0\0\0\13ssh-ed25519\0\0\0\40";
	char line[96] = "ssh-ed25519 ";
	size_t len = 32;

	assert_true(EVP_PKEY_get_raw_public_key(pkey, wire + 19, &len));
	assert_int_equal(
	    EVP_EncodeBlock((unsigned char *)line + 12, wire, 51), 68);
	put_text("SSH", line, false);
	put_text("SSH, a line", text("%s\n", line), false);
}

/* Everything of a key of judging.c, by its kid. */
static void
put_all(OSSL_LIB_CTX *libctx, const char *kid)
{
	struct json_object *jwk = json_tokener_parse(public_key(kid));
	struct jwt_keyset *set = taken_keys(libctx, public_key(kid));
	EVP_PKEY *pkey = set->key[0].pkey;
	unsigned char *der = NULL;
	int len;

	count = 0;
	put_text("nothing", "", false);
	put_text("kid", kid, false);
	put_text("JWK", public_key(kid), true);
	put_text("JWK, another writing", json_object_to_json_string(jwk), true);
	put_text("JWKS", text("{\"keys\":[%s]}", public_key(kid)), true);
	put_text(
	    "JWKS, a line", text("{\"keys\":[%s]}\n", public_key(kid)), true);
	put_members(jwk);
	len = i2d_PUBKEY(pkey, &der);
	put_block("PUBLIC KEY", len, der, true);
	put_certificate(pkey);
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		put_ssh(pkey);
	der = NULL;
	if (EVP_PKEY_is_a(pkey, "RSA")) {
		len = i2d_PublicKey(pkey, &der);
		put_block("RSA PUBLIC KEY", len, der, false);
	}
	json_object_put(jwk);
	jwt_keyset_free(set);
}

/* A token whose MAC is by this secret. */
static const char *
token_by(OSSL_LIB_CTX *libctx, const char *header, const char *hash,
    const void *secret, size_t secret_len)
{
	char *head = jwt_base64url_encode(header, strlen(header));
	char *body =
	    jwt_base64url_encode(claims_but("{}"), strlen(claims_but("{}")));
	const char *input = text("%s.%s", head, body), *token;
	unsigned char mac[EVP_MAX_MD_SIZE];
	char *signature;
	size_t len;

	assert_non_null(EVP_Q_mac(libctx, "HMAC", NULL, hash, NULL, secret,
	    secret_len, (const unsigned char *)input, strlen(input), mac,
	    sizeof(mac), &len));
	signature = jwt_base64url_encode(mac, len);
	token = text("%s.%s", input, signature);
	free(head);
	free(body);
	free(signature);
	return token;
}

static const char *
config_for(const char *keys, const char *algorithms)
{
	return text("[issuer corp]\nissuer = https://sso.example.com\n"
		    "keys = %s\naudience = ssh\nalgorithms = %s\n",
	    keys, algorithms);
}

/* Under the secret itself the token is good. */
static void
is_taken_by_its_secret(const char *token, const char *hs, size_t i)
{
	char *k = jwt_base64url_encode(public[i].bytes, public[i].len);
	const char *keys;

	keys = scratch_write(
	    "secret", text("{\"kty\":\"oct\",\"k\":\"%s\"}", k), 0600);
	expect(
	    &(struct hearing){.config = config_for(keys, hs), .answer = token},
	    JWT_OK);
	free(k);
}

static const struct {
	const char *name, *hash;
	size_t least; /* bytes of a secret */
} macs[] = {
    {"HS256", "SHA256", 32},
    {"HS384", "SHA384", 48},
    {"HS512", "SHA512", 64},
};

/* Text `i` as the secret; against one form of the key file in all ways. */
static void
try(OSSL_LIB_CTX *libctx, const char *kid, const char *keys, size_t i,
    bool is_first)
{
	static const char own[] = "EdDSA ES256 RS256",
			  all[] = "EdDSA ES256 RS256 HS256 HS384 HS512";
	const char *token, *hs;
	size_t ways = is_first ? 2 * sizeof(macs) / sizeof(macs[0]) : 2, m;

	for (m = 0; m < ways; m++) {
		hs = macs[m / 2].name;
		token = token_by(libctx,
		    m % 2 == 0
			? text("{\"alg\":\"%s\"}", hs)
			: text("{\"alg\":\"%s\",\"kid\":\"%s\"}", hs, kid),
		    macs[m / 2].hash, public[i].bytes, public[i].len);
		expect(&(struct hearing){.config = config_for(keys, own),
			   .answer = token},
		    JWT_ALGORITHM_NOT_ALLOWED);
		/* Not even where both kinds are named. */
		expect(&(struct hearing){.config = config_for(keys, all),
			   .answer = token},
		    JWT_UNKNOWN_KEY);
		if (is_first && public[i].len >= macs[m / 2].least &&
		    public[i].len <= JWT_SECRET_MAX)
			is_taken_by_its_secret(token, hs, i);
	}
}

static void
a5_a6_a8_nothing_public_of_a_key_is_a_secret(void **state)
{
	static const char *const kids[] = {"ed", "es", "rs"};
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	char keys[4096];
	size_t k, i, file, files;

	(void)state;
	make_key("rs", "RS256");
	for (k = 0; k < sizeof(kids) / sizeof(kids[0]); k++) {
		put_all(libctx, kids[k]);
		for (file = files = 0; file < count; file++) {
			if (!public[file].is_key_file)
				continue;
			snprintf(keys, sizeof(keys), "%s",
			    scratch_write_bytes("public", public[file].bytes,
				public[file].len, 0600));
			for (i = 0; i < count; i++)
				try(libctx, kids[k], keys, i, files == 0);
			files++;
		}
		assert_int_equal(files, 11);
	}
	OSSL_LIB_CTX_free(libctx);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a5_a6_a8_nothing_public_of_a_key_is_a_secret),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
