/*
 * JSONTestSuite, and json-c's own parser beside ours: what we take, it takes
 * too and understands in the same way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"

struct exception {
	const char *file;
	const char *why;
};

/* The y_ files that are refused all the same. */
static const struct exception refused[] = {
    {"y_object_duplicated_key.json", "a name twice: RFC 8725 section 2.4"},
    {"y_object_duplicated_key_and_value.json", "likewise"},
    {"y_object_escaped_null_in_key.json", "a NUL ends a name in C"},
    {"y_string_null_escape.json", "a NUL ends a string in C"},
    {NULL, NULL},
};

/* The i_ files that are taken; the rest is no UTF-8, too big or too deep. */
static const struct exception accepted[] = {
    {"i_number_double_huge_neg_exp.json", "too small is zero: finite"},
    {"i_number_real_underflow.json", "likewise"},
    {NULL, NULL},
};

static bool
is_in(const struct exception *list, const char *file)
{
	for (; list->file != NULL; list++) {
		if (strcmp(list->file, file) == 0)
			return true;
	}
	return false;
}

/* json-c's own parser; it wants a byte after a number to know its end. */
static struct json_object *
parse_by_json_c(struct jwt_slice text)
{
	struct json_tokener *tokener;
	struct json_object *value;
	char *copy;

	tokener = json_tokener_new_ex(JWT_JSON_DEPTH + 1);
	copy = malloc(text.len + 1);
	assert_non_null(tokener);
	assert_non_null(copy);
	memcpy(copy, text.at, text.len);
	copy[text.len] = ' ';
	json_tokener_set_flags(
	    tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tokener, copy, (int)text.len + 1);
	assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
	assert_in_range(
	    json_tokener_get_parse_end(tokener), text.len, text.len + 1);
	json_tokener_free(tokener);
	free(copy);
	return value;
}

/*
 * json-c 0.16 takes the characters U+xD800 to U+xDFFF of the higher planes,
 * when they are escaped, for surrogates once more and writes U+FFFD.
 */
static bool
json_c_may_have_replaced_something(struct json_object *value)
{
	return strstr(json_object_to_json_string(value), "\xef\xbf\xbd") !=
	       NULL;
}

/* What we read is what json-c reads; written again, it reads the same. */
static void
check_meaning(struct jwt_slice text, struct json_object *value)
{
	struct json_object *other;
	const char *written;

	other = parse_by_json_c(text);
	if (!json_c_may_have_replaced_something(other)) {
		assert_true(json_object_equal(value, other));
		assert_string_equal(json_object_to_json_string(value),
		    json_object_to_json_string(other));
	}
	json_object_put(other);

	written = json_object_to_json_string(value);
	assert_int_equal(
	    jwt_json_parse(jwt_slice_of(written), &other, NULL), JWT_OK);
	assert_true(json_object_equal(value, other));
	assert_string_equal(written, json_object_to_json_string(other));
	json_object_put(other);
}

static bool
is_taken(struct jwt_slice text)
{
	struct jwt_fault fault = {""};
	struct json_object *value;
	enum jwt_reason result;

	result = jwt_json_parse(text, &value, &fault);
	assert_int_equal(jwt_json_validate(text, NULL), result);
	if (result == JWT_OK) {
		check_meaning(text, value);
		json_object_put(value);
		return true;
	}
	assert_int_equal(result, JWT_MALFORMED);
	assert_null(value);
	assert_non_null(strstr(fault.text, " at byte "));
	return false;
}

static bool
parsing_is_wanted(const char *file)
{
	if (file[0] == 'y')
		return !is_in(refused, file);
	return file[0] == 'i' && is_in(accepted, file);
}

/* test_transform: what readers understand differently. */
static bool
transform_is_wanted(const char *file)
{
	static const struct exception list[] = {
	    {"number_-9223372036854775808.json", "int64"},
	    {"number_1.0.json", "a double"},
	    {"number_1.000000000000000005.json", "a double"},
	    {"number_1000000000000000.json", "int64"},
	    {"number_1e-999.json", "zero"},
	    {"number_1e6.json", "a double"},
	    {"number_9223372036854775807.json", "int64"},
	    {"object_key_nfc_nfd.json", "names are bytes"},
	    {"object_key_nfd_nfc.json", "names are bytes"},
	    {NULL, NULL},
	};

	return is_in(list, file);
}

static void
judge_folder(const char *folder, bool (*is_wanted)(const char *), size_t files)
{
	struct name_list list = vector_names(folder);
	struct tally tally = {.set = folder};
	struct jwt_slice text;
	char name[512];
	size_t i;
	bool is;

	for (i = 0; i < list.count; i++) {
		snprintf(name, sizeof(name), "%s/%s", folder, list.at[i]);
		text = vector_text(name);
		is = is_taken(text);
		tally_count(&tally, is == is_wanted(list.at[i]), list.at[i],
		    "it was %s", is ? "taken" : "refused");
		free_text(text);
	}
	name_list_free(&list);
	assert_int_equal(tally.tests, files);
	assert_int_equal(tally_tell(&tally), 0);
}

/* y_ is taken with four exceptions, n_ never, i_ with two exceptions. */
static void
json_is_taken_as_the_suite_says_but_for_named_files(void **state)
{
	(void)state;
	judge_folder("JSONTestSuite/test_parsing", parsing_is_wanted, 318);
}

static void
what_readers_understand_differently_is_refused(void **state)
{
	(void)state;
	judge_folder("JSONTestSuite/test_transform", transform_is_wanted, 22);
}

/*
 * Every text that has one byte changed: taken or refused, never understood
 * otherwise than json-c does.
 */
static void
no_changed_byte_makes_us_differ_from_json_c(void **state)
{
	static const char seed[] =
	    "{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\\n\",true,null],"
	    "\"bc\":{\"d\":\"\xc3\xa9\xf0\x9f\x98\x80\"}} ";
	char text[sizeof(seed)];
	size_t i, taken = 0;
	unsigned int c;

	(void)state;
	for (i = 0; i < sizeof(seed) - 1; i++) {
		memcpy(text, seed, sizeof(seed));
		for (c = 0; c < 256; c++) {
			text[i] = (char)c;
			taken += is_taken(
			    (struct jwt_slice){text, sizeof(seed) - 1});
		}
	}
	assert_true(taken > sizeof(seed));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		json_is_taken_as_the_suite_says_but_for_named_files),
	    cmocka_unit_test(what_readers_understand_differently_is_refused),
	    cmocka_unit_test(no_changed_byte_makes_us_differ_from_json_c),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
