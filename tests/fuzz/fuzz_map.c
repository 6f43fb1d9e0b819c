/*
 * A map, up to a line `--`, and the claims behind it that ask for accounts.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "files.h"
#include "jwt/trial.h"

#define PATH "/map"

/* Whether the step grants it, which must be what the lines say. */
static bool
grants(struct jwt_trial *trial, const char *user)
{
	const struct jwt_attempt attempt = {.user = user};
	const struct jwt_grant *grant;
	bool granted, wanted = false, holds;
	enum jwt_reason reason;
	size_t i, k;

	trial->attempt = &attempt;
	reason = jwt_step_user(trial);
	granted = reason == JWT_OK;
	check(granted || reason == JWT_USER_MISMATCH,
	    "the map gives another reason");
	check(granted == jwt_grants_account(trial),
	    "an account is granted and not granted");
	for (i = 0; i < trial->grants->count; i++) {
		grant = &trial->grants->at[i];
		holds = strcmp(grant->account, user) == 0;
		for (k = 0; holds && k < grant->conditions.count; k++)
			holds = jwt_condition_holds(
			    &grant->conditions.at[k], trial->token.claims);
		wanted = wanted || holds;
	}
	check(granted == wanted, "an account is granted against the lines");
	free(trial->expected);
	free(trial->seen);
	trial->expected = trial->seen = NULL;
	trial->attempt = NULL;
	return granted;
}

static bool
has_positive(const struct jwt_conditions *conditions)
{
	size_t i, count = 0;

	for (i = 0; i < conditions->count; i++)
		count += !conditions->at[i].negated &&
		         conditions->at[i].op != JWT_ABSENT;
	return count > 0;
}

static void
check_grants(struct jwt_trial *trial, struct jwt_slice claims)
{
	const struct jwt_grants *map = trial->grants;
	struct json_object *nothing = json_object_new_object();
	size_t i;

	check(map->count > 0, "a map has no grant");
	for (i = 0; i < map->count; i++) {
		check(jwt_login_name_is_well_formed(map->at[i].account),
		    "an account has no login name");
		check(has_positive(&map->at[i].conditions),
		    "an account is granted to everybody");
		trial->token.claims = nothing;
		check(!grants(trial, map->at[i].account),
		    "a token without claims is granted an account");
	}
	if (jwt_json_parse_object(claims, &trial->token.claims, NULL) ==
	    JWT_OK) {
		for (i = 0; i < map->count; i++)
			grants(trial, map->at[i].account);
		check(!grants(trial, "Nobody-at-all$"),
		    "an account is granted that has no line");
		json_object_put(trial->token.claims);
	}
	json_object_put(nothing);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice rest = {(const char *)bytes, len};
	struct jwt_issuer issuer = {.user_map = (char[]){PATH}};
	struct jwt_trial trial = {.issuer = &issuer};
	enum jwt_reason reason;

	files_clear();
	files_add(PATH, take_part(&rest));
	reason = jwt_load_grants(&trial);
	check(reason == JWT_OK || reason == JWT_CONFIG_ERROR,
	    "the reader gives another reason");
	check((reason == JWT_OK) == (trial.grants != NULL),
	    "a map comes with a refusal, or none without");
	check((reason == JWT_OK) == (trial.expected == NULL),
	    "a refusal has words, and a map that is taken has none");
	free(trial.expected);
	trial.expected = NULL;
	if (trial.grants != NULL)
		check_grants(&trial, rest);
	jwt_grants_free(trial.grants);
	return 0;
}
