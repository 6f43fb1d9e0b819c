/*
 * The argument: who asks, and what for.  Nearly all of it is the server's.
 */
#include <string.h>

#include "tools/jwt-askpass.h"

#define END_OF_NAME ") " /* of ssh's `(user@host) ` */

bool
askpass_is_host(struct jwt_slice name)
{
	size_t i;

	if (name.len == 0 || name.len > ASKPASS_NAME_MAX || name.at[0] == '-')
		return false;
	for (i = 0; i < name.len; i++)
		if (!(name.at[i] >= 'a' && name.at[i] <= 'z') &&
		    !(name.at[i] >= 'A' && name.at[i] <= 'Z') &&
		    !(name.at[i] >= '0' && name.at[i] <= '9') &&
		    memchr(".:-_", name.at[i], 4) == NULL)
			return false;
	return true;
}

static const char *
find(struct jwt_slice text, const char *word)
{
	return text.len == 0 ? NULL
	                     : memmem(text.at, text.len, word, strlen(word));
}

static struct jwt_slice
behind(struct jwt_slice text, const char *at)
{
	return (struct jwt_slice){at, (size_t)(text.at + text.len - at)};
}

static struct jwt_slice
last_line(struct jwt_slice text)
{
	const char *newline = memrchr(text.at, '\n', text.len);

	return newline == NULL ? text : behind(text, newline + 1);
}

/*
 * A user's name may come from somebody else's URL, and with `x@build7) y` the
 * prompt would begin as that of another host.  Then ssh's own `@host) ` comes
 * later, wherever; a text of the server's that looks so costs it the host.
 */
static bool
is_ambiguous(struct jwt_slice rest)
{
	const char *at = rest.len == 0 ? NULL : memchr(rest.at, '@', rest.len);

	return at != NULL && find(behind(rest, at), END_OF_NAME) != NULL;
}

/* `(user@host) ` is taken off, and the host, where there is one, kept. */
static void
take_client(struct jwt_slice *argument, struct askpass_prompt *prompt)
{
	struct jwt_slice client, name;
	const char *end, *at;

	if (argument->len == 0 || argument->at[0] != '(' ||
	    (end = find(*argument, END_OF_NAME)) == NULL)
		return;
	client = (struct jwt_slice){
	    argument->at + 1, (size_t)(end - argument->at) - 1};
	at = client.len == 0 ? NULL : memrchr(client.at, '@', client.len);
	/* A line ends no sooner than the client's own text. */
	if (at == NULL || at == client.at || find(client, "\n") != NULL)
		return;
	prompt->of_ssh = true;
	*argument = behind(*argument, end + strlen(END_OF_NAME));
	name = behind(client, at + 1);
	if (!askpass_is_host(name) || is_ambiguous(*argument))
		return;
	memcpy(prompt->host, name.at, name.len);
	prompt->host[name.len] = '\0';
}

void
askpass_prompt_read(
    struct jwt_slice argument, bool by_sudo, struct askpass_prompt *prompt)
{
	*prompt = (struct askpass_prompt){0};
	if (!by_sudo)
		take_client(&argument, prompt);
	prompt->is_jwt = jwt_prompt_read(last_line(argument), &prompt->asked);
}

bool
askpass_is_question(struct jwt_slice argument)
{
	/* OpenSSH's own words: confirm() in sshconnect.c, and no others. */
	return find(argument, "(yes/no") != NULL ||
	       find(argument, "Please type 'yes'") != NULL;
}
