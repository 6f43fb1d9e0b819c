/*
 * What a token says.  Its signature is checked by those it is for; here its
 * payload is shown, and decides no more than whether to ask for another one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "issuer/jwt-issue.h"
#include "jwt/claim.h"
#include "jwt/setting.h"
#include "jwt/token.h"
#include "tools/private_file.h"

#define CLOCKS_DIFFER 60 /* seconds that two clocks may be apart */

static int
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return EX_OSERR;
}

static int
unreadable(const char *what, const char *why, struct jwt_fault *fault)
{
	jwt_fault_set(fault,
	    "%.200s: what the token says cannot be read: %.200s", what, why);
	return EX_DATAERR;
}

/* False: no memory. */
static bool
copy_string(const struct json_object *claims, const char *name, char **copy)
{
	struct jwt_slice text;

	if (jwt_json_string(claims, name, &text) != JWT_MEMBER_FOUND)
		return true;
	return (*copy = strndup(text.at, text.len)) != NULL;
}

/* A string, or an array of them (RFC 7519 section 4.1.3). */
static int
copy_audience(
    const char *what, struct issue_token *token, struct jwt_fault *fault)
{
	struct json_object *value, *one;
	size_t i, count = 1;
	bool is_array;

	if (jwt_json_member(token->claims, "aud", &value) == JWT_MEMBER_ABSENT)
		return EX_OK;
	is_array = json_object_is_type(value, json_type_array);
	if (is_array)
		count = json_object_array_length(value);
	for (i = 0; i < count; i++) {
		one = is_array ? json_object_array_get_idx(value, i) : value;
		if (!json_object_is_type(one, json_type_string))
			return unreadable(what,
			    "its aud is neither a string nor an array of them",
			    fault);
		if (!jwt_strings_add(
			&token->audience, json_object_get_string(one)))
			return no_memory(fault);
	}
	return EX_OK;
}

static int
copy_time(const char *what, const struct issue_token *token, const char *name,
    int64_t *seconds, struct jwt_fault *fault)
{
	char why[32];
	bool fraction;

	switch (jwt_claim_time(token->claims, name, seconds, &fraction)) {
	case JWT_MEMBER_FOUND:
		return EX_OK;
	case JWT_MEMBER_ABSENT:
		*seconds = JWT_UNSET;
		return EX_OK;
	case JWT_MEMBER_WRONG_TYPE:
		break;
	}
	*seconds = JWT_UNSET;
	snprintf(why, sizeof(why), "its %s is no time", name);
	return unreadable(what, why, fault);
}

static int
copy_claims(
    const char *what, struct issue_token *token, struct jwt_fault *fault)
{
	int result;

	if (!copy_string(token->claims, "iss", &token->issuer) ||
	    !copy_string(token->claims, "sub", &token->subject))
		return no_memory(fault);
	result = copy_audience(what, token, fault);
	if (result == EX_OK)
		result = copy_time(what, token, "iat", &token->issued, fault);
	if (result == EX_OK)
		result = copy_time(what, token, "exp", &token->expires, fault);
	return result;
}

int
issue_token_read(struct jwt_slice text, const char *what,
    struct issue_token *token, struct jwt_fault *fault)
{
	struct jwt_fault why = {{0}};
	struct jwt_token parts;
	enum jwt_reason read;
	int result;

	*token =
	    (struct issue_token){.issued = JWT_UNSET, .expires = JWT_UNSET};
	read = jwt_token_split(private_text_trim(text), &parts, &why);
	if (read == JWT_NO_MEMORY) {
		result = no_memory(fault);
	} else if (read != JWT_OK) {
		jwt_fault_set(
		    fault, "%.200s: holds no token: %.200s", what, why.text);
		result = EX_NOINPUT;
	} else if ((read = jwt_token_claims(&parts, &why)) == JWT_NO_MEMORY) {
		result = no_memory(fault);
	} else if (read != JWT_OK) {
		result = unreadable(what, why.text, fault);
	} else {
		token->claims = json_object_get(parts.claims);
		result = copy_claims(what, token, fault);
	}
	jwt_token_clear(&parts);
	return result;
}

void
issue_token_clear(struct issue_token *token)
{
	json_object_put(token->claims);
	free(token->issuer);
	free(token->subject);
	jwt_strings_clear(&token->audience);
	*token = (struct issue_token){0};
}

/*
 * Whether it will do.
 */

static bool
is_within(const struct jwt_strings *some, const struct jwt_strings *all)
{
	size_t i;

	for (i = 0; i < some->count; i++)
		if (!jwt_strings_have(all, some->at[i]))
			return false;
	return true;
}

static bool
has_claims(
    const struct issue_token *token, const struct issuer_request *request)
{
	struct jwt_slice value;
	size_t i;

	for (i = 0; i < request->claim.count; i++)
		if (jwt_json_string(token->claims, request->claim.at[i],
			&value) != JWT_MEMBER_FOUND ||
		    !jwt_slice_equal(value, jwt_slice_of(request->value.at[i])))
			return false;
	return true;
}

/*
 * Of a token that seems to come from the future nobody knows how much of its
 * life is left: the clock was set back.
 */
bool
issue_token_serves(const struct issue_token *token,
    const struct issuer_request *request, int64_t now)
{
	return token->issued != JWT_UNSET && token->expires != JWT_UNSET &&
	       token->issued <= now + CLOCKS_DIFFER && token->expires > now &&
	       (token->expires - now) * 3 > token->expires - token->issued &&
	       is_within(&token->audience, &request->audience) &&
	       is_within(&request->audience, &token->audience) &&
	       has_claims(token, request);
}

/*
 * Times for a person.
 */

struct unit {
	int64_t seconds;
	const char *name;
};

static const struct unit units[] = {
    {86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {0, NULL}};

const char *
issue_token_left(
    char out[ISSUE_LEFT_SIZE], const struct issue_token *token, int64_t now)
{
	const struct unit *unit = units;
	int64_t left, rest;

	if (token->expires == JWT_UNSET) {
		snprintf(out, ISSUE_LEFT_SIZE, "never expires");
		return out;
	}
	left = token->expires - now;
	rest = left > 0 ? left : -left;
	while (unit[1].name != NULL && rest < unit->seconds)
		unit++;
	if (left <= 0) {
		snprintf(out, ISSUE_LEFT_SIZE, "expired %lld %s ago",
		    (long long)(rest / unit->seconds), unit->name);
		return out;
	}
	if (unit[1].name == NULL || rest % unit->seconds < unit[1].seconds)
		snprintf(out, ISSUE_LEFT_SIZE, "expires in %lld %s",
		    (long long)(rest / unit->seconds), unit->name);
	else
		snprintf(out, ISSUE_LEFT_SIZE, "expires in %lld %s %lld %s",
		    (long long)(rest / unit->seconds), unit->name,
		    (long long)(rest % unit->seconds / unit[1].seconds),
		    unit[1].name);
	return out;
}
