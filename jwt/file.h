/*
 * The one place that opens files which decide who logs in: configuration,
 * keys, maps.
 *
 * A file is read only when nobody but root and the effective user could have
 * written it: it is a regular file and no symbolic link, owned by root or the
 * effective user, without write permission for group and others; and the same
 * holds for every folder above it (a sticky one of root's may be writable by
 * all) and for every link among those folders, whose owner must be root or
 * the effective user.  Of fetched keys, where the service that fetches them
 * is trusted with them, its user counts as root does.
 */
#ifndef JWT_FILE_H
#define JWT_FILE_H

#include <sys/stat.h>

#include "reason.h"
#include "text.h"

#define JWT_NO_OWNER ((uid_t)-1)

/*
 * Opens a file that is then read in parts; close(2) ends it.  The path must
 * be absolute.  `owner` is trusted beside root and the effective user, with
 * the folders that are its; JWT_NO_OWNER: nobody is.
 * JWT_OK; JWT_CONFIG_ERROR, and the fault names the file, what was found and
 * what was wanted; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_file_open(const char *path, size_t max, uid_t owner,
    int *fd, struct stat *st, struct jwt_fault *fault);

struct jwt_file {
	char *bytes; /* `len` of them and one NUL */
	size_t len;
	mode_t mode;
};

/*
 * Reads the whole file, `max` bytes at most.  The path must be absolute.
 * JWT_OK, and the caller gives the file back with jwt_file_free;
 * JWT_CONFIG_ERROR, and the fault names the file, what was found and what was
 * wanted; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_file_read(const char *path, size_t max,
    struct jwt_file *file, struct jwt_fault *fault);

/* Wipes, because a file may hold a secret. */
void jwt_file_free(struct jwt_file *file);

#endif
