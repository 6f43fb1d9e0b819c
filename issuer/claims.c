#include "issuer/claims.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "jwt/base64url.h"
#include "jwt/claim.h"
#include "jwt/setting.h"

#define JSON_PLAIN (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define ID_BYTES 16    /* 128 random bits cannot meet again */
#define QUOTED_SIZE 96 /* of a foreign text in a fault, with its NUL */
#define CLIENT "jwt-issue"

/*
 * Whether all can stand in a token.
 */

static bool
includes(const struct issuer_grant *grant, const char *what)
{
	return jwt_strings_have(&grant->policy->include, what);
}

static bool
is_told(const struct issuer_policy *policy, const char *group)
{
	size_t i;

	for (i = 0; i < policy->group_claim.count; i++)
		if (jwt_glob_matches(
			policy->group_claim.at[i], jwt_slice_of(group)))
			return true;
	return false;
}

/* A name that the system has, which nobody has asked for. */
static enum issuer_reason
check_name(const char *what, const char *name, struct jwt_fault *fault)
{
	enum issuer_reason result;

	result = issuer_text_check(what, name, fault);
	return result == ISSUER_MALFORMED_REQUEST ? ISSUER_CLAIM_NOT_ALLOWED
	                                          : result;
}

static enum issuer_reason
check_names(const struct issuer_grant *grant, struct jwt_fault *fault)
{
	const struct issuer_person *person = grant->person;
	enum issuer_reason result;
	size_t i;

	result = check_name("the account's name", person->account, fault);
	if (result == ISSUER_OK && includes(grant, "name") &&
	    person->full_name != NULL)
		result = check_name(
		    "the account's full name", person->full_name, fault);
	if (result == ISSUER_OK && includes(grant, "host")) {
		if (grant->host == NULL || grant->host[0] == '\0') {
			jwt_fault_set(fault,
			    "this host has no name that a token could tell");
			return ISSUER_INTERNAL_ERROR;
		}
		result = check_name("the host's name", grant->host, fault);
	}
	if (!includes(grant, "groups"))
		return result;
	for (i = 0; result == ISSUER_OK && i < person->groups.count; i++)
		if (is_told(grant->policy, person->groups.at[i]))
			result = check_name(
			    "the name of a group", person->groups.at[i], fault);
	return result;
}

static enum issuer_reason
check_times(const struct issuer_grant *grant, struct jwt_fault *fault)
{
	if (grant->seconds < 1 || grant->seconds > ISSUER_TTL_MAX) {
		jwt_fault_set(fault, "a lifetime of %lld seconds",
		    (long long)grant->seconds);
		return ISSUER_INTERNAL_ERROR;
	}
	if (grant->now < 0 || grant->now > JWT_TIME_MAX - grant->seconds) {
		jwt_fault_set(fault, "the clock is wrong: %lld seconds",
		    (long long)grant->now);
		return ISSUER_CLOCK_WRONG;
	}
	if (grant->auth_time != JWT_UNSET &&
	    (grant->auth_time < 0 || grant->auth_time > grant->now)) {
		jwt_fault_set(fault,
		    "the clock is wrong: %lld seconds, and the login was at "
		    "%lld",
		    (long long)grant->now, (long long)grant->auth_time);
		return ISSUER_CLOCK_WRONG;
	}
	return ISSUER_OK;
}

/* Again, so that whatever came before, nobody chooses a `sub`. */
static enum issuer_reason
check_claims(const struct issuer_grant *grant, struct jwt_fault *fault)
{
	const struct jwt_strings *claim = &grant->request->claim;
	char quoted[QUOTED_SIZE];
	size_t i;

	for (i = 0; i < claim->count; i++) {
		if (!issuer_claim_is_reserved(claim->at[i]) &&
		    issuer_policy_claim(grant->config, grant->policy,
			grant->person->account, claim->at[i]) == NULL)
			continue;
		jwt_quote_inside(
		    quoted, sizeof(quoted), jwt_slice_of(claim->at[i]));
		jwt_fault_set(fault,
		    "the claim %s was asked for, and the issuer sets it itself",
		    quoted);
		return ISSUER_CLAIM_NOT_ALLOWED;
	}
	return ISSUER_OK;
}

/*
 * The claims set.
 */

/* Takes the value over, whatever happens; NULL is a value without memory. */
static bool
add(struct json_object *claims, const char *name, struct json_object *value)
{
	if (value != NULL && json_object_object_add(claims, name, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool
add_string(struct json_object *claims, const char *name, const char *text)
{
	return add(claims, name, json_object_new_string(text));
}

static bool
add_time(struct json_object *claims, const char *name, int64_t seconds)
{
	return add(claims, name, json_object_new_int64(seconds));
}

/* Of those strings that `policy` tells; NULL: of all. */
static struct json_object *
make_array(
    const struct jwt_strings *strings, const struct issuer_policy *policy)
{
	struct json_object *array, *string;
	size_t i;

	if ((array = json_object_new_array()) == NULL)
		return NULL;
	for (i = 0; i < strings->count; i++) {
		if (policy != NULL && !is_told(policy, strings->at[i]))
			continue;
		string = json_object_new_string(strings->at[i]);
		if (string != NULL && json_object_array_add(array, string) == 0)
			continue;
		json_object_put(string);
		json_object_put(array);
		return NULL;
	}
	return array;
}

/* A string where there is one, as most verifiers write it down. */
static struct json_object *
make_audience(const struct jwt_strings *audience)
{
	if (audience->count == 1)
		return json_object_new_string(audience->at[0]);
	return make_array(audience, NULL);
}

static bool
make_id(char id[ISSUER_ID_SIZE])
{
	unsigned char bytes[ID_BYTES];
	char *text;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes) ||
	    (text = jwt_base64url_encode(bytes, sizeof(bytes))) == NULL)
		return false;
	memcpy(id, text, ISSUER_ID_SIZE);
	free(text);
	return true;
}

/* What every token says; and of a login, only where one was seen. */
static bool
fill_fixed(struct json_object *claims, const struct issuer_grant *grant,
    const char *id)
{
	int64_t now = grant->now;
	bool filled;

	filled = add_string(claims, "iss", grant->config->issuer) &&
	         add_string(claims, "sub", grant->person->account) &&
	         add(claims, "aud", make_audience(&grant->request->audience)) &&
	         add_time(claims, "iat", now) && add_time(claims, "nbf", now) &&
	         add_time(claims, "exp", now + grant->seconds) &&
	         add_string(claims, "jti", id);
	/* RFC 9068 section 2.2. */
	if (filled && strcmp(grant->config->profile, "at+jwt") == 0)
		filled = add_string(claims, "client_id", CLIENT);
	if (filled && grant->auth_time != JWT_UNSET) {
		filled = add_time(claims, "auth_time", grant->auth_time);
		if (filled && grant->policy->amr.count > 0)
			filled = add(claims, "amr",
			    make_array(&grant->policy->amr, NULL));
	}
	return filled;
}

static bool
fill_included(struct json_object *claims, const struct issuer_grant *grant)
{
	const struct issuer_person *person = grant->person;
	struct json_object *groups;
	bool filled = true;

	if (includes(grant, "name") && person->full_name != NULL)
		filled = add_string(claims, "name", person->full_name);
	if (filled && includes(grant, "groups")) {
		groups = make_array(&person->groups, grant->policy);
		filled = add(claims, "groups", groups);
	}
	if (filled && includes(grant, "host"))
		filled = add_string(claims, "host", grant->host);
	return filled;
}

/* Adds those that are not there yet, by the value that wins. */
static bool
fill_set(struct json_object *claims, const struct issuer_grant *grant,
    const struct issuer_claims *set)
{
	const char *name, *value;
	size_t i;

	for (i = 0; i < set->name.count; i++) {
		name = set->name.at[i];
		if (json_object_object_get_ex(claims, name, NULL))
			continue;
		value = issuer_policy_claim(
		    grant->config, grant->policy, grant->person->account, name);
		if (!add_string(claims, name, value))
			return false;
	}
	return true;
}

static bool
fill(struct json_object *claims, const struct issuer_grant *grant,
    const char *id)
{
	const struct issuer_request *request = grant->request;
	const struct issuer_user *user;
	bool filled;
	size_t i;

	filled = fill_fixed(claims, grant, id) &&
	         fill_included(claims, grant) &&
	         fill_set(claims, grant, &grant->policy->fixed);
	for (i = 0; filled && i < grant->config->users; i++) {
		user = &grant->config->user[i];
		if (jwt_strings_have(&user->names, grant->person->account))
			filled = fill_set(claims, grant, &user->fixed);
	}
	for (i = 0; filled && i < request->claim.count; i++)
		filled = add_string(
		    claims, request->claim.at[i], request->value.at[i]);
	return filled;
}

/*
 * json-c may leave out a piece of the text when memory runs out and report
 * nothing, so only what reads back as the very same is signed.
 */
static char *
write_text(struct json_object *claims)
{
	struct json_object *again = NULL;
	struct jwt_slice text;
	char *copy = NULL;

	text.at =
	    json_object_to_json_string_length(claims, JSON_PLAIN, &text.len);
	if (text.at != NULL &&
	    jwt_json_parse_object(text, &again, NULL) == JWT_OK &&
	    json_object_equal(claims, again))
		copy = strndup(text.at, text.len);
	json_object_put(again);
	return copy;
}

enum issuer_reason
issuer_claims_make(const struct issuer_grant *grant, char **json,
    char id[ISSUER_ID_SIZE], struct jwt_fault *fault)
{
	struct json_object *claims = NULL;
	enum issuer_reason result;

	*json = NULL;
	if ((result = check_names(grant, fault)) != ISSUER_OK ||
	    (result = check_times(grant, fault)) != ISSUER_OK ||
	    (result = check_claims(grant, fault)) != ISSUER_OK)
		return result;
	if (make_id(id) && (claims = json_object_new_object()) != NULL &&
	    fill(claims, grant, id))
		*json = write_text(claims);
	json_object_put(claims);
	if (*json != NULL)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "the claims cannot be written: no memory, no random bytes, or "
	    "more than %d claims",
	    JWT_JSON_MEMBERS);
	return ISSUER_INTERNAL_ERROR;
}
