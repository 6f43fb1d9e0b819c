/*
 * The keys of one issuer, from one file: PEM public key, X.509 certificate,
 * JWK or JWKS; or `oct` JWKs alone, in a file that nobody else may read.
 */
#ifndef JWT_KEYSET_H
#define JWT_KEYSET_H

#include <sys/stat.h>

#include "key.h"

#define JWT_KEYS_FILE_MAX (256 * 1024) /* bytes */

struct jwt_keyset {
	struct jwt_key *key;
	size_t count; /* usable ones and refused ones */
	size_t usable;
	size_t skipped; /* other use, type or curve: not examined */
	char *refusals; /* each refused key and why; NULL: none */
};

/*
 * Reads a key file's bytes.  `mode` is the file's: a set of secrets is
 * refused when group or others have any permission.  `name` is the file's
 * path, for the fault.
 * JWT_OK, though a set may hold nothing usable (see `usable`);
 * JWT_KEYS_UNAVAILABLE when the file as a whole is refused: no key file at
 * all, strict JSON fails, two keys of one kid, a private member, symmetric
 * beside public keys, a PEM with anything but one public key or certificate;
 * JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason
jwt_keyset_parse(OSSL_LIB_CTX *libctx, const char *name, struct jwt_slice bytes,
    mode_t mode, struct jwt_keyset **set, struct jwt_fault *fault);

/*
 * The same for the file itself, opened as file.h says; a file that cannot be
 * used is JWT_KEYS_UNAVAILABLE, too.
 */
enum jwt_reason jwt_keyset_read(OSSL_LIB_CTX *libctx, const char *path,
    struct jwt_keyset **set, struct jwt_fault *fault);

/*
 * The same for the one private JWK (or oct JWK) that signs.
 */
enum jwt_reason jwt_key_parse_private(OSSL_LIB_CTX *libctx, const char *name,
    struct jwt_slice bytes, mode_t mode, struct jwt_key *key,
    struct jwt_fault *fault);

/*
 * The key that serves a token.  A `kid` (NULL: the token has none) chooses
 * the key that has it; where no key has it, the one fitting key without kid;
 * a token without kid, the one fitting key.  No trial of one key after
 * another.  `*key` is borrowed from the set.
 * JWT_OK, JWT_UNKNOWN_KEY, JWT_KEY_REFUSED; the fault says what was looked
 * for and what is there.
 */
enum jwt_reason jwt_keyset_choose(const struct jwt_keyset *set,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid,
    const struct jwt_key **key, struct jwt_fault *fault);

/*
 * Whether a refused key would have been the one: only its `alg` counts, or
 * without it type and curve.
 */
bool jwt_key_would_fit(
    const struct jwt_key *key, const struct jwt_algorithm *algorithm);

void jwt_keyset_free(struct jwt_keyset *set);

#endif
