/*
 * Wycheproof's JOSE files: each group's key file and token through the doors
 * that `jwtctl verify --signature-only` takes.
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

#include "jwt/token.h"
#include "key_checks.h"

/* Where a strict verifier answers other than the label says, and why. */
static const struct {
	const char *file;
	int test;
	bool valid;
	const char *why;
} rules[] = {
    {"json_web_signature", 367, true, "the very bytes of 357, a valid one"},
    {"json_web_signature", 370, true, "likewise"},
    {"json_web_signature", 372, false, "a ? is no base64url"},
    {"json_web_signature", 373, false, "likewise"},
    {"json_web_signature", 346, false, "the key is for PS256, not PS384"},
    {"json_web_signature", 350, false, "likewise"},
    {"json_web_signature", 347, false, "the key is for ES521: no such alg"},
    {"json_web_signature", 351, false, "likewise"},
};

struct verdicts {
	size_t tests, by_rule, agreed, disagreed;
};

/* The verdict over one token; what it was refused for in `fault`. */
static enum jwt_reason
verify(OSSL_LIB_CTX *libctx, const char *keys, const char *jws,
    struct jwt_fault *fault)
{
	struct jwt_token token = {0};
	struct jwt_keyset *set;
	enum jwt_reason reason;

	reason = jwt_keyset_parse(
	    libctx, "keys", jwt_slice_of(keys), 0100600, &set, fault);
	if (reason != JWT_OK)
		return reason;
	reason = jwt_token_split(jwt_slice_of(jws), &token, fault);
	if (reason == JWT_OK)
		reason = jwt_token_header(&token, fault);
	if (reason == JWT_OK)
		reason = jwt_token_verify(libctx, set, &token, fault);
	jwt_token_clear(&token);
	jwt_keyset_free(set);
	return reason;
}

static void
judge(OSSL_LIB_CTX *libctx, const char *file, const char *keys,
    const struct json_object *test, struct verdicts *v)
{
	struct json_object *jws = member(test, "jws");
	int number = json_object_get_int(member(test, "tcId"));
	bool wanted = strcmp(text_of(test, "result"), "valid") == 0;
	struct jwt_fault fault = {""};
	enum jwt_reason reason;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].test != number || strcmp(rules[i].file, file) != 0)
			continue;
		wanted = rules[i].valid;
		v->by_rule++;
	}
	v->tests++;
	/* A JWS in JSON serialization is given as the text it would be. */
	reason = verify(libctx, keys, json_object_get_string(jws), &fault);
	if (wanted ? reason == JWT_OK
		   : jwt_reason_row(reason)->kind == JWT_KIND_REFUSED ||
			 reason == JWT_KEYS_UNAVAILABLE) {
		v->agreed++;
		return;
	}
	v->disagreed++;
	print_message("# %s test %d: %s: %s: %s\n", file, number,
	    text_of(test, "comment"), jwt_reason_name(reason), fault.text);
}

static void
judge_file(OSSL_LIB_CTX *libctx, const char *file, const char *without)
{
	struct json_object *root, *groups, *group, *tests, *keys;
	struct verdicts v = {0};
	char name[256];
	size_t i, k;

	snprintf(name, sizeof(name), "wycheproof/%s_test.json", file);
	root = vector_json(name);
	groups = member(root, "testGroups");
	for (i = 0; i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		if (!json_object_object_get_ex(group, "public", &keys))
			keys = member(group, "private");
		tests = member(group, "tests");
		for (k = 0; k < json_object_array_length(tests); k++) {
			if (without != NULL &&
			    json_object_object_get_ex(
				json_object_array_get_idx(tests, k), without,
				NULL))
				continue;
			judge(libctx, file, json_object_to_json_string(keys),
			    json_object_array_get_idx(tests, k), &v);
		}
	}
	print_message("# %-20s %4zu tests, %zu by rule, %4zu agreed, "
		      "%zu disagreed\n",
	    file, v.tests, v.by_rule, v.agreed, v.disagreed);
	json_object_put(root);
	assert_int_equal(v.disagreed, 0);
	assert_true(v.tests > 0);
}

static void
wycheproof_agrees_on_jwk(void **state)
{
	judge_file(*state, "json_web_key", NULL);
}

static void
wycheproof_agrees_on_jws(void **state)
{
	judge_file(*state, "json_web_signature", NULL);
}

/* Its JWE tests carry no `jws`. */
static void
wycheproof_agrees_on_the_jws_of_jwe(void **state)
{
	judge_file(*state, "json_web_crypto", "jwe");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wycheproof_agrees_on_jwk),
	    cmocka_unit_test(wycheproof_agrees_on_jws),
	    cmocka_unit_test(wycheproof_agrees_on_the_jws_of_jwe),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
