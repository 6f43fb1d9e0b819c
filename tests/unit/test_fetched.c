/*
 * Fetched keys on disk: what is found in them is what the whole set has, and
 * nothing that is damaged, foreign or gone is believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/fetched.h"
#include "jwt/file.h"
#include "jwt/jwk.h"
#include "key_checks.h"
#include "scratch.h"

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
/* Points of Ed25519 with y = 3, 4, 5; the last is one of small order. */
#define ED(x, more) \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x A40 "A\"" more "}"
#define ED3(more) ED("Aw", more)
#define ED4(more) ED("BA", more)
#define ED5(more) ED("BQ", more)
#define SMALL(more) ED("AQ", more)
#define P256(more)                                                        \
	"{\"kty\":\"EC\",\"crv\":\"P-256\","                              \
	"\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\",\"y\":\"T" \
	"-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\"" more "}"
#define SOURCE                             \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"
#define OTHER                              \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdee"

static OSSL_LIB_CTX *libctx;

static int
make(void **state)
{
	return libctx_new((void **)&libctx) + scratch_make(state);
}

static int
end(void **state)
{
	return scratch_remove(state) + libctx_free((void **)&libctx);
}

/* A key's text, and when it left. */
struct written {
	const char *text;
	int64_t left;
};

/* The bytes of a file with such keys; to be freed. */
static char *
compose(const struct written *written, size_t count, size_t *len)
{
	struct jwt_fetched_key *keys = calloc(count, sizeof(*keys));
	struct jwt_key *read = calloc(count, sizeof(*read));
	struct json_object *jwk;
	char *bytes = NULL;
	bool skipped;
	size_t i;

	for (i = 0; i < count; i++) {
		assert_int_equal(jwt_jwk_parse("a test",
				     jwt_slice_of(written[i].text), &jwk, NULL),
		    JWT_OK);
		assert_int_equal(
		    jwt_jwk_read(libctx, jwk, false, &read[i], &skipped),
		    JWT_OK);
		jwt_json_free_wiped(jwk);
		keys[i] = (struct jwt_fetched_key){
		    &read[i], written[i].text, written[i].left};
	}
	assert_int_equal(jwt_fetched_compose(
			     libctx, SOURCE, 1000, 7, keys, count, &bytes, len),
	    JWT_OK);
	for (i = 0; i < count; i++)
		jwt_key_clear(&read[i]);
	free(read);
	free(keys);
	return bytes;
}

/* The file of such keys, open. */
static struct jwt_fetched *
opened(const struct written *written, size_t count)
{
	struct jwt_fetched *fetched = NULL;
	struct jwt_fault fault = {""};
	enum jwt_reason reason;
	const char *path;
	char *bytes;
	size_t len;

	bytes = compose(written, count, &len);
	path = scratch_write_bytes("keys", bytes, len, 0644);
	free(bytes);
	reason = jwt_fetched_open(path, JWT_NO_OWNER, SOURCE, &fetched, &fault);
	if (reason != JWT_OK)
		fail_msg("%s", fault.text);
	return fetched;
}

#define OPENED(...)                                         \
	opened((const struct written[]){__VA_ARGS__},       \
	    sizeof((const struct written[]){__VA_ARGS__}) / \
		sizeof(struct written))

/* What a token of an algorithm and a kid (NULL: none) finds. */
static enum jwt_reason
choose(const struct jwt_fetched *fetched, const char *alg, const char *kid,
    int64_t since, const char **found)
{
	static char name[64];
	const struct jwt_algorithm *algorithm =
	    jwt_algorithm_find(jwt_slice_of(alg));
	struct jwt_slice slice = jwt_slice_of(kid);
	const struct jwt_slice *named = kid == NULL ? NULL : &slice;
	const struct jwt_key *key = NULL;
	struct jwt_keyset *set = NULL;
	struct jwt_fault fault = {""};
	enum jwt_reason reason;

	reason = jwt_fetched_find(
	    libctx, fetched, algorithm, named, since, &set, &fault);
	if (reason == JWT_OK)
		reason = jwt_keyset_choose(set, algorithm, named, &key, &fault);
	snprintf(name, sizeof(name), "%s",
	    key == NULL        ? ""
	    : key->kid == NULL ? "(none)"
			       : key->kid);
	*found = name;
	if (reason != JWT_OK)
		assert_string_not_equal(fault.text, "");
	jwt_keyset_free(set);
	return reason;
}

/* Fails unless it finds the key of a name. */
static void
finds(const struct jwt_fetched *fetched, const char *alg, const char *kid,
    int64_t since, const char *name)
{
	const char *found;

	assert_int_equal(choose(fetched, alg, kid, since, &found), JWT_OK);
	assert_string_equal(found, name);
}

/* Fails unless it finds none, for this reason. */
static void
finds_not(const struct jwt_fetched *fetched, const char *alg, const char *kid,
    int64_t since, enum jwt_reason reason)
{
	const char *found;

	assert_int_equal(choose(fetched, alg, kid, since, &found), reason);
}

static void
a_kid_finds_its_key_and_no_other(void **state)
{
	struct jwt_fetched *fetched = OPENED({ED3(",\"kid\":\"a\""), 0},
	    {ED4(",\"kid\":\"b\""), 0}, {P256(",\"kid\":\"c\""), 0});

	(void)state;
	assert_int_equal(fetched->keys, 3);
	assert_int_equal(fetched->usable, 3);
	assert_int_equal(fetched->skipped, 7);
	assert_int_equal(fetched->confirmed, 1000);
	assert_int_equal(fetched->kinds, 2);
	finds(fetched, "EdDSA", "a", 0, "a");
	finds(fetched, "EdDSA", "b", 0, "b");
	finds(fetched, "ES256", "c", 0, "c");
	finds_not(fetched, "EdDSA", "c", 0, JWT_UNKNOWN_KEY);
	finds_not(fetched, "ES256", "a", 0, JWT_UNKNOWN_KEY);
	finds_not(fetched, "EdDSA", "A", 0, JWT_UNKNOWN_KEY);
	finds_not(fetched, "EdDSA", "", 0, JWT_UNKNOWN_KEY);
	finds_not(fetched, "RS256", "a", 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
}

static void
a_token_without_kid_finds_the_one_that_fits(void **state)
{
	struct jwt_fetched *fetched = OPENED({ED3(",\"kid\":\"a\""), 0},
	    {ED4(",\"kid\":\"b\""), 0}, {P256(",\"kid\":\"c\""), 0});

	(void)state;
	finds(fetched, "ES256", NULL, 0, "c");
	/* two fit, and it must not be a matter of choice */
	finds_not(fetched, "EdDSA", NULL, 0, JWT_UNKNOWN_KEY);
	finds_not(fetched, "RS256", NULL, 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
}

static void
a_kid_that_is_unknown_finds_the_one_key_without(void **state)
{
	struct jwt_fetched *fetched =
	    OPENED({ED3(""), 0}, {ED4(",\"kid\":\"b\""), 0});

	(void)state;
	finds(fetched, "EdDSA", "new", 0, "(none)");
	finds(fetched, "EdDSA", "b", 0, "b");
	finds_not(fetched, "ES256", "new", 0, JWT_UNKNOWN_KEY);
	/* of both, when it has no kid itself */
	finds_not(fetched, "EdDSA", NULL, 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
	fetched = OPENED({ED3(""), 0}, {ED4(""), 0});
	finds_not(fetched, "EdDSA", "new", 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
}

static void
the_keys_own_algorithm_counts(void **state)
{
	struct jwt_fetched *fetched =
	    OPENED({ED3(",\"kid\":\"a\",\"alg\":\"Ed25519\""), 0},
		{ED4(",\"kid\":\"b\""), 0});

	(void)state;
	finds(fetched, "EdDSA", NULL, 0, "b");
	finds_not(fetched, "Ed25519", NULL, 0, JWT_UNKNOWN_KEY);
	finds(fetched, "Ed25519", "a", 0, "a");
	finds_not(fetched, "EdDSA", "a", 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
}

static void
a_refused_key_is_known_and_refused(void **state)
{
	struct jwt_fetched *fetched =
	    OPENED({SMALL(",\"kid\":\"a\""), 0}, {ED4(",\"kid\":\"b\""), 0});

	(void)state;
	assert_int_equal(fetched->keys, 2);
	assert_int_equal(fetched->usable, 1);
	finds_not(fetched, "EdDSA", "a", 0, JWT_KEY_REFUSED);
	finds(fetched, "EdDSA", "b", 0, "b");
	finds(fetched, "EdDSA", NULL, 0, "b");
	jwt_fetched_close(fetched);
}

/* Where nothing fits a token, the refused key that would have is the reason. */
static void
a_refused_key_is_told_to_a_token_without_its_kid(void **state)
{
	struct jwt_fetched *fetched = OPENED({SMALL(",\"kid\":\"a\""), 0},
	    {SMALL(""), 0}, {P256(",\"kid\":\"c\""), 0});

	(void)state;
	finds_not(fetched, "EdDSA", NULL, 0, JWT_KEY_REFUSED);
	finds_not(fetched, "EdDSA", "other", 0, JWT_KEY_REFUSED);
	finds_not(fetched, "RS256", NULL, 0, JWT_UNKNOWN_KEY);
	finds(fetched, "ES256", NULL, 0, "c");
	finds_not(fetched, "ES256", "other", 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
	fetched = OPENED({SMALL(",\"kid\":\"a\""), 0});
	finds_not(fetched, "EdDSA", "other", 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
	fetched = OPENED({SMALL(",\"kid\":\"a\""), 500});
	finds_not(fetched, "EdDSA", NULL, 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
}

static void
a_key_that_left_serves_by_its_kid_alone_and_not_for_long(void **state)
{
	struct jwt_fetched *fetched = OPENED(
	    {ED3(",\"kid\":\"old\""), 500}, {ED4(",\"kid\":\"new\""), 0});

	(void)state;
	assert_int_equal(fetched->keys, 2);
	assert_int_equal(fetched->usable, 1);
	finds(fetched, "EdDSA", "old", 499, "old");
	finds_not(fetched, "EdDSA", "old", 500, JWT_UNKNOWN_KEY);
	finds_not(fetched, "EdDSA", "old", 501, JWT_UNKNOWN_KEY);
	finds(fetched, "EdDSA", "new", 1000000, "new");
	finds(fetched, "EdDSA", NULL, 0, "new");
	jwt_fetched_close(fetched);
}

static void
ten_thousand_keys_are_found_one_by_one(void **state)
{
	enum {
		MANY = 10000
	};
	struct written *written = calloc(MANY, sizeof(*written));
	struct jwt_fetched *fetched;
	const char *found;
	char name[16];
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		written[i].text = strdup(filled(ED3(",\"kid\":\"k%zu\""), i));
	fetched = opened(written, MANY);
	for (i = 0; i < MANY; i += 97) {
		snprintf(name, sizeof(name), "k%zu", i);
		assert_int_equal(
		    choose(fetched, "EdDSA", name, 0, &found), JWT_OK);
		assert_string_equal(found, name);
	}
	finds(fetched, "EdDSA", "k9999", 0, "k9999");
	finds_not(fetched, "EdDSA", "k10000", 0, JWT_UNKNOWN_KEY);
	finds_not(fetched, "EdDSA", NULL, 0, JWT_UNKNOWN_KEY);
	jwt_fetched_close(fetched);
	for (i = 0; i < MANY; i++)
		free((void *)(uintptr_t)written[i].text);
	free(written);
}

static void
each_kind_of_key_is_there_once(void **state)
{
	struct jwt_fetched *fetched = OPENED({ED3(",\"kid\":\"a\""), 0},
	    {ED4(",\"kid\":\"b\""), 0}, {P256(",\"kid\":\"c\""), 0},
	    {ED5(",\"kid\":\"d\",\"alg\":\"EdDSA\""), 0});
	struct jwt_keyset *set;

	(void)state;
	assert_int_equal(
	    jwt_fetched_kinds(libctx, fetched, SIZE_MAX, &set, NULL), JWT_OK);
	assert_int_equal(set->usable, 3);
	jwt_keyset_free(set);
	assert_int_equal(
	    jwt_fetched_kinds(libctx, fetched, 1, &set, NULL), JWT_OK);
	assert_int_equal(set->usable, 1);
	jwt_keyset_free(set);
	jwt_fetched_close(fetched);
}

static void
all_keys_are_read_back_as_they_were(void **state)
{
	struct jwt_fetched *fetched =
	    OPENED({ED3(",\"kid\":\"a\""), 5}, {ED4(""), 0});
	bool seen_old = false, seen_new = false;
	struct jwt_fault fault = {""};
	int64_t left;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    jwt_fetched_at(fetched, i, &text, &left, &fault), JWT_OK);
		if (strcmp(text, ED3(",\"kid\":\"a\"")) == 0 && left == 5)
			seen_old = true;
		if (strcmp(text, ED4("")) == 0 && left == 0)
			seen_new = true;
		free(text);
	}
	assert_true(seen_old && seen_new);
	jwt_fetched_close(fetched);
}

/* The same with these bytes in the file. */
static enum jwt_reason
reopen(const char *bytes, size_t len, const char *source,
    struct jwt_fetched **fetched, struct jwt_fault *fault)
{
	const char *path = scratch_write_bytes("keys", bytes, len, 0644);

	*fault = (struct jwt_fault){""};
	return jwt_fetched_open(path, JWT_NO_OWNER, source, fetched, fault);
}

static void
keys_from_elsewhere_are_not_believed(void **state)
{
	const struct written one = {ED3(",\"kid\":\"a\""), 0};
	struct jwt_fetched *fetched;
	struct jwt_fault fault;
	char *bytes;
	size_t len;

	(void)state;
	bytes = compose(&one, 1, &len);
	assert_int_equal(reopen(bytes, len, SOURCE, &fetched, &fault), JWT_OK);
	jwt_fetched_close(fetched);
	assert_int_equal(
	    reopen(bytes, len, OTHER, &fetched, &fault), JWT_KEYS_UNAVAILABLE);
	assert_null(fetched);
	assert_non_null(strstr(fault.text, "another address"));
	free(bytes);
}

/*
 * Whatever is cut off or changed in front of the texts, nothing is found that
 * was not there, and nothing is read outside.
 */
static void
a_damaged_file_gives_no_key_that_was_not_there(void **state)
{
	const struct written two[] = {
	    {ED3(",\"kid\":\"a\""), 0}, {ED4(",\"kid\":\"b\""), 0}};
	struct jwt_fetched *fetched;
	struct jwt_fault fault;
	const char *found;
	char *bytes, kept;
	size_t len, i;

	(void)state;
	bytes = compose(two, 2, &len);
	for (i = 0; i < len; i += 3) {
		if (reopen(bytes, i, SOURCE, &fetched, &fault) != JWT_OK)
			continue;
		(void)choose(fetched, "EdDSA", "a", 0, &found);
		(void)choose(fetched, "EdDSA", NULL, 0, &found);
		jwt_fetched_close(fetched);
	}
	for (i = 0; i < len; i++) {
		kept = bytes[i];
		bytes[i] = kept == '9' ? '0' : '9';
		if (reopen(bytes, len, SOURCE, &fetched, &fault) == JWT_OK) {
			if (choose(fetched, "EdDSA", "a", 0, &found) == JWT_OK)
				assert_string_equal(found, "a");
			if (choose(fetched, "EdDSA", "c", 0, &found) == JWT_OK)
				fail_msg("byte %zu: %s", i, found);
			jwt_fetched_close(fetched);
		}
		bytes[i] = kept;
	}
	free(bytes);
}

static void
a_secret_in_it_is_refused(void **state)
{
	static const char secret[] =
	    "{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AA" A40 "A\"}";
	struct jwt_fetched *fetched = OPENED({secret, 0});

	(void)state;
	finds_not(fetched, "HS256", "a", 0, JWT_KEYS_UNAVAILABLE);
	finds_not(fetched, "HS256", NULL, 0, JWT_KEYS_UNAVAILABLE);
	jwt_fetched_close(fetched);
}

/* Who writes such a file must not be able to use up a login's memory. */
static void
a_file_cannot_demand_much_memory(void **state)
{
	char text[100][200], *bytes, *at;
	struct written many[100];
	struct jwt_fetched *fetched;
	struct jwt_fault fault;
	size_t len, i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(text[i], sizeof(text[i]), ED3(",\"kid\":\"%zu\""), i);
		many[i] = (struct written){text[i], 0};
	}
	bytes = compose(many, 100, &len);
	at = strstr(bytes, "keys=00000100 ");
	assert_non_null(at);
	memcpy(at, "keys=00000037", 13);
	at = strstr(bytes, "kinds=0001");
	assert_non_null(at);
	memcpy(at, "kinds=0064", 10);
	assert_int_equal(reopen(bytes, len, SOURCE, &fetched, &fault), JWT_OK);
	jwt_fetched_close(fetched);
	memcpy(strstr(bytes, "kinds=0064"), "kinds=0065", 10);
	memcpy(strstr(bytes, "keys=00000037"), "keys=00000036", 13);
	assert_int_equal(
	    reopen(bytes, len, SOURCE, &fetched, &fault), JWT_KEYS_UNAVAILABLE);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_kid_finds_its_key_and_no_other),
	    cmocka_unit_test(a_token_without_kid_finds_the_one_that_fits),
	    cmocka_unit_test(a_kid_that_is_unknown_finds_the_one_key_without),
	    cmocka_unit_test(the_keys_own_algorithm_counts),
	    cmocka_unit_test(a_refused_key_is_known_and_refused),
	    cmocka_unit_test(a_refused_key_is_told_to_a_token_without_its_kid),
	    cmocka_unit_test(
		a_key_that_left_serves_by_its_kid_alone_and_not_for_long),
	    cmocka_unit_test(ten_thousand_keys_are_found_one_by_one),
	    cmocka_unit_test(each_kind_of_key_is_there_once),
	    cmocka_unit_test(all_keys_are_read_back_as_they_were),
	    cmocka_unit_test(keys_from_elsewhere_are_not_believed),
	    cmocka_unit_test(a_damaged_file_gives_no_key_that_was_not_there),
	    cmocka_unit_test(a_secret_in_it_is_refused),
	    cmocka_unit_test(a_file_cannot_demand_much_memory),
	};

	return cmocka_run_group_tests(tests, make, end);
}
