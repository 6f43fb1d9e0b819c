/*
 * Row B13: what decides who logs in is read only where nobody else could
 * have written it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "jwt/file.h"

#include "scratch.h"

#define MAX 64
#define SOMEBODY 4242 /* a uid and gid that are neither root's nor ours */

static void
is_read(const char *path, const char *text)
{
	struct jwt_fault fault = {""};
	struct jwt_file file;

	if (jwt_file_read(path, MAX, &file, &fault) != JWT_OK)
		fail_msg("%s: %s", path, fault.text);
	assert_int_equal(file.len, strlen(text));
	assert_memory_equal(file.bytes, text, file.len + 1);
	jwt_file_free(&file);
	assert_null(file.bytes);
}

/* The fault names the file and says this. */
static void
is_refused(const char *path, const char *why)
{
	struct jwt_fault fault = {""};
	struct jwt_file file;

	assert_int_equal(
	    jwt_file_read(path, MAX, &file, &fault), JWT_CONFIG_ERROR);
	assert_null(file.bytes);
	assert_int_equal(file.len, 0);
	if (strncmp(fault.text, path, strlen(path)) != 0 ||
	    strstr(fault.text, why) == NULL)
		fail_msg("%s, not %s", fault.text, why);
	assert_int_equal(
	    jwt_file_read(path, MAX, &file, NULL), JWT_CONFIG_ERROR);
}

static bool
is_root(void)
{
	return geteuid() == 0;
}

static void
skip_unless_root(void)
{
	if (is_root())
		return;
	print_message("skipped: needs root\n");
	skip();
}

static void
give_away(const char *path)
{
	assert_int_equal(lchown(path, SOMEBODY, SOMEBODY), 0);
}

static void
a_file_is_read_whole(void **state)
{
	char text[MAX + 1];
	struct jwt_file file;
	const char *path;

	(void)state;
	is_read(scratch_write("plain", "a\nb\n", 0644), "a\nb\n");
	is_read(scratch_write("empty", "", 0600), "");
	memset(text, 'x', MAX);
	text[MAX] = '\0';
	is_read(scratch_write("full", text, 0600), text);
	path = scratch_write_bytes("nul", "a\0b", 3, 0640);
	assert_int_equal(jwt_file_read(path, MAX, &file, NULL), JWT_OK);
	assert_int_equal(file.len, 3);
	assert_memory_equal(file.bytes, "a\0b", 4);
	assert_int_equal(file.mode & 07777, 0640);
	jwt_file_free(&file);
}

static void
b13_a_file_over_the_bound_is_refused(void **state)
{
	char text[MAX + 2];

	(void)state;
	memset(text, 'x', MAX + 1);
	text[MAX + 1] = '\0';
	is_refused(scratch_write("big", text, 0600),
	    ": has 65 bytes, at most 64 are read");
}

static void
paths_that_lead_nowhere_are_refused(void **state)
{
	char text[512];
	const char *path;

	(void)state;
	is_refused("", ": the path must begin with /");
	is_refused("plain", ": the path must begin with /");
	is_refused("./plain", ": the path must begin with /");
	is_refused(scratch_path("none"), ": cannot be opened: No such file");
	is_refused(scratch_path("none/plain"),
	    ": cannot open the folder 'none' above it: No such file");
	path = scratch_write("plain", "a", 0600);
	snprintf(text, sizeof(text), "%s/", path);
	is_refused(text, ": above it: Not a directory");
	snprintf(text, sizeof(text), "%s/x", path);
	is_refused(text, ": above it: Not a directory");
	is_refused(scratch_path(""), ": is no regular file");
	is_refused("/", ": cannot be opened");
	is_refused("/.", ": is no regular file");
	memset(text, 'x', 300);
	memcpy(text, "/", 1);
	memcpy(text + 300, "/a", 3);
	is_refused(text, ": a folder above it: File name too long");
}

static void
a_path_may_have_detours(void **state)
{
	char text[512];

	(void)state;
	scratch_folder("way", 0755);
	scratch_write("way/plain", "a", 0600);
	snprintf(
	    text, sizeof(text), "/%s//way/./../way/plain", scratch_path(""));
	is_read(text, "a");
}

static void
b13_what_is_no_regular_file_is_refused(void **state)
{
	const char *path = scratch_path("fifo");

	(void)state;
	/* Nobody writes into it: an open that waits would never return. */
	assert_int_equal(mkfifo(path, 0600), 0);
	is_refused(path, ": is no regular file");
	is_refused("/dev/null", ": is no regular file");
	is_refused(scratch_folder("folder", 0700), ": is no regular file");
}

static void
b13_write_permission_for_others_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		const char *why; /* NULL: it is read */
	} row[] = {
	    {0600, NULL},
	    {0400, NULL},
	    {0644, NULL},
	    {0755, NULL},
	    {0620, ": it has mode 0620, wanted no write permission"},
	    {0602, ": it has mode 0602, wanted no write permission"},
	    {0666, ": it has mode 0666, wanted no write permission"},
	    {01666, ": it has mode 1666, wanted no write permission"},
	};
	const char *path;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		path = scratch_write("modes", "a", row[i].mode);
		if (row[i].why == NULL)
			is_read(path, "a");
		else
			is_refused(path, row[i].why);
	}
}

static void
a_file_of_somebody_else_is_refused(void **state)
{
	const char *path = scratch_write("foreign", "a", 0644);

	(void)state;
	skip_unless_root();
	give_away(path);
	is_refused(path, ": it is owned by uid 4242, wanted root or uid 0");
}

/* An ordinary user's files are not root's concern alone: euid counts. */
static void
a_file_of_the_effective_user_is_read(void **state)
{
	const char *path = scratch_path("theirs/plain");

	(void)state;
	skip_unless_root();
	assert_int_equal(chmod(scratch_path(""), 0711), 0);
	give_away(scratch_folder("theirs", 0755));
	give_away(scratch_write("theirs/plain", "a", 0600));
	scratch_write("roots", "a", 0600);
	is_refused(path, "'theirs' above it is owned by uid 4242");
	assert_int_equal(seteuid(SOMEBODY), 0);
	is_read(path, "a");
	is_refused(scratch_path("roots"), ": cannot be opened: Permission "
					  "denied (errno 13, as uid 4242); "
					  "check its mode");
}

static int
be_ourselves_again(void **state)
{
	(void)state;
	return seteuid(getuid()) == 0 && chmod(scratch_path(""), 0700) == 0
	           ? 0
	           : -1;
}

static void
folders_that_others_write_are_refused(void **state)
{
	static const struct {
		mode_t mode;
		bool as_root; /* whether it is trusted when root owns it */
		bool as_user;
	} row[] = {
	    {0700, true, true},
	    {0755, true, true},
	    {0770, false, false},
	    {0757, false, false},
	    {01777, true, false},
	    {01770, true, false},
	    {02777, false, false},
	};
	const char *folder = scratch_folder("open", 0700);
	const char *path = scratch_write("open/plain", "a", 0600);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(chmod(folder, row[i].mode), 0);
		if (is_root() ? row[i].as_root : row[i].as_user)
			is_read(path, "a");
		else
			is_refused(path, ": the folder 'open' above it has "
					 "mode ");
	}
	assert_int_equal(chmod(folder, 0700), 0);
}

/* Also far above the file, and when the folder itself is trusted. */
static void
every_folder_above_counts(void **state)
{
	const char *upper = scratch_folder("upper", 0700);
	const char *path;

	(void)state;
	scratch_folder("upper/lower", 0700);
	path = scratch_write("upper/lower/plain", "a", 0600);
	is_read(path, "a");
	assert_int_equal(chmod(upper, 0722), 0);
	is_refused(path, ": the folder 'upper' above it has mode 0722");
	assert_int_equal(chmod(upper, 0700), 0);
	if (!is_root())
		return;
	give_away(upper);
	is_refused(path, ": the folder 'upper' above it is owned by uid 4242");
}

/* In a folder like /tmp somebody could have put a file for us to find. */
static void
a_sticky_folder_does_not_vouch_for_its_files(void **state)
{
	const char *path;

	(void)state;
	skip_unless_root();
	scratch_folder("sticky", 01777);
	path = scratch_write("sticky/plain", "a", 0644);
	is_read(path, "a");
	give_away(path);
	is_refused(path, ": it is owned by uid 4242");
	give_away(scratch_folder("sticky/theirs", 0755));
	scratch_write("sticky/theirs/plain", "a", 0644);
	is_refused(scratch_path("sticky/theirs/plain"),
	    "'theirs' above it is owned by uid 4242");
}

static void
b13_a_link_at_the_end_is_refused(void **state)
{
	(void)state;
	scratch_write("target", "a", 0600);
	is_refused(scratch_link("link", "target"), ": is a symbolic link");
	is_refused(scratch_link("link", scratch_path("target")),
	    ": is a symbolic link");
	is_refused(scratch_link("link", "nowhere"), ": is a symbolic link");
}

static void
links_among_the_folders_are_walked(void **state)
{
	(void)state;
	scratch_folder("real", 0755);
	scratch_folder("real/deep", 0755);
	scratch_write("real/deep/plain", "a", 0600);
	scratch_link("near", "real/deep");
	is_read(scratch_path("near/plain"), "a");
	scratch_link("far", scratch_path("real"));
	is_read(scratch_path("far/deep/plain"), "a");
	scratch_link("real/up", "../near/..");
	is_read(scratch_path("far/up/deep/plain"), "a");
	scratch_link("loop", "loop");
	is_refused(scratch_path("loop/plain"),
	    ": a folder above it: Too many levels of symbolic links");
	scratch_link("dead", "none");
	is_refused(scratch_path("dead/plain"),
	    ": cannot open the folder 'none' above it");
}

/* The folders that are used are judged, not those that are named. */
static void
links_hide_no_folder(void **state)
{
	const char *folder = scratch_folder("hidden", 0777);

	(void)state;
	scratch_folder("hidden/deep", 0755);
	scratch_write("hidden/deep/plain", "a", 0600);
	scratch_link("short", "hidden/deep");
	is_refused(scratch_path("short/plain"),
	    ": the folder 'hidden' above it has mode 0777");
	assert_int_equal(chmod(folder, 0755), 0);
	is_read(scratch_path("short/plain"), "a");
	if (!is_root())
		return;
	give_away(scratch_path("short"));
	is_refused(scratch_path("short/plain"),
	    ": a link above it is owned by uid 4242");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_is_read_whole),
	    cmocka_unit_test(b13_a_file_over_the_bound_is_refused),
	    cmocka_unit_test(paths_that_lead_nowhere_are_refused),
	    cmocka_unit_test(a_path_may_have_detours),
	    cmocka_unit_test(b13_what_is_no_regular_file_is_refused),
	    cmocka_unit_test(b13_write_permission_for_others_is_refused),
	    cmocka_unit_test(a_file_of_somebody_else_is_refused),
	    cmocka_unit_test_teardown(
		a_file_of_the_effective_user_is_read, be_ourselves_again),
	    cmocka_unit_test(folders_that_others_write_are_refused),
	    cmocka_unit_test(every_folder_above_counts),
	    cmocka_unit_test(a_sticky_folder_does_not_vouch_for_its_files),
	    cmocka_unit_test(b13_a_link_at_the_end_is_refused),
	    cmocka_unit_test(links_among_the_folders_are_walked),
	    cmocka_unit_test(links_hide_no_folder),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
