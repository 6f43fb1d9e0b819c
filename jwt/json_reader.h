/*
 * Inside the JSON reader: its state, and the values that hold no others.
 */
#ifndef JWT_JSON_READER_H
#define JWT_JSON_READER_H

#include <locale.h>
#include <stdbool.h>

#include "json.h"

/*
 * What is being read.  A string after unescaping never needs more room than
 * it had in the text, nor does the NUL, which takes the closing quote's place;
 * so each is unescaped at its own offset of a room as long as the text, and a
 * member's name stays there while its value is read.
 */
struct jwt_json_reader {
	const char *text;
	size_t len;
	size_t at;
	char *room; /* `len` bytes and one for the NUL of a number */
	unsigned int depth;
	bool outline; /* what is deeper than members of the text is not kept */
	locale_t c;   /* made when the first number needs it */
	struct jwt_fault *fault;
};

/* JWT_MALFORMED, and the fault says what stands at that byte, from 0. */
enum jwt_reason
jwt_json_refuse(const struct jwt_json_reader *r, size_t at, const char *what);

/* The next byte; -1 at the end. */
static inline int
jwt_json_peek(const struct jwt_json_reader *r)
{
	return r->at < r->len ? (unsigned char)r->text[r->at] : -1;
}

/* Steps over the next byte if it is this one. */
static inline bool
jwt_json_skip(struct jwt_json_reader *r, int c)
{
	if (jwt_json_peek(r) != c)
		return false;
	r->at++;
	return true;
}

/* Whether the value that comes is wanted, and not only examined. */
static inline bool
jwt_json_keeps(const struct jwt_json_reader *r)
{
	return !r->outline || r->depth <= 1;
}

/*
 * A string, after its opening quote.  The slice is borrowed from the room and
 * ends in a NUL; there is no other in it.
 */
enum jwt_reason
jwt_json_read_string(struct jwt_json_reader *r, struct jwt_slice *string);

/*
 * A number, at its first byte; NULL where the reader does not keep it.
 * JWT_OK, JWT_MALFORMED or JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_json_read_number(struct jwt_json_reader *r, struct json_object **number);

/* Likewise null, false or true; anything else is refused as no value at all. */
enum jwt_reason
jwt_json_read_literal(struct jwt_json_reader *r, struct json_object **value);

#endif
