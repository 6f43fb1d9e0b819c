/*
 * jwtctl key list: the keys, for people and for machines.
 */
#include <stdio.h>
#include <string.h>

#include "tools/jwtctl_key.h"

/* A key with what its files say. */
struct row {
	const struct issuer_ring_key *key;
	const struct jwt_algorithm *algorithm;
	int64_t longest;
	int64_t due; /* JWT_UNSET: nothing comes by itself */
};

static int
read_row(const struct key_work *work, const struct issuer_ring_key *key,
    struct row *row)
{
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;

	row->key = key;
	reason = issuer_key_public(
	    &work->ring, work->libctx, key->kid, &row->algorithm, NULL, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_key_longest(
		    &work->ring, key->kid, &row->longest, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	row->due = issuer_key_due(work->config, key, row->longest);
	return CTL_GO_ON;
}

static int64_t
since(const struct issuer_ring_key *key)
{
	if (key->state == ISSUER_KEY_RETIRED)
		return key->retired;
	return key->state == ISSUER_KEY_ACTIVE ? key->activated
	                                       : key->published;
}

static void
put_line(const struct key_work *work, const struct row *row)
{
	static const char *const what[ISSUER_KEY_STATES] = {
	    [ISSUER_KEY_NEXT] = "may sign from",
	    [ISSUER_KEY_ACTIVE] = "signs; next key from",
	    [ISSUER_KEY_RETIRED] = "published until",
	};
	char at[KEY_WHEN_SIZE], due[KEY_WHEN_SIZE] = "";
	const struct issuer_ring_key *key = row->key;

	if (row->due != JWT_UNSET)
		key_when(due, work->now, row->due);
	printf("%-43s %-7s %-7s %-32s %s%s%s\n", key->kid, row->algorithm->name,
	    issuer_key_state_name(key->state),
	    key_when(at, work->now, since(key)),
	    row->due == JWT_UNSET ? "signs" : what[key->state],
	    row->due == JWT_UNSET ? "" : " ", due);
}

static int
list_text(const struct key_work *work)
{
	struct row row;
	int result;
	size_t i;

	if (work->ring.keys == 0) {
		puts("no key; `jwtctl key new` makes the first one");
		return CTL_YES;
	}
	printf("%-43s %-7s %-7s %-32s %s\n", "KID", "ALG", "STATE", "SINCE",
	    "WHAT COMES");
	for (i = 0; i < work->ring.keys; i++) {
		result = read_row(work, &work->ring.key[i], &row);
		if (result != CTL_GO_ON)
			return result;
		put_line(work, &row);
	}
	if (issuer_ring_in(&work->ring, ISSUER_KEY_ACTIVE) == NULL)
		puts("no key is active: nothing can be signed");
	return CTL_YES;
}

static void
put_time(const char *name, int64_t seconds)
{
	if (seconds == JWT_UNSET)
		printf(",\"%s\":null", name);
	else
		printf(",\"%s\":%lld", name, (long long)seconds);
}

/* Nothing in it needs an escape. */
static int
list_json(const struct key_work *work)
{
	const struct issuer_ring_key *key;
	struct row row;
	int result;
	size_t i;

	printf("{\"now\":%lld,\"keys\":[", (long long)work->now);
	for (i = 0; i < work->ring.keys; i++) {
		key = &work->ring.key[i];
		if ((result = read_row(work, key, &row)) != CTL_GO_ON)
			return result;
		printf("%s{\"kid\":\"%s\",\"alg\":\"%s\",\"state\":\"%s\"",
		    i == 0 ? "" : ",", key->kid, row.algorithm->name,
		    issuer_key_state_name(key->state));
		put_time("created", key->created);
		put_time("published", key->published);
		put_time("activated", key->activated);
		put_time("retired", key->retired);
		put_time("longest", row.longest);
		put_time("due", row.due);
		putchar('}');
	}
	puts("]}");
	return CTL_YES;
}

static int
run(int argc, char **argv)
{
	const char *json = NULL;
	struct key_options shared = {0};
	const struct ctl_option options[] = {
	    KEY_OPTIONS(shared), {"json", true, &json}};
	struct key_work work;
	int result;

	result = ctl_options(&key_list, argc, argv, options, 3, NULL);
	if (result != CTL_GO_ON)
		return result;
	result = key_configure(&key_list, &shared, &work);
	if (result == CTL_GO_ON)
		result = key_open(&work);
	if (result == CTL_GO_ON)
		result = json != NULL ? list_json(&work) : list_text(&work);
	key_close(&work);
	return result;
}

const struct ctl_call key_list = {
    "key list",
    "show the keys, their states, and what comes when",
    "usage: jwtctl key list [--json] [--config FILE | --folder DIR]\n"
    "\n"
    "  --json         one JSON object instead; times in seconds since 1970\n" KEY_OPTIONS_HELP,
    run,
};
