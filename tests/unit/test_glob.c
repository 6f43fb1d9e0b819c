#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/condition.h"

static void
globs_stay_between_slashes_and_colons(void **state)
{
	static const struct {
		const char *glob, *text;
		bool matches;
	} row[] = {
	    {"", "", true},
	    {"", "a", false},
	    {"a", "a", true},
	    {"a", "A", false},
	    {"a", "ab", false},
	    {"a", "", false},
	    {"*", "", true},
	    {"*", "abc", true},
	    {"*", "a/b", false},
	    {"*", "a:b", false},
	    {"*", "/", false},
	    {"**", "", true},
	    {"**", "a/b:c", true},
	    {"***", "a/b", true},
	    {"***", "", true},
	    {"?", "a", true},
	    {"?", "", false},
	    {"?", "ab", false},
	    {"?", "/", false},
	    {"?", ":", false},
	    {"?*", "a", true},
	    {"?*", "", false},
	    {"?**", "/", false},
	    {"**?", "a/b", true},
	    {"**?", "a/", false},
	    {"acme/*", "acme/app", true},
	    {"acme/*", "acme/", true},
	    {"acme/*", "acme/app/x", false},
	    {"acme/*", "acmeX/app", false},
	    {"acme/**", "acme/app/x", true},
	    {"**/main", "refs/heads/main", true},
	    {"**/main", "main", false},
	    {"**main", "main", true},
	    {"repo:acme/*:ref:*", "repo:acme/app:ref:x", true},
	    {"repo:acme/*:ref:*", "repo:acme/app:pull:ref:x", false},
	    {"repo:acme/**:ref:*", "repo:acme/app:pull:ref:x", true},
	    {"*.example.com", "a.example.com", true},
	    {"*.example.com", "example.com", false},
	    {"*.example.com", "a.example.com.evil", false},
	    {"a*b*c", "abc", true},
	    {"a*b*c", "axxbyyc", true},
	    {"a*b*c", "acb", false},
	    {"*a", "ba", true},
	    {"*a", "ab", false},
	    {"[a-z]", "b", false},
	    {"[a-z]", "[a-z]", true},
	    {"\\*", "\\x", true},
	    {"\\*", "*", false},
	    {"{a,b}", "a", false},
	    /* One byte for `?`, so two for a letter of two bytes. */
	    {"?", "\xc3\xa9", false},
	    {"??", "\xc3\xa9", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (jwt_glob_matches(row[i].glob, jwt_slice_of(row[i].text)) !=
		    row[i].matches)
			fail_msg("%s and %s", row[i].glob, row[i].text);
}

/* Each would take longer than the universe lasts with trial and error. */
static void
hostile_globs_and_texts_take_no_time(void **state)
{
	char glob[JWT_GLOB_MAX + 2], *text;
	size_t len = 64 * 1024, i;

	(void)state;
	text = malloc(len);
	assert_non_null(text);
	memset(text, 'a', len);
	for (i = 0; i < JWT_GLOB_MAX; i++)
		glob[i] = i % 2 == 0 ? '*' : 'a';
	glob[JWT_GLOB_MAX] = '\0';
	assert_true(jwt_glob_matches(glob, (struct jwt_slice){text, len}));
	glob[JWT_GLOB_MAX - 1] = 'b';
	assert_false(jwt_glob_matches(glob, (struct jwt_slice){text, len}));
	memset(glob, '*', JWT_GLOB_MAX);
	assert_true(jwt_glob_matches(glob, (struct jwt_slice){text, len}));
	memset(glob, '?', JWT_GLOB_MAX);
	assert_true(
	    jwt_glob_matches(glob, (struct jwt_slice){text, JWT_GLOB_MAX}));
	assert_false(
	    jwt_glob_matches(glob, (struct jwt_slice){text, JWT_GLOB_MAX + 1}));
	memset(glob, '*', JWT_GLOB_MAX + 1);
	glob[JWT_GLOB_MAX + 1] = '\0';
	assert_false(jwt_glob_matches(glob, (struct jwt_slice){text, 1}));
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(globs_stay_between_slashes_and_colons),
	    cmocka_unit_test(hostile_globs_and_texts_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
