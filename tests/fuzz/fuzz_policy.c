/*
 * The issuer's configuration, up to a line `--`, and a line that asks for a
 * token: what is issued by it says who asked, whatever both of them say, and
 * keeps within a policy that is for them.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "files.h"
#include "issuer/claims.h"
#include "jwt/json.h"
#include "jwt/setting.h"

#define PATH "/config"
#define NOW 1700000000
#define PERSON 1500

static void
check_policy(const struct issuer_policy *policy)
{
	size_t i;

	check(!policy->faulty, "a faulty policy is accepted");
	check(policy->audience.count > 0, "a policy has no audience");
	check(policy->lifetime >= 1 && policy->lifetime <= policy->max_lifetime,
	    "a policy's lifetime is out of bounds");
	check(policy->max_lifetime <= ISSUER_TTL_MAX,
	    "a policy's longest lifetime is out of bounds");
	check(
	    (policy->amr.count > 0) == (policy->proof == ISSUER_PROOF_PASSWORD),
	    "a policy tells of a login that nobody saw");
	check(jwt_strings_have(&policy->include, "groups") ==
		  (policy->group_claim.count > 0),
	    "a policy tells groups that nobody named");
	for (i = 0; i < policy->claims.count; i++)
		check(!issuer_claim_is_reserved(policy->claims.at[i]),
		    "a caller may set what the issuer alone may");
	check(policy->fixed.name.count == policy->fixed.value.count,
	    "a claim has no value");
}

static void
check_config(const struct issuer_config *config)
{
	size_t i;

	check(config->issuer != NULL && config->account != NULL &&
		  config->profile != NULL,
	    "something is not set");
	check((config->keys != NULL) != (config->key != NULL),
	    "there is no key, or two");
	check(config->policies > 0, "there is no policy");
	check(config->connections > 0 && config->connections_per_user > 0 &&
		  config->tokens_per_minute > 0 && config->answer_time > 0,
	    "a limit is none");
	for (i = 0; i < config->policies; i++)
		check_policy(&config->policy[i]);
}

/* A member that is a string, or "". */
static struct jwt_slice
string_of(const struct json_object *claims, const char *name)
{
	struct jwt_slice text = {"", 0};

	(void)jwt_json_string(claims, name, &text);
	return text;
}

static int64_t
number_of(const struct json_object *claims, const char *name)
{
	struct json_object *value = NULL;

	check(jwt_json_member(claims, name, &value) == JWT_MEMBER_FOUND,
	    "a time is missing");
	return json_object_get_int64(value);
}

static void
check_claims(const struct issuer_grant *grant, const char *json, const char *id)
{
	struct json_object *claims = NULL, *value = NULL;

	check(
	    jwt_json_parse_object(jwt_slice_of(json), &claims, NULL) == JWT_OK,
	    "the claims are no JSON");
	check(jwt_slice_equal(string_of(claims, "sub"),
		  jwt_slice_of(grant->person->account)) == 1,
	    "a token is somebody else's");
	check(jwt_slice_equal(string_of(claims, "iss"),
		  jwt_slice_of(grant->config->issuer)) == 1,
	    "a token has another issuer");
	check(jwt_slice_equal(string_of(claims, "jti"), jwt_slice_of(id)) == 1,
	    "a token has another id");
	check(
	    number_of(claims, "iat") == NOW && number_of(claims, "nbf") == NOW,
	    "a token has another time");
	check(number_of(claims, "exp") == NOW + grant->seconds &&
		  grant->seconds <= grant->policy->max_lifetime,
	    "a token lives too long");
	check(
	    jwt_json_member(claims, "auth_time", &value) == JWT_MEMBER_ABSENT &&
		jwt_json_member(claims, "amr", &value) == JWT_MEMBER_ABSENT &&
		jwt_json_member(claims, "acr", &value) == JWT_MEMBER_ABSENT,
	    "a token tells of a login that nobody saw");
	json_object_put(claims);
}

static void
check_grant(const struct issuer_grant *grant)
{
	const struct issuer_policy *policy = grant->policy;
	const struct issuer_request *request = grant->request;
	bool named = policy->users.count == 0 && policy->groups.count == 0;
	bool matches;
	size_t i, k;

	named = named ||
	        jwt_strings_have(&policy->users, grant->person->account) ||
	        jwt_strings_have(&policy->groups, "staff") ||
	        jwt_strings_have(&policy->groups, "ssh-users");
	check(named, "a token is issued by a policy that is for others");
	for (i = 0; i < request->audience.count; i++) {
		for (k = 0, matches = false; k < policy->audience.count; k++)
			matches = matches ||
			          jwt_glob_matches(policy->audience.at[k],
				      jwt_slice_of(request->audience.at[i]));
		check(matches, "an audience is none of the policy's");
	}
	for (i = 0; i < request->claim.count; i++)
		check(jwt_strings_have(&policy->claims, request->claim.at[i]),
		    "a claim is none of the policy's");
	check(policy->any_length || !request->any_length,
	    "a token of any length is issued against the policy");
}

static void
ask(const struct issuer_config *config, const struct issuer_request *request,
    const struct issuer_person *person)
{
	struct issuer_grant grant = {.config = config,
	    .person = person,
	    .request = request,
	    .host = "web1.example.com",
	    .now = NOW,
	    .auth_time = JWT_UNSET};
	struct jwt_fault fault = {""};
	char id[ISSUER_ID_SIZE], *json;
	enum issuer_reason reason;

	reason = issuer_policy_find(
	    config, person, request, &grant.policy, &grant.seconds, &fault);
	check((reason == ISSUER_OK) == (grant.policy != NULL),
	    "a policy comes with a refusal, or none without");
	check(
	    reason != ISSUER_INTERNAL_ERROR, "a request makes a fault of ours");
	if (reason != ISSUER_OK) {
		check(fault.text[0] != '\0', "a refusal has no words");
		return;
	}
	check(person->uid >= PERSON ||
		  jwt_strings_have(&config->system_accounts, person->account),
	    "an account of the system has a token that nobody named");
	check_grant(&grant);
	reason = issuer_claims_make(&grant, &json, id, &fault);
	/* More claims than one object may have. */
	if (reason == ISSUER_INTERNAL_ERROR)
		return;
	check(reason == ISSUER_OK, "what a policy allows has no claims");
	check_claims(&grant, json, id);
	free(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *groups[] = {(char[]){"staff"}, (char[]){"ssh-users"}};
	const struct jwt_strings has = {groups, 2};
	const struct issuer_person persons[] = {
	    {PERSON, (char[]){"deploy"}, (char[]){"The Deployer"}, has},
	    {0, (char[]){"root"}, NULL, has}};
	struct jwt_slice rest = {(const char *)bytes, len};
	struct issuer_config *config = NULL;
	struct issuer_request request;
	struct jwt_faults faults = {0};
	enum jwt_reason reason;

	files_clear();
	files_add(PATH, take_part(&rest));
	files_add("/etc/login.defs", jwt_slice_of("UID_MIN 1000\n"));
	reason = issuer_config_read(PATH, &config, &faults);
	check(reason == JWT_OK || reason == JWT_CONFIG_ERROR,
	    "the reader gives another reason");
	check((reason == JWT_OK) == (config != NULL),
	    "a configuration comes with a refusal, or none without");
	check((reason == JWT_OK) == (faults.count == 0),
	    "a refusal names a fault, and what is accepted has none");
	jwt_faults_clear(&faults);
	if (config != NULL) {
		check_config(config);
		if (rest.len > 0 && rest.at[rest.len - 1] == '\n')
			rest.len--;
		if (issuer_request_parse(rest, &request, NULL) == ISSUER_OK) {
			ask(config, &request, &persons[0]);
			ask(config, &request, &persons[1]);
		}
		issuer_request_clear(&request);
	}
	issuer_config_free(config);
	return 0;
}
