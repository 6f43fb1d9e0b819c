/*
 * `jwtctl key`: what its calls share.
 */
#ifndef JWTCTL_KEY_H
#define JWTCTL_KEY_H

#include "issuer/ring.h"
#include "tools/jwtctl.h"

/* The folder under its lock, what is in it, and the time it is. */
struct ctl_ring {
	const struct ctl_call *call;
	struct issuer_config *config;
	struct issuer_ring ring;
	int lock; /* -1: only read */
	int64_t now;
	bool changed; /* the public set: it is to be published */
};

/*
 * Reads the configuration, becomes the folder's owner, so that nothing in the
 * folder can lead root elsewhere, and reads the ring; `write`: under the lock,
 * and with `make` in a folder that is made where it is not there.
 * CTL_GO_ON, and `ring` is given back with ctl_ring_close; or the exit code,
 * and why was told.
 */
int ctl_ring_open(struct ctl_ring *ring, const struct ctl_call *call,
    const char *config, bool write, bool make);
void ctl_ring_close(struct ctl_ring *ring);

/* Steps; CTL_YES, or the exit code, and why was told.  Each says what it did.
 */
int ctl_ring_add(struct ctl_ring *ring, const struct jwt_algorithm *algorithm);
int ctl_ring_activate(struct ctl_ring *ring, struct issuer_ring_key *key);
int ctl_ring_retire(struct ctl_ring *ring, struct issuer_ring_key *key);
int ctl_ring_remove(struct ctl_ring *ring, struct issuer_ring_key *key);

/* What is due: a next key becomes active, a retired one goes. */
int ctl_ring_tend(struct ctl_ring *ring);

/* "in 3 h 12 min", "4 min ago". */
#define CTL_SPAN_SIZE 48
const char *ctl_span(char out[CTL_SPAN_SIZE], int64_t from, int64_t to);

#endif
