/*
 * Mutations that keep a text's outer form, so that what is inside is changed
 * as well: bytes that are changed at random stop at the first decoder.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* One part of a token, inside its base64url; now and then the text itself. */
size_t mutate_token(uint8_t *bytes, size_t len, size_t max, unsigned int seed);

/* What a PEM block holds, inside its base64; now and then the text itself. */
size_t mutate_pem(uint8_t *bytes, size_t len, size_t max, unsigned int seed);

#endif
