/*
 * Files, accounts and the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"

static const struct {
	const char *name;
	enum place folder;
	mode_t mode;
	const char *target;
} places[PLACES] = {
    [PLACE_ROOT] = {"/", PLACE_ROOT, S_IFDIR | 0755, NULL},
    [PLACE_ETC] = {"etc", PLACE_ROOT, S_IFDIR | 0755, NULL},
    [PLACE_SECURITY] = {"security", PLACE_ETC, S_IFDIR | 0755, NULL},
    [PLACE_CONFIG] = {"pam_jwt.conf", PLACE_SECURITY, S_IFREG | 0644, NULL},
    [PLACE_FOLDER] = {"pam_jwt.d", PLACE_SECURITY, S_IFDIR | 0755, NULL},
    [PLACE_KEYS] = {"keys", PLACE_FOLDER, S_IFREG | 0600, NULL},
    [PLACE_MAP] = {"map", PLACE_FOLDER, S_IFREG | 0644, NULL},
    [PLACE_LOGIN_DEFS] = {"login.defs", PLACE_ETC, S_IFREG | 0644, NULL},
    [PLACE_LINK] = {"link", PLACE_SECURITY, S_IFLNK | 0777, "pam_jwt.d"},
};

#define FIRST 5000 /* our descriptors begin here */
#define SLOTS 16

static struct {
	bool is_open;
	enum place place;
	size_t offset;
} slots[SLOTS];

unsigned int
machine_open_files(void)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < SLOTS; i++)
		count += slots[i].is_open;
	return count;
}

static bool
is_ours(int fd)
{
	return fd >= FIRST && fd < FIRST + SLOTS && slots[fd - FIRST].is_open;
}

/* -1 and the errno; a refusal to be given in the end. */
static int
fail(int error)
{
	machine.broken = true;
	errno = error;
	return -1;
}

static int
open_place(enum place place, int flags)
{
	int i;

	if ((flags & O_CLOEXEC) == 0)
		wrong("%s is opened without O_CLOEXEC", places[place].name);
	if ((flags & O_PATH) == 0 && (flags & O_NONBLOCK) == 0)
		wrong(
		    "%s, were it a FIFO, holds the login", places[place].name);
	if (machine.fault[place] == FAULT_MISSING)
		return fail(ENOENT);
	if (S_ISLNK(places[place].mode) && (flags & O_NOFOLLOW) == 0)
		wrong("the link %s would be followed", places[place].name);
	if (S_ISLNK(places[place].mode) && (flags & O_PATH) == 0)
		return fail(ELOOP);
	for (i = 0; i < SLOTS && slots[i].is_open; i++)
		;
	if (i == SLOTS)
		wrong("more than %d files are open", SLOTS);
	slots[i].is_open = true;
	slots[i].place = place;
	slots[i].offset = 0;
	return FIRST + i;
}

/* The entry of a folder; PLACES: there is none. */
static enum place
find(enum place folder, const char *name)
{
	size_t i;

	if (strcmp(name, ".") == 0)
		return folder;
	if (strcmp(name, "..") == 0)
		return places[folder].folder;
	for (i = PLACE_ETC; i < PLACES; i++)
		if (places[i].folder == folder &&
		    strcmp(places[i].name, name) == 0)
			return (enum place)i;
	return PLACES;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *name, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __wrap_readlinkat(int fd, const char *name, char *out, size_t size);
uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
int __real_getpwnam_r(const char *name, struct passwd *passwd, char *buffer,
    size_t size, struct passwd **found);
int __wrap_getpwnam_r(const char *name, struct passwd *passwd, char *buffer,
    size_t size, struct passwd **found);
int __real_uname(struct utsname *host);
int __wrap_uname(struct utsname *host);
time_t __real_time(time_t *seconds);
time_t __wrap_time(time_t *seconds);

int
__wrap_open(const char *path, int flags, ...)
{
	const struct failure *failure;
	int mode = 0;
	va_list ap;

	if (!machine.armed) {
		va_start(ap, flags);
		if ((flags & O_CREAT) != 0)
			mode = va_arg(ap, int);
		va_end(ap);
		return __real_open(path, flags, mode);
	}
	if (strcmp(path, "/") != 0)
		wrong("%s is opened by its whole path", path);
	if ((failure = machine_fails(CALL_OPEN)) != NULL)
		return fail(failure->error);
	return open_place(PLACE_ROOT, flags);
}

int
__wrap_openat(int folder, const char *name, int flags, ...)
{
	const struct failure *failure;
	enum place in, place;

	if (!machine.armed || !is_ours(folder))
		wrong("openat on %d, which is not open", folder);
	if ((flags & O_NOFOLLOW) == 0)
		wrong("%s may be a link", name);
	if ((failure = machine_fails(CALL_OPEN)) != NULL)
		return fail(failure->error);
	in = slots[folder - FIRST].place;
	if (!S_ISDIR(places[in].mode))
		return fail(ENOTDIR);
	if (name[0] == '\0')
		return fail(ENOENT);
	if (strlen(name) > 255)
		return fail(ENAMETOOLONG);
	place = find(in, name);
	return place == PLACES ? fail(ENOENT) : open_place(place, flags);
}

int
__wrap_close(int fd)
{
	if (!machine.armed)
		return __real_close(fd);
	if (!is_ours(fd))
		wrong("close of %d, which is not open", fd);
	slots[fd - FIRST].is_open = false;
	/* Whatever close says, errno is then another. */
	errno = EIO;
	return 0;
}

static void
describe(enum place place, struct stat *st)
{
	enum fault fault = machine.fault[place];

	memset(st, 0, sizeof(*st));
	st->st_mode = places[place].mode;
	st->st_size = (off_t)machine.content[place].len;
	if (fault == FAULT_WRITABLE)
		st->st_mode |= S_IWGRP;
	if (fault == FAULT_OPEN)
		st->st_mode |= S_IRGRP | S_IROTH;
	if (fault == FAULT_FOREIGN)
		st->st_uid = 1234;
	if (fault == FAULT_FIFO)
		st->st_mode = S_IFIFO | 0600;
	if (fault == FAULT_GROWN)
		st->st_size += st->st_size % 2 == 0 ? 1 : -1;
	if (fault == FAULT_FOREIGN || fault == FAULT_FIFO ||
	    (fault == FAULT_WRITABLE && !S_ISLNK(st->st_mode)) ||
	    (fault == FAULT_GROWN && S_ISREG(st->st_mode)))
		machine.broken = true;
}

int
__wrap_fstat(int fd, struct stat *st)
{
	const struct failure *failure;

	if (!machine.armed)
		return __real_fstat(fd, st);
	if (!is_ours(fd))
		wrong("fstat of %d, which is not open", fd);
	if ((failure = machine_fails(CALL_STAT)) != NULL)
		return fail(failure->error);
	describe(slots[fd - FIRST].place, st);
	return 0;
}

/*
 * Only login.defs may be looked for by its path.  It may be absent; and a
 * failure is no matter, because the file is then read or not.
 */
int
__wrap_stat(const char *path, struct stat *st)
{
	const struct failure *failure;

	if (!machine.armed)
		return __real_stat(path, st);
	if (strcmp(path, "/etc/login.defs") != 0)
		wrong("stat of %s", path);
	failure = machine_fails(CALL_STAT);
	if (failure != NULL ||
	    machine.fault[PLACE_LOGIN_DEFS] == FAULT_MISSING) {
		errno = failure != NULL ? failure->error : ENOENT;
		return -1;
	}
	describe(PLACE_LOGIN_DEFS, st);
	return 0;
}

ssize_t
__wrap_read(int fd, void *bytes, size_t len)
{
	const struct bytes *content;
	const struct failure *failure;
	size_t *offset;

	if (!machine.armed)
		return __real_read(fd, bytes, len);
	if (!is_ours(fd))
		wrong("read of %d, which is not open", fd);
	content = &machine.content[slots[fd - FIRST].place];
	offset = &slots[fd - FIRST].offset;
	if (len > content->len - *offset)
		len = content->len - *offset;
	failure = machine_fails(CALL_READ);
	if (failure != NULL && failure->error == EINTR) {
		/* For good would be for ever. */
		if (failure->for_good)
			return fail(EIO);
		errno = EINTR;
		return -1;
	}
	if (failure != NULL && failure->error == READ_SHORT)
		len = len > 1 ? 1 + len / 2 : len;
	else if (failure != NULL && failure->error == READ_NOTHING) {
		machine.broken = machine.broken || len > 0;
		return 0;
	} else if (failure != NULL)
		return fail(failure->error);
	if (len > 0)
		memcpy(bytes, content->at + *offset, len);
	*offset += len;
	return (ssize_t)len;
}

ssize_t
__wrap_readlinkat(int fd, const char *name, char *out, size_t size)
{
	const struct failure *failure;
	const char *target;

	if (!is_ours(fd) || name[0] != '\0')
		wrong("readlinkat of %d and '%s'", fd, name);
	if ((failure = machine_fails(CALL_LINK)) != NULL)
		return fail(failure->error);
	if ((target = places[slots[fd - FIRST].place].target) == NULL)
		return fail(EINVAL);
	if (strlen(target) < size)
		size = strlen(target);
	memcpy(out, target, size);
	return (ssize_t)size;
}

uid_t
__wrap_geteuid(void)
{
	return machine.armed ? 0 : __real_geteuid();
}

int
__wrap_getpwnam_r(const char *name, struct passwd *passwd, char *buffer,
    size_t size, struct passwd **found)
{
	const struct failure *failure;

	if (!machine.armed)
		return __real_getpwnam_r(name, passwd, buffer, size, found);
	*found = NULL;
	if ((failure = machine_fails(CALL_ACCOUNT)) != NULL) {
		if ((failure->error != EINTR && failure->error != ERANGE) ||
		    failure->for_good)
			machine.broken = true;
		return failure->error;
	}
	if (!machine.has_account)
		return 0;
	memset(passwd, 0, sizeof(*passwd));
	passwd->pw_uid = machine.uid;
	snprintf(buffer, size, "%s", name);
	passwd->pw_name = buffer;
	*found = passwd;
	return 0;
}

int
__wrap_uname(struct utsname *host)
{
	if (!machine.armed)
		return __real_uname(host);
	if (machine_fails(CALL_HOST) != NULL) {
		errno = EFAULT;
		return -1;
	}
	memset(host, 0, sizeof(*host));
	snprintf(host->nodename, sizeof(host->nodename), "web1.example.com");
	return 0;
}

time_t
__wrap_time(time_t *seconds)
{
	if (!machine.armed)
		return __real_time(seconds);
	return (time_t)machine.now;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
