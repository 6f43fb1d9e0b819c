#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "jwt/setting.h"
#include "jwt/token.h"
#include "jwt/verdict.h"
#include "tools/jwtctl.h"
#include "tools/jwtctl_show.h"

#define NOW_MAX INT64_C(253402300799) /* the end of the year 9999 */

/* One issuer without a file: our options, and the file's names for them. */
static const char *const settings[] = {
    "issuer", "keys", "audience", "algorithms", "user"};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

struct request {
	const char *config, *user, *service, *host, *now, *json;
	const char *setting[SETTINGS];
	struct utsname uts;
	struct jwt_attempt attempt;
};

/*
 * Arguments.
 */

static bool
parse_now(const char *text, int64_t *now)
{
	size_t i;

	*now = 0;
	for (i = 0; text[i] >= '0' && text[i] <= '9' && *now <= NOW_MAX; i++)
		*now = *now * 10 + (text[i] - '0');
	return i > 0 && text[i] == '\0' && *now <= NOW_MAX;
}

/* What the arguments say, and the machine where they say nothing. */
static int
fill_attempt(struct request *request)
{
	struct jwt_attempt *attempt = &request->attempt;
	const char *wrong;

	attempt->user = request->user;
	if (attempt->user == NULL)
		return ctl_usage_error(&ctl_explain, "--user NAME is missing");
	attempt->service = request->service ? request->service : "sshd";
	wrong = attempt->service[0] != '\0'
	            ? jwt_service_fault(attempt->service)
	            : "is no name of a PAM service";
	if (wrong != NULL)
		return ctl_usage_error(&ctl_explain, "--service: %s", wrong);
	attempt->host = request->host;
	if (attempt->host == NULL && uname(&request->uts) == 0)
		attempt->host = request->uts.nodename;
	attempt->now = (int64_t)time(NULL);
	if (request->now != NULL && !parse_now(request->now, &attempt->now))
		return ctl_usage_error(&ctl_explain,
		    "--now: wanted seconds since 1970, digits alone, to the "
		    "year 9999");
	return CTL_GO_ON;
}

static int
read_arguments(
    int argc, char **argv, struct request *request, const char **operand)
{
	const struct ctl_option options[] = {
	    {"config", false, &request->config},
	    {"issuer", false, &request->setting[0]},
	    {"keys", false, &request->setting[1]},
	    {"audience", false, &request->setting[2]},
	    {"algorithms", false, &request->setting[3]},
	    {"user-claim", false, &request->setting[4]},
	    {"user", false, &request->user},
	    {"service", false, &request->service},
	    {"host", false, &request->host}, {"now", false, &request->now},
	    {"json", true, &request->json}};
	int result;
	size_t i;

	result = ctl_options(&ctl_explain, argc, argv, options,
	    sizeof(options) / sizeof(options[0]), operand);
	if (result != CTL_GO_ON)
		return result;
	for (i = 0; i < SETTINGS; i++)
		if (request->config != NULL && request->setting[i] != NULL)
			return ctl_usage_error(&ctl_explain,
			    "--config and --%s exclude each other",
			    options[i + 1].name);
	return fill_attempt(request);
}

/*
 * Configuration.
 */

/*
 * The value of --keys as a word of the file, absolute.  What is no single
 * word is left for the reader to refuse.
 */
static char *
absolute_word(const char *value, struct jwt_fault *fault)
{
	char *inner, *path, *word = NULL;
	size_t len = strlen(value);
	bool quoted;

	quoted = len > 2 && value[0] == '"' && value[len - 1] == '"';
	inner = quoted ? strndup(value + 1, len - 2) : strdup(value);
	if (inner == NULL)
		return NULL;
	if (inner[0] == '\0' || inner[0] == '/' || strchr(inner, '"') ||
	    (!quoted && inner[strcspn(inner, " \t,")] != '\0')) {
		free(inner);
		return strdup(value);
	}
	if ((path = ctl_absolute(inner, fault)) != NULL)
		word = jwt_format("\"%s\"", path);
	free(path);
	free(inner);
	return word;
}

/* A path that could not be made absolute, as ctl_absolute says it. */
static enum jwt_reason
no_path(const struct jwt_fault *fault, struct jwt_faults *faults)
{
	if (fault->text[0] == '\0' ||
	    jwt_faults_add(faults, NULL, 0, "%s", fault->text) == JWT_NO_MEMORY)
		return JWT_NO_MEMORY;
	return JWT_INTERNAL_ERROR;
}

static enum jwt_reason
read_config(const struct request *request, struct jwt_config **config,
    struct jwt_faults *faults)
{
	const char *file = request->config ? request->config : JWT_CONFIG_FILE;
	struct jwt_option options[SETTINGS];
	struct jwt_fault fault = {""};
	enum jwt_reason reason;
	char *path = NULL;
	size_t i, count = 0;

	for (i = 0; i < SETTINGS; i++) {
		if (request->setting[i] == NULL)
			continue;
		options[count++] =
		    (struct jwt_option){settings[i], request->setting[i]};
		if (strcmp(settings[i], "keys") != 0)
			continue;
		path = absolute_word(request->setting[i], &fault);
		if (path == NULL)
			return no_path(&fault, faults);
		options[count - 1].value = path;
	}
	if (count > 0)
		reason = jwt_config_options(
		    "the command line", options, count, false, config, faults);
	else if ((path = ctl_absolute(file, &fault)) != NULL)
		reason = jwt_config_read(path, config, faults);
	else
		reason = no_path(&fault, faults);
	free(path);
	return reason;
}

/*
 * The verdict.
 */

static int
explain(struct request *request, const struct ctl_input *input)
{
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	struct jwt_verdict verdict;
	struct ctl_explained explained = {.verdict = &verdict,
	    .faults = &faults,
	    .answer = {input->bytes, input->len},
	    .now = request->attempt.now};
	enum jwt_reason reason;
	bool shown;

	reason = read_config(request, &config, &faults);
	if (reason == JWT_OK) {
		explained.config = request->attempt.config = config;
		request->attempt.answer = explained.answer;
		request->attempt.explain = true;
		reason = jwt_judge(&request->attempt, &verdict);
	} else {
		jwt_judge_faults(reason, &faults, &verdict);
	}
	shown = ctl_show(&explained, request->json != NULL);
	jwt_verdict_clear(&verdict);
	jwt_faults_clear(&faults);
	jwt_config_free(config);
	if (!shown) {
		ctl_say(&ctl_explain, "no memory");
		return CTL_FAILED;
	}
	return jwt_reason_row(reason)->exit;
}

static int
run(int argc, char **argv)
{
	struct request request = {0};
	const char *operand = NULL;
	struct ctl_input input;
	int result;

	result = read_arguments(argc, argv, &request, &operand);
	if (result == CTL_GO_ON)
		result = ctl_read(&ctl_explain, operand, JWT_TOKEN_MAX, &input);
	if (result != CTL_GO_ON)
		return result;
	result = explain(&request, &input);
	ctl_input_free(&input);
	return result;
}

const struct ctl_call ctl_explain = {
    "explain",
    "say what a login by a token would find",
    "usage: jwtctl explain [--config FILE] --user NAME [OPTION]... [TOKEN]\n"
    "       jwtctl explain --issuer I --keys FILE --audience A --algorithms L\n"
    "           [--user-claim C] --user NAME [OPTION]... [TOKEN]\n"
    "\n"
    "Shows what a token from standard input or the file TOKEN says, judges it\n"
    "as a login would, and shows each check.  Exit 0 accepted, 1 refused, 2 a\n"
    "fault.\n"
    "\n"
    "  --config FILE   instead of /etc/security/pam_jwt.conf\n"
    "  --issuer, --keys, --audience, --algorithms, --user-claim\n"
    "                  one issuer without a file; lists as in the file, with\n"
    "                  spaces between; --user-claim is the file's user\n"
    "  --user NAME     the login name\n"
    "  --service NAME  the PAM service; sshd unless given\n"
    "  --host NAME     the host's name; the kernel's unless given\n"
    "  --now EPOCH     the time in seconds since 1970; now unless given\n"
    "  --json          one JSON object\n",
    run,
};
