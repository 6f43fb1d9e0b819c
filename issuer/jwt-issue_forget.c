/*
 * --forget: takes away what --store kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"

#define SHOWN 160 /* bytes of a path in a message */

/*
 * Only what is the caller's and has a token's shape; whatever it says.  EX_OK,
 * and `*removed`; EX_NOINPUT: no file is there.
 */
static int
forget_one(const char *path, const char *what, struct jwt_fault *fault)
{
	struct issue_token token = {0};
	struct issue_stored stored;
	int result;

	result = issue_stored_read(AT_FDCWD, path, what, &stored, fault);
	if (result == EX_OK) {
		result = issue_token_read(stored.text, what, &token, fault);
		if (result == EX_NOINPUT)
			result = EX_NOPERM;
		if (result == EX_DATAERR)
			result = EX_OK;
		issue_token_clear(&token);
	}
	if (result == EX_OK && unlink(path) == -1) {
		jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
		result = EX_NOPERM;
	}
	issue_stored_clear(&stored);
	return result;
}

static int
say(const char *what, struct jwt_fault *fault)
{
	char line[SHOWN + 16];

	snprintf(line, sizeof(line), "%s%s\n",
	    what == NULL ? "nothing is stored" : "removed ",
	    what == NULL ? "" : what);
	return issue_output_text(line, strlen(line), fault);
}

static int
say_json(const struct issue_places *places, const bool *removed,
    struct jwt_fault *fault)
{
	struct issue_json json;
	size_t i;

	issue_json_begin(&json);
	issue_json_open(&json, NULL, '{');
	issue_json_open(&json, "removed", '[');
	for (i = 0; i < ISSUE_PLACES; i++)
		if (removed[i])
			issue_json_text(&json, NULL, places->at[i].path);
	issue_json_close(&json, ']');
	issue_json_close(&json, '}');
	return issue_json_end(&json, fault);
}

/*
 * All places, so that no program finds the next one; but where
 * $BEARER_TOKEN_FILE is set none looks further, and nothing is stored further
 * on.  A fault in one of them keeps none of the others.
 */
static int
forget_all(const struct issue_places *places, bool json, bool *removed,
    bool *any, struct jwt_fault *fault)
{
	const struct issue_place *place;
	int found, result = EX_OK;
	struct jwt_fault ignored;
	char what[SHOWN];
	size_t i;

	for (i = 0; i < ISSUE_PLACES; i++) {
		place = &places->at[i];
		if (place->path == NULL || place->is_token)
			continue;
		jwt_quote(what, sizeof(what), jwt_slice_of(place->path));
		found = forget_one(
		    place->path, what, result == EX_OK ? fault : &ignored);
		removed[i] = found == EX_OK;
		*any = *any || removed[i];
		if (found == EX_NOINPUT)
			found = EX_OK;
		else if (removed[i] && !json)
			found = say(what, result == EX_OK ? fault : &ignored);
		if (result == EX_OK)
			result = found;
		if (i == ISSUE_BEARER_TOKEN_FILE)
			break;
	}
	return result;
}

int
issue_forget(bool json, struct jwt_fault *fault)
{
	bool removed[ISSUE_PLACES] = {false}, any = false;
	struct issue_places places = {0};
	int result;

	result = issue_places_find(&places, fault);
	if (result == EX_OK)
		result = forget_all(&places, json, removed, &any, fault);
	if (result == EX_OK && json)
		result = say_json(&places, removed, fault);
	else if (result == EX_OK && !any)
		result = say(NULL, fault);
	issue_places_clear(&places);
	return result;
}
