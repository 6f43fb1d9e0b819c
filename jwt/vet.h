/*
 * The vetting of a key's parts, before anything is built of them.
 */
#ifndef JWT_VET_H
#define JWT_VET_H

#include "key.h"

#define JWT_SECRET_MAX 1024 /* bytes */

/*
 * Looks at the parts alone, and at the key's own algorithm (NULL: none).
 * JWT_OK: `*refusal` is NULL, or a sentence that says what is wrong with the
 * key, found and wanted, which the caller frees.  JWT_NO_MEMORY,
 * JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_vet(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts,
    const struct jwt_algorithm *algorithm, char **refusal);

/*
 * Whether OpenSSL decodes the bytes to a point of an Edwards curve, of small
 * order or not; it does not where x is 0.  False without memory, too.
 */
bool jwt_vet_is_point(OSSL_LIB_CTX *libctx, const struct jwt_curve *curve,
    struct jwt_slice bytes);

#endif
