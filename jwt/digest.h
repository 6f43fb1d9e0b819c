/*
 * SHA-256 (FIPS 180-4), in hexadecimal.
 */
#ifndef JWT_DIGEST_H
#define JWT_DIGEST_H

#include <openssl/types.h>

#include "reason.h"
#include "text.h"

#define JWT_DIGEST_SIZE 65 /* of its text, with the NUL */

/* JWT_OK; JWT_INTERNAL_ERROR: OpenSSL failed. */
enum jwt_reason jwt_digest(
    OSSL_LIB_CTX *libctx, struct jwt_slice bytes, char digest[JWT_DIGEST_SIZE]);

#endif
