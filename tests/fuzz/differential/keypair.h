/*
 * Two keys for each algorithm, made by OpenSSL when the fuzzer starts and
 * given to all three: to the library and to the other implementation as JWK
 * texts, written here.
 */
#ifndef KEYPAIR_H
#define KEYPAIR_H

#include <openssl/evp.h>

#include "jwt/keyset.h"

/* From RFC 7518 section 3, RFC 8037, RFC 8812 and RFC 9864. */
struct algorithm {
	const char *name;
	const char *type;  /* "oct", "RSA", "EC" or "OKP" */
	const char *curve; /* JOSE's name */
	const char *group; /* OpenSSL's */
	const char *hash;  /* NULL: the curve has its own */
	size_t size;       /* bytes of a signature; 0: as the RSA key's */
	bool is_pss;
	bool other_has_it;
};

struct keypair {
	const struct algorithm *algorithm;
	EVP_PKEY *pkey; /* NULL for a secret */
	unsigned char secret[64];
	size_t signature_size;     /* bytes */
	char *public_text;         /* its JWK */
	struct jwt_key private;    /* the library's */
	struct jwt_keyset *public; /* of this key alone */
	void *other_private; /* the other's; NULL: it has not the algorithm */
	void *other_public;
};

#define KEYPAIRS 2

/* The library's context. */
extern OSSL_LIB_CTX *keypair_libctx;

void keypair_build(void);
size_t keypair_algorithms(void);
const struct keypair *keypair(size_t algorithm, size_t i);

/* Of the row; NULL: there is none. */
const struct algorithm *algorithm_find(const char *name);

#endif
