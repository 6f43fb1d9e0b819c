/*
 * A key that lies where a provider of OpenSSL finds it, and mostly does not
 * leave: a TPM, a security module.
 */
#ifndef ISSUER_STORED_KEY_H
#define ISSUER_STORED_KEY_H

#include <openssl/provider.h>

#include "issuer/policy.h"
#include "jwt/key.h"

struct issuer_stored_key {
	OSSL_LIB_CTX *libctx; /* with the provider in it; signs */
	OSSL_PROVIDER *provider, *own;
	struct jwt_key half; /* its public half, vetted, OpenSSL's own */
	char *jwk;           /* the same for verifiers, a line of JSON */
};

/*
 * Opens the one key of `key = URI` through `provider`.  `libctx` is one
 * without the provider, and vets the public half.  `key`, which was empty, and
 * after it `stored` are given back with jwt_key_clear and
 * issuer_stored_key_close, whatever the result.
 * ISSUER_OK; ISSUER_KEYS_UNAVAILABLE: the provider cannot be loaded, there is
 * no key, more than one, one that does not lie with the provider, or one that
 * verifiers would refuse; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_stored_key_open(const struct issuer_config *config,
    OSSL_LIB_CTX *libctx, struct jwt_key *key, struct issuer_stored_key *stored,
    struct jwt_fault *fault);

/*
 * Whether the public half verifies what `key` has signed: a security module
 * finds both by a name, and two keys may have it.
 * ISSUER_OK, ISSUER_KEYS_UNAVAILABLE, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_stored_key_check(OSSL_LIB_CTX *libctx,
    const struct jwt_key *key, const struct issuer_stored_key *stored,
    const char *token, struct jwt_fault *fault);

void issuer_stored_key_close(struct issuer_stored_key *stored);

#endif
