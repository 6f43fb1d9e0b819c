/*
 * Attacks on the module as a caller sees it: what a refusal tells, what an
 * empty answer gets, and whose name counts.
 */
#include "module_login.h"

/* The answers that are refused at different checks, for `deploy`. */
static void
i4_a_refusal_tells_not_which_check_failed(void **state)
{
	char *good = token("deploy", 60), *foreign = token("operator", 60);
	char *expired = token("operator", -60), *own = token("deploy", -60);
	char *cut = strndup(good, strlen(good) - 20);
	char *wrong = strdup(good), *padded = NULL;
	struct talk talk = {.answer = good};
	size_t i;

	(void)state;
	assert_int_equal(asprintf(&padded, "%s=", good), strlen(good) + 1);
	wrong[strlen(wrong) - 10] =
	    wrong[strlen(wrong) - 10] == 'A' ? 'B' : 'A';
	{
		const char *const answers[] = {"", "password", stand_in,
		    foreign, expired, cut, wrong, padded,
		    "eyJhbGciOiJub25lIn0.e30.",
		    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ0ZXN0In0.AAAA",
		    "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ4In0.AAAA"};

		assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
		for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
			talk = (struct talk){.answer = answers[i]};
			assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
			assert_int_equal(talk.asked, 1);
			assert_int_equal(talk.told, 0);
		}
	}
	/* The owner of a good signature alone gets one sentence. */
	talk = (struct talk){.answer = own};
	assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
	assert_int_equal(talk.told, 1);
	free(good);
	free(foreign);
	free(expired);
	free(own);
	free(cut);
	free(wrong);
	free(padded);
}

static void
i12_an_empty_answer_is_refused_at_once(void **state)
{
	static const int flags[] = {0, PAM_SILENT, PAM_DISALLOW_NULL_AUTHTOK,
	    PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK};
	static const char *const services[] = {"good", "keyless"};
	char *good = token("deploy", 60);
	struct talk talk;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		for (j = 0; j < 2; j++) {
			talk = (struct talk){.answer = ""};
			assert_int_equal(log_in_as("deploy", services[j], &talk,
					     flags[i], NULL),
			    PAM_AUTH_ERR);
			assert_int_equal(talk.asked, 1);
			assert_int_equal(talk.told, 0);
		}
		talk = (struct talk){.answer = good};
		assert_int_equal(
		    log_in_as("deploy", "good", &talk, flags[i], NULL),
		    PAM_SUCCESS);
	}
	free(good);
}

/* What PAM_USER is after a login for `deploy` by this answer. */
static const char *
user_after(const char *answer, int wanted)
{
	static char user[64];
	struct talk talk = {.answer = answer};
	struct pam_conv conv = {converse, &talk};
	pam_handle_t *pamh = NULL;
	const void *item = NULL;
	int result;

	assert_int_equal(
	    pam_start("good", "deploy", &conv, &pamh), PAM_SUCCESS);
	result = pam_authenticate(pamh, 0);
	assert_int_equal(result, wanted);
	assert_int_equal(pam_get_item(pamh, PAM_USER, &item), PAM_SUCCESS);
	snprintf(user, sizeof(user), "%s", (const char *)item);
	assert_int_equal(pam_end(pamh, result), PAM_SUCCESS);
	return user;
}

static void
h13_a_token_never_sets_the_user_and_the_latest_counts(void **state)
{
	char *own = token("deploy", 60), *foreign = token("operator", 60);

	(void)state;
	assert_string_equal(user_after(own, PAM_SUCCESS), "deploy");
	assert_string_equal(user_after(foreign, PAM_AUTH_ERR), "deploy");
	/* An earlier module may have changed it: then the new one is meant. */
	assert_int_equal(setenv("PAM_USER", "operator", 1), 0);
	assert_string_equal(user_after(own, PAM_AUTH_ERR), "operator");
	assert_string_equal(user_after(foreign, PAM_SUCCESS), "operator");
	assert_int_equal(unsetenv("PAM_USER"), 0);
	free(own);
	free(foreign);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(i4_a_refusal_tells_not_which_check_failed),
	    cmocka_unit_test(i12_an_empty_answer_is_refused_at_once),
	    cmocka_unit_test(
		h13_a_token_never_sets_the_user_and_the_latest_counts),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
