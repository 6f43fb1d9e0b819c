/*
 * Preloaded into jwt-issue: a PAM without modules, files or memory of its own,
 * whose one password is "right", so that what fails is the command's.  $PAM_ODD
 * is what it does otherwise: "binary" asks in a way that no terminal can show,
 * "tells" says something first, "nobody" forgets who it was.
 */
#include <security/pam_appl.h>

#include <stdlib.h>
#include <string.h>

static struct {
	const struct pam_conv *conv;
	const char *user;
} login;

static int
is_odd(const char *what)
{
	const char *odd = getenv("PAM_ODD");

	return odd != NULL && strcmp(odd, what) == 0;
}

int
pam_start(const char *service, const char *user, const struct pam_conv *conv,
    pam_handle_t **pamh)
{
	(void)service;
	login.conv = conv;
	login.user = user;
	*pamh = (pam_handle_t *)&login;
	return PAM_SUCCESS;
}

int
pam_set_item(pam_handle_t *pamh, int type, const void *item)
{
	(void)pamh;
	(void)type;
	(void)item;
	return PAM_SUCCESS;
}

int
pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	(void)pamh;
	*item = type == PAM_USER && !is_odd("nobody") ? login.user : NULL;
	return PAM_SUCCESS;
}

int
pam_authenticate(pam_handle_t *pamh, int flags)
{
	const struct pam_message message = {
	    is_odd("binary") ? PAM_BINARY_PROMPT : PAM_PROMPT_ECHO_OFF,
	    "Password: "};
	const struct pam_message *messages[] = {&message};
	const struct pam_message greeting = {PAM_TEXT_INFO, "Hello"};
	const struct pam_message *greetings[] = {&greeting};
	struct pam_response *responses = NULL;
	int result;

	(void)pamh;
	(void)flags;
	if (is_odd("tells")) {
		(void)login.conv->conv(
		    1, greetings, &responses, login.conv->appdata_ptr);
		free(responses);
	}
	result =
	    login.conv->conv(1, messages, &responses, login.conv->appdata_ptr);
	if (result != PAM_SUCCESS)
		return result;
	if (responses[0].resp == NULL ||
	    strcmp(responses[0].resp, "right") != 0)
		result = PAM_AUTH_ERR;
	free(responses[0].resp);
	free(responses);
	return result;
}

int
pam_acct_mgmt(pam_handle_t *pamh, int flags)
{
	(void)pamh;
	(void)flags;
	return PAM_SUCCESS;
}

const char *
pam_strerror(pam_handle_t *pamh, int status)
{
	(void)pamh;
	return status == PAM_BUF_ERR ? "no memory" : "a fault";
}

int
pam_end(pam_handle_t *pamh, int status)
{
	(void)pamh;
	(void)status;
	return PAM_SUCCESS;
}
