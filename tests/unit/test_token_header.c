/*
 * The header: what is told of it before any key is looked for.
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

#include "jwt/base64url.h"
#include "jwt/token.h"

#define TEXT(literal) ((struct jwt_slice){literal, sizeof(literal) - 1})

/* {"iss":"a"} . 32 zeros */
#define REST "eyJpc3MiOiJhIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* The reason of the two first steps together over a token of this header. */
static enum jwt_reason
judged_header(struct jwt_slice json)
{
	char *header = jwt_base64url_encode(json.at, json.len), *text;
	struct jwt_fault fault = {""};
	struct jwt_token token;
	enum jwt_reason result;

	assert_non_null(header);
	text = jwt_format("%s." REST, header);
	assert_non_null(text);
	result = jwt_token_split(jwt_slice_of(text), &token, &fault);
	if (result == JWT_OK)
		result = jwt_token_header(&token, &fault);
	assert_true((result == JWT_OK) == (fault.text[0] == '\0'));
	jwt_token_clear(&token);
	free(header);
	free(text);
	return result;
}

struct row {
	const char *text;
	enum jwt_reason reason;
};

static void
check_headers(const struct row *row, size_t count)
{
	enum jwt_reason reason;
	size_t i;

	for (i = 0; i < count; i++) {
		reason = judged_header(jwt_slice_of(row[i].text));
		if (reason != row[i].reason)
			fail_msg(
			    "%s is %s", row[i].text, jwt_reason_name(reason));
	}
}

#define CHECK_HEADERS(row) check_headers(row, sizeof(row) / sizeof((row)[0]))

/* Rows A1 to A4. */
static void
a1_a2_a3_a4_an_algorithm_is_named_by_a_string(void **state)
{
	static const struct row row[] = {
	    {"{\"alg\":\"HS256\"}", JWT_OK},
	    {" {\n\"alg\" : \"HS256\" } ", JWT_OK},
	    {"{}", JWT_HEADER_INVALID},
	    {"{\"Alg\":\"HS256\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":null}", JWT_HEADER_INVALID},
	    {"{\"alg\":1}", JWT_HEADER_INVALID},
	    {"{\"alg\":true}", JWT_HEADER_INVALID},
	    {"{\"alg\":[\"HS256\"]}", JWT_HEADER_INVALID},
	    {"{\"alg\":{}}", JWT_HEADER_INVALID},
	    /* Strings that are no algorithm's name are for the next steps. */
	    {"{\"alg\":\"\"}", JWT_OK},
	    {"{\"alg\":\"none\"}", JWT_OK},
	};
	static const char *const unknown[] = {"none", "None", "NONE", "nOnE",
	    "", "hs256", "HS256 ", " HS256", "ahs256b", "HS25", "HS2566",
	    "RSA1_5", "dir"};
	struct jwt_token token;
	char *header, *json, *text;
	size_t i;

	(void)state;
	CHECK_HEADERS(row);
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		json = jwt_format("{\"alg\":\"%s\"}", unknown[i]);
		header = jwt_base64url_encode(json, strlen(json));
		text = jwt_format("%s.eyJpc3MiOiJhIn0.", header);
		/* Without an algorithm nothing says how long it should be. */
		assert_int_equal(
		    jwt_token_split(jwt_slice_of(text), &token, NULL),
		    JWT_MALFORMED);
		assert_null(token.algorithm);
		jwt_token_clear(&token);
		free(header);
		free(json);
		free(text);
	}
}

/* Rows B1 to B7, E12 to E16, E19, and F1 to F12 as far as headers go. */
static void
b1_b2_b3_b4_b7_a_header_changes_nothing_that_is_checked(void **state)
{
	static const struct row row[] = {
	    {"{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", JWT_OK},
	    {"{\"alg\":\"HS256\",\"kid\":\"../../../dev/null\"}", JWT_OK},
	    {"{\"alg\":\"HS256\",\"kid\":\"%n%s\\n\\u001b[2J\"}", JWT_OK},
	    {"{\"alg\":\"HS256\",\"kid\":\"\"}", JWT_OK},
	    {"{\"alg\":\"HS256\",\"kid\":1}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"kid\":null}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"kid\":[]}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"kid\":{}}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"kid\":\"a\\u0000b\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"jwk\":null}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1/\"}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"x5u\":\"http://127.0.0.1/\"}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"x5c\":[\"AA==\"]}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"x5t\":\"AA\",\"x5t#S256\":\"AA\"}", JWT_OK},
	    {"{\"alg\":\"HS256\",\"zip\":\"DEF\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"cty\":\"JWT\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"cty\":\"jwt\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"cty\":\"application/jwt\"}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"cty\":1}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"cty\":\"json\"}", JWT_OK},
	    {"{\"alg\":\"HS256\",\"b64\":false}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"b64\":true}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"crit\":[]}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"crit\":\"x\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"crit\":null}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"crit\":[\"alg\"]}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}",
		JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"\\u0063rit\":[]}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"none\",\"alg\":\"HS256\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\"}{}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\"", JWT_HEADER_INVALID},
	    {"{'alg':'HS256'}", JWT_NOT_A_JWT},
	    {"{\"alg\":\"HS256\",}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"a\":NaN}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"a\":\"\xc0\xaf\"}", JWT_HEADER_INVALID},
	    {"{\"alg\":\"HS256\",\"a\":\"\t\"}", JWT_HEADER_INVALID},
	    {"\xef\xbb\xbf{\"alg\":\"HS256\"}", JWT_NOT_A_JWT},
	    {"[{\"alg\":\"HS256\"}]", JWT_NOT_A_JWT},
	};

	(void)state;
	CHECK_HEADERS(row);
	assert_int_equal(judged_header(TEXT("{\"alg\":\"HS256\"}\0junk")),
	    JWT_HEADER_INVALID);
	assert_int_equal(
	    judged_header(TEXT("\0{\"alg\":\"HS256\"}")), JWT_NOT_A_JWT);
}

/* Anybody's header is read, so it may not be as long as a token. */
static void
h14_a_header_has_4096_bytes_at_most(void **state)
{
	char json[JWT_HEADER_MAX + 2];
	size_t len;

	(void)state;
	for (len = JWT_HEADER_MAX; len <= JWT_HEADER_MAX + 1; len++) {
		memset(json, 'x', len);
		memcpy(json, "{\"alg\":\"HS256\",\"x\":\"", 20);
		memcpy(json + len - 2, "\"}", 2);
		assert_int_equal(judged_header((struct jwt_slice){json, len}),
		    len == JWT_HEADER_MAX ? JWT_OK : JWT_HEADER_INVALID);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a1_a2_a3_a4_an_algorithm_is_named_by_a_string),
	    cmocka_unit_test(
		b1_b2_b3_b4_b7_a_header_changes_nothing_that_is_checked),
	    cmocka_unit_test(h14_a_header_has_4096_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
