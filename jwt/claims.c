/*
 * The steps over the signed claims that need no account: their types, the
 * kind of token, and its times.
 */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "identity.h"
#include "trial.h"

/* The times that a claims set may have; `exp` must be there. */
static enum jwt_reason
read_times(struct jwt_trial *trial)
{
	struct {
		const char *name;
		int64_t *seconds;
		bool up; /* a fraction counts against the token */
	} times[] = {
	    {"exp", &trial->exp, false},
	    {"nbf", &trial->nbf, true},
	    {"iat", &trial->iat, true},
	    {"auth_time", &trial->auth_time, false},
	};
	enum jwt_member found;
	bool fraction;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		found = jwt_claim_time(trial->token.claims, times[i].name,
		    times[i].seconds, &fraction);
		if (found == JWT_MEMBER_FOUND) {
			*times[i].seconds += fraction && times[i].up;
			continue;
		}
		*times[i].seconds = JWT_UNSET;
		if (found == JWT_MEMBER_ABSENT && i > 0)
			continue;
		trial->expected = jwt_format(
		    "%s as seconds since 1970, from 0 to the year 9999",
		    times[i].name);
		trial->seen =
		    jwt_claim_seen(trial->token.claims, times[i].name);
		return JWT_CLAIMS_INVALID;
	}
	return JWT_OK;
}

/* `aud` is a string or an array of nothing but strings. */
static bool
audience_is_readable(struct json_object *value)
{
	size_t i, count;

	if (json_object_is_type(value, json_type_string))
		return true;
	if (!json_object_is_type(value, json_type_array))
		return false;
	count = json_object_array_length(value);
	for (i = 0; i < count; i++)
		if (!json_object_is_type(
			json_object_array_get_idx(value, i), json_type_string))
			return false;
	return true;
}

enum jwt_reason
jwt_step_claims(struct jwt_trial *trial)
{
	const struct jwt_issuer *issuer = trial->issuer;
	struct json_object *claims = trial->token.claims, *value;
	const char *audience = jwt_audience_claim(trial);
	const struct jwt_user *user = &issuer->user;
	enum jwt_member found;

	if (read_times(trial) != JWT_OK)
		return JWT_CLAIMS_INVALID;
	found = jwt_claim_select(claims, audience, &value);
	if (found == JWT_MEMBER_FOUND ? !audience_is_readable(value)
				      : !issuer->audience_absent) {
		trial->expected = jwt_format("%s as a string or an array of "
					     "strings",
		    audience);
		trial->seen = jwt_claim_seen(claims, audience);
		return JWT_CLAIMS_INVALID;
	}
	if (user->claim != NULL && !jwt_user_is_readable(user, claims)) {
		trial->expected = jwt_user_type(user);
		trial->seen = jwt_claim_seen(claims, user->claim);
		return JWT_CLAIMS_INVALID;
	}
	trial->expected = jwt_format("exp, %s and %s of the right types",
	    issuer->audience_claim,
	    user->claim != NULL ? user->claim : "what the map asks for");
	return JWT_OK;
}

/* Words for a time that is compared with the clock. */
static void
say_times(struct jwt_trial *trial, const char *name, int64_t claim,
    const char *relation)
{
	char then[JWT_UTC_SIZE], now[JWT_UTC_SIZE];
	int64_t leeway = trial->issuer->leeway;

	jwt_utc(then, claim);
	jwt_utc(now, trial->attempt->now);
	trial->own = jwt_format(
	    "%s=%s now=%s leeway=%llds", name, then, now, (long long)leeway);
	trial->expected = jwt_format("%s %s now, %s, with %llds of leeway",
	    name, relation, now, (long long)leeway);
	trial->seen = strdup(then);
	jwt_say_when(trial, name, claim);
}

enum jwt_reason
jwt_step_expiry(struct jwt_trial *trial)
{
	say_times(trial, "exp", trial->exp, "after");
	/* On or after exp it has expired (RFC 7519 section 4.1.4). */
	if (trial->attempt->now >= trial->exp + trial->issuer->leeway)
		return JWT_EXPIRED;
	return JWT_OK;
}

enum jwt_reason
jwt_step_not_before(struct jwt_trial *trial)
{
	if (trial->nbf == JWT_UNSET) {
		trial->seen = strdup("absent");
		return JWT_OK;
	}
	say_times(trial, "nbf", trial->nbf, "not after");
	if (trial->nbf > trial->attempt->now + trial->issuer->leeway)
		return JWT_NOT_YET_VALID;
	return JWT_OK;
}

enum jwt_reason
jwt_step_issued(struct jwt_trial *trial)
{
	if (trial->iat == JWT_UNSET) {
		trial->seen = strdup("absent");
		return JWT_OK;
	}
	say_times(trial, "iat", trial->iat, "not after");
	if (trial->iat > trial->attempt->now + trial->issuer->leeway)
		return JWT_ISSUED_IN_FUTURE;
	return JWT_OK;
}

/* The stricter of the issuer's and the service's, JWT_UNSET counting as none. */
static int64_t
stricter(int64_t a, int64_t b)
{
	if (a == JWT_UNSET || (b != JWT_UNSET && b < a))
		return b;
	return a;
}

enum jwt_reason
jwt_step_lifetime(struct jwt_trial *trial)
{
	int64_t max, lifetime;

	max = stricter(trial->issuer->demands.max_lifetime,
	    trial->service != NULL ? trial->service->max_lifetime : JWT_UNSET);
	lifetime = trial->exp -
	           (trial->iat != JWT_UNSET ? trial->iat : trial->attempt->now);
	trial->own = jwt_format("lifetime=%llds max_lifetime=%llds",
	    (long long)lifetime, (long long)max);
	trial->expected =
	    jwt_format("a lifetime of at most %llds", (long long)max);
	trial->seen = jwt_format("%llds", (long long)lifetime);
	jwt_say_lifetime(trial, lifetime, max);
	return lifetime > max ? JWT_LIFETIME_TOO_LONG : JWT_OK;
}

/* One age; a time that is missing is too old. */
static enum jwt_reason
check_age(struct jwt_trial *trial, const char *claim, int64_t since,
    const char *demand, int64_t max)
{
	char then[JWT_UTC_SIZE], now[JWT_UTC_SIZE];

	if (max == JWT_UNSET)
		return JWT_OK;
	if (since == JWT_UNSET) {
		trial->own = jwt_format(
		    "%s=absent %s=%llds", claim, demand, (long long)max);
		trial->expected =
		    jwt_format("%s at most %llds ago", claim, (long long)max);
		trial->seen = strdup("absent");
		return JWT_TOO_OLD;
	}
	jwt_say_age(trial, claim, since, demand, max);
	/* A time to come would be young enough for ever. */
	if (since <= trial->attempt->now + trial->issuer->leeway &&
	    trial->attempt->now - since <= max + trial->issuer->leeway)
		return JWT_OK;
	jwt_utc(then, since);
	jwt_utc(now, trial->attempt->now);
	trial->own =
	    jwt_format("%s=%s now=%s %s=%llds leeway=%llds", claim, then, now,
		demand, (long long)max, (long long)trial->issuer->leeway);
	trial->expected = jwt_format("%s at most %llds ago (%s), with %llds "
				     "of leeway",
	    claim, (long long)max, demand, (long long)trial->issuer->leeway);
	trial->seen = strdup(then);
	return JWT_TOO_OLD;
}

enum jwt_reason
jwt_step_age(struct jwt_trial *trial)
{
	const struct jwt_demands *own = &trial->issuer->demands;
	const struct jwt_demands *service = trial->service;
	enum jwt_reason result;

	result = check_age(trial, "iat", trial->iat, "max_age",
	    stricter(
		own->max_age, service != NULL ? service->max_age : JWT_UNSET));
	if (result != JWT_OK)
		return result;
	result = check_age(trial, "auth_time", trial->auth_time, "max_auth_age",
	    stricter(own->max_auth_age,
		service != NULL ? service->max_auth_age : JWT_UNSET));
	if (result == JWT_OK)
		trial->expected = strdup("no more than the ages demanded");
	return result;
}
