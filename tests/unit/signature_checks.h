/*
 * What the tests of signatures share: a key of each type and curve.
 */
#ifndef SIGNATURE_CHECKS_H
#define SIGNATURE_CHECKS_H

#include "jwt/signature.h"
#include "key_checks.h"

/* What is signed. */
#define INPUT TEXT("eyJhbGciOiJFZERTQSJ9.e30")

/* The keys have no `alg`, so each serves all that its type and curve allow. */
struct fixture {
	OSSL_LIB_CTX *libctx;
	struct jwt_key key[8];
	size_t count;
};

/* A good signature, and what is tried in its place. */
struct signature {
	unsigned char bytes[JWT_SIGNATURE_MAX + 8];
	size_t len;
};

/* A group's set-up and tear-down: its state is a fixture. */
int make_keys(void **state);
int free_keys(void **state);

/* A row that must be there, and the fixture's key for it. */
const struct jwt_algorithm *alg(const char *name);
const struct jwt_key *key_for(const struct fixture *f, const char *name);

void sign(const struct fixture *f, const char *name, struct signature *s);
enum jwt_reason verify(
    const struct fixture *f, const char *name, const void *bytes, size_t len);

#endif
