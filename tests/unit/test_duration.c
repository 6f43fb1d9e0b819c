/*
 * Times for people: durations in words, and what explain says of each claim
 * that is compared with the clock, while the log's words stay as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judging.h"
#include "jwt/duration.h"

#define EARLIER (NOW - 252)
#define LATER (NOW + 200)

static void
durations_have_their_two_largest_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} row[] = {
	    {0, "0 s"},
	    {1, "1 s"},
	    {45, "45 s"},
	    {59, "59 s"},
	    {60, "1 min"},
	    {61, "1 min 1 s"},
	    {252, "4 min 12 s"},
	    {3599, "59 min 59 s"},
	    {3600, "1 h"},
	    {3659, "1 h"},
	    {3660, "1 h 1 min"},
	    {11100, "3 h 5 min"},
	    {86399, "23 h 59 min"},
	    {86400, "1 d"},
	    {86400 + 3599, "1 d"},
	    {2 * 86400 + 4 * 3600, "2 d 4 h"},
	    {INT64_C(253402300799), "2932896 d 23 h"},
	    {-252, "4 min 12 s"},
	    {INT64_MAX, "106751991167300 d 15 h"},
	    {INT64_MIN, "106751991167300 d 15 h"},
	};
	char out[JWT_DURATION_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_string_equal(
		    jwt_duration(out, row[i].seconds), row[i].text);
}

/* What the check of this name says, where somebody must explain. */
static void
said_is(const char *more, const char *changes, enum jwt_reason reason,
    const char *name, const char *said)
{
	struct hearing hearing = {.explain = true};
	struct jwt_verdict verdict;
	size_t i;

	hearing.config = config_with(more);
	hearing.answer = token_with(changes);
	assert_int_equal(hear(&hearing, &verdict), reason);
	for (i = 0; i < verdict.checks; i++)
		if (strcmp(verdict.check[i].name, name) == 0)
			break;
	assert_in_range(i, 0, verdict.checks - 1);
	assert_non_null(verdict.check[i].said);
	assert_string_equal(verdict.check[i].said, said);
	jwt_verdict_clear(&verdict);
}

static const char *
at(const char *claim, int64_t time)
{
	return text("{\"%s\":%lld}", claim, (long long)time);
}

static void
each_time_is_told_as_distance_and_date(void **state)
{
	(void)state;
	said_is("", at("exp", EARLIER), JWT_EXPIRED, "expiry",
	    "expired 4 min 12 s ago (2027-01-15T07:55:48Z, now "
	    "2027-01-15T08:00:00Z), leeway 30 s");
	said_is("", at("exp", NOW + 288), JWT_OK, "expiry",
	    "expires in 4 min 48 s (2027-01-15T08:04:48Z, now "
	    "2027-01-15T08:00:00Z), leeway 30 s");
	said_is("leeway = 0\n", at("exp", NOW), JWT_EXPIRED, "expiry",
	    "expired 0 s ago (2027-01-15T08:00:00Z, now "
	    "2027-01-15T08:00:00Z), leeway 0 s");
	said_is("", at("nbf", LATER), JWT_NOT_YET_VALID, "not before",
	    "not valid for another 3 min 20 s (2027-01-15T08:03:20Z, now "
	    "2027-01-15T08:00:00Z), leeway 30 s");
	said_is("", at("nbf", EARLIER), JWT_OK, "not before",
	    "valid since 4 min 12 s ago (2027-01-15T07:55:48Z, now "
	    "2027-01-15T08:00:00Z), leeway 30 s");
	said_is("", at("iat", LATER), JWT_ISSUED_IN_FUTURE, "issued",
	    "issued 3 min 20 s in the future (2027-01-15T08:03:20Z, now "
	    "2027-01-15T08:00:00Z), leeway 30 s");
	said_is("", at("iat", EARLIER), JWT_OK, "issued",
	    "issued 4 min 12 s ago (2027-01-15T07:55:48Z, now "
	    "2027-01-15T08:00:00Z), leeway 30 s");
}

static void
lifetimes_and_ages_stand_beside_what_is_demanded(void **state)
{
	static const char ages[] = "max_age = 5m\nmax_auth_age = 1h\n";

	(void)state;
	said_is("", at("iat", EARLIER), JWT_OK, "lifetime",
	    "lives 9 min 12 s, max_lifetime 1 d");
	said_is("max_lifetime = 1m\n", "{}", JWT_LIFETIME_TOO_LONG, "lifetime",
	    "lives 5 min 10 s, max_lifetime 1 min");
	said_is("max_age = 1m\n", at("iat", EARLIER), JWT_TOO_OLD, "age",
	    "issued 4 min 12 s ago (2027-01-15T07:55:48Z, now "
	    "2027-01-15T08:00:00Z), max_age 1 min, leeway 30 s");
	said_is(ages, at("auth_time", NOW - 7200), JWT_TOO_OLD, "age",
	    "issued 10 s ago (2027-01-15T07:59:50Z, now "
	    "2027-01-15T08:00:00Z), max_age 5 min, leeway 30 s; "
	    "logged in 2 h ago (2027-01-15T06:00:00Z, now "
	    "2027-01-15T08:00:00Z), max_auth_age 1 h, leeway 30 s");
}

/* A login needs no sentences, and its log has the words that it always had. */
static void
a_login_is_told_the_same_as_ever(void **state)
{
	struct hearing hearing = {0};
	struct jwt_verdict verdict;
	size_t i;
	int explain;

	(void)state;
	for (explain = 0; explain < 2; explain++) {
		hearing.explain = explain == 1;
		hearing.answer = token_with(at("exp", EARLIER));
		assert_int_equal(hear(&hearing, &verdict), JWT_EXPIRED);
		assert_true(verdict.own_is_words);
		assert_string_equal(verdict.own,
		    "exp=2027-01-15T07:55:48Z now=2027-01-15T08:00:00Z "
		    "leeway=30s");
		for (i = 0; i < verdict.checks && explain == 0; i++)
			assert_null(verdict.check[i].said);
		jwt_verdict_clear(&verdict);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_have_their_two_largest_units),
	    cmocka_unit_test(each_time_is_told_as_distance_and_date),
	    cmocka_unit_test(lifetimes_and_ages_stand_beside_what_is_demanded),
	    cmocka_unit_test(a_login_is_told_the_same_as_ever),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
