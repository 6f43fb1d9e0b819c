/*
 * The terminal, for what only a person can answer.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of a line that is typed: the kernel throws away what comes beyond
 * 4095, so a line of 4095 may be a cut one.
 */
#define TERMINAL_MAX 4094

enum terminal_line {
	TERMINAL_FAILED = 0, /* errno says why */
	TERMINAL_WHOLE,
	TERMINAL_NONE, /* the end came first */
	TERMINAL_TOO_LONG,
	TERMINAL_HAS_NUL
};

/* For terminal_ask; the caller's to close.  -1, and errno says why. */
int terminal_open(void);

/*
 * What somebody else wrote, so that it cannot steer a terminal, and `end` as
 * it is: control characters but newline and tab as \xNN; with `ascii` all but
 * printable ASCII and newlines, for some terminals know more that steer them.
 * The caller frees it; NULL: no memory.
 */
char *terminal_printable(const char *text, const char *end, bool ascii);

/* Writes all of it, as it is. */
void terminal_write(int fd, const char *text);

/*
 * Shows the prompt as it is and reads the line that is typed, with or without
 * echo, which is as it was afterwards, whatever signal came.  `line` has room
 * for TERMINAL_MAX bytes and a NUL.
 */
enum terminal_line
terminal_ask(int terminal, const char *prompt, bool echo, char *line);

/* A line of `max` bytes at most, and a NUL, from what is no terminal. */
enum terminal_line terminal_read(int fd, char *line, size_t max);

#endif
