/*
 * The issuer's configuration as it is read: every key, and its default.
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

#include "policy_checks.h"
#include "scratch.h"

static void
strings_are(const struct jwt_strings *strings, const char *wanted)
{
	char text[256] = "";
	size_t i, used = 0;

	for (i = 0; i < strings->count; i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "<%s>", strings->at[i]);
	assert_string_equal(text, wanted);
}

static void
what_is_left_out_has_its_default(void **state)
{
	struct issuer_config *config =
	    policy_of(POLICY_ISSUER "[policy staff]\naudience = ssh://*\n");
	const struct issuer_policy *policy = &config->policy[0];

	(void)state;
	assert_string_equal(config->source, scratch_path("issuer"));
	assert_string_equal(config->account, "jwt-issuer");
	assert_string_equal(config->profile, "login+jwt");
	assert_null(config->key);
	assert_null(config->kid);
	assert_int_equal(config->system_accounts.count, 0);
	assert_int_equal(config->publish_before, 86400);
	assert_int_equal(config->cache, 21600);
	assert_int_equal(config->leeway, 60);
	assert_int_equal(config->rotate_every, JWT_UNSET);
	assert_int_equal(config->answer_time, 60);
	assert_int_equal(config->connections, 64);
	assert_int_equal(config->connections_per_user, 4);
	assert_int_equal(config->tokens_per_minute, 30);
	assert_int_equal(config->pam_paths.count, 0);
	assert_int_equal(config->capabilities.count, 0);
	assert_int_equal(config->users, 0);
	assert_int_equal(config->policies, 1);
	assert_string_equal(policy->label, "staff");
	assert_int_equal(policy->line, 5);
	assert_int_equal(policy->proof, ISSUER_PROOF_PASSWORD);
	assert_int_equal(policy->lifetime, 300);
	assert_int_equal(policy->max_lifetime, 3600);
	strings_are(&policy->amr, "<pwd>");
	assert_int_equal(policy->include.count, 0);
	assert_false(policy->any_length);
	assert_int_equal(issuer_config_longest(config), 3600);
	issuer_config_free(config);
}

static void
every_key_is_taken(void **state)
{
	struct issuer_config *config =
	    policy_of("[issuer]\n"
		      "issuer = https://issuer.example.com\n"
		      "key = credential:signing.key\n"
		      "kid = k1\n"
		      "user = signer\n"
		      "profile = at+jwt\n"
		      "system_accounts = root postgres\n"
		      "publish_before = 1h\n"
		      "cache = 10m\n"
		      "leeway = 5s\n"
		      "answer_time = 90\n"
		      "connections = 1000000\n"
		      "connections_per_user = 8\n"
		      "tokens_per_minute = 1\n"
		      "pam_paths = /run/faillock\n"
		      "capabilities = CAP_AUDIT_WRITE\n"
		      "[policy staff]\n"
		      "users = deploy operator\n"
		      "groups = staff \"domain users\"\n"
		      "audience = ssh://* sudo://*\n"
		      "proof = session\n"
		      "lifetime = 2h\n"
		      "max_lifetime = 1d\n"
		      "claims = ticket change\n"
		      "include = name groups host\n"
		      "group_claim = ssh-* adm\n"
		      "any_length = yes\n"
		      "claim = tenant blue\n"
		      "claim = \"https://example.com/x\" \"a b, c\"\n"
		      "[policy rest]\n"
		      "audience = b\n"
		      "proof = peer\n"
		      "[user deploy ci]\n"
		      "claim = tenant red\n");
	const struct issuer_policy *policy = &config->policy[0];

	(void)state;
	assert_string_equal(config->issuer, "https://issuer.example.com");
	assert_null(config->keys);
	assert_string_equal(config->key, "credential:signing.key");
	assert_string_equal(config->kid, "k1");
	assert_string_equal(config->account, "signer");
	assert_string_equal(config->profile, "at+jwt");
	strings_are(&config->system_accounts, "<root><postgres>");
	assert_int_equal(config->publish_before, 3600);
	assert_int_equal(config->cache, 600);
	assert_int_equal(config->leeway, 5);
	assert_int_equal(config->answer_time, 90);
	assert_int_equal(config->connections, 1000000);
	assert_int_equal(config->connections_per_user, 8);
	assert_int_equal(config->tokens_per_minute, 1);
	strings_are(&config->pam_paths, "</run/faillock>");
	strings_are(&config->capabilities, "<CAP_AUDIT_WRITE>");
	strings_are(&policy->users, "<deploy><operator>");
	strings_are(&policy->groups, "<staff><domain users>");
	strings_are(&policy->audience, "<ssh://*><sudo://*>");
	assert_int_equal(policy->proof, ISSUER_PROOF_SESSION);
	assert_int_equal(policy->lifetime, 7200);
	assert_int_equal(policy->max_lifetime, 86400);
	strings_are(&policy->claims, "<ticket><change>");
	strings_are(&policy->include, "<name><groups><host>");
	strings_are(&policy->group_claim, "<ssh-*><adm>");
	assert_int_equal(policy->amr.count, 0);
	assert_true(policy->any_length);
	strings_are(&policy->fixed.name, "<tenant><https://example.com/x>");
	strings_are(&policy->fixed.value, "<blue><a b, c>");
	assert_int_equal(config->policy[1].proof, ISSUER_PROOF_PEER);
	strings_are(&config->user[0].names, "<deploy><ci>");
	strings_are(&config->user[0].fixed.value, "<red>");
	assert_int_equal(issuer_config_longest(config), 86400);
	issuer_config_free(config);
}

static void
a_short_longest_lifetime_is_the_default_too(void **state)
{
	struct issuer_config *config = policy_of(
	    POLICY_ISSUER "[policy a]\naudience = a\nmax_lifetime = 1m\n");

	(void)state;
	assert_int_equal(config->policy[0].lifetime, 60);
	assert_int_equal(issuer_config_longest(config), 60);
	issuer_config_free(config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_out_has_its_default),
	    cmocka_unit_test(every_key_is_taken),
	    cmocka_unit_test(a_short_longest_lifetime_is_the_default_too),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
