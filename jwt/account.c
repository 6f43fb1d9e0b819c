/*
 * Whether tokens may open this account at all, whatever they say.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "setting.h"
#include "trial.h"

#define LOGIN_DEFS "/etc/login.defs"
#define UID_MIN_DEFAULT 1000
#define UID_NOBODY 65534
#define NAME_MAX_BYTES 255

/*
 * [A-Za-z_][A-Za-z0-9_.@-]* with a final $ allowed, so that no name is a
 * number, an option, a path or two names, or is unlike what it looks like.
 */
bool
jwt_login_name_is_well_formed(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.@-";
	size_t len;

	if (name[0] == '\0' || strchr(first, name[0]) == NULL)
		return false;
	len = strspn(name, rest);
	if (name[len] == '$')
		len++;
	return len <= NAME_MAX_BYTES && name[len] == '\0';
}

int
jwt_account_uid(const char *name, bool *known, uid_t *uid)
{
	struct passwd passwd, *found = NULL;
	size_t size = 1024;
	char *buffer = NULL, *grown;
	int error;

	do {
		size *= 2;
		if ((grown = realloc(buffer, size)) == NULL) {
			free(buffer);
			return ENOMEM;
		}
		buffer = grown;
		error = getpwnam_r(name, &passwd, buffer, size, &found);
	} while ((error == EINTR || error == ERANGE) && size < 1024 * 1024);
	*known = error == 0 && found != NULL;
	if (*known)
		*uid = found->pw_uid;
	jwt_free_wiped(buffer, size);
	return error;
}

/* The number behind `UID_MIN` in the text; false: a fault. */
static bool
parse_uid_min(const char *text, uid_t *uid_min)
{
	static const char key[] = "UID_MIN";
	const char *line = text, *at;
	unsigned long value;
	char *end;

	for (; line != NULL; line = at == NULL ? NULL : at + 1) {
		at = strchr(line, '\n');
		line += strspn(line, " \t");
		if (strncmp(line, key, sizeof(key) - 1) != 0)
			continue;
		line += sizeof(key) - 1;
		if (*line != ' ' && *line != '\t')
			continue;
		line += strspn(line, " \t\"");
		if (*line < '0' || *line > '9')
			return false;
		errno = 0;
		value = strtoul(line, &end, 0);
		if (errno != 0 || value > UINT32_MAX ||
		    (*end != '\0' && strchr(" \t\n\"", *end) == NULL))
			return false;
		*uid_min = (uid_t)value;
	}
	return true;
}

/* The first uid of people on this host (login.defs(5)). */
static enum jwt_reason
read_uid_min(uid_t *uid_min, struct jwt_fault *fault)
{
	struct jwt_file file;
	enum jwt_reason result;
	struct stat st;

	*uid_min = UID_MIN_DEFAULT;
	if (stat(LOGIN_DEFS, &st) == -1 && errno == ENOENT)
		return JWT_OK;
	result = jwt_file_read(LOGIN_DEFS, JWT_CONFIG_MAX, &file, fault);
	if (result == JWT_CONFIG_ERROR)
		return JWT_INTERNAL_ERROR;
	if (result != JWT_OK)
		return result;
	if (!parse_uid_min(file.bytes, uid_min)) {
		jwt_fault_set(fault, "a number behind UID_MIN in " LOGIN_DEFS);
		result = JWT_INTERNAL_ERROR;
	}
	jwt_file_free(&file);
	return result;
}

enum jwt_reason
jwt_uid_is_a_persons(
    uid_t uid, bool *persons, uid_t *uid_min, struct jwt_fault *fault)
{
	enum jwt_reason result;

	if ((result = read_uid_min(uid_min, fault)) == JWT_OK)
		*persons = uid != 0 && uid >= *uid_min && uid != UID_NOBODY;
	return result;
}

static enum jwt_reason
check_uid(struct jwt_trial *trial, uid_t uid)
{
	struct jwt_fault fault = {""};
	enum jwt_reason result;
	bool persons;
	uid_t uid_min;

	result = jwt_uid_is_a_persons(uid, &persons, &uid_min, &fault);
	if (result != JWT_OK) {
		if (fault.text[0] != '\0')
			trial->expected = strdup(fault.text);
		return result;
	}
	trial->seen = jwt_format("uid %u", (unsigned int)uid);
	if (persons)
		return JWT_OK;
	trial->expected = jwt_format("an account of a person (UID_MIN %u), or "
				     "one named in system_accounts",
	    (unsigned int)uid_min);
	return JWT_USER_NOT_ALLOWED;
}

enum jwt_reason
jwt_step_account(struct jwt_trial *trial)
{
	const char *user = trial->attempt->user;
	bool known = false;
	uid_t uid = 0;
	int error;

	if (!jwt_login_name_is_well_formed(user)) {
		trial->expected = strdup("a login name of letters, digits and "
					 "_ . @ -, 255 at most, that begins "
					 "with a letter or _");
		trial->seen = jwt_excerpt(jwt_slice_of(user));
		return JWT_USER_NOT_ALLOWED;
	}
	if (jwt_strings_have(&trial->issuer->system_accounts, user)) {
		trial->expected = strdup("any, for system_accounts names it");
		return JWT_OK;
	}
	error = jwt_account_uid(user, &known, &uid);
	if (error == ENOMEM)
		return JWT_NO_MEMORY;
	if (error != 0) {
		trial->expected = jwt_format("an answer of the account "
					     "database, which failed: %s",
		    strerrordesc_np(error));
		return JWT_INTERNAL_ERROR;
	}
	/* By its name too, whatever the database says of it. */
	if (strcmp(user, "root") == 0 && (!known || uid != 0)) {
		trial->expected = strdup("root in system_accounts");
		trial->seen = known ? jwt_format("uid %u", (unsigned int)uid)
		                    : strdup("no such account on this host");
		return JWT_USER_NOT_ALLOWED;
	}
	if (known)
		return check_uid(trial, uid);
	trial->expected = strdup("a well-formed name");
	trial->seen = strdup("no such account on this host; the account phase "
			     "decides whether it may log in");
	return JWT_OK;
}
