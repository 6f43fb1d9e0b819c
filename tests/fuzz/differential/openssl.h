/*
 * Signing and verifying by OpenSSL, from the RFCs: no line of the library.
 */
#ifndef OPENSSL_H
#define OPENSSL_H

#include "keypair.h"

/*
 * Signs by the key under any algorithm that its type can do; `salt` is
 * RSA_PSS_SALTLEN_DIGEST or, for a signature that is none by RFC 7518, a
 * length.  `bytes` has room for 512; the signature's length.
 */
size_t
openssl_sign(const struct keypair *key, const struct algorithm *algorithm,
    int salt, const char *input, unsigned char *bytes);

/* A MAC with any secret, HS256: what a verifier that is confused takes. */
size_t openssl_mac(const void *secret, size_t secret_len, const char *input,
    unsigned char *bytes);

/* Whether the compact token holds under the key and its one algorithm. */
bool openssl_verifies(const struct keypair *key, const char *token, size_t len);

/* The public key as PEM, the caller's to free. */
char *openssl_pem(const struct keypair *key);

/* The order of an EC key's group or of Ed25519's; NULL: it has none. */
BIGNUM *openssl_order(const struct keypair *key);

#endif
