/*
 * The examples of RFC 7515, 7517, 7519, 7520, 7638, 7797 and 8037.
 *
 * Most of these tokens are no logins, nor JWTs at all, but every compact JWS
 * has to verify.  What a login refuses counts as agreed when it is refused,
 * because that is what we want: `alg` "none", an unencoded payload (RFC 7797
 * section 7 forbids it in a JWT), private keys in a file of public ones.
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

#include "jwt/base64url.h"
#include "jwt/part.h"
#include "jwt/token.h"
#include "vectors.h"

/* For the tokens that are signed by none. */
#define ANY_KEY \
	"{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"

static struct tally tallies[] = {
    {.set = "RFC-7515"},
    {.set = "RFC-7517"},
    {.set = "RFC-7519"},
    {.set = "RFC-7520"},
    {.set = "RFC-7638"},
    {.set = "RFC-7797"},
    {.set = "RFC-8037"},
};

/* The claims are those that the RFC prints. */
static bool
has_claims(struct jwt_slice jws, struct json_object *wanted)
{
	struct jwt_token token = {0};
	bool has;

	has = jwt_token_split(jws, &token, NULL) == JWT_OK &&
	      jwt_token_header(&token, NULL) == JWT_OK &&
	      jwt_token_claims(&token, NULL) == JWT_OK &&
	      json_object_equal(token.claims, wanted);
	jwt_token_clear(&token);
	return has;
}

static bool
judge_token(OSSL_LIB_CTX *libctx, const struct json_object *example)
{
	struct jwt_slice jws = jwt_slice_of(text_of(example, "token"));
	struct json_object *claims, *key = member(example, "key");
	enum jwt_reason reason;

	reason = vector_verify(libctx,
	    jwt_slice_of(key == NULL ? ANY_KEY : public_half(key)), jws, NULL);
	if (!json_object_get_boolean(member(example, "valid")))
		return is_refusal(reason);
	return reason == JWT_OK &&
	       (!json_object_object_get_ex(example, "claims", &claims) ||
		   has_claims(jws, claims));
}

/* Signatures over a payload that is not encoded, in every form given. */
static bool
judge_unencoded(OSSL_LIB_CTX *libctx, const struct json_object *example)
{
	const char *key =
	    json_object_to_json_string(member(member(example, "input"), "key"));
	bool agrees = true;

	json_object_object_foreach(member(example, "output"), name, form)
	{
		(void)name;
		agrees = agrees &&
		         is_refusal(vector_verify(libctx, jwt_slice_of(key),
			     jwt_slice_of(json_object_get_string(form)), NULL));
	}
	return agrees;
}

/*
 * Of RFC 7517: one key of each set signs, the other is for encryption; but a
 * set of private keys is refused as a whole, and the reason says so.
 */
static bool
judge_keys(OSSL_LIB_CTX *libctx, const struct json_object *example)
{
	const char *section = text_of(example, "section");
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;
	struct json_object *keys;
	enum jwt_reason reason;
	bool agrees, single;

	single = json_object_object_get_ex(example, "key", &keys);
	if (!single)
		keys = member(example, "set");
	reason = jwt_keyset_parse(libctx, "keys",
	    jwt_slice_of(json_object_to_json_string(keys)), 0100600, &set,
	    &fault);
	if (strcmp(section, "A.2") == 0)
		return reason == JWT_KEYS_UNAVAILABLE &&
		       strstr(fault.text, "leaked") != NULL;
	agrees = reason == JWT_OK && set->usable == 1 && set->count == 1 &&
	         set->skipped == (single ? 0 : 1);
	jwt_keyset_free(set);
	return agrees;
}

static struct jwt_slice
decoded(const struct json_object *jwk, const char *name)
{
	unsigned char *bytes = NULL;
	size_t len = 0;

	if (json_object_object_get_ex(jwk, name, NULL))
		assert_int_equal(
		    jwt_base64url_decode(
			jwt_slice_of(text_of(jwk, name)), &bytes, &len),
		    JWT_OK);
	return (struct jwt_slice){(char *)bytes, len};
}

static bool
judge_thumbprint(OSSL_LIB_CTX *libctx, const struct json_object *example)
{
	const struct json_object *jwk = member(example, "key");
	struct jwt_key_parts parts = {.kty = JWT_KTY_RSA};
	char *thumbprint;
	bool agrees;

	if (strcmp(text_of(jwk, "kty"), "OKP") == 0) {
		parts.kty = JWT_KTY_OKP;
		parts.curve = jwt_curve_find(jwt_slice_of(text_of(jwk, "crv")));
	}
	parts.n = decoded(jwk, "n");
	parts.e = decoded(jwk, "e");
	parts.x = decoded(jwk, "x");
	thumbprint = jwt_key_thumbprint(libctx, &parts);
	assert_non_null(thumbprint);
	agrees = strcmp(thumbprint, text_of(example, "thumbprint")) == 0;
	free(thumbprint);
	free_text(parts.n);
	free_text(parts.e);
	free_text(parts.x);
	return agrees;
}

static const struct {
	const char *type;
	bool (*agrees)(OSSL_LIB_CTX *libctx, const struct json_object *example);
} types[] = {
    {"jws-compact", judge_token},
    {"jwt", judge_token},
    {"jws-unencoded", judge_unencoded},
    {"jwk-set", judge_keys},
    {"jwk", judge_keys},
    {"thumbprint-sha256", judge_thumbprint},
};

static void
judge(OSSL_LIB_CTX *libctx, const struct json_object *example)
{
	size_t i, k;

	for (i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
		if (strcmp(tallies[i].set + 4, text_of(example, "rfc")) == 0)
			break;
	for (k = 0; k < sizeof(types) / sizeof(types[0]); k++)
		if (strcmp(types[k].type, text_of(example, "type")) == 0)
			break;
	if (i == sizeof(tallies) / sizeof(tallies[0]) ||
	    k == sizeof(types) / sizeof(types[0])) {
		fail_msg("an example of a kind that is not known");
		return;
	}
	tally_count(&tallies[i], types[k].agrees(libctx, example),
	    text_of(example, "section"), "type %s", types[k].type);
}

static void
every_example_is_taken_or_refused_as_the_rfcs_want(void **state)
{
	struct json_object *root = vector_json("rfc/rfc-examples.json");
	size_t i, disagreed = 0;

	for (i = 0; i < json_object_array_length(root); i++)
		judge(*state, json_object_array_get_idx(root, i));
	json_object_put(root);
	for (i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
		disagreed += tally_tell(&tallies[i]);
	assert_int_equal(disagreed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		every_example_is_taken_or_refused_as_the_rfcs_want),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
