/*
 * Who may have which token: defaults, the policy that decides, and what is
 * said to somebody who may not.
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

#include "jwt/setting.h"
#include "policy_checks.h"
#include "scratch.h"

#define PERSON 65000 /* on every host a person's */

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

/*
 * `LABEL SECONDS`, or `REASON: SENTENCE`, of a person and a request line.
 */
static const char *
asked(const struct issuer_config *config, uid_t uid, const char *account,
    const char *groups, const char *line)
{
	static char text[1024];
	struct issuer_person person = {.uid = uid, .account = (char[64]){""}};
	struct issuer_request request;
	const struct issuer_policy *policy;
	struct jwt_fault fault = {""};
	enum issuer_reason reason, admitted;
	int64_t seconds = 0;

	snprintf(person.account, 64, "%s", account);
	policy_words(&person.groups, groups);
	assert_int_equal(
	    issuer_request_parse(jwt_slice_of(line), &request, &fault),
	    ISSUER_OK);
	reason = issuer_policy_find(
	    config, &person, &request, &policy, &seconds, &fault);
	if (reason == ISSUER_OK)
		snprintf(text, sizeof(text), "%s %lld", policy->label,
		    (long long)seconds);
	else
		snprintf(text, sizeof(text), "%s: %s",
		    issuer_reason_name(reason), fault.text);
	assert_true((policy != NULL) == (reason == ISSUER_OK));
	/* The first question has the same answer. */
	fault.text[0] = '\0';
	admitted = issuer_policy_admits(config, &person, &fault);
	assert_true((admitted == ISSUER_USER_NOT_ALLOWED) ==
		    (reason == ISSUER_USER_NOT_ALLOWED));
	if (admitted != ISSUER_OK)
		assert_non_null(strstr(text, fault.text));
	issuer_request_clear(&request);
	jwt_strings_clear(&person.groups);
	return text;
}

static void
the_first_policy_for_person_and_audience_decides(void **state)
{
	struct issuer_config *config =
	    policy_of(POLICY_ISSUER "[policy ci]\n"
				    "users = ci\n"
				    "audience = ssh://build*\n"
				    "lifetime = 1m\n"
				    "[policy admins]\n"
				    "groups = adm wheel\n"
				    "users = operator\n"
				    "audience = ssh://* sudo://**\n"
				    "lifetime = 2m\n"
				    "[policy all]\n"
				    "audience = https://app.example.com\n"
				    "lifetime = 3m\n");

	(void)state;
	assert_string_equal(
	    asked(config, PERSON, "ci", "ci", "ISSUE aud=ssh://build7"),
	    "ci 60");
	assert_string_equal(
	    asked(config, PERSON, "ci", "wheel", "ISSUE aud=ssh://build7"),
	    "ci 60");
	assert_string_equal(
	    asked(config, PERSON, "ci", "wheel", "ISSUE aud=ssh://web1"),
	    "admins 120");
	assert_string_equal(
	    asked(config, PERSON, "deploy", "x wheel", "ISSUE aud=ssh://web1"),
	    "admins 120");
	assert_string_equal(
	    asked(config, PERSON, "operator", "", "ISSUE aud=ssh://web1"),
	    "admins 120");
	assert_string_equal(asked(config, PERSON, "operator", "",
				"ISSUE aud=ssh://web1 aud=sudo://a/b ttl=9"),
	    "admins 9");
	assert_string_equal(asked(config, PERSON, "deploy", "",
				"ISSUE aud=https://app.example.com"),
	    "all 180");
	assert_string_equal(
	    asked(config, PERSON, "ci", "ci", "ISSUE aud=ssh://web1"),
	    "audience_not_allowed: the audience 'ssh://web1' was asked for, "
	    "and allowed are: ssh://build* https://app.example.com");
	/* `*` ends at a slash: the whole of a glob, never its beginning. */
	assert_string_equal(
	    asked(config, PERSON, "ci", "", "ISSUE aud=ssh://build7/x"),
	    "audience_not_allowed: the audience 'ssh://build7/x' was asked "
	    "for, and allowed are: ssh://build* https://app.example.com");
	assert_string_equal(asked(config, PERSON, "ci", "",
				"ISSUE aud=ssh://build7 "
				"aud=https://app.example.com"),
	    "audience_not_allowed: each of the 2 audiences is allowed, but no "
	    "policy allows them in one token; ask for one of them at a time");
	assert_string_equal(asked(config, PERSON, "ci", "",
				"ISSUE aud=ssh://build7 aud=ssh://b%20%C3%A9"),
	    "audience_not_allowed: the audience 'ssh://b \\xc3\\xa9' was asked "
	    "for, and allowed are: ssh://build* https://app.example.com");
	issuer_config_free(config);
}

static void
whom_no_policy_is_for_gets_nothing(void **state)
{
	struct issuer_config *config =
	    policy_of(POLICY_ISSUER "[policy a]\nusers = deploy\naudience = a\n"
				    "[policy b]\ngroups = adm\naudience = a\n");

	(void)state;
	assert_string_equal(
	    asked(config, PERSON, "deploy", "", "ISSUE aud=a"), "a 300");
	assert_string_equal(
	    asked(config, PERSON, "operator", "adm", "ISSUE aud=a"), "b 300");
	assert_string_equal(
	    asked(config, PERSON, "operator", "", "ISSUE aud=a"),
	    "user_not_allowed: no policy is for the account 'operator' or for "
	    "one of its groups: it has none");
	/* A name of a group is none of an account, nor the other way. */
	assert_string_equal(
	    asked(config, PERSON, "adm", "deploy Adm", "ISSUE aud=a"),
	    "user_not_allowed: no policy is for the account 'adm' or for one "
	    "of its groups: deploy Adm");
	issuer_config_free(config);
}

static void
accounts_of_the_system_are_named_or_refused(void **state)
{
	struct issuer_config *closed =
	    policy_of(POLICY_ISSUER "[policy a]\naudience = a\n");
	struct issuer_config *open =
	    policy_of(POLICY_ISSUER "system_accounts = root postgres\n"
				    "[policy a]\naudience = a\n");
	static const struct {
		uid_t uid;
		const char *account;
	} row[] = {{0, "root"}, {0, "deploy"}, {1, "postgres"},
	    {65534, "nobody"}, {PERSON, "root"}};
	char wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(wanted, sizeof(wanted),
		    "user_not_allowed: the account '%s' (uid %u) asks; tokens "
		    "are for accounts of persons (UID_MIN ",
		    row[i].account, (unsigned int)row[i].uid);
		assert_memory_equal(asked(closed, row[i].uid, row[i].account,
					"", "ISSUE aud=a"),
		    wanted, strlen(wanted));
	}
	assert_string_equal(
	    asked(closed, PERSON, "deploy", "", "ISSUE aud=a"), "a 300");
	assert_string_equal(asked(open, 0, "root", "", "ISSUE aud=a"), "a 300");
	assert_string_equal(
	    asked(open, 1, "postgres", "", "ISSUE aud=a"), "a 300");
	assert_memory_equal(asked(open, 1, "daemon", "", "ISSUE aud=a"),
	    "user_not_allowed", 16);
	assert_memory_equal(asked(open, 0, "deploy", "", "ISSUE aud=a"),
	    "user_not_allowed", 16);
	issuer_config_free(closed);
	issuer_config_free(open);
}

static void
a_request_keeps_within_its_policy(void **state)
{
	struct issuer_config *config =
	    policy_of(POLICY_ISSUER "[policy a]\n"
				    "users = deploy\n"
				    "audience = a\n"
				    "max_lifetime = 10m\n"
				    "claims = ticket change\n"
				    "claim = tenant blue\n"
				    "[policy b]\n"
				    "audience = a\n"
				    "max_lifetime = 24h\n"
				    "any_length = yes\n"
				    "[user deploy]\n"
				    "claim = change none\n");

	(void)state;
	assert_string_equal(
	    asked(config, PERSON, "deploy", "", "ISSUE aud=a ttl=600"),
	    "a 600");
	/* The next policy would allow it, and is not asked. */
	assert_string_equal(
	    asked(config, PERSON, "deploy", "", "ISSUE aud=a ttl=601"),
	    "lifetime_too_long: a lifetime of 601 seconds was asked for, and "
	    "policy 'a' allows 600 at most");
	assert_string_equal(
	    asked(config, PERSON, "deploy", "", "ISSUE aud=a long"),
	    "token_too_long: a token of any length was asked for, and policy "
	    "'a' allows 510 bytes");
	assert_string_equal(
	    asked(config, PERSON, "operator", "", "ISSUE aud=a long"), "b 300");
	assert_string_equal(asked(config, PERSON, "deploy", "",
				"ISSUE aud=a claim=ticket=4711"),
	    "a 300");
	assert_string_equal(asked(config, PERSON, "deploy", "",
				"ISSUE aud=a claim=ticket=1 claim=scope=all"),
	    "claim_not_allowed: the claim 'scope' was asked for, and what "
	    "policy 'a' lets a caller add is: ticket change");
	assert_string_equal(
	    asked(config, PERSON, "operator", "", "ISSUE aud=a claim=ticket=1"),
	    "claim_not_allowed: the claim 'ticket' was asked for, and what "
	    "policy 'b' lets a caller add is: nothing");
	assert_string_equal(
	    asked(config, PERSON, "deploy", "", "ISSUE aud=a claim=tenant=red"),
	    "claim_not_allowed: the claim 'tenant' was asked for, and the "
	    "configuration sets it itself");
	assert_string_equal(
	    asked(config, PERSON, "deploy", "", "ISSUE aud=a claim=change=1"),
	    "claim_not_allowed: the claim 'change' was asked for, and the "
	    "configuration sets it itself");
	issuer_config_free(config);
}

static void
a_long_list_of_what_is_allowed_is_cut_at_a_word(void **state)
{
	char text[4096] = POLICY_ISSUER "[policy a]\naudience =";
	struct issuer_config *config;
	const char *said;
	size_t i, used = strlen(text);

	(void)state;
	for (i = 0; i < 100; i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, " ssh://host%zu", i);
	snprintf(text + used, sizeof(text) - used, "\n");
	config = policy_of(text);
	said = asked(config, PERSON, "deploy", "", "ISSUE aud=ssh://other");
	assert_non_null(strstr(said, "allowed are: ssh://host0 ssh://host1 "));
	assert_string_equal(said + strlen(said) - 10, "host19 ...");
	assert_in_range(strlen(said), 300, 380);
	issuer_config_free(config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_out_has_its_default),
	    cmocka_unit_test(every_key_is_taken),
	    cmocka_unit_test(a_short_longest_lifetime_is_the_default_too),
	    cmocka_unit_test(the_first_policy_for_person_and_audience_decides),
	    cmocka_unit_test(whom_no_policy_is_for_gets_nothing),
	    cmocka_unit_test(accounts_of_the_system_are_named_or_refused),
	    cmocka_unit_test(a_request_keeps_within_its_policy),
	    cmocka_unit_test(a_long_list_of_what_is_allowed_is_cut_at_a_word),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
