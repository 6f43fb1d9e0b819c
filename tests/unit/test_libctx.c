/*
 * Rows D16 and I5: whoever loads us keeps its OpenSSL, and we keep ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include "signature_checks.h"
#include "tests/child.h"

/* An object identifier that only our configuration file knows. */
#define PROBE "pamJwtProbe"

static char configuration[] = "/tmp/openssl-cnf-XXXXXX";

static int
write_configuration(void)
{
	static const char text[] =
	    "openssl_conf = start\n[start]\n"
	    "oid_section = oids\n[oids]\n" PROBE " = 1.3.6.1.4.1.99999.1\n";
	int fd = mkstemp(configuration);
	ssize_t written;

	if (fd == -1)
		return -1;
	written = write(fd, text, strlen(text));
	close(fd);
	if (written != (ssize_t)strlen(text))
		return -1;
	return setenv("OPENSSL_CONF", configuration, 1);
}

/* Everything that the library does with OpenSSL. */
static void
do_all_there_is(void)
{
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	unsigned char bytes[JWT_SIGNATURE_MAX];
	char *private_jwk, *public_jwk;
	const struct jwt_algorithm *row;
	const struct jwt_key *chosen;
	struct jwt_keyset *set;
	struct jwt_key key;
	size_t i, len;

	assert_non_null(libctx);
	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		/* RSA keys take long to make; one of them is enough */
		if (row->kty == JWT_KTY_RSA && strcmp(row->name, "PS256") != 0)
			continue;
		assert_int_equal(jwt_key_generate(libctx, row, NULL,
				     &private_jwk, &public_jwk),
		    JWT_OK);
		assert_int_equal(
		    jwt_key_parse_private(libctx, "key",
			jwt_slice_of(private_jwk), 0100600, &key, NULL),
		    JWT_OK);
		set = taken_keys(libctx, public_jwk);
		assert_int_equal(
		    jwt_keyset_choose(set, row, NULL, &chosen, NULL), JWT_OK);
		assert_int_equal(
		    jwt_signature_make(libctx, &key, row, INPUT, bytes, &len),
		    JWT_OK);
		assert_int_equal(
		    jwt_signature_verify(libctx, chosen, row, INPUT,
			(struct jwt_slice){(char *)bytes, len}),
		    JWT_OK);
		memset(bytes, 0x55, sizeof(bytes));
		assert_int_equal(
		    jwt_signature_verify(libctx, chosen, row, INPUT,
			(struct jwt_slice){(char *)bytes, len}),
		    JWT_SIGNATURE_INVALID);
		jwt_keyset_free(set);
		jwt_key_clear(&key);
		free(private_jwk);
		free(public_jwk);
	}
	OSSL_LIB_CTX_free(libctx);
}

/* An Ed25519 key with y = 3, as PUBLIC KEY; and with a fault in it. */
static const char pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    "-----END PUBLIC KEY-----\n";
static const char damaged[] = "-----BEGIN CERTIFICATE-----\nAAAA\n"
			      "-----END CERTIFICATE-----\n";

static void
read_pem(void)
{
	OSSL_LIB_CTX *libctx = jwt_libctx_new();

	usable_key(libctx, pem);
	refused_file(libctx, jwt_slice_of(damaged), 0100600, "damaged");
	OSSL_LIB_CTX_free(libctx);
}

static void
load_configuration(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	assert_int_not_equal(OBJ_txt2nid(PROBE), NID_undef);
}

static void
use_the_library(void)
{
	do_all_there_is();
	read_pem();
	assert_int_equal(OBJ_txt2nid(PROBE), NID_undef);
}

/* I5: su, sudo and login may run with OPENSSL_CONF set by anybody */
static void
no_openssl_configuration_is_read(void **state)
{
	(void)state;
	in_a_child(load_configuration);
	in_a_child(use_the_library);
}

static void
spoil_the_host(void)
{
	assert_non_null(OSSL_PROVIDER_load(NULL, "null"));
	assert_int_equal(
	    EVP_set_default_properties(NULL, "provider=nowhere"), 1);
	assert_null(EVP_MD_fetch(NULL, "SHA256", NULL));
	ERR_clear_error();
	do_all_there_is();
	read_pem();
	assert_null(EVP_MD_fetch(NULL, "SHA256", NULL));
}

static void
the_providers_of_the_host_do_not_matter(void **state)
{
	(void)state;
	in_a_child(spoil_the_host);
}

static void
keep_errors(void)
{
	static const int reasons[] = {1, 2, 3};
	size_t i;

	do_all_there_is();
	read_pem();
	assert_int_equal(ERR_peek_error(), 0);
	for (i = 0; i < 3; i++)
		ERR_raise(ERR_LIB_USER, reasons[i]);
	do_all_there_is();
	read_pem();
	for (i = 0; i < 3; i++)
		assert_int_equal(ERR_GET_REASON(ERR_get_error()), reasons[i]);
	assert_int_equal(ERR_get_error(), 0);
}

/* D16 */
static void
the_errors_of_the_host_stay_and_ours_do_not(void **state)
{
	(void)state;
	in_a_child(keep_errors);
}

static int
remove_configuration(void **state)
{
	(void)state;
	return unlink(configuration);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_openssl_configuration_is_read),
	    cmocka_unit_test(the_providers_of_the_host_do_not_matter),
	    cmocka_unit_test(the_errors_of_the_host_stay_and_ours_do_not),
	};

	if (write_configuration() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_configuration);
}
