/*
 * Who signs: the active key of the key folder, or one that lies elsewhere.
 */
#ifndef ISSUER_SIGNER_H
#define ISSUER_SIGNER_H

#include "issuer/policy.h"
#include "issuer/stored_key.h"

struct issuer_signer {
	OSSL_LIB_CTX *libctx;
	struct jwt_key key;
	struct issuer_stored_key stored; /* where it is one */
	int credential; /* where the key is one: to be read; -1: not there */
	int64_t since;  /* when the key became active; 0: not known */
};

/*
 * What must be done while files, providers and memory may still be had that
 * the signing process is later kept from; opens no key.
 * ISSUER_OK, ISSUER_INTERNAL_ERROR, ISSUER_KEYS_UNAVAILABLE.
 */
enum issuer_reason issuer_signer_prepare(const struct issuer_config *config,
    struct issuer_signer *signer, struct jwt_fault *fault);

/*
 * Opens the key, and notes in the key folder that it signs tokens of this
 * lifetime, so that it stays published for as long as they live.
 * ISSUER_OK; ISSUER_KEYS_UNAVAILABLE: there is none, or it cannot be read;
 * ISSUER_CONFIG_ERROR: a file mode or owner; ISSUER_CLOCK_WRONG: `now` is
 * before the key became active; ISSUER_STORE_UNAVAILABLE: the note cannot be
 * written; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason
issuer_signer_open(const struct issuer_config *config, int64_t now,
    int64_t lifetime, struct issuer_signer *signer, struct jwt_fault *fault);

/* `*token` is the caller's to wipe and free. */
enum issuer_reason issuer_signer_sign(const struct issuer_signer *signer,
    const char *typ, const char *claims, char **token, struct jwt_fault *fault);

void issuer_signer_clear(struct issuer_signer *signer);

#endif
