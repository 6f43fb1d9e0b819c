/*
 * A machine that fails: each call of the module to the system in turn, with
 * each error, and each allocation of a whole login.  None of it ends in
 * success where the login would not, none in a code that a stack passes
 * over, none says that a good token is bad, and no descriptor is left.
 */
#include "module_login.h"

#include <fcntl.h>
#include <openssl/err.h>

#include "failing_calls.h"
#include "tests/unit/broken_memory.h"

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
    const struct path *path, enum call call, long n, int error, bool always)
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
	fault.for_good = always;
	fault.happened = false;
	for_good = always;
	left = call == ALLOCATE ? n : -1;
	result = pam_authenticate(pamh, 0);
	fault.happened |= call == ALLOCATE && left <= 0;
	fault.call = NOTHING;
	left = -1;
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
	unsigned int call, i, always;
	long n;

	for (call = OPEN; call < ALLOCATE; call++) {
		for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			/* A read that is always interrupted has no end. */
			for (always = 0; always < 2; always++) {
				if (always && call == READ &&
				    errors[i] == EINTR)
					continue;
				for (n = 0; log_in_harmed(
					 path, call, n, errors[i], always);
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
	skip_unless_allocator_is_ours();
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
