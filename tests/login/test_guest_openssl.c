/*
 * A good guest: the OpenSSL that it shares with the host.  Errors that are in
 * the queue, and work that has begun, are there after a login as before.
 */
#include "outcomes.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

/* As many errors as before a login are there after it, the same in order. */
static void
assert_errors_stay(enum outcome outcome, int count)
{
	int i;

	ERR_clear_error();
	for (i = 1; i <= count; i++)
		ERR_raise(i % 2 == 0 ? ERR_LIB_USER : ERR_LIB_EVP, i);
	log_in_for(outcome);
	for (i = 1; i <= count; i++)
		assert_int_equal(ERR_GET_REASON(ERR_get_error()), i);
	assert_int_equal(ERR_get_error(), 0);
}

static void
d16_the_errors_of_the_host_stay_and_none_is_added(void **state)
{
	enum outcome outcome;

	(void)state;
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++) {
		assert_errors_stay(outcome, 0);
		assert_errors_stay(outcome, 3);
		/*
		 * The queue holds 15, and OpenSSL itself needs room for one,
		 * which it takes back, when it makes a key.
		 */
		assert_errors_stay(outcome, 13);
	}
}

/* A signature begun before a login, and the check of it ended after another. */
static void
a_signature_of_the_host_goes_on_where_it_was(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[256];
	size_t len;
	enum outcome outcome;

	(void)state;
	assert_non_null(key);
	assert_non_null(context);
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++) {
		len = sizeof(signature);
		assert_int_equal(
		    EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key),
		    1);
		assert_int_equal(EVP_DigestSignUpdate(context, "ab", 2), 1);
		log_in_for(outcome);
		assert_int_equal(EVP_DigestSignUpdate(context, "c", 1), 1);
		assert_int_equal(
		    EVP_DigestSignFinal(context, signature, &len), 1);
		EVP_MD_CTX_reset(context);
		assert_int_equal(EVP_DigestVerifyInit(
				     context, NULL, EVP_sha256(), NULL, key),
		    1);
		assert_int_equal(EVP_DigestVerifyUpdate(context, "abc", 3), 1);
		log_in_for(outcome);
		assert_int_equal(
		    EVP_DigestVerifyFinal(context, signature, len), 1);
		EVP_MD_CTX_reset(context);
	}
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

static void
work_of_the_host_goes_on_where_it_was(void **state)
{
	static const unsigned char expected[] = {0xba, 0x78, 0x16, 0xbf};
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	enum outcome outcome;

	(void)state;
	assert_non_null(context);
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++) {
		assert_int_equal(
		    EVP_DigestInit_ex(context, EVP_sha256(), NULL), 1);
		assert_int_equal(EVP_DigestUpdate(context, "ab", 2), 1);
		log_in_for(outcome);
		assert_int_equal(EVP_DigestUpdate(context, "c", 1), 1);
		assert_int_equal(EVP_DigestFinal_ex(context, digest, NULL), 1);
		assert_memory_equal(digest, expected, sizeof(expected));
	}
	EVP_MD_CTX_free(context);
}

/* The digest of "abc" by the functions of that library. */
static void
assert_digests(void *library)
{
	static const unsigned char expected[] = {0xba, 0x78, 0x16, 0xbf};
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char *(*sha256)(
	    const unsigned char *, size_t, unsigned char *);

	*(void **)&sha256 = dlsym(library, "SHA256");
	assert_non_null(sha256);
	assert_non_null(sha256((const unsigned char *)"abc", 3, digest));
	assert_memory_equal(digest, expected, sizeof(expected));
}

/* As a host has it whose own libraries bring another build of OpenSSL. */
static void
log_in_beside(const char *path, int scope)
{
	void *library = dlopen(path, RTLD_NOW | scope);
	enum outcome outcome;

	assert_non_null(library);
	assert_digests(library);
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++) {
		log_in_for(outcome);
		assert_digests(library);
	}
	assert_int_equal(dlclose(library), 0);
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++)
		log_in_for(outcome);
}

/* The library that is loaded, once more in the world's folder. */
static void
copy_library(const char *from, const char *path)
{
	FILE *in = fopen(from, "r"), *out = fopen(path, "w");
	char bytes[65536];
	size_t len;

	assert_non_null(in);
	assert_non_null(out);
	while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(ferror(in), 0);
	assert_int_equal(fclose(out), 0);
	fclose(in);
}

static void
another_openssl_beside_ours_works_and_so_do_we(void **state)
{
	Dl_info ours, copied;
	char path[128];
	void *copy;

	(void)state;
	assert_int_not_equal(dladdr((void *)(uintptr_t)EVP_sha256, &ours), 0);
	snprintf(path, sizeof(path), "%s/libcrypto.so", world.folder);
	copy_library(ours.dli_fname, path);
	/* Really another one, with functions of its own. */
	copy = dlopen(path, RTLD_NOW);
	assert_non_null(copy);
	assert_int_not_equal(dladdr(dlsym(copy, "EVP_sha256"), &copied), 0);
	assert_ptr_not_equal(copied.dli_fbase, ours.dli_fbase);
	assert_int_equal(dlclose(copy), 0);
	log_in_beside(path, RTLD_LOCAL);
	log_in_beside(path, RTLD_GLOBAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(d16_the_errors_of_the_host_stay_and_none_is_added),
	    cmocka_unit_test(work_of_the_host_goes_on_where_it_was),
	    cmocka_unit_test(a_signature_of_the_host_goes_on_where_it_was),
	    cmocka_unit_test(another_openssl_beside_ours_works_and_so_do_we),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
