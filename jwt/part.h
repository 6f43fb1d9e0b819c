/*
 * The parts of keys: one table of what JWK (RFC 7518 section 6, RFC 8037) and
 * OpenSSL call them, and the way between parts and OpenSSL's key object.
 */
#ifndef JWT_PART_H
#define JWT_PART_H

#include "key.h"

#define JWT_PARTS 14 /* rows of the table */

struct jwt_part {
	const char *name; /* of the JWK member */
	enum jwt_kty kty;
	size_t offset;     /* of its slice in struct jwt_key_parts */
	bool secret;       /* wiped after use; of RSA, EC and OKP: private */
	const char *param; /* OpenSSL's name, where it is a number there */
};

/* Row `i`; 0 <= i < JWT_PARTS. */
const struct jwt_part *jwt_part_at(size_t i);

/* The row's slice in a key's parts. */
struct jwt_slice *
jwt_part_of(struct jwt_key_parts *parts, const struct jwt_part *part);
struct jwt_slice
jwt_part_get(const struct jwt_key_parts *parts, const struct jwt_part *part);

/* The JWK name of a key type. */
const char *jwt_kty_name(enum jwt_kty kty);

/* Parts together with the memory that they lie in; `owned` by row. */
struct jwt_parts {
	struct jwt_key_parts parts;
	unsigned char *owned[JWT_PARTS];
};

/* Puts row `i` in; `bytes` is transferred. */
void jwt_parts_set(
    struct jwt_parts *parts, size_t i, unsigned char *bytes, size_t len);

/* Wipes all of it and gives it back. */
void jwt_parts_clear(struct jwt_parts *parts);

/*
 * OpenSSL's object from vetted parts (RSA, EC, OKP), private where `d` is
 * there.  JWT_OK, JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_parts_to_pkey(
    OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts, EVP_PKEY **pkey);

/*
 * The public parts of OpenSSL's object, or the private ones as well, into
 * `parts`, whose kty and curve the caller has set from the same object.
 * JWT_OK, JWT_NO_MEMORY; JWT_INTERNAL_ERROR: the object does not have them.
 */
enum jwt_reason jwt_parts_from_pkey(
    const EVP_PKEY *pkey, bool with_private, struct jwt_parts *parts);

#endif
