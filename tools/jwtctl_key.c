/*
 * jwtctl key: the issuer's keys.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jwt/libctx.h"
#include "jwt/setting.h"
#include "tools/jwtctl_key.h"

#define PUBLISH_BEFORE 86400 /* as issuer/policy.c has them */
#define CACHE 21600
#define LEEWAY 60

static const struct ctl_call *const calls[] = {
    &key_new,
    &key_list,
    &key_activate,
    &key_retire,
    &key_remove,
    &key_rotate,
    &key_tend,
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

/*
 * What all have in common.
 */

static int
no_memory(const struct key_work *work)
{
	ctl_say(work->call, "no memory");
	return CTL_FAILED;
}

/* Where no configuration is yet: the usual times. */
static int
configure_folder(struct key_work *work, const struct key_options *options)
{
	struct jwt_fault fault = {"no memory"};
	struct issuer_config *config;

	if (options->config != NULL)
		return ctl_usage_error(
		    work->call, "--config and --folder exclude each other");
	if ((config = calloc(1, sizeof(*config))) == NULL)
		return no_memory(work);
	*config = (struct issuer_config){.publish_before = PUBLISH_BEFORE,
	    .cache = CACHE,
	    .leeway = LEEWAY,
	    .rotate_every = JWT_UNSET};
	work->config = config;
	if ((config->keys = ctl_absolute(options->folder, &fault)) == NULL) {
		ctl_say(work->call, "%s", fault.text);
		return CTL_FAILED;
	}
	if (options->user != NULL &&
	    (config->account = strdup(options->user)) == NULL)
		return no_memory(work);
	return CTL_GO_ON;
}

static int
configure_file(struct key_work *work, const struct key_options *options)
{
	struct jwt_fault fault = {"no memory"};
	struct jwt_faults faults = {0};
	enum jwt_reason reason;
	char *path;
	size_t i;

	if (options->user != NULL)
		return ctl_usage_error(work->call,
		    "--user goes with --folder; a configuration names the "
		    "account itself");
	path = ctl_absolute(
	    options->config != NULL ? options->config : ISSUER_CONFIG_FILE,
	    &fault);
	if (path == NULL) {
		ctl_say(work->call, "%s", fault.text);
		return CTL_FAILED;
	}
	reason = issuer_config_read(path, &work->config, &faults);
	free(path);
	for (i = 0; i < faults.count; i++)
		ctl_say(work->call, "%s", faults.at[i].text);
	if (reason != JWT_OK && faults.count == 0)
		no_memory(work);
	jwt_faults_clear(&faults);
	if (reason != JWT_OK)
		return CTL_FAILED;
	if (work->config->keys != NULL ||
	    (work->config->provider != NULL && work->call == &ctl_jwks))
		return CTL_GO_ON;
	ctl_say(work->call,
	    "%s: the key does not lie in a key folder, so nothing is kept of "
	    "it here: `key`, where `keys` was expected",
	    work->config->source);
	return CTL_FAILED;
}

int
key_configure(const struct ctl_call *call, const struct key_options *options,
    struct key_work *work)
{
	*work = (struct key_work){.call = call, .ring = {.folder = -1}};
	return options->folder != NULL ? configure_folder(work, options)
	                               : configure_file(work, options);
}

int
key_failed(const struct key_work *work, enum issuer_reason reason,
    const struct jwt_fault *fault)
{
	ctl_say(work->call, "%s", fault->text);
	return reason == ISSUER_CLOCK_WRONG ? CTL_NO : CTL_FAILED;
}

int
key_open(struct key_work *work)
{
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;
	int result;

	result = key_become_owner(work, work->call == &key_new);
	if (result != CTL_GO_ON)
		return result;
	reason = issuer_ring_open(work->config->keys, &work->ring, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	if ((work->libctx = jwt_libctx_new()) == NULL)
		return no_memory(work);
	work->now = (int64_t)time(NULL);
	return CTL_GO_ON;
}

int
key_begin(struct key_work *work)
{
	struct jwt_strings strays = {0};
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;
	int result;
	size_t i;

	if ((result = key_open(work)) != CTL_GO_ON)
		return result;
	reason = issuer_ring_lock(&work->ring, &fault);
	/* Somebody may have changed it since, and before the lock. */
	if (reason == ISSUER_OK)
		reason = issuer_ring_read(&work->ring, &fault);
	work->now = (int64_t)time(NULL);
	if (reason == ISSUER_OK)
		reason =
		    issuer_ring_check_clock(&work->ring, &work->now, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_ring_tidy(&work->ring, &strays, &fault);
	for (i = 0; i < strays.count; i++)
		ctl_say(work->call,
		    "%s/%s: belongs to no key of the ring: left by a run that "
		    "was broken off, or put there; nothing needs it, so "
		    "remove it",
		    work->ring.path, strays.at[i]);
	jwt_strings_clear(&strays);
	return reason == ISSUER_OK ? CTL_GO_ON
	                           : key_failed(work, reason, &fault);
}

int
key_end(const struct key_work *work)
{
	if (work->published_changed)
		ctl_say(work->call,
		    "the published set has changed: publish what `jwtctl "
		    "jwks` writes now");
	return CTL_YES;
}

void
key_close(struct key_work *work)
{
	issuer_ring_close(&work->ring);
	issuer_config_free(work->config);
	OSSL_LIB_CTX_free(work->libctx);
}

int
key_named(
    const struct key_work *work, const char *kid, struct issuer_ring_key **key)
{
	char quoted[64];

	if ((*key = issuer_ring_find(&work->ring, kid)) != NULL)
		return CTL_GO_ON;
	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(kid));
	ctl_say(work->call,
	    "%s: there is no key %s; `jwtctl key list` shows which there are",
	    work->ring.path, quoted);
	return CTL_NO;
}

int
key_due(const struct key_work *work, const struct issuer_ring_key *key,
    int64_t *due)
{
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;
	int64_t longest;

	reason = issuer_key_longest(&work->ring, key->kid, &longest, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	*due = issuer_key_due(work->config, key, longest);
	return CTL_GO_ON;
}

const char *
key_when(char out[KEY_WHEN_SIZE], int64_t now, int64_t seconds)
{
	static const struct {
		char name;
		int64_t seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	int64_t away = seconds > now ? seconds - now : now - seconds;
	char utc[JWT_UTC_SIZE];
	size_t i = 0;

	while (i < 3 && away < 2 * units[i].seconds)
		i++;
	snprintf(out, KEY_WHEN_SIZE,
	    seconds > now ? "%s (in %lld%c)" : "%s (%lld%c ago)",
	    jwt_utc(utc, seconds), (long long)(away / units[i].seconds),
	    units[i].name);
	return out;
}

/*
 * The call of many calls.
 */

static int
help(void)
{
	size_t i;

	puts("usage: jwtctl key CALL [OPTION]...\n\n"
	     "Keeps the issuer's keys, in the folder that the issuer's\n"
	     "configuration names (keys).  A key is next until every verifier "
	     "can have it,\n"
	     "then active, the one that signs, then retired.\n");
	for (i = 0; i < CALLS; i++)
		printf("  %-12s %s\n", calls[i]->name, calls[i]->summary);
	puts("\n`jwtctl key CALL --help` shows a call's options.");
	return CTL_YES;
}

static int
run(int argc, char **argv)
{
	char quoted[64];
	size_t i;

	if (argc < 2)
		return ctl_usage_error(&ctl_key, "a call is missing");
	if (strcmp(argv[1], "--help") == 0)
		return help();
	for (i = 0; i < CALLS; i++)
		if (strcmp(argv[1], calls[i]->name + strlen("key ")) == 0)
			return calls[i]->run(argc - 1, argv + 1);
	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(argv[1]));
	return ctl_usage_error(&ctl_key, "there is no call %s", quoted);
}

const struct ctl_call ctl_key = {
    "key",
    "keep the issuer's keys",
    "",
    run,
};
