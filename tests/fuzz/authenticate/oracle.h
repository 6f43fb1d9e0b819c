/*
 * What must hold of an attempt to log in, whatever was given and whatever
 * failed.  Written from the documents, not from the module.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "script.h"

struct attempt {
	const struct script *script;
	const char *answer;     /* the one token or password */
	struct bytes elsewhere; /* what else of the input the log may hold */
	int result;             /* a PAM code */
	bool usual_config;      /* nothing but the usual configuration */
};

/* Stops the fuzzer when something does not. */
void oracle_check(const struct attempt *attempt);

#endif
