#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static const struct {
	char letter;
	int error;
} errors[] = {
    {'a', EACCES},
    {'i', EINTR},
    {'n', ENOMEM},
    {'f', EMFILE},
    {'e', ENOENT},
    {'o', EIO},
    {'l', ELOOP},
    {'r', ERANGE},
    {'s', READ_SHORT},
    {'z', READ_NOTHING},
};

static const struct {
	char letter;
	enum fault fault;
} faults[] = {
    {'d', FAULT_MISSING},
    {'w', FAULT_WRITABLE},
    {'f', FAULT_FOREIGN},
    {'p', FAULT_FIFO},
    {'g', FAULT_GROWN},
    {'o', FAULT_OPEN},
};

static const struct {
	char letter;
	enum manner manner;
} manners[] = {
    {'e', FAILS},
    {'w', FAILS_WITH_ANSWER},
    {'b', WITHOUT_MEMORY},
    {'a', AGAIN},
    {'n', NO_RESPONSE},
    {'r', NO_TEXT},
    {'x', NO_FUNCTION},
    {'c', NO_CONVERSATION},
    {'p', IN_PIECES},
    {'l', IN_LESS},
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static int
error_of(char letter)
{
	size_t i;

	for (i = 0; i < ROWS(errors); i++)
		if (errors[i].letter == letter)
			return errors[i].error;
	return EIO;
}

static void
add_failure(enum call call, const char *word)
{
	struct failure *failure;
	char *end;

	if (machine.failures == FAILURES_MAX)
		return;
	failure = &machine.failure[machine.failures++];
	failure->call = call;
	failure->nth = (unsigned int)strtoul(word, &end, 10);
	failure->error = error_of(*end);
	failure->for_good = end[0] == '+' || (end[0] != '\0' && end[1] == '+');
	if (call == CALL_CRYPTO)
		machine.crypto_may_leak = true;
}

static void
read_setting(struct script *script, char letter, char *word)
{
	unsigned long place;
	char *end;
	size_t i;

	if (letter == 'x') {
		place = strtoul(word, &end, 10);
		for (i = 0; i < ROWS(faults); i++)
			if (faults[i].letter == *end && place < PLACES)
				machine.fault[place] = faults[i].fault;
	} else if (letter == 'u') {
		machine.has_account = word[0] != '-';
		machine.uid = (uid_t)strtoul(word, NULL, 10);
	} else if (letter == 't') {
		machine.now = NOW + strtoll(word, NULL, 10) % (NOW * 300);
	} else if (letter == 'c') {
		for (i = 0; i < ROWS(manners); i++)
			if (manners[i].letter == word[0])
				host.manner = manners[i].manner;
		if (word[0] != '\0')
			host.since = (unsigned int)strtoul(word + 1, NULL, 10);
	} else if (letter == 'k') {
		script->has_earlier = true;
	} else if (letter == 'q') {
		script->is_silent = true;
	} else if (letter == 'e') {
		script->calls_others = true;
	}
}

static void
read_word(struct script *script, char *word)
{
	static const char calls[CALLS + 1] = "msofrlghp";
	const char *call = strchr(calls, word[0]);

	if (call != NULL)
		add_failure((enum call)(call - calls), word + 1);
	else
		read_setting(script, word[0], word + 1);
}

static void
read_line(struct script *script, char *line)
{
	char *at, *rest;

	if (line[0] == '=') {
		host.user = line + 1;
	} else if (line[0] == '/') {
		host.service = line + 1;
	} else if (line[0] == '@') {
		host.rhost = line + 1;
	} else if (line[0] == '~') {
		host.tty = line + 1;
	} else {
		for (at = strtok_r(line, " ", &rest); at != NULL;
		     at = strtok_r(NULL, " ", &rest))
			read_word(script, at);
	}
}

/* Takes a section off the input; of the last, all. */
static struct bytes
take_section(struct bytes *input, bool is_last)
{
	static const char mark[] = "%%\n";
	struct bytes section = *input;
	const uint8_t *at =
	    is_last ? NULL
		    : memmem(input->at, input->len, mark, sizeof(mark) - 1);

	if (at != NULL) {
		section.len = (size_t)(at - input->at);
		input->at = at + sizeof(mark) - 1;
		input->len -= section.len + sizeof(mark) - 1;
	} else {
		input->len = 0;
	}
	return section;
}

static char *
string_of(struct bytes bytes)
{
	char *text = malloc(bytes.len + 1);

	if (text == NULL)
		wrong("no memory for the fuzzer itself");
	if (bytes.len > 0)
		memcpy(text, bytes.at, bytes.len);
	text[bytes.len] = '\0';
	return text;
}

/* Cuts the next line off a text; NULL at its end. */
static char *
next_line(char **text)
{
	char *line = *text;

	if (line == NULL || *line == '\0')
		return NULL;
	*text = strchr(line, '\n');
	if (*text != NULL)
		*(*text)++ = '\0';
	return line;
}

void
script_read(struct script *script, const uint8_t *bytes, size_t len)
{
	struct bytes input = {bytes, len};
	char *rest, *line;

	memset(script, 0, sizeof(*script));
	memset(&machine, 0, sizeof(machine));
	host_set_authtok(NULL);
	memset(&host, 0, offsetof(struct host, said));
	host.said[0] = host.line[0][0] = '\0';
	host.lines = host.debug_lines = 0;
	host.cut_short = false;
	machine.has_account = true;
	machine.uid = 1000;
	machine.now = NOW;
	host.user = "deploy";
	host.service = "sshd";
	host.rhost = "192.0.2.7";
	host.tty = "ssh";
	script->text = rest = string_of(take_section(&input, false));
	while ((line = next_line(&rest)) != NULL)
		read_line(script, line);
	script->arguments_text = rest = string_of(take_section(&input, false));
	while (script->arguments < ARGUMENTS_MAX &&
	       (line = next_line(&rest)) != NULL)
		script->argument[script->arguments++] = line;
	script->config = take_section(&input, false);
	script->keys = take_section(&input, false);
	script->map = take_section(&input, false);
	script->answer = take_section(&input, true);
}

void
script_clear(struct script *script)
{
	free(script->text);
	free(script->arguments_text);
	host_set_authtok(NULL);
}
