/*
 * Wycheproof's JOSE files: each group's key file and token through the doors
 * that `jwtctl verify --signature-only` takes.
 *
 * The label decides, but for the tests that overrides.json beside the vectors
 * lists, with the reason why a strict verifier must answer otherwise.
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

static bool
is_valid(const struct json_object *overrides, const struct json_object *test)
{
	struct json_object *other;

	if (json_object_object_get_ex(overrides, text_of(test, "tcId"), &other))
		return strcmp(text_of(other, "expect"), "valid") == 0;
	return strcmp(text_of(test, "result"), "valid") == 0;
}

static void
judge(OSSL_LIB_CTX *libctx, const struct json_object *overrides,
    struct jwt_slice keys, const struct json_object *test, struct tally *tally)
{
	struct json_object *jws;
	struct jwt_fault fault = {""};
	const char *where = text_of(test, "tcId");
	enum jwt_reason reason;

	if (json_object_object_get_ex(test, "jwe", &jws)) {
		reason = vector_verify(libctx, keys,
		    jwt_slice_of(json_object_get_string(jws)), &fault);
		tally_skip(tally, is_refusal(reason), where);
		return;
	}
	/* A JWS in JSON serialization is given as the text it would be. */
	reason = vector_verify(
	    libctx, keys, jwt_slice_of(text_of(test, "jws")), &fault);
	tally_count(tally,
	    is_valid(overrides, test) ? reason == JWT_OK : is_refusal(reason),
	    where, "%s: %s: %s", text_of(test, "comment"),
	    jwt_reason_name(reason), fault.text);
}

static void
judge_file(OSSL_LIB_CTX *libctx, const char *file)
{
	struct tally tally = {file, "encryption is not what we do", 0, 0, 0};
	struct json_object *root, *overrides, *ours = NULL, *groups, *group;
	struct json_object *tests, *keys;
	struct jwt_slice text;
	size_t i, k;

	root = vector_json(file);
	overrides = vector_json("overrides.json");
	json_object_object_get_ex(overrides, file, &ours);
	groups = member(root, "testGroups");
	for (i = 0; i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		if (!json_object_object_get_ex(group, "public", &keys))
			keys = member(group, "private");
		text = jwt_slice_of(json_object_to_json_string(keys));
		tests = member(group, "tests");
		for (k = 0; k < json_object_array_length(tests); k++)
			judge(libctx, ours, text,
			    json_object_array_get_idx(tests, k), &tally);
	}
	assert_int_equal(
	    tally.tests, json_object_get_int(member(root, "numberOfTests")));
	json_object_put(overrides);
	json_object_put(root);
	assert_int_equal(tally_tell(&tally), 0);
}

static void
wycheproof_agrees_on_jwk(void **state)
{
	judge_file(*state, "wycheproof/json_web_key_test.json");
}

static void
wycheproof_agrees_on_jws(void **state)
{
	judge_file(*state, "wycheproof/json_web_signature_test.json");
}

static void
wycheproof_agrees_on_the_jws_beside_jwe(void **state)
{
	judge_file(*state, "wycheproof/json_web_crypto_test.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wycheproof_agrees_on_jwk),
	    cmocka_unit_test(wycheproof_agrees_on_jws),
	    cmocka_unit_test(wycheproof_agrees_on_the_jws_beside_jwe),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
