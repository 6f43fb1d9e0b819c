/*
 * A text that grows until it is written, so that nothing is where memory ran
 * out; and what makes any text safe to show: it is printable ASCII.
 */
#ifndef JWTCTL_TEXT_H
#define JWTCTL_TEXT_H

#include <stdbool.h>

#include "jwt/text.h"

struct ctl_text {
	char *at; /* NULL: nothing yet */
	size_t len, room;
	bool failed; /* no memory: what it holds is not whole */
	bool colour;
};

enum ctl_colour {
	CTL_GREEN,
	CTL_RED,
	CTL_YELLOW,
	CTL_BOLD
};

void ctl_text_add(struct ctl_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Our own words as they are, but for what a configuration may have brought in:
 * bytes outside printable ASCII as \xNN.
 */
void ctl_text_own(struct ctl_text *text, const char *words);

/* Foreign text, whole, as jwt_quote has it. */
void ctl_text_quoted(struct ctl_text *text, struct jwt_slice foreign);

/* Printable ASCII as a JSON string. */
void ctl_text_json(struct ctl_text *text, struct jwt_slice ascii);

/* From here on in this colour, and no more; nothing where there is none. */
void ctl_text_paint(struct ctl_text *text, enum ctl_colour colour);
void ctl_text_plain(struct ctl_text *text);

/*
 * Whether standard output takes colours: it is a terminal, and neither TERM
 * nor NO_COLOR (https://no-color.org) says otherwise.
 */
bool ctl_wants_colour(void);

/* Writes it to standard output and gives it back; false: no memory. */
bool ctl_text_write(struct ctl_text *text);

#endif
