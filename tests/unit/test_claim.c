#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/claim.h"

static struct json_object *
claims_of(const char *json)
{
	struct json_object *claims;
	struct jwt_fault fault = {""};

	if (jwt_json_parse_object(jwt_slice_of(json), &claims, &fault) !=
	    JWT_OK)
		fail_msg("%s: %s", json, fault.text);
	return claims;
}

/* Rows G2 to G4, F16: a time of another type is wrong and never absent. */
static void
times_are_seconds_in_range(void **state)
{
	static const struct {
		const char *json;
		enum jwt_member found;
		int64_t seconds;
		bool fraction;
	} row[] = {
	    {"{}", JWT_MEMBER_ABSENT, 0, false},
	    {"{\"Exp\":1}", JWT_MEMBER_ABSENT, 0, false},
	    {"{\"exp\":0}", JWT_MEMBER_FOUND, 0, false},
	    {"{\"exp\":-0}", JWT_MEMBER_FOUND, 0, false},
	    {"{\"exp\":1800000000}", JWT_MEMBER_FOUND, 1800000000, false},
	    {"{\"exp\":1800000000.0}", JWT_MEMBER_FOUND, 1800000000, false},
	    {"{\"exp\":1800000000.000}", JWT_MEMBER_FOUND, 1800000000, false},
	    {"{\"exp\":1800000000.5}", JWT_MEMBER_FOUND, 1800000000, true},
	    {"{\"exp\":1800000000.0000000000000000000000000000001}",
		JWT_MEMBER_FOUND, 1800000000, true},
	    {"{\"exp\":0.999}", JWT_MEMBER_FOUND, 0, true},
	    {"{\"exp\":253402300799}", JWT_MEMBER_FOUND, 253402300799, false},
	    {"{\"exp\":253402300799.9}", JWT_MEMBER_FOUND, 253402300799, true},
	    {"{\"exp\":253402300800}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":253402300800.0}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":1800000000000}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":9223372036854775807}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":9223372036854775808.0}", JWT_MEMBER_WRONG_TYPE, 0,
		false},
	    {"{\"exp\":-1}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":-0.0}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":-9223372036854775808}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":1.8e9}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":18e8}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":1800000000E0}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":1e308}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":\"1800000000\"}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":null}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":true}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":[1800000000]}", JWT_MEMBER_WRONG_TYPE, 0, false},
	    {"{\"exp\":{}}", JWT_MEMBER_WRONG_TYPE, 0, false},
	};
	struct json_object *claims;
	enum jwt_member found;
	int64_t seconds;
	bool fraction;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		claims = claims_of(row[i].json);
		found = jwt_claim_time(claims, "exp", &seconds, &fraction);
		json_object_put(claims);
		if (found != row[i].found)
			fail_msg("%s", row[i].json);
		if (found != JWT_MEMBER_FOUND)
			continue;
		assert_int_equal(seconds, row[i].seconds);
		assert_int_equal(fraction, row[i].fraction);
	}
}

static void
strings_are_found_by_selector(void **state)
{
	struct json_object *claims =
	    claims_of("{\"sub\":\"a\",\"n\":1,\"z\":null,\"o\":{\"sub\":\"b\"},"
		      "\"empty\":\"\"}");
	struct jwt_slice string;

	(void)state;
	assert_int_equal(
	    jwt_claim_string(claims, "sub", &string), JWT_MEMBER_FOUND);
	assert_true(jwt_slice_equal(string, jwt_slice_of("a")));
	assert_int_equal(
	    jwt_claim_string(claims, "/o/sub", &string), JWT_MEMBER_FOUND);
	assert_true(jwt_slice_equal(string, jwt_slice_of("b")));
	assert_int_equal(
	    jwt_claim_string(claims, "empty", &string), JWT_MEMBER_FOUND);
	assert_int_equal(string.len, 0);
	assert_int_equal(
	    jwt_claim_string(claims, "n", &string), JWT_MEMBER_WRONG_TYPE);
	assert_int_equal(
	    jwt_claim_string(claims, "z", &string), JWT_MEMBER_WRONG_TYPE);
	assert_int_equal(
	    jwt_claim_string(claims, "o", &string), JWT_MEMBER_WRONG_TYPE);
	assert_int_equal(
	    jwt_claim_string(claims, "none", &string), JWT_MEMBER_ABSENT);
	assert_int_equal(
	    jwt_claim_string(claims, "/sub/sub", &string), JWT_MEMBER_ABSENT);
	json_object_put(claims);
}

static void
what_was_seen_is_told(void **state)
{
	static const struct {
		const char *json, *seen;
	} row[] = {
	    {"{}", "absent"},
	    {"{\"c\":null}", "null"},
	    {"{\"c\":\"a/b\"}", "a/b"},
	    {"{\"c\":\"\"}", ""},
	    {"{\"c\":7}", "7"},
	    {"{\"c\":1.50}", "1.50"},
	    {"{\"c\":true}", "true"},
	    {"{\"c\":[\"a/b\", 1]}", "[\"a/b\",1]"},
	    {"{\"c\":{\"d\":null}}", "{\"d\":null}"},
	};
	struct json_object *claims;
	char *seen;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		claims = claims_of(row[i].json);
		seen = jwt_claim_seen(claims, "c");
		assert_non_null(seen);
		assert_string_equal(seen, row[i].seen);
		free(seen);
		json_object_put(claims);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_seconds_in_range),
	    cmocka_unit_test(strings_are_found_by_selector),
	    cmocka_unit_test(what_was_seen_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
