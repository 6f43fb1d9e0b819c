/*
 * jwt-issue: the order of the steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/client.h"
#include "issuer/jwt-issue.h"
#include "tools/terminal.h"

static int
ask_service(
    const struct issue_options *options, char **token, struct jwt_fault *fault)
{
	bool piped = options->piped;
	const struct issuer_person_at person = {
	    .data = &piped, .ask = issue_ask, .tell = issue_tell};

	return issuer_client_ask(options->socket, &options->request, &person,
	    token, options->reason, fault);
}

/* What a program wants to know of the token without taking it apart. */
static int
print_json(const struct issue_options *options, const char *text,
    struct jwt_fault *fault)
{
	struct issue_token token;
	struct issue_json json;
	int result;

	result = issue_token_read(
	    jwt_slice_of(text), options->socket, &token, fault);
	if (result == EX_OK) {
		issue_json_begin(&json);
		issue_json_open(&json, NULL, '{');
		if (options->action == ISSUE_PRINT)
			issue_json_text(&json, "token", text);
		else
			issue_json_text(&json, "file", options->output);
		issue_json_strings(&json, "audience", &token.audience);
		issue_json_number(&json, "expires", token.expires);
		issue_json_close(&json, '}');
		result = issue_json_end(&json, fault);
	} else if (result != EX_OSERR) {
		result = EX_PROTOCOL;
	}
	issue_token_clear(&token);
	return result;
}

/*
 * The file's folder is looked at before the service is asked, so that nobody
 * types a password in vain.
 */
static int
get(const struct issue_options *options, struct jwt_fault *fault)
{
	struct issue_output output;
	char *token = NULL;
	int result;

	result = issue_output_open(options->output, &output, fault);
	if (result == EX_OK)
		result = ask_service(options, &token, fault);
	if (result == EX_OK &&
	    (options->action == ISSUE_INTO_FILE || !options->json))
		result = issue_output_write(&output, token, fault);
	if (result == EX_OK && options->json)
		result = print_json(options, token, fault);
	issue_output_close(&output);
	jwt_free_wiped(token, token == NULL ? 0 : strlen(token));
	return result;
}

static int
help(struct jwt_fault *fault)
{
	if (printf("%s\n%s", issue_usage, issue_help) >= 0 &&
	    fflush(stdout) == 0)
		return EX_OK;
	jwt_fault_set(fault, "standard output: %s", strerrordesc_np(errno));
	return EX_IOERR;
}

static int
act(const struct issue_options *options, struct jwt_fault *fault)
{
	switch (options->action) {
	case ISSUE_PRINT:
	case ISSUE_INTO_FILE:
		return get(options, fault);
	case ISSUE_STORE:
		return issue_store(options, ask_service, fault);
	case ISSUE_LIST:
		return issue_list(options->json, fault);
	case ISSUE_FORGET:
		return issue_forget(options->json, fault);
	case ISSUE_HELP:
		break;
	}
	return help(fault);
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

/* Written for its caller's own permissions and no others. */
static int
begin(struct jwt_fault *fault)
{
	if (open_standard_descriptors() != EX_OK) {
		jwt_fault_set(fault, "/dev/null: %s", strerrordesc_np(errno));
		return EX_OSERR;
	}
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
	return EX_OK;
}

/*
 * How it ended.
 */

static const char *
error_name(int result, enum issuer_reason reason)
{
	static const struct {
		int result;
		const char *name;
	} names[] = {{EX_USAGE, "usage"}, {EX_UNAVAILABLE, "unavailable"},
	    {EX_OSERR, "system_error"}, {EX_CANTCREAT, "cannot_create"},
	    {EX_IOERR, "output_failed"}, {EX_TEMPFAIL, "try_again"},
	    {EX_PROTOCOL, "not_understood"}, {EX_NOPERM, "not_permitted"},
	    {EX_CONFIG, "set_user_id"}};
	size_t i;

	if (reason != ISSUER_REASONS && reason != ISSUER_OK)
		return issuer_reason_name(reason);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].result == result)
			return names[i].name;
	return "internal_error";
}

/* What it says may be the service's words, or a name of anybody's. */
static void
complain(const struct issue_options *options, int result,
    const struct jwt_fault *fault)
{
	struct jwt_fault ignored;
	struct issue_json json;
	char *shown;

	shown = terminal_printable(fault->text, "\n", false);
	fprintf(stderr, "jwt-issue: %s", shown != NULL ? shown : "no memory\n");
	free(shown);
	if (options->unknown)
		fputs(issue_usage, stderr);
	if (!options->json)
		return;
	issue_json_begin(&json);
	issue_json_open(&json, NULL, '{');
	issue_json_text(&json, "error", error_name(result, *options->reason));
	issue_json_text(&json, "message", fault->text);
	issue_json_close(&json, '}');
	(void)issue_json_end(&json, &ignored);
}

int
main(int argc, char **argv)
{
	struct issue_options options = {0};
	enum issuer_reason reason = ISSUER_REASONS;
	struct jwt_fault fault = {{0}};
	int result;

	result = begin(&fault);
	if (result == EX_OK)
		result = issue_options_read(argc, argv, &options, &fault);
	options.reason = &reason;
	if (result == EX_OK)
		result = act(&options, &fault);
	if (result != EX_OK)
		complain(&options, result, &fault);
	issue_options_clear(&options);
	return result;
}
