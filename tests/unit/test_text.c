#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/text.h"

static struct jwt_slice
slice(const char *text)
{
	return jwt_slice_of(text);
}

static void
a_slice_of_nothing_is_empty(void **state)
{
	(void)state;
	assert_int_equal(slice(NULL).len, 0);
	assert_int_equal(slice("abc").len, 3);
	assert_true(jwt_slice_equal(slice(NULL), slice("")));
}

static void
slices_are_equal_by_length_and_bytes(void **state)
{
	(void)state;
	assert_true(jwt_slice_equal(slice("k1"), slice("k1")));
	assert_false(jwt_slice_equal(slice("k1"), slice("K1")));
	assert_false(jwt_slice_equal(slice("k1"), slice("k")));
	assert_false(jwt_slice_equal(slice("k1"), slice("k12")));
	assert_false(
	    jwt_slice_equal(slice("k1"), (struct jwt_slice){"k1\0x", 4}));
	assert_true(jwt_slice_equal(
	    (struct jwt_slice){"k1\0x", 4}, (struct jwt_slice){"k1\0x", 4}));
}

static void
media_types_are_told_apart(void **state)
{
	static const struct {
		const char *type, *wanted;
		int equal;
	} row[] = {
	    {"JWT", "JWT", 1},
	    {"jwt", "JWT", 1},
	    {"JwT", "jWt", 1},
	    {"application/jwt", "JWT", 1},
	    {"JWT", "application/jwt", 1},
	    {"APPLICATION/JWT", "JWT", 1},
	    {"at+jwt", "at+jwt", 1},
	    {"application/at+jwt", "at+JWT", 1},
	    {"at+jwt", "jwt", 0},
	    {"JWTx", "JWT", 0},
	    {"JW", "JWT", 0},
	    {"", "JWT", 0},
	    {"application/", "JWT", 0},
	    {"application/application/jwt", "JWT", 0},
	    {"text/jwt", "JWT", 0},
	    {"x/jwt", "JWT", 0},
	    /* Bytes that differ from letters in the bit of case alone. */
	    {"at\013jwt", "at+jwt", 0},
	    {"application\017jwt", "jwt", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (jwt_media_type_equals(slice(row[i].type), row[i].wanted) !=
		    row[i].equal)
			fail_msg("%s and %s", row[i].type, row[i].wanted);
	assert_false(
	    jwt_media_type_equals((struct jwt_slice){"JWT\0", 4}, "JWT"));
}

static void
case_is_that_of_ascii_letters(void **state)
{
	(void)state;
	assert_true(jwt_slice_equal_caseless(slice("AZ.az"), slice("az.AZ")));
	assert_true(jwt_slice_equal_caseless(slice(NULL), slice("")));
	assert_false(jwt_slice_equal_caseless(slice("a"), slice("ab")));
	assert_false(jwt_slice_equal_caseless(slice("@"), slice("`")));
	assert_false(jwt_slice_equal_caseless(slice("["), slice("{")));
	/* Of Latin-1, which a locale may take for letters. */
	assert_false(jwt_slice_equal_caseless(slice("\xc9"), slice("\xe9")));
}

static void
quotes_let_nothing_steer_a_log(void **state)
{
	static const struct {
		const char *bytes, *quoted;
	} row[] = {
	    {"", "\"\""},
	    {"deploy", "\"deploy\""},
	    {"a b", "\"a b\""},
	    {"x rhost=192.0.2.1", "\"x rhost=192.0.2.1\""},
	    {"a\"b", "\"a\\x22b\""},
	    {"a\\b", "\"a\\x5cb\""},
	    {"a\nb", "\"a\\x0ab\""},
	    {"a\r\tb", "\"a\\x0d\\x09b\""},
	    {"\033[2J", "\"\\x1b[2J\""},
	    {"\177", "\"\\x7f\""},
	    {"\xc3\xa9", "\"\\xc3\\xa9\""},
	    {"\xff", "\"\\xff\""},
	    {"%s%n", "\"%s%n\""},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		jwt_quote(out, sizeof(out), slice(row[i].bytes));
		assert_string_equal(out, row[i].quoted);
	}
	jwt_quote(out, sizeof(out), (struct jwt_slice){"a\0b", 3});
	assert_string_equal(out, "\"a\\x00b\"");
}

/* Whatever is quoted in whatever room: it ends in its quote and the NUL. */
static void
quotes_are_closed_in_every_room(void **state)
{
	char bytes[40], *out;
	size_t size, len, end, i;

	(void)state;
	for (size = 8; size < 48; size++) {
		for (len = 0; len <= sizeof(bytes); len++) {
			memset(bytes, len % 2 == 0 ? 'a' : '\n', len);
			/* Its own memory, so that one byte too many shows. */
			out = malloc(size);
			assert_non_null(out);
			jwt_quote(out, size, (struct jwt_slice){bytes, len});
			end = strlen(out);
			assert_in_range(end, 2, size - 1);
			assert_int_equal(out[0], '"');
			assert_int_equal(out[end - 1], '"');
			for (i = 1; i + 1 < end; i++)
				assert_int_not_equal(out[i], '"');
			if (end + 9 <= size)
				assert_null(strstr(out, "..."));
			free(out);
		}
	}
}

static void
a_cut_is_shown(void **state)
{
	char out[16];

	(void)state;
	jwt_quote(out, sizeof(out), slice("0123456789"));
	assert_string_equal(out, "\"0123456...\"");
}

static void
quoted_text_keeps_to_its_room(void **state)
{
	char *bytes, *out;
	size_t room, len;

	(void)state;
	bytes = malloc(4096);
	assert_non_null(bytes);
	memset(bytes, '\n', 4096);
	for (room = 16; room < 200; room += 7) {
		for (len = 0; len < 300; len += 11) {
			out = jwt_quoted((struct jwt_slice){bytes, len}, room);
			assert_non_null(out);
			assert_true(strlen(out) < room || len == 0);
			free(out);
		}
	}
	out = jwt_quoted((struct jwt_slice){bytes, 4096}, 200);
	assert_non_null(out);
	assert_in_range(strlen(out), 190, 199);
	assert_string_equal(out + strlen(out) - 4, "...\"");
	free(out);
	free(bytes);
}

static void
an_excerpt_is_the_beginning(void **state)
{
	char text[JWT_EXCERPT_MAX + 8], *out;
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text));
	out = jwt_excerpt((struct jwt_slice){text, JWT_EXCERPT_MAX});
	assert_non_null(out);
	assert_int_equal(strlen(out), JWT_EXCERPT_MAX);
	free(out);
	out = jwt_excerpt((struct jwt_slice){text, JWT_EXCERPT_MAX + 1});
	assert_non_null(out);
	assert_int_equal(strlen(out), JWT_EXCERPT_MAX + 3);
	assert_string_equal(out + JWT_EXCERPT_MAX, "...");
	free(out);
	/* Not in the middle of a character of four bytes. */
	for (i = 0; i < 4; i++) {
		memset(text, 'a', sizeof(text));
		memcpy(text + JWT_EXCERPT_MAX - i, "\xf0\x9f\x94\x91", 4);
		out =
		    jwt_excerpt((struct jwt_slice){text, JWT_EXCERPT_MAX + 5});
		assert_non_null(out);
		assert_int_equal(strlen(out), JWT_EXCERPT_MAX - i + 3);
		free(out);
	}
	out = jwt_excerpt(slice(""));
	assert_non_null(out);
	assert_string_equal(out, "");
	free(out);
}

static void
times_are_written_as_in_rfc_3339(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} row[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {1795576800, "2026-11-25T03:20:00Z"},
	    {INT64_C(2147483648), "2038-01-19T03:14:08Z"},
	    {INT64_C(253402300799), "9999-12-31T23:59:59Z"},
	    {INT64_C(253402300800), "10000-01-01T00:00:00Z"},
	    {-1, "1969-12-31T23:59:59Z"},
	    {INT64_MAX, "@9223372036854775807"},
	    {INT64_MIN, "@-9223372036854775808"},
	};
	char out[JWT_UTC_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_string_equal(jwt_utc(out, row[i].seconds), row[i].text);
}

static void
a_fault_is_cut_at_its_room_and_may_be_unwanted(void **state)
{
	struct jwt_fault fault = {""};
	char text[2 * sizeof(fault.text)];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	jwt_fault_set(&fault, "%s", text);
	assert_int_equal(strlen(fault.text), sizeof(fault.text) - 1);
	jwt_fault_set(&fault, "line %d", 3);
	assert_string_equal(fault.text, "line 3");
	jwt_fault_set(NULL, "%s", text);
	jwt_free_wiped(NULL, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slice_of_nothing_is_empty),
	    cmocka_unit_test(slices_are_equal_by_length_and_bytes),
	    cmocka_unit_test(media_types_are_told_apart),
	    cmocka_unit_test(case_is_that_of_ascii_letters),
	    cmocka_unit_test(quotes_let_nothing_steer_a_log),
	    cmocka_unit_test(quotes_are_closed_in_every_room),
	    cmocka_unit_test(a_cut_is_shown),
	    cmocka_unit_test(quoted_text_keeps_to_its_room),
	    cmocka_unit_test(an_excerpt_is_the_beginning),
	    cmocka_unit_test(times_are_written_as_in_rfc_3339),
	    cmocka_unit_test(a_fault_is_cut_at_its_room_and_may_be_unwanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
