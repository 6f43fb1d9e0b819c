/*
 * What other projects have for tests: the IETF's JOSE cookbook (RFC 7520, 8037
 * and 7797), the vectors of latchset/jose, the tokens of cjose, and tokens of
 * a real provider with the key sets that it published.
 *
 * A compact JWS with its payload verifies.  All else is refused, as a login
 * wants it: JSON serialization, an absent or unencoded payload, `alg` "none".
 * Encryption is skipped, and refused all the same.
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

#include "vectors.h"

#define COOKBOOK "ietf-jose-cookbook"
#define LATCHSET "latchset-jose"
#define PROVIDER "providers/oidc-provider"
#define NO_ENCRYPTION "encryption is not what we do"

/* Where no key belongs to a token. */
#define ANY_KEY \
	"{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"

static const char *
path_of(const char *folder, const char *name)
{
	return filled("%s/%s", folder, name);
}

static void
judge(OSSL_LIB_CTX *libctx, const char *keys, struct jwt_slice jws, bool valid,
    struct tally *tally, const char *where)
{
	struct jwt_fault fault = {""};
	enum jwt_reason reason =
	    vector_verify(libctx, jwt_slice_of(keys), jws, &fault);

	tally_count(tally, valid ? reason == JWT_OK : is_refusal(reason), where,
	    "%s: %s", jwt_reason_name(reason), fault.text);
}

static bool
has(const struct json_object *object, const char *name, const char *value)
{
	struct json_object *found;

	return json_object_object_get_ex(object, name, &found) &&
	       strcmp(json_object_get_string(found), value) == 0;
}

/*
 * A key file as it stands: with the private half of a public-key type it is
 * refused, a key for encryption is passed over, and every other one serves.
 */
static void
judge_key(OSSL_LIB_CTX *libctx, struct json_object *jwk, struct tally *tally,
    const char *where)
{
	bool symmetric = has(jwk, "kty", "oct"), private, usable = false;
	struct jwt_keyset *set = NULL;
	struct jwt_fault fault = {""};
	enum jwt_reason reason;

	private = !symmetric && json_object_object_get_ex(jwk, "d", NULL);
	reason = jwt_keyset_parse(libctx, "keys",
	    jwt_slice_of(json_object_to_json_string(jwk)), 0100600, &set,
	    &fault);
	if (reason == JWT_OK)
		usable = set->usable == 1;
	jwt_keyset_free(set);
	tally_count(tally,
	    private ? reason == JWT_KEYS_UNAVAILABLE
		    : reason == JWT_OK &&
			  usable == !(has(jwk, "use", "enc") ||
					has(jwk, "alg", "PBES2-HS256+A128KW")),
	    where, "%s: %s", jwt_reason_name(reason), fault.text);
}

/* Every form of an example's output. */
static void
judge_output(OSSL_LIB_CTX *libctx, struct json_object *example, bool encrypted,
    struct tally *tally, const char *where)
{
	const char *keys = ANY_KEY, *jws;
	struct json_object *key = NULL;
	bool valid;

	/* Several keys of several types stand in no one file of ours. */
	if (!encrypted)
		key = member(member(example, "input"), "key");
	if (json_object_is_type(key, json_type_object))
		keys = public_half(key);
	json_object_object_foreach(member(example, "output"), form, output)
	{
		jws = json_object_get_string(output);
		if (encrypted) {
			tally_skip(tally,
			    is_refusal(vector_verify(libctx, jwt_slice_of(keys),
				jwt_slice_of(jws), NULL)),
			    where);
			continue;
		}
		valid = strcmp(form, "compact") == 0 &&
		        strstr(jws, "..") == NULL &&
		        strstr(where, "b64_false") == NULL;
		judge(libctx, keys, jwt_slice_of(jws), valid, tally, where);
	}
}

static bool
is_encrypted(const char *folder, const char *name)
{
	return strcmp(folder, COOKBOOK "/jwe") == 0 ||
	       strncmp(name, "ecdh", 4) == 0;
}

static size_t
judge_cookbook(OSSL_LIB_CTX *libctx, const char *folder)
{
	struct tally tally = {.set = folder, .why = NO_ENCRYPTION};
	struct name_list list = vector_names(folder);
	struct json_object *root;
	size_t i;

	for (i = 0; i < list.count; i++) {
		if (!ends_in(list.at[i], ".json"))
			continue;
		root = vector_json(path_of(folder, list.at[i]));
		if (json_object_object_get_ex(root, "kty", NULL)) {
			judge_key(libctx, root, &tally, list.at[i]);
		} else if (json_object_object_get_ex(root, "sign", NULL)) {
			judge_output(libctx, member(root, "sign"), false,
			    &tally, list.at[i]);
			judge_output(libctx, member(root, "encrypt"), true,
			    &tally, list.at[i]);
		} else {
			judge_output(libctx, root,
			    is_encrypted(folder, list.at[i]), &tally,
			    list.at[i]);
		}
		json_object_put(root);
	}
	name_list_free(&list);
	return tally_tell(&tally);
}

static void
the_cookbook_of_the_ietf_agrees(void **state)
{
	static const char *const folders[] = {COOKBOOK, COOKBOOK "/jwk",
	    COOKBOOK "/jws", COOKBOOK "/jwe", COOKBOOK "/curve25519",
	    COOKBOOK "/rfc7797"};
	size_t i, disagreed = 0;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		disagreed += judge_cookbook(*state, folders[i]);
	assert_int_equal(disagreed, 0);
}

/* The key, or the set of keys, that belongs to a file by its name. */
static const char *
keys_beside(const char *folder, const char *name)
{
	static const char *const ends[] = {"jwk", "jwkset"};
	const char *dot = strrchr(name, '.'), *path, *text = ANY_KEY;
	struct json_object *root;
	size_t i;

	assert_non_null(dot);
	for (i = 0; i < 2; i++) {
		path = filled(
		    "%s/%.*s.%s", folder, (int)(dot - name), name, ends[i]);
		if (!vector_exists(path))
			continue;
		root = vector_json(path);
		text = filled("%s", public_half(root));
		json_object_put(root);
		break;
	}
	return text;
}

static void
judge_latchset(OSSL_LIB_CTX *libctx, const char *folder, const char *name,
    struct tally *tally)
{
	const char *path = path_of(folder, name), *keys;
	struct json_object *root;
	struct jwt_slice text;
	bool valid;

	if (ends_in(name, ".jwk")) {
		root = vector_json(path);
		judge_key(libctx, root, tally, name);
		json_object_put(root);
		return;
	}
	if (strstr(name, ".jw") == NULL || ends_in(name, ".jwkset"))
		return;
	keys = keys_beside(folder, name);
	text = vector_text(path);
	valid = ends_in(name, ".jwsc") &&
	        strncmp(name, "rfc7515_A.5", 11) != 0 &&
	        strncmp(name, "rfc7520_4.5", 11) != 0;
	if (strstr(name, ".jws") != NULL)
		judge(libctx, keys, text, valid, tally, name);
	else
		tally_skip(tally,
		    is_refusal(
			vector_verify(libctx, jwt_slice_of(keys), text, NULL)),
		    name);
	free_text(text);
}

static void
the_vectors_of_latchset_jose_agree(void **state)
{
	static const char *const folders[] = {
	    LATCHSET "/vectors", LATCHSET "/cve-2023-50967"};
	struct tally tally = {.set = LATCHSET, .why = NO_ENCRYPTION};
	struct jwt_slice pem = vector_text(LATCHSET "/rsa512.pem");
	struct jwt_keyset *set = NULL;
	struct name_list list;
	size_t i, k;

	tally_count(&tally,
	    jwt_keyset_parse(*state, "keys", pem, 0100600, &set, NULL) ==
		JWT_KEYS_UNAVAILABLE,
	    "rsa512.pem", "it was taken");
	free_text(pem);
	for (i = 0; i < 2; i++) {
		list = vector_names(folders[i]);
		for (k = 0; k < list.count; k++)
			judge_latchset(*state, folders[i], list.at[k], &tally);
		name_list_free(&list);
	}
	assert_int_equal(tally_tell(&tally), 0);
}

/* One whose key is not known verifies by none of the others' keys. */
static void
judge_cjose(OSSL_LIB_CTX *libctx, struct json_object *root,
    const struct json_object *one, struct tally *tally)
{
	const char *where =
	    filled("%s:%s", text_of(one, "file"), text_of(one, "line"));
	struct jwt_slice jws = jwt_slice_of(text_of(one, "token"));
	struct json_object *key;
	bool refused = true;
	size_t i;

	if (json_object_object_get_ex(one, "key", &key)) {
		judge(libctx, public_half(key), jws, true, tally, where);
		return;
	}
	for (i = 0; i < json_object_array_length(root); i++) {
		if (!json_object_object_get_ex(
			json_object_array_get_idx(root, i), "key", &key))
			continue;
		refused =
		    refused && is_refusal(vector_verify(libctx,
				   jwt_slice_of(public_half(key)), jws, NULL));
	}
	if (has(one, "parts", "3"))
		tally_count(tally, refused, where, "it was taken");
	else
		tally_skip(tally, refused, where);
}

static void
the_tokens_of_cjose_agree(void **state)
{
	struct tally tally = {.set = "cjose", .why = NO_ENCRYPTION};
	struct json_object *root = vector_json("cjose/tokens.json");
	size_t i;

	for (i = 0; i < json_object_array_length(root); i++)
		judge_cjose(
		    *state, root, json_object_array_get_idx(root, i), &tally);
	json_object_put(root);
	assert_int_equal(tally_tell(&tally), 0);
}

/*
 * Each token verifies by the set that stands beside it, and by no other of
 * the provider's: it had another set for each of its runs.
 */
static void
judge_provider(OSSL_LIB_CTX *libctx, const char *jwks, const char *token,
    struct tally *tally)
{
	static const char *const others[] = {PROVIDER "/jwks.json",
	    PROVIDER "/ed25519-jwks.json", PROVIDER "/ES256/jwks.json",
	    PROVIDER "/EdDSA/jwks.json", PROVIDER "/PS256/jwks.json",
	    PROVIDER "/RS256/jwks.json"};
	struct jwt_slice text = vector_text(token), jws = text, keys;
	struct jwt_keyset *set;
	size_t i;

	while (jws.len > 0 && jws.at[jws.len - 1] == '\n')
		jws.len--;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		keys = vector_text(others[i]);
		assert_int_equal(
		    jwt_keyset_parse(libctx, "keys", keys, 0100644, &set, NULL),
		    JWT_OK);
		assert_true(set->usable > 0);
		assert_null(set->refusals);
		jwt_keyset_free(set);
		judge(libctx, keys.at, jws, strcmp(others[i], jwks) == 0, tally,
		    filled("%s with %s", token, others[i]));
		free_text(keys);
	}
	free_text(text);
}

static void
the_tokens_of_a_real_provider_verify_by_its_key_sets(void **state)
{
	static const char *const folders[] = {
	    "ES256", "EdDSA", "PS256", "RS256"};
	struct tally tally = {.set = PROVIDER};
	struct name_list list;
	char folder[64];
	size_t i, k;

	judge_provider(*state, PROVIDER "/ed25519-jwks.json",
	    PROVIDER "/ed25519.jwt", &tally);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(folder, sizeof(folder), PROVIDER "/%s", folders[i]);
		list = vector_names(folder);
		for (k = 0; k < list.count; k++)
			if (ends_in(list.at[k], ".jwt"))
				judge_provider(*state,
				    path_of(folder, "jwks.json"),
				    path_of(folder, list.at[k]), &tally);
		name_list_free(&list);
	}
	assert_int_equal(tally_tell(&tally), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_cookbook_of_the_ietf_agrees),
	    cmocka_unit_test(the_vectors_of_latchset_jose_agree),
	    cmocka_unit_test(the_tokens_of_cjose_agree),
	    cmocka_unit_test(
		the_tokens_of_a_real_provider_verify_by_its_key_sets),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
