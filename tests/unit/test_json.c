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

/* Row E19. */
static void
what_stands_before_an_object_is_refused(void **state)
{
	(void)state;
	taken(TEXT("{\"alg\":\"EdDSA\"}"));
	refused_at(TEXT("\xef\xbb\xbf{}"), "byte order mark", 0);
	refused_at(TEXT("\xef\xbb\xbf"), "byte order mark", 0);
	refused_at(TEXT("\0{}"), "no JSON value", 0);
	refused_at(TEXT("\xff\xfe{\0}\0"), "no JSON value", 0);
}

/* Row F1. */
static void
a_header_member_twice_is_refused(void **state)
{
	(void)state;
	taken(TEXT("{\"alg\":\"RS256\",\"Alg\":\"none\"}"));
	refused_at(TEXT("{\"alg\":\"none\",\"alg\":\"RS256\"}"),
	    "member name twice", 14);
	refused_at(TEXT("{\"a\":1,\"a\":1}"), "member name twice", 7);
	refused_at(TEXT("{\"\":1,\"\":1}"), "member name twice", 6);
	/* Not only beside each other. */
	refused_at(
	    TEXT("{\"a\":1,\"b\":2,\"c\":3,\"a\":4}"), "member name twice", 19);
}

/* Row F2. */
static void
names_are_compared_after_unescaping(void **state)
{
	(void)state;
	taken(TEXT("{\"sub\":\"deploy\",\"s\\u0075bs\":\"root\"}"));
	refused_at(TEXT("{\"sub\":\"deploy\",\"s\\u0075b\":\"root\"}"),
	    "member name twice", 16);
	refused_at(
	    TEXT("{\"s\\u0075b\":1,\"\\u0073ub\":2}"), "member name twice", 14);
	refused_at(TEXT("{\"a/b\":1,\"a\\/b\":2}"), "member name twice", 9);
	refused_at(
	    TEXT("{\"\\u00E9\":1,\"\xc3\xa9\":2}"), "member name twice", 12);
	refused_at(TEXT("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}"),
	    "member name twice", 18);
	/* Names are bytes: the same letter composed and decomposed is two. */
	taken(TEXT("{\"\xc3\xa9\":1,\"e\xcc\x81\":2}"));
}

/* Row F3: refused there too, so that no reader has to ask at which depth. */
static void
a_member_twice_is_refused_at_every_depth(void **state)
{
	(void)state;
	taken(TEXT("{\"a\":{\"x\":1},\"b\":{\"x\":2},\"x\":[{\"x\":1}]}"));
	refused_at(TEXT("{\"a\":{\"x\":1,\"x\":2}}"), "member name twice", 12);
	refused_at(
	    TEXT("[[{\"x\":{\"x\":[]},\"x\":2}]]"), "member name twice", 16);
	/* The outer object's names are still known after an inner one. */
	refused_at(
	    TEXT("{\"a\":1,\"b\":{\"c\":1},\"a\":2}"), "member name twice", 19);
}

/* Rows F6 and F7. */
static void
only_json_white_space_stands_around_the_value(void **state)
{
	(void)state;
	taken(TEXT(" \t\r\n{ \t\r\n} \t\r\n"));
	refused_at(TEXT("{\"exp\":1}\0junk"), "more after the value", 9);
	refused_at(TEXT("{\"exp\":1}\0"), "more after the value", 9);
	refused_at(TEXT("{}{}"), "more after the value", 2);
	refused_at(TEXT("{} x"), "more after the value", 3);
	refused_at(TEXT("{}\f"), "more after the value", 2);
	refused_at(TEXT("{}\xc2\xa0"), "more after the value", 2);
	refused_at(TEXT("\v{}"), "no JSON value", 0);
	refused_at(TEXT("\xc2\xa0{}"), "no JSON value", 0);
	refused_at(TEXT("1 2"), "more after the value", 2);
	refused_at(TEXT(""), "no JSON value", 0);
	refused_at((struct jwt_slice){NULL, 0}, "no JSON value", 0);
	refused_at(TEXT(" "), "no JSON value", 1);
}

/* Row F8. */
static void
an_object_is_wanted_where_one_is_asked_for(void **state)
{
	static const char *const others[] = {
	    "[\"a\"]", "\"x\"", "1", "1.5", "true", "null", "[]"};
	struct jwt_fault fault;
	struct json_object *value;
	size_t i;

	(void)state;
	assert_int_equal(
	    jwt_json_parse_object(TEXT("{}"), &value, &fault), JWT_OK);
	assert_true(json_object_is_type(value, json_type_object));
	json_object_put(value);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		taken(jwt_slice_of(others[i]));
		assert_int_equal(jwt_json_parse_object(
				     jwt_slice_of(others[i]), &value, &fault),
		    JWT_MALFORMED);
		assert_null(value);
		assert_string_equal(
		    fault.text, "a JSON value that is no object");
	}
	assert_int_equal(
	    jwt_json_parse_object(TEXT("{"), &value, &fault), JWT_MALFORMED);
	assert_null(value);
}

/* Rows F7 and F11: what is JSON to others, each beside what is JSON. */
static void
only_the_grammar_is_taken(void **state)
{
	(void)state;
	taken(TEXT("[0,-0,-1,10,0.0,-0.5,1e5,1E+05,1.5e-3]"));
	refused_at(TEXT("[NaN]"), "no JSON value", 1);
	refused_at(TEXT("[Infinity]"), "no JSON value", 1);
	refused_at(TEXT("[-Infinity]"), "minus without digits", 1);
	refused_at(TEXT("[-]"), "minus without digits", 1);
	refused_at(TEXT("[+1]"), "no JSON value", 1);
	refused_at(TEXT("[01]"), "leading zero", 1);
	refused_at(TEXT("[-01]"), "leading zero", 1);
	refused_at(TEXT("[.5]"), "no JSON value", 1);
	refused_at(TEXT("[2.]"), "no digit", 3);
	refused_at(TEXT("[1e]"), "no digit", 3);
	refused_at(TEXT("[1e+-1]"), "no digit", 4);
	refused_at(TEXT("[0x1]"), "neither comma nor closing bracket", 2);
	refused_at(TEXT("1e5.5"), "more after the value", 3);
	taken(TEXT("[true,false,null]"));
	refused_at(TEXT("[True]"), "no JSON value", 1);
	refused_at(TEXT("[nul]"), "no JSON value", 1);
	refused_at(TEXT("tru"), "no JSON value", 0);
	refused_at(TEXT("truer"), "more after the value", 4);
	taken(TEXT("[[],{},\"\"]"));
	refused_at(TEXT("[1,]"), "no JSON value", 3);
	refused_at(TEXT("[,1]"), "no JSON value", 1);
	refused_at(TEXT("[1 2]"), "neither comma nor closing bracket", 3);
	refused_at(TEXT("[1}"), "neither comma nor closing bracket", 2);
	refused_at(TEXT("[1"), "neither comma nor closing bracket", 2);
	refused_at(TEXT("{\"a\":1,}"), "no member name", 7);
	refused_at(TEXT("{'a':1}"), "no member name", 1);
	refused_at(TEXT("{a:1}"), "no member name", 1);
	refused_at(TEXT("{\"a\" 1}"), "no colon", 5);
	refused_at(TEXT("{\"a\":}"), "no JSON value", 5);
	refused_at(TEXT("{\"a\":1]"), "neither comma nor closing bracket", 6);
	refused_at(TEXT("['a']"), "no JSON value", 1);
	refused_at(TEXT("/**/[]"), "no JSON value", 0);
	refused_at(TEXT("[]//"), "more after the value", 2);
}

/* Row F13. */
static void
nesting_is_bounded(void **state)
{
	struct jwt_slice text;

	(void)state;
	text = repeated("[", "1", "]", JWT_JSON_DEPTH);
	taken(text);
	free_slice(text);
	text = repeated("{\"a\":", "{}", "}", JWT_JSON_DEPTH - 1);
	taken(text);
	free_slice(text);
	text = repeated("[", "", "]", JWT_JSON_DEPTH + 1);
	refused_at(text, "nesting too deep", JWT_JSON_DEPTH);
	free_slice(text);
	text = repeated("{\"a\":", "{}", "}", JWT_JSON_DEPTH);
	refused_at(text, "nesting too deep", 5 * JWT_JSON_DEPTH);
	free_slice(text);
	text = repeated("[", "", "", 100000);
	refused_at(text, "nesting too deep", JWT_JSON_DEPTH);
	free_slice(text);
	/* Depth is nesting: beside each other there may be many. */
	text = repeated("[],", "[]", "", 100);
	refused_at(text, "more after the value", 2);
	free_slice(text);
	taken(TEXT("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"));
}

/* An object with so many members, all of one name's length. */
static struct jwt_slice
members(size_t count)
{
	char *text;
	size_t len, i;

	text = malloc(count * 16 + 2);
	assert_non_null(text);
	text[0] = '{';
	len = 1;
	for (i = 0; i < count; i++)
		len += (size_t)sprintf(
		    text + len, "%s\"m%06zu\":0", i == 0 ? "" : ",", i);
	text[len++] = '}';
	return (struct jwt_slice){text, len};
}

/* Row F14. */
static void
members_are_bounded(void **state)
{
	struct jwt_slice text;

	(void)state;
	text = members(JWT_JSON_MEMBERS);
	taken(text);
	free_slice(text);
	text = members(JWT_JSON_MEMBERS + 1);
	refused_at(text, "member too many", 1 + JWT_JSON_MEMBERS * 12);
	free_slice(text);
	text = members(10000);
	refused_at(text, "member too many", 1 + JWT_JSON_MEMBERS * 12);
	free_slice(text);
}

static void
members_are_found_by_name_and_type(void **state)
{
	struct json_object *object, *value;
	struct jwt_slice string;

	(void)state;
	assert_int_equal(
	    jwt_json_parse_object(TEXT("{\"kid\":\"k\\u0031\",\"n\":null,"
				       "\"i\":1,\"e\":\"\",\"\":\"x\"}"),
		&object, NULL),
	    JWT_OK);
	assert_int_equal(
	    jwt_json_member(object, "kid", &value), JWT_MEMBER_FOUND);
	assert_true(jwt_slice_equal(jwt_json_slice(value), TEXT("k1")));
	assert_int_equal(
	    jwt_json_member(object, "n", &value), JWT_MEMBER_FOUND);
	assert_null(value);
	assert_int_equal(
	    jwt_json_member(object, "KID", &value), JWT_MEMBER_ABSENT);
	assert_null(value);

	assert_int_equal(
	    jwt_json_string(object, "kid", &string), JWT_MEMBER_FOUND);
	assert_true(jwt_slice_equal(string, TEXT("k1")));
	assert_int_equal(
	    jwt_json_string(object, "e", &string), JWT_MEMBER_FOUND);
	assert_int_equal(string.len, 0);
	assert_int_equal(
	    jwt_json_string(object, "", &string), JWT_MEMBER_FOUND);
	assert_true(jwt_slice_equal(string, TEXT("x")));
	assert_int_equal(
	    jwt_json_string(object, "n", &string), JWT_MEMBER_WRONG_TYPE);
	assert_int_equal(
	    jwt_json_string(object, "i", &string), JWT_MEMBER_WRONG_TYPE);
	assert_null(string.at);
	assert_int_equal(
	    jwt_json_string(object, "ki", &string), JWT_MEMBER_ABSENT);
	assert_null(string.at);
	json_object_put(object);
}

static void
an_outline_has_what_stands_in_the_object_itself(void **state)
{
	struct json_object *outline, *whole;

	(void)state;
	assert_int_equal(
	    jwt_json_parse_outline(
		TEXT("{\"iss\":\"a\",\"exp\":1,\"f\":1.5,\"t\":true,"
		     "\"n\":null,\"groups\":[\"x\",[1,{\"y\":2}]],"
		     "\"act\":{\"sub\":\"b\",\"z\":{\"sub\":{}}}}"),
		&outline, NULL),
	    JWT_OK);
	assert_int_equal(
	    jwt_json_parse_object(
		TEXT("{\"iss\":\"a\",\"exp\":1,\"f\":1.5,\"t\":true,"
		     "\"n\":null,\"groups\":[],\"act\":{}}"),
		&whole, NULL),
	    JWT_OK);
	assert_true(json_object_equal(outline, whole));
	json_object_put(outline);
	json_object_put(whole);
	assert_int_equal(
	    jwt_json_parse_outline(TEXT("[]"), &outline, NULL), JWT_MALFORMED);
	assert_null(outline);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_outline_has_what_stands_in_the_object_itself),
	    cmocka_unit_test(what_stands_before_an_object_is_refused),
	    cmocka_unit_test(a_header_member_twice_is_refused),
	    cmocka_unit_test(names_are_compared_after_unescaping),
	    cmocka_unit_test(a_member_twice_is_refused_at_every_depth),
	    cmocka_unit_test(only_json_white_space_stands_around_the_value),
	    cmocka_unit_test(an_object_is_wanted_where_one_is_asked_for),
	    cmocka_unit_test(only_the_grammar_is_taken),
	    cmocka_unit_test(nesting_is_bounded),
	    cmocka_unit_test(members_are_bounded),
	    cmocka_unit_test(members_are_found_by_name_and_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
