/*
 * What the tests of the JSON reader share.
 */
#ifndef JSON_CHECKS_H
#define JSON_CHECKS_H

#include "jwt/json.h"

/* A text with its length, so that it may hold a NUL. */
#define TEXT(literal) ((struct jwt_slice){literal, sizeof(literal) - 1})

/* Fails the test unless the text is taken. */
void taken(struct jwt_slice text);

/* Fails unless it is refused and the fault says `what` at which byte. */
void refused_at(struct jwt_slice text, const char *what, size_t at);

/* Fails unless it is an array whose first item is this string. */
void string_is(struct jwt_slice text, const char *wanted);

/* `open` so many times, the middle, `close` so many times; see free_slice. */
struct jwt_slice
repeated(const char *open, const char *middle, const char *close, size_t count);

void free_slice(struct jwt_slice text);

#endif
