/*
 * What a person is asked and told: on the terminal, or through the pipe that
 * a script put there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"
#include "tools/terminal.h"

/* Modules pass on what servers sent, in all languages. */
static void
show(int fd, const char *text)
{
	char *shown;

	if ((shown = terminal_printable(text, "\n", false)) != NULL)
		terminal_write(fd, shown);
	free(shown);
}

void
issue_tell(void *data, const char *message)
{
	const bool *piped = data;
	int terminal = -1, fd;

	if (!*piped)
		terminal = terminal_open();
	fd = terminal != -1 ? terminal : STDERR_FILENO;
	show(fd, message);
	if (terminal != -1)
		close(terminal);
}

/* EX_OK where a terminal was there to ask on, and `*found` is what came. */
static int
ask_terminal(const char *prompt, bool echo, char *line,
    enum terminal_line *found, struct jwt_fault *fault)
{
	char *shown;
	int terminal;

	if ((terminal = terminal_open()) == -1) {
		jwt_fault_set(fault,
		    "/dev/tty: %s: no terminal to ask on: run it on one (ssh "
		    "-t), or say --stdin and write the answers into standard "
		    "input, one a line",
		    strerrordesc_np(errno));
		return EX_UNAVAILABLE;
	}
	if ((shown = terminal_printable(prompt, "", false)) == NULL) {
		jwt_fault_set(fault, "no memory");
		close(terminal);
		return EX_OSERR;
	}
	*found = terminal_ask(terminal, shown, echo, line);
	close(terminal);
	free(shown);
	return EX_OK;
}

static int
explain(enum terminal_line found, bool typed, struct jwt_fault *fault)
{
	switch (found) {
	case TERMINAL_WHOLE:
		return EX_OK;
	case TERMINAL_NONE:
		if (typed) {
			jwt_fault_set(fault, "no answer was given");
			return EX_NOPERM;
		}
		jwt_fault_set(fault,
		    "standard input ended before the answer: write the answers "
		    "into it, one a line, or leave --stdin out and run it on a "
		    "terminal (ssh -t)");
		return EX_UNAVAILABLE;
	case TERMINAL_TOO_LONG:
		jwt_fault_set(fault, "the answer has more than %d bytes",
		    typed ? TERMINAL_MAX : ISSUER_ANSWER_MAX);
		return EX_NOPERM;
	case TERMINAL_HAS_NUL:
		jwt_fault_set(fault, "the answer has a NUL in it");
		return EX_NOPERM;
	case TERMINAL_FAILED:
		break;
	}
	jwt_fault_set(
	    fault, "the answer cannot be read: %s", strerrordesc_np(errno));
	return EX_OSERR;
}

int
issue_ask(void *data, const char *prompt, bool echo, char **answer,
    struct jwt_fault *fault)
{
	const bool *piped = data;
	bool typed = !*piped;
	char line[TERMINAL_MAX + 1];
	enum terminal_line found;
	int result = EX_OK;

	*answer = NULL;
	if (typed) {
		result = ask_terminal(prompt, echo, line, &found, fault);
	} else {
		show(STDERR_FILENO, prompt);
		found = terminal_read(STDIN_FILENO, line, ISSUER_ANSWER_MAX);
	}
	if (result == EX_OK)
		result = explain(found, typed, fault);
	if (result == EX_OK && (*answer = strdup(line)) == NULL) {
		jwt_fault_set(fault, "no memory");
		result = EX_OSERR;
	}
	explicit_bzero(line, sizeof(line));
	return result;
}
