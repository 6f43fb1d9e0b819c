/*
 * Which grants of the map were tried for a login name, and by what each of
 * them failed: for whoever must explain, never for a login.
 */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "trial.h"

/* Its conditions as they were written; NULL: no memory. */
static char *
join_conditions(const struct jwt_conditions *conditions)
{
	char *joined = NULL, *longer;
	size_t i;

	for (i = 0; i < conditions->count; i++) {
		longer = joined == NULL ? strdup(conditions->at[i].text)
		                        : jwt_format("%s, %s", joined,
					      conditions->at[i].text);
		free(joined);
		if ((joined = longer) == NULL)
			return NULL;
	}
	return joined;
}

/* false: no memory, and `tried` holds nothing. */
static bool
try_grant(const struct jwt_grant *grant, struct json_object *claims,
    struct jwt_tried *tried)
{
	const struct jwt_condition *unmet;
	size_t i;

	*tried = (struct jwt_tried){.line = grant->line, .passed = true};
	tried->conditions = join_conditions(&grant->conditions);
	for (i = 0; i < grant->conditions.count && tried->passed; i++) {
		unmet = &grant->conditions.at[i];
		if (jwt_condition_holds(unmet, claims))
			continue;
		tried->passed = false;
		tried->unmet = strdup(unmet->text);
		tried->seen = jwt_condition_seen(unmet, claims);
	}
	if (tried->conditions != NULL &&
	    (tried->passed || (tried->unmet != NULL && tried->seen != NULL)))
		return true;
	jwt_tried_clear(tried);
	return false;
}

void
jwt_record_grants(struct jwt_trial *trial)
{
	const struct jwt_grants *grants = trial->grants;
	struct jwt_map_trial *map;
	bool granted = false;
	size_t i;

	if (!trial->attempt->explain)
		return;
	map = &trial->verdict->map;
	if ((map->path = strdup(grants->path)) == NULL)
		return;
	map->tried = calloc(JWT_TRIED_MAX, sizeof(*map->tried));
	for (i = 0; i < grants->count; i++) {
		if (strcmp(grants->at[i].account, trial->attempt->user) != 0) {
			map->others++;
			continue;
		}
		/* The first one that holds ends it. */
		if (granted)
			continue;
		if (map->tried == NULL || map->count == JWT_TRIED_MAX ||
		    !try_grant(&grants->at[i], trial->token.claims,
			&map->tried[map->count])) {
			map->more++;
			continue;
		}
		granted = map->tried[map->count++].passed;
	}
}

void
jwt_tried_clear(struct jwt_tried *tried)
{
	free(tried->conditions);
	free(tried->unmet);
	free(tried->seen);
	*tried = (struct jwt_tried){0};
}
