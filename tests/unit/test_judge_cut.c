/*
 * Whatever a client cuts off a token, the reason says so: that is the fault
 * that most people will meet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judging.h"
#include "scratch.h"

static const char *const algorithms[] = {
    "HS256", "RS256", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448"};

#define COUNT (sizeof(algorithms) / sizeof(algorithms[0]))

static int
make_all_keys(void **state)
{
	size_t i;

	if (judging_make(state) != 0)
		return -1;
	for (i = 0; i < COUNT; i++) {
		make_key(algorithms[i], algorithms[i]);
		write_keys(algorithms[i], algorithms[i]);
	}
	return 0;
}

/* A section for the algorithm alone, and a token of it. */
static struct hearing
hearing_for(const char *algorithm)
{
	struct hearing hearing = {0};

	hearing.config = text("[issuer corp]\n"
			      "issuer = https://sso.example.com\n"
			      "keys = %s\naudience = ssh\nalgorithms = %s\n",
	    scratch_path(algorithm), algorithm);
	hearing.answer = signed_by(algorithm,
	    text("{\"alg\":\"%s\",\"kid\":\"%s\"}", algorithm, algorithm),
	    claims_but("{}"));
	return hearing;
}

static void
every_cut_of_every_algorithm_is_told(void **state)
{
	struct hearing hearing;
	char *whole;
	size_t i, len, step;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		hearing = hearing_for(algorithms[i]);
		expect(&hearing, JWT_OK);
		whole = strdup(hearing.answer);
		assert_non_null(whole);
		for (len = 0; len < strlen(whole); len += step) {
			hearing = hearing_for(algorithms[i]);
			hearing.answer = text("%.*s", (int)len, whole);
			expect(&hearing, len < 2 ? JWT_NOT_A_JWT : JWT_CUT_OFF);
			/* Of the first two parts, not every one. */
			step = len > 2 && len < 190 ? 5 : 1;
		}
		free(whole);
	}
}

/* Row D7: longer than the key makes it is no cut. */
static void
a_longer_signature_is_wrong(void **state)
{
	struct hearing hearing;
	const char *whole;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		hearing = hearing_for(algorithms[i]);
		whole = hearing.answer;
		hearing.answer = text("%sAAAA", whole);
		expect(&hearing, JWT_SIGNATURE_INVALID);
		hearing.answer = text("%s=", whole);
		expect(&hearing, JWT_MALFORMED);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_cut_of_every_algorithm_is_told),
	    cmocka_unit_test(a_longer_signature_is_wrong),
	};

	return cmocka_run_group_tests(tests, make_all_keys, judging_remove);
}
