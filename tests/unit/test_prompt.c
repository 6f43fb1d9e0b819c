/*
 * The prompts for a token in pieces: what is written is read again, and
 * nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/prompt.h"

static void
what_is_written_is_read_again(void **state)
{
	static const struct jwt_prompt prompts[] = {
	    {1, 0}, {511, 0}, {1023, 0}, {65536, 0}, {0, 511}, {4095, 1023}};
	struct jwt_prompt prompt;
	char text[JWT_PROMPT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
		jwt_prompt_write(text, prompts[i].from, prompts[i].at_most);
		assert_true(jwt_prompt_read(jwt_slice_of(text), &prompt));
		assert_int_equal(prompt.from, prompts[i].from);
		assert_int_equal(prompt.at_most, prompts[i].at_most);
	}
	jwt_prompt_write(text, 1023, 0);
	assert_string_equal(text, "JWT (from 1023): ");
	jwt_prompt_write(text, 0, 511);
	assert_string_equal(text, "JWT (from 0, at most 511): ");
}

static void
the_first_prompt_names_no_number(void **state)
{
	struct jwt_prompt prompt = {7, 7};

	(void)state;
	assert_true(jwt_prompt_read(jwt_slice_of("JWT: "), &prompt));
	assert_int_equal(prompt.from, 0);
	assert_int_equal(prompt.at_most, 0);
}

static void
nothing_else_is_read(void **state)
{
	static const char *const others[] = {"", "JWT",
	    "JWT:", "JWT : ", "jwt: ", " JWT: ", "JWT:  ", "JWT: \n",
	    "xJWT: ", "JWT (from ): ", "JWT (from 1)",
	    "JWT (from 1):", "JWT (from 1):  ", "JWT (from 01): ",
	    "JWT (from -1): ", "JWT (from +1): ", "JWT (from 1 ): ",
	    "JWT (from 1000000): ", "JWT (from 0x1): ",
	    "JWT (from 1, at most ): ", "JWT (from 1, at most 0): ",
	    "JWT (from 1, at most 05): ", "JWT (from 1, at most 5, 6): ",
	    "JWT (from 1,at most 5): ", "JWT (from 1): JWT: ",
	    "JWT (from 18446744073709551617): ", "Password: "};
	struct jwt_prompt prompt;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (jwt_prompt_read(jwt_slice_of(others[i]), &prompt))
			fail_msg("'%s' was read", others[i]);
	/* Nor what stands behind a NUL. */
	assert_false(
	    jwt_prompt_read((struct jwt_slice){"JWT: \0x", 7}, &prompt));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(the_first_prompt_names_no_number),
	    cmocka_unit_test(nothing_else_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
