/*
 * What happens to a key: on the disk first, then in words.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/jwtctl_key.h"

/* Writes the ring as it is now.  CTL_GO_ON, or the exit code. */
static int
write_ring(const struct key_work *work)
{
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;

	reason = issuer_ring_write(&work->ring, &fault);
	return reason == ISSUER_OK ? CTL_GO_ON
	                           : key_failed(work, reason, &fault);
}

static int
wipe(const struct key_work *work, const char *kid)
{
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;

	reason = issuer_key_wipe(&work->ring, kid, &fault);
	return reason == ISSUER_OK ? CTL_GO_ON
	                           : key_failed(work, reason, &fault);
}

static int
say_retired(const struct key_work *work, const struct issuer_ring_key *key)
{
	char when[KEY_WHEN_SIZE];
	int64_t due = 0;
	int result;

	if ((result = key_due(work, key, &due)) != CTL_GO_ON)
		return result;
	if (due <= work->now)
		ctl_say(work->call,
		    "%s: retired, its private half wiped; it signed nothing, "
		    "so `jwtctl key tend` removes it",
		    key->kid);
	else
		ctl_say(work->call,
		    "%s: retired, its private half wiped; to be published "
		    "until %s",
		    key->kid, key_when(when, work->now, due));
	return CTL_GO_ON;
}

static void
say_made(const struct key_work *work, const struct issuer_ring_key *key)
{
	char when[KEY_WHEN_SIZE];

	if (key->state == ISSUER_KEY_ACTIVE) {
		ctl_say(work->call,
		    "%s: the first key, active at once: it waits for nobody, "
		    "since nobody has another",
		    key->kid);
		return;
	}
	ctl_say(work->call,
	    "%s: next; to be published now, and to sign from %s on", key->kid,
	    key_when(when, work->now, issuer_key_due(work->config, key, 0)));
}

int
key_make(struct key_work *work, const struct jwt_algorithm *algorithm)
{
	char *private_jwk = NULL, *public_jwk = NULL;
	struct jwt_fault fault = {"no memory"};
	char kid[ISSUER_KID_LENGTH + 1];
	const struct issuer_ring_key *key = NULL;
	enum issuer_reason reason = ISSUER_OK;

	/* So that a ring which is missing beside keys was there once. */
	if (!work->ring.exists)
		reason = issuer_ring_write(&work->ring, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_ring_read(&work->ring, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_key_make(work->libctx, algorithm, kid,
		    &private_jwk, &public_jwk, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_key_write(
		    &work->ring, kid, private_jwk, public_jwk, &fault);
	if (private_jwk != NULL)
		jwt_free_wiped(private_jwk, strlen(private_jwk));
	free(public_jwk);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	key = issuer_ring_add(&work->ring, kid, work->now);
	reason = key == NULL ? ISSUER_INTERNAL_ERROR
	                     : issuer_ring_write(&work->ring, &fault);
	if (reason != ISSUER_OK) {
		/* In the ring it is not, unless that is all that is known. */
		if (issuer_ring_read(&work->ring, NULL) == ISSUER_OK &&
		    issuer_ring_find(&work->ring, kid) == NULL)
			issuer_key_remove(&work->ring, kid, NULL);
		return key_failed(work, reason, &fault);
	}
	say_made(work, key);
	work->published_changed = true;
	return CTL_GO_ON;
}

/* A key that cannot sign must not become the one that does. */
static int
check_usable(const struct key_work *work, const char *kid)
{
	struct jwt_fault fault = {"no memory"};
	struct jwt_key key;
	enum issuer_reason reason;

	reason = issuer_key_read(&work->ring, work->libctx, kid, &key, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	jwt_key_clear(&key);
	return CTL_GO_ON;
}

int
key_sign_with(struct key_work *work, struct issuer_ring_key *key)
{
	const struct issuer_ring_key *old =
	    issuer_ring_in(&work->ring, ISSUER_KEY_ACTIVE);
	int result;

	if ((result = check_usable(work, key->kid)) != CTL_GO_ON)
		return result;
	issuer_ring_activate(&work->ring, key, work->now);
	if ((result = write_ring(work)) != CTL_GO_ON)
		return result;
	ctl_say(work->call, "%s: active: it signs from now on", key->kid);
	if (old == NULL)
		return CTL_GO_ON;
	result = wipe(work, old->kid);
	return result == CTL_GO_ON ? say_retired(work, old) : result;
}

int
key_retire_now(struct key_work *work, struct issuer_ring_key *key)
{
	bool was_active = key->state == ISSUER_KEY_ACTIVE;
	int result;

	key->state = ISSUER_KEY_RETIRED;
	key->retired = work->now;
	if ((result = write_ring(work)) != CTL_GO_ON ||
	    (result = wipe(work, key->kid)) != CTL_GO_ON ||
	    (result = say_retired(work, key)) != CTL_GO_ON)
		return result;
	if (was_active)
		ctl_say(work->call, "no key is active: nothing can be signed");
	return CTL_GO_ON;
}

int
key_remove_now(struct key_work *work, struct issuer_ring_key *key)
{
	struct jwt_fault fault = {"no memory"};
	char kid[ISSUER_KID_LENGTH + 1];
	enum issuer_reason reason;
	int result;

	memcpy(kid, key->kid, sizeof(kid));
	issuer_ring_drop(&work->ring, key);
	if ((result = write_ring(work)) != CTL_GO_ON)
		return result;
	work->published_changed = true;
	reason = issuer_key_remove(&work->ring, kid, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	ctl_say(work->call, "%s: removed", kid);
	return CTL_GO_ON;
}
