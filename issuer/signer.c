/*
 * Who signs: a key of the key folder, a credential of systemd, or a key that
 * a provider of OpenSSL finds.
 */
#include "issuer/signer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "issuer/ring.h"
#include "jwt/keyset.h"
#include "jwt/libctx.h"
#include "jwt/token.h"

/* How often a key may be replaced between the ring and its file. */
#define TRIES 3

/* A kind of place where the key can lie, by the setting that names it. */
struct place {
	const char *setting;
	size_t offset; /* of its value in the configuration: char * */
	enum issuer_reason (*open)(const struct issuer_config *config,
	    int64_t now, int64_t lifetime, struct issuer_signer *signer,
	    struct jwt_fault *fault);
};

static enum issuer_reason
check_clock(const struct issuer_ring *ring, const struct issuer_ring_key *key,
    int64_t now, struct jwt_fault *fault)
{
	char seen[JWT_UTC_SIZE], wanted[JWT_UTC_SIZE];

	if (now >= key->activated - ISSUER_CLOCK_TOLERANCE)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "the clock says %s, and the key that signs is active since %s "
	    "(%.200s/" ISSUER_RING_FILE ":%u): set the clock",
	    jwt_utc(seen, now), jwt_utc(wanted, key->activated), ring->path,
	    key->line);
	return ISSUER_CLOCK_WRONG;
}

/* The active key; `kid` is the one that was tried before. */
static enum issuer_reason
open_active(const struct issuer_ring *ring, int64_t now, int64_t lifetime,
    char kid[ISSUER_KID_LENGTH + 1], struct issuer_signer *signer,
    struct jwt_fault *fault)
{
	const struct issuer_ring_key *key;
	enum issuer_reason result;

	if ((key = issuer_ring_in(ring, ISSUER_KEY_ACTIVE)) == NULL) {
		jwt_fault_set(fault,
		    "%.200s: no key is active, so nothing can be signed; "
		    "`jwtctl key list` shows which there are",
		    ring->path);
		return ISSUER_KEYS_UNAVAILABLE;
	}
	/* It is still the same: then it is really not there. */
	if (strcmp(key->kid, kid) == 0)
		return ISSUER_KEYS_UNAVAILABLE;
	memcpy(kid, key->kid, ISSUER_KID_LENGTH + 1);
	if ((result = check_clock(ring, key, now, fault)) != ISSUER_OK)
		return result;
	/* Before the signature, for after it nobody may be left to note it. */
	result = issuer_key_signs(ring, kid, lifetime, fault);
	if (result != ISSUER_OK)
		return result;
	result =
	    issuer_key_read(ring, signer->libctx, kid, &signer->key, fault);
	signer->since = key->activated;
	return result;
}

static enum issuer_reason
open_folder(const struct issuer_config *config, int64_t now, int64_t lifetime,
    struct issuer_signer *signer, struct jwt_fault *fault)
{
	char kid[ISSUER_KID_LENGTH + 1] = "";
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	struct issuer_ring ring;
	unsigned int i;

	/* A key that is retired in this very moment has an heir. */
	for (i = 0; i < TRIES; i++) {
		result = issuer_ring_open(config->keys, &ring, fault);
		if (result == ISSUER_OK)
			result = open_active(
			    &ring, now, lifetime, kid, signer, fault);
		issuer_ring_close(&ring);
		if (result != ISSUER_KEYS_UNAVAILABLE)
			break;
	}
	return result;
}

/*
 * A credential of systemd.
 */

static bool
read_credential(int fd, char *bytes, size_t size, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len < size; *len += (size_t)n) {
		n = pread(fd, bytes + *len, size - *len, (off_t)*len);
		if (n == 0)
			return true;
		if (n == -1)
			return false;
	}
	return false;
}

/* The name by which verifiers find it: ours, else the key's own. */
static enum issuer_reason
name_key(const struct issuer_config *config, struct jwt_key *key,
    struct jwt_fault *fault)
{
	if (config->kid != NULL) {
		free(key->kid);
		key->kid_len = strlen(config->kid);
		if ((key->kid = strdup(config->kid)) != NULL)
			return ISSUER_OK;
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	if (key->kid != NULL)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "%.200s: the key has no kid, and neither has the configuration: "
	    "`jwtctl keygen` gives it one",
	    config->key);
	return ISSUER_KEYS_UNAVAILABLE;
}

static enum issuer_reason
open_credential(const struct issuer_config *config, int64_t now,
    int64_t lifetime, struct issuer_signer *signer, struct jwt_fault *fault)
{
	enum jwt_reason reason = JWT_NO_MEMORY;
	char *bytes;
	size_t len;

	(void)now;
	(void)lifetime;
	/* Why not is what the one who opens it knows. */
	if (signer->credential == -1)
		return ISSUER_KEYS_UNAVAILABLE;
	if ((bytes = malloc(JWT_KEYS_FILE_MAX)) != NULL) {
		reason = JWT_KEYS_UNAVAILABLE;
		jwt_fault_set(fault, "%.100s: cannot be read", config->key);
		if (read_credential(
			signer->credential, bytes, JWT_KEYS_FILE_MAX, &len))
			reason = jwt_key_parse_private(signer->libctx,
			    config->key, (struct jwt_slice){bytes, len}, 0600,
			    &signer->key, fault);
	}
	jwt_free_wiped(bytes, JWT_KEYS_FILE_MAX);
	if (reason == JWT_OK)
		return name_key(config, &signer->key, fault);
	if (reason == JWT_KEYS_UNAVAILABLE)
		return ISSUER_KEYS_UNAVAILABLE;
	jwt_fault_set(
	    fault, "%.100s: no memory, or OpenSSL failed", config->key);
	return ISSUER_INTERNAL_ERROR;
}

static enum issuer_reason
open_stored(const struct issuer_config *config, int64_t now, int64_t lifetime,
    struct issuer_signer *signer, struct jwt_fault *fault)
{
	(void)now;
	(void)lifetime;
	return issuer_stored_key_open(
	    config, signer->libctx, &signer->key, &signer->stored, fault);
}

static const struct place places[] = {
    {"keys", offsetof(struct issuer_config, keys), open_folder},
    {"provider", offsetof(struct issuer_config, provider), open_stored},
    {"key", offsetof(struct issuer_config, key), open_credential},
};

static const char *
setting_of(const struct issuer_config *config, const struct place *place)
{
	return *(char *const *)((const char *)config + place->offset);
}

/* NULL: none that is served. */
static const struct place *
find_place(const struct issuer_config *config, struct jwt_fault *fault)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (setting_of(config, &places[i]) != NULL)
			return &places[i];
	jwt_fault_set(fault,
	    "%.200s: the key does not lie in a key folder (keys), and no other "
	    "place is served",
	    config->source);
	return NULL;
}

enum issuer_reason
issuer_signer_prepare(const struct issuer_config *config,
    struct issuer_signer *signer, struct jwt_fault *fault)
{
	*signer = (struct issuer_signer){.credential = -1};
	if (find_place(config, fault) == NULL)
		return ISSUER_KEYS_UNAVAILABLE;
	if ((signer->libctx = jwt_libctx_new()) == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	return ISSUER_OK;
}

enum issuer_reason
issuer_signer_open(const struct issuer_config *config, int64_t now,
    int64_t lifetime, struct issuer_signer *signer, struct jwt_fault *fault)
{
	const struct place *place;

	if ((place = find_place(config, fault)) == NULL)
		return ISSUER_KEYS_UNAVAILABLE;
	return place->open(config, now, lifetime, signer, fault);
}

enum issuer_reason
issuer_signer_sign(const struct issuer_signer *signer, const char *typ,
    const char *claims, char **token, struct jwt_fault *fault)
{
	bool is_stored = signer->stored.libctx != NULL;
	enum jwt_reason reason;

	*token = NULL;
	reason =
	    jwt_token_sign(is_stored ? signer->stored.libctx : signer->libctx,
		&signer->key, typ, jwt_slice_of(claims), token);
	if (reason == JWT_OK)
		return is_stored
		           ? issuer_stored_key_check(signer->libctx,
				 &signer->key, &signer->stored, *token, fault)
		           : ISSUER_OK;
	if (is_stored && reason == JWT_INTERNAL_ERROR) {
		jwt_fault_set(fault,
		    "the key is there and does not sign; `openssl dgst -sign` "
		    "with its provider and URI says why");
		return ISSUER_KEYS_UNAVAILABLE;
	}
	jwt_fault_set(fault, "signing: %s",
	    reason == JWT_NO_MEMORY ? "no memory" : "an unforeseen failure");
	return ISSUER_INTERNAL_ERROR;
}

void
issuer_signer_clear(struct issuer_signer *signer)
{
	jwt_key_clear(&signer->key);
	issuer_stored_key_close(&signer->stored);
	OSSL_LIB_CTX_free(signer->libctx);
	*signer = (struct issuer_signer){0};
}
