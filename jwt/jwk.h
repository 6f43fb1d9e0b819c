/*
 * One JWK (RFC 7517): what it is for, and the key that it holds.
 */
#ifndef JWT_JWK_H
#define JWT_JWK_H

#include "key.h"

/*
 * Strict JSON, an object; it is given back with jwt_json_free_wiped.
 * JWT_OK; JWT_KEYS_UNAVAILABLE, and the fault names the file; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_jwk_parse(const char *name, struct jwt_slice bytes,
    struct json_object **object, struct jwt_fault *fault);

/*
 * The name of the first private member of an RSA, EC or OKP key, or of one
 * that does not say what it is; NULL: it has none.  `k` is one, too.
 */
const char *jwt_jwk_private_member(const struct json_object *jwk);

/* 1 when it is a key of this type, whatever its use. */
int jwt_jwk_is(const struct json_object *jwk, enum jwt_kty kty);

/*
 * Reads one key into `key`, which was empty; the public parts, or for
 * `with_private` both, and then a probe shows that they belong together.
 * JWT_OK: key->refusal is NULL, or says why the key is not to be used, and
 * then `*skipped` tells whether it is only meant for something else (use,
 * key_ops, type, curve or algorithm) and was not examined.
 * JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason
jwt_jwk_read(OSSL_LIB_CTX *libctx, const struct json_object *jwk,
    bool with_private, struct jwt_key *key, bool *skipped);

#endif
