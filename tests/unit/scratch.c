#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static char folder[] = "/tmp/pam_jwt-test-XXXXXX";

int
scratch_make(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
scratch_remove(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
scratch_path(const char *name)
{
	static char paths[16][PATH_MAX];
	static size_t next;
	char *path = paths[next++ % 16];

	snprintf(
	    path, PATH_MAX, "%s%s%s", folder, name[0] != '\0' ? "/" : "", name);
	return path;
}

const char *
scratch_write_bytes(
    const char *name, const void *bytes, size_t len, mode_t mode)
{
	const char *path = scratch_path(name);
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
	return path;
}

const char *
scratch_write(const char *name, const char *text, mode_t mode)
{
	return scratch_write_bytes(name, text, strlen(text), mode);
}

const char *
scratch_folder(const char *name, mode_t mode)
{
	const char *path = scratch_path(name);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

const char *
scratch_link(const char *name, const char *target)
{
	const char *path = scratch_path(name);

	unlink(path);
	assert_int_equal(symlink(target, path), 0);
	return path;
}
