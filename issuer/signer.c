#include "issuer/signer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "issuer/ring.h"
#include "jwt/file.h"
#include "jwt/keyset.h"
#include "jwt/libctx.h"
#include "jwt/token.h"

enum issuer_reason
issuer_signer_prepare(const struct issuer_config *config,
    struct issuer_signer *signer, struct jwt_fault *fault)
{
	(void)config;
	*signer = (struct issuer_signer){.libctx = jwt_libctx_new()};
	if (signer->libctx != NULL)
		return ISSUER_OK;
	jwt_fault_set(fault, "no memory");
	return ISSUER_INTERNAL_ERROR;
}

/* Of the library's reasons, ours. */
static enum issuer_reason
reason_of(enum jwt_reason reason, const char *path, struct jwt_fault *fault)
{
	switch (reason) {
	case JWT_OK:
		return ISSUER_OK;
	case JWT_CONFIG_ERROR: /* its owner or mode */
		return ISSUER_CONFIG_ERROR;
	case JWT_KEYS_UNAVAILABLE:
		return ISSUER_KEYS_UNAVAILABLE;
	default:
		jwt_fault_set(fault, "%s: no memory, or OpenSSL failed", path);
		return ISSUER_INTERNAL_ERROR;
	}
}

static enum issuer_reason
read_key(
    struct issuer_signer *signer, const char *path, struct jwt_fault *fault)
{
	struct jwt_file file = {0};
	enum jwt_reason reason;

	reason = jwt_file_read(path, JWT_KEYS_FILE_MAX, &file, fault);
	if (reason == JWT_OK && (file.mode & 077) != 0) {
		jwt_fault_set(fault,
		    "%s: a private key in a file of mode %04o, wanted 0600: "
		    "chmod 600, and rotate the key if others could read it",
		    path, (unsigned int)(file.mode & 07777));
		reason = JWT_CONFIG_ERROR;
	}
	if (reason == JWT_OK)
		reason = jwt_key_parse_private(signer->libctx, path,
		    (struct jwt_slice){file.bytes, file.len}, file.mode,
		    &signer->key, fault);
	jwt_file_free(&file);
	return reason_of(reason, path, fault);
}

/* The ring's active key, as long as it is that. */
static enum issuer_reason
open_active(const struct issuer_config *config, const struct issuer_ring *ring,
    int64_t lifetime, struct issuer_signer *signer, bool *again,
    struct jwt_fault *fault)
{
	const struct issuer_ring_key *key;
	enum issuer_reason result = ISSUER_OK;
	char *path;

	*again = false;
	if ((key = issuer_ring_in(ring, ISSUER_KEY_ACTIVE)) == NULL) {
		jwt_fault_set(fault,
		    "%s: no key is active: jwtctl key new, or activate",
		    config->keys);
		return ISSUER_KEYS_UNAVAILABLE;
	}
	if (lifetime > key->longest)
		result =
		    issuer_ring_note(config->keys, key->kid, lifetime, fault);
	if (result != ISSUER_OK)
		return result;
	path = issuer_ring_path(config->keys, key->kid, "jwk");
	if (path == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	if (access(path, F_OK) == -1 && errno == ENOENT) {
		*again = true;
		jwt_fault_set(fault,
		    "%s: the active key is not there: jwtctl key rotate", path);
		result = ISSUER_KEYS_UNAVAILABLE;
	} else {
		result = read_key(signer, path, fault);
		signer->since = key->activated;
	}
	free(path);
	return result;
}

enum issuer_reason
issuer_signer_open(const struct issuer_config *config, int64_t now,
    int64_t lifetime, struct issuer_signer *signer, struct jwt_fault *fault)
{
	enum issuer_reason result;
	struct issuer_ring ring;
	bool again = true;
	int tries;

	/* It may be retired between the look at the ring and at the key. */
	for (tries = 0, result = ISSUER_INTERNAL_ERROR; again && tries < 2;
	     tries++) {
		again = false;
		result = issuer_ring_read(config->keys, &ring, fault);
		if (result == ISSUER_OK)
			result = issuer_ring_check_clock(&ring, now, fault);
		if (result == ISSUER_OK)
			result = open_active(
			    config, &ring, lifetime, signer, &again, fault);
		issuer_ring_clear(&ring);
	}
	return result;
}

enum issuer_reason
issuer_signer_sign(const struct issuer_signer *signer, const char *typ,
    const char *claims, char **token, struct jwt_fault *fault)
{
	*token = NULL;
	return reason_of(jwt_token_sign(signer->libctx, &signer->key, typ,
			     jwt_slice_of(claims), token),
	    "signing", fault);
}

void
issuer_signer_clear(struct issuer_signer *signer)
{
	jwt_key_clear(&signer->key);
	OSSL_LIB_CTX_free(signer->libctx);
	*signer = (struct issuer_signer){0};
}
