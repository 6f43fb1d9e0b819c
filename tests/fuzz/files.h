/*
 * Files of the input: linked with --wrap=jwt_file_read, the library reads
 * these and no others.  The file checks themselves have tests of their own.
 */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

#include "jwt/file.h"

/* Forgets all files; adds one of mode 0600, whose path and text it borrows. */
void files_clear(void);
void files_add(const char *path, struct jwt_slice bytes);

#endif
