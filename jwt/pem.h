/*
 * A PEM file that holds one public key or one X.509 certificate.
 */
#ifndef JWT_PEM_H
#define JWT_PEM_H

#include "part.h"

/* 1 when the bytes begin, at the first one, as a PEM block of any kind. */
int jwt_pem_begins(struct jwt_slice bytes);

/*
 * Takes the one public key out: PUBLIC KEY, or CERTIFICATE, of which nothing
 * else is looked at.  What stands before the block or behind it, a second
 * block, and every other kind of block or key is refused.
 * JWT_OK, and `parts`, which was empty, holds the key, not vetted yet;
 * JWT_KEYS_UNAVAILABLE, and the fault says what was found and what is taken;
 * JWT_NO_MEMORY, JWT_INTERNAL_ERROR.  `name` is the file's path.
 */
enum jwt_reason jwt_pem_read(OSSL_LIB_CTX *libctx, const char *name,
    struct jwt_slice bytes, struct jwt_parts *parts, struct jwt_fault *fault);

#endif
