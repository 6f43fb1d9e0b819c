#include "grants.h"

#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "file.h"
#include "identity.h"
#include "trial.h"

static bool
has_positive(const struct jwt_conditions *conditions)
{
	size_t i;

	for (i = 0; i < conditions->count; i++)
		if (conditions->at[i].op != JWT_ABSENT &&
		    !conditions->at[i].negated)
			return true;
	return false;
}

/* One line into one grant, which the caller clears on a fault. */
static enum jwt_reason
parse_grant(const struct jwt_line *line, struct jwt_grant *grant,
    struct jwt_fault *fault)
{
	enum jwt_reason result;

	if (line->words.at[0].comma || line->words.count < 2 ||
	    line->words.at[1].comma) {
		jwt_fault_set(fault, "a grant is an account and then, after "
				     "white space, its conditions");
		return JWT_CONFIG_ERROR;
	}
	if (!jwt_login_name_is_well_formed(line->words.at[0].text)) {
		jwt_fault_set(
		    fault, "'%.100s' is no login name", line->words.at[0].text);
		return JWT_CONFIG_ERROR;
	}
	grant->line = line->line;
	if ((grant->account = strdup(line->words.at[0].text)) == NULL)
		return JWT_NO_MEMORY;
	result = jwt_conditions_parse(&grant->conditions, &line->words.at[1],
	    line->words.count - 1, fault);
	if (result == JWT_OK && !has_positive(&grant->conditions)) {
		jwt_fault_set(fault,
		    "the grant to '%.100s' needs a condition with is, has or "
		    "matches that is not negated",
		    grant->account);
		return JWT_CONFIG_ERROR;
	}
	return result;
}

static enum jwt_reason
add_grant(struct jwt_grants *grants, const struct jwt_line *line,
    struct jwt_fault *fault)
{
	struct jwt_grant *grown;

	grown = reallocarray(grants->at, grants->count + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	grants->at = grown;
	grown[grants->count] = (struct jwt_grant){0};
	return parse_grant(line, &grown[grants->count++], fault);
}

static enum jwt_reason
read_lines(struct jwt_grants *grants, struct jwt_slice bytes,
    struct jwt_faults *faults)
{
	struct jwt_lines lines = {.rest = bytes, .form = JWT_LINES_GRANTS};
	enum jwt_reason result, worst = JWT_OK;
	struct jwt_fault fault = {""};
	struct jwt_line line;

	for (;;) {
		result = jwt_lines_next(&lines, &line, &fault);
		if (result == JWT_OK && line.line == 0)
			return worst;
		if (result == JWT_OK)
			result = add_grant(grants, &line, &fault);
		if (result == JWT_CONFIG_ERROR)
			worst = result = jwt_faults_add(
			    faults, grants->path, line.line, "%s", fault.text);
		jwt_line_clear(&line);
		if (result == JWT_NO_MEMORY)
			return result;
	}
}

enum jwt_reason
jwt_grants_read(
    const char *path, struct jwt_grants **grants, struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct jwt_fault fault = {""};
	struct jwt_grants *read = NULL;
	struct jwt_file file;

	result = jwt_file_read(path, JWT_CONFIG_MAX, &file, &fault);
	if (result == JWT_CONFIG_ERROR)
		return jwt_faults_add(faults, NULL, 0, "%s", fault.text);
	if (result != JWT_OK)
		return result;
	result = JWT_NO_MEMORY;
	if ((read = calloc(1, sizeof(*read))) == NULL ||
	    (read->path = strdup(path)) == NULL)
		goto out;
	result =
	    read_lines(read, (struct jwt_slice){file.bytes, file.len}, faults);
	if (result == JWT_OK && read->count == 0)
		result = jwt_faults_add(
		    faults, path, 0, "has no grant, so no token would log in");
out:
	jwt_file_free(&file);
	if (result == JWT_OK)
		*grants = read;
	else
		jwt_grants_free(read);
	return result;
}

void
jwt_grants_free(struct jwt_grants *grants)
{
	size_t i;

	if (grants == NULL)
		return;
	for (i = 0; i < grants->count; i++) {
		free(grants->at[i].account);
		jwt_conditions_clear(&grants->at[i].conditions);
	}
	free(grants->at);
	free(grants->path);
	free(grants);
}

enum jwt_reason
jwt_load_grants(struct jwt_trial *trial)
{
	struct jwt_faults faults = {0};
	enum jwt_reason result;

	if (trial->issuer->user_map == NULL)
		return JWT_OK;
	result =
	    jwt_grants_read(trial->issuer->user_map, &trial->grants, &faults);
	if (result == JWT_CONFIG_ERROR && faults.count > 0) {
		free(trial->expected);
		trial->expected = strdup(faults.at[0].text);
		/* The fault is the map's, not that of the issuer in the token. */
		free(trial->seen);
		trial->seen = NULL;
	}
	jwt_faults_clear(&faults);
	return result;
}

static const struct jwt_condition *
first_unmet(const struct jwt_grant *grant, struct json_object *claims)
{
	size_t i;

	for (i = 0; i < grant->conditions.count; i++)
		if (!jwt_condition_holds(&grant->conditions.at[i], claims))
			return &grant->conditions.at[i];
	return NULL;
}

/* The line of the grant that gives the account, or 0; `*near` of one that
 * names the account and the condition that failed there. */
static unsigned int
find_grant(const struct jwt_trial *trial, unsigned int *near,
    const struct jwt_condition **unmet)
{
	const struct jwt_grants *grants = trial->grants;
	size_t i;

	*near = 0;
	*unmet = NULL;
	for (i = 0; i < grants->count; i++) {
		if (strcmp(grants->at[i].account, trial->attempt->user) != 0)
			continue;
		*near = grants->at[i].line;
		*unmet = first_unmet(&grants->at[i], trial->token.claims);
		if (*unmet == NULL)
			return grants->at[i].line;
	}
	return 0;
}

bool
jwt_grants_account(const struct jwt_trial *trial)
{
	const struct jwt_condition *unmet;
	unsigned int near;

	if (trial->grants != NULL)
		return find_grant(trial, &near, &unmet) != 0;
	return trial->issuer->user.claim != NULL &&
	       jwt_user_grants(&trial->issuer->user, trial->token.claims,
		   trial->attempt->user);
}

static enum jwt_reason
step_map(struct jwt_trial *trial)
{
	const struct jwt_condition *unmet;
	unsigned int line, near;

	jwt_record_grants(trial);
	if ((line = find_grant(trial, &near, &unmet)) != 0) {
		trial->expected = jwt_format(
		    "a grant, found at %s:%u", trial->grants->path, line);
		return JWT_OK;
	}
	if (unmet == NULL) {
		trial->expected = jwt_format("a grant to this account in %s, "
					     "which has none",
		    trial->grants->path);
		return JWT_USER_MISMATCH;
	}
	trial->expected = jwt_format("%s (%s:%u, the last grant to this "
				     "account)",
	    unmet->text, trial->grants->path, near);
	trial->seen = jwt_condition_seen(unmet, trial->token.claims);
	return JWT_USER_MISMATCH;
}

enum jwt_reason
jwt_step_user(struct jwt_trial *trial)
{
	if (trial->grants != NULL)
		return step_map(trial);
	trial->expected = jwt_user_expected(&trial->issuer->user);
	trial->seen =
	    jwt_claim_seen(trial->token.claims, trial->issuer->user.claim);
	return jwt_grants_account(trial) ? JWT_OK : JWT_USER_MISMATCH;
}
