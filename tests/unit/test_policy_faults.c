/*
 * What is wrong with the issuer's configuration is named with its file and
 * line, all at once; beside each fault stands what would have been right.
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

#define STAFF POLICY_ISSUER "[policy staff]\naudience = a\n"

struct row {
	const char *text, *faults;
};

static void
check_rows(const struct row *row, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		assert_string_equal(
		    policy_faults_of(row[i].text), row[i].faults);
}

#define CHECK_ROWS(row) check_rows(row, sizeof(row) / sizeof((row)[0]))

static void
what_is_needed_is_missed(void **state)
{
	static const struct row row[] = {
	    {STAFF, ""},
	    {"", "F: has no [issuer] section|"},
	    {POLICY_ISSUER, "F: has no [policy LABEL] section, so nobody would "
			    "get a token|"},
	    {"[policy staff]\naudience = a\n", "F: has no [issuer] section|"},
	    {"[issuer]\n[policy staff]\n",
		"F:1: [issuer] has no issuer|F:1: [issuer] has no keys (or "
		"key)|F:2: the section of policy 'staff' has no audience|"},
	    {"[issuer]\nissuer = i\nkey = credential:k\n[policy s]\naudience = "
	     "a\n",
		""},
	    {"[issuer]\nissuer = i\nkey = credential:k\nkeys = /k\n[policy s]\n"
	     "audience = a\n",
		"F:1: keys and key exclude each other|"},
	    {"issuer = i\n", "F:1: 'issuer' stands before any section|F: has "
			     "no [issuer] section|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
sections_have_one_form(void **state)
{
	static const struct row row[] = {
	    {STAFF "[issuer]\n", "F:7: [issuer] stands here a second time|"},
	    {"[issuer corp]\n[policy s]\naudience = a\n",
		"F:1: the issuer's section has no label, [issuer]|"},
	    {STAFF "[policy]\n",
		"F:7: a policy's section has one label, [policy LABEL]|"},
	    {STAFF "[policy a b]\n",
		"F:7: a policy's section has one label, [policy LABEL]|"},
	    {STAFF "[policy staff]\n",
		"F:7: 'staff': another section has this label|"},
	    {STAFF "[policy a/b]\n",
		"F:7: 'a/b': a label has letters, digits, '_', '.' and '-', "
		"64 at most|"},
	    {STAFF "[user]\n",
		"F:7: a user's section names accounts, [user NAME ...]|"},
	    {STAFF "[user 0]\n", "F:7: '0': is no login name|"},
	    {STAFF "[user deploy deploy]\nclaim = a b\n",
		"F:7: 'deploy': an account may stand in one section only|"},
	    {STAFF "[user deploy]\nclaim = a b\n[user x deploy]\nclaim = a b\n",
		"F:9: 'deploy': an account may stand in one section only|"},
	    {STAFF "[user deploy]\n",
		"F:7: the section of user 'deploy' sets no claim|"},
	    {STAFF "[service sshd]\n",
		"F:7: 'service' is no kind of section; there are [issuer], "
		"[policy LABEL] and [user NAME ...]|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
values_of_the_issuer_are_checked(void **state)
{
	static const struct row row[] = {
	    {"keys = k", "keys: 'k': the path must begin with /"},
	    {"key = /k",
		"key: '/k': is neither credential:NAME, a credential of "
		"systemd, nor a URI"},
	    {"key = credential:../k",
		"key: 'credential:../k': behind credential: stands the name "
		"of a systemd credential"},
	    {"key = credential:a/k",
		"key: 'credential:a/k': behind credential: stands the name "
		"of a systemd credential"},
	    {"user = 0", "user: '0': is no login name"},
	    {"profile = jwt", "profile: 'jwt': there are login+jwt and at+jwt"},
	    {"system_accounts = a/b",
		"system_accounts: 'a/b': is no login name"},
	    {"publish_before = soon",
		"publish_before: 'soon' is no duration, such as 30s, 5m, 12h "
		"or 1d"},
	    {"leeway = 301",
		"leeway: '301' is more than 300 seconds, the most that two "
		"clocks may differ"},
	    {"rotate_every = 0", "rotate_every: '0' is no time at all"},
	    {"answer_time = 0s", "answer_time: '0s' is no time at all"},
	    {"connections = 0",
		"connections: '0' is no number from 1 to 1000000"},
	    {"connections = 1 2",
		"connections: '2' is one word too many; put a value with "
		"spaces or commas in double quotes"},
	    {"connections = 1000001",
		"connections: '1000001' is no number from 1 to 1000000"},
	    {"connections_per_user = -1",
		"connections_per_user: '-1' is no number from 1 to 1000000"},
	    {"tokens_per_minute = 99999999999999999999",
		"tokens_per_minute: '99999999999999999999' is no number from "
		"1 to 1000000"},
	    {"tokens_per_minute = 30/m",
		"tokens_per_minute: '30/m' is no number from 1 to 1000000"},
	    {"pam_paths = run", "pam_paths: 'run': the path must begin with /"},
	    {"capabilities = cap-1",
		"capabilities: 'cap-1': is no name of a capability, such as "
		"CAP_NET_ADMIN"},
	    {"issuer = a b",
		"issuer: 'b' is one word too many; put a value with spaces or "
		"commas in double quotes"},
	    {"lifetime = 5m", "'lifetime' is no key of the issuer's section"},
	    {"provider = default",
		"provider: 'default': keeps no keys: a key in a file belongs "
		"into a key folder (keys)"},
	    {"provider = ../tpm2",
		"provider: '../tpm2': is no name of a provider of OpenSSL "
		"(openssl list -providers)"},
	};
	char text[512], wanted[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(text, sizeof(text),
		    "[issuer]\n%s\n[policy s]\naudience = a\n", row[i].text);
		snprintf(wanted, sizeof(wanted), "F:2: %s|", row[i].faults);
		assert_string_equal(policy_faults_of(text), wanted);
	}
}

static void
values_of_a_policy_are_checked(void **state)
{
	static const struct row row[] = {
	    {"users = deploy 1", "users: '1': is no login name"},
	    {"groups = \"a\xff\"",
		"groups: 'a\xff': cannot stand in a token, whose texts are "
		"UTF-8 without control characters"},
	    {"proof = none",
		"proof: 'none' is no proof; there are password, session and "
		"peer"},
	    {"proof = password peer",
		"proof: 'peer' is one word too many; put a value with spaces "
		"or commas in double quotes"},
	    {"lifetime = 0", "lifetime: '0' is no time at all"},
	    {"max_lifetime = 1w",
		"max_lifetime: '1w' is no duration, such as 30s, 5m, 12h or "
		"1d"},
	    {"claims = ticket sub",
		"claims: 'sub': the issuer alone sets this claim"},
	    {"claims = groups",
		"claims: 'groups': the issuer alone sets this claim"},
	    {"include = mail", "include: 'mail': there are name, groups and "
			       "host"},
	    {"amr = password",
		"amr: 'password': is no value of RFC 8176, such as pwd, otp or "
		"mfa"},
	    {"any_length = true", "any_length: 'true' is neither yes nor no"},
	    {"claim = tenant",
		"claim: NAME VALUE is needed, and 1 words stand here; put a "
		"value with spaces in double quotes"},
	    {"claim = tenant a b",
		"claim: NAME VALUE is needed, and 3 words stand here; put a "
		"value with spaces in double quotes"},
	    {"claim = sub root",
		"claim: 'sub': the issuer alone sets this claim"},
	    {"audience = b", "'audience' stands here a second time"},
	    {"audiences = b", "'audiences' is no key of a policy's section"},
	};
	char text[512], wanted[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(text, sizeof(text), STAFF "%s\n", row[i].text);
		snprintf(wanted, sizeof(wanted), "F:7: %s|", row[i].faults);
		assert_string_equal(policy_faults_of(text), wanted);
	}
}

static void
a_glob_that_would_match_nothing_is_refused(void **state)
{
	char text[512], glob[300];

	(void)state;
	memset(glob, 'a', sizeof(glob));
	glob[255] = '\0';
	snprintf(text, sizeof(text),
	    POLICY_ISSUER "[policy s]\naudience = %s\n", glob);
	assert_string_equal(policy_faults_of(text), "");
	glob[255] = 'a';
	glob[256] = '\0';
	snprintf(text, sizeof(text),
	    POLICY_ISSUER "[policy s]\naudience = %s\n", glob);
	assert_non_null(strstr(policy_faults_of(text),
	    "': is longer than 255 bytes, and would match nothing|"));
}

static void
a_claim_is_set_once_in_each_section(void **state)
{
	static const struct row row[] = {
	    {STAFF "claim = a 1\nclaim = b 2\n[user deploy]\nclaim = a 3\n",
		""},
	    {STAFF "claim = a 1\nclaim = a 2\n",
		"F:8: claim: 'a' is set a second time in this section|"},
	    {STAFF "[user deploy]\nclaim = a 1\nclaim = a 1\n",
		"F:9: claim: 'a' is set a second time in this section|"},
	    {STAFF "claim = a 1\nclaims = b a\n",
		"F:5: policy 'staff' sets the claim 'a', so no caller may add "
		"it|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
lifetimes_keep_their_order_and_a_day(void **state)
{
	static const struct row row[] = {
	    {STAFF "lifetime = 1h\n", ""},
	    {STAFF "lifetime = 3601\n",
		"F:5: the lifetime of policy 'staff' is longer than its "
		"max_lifetime, 3600s|"},
	    {STAFF "max_lifetime = 24h\nlifetime = 24h\n", ""},
	    {STAFF "max_lifetime = 86401\n",
		"F:5: the max_lifetime of policy 'staff' is longer than 24h, "
		"the most that verifiers take by default|"},
	    {STAFF "max_lifetime = 1m\n", ""},
	    {STAFF "max_lifetime = 1m\nlifetime = 61\n",
		"F:5: the lifetime of policy 'staff' is longer than its "
		"max_lifetime, 60s|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
how_a_person_logged_in_is_not_guessed(void **state)
{
	static const struct row row[] = {
	    {STAFF "amr = pwd otp mfa\n", ""},
	    {STAFF "proof = session\n", ""},
	    {STAFF "proof = session\namr = pwd\n",
		"F:5: policy 'staff' has amr without proof = password, which "
		"alone sees how a person logs in|"},
	    {STAFF "proof = peer\namr = pwd\n",
		"F:5: policy 'staff' has amr without proof = password, which "
		"alone sees how a person logs in|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
groups_are_published_by_name_alone(void **state)
{
	static const struct row row[] = {
	    {STAFF "include = name groups host\ngroup_claim = ssh-*\n", ""},
	    {STAFF "include = groups\n",
		"F:5: policy 'staff' includes groups and says by no "
		"group_claim which|"},
	    {STAFF "include = name\ngroup_claim = ssh-*\n",
		"F:5: policy 'staff' has group_claim and does not include "
		"groups|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
keys_and_their_rotation_fit(void **state)
{
	static const struct row row[] = {
	    {"[issuer]\nissuer = i\nkey = credential:t\nkid = k\n[policy s]\n"
	     "audience = a\n",
		""},
	    {"[issuer]\nissuer = i\nkeys = /k\nkid = k\n[policy s]\n"
	     "audience = a\n",
		"F:1: kid names the key of `key`; those of a key folder have "
		"their thumbprints|"},
	    {"[issuer]\nissuer = i\nkey = handle:0x81000001\n"
	     "provider = tpm2\n[policy s]\naudience = a\n",
		""},
	    {"[issuer]\nissuer = i\nkey = handle:0x81000001\n"
	     "[policy s]\naudience = a\n",
		"F:1: key is a URI, and no provider of OpenSSL is named that "
		"finds it: `provider`|"},
	    {"[issuer]\nissuer = i\nkey = \"pkcs11:object=o?Pin-Value=1234\"\n"
	     "provider = pkcs11\n[policy s]\naudience = a\n",
		"F:1: key holds a PIN (pin-value): put it into a file that the "
		"signing account alone may read, and name that by pin-source|"},
	    {"[issuer]\nissuer = i\nkey = \"PKCS11:o?pin-value=1234\"\n"
	     "provider = pkcs11\n[policy s]\naudience = a\n",
		"F:1: key holds a PIN (pin-value): put it into a file that the "
		"signing account alone may read, and name that by pin-source|"},
	    {"[issuer]\nissuer = i\nkey = credential:k\nprovider = tpm2\n"
	     "[policy s]\naudience = a\n",
		"F:1: provider goes with a URI: `key`|"},
	    {"[issuer]\nissuer = i\nkeys = /k\nprovider = tpm2\n"
	     "[policy s]\naudience = a\n",
		"F:1: provider goes with a URI: `key`|"},
	    {"[issuer]\nissuer = i\nkeys = /k\nrotate_every = 30d\n"
	     "[policy s]\naudience = a\n",
		""},
	    {"[issuer]\nissuer = i\nkey = credential:k\nrotate_every = 30d\n"
	     "[policy s]\naudience = a\n",
		"F:1: rotate_every needs keys, a key folder|"},
	    {"[issuer]\nissuer = i\nkeys = /k\nrotate_every = 23h\n"
	     "[policy s]\naudience = a\n",
		"F:1: rotate_every is shorter than publish_before, for which "
		"each next key waits|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
all_faults_are_named_at_once(void **state)
{
	(void)state;
	assert_string_equal(
	    policy_faults_of("[issuer]\n"
			     "issuer = https://issuer.example.com\n"
			     "keys = k\n"
			     "nonsense = 1\n"
			     "[policy a]\n"
			     "proof = no\n"
			     "audience = \"x\n"
			     "[policy b]\n"
			     "[nonsense]\n"
			     "audience = a\n"
			     "[user 1]\n"
			     "claim = sub root\n"),
	    "F:3: keys: 'k': the path must begin with /|"
	    "F:4: 'nonsense' is no key of the issuer's section|"
	    "F:6: proof: 'no' is no proof; there are password, session and "
	    "peer|"
	    "F:7: a quote is not closed on its line|"
	    "F:9: 'nonsense' is no kind of section; there are [issuer], "
	    "[policy LABEL] and [user NAME ...]|"
	    "F:11: '1': is no login name|"
	    "F:8: the section of policy 'b' has no audience|");
}

static void
a_file_that_others_can_write_is_not_read(void **state)
{
	struct issuer_config *config = NULL;
	struct jwt_faults faults = {0};
	const char *path;

	(void)state;
	path = scratch_write("writable", STAFF, 0622);
	assert_int_equal(
	    issuer_config_read(path, &config, &faults), JWT_CONFIG_ERROR);
	assert_null(config);
	assert_int_equal(faults.count, 1);
	jwt_faults_clear(&faults);
	path = scratch_write("private", STAFF, 0600);
	assert_int_equal(issuer_config_read(path, &config, &faults), JWT_OK);
	issuer_config_free(config);
	config = NULL;
	assert_int_equal(
	    issuer_config_read(scratch_path("absent"), &config, &faults),
	    JWT_CONFIG_ERROR);
	assert_null(config);
	assert_non_null(strstr(faults.at[0].text, "absent"));
	jwt_faults_clear(&faults);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_needed_is_missed),
	    cmocka_unit_test(sections_have_one_form),
	    cmocka_unit_test(values_of_the_issuer_are_checked),
	    cmocka_unit_test(values_of_a_policy_are_checked),
	    cmocka_unit_test(a_glob_that_would_match_nothing_is_refused),
	    cmocka_unit_test(a_claim_is_set_once_in_each_section),
	    cmocka_unit_test(lifetimes_keep_their_order_and_a_day),
	    cmocka_unit_test(how_a_person_logged_in_is_not_guessed),
	    cmocka_unit_test(groups_are_published_by_name_alone),
	    cmocka_unit_test(keys_and_their_rotation_fit),
	    cmocka_unit_test(all_faults_are_named_at_once),
	    cmocka_unit_test(a_file_that_others_can_write_is_not_read),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
