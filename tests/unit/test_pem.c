/*
 * PEM files: rows A5 to A7 and C16.  All of them are made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "jwt/signature.h"
#include "key_checks.h"

static const char *
text_of_bio(BIO *bio)
{
	const char *text;
	char *bytes;
	long len;

	len = BIO_get_mem_data(bio, &bytes);
	text = filled("%.*s", (int)len, bytes);
	BIO_free(bio);
	return text;
}

static const char *
public_pem(EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_non_null(pkey);
	assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	return text_of_bio(bio);
}

static const char *
private_pem(EVP_PKEY *pkey, bool traditional)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (traditional)
		assert_int_equal(PEM_write_bio_PrivateKey_traditional(
				     bio, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
	else
		assert_int_equal(PEM_write_bio_PrivateKey(
				     bio, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
	return text_of_bio(bio);
}

/* A certificate that expired in 1970 and names nobody. */
static const char *
certificate_pem(EVP_PKEY *pkey, const char *hash)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *certificate = X509_new();

	assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), 0));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), 86400));
	assert_int_equal(X509_set_pubkey(certificate, pkey), 1);
	assert_true(X509_sign(certificate, pkey,
			hash == NULL ? NULL : EVP_get_digestbyname(hash)) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	X509_free(certificate);
	return text_of_bio(bio);
}

static EVP_PKEY *
new_ec(const char *group, const char *encoding, const char *form)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	char *words[3] = {strdup(group), strdup(encoding), strdup(form)};
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
				   OSSL_PKEY_PARAM_GROUP_NAME, words[0], 0),
	    OSSL_PARAM_construct_utf8_string(
		OSSL_PKEY_PARAM_EC_ENCODING, words[1], 0),
	    OSSL_PARAM_construct_utf8_string(
		OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, words[2], 0),
	    OSSL_PARAM_construct_end()};
	size_t i;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_params(ctx, params), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	for (i = 0; i < 3; i++)
		free(words[i]);
	return pkey;
}

static EVP_PKEY *
new_rsa(const char *type, unsigned int bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	size_t size = bits;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &size),
	    OSSL_PARAM_construct_end()};
	EVP_PKEY *pkey = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_params(ctx, params), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* The file's one key serves this algorithm, and holds what it is to hold. */
static void
serves(void **state, const char *text, const char *alg, EVP_PKEY *pkey)
{
	const struct jwt_algorithm *algorithm =
	    jwt_algorithm_find(jwt_slice_of(alg));
	struct jwt_slice kid = TEXT("some kid");
	struct jwt_keyset *set;
	const struct jwt_key *key;

	set = taken_keys(*state, text);
	assert_int_equal(set->usable, 1);
	assert_int_equal(
	    jwt_keyset_choose(set, algorithm, &kid, &key, NULL), JWT_OK);
	assert_null(key->kid);
	assert_null(key->algorithm);
	assert_false(key->is_private);
	assert_int_equal(EVP_PKEY_eq(key->pkey, pkey), 1);
	jwt_keyset_free(set);
}

static void
a_public_key_or_certificate_gives_its_one_key(void **state)
{
	static const struct {
		const char *type, *alg, *hash;
	} rows[] = {
	    {"RSA", "RS256", "SHA256"},
	    {"prime256v1", "ES256", "SHA256"},
	    {"secp384r1", "ES384", "SHA256"},
	    {"secp521r1", "ES512", "SHA256"},
	    {"secp256k1", "ES256K", "SHA256"},
	    {"ED25519", "EdDSA", NULL},
	    {"ED448", "Ed448", NULL},
	};
	EVP_PKEY *pkey;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].type, "RSA") == 0)
			pkey = new_rsa("RSA", 2048);
		else if (rows[i].hash == NULL)
			pkey = EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type);
		else
			pkey =
			    new_ec(rows[i].type, "named_curve", "uncompressed");
		serves(state, public_pem(pkey), rows[i].alg, pkey);
		serves(state, filled("%s\r\n\t \n", public_pem(pkey)),
		    rows[i].alg, pkey);
		/* long expired, signed by itself: that is not looked at */
		serves(state, certificate_pem(pkey, rows[i].hash), rows[i].alg,
		    pkey);
		EVP_PKEY_free(pkey);
	}
	/* a compressed point is a way of writing; the key is the same */
	pkey = new_ec("prime256v1", "named_curve", "compressed");
	serves(state, public_pem(pkey), "ES256", pkey);
	EVP_PKEY_free(pkey);
}

/* The same door as a JWK's: vetted, and refused as a key, not as a file. */
static void
keys_from_pem_are_vetted(void **state)
{
	EVP_PKEY *pkey = new_rsa("RSA", 1024);
	unsigned char zero[32] = {0};

	refused_key(*state, public_pem(pkey),
	    "RSA modulus has 1024 bits, at least 2048 are needed");
	refused_key(*state, certificate_pem(pkey, "SHA256"), "1024 bits");
	EVP_PKEY_free(pkey);
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, zero, 32);
	refused_key(*state, public_pem(pkey), "small order");
	EVP_PKEY_free(pkey);
}

/* A5 to A7: nothing makes a public key's text a secret, or a key at all */
static void
a5_a7_c16_text_around_a_pem_block_is_no_way_to_hide_it(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	char *pem = strdup(public_pem(pkey));
	struct jwt_keyset *set;
	const struct jwt_key *key;

	set = taken_keys(*state, pem);
	assert_int_equal(
	    jwt_keyset_choose(
		set, jwt_algorithm_find(TEXT("HS256")), NULL, &key, NULL),
	    JWT_UNKNOWN_KEY);
	jwt_keyset_free(set);
	refused_file(*state, jwt_slice_of(filled("\n%s", pem)), 0100600,
	    "is no key file");
	refused_file(*state, jwt_slice_of(filled(" %s", pem)), 0100600,
	    "is no key file");
	refused_file(*state, jwt_slice_of(filled("# our key\n%s", pem)),
	    0100600, "is no key file");
	refused_file(*state, jwt_slice_of(filled("\xef\xbb\xbf%s", pem)),
	    0100600, "is no key file");
	refused_file(*state,
	    jwt_slice_of(filled("-----BEGIN PUBLIC KEY-----x\n%s", pem)),
	    0100600, "begins with -----BEGIN and 'PUBLIC KEY-----x'");
	refused_file(*state, jwt_slice_of(filled("%sx", pem)), 0100600,
	    "something follows");
	refused_file(*state, jwt_slice_of(filled("%s%s", pem, pem)), 0100600,
	    "something follows");
	refused_file(*state,
	    jwt_slice_of(filled("%s%s", pem, private_pem(pkey, false))),
	    0100600, "something follows");
	refused_file(*state, jwt_slice_of(filled("%s{}", pem)), 0100600,
	    "something follows");
	free(pem);
	EVP_PKEY_free(pkey);
}

/* C16 */
static void
c16_other_pem_blocks_are_refused_by_name(void **state)
{
	EVP_PKEY *pkey = new_rsa("RSA", 2048);
	const char *why = "holds a private key, wanted its public half";

	refused_file(
	    *state, jwt_slice_of(private_pem(pkey, false)), 0100600, why);
	refused_file(
	    *state, jwt_slice_of(private_pem(pkey, true)), 0100600, why);
	refused_file(*state,
	    TEXT("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n"), 0100600,
	    why);
	refused_file(*state, TEXT("-----BEGIN OPENSSH PRIVATE KEY-----\n"),
	    0100600, why);
	refused_file(*state, TEXT("-----BEGIN RSA PUBLIC KEY-----\nAA==\n"),
	    0100600, "'RSA PUBLIC KEY-----'");
	refused_file(*state, TEXT("-----BEGIN TRUSTED CERTIFICATE-----\n"),
	    0100600, "'TRUSTED CERTIFICATE-----'");
	refused_file(*state, TEXT("-----BEGIN X509 CRL-----\n"), 0100600,
	    "wanted 'PUBLIC KEY-----' or 'CERTIFICATE-----'");
	refused_file(
	    *state, TEXT("-----BEGIN \x1b[2J\n"), 0100600, "'\\x1b[2J'");
	refused_file(*state, TEXT("-----BEGIN "), 0100600, "is no key file");
	EVP_PKEY_free(pkey);
}

static void
damaged_blocks_are_refused(void **state)
{
#define WRAPPED(body) \
	TEXT("-----BEGIN PUBLIC KEY-----\n" body "-----END PUBLIC KEY-----\n")
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	const char *pem = public_pem(pkey);
	char *cut = strdup(pem);

	refused_file(*state, WRAPPED(""), 0100600, "damaged");
	refused_file(*state, WRAPPED("AA==\n"), 0100600, "damaged");
	refused_file(*state, WRAPPED("!!!!\n"), 0100600, "damaged");
	refused_file(*state,
	    WRAPPED("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
		    "AAAA\n"),
	    0100600, "damaged");
	refused_file(
	    *state, TEXT("-----BEGIN PUBLIC KEY-----"), 0100600, "damaged");
	refused_file(*state,
	    TEXT("-----BEGIN PUBLIC KEY-----\nAAAA\n"
		 "-----END CERTIFICATE-----\n"),
	    0100600, "damaged");
	refused_file(*state,
	    TEXT("-----BEGIN CERTIFICATE-----\nAAAA\n"
		 "-----END CERTIFICATE-----\n"),
	    0100600, "the CERTIFICATE is damaged");
	cut[strlen(cut) / 2] = '\0';
	refused_file(*state, jwt_slice_of(cut), 0100600, "damaged");
	/* an Ed25519 key, and with one byte behind it in its DER */
	usable_key(*state,
	    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----");
	refused_file(*state,
	    WRAPPED(
		"MCowBQYDK2VwAyEAAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"),
	    0100600, "damaged");
	free(cut);
	EVP_PKEY_free(pkey);
}

static void
keys_that_sign_no_tokens_are_refused_by_name(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

	refused_file(*state, jwt_slice_of(public_pem(pkey)), 0100600,
	    "holds a key of type X25519");
	EVP_PKEY_free(pkey);
	pkey = new_rsa("RSA-PSS", 2048);
	refused_file(*state, jwt_slice_of(public_pem(pkey)), 0100600,
	    "holds a key of type RSA-PSS");
	EVP_PKEY_free(pkey);
	pkey = new_ec("secp224r1", "named_curve", "uncompressed");
	refused_file(*state, jwt_slice_of(public_pem(pkey)), 0100600,
	    "holds a key of type EC on secp224r1");
	EVP_PKEY_free(pkey);
	pkey = new_ec("prime256v1", "explicit", "uncompressed");
	refused_file(*state, jwt_slice_of(public_pem(pkey)), 0100600,
	    "spells its curve out");
	EVP_PKEY_free(pkey);
	/* an EC key at infinity: SPKI, P-256, BIT STRING 00 */
	refused_file(*state, WRAPPED("MBkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDAgAA\n"),
	    0100600, "has no coordinates");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_public_key_or_certificate_gives_its_one_key),
	    cmocka_unit_test(keys_from_pem_are_vetted),
	    cmocka_unit_test(
		a5_a7_c16_text_around_a_pem_block_is_no_way_to_hide_it),
	    cmocka_unit_test(c16_other_pem_blocks_are_refused_by_name),
	    cmocka_unit_test(damaged_blocks_are_refused),
	    cmocka_unit_test(keys_that_sign_no_tokens_are_refused_by_name),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
