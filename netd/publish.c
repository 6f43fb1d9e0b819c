#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jwt/fetched.h"
#include "jwt/file.h"
#include "jwt/jwk.h"
#include "jwt/libctx.h"
#include "jwt/part.h"
#include "jwt/provider.h"
#include "netd/netd.h"

/* One key, of the provider's answer or of the file that is there. */
struct entry {
	struct jwt_key key;
	char *text;
	int64_t left;
};

struct publishing {
	const struct jwt_issuer *issuer;
	const char *url;
	int64_t now;
	OSSL_LIB_CTX *libctx;
	struct entry *entry;
	size_t entries, room;
	struct netd_set *set;
	struct jwt_fault *fault;
};

/*
 * Keys.
 */

/* RFC 7517 section 4 and RFC 7518 section 6: what a public key is made of. */
static const char *const members[] = {
    "kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n", "e"};

/* On one line; certificates and the like are left out.  NULL: no memory. */
static char *
public_text(const struct json_object *jwk)
{
	struct json_object *copy = json_object_new_object(), *value;
	char *text = NULL;
	size_t i;

	for (i = 0; copy != NULL && i < sizeof(members) / sizeof(members[0]);
	     i++) {
		if (jwt_json_member(jwk, members[i], &value) ==
		    JWT_MEMBER_ABSENT)
			continue;
		if (json_object_object_add(
			copy, members[i], json_object_get(value)) != 0) {
			json_object_put(value);
			json_object_put(copy);
			copy = NULL;
		}
	}
	if (copy != NULL)
		text = strdup(json_object_to_json_string_ext(copy,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(copy);
	return text;
}

static enum jwt_reason
make_room(struct publishing *work)
{
	struct entry *grown;

	if (work->entries < work->room)
		return JWT_OK;
	work->room = work->room * 2 + 16;
	grown = reallocarray(work->entry, work->room, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	work->entry = grown;
	return JWT_OK;
}

/* A provider's key without its certificates has some hundred bytes. */
static enum jwt_reason
check_length(const struct publishing *work, const char *text)
{
	size_t len = strlen(text);

	if (len <= JWT_FETCHED_TEXT_MAX)
		return JWT_OK;
	jwt_fault_set(work->fault,
	    "%.200s: has a key of %zu bytes, not counting certificates; %d are "
	    "taken at most",
	    work->url, len, JWT_FETCHED_TEXT_MAX);
	return JWT_KEYS_UNAVAILABLE;
}

/*
 * Vets what stands in a text, which is taken over.  What is meant for
 * something else is passed over.
 */
static enum jwt_reason
add_entry(struct publishing *work, char *text, int64_t left)
{
	struct json_object *jwk = NULL;
	enum jwt_reason result;
	struct entry *entry;
	bool skipped = false;

	if (text == NULL)
		return JWT_NO_MEMORY;
	if ((result = check_length(work, text)) != JWT_OK ||
	    (result = make_room(work)) != JWT_OK) {
		free(text);
		return result;
	}
	entry = &work->entry[work->entries];
	*entry = (struct entry){.text = text, .left = left};
	result =
	    jwt_jwk_parse(work->url, jwt_slice_of(text), &jwk, work->fault);
	if (result == JWT_OK)
		result = jwt_jwk_read(
		    work->libctx, jwk, false, &entry->key, &skipped);
	if (jwk != NULL)
		jwt_json_free_wiped(jwk);
	if (result == JWT_OK && !skipped) {
		work->entries++;
		return JWT_OK;
	}
	jwt_key_clear(&entry->key);
	free(text);
	return result;
}

/*
 * The provider's answer.
 */

static enum jwt_reason
refuse(const struct publishing *work, const char *why)
{
	jwt_fault_set(work->fault, "%.200s: %s", work->url, why);
	return JWT_KEYS_UNAVAILABLE;
}

static enum jwt_reason
check_size(const struct publishing *work, const struct json_object *array)
{
	size_t i, count = json_object_array_length(array);

	if (count > (size_t)work->issuer->provider.max_keys) {
		jwt_fault_set(work->fault,
		    "%.200s: has %zu keys, at most %lld are taken (max_keys)",
		    work->url, count,
		    (long long)work->issuer->provider.max_keys);
		return JWT_KEYS_UNAVAILABLE;
	}
	for (i = 0; i < count; i++)
		if (jwt_jwk_is(
			json_object_array_get_idx(array, i), JWT_KTY_OCT))
			return refuse(work,
			    "holds a shared secret (kty oct), which the "
			    "provider must never publish; replace it there, "
			    "it is known to everybody");
	return JWT_OK;
}

/* A page instead of a set is what a proxy or a login wall answers. */
static bool
is_markup(struct jwt_slice document)
{
	size_t i = 0;

	while (i < document.len && (unsigned char)document.at[i] <= ' ')
		i++;
	return i < document.len && document.at[i] == '<';
}

/* As a login would take the whole of it, which is asked first. */
static enum jwt_reason
check_document(struct publishing *work, struct jwt_slice document)
{
	struct jwt_keyset *keys = NULL;
	enum jwt_reason result;

	result = jwt_keyset_parse(
	    work->libctx, work->url, document, 0644, &keys, work->fault);
	if (result != JWT_OK)
		return result;
	work->set->usable = keys->usable;
	work->set->skipped = keys->skipped;
	work->set->refusals = keys->refusals;
	keys->refusals = NULL;
	if (keys->usable == 0) {
		jwt_fault_set(work->fault,
		    "%.200s: has no key that can be used; for other use, type "
		    "or curve: %zu; refused: %.200s",
		    work->url, keys->skipped,
		    work->set->refusals != NULL ? work->set->refusals : "none");
		result = JWT_KEYS_UNAVAILABLE;
	}
	jwt_keyset_free(keys);
	return result;
}

static enum jwt_reason
read_document(struct publishing *work, struct jwt_slice document)
{
	struct json_object *root = NULL, *array = NULL;
	enum jwt_reason result;
	size_t i;

	if (is_markup(document))
		return refuse(work, "answered a page (HTML or XML), wanted a "
				    "JWKS");
	result = jwt_jwk_parse(work->url, document, &root, work->fault);
	if (result != JWT_OK)
		return result;
	if (jwt_json_member(root, "keys", &array) != JWT_MEMBER_FOUND ||
	    !json_object_is_type(array, json_type_array))
		result = refuse(work, "is no JWKS: keys is missing, or no "
				      "array");
	if (result == JWT_OK)
		result = check_size(work, array);
	if (result == JWT_OK)
		result = check_document(work, document);
	for (i = 0; result == JWT_OK && i < json_object_array_length(array);
	     i++)
		result = add_entry(
		    work, public_text(json_object_array_get_idx(array, i)), 0);
	jwt_json_free_wiped(root);
	return result;
}

/*
 * The file that is there.
 */

static struct jwt_slice
kid_of(const struct entry *entry)
{
	return (struct jwt_slice){entry->key.kid, entry->key.kid_len};
}

/* The same key among the first `count`, by its kid or its text; or NULL. */
static const struct entry *
find_same(
    const struct publishing *work, size_t count, const struct entry *wanted)
{
	size_t i;

	const struct entry *entry;

	for (i = 0; i < count; i++) {
		entry = &work->entry[i];
		if ((entry->key.kid == NULL) != (wanted->key.kid == NULL))
			continue;
		if (entry->key.kid == NULL
			? strcmp(entry->text, wanted->text) == 0
			: jwt_slice_equal(kid_of(entry), kid_of(wanted)))
			return entry;
	}
	return NULL;
}

static void
drop_last(struct publishing *work)
{
	struct entry *last = &work->entry[--work->entries];

	jwt_key_clear(&last->key);
	free(last->text);
}

/*
 * An old key that the provider has no more stays for its grace, counted from
 * when it was first missed; without a kid no token could name it.
 */
static void
keep_or_drop(struct publishing *work, size_t fresh)
{
	struct entry *last = &work->entry[work->entries - 1];
	int64_t grace = work->issuer->provider.key_grace;
	const struct entry *same = find_same(work, fresh, last);

	if (same != NULL) {
		drop_last(work);
		return;
	}
	if (last->left == 0) {
		work->set->gone += last->key.refusal == NULL;
		last->left = work->now;
	}
	if (last->left + grace <= work->now || last->key.kid == NULL ||
	    last->key.refusal != NULL)
		drop_last(work);
	else
		work->set->kept++;
}

static enum jwt_reason
read_old(struct publishing *work, const struct jwt_fetched *old, bool confirmed)
{
	size_t fresh = work->entries, before, i;
	enum jwt_reason result = JWT_OK;
	int64_t left;
	char *text;

	for (i = 0; result == JWT_OK && i < old->keys; i++) {
		result = jwt_fetched_at(old, i, &text, &left, work->fault);
		if (result != JWT_OK)
			break;
		before = work->entries;
		result = add_entry(work, text, left);
		if (result != JWT_OK || work->entries == before)
			continue;
		if (confirmed && left == 0)
			continue;
		if (left == 0 && work->entry[before].key.refusal == NULL &&
		    find_same(work, fresh, &work->entry[before]) != NULL)
			work->set->added--;
		keep_or_drop(work, confirmed ? 0 : fresh);
	}
	return result;
}

static enum jwt_reason
open_old(const struct jwt_config *config, const struct jwt_issuer *issuer,
    OSSL_LIB_CTX *libctx, struct jwt_fetched **old, struct jwt_fault *fault)
{
	char digest[JWT_DIGEST_SIZE];
	uid_t owner = JWT_NO_OWNER, uid;
	enum jwt_reason result;
	bool known;

	*old = NULL;
	if (jwt_account_uid(config->fetcher.user, &known, &uid) == 0 && known)
		owner = uid;
	if ((result = jwt_provider_digest(libctx, issuer, digest)) == JWT_OK)
		result =
		    jwt_fetched_open(issuer->keys, owner, digest, old, fault);
	return result;
}

int64_t
netd_confirmed(const struct jwt_config *config, const struct jwt_issuer *issuer)
{
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	struct jwt_fetched *old = NULL;
	int64_t confirmed = 0;

	if (libctx != NULL &&
	    open_old(config, issuer, libctx, &old, NULL) == JWT_OK)
		confirmed = old->confirmed;
	jwt_fetched_close(old);
	OSSL_LIB_CTX_free(libctx);
	return confirmed;
}

/*
 * The new one.
 */

static enum jwt_reason
write_entries(const struct publishing *work, int folder)
{
	char digest[JWT_DIGEST_SIZE], name[96], *bytes = NULL;
	struct jwt_fetched_key *keys;
	enum jwt_reason result;
	size_t i, len = 0;

	keys = calloc(work->entries + 1, sizeof(*keys));
	if (keys == NULL)
		return JWT_NO_MEMORY;
	for (i = 0; i < work->entries; i++)
		keys[i] = (struct jwt_fetched_key){&work->entry[i].key,
		    work->entry[i].text, work->entry[i].left};
	result = jwt_provider_digest(work->libctx, work->issuer, digest);
	if (result == JWT_OK)
		result = jwt_fetched_compose(work->libctx, digest, work->now,
		    work->set->skipped, keys, work->entries, &bytes, &len);
	snprintf(name, sizeof(name), "%.64s.keys", work->issuer->label);
	if (result == JWT_OK)
		result = netd_replace(folder, name, bytes, len, work->fault);
	free(bytes);
	free(keys);
	return result;
}

/* A line for each key, for whoever asked for it. */
static enum jwt_reason
describe(struct publishing *work)
{
	const struct jwt_key *key;
	char kid[80], *longer;
	size_t i;

	for (i = 0; i < work->entries; i++) {
		key = &work->entry[i].key;
		jwt_quote(kid, sizeof(kid),
		    (struct jwt_slice){
			key->kid == NULL ? "" : key->kid, key->kid_len});
		longer = jwt_format("%s%s%s %s%s%s%s%s\n",
		    work->set->keys == NULL ? "" : work->set->keys,
		    key->kid == NULL ? "without kid" : "kid ",
		    key->kid == NULL ? "" : kid,
		    key->curve != NULL ? key->curve->name
				       : jwt_kty_name(key->kty),
		    key->algorithm != NULL ? ", for " : "",
		    key->algorithm != NULL ? key->algorithm->name : "",
		    work->entry[i].left != 0 ? ", left the set" : "",
		    key->refusal != NULL ? ", refused" : "");
		free(work->set->keys);
		work->set->keys = longer;
		if (longer == NULL)
			return JWT_NO_MEMORY;
	}
	return JWT_OK;
}

static enum jwt_reason
publish(struct publishing *work, int folder, const struct jwt_config *config,
    struct jwt_slice document, bool dry)
{
	bool confirmed = document.at == NULL;
	struct jwt_fault none = {""};
	struct jwt_fetched *old = NULL;
	enum jwt_reason result = JWT_OK;

	if (!confirmed)
		result = read_document(work, document);
	if (result != JWT_OK)
		return result;
	result = open_old(config, work->issuer, work->libctx, &old,
	    confirmed ? work->fault : &none);
	if (result == JWT_OK && confirmed) {
		work->set->usable = old->usable;
		work->set->skipped = old->skipped;
	} else
		work->set->added = work->set->usable;
	if (result == JWT_OK)
		result = read_old(work, old, confirmed);
	else if (result == JWT_KEYS_UNAVAILABLE && !confirmed)
		result = JWT_OK;
	/* Another process had a newer answer: this one is history. */
	if (result == JWT_OK && !dry &&
	    (old == NULL || old->confirmed <= work->now))
		result = write_entries(work, folder);
	jwt_fetched_close(old);
	if (result == JWT_OK)
		result = describe(work);
	return result;
}

enum jwt_reason
netd_publish(int folder, const struct jwt_config *config,
    const struct jwt_issuer *issuer, struct jwt_slice document, const char *url,
    int64_t now, bool dry, struct netd_set *set, struct jwt_fault *fault)
{
	struct publishing work = {.issuer = issuer,
	    .url = url,
	    .now = now,
	    .libctx = jwt_libctx_new(),
	    .set = set,
	    .fault = fault};
	enum jwt_reason result = JWT_NO_MEMORY;
	int lock = -1;

	*set = (struct netd_set){0};
	if (!dry)
		lock = netd_lock(folder);
	if (work.libctx != NULL)
		result = publish(&work, folder, config, document, dry);
	if (lock != -1)
		close(lock);
	while (work.entries > 0)
		drop_last(&work);
	free(work.entry);
	OSSL_LIB_CTX_free(work.libctx);
	if (result != JWT_OK && fault->text[0] == '\0')
		jwt_fault_set(fault, "%.200s: %s", url,
		    result == JWT_NO_MEMORY ? "no memory" : "OpenSSL failed");
	return result;
}

void
netd_set_clear(struct netd_set *set)
{
	free(set->refusals);
	free(set->keys);
	*set = (struct netd_set){0};
}
