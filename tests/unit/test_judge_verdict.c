/*
 * What a verdict tells, to the log, to the session and to the user.
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

/* A header that is good for the usual section. */
#define HEADER "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}"

/*
 * Whoever holds no good token of an account must not be told anything about
 * it: neither before the signature nor with somebody else's token.
 */
static void
an_account_is_named_by_its_own_signed_token_alone(void **state)
{
	static const struct {
		const char *key, *changes, *user, *more;
		enum jwt_reason reason;
		bool holds, names;
	} row[] = {
	    {"ed", "{}", "deploy", "", JWT_OK, true, true},
	    {"ed", "{}", "other", "", JWT_USER_MISMATCH, true, false},
	    {"ed", "{\"exp\":1}", "deploy", "", JWT_EXPIRED, true, true},
	    {"ed", "{\"exp\":1}", "other", "", JWT_EXPIRED, true, false},
	    {"ed", "{\"exp\":\"-\"}", "deploy", "", JWT_CLAIMS_INVALID, true,
		true},
	    {"ed", "{\"sub\":7}", "7", "", JWT_CLAIMS_INVALID, true, false},
	    {"ed", "{\"aud\":\"web\"}", "deploy", "", JWT_AUDIENCE_MISMATCH,
		true, true},
	    {"ed", "{\"cnf\":{}}", "deploy", "", JWT_PROOF_REQUIRED, true,
		true},
	    {"ed", "{\"sub\":\"root\"}", "root", "", JWT_USER_NOT_ALLOWED, true,
		true},
	    {"ed", "{}", "root", "", JWT_USER_NOT_ALLOWED, true, false},
	    {"ed", "{}", "deploy", "require = a is b\n", JWT_REQUIREMENT_UNMET,
		true, true},
	    {"es", "{}", "deploy", "", JWT_SIGNATURE_INVALID, false, false},
	    {"es", "{\"exp\":1}", "deploy", "", JWT_SIGNATURE_INVALID, false,
		false},
	    {"ed", "{}", "deploy", "services = su\n", JWT_SERVICE_NOT_ALLOWED,
		false, false},
	    {"ed", "{\"iss\":\"x\"}", "deploy", "", JWT_UNKNOWN_ISSUER, false,
		false},
	};
	struct jwt_verdict verdict;
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].more);
		hearing.user = row[i].user;
		hearing.answer =
		    signed_by(row[i].key, HEADER, claims_but(row[i].changes));
		assert_int_equal(hear(&hearing, &verdict), row[i].reason);
		assert_int_equal(verdict.signature_holds, row[i].holds);
		assert_int_equal(verdict.names_account, row[i].names);
		jwt_verdict_clear(&verdict);
	}
}

static void
a_map_names_accounts_as_well(void **state)
{
	struct hearing hearing = {0};
	struct jwt_verdict verdict;

	(void)state;
	scratch_write("map", "deploy repo is a/b\n", 0600);
	hearing.config =
	    config_with(text("user_map = %s\n", scratch_path("map")));
	hearing.answer = token_with("{\"repo\":\"a/b\",\"exp\":1}");
	assert_int_equal(hear(&hearing, &verdict), JWT_EXPIRED);
	assert_true(verdict.names_account);
	jwt_verdict_clear(&verdict);
	hearing.answer = token_with("{\"repo\":\"a/c\",\"exp\":1}");
	assert_int_equal(hear(&hearing, &verdict), JWT_EXPIRED);
	assert_false(verdict.names_account);
	jwt_verdict_clear(&verdict);
}

/* Before the signature nothing of the payload is told but the section. */
static void
what_is_told_of_a_token_was_signed(void **state)
{
	struct hearing hearing = {0};
	struct jwt_verdict verdict;

	(void)state;
	hearing.answer = token_with("{\"jti\":\"j1\",\"exp\":1}");
	assert_int_equal(hear(&hearing, &verdict), JWT_EXPIRED);
	assert_string_equal(verdict.issuer, "corp");
	assert_string_equal(verdict.kid, "ed");
	assert_string_equal(verdict.subject, "deploy");
	assert_string_equal(verdict.id, "j1");
	jwt_verdict_clear(&verdict);
	hearing.answer = signed_by("es", HEADER, claims_but("{\"jti\":\"j\"}"));
	assert_int_equal(hear(&hearing, &verdict), JWT_SIGNATURE_INVALID);
	assert_string_equal(verdict.issuer, "corp");
	assert_string_equal(verdict.kid, "ed");
	assert_null(verdict.subject);
	assert_null(verdict.id);
	jwt_verdict_clear(&verdict);
	hearing.answer = "correct horse battery staple";
	assert_int_equal(hear(&hearing, &verdict), JWT_NOT_A_JWT);
	assert_null(verdict.issuer);
	assert_null(verdict.kid);
	jwt_verdict_clear(&verdict);
}

/* A password must never find its way into the log. */
static void
no_part_of_the_answer_is_told_before_it_is_known_as_a_token(void **state)
{
	static const char *const answers[] = {"correct horse battery staple",
	    "hunter2.hunter2.hunter2", "eyJhbGciOiJFZERTQSJ9hunter2",
	    "eyJhbGciOiJFZERTQSJ9.hunter2",
	    "eyJhbGciOiJFZERTQSJ9.hunter2.hunter2",
	    "eyJhbGciOiJFZERTQSJ9.hunter2.hunter2.hunter2",
	    "eyJhdW50ZXIyCg.hunter2.hunter2"};
	struct jwt_client client = {.service = "sshd", .user = "deploy"};
	struct hearing hearing = {0};
	struct jwt_verdict verdict;
	size_t i, j;
	char *line;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		hearing.answer = answers[i];
		assert_int_not_equal(hear(&hearing, &verdict), JWT_OK);
		line = jwt_verdict_line(&verdict, &client);
		assert_non_null(line);
		assert_null(strstr(line, "hunter2"));
		assert_null(strstr(line, "horse"));
		free(line);
		for (j = 0; j < verdict.checks; j++)
			assert_true(
			    verdict.check[j].seen == NULL ||
			    strstr(verdict.check[j].seen, "hunter2") == NULL);
		jwt_verdict_clear(&verdict);
	}
}

static void
the_session_gets_what_it_is_to_have(void **state)
{
	struct hearing hearing = {.config = config_with("export = yes\n")};
	struct jwt_verdict verdict;

	(void)state;
	hearing.answer = token_with("{\"jti\":\"j1\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	assert_true(verdict.export);
	assert_string_equal(verdict.export_issuer, "https://sso.example.com");
	assert_string_equal(verdict.export_subject, "deploy");
	assert_string_equal(verdict.export_id, "j1");
	assert_int_equal(verdict.expires, NOW + 300);
	jwt_verdict_clear(&verdict);
	/* What is no string is not exported. */
	hearing.answer = token_with("{\"jti\":7}");
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	assert_null(verdict.export_id);
	jwt_verdict_clear(&verdict);
	hearing.answer = token_with("{\"exp\":1}");
	assert_int_equal(hear(&hearing, &verdict), JWT_EXPIRED);
	assert_false(verdict.export);
	assert_null(verdict.export_subject);
	jwt_verdict_clear(&verdict);
	hearing.config = config_with("");
	hearing.answer = token_with("{\"jti\":\"j1\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	assert_false(verdict.export);
	assert_null(verdict.export_issuer);
	assert_null(verdict.export_subject);
	assert_null(verdict.export_id);
	jwt_verdict_clear(&verdict);
}

static void
each_check_says_what_was_expected_and_seen(void **state)
{
	static const char *const names[] = {"answer", "shape", "header",
	    "issuer", "service", "algorithm", "keys", "key", "signature",
	    "claims", "type", "expiry", "not before", "issued", "lifetime",
	    "age", "audience", "proof", "account", "user", "requirements"};
	struct hearing hearing = {.config = config_with("require = a is b\n")};
	struct jwt_verdict verdict;
	size_t i;

	(void)state;
	hearing.answer = token_with("{\"a\":\"b\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	assert_int_equal(verdict.checks, sizeof(names) / sizeof(names[0]));
	for (i = 0; i < verdict.checks; i++) {
		assert_string_equal(verdict.check[i].name, names[i]);
		assert_true(verdict.check[i].passed);
	}
	jwt_verdict_clear(&verdict);
	hearing.answer = token_with("{\"a\":\"\\u001bc\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_REQUIREMENT_UNMET);
	assert_int_equal(verdict.checks, sizeof(names) / sizeof(names[0]));
	i = verdict.checks - 1;
	assert_false(verdict.check[i].passed);
	assert_string_equal(verdict.check[i].expected,
	    text("a is b (%s:6)", scratch_path("conf")));
	assert_string_equal(verdict.check[i].seen, "\033c");
	assert_string_equal(verdict.own, verdict.check[i].expected);
	assert_string_equal(verdict.seen, "\033c");
	jwt_verdict_clear(&verdict);
	hearing.answer = token_with("{\"aud\":[\"web\",\"db\"]}");
	assert_int_equal(hear(&hearing, &verdict), JWT_AUDIENCE_MISMATCH);
	assert_string_equal(verdict.own, "ssh://web1 ssh");
	assert_string_equal(verdict.seen, "[\"web\",\"db\"]");
	jwt_verdict_clear(&verdict);
}

static void
faults_of_files_are_told_whole(void **state)
{
	struct hearing hearing = {0};
	struct jwt_verdict verdict;

	(void)state;
	hearing.config = text("[issuer corp]\n"
			      "issuer = https://sso.example.com\n"
			      "keys = %s\naudience = ssh\n"
			      "algorithms = EdDSA\n",
	    scratch_path("none"));
	assert_int_equal(hear(&hearing, &verdict), JWT_KEYS_UNAVAILABLE);
	assert_non_null(strstr(verdict.own, scratch_path("none")));
	assert_non_null(strstr(verdict.own, "No such file"));
	jwt_verdict_clear(&verdict);
	hearing.config = config_with(
	    text("user_map = %s\n", scratch_write("map", "x\n", 0600)));
	assert_int_equal(hear(&hearing, &verdict), JWT_CONFIG_ERROR);
	assert_non_null(
	    strstr(verdict.own, text("%s:1: ", scratch_path("map"))));
	jwt_verdict_clear(&verdict);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_account_is_named_by_its_own_signed_token_alone),
	    cmocka_unit_test(a_map_names_accounts_as_well),
	    cmocka_unit_test(what_is_told_of_a_token_was_signed),
	    cmocka_unit_test(
		no_part_of_the_answer_is_told_before_it_is_known_as_a_token),
	    cmocka_unit_test(the_session_gets_what_it_is_to_have),
	    cmocka_unit_test(each_check_says_what_was_expected_and_seen),
	    cmocka_unit_test(faults_of_files_are_told_whole),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
