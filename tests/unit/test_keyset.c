/*
 * Key files as a whole, and which of their keys serves a token.
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

#include "key_checks.h"

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
/* Points of Ed25519 with y = 3, 4, 5, 6; a point of small order */
#define ED(x) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x A40 "A\""
#define ED3 ED("Aw")
#define ED4 ED("BA")
#define ED5 ED("BQ")
#define ED6 ED("Bg")
#define SMALL ED("AQ")
#define SECRET "{\"kty\":\"oct\",\"k\":\"AA" A40 "A\""
#define LONG_SECRET "{\"kty\":\"oct\",\"k\":\"" A40 A40 "AAAAAA\""

/* A20: RFC 7517 appendix A.2, and each private member by its name */
static void
a20_private_members_refuse_the_file_and_tell_of_the_leak(void **state)
{
	static const char *const names[] = {
	    "d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	static const char *const keys[] = {ED3, ED3 ",\"use\":\"enc\"",
	    "{\"kty\":\"OKP\",\"crv\":\"X25519\"", "{\"kty\":\"RSA\"",
	    "{\"kty\":\"EC\"", "{\"kty\":null", "{\"alg\":\"ES256\""};
	size_t i, k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			refused_file(*state,
			    jwt_slice_of(filled("{\"keys\":[" ED4
						"},%s,\"%s\":\"AA\"}]}",
				keys[k], names[i])),
			    0100600, "must be considered leaked");
	}
	refused_file(*state, TEXT(ED3 ",\"d\":null}"), 0100600,
	    "key 1 has the private member d");
	usable_key(*state, ED3 ",\"D\":\"AA\"}");
	/* of a type that is not looked at */
	skipped_key(*state, "{\"kty\":\"AKP\",\"d\":\"AA\"}");
}

/* A18 */
static void
a18_secrets_lie_in_a_file_of_their_own_with_mode_0600(void **state)
{
	static const mode_t open_modes[] = {0604, 0640, 0620, 0601, 0644};
	struct jwt_slice secret = TEXT(SECRET "}");
	struct jwt_keyset *set;
	size_t i;

	set = taken_keys(*state,
	    "{\"keys\":[" SECRET ",\"kid\":\"a\"}," SECRET ",\"kid\":\"b\"}]}");
	assert_int_equal(set->usable, 2);
	jwt_keyset_free(set);
	for (i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++)
		refused_file(*state, secret, 0100000 | open_modes[i], "0600");
	assert_int_equal(
	    jwt_keyset_parse(*state, "f", secret, 0100400, &set, NULL), JWT_OK);
	jwt_keyset_free(set);
	/* a secret that is skipped is one all the same */
	refused_file(*state, TEXT(SECRET ",\"use\":\"enc\"}"), 0100644, "0600");
	refused_file(*state, TEXT("{\"keys\":[" SECRET "}," ED3 "}]}"), 0100600,
	    "beside other keys");
	refused_file(*state,
	    TEXT("{\"keys\":[" ED3 "}," SECRET ",\"use\":\"enc\"}]}"), 0100600,
	    "beside other keys");
	/* public keys may be read by everybody */
	assert_int_equal(
	    jwt_keyset_parse(*state, "f", TEXT(ED3 "}"), 0100644, &set, NULL),
	    JWT_OK);
	jwt_keyset_free(set);
}

/* B10, B12: kids are compared byte for byte */
static void
b10_b12_no_two_keys_have_the_same_kid(void **state)
{
	struct jwt_keyset *set;

	refused_file(*state,
	    TEXT("{\"keys\":[" ED3 ",\"kid\":\"k\"}," ED4 ",\"kid\":\"l\"}," ED5
		 ",\"kid\":\"k\"}]}"),
	    0100600, "two keys have the kid 'k'");
	/* also when one of them is refused, or written with an escape */
	refused_file(*state,
	    TEXT("{\"keys\":[" ED3 ",\"kid\":\"k\"}," SMALL
		 ",\"kid\":\"\\u006b\"}]}"),
	    0100600, "two keys have the kid 'k'");
	set = taken_keys(*state,
	    "{\"keys\":[" ED3 ",\"kid\":\"k\"}," ED4 ",\"kid\":\"K\"}," ED5
	    ",\"kid\":\"kk\"}," ED6 ",\"kid\":\"\"}," ED6 "}," ED6
	    ",\"kid\":\"k\",\"use\":\"enc\"}]}");
	assert_int_equal(set->usable, 5);
	assert_int_equal(set->skipped, 1);
	jwt_keyset_free(set);
}

static void
c14_a_key_file_is_one_jwk_or_a_set_of_them(void **state)
{
	static const struct {
		const char *text, *why;
	} faults[] = {
	    {"", "is no key file"},
	    {" \n", "is no key file"},
	    {"[" ED3 "}]", "is no key file"},
	    {"\"x\"", "is no key file"},
	    {"\xef\xbb\xbf" ED3 "}", "is no key file"},
	    {"ssh-ed25519 AAAA", "is no key file"},
	    {"{}", "neither kty nor keys"},
	    {"{\"KEYS\":[]}", "neither kty nor keys"},
	    {ED3 ",\"keys\":[]}", "kty beside keys"},
	    {ED3 ",\"keys\":7}", "kty beside keys"},
	    {"{\"keys\":[]}", "holds 0 keys"},
	    {"{\"keys\":null}", "keys is no array"},
	    {"{\"keys\":{}}", "keys is no array"},
	    {"{\"keys\":\"\"}", "keys is no array"},
	    {"{\"keys\":[" ED3 "},7]}", "key 2 is no JSON object"},
	    {"{\"keys\":[null]}", "key 1 is no JSON object"},
	    {"{\"keys\":[[" ED3 "}]]}", "key 1 is no JSON object"},
	    {ED3 "}{}", "JSON: "},
	    {ED3 ",}", "JSON: "},
	    {"{\"keys\":[", "JSON: "},
	    /* C14 */
	    {"{\"kty\":\"RSA\",\"kty\":\"oct\"}", "JSON: "},
	    {ED3 ",\"\\u006bty\":\"OKP\"}", "JSON: "},
	};
	size_t i;

	usable_key(*state, ED3 "}");
	usable_key(*state, " \t\r\n" ED3 "}\n\n");
	usable_key(*state, "{\"keys\":[" ED3 "}]}");
	usable_key(*state, "{\"x\":1,\"keys\":[" ED3 "}],\"y\":[{}]}");
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		refused_file(*state, jwt_slice_of(faults[i].text), 0100600,
		    faults[i].why);
	refused_file(*state, TEXT(ED3 "}\0"), 0100600, "JSON: ");
}

static void
a_key_file_holds_16384_keys_at_most(void **state)
{
	struct jwt_keyset *set;
	char *text, *at;
	size_t i, count = 16385;

	text = malloc(16 * count);
	assert_non_null(text);
	at = stpcpy(text, "{\"keys\":[{\"kty\":\"\"}");
	for (i = 1; i < count; i++)
		at = stpcpy(at, ",{\"kty\":1}");
	stpcpy(at, "]}");
	refused_file(*state, jwt_slice_of(text), 0100600, "holds 16385 keys");
	stpcpy(at - strlen(",{\"kty\":1}"), "]}");
	set = taken_keys(*state, text);
	assert_int_equal(set->usable, 0);
	assert_int_equal(set->count, 16383);
	/* what is said about them stays short */
	assert_true(strlen(set->refusals) < 1000);
	assert_non_null(strstr(set->refusals, "key 2: kty is no string"));
	assert_non_null(strstr(set->refusals, "and more"));
	jwt_keyset_free(set);
	free(text);
}

/* B15: providers publish keys for other uses, and one bad key is one key */
static void
b15_other_keys_of_a_set_do_not_stop_it(void **state)
{
	struct jwt_keyset *set = taken_keys(*state,
	    "{\"keys\":[" SMALL ",\"kid\":\"weak\"}," ED3
	    ",\"use\":\"enc\"},{\"kty\":\"new\"}," ED4 ",\"kid\":\"good\"},"
	    "{\"kty\":\"RSA\",\"alg\":\"RSA-OAEP\"}]}");

	assert_int_equal(set->count, 2);
	assert_int_equal(set->usable, 1);
	assert_int_equal(set->skipped, 3);
	assert_string_equal(set->refusals,
	    "key 1 with kid 'weak': Ed25519 'x' is a point of small "
	    "order, under which anybody can sign");
	jwt_keyset_free(set);
}

/* The kid of the key that serves; or the reason that there is none. */
static const char *
choose(void **state, const char *keys, const char *alg, const char *kid)
{
	struct jwt_keyset *set = taken_keys(*state, keys);
	struct jwt_slice slice = jwt_slice_of(kid);
	struct jwt_fault fault = {""};
	const struct jwt_key *key;
	enum jwt_reason reason;
	const char *answer;

	reason = jwt_keyset_choose(set, jwt_algorithm_find(jwt_slice_of(alg)),
	    kid == NULL ? NULL : &slice, &key, &fault);
	if (reason == JWT_OK) {
		assert_non_null(key);
		assert_null(key->refusal);
		answer = filled("%s", key->kid == NULL ? "(no kid)" : key->kid);
	} else {
		assert_null(key);
		assert_string_not_equal(fault.text, "");
		answer = jwt_reason_name(reason);
	}
	jwt_keyset_free(set);
	return answer;
}

#define CHOICE(keys, alg, kid, wanted) \
	assert_string_equal(           \
	    choose(state, "{\"keys\":[" keys "]}", alg, kid), wanted)

/* B8, B12 */
static void
b8_b12_a_kid_chooses_the_key_that_has_it(void **state)
{
#define TWO ED3 ",\"kid\":\"one\"}," ED4 ",\"kid\":\"two\"}"
	CHOICE(TWO, "EdDSA", "one", "one");
	CHOICE(TWO, "EdDSA", "two", "two");
	CHOICE(TWO, "EdDSA", "three", "unknown_key");
	CHOICE(TWO, "EdDSA", "", "unknown_key");
	CHOICE(TWO, "EdDSA", "tw", "unknown_key");
	CHOICE(TWO, "EdDSA", "two ", "unknown_key");
	CHOICE(TWO, "EdDSA", "Two", "unknown_key");
	/* a kid in the token that nobody has never means "the only one" */
	CHOICE(ED3 ",\"kid\":\"one\"}", "EdDSA", "two", "unknown_key");
	/* but one key without kid, where no key has it */
	CHOICE(TWO "," ED5 "}", "EdDSA", "three", "(no kid)");
	CHOICE(TWO "," ED5 "}," ED6 "}", "EdDSA", "three", "unknown_key");
	CHOICE(ED5 "}", "EdDSA", "three", "(no kid)");
	/* no falling through when the key that has it does not fit */
	CHOICE(TWO "," ED5 "}", "ES256", "one", "unknown_key");
	CHOICE(TWO "," ED5 ",\"alg\":\"Ed25519\"}", "EdDSA", "three",
	    "unknown_key");
	CHOICE(ED3 ",\"kid\":\"one\",\"alg\":\"Ed25519\"}," ED5 "}", "EdDSA",
	    "one", "unknown_key");
}

/* B9 */
static void
b9_a_token_without_kid_takes_the_one_key_that_fits(void **state)
{
	CHOICE(ED3 "}", "EdDSA", NULL, "(no kid)");
	CHOICE(ED3 ",\"kid\":\"one\"}", "EdDSA", NULL, "one");
	CHOICE(TWO, "EdDSA", NULL, "unknown_key");
	CHOICE(TWO "," ED5 "}", "EdDSA", NULL, "unknown_key");
	CHOICE(ED3 ",\"kid\":\"one\",\"alg\":\"Ed25519\"}," ED4
		   ",\"kid\":\"two\",\"alg\":\"EdDSA\"}",
	    "EdDSA", NULL, "two");
	CHOICE(ED3 "}", "ES256", NULL, "unknown_key");
	CHOICE(ED3 ",\"use\":\"enc\"}", "EdDSA", NULL, "unknown_key");
}

static void
a_refused_key_is_named_only_where_it_would_have_served(void **state)
{
#define WEAK SMALL ",\"kid\":\"weak\"}"
	CHOICE(WEAK "," ED3 "}", "EdDSA", "weak", "key_refused");
	CHOICE(WEAK "," ED3 "}", "ES256", "weak", "unknown_key");
	CHOICE(WEAK "," ED3 "}", "EdDSA", NULL, "(no kid)");
	CHOICE(WEAK "," ED3 "}", "EdDSA", "other", "(no kid)");
	CHOICE(WEAK, "EdDSA", NULL, "key_refused");
	CHOICE(WEAK, "ES256", NULL, "unknown_key");
	CHOICE(WEAK, "EdDSA", "other", "unknown_key");
	CHOICE(SMALL "}", "EdDSA", "other", "key_refused");
	/* A secret that is too short serves HMAC alone, whatever its hash. */
	CHOICE("{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}", "HS256", NULL,
	    "key_refused");
	CHOICE("{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}", "EdDSA", NULL,
	    "unknown_key");
	CHOICE(SMALL "}", "RS256", "other", "unknown_key");
	/* A11: by the alg that it claims, not by any other */
	CHOICE(ED3 ",\"alg\":\"HS256\",\"kid\":\"a\"}", "HS256", "a",
	    "key_refused");
	CHOICE(ED3 ",\"alg\":\"HS256\",\"kid\":\"a\"}", "EdDSA", "a",
	    "unknown_key");
}

/* A8 to A10, A14 to A17: by type, curve and the key's own alg, with equality */
static void
a_key_fits_its_own_algorithms_alone(void **state)
{
	CHOICE(ED3 "}", "Ed25519", NULL, "(no kid)");
	CHOICE(ED3 "}", "Ed448", NULL, "unknown_key");
	CHOICE(ED3 "}", "HS256", NULL, "unknown_key");
	CHOICE(ED3 ",\"alg\":\"EdDSA\"}", "Ed25519", NULL, "unknown_key");
	CHOICE(SECRET "}", "HS256", NULL, "(no kid)");
	CHOICE(SECRET "}", "HS384", NULL, "unknown_key");
	CHOICE(SECRET "}", "RS256", NULL, "unknown_key");
	CHOICE(LONG_SECRET "}", "HS384", NULL, "(no kid)");
	CHOICE(LONG_SECRET "}", "HS512", NULL, "(no kid)");
	CHOICE(LONG_SECRET ",\"alg\":\"HS512\"}", "HS512", NULL, "(no kid)");
	CHOICE(LONG_SECRET ",\"alg\":\"HS512\"}", "HS256", NULL, "unknown_key");
	CHOICE(LONG_SECRET ",\"alg\":\"HS256\"}", "HS512", NULL, "unknown_key");
}

/* B5, B6: whatever a kid holds, it is compared, and quoted in the fault */
static void
b5_b6_a_foreign_kid_is_compared_and_quoted(void **state)
{
	struct jwt_keyset *set = taken_keys(*state, ED3 ",\"kid\":\"k1\"}");
	const struct jwt_slice kids[] = {TEXT("k1\0x"),
	    TEXT("k1\nroot logged in"), TEXT("../../dev/null"), TEXT("%n%s"),
	    TEXT("\x1b[2J"), TEXT("' OR 1=1")};
	char longest[4096];
	struct jwt_slice many = {longest, sizeof(longest)};
	const struct jwt_algorithm *eddsa;
	const struct jwt_key *key;
	struct jwt_fault fault;
	size_t i, k;

	eddsa = jwt_algorithm_find(TEXT("EdDSA"));
	memset(longest, '"', sizeof(longest));
	for (i = 0; i <= sizeof(kids) / sizeof(kids[0]); i++) {
		assert_int_equal(
		    jwt_keyset_choose(set, eddsa,
			i == sizeof(kids) / sizeof(kids[0]) ? &many : &kids[i],
			&key, &fault),
		    JWT_UNKNOWN_KEY);
		assert_true(strlen(fault.text) < 200);
		for (k = 0; fault.text[k] != '\0'; k++)
			assert_in_range(fault.text[k], 0x20, 0x7e);
	}
	jwt_keyset_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a20_private_members_refuse_the_file_and_tell_of_the_leak),
	    cmocka_unit_test(
		a18_secrets_lie_in_a_file_of_their_own_with_mode_0600),
	    cmocka_unit_test(b10_b12_no_two_keys_have_the_same_kid),
	    cmocka_unit_test(c14_a_key_file_is_one_jwk_or_a_set_of_them),
	    cmocka_unit_test(a_key_file_holds_16384_keys_at_most),
	    cmocka_unit_test(b15_other_keys_of_a_set_do_not_stop_it),
	    cmocka_unit_test(b8_b12_a_kid_chooses_the_key_that_has_it),
	    cmocka_unit_test(
		b9_a_token_without_kid_takes_the_one_key_that_fits),
	    cmocka_unit_test(
		a_refused_key_is_named_only_where_it_would_have_served),
	    cmocka_unit_test(a_key_fits_its_own_algorithms_alone),
	    cmocka_unit_test(b5_b6_a_foreign_kid_is_compared_and_quoted),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
