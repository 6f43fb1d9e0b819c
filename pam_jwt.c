/*
 * pam_jwt: a PAM module that takes a JWT as the password.
 *
 * The conversation in, one call into jwt/, one PAM code and one log line out.
 * It is a guest in somebody's process: no threads, no handlers, nothing of
 * the host's is changed, no environment is read.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <time.h>

#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#define PAM_SM_PASSWORD
#include <security/pam_ext.h>
/* Nothing else of the module can be seen from outside. */
#pragma GCC visibility push(default)
#include <security/pam_modules.h>
#pragma GCC visibility pop

#include "jwt/arguments.h"
#include "jwt/pieces.h"
#include "jwt/prompt.h"
#include "jwt/token.h"
#include "jwt/verdict.h"
#include "pam_jwt_fetch.h"
#include "pam_jwt_issue.h"

/*
 * How often a conversation may fail before it has failed. sudo gives
 * PAM_CONV_ERR for an answer of 512 characters and more, and also where nobody
 * is there to answer, so there is an end.
 */
#define RETRIES 3
#define AT_MOST (PAM_MAX_RESP_SIZE - 1) /* characters that it is asked for */

/* A PAM code for each kind of reason; REASONS names the rest. */
static const int pam_codes[] = {
    [JWT_KIND_FAULT] = PAM_SYSTEM_ERR,
    [JWT_KIND_MEMORY] = PAM_BUF_ERR,
    [JWT_KIND_CONFIG] = PAM_SERVICE_ERR,
    [JWT_KIND_UNAVAILABLE] = PAM_AUTHINFO_UNAVAIL,
    [JWT_KIND_REFUSED] = PAM_AUTH_ERR,
    [JWT_KIND_ACCEPTED] = PAM_SUCCESS,
};

static const int priorities[] = {
    [JWT_KIND_FAULT] = LOG_ERR,
    [JWT_KIND_MEMORY] = LOG_ERR,
    [JWT_KIND_CONFIG] = LOG_ERR,
    [JWT_KIND_UNAVAILABLE] = LOG_ERR,
    [JWT_KIND_REFUSED] = LOG_NOTICE,
    [JWT_KIND_ACCEPTED] = LOG_INFO,
};

/* A string item; NULL where the application set none. */
static const char *
get_item(const pam_handle_t *pamh, int type)
{
	const void *item = NULL;

	if (pam_get_item(pamh, type, &item) != PAM_SUCCESS)
		return NULL;
	return item;
}

/*
 * The conversation.
 */

/*
 * Asks; `*answer` is the caller's to wipe and free. `*failed`: the program's
 * own function says so, which may do better when it is asked for less.
 */
static int
ask(pam_handle_t *pamh, const char *prompt, char **answer, bool *failed)
{
	struct pam_message message = {PAM_PROMPT_ECHO_OFF, prompt};
	const struct pam_message *messages = &message;
	struct pam_response *response = NULL;
	const struct pam_conv *conv;
	const void *item = NULL;
	int result;

	*answer = NULL;
	*failed = false;
	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return PAM_CONV_ERR;
	conv = item;
	if (conv->conv == NULL)
		return PAM_CONV_ERR;
	result = conv->conv(1, &messages, &response, conv->appdata_ptr);
	if (result == PAM_SUCCESS && response != NULL)
		*answer = response->resp;
	else if (response != NULL)
		jwt_free_wiped(response->resp,
		    response->resp == NULL ? 0 : strlen(response->resp));
	free(response);
	*failed = result == PAM_CONV_ERR;
	if (result == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (result == PAM_BUF_ERR)
		return PAM_BUF_ERR;
	return *answer != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

static int
add_piece(struct jwt_pieces *pieces, const char *piece)
{
	return jwt_pieces_add(pieces, piece) == JWT_OK ? PAM_SUCCESS
	                                               : PAM_BUF_ERR;
}

/* One answer more, for which a failing conversation is asked again. */
static int
ask_piece(pam_handle_t *pamh, const char *prompt, unsigned int *failures,
    struct jwt_pieces *pieces)
{
	char again[JWT_PROMPT_SIZE], *piece;
	bool failed;
	int result;

	result = ask(pamh, prompt, &piece, &failed);
	while (failed && (*failures)++ < RETRIES) {
		jwt_prompt_write(again, pieces->given, AT_MOST);
		result = ask(pamh, again, &piece, &failed);
	}
	if (result != PAM_SUCCESS)
		return result;
	result = add_piece(pieces, piece);
	jwt_free_wiped(piece, strlen(piece));
	return result;
}

/*
 * What an earlier module asked for already, else the answer to our prompt; and
 * as long as an answer may have been cut by its length, what follows it.
 */
static int
get_answer(pam_handle_t *pamh, const char *prompt, unsigned int *failures,
    struct jwt_pieces *pieces)
{
	const char *earlier = get_item(pamh, PAM_AUTHTOK);
	char next[JWT_PROMPT_SIZE];
	int result;

	*failures = 0;
	if (earlier != NULL)
		result = add_piece(pieces, earlier);
	else
		result = ask_piece(pamh, prompt, failures, pieces);
	while (result == PAM_SUCCESS && pieces->more) {
		jwt_prompt_write(next, pieces->given, 0);
		result = ask_piece(pamh, next, failures, pieces);
	}
	return result;
}

/*
 * What later modules find in PAM_AUTHTOK: nothing after a token that was
 * accepted, so that a second factor is asked for; a password as it is, for
 * try_first_pass; and instead of a refused token the stand-in that sshd would
 * send, as long: no later module may ask once more for an account that exists
 * than for one that does not, nor send the token away.
 */
static int
leave_authtok(
    pam_handle_t *pamh, enum jwt_reason reason, struct jwt_pieces *pieces)
{
	return pam_set_item(pamh, PAM_AUTHTOK,
	    reason == JWT_OK ? NULL : jwt_pieces_leave(pieces));
}

/*
 * Where memory ran out before anything else could become of a token that an
 * earlier module asked for: it goes no further either.
 */
static void
drop_token(pam_handle_t *pamh)
{
	const char *left = get_item(pamh, PAM_AUTHTOK);

	if (left != NULL && jwt_resembles_token(jwt_slice_of(left)))
		(void)pam_set_item(pamh, PAM_AUTHTOK, NULL);
}

/*
 * The outcome.
 */

static int
log_verdict(const pam_handle_t *pamh, const struct jwt_verdict *verdict,
    const struct jwt_client *client, bool debug)
{
	enum jwt_kind kind = jwt_reason_row(verdict->reason)->kind;
	int priority;
	char *line;
	size_t i;

	for (i = 0; debug && i < verdict->checks; i++)
		pam_syslog(pamh, LOG_DEBUG, "check %s: %s",
		    verdict->check[i].name,
		    verdict->check[i].passed ? "ok" : "failed");
	line = jwt_verdict_line(verdict, client);
	/* What cannot be told to the log is not granted. */
	if (line == NULL) {
		pam_syslog(pamh, LOG_ERR,
		    "refused reason=internal_error: no "
		    "memory for the log line");
		return PAM_BUF_ERR;
	}
	priority = priorities[kind];
	if (verdict->warning != NULL && priority > LOG_WARNING)
		priority = LOG_WARNING;
	pam_syslog(pamh, priority, "%s", line);
	free(line);
	return pam_codes[kind];
}

/* `name=value` for the session, unless control characters are in it. */
static int
export_one(pam_handle_t *pamh, const char *name, const char *value)
{
	const char *at;
	char *setting;
	int result;

	if (value == NULL)
		return PAM_SUCCESS;
	for (at = value; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return PAM_SUCCESS;
	if ((setting = jwt_format("%s=%s", name, value)) == NULL)
		return PAM_BUF_ERR;
	result = pam_putenv(pamh, setting);
	free(setting);
	return result;
}

static int
export_claims(pam_handle_t *pamh, const struct jwt_verdict *verdict)
{
	char expires[24];
	int result;

	snprintf(expires, sizeof(expires), "%lld", (long long)verdict->expires);
	result = export_one(pamh, "JWT_ISSUER", verdict->export_issuer);
	if (result == PAM_SUCCESS)
		result =
		    export_one(pamh, "JWT_SUBJECT", verdict->export_subject);
	if (result == PAM_SUCCESS)
		result = export_one(pamh, "JWT_ID", verdict->export_id);
	if (result == PAM_SUCCESS)
		result = export_one(pamh, "JWT_EXPIRES", expires);
	return result;
}

/* Why, in one sentence, to nobody but the owner of the account. */
static void
tell_user(pam_handle_t *pamh, int flags, const struct jwt_verdict *verdict)
{
	const struct jwt_reason_row *row = jwt_reason_row(verdict->reason);

	if (((unsigned int)flags & PAM_SILENT) == 0 &&
	    row->kind == JWT_KIND_REFUSED && verdict->signature_holds &&
	    verdict->names_account)
		pam_error(pamh, "%s", row->text);
}

/*
 * Before the log line, which must not say that a login was accepted when
 * libpam had no memory for what comes of it.
 */
static void
hand_on(
    pam_handle_t *pamh, struct jwt_verdict *verdict, struct jwt_pieces *pieces)
{
	if (verdict->reason == JWT_OK && verdict->export &&
	    export_claims(pamh, verdict) != PAM_SUCCESS)
		verdict->reason = JWT_NO_MEMORY;
	if (leave_authtok(pamh, verdict->reason, pieces) != PAM_SUCCESS &&
	    verdict->reason == JWT_OK)
		verdict->reason = JWT_NO_MEMORY;
}

/* Without an answer: what the application failed at, or that memory is out. */
static void
log_silence(pam_handle_t *pamh, int result, unsigned int failures,
    const struct jwt_pieces *pieces, const struct jwt_client *client)
{
	static const struct jwt_faults none = {0};
	struct jwt_verdict verdict;

	if (result == PAM_BUF_ERR) {
		jwt_judge_faults(JWT_NO_MEMORY, &none, &verdict);
		(void)log_verdict(pamh, &verdict, client, false);
		jwt_verdict_clear(&verdict);
	} else if (result != PAM_INCOMPLETE) {
		pam_syslog(pamh, LOG_NOTICE,
		    "the application gave no answer to the prompt after %zu "
		    "characters%s: %s",
		    pieces->given,
		    failures == 0 ? ""
				  : ", nor when asked for less (give each "
				    "prompt as many as it asks for, or use "
				    "jwt-askpass)",
		    pam_strerror(pamh, result));
	}
}

static int
judge(pam_handle_t *pamh, int flags, const struct jwt_arguments *arguments,
    const struct jwt_config *config, struct jwt_client *client)
{
	struct jwt_attempt attempt = {.config = config};
	struct jwt_pieces pieces = {0};
	struct jwt_verdict verdict;
	unsigned int failures = 0;
	struct utsname host;
	int result;

	result = pam_get_user(pamh, &client->user, NULL);
	if (result == PAM_SUCCESS)
		result =
		    get_answer(pamh, arguments->prompt, &failures, &pieces);
	if (result == PAM_CONV_AGAIN)
		result = PAM_INCOMPLETE;
	if (result != PAM_SUCCESS) {
		log_silence(pamh, result, failures, &pieces, client);
		jwt_pieces_clear(&pieces);
		return result;
	}
	attempt.answer = jwt_pieces_answer(&pieces);
	attempt.repeated = jwt_pieces_repeated(&pieces);
	attempt.again = jwt_pieces_again(&pieces);
	attempt.stand_in = jwt_pieces_stand_in(&pieces);
	attempt.effort = jwt_pieces_length(&pieces);
	attempt.at_most = failures > 0 ? AT_MOST : 0;
	attempt.user = client->user;
	attempt.service = client->service;
	attempt.host = uname(&host) == 0 ? host.nodename : NULL;
	attempt.now = (int64_t)time(NULL);
	attempt.refresh = jwt_ask_to_fetch;
	jwt_judge(&attempt, &verdict);
	hand_on(pamh, &verdict, &pieces);
	result = log_verdict(pamh, &verdict, client, arguments->debug);
	if (result == PAM_AUTH_ERR)
		tell_user(pamh, flags, &verdict);
	jwt_verdict_clear(&verdict);
	jwt_pieces_clear(&pieces);
	return result;
}

/* Nothing is asked; but what was, and is a token, goes no further either. */
static int
refuse_config(pam_handle_t *pamh, const struct jwt_arguments *arguments,
    const struct jwt_client *client, enum jwt_reason reason,
    const struct jwt_faults *faults)
{
	const char *earlier = get_item(pamh, PAM_AUTHTOK);
	struct jwt_pieces pieces = {0};
	struct jwt_verdict verdict;
	int result;

	jwt_judge_faults(reason, faults, &verdict);
	result = log_verdict(pamh, &verdict, client, arguments->debug);
	if (earlier != NULL && add_piece(&pieces, earlier) == PAM_SUCCESS)
		(void)leave_authtok(pamh, reason, &pieces);
	jwt_pieces_clear(&pieces);
	jwt_verdict_clear(&verdict);
	return result;
}

/*
 * Entry points.
 */

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct jwt_client client = {.service = get_item(pamh, PAM_SERVICE),
	    .rhost = get_item(pamh, PAM_RHOST),
	    .tty = get_item(pamh, PAM_TTY),
	    .user = get_item(pamh, PAM_USER)};
	struct jwt_arguments arguments = {0};
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason reason;
	char source[128];
	int result;

	if (client.service == NULL)
		client.service = "";
	snprintf(source, sizeof(source), "pam.d line of service '%.64s'",
	    client.service);
	reason = jwt_arguments_read(argc, argv, source, &arguments, &faults);
	if (reason == JWT_OK)
		reason =
		    jwt_arguments_config(&arguments, source, &config, &faults);
	if (reason == JWT_OK)
		result = judge(pamh, flags, &arguments, config, &client);
	else
		result =
		    refuse_config(pamh, &arguments, &client, reason, &faults);
	jwt_config_free(config);
	jwt_faults_clear(&faults);
	jwt_arguments_clear(&arguments);
	if (result != PAM_INCOMPLETE)
		drop_token(pamh);
	return result;
}

int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

/* No objection and no consent: `sufficient` in front of it skips nothing. */
int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}

/* `session optional pam_jwt.so issue ...` gets a token; else there is nothing
 * to do. */
int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	if (argc > 0 && strcmp(argv[0], "issue") == 0)
		return jwt_issue_for_session(pamh, argc - 1, argv + 1);
	return PAM_SUCCESS;
}

int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
