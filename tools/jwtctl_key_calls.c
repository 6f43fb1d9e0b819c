/*
 * jwtctl key new, activate, retire, remove: one key, because somebody says so.
 */
#include <stdio.h>
#include <string.h>

#include "tools/jwtctl_key.h"

static int
end(struct key_work *work, int result)
{
	if (result == CTL_GO_ON)
		result = key_end(work);
	key_close(work);
	return result;
}

/*
 * new
 */

static int
find_algorithm(const char *name, const struct jwt_algorithm **algorithm)
{
	const struct jwt_algorithm *row;
	char names[256] = "";
	size_t i, used = 0;

	*algorithm = jwt_algorithm_find(jwt_slice_of(name));
	if (*algorithm != NULL && (*algorithm)->kty != JWT_KTY_OCT)
		return CTL_GO_ON;
	if (*algorithm != NULL)
		return ctl_usage_error(&key_new,
		    "--alg %s: a secret has no public half to publish, so "
		    "every verifier could make tokens; EdDSA, ES256 or RS256",
		    name);
	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++)
		if (row->kty != JWT_KTY_OCT && used < sizeof(names))
			used += (size_t)snprintf(names + used,
			    sizeof(names) - used, " %s", row->name);
	return ctl_usage_error(&key_new, "--alg: not one of these:%s", names);
}

static int
make(struct key_work *work, const struct jwt_algorithm *algorithm)
{
	const struct issuer_ring_key *next =
	    issuer_ring_in(&work->ring, ISSUER_KEY_NEXT);
	int result;

	/* With two of them nobody could tell which one is to sign. */
	if (next != NULL) {
		ctl_say(work->call,
		    "%s is next already: `jwtctl key activate` or `jwtctl key "
		    "retire` it first",
		    next->kid);
		return CTL_NO;
	}
	if ((result = key_make(work, algorithm)) == CTL_GO_ON)
		puts(work->ring.key[work->ring.keys - 1].kid);
	return result;
}

static int
run_new(int argc, char **argv)
{
	const char *alg = NULL;
	struct key_options shared = {0};
	const struct ctl_option options[] = {KEY_OPTIONS(shared),
	    {"user", false, &shared.user}, {"alg", false, &alg}};
	const struct jwt_algorithm *algorithm;
	struct key_work work;
	int result;

	result = ctl_options(&key_new, argc, argv, options, 4, NULL);
	if (result == CTL_GO_ON)
		result = find_algorithm(alg ? alg : "EdDSA", &algorithm);
	if (result != CTL_GO_ON)
		return result;
	result = key_configure(&key_new, &shared, &work);
	if (result == CTL_GO_ON)
		result = key_begin(&work);
	if (result == CTL_GO_ON)
		result = make(&work, algorithm);
	return end(&work, result);
}

const struct ctl_call key_new = {
    "key new",
    "make a key, the next one to sign",
    "usage: jwtctl key new [--alg NAME] [--config FILE | --folder DIR]\n"
    "\n"
    "Makes a key, in the state next: to be published now and to sign when\n"
    "every verifier has it (publish_before).  The first key signs at once.\n"
    "Writes its KID.  Where there is no key folder yet, it is made.\n"
    "\n"
    "  --alg NAME     EdDSA unless given; any of pam_jwt.conf(5) but HS256\n"
    "                 and its kin\n"
    "  --user NAME    with --folder, as root: whose a new folder becomes;\n"
    "                 jwt-issuer unless given\n" KEY_OPTIONS_HELP,
    run_new,
};

/*
 * activate, retire, remove
 */

/* What is done to the key that is named, and whether by force. */
typedef int
change(struct key_work *work, struct issuer_ring_key *key, bool by_force);

static int
run_change(const struct ctl_call *call, change *how, int argc, char **argv)
{
	const char *kid = NULL, *now = NULL;
	struct key_options shared = {0};
	const struct ctl_option options[] = {
	    KEY_OPTIONS(shared), {"now", true, &now}};
	struct issuer_ring_key *key;
	struct key_work work;
	int result;

	result = ctl_options(call, argc, argv, options, 3, &kid);
	if (result != CTL_GO_ON)
		return result;
	if (kid == NULL)
		return ctl_usage_error(
		    call, "the KID is missing; `jwtctl key list` shows them");
	result = key_configure(call, &shared, &work);
	if (result == CTL_GO_ON)
		result = key_begin(&work);
	if (result == CTL_GO_ON)
		result = key_named(&work, kid, &key);
	if (result == CTL_GO_ON)
		result = how(&work, key, now != NULL);
	return end(&work, result);
}

static int
activate(struct key_work *work, struct issuer_ring_key *key, bool by_force)
{
	int64_t due = issuer_key_due(work->config, key, 0);
	char when[KEY_WHEN_SIZE];

	if (key->state == ISSUER_KEY_ACTIVE) {
		ctl_say(work->call, "%s: is active already", key->kid);
		return CTL_GO_ON;
	}
	if (key->state == ISSUER_KEY_RETIRED) {
		ctl_say(work->call,
		    "%s: is retired, and its private half is gone: `jwtctl "
		    "key new` makes another",
		    key->kid);
		return CTL_NO;
	}
	if (work->now < due && !by_force) {
		ctl_say(work->call,
		    "%s: verifiers may not have it before %s, and would "
		    "refuse its tokens: wait, or --now",
		    key->kid, key_when(when, work->now, due));
		return CTL_NO;
	}
	return key_sign_with(work, key);
}

static int
retire(struct key_work *work, struct issuer_ring_key *key, bool by_force)
{
	const struct issuer_ring_key *next =
	    issuer_ring_in(&work->ring, ISSUER_KEY_NEXT);

	if (key->state == ISSUER_KEY_RETIRED) {
		ctl_say(work->call, "%s: is retired already", key->kid);
		return CTL_GO_ON;
	}
	if (key->state == ISSUER_KEY_ACTIVE && !by_force) {
		ctl_say(work->call,
		    "%s: is the only key that signs, and without it nothing "
		    "is signed: `jwtctl key activate` %s, which retires this "
		    "one; or --now",
		    key->kid,
		    next != NULL ? next->kid
				 : "another, which `jwtctl key new` makes");
		return CTL_NO;
	}
	return key_retire_now(work, key);
}

static int
remove_key(struct key_work *work, struct issuer_ring_key *key, bool by_force)
{
	char when[KEY_WHEN_SIZE];
	int64_t due = 0;
	int result;

	if (key->state != ISSUER_KEY_RETIRED) {
		ctl_say(work->call,
		    "%s: is %s: `jwtctl key retire` it before it is removed",
		    key->kid, issuer_key_state_name(key->state));
		return CTL_NO;
	}
	/* What cannot be read must not keep a key that is to go at once. */
	if (!by_force) {
		if ((result = key_due(work, key, &due)) != CTL_GO_ON)
			return result;
		if (work->now < due) {
			ctl_say(work->call,
			    "%s: tokens that it signed may live until %s, and "
			    "would be refused: wait, or --now",
			    key->kid, key_when(when, work->now, due));
			return CTL_NO;
		}
	}
	return key_remove_now(work, key);
}

static int
run_activate(int argc, char **argv)
{
	return run_change(&key_activate, activate, argc, argv);
}

static int
run_retire(int argc, char **argv)
{
	return run_change(&key_retire, retire, argc, argv);
}

static int
run_remove(int argc, char **argv)
{
	return run_change(&key_remove, remove_key, argc, argv);
}

const struct ctl_call key_activate = {
    "key activate",
    "sign with the next key from now on",
    "usage: jwtctl key activate KID [--now] [--config FILE | --folder DIR]\n"
    "\n"
    "The next key becomes the one that signs, and the one that did is\n"
    "retired.  Refused before it was published for publish_before.\n"
    "\n"
    "  --now          refused by nobody: verifiers that have not got the key\n"
    "                 refuse its tokens\n" KEY_OPTIONS_HELP,
    run_activate,
};

const struct ctl_call key_retire = {
    "key retire",
    "sign with a key no more",
    "usage: jwtctl key retire KID [--now] [--config FILE | --folder DIR]\n"
    "\n"
    "The private half is wiped; the public one is still published, for the\n"
    "tokens that live.  Refused for the key that signs.\n"
    "\n"
    "  --now          that one, too: nothing is signed then\n" KEY_OPTIONS_HELP,
    run_retire,
};

const struct ctl_call key_remove = {
    "key remove",
    "publish a retired key no more",
    "usage: jwtctl key remove KID [--now] [--config FILE | --folder DIR]\n"
    "\n"
    "Refused while tokens may live that it signed: the longest lifetime that\n"
    "it signed, the leeway and the time for which verifiers keep the set.\n"
    "\n"
    "  --now          at once: tokens that it signed are refused by every\n"
    "                 verifier that gets the set\n" KEY_OPTIONS_HELP,
    run_remove,
};
