/*
 * The answers that make up one token, which is longer than what a program
 * takes from its user at once.
 *
 * Whether there is more to ask for depends on lengths alone, never on what an
 * answer contains: in place of the answers for an account that does not exist
 * sshd gives its stand-in of the same length, and asking that account more
 * often, or less, would tell it from the others.
 */
#ifndef JWT_PIECES_H
#define JWT_PIECES_H

#include <stdbool.h>

#include "reason.h"
#include "text.h"

#define JWT_PIECES_MAX 200

/*
 * The greatest length within `room` after which more is asked for, since that
 * is where clients cut; 0: there is none.
 */
size_t jwt_pieces_cut(size_t room);

/* Zeroed before the first answer. */
struct jwt_pieces {
	char *text;    /* all of them together, NUL-terminated */
	size_t len;    /* bytes of it */
	size_t given;  /* the same and a `=` that was dropped from the end */
	size_t count;  /* answers */
	size_t filled; /* those of them that were not empty */
	size_t first;  /* bytes of the first one */
	bool uneven;   /* one is not as long as the first */
	bool differ;   /* one is not as the first, and not an end either */
	bool typed;    /* one is not sshd's stand-in */
	bool more;     /* the last one was as long as clients cut */
};

/*
 * Takes the next answer, which is copied.  After the first one, a lone `=`
 * says that nothing is left; it is no character of any token's end.
 * JWT_OK or JWT_NO_MEMORY; then everything is as before.
 */
enum jwt_reason jwt_pieces_add(struct jwt_pieces *pieces, const char *answer);

/*
 * How often the same answer was given where there were no others: the program
 * answers each prompt alike.  0: there were others, or one alone.
 */
size_t jwt_pieces_repeated(const struct jwt_pieces *pieces);

/*
 * How often the same answer was given before an end to it: whoever answers
 * does not know that each prompt asks for what follows.  0: there were others.
 */
size_t jwt_pieces_again(const struct jwt_pieces *pieces);

/* What was given as the password; borrowed until the next call. */
struct jwt_slice jwt_pieces_answer(const struct jwt_pieces *pieces);

/*
 * How long that is by the lengths of the answers alone: for whatever may be
 * seen from outside.  Where sshd sends its stand-in in their place, all of one
 * length are the same answer, and a `=` at the end is one character.
 */
size_t jwt_pieces_length(const struct jwt_pieces *pieces);

/*
 * Whether the password is not one of the answers as it was given, which no
 * user types who has a password.
 */
bool jwt_pieces_joined(const struct jwt_pieces *pieces);

/* Whether each answer is sshd's stand-in (jwt_is_stand_in). */
bool jwt_pieces_stand_in(const struct jwt_pieces *pieces);

/*
 * What later modules may have of it: a password as it is; of a token, and of
 * what came in pieces, sshd's stand-in of jwt_pieces_length.  In place, so
 * that it cannot fail: nothing else can be had afterwards.
 */
const char *jwt_pieces_leave(struct jwt_pieces *pieces);

/* Wipes, frees and zeroes. */
void jwt_pieces_clear(struct jwt_pieces *pieces);

#endif
