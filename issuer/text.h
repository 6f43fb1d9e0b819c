/*
 * How a text is written in a word of a line.  Internal to the request; the
 * rest of the issuer uses what request.h has of it.
 */
#ifndef ISSUER_TEXT_H
#define ISSUER_TEXT_H

#include <stdbool.h>

#include "jwt/text.h"

/* Memory of its own; `name`: `=` is written %3D, too. NULL: no memory. */
char *issuer_word_encode(const char *text, bool name);

/*
 * And back.  NULL: `*wrong` says what is wrong at byte `*at` of the text, or
 * is NULL where there is no memory.
 */
char *issuer_word_decode(
    struct jwt_slice text, bool name, const char **wrong, size_t *at);

#endif
