/*
 * Calls of the module that fail on demand, and what it logs.  The functions
 * stand in the program that includes this, where the module finds them before
 * those of libc and libpam; they fail only when the module itself calls.
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <sys/utsname.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <stdbool.h>

enum call {
	NOTHING,
	OPEN,
	OPENAT,
	READ,
	READ_SHORT,
	STAT,
	FSTAT,
	GETPWNAM,
	UNAME,
	ALLOCATE, /* of everybody, by broken_memory.h */
	CALLS
};

static const char *const call_names[CALLS] = {"nothing", "open", "openat",
    "read", "short read", "stat", "fstat", "getpwnam_r", "uname", "malloc"};

static struct {
	enum call call;
	long left; /* calls that still succeed before one fails */
	bool for_good;
	int error;
	bool happened;
} fault;

static char last_line[1024]; /* of the log */

static bool
due(void)
{
	if (fault.left-- > 0)
		return false;
	if (!fault.for_good)
		fault.call = NOTHING;
	else
		fault.left = 0;
	fault.happened = true;
	errno = fault.error;
	return true;
}

static bool
is_module(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
	       strstr(info.dli_fname, "pam_jwt.so") != NULL;
}

static bool
call_fails(enum call call, const void *caller)
{
	return fault.call == call && is_module(caller) && due();
}

#define CALLER __builtin_return_address(0)

/* The next definition after this program's. */
#define REAL(function, name) (*(void **)&(function) = dlsym(RTLD_NEXT, name))

int
open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...);
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (call_fails(OPEN, CALLER))
		return -1;
	REAL(real, "open");
	return real(path, flags, mode);
}

int
openat(int folder, const char *path, int flags, ...)
{
	int (*real)(int, const char *, int, ...);
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (call_fails(OPENAT, CALLER))
		return -1;
	REAL(real, "openat");
	return real(folder, path, flags, mode);
}

/* A short read is no failure: the rest comes with the next one. */
ssize_t
read(int fd, void *bytes, size_t size)
{
	ssize_t (*real)(int, void *, size_t);

	if (call_fails(READ, CALLER))
		return -1;
	if (size > 1 && call_fails(READ_SHORT, CALLER))
		size = 1;
	REAL(real, "read");
	return real(fd, bytes, size);
}

/* Under fortification the module reads by this name. */
ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room);

ssize_t
__read_chk(int fd, void *bytes, size_t size, size_t room)
{
	ssize_t (*real)(int, void *, size_t);

	if (call_fails(READ, CALLER))
		return -1;
	if (size > 1 && call_fails(READ_SHORT, CALLER))
		size = 1;
	if (size > room)
		abort();
	REAL(real, "read");
	return real(fd, bytes, size);
}

int
stat(const char *restrict path, struct stat *restrict st)
{
	if (call_fails(STAT, CALLER))
		return -1;
	return fstatat(AT_FDCWD, path, st, 0);
}

int
fstat(int fd, struct stat *st)
{
	if (call_fails(FSTAT, CALLER))
		return -1;
	return fstatat(fd, "", st, AT_EMPTY_PATH);
}

int
getpwnam_r(const char *restrict name, struct passwd *restrict passwd,
    char *restrict buffer, size_t size, struct passwd **restrict found)
{
	/* A person, on every machine. */
	static const struct passwd person = {
	    .pw_uid = 2001, .pw_gid = 2001, .pw_dir = NULL};

	(void)buffer;
	(void)size;
	*found = NULL;
	if (call_fails(GETPWNAM, CALLER))
		return fault.error;
	*passwd = person;
	passwd->pw_name = strcmp(name, "deploy") == 0 ? buffer : NULL;
	if (passwd->pw_name != NULL)
		*found = passwd;
	return 0;
}

int
uname(struct utsname *host)
{
	int (*real)(struct utsname *);

	if (call_fails(UNAME, CALLER))
		return -1;
	REAL(real, "uname");
	return real(host);
}

void
pam_vsyslog(
    const pam_handle_t *pamh, int priority, const char *format, va_list ap)
{
	(void)pamh;
	(void)priority;
	(void)vsnprintf(last_line, sizeof(last_line), format, ap);
}

void
pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	pam_vsyslog(pamh, priority, format, ap);
	va_end(ap);
}

#endif
