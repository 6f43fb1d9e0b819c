/*
 * jwtctl key rotate, tend: what is due, by the clock.
 *
 * Both do only what the ring says is due, under its lock, so that running
 * them twice, or both at once, does nothing twice.
 */
#include "tools/jwtctl_key.h"

/* A next key that every verifier has. */
static int
activate_due(struct key_work *work, bool *done)
{
	struct issuer_ring_key *next =
	    issuer_ring_in(&work->ring, ISSUER_KEY_NEXT);

	*done =
	    next != NULL && work->now >= issuer_key_due(work->config, next, 0);
	return *done ? key_sign_with(work, next) : CTL_GO_ON;
}

/* Retired ones of whose tokens none lives. */
static int
remove_due(struct key_work *work)
{
	int64_t due = 0;
	size_t i = 0;
	int result;

	while (i < work->ring.keys) {
		if (work->ring.key[i].state != ISSUER_KEY_RETIRED) {
			i++;
			continue;
		}
		result = key_due(work, &work->ring.key[i], &due);
		if (result != CTL_GO_ON)
			return result;
		if (work->now < due) {
			i++;
			continue;
		}
		result = key_remove_now(work, &work->ring.key[i]);
		if (result != CTL_GO_ON)
			return result;
	}
	return CTL_GO_ON;
}

/* One of the algorithm of the key that signs. */
static int
make_next(struct key_work *work)
{
	const struct issuer_ring_key *active =
	    issuer_ring_in(&work->ring, ISSUER_KEY_ACTIVE);
	const struct jwt_algorithm *algorithm =
	    jwt_algorithm_find(jwt_slice_of("EdDSA"));
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason = ISSUER_OK;

	if (active != NULL)
		reason = issuer_key_public(&work->ring, work->libctx,
		    active->kid, &algorithm, NULL, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	return key_make(work, algorithm);
}

/* Whether rotate_every asks for a next key. */
static bool
next_is_due(const struct key_work *work)
{
	const struct issuer_ring_key *active =
	    issuer_ring_in(&work->ring, ISSUER_KEY_ACTIVE);
	int64_t due;

	if (active == NULL)
		return false;
	due = issuer_key_due(work->config, active, 0);
	return due != JWT_UNSET && work->now >= due;
}

/* What nobody has to be asked about: the next one in time. */
static int
say_what_comes(const struct key_work *work)
{
	static const char *const what[ISSUER_KEY_STATES] = {
	    [ISSUER_KEY_NEXT] = "signs",
	    [ISSUER_KEY_ACTIVE] = "gets a next key beside it",
	    [ISSUER_KEY_RETIRED] = "is removed",
	};
	const struct issuer_ring_key *first = NULL, *key;
	int64_t due = 0, first_due = 0;
	char when[KEY_WHEN_SIZE];
	int result;
	size_t i;

	for (i = 0; i < work->ring.keys; i++) {
		key = &work->ring.key[i];
		result = key_due(work, key, &due);
		if (result != CTL_GO_ON)
			return result;
		if (due == JWT_UNSET || (first != NULL && due >= first_due) ||
		    (key->state == ISSUER_KEY_ACTIVE &&
			issuer_ring_in(&work->ring, ISSUER_KEY_NEXT) != NULL))
			continue;
		first = key;
		first_due = due;
	}
	if (first == NULL)
		ctl_say(work->call,
		    "nothing comes by itself; `jwtctl key rotate` makes a next "
		    "key");
	else
		ctl_say(work->call, "what comes next: %s %s from %s on",
		    first->kid, what[first->state],
		    key_when(when, work->now, first_due));
	return CTL_GO_ON;
}

static int
tend(struct key_work *work, bool rotate)
{
	bool activated = false;
	int result;

	result = activate_due(work, &activated);
	if (result == CTL_GO_ON)
		result = remove_due(work);
	/* One that was activated in this run ends the rotation. */
	if (result == CTL_GO_ON &&
	    issuer_ring_in(&work->ring, ISSUER_KEY_NEXT) == NULL &&
	    (rotate ? !activated : next_is_due(work)))
		result = make_next(work);
	if (result == CTL_GO_ON)
		result = say_what_comes(work);
	return result;
}

static int
run(const struct ctl_call *call, int argc, char **argv)
{
	struct key_options shared = {0};
	const struct ctl_option options[] = {KEY_OPTIONS(shared)};
	struct key_work work;
	int result;

	result = ctl_options(call, argc, argv, options, 2, NULL);
	if (result != CTL_GO_ON)
		return result;
	result = key_configure(call, &shared, &work);
	if (result == CTL_GO_ON)
		result = key_begin(&work);
	if (result == CTL_GO_ON)
		result = tend(&work, call == &key_rotate);
	/* What was done before something failed is to be published as well. */
	if (result == CTL_GO_ON || work.published_changed) {
		key_end(&work);
		if (result == CTL_GO_ON)
			result = CTL_YES;
	}
	key_close(&work);
	return result;
}

static int
run_rotate(int argc, char **argv)
{
	return run(&key_rotate, argc, argv);
}

static int
run_tend(int argc, char **argv)
{
	return run(&key_tend, argc, argv);
}

const struct ctl_call key_rotate = {
    "key rotate",
    "begin to replace the key that signs, or go on with it",
    "usage: jwtctl key rotate [--config FILE | --folder DIR]\n"
    "\n"
    "Makes a next key, of the algorithm of the one that signs; where there\n"
    "is one, does what tend does.  Says what was done and what comes when.\n"
    "\n" KEY_OPTIONS_HELP,
    run_rotate,
};

const struct ctl_call key_tend = {
    "key tend",
    "do what is due: for a timer",
    "usage: jwtctl key tend [--config FILE | --folder DIR]\n"
    "\n"
    "Signs with a next key that was published for publish_before, removes\n"
    "retired ones of whose tokens none lives and, with rotate_every, makes a\n"
    "next key in time.  Says what was done and what comes when.\n"
    "\n" KEY_OPTIONS_HELP,
    run_tend,
};
