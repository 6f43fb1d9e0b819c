/*
 * The login: the PAM service jwt-issuer, its prompts and messages relayed to
 * the caller's terminal.
 */
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/jwt-issuerd.h"

#define ANSWER "ANSWER "
#define ANSWERS_MAX 32 /* of one login; no stack asks as often */

/*
 * Once the conversation failed it fails for good: another module's prompt
 * must not get what was meant for the first.
 */
struct talk {
	const struct issuerd_call *call;
	enum issuer_reason result; /* ISSUER_OK until it failed */
	struct jwt_fault *fault;
	unsigned int answers;
	bool authenticated; /* only the account phase is left */
};

static void
free_responses(struct pam_response *responses, int count)
{
	int i;

	for (i = 0; i < count; i++)
		jwt_free_wiped(responses[i].resp,
		    responses[i].resp == NULL ? 0 : strlen(responses[i].resp));
	free(responses);
}

/* Of a line, the answer; NULL: it is none. */
static enum issuer_reason
take_answer(const char *line, char **answer, struct jwt_fault *fault)
{
	if (strcmp(line, "CANCEL") == 0) {
		jwt_fault_set(fault, "no answer was given");
		return ISSUER_CALLER_GONE;
	}
	if (strncmp(line, ANSWER, strlen(ANSWER)) != 0) {
		jwt_fault_set(fault,
		    "what came is neither ANSWER nor CANCEL, one space and "
		    "the answer");
		return ISSUER_MALFORMED_REQUEST;
	}
	*answer = strdup(line + strlen(ANSWER));
	return *answer != NULL ? ISSUER_OK : ISSUER_INTERNAL_ERROR;
}

static enum issuer_reason
ask(struct talk *talk, const char *prompt, bool echo, char **answer)
{
	char line[sizeof(ANSWER) + ISSUER_ANSWER_MAX];
	int64_t deadline = issuerd_deadline(talk->call->config->answer_time);
	enum issuer_reason result;
	size_t len;

	if (++talk->answers > ANSWERS_MAX) {
		jwt_fault_set(talk->fault, "the PAM stack asks without end");
		return ISSUER_LOGIN_UNAVAILABLE;
	}
	result = issuerd_say(talk->call->connection, deadline,
	    echo ? "ASK shown" : "ASK hidden", prompt);
	if (result == ISSUER_OK)
		result = issuerd_read_line(talk->call->connection, deadline,
		    line, sizeof(line) - 1, &len, talk->fault);
	if (result == ISSUER_OK)
		result = take_answer(line, answer, talk->fault);
	explicit_bzero(line, sizeof(line));
	return result;
}

static bool
answer_message(const struct pam_message *message, struct pam_response *response,
    struct talk *talk)
{
	const char *text = message->msg == NULL ? "" : message->msg;

	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
	case PAM_PROMPT_ECHO_ON:
		talk->result = ask(talk, text,
		    message->msg_style == PAM_PROMPT_ECHO_ON, &response->resp);
		break;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		talk->result = issuerd_say(talk->call->connection,
		    issuerd_deadline(ISSUERD_STEP),
		    message->msg_style == PAM_ERROR_MSG ? "TELL error"
							: "TELL info",
		    text);
		break;
	default:
		talk->result = ISSUER_LOGIN_UNAVAILABLE;
		jwt_fault_set(talk->fault,
		    "a PAM module asks in a way that no terminal can show");
	}
	return talk->result == ISSUER_OK;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_response *made;
	struct talk *talk = data;
	int i;

	*responses = NULL;
	if (talk->result != ISSUER_OK || count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	if ((made = calloc((size_t)count, sizeof(*made))) == NULL)
		return PAM_BUF_ERR;
	for (i = 0; i < count; i++) {
		if (!answer_message(messages[i], &made[i], talk)) {
			free_responses(made, count);
			return PAM_CONV_ERR;
		}
	}
	*responses = made;
	return PAM_SUCCESS;
}

/*
 * What PAM's refusals mean once the password was right.  Before that no more
 * is told than that it was refused.
 */
static const struct {
	int pam;
	enum issuer_reason reason;
	const char *text;
} answers[] = {
    {PAM_AUTH_ERR, ISSUER_LOGIN_REFUSED, "the account may not log in"},
    {PAM_USER_UNKNOWN, ISSUER_LOGIN_REFUSED, "the account may not log in"},
    {PAM_MAXTRIES, ISSUER_LOGIN_REFUSED, "the account may not log in"},
    {PAM_CRED_INSUFFICIENT, ISSUER_LOGIN_REFUSED, "the account may not log in"},
    {PAM_PERM_DENIED, ISSUER_LOGIN_REFUSED, "the account may not log in"},
    {PAM_ACCT_EXPIRED, ISSUER_LOGIN_REFUSED, "the account has expired"},
    {PAM_NEW_AUTHTOK_REQD, ISSUER_LOGIN_REFUSED,
	"the password has expired and must be changed first (passwd)"},
    {PAM_AUTHTOK_EXPIRED, ISSUER_LOGIN_REFUSED,
	"the password has expired and must be changed first (passwd)"},
    {PAM_AUTHINFO_UNAVAIL, ISSUER_LOGIN_UNAVAILABLE,
	"what PAM asks to check the login cannot be reached"},
};

static enum issuer_reason
explain(pam_handle_t *pamh, int status, const struct talk *talk)
{
	enum issuer_reason result = ISSUER_LOGIN_UNAVAILABLE;
	const char *text = pam_strerror(pamh, status);
	size_t i;

	if (status == PAM_SUCCESS)
		return ISSUER_OK;
	if (talk->result != ISSUER_OK)
		return talk->result;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].pam == status) {
			text = answers[i].text;
			result = answers[i].reason;
		}
	}
	if (result == ISSUER_LOGIN_REFUSED && !talk->authenticated)
		text = "the login was refused";
	jwt_fault_set(talk->fault, "PAM service " ISSUERD_SERVICE ": %s", text);
	return result;
}

static int
take_phases(pam_handle_t *pamh, const char *account, struct talk *talk)
{
	const void *user = NULL;
	int status;

	if ((status = pam_set_item(pamh, PAM_RUSER, account)) != PAM_SUCCESS)
		return status;
	/* An account without a password proves nothing, "nullok" or not. */
	status = pam_authenticate(pamh, PAM_DISALLOW_NULL_AUTHTOK);
	talk->authenticated = status == PAM_SUCCESS;
	if (status == PAM_SUCCESS)
		status = pam_acct_mgmt(pamh, PAM_DISALLOW_NULL_AUTHTOK);
	if (status == PAM_SUCCESS)
		status = pam_get_item(pamh, PAM_USER, &user);
	/* Modules may change it; a token is for who called and nobody else. */
	if (status == PAM_SUCCESS &&
	    (user == NULL || strcmp(user, account) != 0))
		status = PAM_PERM_DENIED;
	return status;
}

enum issuer_reason
issuerd_login(const struct issuerd_call *call, struct jwt_fault *fault)
{
	struct talk talk = {.call = call, .result = ISSUER_OK, .fault = fault};
	struct pam_conv conv = {converse, &talk};
	const char *account = call->caller.person.account;
	enum issuer_reason result;
	pam_handle_t *pamh = NULL;
	int status;

	status = pam_start(ISSUERD_SERVICE, account, &conv, &pamh);
	if (status != PAM_SUCCESS) {
		jwt_fault_set(
		    fault, "PAM service " ISSUERD_SERVICE " cannot be started");
		return ISSUER_LOGIN_UNAVAILABLE;
	}
	status = take_phases(pamh, account, &talk);
	result = explain(pamh, status, &talk);
	pam_end(pamh, status);
	return result;
}
