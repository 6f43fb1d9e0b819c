/*
 * A machine that fails: each call of the module to the system in turn, with
 * each error, and each allocation of a whole login.  None of it ends in
 * success where the login would not, none in a code that a stack passes
 * over, none says that a good token is bad, and no descriptor is left.
 *
 * The functions stand in this program, where the module finds them before
 * those of libc; they fail only when the module itself calls.
 */
#include "module_login.h"

#include <sys/utsname.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <stdbool.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OTHER_ALLOCATOR
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define OTHER_ALLOCATOR
#endif

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
	ALLOCATE,
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
due(enum call call)
{
	if (fault.call != call || fault.left-- > 0)
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
fails(enum call call, const void *caller)
{
	return fault.call == call && is_module(caller) && due(call);
}

#define CALLER __builtin_return_address(0)

/* The next definition after this program's. */
#define REAL(function, name) (*(void **)&(function) = dlsym(RTLD_NEXT, name))

#ifndef OTHER_ALLOCATOR
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void *
malloc(size_t size)
{
	return due(ALLOCATE) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return due(ALLOCATE) ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *bytes, size_t size)
{
	return due(ALLOCATE) ? NULL : __libc_realloc(bytes, size);
}
#endif

int
open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...);
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (fails(OPEN, CALLER))
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
	if (fails(OPENAT, CALLER))
		return -1;
	REAL(real, "openat");
	return real(folder, path, flags, mode);
}

/* A short read is no failure: the rest comes with the next one. */
ssize_t
read(int fd, void *bytes, size_t size)
{
	ssize_t (*real)(int, void *, size_t);

	if (fails(READ, CALLER))
		return -1;
	if (size > 1 && fails(READ_SHORT, CALLER))
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

	if (fails(READ, CALLER))
		return -1;
	if (size > 1 && fails(READ_SHORT, CALLER))
		size = 1;
	if (size > room)
		abort();
	REAL(real, "read");
	return real(fd, bytes, size);
}

int
stat(const char *restrict path, struct stat *restrict st)
{
	if (fails(STAT, CALLER))
		return -1;
	return fstatat(AT_FDCWD, path, st, 0);
}

int
fstat(int fd, struct stat *st)
{
	if (fails(FSTAT, CALLER))
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
	if (fails(GETPWNAM, CALLER))
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

	if (fails(UNAME, CALLER))
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

/*
 * Logins.
 */

static void
write_settings(const char *name, const char *audience)
{
	char file[512];

	snprintf(file, sizeof(file),
	    "[issuer test]\nissuer = test\nkeys = %s/key.pub\n"
	    "audience = %s\nalgorithms = EdDSA\n",
	    world.folder, audience);
	write_file(name, file);
}

/* Our module alone, as administrators put it before or instead of others. */
static void
write_lone_stack(const char *name, const char *control)
{
	char file[64], line[512];

	snprintf(file, sizeof(file), "pam.d/%s", name);
	snprintf(line, sizeof(line), "auth %s %s config=%s/person.conf\n",
	    control, getenv("JWT_MODULE"), world.folder);
	write_file(file, line);
}

static int
begin_failures(void **state)
{
	if (begin(state) != 0)
		return -1;
	write_settings("person.conf", "ssh");
	write_settings("host.conf", "ssh://%h");
	write_stack("person", "required", "person.conf");
	write_stack("host", "required", "host.conf");
	write_lone_stack("sufficient", "sufficient");
	write_lone_stack("done", "[success=done default=ignore]");
	write_lone_stack("ignored", "[default=ignore]");
	return 0;
}

static size_t
open_files(void)
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

/* Answers, unless there is no memory for that. */
static int
answer(int count, const struct pam_message **message,
    struct pam_response **response, void *data)
{
	(void)count;
	(void)message;
	*response = calloc(1, sizeof(**response));
	if (*response == NULL)
		return PAM_BUF_ERR;
	if (((*response)->resp = strdup(data)) != NULL)
		return PAM_SUCCESS;
	free(*response);
	*response = NULL;
	return PAM_BUF_ERR;
}

/* An unharmed login, and what one with a fault may not be. */
struct path {
	const char *service, *answer;
	int result;
};

/* One login where a call fails; false when there were not so many calls. */
static bool
log_in_harmed(
    const struct path *path, enum call call, long n, int error, bool for_good)
{
	struct pam_conv conv = {answer, strdup(path->answer)};
	pam_handle_t *pamh = NULL;
	size_t before;
	int result;

	last_line[0] = '\0';
	assert_int_equal(
	    pam_start(path->service, "deploy", &conv, &pamh), PAM_SUCCESS);
	before = open_files();
	fault.call = call;
	fault.left = n;
	fault.error = error;
	fault.for_good = for_good;
	fault.happened = false;
	result = pam_authenticate(pamh, 0);
	fault.call = NOTHING;
	assert_int_equal(pam_end(pamh, result), PAM_SUCCESS);
	free(conv.appdata_ptr);
	if ((result == PAM_SUCCESS && path->result != PAM_SUCCESS) ||
	    result == PAM_IGNORE)
		fail_msg("%s %ld, %s: code %d: %s", call_names[call], n,
		    strerror(error), result, last_line);
	if (path->result == PAM_SUCCESS && result == PAM_AUTH_ERR)
		fail_msg("%s %ld, %s: a good token is told to be bad: %s",
		    call_names[call], n, strerror(error), last_line);
	if (strstr(last_line, "no such account") != NULL)
		fail_msg("%s %ld, %s: %s", call_names[call], n, strerror(error),
		    last_line);
	if (open_files() != before)
		fail_msg("%s %ld, %s: a descriptor is left", call_names[call],
		    n, strerror(error));
	if (ERR_peek_error() != 0)
		fail_msg("%s %ld: an error is left", call_names[call], n);
	/*
	 * These alone may go on as if nothing had been: what is asked again,
	 * a host name that no audience needs, and whether login.defs is there,
	 * which opening it tells, too.
	 */
	if (fault.happened && result == PAM_SUCCESS && error != EINTR &&
	    call != ALLOCATE && call != READ_SHORT && call != UNAME &&
	    call != STAT)
		fail_msg("%s %ld, %s: accepted", call_names[call], n,
		    strerror(error));
	return fault.happened;
}

static struct path paths[] = {
    {"person", NULL, PAM_SUCCESS},  /* a good token */
    {"host", NULL, PAM_AUTH_ERR},   /* the same, for another audience */
    {"person", NULL, PAM_AUTH_ERR}, /* expired */
    {"person", "password", PAM_AUTH_ERR},
    {"person", stand_in, PAM_AUTH_ERR},
    {"keyless", NULL, PAM_AUTHINFO_UNAVAIL},
    {"faulty", "password", PAM_SERVICE_ERR},
    {"sufficient", NULL, PAM_SUCCESS},
    {"sufficient", "password", PAM_PERM_DENIED},
    {"done", NULL, PAM_SUCCESS},
    {"done", "password", PAM_PERM_DENIED},
    {"ignored", NULL, PAM_PERM_DENIED},
};

#define PATHS (sizeof(paths) / sizeof(paths[0]))

static void
with_tokens(void (*each)(const struct path *path))
{
	char *good = token("deploy", 600), *expired = token("deploy", -600);
	struct talk talk;
	struct path path;
	size_t i;

	for (i = 0; i < PATHS; i++) {
		path = paths[i];
		if (path.answer == NULL)
			path.answer = i == 2 ? expired : good;
		talk = (struct talk){.answer = path.answer};
		assert_int_equal(log_in(path.service, &talk), path.result);
		each(&path);
	}
	free(good);
	free(expired);
}

static void
fail_each_call(const struct path *path)
{
	static const int errors[] = {
	    EINTR, EACCES, ENOENT, ENOMEM, EMFILE, EIO};
	unsigned int call, i, for_good;
	long n;

	for (call = OPEN; call < ALLOCATE; call++) {
		for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			/* A read that is always interrupted has no end. */
			for (for_good = 0; for_good < 2; for_good++) {
				if (for_good && call == READ &&
				    errors[i] == EINTR)
					continue;
				for (n = 0; log_in_harmed(
					 path, call, n, errors[i], for_good);
				     n++)
					assert_true(n < 200);
				/* All of them are made by a good login. */
				if (n == 0 && path->result == PAM_SUCCESS)
					fail_msg("no %s", call_names[call]);
			}
		}
	}
}

static void
no_call_that_fails_lets_anybody_in(void **state)
{
	(void)state;
	with_tokens(fail_each_call);
}

#define STRIDE 11

static void
fail_allocations(const struct path *path)
{
	long n;
	int i;

	for (i = 0; i < 2; i++) {
		for (n = 0; log_in_harmed(path, ALLOCATE, n, ENOMEM, i == 1);
		     n += n < 100 ? 1 : STRIDE)
			assert_true(n < 100000);
		assert_true(path->result != PAM_SUCCESS || n > 500);
	}
}

static void
f18_no_memory_that_is_lacking_lets_anybody_in(void **state)
{
	(void)state;
#ifdef OTHER_ALLOCATOR
	print_message("skipped: the allocator is not ours to break\n");
	skip();
#endif
	with_tokens(fail_allocations);
}

static void
what_cannot_be_opened_is_named_with_its_error(void **state)
{
	struct path path = {"person", "password", PAM_SERVICE_ERR};
	bool named = false;
	long n;

	(void)state;
	for (n = 0; log_in_harmed(&path, OPENAT, n, EACCES, false); n++)
		named |=
		    strstr(last_line, "person.conf: cannot be opened: "
				      "Permission denied (errno 13") != NULL;
	assert_true(named);
	assert_true(n > 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_call_that_fails_lets_anybody_in),
	    cmocka_unit_test(f18_no_memory_that_is_lacking_lets_anybody_in),
	    cmocka_unit_test(what_cannot_be_opened_is_named_with_its_error),
	};

	return cmocka_run_group_tests(tests, begin_failures, end);
}
