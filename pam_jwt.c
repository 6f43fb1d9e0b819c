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

#include "jwt/token.h"
#include "jwt/verdict.h"

#define DEFAULT_PROMPT "JWT: "

/* What stands behind pam_jwt.so on the pam.d line. */
struct options {
	const char *config; /* NULL: the default file */
	const char *prompt;
	bool debug;
	struct jwt_option *issuer; /* keys of an issuer's section */
	size_t count;
};

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
 * Options.
 */

/* One `name=value`; `copy` is ours to cut at the `=`. */
static enum jwt_reason
take_option(struct options *options, char *copy, const char *source,
    struct jwt_faults *faults)
{
	char *value;

	if (strcmp(copy, "debug") == 0 && !options->debug) {
		options->debug = true;
		return JWT_OK;
	}
	if ((value = strchr(copy, '=')) == NULL)
		return jwt_faults_add(faults, source, 0,
		    strcmp(copy, "debug") == 0
			? "'%.100s' stands there twice"
			: "'%.100s' is no option; there are debug, config=, "
			  "prompt= and the keys of an issuer's section",
		    copy);
	*value++ = '\0';
	if (*value == '\0')
		return jwt_faults_add(
		    faults, source, 0, "'%.100s=' has no value", copy);
	if (strcmp(copy, "config") == 0 && options->config == NULL) {
		options->config = value;
	} else if (strcmp(copy, "prompt") == 0 && options->prompt == NULL) {
		options->prompt = value;
	} else if (jwt_config_has_option(copy)) {
		options->issuer[options->count].name = copy;
		options->issuer[options->count++].value = value;
	} else {
		return jwt_faults_add(faults, source, 0,
		    strcmp(copy, "config") == 0 || strcmp(copy, "prompt") == 0
			? "'%.100s=' stands there twice"
			: "'%.100s' is no option; there are debug, config=, "
			  "prompt= and the keys of an issuer's section",
		    copy);
	}
	return JWT_OK;
}

/* `copies` has room for argc strings, all of which the caller frees. */
static enum jwt_reason
read_options(int argc, const char **argv, const char *source, char **copies,
    struct options *options, struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_OK, taken;
	int i;

	for (i = 0; i < argc; i++) {
		if ((copies[i] = strdup(argv[i])) == NULL)
			return JWT_NO_MEMORY;
		taken = take_option(options, copies[i], source, faults);
		if (taken != JWT_OK)
			result = taken;
	}
	if (result == JWT_OK && options->config != NULL && options->count > 0)
		result = jwt_faults_add(faults, source, 0,
		    "config= and '%s=' exclude each other",
		    options->issuer[0].name);
	if (options->prompt == NULL)
		options->prompt = DEFAULT_PROMPT;
	if (strlen(options->prompt) >= PAM_MAX_MSG_SIZE)
		result = jwt_faults_add(faults, source, 0,
		    "prompt= has more than %d bytes", PAM_MAX_MSG_SIZE - 1);
	return result;
}

static enum jwt_reason
read_config(const struct options *options, const char *source,
    struct jwt_config **config, struct jwt_faults *faults)
{
	if (options->count > 0)
		return jwt_config_options(source, options->issuer,
		    options->count, true, config, faults);
	return jwt_config_read(
	    options->config != NULL ? options->config : JWT_CONFIG_FILE, config,
	    faults);
}

/*
 * The conversation.
 */

/* Asks for the token; `*answer` is the caller's to wipe and free. */
static int
ask(pam_handle_t *pamh, const char *prompt, char **answer)
{
	struct pam_message message = {PAM_PROMPT_ECHO_OFF, prompt};
	const struct pam_message *messages = &message;
	struct pam_response *response = NULL;
	const struct pam_conv *conv;
	const void *item = NULL;
	int result;

	*answer = NULL;
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
	if (result == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (result == PAM_BUF_ERR)
		return PAM_BUF_ERR;
	return *answer != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

/* What an earlier module asked for already, else the answer to our prompt. */
static int
get_answer(pam_handle_t *pamh, const char *prompt, char **answer)
{
	const char *earlier;

	if ((earlier = get_item(pamh, PAM_AUTHTOK)) == NULL)
		return ask(pamh, prompt, answer);
	*answer = strdup(earlier);
	return *answer != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

/*
 * What later modules find in PAM_AUTHTOK: nothing after a token that was
 * accepted, so that a second factor is asked for; a password as it is, for
 * try_first_pass; and instead of a refused token the stand-in that sshd would
 * send, as long: no later module may ask once more for an account that exists
 * than for one that does not, nor send the token away.
 */
static int
leave_authtok(pam_handle_t *pamh, enum jwt_reason reason, char *answer)
{
	if (reason == JWT_OK)
		return pam_set_item(pamh, PAM_AUTHTOK, NULL);
	if (jwt_resembles_token(jwt_slice_of(answer)))
		jwt_stand_in_fill(answer, strlen(answer));
	return pam_set_item(pamh, PAM_AUTHTOK, answer);
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
	pam_syslog(pamh, priorities[kind], "%s", line);
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
hand_on(pam_handle_t *pamh, struct jwt_verdict *verdict, char *answer)
{
	if (verdict->reason == JWT_OK && verdict->export &&
	    export_claims(pamh, verdict) != PAM_SUCCESS)
		verdict->reason = JWT_NO_MEMORY;
	if (leave_authtok(pamh, verdict->reason, answer) != PAM_SUCCESS &&
	    verdict->reason == JWT_OK)
		verdict->reason = JWT_NO_MEMORY;
}

static int
judge(pam_handle_t *pamh, int flags, const struct options *options,
    const struct jwt_config *config, struct jwt_client *client)
{
	struct jwt_attempt attempt = {.config = config};
	struct jwt_verdict verdict;
	struct utsname host;
	char *answer = NULL;
	int result;

	result = pam_get_user(pamh, &client->user, NULL);
	if (result == PAM_SUCCESS)
		result = get_answer(pamh, options->prompt, &answer);
	if (result == PAM_CONV_AGAIN || result == PAM_INCOMPLETE)
		return PAM_INCOMPLETE;
	if (result != PAM_SUCCESS) {
		pam_syslog(pamh, LOG_NOTICE,
		    "the application gave no answer "
		    "to the prompt: %s",
		    pam_strerror(pamh, result));
		return result;
	}
	attempt.answer = jwt_slice_of(answer);
	attempt.user = client->user;
	attempt.service = client->service;
	attempt.host = uname(&host) == 0 ? host.nodename : NULL;
	attempt.now = (int64_t)time(NULL);
	jwt_judge(&attempt, &verdict);
	hand_on(pamh, &verdict, answer);
	result = log_verdict(pamh, &verdict, client, options->debug);
	if (result == PAM_AUTH_ERR)
		tell_user(pamh, flags, &verdict);
	jwt_verdict_clear(&verdict);
	jwt_free_wiped(answer, strlen(answer));
	return result;
}

/* Nothing is asked; but what was, and is a token, goes no further either. */
static int
refuse_config(pam_handle_t *pamh, const struct options *options,
    const struct jwt_client *client, enum jwt_reason reason,
    const struct jwt_faults *faults)
{
	const char *earlier = get_item(pamh, PAM_AUTHTOK);
	struct jwt_verdict verdict;
	char *answer;
	int result;

	jwt_judge_faults(reason, faults, &verdict);
	result = log_verdict(pamh, &verdict, client, options->debug);
	if (earlier != NULL && (answer = strdup(earlier)) != NULL) {
		(void)leave_authtok(pamh, reason, answer);
		jwt_free_wiped(answer, strlen(answer));
	}
	jwt_verdict_clear(&verdict);
	return result;
}

/*
 * Entry points.
 */

static int
authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv,
    char **copies, struct jwt_option *issuer)
{
	struct options options = {.issuer = issuer};
	struct jwt_client client = {.service = get_item(pamh, PAM_SERVICE),
	    .rhost = get_item(pamh, PAM_RHOST),
	    .tty = get_item(pamh, PAM_TTY),
	    .user = get_item(pamh, PAM_USER)};
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason reason;
	char source[128];
	int result;

	if (client.service == NULL)
		client.service = "";
	snprintf(source, sizeof(source), "pam.d line of service '%.64s'",
	    client.service);
	reason = read_options(argc, argv, source, copies, &options, &faults);
	if (reason == JWT_OK)
		reason = read_config(&options, source, &config, &faults);
	if (reason == JWT_OK)
		result = judge(pamh, flags, &options, config, &client);
	else
		result =
		    refuse_config(pamh, &options, &client, reason, &faults);
	jwt_config_free(config);
	jwt_faults_clear(&faults);
	return result;
}

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct jwt_option *issuer;
	int result = PAM_BUF_ERR, i;
	char **copies;

	copies = calloc((size_t)argc + 1, sizeof(*copies));
	issuer = calloc((size_t)argc + 1, sizeof(*issuer));
	if (copies != NULL && issuer != NULL)
		result = authenticate(pamh, flags, argc, argv, copies, issuer);
	if (result != PAM_INCOMPLETE)
		drop_token(pamh);
	for (i = 0; copies != NULL && i < argc; i++)
		free(copies[i]);
	free(copies);
	free(issuer);
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

int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
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
