/*
 * Memory that runs out at any point of a request gives a fault and never a
 * token that says less, or a policy that asks for less; nothing is lost.
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

#include "broken_memory.h"
#include "issuer/claims.h"
#include "jwt/setting.h"
#include "policy_checks.h"
#include "scratch.h"

static const char config_text[] = POLICY_ISSUER "system_accounts = root\n"
						"[policy staff]\n"
						"users = deploy\n"
						"audience = ssh://* sudo://*\n"
						"include = name groups host\n"
						"group_claim = ssh-*\n"
						"claims = ticket\n"
						"claim = tenant blue\n"
						"[user deploy]\n"
						"claim = role builder\n";

static const char line_text[] =
    "ISSUE aud=ssh://a aud=ssh://b ttl=60 claim=ticket=4711";

/* Who asks, for what, by which policy. */
struct whole {
	struct issuer_config *config;
	struct issuer_person person;
	struct issuer_request request;
	struct issuer_grant grant;
	char account[16], full_name[16];
};

static void
begin(struct whole *w)
{
	*w = (struct whole){.person = {.uid = 65000},
	    .account = "deploy",
	    .full_name = "The Deployer"};
	w->config = policy_of(config_text);
	w->person.account = w->account;
	w->person.full_name = w->full_name;
}

/* A word that cannot be examined is a fault that says so. */
static enum jwt_reason
read_config(const char *path, long n, struct issuer_config **config)
{
	static const char says[] = ": no memory";
	struct jwt_faults faults = {0};
	enum jwt_reason result;

	*config = NULL;
	left = n;
	result = issuer_config_read(path, config, &faults);
	left = -1;
	if (faults.count == 1 && strlen(faults.at[0].text) > sizeof(says) &&
	    strcmp(faults.at[0].text + strlen(faults.at[0].text) -
		       (sizeof(says) - 1),
		says) == 0)
		result = JWT_NO_MEMORY;
	jwt_faults_clear(&faults);
	return result;
}

static void
a_policy_is_read_whole_or_not_at_all(void **state)
{
	struct issuer_config *config;
	enum jwt_reason result;
	char path[4096];
	long n = 0, before;

	(void)state;
	skip_unless_allocator_is_ours();
	snprintf(path, sizeof(path), "%s",
	    scratch_write("issuer", config_text, 0600));
	before = blocks;
	for (;; n++) {
		result = read_config(path, n, &config);
		if (result == JWT_OK)
			break;
		assert_int_equal(result, JWT_NO_MEMORY);
		assert_null(config);
		assert_int_equal(blocks, before);
	}
	assert_in_range(n, 50, 999);
	assert_int_equal(config->policies, 1);
	assert_int_equal(config->policy[0].audience.count, 2);
	assert_int_equal(config->policy[0].amr.count, 1);
	assert_int_equal(config->user[0].fixed.value.count, 1);
	issuer_config_free(config);
	assert_int_equal(blocks, before);
}

static void
a_faulty_policy_is_never_taken(void **state)
{
	struct issuer_config *config;
	enum jwt_reason result;
	char path[4096];
	long n, before, refused = 0;

	(void)state;
	skip_unless_allocator_is_ours();
	snprintf(path, sizeof(path), "%s",
	    scratch_write("issuer",
		POLICY_ISSUER "[policy a]\naudience = a\nclaims = a\n"
			      "claim = a 1\n[policy b]\n",
		0600));
	before = blocks;
	for (n = 0; n < 200; n++) {
		result = read_config(path, n, &config);
		refused += result == JWT_CONFIG_ERROR;
		assert_true(
		    result == JWT_NO_MEMORY || result == JWT_CONFIG_ERROR);
		assert_null(config);
		assert_int_equal(blocks, before);
	}
	assert_in_range(refused, 50, 199);
}

static void
a_request_is_read_and_written_whole_or_not_at_all(void **state)
{
	struct issuer_request request;
	struct jwt_fault fault;
	enum issuer_reason reason;
	char *line;
	long n = 0, before;

	(void)state;
	skip_unless_allocator_is_ours();
	before = blocks;
	for (;; n++) {
		left = n;
		reason = issuer_request_parse(
		    jwt_slice_of(line_text), &request, &fault);
		left = -1;
		if (reason == ISSUER_OK)
			break;
		assert_int_equal(reason, ISSUER_INTERNAL_ERROR);
		assert_string_equal(fault.text, "no memory");
		issuer_request_clear(&request);
		assert_int_equal(blocks, before);
	}
	assert_in_range(n, 10, 999);
	for (n = 0;; n++) {
		left = n;
		reason = issuer_request_write(&request, &line, &fault);
		left = -1;
		if (reason == ISSUER_OK)
			break;
		assert_int_equal(reason, ISSUER_INTERNAL_ERROR);
		assert_null(line);
	}
	assert_in_range(n, 5, 999);
	assert_memory_equal(line, line_text, sizeof(line_text) - 1);
	free(line);
	issuer_request_clear(&request);
	assert_int_equal(blocks, before);
}

static void
claims_are_made_whole_or_not_at_all(void **state)
{
	struct whole w;
	struct jwt_fault fault;
	enum issuer_reason reason;
	char id[ISSUER_ID_SIZE], *json;
	long n = 0, before;

	(void)state;
	skip_unless_allocator_is_ours();
	begin(&w);
	policy_words(&w.person.groups, "deploy ssh-users");
	assert_int_equal(
	    issuer_request_parse(jwt_slice_of(line_text), &w.request, NULL),
	    ISSUER_OK);
	w.grant = (struct issuer_grant){w.config, &w.config->policy[0],
	    &w.person, &w.request, "build7", 1700000000, 60, 1700000000};
	before = blocks;
	for (;; n++) {
		left = n;
		reason = issuer_claims_make(&w.grant, &json, id, &fault);
		left = -1;
		if (reason == ISSUER_OK)
			break;
		assert_int_equal(reason, ISSUER_INTERNAL_ERROR);
		assert_null(json);
		/* json-c loses a member's name where its table cannot grow. */
		assert_in_range(blocks, before, before + 1);
		before = blocks;
	}
	assert_in_range(n, 40, 999);
	assert_non_null(strstr(json,
	    "\"name\":\"The Deployer\",\"groups\":[\"ssh-users\"],"
	    "\"host\":\"build7\",\"tenant\":\"blue\",\"role\":\"builder\","
	    "\"ticket\":\"4711\"}"));
	free(json);
	issuer_request_clear(&w.request);
	jwt_strings_clear(&w.person.groups);
	issuer_config_free(w.config);
}

/* The one who asks is of the system: the file of UID_MIN is read. */
static void
nobody_is_taken_for_a_person_without_memory(void **state)
{
	struct whole w;
	struct jwt_fault fault;
	enum issuer_reason reason;
	long n, before, told = 0;

	(void)state;
	skip_unless_allocator_is_ours();
	begin(&w);
	w.person.uid = 1;
	before = blocks;
	for (n = 0; n < 50; n++) {
		left = n;
		reason = issuer_policy_admits(w.config, &w.person, &fault);
		left = -1;
		told += reason == ISSUER_USER_NOT_ALLOWED;
		assert_true(reason == ISSUER_USER_NOT_ALLOWED ||
			    reason == ISSUER_INTERNAL_ERROR);
		assert_int_equal(blocks, before);
	}
	assert_in_range(told, 1, 50);
	issuer_config_free(w.config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_policy_is_read_whole_or_not_at_all),
	    cmocka_unit_test(a_faulty_policy_is_never_taken),
	    cmocka_unit_test(a_request_is_read_and_written_whole_or_not_at_all),
	    cmocka_unit_test(claims_are_made_whole_or_not_at_all),
	    cmocka_unit_test(nobody_is_taken_for_a_person_without_memory),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
