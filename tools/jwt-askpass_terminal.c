/*
 * What a server asks a person.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"
#include "tools/terminal.h"

/* The terminal, and the text as it can be shown there; the caller's both. */
static bool
begin(const char *text, const char *after, int *terminal, char **shown,
    struct jwt_fault *fault)
{
	if ((*terminal = terminal_open()) == -1) {
		jwt_fault_set(fault,
		    "this is no prompt for a token, and there is no terminal "
		    "to ask on (/dev/tty: %s): name another askpass program "
		    "by $JWT_NEXT_ASKPASS",
		    strerrordesc_np(errno));
		return false;
	}
	if ((*shown = terminal_printable(text, after, true)) != NULL)
		return true;
	jwt_fault_set(fault, "no memory");
	close(*terminal);
	return false;
}

static void
end(int terminal, char *shown)
{
	free(shown);
	close(terminal);
}

bool
askpass_terminal_tell(const char *message, struct jwt_fault *fault)
{
	char *shown;
	int terminal;

	if (!begin(message, "\n", &terminal, &shown, fault))
		return false;
	terminal_write(terminal, shown);
	end(terminal, shown);
	return true;
}

bool
askpass_terminal_ask(const char *prompt, bool echo, struct jwt_fault *fault)
{
	char line[TERMINAL_MAX + 1], *shown;
	bool written = false;
	int terminal;

	if (!begin(prompt, "", &terminal, &shown, fault))
		return false;
	switch (terminal_ask(terminal, shown, echo, line)) {
	case TERMINAL_WHOLE:
		written = askpass_write(jwt_slice_of(line), fault);
		break;
	case TERMINAL_NONE:
		jwt_fault_set(fault, "no answer was given");
		break;
	case TERMINAL_TOO_LONG:
		jwt_fault_set(
		    fault, "the answer has more than %d bytes", TERMINAL_MAX);
		break;
	case TERMINAL_HAS_NUL:
		jwt_fault_set(fault, "the answer has a NUL in it");
		break;
	case TERMINAL_FAILED:
		jwt_fault_set(
		    fault, "the terminal: %s", strerrordesc_np(errno));
		break;
	}
	end(terminal, shown);
	explicit_bzero(line, sizeof(line));
	return written;
}
