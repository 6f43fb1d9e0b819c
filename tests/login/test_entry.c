/*
 * The six entry points, called as libpam and careless programs call them:
 * every return value, and every answer that a conversation may give.
 */
#include "module_login.h"

#include <dlfcn.h>
#include <security/pam_modules.h>

/*
 * Entry points.
 */

static void
what_has_no_say_answers_the_same_to_every_flag(void **state)
{
	static const struct {
		const char *name;
		int result;
	} entries[] = {
	    {"pam_sm_setcred", PAM_SUCCESS},
	    {"pam_sm_acct_mgmt", PAM_IGNORE},
	    {"pam_sm_open_session", PAM_SUCCESS},
	    {"pam_sm_close_session", PAM_SUCCESS},
	    {"pam_sm_chauthtok", PAM_IGNORE},
	};
	static const int flags[] = {0, PAM_SILENT, PAM_ESTABLISH_CRED,
	    PAM_DELETE_CRED, PAM_REINITIALIZE_CRED, PAM_REFRESH_CRED,
	    PAM_DISALLOW_NULL_AUTHTOK, PAM_CHANGE_EXPIRED_AUTHTOK,
	    PAM_PRELIM_CHECK, PAM_UPDATE_AUTHTOK, -1};
	const char *arguments[] = {"no", "config=/nowhere", "=", NULL};
	int (*entry)(pam_handle_t *, int, int, const char **);
	size_t i, j;
	void *module;

	(void)state;
	module = dlopen(getenv("JWT_MODULE"), RTLD_NOW | RTLD_LOCAL);
	assert_non_null(module);
	assert_non_null(dlsym(module, "pam_sm_authenticate"));
	assert_null(dlsym(module, "jwt_judge"));
	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		*(void **)&entry = dlsym(module, entries[i].name);
		assert_non_null(entry);
		for (j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
			assert_int_equal(
			    entry(NULL, flags[j], 0, NULL), entries[i].result);
			assert_int_equal(entry(NULL, flags[j], 3, arguments),
			    entries[i].result);
		}
	}
	dlclose(module);
}

static void
authenticate_has_a_code_for_each_kind_of_reason(void **state)
{
	char *good = token("deploy", 60), *expired = token("deploy", -60);
	char *foreign = token("operator", 60);
	const struct {
		const char *service, *answer;
		int result;
	} cases[] = {
	    {"good", good, PAM_SUCCESS},
	    {"good", expired, PAM_AUTH_ERR},
	    {"good", foreign, PAM_AUTH_ERR},
	    {"good", "password", PAM_AUTH_ERR},
	    {"good", "", PAM_AUTH_ERR},
	    {"good", stand_in, PAM_AUTH_ERR},
	    {"keyless", good, PAM_AUTHINFO_UNAVAIL},
	    {"keyless", "password", PAM_AUTH_ERR},
	    {"faulty", good, PAM_SERVICE_ERR},
	    {"faulty", "password", PAM_SERVICE_ERR},
	    {"missing", good, PAM_SERVICE_ERR},
	    {"misspelt", good, PAM_SERVICE_ERR},
	};
	static const int flags[] = {0, PAM_SILENT, PAM_DISALLOW_NULL_AUTHTOK};
	struct talk talk;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
			talk = (struct talk){.answer = cases[i].answer};
			assert_int_equal(log_in_as("deploy", cases[i].service,
					     &talk, flags[j], NULL),
			    cases[i].result);
		}
	}
	free(good);
	free(expired);
	free(foreign);
}

/*
 * The conversation.
 */

static void
a_conversation_that_fails_is_never_a_refusal_nor_ignored(void **state)
{
	char *good = token("deploy", 60);
	const struct {
		enum manner manner;
		int result;
		unsigned int asked;
	} cases[] = {
	    {NO_FUNCTION, PAM_CONV_ERR, 0},
	    /* Asked again, for an answer that is not as long. */
	    {FAILS, PAM_CONV_ERR, 4},
	    {FAILS_OTHERWISE, PAM_CONV_ERR, 1},
	    {NO_RESPONSE, PAM_CONV_ERR, 1},
	    {ANSWERS_NULL, PAM_CONV_ERR, 1},
	    {NO_MEMORY, PAM_BUF_ERR, 1},
	    {AGAIN, PAM_INCOMPLETE, 1},
	};
	struct talk talk;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		talk = (struct talk){cases[i].manner, .answer = good};
		assert_int_equal(log_in("good", &talk), cases[i].result);
		assert_int_equal(talk.asked, cases[i].asked);
		assert_int_equal(talk.told, 0);
	}
	free(good);
}

static void
a_login_name_is_asked_for_and_may_fail_to_come(void **state)
{
	struct talk talk = {.answer = "deploy"};

	(void)state;
	assert_int_equal(log_in_as(NULL, "good", &talk, 0, NULL), PAM_AUTH_ERR);
	assert_int_equal(talk.asked, 2);
	talk = (struct talk){FAILS, .answer = "deploy"};
	assert_int_equal(log_in_as(NULL, "good", &talk, 0, NULL), PAM_CONV_ERR);
	talk = (struct talk){NO_RESPONSE, .answer = "deploy"};
	assert_int_equal(log_in_as(NULL, "good", &talk, 0, NULL), PAM_CONV_ERR);
	talk = (struct talk){AGAIN, .answer = "deploy"};
	assert_int_equal(
	    log_in_as(NULL, "good", &talk, 0, NULL), PAM_INCOMPLETE);
}

static void
only_the_owner_is_told_and_nobody_when_silent(void **state)
{
	char *own = token("deploy", -60), *foreign = token("operator", -60);
	struct talk talk = {.answer = own};

	(void)state;
	assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
	assert_int_equal(talk.told, 1);
	assert_string_equal(talk.text, "The token has expired; get a new one.");
	talk = (struct talk){.answer = own};
	assert_int_equal(
	    log_in_as("deploy", "good", &talk, PAM_SILENT, NULL), PAM_AUTH_ERR);
	assert_int_equal(talk.told, 0);
	talk = (struct talk){.answer = foreign};
	assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
	assert_int_equal(talk.told, 0);
	free(own);
	free(foreign);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_has_no_say_answers_the_same_to_every_flag),
	    cmocka_unit_test(authenticate_has_a_code_for_each_kind_of_reason),
	    cmocka_unit_test(
		a_conversation_that_fails_is_never_a_refusal_nor_ignored),
	    cmocka_unit_test(a_login_name_is_asked_for_and_may_fail_to_come),
	    cmocka_unit_test(only_the_owner_is_told_and_nobody_when_silent),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
