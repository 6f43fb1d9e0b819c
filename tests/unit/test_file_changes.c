/*
 * A file that changes under the reader, and reads that fail.  read() is the
 * tests' own here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "jwt/file.h"

#include "scratch.h"

#define MAX 64

/* What befalls the next reads: an errno, and a change of the file before. */
static struct {
	int error;
	unsigned int times;
	const char *path;
	off_t size;
	size_t most; /* bytes that one read gives; 0: all */
} fate;

ssize_t
read(int fd, void *buffer, size_t count)
{
	if (fate.times > 0) {
		fate.times--;
		errno = fate.error;
		return -1;
	}
	if (fate.path != NULL) {
		assert_int_equal(truncate(fate.path, fate.size), 0);
		fate.path = NULL;
	}
	if (fate.most > 0 && count > fate.most)
		count = fate.most;
	return syscall(SYS_read, fd, buffer, count);
}

static int
forget(void **state)
{
	(void)state;
	memset(&fate, 0, sizeof(fate));
	return 0;
}

static void
is_refused(const char *path, const char *why)
{
	struct jwt_fault fault = {""};
	struct jwt_file file;

	assert_int_equal(
	    jwt_file_read(path, MAX, &file, &fault), JWT_CONFIG_ERROR);
	assert_null(file.bytes);
	if (strstr(fault.text, why) == NULL)
		fail_msg("%s, not %s", fault.text, why);
}

static void
is_read(const char *path, const char *text)
{
	struct jwt_file file;

	assert_int_equal(jwt_file_read(path, MAX, &file, NULL), JWT_OK);
	assert_int_equal(file.len, strlen(text));
	assert_string_equal(file.bytes, text);
	jwt_file_free(&file);
}

static void
a_file_that_grows_is_refused(void **state)
{
	(void)state;
	fate.path = scratch_write("growing", "0123456789", 0600);
	fate.size = 11;
	is_refused(fate.path, ": changed its size while it was read");
	fate.path = scratch_write("growing", "", 0600);
	fate.size = 1000;
	is_refused(fate.path, ": changed its size while it was read");
}

static void
a_file_that_shrinks_is_refused(void **state)
{
	(void)state;
	fate.path = scratch_write("shrinking", "0123456789", 0600);
	fate.size = 9;
	is_refused(fate.path, ": changed its size while it was read");
	fate.path = scratch_write("shrinking", "0123456789", 0600);
	fate.size = 0;
	is_refused(fate.path, ": changed its size while it was read");
}

static void
a_read_that_fails_is_told(void **state)
{
	const char *path = scratch_write("plain", "0123456789", 0600);

	(void)state;
	fate.times = 1;
	fate.error = EIO;
	is_refused(path, ": cannot be read: Input/output error (errno 5");
}

static void
a_read_in_pieces_or_after_a_signal_goes_on(void **state)
{
	const char *path = scratch_write("plain", "0123456789", 0600);

	(void)state;
	fate.most = 3;
	is_read(path, "0123456789");
	fate.times = 3;
	fate.error = EINTR;
	is_read(path, "0123456789");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_file_that_grows_is_refused, forget),
	    cmocka_unit_test_teardown(a_file_that_shrinks_is_refused, forget),
	    cmocka_unit_test_teardown(a_read_that_fails_is_told, forget),
	    cmocka_unit_test_teardown(
		a_read_in_pieces_or_after_a_signal_goes_on, forget),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
