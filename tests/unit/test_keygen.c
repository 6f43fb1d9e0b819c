/*
 * New keys, and private keys read from their files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/base64url.h"
#include "signature_checks.h"

struct pair {
	char *private_jwk, *public_jwk;
};

static struct pair
generate(void **state, const char *name, const char *kid)
{
	struct pair pair;

	assert_int_equal(jwt_key_generate(*state, alg(name), kid,
			     &pair.private_jwk, &pair.public_jwk),
	    JWT_OK);
	return pair;
}

static void
free_pair(struct pair pair)
{
	free(pair.private_jwk);
	free(pair.public_jwk);
}

/* The names of a JWK's members, in their order. */
static const char *
names_of(const char *text)
{
	struct json_object *jwk = json_tokener_parse(text);
	struct json_object_iterator i = json_object_iter_begin(jwk);
	struct json_object_iterator end = json_object_iter_end(jwk);
	const char *names = "";

	while (!json_object_iter_equal(&i, &end)) {
		names = filled("%s %s", names, json_object_iter_peek_name(&i));
		json_object_iter_next(&i);
	}
	json_object_put(jwk);
	return names;
}

static const struct {
	const char *alg, *kty, *crv, *private_names, *public_names;
} shapes[] = {
    {"HS256", "oct", NULL, " kty k kid alg use", " kty k kid alg use"},
    {"HS512", "oct", NULL, " kty k kid alg use", " kty k kid alg use"},
    {"RS256", "RSA", NULL, " kty n e kid alg use d p q dp dq qi",
	" kty n e kid alg use"},
    {"PS512", "RSA", NULL, " kty n e kid alg use d p q dp dq qi",
	" kty n e kid alg use"},
    {"ES256", "EC", "P-256", " kty crv x y kid alg use d",
	" kty crv x y kid alg use"},
    {"ES384", "EC", "P-384", " kty crv x y kid alg use d",
	" kty crv x y kid alg use"},
    {"ES512", "EC", "P-521", " kty crv x y kid alg use d",
	" kty crv x y kid alg use"},
    {"ES256K", "EC", "secp256k1", " kty crv x y kid alg use d",
	" kty crv x y kid alg use"},
    {"EdDSA", "OKP", "Ed25519", " kty crv x kid alg use d",
	" kty crv x kid alg use"},
    {"Ed25519", "OKP", "Ed25519", " kty crv x kid alg use d",
	" kty crv x kid alg use"},
    {"Ed448", "OKP", "Ed448", " kty crv x kid alg use d",
	" kty crv x kid alg use"},
};

static void
new_keys_are_jwks_on_one_line_with_ordered_members(void **state)
{
	struct json_object *jwk;
	struct pair pair;
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		pair = generate(state, shapes[i].alg, NULL);
		assert_string_equal(
		    names_of(pair.private_jwk), shapes[i].private_names);
		assert_string_equal(
		    names_of(pair.public_jwk), shapes[i].public_names);
		assert_ptr_equal(strchr(pair.private_jwk, '\n') + 1,
		    pair.private_jwk + strlen(pair.private_jwk));
		assert_ptr_equal(strchr(pair.public_jwk, '\n') + 1,
		    pair.public_jwk + strlen(pair.public_jwk));
		jwk = json_tokener_parse(pair.public_jwk);
		assert_string_equal(text_of(jwk, "kty"), shapes[i].kty);
		if (shapes[i].crv != NULL)
			assert_string_equal(text_of(jwk, "crv"), shapes[i].crv);
		assert_string_equal(text_of(jwk, "alg"), shapes[i].alg);
		assert_string_equal(text_of(jwk, "use"), "sig");
		/* a SHA-256 in base64url */
		assert_int_equal(strlen(text_of(jwk, "kid")), 43);
		if (strcmp(shapes[i].kty, "RSA") == 0)
			assert_int_equal(strlen(text_of(jwk, "n")), 3072 / 6);
		json_object_put(jwk);
		free_pair(pair);
	}
}

static void
what_a_new_key_signs_its_public_half_verifies(void **state)
{
	unsigned char bytes[JWT_SIGNATURE_MAX];
	const struct jwt_key *chosen;
	struct jwt_keyset *set;
	struct jwt_slice kid;
	struct jwt_key key;
	struct pair pair;
	size_t i, len;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		pair = generate(state, shapes[i].alg, "a kid");
		assert_int_equal(
		    jwt_key_parse_private(*state, "file",
			jwt_slice_of(pair.private_jwk), 0100600, &key, NULL),
		    JWT_OK);
		assert_true(key.is_private);
		assert_ptr_equal(
		    jwt_key_signing_algorithm(&key), alg(shapes[i].alg));
		assert_int_equal(jwt_signature_make(*state, &key,
				     alg(shapes[i].alg), INPUT, bytes, &len),
		    JWT_OK);
		set = taken_keys(*state, pair.public_jwk);
		kid = (struct jwt_slice){key.kid, key.kid_len};
		assert_int_equal(jwt_keyset_choose(set, alg(shapes[i].alg),
				     &kid, &chosen, NULL),
		    JWT_OK);
		assert_int_equal(
		    jwt_signature_verify(*state, chosen, alg(shapes[i].alg),
			INPUT, (struct jwt_slice){(char *)bytes, len}),
		    JWT_OK);
		jwt_keyset_free(set);
		jwt_key_clear(&key);
		/* the private text is no file of public keys */
		if (strcmp(shapes[i].kty, "oct") != 0)
			refused_file(*state, jwt_slice_of(pair.private_jwk),
			    0100600, "leaked");
		free_pair(pair);
	}
}

static void
no_two_new_keys_are_alike(void **state)
{
	struct pair one, two;
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		one = generate(state, shapes[i].alg, NULL);
		two = generate(state, shapes[i].alg, NULL);
		assert_string_not_equal(one.private_jwk, two.private_jwk);
		assert_string_not_equal(one.public_jwk, two.public_jwk);
		free_pair(one);
		free_pair(two);
	}
}

/* C17: RFC 7638 */
static void
c17_the_kid_is_the_thumbprint_unless_given(void **state)
{
	struct pair pair = generate(state, "EdDSA", NULL);
	struct json_object *jwk = json_tokener_parse(pair.public_jwk);
	struct jwt_key_parts parts = {.kty = JWT_KTY_OKP};
	unsigned char *x;
	char *thumbprint;
	size_t len;

	assert_int_equal(
	    jwt_base64url_decode(jwt_slice_of(text_of(jwk, "x")), &x, &len),
	    JWT_OK);
	parts.curve = jwt_curve_find(TEXT("Ed25519"));
	parts.x = (struct jwt_slice){(char *)x, len};
	thumbprint = jwt_key_thumbprint(*state, &parts);
	assert_string_equal(text_of(jwk, "kid"), thumbprint);
	free(thumbprint);
	free(x);
	json_object_put(jwk);
	free_pair(pair);
	pair = generate(state, "EdDSA", "a \"kid\"\\\n\x01 of \xc3\xa9/");
	jwk = json_tokener_parse(pair.public_jwk);
	assert_string_equal(
	    text_of(jwk, "kid"), "a \"kid\"\\\n\x01 of \xc3\xa9/");
	json_object_put(jwk);
	usable_key(*state, pair.public_jwk);
	free_pair(pair);
}

static void
a_kid_that_cannot_be_read_back_gives_no_key(void **state)
{
	struct pair pair;

	assert_int_equal(jwt_key_generate(*state, alg("EdDSA"), "\xff",
			     &pair.private_jwk, &pair.public_jwk),
	    JWT_INTERNAL_ERROR);
	assert_null(pair.private_jwk);
	assert_null(pair.public_jwk);
}

static void
refused_private(void **state, const char *text, mode_t mode, const char *why)
{
	struct jwt_fault fault = {""};
	struct jwt_key key;

	assert_int_equal(jwt_key_parse_private(*state, "/a/key",
			     jwt_slice_of(text), mode, &key, &fault),
	    JWT_KEYS_UNAVAILABLE);
	assert_null(key.pkey);
	assert_null(key.secret);
	if (strncmp(fault.text, "/a/key: ", 8) != 0 ||
	    strstr(fault.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", fault.text, why);
}

/* The text with one member set to another value, or taken out. */
static const char *
with(const char *text, const char *name, const char *value)
{
	struct json_object *jwk = json_tokener_parse(text);
	const char *changed;

	json_object_object_del(jwk, name);
	if (value != NULL)
		json_object_object_add(jwk, name, json_tokener_parse(value));
	changed = filled("%s", json_object_to_json_string(jwk));
	json_object_put(jwk);
	return changed;
}

static void
a_private_key_is_for_its_owner_alone(void **state)
{
	static const mode_t modes[] = {0604, 0640, 0602, 0610, 0777};
	struct pair pair = generate(state, "EdDSA", NULL);
	struct jwt_key key;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		refused_private(
		    state, pair.private_jwk, 0100000 | modes[i], "chmod 600");
	assert_int_equal(
	    jwt_key_parse_private(*state, "key", jwt_slice_of(pair.private_jwk),
		0100400, &key, NULL),
	    JWT_OK);
	jwt_key_clear(&key);
	free_pair(pair);
}

static void
only_one_private_jwk_that_signs_is_taken(void **state)
{
	struct pair pair = generate(state, "EdDSA", NULL);
	const char *jwk = pair.private_jwk;
	unsigned char zeros[32] = {0}, ones[32];

	memset(ones, 0xff, sizeof(ones));
	refused_private(state, pair.public_jwk, 0100600,
	    "is a public key, wanted the private one");
	refused_private(
	    state, filled("{\"keys\":[%s]}", jwk), 0100600, "is a set of keys");
	refused_private(state, "-----BEGIN PRIVATE KEY-----\n", 0100600,
	    "is PEM, wanted a private JWK");
	refused_private(state, "", 0100600, "JSON");
	refused_private(state, "[]", 0100600, "JSON");
	refused_private(state, "{}", 0100600, "kty is missing");
	refused_private(
	    state, with(jwk, "kty", "'AKP'"), 0100600, "is a public key");
	refused_private(state, with(jwk, "use", "'enc'"), 0100600,
	    "use is 'enc', wanted one that signs");
	refused_private(
	    state, with(jwk, "alg", "'ECDH-ES'"), 0100600, "alg is 'ECDH-ES'");
	refused_private(state, with(jwk, "alg", "'ES256'"), 0100600,
	    "its alg ES256 is for EC keys");
	refused_private(
	    state, with(jwk, "crv", "'X25519'"), 0100600, "crv is 'X25519'");
	refused_private(state, with(jwk, "key_ops", "[\"verify\"]"), 0100600,
	    "key_ops lacks 'sign'");
	refused_private(
	    state, with(jwk, "kid", "7"), 0100600, "kid is no string");
	refused_private(state, with(jwk, "x", NULL), 0100600, "x is missing");
	refused_private(state, with(jwk, "d", "''"), 0100600, "d is empty");
	refused_private(
	    state, with(jwk, "d", "null"), 0100600, "d is no string");
	refused_private(state, with(jwk, "d", "'AAAA'"), 0100600,
	    "'d' has 3 bytes, that of Ed25519 has 32");
	refused_private(
	    state, with(jwk, "oth", "[]"), 0100600, "more than two primes");
	free_pair(pair);
	pair = generate(state, "ES256", NULL);
	jwk = pair.private_jwk;
	/* 0, and more than the order */
	refused_private(state, with(jwk, "d", filled("\"%s\"", b64(zeros, 32))),
	    0100600, "the private");
	refused_private(state, with(jwk, "d", filled("\"%s\"", b64(ones, 32))),
	    0100600, "the private");
	free_pair(pair);
	pair = generate(state, "RS256", NULL);
	jwk = pair.private_jwk;
	refused_private(state, with(jwk, "qi", NULL), 0100600, "qi is missing");
	refused_private(state, with(jwk, "dp", "\"\""), 0100600, "is empty");
	refused_private(
	    state, with(jwk, "e", "\"AQ\""), 0100600, "RSA exponent is 1");
	free_pair(pair);
}

static void
both_halves_of_a_private_key_belong_together(void **state)
{
	static const struct {
		const char *alg, *member;
	} rows[] = {{"EdDSA", "d"}, {"Ed448", "x"}, {"ES256", "d"},
	    {"ES256K", "d"}, {"ES512", "d"}, {"RS256", "n"}};
	struct json_object *other;
	struct pair one, two;
	const char *mixed;
	struct jwt_key key;
	struct jwt_fault fault;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		one = generate(state, rows[i].alg, NULL);
		two = generate(state, rows[i].alg, NULL);
		other = json_tokener_parse(two.private_jwk);
		mixed = with(one.private_jwk, rows[i].member,
		    json_object_to_json_string(member(other, rows[i].member)));
		assert_int_not_equal(
		    jwt_key_parse_private(*state, "/a/key", jwt_slice_of(mixed),
			0100600, &key, &fault),
		    JWT_OK);
		json_object_put(other);
		free_pair(one);
		free_pair(two);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		new_keys_are_jwks_on_one_line_with_ordered_members),
	    cmocka_unit_test(what_a_new_key_signs_its_public_half_verifies),
	    cmocka_unit_test(no_two_new_keys_are_alike),
	    cmocka_unit_test(c17_the_kid_is_the_thumbprint_unless_given),
	    cmocka_unit_test(a_kid_that_cannot_be_read_back_gives_no_key),
	    cmocka_unit_test(a_private_key_is_for_its_owner_alone),
	    cmocka_unit_test(only_one_private_jwk_that_signs_is_taken),
	    cmocka_unit_test(both_halves_of_a_private_key_belong_together),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
