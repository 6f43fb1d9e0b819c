/*
 * Every reason that a login can get, and which of two comes first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/token.h"

#include "judging.h"
#include "scratch.h"

static int
make_more_keys(void **state)
{
	/* The point of this one does not lie on its curve. */
	static const char weak[] =
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"weak\","
	    "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
	    "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}";

	if (judging_make(state) != 0)
		return -1;
	make_key("other", "ES256");
	scratch_write("mixed",
	    text("{\"keys\":[%s,%s,%s]}", public_key("ed"), public_key("es"),
		weak),
	    0600);
	return 0;
}

/* What a hearing of the ladder is made of; the token is signed by a key. */
struct rung {
	enum jwt_reason reason;
	const char *key, *header, *claims;
	const char *algorithms, *keys, *more; /* of the section */
	const char *service, *user;
};

#define HEADER(kid, rest) "{\"alg\":\"ES256\",\"kid\":\"" kid "\"" rest "}"

/* Claims from the last that is judged to the first, each with its fault. */
#define SUB "\"sub\":\"nobody-else\""
#define CNF "\"cnf\":{\"jkt\":\"AA\"}," SUB
#define AUD "\"aud\":\"ssh://elsewhere\"," CNF
#define OLD AUD ",\"iat\":1799990000"  /* 10000 s ago */
#define LONG OLD ",\"exp\":1801000000" /* for eleven days */
#define AHEAD AUD ",\"exp\":1801000000,\"iat\":1800001000"
#define EARLY AHEAD ",\"nbf\":1800001000"
#define LATE AUD ",\"exp\":1799990000,\"iat\":1800001000,\"nbf\":1800001000"
#define WRONG AUD ",\"exp\":\"1\",\"iat\":1800001000,\"nbf\":1800001000"

/* What the section demands, from the last to the first. */
#define REQUIRE "require = groups has wheel\n"
#define MAX_AGE REQUIRE "max_age = 1h\n"
#define SERVICES MAX_AGE "services = su\n"
#define MAP SERVICES "user_map = /nowhere/map\n"

/*
 * Each rung mends what the one above it was refused for and keeps all the
 * faults below it, so that it proves the order of every pair of neighbours.
 */
static const struct rung ladder[] = {
    {JWT_HEADER_INVALID, "ed", HEADER("gone", ",\"typ\":\"x\",\"crit\":[]"),
	"{\"iss\":7," WRONG "}", "EdDSA", "none", MAP, "sshd", "root"},
    {JWT_CLAIMS_INVALID, "ed", HEADER("gone", ",\"typ\":\"x\""),
	"{\"iss\":7," WRONG "}", "EdDSA", "none", MAP, "sshd", "root"},
    {JWT_UNKNOWN_ISSUER, "ed", HEADER("gone", ",\"typ\":\"x\""),
	"{\"iss\":\"https://sso.example.com/\"," WRONG "}", "EdDSA", "none",
	MAP, "sshd", "root"},
    {JWT_CONFIG_ERROR, "ed", HEADER("gone", ",\"typ\":\"x\""), "{" WRONG "}",
	"EdDSA", "none", MAP, "sshd", "root"},
    {JWT_SERVICE_NOT_ALLOWED, "ed", HEADER("gone", ",\"typ\":\"x\""),
	"{" WRONG "}", "EdDSA", "none", SERVICES, "sshd", "root"},
    {JWT_ALGORITHM_NOT_ALLOWED, "ed", HEADER("gone", ",\"typ\":\"x\""),
	"{" WRONG "}", "EdDSA", "none", SERVICES, "su", "root"},
    {JWT_KEYS_UNAVAILABLE, "ed", HEADER("gone", ",\"typ\":\"x\""),
	"{" WRONG "}", "EdDSA ES256", "none", SERVICES, "su", "root"},
    {JWT_UNKNOWN_KEY, "ed", HEADER("gone", ",\"typ\":\"x\""), "{" WRONG "}",
	"EdDSA ES256", "mixed", SERVICES, "su", "root"},
    {JWT_KEY_REFUSED, "ed", HEADER("weak", ",\"typ\":\"x\""), "{" WRONG "}",
	"EdDSA ES256", "mixed", SERVICES, "su", "root"},
    {JWT_SIGNATURE_INVALID, "other", HEADER("es", ",\"typ\":\"x\""),
	"{" WRONG "}", "EdDSA ES256", "mixed", SERVICES, "su", "root"},
    {JWT_CLAIMS_INVALID, "es", HEADER("es", ",\"typ\":\"x\""), "{" WRONG "}",
	"EdDSA ES256", "mixed", SERVICES, "su", "root"},
    {JWT_TYPE_MISMATCH, "es", HEADER("es", ",\"typ\":\"x\""), "{" LATE "}",
	"EdDSA ES256", "mixed", SERVICES, "su", "root"},
    {JWT_EXPIRED, "es", HEADER("es", ""), "{" LATE "}", "EdDSA ES256", "mixed",
	SERVICES, "su", "root"},
    {JWT_NOT_YET_VALID, "es", HEADER("es", ""), "{" EARLY "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "root"},
    {JWT_ISSUED_IN_FUTURE, "es", HEADER("es", ""), "{" AHEAD "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "root"},
    {JWT_LIFETIME_TOO_LONG, "es", HEADER("es", ""), "{" LONG "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "root"},
    {JWT_TOO_OLD, "es", HEADER("es", ""), "{" OLD "}", "EdDSA ES256", "mixed",
	SERVICES, "su", "root"},
    {JWT_AUDIENCE_MISMATCH, "es", HEADER("es", ""), "{" AUD "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "root"},
    {JWT_PROOF_REQUIRED, "es", HEADER("es", ""), "{" CNF "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "root"},
    {JWT_USER_NOT_ALLOWED, "es", HEADER("es", ""), "{" SUB "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "root"},
    {JWT_USER_MISMATCH, "es", HEADER("es", ""), "{" SUB "}", "EdDSA ES256",
	"mixed", SERVICES, "su", "deploy"},
    {JWT_REQUIREMENT_UNMET, "es", HEADER("es", ""), "{}", "EdDSA ES256",
	"mixed", SERVICES, "su", "deploy"},
    {JWT_OK, "es", HEADER("es", ""), "{\"groups\":[\"wheel\"]}", "EdDSA ES256",
	"mixed", SERVICES, "su", "deploy"},
};

static void
of_two_faults_the_earlier_is_the_reason(void **state)
{
	struct hearing hearing = {0};
	const struct rung *rung;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
		rung = &ladder[i];
		hearing.config = text("[issuer corp]\n"
				      "issuer = https://sso.example.com\n"
				      "keys = %s\naudience = ssh\n"
				      "algorithms = %s\n%s",
		    scratch_path(rung->keys), rung->algorithms, rung->more);
		hearing.answer = signed_by(
		    rung->key, rung->header, claims_but(rung->claims));
		hearing.service = rung->service;
		hearing.user = rung->user;
		expect(&hearing, rung->reason);
	}
}

/* What is decided before a header can be read. */
static void
the_shape_is_judged_first(void **state)
{
	const char *good = token_with("{}"), *dots = strrchr(good, '.');
	char *junk = malloc(JWT_TOKEN_MAX + 2);
	struct hearing hearing = {.answer = junk};
	size_t i;

	(void)state;
	assert_non_null(junk);
	/* A stand-in too long, a password too long, then one byte less. */
	jwt_stand_in_fill(junk, JWT_TOKEN_MAX + 1);
	junk[JWT_TOKEN_MAX + 1] = '\0';
	expect(&hearing, JWT_STAND_IN_PASSWORD);
	junk[JWT_TOKEN_MAX] = 'x';
	expect(&hearing, JWT_TOO_LONG);
	junk[JWT_TOKEN_MAX] = '\0';
	junk[0] = 'x';
	expect(&hearing, JWT_NOT_A_JWT);
	for (i = 0; i < JWT_TOKEN_MAX; i++)
		junk[i] = i < 20 ? "eyJhbGciOiJFUzI1NiJ9"[i] : 'A';
	expect(&hearing, JWT_CUT_OFF);
	free(junk);
	hearing.answer = "";
	expect(&hearing, JWT_NOT_A_JWT);
	hearing.answer = "correct horse battery staple";
	expect(&hearing, JWT_NOT_A_JWT);
	hearing.answer = text("%s\n", good);
	expect(&hearing, JWT_MALFORMED);
	hearing.answer = text("%s.", good);
	expect(&hearing, JWT_MALFORMED);
	/* Row E17: an empty payload. */
	hearing.answer = text("eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.%s", dots);
	expect(&hearing, JWT_MALFORMED);
	hearing.answer = good;
	expect(&hearing, JWT_OK);
}

static void
a_stand_in_of_any_length_is_known(void **state)
{
	struct hearing hearing = {0};
	char junk[64];
	size_t len;

	(void)state;
	hearing.answer = junk;
	for (len = 1; len < sizeof(junk); len++) {
		jwt_stand_in_fill(junk, len);
		junk[len] = '\0';
		expect(&hearing, JWT_STAND_IN_PASSWORD);
		junk[len - 1] ^= 1;
		expect(&hearing, JWT_NOT_A_JWT);
	}
}

/* Row F: each is signed, and no second reading of it is taken. */
static void
claims_are_strict_json_and_an_object(void **state)
{
	static const char *const payloads[] = {
	    "",
	    "null",
	    "[]",
	    "\"iss\"",
	    "1",
	    "{\"iss\":\"https://sso.example.com\"",
	    "{\"iss\":\"https://sso.example.com\"}{}",
	    "{\"iss\":\"https://sso.example.com\",\"sub\":\"a\","
	    "\"sub\":\"deploy\"}",
	    "{\"iss\":\"https://sso.example.com\",\"s\\u0075b\":\"a\","
	    "\"sub\":\"deploy\"}",
	    "{\"iss\":\"https://sso.example.com\",\"sub\":\"deploy\\u0000\"}",
	    "{\"iss\":\"https://sso.example.com\",\"a\":NaN}",
	    "{\"iss\":null}",
	    "{\"iss\":[\"https://sso.example.com\"]}",
	    "{\"iss\":{}}",
	    "{\"iss\":true}",
	    "{}",
	    "{\"Iss\":\"https://sso.example.com\"}",
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		hearing.answer = signed_by(
		    "ed", "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", payloads[i]);
		expect(&hearing, i == 0 ? JWT_MALFORMED : JWT_CLAIMS_INVALID);
	}
}

/* Without a clock there is no verdict. */
static void
a_clock_outside_of_time_is_a_fault(void **state)
{
	struct hearing hearing = {0};

	(void)state;
	hearing.now = -1;
	expect(&hearing, JWT_INTERNAL_ERROR);
	hearing.now = INT64_MIN;
	expect(&hearing, JWT_INTERNAL_ERROR);
	hearing.now = INT64_MAX;
	expect(&hearing, JWT_INTERNAL_ERROR);
	hearing.now = INT64_C(253402300800);
	expect(&hearing, JWT_INTERNAL_ERROR);
	hearing.now = INT64_C(253402300799);
	expect(&hearing, JWT_EXPIRED);
	hearing.now = 1;
	expect(&hearing, JWT_ISSUED_IN_FUTURE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_two_faults_the_earlier_is_the_reason),
	    cmocka_unit_test(the_shape_is_judged_first),
	    cmocka_unit_test(a_stand_in_of_any_length_is_known),
	    cmocka_unit_test(claims_are_strict_json_and_an_object),
	    cmocka_unit_test(a_clock_outside_of_time_is_a_fault),
	};

	return cmocka_run_group_tests(tests, make_more_keys, judging_remove);
}
