/*
 * The key folder's ring: what is in it, in which order keys go through their
 * states, and that a faulty one is said and never mended.
 */
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

#include "issuer/ring.h"

#include "scratch.h"

#define NOW 1800000000
#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

#define NEXT(kid)                                             \
	"[key " kid "]\nstate = next\ncreated = 1800000000\n" \
	"published = 1800000000\n"
#define ACTIVE(kid)                                             \
	"[key " kid "]\nstate = active\ncreated = 1800000000\n" \
	"published = 1800000000\nactivated = 1800000001\n"
#define RETIRED(kid)                                             \
	"[key " kid "]\nstate = retired\ncreated = 1800000000\n" \
	"published = 1800000000\nactivated = 1800000001\n"       \
	"retired = 1800000002\n"

/* A folder for each test. */
static const char *
folder(const char *name)
{
	return scratch_folder(name, 0700);
}

static const char *
ring_of(const char *name, const char *text)
{
	char path[64];

	folder(name);
	snprintf(path, sizeof(path), "%s/ring", name);
	scratch_write(path, text, 0600);
	return scratch_path(name);
}

static void
opens(const char *path, struct issuer_ring *ring)
{
	struct jwt_fault fault = {""};

	if (issuer_ring_open(path, ring, &fault) != ISSUER_OK)
		fail_msg("%s: %s", path, fault.text);
}

static void
is_refused(const char *path, enum issuer_reason wanted, const char *why)
{
	struct jwt_fault fault = {""};
	struct issuer_ring ring;

	assert_string_equal(
	    issuer_reason_name(issuer_ring_open(path, &ring, &fault)),
	    issuer_reason_name(wanted));
	issuer_ring_close(&ring);
	if (strncmp(fault.text, path, strlen(path)) != 0 ||
	    strstr(fault.text, why) == NULL)
		fail_msg("%s, not %s", fault.text, why);
	issuer_ring_open(path, &ring, NULL);
	issuer_ring_close(&ring);
}

static void
a_ring_is_written_and_read_back(void **state)
{
	struct issuer_ring ring, again;
	const char *path = folder("written");
	size_t i;

	(void)state;
	opens(path, &ring);
	assert_false(ring.exists);
	assert_int_equal(ring.keys, 0);
	assert_non_null(issuer_ring_add(&ring, A, NOW));
	assert_non_null(issuer_ring_add(&ring, B, NOW + 1));
	issuer_ring_activate(&ring, issuer_ring_find(&ring, B), NOW + 2);
	assert_non_null(issuer_ring_add(&ring, C, NOW + 3));
	assert_int_equal(issuer_ring_write(&ring, NULL), ISSUER_OK);
	opens(path, &again);
	assert_true(again.exists);
	assert_int_equal(again.keys, 3);
	for (i = 0; i < 3; i++) {
		again.key[i].line = 0;
		assert_memory_equal(
		    &again.key[i], &ring.key[i], sizeof(ring.key[i]));
	}
	assert_int_equal(issuer_ring_find(&again, A)->retired, NOW + 2);
	issuer_ring_close(&again);
	issuer_ring_close(&ring);
}

static void
the_first_key_is_active_and_others_wait(void **state)
{
	struct issuer_ring ring;

	(void)state;
	opens(folder("first"), &ring);
	issuer_ring_add(&ring, A, NOW);
	issuer_ring_add(&ring, B, NOW);
	assert_string_equal(issuer_ring_in(&ring, ISSUER_KEY_ACTIVE)->kid, A);
	assert_string_equal(issuer_ring_in(&ring, ISSUER_KEY_NEXT)->kid, B);
	issuer_ring_activate(
	    &ring, issuer_ring_in(&ring, ISSUER_KEY_NEXT), NOW + 9);
	assert_string_equal(issuer_ring_in(&ring, ISSUER_KEY_ACTIVE)->kid, B);
	assert_int_equal(issuer_ring_find(&ring, A)->state, ISSUER_KEY_RETIRED);
	assert_null(issuer_ring_in(&ring, ISSUER_KEY_NEXT));
	/* One that comes when others were is not the first. */
	issuer_ring_drop(&ring, issuer_ring_find(&ring, B));
	issuer_ring_add(&ring, C, NOW + 10);
	assert_int_equal(issuer_ring_find(&ring, C)->state, ISSUER_KEY_NEXT);
	assert_null(issuer_ring_in(&ring, ISSUER_KEY_ACTIVE));
	assert_null(issuer_ring_find(&ring, B));
	issuer_ring_close(&ring);
}

static void
good_rings_are_read(void **state)
{
	static const char *const good[] = {"", "; nothing\n", NEXT(A),
	    ACTIVE(A) NEXT(B), RETIRED(A) RETIRED(B) ACTIVE(C),
	    "[key " A "]\nstate = retired ; never signed\ncreated = 1\n"
	    "published = 2\nretired = 2\n"};
	struct issuer_ring ring;
	char name[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(name, sizeof(name), "good%zu", i);
		opens(ring_of(name, good[i]), &ring);
		assert_true(ring.exists);
		issuer_ring_close(&ring);
	}
}

static const struct {
	const char *text, *why;
} faulty[] = {
    {ACTIVE(A) ACTIVE(B), "/ring:6: the key " B " is active, and so is " A},
    {NEXT(A) NEXT(B), "/ring:5: the key " B " is next, and so is " A},
    {ACTIVE(A) RETIRED(A), "/ring:6: the key " A " has a section already"},
    {"state = next\n", "/ring:1: 'state' stands before any section"},
    {"[kay " A "]\n", "/ring:1: 'kay' is no kind of section"},
    {"[key]\n", "/ring:1: a key's section has its thumbprint"},
    {"[key ../../../../../../../../../etc/security/pamjwt]\n",
	"/ring:1: a key's section has its thumbprint"},
    {"[key " A "A]\n", "/ring:1: a key's section has its thumbprint"},
    {"[key " A "]\n", "/ring:1: the key " A " has no state"},
    {"[key " A "]\nstate = gone\n", "/ring:2: state: 'gone' is no state"},
    {NEXT(A) "state = next\n", "/ring:5: 'state' stands here a second time"},
    {NEXT(A) "colour = red\n", "/ring:5: 'colour' is no key of a key's"},
    {"[key " A "]\nstate = next\ncreated = 1\n", "has no time of `created`"},
    {NEXT(A) "activated = 1800000001\n", "is next and has a time"},
    {NEXT(A) "retired = 1800000001\n", "and is not retired"},
    {ACTIVE(A) "retired = 1800000001\n", "and is not retired"},
    {"[key " A "]\nstate = active\ncreated = 1\npublished = 2\n",
	"is active and has no time of `activated`"},
    {"[key " A "]\nstate = retired\ncreated = 1\npublished = 2\n",
	"is retired and has no time of `retired`"},
    {"[key " A "]\nstate = next\ncreated = 3\npublished = 2\n",
	"has times in the wrong order"},
    {"[key " A "]\nstate = active\ncreated = 1\npublished = 3\n"
     "activated = 2\n",
	"has times in the wrong order"},
    {"[key " A "]\nstate = retired\ncreated = 1\npublished = 2\n"
     "activated = 4\nretired = 3\n",
	"has times in the wrong order"},
    {"[key " A "]\ncreated = 0\n", "'0' is no time in seconds since 1970"},
    {"[key " A "]\ncreated = -1\n", "'-1' is no time in seconds"},
    {"[key " A "]\ncreated = 123456789012\n", "'123456789012' is no time"},
    {"[key " A "]\ncreated = 12 34\n", "/ring:2: created: "},
    {"[key " A "]\ncreated =\n", "/ring:2: "},
    {"nonsense\n", "/ring:1: "},
};

static void
a_faulty_ring_is_told_with_file_and_line(void **state)
{
	char name[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		snprintf(name, sizeof(name), "faulty%zu", i);
		is_refused(ring_of(name, faulty[i].text), ISSUER_CONFIG_ERROR,
		    faulty[i].why);
	}
}

static void
a_missing_ring_beside_keys_is_a_fault(void **state)
{
	struct issuer_ring ring;

	(void)state;
	is_refused(scratch_path("nowhere"), ISSUER_KEYS_UNAVAILABLE,
	    "no key has been made yet");
	folder("lost");
	scratch_write("lost/" A ".pub", "{}", 0644);
	is_refused(scratch_path("lost"), ISSUER_CONFIG_ERROR,
	    "/ring: is missing, though " A ".pub is there");
	folder("other");
	scratch_write("other/README", "", 0644);
	opens(scratch_path("other"), &ring);
	issuer_ring_close(&ring);
}

static void
what_others_may_open_is_refused(void **state)
{
	const char *path = ring_of("modes", NEXT(A));
	struct issuer_ring ring;

	(void)state;
	assert_int_equal(chmod(path, 0750), 0);
	is_refused(path, ISSUER_CONFIG_ERROR, "has mode 0750, wanted 0700");
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(chmod(scratch_path("modes/ring"), 0620), 0);
	is_refused(path, ISSUER_CONFIG_ERROR, "/ring: it has mode 0620");
	assert_int_equal(chmod(scratch_path("modes/ring"), 0600), 0);
	opens(path, &ring);
	issuer_ring_close(&ring);
	scratch_link("link", path);
	is_refused(
	    scratch_path("link"), ISSUER_CONFIG_ERROR, ": cannot be opened: ");
	assert_int_equal(
	    rename(scratch_path("modes/ring"), scratch_path("modes/elsewhere")),
	    0);
	scratch_link("modes/ring", "elsewhere");
	is_refused(path, ISSUER_CONFIG_ERROR, "/ring: is a symbolic link");
}

static void
what_belongs_to_others_is_refused(void **state)
{
	const char *path = ring_of("owners", NEXT(A));

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: needs root\n");
		skip();
	}
	assert_int_equal(chown(scratch_path("owners/ring"), 4242, 4242), 0);
	is_refused(path, ISSUER_CONFIG_ERROR, "/ring: it is owned by uid 4242");
	assert_int_equal(chown(path, 4242, 4242), 0);
	is_refused(path, ISSUER_CONFIG_ERROR,
	    ": is owned by uid 4242, and this runs as uid 0");
}

static void
each_key_is_due_when_nobody_is_left_behind(void **state)
{
	struct issuer_config config = {.publish_before = 100,
	    .cache = 20,
	    .leeway = 3,
	    .rotate_every = JWT_UNSET};
	struct issuer_ring_key key = {.state = ISSUER_KEY_NEXT,
	    .created = NOW,
	    .published = NOW + 1,
	    .activated = NOW + 2,
	    .retired = NOW + 5};

	(void)state;
	assert_int_equal(issuer_key_due(&config, &key, 0), NOW + 101);
	key.state = ISSUER_KEY_ACTIVE;
	assert_int_equal(issuer_key_due(&config, &key, 0), JWT_UNSET);
	config.rotate_every = 1000;
	assert_int_equal(issuer_key_due(&config, &key, 0), NOW + 902);
	key.state = ISSUER_KEY_RETIRED;
	assert_int_equal(issuer_key_due(&config, &key, 300), NOW + 328);
	assert_int_equal(issuer_key_due(&config, &key, 0), NOW + 5);
}

static void
a_clock_that_went_back_is_told(void **state)
{
	struct jwt_fault fault = {""};
	struct issuer_ring ring;
	int64_t now = 1800000003;

	(void)state;
	opens(ring_of("clock", RETIRED(A) ACTIVE(B)), &ring);
	assert_int_equal(issuer_ring_latest(&ring), 1800000002);
	assert_int_equal(
	    issuer_ring_check_clock(&ring, &now, &fault), ISSUER_OK);
	assert_int_equal(now, 1800000003);
	/* What it is corrected by is no time travel. */
	now = 1799999997;
	assert_int_equal(
	    issuer_ring_check_clock(&ring, &now, &fault), ISSUER_OK);
	assert_int_equal(now, 1800000002);
	now = 1799999996;
	assert_int_equal(
	    issuer_ring_check_clock(&ring, &now, &fault), ISSUER_CLOCK_WRONG);
	assert_non_null(strstr(fault.text, "2027-01-15T07:59:56Z"));
	assert_non_null(strstr(fault.text, "2027-01-15T08:00:02Z"));
	issuer_ring_close(&ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_ring_is_written_and_read_back),
	    cmocka_unit_test(the_first_key_is_active_and_others_wait),
	    cmocka_unit_test(good_rings_are_read),
	    cmocka_unit_test(a_faulty_ring_is_told_with_file_and_line),
	    cmocka_unit_test(a_missing_ring_beside_keys_is_a_fault),
	    cmocka_unit_test(what_others_may_open_is_refused),
	    cmocka_unit_test(what_belongs_to_others_is_refused),
	    cmocka_unit_test(each_key_is_due_when_nobody_is_left_behind),
	    cmocka_unit_test(a_clock_that_went_back_is_told),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
