/*
 * Preloaded where pam_wrapper is: it looks for a name /tmp/pam.X that nobody
 * has and makes that folder afterwards. Two processes that look at the same
 * time find the same name, and the second one gives up. Here to look is to
 * take: a name that is free is made at once, and making it again succeeds.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
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
