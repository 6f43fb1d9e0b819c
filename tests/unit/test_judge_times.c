/*
 * The clock: rows G1 to G11.
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

/* The usual section's leeway. */
#define LEEWAY 30

struct row {
	const char *claim;
	int64_t from_now; /* seconds */
	enum jwt_reason reason;
};

/* Each claim at now + from_now, with the other usual claims. */
static void
check_rows(const struct row *row, size_t count, const char *config)
{
	struct hearing hearing = {.config = config};
	size_t i;

	for (i = 0; i < count; i++) {
		hearing.answer = token_with(text("{\"%s\":%lld}", row[i].claim,
		    (long long)(NOW + row[i].from_now)));
		expect(&hearing, row[i].reason);
	}
}

#define CHECK_ROWS(row, config) \
	check_rows(row, sizeof(row) / sizeof((row)[0]), config)

static void
times_hold_to_the_second(void **state)
{
	static const struct row row[] = {
	    {"exp", 1, JWT_OK},
	    {"exp", 0, JWT_OK},
	    {"exp", -1, JWT_OK},
	    {"exp", -LEEWAY + 1, JWT_OK},
	    {"exp", -LEEWAY, JWT_EXPIRED},
	    {"exp", -LEEWAY - 1, JWT_EXPIRED},
	    {"exp", -NOW, JWT_EXPIRED},
	    {"nbf", -1, JWT_OK},
	    {"nbf", 0, JWT_OK},
	    {"nbf", 1, JWT_OK},
	    {"nbf", LEEWAY - 1, JWT_OK},
	    {"nbf", LEEWAY, JWT_OK},
	    {"nbf", LEEWAY + 1, JWT_NOT_YET_VALID},
	    {"nbf", -NOW, JWT_OK},
	    {"iat", 0, JWT_OK},
	    {"iat", LEEWAY, JWT_OK},
	    {"iat", LEEWAY + 1, JWT_ISSUED_IN_FUTURE},
	};

	(void)state;
	CHECK_ROWS(row, NULL);
}

/* Row G6: on or after exp it has expired. */
static void
without_leeway_the_same_second_has_expired(void **state)
{
	static const struct row row[] = {
	    {"exp", 1, JWT_OK},
	    {"exp", 0, JWT_EXPIRED},
	    {"exp", -1, JWT_EXPIRED},
	    {"nbf", 0, JWT_OK},
	    {"nbf", 1, JWT_NOT_YET_VALID},
	    {"iat", 0, JWT_OK},
	    {"iat", 1, JWT_ISSUED_IN_FUTURE},
	};

	(void)state;
	CHECK_ROWS(row, config_with("leeway = 0\n"));
}

static void
the_greatest_leeway_is_kept_to(void **state)
{
	static const struct row row[] = {
	    {"exp", -299, JWT_OK},
	    {"exp", -300, JWT_EXPIRED},
	    {"nbf", 300, JWT_OK},
	    {"nbf", 301, JWT_NOT_YET_VALID},
	};

	(void)state;
	CHECK_ROWS(row, config_with("leeway = 5m\n"));
}

/* A fraction of a second makes no token valid for longer. */
static void
fractions_are_kept_to(void **state)
{
	static const struct {
		const char *changes;
		enum jwt_reason reason;
	} row[] = {
	    {"{\"exp\":1800000001.0}", JWT_OK},
	    {"{\"exp\":1800000000.9}", JWT_EXPIRED},
	    {"{\"exp\":1800000000.5}", JWT_EXPIRED},
	    {"{\"nbf\":1800000000.0}", JWT_OK},
	    {"{\"nbf\":1799999999.9}", JWT_OK},
	    {"{\"nbf\":1800000000.1}", JWT_NOT_YET_VALID},
	    {"{\"iat\":1800000000.1}", JWT_ISSUED_IN_FUTURE},
	    {"{\"iat\":1799999999.1}", JWT_OK},
	};
	struct hearing hearing = {.config = config_with("leeway = 0\n")};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
}

/* Row G9. */
static void
a_lifetime_is_at_most_what_is_allowed(void **state)
{
	static const struct {
		const char *changes;
		enum jwt_reason reason;
	} row[] = {
	    /* A day from iat, however much of it is left. */
	    {"{\"iat\":1799999990,\"exp\":1800086390}", JWT_OK},
	    {"{\"iat\":1799999990,\"exp\":1800086391}", JWT_LIFETIME_TOO_LONG},
	    {"{\"iat\":1799913700,\"exp\":1800000101}", JWT_LIFETIME_TOO_LONG},
	    {"{\"iat\":0,\"exp\":1800000100}", JWT_LIFETIME_TOO_LONG},
	    /* A day from now where nobody says when it began. */
	    {"{\"iat\":\"-\",\"exp\":1800086400}", JWT_OK},
	    {"{\"iat\":\"-\",\"exp\":1800086401}", JWT_LIFETIME_TOO_LONG},
	    {"{\"iat\":\"-\",\"nbf\":1799999990,\"exp\":1800086401}",
		JWT_LIFETIME_TOO_LONG},
	    {"{\"iat\":\"-\",\"exp\":253402300799}", JWT_LIFETIME_TOO_LONG},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		expect_claims(row[i].changes, row[i].reason);
	hearing.config = config_with("max_lifetime = 400d\n");
	hearing.answer = token_with("{\"exp\":1834559990}");
	expect(&hearing, JWT_OK);
	hearing.answer = token_with("{\"exp\":1834559991}");
	expect(&hearing, JWT_LIFETIME_TOO_LONG);
}

static void
ages_count_from_their_claims(void **state)
{
	static const struct {
		const char *demand, *changes;
		enum jwt_reason reason;
	} row[] = {
	    {"max_age = 60\n", "{\"iat\":1799999910}", JWT_OK},
	    {"max_age = 60\n", "{\"iat\":1799999909}", JWT_TOO_OLD},
	    {"max_age = 60\n", "{\"iat\":\"-\"}", JWT_TOO_OLD},
	    {"max_age = 0\n", "{\"iat\":1799999970}", JWT_OK},
	    {"max_age = 0\n", "{\"iat\":1799999969}", JWT_TOO_OLD},
	    {"max_age = 60\n", "{\"iat\":1799999909,\"auth_time\":1799999999}",
		JWT_TOO_OLD},
	    {"max_auth_age = 60\n", "{\"auth_time\":1799999910}", JWT_OK},
	    {"max_auth_age = 60\n", "{\"auth_time\":1799999909}", JWT_TOO_OLD},
	    {"max_auth_age = 60\n", "{}", JWT_TOO_OLD},
	    {"max_auth_age = 60\n", "{\"auth_time\":0}", JWT_TOO_OLD},
	    /* A login that is still to come would be fresh for ever. */
	    {"max_auth_age = 60\n", "{\"auth_time\":1800000030}", JWT_OK},
	    {"max_auth_age = 60\n", "{\"auth_time\":1800000031}", JWT_TOO_OLD},
	    {"max_auth_age = 60\n", "{\"auth_time\":253402300799}",
		JWT_TOO_OLD},
	    {"[service sshd]\nmax_auth_age = 60\n",
		"{\"auth_time\":1800000031}", JWT_TOO_OLD},
	    {"max_auth_age = 60\n",
		"{\"iat\":1799999000,\"auth_time\":1799999910}", JWT_OK},
	    {"", "{\"iat\":1799999000,\"auth_time\":0}", JWT_OK},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].demand);
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
}

/* A service adds demands and removes none. */
static void
of_two_demands_the_stricter_counts(void **state)
{
	static const struct {
		const char *more, *changes;
		enum jwt_reason reason;
	} row[] = {
	    {"max_age = 60\n[service sshd]\nmax_age = 20\n",
		"{\"iat\":1799999949}", JWT_TOO_OLD},
	    {"max_age = 20\n[service sshd]\nmax_age = 60\n",
		"{\"iat\":1799999949}", JWT_TOO_OLD},
	    {"max_age = 20\n[service sshd]\nmax_age = 60\n",
		"{\"iat\":1799999950}", JWT_OK},
	    {"[service sshd]\nmax_age = 20\n", "{\"iat\":1799999949}",
		JWT_TOO_OLD},
	    {"[service sudo]\nmax_age = 20\n", "{\"iat\":1799999949}", JWT_OK},
	    {"[service sshd]\nmax_auth_age = 20\n", "{}", JWT_TOO_OLD},
	    {"max_auth_age = 1h\n[service sshd]\nmax_auth_age = 20\n",
		"{\"auth_time\":1799999949}", JWT_TOO_OLD},
	    {"[service sshd]\nmax_lifetime = 309\n", "{}",
		JWT_LIFETIME_TOO_LONG},
	    {"[service sshd]\nmax_lifetime = 310\n", "{}", JWT_OK},
	    {"[service sshd]\nmax_lifetime = 7d\n", "{\"exp\":1800086391}",
		JWT_LIFETIME_TOO_LONG},
	    {"max_lifetime = 7d\n[service sshd]\nmax_lifetime = 1d\n",
		"{\"exp\":1800086391}", JWT_LIFETIME_TOO_LONG},
	    {"max_lifetime = 7d\n[service sshd]\n", "{\"exp\":1800086391}",
		JWT_OK},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].more);
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
}

/* Rows G1, G2, G7: a wrong type is no absence. */
static void
wrong_times_are_refused(void **state)
{
	static const char *const values[] = {"null", "true", "\"1800000100\"",
	    "[1800000100]", "{}", "-1", "1.8e9", "253402300800",
	    "9223372036854775807", "1800000100000"};
	static const char *const claims[] = {"exp", "nbf", "iat"};
	size_t i, j;

	(void)state;
	expect_claims("{\"exp\":\"-\"}", JWT_CLAIMS_INVALID);
	expect_claims("{\"nbf\":\"-\"}", JWT_OK);
	expect_claims("{\"iat\":\"-\"}", JWT_OK);
	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		for (j = 0; j < sizeof(values) / sizeof(values[0]); j++)
			expect_claims(text("{\"%s\":%s}", claims[i], values[j]),
			    JWT_CLAIMS_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_hold_to_the_second),
	    cmocka_unit_test(without_leeway_the_same_second_has_expired),
	    cmocka_unit_test(the_greatest_leeway_is_kept_to),
	    cmocka_unit_test(fractions_are_kept_to),
	    cmocka_unit_test(a_lifetime_is_at_most_what_is_allowed),
	    cmocka_unit_test(ages_count_from_their_claims),
	    cmocka_unit_test(of_two_demands_the_stricter_counts),
	    cmocka_unit_test(wrong_times_are_refused),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
