/*
 * What an attacker may do to a token that somebody signed.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "keypair.h"

struct text {
	char *at; /* the caller's to free; a NUL follows, and may be inside */
	size_t len;
};

#define ATTACK_SIZE 4 /* bytes of an input that say what is done */

void attack(struct text *token, const struct keypair *key,
    const uint8_t how[ATTACK_SIZE]);

#endif
