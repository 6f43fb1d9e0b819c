/*
 * The shape of a token, and the order in which its faults are told.  Rows E1
 * to E11 and E17 to E20.
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

#include "jwt/token.h"

#define TEXT(literal) ((struct jwt_slice){literal, sizeof(literal) - 1})

/* {"alg":"HS256"} . {"iss":"a"} . 32 zeros, and parts of it */
#define HEADER "eyJhbGciOiJIUzI1NiJ9"
#define PAYLOAD "eyJpc3MiOiJhIn0"
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define WHOLE HEADER "." PAYLOAD "." ZEROS

/* The reason of the two first steps together. */
static enum jwt_reason
judged(struct jwt_slice text)
{
	struct jwt_token token;
	struct jwt_fault fault = {""};
	enum jwt_reason result;

	result = jwt_token_split(text, &token, &fault);
	if (result == JWT_OK)
		result = jwt_token_header(&token, &fault);
	assert_true((result == JWT_OK) == (fault.text[0] == '\0'));
	jwt_token_clear(&token);
	return result;
}

struct row {
	const char *text;
	enum jwt_reason reason;
};

static void
check_rows(const struct row *row, size_t count)
{
	enum jwt_reason reason;
	size_t i;

	for (i = 0; i < count; i++) {
		reason = judged(jwt_slice_of(row[i].text));
		if (reason != row[i].reason)
			fail_msg(
			    "%s is %s", row[i].text, jwt_reason_name(reason));
	}
}

#define CHECK_ROWS(row) check_rows(row, sizeof(row) / sizeof((row)[0]))

static void
a_whole_token_is_taken_apart(void **state)
{
	struct jwt_token token;

	(void)state;
	assert_int_equal(jwt_token_split(TEXT(WHOLE), &token, NULL), JWT_OK);
	assert_int_equal(jwt_token_header(&token, NULL), JWT_OK);
	assert_int_equal(jwt_token_claims(&token, NULL), JWT_OK);
	assert_int_equal(token.input.len, strlen(HEADER "." PAYLOAD));
	assert_string_equal(token.algorithm->name, "HS256");
	assert_true(jwt_slice_equal(token.alg, TEXT("HS256")));
	assert_false(token.has_kid);
	assert_int_equal(token.payload_len, strlen("{\"iss\":\"a\"}"));
	assert_int_equal(token.signature_len, 32);
	assert_false(token.ragged);
	jwt_token_clear(&token);
}

/* However it is cut, it is told as a cut and never as another fault. */
static void
every_cut_of_a_token_is_told(void **state)
{
	size_t len;

	(void)state;
	for (len = 0; len < strlen(WHOLE); len++)
		assert_int_equal(judged((struct jwt_slice){WHOLE, len}),
		    len < 2 ? JWT_NOT_A_JWT : JWT_CUT_OFF);
	assert_int_equal(judged(TEXT(WHOLE)), JWT_OK);
}

static void
the_earlier_reason_is_told(void **state)
{
	static const struct row row[] = {
	    /* no JWT, before cut off */
	    {"", JWT_NOT_A_JWT},
	    {".", JWT_NOT_A_JWT},
	    {"...", JWT_NOT_A_JWT},
	    {"correct horse", JWT_NOT_A_JWT},
	    {"." PAYLOAD "." ZEROS, JWT_NOT_A_JWT},
	    {"W10." PAYLOAD "." ZEROS, JWT_NOT_A_JWT}, /* [] */
	    {"MQ." PAYLOAD "." ZEROS, JWT_NOT_A_JWT},  /* 1 */
	    {"\b\n\r\177INCORRECT", JWT_NOT_A_JWT},
	    /* cut off, before malformed */
	    {"eyJhbGc!", JWT_CUT_OFF},
	    {HEADER ".!", JWT_CUT_OFF},
	    {HEADER "." PAYLOAD "=.", JWT_CUT_OFF},
	    {HEADER "." PAYLOAD ".AA==", JWT_CUT_OFF},
	    {HEADER "..", JWT_CUT_OFF},
	    /* malformed, before the header */
	    {"eyJ9." PAYLOAD "!." ZEROS, JWT_MALFORMED},
	    {"eyJ9." PAYLOAD ".", JWT_MALFORMED},
	    {"eyJ9." PAYLOAD "." ZEROS "." ZEROS, JWT_MALFORMED},
	    /* the header */
	    {"eyJ9." PAYLOAD "." ZEROS, JWT_HEADER_INVALID},
	    {"e30." PAYLOAD "." ZEROS, JWT_HEADER_INVALID},
	    {"e30." PAYLOAD ".AA", JWT_HEADER_INVALID},
	};
	char *text;

	(void)state;
	CHECK_ROWS(row);
	/* too long, before no JWT */
	text = malloc(JWT_TOKEN_MAX + 1);
	assert_non_null(text);
	memset(text, '!', JWT_TOKEN_MAX + 1);
	assert_int_equal(
	    judged((struct jwt_slice){text, JWT_TOKEN_MAX + 1}), JWT_TOO_LONG);
	assert_int_equal(
	    judged((struct jwt_slice){text, JWT_TOKEN_MAX}), JWT_NOT_A_JWT);
	free(text);
}

/* Many passwords begin with the letters that make a brace. */
static void
a_password_is_no_token(void **state)
{
	static const struct row row[] = {
	    {"example", JWT_NOT_A_JWT},
	    {"extraordinary", JWT_NOT_A_JWT},
	    {"e2e4e7e5", JWT_NOT_A_JWT},
	    {"ezekiel25-17", JWT_NOT_A_JWT},
	    {"eyesonly", JWT_NOT_A_JWT},
	    {"exa.mp.le", JWT_NOT_A_JWT},
	    /* A brace, then white space, a quote or the brace that closes. */
	    {"ey", JWT_CUT_OFF},
	    {"eyJ", JWT_CUT_OFF},
	    {"eyAi", JWT_CUT_OFF},
	    {"ewog", JWT_CUT_OFF},
	    {"e30", JWT_CUT_OFF},
	    {"IHsi", JWT_CUT_OFF},
	};

	(void)state;
	CHECK_ROWS(row);
}

/* Rows E1, E2, E11 and E17. */
static void
there_are_three_parts_and_none_is_empty(void **state)
{
	static const struct row row[] = {
	    {WHOLE, JWT_OK},
	    {WHOLE ".", JWT_MALFORMED},
	    {WHOLE ".AA", JWT_MALFORMED},
	    {WHOLE ".AA.AA", JWT_MALFORMED},
	    {"." WHOLE, JWT_NOT_A_JWT},
	    {HEADER ".." PAYLOAD "." ZEROS, JWT_MALFORMED},
	};
	char *text;

	(void)state;
	CHECK_ROWS(row);
	text = malloc(JWT_TOKEN_MAX);
	assert_non_null(text);
	memset(text, '.', JWT_TOKEN_MAX);
	memcpy(text, HEADER, strlen(HEADER));
	assert_int_equal(
	    judged((struct jwt_slice){text, JWT_TOKEN_MAX}), JWT_MALFORMED);
	free(text);
}

/* Rows E4 to E8, E18 and E20, in each of the parts. */
static void
no_part_is_written_in_another_way(void **state)
{
	static const struct row row[] = {
	    {WHOLE "=", JWT_MALFORMED},
	    {WHOLE "==", JWT_MALFORMED},
	    {WHOLE "\n", JWT_MALFORMED},
	    {WHOLE " ", JWT_MALFORMED},
	    {" " WHOLE, JWT_NOT_A_JWT},
	    {"\"" WHOLE "\"", JWT_NOT_A_JWT},
	    {"Bearer " WHOLE, JWT_NOT_A_JWT},
	    {HEADER "=." PAYLOAD "." ZEROS, JWT_MALFORMED},
	    {HEADER "A." PAYLOAD "." ZEROS, JWT_MALFORMED},
	    {HEADER "\n." PAYLOAD "." ZEROS, JWT_MALFORMED},
	    {HEADER "." PAYLOAD "=." ZEROS, JWT_MALFORMED},
	    {HEADER "." PAYLOAD "AA." ZEROS, JWT_MALFORMED},
	    {HEADER "." PAYLOAD "%3D." ZEROS, JWT_MALFORMED},
	    {HEADER ".eyJpc3MiOiJhIn1." ZEROS, JWT_MALFORMED},
	    {HEADER "." PAYLOAD "./" ZEROS, JWT_MALFORMED},
	    {HEADER "." PAYLOAD ".+" ZEROS, JWT_MALFORMED},
	    {HEADER "." PAYLOAD ".A A" ZEROS, JWT_MALFORMED},
	    /* The last character's unused bits. */
	    {HEADER "." PAYLOAD ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
		JWT_MALFORMED},
	};

	(void)state;
	CHECK_ROWS(row);
	assert_int_equal(judged(TEXT(WHOLE "\0")), JWT_MALFORMED);
	assert_int_equal(
	    judged(TEXT(HEADER "\0." PAYLOAD "." ZEROS)), JWT_MALFORMED);
	assert_int_equal(judged(TEXT("\0" WHOLE)), JWT_NOT_A_JWT);
}

/* Rows E9 and E10. */
static void
a19_other_serializations_are_no_token(void **state)
{
	static const struct row row[] = {
	    {"{\"payload\":\"" PAYLOAD "\",\"protected\":\"" HEADER
	     "\",\"signature\":\"" ZEROS "\"}",
		JWT_NOT_A_JWT},
	    {"{\"payload\":\"" PAYLOAD "\",\"header\":{\"alg\":\"HS256\"},"
	     "\"signature\":\"" ZEROS "\"}",
		JWT_NOT_A_JWT},
	    {"{\"x\":\"" WHOLE "\"}", JWT_NOT_A_JWT},
	};

	(void)state;
	CHECK_ROWS(row);
}

/* What only the key can tell is left to it: RSA and EdDSA. */
static void
ragged_signatures_wait_for_the_key(void **state)
{
	static const struct {
		const char *signature;
		enum jwt_reason reason;
		bool ragged;
	} row[] = {
	    {"AA", JWT_OK, false},
	    {"AB", JWT_OK, true},
	    {"A", JWT_OK, true},
	    {ZEROS "A", JWT_OK, false},
	    {ZEROS "AA", JWT_OK, true},
	    {"", JWT_CUT_OFF, false},
	    {"A=", JWT_MALFORMED, false},
	    {"A\n", JWT_MALFORMED, false},
	};
	struct jwt_token token;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		/* {"alg":"RS256"} */
		text = jwt_format(
		    "eyJhbGciOiJSUzI1NiJ9." PAYLOAD ".%s", row[i].signature);
		assert_non_null(text);
		assert_int_equal(
		    jwt_token_split(jwt_slice_of(text), &token, NULL),
		    row[i].reason);
		assert_int_equal(token.ragged, row[i].ragged);
		if (row[i].ragged)
			assert_null(token.signature);
		jwt_token_clear(&token);
		free(text);
	}
}

static void
what_holds_a_token_resembles_one(void **state)
{
	static const struct {
		const char *answer;
		int resembles;
	} row[] = {
	    {"", 0},
	    {"e", 0},
	    {"ey", 1},
	    {"eyes", 1},
	    {"eyJhbGciOiJFZERTQSJ9", 1},
	    {"eyJhbGciOiJFZERTQSJ9." PAYLOAD ".AAAA", 1},
	    {"ewogImFsZyI6IkVkRFNBIn0." PAYLOAD ".AAAA", 1},
	    {"Bearer eyJhbGciOiJFZERTQSJ9." PAYLOAD ".AAAA", 1},
	    {" eyJ..", 1},
	    {"\"eyJ.x.\"", 1},
	    {"token=eyJ.", 0},
	    {"a.b.eyJ", 0},
	    {"a.b.eyJ.c", 0},
	    {"monkey.Jack.Jill", 0},
	    {"EYJ.x.y", 0},
	    {"correct horse battery staple", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_int_equal(
		    jwt_resembles_token(jwt_slice_of(row[i].answer)),
		    row[i].resembles);
	assert_false(jwt_resembles_token((struct jwt_slice){NULL, 0}));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_token_is_taken_apart),
	    cmocka_unit_test(every_cut_of_a_token_is_told),
	    cmocka_unit_test(the_earlier_reason_is_told),
	    cmocka_unit_test(a_password_is_no_token),
	    cmocka_unit_test(there_are_three_parts_and_none_is_empty),
	    cmocka_unit_test(no_part_is_written_in_another_way),
	    cmocka_unit_test(a19_other_serializations_are_no_token),
	    cmocka_unit_test(ragged_signatures_wait_for_the_key),
	    cmocka_unit_test(what_holds_a_token_resembles_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
