/*
 * Signatures by the JOSE rules (RFC 7518 section 3, RFC 8037).
 */
#ifndef JWT_SIGNATURE_H
#define JWT_SIGNATURE_H

#include "key.h"

/* The longest signature: RSA of JWT_RSA_BITS_MAX bits, in bytes. */
#define JWT_SIGNATURE_MAX (JWT_RSA_BITS_MAX / 8)

/*
 * Checks a signature over the bytes as received.  The length is compared
 * before anything is computed; MACs are compared in constant time; PSS salts
 * are as long as the hash; ECDSA is R || S, never DER.
 * JWT_OK; JWT_CUT_OFF when it is shorter than algorithm and key make it;
 * JWT_SIGNATURE_INVALID; JWT_INTERNAL_ERROR (also when the key does not fit
 * the algorithm), JWT_NO_MEMORY.  Leaves no error in OpenSSL's queue.
 */
enum jwt_reason jwt_signature_verify(OSSL_LIB_CTX *libctx,
    const struct jwt_key *key, const struct jwt_algorithm *algorithm,
    struct jwt_slice input, struct jwt_slice signature);

/*
 * Whether OpenSSL does all of its work over a signature before it says no: it
 * has its length and its numbers their range (RFC 8017 section 5.2.2 step 1,
 * FIPS 186-5 section 6.4.2 step 1, RFC 8032 sections 5.1.7 and 5.2.7 step 1).
 * Others are refused at once, and the time would tell.
 */
bool jwt_signature_in_range(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm, struct jwt_slice signature);

/*
 * Signs into `signature` (JWT_SIGNATURE_MAX bytes), `*len` bytes long.
 * JWT_OK, JWT_INTERNAL_ERROR, JWT_NO_MEMORY.
 */
enum jwt_reason jwt_signature_make(OSSL_LIB_CTX *libctx,
    const struct jwt_key *key, const struct jwt_algorithm *algorithm,
    struct jwt_slice input, unsigned char *signature, size_t *len);

#endif
