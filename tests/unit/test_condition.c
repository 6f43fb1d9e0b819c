#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/condition.h"

/* Whether all conditions of the text hold; a fault fails the test. */
static bool
holds(const char *text, const char *json)
{
	struct jwt_conditions conditions = {0};
	struct jwt_fault fault = {""};
	struct jwt_words words = {0};
	struct json_object *claims;
	bool all = true;
	size_t i;

	assert_int_equal(
	    jwt_words_split(&words, jwt_slice_of(text), &fault), JWT_OK);
	if (jwt_conditions_parse(&conditions, words.at, words.count, &fault) !=
	    JWT_OK)
		fail_msg("%s: %s", text, fault.text);
	if (jwt_json_parse_object(jwt_slice_of(json), &claims, &fault) !=
	    JWT_OK)
		fail_msg("%s: %s", json, fault.text);
	for (i = 0; i < conditions.count; i++)
		all = jwt_condition_holds(&conditions.at[i], claims) && all;
	json_object_put(claims);
	jwt_conditions_clear(&conditions);
	jwt_words_clear(&words);
	return all;
}

struct row {
	const char *condition, *claims;
	bool plain;   /* whether it holds as it is written ... */
	bool negated; /* ... and with `not`; both false: it counts as missing */
};

/* Each condition has its operator as the second word, where `not` goes. */
static void
check_rows(const struct row *row, size_t count)
{
	const char *rest;
	char text[256];
	size_t i, len;

	for (i = 0; i < count; i++) {
		rest = strchr(row[i].condition, ' ');
		assert_non_null(rest);
		len = (size_t)(rest - row[i].condition);
		assert_true(strlen(row[i].condition) + 5 < sizeof(text));
		memcpy(text, row[i].condition, len);
		memcpy(text + len, " not", 4);
		memcpy(text + len + 4, rest, strlen(rest) + 1);
		if (holds(row[i].condition, row[i].claims) != row[i].plain)
			fail_msg("%s over %s", row[i].condition, row[i].claims);
		if (holds(text, row[i].claims) != row[i].negated)
			fail_msg("%s over %s", text, row[i].claims);
	}
}

#define CHECK_ROWS(row) check_rows(row, sizeof(row) / sizeof((row)[0]))

static void
is_compares_the_whole_value_byte_for_byte(void **state)
{
	static const struct row row[] = {
	    {"c is abc", "{\"c\":\"abc\"}", true, false},
	    {"c is abc", "{\"c\":\"ab\"}", false, true},
	    {"c is abc", "{\"c\":\"abcd\"}", false, true},
	    {"c is abc", "{\"c\":\"ABC\"}", false, true},
	    {"c is abc", "{\"c\":\"\"}", false, true},
	    {"c is abc", "{\"c\":\" abc\"}", false, true},
	    {"c is \"a b\"", "{\"c\":\"a b\"}", true, false},
	    {"c is \"a,b\"", "{\"c\":\"a,b\"}", true, false},
	    {"c is a*", "{\"c\":\"ab\"}", false, true},
	    {"c is a*", "{\"c\":\"a*\"}", true, false},
	    {"c is \xc3\xa9", "{\"c\":\"\\u00e9\"}", true, false},
	    {"c is \xc3\xa9", "{\"c\":\"e\\u0301\"}", false, true},
	    /* A word of the grammar is a value where a value stands. */
	    {"c is not", "{\"c\":\"not\"}", true, false},
	    {"c is absent", "{\"c\":\"absent\"}", true, false},
	    {"c is is", "{\"c\":\"is\"}", true, false},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
bare_and_quoted_values_differ_in_type(void **state)
{
	static const struct row row[] = {
	    {"c is true", "{\"c\":true}", true, false},
	    {"c is true", "{\"c\":false}", false, true},
	    {"c is true", "{\"c\":\"true\"}", false, true},
	    {"c is true", "{\"c\":1}", false, true},
	    {"c is false", "{\"c\":false}", true, false},
	    {"c is \"true\"", "{\"c\":true}", false, true},
	    {"c is \"true\"", "{\"c\":\"true\"}", true, false},
	    {"c is True", "{\"c\":true}", false, true},
	    {"c is True", "{\"c\":\"True\"}", true, false},
	    {"c is 7", "{\"c\":7}", true, false},
	    {"c is 7", "{\"c\":\"7\"}", true, false},
	    {"c is \"7\"", "{\"c\":7}", false, true},
	    {"c is \"7\"", "{\"c\":\"7\"}", true, false},
	    {"c is 007", "{\"c\":7}", false, true},
	    {"c is 007", "{\"c\":\"007\"}", true, false},
	    {"c is +7", "{\"c\":7}", false, true},
	    {"c is -7", "{\"c\":-7}", true, false},
	    {"c is 9223372036854775807", "{\"c\":9223372036854775807}", true,
		false},
	    {"c is -9223372036854775808", "{\"c\":-9223372036854775808}", true,
		false},
	    {"c has true", "{\"c\":[true]}", true, false},
	    {"c has true", "{\"c\":[\"true\"]}", false, true},
	    {"c has true", "{\"c\":\"a true b\"}", false, true},
	    {"c has \"true\"", "{\"c\":\"a true b\"}", true, false},
	    {"c has \"true\"", "{\"c\":[true]}", false, true},
	    {"c has 7", "{\"c\":[7]}", true, false},
	    {"c has 7", "{\"c\":[\"7\"]}", true, false},
	    {"c has 7", "{\"c\":\"7 8\"}", true, false},
	    {"c has \"7\"", "{\"c\":[7]}", false, true},
	};

	(void)state;
	CHECK_ROWS(row);
}

/* Row G29: never a part of a word. */
static void
has_finds_elements_and_words(void **state)
{
	static const struct row row[] = {
	    {"c has wheel", "{\"c\":[\"wheel\"]}", true, false},
	    {"c has wheel", "{\"c\":[\"a\",\"wheel\",7,true]}", true, false},
	    {"c has wheel", "{\"c\":[\"wheelbarrow\"]}", false, true},
	    {"c has wheel", "{\"c\":[\"a wheel\"]}", false, true},
	    {"c has wheel", "{\"c\":[]}", false, true},
	    {"c has \"a b\"", "{\"c\":[\"a b\"]}", true, false},
	    {"c has wheel", "{\"c\":\"wheel\"}", true, false},
	    {"c has wheel", "{\"c\":\"a wheel\"}", true, false},
	    {"c has wheel", "{\"c\":\"wheel  a\"}", true, false},
	    {"c has wheel", "{\"c\":\"wheelbarrow a\"}", false, true},
	    {"c has wheel", "{\"c\":\"a,wheel\"}", false, true},
	    {"c has wheel", "{\"c\":\"a\\twheel\"}", false, true},
	    {"c has wheel", "{\"c\":\"a\\nwheel\"}", false, true},
	    {"c has wheel", "{\"c\":\"\"}", false, true},
	    {"c has wheel", "{\"c\":\"   \"}", false, true},
	};

	(void)state;
	CHECK_ROWS(row);
}

/* What an operator cannot read fulfils neither it nor its negation. */
static void
missing_and_unreadable_claims_fulfil_nothing(void **state)
{
	static const struct row row[] = {
	    {"c is a", "{}", false, false},
	    {"c is a", "{\"C\":\"a\"}", false, false},
	    {"c is a", "{\"c\":null}", false, false},
	    {"c is a", "{\"c\":[\"a\"]}", false, false},
	    {"c is a", "{\"c\":{\"a\":1}}", false, false},
	    {"c is 1", "{\"c\":1.0}", false, false},
	    {"c is 1", "{\"c\":1e0}", false, false},
	    {"c has a", "{}", false, false},
	    {"c has a", "{\"c\":null}", false, false},
	    {"c has a", "{\"c\":{\"a\":1}}", false, false},
	    {"c has 7", "{\"c\":7}", false, false},
	    {"c has true", "{\"c\":true}", false, false},
	    /* An element that is not understood could be the one. */
	    {"c has a", "{\"c\":[\"a\",null]}", false, false},
	    {"c has a", "{\"c\":[\"b\",[\"a\"]]}", false, false},
	    {"c has a", "{\"c\":[{\"name\":\"a\"}]}", false, false},
	    {"c has 1", "{\"c\":[1.5]}", false, false},
	    {"c matches *", "{}", false, false},
	    {"c matches *", "{\"c\":null}", false, false},
	    {"c matches **", "{\"c\":7}", false, false},
	    {"c matches **", "{\"c\":true}", false, false},
	    {"c matches **", "{\"c\":[\"a\"]}", false, false},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
absent_asks_for_what_is_not_there(void **state)
{
	(void)state;
	assert_true(holds("c absent", "{}"));
	assert_true(holds("c absent", "{\"C\":1}"));
	assert_false(holds("c absent", "{\"c\":\"\"}"));
	assert_false(holds("c absent", "{\"c\":null}"));
	assert_false(holds("c absent", "{\"c\":[]}"));
	assert_true(holds("/a/b absent", "{\"a\":{}}"));
	assert_false(holds("/a/b absent", "{\"a\":{\"b\":null}}"));
}

static void
matches_reads_strings_alone(void **state)
{
	static const struct row row[] = {
	    {"c matches acme/*", "{\"c\":\"acme/app\"}", true, false},
	    {"c matches acme/*", "{\"c\":\"acme/app/x\"}", false, true},
	    {"c matches *", "{\"c\":\"\"}", true, false},
	    {"c matches 7", "{\"c\":7}", false, false},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
all_conditions_must_hold(void **state)
{
	const char *claims = "{\"a\":\"1\",\"b\":[\"x\"]}";

	(void)state;
	assert_true(holds("a is 1, b has x,c absent", claims));
	assert_false(holds("a is 1, b has y,c absent", claims));
	assert_false(holds("a is 2, b has x,c absent", claims));
	assert_false(holds("a is 1, b has x,b absent", claims));
}

/* Row G28. */
static void
claims_are_names_or_json_pointers(void **state)
{
	static const struct row row[] = {
	    {"a.b is x", "{\"a.b\":\"x\"}", true, false},
	    {"a.b is x", "{\"a\":{\"b\":\"x\"}}", false, false},
	    {"a/b is x", "{\"a/b\":\"x\"}", true, false},
	    {"/a/b is x", "{\"a\":{\"b\":\"x\"}}", true, false},
	    {"/a/b is x", "{\"/a/b\":\"x\"}", false, false},
	    {"/a~1b is x", "{\"a/b\":\"x\"}", true, false},
	    {"/a~0b is x", "{\"a~b\":\"x\"}", true, false},
	    {"/a~01b is x", "{\"a~1b\":\"x\"}", true, false},
	    {"/a~01b is x", "{\"a/b\":\"x\"}", false, false},
	    {"a~b is x", "{\"a~b\":\"x\"}", true, false},
	    {"/ is x", "{\"\":\"x\"}", true, false},
	    {"// is x", "{\"\":{\"\":\"x\"}}", true, false},
	    {"/a/ is x", "{\"a\":\"x\"}", false, false},
	    {"/a is x", "{\"a\":\"x\"}", true, false},
	    {"/ab is x", "{\"a\":\"x\"}", false, false},
	    {"/a is x", "{\"ab\":\"x\"}", false, false},
	    {"/a/0 is x", "{\"a\":[\"x\",\"y\"]}", true, false},
	    {"/a/1 is x", "{\"a\":[\"x\",\"y\"]}", false, true},
	    {"/a/2 is x", "{\"a\":[\"x\",\"y\"]}", false, false},
	    {"/a/00 is x", "{\"a\":[\"x\"]}", false, false},
	    {"/a/+0 is x", "{\"a\":[\"x\"]}", false, false},
	    {"/a/-1 is x", "{\"a\":[\"x\"]}", false, false},
	    {"/a/ is x", "{\"a\":[\"x\"]}", false, false},
	    {"/a/4294967296 is x", "{\"a\":[\"x\"]}", false, false},
	    {"/a/18446744073709551616 is x", "{\"a\":[\"x\"]}", false, false},
	    {"/a/0/b has x", "{\"a\":[{\"b\":\"x y\"}]}", true, false},
	    {"/a/b is x", "{\"a\":\"b\"}", false, false},
	    {"/a/b is x", "{\"a\":null}", false, false},
	    {"https://example.com/roles has x",
		"{\"https://example.com/roles\":[\"x\"]}", true, false},
	    {"/realm_access/roles has ssh",
		"{\"realm_access\":{\"roles\":[\"ssh\"]}}", true, false},
	};

	(void)state;
	CHECK_ROWS(row);
	assert_true(holds("\"two words\" is x", "{\"two words\":\"x\"}"));
}

static void
faulty_conditions_are_named(void **state)
{
	static const struct {
		const char *text, *fault;
	} row[] = {
	    {"", "a condition is missing beside a comma"},
	    {",", "a condition is missing beside a comma"},
	    {"a is b,", "a condition is missing beside a comma"},
	    {", a is b", "a condition is missing beside a comma"},
	    {"a is b,, c is d", "a condition is missing beside a comma"},
	    {"a", "'' is no operator after 'a'"},
	    {"a not", "'not' is no operator after 'a'"},
	    {"a == b", "'==' is no operator after 'a'"},
	    {"a IS b", "'IS' is no operator after 'a'"},
	    {"a \"is\" b", "'is' is no operator after 'a'"},
	    {"a not not is b", "'not' is no operator after 'not'"},
	    {"a \"not\" is b", "'not' is no operator after 'a'"},
	    {"not a is b", "'a' is no operator after 'not'"},
	    {"a is", "'is' takes exactly one value here"},
	    {"a not is", "'is' takes exactly one value here"},
	    {"a is b c", "'is' takes exactly one value here"},
	    {"a is not b", "'is' takes exactly one value here"},
	    {"a has b c", "'has' takes exactly one value here"},
	    {"a matches", "'matches' takes exactly one value here"},
	    {"a absent b", "'absent' takes no value and no not here"},
	    {"a not absent", "'absent' takes no value and no not here"},
	    {"/a~2 is b", "'/a~2': in a JSON Pointer"},
	    {"/a~ is b", "'/a~': in a JSON Pointer"},
	};
	struct jwt_conditions conditions = {0};
	char text[JWT_GLOB_MAX + 64] = "a matches ";
	struct jwt_words words = {0};
	struct jwt_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		jwt_words_split(&words, jwt_slice_of(row[i].text), NULL);
		assert_int_equal(jwt_conditions_parse(&conditions, words.at,
				     words.count, &fault),
		    JWT_CONFIG_ERROR);
		if (strncmp(fault.text, row[i].fault, strlen(row[i].fault)) !=
		    0)
			fail_msg("%s: %s", row[i].text, fault.text);
		jwt_conditions_clear(&conditions);
		jwt_words_clear(&words);
	}
	memset(text + 10, 'b', JWT_GLOB_MAX + 1);
	jwt_words_split(&words, jwt_slice_of(text), NULL);
	assert_int_equal(
	    jwt_conditions_parse(&conditions, words.at, words.count, &fault),
	    JWT_CONFIG_ERROR);
	assert_string_equal(fault.text, "a glob may have 255 bytes at most");
	jwt_conditions_clear(&conditions);
	jwt_words_clear(&words);
}

static void
conditions_keep_how_they_were_written(void **state)
{
	struct jwt_conditions conditions = {0};
	struct jwt_words words = {0};

	(void)state;
	jwt_words_split(
	    &words, jwt_slice_of("  a not  is \"b c\" ,d absent"), NULL);
	assert_int_equal(
	    jwt_conditions_parse(&conditions, words.at, words.count, NULL),
	    JWT_OK);
	assert_int_equal(conditions.count, 2);
	assert_string_equal(conditions.at[0].text, "a not is \"b c\"");
	assert_string_equal(conditions.at[1].text, "d absent");
	assert_null(conditions.at[1].value);
	jwt_conditions_clear(&conditions);
	jwt_words_clear(&words);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_compares_the_whole_value_byte_for_byte),
	    cmocka_unit_test(bare_and_quoted_values_differ_in_type),
	    cmocka_unit_test(has_finds_elements_and_words),
	    cmocka_unit_test(missing_and_unreadable_claims_fulfil_nothing),
	    cmocka_unit_test(absent_asks_for_what_is_not_there),
	    cmocka_unit_test(matches_reads_strings_alone),
	    cmocka_unit_test(all_conditions_must_hold),
	    cmocka_unit_test(claims_are_names_or_json_pointers),
	    cmocka_unit_test(faulty_conditions_are_named),
	    cmocka_unit_test(conditions_keep_how_they_were_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
