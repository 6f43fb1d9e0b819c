/*
 * The other implementation: rhonabwy, whose cryptography is GnuTLS's.  Its
 * header and json-c's cannot be read together, so its keys are opaque here.
 */
#ifndef OTHER_H
#define OTHER_H

#include <stdbool.h>
#include <stddef.h>

void other_build(void);

/* A key from its JWK. */
void *other_key(const char *jwk);

/* A token with `note` in its header, the caller's to free. */
char *other_sign(void *key, const char *algorithm, const char *note,
    const void *payload, size_t len);

bool other_verifies(void *key, const char *token, size_t len);

#endif
