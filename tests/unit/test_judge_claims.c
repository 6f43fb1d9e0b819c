/*
 * The claims that are no times: issuer, audience, kind, proof, demands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judging.h"
#include "scratch.h"

/* Three keys of one kid, each in the file of one section. */
static int
make_more_keys(void **state)
{
	if (judging_make(state) != 0)
		return -1;
	make_key_of("two", "EdDSA", "k");
	make_key_of("app", "EdDSA", "k");
	make_key_of("one", "EdDSA", "k");
	write_keys("two", "two");
	write_keys("app", "app");
	write_keys("one", "one");
	return 0;
}

struct row {
	const char *changes;
	enum jwt_reason reason;
};

static void
check_rows(const struct row *row, size_t count, const char *config)
{
	struct hearing hearing = {.config = config};
	size_t i;

	for (i = 0; i < count; i++) {
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
}

#define CHECK_ROWS(row, config) \
	check_rows(row, sizeof(row) / sizeof((row)[0]), config)

/* Row G12. */
static void
an_issuer_is_compared_byte_for_byte(void **state)
{
	static const struct row row[] = {
	    {"{\"iss\":\"https://sso.example.com\"}", JWT_OK},
	    {"{\"iss\":\"https:\\/\\/sso.example.com\"}", JWT_OK},
	    {"{\"iss\":\"https://sso.example.com/\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"https://sso.example.com.evil\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"https://sso.example.co\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"https://SSO.example.com\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"http://sso.example.com\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\" https://sso.example.com\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"corp\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"\"}", JWT_UNKNOWN_ISSUER},
	    {"{\"iss\":\"-\"}", JWT_CLAIMS_INVALID},
	};

	(void)state;
	CHECK_ROWS(row, NULL);
}

static const char *
section_of(const char *keys, const char *more)
{
	return text("[issuer corp]\nissuer = https://sso.example.com\n"
		    "keys = %s\nalgorithms = EdDSA\n%s",
	    scratch_path(keys), more);
}

static const char *
section(const char *more)
{
	return section_of("keys", more);
}

/* A second issuer with keys of its own, and one for tokens without `iss`. */
static const char *
three_issuers(void)
{
	return section_of("one", text("audience = ssh\n[issuer second]\n"
				      "issuer = https://two https://zwei\n"
				      "keys = %s\naudience = ssh\n"
				      "algorithms = EdDSA\n"
				      "[issuer app]\nissuer_absent = yes\n"
				      "keys = %s\naudience_absent = yes\n"
				      "algorithms = EdDSA\nuser = userId\n",
				     scratch_path("two"), scratch_path("app")));
}

/* Row B11: the same kid in two sections is two keys. */
static void
b11_keys_belong_to_one_issuer(void **state)
{
	static const struct {
		const char *key, *changes;
		enum jwt_reason reason;
	} row[] = {
	    {"one", "{}", JWT_OK},
	    {"two", "{}", JWT_SIGNATURE_INVALID},
	    {"two", "{\"iss\":\"https://two\"}", JWT_OK},
	    {"two", "{\"iss\":\"https://zwei\"}", JWT_OK},
	    {"one", "{\"iss\":\"https://two\"}", JWT_SIGNATURE_INVALID},
	    {"app", "{\"iss\":\"https://two\"}", JWT_SIGNATURE_INVALID},
	    {"app", "{\"iss\":\"-\",\"aud\":\"-\",\"userId\":\"deploy\"}",
		JWT_OK},
	    {"two", "{\"iss\":\"-\",\"aud\":\"-\",\"userId\":\"deploy\"}",
		JWT_SIGNATURE_INVALID},
	    {"app", "{\"userId\":\"deploy\"}", JWT_SIGNATURE_INVALID},
	    {"app", "{\"iss\":\"\",\"userId\":\"deploy\"}", JWT_UNKNOWN_ISSUER},
	    {"app", "{\"iss\":null,\"userId\":\"deploy\"}", JWT_CLAIMS_INVALID},
	    {"app", "{\"iss\":\"-\",\"aud\":\"-\"}", JWT_CLAIMS_INVALID},
	    {"app", "{\"iss\":\"-\",\"aud\":\"-\",\"userId\":7}",
		JWT_CLAIMS_INVALID},
	    {"app",
		"{\"iss\":\"-\",\"aud\":\"-\",\"userId\":\"deploy\","
		"\"exp\":\"-\"}",
		JWT_CLAIMS_INVALID},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = three_issuers();
		hearing.answer =
		    signed_by(row[i].key, "{\"alg\":\"EdDSA\",\"kid\":\"k\"}",
			claims_but(row[i].changes));
		expect(&hearing, row[i].reason);
	}
}

/* Rows G14 to G16. */
static void
one_audience_of_ours_must_be_in_the_token(void **state)
{
	static const struct row row[] = {
	    {"{\"aud\":\"ssh\"}", JWT_OK},
	    {"{\"aud\":[\"ssh\"]}", JWT_OK},
	    {"{\"aud\":[\"web\",\"ssh\"]}", JWT_OK},
	    {"{\"aud\":\"ssh://web1\"}", JWT_OK},
	    {"{\"aud\":\"ssh://web2\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"ssh://web1.example.com\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"ssh://%h\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"SSH\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"ssh,web\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"ssh web\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"ss\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"sshd\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":[]}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":[\"\"]}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":[\"ssh\",1]}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":[\"ssh\",null]}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":[[\"ssh\"]]}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":{\"ssh\":1}}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":null}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":7}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":\"-\"}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":\"-\",\"azp\":\"ssh\"}", JWT_CLAIMS_INVALID},
	};

	(void)state;
	CHECK_ROWS(row, NULL);
}

static void
an_audience_may_be_absent_where_that_is_said(void **state)
{
	static const struct row alone[] = {
	    {"{\"aud\":\"-\"}", JWT_OK},
	    {"{\"aud\":\"ssh\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":[]}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":null}", JWT_CLAIMS_INVALID},
	};
	static const struct row beside[] = {
	    {"{\"aud\":\"-\"}", JWT_OK},
	    {"{\"aud\":\"ssh\"}", JWT_OK},
	    {"{\"aud\":\"web\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":7}", JWT_CLAIMS_INVALID},
	};

	(void)state;
	CHECK_ROWS(alone, section("audience_absent = yes\n"));
	CHECK_ROWS(beside, section("audience_absent = yes\naudience = ssh\n"));
}

static void
another_claim_may_hold_the_audience(void **state)
{
	static const struct row plain[] = {
	    {"{\"azp\":\"ssh\",\"aud\":\"web\"}", JWT_OK},
	    {"{\"azp\":[\"ssh\"],\"aud\":7}", JWT_OK},
	    {"{\"aud\":\"ssh\"}", JWT_CLAIMS_INVALID},
	    {"{\"azp\":\"web\",\"aud\":\"ssh\"}", JWT_AUDIENCE_MISMATCH},
	};
	static const struct row pointer[] = {
	    {"{\"a\":{\"b\":\"ssh\"}}", JWT_OK},
	    {"{\"a\":{\"b\":\"web\"}}", JWT_AUDIENCE_MISMATCH},
	    {"{\"a\":\"ssh\"}", JWT_CLAIMS_INVALID},
	};

	static const struct row fallback[] = {
	    {"{\"aud\":\"-\"}", JWT_OK},
	    {"{\"aud\":\"ssh\"}", JWT_OK},
	    {"{\"aud\":\"web\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":\"web\",\"azp\":\"ssh\"}", JWT_OK},
	    {"{\"aud\":\"ssh\",\"azp\":\"web\"}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":[]}", JWT_AUDIENCE_MISMATCH},
	    {"{\"aud\":1}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":[1]}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":[\"ssh\",1]}", JWT_CLAIMS_INVALID},
	    {"{\"aud\":null}", JWT_CLAIMS_INVALID},
	};

	(void)state;
	CHECK_ROWS(plain, section("audience = ssh\naudience_claim = azp\n"));
	CHECK_ROWS(pointer, section("audience = ssh\naudience_claim = /a/b\n"));
	/* Where that one may be missing, `aud` still says for whom it is. */
	CHECK_ROWS(fallback, section("audience = ssh 1\naudience_claim = azp\n"
				     "audience_absent = yes\n"));
}

static void
audiences_are_filled_with_host_and_service(void **state)
{
	static const struct {
		const char *audience, *host, *service, *claim;
		enum jwt_reason reason;
	} row[] = {
	    {"%h", "web1.example.com", "sshd", "web1", JWT_OK},
	    {"%H", "web1.example.com", "sshd", "web1.example.com", JWT_OK},
	    {"%h", "web1", "sshd", "web1", JWT_OK},
	    {"%s://%H", "web1.a", "sudo-i", "sudo-i://web1.a", JWT_OK},
	    {"%s%h%s%h", "a.b", "c", "caca", JWT_OK},
	    {"100%%h", "a.b", "c", "100%h", JWT_OK},
	    {"100%%h", "a.b", "c", "100%a", JWT_AUDIENCE_MISMATCH},
	    {"%h", "%s", "sshd", "%s", JWT_OK},
	    {"%h", "%s", "sshd", "sshd", JWT_AUDIENCE_MISMATCH},
	    {"x%h", "Web1", "sshd", "xweb1", JWT_AUDIENCE_MISMATCH},
	    /* A host without a name is nobody's audience. */
	    {"x%h", "", "sshd", "x", JWT_INTERNAL_ERROR},
	    {"x%H", "", "sshd", "x", JWT_INTERNAL_ERROR},
	    {"x%h", ".a", "sshd", "x", JWT_INTERNAL_ERROR},
	    {"x", "", "sshd", "x", JWT_OK},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config =
		    section(text("audience = \"%s\"\n", row[i].audience));
		hearing.host = row[i].host;
		hearing.service = row[i].service;
		hearing.answer =
		    token_with(text("{\"aud\":\"%s\"}", row[i].claim));
		expect(&hearing, row[i].reason);
	}
	hearing.config = config_with("");
	hearing.no_host = true;
	hearing.answer = NULL;
	expect(&hearing, JWT_INTERNAL_ERROR);
}

/* Rows G19, G20 and G22, and RFC 8725 section 3.12. */
static void
other_kinds_of_tokens_do_not_log_in(void **state)
{
	static const struct row row[] = {
	    {"{\"typ\":\"Bearer\"}", JWT_OK},
	    {"{\"typ\":\"ID\"}", JWT_OK},
	    {"{\"typ\":7}", JWT_OK},
	    {"{\"token_use\":\"access\"}", JWT_OK},
	    {"{\"typ\":\"Refresh\"}", JWT_TYPE_MISMATCH},
	    {"{\"typ\":\"Offline\"}", JWT_TYPE_MISMATCH},
	    {"{\"type\":\"refresh_token\"}", JWT_TYPE_MISMATCH},
	    {"{\"token_type\":\"REFRESH\"}", JWT_TYPE_MISMATCH},
	    {"{\"token_use\":\"refresh\"}", JWT_TYPE_MISMATCH},
	    {"{\"typ\":\"Logout\"}", JWT_TYPE_MISMATCH},
	    {"{\"events\":{}}", JWT_TYPE_MISMATCH},
	    {"{\"events\":null}", JWT_TYPE_MISMATCH},
	};

	(void)state;
	CHECK_ROWS(row, NULL);
}

static void
the_header_says_what_a_token_is(void **state)
{
	static const struct {
		const char *typ, *config;
		enum jwt_reason reason;
	} row[] = {
	    {"", "", JWT_OK},
	    {",\"typ\":\"JWT\"", "", JWT_OK},
	    {",\"typ\":\"jwt\"", "", JWT_OK},
	    {",\"typ\":\"application/JWT\"", "", JWT_OK},
	    {",\"typ\":\"at+jwt\"", "", JWT_OK},
	    {",\"typ\":\"login+jwt\"", "", JWT_OK},
	    {",\"typ\":\"\"", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"JOSE+x\"", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"logout+jwt\"", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"dpop+jwt\"", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"secevent+jwt\"", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"JWTX\"", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":1", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":null", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":[\"JWT\"]", "", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"JWT\"", "typ = login+jwt\n", JWT_TYPE_MISMATCH},
	    {"", "typ = login+jwt\n", JWT_TYPE_MISMATCH},
	    {",\"typ\":\"login+jwt\"", "typ = login+jwt\n", JWT_OK},
	    {",\"typ\":\"application/Login+JWT\"", "typ = login+jwt\n", JWT_OK},
	    {",\"typ\":\"JOSE\"", "typ = JWT JOSE\n", JWT_OK},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].config);
		hearing.answer = signed_by("ed",
		    text("{\"alg\":\"EdDSA\",\"kid\":\"ed\"%s}", row[i].typ),
		    claims_but("{}"));
		expect(&hearing, row[i].reason);
	}
}

/* Row G23. */
static void
a_bound_token_needs_its_proof(void **state)
{
	static const struct row row[] = {
	    {"{\"cnf\":{\"jkt\":\"AA\"}}", JWT_PROOF_REQUIRED},
	    {"{\"cnf\":{}}", JWT_PROOF_REQUIRED},
	    {"{\"cnf\":null}", JWT_PROOF_REQUIRED},
	    {"{\"cnf\":\"\"}", JWT_PROOF_REQUIRED},
	    {"{\"cn\\u0066\":{}}", JWT_PROOF_REQUIRED},
	    {"{\"Cnf\":{}}", JWT_OK},
	};

	(void)state;
	CHECK_ROWS(row, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_issuer_is_compared_byte_for_byte),
	    cmocka_unit_test(b11_keys_belong_to_one_issuer),
	    cmocka_unit_test(one_audience_of_ours_must_be_in_the_token),
	    cmocka_unit_test(an_audience_may_be_absent_where_that_is_said),
	    cmocka_unit_test(another_claim_may_hold_the_audience),
	    cmocka_unit_test(audiences_are_filled_with_host_and_service),
	    cmocka_unit_test(other_kinds_of_tokens_do_not_log_in),
	    cmocka_unit_test(the_header_says_what_a_token_is),
	    cmocka_unit_test(a_bound_token_needs_its_proof),
	};

	return cmocka_run_group_tests(tests, make_more_keys, judging_remove);
}
