/*
 * Where the token comes from.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jwt/token.h"
#include "tools/jwt-askpass.h"

#define SHOWN 128 /* bytes of a path in a message */

void
askpass_token_free(struct askpass_token *token)
{
	jwt_free_wiped(token->bytes, token->size);
	*token = (struct askpass_token){0};
}

void
askpass_quote(char *out, size_t size, const char *name)
{
	if (jwt_resembles_token(jwt_slice_of(name)))
		snprintf(out, size, "what looks like a token, not its name");
	else
		jwt_quote(out, size, jwt_slice_of(name));
}

static void
name_source(struct askpass_token *token, const char *name)
{
	snprintf(token->where, sizeof(token->where), "%s", name);
}

bool
askpass_file_read(
    int fd, size_t max, struct askpass_token *token, struct jwt_fault *fault)
{
	size_t len;
	bool done;

	token->size = max + 1;
	done = private_file_read(
	    fd, max, token->where, &token->bytes, &len, fault);
	token->text = (struct jwt_slice){token->bytes, len};
	return done;
}

bool
askpass_token_check(const struct askpass_token *token, struct jwt_fault *fault)
{
	struct jwt_token parts;
	struct jwt_fault why = {{0}};
	enum jwt_reason result;

	result = jwt_token_split(token->text, &parts, &why);
	jwt_token_clear(&parts);
	if (result == JWT_NO_MEMORY)
		jwt_fault_set(fault, "no memory");
	else if (result != JWT_OK)
		jwt_fault_set(fault, "%s does not hold a token: %s",
		    token->where, why.text);
	return result == JWT_OK;
}

static bool
trim(struct askpass_token *token, struct jwt_fault *fault)
{
	token->text = private_text_trim(token->text);
	return askpass_token_check(token, fault);
}

/* A variable that is empty is one that is not set. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

/* A private file; `variable` is that which names it, or NULL. */
static enum private_found
read_file(const char *path, const char *variable, struct askpass_token *token,
    struct jwt_fault *fault)
{
	char quoted[SHOWN], name[2 * SHOWN];
	enum private_found found;
	bool done;
	int fd;

	askpass_quote(quoted, sizeof(quoted), path);
	snprintf(name, sizeof(name), "%s%s%s", variable == NULL ? "" : variable,
	    variable == NULL ? "" : ": ", quoted);
	name_source(token, variable == NULL ? quoted : variable);
	found = private_file_open(AT_FDCWD, path, name, &fd, fault);
	if (found != PRIVATE_FOUND)
		return found;
	done = askpass_file_read(fd, ASKPASS_TOKEN_MAX, token, fault) &&
	       trim(token, fault);
	close(fd);
	return done ? PRIVATE_FOUND : PRIVATE_FAULT;
}

/* The variable's own value, copied so that it is cut and wiped as others. */
static bool
read_variable(
    const char *value, struct askpass_token *token, struct jwt_fault *fault)
{
	name_source(token, "$BEARER_TOKEN");
	token->size = strlen(value);
	if (token->size > ASKPASS_TOKEN_MAX) {
		jwt_fault_set(fault, "%s: has more than %d bytes", token->where,
		    ASKPASS_TOKEN_MAX);
		token->size = 0;
		return false;
	}
	if ((token->bytes = strdup(value)) == NULL) {
		jwt_fault_set(fault, "no memory");
		token->size = 0;
		return false;
	}
	token->text = (struct jwt_slice){token->bytes, token->size};
	return trim(token, fault);
}

/* The file bt_u<uid> in a folder. */
static enum private_found
read_in_folder(
    const char *folder, struct askpass_token *token, struct jwt_fault *fault)
{
	enum private_found found;
	char *path;

	path = jwt_format("%s/bt_u%u", folder, (unsigned int)geteuid());
	if (path == NULL) {
		jwt_fault_set(fault, "no memory");
		return PRIVATE_FAULT;
	}
	found = read_file(path, NULL, token, fault);
	free(path);
	return found;
}

/*
 * WLCG Bearer Token Discovery.  A file that somebody named must be there; one
 * that is there and not private is a fault, since whoever put it there would
 * look for the reason in vain.
 */
static bool
discover(struct askpass_token *token, struct jwt_fault *fault)
{
	enum private_found found = PRIVATE_ABSENT;
	const char *value;

	if ((value = variable("BEARER_TOKEN")) != NULL)
		return read_variable(value, token, fault);
	if ((value = variable("BEARER_TOKEN_FILE")) != NULL)
		return read_file(value, "$BEARER_TOKEN_FILE", token, fault) ==
		       PRIVATE_FOUND;
	if ((value = variable("XDG_RUNTIME_DIR")) != NULL)
		found = read_in_folder(value, token, fault);
	if (found == PRIVATE_ABSENT)
		found = read_in_folder("/tmp", token, fault);
	if (found == PRIVATE_ABSENT)
		jwt_fault_set(fault,
		    "there is no token: name one by $JWT_FILE, or a command "
		    "that prints one by $JWT_COMMAND");
	return found == PRIVATE_FOUND;
}

bool
askpass_token_find(
    const char *host, struct askpass_token *token, struct jwt_fault *fault)
{
	const char *value;

	*token = (struct askpass_token){0};
	if ((value = variable("JWT_FILE")) != NULL) {
		token->chosen = true;
		return read_file(value, "$JWT_FILE", token, fault) ==
		       PRIVATE_FOUND;
	}
	if ((value = variable("JWT_COMMAND")) != NULL) {
		token->chosen = true;
		name_source(token, "$JWT_COMMAND");
		return askpass_command_run(value, host, token, fault) &&
		       trim(token, fault);
	}
	return discover(token, fault);
}

bool
askpass_token_read(
    const char *path, struct askpass_token *token, struct jwt_fault *fault)
{
	bool done, is_input = strcmp(path, "-") == 0;
	int fd = STDIN_FILENO;

	*token = (struct askpass_token){0};
	name_source(token, is_input ? "standard input" : "the file");
	if (!is_input)
		fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		/* Without its name, which may be the token itself. */
		jwt_fault_set(fault, "the file to read: %s; its name is wanted",
		    strerrordesc_np(errno));
		return false;
	}
	done = askpass_file_read(fd, ASKPASS_TOKEN_MAX, token, fault) &&
	       trim(token, fault);
	if (!is_input)
		close(fd);
	return done;
}
