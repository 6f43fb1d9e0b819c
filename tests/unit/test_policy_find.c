/*
 * Who may have which token: the policy that decides, and what is said to
 * somebody who may not.
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

/* As no line can ask, but a caller of the library might. */
static void
a_token_for_nobody_is_never_allowed(void **state)
{
	struct issuer_config *config =
	    policy_of(POLICY_ISSUER "[policy a]\naudience = **\n");
	struct issuer_person person = {
	    .uid = PERSON, .account = (char[]){"deploy"}};
	struct issuer_request request = {.seconds = 5};
	const struct issuer_policy *policy;
	struct jwt_fault fault;
	int64_t seconds;

	(void)state;
	assert_int_equal(issuer_policy_find(config, &person, &request, &policy,
			     &seconds, &fault),
	    ISSUER_AUDIENCE_NOT_ALLOWED);
	assert_null(policy);
	assert_string_equal(fault.text, "no audience was asked for");
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
	    cmocka_unit_test(the_first_policy_for_person_and_audience_decides),
	    cmocka_unit_test(a_token_for_nobody_is_never_allowed),
	    cmocka_unit_test(whom_no_policy_is_for_gets_nothing),
	    cmocka_unit_test(accounts_of_the_system_are_named_or_refused),
	    cmocka_unit_test(a_request_keeps_within_its_policy),
	    cmocka_unit_test(a_long_list_of_what_is_allowed_is_cut_at_a_word),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
