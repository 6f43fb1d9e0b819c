/*
 * Whether a person may have the token that they ask for, and by which policy.
 */
#include <stdio.h>
#include <string.h>

#include "issuer/policy.h"
#include "jwt/setting.h"

#define QUOTED_SIZE 96  /* of a foreign text in a fault, with its NUL */
#define LISTED_SIZE 256 /* of a list in a fault, with its NUL */

/* The words of a list, cut between two of them where the room ends. */
struct listed {
	char text[LISTED_SIZE];
	size_t len;
	bool cut;
};

static void
list(struct listed *listed, const struct jwt_strings *strings)
{
	static const char dots[] = " ...";
	size_t i, len, room = sizeof(listed->text) - sizeof(dots);

	for (i = 0; i < strings->count && !listed->cut; i++) {
		len = strlen(strings->at[i]);
		listed->cut = listed->len + len + 1 > room;
		listed->len += (size_t)snprintf(listed->text + listed->len,
		    sizeof(listed->text) - listed->len, "%s%s",
		    listed->len == 0 ? "" : " ",
		    listed->cut ? dots + 1 : strings->at[i]);
	}
}

static bool
share_one(const struct jwt_strings *a, const struct jwt_strings *b)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (jwt_strings_have(b, a->at[i]))
			return true;
	return false;
}

static bool
is_for(const struct issuer_policy *policy, const struct issuer_person *person)
{
	if (policy->users.count == 0 && policy->groups.count == 0)
		return true;
	return jwt_strings_have(&policy->users, person->account) ||
	       share_one(&policy->groups, &person->groups);
}

/*
 * The root of a container looks like root (SO_PEERCRED), and an account of a
 * service that was broken into must not become a way to other hosts.
 */
static enum issuer_reason
check_account(const struct issuer_config *config,
    const struct issuer_person *person, struct jwt_fault *fault)
{
	struct jwt_fault why = {""};
	char quoted[QUOTED_SIZE];
	uid_t uid_min = 0;
	bool persons = false;

	if (jwt_strings_have(&config->system_accounts, person->account))
		return ISSUER_OK;
	if (jwt_uid_is_a_persons(person->uid, &persons, &uid_min, &why) !=
	    JWT_OK) {
		jwt_fault_set(fault,
		    "whether uid %u is a person's cannot be told: %.300s",
		    (unsigned int)person->uid,
		    why.text[0] != '\0' ? why.text : "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	/* By its name too, whatever uid the database gives it. */
	if (persons && strcmp(person->account, "root") != 0)
		return ISSUER_OK;
	jwt_quote_inside(quoted, sizeof(quoted), jwt_slice_of(person->account));
	jwt_fault_set(fault,
	    "the account %s (uid %u) asks; tokens are for accounts of persons "
	    "(UID_MIN %u) and for those that system_accounts names",
	    quoted, (unsigned int)person->uid, (unsigned int)uid_min);
	return ISSUER_USER_NOT_ALLOWED;
}

enum issuer_reason
issuer_policy_admits(const struct issuer_config *config,
    const struct issuer_person *person, struct jwt_fault *fault)
{
	struct listed groups = {.len = 0};
	char quoted[QUOTED_SIZE];
	enum issuer_reason result;
	size_t i;

	if ((result = check_account(config, person, fault)) != ISSUER_OK)
		return result;
	for (i = 0; i < config->policies; i++)
		if (is_for(&config->policy[i], person))
			return ISSUER_OK;
	list(&groups, &person->groups);
	jwt_quote_inside(quoted, sizeof(quoted), jwt_slice_of(person->account));
	jwt_fault_set(fault,
	    "no policy is for the account %s or for one of its groups: %s",
	    quoted, groups.len == 0 ? "it has none" : groups.text);
	return ISSUER_USER_NOT_ALLOWED;
}

static bool
allows(const struct issuer_policy *policy, const char *audience)
{
	size_t i;

	for (i = 0; i < policy->audience.count; i++)
		if (jwt_glob_matches(
			policy->audience.at[i], jwt_slice_of(audience)))
			return true;
	return false;
}

static bool
allows_all(
    const struct issuer_policy *policy, const struct issuer_request *request)
{
	size_t i;

	for (i = 0; i < request->audience.count; i++)
		if (!allows(policy, request->audience.at[i]))
			return false;
	return true;
}

/* Names the first audience that nothing allows, or says that each alone is. */
static enum issuer_reason
refuse_audience(const struct issuer_config *config,
    const struct issuer_person *person, const struct issuer_request *request,
    struct jwt_fault *fault)
{
	struct listed allowed = {.len = 0};
	char quoted[QUOTED_SIZE];
	size_t i, k;
	bool found;

	if (request->audience.count == 0) {
		jwt_fault_set(fault, "no audience was asked for");
		return ISSUER_AUDIENCE_NOT_ALLOWED;
	}
	for (i = 0; i < config->policies; i++)
		if (is_for(&config->policy[i], person))
			list(&allowed, &config->policy[i].audience);
	for (i = 0; i < request->audience.count; i++) {
		found = false;
		for (k = 0; k < config->policies && !found; k++)
			found =
			    is_for(&config->policy[k], person) &&
			    allows(&config->policy[k], request->audience.at[i]);
		if (found)
			continue;
		jwt_quote_inside(quoted, sizeof(quoted),
		    jwt_slice_of(request->audience.at[i]));
		jwt_fault_set(fault,
		    "the audience %s was asked for, and allowed are: %s",
		    quoted, allowed.text);
		return ISSUER_AUDIENCE_NOT_ALLOWED;
	}
	jwt_fault_set(fault,
	    "each of the %zu audiences is allowed, but no policy allows them "
	    "in one token; ask for one of them at a time",
	    request->audience.count);
	return ISSUER_AUDIENCE_NOT_ALLOWED;
}

const char *
issuer_policy_claim(const struct issuer_config *config,
    const struct issuer_policy *policy, const char *account, const char *name)
{
	const struct issuer_claims *fixed;
	size_t i, k;

	for (i = 0; i < config->users; i++) {
		fixed = &config->user[i].fixed;
		if (!jwt_strings_have(&config->user[i].names, account))
			continue;
		for (k = 0; k < fixed->name.count; k++)
			if (strcmp(fixed->name.at[k], name) == 0)
				return fixed->value.at[k];
	}
	fixed = &policy->fixed;
	for (k = 0; k < fixed->name.count; k++)
		if (strcmp(fixed->name.at[k], name) == 0)
			return fixed->value.at[k];
	return NULL;
}

static enum issuer_reason
check_claims(const struct issuer_config *config,
    const struct issuer_policy *policy, const char *account,
    const struct issuer_request *request, struct jwt_fault *fault)
{
	struct listed allowed = {.len = 0};
	char quoted[QUOTED_SIZE];
	const char *name;
	size_t i;

	list(&allowed, &policy->claims);
	for (i = 0; i < request->claim.count; i++) {
		name = request->claim.at[i];
		jwt_quote_inside(quoted, sizeof(quoted), jwt_slice_of(name));
		if (issuer_policy_claim(config, policy, account, name) !=
		    NULL) {
			jwt_fault_set(fault,
			    "the claim %s was asked for, and the configuration "
			    "sets it itself",
			    quoted);
			return ISSUER_CLAIM_NOT_ALLOWED;
		}
		if (jwt_strings_have(&policy->claims, name) &&
		    !issuer_claim_is_reserved(name))
			continue;
		jwt_fault_set(fault,
		    "the claim %s was asked for, and what policy '%s' lets a "
		    "caller add is: %s",
		    quoted, policy->label,
		    allowed.len == 0 ? "nothing" : allowed.text);
		return ISSUER_CLAIM_NOT_ALLOWED;
	}
	return ISSUER_OK;
}

static enum issuer_reason
keep_within(const struct issuer_config *config,
    const struct issuer_policy *policy, const char *account,
    const struct issuer_request *request, int64_t *seconds,
    struct jwt_fault *fault)
{
	int64_t asked =
	    request->seconds != 0 ? request->seconds : policy->lifetime;

	if (asked < 1 || asked > policy->max_lifetime) {
		jwt_fault_set(fault,
		    "a lifetime of %lld seconds was asked for, and policy '%s' "
		    "allows %lld at most",
		    (long long)asked, policy->label,
		    (long long)policy->max_lifetime);
		return ISSUER_LIFETIME_TOO_LONG;
	}
	if (request->any_length && !policy->any_length) {
		jwt_fault_set(fault,
		    "a token of any length was asked for, and policy '%s' "
		    "allows %d bytes",
		    policy->label, ISSUER_TOKEN_MAX);
		return ISSUER_TOKEN_TOO_LONG;
	}
	*seconds = asked;
	return check_claims(config, policy, account, request, fault);
}

enum issuer_reason
issuer_policy_find(const struct issuer_config *config,
    const struct issuer_person *person, const struct issuer_request *request,
    const struct issuer_policy **policy, int64_t *seconds,
    struct jwt_fault *fault)
{
	enum issuer_reason result;
	size_t i;

	*policy = NULL;
	result = issuer_policy_admits(config, person, fault);
	if (result != ISSUER_OK)
		return result;
	for (i = 0; i < config->policies; i++)
		if (is_for(&config->policy[i], person) &&
		    allows_all(&config->policy[i], request))
			break;
	/* No audience at all would be allowed by everybody. */
	if (i == config->policies || request->audience.count == 0)
		return refuse_audience(config, person, request, fault);
	result = keep_within(config, &config->policy[i], person->account,
	    request, seconds, fault);
	if (result == ISSUER_OK)
		*policy = &config->policy[i];
	return result;
}
