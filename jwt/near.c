#include "near.h"

#include <stdio.h>
#include <string.h>

#include "claim.h"

#define PART_MIN 4 /* bytes of an issuer that is a part of another */

/*
 * Two texts.
 */

static struct jwt_slice
without_space(struct jwt_slice text)
{
	static const char space[] = " \t\r\n";

	while (text.len > 0 && memchr(space, text.at[0], 4) != NULL)
		text = (struct jwt_slice){text.at + 1, text.len - 1};
	while (text.len > 0 && memchr(space, text.at[text.len - 1], 4) != NULL)
		text.len--;
	return text;
}

/* The bytes of a scheme in front, 0 where there is none. */
static size_t
scheme_size(struct jwt_slice text)
{
	static const char *const schemes[] = {"https://", "http://"};
	struct jwt_slice begin = {text.at, 0};
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		begin.len = strlen(schemes[i]);
		if (text.len > begin.len &&
		    jwt_slice_equal_caseless(begin, jwt_slice_of(schemes[i])))
			return begin.len;
	}
	return 0;
}

static struct jwt_slice
without_slashes(struct jwt_slice text)
{
	while (text.len > 0 && text.at[text.len - 1] == '/')
		text.len--;
	return text;
}

/* What is left of both, with no difference but those that are told. */
struct pair {
	struct jwt_slice a, b;
};

static bool
strip_space(struct pair *pair)
{
	struct pair was = *pair;

	pair->a = without_space(was.a);
	pair->b = without_space(was.b);
	return was.a.len - pair->a.len != was.b.len - pair->b.len;
}

static bool
strip_scheme(struct pair *pair)
{
	size_t a = scheme_size(pair->a), b = scheme_size(pair->b);

	/* The same one stays: its case may be the difference. */
	if (a == b)
		return false;
	pair->a = (struct jwt_slice){pair->a.at + a, pair->a.len - a};
	pair->b = (struct jwt_slice){pair->b.at + b, pair->b.len - b};
	return true;
}

static bool
strip_slashes(struct pair *pair)
{
	struct pair was = *pair;

	pair->a = without_slashes(was.a);
	pair->b = without_slashes(was.b);
	return was.a.len - pair->a.len != was.b.len - pair->b.len;
}

static bool
strip_case(struct pair *pair)
{
	return !jwt_slice_equal(pair->a, pair->b);
}

bool
jwt_near(struct jwt_slice a, struct jwt_slice b, char how[JWT_NEAR_SIZE])
{
	static const struct {
		bool (*strip)(struct pair *pair);
		const char *words;
	} steps[] = {
	    {strip_space, "white space around it"},
	    {strip_scheme, "http:// or https:// in front"},
	    {strip_slashes, "a final slash"},
	    {strip_case, "case"},
	};
	struct pair pair = {a, b};
	size_t i, used = 0;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].strip(&pair))
			used += (size_t)snprintf(how + used,
			    JWT_NEAR_SIZE - used, "%s%s",
			    used > 0 ? " and " : "", steps[i].words);
	return used > 0 && pair.a.len > 0 &&
	       jwt_slice_equal_caseless(pair.a, pair.b);
}

/* Whether a URL's path goes on behind another one, no bare `https://`. */
static bool
begins_with_path(struct jwt_slice text, struct jwt_slice path)
{
	path = without_slashes(path);
	return path.len >= scheme_size(path) + PART_MIN &&
	       path.at[path.len - 1] != ':' && text.len > path.len &&
	       text.at[path.len] == '/' &&
	       memcmp(text.at, path.at, path.len) == 0;
}

static bool
ends_with_path(struct jwt_slice text, struct jwt_slice path)
{
	const char *from;

	if (path.len < PART_MIN || text.len <= path.len)
		return false;
	from = text.at + text.len - path.len;
	return memcmp(from, path.at, path.len) == 0 &&
	       (from[0] == '/' || from[-1] == '/');
}

/*
 * The steps.
 */

/* One spelling that is configured; `parts`: whether one is in the other. */
static void
note_one_issuer(struct jwt_trial *trial, const struct jwt_issuer *issuer,
    const char *spelling, struct jwt_slice iss, bool parts)
{
	struct jwt_slice wanted = jwt_slice_of(spelling);
	char how[JWT_NEAR_SIZE];

	if (!parts) {
		if (jwt_near(wanted, iss, how))
			trial->note = jwt_format(
			    "iss differs from the issuer of [issuer %.64s] "
			    "only by %s: %.200s (configured)",
			    issuer->label, how, spelling);
	} else if (begins_with_path(iss, wanted) ||
		   ends_with_path(iss, wanted)) {
		trial->note = jwt_format("iss is longer than the issuer of "
					 "[issuer %.64s], of which it has all: "
					 "%.200s (configured)",
		    issuer->label, spelling);
	} else if (begins_with_path(wanted, iss) ||
		   ends_with_path(wanted, iss)) {
		trial->note = jwt_format("iss is only a part of the issuer of "
					 "[issuer %.64s]: %.200s (configured)",
		    issuer->label, spelling);
	}
}

static void
note_issuer(struct jwt_trial *trial)
{
	const struct jwt_config *config = trial->attempt->config;
	const struct jwt_issuer *issuer;
	struct jwt_slice iss = {0};
	size_t i, j;
	int parts;

	(void)jwt_json_string(trial->token.outline, "iss", &iss);
	for (parts = 0; parts < 2; parts++)
		for (i = 0; i < config->issuers; i++) {
			issuer = &config->issuer[i];
			for (j = 0;
			     j < issuer->issuer.count && trial->note == NULL;
			     j++)
				note_one_issuer(trial, issuer,
				    issuer->issuer.at[j], iss, parts == 1);
		}
}

static bool
is_edwards(const struct jwt_algorithm *algorithm)
{
	return algorithm->kty == JWT_KTY_OKP;
}

static void
note_algorithm(struct jwt_trial *trial)
{
	const struct jwt_algorithms *allowed = &trial->issuer->algorithms;
	const struct jwt_algorithm *algorithm = trial->token.algorithm;
	char how[JWT_NEAR_SIZE];
	size_t i;

	for (i = 0; i < allowed->count && trial->note == NULL; i++) {
		/* One of them is EdDSA, else two curves are meant. */
		if (algorithm != NULL && is_edwards(algorithm) &&
		    is_edwards(allowed->at[i]) &&
		    (algorithm->curve == NULL || allowed->at[i]->curve == NULL))
			trial->note = jwt_format(
			    "%s is the same kind of signature as %s, under "
			    "another name (RFC 9864): name it in algorithms, "
			    "too",
			    algorithm->name, allowed->at[i]->name);
		else if (jwt_near(jwt_slice_of(allowed->at[i]->name),
			     trial->token.alg, how))
			trial->note = jwt_format("alg differs from %s only by "
						 "%s",
			    allowed->at[i]->name, how);
	}
	if (trial->note == NULL &&
	    jwt_slice_equal_caseless(trial->token.alg, jwt_slice_of("none")))
		trial->note = strdup("this alg says that nobody has signed "
				     "the token; no setting takes it");
}

static void
note_key(struct jwt_trial *trial)
{
	const struct jwt_keyset *keys = trial->keys;
	char how[JWT_NEAR_SIZE];
	struct jwt_slice kid;
	size_t i;

	/* Of fetched keys none was read where none has this name. */
	if (!trial->token.has_kid || keys == NULL)
		return;
	for (i = 0; i < keys->count && trial->note == NULL; i++) {
		if (keys->key[i].kid == NULL)
			continue;
		kid =
		    (struct jwt_slice){keys->key[i].kid, keys->key[i].kid_len};
		if (jwt_near(kid, trial->token.kid, how))
			trial->note = jwt_format(
			    "kid differs from that of a key in %.120s only by "
			    "%s: %.*s",
			    trial->issuer->keys, how,
			    kid.len > 120 ? 120 : (int)kid.len, kid.at);
	}
}

/* A time that is there and cannot be read. */
static void
note_time(struct jwt_trial *trial, const char *name)
{
	struct json_object *value = NULL;

	(void)jwt_json_member(trial->token.claims, name, &value);
	if (json_object_is_type(value, json_type_string))
		trial->note = jwt_format(
		    "%s is a string; it has to be a number, without quotes",
		    name);
	else if (json_object_is_type(value, json_type_int) &&
		 json_object_get_int64(value) > JWT_TIME_MAX)
		trial->note = jwt_format(
		    "%s seems to count milliseconds, as Date.now() does in "
		    "JavaScript; it has to count seconds",
		    name);
}

/* The first claim that was missed, as claims.c looks for them. */
static void
note_claims(struct jwt_trial *trial)
{
	static const char *const times[] = {"exp", "nbf", "iat", "auth_time"};
	struct json_object *claims = trial->token.claims, *value;
	enum jwt_member found;
	bool fraction;
	int64_t time;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		found = jwt_claim_time(claims, times[i], &time, &fraction);
		if (found == JWT_MEMBER_ABSENT && i == 0) {
			trial->note = strdup("a token without exp is not "
					     "taken, and no setting changes "
					     "that: its issuer has to set one");
			return;
		}
		if (found == JWT_MEMBER_WRONG_TYPE) {
			note_time(trial, times[i]);
			return;
		}
	}
	if (!trial->issuer->audience_absent &&
	    jwt_claim_select(claims, jwt_audience_claim(trial), &value) ==
		JWT_MEMBER_ABSENT)
		trial->note = jwt_format("the token has no %.64s; only where "
					 "[issuer %.64s] has audience_absent = "
					 "yes is that taken",
		    jwt_audience_claim(trial), trial->issuer->label);
}

/* Before the signature: what is missed is `iss`. */
static void
note_outline(struct jwt_trial *trial)
{
	struct json_object *value;

	if (jwt_json_member(trial->token.outline, "iss", &value) ==
	    JWT_MEMBER_ABSENT)
		trial->note = strdup("the token has no iss; only a section "
				     "with issuer_absent = yes takes such "
				     "tokens");
}

/* An address of which the login name is what stands before its @. */
static bool
is_address_of(struct jwt_slice claim, const char *user)
{
	size_t len = strlen(user);

	return len > 0 && claim.len > len + 1 && claim.at[len] == '@' &&
	       memcmp(claim.at, user, len) == 0 &&
	       memchr(claim.at + len + 1, '@', claim.len - len - 1) == NULL;
}

static void
note_user(struct jwt_trial *trial)
{
	const char *name = trial->issuer->user.claim;
	const char *user = trial->attempt->user;
	char how[JWT_NEAR_SIZE];
	struct jwt_slice claim;

	if (trial->grants != NULL || name == NULL ||
	    trial->issuer->user.domain != NULL ||
	    jwt_claim_string(trial->token.claims, name, &claim) !=
		JWT_MEMBER_FOUND)
		return;
	if (jwt_near(jwt_slice_of(user), claim, how)) {
		trial->note = jwt_format(
		    "%.64s differs from the login name only by %s", name, how);
	} else if (is_address_of(claim, user)) {
		trial->note = jwt_format(
		    "%.64s is an address with the login name before its @: "
		    "user = %.64s without @DOMAIN takes those of one domain",
		    name, name);
		trial->noted = jwt_excerpt(claim);
	}
}

void
jwt_note_near(struct jwt_trial *trial, enum jwt_reason reason)
{
	if (reason == JWT_UNKNOWN_ISSUER)
		note_issuer(trial);
	else if (reason == JWT_ALGORITHM_NOT_ALLOWED)
		note_algorithm(trial);
	else if (reason == JWT_UNKNOWN_KEY)
		note_key(trial);
	else if (reason == JWT_AUDIENCE_MISMATCH)
		jwt_note_near_audience(trial);
	else if (reason == JWT_USER_MISMATCH)
		note_user(trial);
	else if (reason == JWT_CLAIMS_INVALID && trial->token.claims != NULL)
		note_claims(trial);
	else if (reason == JWT_CLAIMS_INVALID && trial->token.outline != NULL)
		note_outline(trial);
}
