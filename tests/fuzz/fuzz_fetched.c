/*
 * Fetched keys.  An input that begins like such a file is one, damaged as it
 * may be: what is found in it is what a plain reading of its lines finds, and
 * never a secret.  Any other input is a set of keys, of which a file is made:
 * what a token finds in it is what it would find in the whole set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fetched_file.h"
#include "jwt/fetched_line.h"
#include "jwt/jwk.h"
#include "jwt/libctx.h"

#define KEYS_MAX 8 /* of a set, for want of time */
#define LEFT 1000  /* when those of a set left that have */
#define BEFORE (LEFT - 1)
#define WORD "pam_jwt keys"

static OSSL_LIB_CTX *libctx;

int
/* NOLINTNEXTLINE(readability-non-const-parameter): as libFuzzer has it */
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	libctx = jwt_libctx_new();
	check(libctx != NULL, "no memory");
	return 0;
}

/*
 * A file.
 */

/* No more than the vetting lets through, and nothing secret. */
static void
check_set(const struct jwt_keyset *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		check(set->key[i].secret == NULL && !set->key[i].is_private &&
			  (set->key[i].pkey == NULL) ==
			      (set->key[i].refusal != NULL),
		    "a fetched key is secret, or not built");
}

static void
check_outcome(enum jwt_reason reason, const struct jwt_keyset *set,
    const struct jwt_fault *fault)
{
	check(reason == JWT_OK || reason == JWT_UNKNOWN_KEY ||
		  reason == JWT_KEYS_UNAVAILABLE,
	    "a fetched file makes a fault of ours");
	check((reason == JWT_OK) == (fault->text[0] == '\0'),
	    "a refusal has words, and what is taken has none");
	check(set == NULL || reason == JWT_OK, "keys come with a refusal");
	check_queue();
	if (set != NULL)
		check_set(set);
}

/* Digits at a place of a line; false: these are others. */
static bool
number_at(const char *line, size_t at, size_t digits, uint64_t *number)
{
	char text[16];
	char *end;

	snprintf(text, sizeof(text), "%.*s", (int)digits, line + at);
	*number = strtoull(text, &end, 10);
	return end == text + digits && strspn(text, "0123456789") == digits;
}

/* A line of the index as anybody would read it; false: it is none. */
static bool
read_plainly(struct jwt_slice file, size_t number, char digest[JWT_DIGEST_SIZE],
    struct jwt_slice *text)
{
	size_t at = JWT_FETCHED_HEADER + number * JWT_FETCHED_LINE;
	char line[JWT_FETCHED_LINE + 1];
	uint64_t place, len;

	if (at + JWT_FETCHED_LINE > file.len)
		return false;
	memcpy(line, file.at + at, JWT_FETCHED_LINE);
	line[JWT_FETCHED_LINE] = '\0';
	if (!number_at(line, 68, 8, &place) || !number_at(line, 77, 8, &len) ||
	    place > file.len || len > file.len - place)
		return false;
	snprintf(digest, JWT_DIGEST_SIZE, "%.64s", line);
	*text = (struct jwt_slice){file.at + place, len};
	return true;
}

/* Every line of the index can be read, and none is before another. */
static bool
is_in_order(const struct jwt_fetched *fetched, struct jwt_slice file)
{
	char digest[JWT_DIGEST_SIZE], last[JWT_DIGEST_SIZE] = "";
	struct jwt_slice text;
	size_t i;

	for (i = 0; i < fetched->keys; i++) {
		if (!read_plainly(file, fetched->fits + fetched->kinds + i,
			digest, &text) ||
		    strcmp(last, digest) > 0)
			return false;
		memcpy(last, digest, sizeof(last));
	}
	return true;
}

/* How often the index names a kid, and whether one of these is the key. */
static size_t
find_plainly(const struct jwt_fetched *fetched, struct jwt_slice file,
    struct jwt_slice kid, struct jwt_slice wanted, bool *same)
{
	char digest[JWT_DIGEST_SIZE], other[JWT_DIGEST_SIZE];
	struct jwt_slice text;
	size_t i, found = 0;

	*same = false;
	check(jwt_digest(libctx, kid, digest) == JWT_OK, "no digest");
	for (i = 0; i < fetched->keys; i++) {
		if (!read_plainly(file, fetched->fits + fetched->kinds + i,
			other, &text) ||
		    strcmp(digest, other) != 0)
			continue;
		found++;
		*same = *same || jwt_slice_equal(text, wanted);
	}
	return found;
}

static bool
has_kid(const struct jwt_key *key, struct jwt_slice kid)
{
	return key->kid != NULL &&
	       jwt_slice_equal((struct jwt_slice){key->kid, key->kid_len}, kid);
}

static void
try_kid(const struct jwt_fetched *fetched, struct jwt_slice file,
    struct jwt_slice kid, struct jwt_slice text)
{
	const struct jwt_algorithm *algorithm;
	const struct jwt_key *key;
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;
	enum jwt_reason reason;
	size_t found;
	bool same;

	algorithm = jwt_algorithm_find(jwt_slice_of("EdDSA"));
	reason = jwt_fetched_find(
	    libctx, fetched, algorithm, &kid, -1, &set, &fault);
	check_outcome(reason, set, &fault);
	found = find_plainly(fetched, file, kid, text, &same);
	if (found == 1 && is_in_order(fetched, file)) {
		check(!same || reason != JWT_UNKNOWN_KEY,
		    "a key that is there is not found");
		check(reason != JWT_OK ||
			  (set->count == 1 && has_kid(&set->key[0], kid)),
		    "a key is found by a kid that it has not");
	}
	if (reason == JWT_OK &&
	    jwt_keyset_choose(set, algorithm, &kid, &key, NULL) == JWT_OK)
		check(key->kid == NULL || has_kid(key, kid),
		    "a token has the key of another kid");
	jwt_keyset_free(set);
}

/* By the kid that the text at a place has, and by another. */
static void
try_place(
    const struct jwt_fetched *fetched, struct jwt_slice file, size_t place)
{
	struct json_object *jwk = NULL;
	struct jwt_fault fault = {""};
	struct jwt_slice kid;
	enum jwt_reason reason;
	int64_t left;
	char *text;

	reason = jwt_fetched_at(fetched, place, &text, &left, &fault);
	check_outcome(reason, NULL, &fault);
	check((reason == JWT_OK) == (text != NULL),
	    "a text comes with a refusal, or none without");
	if (text == NULL)
		return;
	if (jwt_jwk_parse("file", jwt_slice_of(text), &jwk, NULL) == JWT_OK) {
		if (jwt_json_string(jwk, "kid", &kid) == JWT_MEMBER_FOUND)
			try_kid(fetched, file, kid, jwt_slice_of(text));
		jwt_json_free_wiped(jwk);
	}
	free(text);
}

static void
try_file(struct jwt_slice file)
{
	struct jwt_fetched *fetched = NULL;
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;
	enum jwt_reason reason;
	size_t i;

	reason = fetched_file_open(file, &fetched, &fault);
	check_outcome(reason, NULL, &fault);
	check((reason == JWT_OK) == (fetched != NULL),
	    "a file is opened and refused");
	if (fetched == NULL)
		return;
	for (i = 0; i < fetched->keys && i < KEYS_MAX; i++)
		try_place(fetched, file, i);
	try_kid(fetched, file, jwt_slice_of("another"), jwt_slice_of(""));
	fault.text[0] = '\0';
	reason = jwt_fetched_kinds(libctx, fetched, KEYS_MAX, &set, &fault);
	check_outcome(reason, set, &fault);
	jwt_keyset_free(set);
	jwt_fetched_close(fetched);
}

/*
 * A set.
 */

struct whole {
	struct jwt_fetched_key key[KEYS_MAX];
	struct jwt_key read[KEYS_MAX];
	char *text[KEYS_MAX];
	size_t count;
	struct jwt_key
	    current[KEYS_MAX]; /* borrowed: those that have not left */
	struct jwt_keyset set; /* of these */
};

/* Those whose kid begins with an o have left. */
static bool
has_left(const struct jwt_key *key)
{
	return key->kid != NULL && key->kid_len > 0 && key->kid[0] == 'o';
}

static void
take_key(struct whole *whole, const struct json_object *jwk)
{
	struct jwt_key *key = &whole->read[whole->count];
	bool skipped = false;

	if (jwt_jwk_read(libctx, jwk, false, key, &skipped) != JWT_OK ||
	    skipped) {
		jwt_key_clear(key);
		*key = (struct jwt_key){0};
		return;
	}
	whole->text[whole->count] = strdup(
	    json_object_to_json_string_ext((struct json_object *)(uintptr_t)jwk,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	check(whole->text[whole->count] != NULL, "no memory");
	check(strlen(whole->text[whole->count]) <= JWT_FETCHED_TEXT_MAX,
	    "the input is longer than such a text may be");
	whole->key[whole->count] = (struct jwt_fetched_key){
	    key, whole->text[whole->count], has_left(key) ? LEFT : 0};
	whole->count++;
	if (has_left(key))
		return;
	whole->current[whole->set.count++] = *key;
	whole->set.usable += key->refusal == NULL;
}

/* As a provider's answer is vetted as a whole first. */
static bool
take_set(struct jwt_slice bytes, struct whole *whole)
{
	struct json_object *root = NULL, *array = NULL;
	struct jwt_keyset *set = NULL;
	size_t i;

	*whole = (struct whole){.set.key = whole->current};
	if (jwt_keyset_parse(libctx, "set", bytes, 0644, &set, NULL) != JWT_OK)
		return false;
	jwt_keyset_free(set);
	if (jwt_jwk_parse("set", bytes, &root, NULL) == JWT_OK &&
	    jwt_json_member(root, "keys", &array) == JWT_MEMBER_FOUND)
		for (i = 0; i < json_object_array_length(array) &&
			    whole->count < KEYS_MAX;
		     i++)
			take_key(whole, json_object_array_get_idx(array, i));
	jwt_json_free_wiped(root);
	return whole->count > 0;
}

static const struct jwt_key *
find_old(const struct whole *whole, struct jwt_slice kid)
{
	size_t i;

	for (i = 0; i < whole->count; i++)
		if (has_left(&whole->read[i]) &&
		    jwt_slice_equal(kid, (struct jwt_slice){whole->read[i].kid,
					     whole->read[i].kid_len}))
			return &whole->read[i];
	return NULL;
}

static bool
same_key(const struct jwt_key *a, const struct jwt_key *b)
{
	return b != NULL && a->kty == b->kty && a->algorithm == b->algorithm &&
	       (a->refusal == NULL) == (b->refusal == NULL) &&
	       (a->kid == NULL) == (b->kid == NULL) &&
	       (a->kid == NULL ||
		   jwt_slice_equal((struct jwt_slice){a->kid, a->kid_len},
		       (struct jwt_slice){b->kid, b->kid_len})) &&
	       (a->pkey == NULL || EVP_PKEY_eq(a->pkey, b->pkey) == 1);
}

/* What a token finds must be this key, or the same refusal. */
static void
try_token(const struct jwt_fetched *fetched,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid,
    int64_t since, enum jwt_reason wanted, const struct jwt_key *key)
{
	const struct jwt_key *found = NULL;
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;
	enum jwt_reason reason;

	reason = jwt_fetched_find(
	    libctx, fetched, algorithm, kid, since, &set, &fault);
	check_outcome(reason, set, &fault);
	if (reason == JWT_OK)
		reason = jwt_keyset_choose(set, algorithm, kid, &found, NULL);
	check(reason == wanted, "a file says otherwise than the whole set");
	check(reason != JWT_OK || same_key(found, key),
	    "a file has another key than the whole set");
	jwt_keyset_free(set);
}

static void
try_kid_of_set(const struct whole *whole, const struct jwt_fetched *fetched,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid)
{
	const struct jwt_key *old, *key = NULL;
	struct jwt_keyset one = {.count = 1};
	enum jwt_reason reason;

	old = kid == NULL ? NULL : find_old(whole, *kid);
	if (old == NULL) {
		reason =
		    jwt_keyset_choose(&whole->set, algorithm, kid, &key, NULL);
		try_token(fetched, algorithm, kid, LEFT, reason, key);
		return;
	}
	one.key = (struct jwt_key *)(uintptr_t)old;
	one.usable = old->refusal == NULL;
	reason = jwt_keyset_choose(&one, algorithm, kid, &key, NULL);
	try_token(fetched, algorithm, kid, BEFORE, reason, key);
	try_token(fetched, algorithm, kid, LEFT, JWT_UNKNOWN_KEY, NULL);
}

static void
compare(const struct whole *whole, const struct jwt_fetched *fetched)
{
	static const struct jwt_slice another = {"another", 7};
	const struct jwt_algorithm *algorithm;
	struct jwt_slice kid;
	size_t a, i;

	check(fetched->keys == whole->count &&
		  fetched->usable == whole->set.usable,
	    "a file counts other keys");
	for (a = 0; (algorithm = jwt_algorithm_at(a)) != NULL; a++) {
		if (algorithm->kty == JWT_KTY_OCT)
			continue;
		try_kid_of_set(whole, fetched, algorithm, NULL);
		try_kid_of_set(whole, fetched, algorithm, &another);
		for (i = 0; i < whole->count; i++) {
			kid = (struct jwt_slice){
			    whole->read[i].kid, whole->read[i].kid_len};
			if (kid.at != NULL)
				try_kid_of_set(whole, fetched, algorithm, &kid);
		}
	}
}

static void
try_set(struct jwt_slice bytes)
{
	struct jwt_fetched *fetched = NULL;
	struct jwt_fault fault = {""};
	struct whole whole;
	char *file = NULL;
	size_t len = 0, i;

	if (take_set(bytes, &whole)) {
		check(jwt_fetched_compose(libctx, FETCHED_SOURCE, 1, 0,
			  whole.key, whole.count, &file, &len) == JWT_OK,
		    "a set makes no file");
		check(fetched_file_open((struct jwt_slice){file, len}, &fetched,
			  &fault) == JWT_OK,
		    "a file that was made cannot be opened");
		compare(&whole, fetched);
		jwt_fetched_close(fetched);
	}
	free(file);
	for (i = 0; i < whole.count; i++) {
		jwt_key_clear(&whole.read[i]);
		free(whole.text[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct jwt_slice bytes = {(const char *)data, len};

	if (len >= strlen(WORD) && memcmp(data, WORD, strlen(WORD)) == 0)
		try_file(bytes);
	else
		try_set(bytes);
	check_queue();
	return 0;
}

/* One line of a file alone, so that the others stay where they are. */
size_t
LLVMFuzzerCustomMutator(
    uint8_t *bytes, size_t len, size_t max, unsigned int seed)
{
	size_t lines, at, width, size;
	uint8_t line[2 * JWT_FETCHED_LINE];

	if (len < JWT_FETCHED_HEADER + JWT_FETCHED_LINE || seed % 4 == 0 ||
	    memcmp(bytes, WORD, strlen(WORD)) != 0)
		return LLVMFuzzerMutate(bytes, len, max);
	lines = (len - JWT_FETCHED_HEADER) / JWT_FETCHED_LINE;
	at = seed / 4 % (lines + 1);
	width = at == 0 ? JWT_FETCHED_HEADER : JWT_FETCHED_LINE;
	at = at == 0 ? 0 : JWT_FETCHED_HEADER + (at - 1) * JWT_FETCHED_LINE;
	memcpy(line, bytes + at, width);
	size = LLVMFuzzerMutate(line, width, width);
	memset(line + size, ' ', width - size);
	line[width - 1] = '\n';
	memcpy(bytes + at, line, width);
	return len;
}
