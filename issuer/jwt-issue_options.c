/*
 * What is asked for.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "issuer/jwt-issue.h"
#include "jwt/setting.h"

const char issue_usage[] =
    "usage: jwt-issue -a AUDIENCE [-a AUDIENCE ...] [-t DURATION]\n"
    "                 [--claim NAME=VALUE ...] [--long] [-o FILE | --store]\n"
    "                 [--stdin] [--json] [--socket PATH]\n"
    "       jwt-issue --list | --forget [--json]\n";

const char issue_help[] =
    "Asks jwt-issuerd for a token that says who you are, and prints it.\n"
    "\n"
    "  -a, --audience NAME   whom the token is for, such as ssh://build7;\n"
    "                        may be given again\n"
    "  -t, --ttl DURATION    how long it lives: 30s, 5m, 1h; 24h at most,\n"
    "                        and what the issuer's policy allows\n"
    "  --claim NAME=VALUE    one more claim, a string; may be given again\n"
    "  --long                more than the 510 bytes that every prompt takes\n"
    "  -o, --output FILE     into FILE (mode 0600) instead of standard\n"
    "                        output\n"
    "  --store               keep it where jwt-askpass and others look, and\n"
    "                        ask only when less than a third of its life is\n"
    "                        left\n"
    "  --stdin               read the answers from standard input, one a line,\n"
    "                        instead of asking on the terminal\n"
    "  --list                what tokens lie in those places\n"
    "  --forget              remove the one that --store kept\n"
    "  --json                say it in JSON\n"
    "  --socket PATH         where jwt-issuerd listens, if not at\n"
    "                        " ISSUER_SOCKET "\n"
    "  --help                this text\n";

enum option_value {
	OPTION_CLAIM = 0x100,
	OPTION_LONG,
	OPTION_STORE,
	OPTION_STDIN,
	OPTION_LIST,
	OPTION_FORGET,
	OPTION_JSON,
	OPTION_SOCKET,
	OPTION_HELP
};

static const struct option long_options[] = {
    {"audience", required_argument, NULL, 'a'},
    {"ttl", required_argument, NULL, 't'},
    {"claim", required_argument, NULL, OPTION_CLAIM},
    {"long", no_argument, NULL, OPTION_LONG},
    {"output", required_argument, NULL, 'o'},
    {"store", no_argument, NULL, OPTION_STORE},
    {"stdin", no_argument, NULL, OPTION_STDIN},
    {"list", no_argument, NULL, OPTION_LIST},
    {"forget", no_argument, NULL, OPTION_FORGET},
    {"json", no_argument, NULL, OPTION_JSON},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* The options that each say what becomes of the token. */
static const char *const actions[] = {
    [ISSUE_INTO_FILE] = "--output",
    [ISSUE_STORE] = "--store",
    [ISSUE_LIST] = "--list",
    [ISSUE_FORGET] = "--forget",
};

static int
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return EX_OSERR;
}

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

static int
set_action(struct issue_options *options, enum issue_action action,
    struct jwt_fault *fault)
{
	if (options->action != ISSUE_PRINT && options->action != action) {
		jwt_fault_set(fault, "%s and %s do not go together",
		    actions[options->action], actions[action]);
		return EX_USAGE;
	}
	options->action = action;
	return EX_OK;
}

static int
add_claim(struct issuer_request *request, struct jwt_fault *fault)
{
	const char *equals = strchr(optarg, '=');
	bool added;
	char *name;

	if (equals == NULL) {
		jwt_fault_set(fault, "--claim wants NAME=VALUE");
		return EX_USAGE;
	}
	if ((name = strndup(optarg, (size_t)(equals - optarg))) == NULL)
		return no_memory(fault);
	added = jwt_strings_add(&request->claim, name) &&
	        jwt_strings_add(&request->value, equals + 1);
	free(name);
	return added ? EX_OK : no_memory(fault);
}

static int
set_ttl(struct issuer_request *request, struct jwt_fault *fault)
{
	if (request->seconds != 0) {
		jwt_fault_set(fault, "--ttl is there twice");
		return EX_USAGE;
	}
	if (!jwt_parse_duration(optarg, &request->seconds)) {
		jwt_fault_set(
		    fault, "--ttl: not a duration, such as 300, 30s, 5m or 1h");
		return EX_USAGE;
	}
	/* What would mean the policy's own to the service. */
	if (request->seconds >= 1 && request->seconds <= ISSUER_TTL_MAX)
		return EX_OK;
	jwt_fault_set(fault,
	    "--ttl: %.40s is %lld seconds; from 1 to %d (24h) can be asked "
	    "for",
	    optarg, (long long)request->seconds, ISSUER_TTL_MAX);
	return EX_USAGE;
}

static int
take_option(struct issue_options *options, int option, char **argv,
    struct jwt_fault *fault)
{
	struct issuer_request *request = &options->request;
	char quoted[64];
	int result;

	switch (option) {
	case 'a':
		return jwt_strings_add(&request->audience, optarg)
		           ? EX_OK
		           : no_memory(fault);
	case 't':
		return set_ttl(request, fault);
	case 'o':
		result = set_once(&options->output, "--output", fault);
		return result != EX_OK
		           ? result
		           : set_action(options, ISSUE_INTO_FILE, fault);
	case OPTION_CLAIM:
		return add_claim(request, fault);
	case OPTION_LONG:
		request->any_length = true;
		return EX_OK;
	case OPTION_STORE:
		return set_action(options, ISSUE_STORE, fault);
	case OPTION_STDIN:
		options->piped = true;
		return EX_OK;
	case OPTION_LIST:
		return set_action(options, ISSUE_LIST, fault);
	case OPTION_FORGET:
		return set_action(options, ISSUE_FORGET, fault);
	case OPTION_JSON:
		options->json = true;
		return EX_OK;
	case OPTION_SOCKET:
		return set_once(&options->socket, "--socket", fault);
	default:
		options->unknown = true;
		jwt_quote(
		    quoted, sizeof(quoted), jwt_slice_of(argv[optind - 1]));
		jwt_fault_set(fault,
		    "%s is no option of jwt-issue, or wants another value",
		    quoted);
		return EX_USAGE;
	}
}

/* What is asked for, where something is; and nothing where nothing can be. */
static int
check(const struct issue_options *options, struct jwt_fault *fault)
{
	const struct issuer_request *request = &options->request;
	enum issuer_reason reason;
	char *line;

	if (options->action == ISSUE_LIST || options->action == ISSUE_FORGET) {
		if (request->audience.count == 0 && request->seconds == 0 &&
		    request->claim.count == 0 && !request->any_length &&
		    !options->piped && options->socket == NULL)
			return EX_OK;
		jwt_fault_set(fault,
		    "%s asks for no token: only --json goes "
		    "with it",
		    actions[options->action]);
		return EX_USAGE;
	}
	if (request->audience.count == 0) {
		jwt_fault_set(fault, "-a (--audience) is missing");
		return EX_USAGE;
	}
	reason = issuer_request_write(request, &line, fault);
	free(line);
	if (reason == ISSUER_OK)
		return EX_OK;
	return reason == ISSUER_INTERNAL_ERROR ? EX_OSERR : EX_USAGE;
}

int
issue_options_read(int argc, char **argv, struct issue_options *options,
    struct jwt_fault *fault)
{
	int option, found, result = EX_OK;
	struct jwt_fault later;

	*options = (struct issue_options){0};
	opterr = 0;
	/* To the end, so that --json counts wherever it stands. */
	while ((option = getopt_long(
		    argc, argv, "a:t:o:", long_options, NULL)) != -1) {
		if (option == OPTION_HELP && result == EX_OK) {
			options->action = ISSUE_HELP;
			return EX_OK;
		}
		found = take_option(
		    options, option, argv, result == EX_OK ? fault : &later);
		if (result == EX_OK)
			result = found;
	}
	if (result == EX_OK && optind < argc) {
		jwt_fault_set(fault, "no argument is wanted without an option");
		result = EX_USAGE;
	}
	if (result == EX_OK)
		result = check(options, fault);
	if (options->socket == NULL)
		options->socket = ISSUER_SOCKET;
	return result;
}

void
issue_options_clear(struct issue_options *options)
{
	issuer_request_clear(&options->request);
}
