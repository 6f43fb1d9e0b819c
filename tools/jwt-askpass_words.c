/*
 * $JWT_COMMAND as words, without a shell.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/jwt-askpass.h"

struct splitting {
	const char *host;
	size_t host_len;
	char *out; /* where the next character goes */
	struct jwt_fault *fault;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* What stands behind a `%`. */
static bool
take_percent(struct splitting *s, char c)
{
	if (c == '%') {
		*s->out++ = '%';
		return true;
	}
	if (c != 'h') {
		jwt_fault_set(s->fault,
		    "$JWT_COMMAND: behind %% stands h, the host, or %%");
		return false;
	}
	/* It would be taken for an option, or be no name of the DNS. */
	if (!askpass_is_host((struct jwt_slice){s->host, s->host_len}) ||
	    strchr(s->host, '_') != NULL) {
		jwt_fault_set(s->fault,
		    "$JWT_COMMAND has %%h, and which host asks is not certain: "
		    "nothing is run");
		return false;
	}
	memcpy(s->out, s->host, s->host_len);
	s->out += s->host_len;
	return true;
}

/* One word, from its first character; `*command` ends up behind it. */
static bool
take_word(struct splitting *s, const char **command)
{
	const char *at = *command;
	char quote = '\0';

	for (; *at != '\0' && (quote != '\0' || !is_space(*at)); at++) {
		if (quote == '\0' && (*at == '\'' || *at == '"'))
			quote = *at;
		else if (quote != '\0' && *at == quote)
			quote = '\0';
		else if (*at != '%')
			*s->out++ = *at;
		else if (!take_percent(s, *++at))
			return false;
	}
	*s->out++ = '\0';
	*command = at;
	if (quote != '\0')
		jwt_fault_set(
		    s->fault, "$JWT_COMMAND: a %c has no other one", quote);
	return quote == '\0';
}

/* Room for each word and for what all of them can grow to, at once. */
static char **
make_room(const char *command, size_t host_len)
{
	size_t len = strlen(command), words = len / 2 + 2, i, size = len + 2;

	for (i = 0; i < len; i++)
		if (command[i] == '%')
			size += host_len;
	return malloc(words * sizeof(char *) + size);
}

bool
askpass_words_split(const char *command, const char *host, char ***words,
    struct jwt_fault *fault)
{
	struct splitting s = {
	    .host = host, .host_len = strlen(host), .fault = fault};
	size_t count = 0;

	if ((*words = make_room(command, s.host_len)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return false;
	}
	s.out = (char *)(*words + strlen(command) / 2 + 2);
	for (;;) {
		while (is_space(*command))
			command++;
		if (*command == '\0')
			break;
		(*words)[count++] = s.out;
		if (!take_word(&s, &command))
			goto failed;
	}
	(*words)[count] = NULL;
	if (count > 0 && (*words)[0][0] != '\0')
		return true;
	jwt_fault_set(fault, "$JWT_COMMAND names no command");
failed:
	free(*words);
	*words = NULL;
	return false;
}
