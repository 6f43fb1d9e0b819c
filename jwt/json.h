/*
 * Strict JSON (RFC 8259) into json-c's objects, by a reader of our own.
 *
 * json-c's parser, even strict, takes duplicate members, NaN, single quotes,
 * raw control characters and overlong UTF-8, stops at a NUL, cuts a member
 * name at \u0000 and saturates integers.  Checking the text first is not
 * enough: where memory runs out while it parses, json-c 0.16 leaves a member
 * out (`nbf`, say) or a string empty and reports success, or crashes.  So its
 * parser is not used at all, only its objects.
 */
#ifndef JWT_JSON_H
#define JWT_JSON_H

#include <json-c/json.h>

#include "reason.h"
#include "text.h"

#define JWT_JSON_DEPTH 16    /* arrays and objects inside each other */
#define JWT_JSON_MEMBERS 256 /* of one object */

/*
 * Exactly one JSON value with nothing but white space around it.  Refused
 * beyond the grammar: invalid UTF-8, a BOM, lone surrogates, NUL in any form
 * (\u0000 too), two members of one object that have the same name after
 * unescaping, integers outside int64, numbers outside a double's range,
 * more depth or members than above.
 * JWT_OK; JWT_MALFORMED, and the fault says what stands at which byte (never
 * the text itself); JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_json_validate(struct jwt_slice text, struct jwt_fault *fault);

/*
 * Validates and parses.  `*value` is the caller's, to be given back with
 * json_object_put; NULL stands for JSON's null.  Results as above.
 */
enum jwt_reason jwt_json_parse(
    struct jwt_slice text, struct json_object **value, struct jwt_fault *fault);

/* The same, and the value must be an object, else JWT_MALFORMED. */
enum jwt_reason jwt_json_parse_object(struct jwt_slice text,
    struct json_object **object, struct jwt_fault *fault);

/*
 * The same, and just as strict, but arrays and objects in it stay empty: for
 * what anybody can send.  65536 bytes hold 24000 values, which to make and to
 * give back would take longer than all else that is done before a signature.
 */
enum jwt_reason jwt_json_parse_outline(struct jwt_slice text,
    struct json_object **object, struct jwt_fault *fault);

/*
 * Gives back what jwt_json_parse made, which nobody else holds, with all its
 * strings overwritten: json-c frees them as they are.  NULL is taken.
 */
void jwt_json_free_wiped(struct json_object *value);

/*
 * A text as a JSON string, quotes included, in memory of its own; the text is
 * UTF-8.  NULL: no memory.
 */
char *jwt_json_quote(struct jwt_slice text);

/* How a member was found. */
enum jwt_member {
	JWT_MEMBER_ABSENT = 0,
	JWT_MEMBER_FOUND,
	JWT_MEMBER_WRONG_TYPE /* null counts as this, never as absent */
};

/* Any member; `*value` is borrowed from the object, NULL for JSON's null. */
enum jwt_member jwt_json_member(const struct json_object *object,
    const char *name, struct json_object **value);

/* A member that must be a string; the slice is borrowed from the object. */
enum jwt_member jwt_json_string(const struct json_object *object,
    const char *name, struct jwt_slice *string);

/* The slice of a value that is known to be a string. */
struct jwt_slice jwt_json_slice(const struct json_object *string);

#endif
