#include "fetched.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetched_line.h"
#include "file.h"

#define QUOTED_MAX 72 /* characters of a kid */

/*
 * Opening.
 */

static enum jwt_reason
check_source(const char *path, const char *found, const char *source,
    struct jwt_fault *fault)
{
	if (memcmp(found, source, JWT_DIGEST_SIZE - 1) == 0)
		return JWT_OK;
	jwt_fault_set(fault,
	    "%s: was fetched from another address than the configuration now "
	    "has: jwtctl fetch",
	    path);
	return JWT_KEYS_UNAVAILABLE;
}

static enum jwt_reason
read_header(
    struct jwt_fetched *fetched, const char *source, struct jwt_fault *fault)
{
	char header[JWT_FETCHED_HEADER];
	struct jwt_scan scan = {header, header + sizeof(header), true};
	enum jwt_reason result;
	const char *digest;
	size_t lines;

	result = jwt_fetched_read(fetched, 0, header, sizeof(header), fault);
	if (result != JWT_OK)
		return result;
	jwt_scan_text(&scan, JWT_FETCHED_MAGIC);
	digest = scan.at;
	scan.at += scan.ok ? JWT_DIGEST_SIZE - 1 : 0;
	jwt_scan_text(&scan, " confirmed=");
	fetched->confirmed = (int64_t)jwt_scan_number(&scan, 12);
	jwt_scan_text(&scan, " keys=");
	fetched->keys = jwt_scan_number(&scan, 8);
	jwt_scan_text(&scan, " usable=");
	fetched->usable = jwt_scan_number(&scan, 8);
	jwt_scan_text(&scan, " skipped=");
	fetched->skipped = jwt_scan_number(&scan, 8);
	jwt_scan_text(&scan, " fits=");
	fetched->fits = jwt_scan_number(&scan, 4);
	jwt_scan_text(&scan, " kinds=");
	fetched->kinds = jwt_scan_number(&scan, 4);
	lines = fetched->fits + fetched->kinds + fetched->keys;
	if (!jwt_scan_end(&scan) || fetched->fits > JWT_FETCHED_FITS_MAX ||
	    fetched->kinds > JWT_FETCHED_KINDS_MAX ||
	    fetched->size < JWT_FETCHED_HEADER + lines * JWT_FETCHED_LINE)
		return jwt_fetched_damaged(fetched, fault);
	return check_source(fetched->path, digest, source, fault);
}

enum jwt_reason
jwt_fetched_open(const char *path, uid_t owner, const char *source,
    struct jwt_fetched **fetched, struct jwt_fault *fault)
{
	enum jwt_reason result;
	struct jwt_fetched *opened;
	struct stat st;

	*fetched = NULL;
	if ((opened = calloc(1, sizeof(*opened))) == NULL)
		return JWT_NO_MEMORY;
	opened->path = path;
	result = jwt_file_open(
	    path, JWT_FETCHED_MAX, owner, &opened->fd, &st, fault);
	if (result == JWT_CONFIG_ERROR)
		result = JWT_KEYS_UNAVAILABLE;
	if (result == JWT_OK) {
		opened->size = (size_t)st.st_size;
		result = read_header(opened, source, fault);
	}
	if (result == JWT_OK)
		*fetched = opened;
	else
		jwt_fetched_close(opened);
	return result;
}

void
jwt_fetched_close(struct jwt_fetched *fetched)
{
	if (fetched == NULL)
		return;
	if (fetched->fd != -1)
		close(fetched->fd);
	free(fetched);
}

/*
 * Texts.
 */

/* The text of a JWKS that grows; `set.at` NULL until the first key. */
struct growing {
	char *bytes;
	size_t len;
};

static bool
is_inside(const struct jwt_fetched *fetched, struct jwt_place place)
{
	return place.len <= JWT_FETCHED_TEXT_MAX &&
	       place.len <= fetched->size &&
	       place.at <= fetched->size - place.len;
}

/* Appends a key's text. */
static enum jwt_reason
add_text(const struct jwt_fetched *fetched, struct jwt_place place,
    struct growing *set, struct jwt_fault *fault)
{
	static const char begin[] = "{\"keys\":[", next[] = ",";
	const char *between = set->bytes == NULL ? begin : next;
	size_t between_len = strlen(between);
	char *grown;

	if (!is_inside(fetched, place))
		return jwt_fetched_damaged(fetched, fault);
	/* Two more: the end of the set. */
	grown = realloc(set->bytes, set->len + between_len + place.len + 2);
	if (grown == NULL)
		return JWT_NO_MEMORY;
	set->bytes = grown;
	memcpy(grown + set->len, between, between_len);
	set->len += between_len;
	set->len += place.len;
	return jwt_fetched_read(
	    fetched, place.at, grown + set->len - place.len, place.len, fault);
}

/* By the one parser of keys; a secret is refused by the mode. */
static enum jwt_reason
parse_texts(OSSL_LIB_CTX *libctx, const struct jwt_fetched *fetched,
    struct growing *texts, struct jwt_keyset **set, struct jwt_fault *fault)
{
	memcpy(texts->bytes + texts->len, "]}", 2);
	return jwt_keyset_parse(libctx, fetched->path,
	    (struct jwt_slice){texts->bytes, texts->len + 2}, 0644, set, fault);
}

/*
 * Finding.
 */

/* The entry of a kid; `*found` false: there is none. */
static enum jwt_reason
search(const struct jwt_fetched *fetched, const char *digest, bool *found,
    struct jwt_fetched_entry *entry, struct jwt_fault *fault)
{
	size_t low = 0, high = fetched->keys, middle;
	enum jwt_reason result;
	int order;

	*found = false;
	while (low < high) {
		middle = low + (high - low) / 2;
		result = jwt_fetched_read_entry(fetched, middle, entry, fault);
		if (result != JWT_OK)
			return result;
		order = memcmp(digest, entry->digest, sizeof(entry->digest));
		if (order == 0) {
			*found = true;
			return JWT_OK;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return JWT_OK;
}

/* How many keys fit an algorithm, all or those without kid, and two of them. */
struct fit {
	size_t count;
	struct jwt_place place[2];
};

static void
scan_fit(struct jwt_scan *scan, const char *name, struct fit *fit)
{
	size_t i;

	jwt_scan_text(scan, name);
	fit->count = jwt_scan_number(scan, 5);
	for (i = 0; i < 2; i++)
		fit->place[i] = jwt_scan_place(scan);
}

static enum jwt_reason
read_fit(const struct jwt_fetched *fetched,
    const struct jwt_algorithm *algorithm, bool with_kid, struct fit *fit,
    struct jwt_fault *fault)
{
	char line[JWT_FETCHED_LINE];
	struct fit all, without;
	enum jwt_reason result;
	struct jwt_scan scan;
	size_t i;

	*fit = (struct fit){0};
	for (i = 0; i < fetched->fits; i++) {
		result = jwt_fetched_read_line(fetched, i, line, &scan, fault);
		if (result != JWT_OK)
			return result;
		jwt_scan_text(&scan, algorithm->name);
		jwt_scan_text(&scan, " ");
		if (!scan.ok)
			continue;
		scan_fit(&scan, "all=", &all);
		scan_fit(&scan, " without=", &without);
		if (!jwt_scan_end(&scan))
			return jwt_fetched_damaged(fetched, fault);
		*fit = with_kid ? without : all;
		return JWT_OK;
	}
	return JWT_OK;
}

static enum jwt_reason
say_unknown(const struct jwt_fetched *fetched,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid,
    int64_t left, struct jwt_fault *fault)
{
	char quoted[QUOTED_MAX] = "none", when[JWT_UTC_SIZE];

	if (kid != NULL)
		jwt_quote_inside(quoted, sizeof(quoted), *kid);
	if (left != 0)
		jwt_fault_set(fault,
		    "the key with kid %s left the provider's set before %s, "
		    "longer ago than key_grace",
		    quoted, jwt_utc(when, left));
	else
		jwt_fault_set(fault,
		    "looked for %s and kid %s; of the provider's %zu usable "
		    "keys, confirmed at %s, none fits",
		    algorithm->name, quoted, fetched->usable,
		    jwt_utc(when, fetched->confirmed));
	return JWT_UNKNOWN_KEY;
}

/* The index says so; a damaged text may be another key's. */
static bool
is_named(const struct jwt_keyset *set, const struct jwt_slice *kid)
{
	const struct jwt_key *key = &set->key[0];

	return set->count == 1 && key->kid != NULL &&
	       jwt_slice_equal(
		   (struct jwt_slice){key->kid, key->kid_len}, *kid);
}

enum jwt_reason
jwt_fetched_find(OSSL_LIB_CTX *libctx, const struct jwt_fetched *fetched,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid,
    int64_t since, struct jwt_keyset **set, struct jwt_fault *fault)
{
	char digest[JWT_DIGEST_SIZE] = "";
	struct growing texts = {0};
	enum jwt_reason result = JWT_OK;
	struct fit fit = {0};
	struct jwt_fetched_entry entry = {0};
	bool found = false;
	size_t i;

	*set = NULL;
	if (kid != NULL)
		result = jwt_digest(libctx, *kid, digest);
	if (result == JWT_OK && kid != NULL)
		result = search(fetched, digest, &found, &entry, fault);
	if (result == JWT_OK && found && entry.left != 0 && entry.left <= since)
		return say_unknown(fetched, algorithm, kid, entry.left, fault);
	if (result == JWT_OK && found)
		result = add_text(fetched, entry.place, &texts, fault);
	if (result == JWT_OK && !found)
		result = read_fit(fetched, algorithm, kid != NULL, &fit, fault);
	for (i = 0; result == JWT_OK && i < fit.count && i < 2; i++)
		result = add_text(fetched, fit.place[i], &texts, fault);
	if (result == JWT_OK && texts.bytes == NULL)
		result = say_unknown(fetched, algorithm, kid, 0, fault);
	else if (result == JWT_OK)
		result = parse_texts(libctx, fetched, &texts, set, fault);
	free(texts.bytes);
	if (result == JWT_OK && found && !is_named(*set, kid)) {
		jwt_keyset_free(*set);
		*set = NULL;
		result = jwt_fetched_damaged(fetched, fault);
	}
	return result;
}

enum jwt_reason
jwt_fetched_kinds(OSSL_LIB_CTX *libctx, const struct jwt_fetched *fetched,
    size_t most, struct jwt_keyset **set, struct jwt_fault *fault)
{
	char line[JWT_FETCHED_LINE];
	struct growing texts = {0};
	enum jwt_reason result = JWT_OK;
	struct jwt_place place;
	struct jwt_scan scan;
	size_t i;

	*set = NULL;
	for (i = 0; result == JWT_OK && i < fetched->kinds && i < most; i++) {
		result = jwt_fetched_read_line(
		    fetched, fetched->fits + i, line, &scan, fault);
		if (result != JWT_OK)
			break;
		jwt_scan_text(&scan, "kind");
		place = jwt_scan_place(&scan);
		if (!jwt_scan_end(&scan))
			result = jwt_fetched_damaged(fetched, fault);
		else
			result = add_text(fetched, place, &texts, fault);
	}
	if (result == JWT_OK && texts.bytes != NULL)
		result = parse_texts(libctx, fetched, &texts, set, fault);
	free(texts.bytes);
	return result;
}

enum jwt_reason
jwt_fetched_at(const struct jwt_fetched *fetched, size_t place, char **text,
    int64_t *left, struct jwt_fault *fault)
{
	enum jwt_reason result;
	struct jwt_fetched_entry entry;

	*text = NULL;
	result = jwt_fetched_read_entry(fetched, place, &entry, fault);
	if (result != JWT_OK)
		return result;
	*left = entry.left;
	if (!is_inside(fetched, entry.place))
		return jwt_fetched_damaged(fetched, fault);
	if ((*text = calloc(1, entry.place.len + 1)) == NULL)
		return JWT_NO_MEMORY;
	result = jwt_fetched_read(
	    fetched, entry.place.at, *text, entry.place.len, fault);
	if (result != JWT_OK) {
		free(*text);
		*text = NULL;
	}
	return result;
}
