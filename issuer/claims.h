/*
 * What a token says.
 */
#ifndef ISSUER_CLAIMS_H
#define ISSUER_CLAIMS_H

#include "issuer/policy.h"

/* Everything that a token is made of. */
struct issuer_grant {
	const struct issuer_config *config;
	const struct issuer_policy *policy;
	const struct issuer_person *person;
	const struct issuer_request *request;
	const char *host;  /* the kernel's name for this host */
	int64_t now;       /* seconds since the epoch: `iat`, `nbf` */
	int64_t seconds;   /* its lifetime */
	int64_t auth_time; /* when the login was seen; JWT_UNSET: none was */
};

/* Of a token's id, with its NUL. */
#define ISSUER_ID_SIZE 23

/*
 * The claims set as JSON text that the caller frees, and its `jti`.
 * ISSUER_OK; ISSUER_INTERNAL_ERROR; ISSUER_CLOCK_WRONG: a time that no claim
 * can have; ISSUER_CLAIM_NOT_ALLOWED: a name of the system that cannot stand
 * in a token.
 */
enum issuer_reason issuer_claims_make(const struct issuer_grant *grant,
    char **json, char id[ISSUER_ID_SIZE], struct jwt_fault *fault);

/*
 * Whether a token fits every prompt.  ISSUER_OK; ISSUER_TOKEN_TOO_LONG, and
 * the fault says what takes the room.
 */
enum issuer_reason issuer_size_check(const char *text, struct jwt_fault *fault);

#endif
