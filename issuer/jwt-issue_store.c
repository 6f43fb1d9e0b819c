/*
 * --store: a token where jwt-askpass and others look, and another one only
 * when that one nears its end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"
#include "tools/private_file.h"

#define SHOWN 160 /* bytes of a path in a message */

/*
 * Where to.
 */

/* The caller's own, for nobody else. */
static bool
is_own_folder(const char *path)
{
	struct stat st;

	return path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() &&
	       (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* One where nobody takes away or replaces what is another's. */
static bool
is_sticky_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
	       (st.st_mode & S_ISVTX) != 0;
}

static int
choose(const struct issue_places *places, const char **path,
    struct jwt_fault *fault)
{
	const struct issue_place *at = places->at;
	const char *folder = getenv("XDG_RUNTIME_DIR");

	if (at[ISSUE_BEARER_TOKEN_FILE].is_token) {
		jwt_fault_set(fault,
		    "$BEARER_TOKEN_FILE: what looks like a token, not the "
		    "name of a file");
		return EX_CANTCREAT;
	}
	if (at[ISSUE_BEARER_TOKEN_FILE].path != NULL) {
		*path = at[ISSUE_BEARER_TOKEN_FILE].path;
	} else if (at[ISSUE_RUNTIME_DIR].path != NULL && folder != NULL &&
		   is_own_folder(folder)) {
		*path = at[ISSUE_RUNTIME_DIR].path;
	} else if (is_sticky_folder("/tmp")) {
		*path = at[ISSUE_TMP].path;
	} else {
		jwt_fault_set(fault,
		    "no place is fit for a token: $XDG_RUNTIME_DIR is no "
		    "folder of your own with mode 0700, and /tmp not root's "
		    "and sticky; name a file by $BEARER_TOKEN_FILE");
		return EX_CANTCREAT;
	}
	return EX_OK;
}

/*
 * What is there.
 */

/*
 * EX_OK, and `*serves` where nothing need be asked; else the file must not be
 * replaced.
 */
static int
look(const struct issue_output *output, const char *what,
    const struct issuer_request *request, struct issue_token *token,
    bool *serves, struct jwt_fault *fault)
{
	struct issue_stored stored;
	int result;

	*serves = false;
	result = issue_stored_read(
	    output->folder, output->name, what, &stored, fault);
	if (result == EX_NOINPUT ||
	    (result == EX_OK && private_text_trim(stored.text).len == 0)) {
		issue_stored_clear(&stored);
		return EX_OK;
	}
	if (result == EX_OK)
		result = issue_token_read(stored.text, what, token, fault);
	if (result == EX_OK)
		*serves = !stored.loose && issue_token_serves(token, request,
					       (int64_t)time(NULL));
	issue_stored_clear(&stored);
	/* It is a token, and nobody will miss it. */
	if (result == EX_DATAERR)
		return EX_OK;
	return result == EX_NOINPUT || result == EX_NOPERM ? EX_CANTCREAT
	                                                   : result;
}

/*
 * What came of it.
 */

static int
report(const struct issue_options *options, const char *path, const char *what,
    const struct issue_token *token, bool renewed, struct jwt_fault *fault)
{
	char left[ISSUE_LEFT_SIZE];
	struct issue_json json;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "jwt-issue: %s: %s; it %s\n", what,
		    renewed ? "stored"
			    : "the token there is for the same, and nothing "
			      "was asked",
		    issue_token_left(left, token, (int64_t)time(NULL)));
	if (!options->json)
		return EX_OK;
	issue_json_begin(&json);
	issue_json_open(&json, NULL, '{');
	issue_json_text(&json, "file", path);
	issue_json_strings(&json, "audience", &token->audience);
	issue_json_number(&json, "expires", token->expires);
	issue_json_bool(&json, "renewed", renewed);
	issue_json_close(&json, '}');
	return issue_json_end(&json, fault);
}

static int
renew(const struct issue_options *options, issue_get *get,
    const struct issue_output *output, const char *what,
    struct issue_token *token, struct jwt_fault *fault)
{
	char *text = NULL;
	int result;

	issue_token_clear(token);
	result = get(options, &text, fault);
	if (result == EX_OK)
		result = issue_token_read(
		    jwt_slice_of(text), "jwt-issuerd", token, fault);
	/* What cannot be read is none, and keeps none that can. */
	if (result == EX_DATAERR || result == EX_NOINPUT)
		result = EX_PROTOCOL;
	if (result == EX_OK)
		result = issue_output_write(output, text, fault);
	if (result == EX_OK)
		result =
		    report(options, output->path, what, token, true, fault);
	jwt_free_wiped(text, text == NULL ? 0 : strlen(text));
	return result;
}

int
issue_store(const struct issue_options *options, issue_get *get,
    struct jwt_fault *fault)
{
	struct issue_output output = {.folder = -1};
	struct issue_places places = {0};
	struct issue_token token = {0};
	const char *path = NULL;
	char what[SHOWN];
	bool serves;
	int result;

	result = issue_places_find(&places, fault);
	if (result == EX_OK)
		result = choose(&places, &path, fault);
	if (result == EX_OK) {
		jwt_quote(what, sizeof(what), jwt_slice_of(path));
		result = issue_output_open(path, &output, fault);
	}
	if (result == EX_OK)
		result = look(
		    &output, what, &options->request, &token, &serves, fault);
	if (result == EX_OK && places.at[ISSUE_BEARER_TOKEN].value != NULL)
		fputs("jwt-issue: $BEARER_TOKEN is set, and every program "
		      "takes that token before a stored one: unset it\n",
		    stderr);
	if (result == EX_OK)
		result =
		    serves ? report(options, path, what, &token, false, fault)
			   : renew(options, get, &output, what, &token, fault);
	issue_token_clear(&token);
	issue_output_close(&output);
	issue_places_clear(&places);
	return result;
}
