/*
 * `jwtctl key`: the issuer's keys, from the first to the last day of each; and
 * `jwtctl jwks`, the public set.
 */
#include "tools/jwtctl_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jwt/file.h"
#include "jwt/keyset.h"

/* The one of its operand, in that state; NULL, and why was told. */
static struct issuer_ring_key *
key_of(const struct ctl_ring *ring, const char *kid)
{
	struct issuer_ring_key *key = issuer_ring_find(&ring->ring, kid);
	char shown[80];

	jwt_quote(shown, sizeof(shown), jwt_slice_of(kid));
	if (key == NULL)
		ctl_say(ring->call,
		    "there is no key %s: jwtctl key list has those that there "
		    "are",
		    shown);
	return key;
}

/* Not yet: says when, and how to do it all the same. */
static int
too_early(const struct ctl_ring *ring, const struct issuer_ring_key *key,
    int64_t when, const char *why)
{
	char utc[JWT_UTC_SIZE], span[CTL_SPAN_SIZE];

	ctl_say(ring->call, "%s: %s until %s (%s); --now does it all the same",
	    key->kid, why, jwt_utc(utc, when), ctl_span(span, ring->now, when));
	return CTL_NO;
}

/*
 * The calls.
 */

static const struct jwt_algorithm *
find_algorithm(const struct ctl_call *call, const char *name)
{
	const struct jwt_algorithm *algorithm =
	    jwt_algorithm_find(jwt_slice_of(name != NULL ? name : "EdDSA"));

	if (algorithm != NULL && algorithm->kty != JWT_KTY_OCT)
		return algorithm;
	ctl_usage_error(call,
	    "--alg: no algorithm with a public key, such as EdDSA, ES256 or "
	    "RS256");
	return NULL;
}

static const struct ctl_call key_new, key_list, key_activate, key_retire,
    key_remove, key_rotate, key_tend;

static int
run_new(int argc, char **argv)
{
	const char *alg = NULL, *config = NULL;
	const struct ctl_option options[] = {
	    {"alg", false, &alg}, {"config", false, &config}};
	const struct jwt_algorithm *algorithm;
	struct ctl_ring ring;
	int result;

	result = ctl_options(&key_new, argc, argv, options, 2, NULL);
	if (result != CTL_GO_ON)
		return result;
	if ((algorithm = find_algorithm(&key_new, alg)) == NULL)
		return CTL_FAILED;
	result = ctl_ring_open(&ring, &key_new, config, true, true);
	if (result != CTL_GO_ON)
		return result;
	result = ctl_ring_add(&ring, algorithm);
	ctl_ring_close(&ring);
	return result;
}

/* activate, retire, remove: one key, and --now. */
static int
run_one(const struct ctl_call *call, int argc, char **argv,
    int (*step)(struct ctl_ring *ring, struct issuer_ring_key *key, bool now))
{
	const char *now = NULL, *config = NULL, *kid = NULL;
	const struct ctl_option options[] = {
	    {"now", true, &now}, {"config", false, &config}};
	struct issuer_ring_key *key;
	struct ctl_ring ring;
	int result;

	result = ctl_options(call, argc, argv, options, 2, &kid);
	if (result != CTL_GO_ON)
		return result;
	if (kid == NULL)
		return ctl_usage_error(call, "the KID of a key is missing");
	result = ctl_ring_open(&ring, call, config, true, false);
	if (result != CTL_GO_ON)
		return result;
	key = key_of(&ring, kid);
	result = key != NULL ? step(&ring, key, now != NULL) : CTL_NO;
	ctl_ring_close(&ring);
	return result;
}

static int
step_activate(struct ctl_ring *ring, struct issuer_ring_key *key, bool now)
{
	int64_t ready = issuer_ring_ready(ring->config, key);

	if (key->state != ISSUER_KEY_NEXT) {
		ctl_say(ring->call, "%s is %s already", key->kid,
		    issuer_key_state_name(key->state));
		return CTL_NO;
	}
	if (!now && ready > ring->now)
		return too_early(ring, key, ready,
		    "verifiers may not have it (publish_before)");
	return ctl_ring_activate(ring, key);
}

static int
run_activate(int argc, char **argv)
{
	return run_one(&key_activate, argc, argv, step_activate);
}

static int
step_retire(struct ctl_ring *ring, struct issuer_ring_key *key, bool now)
{
	if (key->state == ISSUER_KEY_RETIRED) {
		ctl_say(ring->call, "%s is retired already", key->kid);
		return CTL_NO;
	}
	if (key->state == ISSUER_KEY_ACTIVE && !now) {
		ctl_say(ring->call,
		    "%s is the active key, and without it nothing is signed: "
		    "activate another, or --now",
		    key->kid);
		return CTL_NO;
	}
	return ctl_ring_retire(ring, key);
}

static int
run_retire(int argc, char **argv)
{
	return run_one(&key_retire, argc, argv, step_retire);
}

static int
step_remove(struct ctl_ring *ring, struct issuer_ring_key *key, bool now)
{
	int64_t over;

	if (key->state == ISSUER_KEY_ACTIVE) {
		ctl_say(ring->call, "%s is the active key: retire it first",
		    key->kid);
		return CTL_NO;
	}
	over = key->state == ISSUER_KEY_RETIRED
	           ? issuer_ring_over(ring->config, key)
	           : ring->now;
	if (!now && over > ring->now)
		return too_early(
		    ring, key, over, "tokens that it signed may be alive");
	return ctl_ring_remove(ring, key);
}

static int
run_remove(int argc, char **argv)
{
	return run_one(&key_remove, argc, argv, step_remove);
}

/* Says when the next step comes. */
static void
say_next_step(const struct ctl_ring *ring)
{
	const struct issuer_ring_key *next =
	    issuer_ring_in(&ring->ring, ISSUER_KEY_NEXT);
	char utc[JWT_UTC_SIZE], span[CTL_SPAN_SIZE];
	int64_t ready;

	if (next == NULL)
		return;
	ready = issuer_ring_ready(ring->config, next);
	ctl_say(ring->call, "%s: becomes active at %s (%s) or later, by `%s`",
	    next->kid, jwt_utc(utc, ready), ctl_span(span, ring->now, ready),
	    "jwtctl key tend");
}

static int
run_steps(const struct ctl_call *call, int argc, char **argv, bool rotate)
{
	const char *config = NULL, *alg = NULL;
	const struct ctl_option options[] = {
	    {"config", false, &config}, {"alg", false, &alg}};
	const struct jwt_algorithm *algorithm = NULL;
	const struct issuer_ring_key *active;
	struct ctl_ring ring;
	int result;

	result = ctl_options(call, argc, argv, options, rotate ? 2 : 1, NULL);
	if (result != CTL_GO_ON)
		return result;
	if (alg != NULL && (algorithm = find_algorithm(call, alg)) == NULL)
		return CTL_FAILED;
	result = ctl_ring_open(&ring, call, config, true, false);
	if (result != CTL_GO_ON)
		return result;
	active = issuer_ring_in(&ring.ring, ISSUER_KEY_ACTIVE);
	if (rotate && issuer_ring_in(&ring.ring, ISSUER_KEY_NEXT) == NULL) {
		if (algorithm == NULL)
			algorithm = find_algorithm(
			    call, active != NULL ? active->alg : NULL);
		result = algorithm != NULL ? ctl_ring_add(&ring, algorithm)
		                           : CTL_FAILED;
	} else {
		result = CTL_YES;
	}
	if (result == CTL_YES)
		result = ctl_ring_tend(&ring);
	if (result == CTL_YES && rotate)
		say_next_step(&ring);
	ctl_ring_close(&ring);
	return result;
}

static int
run_rotate(int argc, char **argv)
{
	return run_steps(&key_rotate, argc, argv, true);
}

static int
run_tend(int argc, char **argv)
{
	return run_steps(&key_tend, argc, argv, false);
}

/*
 * Listing.
 */

static int64_t
since(const struct issuer_ring_key *key)
{
	if (key->state == ISSUER_KEY_RETIRED)
		return key->retired;
	return key->state == ISSUER_KEY_ACTIVE ? key->activated : key->created;
}

static void
list_for_people(const struct ctl_ring *ring)
{
	char utc[JWT_UTC_SIZE], ago[CTL_SPAN_SIZE], then[CTL_SPAN_SIZE];
	size_t i;

	for (i = 0; i < ring->ring.count; i++) {
		const struct issuer_ring_key *key = &ring->ring.at[i];

		printf("%s  %-7s %-8s since %s (%s)", key->kid, key->alg,
		    issuer_key_state_name(key->state), jwt_utc(utc, since(key)),
		    ctl_span(ago, ring->now, since(key)));
		if (key->state == ISSUER_KEY_NEXT)
			printf(", may sign %s",
			    ctl_span(then, ring->now,
				issuer_ring_ready(ring->config, key)));
		if (key->state == ISSUER_KEY_RETIRED)
			printf(", may go %s",
			    ctl_span(then, ring->now,
				issuer_ring_over(ring->config, key)));
		putchar('\n');
	}
	if (ring->ring.count == 0)
		puts("no keys: jwtctl key new");
}

/* Every text in it is one that the ring's reader allows: no escapes. */
static void
list_for_machines(const struct ctl_ring *ring)
{
	size_t i;

	putchar('[');
	for (i = 0; i < ring->ring.count; i++) {
		const struct issuer_ring_key *key = &ring->ring.at[i];

		printf("%s\n {\"kid\":\"%s\",\"alg\":\"%s\",\"state\":\"%s\","
		       "\"created\":%lld",
		    i > 0 ? "," : "", key->kid, key->alg,
		    issuer_key_state_name(key->state), (long long)key->created);
		if (key->activated != JWT_UNSET)
			printf(
			    ",\"activated\":%lld", (long long)key->activated);
		if (key->retired != JWT_UNSET)
			printf(",\"retired\":%lld,\"over\":%lld",
			    (long long)key->retired,
			    (long long)issuer_ring_over(ring->config, key));
		printf(",\"longest\":%lld}", (long long)key->longest);
	}
	puts("\n]");
}

static int
run_list(int argc, char **argv)
{
	const char *json = NULL, *config = NULL;
	const struct ctl_option options[] = {
	    {"json", true, &json}, {"config", false, &config}};
	struct ctl_ring ring;
	int result;

	result = ctl_options(&key_list, argc, argv, options, 2, NULL);
	if (result != CTL_GO_ON)
		return result;
	result = ctl_ring_open(&ring, &key_list, config, false, false);
	if (result != CTL_GO_ON)
		return result;
	if (json != NULL)
		list_for_machines(&ring);
	else
		list_for_people(&ring);
	ctl_ring_close(&ring);
	return CTL_YES;
}

#define CONFIG "  --config FILE  instead of " ISSUER_CONFIG_FILE "\n"

static const struct ctl_call key_new = {"key new", "make a key",
    "usage: jwtctl key new [--alg NAME] [--config FILE]\n\n"
    "Makes the key that signs next; the first of all signs at once.\n\n"
    "  --alg NAME     EdDSA unless given, ES256, RS256 ...\n" CONFIG,
    run_new};
static const struct ctl_call key_list = {"key list", "what keys there are",
    "usage: jwtctl key list [--json] [--config FILE]\n\n"
    "  --json         for programs; times in seconds since 1970\n" CONFIG,
    run_list};
static const struct ctl_call key_activate = {"key activate", "sign with a key",
    "usage: jwtctl key activate [--now] KID\n\n"
    "The key signs from now on, and the one before it is retired.\n\n"
    "  --now          though it was not published for publish_before\n" CONFIG,
    run_activate};
static const struct ctl_call key_retire = {"key retire", "stop signing with it",
    "usage: jwtctl key retire [--now] KID\n\n"
    "Its private half goes; the public one stays published.\n\n"
    "  --now          also the active one\n" CONFIG,
    run_retire};
static const struct ctl_call key_remove = {"key remove", "forget a key",
    "usage: jwtctl key remove [--now] KID\n\n"
    "Its tokens are worth nothing any more, once verifiers have the set "
    "without it.\n\n"
    "  --now          though tokens that it signed may be alive\n" CONFIG,
    run_remove};
static const struct ctl_call key_rotate = {"key rotate", "the whole way",
    "usage: jwtctl key rotate [--alg NAME] [--config FILE]\n\n"
    "Makes a next key where there is none, and takes the steps that are "
    "due.\n\n"
    "  --alg NAME     as the active one unless given\n" CONFIG,
    run_rotate};
static const struct ctl_call key_tend = {"key tend", "what is due, for a timer",
    "usage: jwtctl key tend [--config FILE]\n\n"
    "A next key that was published for publish_before becomes active, a "
    "retired one\nwhose last token has expired is removed; with rotate_every "
    "a next one is made\nin time.\n\n" CONFIG,
    run_tend};

static const struct ctl_call *const calls[] = {&key_new, &key_list,
    &key_activate, &key_retire, &key_remove, &key_rotate, &key_tend};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static int
run_key(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < CALLS; i++)
		if (strcmp(argv[1], calls[i]->name + strlen("key ")) == 0)
			return calls[i]->run(argc - 1, argv + 1);
	if (argc < 2 || strcmp(argv[1], "--help") != 0)
		return ctl_usage_error(&ctl_key,
		    "wanted new, list, activate, retire, remove, rotate or "
		    "tend");
	puts(ctl_key.usage);
	for (i = 0; i < CALLS; i++)
		printf("  %-13s %s\n", calls[i]->name, calls[i]->summary);
	return CTL_YES;
}

const struct ctl_call ctl_key = {
    "key",
    "the issuer's keys",
    "usage: jwtctl key CALL [OPTION]...\n",
    run_key,
};
