/*
 * The answers that make up one token: which length is asked on for, and what
 * becomes of answers that are all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/pieces.h"
#include "jwt/token.h"

/* An answer of `len` times `c`; the last one is kept. */
static const char *
line(char c, size_t len)
{
	static char text[JWT_TOKEN_MAX + 4096];

	assert_true(len < sizeof(text));
	memset(text, c, len);
	text[len] = '\0';
	return text;
}

static const char *
junk(size_t len)
{
	char *text = (char *)(uintptr_t)line(' ', len);

	jwt_stand_in_fill(text, len);
	return text;
}

static bool
asks_on_after(size_t len)
{
	struct jwt_pieces pieces = {0};
	bool more;

	assert_int_equal(jwt_pieces_add(&pieces, line('a', len)), JWT_OK);
	more = pieces.more;
	jwt_pieces_clear(&pieces);
	return more;
}

static void
only_three_lengths_are_asked_on_for(void **state)
{
	size_t len;

	(void)state;
	for (len = 0; len < 5000; len++)
		if (asks_on_after(len) !=
		    (len == 511 || len == 1023 || len == 4095))
			fail_msg("a first answer of %zu", len);
}

static void
what_they_hold_does_not_matter(void **state)
{
	static const size_t lengths[] = {1023, 511, 511, 4095, 1023, 1};
	struct jwt_pieces typed = {0}, sent = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		/* Also a last one that is `=`, and `\b` in its place. */
		assert_int_equal(
		    jwt_pieces_add(&typed, line("abcde="[i], lengths[i])),
		    JWT_OK);
		assert_int_equal(
		    jwt_pieces_add(&sent, junk(lengths[i])), JWT_OK);
		assert_int_equal(typed.more, sent.more);
		assert_int_equal(typed.more, i < 5);
		assert_int_equal(typed.given, sent.given);
		assert_int_equal(
		    jwt_pieces_joined(&typed), jwt_pieces_joined(&sent));
		assert_false(jwt_pieces_stand_in(&typed));
		assert_true(jwt_pieces_stand_in(&sent));
	}
	assert_int_equal(jwt_pieces_answer(&typed).len, 7163);
	jwt_pieces_clear(&typed);
	jwt_pieces_clear(&sent);
}

/* What a login shows of `count` answers, the last of which is `last`. */
static size_t
shown(char first, char second, size_t len, size_t count, const char *last)
{
	struct jwt_pieces pieces = {0};
	const char *answer;
	size_t i, length;

	for (i = 0; i < count; i++) {
		answer = line(i == 0 ? first : second, len);
		if (first == '\b')
			answer = junk(len);
		assert_int_equal(jwt_pieces_add(&pieces, answer), JWT_OK);
		assert_int_equal(pieces.more, i + 1 < count || last != NULL);
	}
	if (last != NULL) {
		answer = first == '\b' ? junk(strlen(last)) : last;
		assert_int_equal(jwt_pieces_add(&pieces, answer), JWT_OK);
		assert_false(pieces.more);
	}
	length = jwt_pieces_length(&pieces);
	assert_int_equal(strlen(jwt_pieces_leave(&pieces)), length);
	jwt_pieces_clear(&pieces);
	return length;
}

static void
no_length_tells_what_the_answers_hold(void **state)
{
	static const size_t lengths[] = {511, 1023, 4095};
	static const char *const ends[] = {NULL, "", "=", "a", "==", "eyJ"};
	size_t i, j, count, most, length;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		most = JWT_TOKEN_MAX / lengths[i] + 1;
		for (j = 0; j < sizeof(ends) / sizeof(ends[0]); j++)
			/* Those that have no end are given to the last. */
			for (count = ends[j] == NULL ? most : 1;
			     count < most + (ends[j] == NULL); count++) {
				length = shown(
				    '\b', '\b', lengths[i], count, ends[j]);
				assert_int_equal(
				    length, shown('a', 'a', lengths[i], count,
						ends[j]));
				assert_int_equal(
				    length, shown('a', 'b', lengths[i], count,
						ends[j]));
			}
	}
}

static void
one_piece_of_something_else_is_no_stand_in(void **state)
{
	struct jwt_pieces pieces = {0};

	(void)state;
	assert_int_equal(jwt_pieces_add(&pieces, ""), JWT_OK);
	assert_false(jwt_pieces_stand_in(&pieces));
	jwt_pieces_clear(&pieces);
	assert_int_equal(jwt_pieces_add(&pieces, junk(511)), JWT_OK);
	assert_int_equal(jwt_pieces_add(&pieces, line('a', 511)), JWT_OK);
	assert_int_equal(jwt_pieces_add(&pieces, ""), JWT_OK);
	assert_false(jwt_pieces_stand_in(&pieces));
	jwt_pieces_clear(&pieces);
}

/* After these answers the text has `len` bytes. */
static void
leaves(const char *first, const char *second, size_t len, bool joined)
{
	struct jwt_pieces pieces = {0};

	assert_int_equal(jwt_pieces_add(&pieces, first), JWT_OK);
	if (second != NULL)
		assert_int_equal(jwt_pieces_add(&pieces, second), JWT_OK);
	assert_int_equal(jwt_pieces_answer(&pieces).len, len);
	assert_int_equal(strlen(jwt_pieces_answer(&pieces).at), len);
	assert_int_equal(jwt_pieces_joined(&pieces), joined);
	assert_int_equal(jwt_pieces_repeated(&pieces), 0);
	assert_int_equal(jwt_pieces_again(&pieces),
	    second != NULL && (second[0] == '\0' || strcmp(second, "=") == 0));
	jwt_pieces_clear(&pieces);
}

static void
what_is_given_again_before_an_end_is_counted(void **state)
{
	static const char *const ends[] = {"", "=", "b", "=="};
	struct jwt_pieces pieces = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		while (pieces.count < 3)
			assert_int_equal(
			    jwt_pieces_add(&pieces, line('a', 511)), JWT_OK);
		assert_int_equal(jwt_pieces_again(&pieces), 0);
		assert_int_equal(jwt_pieces_add(&pieces, ends[i]), JWT_OK);
		assert_int_equal(jwt_pieces_again(&pieces), i < 2 ? 3 : 0);
		assert_int_equal(jwt_pieces_repeated(&pieces), 0);
		assert_true(jwt_pieces_joined(&pieces));
		jwt_pieces_clear(&pieces);
	}
	assert_int_equal(jwt_pieces_add(&pieces, line('b', 511)), JWT_OK);
	assert_int_equal(jwt_pieces_add(&pieces, line('a', 511)), JWT_OK);
	assert_int_equal(jwt_pieces_add(&pieces, ""), JWT_OK);
	assert_int_equal(jwt_pieces_again(&pieces), 0);
	jwt_pieces_clear(&pieces);
}

static void
an_end_is_no_part_of_it(void **state)
{
	(void)state;
	leaves(line('a', 511), "", 511, false);
	leaves(line('a', 511), "=", 511, true);
	leaves(line('a', 511), "b", 512, true);
	leaves(line('a', 511), "==", 513, true);
	/* As the first answer it is what was given. */
	leaves("=", NULL, 1, false);
	leaves("", NULL, 0, false);
}

/* The same answer until nothing more is asked for. */
static void
repeat(size_t len, size_t times)
{
	struct jwt_pieces pieces = {0};
	const char *answer = line('a', len);

	do
		assert_int_equal(jwt_pieces_add(&pieces, answer), JWT_OK);
	while (pieces.more);
	assert_int_equal(pieces.count, times);
	assert_int_equal(jwt_pieces_repeated(&pieces), times);
	assert_int_equal(jwt_pieces_answer(&pieces).len, len);
	assert_false(jwt_pieces_joined(&pieces));
	jwt_pieces_clear(&pieces);
}

static void
one_answer_given_again_and_again_is_one(void **state)
{
	(void)state;
	repeat(511, 129);
	repeat(1023, 65);
	repeat(4095, 17);
}

static void
there_is_an_end_where_they_differ(void **state)
{
	struct jwt_pieces pieces = {0};

	(void)state;
	do
		assert_int_equal(jwt_pieces_add(&pieces,
				     line(pieces.count == 0 ? 'a' : 'b', 511)),
		    JWT_OK);
	while (pieces.more);
	assert_int_equal(jwt_pieces_repeated(&pieces), 0);
	assert_true(jwt_pieces_answer(&pieces).len > JWT_TOKEN_MAX);
	assert_true(pieces.count <= JWT_PIECES_MAX);
	jwt_pieces_clear(&pieces);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_three_lengths_are_asked_on_for),
	    cmocka_unit_test(what_they_hold_does_not_matter),
	    cmocka_unit_test(no_length_tells_what_the_answers_hold),
	    cmocka_unit_test(one_piece_of_something_else_is_no_stand_in),
	    cmocka_unit_test(what_is_given_again_before_an_end_is_counted),
	    cmocka_unit_test(an_end_is_no_part_of_it),
	    cmocka_unit_test(one_answer_given_again_and_again_is_one),
	    cmocka_unit_test(there_is_an_end_where_they_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
