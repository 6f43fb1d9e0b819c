/*
 * Near misses: what a refusal fails by is told where it is easily looked past,
 * in our own words, and nowhere else.
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
#include "jwt/near.h"
#include "scratch.h"

#define HEADER "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}"

static const char usual_issuer[] = "https://sso.example.com";

/* A section with this issuer and audience, and more settings. */
static const char *
section(const char *issuer, const char *audience, const char *more)
{
	return text("[issuer corp]\nissuer = %s\nkeys = %s\naudience = %s\n"
		    "algorithms = EdDSA ES256\n%s",
	    issuer, scratch_path("keys"), audience, more);
}

/* Both NULL: there is no note; a NULL `noted`: nothing foreign is in it. */
static void
note_is(const struct hearing *hearing, enum jwt_reason reason,
    const char *wanted, const char *noted)
{
	struct jwt_verdict verdict;
	const struct jwt_check *check;
	size_t i;

	if (hear(hearing, &verdict) != reason)
		fail_msg("%s instead of %s", jwt_reason_name(verdict.reason),
		    jwt_reason_name(reason));
	for (i = 0; i < verdict.checks; i++)
		if (verdict.check[i].passed)
			assert_null(verdict.check[i].note);
	check = &verdict.check[verdict.checks - 1];
	if (wanted == NULL) {
		if (check->note != NULL)
			fail_msg("a note: %s", check->note);
		assert_null(check->noted);
		assert_null(verdict.note);
	} else {
		assert_non_null(check->note);
		assert_string_equal(check->note, wanted);
		assert_non_null(verdict.note);
		assert_string_equal(verdict.note, wanted);
		if (noted == NULL)
			assert_null(check->noted);
		else
			assert_string_equal(check->noted, noted);
	}
	jwt_verdict_clear(&verdict);
}

static void
texts_that_seem_the_same(void **state)
{
	static const struct {
		const char *a, *b, *how;
	} row[] = {
	    {"https://a.test", "https://a.test/", "a final slash"},
	    {"https://a.test/", "https://a.test", "a final slash"},
	    {"https://a.test", "https://a.test//", "a final slash"},
	    {"https://a.test", "https://A.test", "case"},
	    {"https://a.test", "HTTPS://a.test", "case"},
	    {"https://a.test", "http://a.test", "http:// or https:// in front"},
	    {"https://a.test", "a.test", "http:// or https:// in front"},
	    {"a.test", "https://a.test", "http:// or https:// in front"},
	    {"a", " a", "white space around it"},
	    {"a", "a\n", "white space around it"},
	    {"https://a.test", " http://A.test/ ",
		"white space around it and http:// or https:// in front and a "
		"final slash and case"},
	    {"a", "a", NULL},
	    {"", "", NULL},
	    {"/", "//", NULL},
	    {"a", "", NULL},
	    {"", " ", NULL},
	    {"a", "b", NULL},
	    {"a", "aa", NULL},
	    {"https://a.test", "https://", NULL},
	    {"https://a.test", "ftp://a.test", NULL},
	    {"https://a.test/x", "https://a.test", NULL},
	};
	char how[JWT_NEAR_SIZE];
	bool near;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		near = jwt_near(
		    jwt_slice_of(row[i].a), jwt_slice_of(row[i].b), how);
		if (near != (row[i].how != NULL))
			fail_msg("'%s' and '%s'", row[i].a, row[i].b);
		if (near)
			assert_string_equal(how, row[i].how);
	}
}

static void
an_issuer_that_is_nearly_configured(void **state)
{
	static const char near[] = "iss differs from the issuer of [issuer "
				   "corp] only by ";
	static const char of[] = "https://sso.example.com/realms/corp";
	static const struct {
		const char *iss, *how;
	} row[] = {
	    {"https://sso.example.com/realms/corp/", "a final slash"},
	    {"https://SSO.example.com/realms/corp", "case"},
	    {"sso.example.com/realms/corp", "http:// or https:// in front"},
	    {"\\thttps://sso.example.com/realms/corp", "white space around it"},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	hearing.config = section(of, "ssh", "");
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.answer =
		    token_with(text("{\"iss\":\"%s\"}", row[i].iss));
		note_is(&hearing, JWT_UNKNOWN_ISSUER,
		    text("%s%s: %s (configured)", near, row[i].how, of), NULL);
	}
	hearing.answer = token_with("{\"iss\":\"https://sso.example.com\"}");
	note_is(&hearing, JWT_UNKNOWN_ISSUER,
	    text("iss is only a part of the issuer of [issuer corp]: %s "
		 "(configured)",
		of),
	    NULL);
	hearing.answer = token_with("{\"iss\":\"corp\"}");
	note_is(&hearing, JWT_UNKNOWN_ISSUER,
	    text("iss is only a part of the issuer of [issuer corp]: %s "
		 "(configured)",
		of),
	    NULL);
	hearing.answer = token_with(text("{\"iss\":\"%s/v2.0\"}", of));
	note_is(&hearing, JWT_UNKNOWN_ISSUER,
	    text("iss is longer than the issuer of [issuer corp], of which it "
		 "has all: %s (configured)",
		of),
	    NULL);
}

static void
an_issuer_that_is_another_one(void **state)
{
	static const char *const others[] = {
	    "https://sso.example.com.evil.test", "https://evil.test",
	    "https://sso.example.co", "https://", "/", " ", "", "com",
	    "xhttps://sso.example.com"};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		hearing.answer =
		    token_with(text("{\"iss\":\"%s\"}", others[i]));
		note_is(&hearing, JWT_UNKNOWN_ISSUER, NULL, NULL);
	}
	/* The nearest one of several, in whatever order. */
	hearing.config = text("%s[issuer two]\nissuer = "
			      "https://sso.example.com/two\nkeys = %s\n"
			      "audience = ssh\nalgorithms = EdDSA\n",
	    config_with(""), scratch_path("keys"));
	hearing.answer =
	    token_with("{\"iss\":\"https://sso.example.com/two/\"}");
	note_is(&hearing, JWT_UNKNOWN_ISSUER,
	    "iss differs from the issuer of [issuer two] only by a final "
	    "slash: https://sso.example.com/two (configured)",
	    NULL);
}

static void
an_audience_that_is_nearly_configured(void **state)
{
	static const struct {
		const char *audience, *host, *aud, *note, *noted;
	} row[] = {
	    {"ssh://%h ssh", "web1", "[\"a\",\"ssh://web2\"]",
		"an audience of the token names another host, this host is "
		"web1",
		"ssh://web2"},
	    {"ssh://%H", "web1.example.com", "\"ssh://db.example.com\"",
		"an audience of the token names another host, this host is "
		"web1.example.com",
		"ssh://db.example.com"},
	    {"%s://%h/x", "web1", "\"sshd://web2/x\"",
		"an audience of the token names another host, this host is "
		"web1",
		"sshd://web2/x"},
	    {"ssh://%h", "web1", "\"ssh://web1.example.com\"",
		"an audience of the token has this host's name with a domain, "
		"which the kernel's has not: web1",
		"ssh://web1.example.com"},
	    {"ssh://%h", "web1.example.com", "\"ssh://web1.example.com\"",
		"an audience of the token has the other name of this host, "
		"whole or to its first dot; ssh://%h is configured (%h to the "
		"first dot, %H the whole)",
		"ssh://web1.example.com"},
	    {"ssh://%H", "web1.example.com", "\"ssh://web1\"",
		"an audience of the token has the other name of this host, "
		"whole or to its first dot; ssh://%H is configured (%h to the "
		"first dot, %H the whole)",
		"ssh://web1"},
	    {"ssh://%h", "web1", "\"ssh://web1/\"",
		"an audience of the token differs from ssh://web1 only by a "
		"final slash",
		"ssh://web1/"},
	    {"login", "web1", "\"Login\"",
		"an audience of the token differs from login only by case",
		"Login"},
	    {"ssh://%h", "web1", "\"sudo://web1\"", NULL, NULL},
	    {"ssh://%h", "web1", "\"ssh://\"", NULL, NULL},
	    {"ssh://%h", "web1", "\"ssh://a/b\"", NULL, NULL},
	    {"%h", "web1", "\"web2\"", NULL, NULL},
	    {"%h-%h", "web1", "\"web2-web2\"", NULL, NULL},
	    {"ssh", "web1", "[]", NULL, NULL},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = section(usual_issuer, row[i].audience, "");
		hearing.host = row[i].host;
		hearing.answer = token_with(text("{\"aud\":%s}", row[i].aud));
		note_is(
		    &hearing, JWT_AUDIENCE_MISMATCH, row[i].note, row[i].noted);
	}
	/* Without a host's name, where none is needed. */
	hearing.config = section(usual_issuer, "ssh", "");
	hearing.no_host = true;
	hearing.answer = token_with("{\"aud\":\"SSH\"}");
	note_is(&hearing, JWT_AUDIENCE_MISMATCH,
	    "an audience of the token differs from ssh only by case", "SSH");
}

static void
a_user_that_is_nearly_the_login_name(void **state)
{
	static const struct {
		const char *sub, *note;
		bool noted;
	} row[] = {
	    {"Deploy", "sub differs from the login name only by case", false},
	    {" deploy",
		"sub differs from the login name only by white space around it",
		false},
	    {"deploy@example.com",
		"sub is an address with the login name before its @: user = "
		"sub without @DOMAIN takes those of one domain",
		true},
	    {"deploy@", NULL, false},
	    {"deploy@a@b", NULL, false},
	    {"deployer@example.com", NULL, false},
	    {"operator", NULL, false},
	    {"", NULL, false},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.answer =
		    token_with(text("{\"sub\":\"%s\"}", row[i].sub));
		note_is(&hearing, JWT_USER_MISMATCH, row[i].note,
		    row[i].noted ? row[i].sub : NULL);
	}
	scratch_write("map", "deploy sub is deploy\n", 0600);
	hearing.config =
	    config_with(text("user_map = %s\n", scratch_path("map")));
	hearing.answer = token_with("{\"sub\":\"Deploy\"}");
	note_is(&hearing, JWT_USER_MISMATCH, NULL, NULL);
}

static void
names_of_keys_and_algorithms(void **state)
{
	static const struct {
		const char *header, *note;
		enum jwt_reason reason;
	} row[] = {
	    {"{\"alg\":\"Ed25519\"}",
		"Ed25519 is the same kind of signature as EdDSA, under "
		"another name (RFC 9864): name it in algorithms, too",
		JWT_ALGORITHM_NOT_ALLOWED},
	    {"{\"alg\":\"eddsa\"}", "alg differs from EdDSA only by case",
		JWT_ALGORITHM_NOT_ALLOWED},
	    {"{\"alg\":\"None\"}",
		"this alg says that nobody has signed the token; no setting "
		"takes it",
		JWT_ALGORITHM_NOT_ALLOWED},
	    {"{\"alg\":\"RS256\"}", NULL, JWT_ALGORITHM_NOT_ALLOWED},
	    {"{\"alg\":\"RSA-OAEP\"}", NULL, JWT_ALGORITHM_NOT_ALLOWED},
	    {"{\"alg\":\"EdDSA\",\"kid\":\"eD\"}", "", JWT_UNKNOWN_KEY},
	    {"{\"alg\":\"EdDSA\",\"kid\":\"other\"}", NULL, JWT_UNKNOWN_KEY},
	};
	struct hearing hearing = {0};
	const char *note;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.answer =
		    signed_by("ed", row[i].header, claims_but("{}"));
		note = row[i].note;
		if (note != NULL && note[0] == '\0')
			note = text("kid differs from that of a key in %s "
				    "only by case: ed",
			    scratch_path("keys"));
		note_is(&hearing, row[i].reason, note, NULL);
	}
	/* Two curves by name are two algorithms. */
	hearing.config = text("[issuer corp]\nissuer = %s\nkeys = %s\n"
			      "audience = ssh\nalgorithms = Ed448\n",
	    usual_issuer, scratch_path("keys"));
	hearing.answer =
	    signed_by("ed", "{\"alg\":\"Ed25519\"}", claims_but("{}"));
	note_is(&hearing, JWT_ALGORITHM_NOT_ALLOWED, NULL, NULL);
}

static void
claims_as_applications_forget_them(void **state)
{
	static const struct {
		const char *changes, *note;
	} row[] = {
	    {"{\"iss\":\"-\"}",
		"the token has no iss; only a section with issuer_absent = yes "
		"takes such tokens"},
	    {"{\"iss\":7}", NULL},
	    {"{\"exp\":\"-\"}",
		"a token without exp is not taken, and no setting changes "
		"that: its issuer has to set one"},
	    {"{\"exp\":1800000300000}",
		"exp seems to count milliseconds, as Date.now() does in "
		"JavaScript; it has to count seconds"},
	    {"{\"exp\":\"1800000300\"}",
		"exp is a string; it has to be a number, without quotes"},
	    {"{\"iat\":1800000000000}",
		"iat seems to count milliseconds, as Date.now() does in "
		"JavaScript; it has to count seconds"},
	    {"{\"nbf\":-1}", NULL},
	    {"{\"exp\":{}}", NULL},
	    {"{\"exp\":null}", NULL},
	    {"{\"aud\":\"-\"}",
		"the token has no aud; only where [issuer corp] has "
		"audience_absent = yes is that taken"},
	    {"{\"aud\":7}", NULL},
	    {"{\"sub\":\"-\"}", NULL},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.answer = token_with(row[i].changes);
		note_is(&hearing, JWT_CLAIMS_INVALID, row[i].note, NULL);
	}
	hearing.answer = signed_by("ed", HEADER, "[]");
	note_is(&hearing, JWT_CLAIMS_INVALID, NULL, NULL);
}

/* What a token says is in no hint of the log, however near it is. */
static void
the_log_has_our_own_words_alone(void **state)
{
	static const struct {
		const char *changes, *hint;
		enum jwt_reason reason;
	} row[] = {
	    {"{\"aud\":\"ssh://evil\"}",
		" hint=\"an audience of the token names another host, this "
		"host is web1.example.com\" user=\"deploy\" ",
		JWT_AUDIENCE_MISMATCH},
	    {"{\"sub\":\"deploy@evil.test\"}",
		" hint=\"sub is an address with the login name before its @: "
		"user = sub without @DOMAIN takes those of one domain\" "
		"user=\"deploy\" ",
		JWT_USER_MISMATCH},
	};
	struct jwt_client client = {.service = "sshd", .user = "deploy"};
	struct hearing hearing = {0};
	struct jwt_verdict verdict;
	char *line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.answer = token_with(row[i].changes);
		assert_int_equal(hear(&hearing, &verdict), row[i].reason);
		line = jwt_verdict_line(&verdict, &client);
		assert_non_null(line);
		if (strstr(line, row[i].hint) == NULL)
			fail_msg("%s", line);
		free(line);
		jwt_verdict_clear(&verdict);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_that_seem_the_same),
	    cmocka_unit_test(an_issuer_that_is_nearly_configured),
	    cmocka_unit_test(an_issuer_that_is_another_one),
	    cmocka_unit_test(an_audience_that_is_nearly_configured),
	    cmocka_unit_test(a_user_that_is_nearly_the_login_name),
	    cmocka_unit_test(names_of_keys_and_algorithms),
	    cmocka_unit_test(claims_as_applications_forget_them),
	    cmocka_unit_test(the_log_has_our_own_words_alone),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
