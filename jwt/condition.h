/*
 * Conditions, one grammar wherever they stand:
 *
 *	CLAIM [not] is VALUE
 *	CLAIM [not] has VALUE		an element of an array, a word of a
 *					string, a member of an object
 *	CLAIM [not] matches GLOB
 *	CLAIM absent
 *
 * joined by commas, all of which must hold.  A claim that is missing, or of a
 * type that the operator cannot read, fulfils none of them, the negated ones
 * included; only `absent` asks for that.  A claim that the provider says to
 * have left out is neither there nor absent.
 *
 * In a claim /LIST/-/MEMBER of `has`, the `-` stands for each element.
 */
#ifndef JWT_CONDITION_H
#define JWT_CONDITION_H

#include "json.h"
#include "lines.h"

enum jwt_operator {
	JWT_ABSENT,
	JWT_IS,
	JWT_HAS,
	JWT_MATCHES
};

struct jwt_condition {
	char *claim; /* a selector, see claim.h; to the `-` where it has one */
	char *each;  /* the selector behind the `-`, or NULL */
	enum jwt_operator op;
	bool negated;
	char *value;       /* NULL for `absent` */
	bool quoted;       /* then a string only */
	char *text;        /* as it was written, for messages */
	unsigned int line; /* 0: not from a file */
};

struct jwt_conditions {
	struct jwt_condition *at;
	size_t count;
};

/*
 * Adds the conditions of `words` to `conditions`, which the caller gives back
 * with jwt_conditions_clear, whatever the result.
 * JWT_OK; JWT_CONFIG_ERROR, and the fault names the word; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_conditions_parse(struct jwt_conditions *conditions,
    const struct jwt_word *words, size_t count, struct jwt_fault *fault);

/* Whether one condition holds over a claims set. */
bool jwt_condition_holds(
    const struct jwt_condition *condition, struct json_object *claims);

/* What is seen of its claim, foreign text and raw; NULL: no memory. */
char *jwt_condition_seen(
    const struct jwt_condition *condition, struct json_object *claims);

#define JWT_GLOB_MAX 255 /* bytes */

/*
 * Whether the whole text matches: `*` any run and `?` any one byte without
 * `/` and `:`, `**` any run.  No other byte is special.  Time is at most the
 * product of both lengths; a glob over JWT_GLOB_MAX bytes matches nothing.
 */
bool jwt_glob_matches(const char *glob, struct jwt_slice text);

void jwt_conditions_clear(struct jwt_conditions *conditions);

#endif
