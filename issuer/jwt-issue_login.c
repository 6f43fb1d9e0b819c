/*
 * The login: the PAM service jwt-issuer, authentication and account phase.
 */
#include <errno.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"

#define PASSWD_ROOM_MAX 1048576U /* bytes of one passwd entry */
#define NAME_ROOM 160            /* of a name that is shown */

int
issue_caller(char **name, struct jwt_fault *fault)
{
	struct passwd entry, *found = NULL;
	int error = ERANGE, result = EX_OSERR;
	char *room = NULL, *more;
	size_t size;

	*name = NULL;
	for (size = 1024; error == ERANGE && size <= PASSWD_ROOM_MAX;
	     size *= 2) {
		if ((more = realloc(room, size)) == NULL) {
			error = ENOMEM;
			break;
		}
		room = more;
		error = getpwuid_r(getuid(), &entry, room, size, &found);
	}
	/* getpwnam_r(3): some name services say "not found" so. */
	if (error == ENOENT || error == ESRCH)
		error = 0;
	if (error != 0) {
		jwt_fault_set(fault, "the account of uid %u: %s",
		    (unsigned int)getuid(), strerrordesc_np(error));
	} else if (found == NULL) {
		jwt_fault_set(fault, "uid %u has no account on this host",
		    (unsigned int)getuid());
		result = EX_NOUSER;
	} else if ((*name = strdup(found->pw_name)) == NULL) {
		jwt_fault_set(fault, "no memory");
	} else {
		result = EX_OK;
	}
	free(room);
	return result;
}

/*
 * The conversation.
 */

/*
 * Once the conversation failed it fails for good: another module's prompt
 * must not get what was meant for the first.
 */
struct talk {
	int result; /* EX_OK until it failed */
	struct jwt_fault fault;
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

static bool
answer(const struct pam_message *message, struct pam_response *response,
    struct talk *talk)
{
	const char *text = message->msg == NULL ? "" : message->msg;

	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
	case PAM_PROMPT_ECHO_ON:
		talk->result =
		    issue_ask(text, message->msg_style == PAM_PROMPT_ECHO_ON,
			&response->resp, &talk->fault);
		return talk->result == EX_OK;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		issue_tell(text);
		return true;
	default:
		talk->result = EX_OSERR;
		jwt_fault_set(&talk->fault,
		    "a PAM module asks in a way that no terminal can show");
		return false;
	}
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_response *made;
	struct talk *talk = data;
	int i;

	*responses = NULL;
	if (talk->result != EX_OK || count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	if ((made = calloc((size_t)count, sizeof(*made))) == NULL)
		return PAM_BUF_ERR;
	for (i = 0; i < count; i++) {
		if (!answer(messages[i], &made[i], talk)) {
			free_responses(made, count);
			return PAM_CONV_ERR;
		}
	}
	*responses = made;
	return PAM_SUCCESS;
}

/*
 * The phases.
 */

/*
 * What PAM's refusals mean once the password was right.  Before that no more
 * is told than that it was refused: a wrong password and an unknown account
 * look the same.
 */
static const struct {
	int pam;
	int exit;
	const char *text;
} answers[] = {
    {PAM_AUTH_ERR, EX_NOPERM, "the account may not log in"},
    {PAM_USER_UNKNOWN, EX_NOPERM, "the account may not log in"},
    {PAM_MAXTRIES, EX_NOPERM, "the account may not log in"},
    {PAM_CRED_INSUFFICIENT, EX_NOPERM, "the account may not log in"},
    {PAM_PERM_DENIED, EX_NOPERM, "the account may not log in"},
    {PAM_ACCT_EXPIRED, EX_NOPERM, "the account has expired"},
    {PAM_NEW_AUTHTOK_REQD, EX_NOPERM,
	"the password has expired and must be changed first (passwd)"},
    {PAM_AUTHTOK_EXPIRED, EX_NOPERM,
	"the password has expired and must be changed first (passwd)"},
    {PAM_AUTHINFO_UNAVAIL, EX_UNAVAILABLE,
	"what PAM asks to check the login cannot be reached"},
};

static int
explain(pam_handle_t *pamh, const char *account, int status,
    const struct talk *talk, struct jwt_fault *fault)
{
	const char *text;
	int result = EX_OSERR;
	char name[NAME_ROOM];
	size_t i;

	if (status == PAM_SUCCESS)
		return EX_OK;
	if (talk->result != EX_OK) {
		*fault = talk->fault;
		return talk->result;
	}
	text = pam_strerror(pamh, status);
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].pam == status) {
			text = answers[i].text;
			result = answers[i].exit;
		}
	}
	if (result == EX_NOPERM && !talk->authenticated)
		text = "the login was refused";
	jwt_quote(name, sizeof(name), jwt_slice_of(account));
	jwt_fault_set(
	    fault, "PAM service " ISSUE_SERVICE ", account %s: %s", name, text);
	return result;
}

/* The terminal's name, of whichever descriptor is one. */
static int
set_terminal(pam_handle_t *pamh)
{
	char name[64] = "";
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (ttyname_r(fd, name, sizeof(name)) == 0)
			return pam_set_item(pamh, PAM_TTY, name);
	return PAM_SUCCESS;
}

static int
take_phases(
    pam_handle_t *pamh, const char *caller, struct talk *talk, char **subject)
{
	const void *user = NULL;
	int status;

	if ((status = set_terminal(pamh)) != PAM_SUCCESS ||
	    (status = pam_set_item(pamh, PAM_RUSER, caller)) != PAM_SUCCESS)
		return status;
	/* An account without a password proves nothing, "nullok" or not. */
	status = pam_authenticate(pamh, PAM_DISALLOW_NULL_AUTHTOK);
	talk->authenticated = status == PAM_SUCCESS;
	if (status == PAM_SUCCESS)
		status = pam_acct_mgmt(pamh, PAM_DISALLOW_NULL_AUTHTOK);
	/* Modules may have changed it, and who they say it was counts. */
	if (status == PAM_SUCCESS)
		status = pam_get_item(pamh, PAM_USER, &user);
	if (status != PAM_SUCCESS)
		return status;
	if (user == NULL || *(const char *)user == '\0')
		return PAM_USER_UNKNOWN;
	*subject = strdup(user);
	return *subject != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

int
issue_login(const char *account, const char *caller, char **subject,
    struct jwt_fault *fault)
{
	struct talk talk = {.result = EX_OK};
	struct pam_conv conv = {converse, &talk};
	pam_handle_t *pamh = NULL;
	int status, result;

	*subject = NULL;
	status = pam_start(ISSUE_SERVICE, account, &conv, &pamh);
	if (status != PAM_SUCCESS) {
		jwt_fault_set(fault,
		    "PAM service " ISSUE_SERVICE " cannot be started: "
		    "see the system's log");
		return EX_OSERR;
	}
	status = take_phases(pamh, caller, &talk, subject);
	result = explain(pamh, account, status, &talk, fault);
	pam_end(pamh, status);
	return result;
}
