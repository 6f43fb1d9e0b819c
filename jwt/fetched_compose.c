#include <stdlib.h>
#include <string.h>

#include "algorithm.h"
#include "fetched_line.h"

/* A file while it is made. */
struct composing {
	OSSL_LIB_CTX *libctx;
	const struct jwt_fetched_key *keys;
	size_t count;
	const struct jwt_fetched_key *kind[JWT_FETCHED_KINDS_MAX];
	size_t kinds;
	size_t fits;             /* algorithms with a key that fits */
	size_t texts;            /* where the first text is */
	struct jwt_place *place; /* of each key's text */
	char *bytes;
	size_t len, size;
};

/* A key that tokens without its name may be checked by, too. */
static bool
is_current(const struct jwt_fetched_key *key)
{
	return key->left == 0 && key->key->refusal == NULL;
}

/* Bytes of a signature, by which RSA keys differ in what checking costs. */
static size_t
signature_size(const struct jwt_key *key)
{
	const struct jwt_algorithm *algorithm;
	size_t i;

	for (i = 0; (algorithm = jwt_algorithm_at(i)) != NULL; i++)
		if (jwt_key_fits(key, algorithm))
			return jwt_key_signature_size(key, algorithm);
	return 0;
}

static bool
same_kind(const struct jwt_key *a, const struct jwt_key *b)
{
	return a->kty == b->kty && a->curve == b->curve &&
	       a->algorithm == b->algorithm &&
	       signature_size(a) == signature_size(b);
}

static void
find_kinds(struct composing *made)
{
	size_t i, k;

	for (i = 0; i < made->count && made->kinds < JWT_FETCHED_KINDS_MAX;
	     i++) {
		if (!is_current(&made->keys[i]))
			continue;
		for (k = 0; k < made->kinds; k++)
			if (same_kind(made->kind[k]->key, made->keys[i].key))
				break;
		if (k == made->kinds)
			made->kind[made->kinds++] = &made->keys[i];
	}
}

/*
 * How many fit an algorithm, and the first two of them.  Where none does, one
 * that was refused stands for it, so that a token that needs it is told so.
 */
struct found {
	size_t count;
	const struct jwt_fetched_key *key[2];
};

static void
find(const struct composing *made, const struct jwt_algorithm *algorithm,
    bool without_kid, struct found *found)
{
	const struct jwt_fetched_key *key, *refused = NULL;
	size_t i;

	*found = (struct found){0};
	for (i = 0; i < made->count; i++) {
		key = &made->keys[i];
		if (key->left != 0 || (without_kid && key->key->kid != NULL))
			continue;
		if (key->key->refusal != NULL) {
			if (jwt_key_would_fit(key->key, algorithm))
				refused = key;
		} else if (jwt_key_fits(key->key, algorithm)) {
			if (found->count < 2)
				found->key[found->count] = key;
			found->count++;
		}
	}
	if (found->count == 0 && refused != NULL)
		*found = (struct found){1, {refused, NULL}};
}

static void
count_fits(struct composing *made)
{
	const struct jwt_algorithm *algorithm;
	struct found found;
	size_t a;

	for (a = 0; (algorithm = jwt_algorithm_at(a)) != NULL; a++) {
		find(made, algorithm, false, &found);
		made->fits += found.count > 0;
	}
}

/* Where everything will be. */
static bool
lay_out(struct composing *made)
{
	size_t at, i;

	find_kinds(made);
	count_fits(made);
	made->place = calloc(made->count + 1, sizeof(*made->place));
	if (made->place == NULL)
		return false;
	at = JWT_FETCHED_HEADER +
	     (made->fits + made->kinds + made->count) * JWT_FETCHED_LINE;
	for (i = 0; i < made->count; i++) {
		made->place[i] =
		    (struct jwt_place){at, strlen(made->keys[i].text)};
		at += made->place[i].len + 1;
	}
	made->size = at;
	made->bytes = malloc(at);
	return made->bytes != NULL && at <= JWT_FETCHED_MAX;
}

/* A line, filled with spaces to its width; false: it has no room in it. */
static bool
put(struct composing *made, char *text, size_t width)
{
	size_t len = text == NULL ? width : strlen(text);
	char *at = made->bytes + made->len;

	if (len >= width) {
		free(text);
		return false;
	}
	memcpy(at, text, len);
	memset(at + len, ' ', width - 1 - len);
	at[width - 1] = '\n';
	made->len += width;
	free(text);
	return true;
}

static struct jwt_place
place_of(const struct composing *made, const struct jwt_fetched_key *key)
{
	static const struct jwt_place nowhere = {0, 0};

	return key == NULL ? nowhere : made->place[key - made->keys];
}

static char *
format_found(
    const struct composing *made, const char *name, const struct found *found)
{
	struct jwt_place first = place_of(made, found->key[0]);
	struct jwt_place second = place_of(made, found->key[1]);

	return jwt_format("%s=%05zu at=%08zu+%08zu at=%08zu+%08zu", name,
	    found->count, first.at, first.len, second.at, second.len);
}

static bool
put_fits(struct composing *made)
{
	const struct jwt_algorithm *algorithm;
	struct found all, without;
	char *of_all, *of_without;
	bool written = true;
	size_t a;

	for (a = 0; written && (algorithm = jwt_algorithm_at(a)) != NULL; a++) {
		find(made, algorithm, false, &all);
		find(made, algorithm, true, &without);
		if (all.count == 0)
			continue;
		of_all = format_found(made, "all", &all);
		of_without = format_found(made, "without", &without);
		written = of_all != NULL && of_without != NULL &&
		          put(made,
			      jwt_format("%s %s %s", algorithm->name, of_all,
				  of_without),
			      JWT_FETCHED_LINE);
		free(of_all);
		free(of_without);
	}
	return written;
}

static bool
put_kinds(struct composing *made)
{
	struct jwt_place place;
	bool written = true;
	size_t i;

	for (i = 0; written && i < made->kinds; i++) {
		place = place_of(made, made->kind[i]);
		written = put(made,
		    jwt_format("kind at=%08zu+%08zu", place.at, place.len),
		    JWT_FETCHED_LINE);
	}
	return written;
}

static int
compare_lines(const void *a, const void *b)
{
	return memcmp(a, b, JWT_FETCHED_LINE);
}

/* Instead of a digest: a key without kid is found by none. */
static const char no_digest[] = "--------------------------------"
				"--------------------------------";

static bool
put_index(struct composing *made)
{
	char digest[JWT_DIGEST_SIZE], *begin = made->bytes + made->len;
	const struct jwt_fetched_key *key;
	bool written = true;
	size_t i;

	for (i = 0; written && i < made->count; i++) {
		key = &made->keys[i];
		written = jwt_digest(made->libctx,
			      (struct jwt_slice){
				  key->key->kid == NULL ? "" : key->key->kid,
				  key->key->kid_len},
			      digest) == JWT_OK &&
		          put(made,
			      jwt_format("%s at=%08zu+%08zu left=%012lld",
				  key->key->kid == NULL ? no_digest : digest,
				  made->place[i].at, made->place[i].len,
				  (long long)key->left),
			      JWT_FETCHED_LINE);
	}
	qsort(begin, made->count, JWT_FETCHED_LINE, compare_lines);
	return written;
}

static bool
put_texts(struct composing *made)
{
	size_t i;

	for (i = 0; i < made->count; i++) {
		memcpy(made->bytes + made->len, made->keys[i].text,
		    made->place[i].len);
		made->len += made->place[i].len;
		made->bytes[made->len++] = '\n';
	}
	return made->len == made->size;
}

static size_t
count_usable(const struct composing *made)
{
	size_t i, usable = 0;

	for (i = 0; i < made->count; i++)
		usable += is_current(&made->keys[i]);
	return usable;
}

enum jwt_reason
jwt_fetched_compose(OSSL_LIB_CTX *libctx, const char *source, int64_t confirmed,
    size_t skipped, const struct jwt_fetched_key *keys, size_t count,
    char **bytes, size_t *len)
{
	struct composing made = {
	    .libctx = libctx, .keys = keys, .count = count};
	bool written;

	*bytes = NULL;
	if (!lay_out(&made)) {
		free(made.place);
		free(made.bytes);
		return JWT_NO_MEMORY;
	}
	written = put(&made,
		      jwt_format(JWT_FETCHED_MAGIC
			  "%s confirmed=%012lld keys=%08zu usable=%08zu "
			  "skipped=%08zu fits=%04zu kinds=%04zu",
			  source, (long long)confirmed, count,
			  count_usable(&made), skipped, made.fits, made.kinds),
		      JWT_FETCHED_HEADER) &&
	          put_fits(&made) && put_kinds(&made) && put_index(&made) &&
	          put_texts(&made);
	free(made.place);
	if (!written) {
		free(made.bytes);
		return JWT_INTERNAL_ERROR;
	}
	*bytes = made.bytes;
	*len = made.len;
	return JWT_OK;
}
