/*
 * Preloaded into a command: one call of its own fails.  $BREAK is
 * "KIND NTH WITH MARK": the NTH call of the KIND, counted from the beginning
 * of main to its end, fails with the errno WITH, or, where that is 0 and it
 * reads or writes, does half of its work, or, where it is `kill`, is the end
 * of the process, as if the power went; the file MARK is made when that
 * happens.  KIND is the name of a function below that the program itself
 * calls; or memory, an allocation of anybody's but libcrypto's; or crypto, one
 * of libcrypto's.  A "+" behind NTH: those that follow fail as well.
 *
 * Unlike tests/unit/broken_memory.h this asks for the next allocator, whose it
 * ever is, so that the sanitizers see what becomes of the failure.
 */
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include <cap-ng.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Memory is asked for before the sanitizer has its own shadow of it. */
#define EARLY __attribute__((no_sanitize("address", "undefined")))

struct code {
	uintptr_t begin, end;
};

static struct {
	char kind[16], mark[512];
	unsigned long nth, seen;
	bool for_good, running, kills;
	int error; /* 0: half of the work */
	struct code program, crypto, own;
} plan;

EARLY static bool
is_in(struct code code, const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	return at >= code.begin && at < code.end;
}

EARLY static bool
due(void)
{
	int fd;

	plan.seen++;
	if (plan.seen < plan.nth || (plan.seen > plan.nth && !plan.for_good))
		return false;
	fd = (int)syscall(SYS_openat, AT_FDCWD, plan.mark,
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)syscall(SYS_close, fd);
	if (plan.kills)
		(void)syscall(SYS_kill, getpid(), SIGKILL);
	errno = plan.error;
	return true;
}

/* Whether a call that `caller` makes is to fail. */
static bool
fails(const char *kind, const void *caller)
{
	return plan.running && strcmp(plan.kind, kind) == 0 &&
	       is_in(plan.program, caller) && due();
}

EARLY static bool
memory_fails(const void *caller)
{
	bool of_crypto;

	if (!plan.running || is_in(plan.own, caller))
		return false;
	of_crypto = is_in(plan.crypto, caller);
	return plan.kind[0] == (of_crypto ? 'c' : 'm') &&
	       (plan.kind[1] == (of_crypto ? 'r' : 'e')) && due();
}

/*
 * The program's main.
 */

static int
note_code(struct dl_phdr_info *info, size_t size, void *data)
{
	struct code *code = NULL;
	int i;

	(void)size;
	(void)data;
	if (info->dlpi_name[0] == '\0' && plan.program.end == 0)
		code = &plan.program;
	else if (strstr(info->dlpi_name, "/libcrypto.so") != NULL)
		code = &plan.crypto;
	else if (strstr(info->dlpi_name, "/preload-break") != NULL)
		code = &plan.own;
	for (i = 0; code != NULL && i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type != PT_LOAD ||
		    (info->dlpi_phdr[i].p_flags & PF_X) == 0)
			continue;
		code->begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		code->end = code->begin + info->dlpi_phdr[i].p_memsz;
	}
	return 0;
}

static int (*real_main)(int, char **, char **);

static int
watched_main(int argc, char **argv, char **environment)
{
	const char *text = getenv("BREAK");
	char nth[24] = "", with[24] = "";
	int result;

	dl_iterate_phdr(note_code, NULL);
	if (text == NULL || sscanf(text, "%15s %23s %23s %511s", plan.kind, nth,
				with, plan.mark) != 4) {
		fprintf(stderr, "preload-break: what is to break?\n");
		abort();
	}
	plan.nth = strtoul(nth, NULL, 10);
	plan.error = (int)strtol(with, NULL, 10);
	plan.kills = strcmp(with, "kill") == 0;
	plan.for_good = strchr(nth, '+') != NULL;
	plan.running = true;
	result = real_main(argc, argv, environment);
	plan.running = false;
	return result;
}

/* The next definition after this library's. */
#define REAL(function, name) (*(void **)&(function) = dlsym(RTLD_NEXT, name))

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __libc_start_main(int (*start)(int, char **, char **), int argc,
    char **argv, void (*init)(void), void (*fini)(void),
    void (*rtld_fini)(void), void *stack_end);

int
__libc_start_main(int (*start)(int, char **, char **), int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end)
{
	int (*real)(int (*)(int, char **, char **), int, char **,
	    void (*)(void), void (*)(void), void (*)(void), void *);

	real_main = start;
	REAL(real, "__libc_start_main");
	return real(watched_main, argc, argv, init, fini, rtld_fini, stack_end);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/*
 * Memory.
 */

#define CALLER __builtin_return_address(0)

EARLY void *
malloc(size_t size)
{
	static void *(*real)(size_t);

	if (memory_fails(CALLER))
		return NULL;
	if (real == NULL)
		REAL(real, "malloc");
	return real(size);
}

EARLY void *
calloc(size_t count, size_t size)
{
	static void *(*real)(size_t, size_t);

	if (memory_fails(CALLER))
		return NULL;
	if (real == NULL)
		REAL(real, "calloc");
	return real(count, size);
}

EARLY void *
realloc(void *bytes, size_t size)
{
	static void *(*real)(void *, size_t);

	if (memory_fails(CALLER))
		return NULL;
	if (real == NULL)
		REAL(real, "realloc");
	return real(bytes, size);
}

/* A sanitizer's would ask nobody. */
EARLY char *
strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy;

	if (memory_fails(CALLER) || (copy = malloc(len + 1)) == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

EARLY char *
strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy;

	if (memory_fails(CALLER) || (copy = malloc(size)) == NULL)
		return NULL;
	memcpy(copy, text, size);
	return copy;
}

/*
 * The machine.
 */

/* NOLINTBEGIN(bugprone-macro-parentheses): types and lists of parameters */
#define CALL(type, name, parameters, arguments, failed) \
	type name parameters                            \
	{                                               \
		static type(*real) parameters;          \
                                                        \
		if (fails(#name, CALLER))               \
			return failed;                  \
		if (real == NULL)                       \
			REAL(real, #name);              \
		return real arguments;                  \
	}

CALL(int, fstat, (int fd, struct stat *st), (fd, st), -1)
CALL(int, stat, (const char *restrict path, struct stat *restrict st),
    (path, st), -1)
CALL(int, fstatat,
    (int fd, const char *restrict path, struct stat *restrict st, int flags),
    (fd, path, st, flags), -1)
CALL(int, faccessat, (int fd, const char *path, int mode, int flags),
    (fd, path, mode, flags), -1)
CALL(int, close, (int fd), (fd), -1)
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
CALL(int, fsync, (int fd), (fd), -1)
CALL(int, flock, (int fd, int operation), (fd, operation), -1)
CALL(int, unlinkat, (int folder, const char *path, int flags),
    (folder, path, flags), -1)
CALL(int, unlink, (const char *path), (path), -1)
CALL(int, mkdirat, (int folder, const char *path, mode_t mode),
    (folder, path, mode), -1)
CALL(DIR *, fdopendir, (int fd), (fd), NULL)
CALL(int, rename, (const char *path, const char *to), (path, to), -1)
CALL(int, mkostemp, (char *path, int flags), (path, flags), -1)
CALL(int, pipe2, (int ends[2], int flags), (ends, flags), -1)
CALL(pid_t, fork, (void), (), -1)
CALL(int, renameat,
    (int folder, const char *path, int to_folder, const char *to),
    (folder, path, to_folder, to), -1)
CALL(char *, getcwd, (char *path, size_t size), (path, size), NULL)
CALL(ssize_t, readlinkat,
    (int fd, const char *restrict path, char *restrict to, size_t size),
    (fd, path, to, size), -1)
CALL(int, setgroups, (size_t count, const gid_t *groups), (count, groups), -1)
CALL(int, setresgid, (gid_t own, gid_t effective, gid_t saved),
    (own, effective, saved), -1)
CALL(int, setresuid, (uid_t own, uid_t effective, uid_t saved),
    (own, effective, saved), -1)
CALL(pid_t, setsid, (void), (), -1)
CALL(int, chdir, (const char *path), (path), -1)
CALL(int, open_tree, (int folder, const char *path, unsigned int flags),
    (folder, path, flags), -1)
CALL(int, move_mount,
    (int from, const char *path, int to, const char *target,
	unsigned int flags),
    (from, path, to, target, flags), -1)
CALL(int, mount_setattr,
    (int folder, const char *path, unsigned int flags,
	struct mount_attr *attributes, size_t size),
    (folder, path, flags, attributes, size), -1)
CALL(int, unshare, (int flags), (flags), -1)
CALL(int, mount,
    (const char *source, const char *target, const char *type,
	unsigned long flags, const void *data),
    (source, target, type, flags, data), -1)
CALL(int, socketpair, (int domain, int type, int protocol, int ends[2]),
    (domain, type, protocol, ends), -1)
CALL(int, close_range, (unsigned int first, unsigned int last, int flags),
    (first, last, flags), -1)
CALL(int, seccomp_load, (const scmp_filter_ctx filter), (filter), -EPERM)
CALL(int, capng_apply, (capng_select_t set), (set), -1)
CALL(int, capng_lock, (void), (), -1)
CALL(int, uname, (struct utsname * host), (host), -1)
CALL(ssize_t, getrandom, (void *bytes, size_t size, unsigned int flags),
    (bytes, size, flags), -1)
CALL(int, socket, (int domain, int type, int protocol),
    (domain, type, protocol), -1)
CALL(int, getsockopt,
    (int fd, int level, int name, void *restrict value,
	socklen_t *restrict size),
    (fd, level, name, value, size), -1)
CALL(int, setsockopt,
    (int fd, int level, int name, const void *value, socklen_t size),
    (fd, level, name, value, size), -1)
CALL(int, clock_gettime, (clockid_t clock, struct timespec *now), (clock, now),
    -1)
CALL(int, poll, (struct pollfd * polled, nfds_t count, int timeout),
    (polled, count, timeout), -1)
CALL(int, signalfd, (int fd, const sigset_t *signals, int flags),
    (fd, signals, flags), -1)
CALL(int, sigprocmask,
    (int how, const sigset_t *restrict set, sigset_t *restrict before),
    (how, set, before), -1)
CALL(int, tcgetattr, (int fd, struct termios *state), (fd, state), -1)
CALL(int, tcsetattr, (int fd, int when, const struct termios *state),
    (fd, when, state), -1)

/* Of their own memory no account is taken: without it glibc aborts. */
#define LOOKUP(name, type)                                                    \
	int name(type what, struct passwd *restrict entry,                    \
	    char *restrict room, size_t size, struct passwd **restrict found) \
	{                                                                     \
		int (*real)(                                                  \
		    type, struct passwd *, char *, size_t, struct passwd **); \
		bool was_running = plan.running;                              \
		int error;                                                    \
                                                                              \
		if (fails(#name, CALLER))                                     \
			return plan.error;                                    \
		REAL(real, #name);                                            \
		plan.running = false;                                         \
		error = real(what, entry, room, size, found);                 \
		plan.running = was_running;                                   \
		return error;                                                 \
	}

LOOKUP(getpwnam_r, const char *restrict)
LOOKUP(getpwuid_r, uid_t)

/* NOLINTEND(bugprone-macro-parentheses) */

/* Not by CALL: its second parameter is no plain pointer. */
int
connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t size)
{
	static int (*real)(int, __CONST_SOCKADDR_ARG, socklen_t);

	if (fails("connect", CALLER))
		return -1;
	if (real == NULL)
		REAL(real, "connect");
	return real(fd, to, size);
}

int
open(const char *path, int flags, ...)
{
	static int (*real)(const char *, int, ...);
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (fails("open", CALLER))
		return -1;
	if (real == NULL)
		REAL(real, "open");
	return real(path, flags, mode);
}

int
openat(int folder, const char *path, int flags, ...)
{
	static int (*real)(int, const char *, int, ...);
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (fails("openat", CALLER))
		return -1;
	if (real == NULL)
		REAL(real, "openat");
	return real(folder, path, flags, mode);
}

int
prctl(int option, ...)
{
	static int (*real)(int, ...);
	unsigned long argument;
	va_list ap;

	va_start(ap, option);
	argument = va_arg(ap, unsigned long);
	va_end(ap);
	if (fails("prctl", CALLER))
		return -1;
	if (real == NULL)
		REAL(real, "prctl");
	return real(option, argument, 0, 0, 0);
}

ssize_t
read(int fd, void *bytes, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);
	bool failed = fails("read", CALLER);

	if (failed && plan.error != 0)
		return -1;
	if (real == NULL)
		REAL(real, "read");
	return real(fd, bytes, failed && size > 1 ? size / 2 : size);
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);
	bool failed = fails("write", CALLER);

	if (failed && plan.error != 0)
		return -1;
	if (real == NULL)
		REAL(real, "write");
	return real(fd, bytes, failed && size > 1 ? size / 2 : size);
}

ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
	static ssize_t (*real)(int, void *, size_t, int);
	bool failed = fails("recv", CALLER);

	if (failed && plan.error != 0)
		return -1;
	if (real == NULL)
		REAL(real, "recv");
	return real(fd, bytes, failed && size > 1 ? size / 2 : size, flags);
}

ssize_t
send(int fd, const void *bytes, size_t size, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);
	bool failed = fails("send", CALLER);

	if (failed && plan.error != 0)
		return -1;
	if (real == NULL)
		REAL(real, "send");
	return real(fd, bytes, failed && size > 1 ? size / 2 : size, flags);
}
