/*
 * What libcrypto answers when it is asked about a signature: 1 is yes, 0 is
 * no, and anything else is a fault of this machine, never a yes and never a
 * wrong signature (as in CVE-2008-5077, where -1 was taken for true).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cmocka.h>

#include "judging.h"

#define NO_ANSWER 99 /* libcrypto's own */

static struct {
	int answer;
	bool error; /* and one in the queue */
	unsigned int asked;
} oracle = {.answer = NO_ANSWER};

/* In place of libcrypto's, which is the next of that name. */
int
EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature,
    size_t signature_len, const unsigned char *bytes, size_t len)
{
	int (*real)(EVP_MD_CTX *, const unsigned char *, size_t,
	    const unsigned char *, size_t);

	oracle.asked++;
	if (oracle.error)
		ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
	if (oracle.answer != NO_ANSWER)
		return oracle.answer;
	*(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestVerify");
	return real(ctx, signature, signature_len, bytes, len);
}

static const char *
es_token(void)
{
	return signed_by(
	    "es", "{\"alg\":\"ES256\",\"kid\":\"es\"}", claims_but("{}"));
}

static enum jwt_reason
reason_of(const char *answer, int said, bool error)
{
	struct hearing hearing = {.answer = answer,
	    .config = config_with("system_accounts = deploy\n")};
	struct jwt_verdict verdict;
	enum jwt_reason reason;

	oracle.asked = 0;
	oracle.answer = said;
	oracle.error = error;
	reason = hear(&hearing, &verdict);
	oracle.answer = NO_ANSWER;
	oracle.error = false;
	jwt_verdict_clear(&verdict);
	assert_true(oracle.asked > 0);
	return reason;
}

static void
d14_one_alone_is_yes(void **state)
{
	static const int odd[] = {-1, -2, 2, INT32_MAX, INT32_MIN};
	const char *tokens[] = {token_with("{}"), es_token()};
	size_t i, j;

	(void)state;
	assert_int_equal(reason_of(tokens[1], NO_ANSWER, false), JWT_OK);
	for (i = 0; i < 2; i++) {
		assert_int_equal(reason_of(tokens[i], 1, false), JWT_OK);
		for (j = 0; j < sizeof(odd) / sizeof(odd[0]); j++) {
			assert_int_equal(reason_of(tokens[i], odd[j], false),
			    JWT_INTERNAL_ERROR);
			assert_int_equal(reason_of(tokens[i], odd[j], true),
			    JWT_INTERNAL_ERROR);
		}
	}
}

static void
d14_no_is_no_whatever_is_in_the_queue(void **state)
{
	const char *tokens[] = {token_with("{}"), es_token()};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    reason_of(tokens[i], 0, false), JWT_SIGNATURE_INVALID);
		assert_int_not_equal(reason_of(tokens[i], 0, true), JWT_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(d14_one_alone_is_yes),
	    cmocka_unit_test(d14_no_is_no_whatever_is_in_the_queue),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
