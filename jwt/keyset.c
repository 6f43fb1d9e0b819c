#include "keyset.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "jwk.h"
#include "pem.h"

#define KEYS_MAX 16384
#define REFUSALS_MAX 8 /* that are told one by one */
#define QUOTED_MAX 72  /* characters of a kid or member name */
#define ACCESS_OF_OTHERS (S_IRWXG | S_IRWXO)

/* A JWKS, or one JWK taken for a set of one. */
struct source {
	const char *name; /* of the file */
	struct json_object *root;
	struct json_object *array; /* NULL: `root` is the one key */
	size_t count;
};

static struct json_object *
element(const struct source *source, size_t i)
{
	if (source->array == NULL)
		return source->root;
	return json_object_array_get_idx(source->array, i);
}

static const char *
quote_kid(char quoted[QUOTED_MAX], const struct jwt_key *key)
{
	jwt_quote_inside(quoted, QUOTED_MAX,
	    (struct jwt_slice){key->kid == NULL ? "" : key->kid, key->kid_len});
	return quoted;
}

/* RFC 7517 section 5: `keys`; or one key, which has `kty`. */
static enum jwt_reason
find_keys(struct source *source, struct jwt_fault *fault)
{
	struct json_object *value;
	bool is_set, is_key;

	is_set = jwt_json_member(source->root, "keys", &source->array) !=
	         JWT_MEMBER_ABSENT;
	is_key =
	    jwt_json_member(source->root, "kty", &value) != JWT_MEMBER_ABSENT;
	source->count = 1;
	if (is_set == is_key) {
		jwt_fault_set(fault,
		    "%s: has %s, wanted a JWK (kty) or a JWKS (keys)",
		    source->name,
		    is_set ? "kty beside keys" : "neither kty nor keys");
		source->array = NULL;
		return JWT_KEYS_UNAVAILABLE;
	}
	if (!is_set)
		return JWT_OK;
	if (!json_object_is_type(source->array, json_type_array)) {
		jwt_fault_set(fault, "%s: keys is no array", source->name);
		source->array = NULL;
		return JWT_KEYS_UNAVAILABLE;
	}
	source->count = json_object_array_length(source->array);
	if (source->count == 0 || source->count > KEYS_MAX) {
		jwt_fault_set(fault, "%s: keys holds %zu keys, wanted 1 to %d",
		    source->name, source->count, KEYS_MAX);
		return JWT_KEYS_UNAVAILABLE;
	}
	return JWT_OK;
}

/* What refuses the whole file, before any key of it is built. */
static enum jwt_reason
check_keys(const struct source *source, mode_t mode, struct jwt_fault *fault)
{
	size_t i, secrets = 0;
	struct json_object *jwk;
	const char *member;

	for (i = 0; i < source->count; i++) {
		jwk = element(source, i);
		if (!json_object_is_type(jwk, json_type_object)) {
			jwt_fault_set(fault, "%s: key %zu is no JSON object",
			    source->name, i + 1);
			return JWT_KEYS_UNAVAILABLE;
		}
		if ((member = jwt_jwk_private_member(jwk)) != NULL) {
			jwt_fault_set(fault,
			    "%s: key %zu has the private member %s: a private "
			    "key lies among public ones; replace it, it must "
			    "be considered leaked",
			    source->name, i + 1, member);
			return JWT_KEYS_UNAVAILABLE;
		}
		if (jwt_jwk_is(jwk, JWT_KTY_OCT))
			secrets++;
	}
	if (secrets != 0 && secrets != source->count) {
		jwt_fault_set(fault,
		    "%s: secrets (oct) lie beside other keys; put them into "
		    "a file of their own, mode 0600, and replace those that "
		    "were published",
		    source->name);
		return JWT_KEYS_UNAVAILABLE;
	}
	if (secrets != 0 && (mode & ACCESS_OF_OTHERS) != 0) {
		jwt_fault_set(fault,
		    "%s: holds secrets and has mode %04o, wanted 0600: "
		    "chmod 600",
		    source->name, (unsigned int)(mode & 07777));
		return JWT_KEYS_UNAVAILABLE;
	}
	return JWT_OK;
}

static enum jwt_reason
new_keyset(size_t room, struct jwt_keyset **set)
{
	if ((*set = calloc(1, sizeof(**set))) == NULL)
		return JWT_NO_MEMORY;
	if (((*set)->key = calloc(room, sizeof(*(*set)->key))) == NULL)
		return JWT_NO_MEMORY;
	return JWT_OK;
}

/* Counts the key that was put at the end; `number` is its place, from 1. */
static enum jwt_reason
count_key(struct jwt_keyset *set, size_t number)
{
	const struct jwt_key *key = &set->key[set->count++];
	char quoted[QUOTED_MAX];
	size_t refused;
	char *longer;

	if (key->refusal == NULL) {
		set->usable++;
		return JWT_OK;
	}
	refused = set->count - set->usable;
	if (refused > REFUSALS_MAX + 1)
		return JWT_OK;
	longer = jwt_format("%s%s", set->refusals == NULL ? "" : set->refusals,
	    set->refusals == NULL ? "" : "; ");
	free(set->refusals);
	set->refusals = longer;
	if (longer == NULL)
		return JWT_NO_MEMORY;
	if (refused > REFUSALS_MAX)
		longer = jwt_format("%sand more", set->refusals);
	else
		longer = jwt_format("%skey %zu%s%s: %s", set->refusals, number,
		    key->kid == NULL ? "" : " with kid ",
		    key->kid == NULL ? "" : quote_kid(quoted, key),
		    key->refusal);
	free(set->refusals);
	set->refusals = longer;
	return longer == NULL ? JWT_NO_MEMORY : JWT_OK;
}

static int
compare_kids(const void *left, const void *right)
{
	const struct jwt_key *const *a = left, *const *b = right;

	if ((*a)->kid_len != (*b)->kid_len)
		return (*a)->kid_len < (*b)->kid_len ? -1 : 1;
	return memcmp((*a)->kid, (*b)->kid, (*a)->kid_len);
}

/* Two keys of one kid: which of them is meant would depend on chance. */
static enum jwt_reason
check_kids(
    const struct jwt_keyset *set, const char *name, struct jwt_fault *fault)
{
	enum jwt_reason result = JWT_OK;
	const struct jwt_key **named;
	char quoted[QUOTED_MAX];
	size_t i, count = 0;

	if (set->count < 2)
		return JWT_OK;
	if ((named = calloc(set->count, sizeof(*named))) == NULL)
		return JWT_NO_MEMORY;
	for (i = 0; i < set->count; i++) {
		if (set->key[i].kid != NULL)
			named[count++] = &set->key[i];
	}
	qsort(named, count, sizeof(*named), compare_kids);
	for (i = 1; i < count && result == JWT_OK; i++) {
		if (compare_kids(&named[i - 1], &named[i]) != 0)
			continue;
		jwt_fault_set(fault,
		    "%s: two keys have the kid %s, give each one of its own",
		    name, quote_kid(quoted, named[i]));
		result = JWT_KEYS_UNAVAILABLE;
	}
	free(named);
	return result;
}

static enum jwt_reason
read_keys(
    OSSL_LIB_CTX *libctx, const struct source *source, struct jwt_keyset *set)
{
	enum jwt_reason result;
	struct jwt_key *key;
	bool skipped;
	size_t i;

	for (i = 0; i < source->count; i++) {
		key = &set->key[set->count];
		result = jwt_jwk_read(
		    libctx, element(source, i), false, key, &skipped);
		if (result == JWT_OK && !skipped) {
			result = count_key(set, i + 1);
		} else {
			set->skipped += skipped;
			jwt_key_clear(key);
		}
		if (result != JWT_OK)
			return result;
	}
	return JWT_OK;
}

static enum jwt_reason
parse_json(OSSL_LIB_CTX *libctx, const char *name, struct jwt_slice bytes,
    mode_t mode, struct jwt_keyset **set, struct jwt_fault *fault)
{
	struct source source = {.name = name};
	enum jwt_reason result;

	result = jwt_jwk_parse(name, bytes, &source.root, fault);
	if (result != JWT_OK)
		return result;
	if ((result = find_keys(&source, fault)) != JWT_OK)
		goto out;
	if ((result = check_keys(&source, mode, fault)) != JWT_OK)
		goto out;
	if ((result = new_keyset(source.count, set)) != JWT_OK)
		goto out;
	if ((result = read_keys(libctx, &source, *set)) != JWT_OK)
		goto out;
	result = check_kids(*set, name, fault);
out:
	jwt_json_free_wiped(source.root);
	return result;
}

static enum jwt_reason
parse_pem(OSSL_LIB_CTX *libctx, const char *name, struct jwt_slice bytes,
    struct jwt_keyset **set, struct jwt_fault *fault)
{
	struct jwt_parts parts = {0};
	enum jwt_reason result;

	result = jwt_pem_read(libctx, name, bytes, &parts, fault);
	if (result != JWT_OK)
		goto out;
	if ((result = new_keyset(1, set)) != JWT_OK)
		goto out;
	result = jwt_key_build(libctx, &parts.parts, &(*set)->key[0]);
	if (result == JWT_OK)
		result = count_key(*set, 1);
	else
		jwt_key_clear(&(*set)->key[0]);
out:
	jwt_parts_clear(&parts);
	return result;
}

static bool
begins_object(struct jwt_slice bytes)
{
	size_t i = 0;

	while (i < bytes.len && (bytes.at[i] == ' ' || bytes.at[i] == '\t' ||
				    bytes.at[i] == '\n' || bytes.at[i] == '\r'))
		i++;
	return i < bytes.len && bytes.at[i] == '{';
}

/*
 * The first bytes decide what the file is; nothing is guessed from text that
 * stands elsewhere in it, as the readers did that took a public key with a
 * blank line in front of it for a secret (CVE-2023-48223).
 */
enum jwt_reason
jwt_keyset_parse(OSSL_LIB_CTX *libctx, const char *name, struct jwt_slice bytes,
    mode_t mode, struct jwt_keyset **set, struct jwt_fault *fault)
{
	enum jwt_reason result = JWT_KEYS_UNAVAILABLE;

	*set = NULL;
	ERR_set_mark();
	if (begins_object(bytes))
		result = parse_json(libctx, name, bytes, mode, set, fault);
	else if (jwt_pem_begins(bytes))
		result = parse_pem(libctx, name, bytes, set, fault);
	else
		jwt_fault_set(fault,
		    "%s: is no key file, wanted a JWK or JWKS, or from the "
		    "first byte -----BEGIN PUBLIC KEY----- or -----BEGIN "
		    "CERTIFICATE-----",
		    name);
	ERR_pop_to_mark();
	if (result != JWT_OK) {
		jwt_keyset_free(*set);
		*set = NULL;
	}
	return result;
}

enum jwt_reason
jwt_keyset_read(OSSL_LIB_CTX *libctx, const char *path, struct jwt_keyset **set,
    struct jwt_fault *fault)
{
	enum jwt_reason result;
	struct jwt_file file;

	*set = NULL;
	result = jwt_file_read(path, JWT_KEYS_FILE_MAX, &file, fault);
	if (result == JWT_CONFIG_ERROR)
		return JWT_KEYS_UNAVAILABLE;
	if (result != JWT_OK)
		return result;
	result = jwt_keyset_parse(libctx, path,
	    (struct jwt_slice){file.bytes, file.len}, file.mode, set, fault);
	jwt_file_free(&file);
	return result;
}

void
jwt_keyset_free(struct jwt_keyset *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++)
		jwt_key_clear(&set->key[i]);
	free(set->key);
	free(set->refusals);
	free(set);
}
