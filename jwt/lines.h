/*
 * The form that all our configuration files have: sections, settings, lists,
 * quotes, comments and continued lines; and the words of a value alone, for
 * options that stand elsewhere.
 *
 *	[section words]		; a comment after white space
 *	key = word "a quoted word" word
 *	    continued by indentation
 *
 * A `"` opens a word at its beginning and closes it at its end; between them
 * there is no escape.  A comma outside quotes is a word of its own, which
 * only conditions and pam.d lists take.
 */
#ifndef JWT_LINES_H
#define JWT_LINES_H

#include <stdbool.h>

#include "reason.h"
#include "text.h"

struct jwt_word {
	char *text; /* never empty */
	bool quoted;
	bool comma;
	unsigned int line; /* 0: not from a file */
};

struct jwt_words {
	struct jwt_word *at;
	size_t count;
};

/* How the words of a line are to be read. */
enum jwt_lines_form {
	JWT_LINES_SETTINGS, /* sections and `key = value` */
	JWT_LINES_GRANTS    /* words alone: the map file */
};

struct jwt_line {
	unsigned int line; /* 0: the end of the file */
	bool section;
	char *key;              /* of a setting, else NULL */
	struct jwt_words words; /* may be empty after `key =` */
};

struct jwt_lines {
	struct jwt_slice rest;
	unsigned int line; /* the last one that was read */
	enum jwt_lines_form form;
};

/*
 * The next line with its continuations.  `line` is given back with
 * jwt_line_clear, whatever the result.
 * JWT_OK, also at the end; JWT_CONFIG_ERROR, with `line->line` and a
 * fault, after which reading may go on; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_lines_next(
    struct jwt_lines *lines, struct jwt_line *line, struct jwt_fault *fault);

void jwt_line_clear(struct jwt_line *line);

/*
 * Adds the words of one value that stands in no file; comments do not exist
 * there.  Results as above, the fault without a line number.
 */
enum jwt_reason jwt_words_split(
    struct jwt_words *words, struct jwt_slice text, struct jwt_fault *fault);

void jwt_words_clear(struct jwt_words *words);

#endif
