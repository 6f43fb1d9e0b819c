/*
 * Finding one claim, reading times, and showing what was seen.
 */
#ifndef JWT_CLAIM_H
#define JWT_CLAIM_H

#include <stdbool.h>

#include "json.h"

/*
 * A selector is a member name, byte for byte, or, when it begins with `/`, a
 * JSON Pointer (RFC 6901).
 */

/* NULL when the selector is well formed, else what is wrong with it. */
const char *jwt_claim_selector_fault(const char *selector);

/* JWT_MEMBER_ABSENT or JWT_MEMBER_FOUND; `*value` is NULL for JSON's null. */
enum jwt_member jwt_claim_select(struct json_object *claims,
    const char *selector, struct json_object **value);

/*
 * Whether a claim is not in the token, but the token says that it exists: by
 * `_claim_names` (OpenID Connect Core section 5.6.2), or for `groups` by Entra
 * ID's `hasgroups`.  Of a JSON Pointer the first name counts.
 */
bool jwt_claim_is_elsewhere(struct json_object *claims, const char *selector);

/* The claim must be a string. */
enum jwt_member jwt_claim_string(
    struct json_object *claims, const char *selector, struct jwt_slice *string);

/* 9999-12-31T23:59:59Z: what is later was meant in milliseconds. */
#define JWT_TIME_MAX INT64_C(253402300799)

/*
 * A NumericDate (RFC 7519 section 2): an integer or a decimal fraction, no
 * exponent, from 0 to JWT_TIME_MAX.  `*seconds` is rounded down,
 * `*fraction` says that something was left over.
 */
enum jwt_member jwt_claim_time(struct json_object *claims, const char *name,
    int64_t *seconds, bool *fraction);

/*
 * What a claim holds, cut, a string without its quotes, `absent` where there
 * is none: foreign text, to be quoted where it is printed.  Memory of its
 * own; NULL: no memory.
 */
char *jwt_claim_seen(struct json_object *claims, const char *selector);

#endif
