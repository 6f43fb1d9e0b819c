/*
 * PAM_AUTHTOK: what an earlier module left there is taken, and what stays
 * there for a later one neither opens anything nor tells who exists.
 */
#include "module_login.h"

static void
assert_is_stand_in(const char *text, size_t len)
{
	size_t i;

	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	for (i = 0; i < len; i++)
		assert_int_equal(text[i], stand_in[i % (sizeof(stand_in) - 1)]);
}

static void
what_is_no_token_stays_for_the_next_module(void **state)
{
	static const char *const answers[] = {
	    "password", "", "a.b.c", "Ey", "\xc3\xa9", " ey", "x"};
	struct talk talk;
	char *left;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		talk = (struct talk){.answer = answers[i]};
		log_in_as("deploy", "good", &talk, 0, &left);
		assert_non_null(left);
		assert_string_equal(left, answers[i]);
		free(left);
	}
}

static void
a_refused_token_becomes_sshds_stand_in_of_its_length(void **state)
{
	char *expired = token("deploy", -60), *good = token("deploy", 60);
	char *cut = strndup(good, strlen(good) - 20);
	char *bearer = jwt_format("Bearer %s", good);
	char *quoted = jwt_format(" \"%s\"", good);
	const struct {
		const char *service, *answer;
	} cases[] = {
	    {"good", expired},
	    {"good", cut},
	    {"good", "ey"},
	    {"good", "eyeball"},
	    {"good", "eyJhbGciOiJub25lIn0.e30.AA"},
	    {"keyless", good},
	    /* None of these is taken for a token, but each holds one. */
	    {"good", bearer},
	    {"good", quoted},
	    {"keyless", bearer},
	};
	struct talk talk;
	char *left;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		talk = (struct talk){.answer = cases[i].answer};
		log_in_as("deploy", cases[i].service, &talk, 0, &left);
		assert_is_stand_in(left, strlen(cases[i].answer));
		free(left);
	}
	free(expired);
	free(good);
	free(cut);
	free(bearer);
	free(quoted);
}

static void
sshds_stand_in_is_refused_and_stays_whatever_its_length(void **state)
{
	char junk[1100], *left;
	struct talk talk;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(junk); i++)
		junk[i] = stand_in[i % (sizeof(stand_in) - 1)];
	for (i = 1; i < sizeof(junk); i += i < 30 ? 1 : 211) {
		char *answer = strndup(junk, i);

		talk = (struct talk){.answer = answer};
		assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
		log_in_as("deploy", "good", &talk, 0, &left);
		assert_is_stand_in(left, i);
		free(left);
		free(answer);
	}
}

static void
after_an_accepted_token_nothing_is_left(void **state)
{
	char *good = token("deploy", 60), *left;
	struct talk talk = {.answer = good};

	(void)state;
	assert_int_equal(
	    log_in_as("deploy", "good", &talk, 0, &left), PAM_SUCCESS);
	assert_null(left);
	free(good);
}

static void
an_answer_that_an_earlier_module_has_is_taken_unasked(void **state)
{
	char *good = token("deploy", 60), *expired = token("deploy", -60);
	struct talk talk = {.answer = "password"};
	char *left;

	(void)state;
	setenv("PAM_AUTHTOK", good, 1);
	assert_int_equal(
	    log_in_as("deploy", "good", &talk, 0, &left), PAM_SUCCESS);
	assert_int_equal(talk.asked, 0);
	assert_null(left);
	talk.manner = NO_FUNCTION;
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);

	setenv("PAM_AUTHTOK", expired, 1);
	talk.manner = ANSWERS;
	assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
	assert_int_equal(talk.asked, 0);
	assert_int_equal(talk.told, 1);
	/* Somebody to tell, and no way to. */
	talk.manner = NO_FUNCTION;
	assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);

	setenv("PAM_AUTHTOK", "", 1);
	talk.manner = ANSWERS;
	assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
	assert_int_equal(talk.asked, 0);
	unsetenv("PAM_AUTHTOK");
	free(good);
	free(expired);
}

static void
a_token_of_an_earlier_module_ends_at_a_faulty_configuration(void **state)
{
	static const char *const services[] = {"faulty", "missing", "misspelt"};
	char *good = token("deploy", 60), *left;
	struct talk talk = {.answer = "password"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		setenv("PAM_AUTHTOK", good, 1);
		log_in_as("deploy", services[i], &talk, 0, &left);
		assert_is_stand_in(left, strlen(good));
		free(left);
		setenv("PAM_AUTHTOK", "password", 1);
		log_in_as("deploy", services[i], &talk, 0, &left);
		assert_string_equal(left, "password");
		free(left);
	}
	assert_int_equal(talk.asked, 0);
	unsetenv("PAM_AUTHTOK");
	free(good);
}

static void
an_answer_of_any_size_is_judged(void **state)
{
	char *big = malloc(1024 * 1024 + 1), *left;
	struct talk talk = {.answer = big};
	size_t size;

	(void)state;
	assert_non_null(big);
	for (size = 64 * 1024; size <= 1024 * 1024; size *= 4) {
		memset(big, 'A', size + 1);
		memcpy(big, "eyJ", 3);
		big[size + 1 > 1024 * 1024 ? size : size + 1] = '\0';
		assert_int_equal(
		    log_in_as("deploy", "good", &talk, 0, NULL), PAM_AUTH_ERR);
		log_in_as("deploy", "good", &talk, 0, &left);
		assert_is_stand_in(left, strlen(big));
		free(left);
	}
	free(big);
}
int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_token_stays_for_the_next_module),
	    cmocka_unit_test(
		a_refused_token_becomes_sshds_stand_in_of_its_length),
	    cmocka_unit_test(
		sshds_stand_in_is_refused_and_stays_whatever_its_length),
	    cmocka_unit_test(after_an_accepted_token_nothing_is_left),
	    cmocka_unit_test(
		an_answer_that_an_earlier_module_has_is_taken_unasked),
	    cmocka_unit_test(
		a_token_of_an_earlier_module_ends_at_a_faulty_configuration),
	    cmocka_unit_test(an_answer_of_any_size_is_judged),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
