/*
 * Keys of every kind, and one token for each algorithm and curve, which
 * log in as `deploy` at RING_NOW by RING_CONFIG.
 */
#ifndef FUZZ_RING_H
#define FUZZ_RING_H

#include "jwt/text.h"

#define RING_NOW INT64_C(1800000000)
#define RING_TOKENS 17
#define RING_FIRST_PUBLIC 3 /* of the tokens; those before are HMAC's */
#define RING_TOKEN_EDDSA 13

#define RING_PUBLIC_PATH "/keys/public"
#define RING_SECRET_PATH "/keys/secret"

/* Two JWKS, the public keys and the secrets. */
extern const char ring_public[];
extern const char ring_secret[];
extern const char *const ring_token[RING_TOKENS];

/* Whether this header.payload was signed by one of these keys. */
int ring_has_signed(struct jwt_slice input);

#endif
