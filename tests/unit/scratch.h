/*
 * A folder of the tests' own, and files in it.  A path that is given back is
 * borrowed until 16 others were.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <sys/types.h>

/* Group set-up and tear-down: makes the folder, mode 0700, and removes it. */
int scratch_make(void **state);
int scratch_remove(void **state);

/* The path of a name in the folder; of the folder itself for "". */
const char *scratch_path(const char *name);

/* Writes a file anew, of text or of bytes, and says where. */
const char *scratch_write(const char *name, const char *text, mode_t mode);
const char *scratch_write_bytes(
    const char *name, const void *bytes, size_t len, mode_t mode);

/* Makes a folder, and a link to a target. */
const char *scratch_folder(const char *name, mode_t mode);
const char *scratch_link(const char *name, const char *target);

#endif
