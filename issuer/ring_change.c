/*
 * What is in the ring, what becomes of it, and when.
 */
#include <stdlib.h>
#include <string.h>

#include "issuer/ring.h"

struct issuer_ring_key *
issuer_ring_append(struct issuer_ring *ring, const char *kid)
{
	struct issuer_ring_key *grown, *key;

	grown = reallocarray(ring->key, ring->keys + 1, sizeof(*grown));
	if (grown == NULL)
		return NULL;
	ring->key = grown;
	key = &grown[ring->keys++];
	*key = (struct issuer_ring_key){.state = ISSUER_KEY_STATES,
	    .created = JWT_UNSET,
	    .published = JWT_UNSET,
	    .activated = JWT_UNSET,
	    .retired = JWT_UNSET};
	memcpy(key->kid, kid, ISSUER_KID_LENGTH);
	return key;
}

struct issuer_ring_key *
issuer_ring_find(const struct issuer_ring *ring, const char *kid)
{
	size_t i;

	for (i = 0; i < ring->keys; i++)
		if (strcmp(ring->key[i].kid, kid) == 0)
			return &ring->key[i];
	return NULL;
}

struct issuer_ring_key *
issuer_ring_in(const struct issuer_ring *ring, enum issuer_key_state state)
{
	size_t i;

	for (i = 0; i < ring->keys; i++)
		if (ring->key[i].state == state)
			return &ring->key[i];
	return NULL;
}

struct issuer_ring_key *
issuer_ring_add(struct issuer_ring *ring, const char *kid, int64_t now)
{
	bool first = ring->keys == 0;
	struct issuer_ring_key *key;

	if ((key = issuer_ring_append(ring, kid)) == NULL)
		return NULL;
	key->state = ISSUER_KEY_NEXT;
	key->created = key->published = now;
	if (first)
		issuer_ring_activate(ring, key, now);
	return key;
}

void
issuer_ring_activate(
    struct issuer_ring *ring, struct issuer_ring_key *key, int64_t now)
{
	struct issuer_ring_key *old = issuer_ring_in(ring, ISSUER_KEY_ACTIVE);

	if (old != NULL && old != key) {
		old->state = ISSUER_KEY_RETIRED;
		old->retired = now;
	}
	key->state = ISSUER_KEY_ACTIVE;
	key->activated = now;
}

void
issuer_ring_drop(struct issuer_ring *ring, struct issuer_ring_key *key)
{
	size_t i = (size_t)(key - ring->key);

	ring->keys--;
	memmove(key, key + 1, (ring->keys - i) * sizeof(*key));
}

int64_t
issuer_key_due(const struct issuer_config *config,
    const struct issuer_ring_key *key, int64_t longest)
{
	if (key->state == ISSUER_KEY_NEXT)
		return key->published + config->publish_before;
	if (key->state == ISSUER_KEY_ACTIVE)
		return config->rotate_every == JWT_UNSET
		           ? JWT_UNSET
		           : key->activated + config->rotate_every -
		                 config->publish_before;
	/* A verifier that got the set in the last moment still has it. */
	return longest == 0
	           ? key->retired
	           : key->retired + longest + config->leeway + config->cache;
}

int64_t
issuer_ring_latest(const struct issuer_ring *ring)
{
	const struct issuer_ring_key *key;
	int64_t latest = 0;
	size_t i;

	for (i = 0; i < ring->keys; i++) {
		key = &ring->key[i];
		if (key->published > latest)
			latest = key->published;
		if (key->activated > latest)
			latest = key->activated;
		if (key->retired > latest)
			latest = key->retired;
	}
	return latest;
}

enum issuer_reason
issuer_ring_check_clock(
    const struct issuer_ring *ring, int64_t *now, struct jwt_fault *fault)
{
	int64_t latest = issuer_ring_latest(ring);
	char seen[JWT_UTC_SIZE], wanted[JWT_UTC_SIZE];

	if (*now >= latest)
		return ISSUER_OK;
	if (*now < latest - ISSUER_CLOCK_TOLERANCE) {
		jwt_fault_set(fault,
		    "%.200s/" ISSUER_RING_FILE ": the clock says %s, and the "
		    "last change was at %s: one of both is wrong; set the "
		    "clock",
		    ring->path, jwt_utc(seen, *now), jwt_utc(wanted, latest));
		return ISSUER_CLOCK_WRONG;
	}
	*now = latest;
	return ISSUER_OK;
}
