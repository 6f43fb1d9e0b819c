/*
 * What an attacker may do to a token that somebody signed.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include "ring.h"

struct text {
	char *at; /* the caller's to free; a NUL follows, and may be inside */
	size_t len;
};

#define MUTATION_SIZE 4 /* bytes of an input that say what is done */

void mutate(struct text *token, const struct ring_key *key,
    const uint8_t how[MUTATION_SIZE]);

#endif
