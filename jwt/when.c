/*
 * Times in words, for whoever asks for them: how long ago, how long still, and
 * beside that both times.
 */
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "trial.h"

/* Adds a sentence to what was said; the words are the caller's no more. */
static void
say(struct jwt_trial *trial, char *words)
{
	char *both;

	if (words == NULL || trial->said == NULL) {
		free(trial->said);
		trial->said = words;
		return;
	}
	both = jwt_format("%s; %s", trial->said, words);
	free(trial->said);
	free(words);
	trial->said = both;
}

/* What is said of each claim, when its time is to come, and when it was. */
static const struct when {
	const char *claim, *before_coming, *after_coming, *before, *after;
} claims[] = {
    {"exp", "expires in ", "", "expired ", " ago"},
    {"nbf", "not valid for another ", "", "valid since ", " ago"},
    {"iat", "issued ", " in the future", "issued ", " ago"},
    {"auth_time", "logged in ", " in the future", "logged in ", " ago"},
};

static const struct when *
find(const char *claim)
{
	size_t i;

	for (i = 0; i + 1 < sizeof(claims) / sizeof(claims[0]); i++)
		if (strcmp(claims[i].claim, claim) == 0)
			break;
	return &claims[i];
}

/* "expired 4 min 12 s ago (THEN, now NOW)" */
static char *
relate(const char *claim, int64_t then, int64_t now)
{
	const struct when *when = find(claim);
	char duration[JWT_DURATION_SIZE];
	char then_utc[JWT_UTC_SIZE], now_utc[JWT_UTC_SIZE];
	bool coming = then > now;

	return jwt_format("%s%s%s (%s, now %s)",
	    coming ? when->before_coming : when->before,
	    jwt_duration(duration, then - now),
	    coming ? when->after_coming : when->after, jwt_utc(then_utc, then),
	    jwt_utc(now_utc, now));
}

void
jwt_say_when(struct jwt_trial *trial, const char *claim, int64_t then)
{
	char leeway[JWT_DURATION_SIZE];
	char *words;

	if (!trial->attempt->explain)
		return;
	words = relate(claim, then, trial->attempt->now);
	if (words == NULL)
		return;
	say(trial, jwt_format("%s, leeway %s", words,
		       jwt_duration(leeway, trial->issuer->leeway)));
	free(words);
}

void
jwt_say_age(struct jwt_trial *trial, const char *claim, int64_t then,
    const char *demand, int64_t max)
{
	char most[JWT_DURATION_SIZE], leeway[JWT_DURATION_SIZE];
	char *words;

	if (!trial->attempt->explain)
		return;
	words = relate(claim, then, trial->attempt->now);
	if (words == NULL)
		return;
	say(trial, jwt_format("%s, %s %s, leeway %s", words, demand,
		       jwt_duration(most, max),
		       jwt_duration(leeway, trial->issuer->leeway)));
	free(words);
}

void
jwt_say_lifetime(struct jwt_trial *trial, int64_t lifetime, int64_t max)
{
	char lives[JWT_DURATION_SIZE], most[JWT_DURATION_SIZE];

	if (!trial->attempt->explain)
		return;
	say(trial,
	    jwt_format("lives %s%s, max_lifetime %s", lifetime < 0 ? "-" : "",
		jwt_duration(lives, lifetime), jwt_duration(most, max)));
}
