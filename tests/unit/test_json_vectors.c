/*
 * JSONTestSuite, and json-c's own parser beside ours: what we take, it takes
 * too and understands in the same way.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/json.h"

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

/* The folder's path, or the test is skipped. */
static const char *
folder(char path[4096], const char *name)
{
	const char *vectors = getenv("JWT_VECTORS");
	DIR *dir;

	snprintf(path, 4096, "%s/JSONTestSuite/%s",
	    vectors != NULL ? vectors : "../shared/vectors", name);
	if ((dir = opendir(path)) == NULL) {
		print_message("skipped: no vectors\n");
		skip();
	}
	closedir(dir);
	return path;
}

static struct jwt_slice
read_file(const char *path, const char *name)
{
	static char bytes[1 << 20];
	char full[4096 + 256];
	size_t len;
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", path, name);
	file = fopen(full, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	assert_true(len < sizeof(bytes));
	fclose(file);
	return (struct jwt_slice){bytes, len};
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

/* Goes through the files that begin so; says how many were taken. */
static size_t
count_taken(const char *path, const char *prefix,
    bool (*wanted)(const char *file), size_t *files)
{
	struct dirent **entry;
	size_t count = 0;
	bool taken;
	int n;

	*files = 0;
	n = scandir(path, &entry, NULL, alphasort);
	assert_true(n >= 0);
	while (n-- > 0) {
		const char *name = entry[n]->d_name;

		if (strncmp(name, prefix, strlen(prefix)) == 0) {
			(*files)++;
			taken = is_taken(read_file(path, name));
			if (taken != wanted(name))
				fail_msg("%s was %s", name,
				    taken ? "taken" : "refused");
			count += taken;
		}
		free(entry[n]);
	}
	free(entry);
	return count;
}

static bool
y_is_wanted(const char *file)
{
	return !is_in(refused, file);
}

static bool
n_is_wanted(const char *file)
{
	(void)file;
	return false;
}

static bool
i_is_wanted(const char *file)
{
	return is_in(accepted, file);
}

static void
what_must_parse_is_taken_with_four_exceptions(void **state)
{
	char path[4096];
	size_t taken, files;

	(void)state;
	folder(path, "test_parsing");
	taken = count_taken(path, "y_", y_is_wanted, &files);
	assert_int_equal(files, 95);
	assert_int_equal(taken, 95 - 4);
}

static void
what_must_not_parse_is_refused(void **state)
{
	char path[4096];
	size_t files;

	(void)state;
	folder(path, "test_parsing");
	assert_int_equal(count_taken(path, "n_", n_is_wanted, &files), 0);
	assert_int_equal(files, 188);
}

static void
what_is_left_open_is_refused_with_two_exceptions(void **state)
{
	char path[4096];
	size_t files;

	(void)state;
	folder(path, "test_parsing");
	assert_int_equal(count_taken(path, "i_", i_is_wanted, &files), 2);
	assert_int_equal(files, 35);
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
what_readers_understand_differently_is_refused(void **state)
{
	char path[4096];
	size_t files;

	(void)state;
	folder(path, "test_transform");
	assert_int_equal(
	    count_taken(path, "number_", transform_is_wanted, &files), 7);
	assert_int_equal(files, 10);
	assert_int_equal(
	    count_taken(path, "object_", transform_is_wanted, &files), 2);
	assert_int_equal(files, 5);
	assert_int_equal(
	    count_taken(path, "string_", transform_is_wanted, &files), 0);
	assert_int_equal(files, 7);
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
	    cmocka_unit_test(what_must_parse_is_taken_with_four_exceptions),
	    cmocka_unit_test(what_must_not_parse_is_refused),
	    cmocka_unit_test(what_is_left_open_is_refused_with_two_exceptions),
	    cmocka_unit_test(what_readers_understand_differently_is_refused),
	    cmocka_unit_test(no_changed_byte_makes_us_differ_from_json_c),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
