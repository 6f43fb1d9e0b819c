/*
 * What the tests of verdicts share: keys, tokens, a configuration, a clock.
 * A text that is given back is borrowed until 64 others were.
 */
#ifndef JUDGING_H
#define JUDGING_H

#include "jwt/verdict.h"

#define NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */

/*
 * Group set-up and tear-down: a scratch folder, and in it the file `keys`
 * with the public halves of `ed` (EdDSA) and `es` (ES256).
 */
int judging_make(void **state);
int judging_remove(void **state);

/* Makes a key pair; its name is its kid, or it has another. */
void make_key(const char *name, const char *algorithm);
void make_key_of(const char *name, const char *algorithm, const char *kid);

/* Writes the keys that are named, spaces between, as a JWKS, mode 0600. */
const char *write_keys(const char *file, const char *names);

/* The public half, a JWK; of a secret, all of it. */
const char *public_key(const char *name);

/* A token of a header and a payload as they stand, signed by a key. */
const char *signed_by(const char *key, const char *header, const char *payload);

/* The usual claims, good for `deploy` now, with these members instead; a
 * member whose value is "-" is left out. */
const char *claims_but(const char *changes);

/* A token of `ed` with such claims. */
const char *token_with(const char *changes);

/* The usual section and more settings for it, or more sections. */
const char *config_with(const char *more);

/* printf into one of the rooms. */
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An attempt; what is NULL or 0 is as usual. */
struct hearing {
	const char *config;
	const char *answer;
	const char *user, *service, *host;
	int64_t now;
	bool no_host, explain;
	size_t repeated, again, at_most;
};

/* Judges; the verdict is for jwt_verdict_clear. */
enum jwt_reason
hear(const struct hearing *hearing, struct jwt_verdict *verdict);

/* Fails unless this is the reason; says what the verdict said. */
void expect(const struct hearing *hearing, enum jwt_reason reason);

/* The same for a token with such claims and the usual rest. */
void expect_claims(const char *changes, enum jwt_reason reason);

#endif
