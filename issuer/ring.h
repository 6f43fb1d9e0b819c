/*
 * The issuer's keys in their folder, which is the signing account's alone
 * (mode 0700).  Of each key
 *
 *	KID.jwk		the private key, 0600; gone once it is retired
 *	KID.pub		the public one, 0644
 *	KID.longest	the longest lifetime that it signed, in seconds
 *
 * and of all of them `ring`, which says what state each is in:
 *
 *	next	published, does not sign yet
 *	active	published, signs; there is one at most
 *	retired	published until the last token that it signed has expired,
 *		does not sign
 *
 * Whoever changes something holds the lock.  Each step leaves a ring that
 * works, wherever it is interrupted: files are there before the ring names
 * them, and go after it has stopped to.
 */
#ifndef ISSUER_RING_H
#define ISSUER_RING_H

#include "issuer/policy.h"

#define ISSUER_CLOCK_SLACK 5 /* seconds that a clock may be set back unseen */

enum issuer_key_state {
	ISSUER_KEY_NEXT,
	ISSUER_KEY_ACTIVE,
	ISSUER_KEY_RETIRED
};

struct issuer_ring_key {
	char *kid;
	char *alg;
	enum issuer_key_state state;
	int64_t created;   /* seconds since the epoch; published from then on */
	int64_t activated; /* or JWT_UNSET, as the next one */
	int64_t retired;
	int64_t longest; /* seconds; 0: it signed nothing */
	unsigned int line;
};

struct issuer_ring {
	const char *folder; /* borrowed */
	struct issuer_ring_key *at;
	size_t count;
};

/* `next` and so on. */
const char *issuer_key_state_name(enum issuer_key_state state);

/* FOLDER/KID.SUFFIX, or without a kid FOLDER/SUFFIX; NULL: no memory. */
char *issuer_ring_path(const char *folder, const char *kid, const char *suffix);

/*
 * The lock, for as long as `*fd` is open; waits for it 10 s at most.
 * ISSUER_OK, ISSUER_STORE_UNAVAILABLE, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason
issuer_ring_lock(const char *folder, int *fd, struct jwt_fault *fault);

/*
 * A folder without a ring has an empty one.  `ring` is given back with
 * issuer_ring_clear, whatever the result, and borrows the folder's name.
 * ISSUER_OK; ISSUER_CONFIG_ERROR: not readable, its owner or mode, or a line
 * that contradicts itself or another one; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_ring_read(
    const char *folder, struct issuer_ring *ring, struct jwt_fault *fault);

void issuer_ring_clear(struct issuer_ring *ring);

/* The one in that state that came first, or of that kid; NULL: none. */
struct issuer_ring_key *
issuer_ring_in(const struct issuer_ring *ring, enum issuer_key_state state);
struct issuer_ring_key *
issuer_ring_find(const struct issuer_ring *ring, const char *kid);

/*
 * By rename, and on the disk when it returns.  ISSUER_OK,
 * ISSUER_STORE_UNAVAILABLE, ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason
issuer_ring_write(const struct issuer_ring *ring, struct jwt_fault *fault);

/*
 * One small file of the folder by rename, on the disk when it returns.
 * Results as above.
 */
enum issuer_reason issuer_ring_put(const char *folder, const char *name,
    mode_t mode, const char *text, struct jwt_fault *fault);

/* Notes that the key signs tokens of this lifetime.  Results as above. */
enum issuer_reason issuer_ring_note(const char *folder, const char *kid,
    int64_t lifetime, struct jwt_fault *fault);

/* When a next key may sign, and when a retired one may go. */
int64_t issuer_ring_ready(
    const struct issuer_config *config, const struct issuer_ring_key *key);
int64_t issuer_ring_over(
    const struct issuer_config *config, const struct issuer_ring_key *key);

/* ISSUER_OK; ISSUER_CLOCK_WRONG: `now` is before something in the ring. */
enum issuer_reason issuer_ring_check_clock(
    const struct issuer_ring *ring, int64_t now, struct jwt_fault *fault);

#endif
