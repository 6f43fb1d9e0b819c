/*
 * What is asked for is no token.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

static bool
run(const char *program, const char *argument, struct jwt_fault *fault)
{
	char quoted[128];

	/* Were it this program again, it would find none. */
	unsetenv("JWT_NEXT_ASKPASS");
	signal(SIGPIPE, SIG_DFL);
	execlp(program, program, argument, (char *)NULL);
	askpass_quote(quoted, sizeof(quoted), program);
	jwt_fault_set(
	    fault, "$JWT_NEXT_ASKPASS: %s: %s", quoted, strerrordesc_np(errno));
	return false;
}

bool
askpass_next(const char *argument, struct jwt_fault *fault)
{
	const char *program = getenv("JWT_NEXT_ASKPASS");
	const char *kind = getenv("SSH_ASKPASS_PROMPT");
	bool echo;

	if (program != NULL && program[0] != '\0')
		return run(program, argument, fault);
	/* ssh tells something and waits for a key to be touched, say. */
	if (kind != NULL && strcmp(kind, "none") == 0)
		return askpass_terminal_tell(argument, fault);
	echo = (kind != NULL && strcmp(kind, "confirm") == 0) ||
	       askpass_is_question(jwt_slice_of(argument));
	return askpass_terminal_ask(argument, echo, fault);
}
