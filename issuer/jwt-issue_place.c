/*
 * Where programs look for tokens.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"
#include "jwt/token.h"
#include "tools/private_file.h"

/* A variable that is empty is one that is not set. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static bool
in_folder(struct issue_place *place, const char *folder)
{
	place->path = jwt_format("%s/bt_u%u", folder, (unsigned int)geteuid());
	return place->path != NULL;
}

int
issue_places_find(struct issue_places *places, struct jwt_fault *fault)
{
	struct issue_place *at = places->at;
	const char *value;
	bool done = true;

	*places = (struct issue_places){
	    .at = {[ISSUE_BEARER_TOKEN] = {.name = "$BEARER_TOKEN"},
		[ISSUE_BEARER_TOKEN_FILE] = {.name = "$BEARER_TOKEN_FILE"},
		[ISSUE_RUNTIME_DIR] = {.name = "$XDG_RUNTIME_DIR"},
		[ISSUE_TMP] = {.name = "/tmp"}}};
	at[ISSUE_BEARER_TOKEN].value = variable("BEARER_TOKEN");
	if ((value = variable("BEARER_TOKEN_FILE")) != NULL) {
		at[ISSUE_BEARER_TOKEN_FILE].is_token =
		    jwt_resembles_token(jwt_slice_of(value)) == 1;
		at[ISSUE_BEARER_TOKEN_FILE].path = strdup(value);
		done = at[ISSUE_BEARER_TOKEN_FILE].path != NULL;
	}
	if (done && (value = variable("XDG_RUNTIME_DIR")) != NULL)
		done = in_folder(&at[ISSUE_RUNTIME_DIR], value);
	if (done && in_folder(&at[ISSUE_TMP], "/tmp"))
		return EX_OK;
	jwt_fault_set(fault, "no memory");
	return EX_OSERR;
}

void
issue_places_clear(struct issue_places *places)
{
	struct issue_place *at = places->at;
	size_t i;

	for (i = 0; i < ISSUE_PLACES; i++)
		jwt_free_wiped(
		    at[i].path, at[i].path == NULL ? 0 : strlen(at[i].path));
	*places = (struct issue_places){0};
}

/*
 * What lies there.
 */

int
issue_stored_read(int folder, const char *path, const char *what,
    struct issue_stored *stored, struct jwt_fault *fault)
{
	enum private_found found;
	int fd, result = EX_OSERR;
	struct stat st;
	size_t len;

	*stored = (struct issue_stored){0};
	found = private_file_open_own(folder, path, what, &fd, fault);
	if (found != PRIVATE_FOUND)
		return found == PRIVATE_ABSENT ? EX_NOINPUT : EX_NOPERM;
	stored->size = JWT_TOKEN_MAX + 1;
	if (fstat(fd, &st) == -1) {
		jwt_fault_set(
		    fault, "%.200s: %s", what, strerrordesc_np(errno));
	} else if (private_file_read(
		       fd, JWT_TOKEN_MAX, what, &stored->bytes, &len, fault)) {
		stored->text = (struct jwt_slice){stored->bytes, len};
		stored->loose = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
		result = EX_OK;
	} else if (stored->bytes != NULL && len > JWT_TOKEN_MAX) {
		result = EX_NOPERM;
	}
	close(fd);
	return result;
}

void
issue_stored_clear(struct issue_stored *stored)
{
	jwt_free_wiped(stored->bytes, stored->bytes == NULL ? 0 : stored->size);
	*stored = (struct issue_stored){0};
}
