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

void
taken(struct jwt_slice text)
{
	struct jwt_fault fault = {""};
	struct json_object *value;

	if (jwt_json_parse(text, &value, &fault) != JWT_OK)
		fail_msg(
		    "refused %.*s: %s", (int)text.len, text.at, fault.text);
	json_object_put(value);
	assert_int_equal(jwt_json_validate(text, NULL), JWT_OK);
}

void
refused_at(struct jwt_slice text, const char *what, size_t at)
{
	struct jwt_fault fault = {""};
	struct json_object *value;
	char wanted[128];

	assert_int_equal(jwt_json_parse(text, &value, &fault), JWT_MALFORMED);
	assert_null(value);
	snprintf(wanted, sizeof(wanted), "%s at byte %zu", what, at);
	assert_string_equal(fault.text, wanted);
	/* By the reader that keeps nothing, in the same words. */
	fault.text[0] = '\0';
	assert_int_equal(jwt_json_validate(text, &fault), JWT_MALFORMED);
	assert_string_equal(fault.text, wanted);
}

void
string_is(struct jwt_slice text, const char *wanted)
{
	struct json_object *value;
	struct jwt_slice got;

	assert_int_equal(jwt_json_parse(text, &value, NULL), JWT_OK);
	got = jwt_json_slice(json_object_array_get_idx(value, 0));
	assert_non_null(got.at);
	assert_int_equal(got.len, strlen(wanted));
	assert_string_equal(got.at, wanted);
	json_object_put(value);
}

struct jwt_slice
repeated(const char *open, const char *middle, const char *close, size_t count)
{
	size_t one = strlen(open), two = strlen(close), len = 0, i;
	char *text;

	text = malloc(count * (one + two) + strlen(middle) + 1);
	assert_non_null(text);
	for (i = 0; i < count; i++, len += one)
		memcpy(text + len, open, one);
	memcpy(text + len, middle, strlen(middle));
	len += strlen(middle);
	for (i = 0; i < count; i++, len += two)
		memcpy(text + len, close, two);
	return (struct jwt_slice){text, len};
}

void
free_slice(struct jwt_slice text)
{
	free((void *)(uintptr_t)text.at);
}
