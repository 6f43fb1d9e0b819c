/*
 * One JWK: what makes it usable, refused, or skipped because it is meant for
 * something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "key_checks.h"

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ED3 "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"Aw" A40 "A\""
#define SECRET "{\"kty\":\"oct\",\"k\":\"AA" A40 "A\""

/* An RSA key whose numbers are no more than well formed. */
static const char *
rsa(const char *more)
{
	unsigned char n[256];

	memset(n, 0xff, sizeof(n));
	return filled("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"%s}",
	    b64(n, sizeof(n)), more);
}

/* A new public key of this algorithm, another kty, crv or alg in its place. */
static const char *
changed(void **state, const char *alg, const char *member, const char *value)
{
	struct json_object *jwk;
	char *private_jwk, *public_jwk;
	const char *text;

	assert_int_equal(
	    jwt_key_generate(*state, jwt_algorithm_find(jwt_slice_of(alg)), "k",
		&private_jwk, &public_jwk),
	    JWT_OK);
	jwk = json_tokener_parse(public_jwk);
	json_object_object_del(jwk, "alg");
	if (value == NULL)
		json_object_object_del(jwk, member);
	else
		json_object_object_add(
		    jwk, member, json_object_new_string(value));
	text = filled("%s", json_object_to_json_string(jwk));
	json_object_put(jwk);
	free(private_jwk);
	free(public_jwk);
	return text;
}

/* A11: RFC 7517 section 4.4 */
static void
a11_an_alg_that_contradicts_the_key_refuses_it(void **state)
{
	usable_key(*state, rsa(""));
	usable_key(*state, rsa(",\"alg\":\"RS256\""));
	usable_key(*state, rsa(",\"alg\":\"PS512\""));
	refused_key(*state, rsa(",\"alg\":\"HS256\""),
	    "its alg HS256 is for oct keys, this one is RSA");
	refused_key(*state, rsa(",\"alg\":\"ES256\""), "is for EC keys");
	refused_key(*state, rsa(",\"alg\":\"EdDSA\""), "is for OKP keys");
	usable_key(*state, ED3 ",\"alg\":\"EdDSA\"}");
	usable_key(*state, ED3 ",\"alg\":\"Ed25519\"}");
	refused_key(*state, ED3 ",\"alg\":\"ES256\"}", "is for EC keys");
	refused_key(*state, ED3 ",\"alg\":\"Ed448\"}",
	    "its alg Ed448 is for Ed448, this one is on Ed25519");
	usable_key(*state, changed(state, "ES256", "alg", "ES256"));
	refused_key(*state, changed(state, "ES256", "alg", "ES384"),
	    "its alg ES384 is for P-384, this one is on P-256");
	refused_key(*state, changed(state, "ES256", "alg", "ES256K"),
	    "its alg ES256K is for secp256k1, this one is on P-256");
	refused_key(*state, changed(state, "ES256K", "alg", "ES256"),
	    "its alg ES256 is for P-256, this one is on secp256k1");
	usable_key(*state, SECRET ",\"alg\":\"HS256\"}");
	refused_key(*state, SECRET ",\"alg\":\"RS256\"}", "is for RSA keys");
}

/* A14, A15, C15 */
static void
a14_a15_c15_curves_belong_to_one_kty_and_unknown_ones_are_skipped(void **state)
{
	static const char *const curves[] = {"secp192r1", "P-192", "P-224",
	    "brainpoolP256r1", "SM2", "p-256", "P-256 ", "P-256\\u0001", ""};
	size_t i;

	usable_key(*state, changed(state, "ES256", "crv", "P-256"));
	for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		skipped_key(*state,
		    filled("{\"kty\":\"EC\",\"crv\":\"%s\"}", curves[i]));
	skipped_key(*state, "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"\"}");
	skipped_key(*state, "{\"kty\":\"OKP\",\"crv\":\"X448\"}");
	refused_key(*state, changed(state, "ES256", "crv", "P-384"),
	    "those of P-384 have 48");
	refused_key(*state, changed(state, "ES256", "crv", "secp256k1"),
	    "does not lie on secp256k1");
	refused_key(*state, changed(state, "ES256", "crv", "Ed25519"),
	    "crv Ed25519 is for kty OKP, this one is EC");
	refused_key(*state, changed(state, "EdDSA", "crv", "P-256"),
	    "crv P-256 is for kty EC, this one is OKP");
	refused_key(*state, changed(state, "ES256", "kty", "OKP"),
	    "crv P-256 is for kty EC");
	refused_key(*state, changed(state, "EdDSA", "crv", "Ed448"),
	    "'x' has 32 bytes, that of Ed448 has 57");
	refused_key(
	    *state, changed(state, "ES256", "kty", "RSA"), "n is missing");
}

static void
keys_of_another_type_or_algorithm_are_skipped(void **state)
{
	skipped_key(*state, "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\"}");
	skipped_key(*state, "{\"kty\":\"rsa\"}");
	skipped_key(*state, "{\"kty\":\"\",\"kid\":7}");
	skipped_key(*state, rsa(",\"alg\":\"RSA-OAEP\""));
	skipped_key(*state, rsa(",\"alg\":\"RSA1_5\""));
	skipped_key(*state, rsa(",\"alg\":\"none\""));
	skipped_key(*state, rsa(",\"alg\":\"rs256\""));
	skipped_key(*state, rsa(",\"alg\":\"RS256 \""));
	skipped_key(*state, rsa(",\"alg\":\"\""));
	skipped_key(*state, changed(state, "ES512", "alg", "ES521"));
	skipped_key(*state, SECRET ",\"alg\":\"A128KW\"}");
}

/* A12: RFC 7517 sections 4.2 and 4.3 */
static void
a12_keys_for_another_use_are_skipped(void **state)
{
	usable_key(*state, ED3 ",\"use\":\"sig\"}");
	skipped_key(*state, ED3 ",\"use\":\"enc\"}");
	skipped_key(*state, ED3 ",\"use\":\"SIG\"}");
	skipped_key(*state, ED3 ",\"use\":\"\"}");
	/* unexamined: nothing else in it matters */
	skipped_key(*state, "{\"kty\":\"EC\",\"use\":\"enc\",\"crv\":7}");
	usable_key(*state, ED3 ",\"key_ops\":[\"verify\"]}");
	usable_key(*state, ED3 ",\"key_ops\":[\"sign\",\"verify\"]}");
	usable_key(*state, ED3 ",\"key_ops\":[\"verify\",\"encrypt\"]}");
	usable_key(*state, SECRET ",\"key_ops\":[\"verify\",\"sign\"]}");
	skipped_key(*state, ED3 ",\"key_ops\":[]}");
	skipped_key(*state, ED3 ",\"key_ops\":[\"sign\"]}");
	skipped_key(*state, ED3 ",\"key_ops\":[\"Verify\"]}");
	skipped_key(*state, SECRET ",\"key_ops\":[\"sign\"]}");
	skipped_key(*state, ED3 ",\"use\":\"sig\",\"key_ops\":[\"encrypt\"]}");
	skipped_key(*state, ED3 ",\"use\":\"enc\",\"key_ops\":[\"verify\"]}");
	/* both are there and disagree */
	refused_key(*state,
	    ED3 ",\"use\":\"sig\",\"key_ops\":[\"verify\",\"encrypt\"]}",
	    "key_ops has more");
	refused_key(*state, ED3 ",\"key_ops\":[\"verify\",\"verify\"]}",
	    "key_ops names one twice");
	refused_key(*state,
	    ED3 ",\"key_ops\":[\"verify\",\"sign\",\"\\u0076erify\"]}",
	    "key_ops names one twice");
	refused_key(*state,
	    ED3 ",\"key_ops\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\","
		"\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\",\"o\",\"p\","
		"\"verify\"]}",
	    "key_ops has 17");
}

/* C13, B7 */
static void
c13_members_of_a_wrong_type_refuse_the_key(void **state)
{
	static const char *const wrong[] = {
	    "1", "1.5", "true", "null", "[]", "{}", "[\"sig\"]"};
	static const char *const names[] = {
	    "kty", "crv", "use", "alg", "kid", "x"};
	static const char *const values[] = {"\"OKP\"", "\"Ed25519\"",
	    "\"sig\"", "\"EdDSA\"", "\"k\"", "\"Aw" A40 "A\""};
	char text[1024];
	size_t i, k, m;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (k = 0; k < 6; k++) {
			char *at = text;

			for (m = 0; m < 6; m++) {
				at = stpcpy(at, m == 0 ? "{\"" : ",\"");
				at = stpcpy(at, names[m]);
				at = stpcpy(at, "\":");
				at = stpcpy(at, m == k ? wrong[i] : values[m]);
			}
			stpcpy(at, "}");
			refused_key(
			    *state, text, filled("%s is no string", names[k]));
		}
		refused_key(*state,
		    filled("{\"kty\":\"oct\",\"k\":%s}", wrong[i]),
		    "k is no string");
		refused_key(*state,
		    filled(
			"{\"kty\":\"RSA\",\"n\":%s,\"e\":\"AQAB\"}", wrong[i]),
		    "n is no string");
		if (strcmp(wrong[i], "[]") == 0 || wrong[i][1] == '"')
			continue;
		refused_key(*state, filled(ED3 ",\"key_ops\":%s}", wrong[i]),
		    "is no array");
		refused_key(*state,
		    filled(ED3 ",\"key_ops\":[\"verify\",%s]}", wrong[i]),
		    "key_ops holds what is no string");
	}
	refused_key(*state, ED3 ",\"key_ops\":\"verify\"}", "is no array");
}

static void
missing_members_refuse_the_key(void **state)
{
	refused_key(*state, "{\"keys\":[{}]}", "kty is missing");
	refused_key(
	    *state, "{\"kty\":\"OKP\",\"x\":\"Aw" A40 "A\"}", "crv is missing");
	refused_key(
	    *state, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", "x is missing");
	refused_key(*state, "{\"kty\":\"EC\"}", "crv is missing");
	refused_key(*state, changed(state, "ES256", "x", NULL), "x is missing");
	refused_key(*state, changed(state, "ES256", "y", NULL), "y is missing");
	refused_key(*state, "{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "n is missing");
	refused_key(*state, "{\"kty\":\"RSA\",\"n\":\"AQAB\"}", "e is missing");
	refused_key(*state, "{\"kty\":\"oct\"}", "k is missing");
}

/* B3, B4: what a key says of certificates is nothing to us */
static void
b3_b4_certificates_in_a_jwk_and_unknown_members_are_ignored(void **state)
{
	usable_key(*state,
	    ED3 ",\"x5c\":[\"no certificate\"],\"x5t\":1,\"x5t#S256\":null,"
		"\"x5u\":\"https://evil.example/\",\"ext\":true,"
		"\"key_ops \":[],\"nbf\":{\"d\":1},\"y\":5,\"n\":[]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a11_an_alg_that_contradicts_the_key_refuses_it),
	    cmocka_unit_test(
		a14_a15_c15_curves_belong_to_one_kty_and_unknown_ones_are_skipped),
	    cmocka_unit_test(keys_of_another_type_or_algorithm_are_skipped),
	    cmocka_unit_test(a12_keys_for_another_use_are_skipped),
	    cmocka_unit_test(c13_members_of_a_wrong_type_refuse_the_key),
	    cmocka_unit_test(missing_members_refuse_the_key),
	    cmocka_unit_test(
		b3_b4_certificates_in_a_jwk_and_unknown_members_are_ignored),
	};

	return cmocka_run_group_tests(tests, libctx_new, libctx_free);
}
