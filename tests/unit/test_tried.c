/*
 * Which grants of a map were tried: each that names the login name, up to the
 * first that holds, and nothing where nobody asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broken_memory.h"
#include "config_checks.h"
#include "judging.h"
#include "scratch.h"

static const char map[] = "deploy  repo is a/b, ref is main\n"
			  "operator  repo is a/b\n"
			  "deploy  repo is a/c\n"
			  "# none\n"
			  "deploy  repo is \"a/b\", ref absent\n"
			  "deploy  repo is a/b\n";

static struct hearing
hearing_of(const char *lines, const char *changes)
{
	struct hearing hearing = {.explain = true};

	scratch_write("map", lines, 0600);
	hearing.config =
	    config_with(text("user_map = %s\n", scratch_path("map")));
	hearing.answer = token_with(changes);
	return hearing;
}

static void
each_grant_that_names_the_account_is_told(void **state)
{
	struct hearing hearing =
	    hearing_of(map, "{\"repo\":\"a/x\",\"ref\":\"\\u001bdev\"}");
	struct jwt_verdict verdict;
	const struct jwt_map_trial *tried = &verdict.map;

	(void)state;
	assert_int_equal(hear(&hearing, &verdict), JWT_USER_MISMATCH);
	assert_string_equal(tried->path, scratch_path("map"));
	assert_int_equal(tried->count, 4);
	assert_int_equal(tried->others, 1);
	assert_int_equal(tried->more, 0);
	assert_int_equal(tried->tried[0].line, 1);
	assert_false(tried->tried[0].passed);
	assert_string_equal(
	    tried->tried[0].conditions, "repo is a/b, ref is main");
	assert_string_equal(tried->tried[0].unmet, "repo is a/b");
	assert_string_equal(tried->tried[0].seen, "a/x");
	assert_int_equal(tried->tried[2].line, 5);
	jwt_verdict_clear(&verdict);
	hearing.answer =
	    token_with("{\"repo\":\"a/b\",\"ref\":\"\\u001bdev\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	assert_int_equal(tried->count, 4);
	assert_string_equal(tried->tried[0].unmet, "ref is main");
	assert_string_equal(tried->tried[0].seen, "\033dev");
	assert_int_equal(tried->tried[3].line, 6);
	assert_true(tried->tried[3].passed);
	assert_null(tried->tried[3].unmet);
	assert_null(tried->tried[3].seen);
	jwt_verdict_clear(&verdict);
}

static void
what_follows_the_grant_that_holds_was_not_tried(void **state)
{
	struct hearing hearing =
	    hearing_of(map, "{\"repo\":\"a/b\",\"ref\":\"main\"}");
	struct jwt_verdict verdict;

	(void)state;
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	assert_int_equal(verdict.map.count, 1);
	assert_int_equal(verdict.map.others, 1);
	assert_int_equal(verdict.map.more, 0);
	assert_true(verdict.map.tried[0].passed);
	jwt_verdict_clear(&verdict);
}

static void
nothing_is_recorded_unasked_or_without_a_map(void **state)
{
	struct hearing hearing = hearing_of(map, "{\"repo\":\"a/x\"}");
	struct jwt_verdict verdict;

	(void)state;
	hearing.explain = false;
	assert_int_equal(hear(&hearing, &verdict), JWT_USER_MISMATCH);
	assert_null(verdict.map.path);
	assert_int_equal(verdict.map.count, 0);
	jwt_verdict_clear(&verdict);
	hearing = (struct hearing){.explain = true, .user = "other"};
	assert_int_equal(hear(&hearing, &verdict), JWT_USER_MISMATCH);
	assert_null(verdict.map.path);
	jwt_verdict_clear(&verdict);
	/* The account has no grant at all. */
	hearing = hearing_of(map, "{\"repo\":\"a/b\"}");
	hearing.user = "other";
	assert_int_equal(hear(&hearing, &verdict), JWT_USER_MISMATCH);
	assert_non_null(verdict.map.path);
	assert_int_equal(verdict.map.count, 0);
	assert_int_equal(verdict.map.others, 5);
	jwt_verdict_clear(&verdict);
}

static void
more_than_fifty_are_counted(void **state)
{
	static char lines[60 * 32];
	struct hearing hearing;
	struct jwt_verdict verdict;
	size_t i, used = 0;

	(void)state;
	for (i = 0; i < 59; i++)
		used += (size_t)snprintf(lines + used, sizeof(lines) - used,
		    "deploy repo is a/%zu\n", i);
	hearing = hearing_of(lines, "{\"repo\":\"a/x\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_USER_MISMATCH);
	assert_int_equal(verdict.map.count, JWT_TRIED_MAX);
	assert_int_equal(verdict.map.more, 59 - JWT_TRIED_MAX);
	jwt_verdict_clear(&verdict);
}

/* Without memory for the record the verdict is the same, and none is lost. */
static void
a_record_decides_nothing(void **state)
{
	struct hearing hearing = hearing_of(map, "{\"repo\":\"a/x\"}");
	struct jwt_config *config;
	struct jwt_attempt attempt = {.answer = jwt_slice_of(hearing.answer),
	    .user = "deploy",
	    .service = "sshd",
	    .host = "web1",
	    .now = NOW,
	    .explain = true};
	struct jwt_verdict verdict;
	enum jwt_reason reason;
	bool enough = false;
	long n, before;

	(void)state;
	skip_unless_allocator_is_ours();
	attempt.config = config = config_of(hearing.config);
	for_good = false;
	assert_int_equal(jwt_judge(&attempt, &verdict), JWT_USER_MISMATCH);
	jwt_verdict_clear(&verdict);
	for (n = 0; !enough; n++) {
		before = blocks;
		left = n;
		reason = jwt_judge(&attempt, &verdict);
		enough = left > 0;
		left = -1;
		jwt_verdict_clear(&verdict);
		assert_int_equal(blocks, before);
		if (reason != JWT_NO_MEMORY && reason != JWT_INTERNAL_ERROR)
			assert_int_equal(reason, JWT_USER_MISMATCH);
	}
	jwt_config_free(config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_grant_that_names_the_account_is_told),
	    cmocka_unit_test(what_follows_the_grant_that_holds_was_not_tried),
	    cmocka_unit_test(nothing_is_recorded_unasked_or_without_a_map),
	    cmocka_unit_test(more_than_fifty_are_counted),
	    cmocka_unit_test(a_record_decides_nothing),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
