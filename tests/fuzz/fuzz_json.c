/*
 * The JSON reader: what it takes, json-c's strict parser takes as well, with
 * the same members, and what it makes of it can be written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jwt/json.h"

/* Equal, and with the members in the same order; json-c compares the rest. */
static void
compare(struct json_object *ours, struct json_object *theirs)
{
	struct json_object *value;

	check(json_object_equal(ours, theirs) != 0,
	    "json-c reads another value in the same text");
	if (!json_object_is_type(ours, json_type_object))
		return;
	check(json_object_object_length(ours) ==
		  json_object_object_length(theirs),
	    "json-c finds another number of members");
	json_object_object_foreach(ours, name, member)
	{
		check(json_object_object_get_ex(theirs, name, &value) &&
			  json_object_get_type(value) ==
			      json_object_get_type(member),
		    "json-c has no such member, or of another type");
	}
}

/* The value of \uXXXX; 0: there is no such escape. */
static unsigned long
escape_at(const char *at)
{
	char digits[5] = "", *end;
	unsigned long value;

	memcpy(digits, at + 2, 4);
	value = strtoul(digits, &end, 16);
	return memcmp(at, "\\u", 2) == 0 && end == digits + 4 ? value : 0;
}

/*
 * json-c 0.16 takes an escaped pair for a lone surrogate when the lower half
 * of its code point looks like one (U+1D800 to U+1DFFF, U+2D800 ...).
 */
static bool
has_lost_pair(struct jwt_slice text)
{
	unsigned long high, low;
	size_t i;

	for (i = 0; i + 12 <= text.len; i++) {
		high = escape_at(text.at + i);
		low = escape_at(text.at + i + 6);
		if ((high & 0xfc00) == 0xd800 && (low & 0xfc00) == 0xdc00 &&
		    ((high << 10 | (low & 0x3ff)) & 0xf800) == 0xd800)
			return true;
	}
	return false;
}

static void
differ(struct jwt_slice text, struct json_object *ours)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *theirs;
	enum json_tokener_error error;

	check(tokener != NULL, "no memory");
	json_tokener_set_flags(
	    tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	theirs = json_tokener_parse_ex(tokener, text.at, (int)text.len);
	error = json_tokener_get_error(tokener);
	/* A number at the end may go on, for all that json-c knows. */
	if (error == json_tokener_continue) {
		theirs = json_tokener_parse_ex(tokener, "", -1);
		error = json_tokener_get_error(tokener);
	}
	check(error == json_tokener_success, "json-c refuses what we take");
	if (!has_lost_pair(text))
		compare(ours, theirs);
	json_object_put(theirs);
	json_tokener_free(tokener);
}

/* Written and read again, it is the same. */
static void
repeat(struct json_object *value)
{
	struct json_object *again = NULL;
	const char *text;

	text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
	check(text != NULL &&
		  jwt_json_parse(jwt_slice_of(text), &again, NULL) == JWT_OK,
	    "what was read and written cannot be read again");
	check(json_object_equal(value, again) != 0,
	    "what was read and written is another value");
	json_object_put(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice text = {(const char *)bytes, len};
	struct json_object *value = NULL, *object = NULL;
	struct jwt_fault fault = {""}, again = {""};
	enum jwt_reason result, other;

	result = jwt_json_parse(text, &value, &fault);
	check(result == JWT_OK || result == JWT_MALFORMED,
	    "the reader gives another reason");
	check(jwt_json_validate(text, &again) == result,
	    "the validator says another thing than the reader");
	check(strcmp(fault.text, again.text) == 0,
	    "the validator has other words than the reader");
	other = jwt_json_parse_object(text, &object, NULL);
	check((other == JWT_OK) ==
		  (result == JWT_OK &&
		      json_object_is_type(value, json_type_object)),
	    "an object is what is an object");
	json_object_put(object);
	check(jwt_json_parse_outline(text, &object, NULL) == other,
	    "the outline is as strict as the whole");
	json_object_put(object);
	check((result == JWT_OK) == (fault.text[0] == '\0'),
	    "a refusal has words, and a text that is taken has none");
	if (result == JWT_OK) {
		differ(text, value);
		repeat(value);
	} else {
		check(value == NULL, "a value comes with a refusal");
	}
	json_object_put(value);
	return 0;
}
