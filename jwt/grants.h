/*
 * The map file: who may become whom.  One grant a line, the local account and
 * then the conditions under which a token opens it, joined by commas:
 *
 *	deploy  repository is acme/app, ref is refs/heads/main
 *
 * Several grants may name one account.  Each needs at least one condition
 * that is not negated: a grant to everybody is a mistake.
 */
#ifndef JWT_GRANTS_H
#define JWT_GRANTS_H

#include "config.h"

struct jwt_grant {
	char *account;
	unsigned int line;
	struct jwt_conditions conditions;
};

struct jwt_grants {
	char *path;
	struct jwt_grant *at;
	size_t count;
};

/*
 * Reads and checks a map.  `*grants` is set only with JWT_OK and is given
 * back with jwt_grants_free.  JWT_CONFIG_ERROR, and `faults` has all of them;
 * JWT_NO_MEMORY.
 */
enum jwt_reason jwt_grants_read(
    const char *path, struct jwt_grants **grants, struct jwt_faults *faults);

void jwt_grants_free(struct jwt_grants *grants);

#endif
