/*
 * The program that logs somebody in, and libpam between it and the module:
 * what both of them were told is kept here.
 */
#ifndef HOST_H
#define HOST_H

#include "machine.h"

/* How the conversation answers. */
enum manner {
	ANSWERS,
	FAILS,
	FAILS_WITH_ANSWER,
	WITHOUT_MEMORY,
	AGAIN,
	NO_RESPONSE,
	NO_TEXT,
	NO_FUNCTION,
	NO_CONVERSATION,
	IN_PIECES,
	IN_LESS /* fails on more than sudo carries, until it is told so */
};

#define LINES_MAX 4
#define LINE_SIZE 8192

struct host {
	const char *user, *service, *rhost, *tty; /* NULL: not known */
	const char *answer;
	enum manner manner;
	unsigned int since; /* that prompt; those before get pieces */
	bool learnt;
	/* What the module did. */
	char *authtok;
	unsigned int asked, told, exported;
	char said[LINE_SIZE]; /* to the user, the last of it */
	unsigned int lines, debug_lines;
	char line[LINES_MAX][LINE_SIZE];
	int priority[LINES_MAX];
	bool cut_short; /* an item that is there could not be had */
};

extern struct host host;

/* PAM_AUTHTOK as an earlier module left it. */
void host_set_authtok(const char *text);

#endif
