/*
 * A login for each kind of outcome, for the tests of what it leaves alone.
 */
#ifndef OUTCOMES_H
#define OUTCOMES_H

#include "module_login.h"

enum outcome {
	ACCEPT,
	EXPIRED,
	FORGED,
	PASSWORD,
	KEYLESS,
	FAULTY,
	OUTCOMES
};

static const int results[] = {
    [ACCEPT] = PAM_SUCCESS,
    [EXPIRED] = PAM_AUTH_ERR,
    [FORGED] = PAM_AUTH_ERR,
    [PASSWORD] = PAM_AUTH_ERR,
    [KEYLESS] = PAM_AUTHINFO_UNAVAIL,
    [FAULTY] = PAM_SERVICE_ERR,
};

/* The caller frees it. */
static char *
answer_for(enum outcome outcome)
{
	char *answer, *at;

	if (outcome == PASSWORD)
		return strdup("password");
	answer = token("deploy", outcome == EXPIRED ? -60 : 600);
	if (outcome == FORGED) {
		at = strrchr(answer, '.') + 2;
		*at = *at == 'A' ? 'B' : 'A';
	}
	return answer;
}

static const char *
service_for(enum outcome outcome)
{
	return outcome == KEYLESS  ? "keyless"
	       : outcome == FAULTY ? "faulty"
	                           : "good";
}

static void
log_in_for(enum outcome outcome)
{
	char *answer = answer_for(outcome);
	struct talk talk = {.answer = answer};

	assert_int_equal(log_in(service_for(outcome), &talk), results[outcome]);
	free(answer);
}

#endif
