/*
 * jwt-issue: options, and the order of the steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"

static const char usage[] =
    "usage: jwt-issue --key FILE --issuer URL -a AUDIENCE [-a AUDIENCE ...]\n"
    "                 [-t DURATION] [--user NAME] [--claim NAME=VALUE ...]\n"
    "                 [-o FILE]\n";

static const char help[] =
    "Asks for your password through PAM and prints a token that says so.\n"
    "\n"
    "  --key FILE            the private key that signs, a JWK\n"
    "  --issuer URL          the token's issuer, as verifiers know it\n"
    "  -a, --audience NAME   whom the token is for, such as ssh://build7;\n"
    "                        may be given again\n"
    "  -t, --ttl DURATION    how long it lives: 30s, 5m (the default), 1h;\n"
    "                        24h at most\n"
    "  --user NAME           another account than your own\n"
    "  --claim NAME=VALUE    one more claim, a string; may be given again\n"
    "  -o, --output FILE     into FILE (mode 0600) instead of standard\n"
    "                        output\n"
    "  --help                this text\n";

struct options {
	const char *key;
	const char *user;
	const char *output;
	struct issue_request request;
	bool help;
};

/*
 * Options.
 */

enum option_value {
	OPTION_KEY = 0x100,
	OPTION_ISSUER,
	OPTION_USER,
	OPTION_CLAIM,
	OPTION_HELP
};

static const struct option long_options[] = {
    {"key", required_argument, NULL, OPTION_KEY},
    {"issuer", required_argument, NULL, OPTION_ISSUER},
    {"audience", required_argument, NULL, 'a'},
    {"ttl", required_argument, NULL, 't'},
    {"user", required_argument, NULL, OPTION_USER},
    {"claim", required_argument, NULL, OPTION_CLAIM},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* Of two values of one option, which one is meant? */
static int
set_once(const char **value, const char *name, struct jwt_fault *fault)
{
	if (*value != NULL) {
		jwt_fault_set(fault, "%s is there twice", name);
		return EX_USAGE;
	}
	if (optarg[0] == '\0') {
		jwt_fault_set(fault, "%s is empty", name);
		return EX_USAGE;
	}
	*value = optarg;
	return EX_OK;
}

/* Cuts the argument at its `=`. */
static int
add_claim(struct issue_request *request, struct jwt_fault *fault)
{
	char *equals = strchr(optarg, '=');

	if (equals == NULL) {
		jwt_fault_set(fault, "--claim wants NAME=VALUE");
		return EX_USAGE;
	}
	*equals = '\0';
	request->claim[request->claims++] =
	    (struct issue_claim){optarg, equals + 1};
	return EX_OK;
}

static int
take_option(struct options *options, int option, struct jwt_fault *fault)
{
	struct issue_request *request = &options->request;

	switch (option) {
	case OPTION_KEY:
		return set_once(&options->key, "--key", fault);
	case OPTION_ISSUER:
		return set_once(&request->issuer, "--issuer", fault);
	case OPTION_USER:
		return set_once(&options->user, "--user", fault);
	case OPTION_CLAIM:
		return add_claim(request, fault);
	case OPTION_HELP:
		options->help = true;
		return EX_OK;
	case 'a':
		request->audience[request->audiences++] = optarg;
		return EX_OK;
	case 't':
		return set_once(&request->ttl, "--ttl", fault);
	case 'o':
		return set_once(&options->output, "--output", fault);
	default: /* getopt_long has said what is wrong */
		return EX_USAGE;
	}
}

static const char *
find_missing(const struct options *options)
{
	if (options->key == NULL)
		return "--key";
	if (options->request.issuer == NULL)
		return "--issuer";
	if (options->request.audiences == 0)
		return "-a (--audience)";
	return NULL;
}

static int
read_options(
    int argc, char **argv, struct options *options, struct jwt_fault *fault)
{
	const char *missing;
	int option, result;

	while ((option = getopt_long(
		    argc, argv, "a:t:o:", long_options, NULL)) != -1) {
		result = take_option(options, option, fault);
		if (result != EX_OK || options->help)
			return result;
	}
	if (optind < argc) {
		jwt_fault_set(fault, "no argument is wanted without an option");
		return EX_USAGE;
	}
	if ((missing = find_missing(options)) != NULL) {
		jwt_fault_set(fault, "%s is missing", missing);
		return EX_USAGE;
	}
	if (options->request.ttl == NULL)
		options->request.ttl = ISSUE_TTL_DEFAULT;
	result = EX_OK;
	if (options->user != NULL)
		result = issue_text_check("--user", options->user, fault);
	if (result == EX_OK)
		result = issue_request_check(&options->request, fault);
	return result;
}

/*
 * The steps.
 */

/* Claims of a login that was just seen, signed, if they fit. */
static int
make_token(const struct issue_request *request,
    const struct issue_signer *signer, const char *subject, char **token,
    struct jwt_fault *fault)
{
	char *claims = NULL, *report = NULL;
	int result;

	result = issue_claims_make(
	    request, subject, (int64_t)time(NULL), &claims, fault);
	if (result == EX_OK)
		result = issue_sign(signer, claims, token, fault);
	if (result == EX_OK)
		result = issue_size_check(*token, &report, fault);
	if (report != NULL) {
		fprintf(stderr, "jwt-issue: %s\n%s", fault->text, report);
		fault->text[0] = '\0';
	}
	free(claims);
	free(report);
	return result;
}

/*
 * The key is read and the file's folder looked at before the login, so that
 * nobody types a password in vain.  Nothing is given away by that: in this
 * form both are opened with no more than the caller's own permissions.
 */
static int
issue(const struct options *options, struct jwt_fault *fault)
{
	char *caller = NULL, *subject = NULL, *token = NULL;
	struct issue_output output = {.folder = -1};
	struct issue_signer *signer = NULL;
	int result;

	if ((result = issue_caller(&caller, fault)) != EX_OK)
		goto out;
	result = issue_signer_open(options->key, &signer, fault);
	if (result != EX_OK)
		goto out;
	result = issue_output_open(options->output, &output, fault);
	if (result != EX_OK)
		goto out;
	result = issue_login(options->user != NULL ? options->user : caller,
	    caller, &subject, fault);
	if (result != EX_OK)
		goto out;
	result = make_token(&options->request, signer, subject, &token, fault);
	if (result == EX_OK)
		result = issue_output_write(&output, token, fault);
out:
	issue_output_close(&output);
	issue_signer_free(signer);
	free(caller);
	free(subject);
	jwt_free_wiped(token, token == NULL ? 0 : strlen(token));
	return result;
}

/*
 * Began with a descriptor closed, the next file to be opened would be taken
 * for standard output.  Read-only, so that a token cannot vanish in there.
 */
static int
open_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd == -1)
		return EX_OSERR;
	close(fd);
	return EX_OK;
}

static int
run(int argc, char **argv, struct options *options, struct jwt_fault *fault)
{
	int result;

	if (open_standard_descriptors() != EX_OK) {
		jwt_fault_set(fault, "/dev/null: %s", strerrordesc_np(errno));
		return EX_OSERR;
	}
	/* Written for its caller's own permissions and no others. */
	if (getauxval(AT_SECURE) != 0) {
		jwt_fault_set(fault,
		    "must not be set-user-id, set-group-id or have file "
		    "capabilities: chmod ug-s, setcap -r");
		return EX_CONFIG;
	}
	/* No core file, and no debugger of another process of the caller. */
	if (prctl(PR_SET_DUMPABLE, 0) == -1) {
		jwt_fault_set(fault, "prctl: %s", strerrordesc_np(errno));
		return EX_OSERR;
	}
	result = read_options(argc, argv, options, fault);
	if (result == EX_USAGE && fault->text[0] == '\0')
		fputs(usage, stderr);
	if (result != EX_OK)
		return result;
	if (!options->help)
		return issue(options, fault);
	if (printf("%s\n%s", usage, help) < 0 || fflush(stdout) != 0) {
		jwt_fault_set(
		    fault, "standard output: %s", strerrordesc_np(errno));
		return EX_IOERR;
	}
	return EX_OK;
}

int
main(int argc, char **argv)
{
	struct jwt_fault fault = {{0}};
	struct options options = {0};
	int result = EX_OSERR;

	options.request.audience =
	    calloc((size_t)argc + 1, sizeof(*options.request.audience));
	options.request.claim =
	    calloc((size_t)argc + 1, sizeof(*options.request.claim));
	if (options.request.audience != NULL && options.request.claim != NULL)
		result = run(argc, argv, &options, &fault);
	else
		jwt_fault_set(&fault, "no memory");
	if (fault.text[0] != '\0' && result != EX_OK)
		fprintf(stderr, "jwt-issue: %s\n", fault.text);
	free(options.request.audience);
	free(options.request.claim);
	return result;
}
