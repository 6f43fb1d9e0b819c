/*
 * What a token says, byte for byte by a clock that stands still, and that
 * nobody who asks can say it in the issuer's place.
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

#include "issuer/claims.h"
#include "jwt/base64url.h"
#include "jwt/json.h"
#include "jwt/setting.h"
#include "policy_checks.h"
#include "scratch.h"

#define NOW 1700000000

/* A grant by the first policy of a text, of a person of three groups. */
struct fixture {
	struct issuer_config *config;
	struct issuer_person person;
	struct issuer_request request;
	struct issuer_grant grant;
};

static void
begin(struct fixture *f, const char *config, const char *line)
{
	f->config = policy_of(config);
	f->person = (struct issuer_person){.uid = 65000};
	assert_non_null(f->person.account = strdup("deploy"));
	assert_non_null(f->person.full_name = strdup("The Deployer"));
	policy_words(&f->person.groups, "deploy ssh-users adm");
	assert_int_equal(
	    issuer_request_parse(jwt_slice_of(line), &f->request, NULL),
	    ISSUER_OK);
	f->grant = (struct issuer_grant){.config = f->config,
	    .policy = &f->config->policy[0],
	    .person = &f->person,
	    .request = &f->request,
	    .host = "build7.example.com",
	    .now = NOW,
	    .seconds = 300,
	    .auth_time = JWT_UNSET};
}

static void
end(struct fixture *f)
{
	issuer_config_free(f->config);
	free(f->person.account);
	free(f->person.full_name);
	jwt_strings_clear(&f->person.groups);
	issuer_request_clear(&f->request);
}

/* The claims, ID for the token's; or `REASON: SENTENCE`. */
static const char *
made(const struct fixture *f)
{
	static char text[4096];
	char id[ISSUER_ID_SIZE] = "", *json = (char *)1, *at;
	struct jwt_fault fault = {""};
	enum issuer_reason reason;

	reason = issuer_claims_make(&f->grant, &json, id, &fault);
	if (reason != ISSUER_OK) {
		assert_null(json);
		snprintf(text, sizeof(text), "%s: %s",
		    issuer_reason_name(reason), fault.text);
		return text;
	}
	assert_string_equal(fault.text, "");
	assert_int_equal(strlen(id), 22);
	assert_non_null(at = strstr(json, id));
	snprintf(text, sizeof(text), "%.*sID%s", (int)(at - json), json,
	    at + strlen(id));
	free(json);
	return text;
}

#define PLAIN                                                             \
	"{\"iss\":\"https://issuer.example.com\",\"sub\":\"deploy\","     \
	"\"aud\":\"ssh://build7\",\"iat\":1700000000,\"nbf\":1700000000," \
	"\"exp\":1700000300,\"jti\":\"ID\""

static void
a_token_says_what_is_needed_and_no_more(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, POLICY_ISSUER "[policy a]\naudience = **\nproof = peer\n",
	    "ISSUE aud=ssh://build7 ttl=9");
	assert_string_equal(made(&f), PLAIN "}");
	end(&f);
}

static void
only_a_login_that_was_seen_is_told(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, POLICY_ISSUER "[policy a]\naudience = **\namr = pwd otp\n",
	    "ISSUE aud=ssh://build7");
	assert_string_equal(made(&f), PLAIN "}");
	f.grant.auth_time = NOW - 7;
	assert_string_equal(made(&f),
	    PLAIN ",\"auth_time\":1699999993,\"amr\":[\"pwd\",\"otp\"]}");
	end(&f);
}

static void
several_audiences_are_an_array(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, POLICY_ISSUER "[policy a]\naudience = **\n",
	    "ISSUE aud=ssh://a aud=b%20\"");
	assert_non_null(
	    strstr(made(&f), "\"aud\":[\"ssh://a\",\"b \\\"\"],\"iat\""));
	end(&f);
}

static void
the_profile_of_rfc_9068_names_its_client(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, POLICY_ISSUER "profile = at+jwt\n[policy a]\naudience = **\n",
	    "ISSUE aud=ssh://build7");
	f.grant.auth_time = NOW;
	assert_string_equal(made(&f),
	    PLAIN ",\"client_id\":\"jwt-issue\",\"auth_time\":1700000000,"
		  "\"amr\":[\"pwd\"]}");
	end(&f);
}

static void
all_claims_stand_in_their_order(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f,
	    POLICY_ISSUER "[policy a]\n"
			  "audience = **\n"
			  "include = host groups name\n"
			  "group_claim = ssh-* ad?\n"
			  "claims = ticket\n"
			  "claim = tenant blue\n"
			  "claim = site north\n"
			  "[user operator]\n"
			  "claim = tenant green\n"
			  "[user ci deploy]\n"
			  "claim = role builder\n"
			  "claim = tenant red\n",
	    "ISSUE aud=ssh://build7 claim=ticket=4711");
	f.grant.auth_time = NOW;
	assert_string_equal(made(&f),
	    PLAIN ",\"auth_time\":1700000000,\"amr\":[\"pwd\"],"
		  "\"name\":\"The Deployer\","
		  "\"groups\":[\"ssh-users\",\"adm\"],"
		  "\"host\":\"build7.example.com\","
		  "\"tenant\":\"red\",\"site\":\"north\","
		  "\"role\":\"builder\",\"ticket\":\"4711\"}");
	/* Nobody's full name, no group that is told. */
	free(f.person.full_name);
	f.person.full_name = NULL;
	jwt_strings_clear(&f.person.groups);
	f.grant.auth_time = JWT_UNSET;
	assert_string_equal(made(&f),
	    PLAIN ",\"groups\":[],\"host\":\"build7.example.com\","
		  "\"tenant\":\"red\",\"site\":\"north\","
		  "\"role\":\"builder\",\"ticket\":\"4711\"}");
	end(&f);
}

static void
nobody_chooses_what_the_issuer_sets(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f,
	    POLICY_ISSUER "[policy a]\naudience = **\nclaims = ticket role\n"
			  "claim = tenant blue\n[user deploy]\n"
			  "claim = role builder\n",
	    "ISSUE aud=ssh://build7 claim=ticket=1");
	assert_non_null(strstr(made(&f), "\"ticket\":\"1\"}"));
	assert_true(jwt_strings_add(&f.request.value, "root"));
	assert_true(jwt_strings_add(&f.request.claim, "tenant"));
	assert_string_equal(made(&f),
	    "claim_not_allowed: the claim 'tenant' was asked for, and the "
	    "issuer sets it itself");
	memcpy(f.request.claim.at[1], "role", 5);
	assert_string_equal(made(&f),
	    "claim_not_allowed: the claim 'role' was asked for, and the "
	    "issuer sets it itself");
	memcpy(f.request.claim.at[1], "sub", 4);
	assert_string_equal(made(&f),
	    "claim_not_allowed: the claim 'sub' was asked for, and the "
	    "issuer sets it itself");
	end(&f);
}

static void
names_of_the_system_are_checked_where_they_are_told(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f,
	    POLICY_ISSUER "[policy a]\naudience = **\n"
			  "include = name groups host\ngroup_claim = ssh-*\n",
	    "ISSUE aud=ssh://build7");
	f.person.full_name[0] = '\xe9';
	assert_string_equal(made(&f), "claim_not_allowed: the account's full "
				      "name is no valid UTF-8");
	f.person.full_name[0] = 'D';
	f.person.groups.at[1][5] = '\n';
	assert_string_equal(made(&f), "claim_not_allowed: the name of a group "
				      "has a control character in it");
	f.person.groups.at[1][5] = '\xff';
	assert_string_equal(made(&f), "claim_not_allowed: the name of a group "
				      "is no valid UTF-8");
	/* The same group where nobody is told of it. */
	f.person.groups.at[1][0] = 'x';
	assert_memory_equal(made(&f), "{", 1);
	f.grant.host = "\x7f";
	assert_string_equal(made(&f), "claim_not_allowed: the host's name has "
				      "a control character in it");
	f.grant.host = "";
	assert_string_equal(made(&f), "internal_error: this host has no name "
				      "that a token could tell");
	f.grant.host = "h";
	f.person.account[0] = '\xff';
	assert_string_equal(made(&f), "claim_not_allowed: the account's name "
				      "is no valid UTF-8");
	end(&f);
	begin(&f, POLICY_ISSUER "[policy a]\naudience = **\n",
	    "ISSUE aud=ssh://build7");
	f.person.full_name[0] = '\xe9';
	f.grant.host = NULL;
	assert_string_equal(made(&f), PLAIN "}");
	end(&f);
}

static void
a_clock_that_cannot_be_is_a_fault(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, POLICY_ISSUER "[policy a]\naudience = **\n",
	    "ISSUE aud=ssh://build7");
	f.grant.now = -1;
	assert_string_equal(
	    made(&f), "clock_wrong: the clock is wrong: -1 seconds");
	f.grant.now = 253402300799 - 299;
	assert_string_equal(
	    made(&f), "clock_wrong: the clock is wrong: 253402300500 seconds");
	f.grant.now = 253402300799 - 300;
	assert_memory_equal(made(&f), "{", 1);
	f.grant.now = 0;
	assert_memory_equal(made(&f), "{", 1);
	/* Set back between the login and the token. */
	f.grant.now = NOW;
	f.grant.auth_time = NOW + 1;
	assert_string_equal(made(&f),
	    "clock_wrong: the clock is wrong: 1700000000 seconds, and the "
	    "login was at 1700000001");
	f.grant.auth_time = NOW;
	assert_memory_equal(made(&f), "{", 1);
	f.grant.seconds = 0;
	assert_memory_equal(made(&f), "internal_error", 14);
	f.grant.seconds = ISSUER_TTL_MAX + 1;
	assert_memory_equal(made(&f), "internal_error", 14);
	end(&f);
}

static void
two_tokens_never_have_one_id(void **state)
{
	char id[2][ISSUER_ID_SIZE], *json;
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f, POLICY_ISSUER "[policy a]\naudience = **\n",
	    "ISSUE aud=ssh://build7");
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    issuer_claims_make(&f.grant, &json, id[i], NULL),
		    ISSUER_OK);
		free(json);
	}
	assert_string_not_equal(id[0], id[1]);
	end(&f);
}

/*
 * A token of claims, with a signature of so many bytes; never verified.
 */
static char *
token_of(const char *claims, size_t signature)
{
	static const char header[] =
	    "{\"alg\":\"EdDSA\",\"typ\":\"login+jwt\"}";
	unsigned char bytes[512] = {0};
	char *part[3], *token;

	part[0] = jwt_base64url_encode(
	    (const unsigned char *)header, sizeof(header) - 1);
	part[1] =
	    jwt_base64url_encode((const unsigned char *)claims, strlen(claims));
	part[2] = jwt_base64url_encode(bytes, signature);
	assert_non_null(part[0]);
	assert_non_null(part[1]);
	assert_non_null(part[2]);
	token = jwt_format("%s.%s.%s", part[0], part[1], part[2]);
	assert_non_null(token);
	free(part[0]);
	free(part[1]);
	free(part[2]);
	return token;
}

static void
a_token_of_510_bytes_fits_and_of_511_does_not(void **state)
{
	char claims[512], fill[400], *token;
	struct jwt_fault fault = {""};
	size_t len;

	(void)state;
	memset(fill, 'a', sizeof(fill));
	for (len = 200; len < 300; len++) {
		snprintf(claims, sizeof(claims), "{\"ticket\":\"%.*s\"}",
		    (int)len, fill);
		token = token_of(claims, 64);
		assert_int_equal(issuer_size_check(token, &fault),
		    strlen(token) <= 510 ? ISSUER_OK : ISSUER_TOKEN_TOO_LONG);
		assert_true((fault.text[0] == '\0') == (strlen(token) <= 510));
		fault.text[0] = '\0';
		free(token);
	}
	memset(fill, 'a', sizeof(fill));
	fill[sizeof(fill) - 1] = '\0';
	assert_int_equal(issuer_size_check(fill, NULL), ISSUER_OK);
}

static void
what_takes_the_room_is_told(void **state)
{
	char claims[3000], *token, *at = claims;
	struct jwt_fault fault;
	size_t i;

	(void)state;
	snprintf(claims, sizeof(claims),
	    "{\"iss\":\"i\",\"ticket\":\"%0200d\",\"groups\":[\"%0100d\"]}", 0,
	    0);
	token = token_of(claims, 64);
	assert_int_equal(
	    issuer_size_check(token, &fault), ISSUER_TOKEN_TOO_LONG);
	assert_string_equal(fault.text,
	    "the token would have 582 bytes, and 510 at most pass every "
	    "prompt: header 44, signature 86, payload 450, which holds claims "
	    "of 337 bytes: 'ticket' 212, 'groups' 114, 'iss' 10");
	free(token);
	token = token_of(claims, 256);
	assert_int_equal(
	    issuer_size_check(token, &fault), ISSUER_TOKEN_TOO_LONG);
	assert_non_null(strstr(fault.text,
	    "signature 342 (86 with an EdDSA or ES256 key), payload 450"));
	free(token);

	/* Many claims with long names: the sentence ends at a claim. */
	*at++ = '{';
	for (i = 0; i < 40; i++)
		at += snprintf(at, 80,
		    "%s\"%02zu-a-name-that-is-rather-long-"
		    "for-a-claim\":\"\"",
		    i == 0 ? "" : ",", i);
	snprintf(at, 2, "}");
	token = token_of(claims, 64);
	assert_int_equal(
	    issuer_size_check(token, &fault), ISSUER_TOKEN_TOO_LONG);
	assert_in_range(strlen(fault.text), 300, sizeof(fault.text) - 1);
	assert_string_equal(fault.text + strlen(fault.text) - 8, "' 47 ...");
	free(token);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_says_what_is_needed_and_no_more),
	    cmocka_unit_test(only_a_login_that_was_seen_is_told),
	    cmocka_unit_test(several_audiences_are_an_array),
	    cmocka_unit_test(the_profile_of_rfc_9068_names_its_client),
	    cmocka_unit_test(all_claims_stand_in_their_order),
	    cmocka_unit_test(nobody_chooses_what_the_issuer_sets),
	    cmocka_unit_test(
		names_of_the_system_are_checked_where_they_are_told),
	    cmocka_unit_test(a_clock_that_cannot_be_is_a_fault),
	    cmocka_unit_test(two_tokens_never_have_one_id),
	    cmocka_unit_test(a_token_of_510_bytes_fits_and_of_511_does_not),
	    cmocka_unit_test(what_takes_the_room_is_told),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
