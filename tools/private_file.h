/*
 * Files that are the caller's alone, and the token that lies in one.
 */
#ifndef PRIVATE_FILE_H
#define PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "jwt/text.h"

enum private_found {
	PRIVATE_FAULT = 0,
	PRIVATE_ABSENT,
	PRIVATE_FOUND
};

/*
 * Opens a file that is the caller's and nobody else's to read or write: a
 * regular one, no link, mode 0600 or less.  `what` names it in the fault.
 * PRIVATE_FOUND, and `*fd` is the caller's to close.
 */
enum private_found private_file_open(int folder, const char *path,
    const char *what, int *fd, struct jwt_fault *fault);

/* The same of whatever mode, for who takes it away. */
enum private_found private_file_open_own(int folder, const char *path,
    const char *what, int *fd, struct jwt_fault *fault);

/*
 * Reads to the end, `max` bytes at most.  `*bytes`, with room for one more
 * than those, is the caller's to wipe and free, whatever the result.
 */
bool private_file_read(int fd, size_t max, const char *what, char **bytes,
    size_t *len, struct jwt_fault *fault);

/* Without the white space that files and commands put around a token. */
struct jwt_slice private_text_trim(struct jwt_slice text);

#endif
