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

static const char repeated[] =
    "the application gave the same 400 characters to each of 65 prompts, and "
    "they are not the whole token: use keyboard-interactive, or a token of at "
    "most 400";
static const char lost[] =
    "the application failed on an answer, as sudo does on more than 511 "
    "characters at once, and asked for at most 511 it brought no whole token: "
    "give each prompt as many characters as it asks for, or use jwt-askpass";

static const char alone[] =
    "nothing came after the first 400 characters, where the application may "
    "have cut the token: answer the prompt that says 'from 400' with what "
    "follows, or use jwt-askpass";
/* What the log says of a refusal is these words, or has none of them. */
static void
is_said(struct hearing hearing, enum jwt_reason reason, const char *words)
{
	struct jwt_client client = {.service = "sudo"};
	struct jwt_verdict verdict;
	const char *wanted;
	char *line;

	assert_int_equal(hear(&hearing, &verdict), reason);
	line = jwt_verdict_line(&verdict, &client);
	assert_non_null(line);
	wanted = text("refused reason=%s service=sudo fault=\"%s\"",
	    jwt_reason_name(reason), words == NULL ? "" : words);
	if (words == NULL ? strstr(line, "the application") != NULL ||
				strstr(line, "jwt-askpass") != NULL
			  : strncmp(line, wanted, strlen(wanted)) != 0)
		fail_msg("'%s' instead of: %s", line, wanted);
	free(line);
	jwt_verdict_clear(&verdict);
}

/* Only where it explains what came of it. */
static void
what_the_application_did_to_it_is_said(void **state)
{
	const char *cut = token_with(text("{\"pad\":\"%0400d\"}", 0));
	const char *foreign = token_with("{\"iss\":\"x\"}");
	struct hearing hearing = {0};

	(void)state;
	cut = text("%.400s", cut);
	hearing.at_most = 511;
	hearing.answer = "";
	is_said(hearing, JWT_NOT_A_JWT, lost);
	hearing.answer = "=";
	is_said(hearing, JWT_NOT_A_JWT, lost);
	hearing.answer = cut;
	is_said(hearing, JWT_CUT_OFF, lost);
	hearing.answer = foreign;
	is_said(hearing, JWT_UNKNOWN_ISSUER, NULL);
	hearing.at_most = 0;
	hearing.answer = "";
	is_said(hearing, JWT_NOT_A_JWT, NULL);
	hearing.answer = cut;
	is_said(hearing, JWT_CUT_OFF, NULL);
	hearing.repeated = 65;
	is_said(hearing, JWT_CUT_OFF, repeated);
	hearing.answer = foreign;
	is_said(hearing, JWT_UNKNOWN_ISSUER, NULL);
}

/* The first `len` characters twice, and what is said of them. */
static void
is_told_twice(const char *token, size_t len, enum jwt_reason reason)
{
	struct hearing hearing = {.again = 2};

	hearing.answer = text("%.*s%.*s", (int)len, token, (int)len, token);
	is_said(hearing, reason,
	    text("the same %zu characters came for each of 2 prompts, and then "
		 "nothing: answer the prompt that says 'from %zu' with what "
		 "follows (nothing, if that was all), or use jwt-askpass",
		len, len));
}

/* Who pastes the same again is told so, whatever it made of the token. */
static void
what_was_pasted_again_is_said(void **state)
{
	const char *whole = token_with(text("{\"pad\":\"%0400d\"}", 0));
	struct hearing hearing = {.again = 1};

	(void)state;
	hearing.answer = text("%.400s", whole);
	is_said(hearing, JWT_CUT_OFF, alone);
	hearing.answer = text("%s!", whole);
	is_said(hearing, JWT_MALFORMED, NULL);
	hearing.answer = token_with("{\"iss\":3}");
	is_said(hearing, JWT_CLAIMS_INVALID, NULL);
	/* Cut in the header, in the claims, in the signature, and not. */
	is_told_twice(whole, 30, JWT_CUT_OFF);
	is_told_twice(whole, 400, JWT_CLAIMS_INVALID);
	is_told_twice(whole, strlen(whole) - 10, JWT_MALFORMED);
	is_told_twice(whole, strlen(whole), JWT_MALFORMED);
	hearing.again = 2;
	hearing.answer = "password";
	is_said(hearing, JWT_NOT_A_JWT, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_cut_of_every_algorithm_is_told),
	    cmocka_unit_test(a_longer_signature_is_wrong),
	    cmocka_unit_test(what_the_application_did_to_it_is_said),
	    cmocka_unit_test(what_was_pasted_again_is_said),
	};

	return cmocka_run_group_tests(tests, make_all_keys, judging_remove);
}
