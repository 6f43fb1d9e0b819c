#include "issuer/policy.h"

#include <stdlib.h>
#include <string.h>

#include "issuer/settings.h"

#define MINUTE 60
#define HOUR 3600

/*
 * Last checks, of what no single setting can tell, and defaults.
 */

/* Adds a fault of a section; only the lack of memory ends the checks. */
#define FAULT(line, ...)                                         \
	do {                                                     \
		if (jwt_faults_add(faults, config->source, line, \
			__VA_ARGS__) == JWT_NO_MEMORY)           \
			return JWT_NO_MEMORY;                    \
	} while (0)

static enum jwt_reason
check_issuer(const struct issuer_draft *draft, struct jwt_faults *faults)
{
	const struct issuer_config *config = draft->config;

	if (draft->line == 0)
		FAULT(0, "has no [issuer] section");
	if (draft->line == 0 || draft->faulty)
		return JWT_OK;
	if (config->issuer == NULL)
		FAULT(draft->line, "[issuer] has no issuer");
	if (config->keys == NULL && config->key == NULL)
		FAULT(draft->line, "[issuer] has no keys (or key)");
	if (config->keys != NULL && config->key != NULL)
		FAULT(draft->line, "keys and key exclude each other");
	if (config->key != NULL && config->provider == NULL &&
	    issuer_key_credential(config->key) == NULL)
		FAULT(draft->line,
		    "key is a URI, and no provider of OpenSSL is named that "
		    "finds it: `provider`");
	if (config->provider != NULL &&
	    (config->key == NULL || issuer_key_credential(config->key) != NULL))
		FAULT(draft->line, "provider goes with a URI: `key`");
	/* Messages show the URI, so this one does not. */
	if (config->key != NULL && issuer_key_holds_pin(config->key))
		FAULT(draft->line,
		    "key holds a PIN (pin-value): put it into a file that the "
		    "signing account alone may read, and name that by "
		    "pin-source");
	if (config->kid != NULL && config->key == NULL)
		FAULT(draft->line,
		    "kid names the key of `key`; those of a key folder have "
		    "their thumbprints");
	if (config->rotate_every != JWT_UNSET && config->keys == NULL)
		FAULT(draft->line, "rotate_every needs keys, a key folder");
	if (config->rotate_every != JWT_UNSET &&
	    config->rotate_every < config->publish_before)
		FAULT(draft->line,
		    "rotate_every is shorter than publish_before, for which "
		    "each next key waits");
	return JWT_OK;
}

static enum jwt_reason
check_times(const struct issuer_config *config, struct issuer_policy *policy,
    struct jwt_faults *faults)
{
	if (policy->max_lifetime == JWT_UNSET)
		policy->max_lifetime = HOUR;
	if (policy->lifetime == JWT_UNSET)
		policy->lifetime = policy->max_lifetime < 5 * MINUTE
		                       ? policy->max_lifetime
		                       : 5 * MINUTE;
	if (policy->max_lifetime > ISSUER_TTL_MAX)
		FAULT(policy->line,
		    "the max_lifetime of policy '%s' is longer than 24h, the "
		    "most that verifiers take by default",
		    policy->label);
	if (policy->lifetime > policy->max_lifetime)
		FAULT(policy->line,
		    "the lifetime of policy '%s' is longer than its "
		    "max_lifetime, %llds",
		    policy->label, (long long)policy->max_lifetime);
	return JWT_OK;
}

static enum jwt_reason
check_policy(const struct issuer_config *config, struct issuer_policy *policy,
    struct jwt_faults *faults)
{
	bool groups;
	size_t i;

	if (policy->faulty)
		return JWT_OK;
	if (policy->audience.count == 0)
		FAULT(policy->line,
		    "the section of policy '%s' has no audience",
		    policy->label);
	if (policy->amr.count > 0 && policy->proof != ISSUER_PROOF_PASSWORD)
		FAULT(policy->line,
		    "policy '%s' has amr without proof = password, which alone "
		    "sees how a person logs in",
		    policy->label);
	/* Else somebody publishes all groups, and never meant to. */
	groups = jwt_strings_have(&policy->include, "groups");
	if (groups != (policy->group_claim.count > 0))
		FAULT(policy->line,
		    groups ? "policy '%s' includes groups and says by no "
			     "group_claim which"
			   : "policy '%s' has group_claim and does not include "
			     "groups",
		    policy->label);
	for (i = 0; i < policy->fixed.name.count; i++)
		if (jwt_strings_have(&policy->claims, policy->fixed.name.at[i]))
			FAULT(policy->line,
			    "policy '%s' sets the claim '%.100s', so no caller "
			    "may add it",
			    policy->label, policy->fixed.name.at[i]);
	if (policy->proof == ISSUER_PROOF_PASSWORD && policy->amr.count == 0 &&
	    !jwt_strings_add(&policy->amr, "pwd"))
		return JWT_NO_MEMORY;
	return check_times(config, policy, faults);
}

static enum jwt_reason
complete(const struct issuer_draft *draft, struct jwt_faults *faults)
{
	struct issuer_config *config = draft->config;
	enum jwt_reason result;
	size_t i;

	result = check_issuer(draft, faults);
	for (i = 0; result == JWT_OK && i < config->policies; i++)
		result = check_policy(config, &config->policy[i], faults);
	if (result != JWT_OK)
		return result;
	if (faults->count == 0 && config->policies == 0)
		FAULT(0, "has no [policy LABEL] section, so nobody would get a "
			 "token");
	for (i = 0; faults->count == 0 && i < config->users; i++)
		if (config->user[i].fixed.name.count == 0)
			FAULT(config->user[i].line,
			    "the section of user '%.100s' sets no claim",
			    config->user[i].names.at[0]);
	if (faults->count > 0)
		return JWT_CONFIG_ERROR;
	if (config->account == NULL &&
	    (config->account = strdup("jwt-issuer")) == NULL)
		return JWT_NO_MEMORY;
	if (config->profile == NULL &&
	    (config->profile = strdup("login+jwt")) == NULL)
		return JWT_NO_MEMORY;
	return JWT_OK;
}

static struct issuer_config *
new_config(const char *source)
{
	struct issuer_config *config;

	if ((config = calloc(1, sizeof(*config))) == NULL)
		return NULL;
	*config = (struct issuer_config){.publish_before = 24 * HOUR,
	    .cache = 6 * HOUR,
	    .leeway = 60,
	    .rotate_every = JWT_UNSET,
	    .answer_time = 60,
	    .connections = 64,
	    .connections_per_user = 4,
	    .tokens_per_minute = 30};
	if ((config->source = strdup(source)) == NULL) {
		free(config);
		return NULL;
	}
	return config;
}

enum jwt_reason
issuer_config_read(
    const char *path, struct issuer_config **config, struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct issuer_draft draft = {0};
	struct jwt_reader reader;

	if ((draft.config = new_config(path)) == NULL)
		return JWT_NO_MEMORY;
	reader = issuer_reader(&draft, faults);
	result = jwt_reader_file(&reader, path);
	if (result == JWT_OK)
		result = complete(&draft, faults);
	if (result == JWT_OK)
		*config = draft.config;
	else
		issuer_config_free(draft.config);
	return result;
}

static void
clear_claims(struct issuer_claims *claims)
{
	jwt_strings_clear(&claims->name);
	jwt_strings_clear(&claims->value);
}

static void
clear_policy(struct issuer_policy *policy)
{
	free(policy->label);
	jwt_strings_clear(&policy->users);
	jwt_strings_clear(&policy->groups);
	jwt_strings_clear(&policy->audience);
	jwt_strings_clear(&policy->claims);
	jwt_strings_clear(&policy->include);
	jwt_strings_clear(&policy->group_claim);
	jwt_strings_clear(&policy->amr);
	clear_claims(&policy->fixed);
}

void
issuer_config_free(struct issuer_config *config)
{
	size_t i;

	if (config == NULL)
		return;
	for (i = 0; i < config->policies; i++)
		clear_policy(&config->policy[i]);
	for (i = 0; i < config->users; i++) {
		jwt_strings_clear(&config->user[i].names);
		clear_claims(&config->user[i].fixed);
	}
	free(config->policy);
	free(config->user);
	free(config->source);
	free(config->issuer);
	free(config->keys);
	free(config->key);
	free(config->provider);
	free(config->kid);
	free(config->account);
	free(config->profile);
	jwt_strings_clear(&config->system_accounts);
	jwt_strings_clear(&config->pam_paths);
	jwt_strings_clear(&config->capabilities);
	free(config);
}

int64_t
issuer_config_longest(const struct issuer_config *config)
{
	int64_t longest = 0;
	size_t i;

	for (i = 0; i < config->policies; i++)
		if (config->policy[i].max_lifetime > longest)
			longest = config->policy[i].max_lifetime;
	return longest;
}
