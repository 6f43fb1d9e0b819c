/*
 * OpenSSL as this library uses it: in a context of its own.
 */
#ifndef JWT_LIBCTX_H
#define JWT_LIBCTX_H

#include <openssl/crypto.h>

/*
 * A context with OpenSSL's built-in algorithms alone, whatever providers and
 * properties the process has set for itself.  No configuration file is read,
 * neither now nor later: where nobody in this process has loaded OpenSSL's
 * yet, nobody will.  Given back with OSSL_LIB_CTX_free; NULL: no memory.
 */
OSSL_LIB_CTX *jwt_libctx_new(void);

#endif
