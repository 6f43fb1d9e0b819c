/*
 * The one algorithm table: RFC 7518 section 3.1, RFC 8037, RFC 8812 (ES256K)
 * and RFC 9864 (Ed25519, Ed448).  There is no "none" in it.
 */
#ifndef JWT_ALGORITHM_H
#define JWT_ALGORITHM_H

#include <stdbool.h>

#include "text.h"

enum jwt_kty {
	JWT_KTY_OCT,
	JWT_KTY_RSA,
	JWT_KTY_EC,
	JWT_KTY_OKP
};

struct jwt_curve {
	const char *name; /* JOSE "crv" */
	enum jwt_kty kty;
	const char *group;     /* OpenSSL's name of the group or key type */
	size_t size;           /* bytes of a coordinate or a raw key */
	size_t signature_size; /* bytes of a signature */
	const char *hash;  /* that OpenSSL fetches for it unasked, or NULL */
	const char *order; /* of its base point, hexadecimal */
};

struct jwt_algorithm {
	const char *name;
	enum jwt_kty kty;
	const char *curve; /* the one curve; NULL: none, or any of OKP's */
	const char *hash;  /* OpenSSL's name; NULL for Edwards curves */
	bool pss;          /* RSASSA-PSS, else PKCS #1 v1.5 */
	size_t hash_size;  /* bytes; also PSS's salt and the least secret */
};

/* The row of a name, byte for byte; NULL: there is none. */
const struct jwt_algorithm *jwt_algorithm_find(struct jwt_slice name);

/* Row `i` of the table; NULL past its end. */
const struct jwt_algorithm *jwt_algorithm_at(size_t i);

/* The row of a curve by its JOSE name; NULL: none that we sign with. */
const struct jwt_curve *jwt_curve_find(struct jwt_slice name);

/*
 * Bytes of a signature where the algorithm alone decides them (HMAC, ECDSA,
 * Ed25519, Ed448 by name); 0 where the key does (RSA, EdDSA).
 */
size_t jwt_algorithm_signature_size(const struct jwt_algorithm *algorithm);

#endif
