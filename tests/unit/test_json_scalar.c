#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_checks.h"

/* Row F9. */
static void
utf8_is_taken_strictly(void **state)
{
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\xaf",
	    "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x80\xaf", "\xe0\x9f\xbf",
	    "\xe2\x82", "\xe2\x28\xa1", "\xed\xa0\x80", "\xed\xbf\xbf",
	    "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98",
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
	    "\xfe", "\xff"};
	char text[16];
	size_t i;
	int len;

	(void)state;
	string_is(TEXT("[\"\x7f\xc2\x80\xdf\xbf\"]"), "\x7f\xc2\x80\xdf\xbf");
	string_is(TEXT("[\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\"]"),
	    "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80");
	string_is(TEXT("[\"\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"]"),
	    "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	/* A BOM is a character like others inside a string. */
	string_is(TEXT("[\"\xef\xbb\xbf\"]"), "\xef\xbb\xbf");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = snprintf(text, sizeof(text), "[\"%s\"]", bad[i]);
		refused_at(
		    (struct jwt_slice){text, (size_t)len}, "invalid UTF-8", 2);
		len = snprintf(text, sizeof(text), "[\"%s", bad[i]);
		refused_at(
		    (struct jwt_slice){text, (size_t)len}, "invalid UTF-8", 2);
	}
	/* What would complete the character lies behind the end. */
	refused_at(
	    (struct jwt_slice){"[\"\xe2\x82\xac\"]", 4}, "invalid UTF-8", 2);
}

/* Row F10. */
static void
surrogates_are_taken_in_pairs_only(void **state)
{
	(void)state;
	string_is(TEXT("[\"\\ud800\\udc00\"]"), "\xf0\x90\x80\x80");
	string_is(TEXT("[\"\\uDBFF\\uDFFF\"]"), "\xf4\x8f\xbf\xbf");
	string_is(TEXT("[\"\\ud7ff\\ue000\"]"), "\xed\x9f\xbf\xee\x80\x80");
	/* json-c 0.16 takes these for surrogates still and loses them. */
	string_is(TEXT("[\"\\ud836\\ude00\"]"), "\xf0\x9d\xa8\x80");
	string_is(TEXT("[\"\\ud837\\udfff\"]"), "\xf0\x9d\xbf\xbf");
	refused_at(TEXT("[\"\\ud800\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\udc00\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\udc00\\ud800\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\udc00\\udc00\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\ud800\\ud800\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\ud800\\u0041\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\ud800\\n\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\ud800x\"]"), "lone surrogate", 4);
	refused_at(TEXT("[\"\\ud800\\udc0"), "lone surrogate", 4);
}

/* Rows F11 and F12. */
static void
strings_hold_no_raw_control_character_and_no_unknown_escape(void **state)
{
	char text[] = "[\"a?b\"]";
	char c;

	(void)state;
	string_is(TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"]"),
	    "\"\\/\b\f\n\r\t\xc3\xa9");
	for (c = 0; c < 0x20; c++) {
		text[3] = c;
		refused_at((struct jwt_slice){text, sizeof(text) - 1},
		    "raw control character", 3);
	}
	refused_at(TEXT("[\"\\x41\"]"), "unknown escape", 3);
	refused_at(TEXT("[\"\\U0041\"]"), "unknown escape", 3);
	refused_at(TEXT("[\"\\\0\"]"), "unknown escape", 3);
	refused_at(TEXT("[\"\\'\"]"), "unknown escape", 3);
	refused_at(TEXT("[\"\\"), "unknown escape", 3);
	refused_at(TEXT("[\"\\u004\"]"), "\\u without four hex digits", 4);
	refused_at(TEXT("[\"\\u00g0\"]"), "\\u without four hex digits", 4);
	refused_at(TEXT("[\"\\u+041\"]"), "\\u without four hex digits", 4);
	refused_at(TEXT("[\"\\u"), "\\u without four hex digits", 4);
	refused_at(TEXT("[\"a"), "unfinished string", 3);
}

/* json-c would have made the largest int64 of it: it never expires. */
static void
integers_fit_int64_or_are_refused(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {
	    {"9223372036854775807", INT64_MAX},
	    {"-9223372036854775808", INT64_MIN},
	    {"0", 0},
	    {"-0", 0},
	    {"1700000000", 1700000000},
	};
	static const char *const bad[] = {"9223372036854775808",
	    "-9223372036854775809", "18446744073709551616",
	    "99999999999999999999999999", "-99999999999999999999999999"};
	struct json_object *value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
		    jwt_json_parse(jwt_slice_of(good[i].text), &value, NULL),
		    JWT_OK);
		assert_true(json_object_is_type(value, json_type_int));
		assert_true(json_object_get_int64(value) == good[i].value);
		json_object_put(value);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused_at(jwt_slice_of(bad[i]), "integer beyond 64 bits", 0);
}

static void
other_numbers_are_finite_and_keep_their_text(void **state)
{
	static const char *const good[] = {"1.5", "-0.0", "1e3", "1E-999",
	    "1700000000.250", "1.7976931348623157e308", "0e99999999999999999",
	    "0.0000001e309", "123e-10000000000000000000000",
	    "1.000000000000000005"};
	static const char *const bad[] = {"1e309", "-1e309", "1.8e308",
	    "1e99999999999999999999999999", "-123123e100000",
	    "0.4e00669999999999999999999999999999999"};
	struct json_object *value;
	struct jwt_slice text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
		    jwt_json_parse(jwt_slice_of(good[i]), &value, NULL),
		    JWT_OK);
		assert_true(json_object_is_type(value, json_type_double));
		assert_string_equal(json_object_get_string(value), good[i]);
		json_object_put(value);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused_at(jwt_slice_of(bad[i]), "number beyond a double", 0);
	text = repeated("9", ".0", "", 400);
	refused_at(text, "number beyond a double", 0);
	free_slice(text);
}

/* Rows F4 and F5. */
static void
an_escaped_nul_is_refused_in_values_and_names(void **state)
{
	(void)state;
	taken(TEXT("{\"sub\":\"root\\\\u0000\"}"));
	string_is(TEXT("[\"\\u0001\"]"), "\001");
	refused_at(TEXT("{\"sub\":\"root\\u0000deploy\"}"), "escaped NUL", 14);
	refused_at(TEXT("{\"sub\\u0000x\":\"root\"}"), "escaped NUL", 7);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8_is_taken_strictly),
	    cmocka_unit_test(surrogates_are_taken_in_pairs_only),
	    cmocka_unit_test(
		strings_hold_no_raw_control_character_and_no_unknown_escape),
	    cmocka_unit_test(integers_fit_int64_or_are_refused),
	    cmocka_unit_test(other_numbers_are_finite_and_keep_their_text),
	    cmocka_unit_test(an_escaped_nul_is_refused_in_values_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
