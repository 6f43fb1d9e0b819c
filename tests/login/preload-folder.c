/*
 * Preloaded where pam_wrapper is: it looks for a name /tmp/pam.X that nobody
 * has and makes that folder afterwards. Two processes that look at the same
 * time find the same name, and the second one gives up. Here to look is to
 * take: a name that is free is made at once, and making it again succeeds.
 *
 * Before that it asks whose the others are. A number that is not written yet
 * is a fault to it, and the message stands among those of the program that is
 * tested. Here a file with nothing in it is one that is not there yet.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char prefix[] = "/tmp/pam.";

static char taken[sizeof(prefix) + 1];

static int
really_mkdir(const char *path, mode_t mode)
{
	return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

static int
is_folder(const char *path)
{
	return strlen(path) == sizeof(prefix) &&
	       strncmp(path, prefix, sizeof(prefix) - 1) == 0;
}

int
lstat(const char *restrict path, struct stat *restrict st)
{
	if (is_folder(path) && really_mkdir(path, 0755) == 0) {
		memcpy(taken, path, sizeof(taken));
		errno = ENOENT;
		return -1;
	}
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int
mkdir(const char *path, mode_t mode)
{
	if (taken[0] != '\0' && strcmp(path, taken) == 0) {
		taken[0] = '\0';
		return 0;
	}
	return really_mkdir(path, mode);
}

static int
is_empty_number(int fd, const char *path)
{
	size_t length = sizeof(prefix);
	struct stat st;

	return strncmp(path, prefix, length - 1) == 0 &&
	       strlen(path) > length && strcmp(path + length, "/pid") == 0 &&
	       fstat(fd, &st) == 0 && st.st_size == 0;
}

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list rest;
	int fd;

	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
		va_start(rest, flags);
		mode = va_arg(rest, mode_t);
		va_end(rest);
	}
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && (flags & O_ACCMODE) == O_RDONLY &&
	    is_empty_number(fd, path)) {
		close(fd);
		errno = ENOENT;
		return -1;
	}
	return fd;
}
