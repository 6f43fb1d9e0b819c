/*
 * The key folder: the issuer's keys, and in which order they sign.
 *
 *	ring          the states and times of all keys, in our own ini form
 *	KID.jwk       a private key, mode 0600; wiped when the key is retired
 *	KID.pub       its public half
 *	KID.longest   the longest lifetime, in seconds, that it ever signed
 *
 * KID is the key's RFC 7638 thumbprint.  A key is `next` until every verifier
 * can have it, then `active`, the one that signs, then `retired`: still
 * published, because tokens that it signed still live.  One key at most is
 * next and one active.
 *
 * Every file appears whole, by a rename, or not at all; the ring is written
 * after the files that it names and before those that it no longer names are
 * removed, so that whoever stops in between leaves a ring that works.  Who
 * changes something holds a lock on the folder.
 */
#ifndef ISSUER_RING_H
#define ISSUER_RING_H

#include "issuer/policy.h"
#include "jwt/algorithm.h"
#include "jwt/key.h"

#define ISSUER_RING_FILE "ring"
#define ISSUER_RING_TEMPORARY ".new-" /* and 16 digits */
#define ISSUER_KID_LENGTH 43          /* characters of a thumbprint */
#define ISSUER_CLOCK_TOLERANCE 5      /* seconds that a clock may step back */
#define ISSUER_LOCK_SECONDS 10 /* that are waited for the folder's lock */

enum issuer_key_state {
	ISSUER_KEY_NEXT,
	ISSUER_KEY_ACTIVE,
	ISSUER_KEY_RETIRED,
	ISSUER_KEY_STATES /* how many there are; of a key: not set */
};

/* Times are seconds since the epoch, or JWT_UNSET. */
struct issuer_ring_key {
	char kid[ISSUER_KID_LENGTH + 1];
	unsigned int line; /* of its section; 0: not read from the file */
	bool faulty;
	enum issuer_key_state state;
	int64_t created;
	int64_t published; /* became one of the published set */
	int64_t activated; /* JWT_UNSET: never was */
	int64_t retired;
};

struct issuer_ring {
	char *path; /* of the folder; absolute */
	int folder; /* its descriptor, which carries the lock; -1: none */
	bool exists;
	struct issuer_ring_key *key; /* in the order of the file */
	size_t keys;
};

/* `next`, `active`, `retired`. */
const char *issuer_key_state_name(enum issuer_key_state state);

/*
 * Opens the folder, which must be the effective user's and closed to others,
 * and reads the ring; `exists` is false where there is none yet, which is a
 * fault beside key files.  `ring` is given back with issuer_ring_close,
 * whatever the result.
 * ISSUER_OK; ISSUER_KEYS_UNAVAILABLE: there is no such folder;
 * ISSUER_CONFIG_ERROR: a mode, an owner, or a ring that is faulty or
 * contradicts itself, with file and line; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_ring_open(
    const char *path, struct issuer_ring *ring, struct jwt_fault *fault);

/*
 * Locks the folder until the ring is closed.  ISSUER_OK;
 * ISSUER_STORE_UNAVAILABLE: somebody else had it for ISSUER_LOCK_SECONDS.
 */
enum issuer_reason
issuer_ring_lock(const struct issuer_ring *ring, struct jwt_fault *fault);

/* Reads the ring anew, for it may have changed.  Results as of opening. */
enum issuer_reason
issuer_ring_read(struct issuer_ring *ring, struct jwt_fault *fault);

/*
 * Writes the ring.  ISSUER_OK; ISSUER_STORE_UNAVAILABLE, and the old one is
 * still there, unless the fault says otherwise; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason
issuer_ring_write(const struct issuer_ring *ring, struct jwt_fault *fault);

/*
 * Under the lock: ends what a run that was broken off left undone, so that no
 * private key stays behind.  Adds to `strays` the names of files that belong
 * to no key of the ring; they are left alone, for they may be somebody's copy.
 * ISSUER_OK, ISSUER_STORE_UNAVAILABLE, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_ring_tidy(const struct issuer_ring *ring,
    struct jwt_strings *strays, struct jwt_fault *fault);

/*
 * The published set: a JWKS of all public keys, each with kid, alg and use,
 * that the caller frees.  ISSUER_OK; ISSUER_CONFIG_ERROR,
 * ISSUER_KEYS_UNAVAILABLE: a public key is not as it should be, or there is
 * none at all; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_ring_publish(const struct issuer_ring *ring,
    OSSL_LIB_CTX *libctx, char **jwks, struct jwt_fault *fault);

void issuer_ring_close(struct issuer_ring *ring);

/* The key of a name; of a state, which is not `retired`; NULL: none. */
struct issuer_ring_key *
issuer_ring_find(const struct issuer_ring *ring, const char *kid);
struct issuer_ring_key *
issuer_ring_in(const struct issuer_ring *ring, enum issuer_key_state state);

/* The last time in the ring; 0: there is none. */
int64_t issuer_ring_latest(const struct issuer_ring *ring);

/*
 * `*now`, set forward to the last time in the ring where it is behind by the
 * tolerance at most.  ISSUER_OK; ISSUER_CLOCK_WRONG, with both times.
 */
enum issuer_reason issuer_ring_check_clock(
    const struct issuer_ring *ring, int64_t *now, struct jwt_fault *fault);

/*
 * Files of one key.
 */

/*
 * Makes a key pair that lies in no ring and no file yet.  Both texts are the
 * caller's to wipe and free.  ISSUER_OK, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_key_make(OSSL_LIB_CTX *libctx,
    const struct jwt_algorithm *algorithm, char kid[ISSUER_KID_LENGTH + 1],
    char **private_jwk, char **public_jwk, struct jwt_fault *fault);

/* Writes both halves, or neither.  ISSUER_OK, ISSUER_STORE_UNAVAILABLE,
 * ISSUER_INTERNAL_ERROR. */
enum issuer_reason
issuer_key_write(const struct issuer_ring *ring, const char *kid,
    const char *private_jwk, const char *public_jwk, struct jwt_fault *fault);

/*
 * The private key.  ISSUER_OK, and it is given back with jwt_key_clear;
 * ISSUER_KEYS_UNAVAILABLE: it is not there, or is no such key;
 * ISSUER_CONFIG_ERROR: a mode or an owner; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason
issuer_key_read(const struct issuer_ring *ring, OSSL_LIB_CTX *libctx,
    const char *kid, struct jwt_key *key, struct jwt_fault *fault);

/*
 * The public half as it stands in the file, which the caller frees; `jwk` may
 * be NULL.  Results as for the private one.
 */
enum issuer_reason
issuer_key_public(const struct issuer_ring *ring, OSSL_LIB_CTX *libctx,
    const char *kid, const struct jwt_algorithm **algorithm, char **jwk,
    struct jwt_fault *fault);

/* Wipes and removes the private half; it may be gone already. */
enum issuer_reason issuer_key_wipe(
    const struct issuer_ring *ring, const char *kid, struct jwt_fault *fault);

/* Removes what else there is of a key. */
enum issuer_reason issuer_key_remove(
    const struct issuer_ring *ring, const char *kid, struct jwt_fault *fault);

/*
 * The longest lifetime that a key signed, in seconds; 0: it signed nothing.
 * ISSUER_OK, ISSUER_CONFIG_ERROR, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_key_longest(const struct issuer_ring *ring,
    const char *kid, int64_t *longest, struct jwt_fault *fault);

/*
 * Notes that the key signs a token of this lifetime, where that is longer
 * than any before.  Takes the folder's lock for it.  Results as above;
 * ISSUER_STORE_UNAVAILABLE; ISSUER_KEYS_UNAVAILABLE: the key is gone.
 */
enum issuer_reason issuer_key_signs(const struct issuer_ring *ring,
    const char *kid, int64_t lifetime, struct jwt_fault *fault);

/* The path of a file of the key, memory of its own; NULL: no memory. */
char *issuer_key_path(
    const struct issuer_ring *ring, const char *kid, const char *suffix);

/*
 * What becomes of the keys.  Each changes the ring in memory alone.
 */

/* Adds a key: `next`, or `active` where it is the first.  NULL: no memory. */
struct issuer_ring_key *
issuer_ring_add(struct issuer_ring *ring, const char *kid, int64_t now);

/* The key becomes active, and the one that was is retired. */
void issuer_ring_activate(
    struct issuer_ring *ring, struct issuer_ring_key *key, int64_t now);

void issuer_ring_drop(struct issuer_ring *ring, struct issuer_ring_key *key);

/*
 * When what comes next with a key may be done: a next key sign, a retired one
 * of this longest lifetime be removed; when an active one shall have a next
 * one beside it.  JWT_UNSET: never by itself.
 */
int64_t issuer_key_due(const struct issuer_config *config,
    const struct issuer_ring_key *key, int64_t longest);

/*
 * For ring*.c.
 */

/* A key of which only the name is set.  NULL: no memory. */
struct issuer_ring_key *
issuer_ring_append(struct issuer_ring *ring, const char *kid);

/*
 * Writes a file of the folder by a rename; `mode` is exact.
 * ISSUER_OK, ISSUER_STORE_UNAVAILABLE, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_ring_put(const struct issuer_ring *ring,
    const char *name, const char *text, mode_t mode, struct jwt_fault *fault);

/* Wipes and removes a file of the folder, which may be gone already. */
enum issuer_reason issuer_ring_wipe(
    const struct issuer_ring *ring, const char *name, struct jwt_fault *fault);

/* Makes a removal last.  ISSUER_OK, ISSUER_STORE_UNAVAILABLE. */
enum issuer_reason
issuer_ring_sync(const struct issuer_ring *ring, struct jwt_fault *fault);

#endif
