/*
 * One key: what it is, what it may be used for, and its vetting.
 *
 * OpenSSL loads RSA keys with e = 1, the point at infinity and small-order
 * Edwards keys, so each key is vetted here before it is built, always by
 * EVP_PKEY_fromdata or as a raw key.
 */
#ifndef JWT_KEY_H
#define JWT_KEY_H

#include <openssl/evp.h>

#include "algorithm.h"
#include "json.h"
#include "reason.h"
#include "text.h"

#define JWT_RSA_BITS_MIN 2048
#define JWT_RSA_BITS_MAX 8192

struct jwt_key {
	char *kid; /* NULL: it has none */
	size_t kid_len;
	const struct jwt_algorithm *algorithm; /* NULL: any that fits */
	enum jwt_kty kty;
	const struct jwt_curve *curve; /* of EC and OKP */
	EVP_PKEY *pkey;                /* NULL for a secret or a refused key */
	unsigned char *secret;         /* of oct */
	size_t secret_len;             /* bytes */
	bool is_private;               /* can sign */
	char *refusal; /* why vetting refused it; NULL: usable */
};

/*
 * A key's parts before it is built, each as the key file has them: RSA n and
 * e (big endian, no leading zero), EC x and y, OKP x (raw), oct k; and the
 * private parts where they are wanted.  Borrowed from the caller.
 */
struct jwt_key_parts {
	enum jwt_kty kty;
	const struct jwt_curve *curve;
	struct jwt_slice n, e, x, y, k;
	struct jwt_slice d, p, q, dp, dq, qi;
};

/*
 * 1 when type, curve and the key's own `alg` (by equality) allow this
 * algorithm, and a secret is long enough for it (RFC 7518 section 3.2).
 */
int
jwt_key_fits(const struct jwt_key *key, const struct jwt_algorithm *algorithm);

/* Bytes of a signature by this key under an algorithm that fits it. */
size_t jwt_key_signature_size(
    const struct jwt_key *key, const struct jwt_algorithm *algorithm);

/*
 * Vets the parts and builds the key into `key`, whose kid and algorithm the
 * caller has set.  A key that fails the vetting is no error here: JWT_OK, and
 * key->refusal says why.  JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_key_build(OSSL_LIB_CTX *libctx,
    const struct jwt_key_parts *parts, struct jwt_key *key);

/*
 * The algorithm a private key signs with: its own `alg`, else the usual one
 * of its type and curve (EdDSA, ES256 ..., RS256, HS256).
 */
const struct jwt_algorithm *
jwt_key_signing_algorithm(const struct jwt_key *key);

/* RFC 7638 SHA-256 thumbprint of the parts, base64url; NULL: no memory. */
char *
jwt_key_thumbprint(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts);

/*
 * Makes a key pair and writes both halves as JWK texts with `kid` (the
 * thumbprint unless given), `alg` and `use`, each the caller's to wipe and
 * free.  For HS algorithms both texts are the secret's.
 * JWT_OK, JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason
jwt_key_generate(OSSL_LIB_CTX *libctx, const struct jwt_algorithm *algorithm,
    const char *kid, char **private_jwk, char **public_jwk);

/*
 * The public half as a JWK text, as jwt_key_generate writes it, with the kid
 * and the algorithm that the key signs with; the caller's to free.
 * JWT_OK, JWT_NO_MEMORY; JWT_INTERNAL_ERROR: nothing signs with such a key.
 */
enum jwt_reason jwt_key_public_jwk(OSSL_LIB_CTX *libctx,
    const struct jwt_key_parts *parts, const struct jwt_key *key, char **text);

/* Wipes the secret, gives back what the key holds, not the struct itself. */
void jwt_key_clear(struct jwt_key *key);

#endif
