/*
 * What the tests of the issuer's policy share.
 */
#ifndef POLICY_CHECKS_H
#define POLICY_CHECKS_H

#include "issuer/policy.h"

/* [issuer] with what it needs, in four lines. */
#define POLICY_ISSUER                           \
	"[issuer]\n"                            \
	"issuer = https://issuer.example.com\n" \
	"keys = /var/lib/keys\n"                \
	"\n"

/* Reads a text as a file; a fault fails the test.  For issuer_config_free. */
struct issuer_config *policy_of(const char *text);

/* All its faults, a `|` behind each, F for the file; "" when it has none. */
const char *policy_faults_of(const char *text);

/* Puts words, separated by spaces, into a list that is empty. */
void policy_words(struct jwt_strings *strings, const char *words);

#endif
