/*
 * The issuer: keys of its own and signatures by OpenSSL, without a line of
 * the library that is tested.  Its Ed25519 key and its secret are always the
 * same, so that a token in a corpus stays good.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include "machine.h"

void signer_build(void);

/* Its public keys, a JWKS. */
struct bytes signer_keys(void);

/*
 * Signs: `e` by Ed25519, `h` by HS256, anything else by ES256.  The token is
 * the caller's to free.
 */
char *signer_sign(char key, struct bytes header, struct bytes claims);

/* Whether the token is one that these keys signed, byte for byte. */
bool signer_signed(const char *token);

/* The bytes of a part, 0 the header and 1 the claims; NULL: none. */
unsigned char *signer_part(const char *token, unsigned int part, size_t *len);

#endif
