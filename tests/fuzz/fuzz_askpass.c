/*
 * The argument of jwt-askpass, most of which a server writes, and after a
 * line that is `--` the words of $JWT_COMMAND.  Read again in other words,
 * slowly: what the host is, and that nothing of the server's changes it.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tools/jwt-askpass.h"

static char *
copy(struct jwt_slice text)
{
	char *string = strndup(text.len == 0 ? "" : text.at, text.len);

	check(string != NULL, "no memory");
	return string;
}

/* What ssh's own text would have to be for this host, and nothing else. */
static void
check_host(const char *argument, const struct askpass_prompt *prompt)
{
	const char *end = strstr(argument, ") "), *at;
	size_t len = strlen(prompt->host);

	check(askpass_is_host(jwt_slice_of(prompt->host)) == 1,
	    "the host is none");
	check(argument[0] == '(' && end != NULL,
	    "a host without ssh's words in front");
	check((size_t)(end - argument) > len + 2 &&
		  end[-(ptrdiff_t)len - 1] == '@' &&
		  memcmp(end - len, prompt->host, len) == 0,
	    "the host is not what stands before the first parenthesis");
	check(memchr(argument, '\n', (size_t)(end - argument)) == NULL,
	    "the host stands in another line than the first");
	at = strchr(end, '@');
	check(at == NULL || strstr(at, ") ") == NULL,
	    "a host, and another one behind it");
}

static void
check_prompt(const char *argument, const struct askpass_prompt *prompt)
{
	const char *line = strrchr(argument, '\n'), *end;
	char text[JWT_PROMPT_SIZE];

	line = line == NULL ? argument : line + 1;
	if (line == argument && prompt->of_ssh) {
		end = strstr(argument, ") ");
		check(end != NULL, "ssh's words have no end");
		line = end + 2;
	}
	jwt_prompt_write(text, prompt->asked.from, prompt->asked.at_most);
	check(strcmp(line, JWT_PROMPT_FIRST) == 0 || strcmp(line, text) == 0,
	    "the last line is no prompt to the letter");
}

/* A server's text behind the same words of ssh gives the same host or none. */
static void
check_more(const char *argument, const struct askpass_prompt *prompt)
{
	static const char *const texts[] = {"(x@evil) JWT: ",
	    "\n(x@evil) JWT: ", "@evil) \nJWT: ", "\nJWT (from 7): "};
	struct askpass_prompt other;
	char *longer;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		longer = jwt_format("%s%s", argument, texts[i]);
		check(longer != NULL, "no memory");
		askpass_prompt_read(jwt_slice_of(longer), false, &other);
		check(!prompt->of_ssh || other.host[0] == '\0' ||
			  strcmp(other.host, prompt->host) == 0,
		    "a server's text makes another host");
		free(longer);
	}
}

/* No word begins with what the host brings, and all are from the command. */
static void
split(const char *command, const char *host)
{
	struct jwt_fault fault;
	size_t i, len = 0;
	char **words;

	fault.text[0] = '\0';
	if (!askpass_words_split(command, host, &words, &fault)) {
		check(words == NULL && fault.text[0] != '\0',
		    "no words, and not why");
		return;
	}
	check(words[0] != NULL && words[0][0] != '\0', "no command");
	check(host[0] != '\0' || strstr(command, "%h") == NULL ||
		  strstr(command, "%%h") != NULL,
	    "a host that is not there");
	for (i = 0; words[i] != NULL; i++)
		len += strlen(words[i]);
	check(
	    len <= strlen(command) * (strlen(host) + 1), "words from nowhere");
	free(words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice rest = {(const char *)bytes, len}, part;
	struct askpass_prompt prompt, by_sudo;
	char *argument, *command;

	part = take_part(&rest);
	argument = copy(part);
	command = copy(rest);
	part = jwt_slice_of(argument);
	askpass_prompt_read(part, false, &prompt);
	check(prompt.of_ssh || prompt.host[0] == '\0', "a host out of nothing");
	if (prompt.host[0] != '\0')
		check_host(argument, &prompt);
	if (prompt.is_jwt)
		check_prompt(argument, &prompt);
	check_more(argument, &prompt);
	askpass_prompt_read(part, true, &by_sudo);
	check(by_sudo.host[0] == '\0' && !by_sudo.of_ssh,
	    "a host in sudo's prompt");
	(void)askpass_is_question(part);
	split(command, prompt.host);
	free(argument);
	free(command);
	return 0;
}
