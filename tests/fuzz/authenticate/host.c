#include "host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "jwt/prompt.h"
#include "pam_jwt_fetch.h"
#include "pam_jwt_issue.h"

struct host host;

/* Its own work needs memory that does not fail. */
static bool
enter(enum call call)
{
	bool failed = machine_fails(call) != NULL;

	machine.armed = false;
	return !failed;
}

static int
leave(int result)
{
	/* libpam and what it calls leave errno as they like. */
	errno = EAGAIN;
	machine.armed = true;
	return result;
}

static char *
copy(const char *text)
{
	char *out = strdup(text);

	if (out == NULL)
		wrong("no memory for the fuzzer itself");
	return out;
}

void
host_set_authtok(const char *text)
{
	free(host.authtok);
	host.authtok = text == NULL ? NULL : copy(text);
}

/* What a prompt asks for, as much of it as sudo carries; NULL: it fails. */
static char *
piece_for(const char *text, enum manner manner)
{
	struct jwt_prompt prompt;
	size_t len = strlen(host.answer);

	if (!jwt_prompt_read(jwt_slice_of(text), &prompt) && host.asked > 1)
		wrong("a later prompt is none of ours: %s", text);
	if (prompt.from > len)
		wrong("more is asked for than was promised");
	if (manner == IN_LESS && !host.learnt && len - prompt.from > 511) {
		host.learnt = true;
		return NULL;
	}
	return strndup(host.answer + prompt.from, 511);
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	enum manner manner = host.manner;
	struct pam_response *response;

	machine.armed = false;
	if (count != 1 || data != &host)
		wrong("the conversation is called with %d messages", count);
	if (messages[0]->msg_style != PAM_PROMPT_ECHO_OFF)
		wrong("a token is asked for with echo");
	if (++host.asked < host.since)
		manner = IN_PIECES;
	*responses = NULL;
	if (manner == FAILS)
		return leave(PAM_CONV_ERR);
	if (manner == WITHOUT_MEMORY)
		return leave(PAM_BUF_ERR);
	if (manner == AGAIN)
		return leave(PAM_CONV_AGAIN);
	if (manner == NO_RESPONSE)
		return leave(PAM_SUCCESS);
	response = calloc(1, sizeof(*response));
	if (response == NULL)
		wrong("no memory for the fuzzer itself");
	if (manner == IN_PIECES || manner == IN_LESS)
		response->resp = piece_for(messages[0]->msg, manner);
	else if (manner != NO_TEXT)
		response->resp = copy(host.answer);
	*responses = response;
	if (manner == FAILS_WITH_ANSWER ||
	    (manner == IN_LESS && response->resp == NULL))
		return leave(PAM_CONV_ERR);
	return leave(PAM_SUCCESS);
}

static const struct pam_conv conversation = {converse, &host};
static const struct pam_conv mute = {NULL, &host};

int
pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	const char *text = NULL;

	(void)pamh;
	if (!enter(CALL_PAM)) {
		host.cut_short = true;
		return leave(PAM_BAD_ITEM);
	}
	if (type == PAM_CONV) {
		if (host.manner == NO_CONVERSATION)
			*item = NULL;
		else
			*item =
			    host.manner == NO_FUNCTION ? &mute : &conversation;
		return leave(PAM_SUCCESS);
	}
	if (type == PAM_SERVICE)
		text = host.service;
	else if (type == PAM_USER)
		text = host.user;
	else if (type == PAM_RHOST)
		text = host.rhost;
	else if (type == PAM_TTY)
		text = host.tty;
	else if (type == PAM_AUTHTOK)
		text = host.authtok;
	else
		wrong("item %d is asked for", type);
	*item = text;
	return leave(PAM_SUCCESS);
}

/* Without memory libpam has wiped the old value, and keeps that. */
int
pam_set_item(pam_handle_t *pamh, int type, const void *item)
{
	bool works = enter(CALL_PAM);

	(void)pamh;
	if (type != PAM_AUTHTOK)
		wrong("item %d is set", type);
	host_set_authtok(works || item == NULL ? item : "");
	return leave(works || item == NULL ? PAM_SUCCESS : PAM_BUF_ERR);
}

int
pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	(void)pamh;
	(void)prompt;
	if (!enter(CALL_PAM))
		return leave(PAM_CONV_ERR);
	if (host.user == NULL)
		return leave(PAM_CONV_AGAIN);
	*user = host.user;
	return leave(PAM_SUCCESS);
}

/* No session begins here. */
int
jwt_issue_for_session(pam_handle_t *pamh, int argc, const char **argv)
{
	(void)pamh;
	(void)argc;
	(void)argv;
	wrong("a session begins");
	return PAM_IGNORE;
}

int
pam_putenv(pam_handle_t *pamh, const char *setting)
{
	const char *at;

	(void)pamh;
	if (!enter(CALL_PAM))
		return leave(PAM_BUF_ERR);
	if (strncmp(setting, "JWT_", 4) != 0 || strchr(setting, '=') == NULL)
		wrong("the environment gets %s", setting);
	for (at = setting; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			wrong("a control character in the environment");
	host.exported++;
	return leave(PAM_SUCCESS);
}

void
pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	char debug[LINE_SIZE];
	char *line = debug;
	va_list ap;

	(void)pamh;
	machine.armed = false;
	if (priority == LOG_DEBUG)
		host.debug_lines++;
	else if (host.lines == LINES_MAX)
		wrong("more than %d lines in the log", LINES_MAX);
	else {
		line = host.line[host.lines];
		host.priority[host.lines++] = priority;
	}
	va_start(ap, format);
	if (vsnprintf(line, LINE_SIZE, format, ap) >= LINE_SIZE)
		wrong("a line of the log has more than %d bytes", LINE_SIZE);
	va_end(ap);
	if (priority == LOG_DEBUG && strncmp(line, "check ", 6) != 0)
		wrong("a debugging line: %s", line);
	leave(0);
}

/* What pam_error calls. */
int
pam_prompt(
    pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
	bool works = enter(CALL_PAM);
	va_list ap;

	(void)pamh;
	if (style != PAM_ERROR_MSG || response != NULL)
		wrong("the user is asked something else");
	va_start(ap, format);
	vsnprintf(host.said, sizeof(host.said), format, ap);
	va_end(ap);
	host.told++;
	return leave(works ? PAM_SUCCESS : PAM_CONV_ERR);
}

const char *
pam_strerror(pam_handle_t *pamh, int error)
{
	(void)pamh;
	(void)error;
	return "the reason";
}

/* No input shall find a socket of the machine's; an answer changes nothing. */
void
jwt_ask_to_fetch(
    const struct jwt_config *config, const struct jwt_issuer *issuer)
{
	if (!issuer->fetched || config == NULL)
		wrong("pam-jwtd is asked for keys of a file");
}
