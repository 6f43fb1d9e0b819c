/*
 * The prompts by which a long token is asked for in pieces.  What the module
 * asks and what jwt-askpass answers is one grammar:
 *
 *	JWT: 				the beginning
 *	JWT (from 1023): 		what follows the first 1023 characters
 *	JWT (from 0, at most 511): 	the same, and no more than 511 of it
 */
#ifndef JWT_PROMPT_H
#define JWT_PROMPT_H

#include <stdbool.h>

#include "text.h"

#define JWT_PROMPT_FIRST "JWT: "
#define JWT_PROMPT_SIZE 64 /* bytes, the NUL included */

struct jwt_prompt {
	size_t from;    /* characters that were given already */
	size_t at_most; /* characters; 0: no limit is named */
};

/* Writes a prompt for what comes next; `at_most` 0 names no limit. */
void jwt_prompt_write(char text[JWT_PROMPT_SIZE], size_t from, size_t at_most);

/*
 * Reads one of the three, to the letter: decimal numbers below a million
 * without leading zeros, the last space included and nothing behind it.
 * false: it is none.
 */
bool jwt_prompt_read(struct jwt_slice text, struct jwt_prompt *prompt);

#endif
