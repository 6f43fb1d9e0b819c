/*
 * Who may become whom: rows H1 to H14.
 */
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/config.h"

#include "judging.h"
#include "scratch.h"

/* A name of `len` letters and then a rest. */
static const char *
long_name(int len, const char *rest)
{
	static char letters[300];

	memset(letters, 'a', sizeof(letters));
	return text("%.*s%s", len, letters, rest);
}

static void
login_names_have_one_grammar(void **state)
{
	static const char *const good[] = {"a", "_", "deploy", "Deploy", "_apt",
	    "a.b", "a-b", "a_b", "a1", "deploy@example.com", "pc$", "a@", "a."};
	static const char *const bad[] = {"", "0", "1000", "1a", "-a", ".a",
	    "@a", "$", "$a", "a$b", "a$$", "a b", " a", "a ", "a\n", "\na",
	    "a:b", "a/b", "../a", "a\\b", "a\"b", "a,b", "a*", "a\177",
	    "a\033[2J", "root\xe2\x80\x8b", "\xd0\xb0lice", "\xc3\xa9", "a%n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!jwt_login_name_is_well_formed(good[i]))
			fail_msg("%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (jwt_login_name_is_well_formed(bad[i]))
			fail_msg("%s", bad[i]);
	assert_true(jwt_login_name_is_well_formed(long_name(255, "")));
	assert_true(jwt_login_name_is_well_formed(long_name(254, "$")));
	assert_false(jwt_login_name_is_well_formed(long_name(256, "")));
	assert_false(jwt_login_name_is_well_formed(long_name(255, "$")));
}

/* Even where the token says the very name. */
static void
other_names_are_refused_whatever_the_token_says(void **state)
{
	static const char *const names[] = {
	    "", "0", "-a", "../a", "a b", "a\\nb", "a:b", "\xd0\xb0lice"};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		hearing.user =
		    strcmp(names[i], "a\\nb") == 0 ? "a\nb" : names[i];
		hearing.answer = token_with(text("{\"sub\":\"%s\"}", names[i]));
		expect(&hearing, JWT_USER_NOT_ALLOWED);
	}
	hearing.user = long_name(256, "");
	hearing.answer = token_with(text("{\"sub\":\"%s\"}", hearing.user));
	expect(&hearing, JWT_USER_NOT_ALLOWED);
	hearing.user = long_name(255, "");
	hearing.answer = token_with(text("{\"sub\":\"%s\"}", hearing.user));
	expect(&hearing, JWT_OK);
}

/* Row H8. */
static void
system_accounts_are_refused_until_named(void **state)
{
	static const struct {
		const char *user, *more;
		enum jwt_reason reason;
	} row[] = {
	    {"root", "", JWT_USER_NOT_ALLOWED},
	    {"daemon", "", JWT_USER_NOT_ALLOWED},
	    {"nobody", "", JWT_USER_NOT_ALLOWED},
	    {"root", "system_accounts = daemon\n", JWT_USER_NOT_ALLOWED},
	    {"root", "system_accounts = Root roots\n", JWT_USER_NOT_ALLOWED},
	    {"daemon", "system_accounts = root\n", JWT_USER_NOT_ALLOWED},
	    {"root", "system_accounts = daemon root\n", JWT_OK},
	    {"daemon", "system_accounts = daemon root\n", JWT_OK},
	    {"nobody", "system_accounts = nobody\n", JWT_OK},
	    {"deploy", "system_accounts = root\n", JWT_OK},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (strcmp(row[i].user, "nobody") == 0 &&
		    getpwnam("nobody") == NULL)
			continue;
		hearing.user = row[i].user;
		hearing.config = config_with(row[i].more);
		hearing.answer =
		    token_with(text("{\"sub\":\"%s\"}", row[i].user));
		expect(&hearing, row[i].reason);
	}
}

/* A role of a database, say: the account phase decides about it. */
static void
an_account_that_the_host_does_not_know_is_noted(void **state)
{
	struct hearing hearing = {.user = "nobody.of-that_name"};
	struct jwt_verdict verdict;
	bool noted = false;
	size_t i;

	(void)state;
	hearing.answer = token_with("{\"sub\":\"nobody.of-that_name\"}");
	assert_int_equal(hear(&hearing, &verdict), JWT_OK);
	for (i = 0; i < verdict.checks; i++)
		noted = noted ||
		        (strcmp(verdict.check[i].name, "account") == 0 &&
			    strstr(verdict.check[i].seen, "no such account"));
	assert_true(noted);
	jwt_verdict_clear(&verdict);
}

static void
the_claim_must_be_the_account(void **state)
{
	static const struct {
		const char *more, *changes, *user;
		enum jwt_reason reason;
	} row[] = {
	    {"", "{}", "deploy", JWT_OK},
	    {"", "{}", "Deploy", JWT_USER_MISMATCH},
	    {"", "{}", "deploy2", JWT_USER_MISMATCH},
	    {"", "{}", "deplo", JWT_USER_MISMATCH},
	    {"", "{}", "deploy@example.com", JWT_USER_MISMATCH},
	    {"", "{\"sub\":\"deploy@example.com\"}", "deploy",
		JWT_USER_MISMATCH},
	    {"", "{\"sub\":\"\"}", "deploy", JWT_USER_MISMATCH},
	    {"", "{\"sub\":\"-\"}", "deploy", JWT_CLAIMS_INVALID},
	    {"", "{\"sub\":[\"deploy\"]}", "deploy", JWT_CLAIMS_INVALID},
	    {"", "{\"sub\":null}", "deploy", JWT_CLAIMS_INVALID},
	    {"user = name\n", "{}", "deploy", JWT_CLAIMS_INVALID},
	    {"user = name\n", "{\"name\":\"deploy\",\"sub\":7}", "deploy",
		JWT_OK},
	    {"user = name\n", "{\"name\":\"operator2\"}", "deploy",
		JWT_USER_MISMATCH},
	    {"user = /a/b\n", "{\"a\":{\"b\":\"deploy\"}}", "deploy", JWT_OK},
	    {"user = /a/b\n", "{\"a\":{\"b\":\"x\"},\"a/b\":\"deploy\"}",
		"deploy", JWT_USER_MISMATCH},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].more);
		hearing.user = row[i].user;
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
}

static void
a_map_grants_accounts(void **state)
{
	static const struct {
		const char *map, *changes, *user;
		enum jwt_reason reason;
	} row[] = {
	    {"deploy repo is a/b\n", "{\"repo\":\"a/b\"}", "deploy", JWT_OK},
	    {"deploy repo is a/b\n", "{\"repo\":\"a/b\",\"sub\":\"-\"}",
		"deploy", JWT_OK},
	    {"deploy repo is a/b\n", "{\"repo\":\"a/c\"}", "deploy",
		JWT_USER_MISMATCH},
	    {"deploy repo is a/b\n", "{}", "deploy", JWT_USER_MISMATCH},
	    {"other repo is a/b\n", "{\"repo\":\"a/b\"}", "deploy",
		JWT_USER_MISMATCH},
	    {"root repo is a/b\n", "{\"repo\":\"a/b\"}", "root",
		JWT_USER_NOT_ALLOWED},
	    {"deploy repo is a/b\nx y\n", "{\"repo\":\"a/b\"}", "deploy",
		JWT_CONFIG_ERROR},
	    {"", "{\"repo\":\"a/b\"}", "deploy", JWT_CONFIG_ERROR},
	    {NULL, "{\"repo\":\"a/b\"}", "deploy", JWT_CONFIG_ERROR},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].map != NULL)
			scratch_write("map", row[i].map, 0600);
		hearing.config = config_with(text("user_map = %s\n",
		    scratch_path(row[i].map != NULL ? "map" : "none")));
		hearing.user = row[i].user;
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
	/* Only that issuer's tokens suffer from it. */
	hearing.config = text("%s[issuer b]\nissuer = b\nkeys = %s\n"
			      "audience = b\nalgorithms = EdDSA\n"
			      "user_map = /none\n",
	    config_with(""), scratch_path("keys"));
	hearing.user = "deploy";
	hearing.answer = token_with("{}");
	expect(&hearing, JWT_OK);
}

static void
demands_of_issuer_and_service_must_be_met(void **state)
{
	static const struct {
		const char *more, *changes;
		enum jwt_reason reason;
	} row[] = {
	    {"require = g has a\n", "{\"g\":[\"a\"]}", JWT_OK},
	    {"require = g has a\n", "{\"g\":[\"b\"]}", JWT_REQUIREMENT_UNMET},
	    {"require = g has a\n", "{}", JWT_REQUIREMENT_UNMET},
	    {"require = g not has b\n", "{}", JWT_REQUIREMENT_UNMET},
	    {"require = g not has b\n", "{\"g\":[]}", JWT_OK},
	    {"require = g has a, h is 1\nrequire = i is 2\n",
		"{\"g\":\"a\",\"h\":1,\"i\":2}", JWT_OK},
	    {"require = g has a, h is 1\nrequire = i is 2\n",
		"{\"g\":\"a\",\"h\":1,\"i\":3}", JWT_REQUIREMENT_UNMET},
	    {"require = g has a, h is 1\nrequire = i is 2\n",
		"{\"g\":\"a\",\"h\":2,\"i\":2}", JWT_REQUIREMENT_UNMET},
	    {"[service sshd]\nrequire = amr has mfa\n", "{}",
		JWT_REQUIREMENT_UNMET},
	    {"[service sshd]\nrequire = amr has mfa\n", "{\"amr\":[\"mfa\"]}",
		JWT_OK},
	    {"[service sudo]\nrequire = amr has mfa\n", "{}", JWT_OK},
	    {"require = g has a\n[service sshd]\nrequire = amr has mfa\n",
		"{\"amr\":[\"mfa\"]}", JWT_REQUIREMENT_UNMET},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].more);
		hearing.answer = token_with(row[i].changes);
		expect(&hearing, row[i].reason);
	}
}

static void
services_are_served_by_name(void **state)
{
	static const struct {
		const char *more, *service;
		enum jwt_reason reason;
	} row[] = {
	    {"", "sshd", JWT_OK},
	    {"", "anything", JWT_OK},
	    {"", "", JWT_OK},
	    {"", "jwt-issuer", JWT_SERVICE_NOT_ALLOWED},
	    {"services = sshd\n", "sshd", JWT_OK},
	    {"services = sshd\n", "ssh", JWT_SERVICE_NOT_ALLOWED},
	    {"services = sshd\n", "sshd2", JWT_SERVICE_NOT_ALLOWED},
	    {"services = sshd\n", "", JWT_SERVICE_NOT_ALLOWED},
	    {"services = sshd jwt-issuer\n", "jwt-issuer", JWT_OK},
	    {"services = sudo\n[service sshd]\n", "sshd",
		JWT_SERVICE_NOT_ALLOWED},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hearing.config = config_with(row[i].more);
		hearing.service = row[i].service;
		expect(&hearing, row[i].reason);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(login_names_have_one_grammar),
	    cmocka_unit_test(other_names_are_refused_whatever_the_token_says),
	    cmocka_unit_test(system_accounts_are_refused_until_named),
	    cmocka_unit_test(an_account_that_the_host_does_not_know_is_noted),
	    cmocka_unit_test(the_claim_must_be_the_account),
	    cmocka_unit_test(a_map_grants_accounts),
	    cmocka_unit_test(demands_of_issuer_and_service_must_be_met),
	    cmocka_unit_test(services_are_served_by_name),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
