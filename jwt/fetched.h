/*
 * Fetched keys on disk: one file for an issuer, written whole and read in
 * parts, so that a login opens the one key that it needs.  This is the only
 * place that knows its form:
 *
 *	a header line	what the set is, and when the provider confirmed it
 *	fits		for an algorithm how many keys fit it, and two of them;
 *			where none does, one that was refused
 *	kinds		a key of each kind, for what a refusal costs
 *	index		by the digest of its kid where each key lies, sorted
 *	texts		the keys, a JWK a line
 *
 * Lines in front of the texts have one width.  The file is believed by its
 * owner (file.h); a key out of it is vetted like any other.
 */
#ifndef JWT_FETCHED_H
#define JWT_FETCHED_H

#include "config.h"
#include "digest.h"
#include "keyset.h"

#define JWT_FETCHED_MAX (64 * 1024 * 1024) /* bytes */
#define JWT_FETCHED_TEXT_MAX (16 * 1024)   /* of a key */

/* An open one; plain numbers, to be read, not set. */
struct jwt_fetched {
	int fd;
	size_t size;
	const char *path;  /* borrowed */
	int64_t confirmed; /* when the provider last did, since the epoch */
	size_t keys;       /* in the index: usable ones and refused ones */
	size_t usable;     /* of the provider's set, as it is now */
	size_t skipped;    /* other use, type or curve: not here */
	size_t fits, kinds;
};

/*
 * Opens the file.  `owner`: whose files are trusted beside root's, or
 * JWT_NO_OWNER; `source`: what jwt_provider_digest says of the section now.
 * JWT_OK, and it is given back with jwt_fetched_close; JWT_KEYS_UNAVAILABLE:
 * it cannot be used, was fetched from elsewhere, or is damaged; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_fetched_open(const char *path, uid_t owner,
    const char *source, struct jwt_fetched **fetched, struct jwt_fault *fault);

void jwt_fetched_close(struct jwt_fetched *fetched);

/*
 * Those keys among which jwt_keyset_choose finds what it would find in the
 * whole set: one, or where several fit two.  A key that left the provider's
 * set not later than `since` (seconds since the epoch) is not there any more.
 * JWT_OK; JWT_UNKNOWN_KEY: there is none, and the fault says what was looked
 * for; JWT_KEYS_UNAVAILABLE: the file is damaged; JWT_NO_MEMORY,
 * JWT_INTERNAL_ERROR.
 */
enum jwt_reason
jwt_fetched_find(OSSL_LIB_CTX *libctx, const struct jwt_fetched *fetched,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid,
    int64_t since, struct jwt_keyset **set, struct jwt_fault *fault);

/* A key of each kind in the set, of `most` kinds; `*set` NULL: there is none. */
enum jwt_reason
jwt_fetched_kinds(OSSL_LIB_CTX *libctx, const struct jwt_fetched *fetched,
    size_t most, struct jwt_keyset **set, struct jwt_fault *fault);

/*
 * The key at a place of the index, from 0: its text, which the caller frees,
 * and when it left the provider's set (0: it is in it).
 * JWT_OK, JWT_KEYS_UNAVAILABLE, JWT_NO_MEMORY.
 */
enum jwt_reason jwt_fetched_at(const struct jwt_fetched *fetched, size_t place,
    char **text, int64_t *left, struct jwt_fault *fault);

/*
 * keys.c: a key of each kind that a section's tokens are checked by now, as a
 * login finds them.  Results as above; a set that is too old to be believed
 * is JWT_KEYS_UNAVAILABLE.
 */
enum jwt_reason jwt_fetched_keys(OSSL_LIB_CTX *libctx,
    const struct jwt_config *config, const struct jwt_issuer *issuer,
    int64_t now, struct jwt_keyset **set, struct jwt_fault *fault);

/* A key to be written. */
struct jwt_fetched_key {
	const struct jwt_key *key; /* vetted; its kid is unlike all others' */
	const char *text;          /* its JWK, on one line */
	int64_t left;              /* since the epoch, or 0 */
};

/*
 * The bytes of a file; `*bytes` is the caller's to free.  No text is longer
 * than JWT_FETCHED_TEXT_MAX.
 * JWT_OK, JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_fetched_compose(OSSL_LIB_CTX *libctx, const char *source,
    int64_t confirmed, size_t skipped, const struct jwt_fetched_key *keys,
    size_t count, char **bytes, size_t *len);

#endif
