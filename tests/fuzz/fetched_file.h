/*
 * A file of fetched keys out of memory: linked with --wrap=jwt_file_open, the
 * library opens these bytes and no others.
 */
#ifndef FUZZ_FETCHED_FILE_H
#define FUZZ_FETCHED_FILE_H

#include "jwt/fetched.h"

/* The source that such a file bears. */
#define FETCHED_SOURCE                     \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"

/* What the next jwt_file_open gives; `bytes.at` NULL: there is no file. */
void fetched_file_set(struct jwt_slice bytes);

/* jwt_fetched_open of a file with these bytes, from FETCHED_SOURCE. */
enum jwt_reason fetched_file_open(struct jwt_slice bytes,
    struct jwt_fetched **fetched, struct jwt_fault *fault);

#endif
