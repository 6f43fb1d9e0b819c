/*
 * The sections of /etc/security/jwt-issuer.conf and the keys in them.
 */
#include <stdlib.h>
#include <string.h>

#include "issuer/settings.h"

#define OF_ISSUER(field) offsetof(struct issuer_config, field)
#define OF_POLICY(field) offsetof(struct issuer_policy, field)
#define OF_USER(field) offsetof(struct issuer_user, field)

static const struct jwt_setting of_issuer[] = {
    {"issuer", false, OF_ISSUER(issuer), jwt_apply_string,
	issuer_token_text_fault},
    {"keys", false, OF_ISSUER(keys), jwt_apply_string, jwt_path_fault},
    {"key", false, OF_ISSUER(key), jwt_apply_string, issuer_key_fault},
    {"provider", false, OF_ISSUER(provider), jwt_apply_string,
	issuer_provider_fault},
    {"kid", false, OF_ISSUER(kid), jwt_apply_string, issuer_token_text_fault},
    {"user", false, OF_ISSUER(account), jwt_apply_string, jwt_account_fault},
    {"profile", false, OF_ISSUER(profile), jwt_apply_string,
	issuer_profile_fault},
    {"system_accounts", false, OF_ISSUER(system_accounts), jwt_apply_strings,
	jwt_account_fault},
    {"publish_before", false, OF_ISSUER(publish_before), jwt_apply_duration,
	NULL},
    {"cache", false, OF_ISSUER(cache), jwt_apply_duration, NULL},
    {"leeway", false, OF_ISSUER(leeway), jwt_apply_leeway, NULL},
    {"rotate_every", false, OF_ISSUER(rotate_every), issuer_apply_span, NULL},
    {"answer_time", false, OF_ISSUER(answer_time), issuer_apply_span, NULL},
    {"connections", false, OF_ISSUER(connections), issuer_apply_count, NULL},
    {"connections_per_user", false, OF_ISSUER(connections_per_user),
	issuer_apply_count, NULL},
    {"tokens_per_minute", false, OF_ISSUER(tokens_per_minute),
	issuer_apply_count, NULL},
    {"pam_paths", false, OF_ISSUER(pam_paths), jwt_apply_strings,
	jwt_path_fault},
    {"capabilities", false, OF_ISSUER(capabilities), jwt_apply_strings,
	issuer_capability_fault},
};

static const struct jwt_setting of_policies[] = {
    {"users", false, OF_POLICY(users), jwt_apply_strings, jwt_account_fault},
    {"groups", false, OF_POLICY(groups), jwt_apply_strings,
	issuer_token_text_fault},
    {"audience", false, OF_POLICY(audience), jwt_apply_strings,
	issuer_glob_fault},
    {"proof", false, OF_POLICY(proof), issuer_apply_proof, NULL},
    {"lifetime", false, OF_POLICY(lifetime), issuer_apply_span, NULL},
    {"max_lifetime", false, OF_POLICY(max_lifetime), issuer_apply_span, NULL},
    {"claims", false, OF_POLICY(claims), jwt_apply_strings,
	issuer_claim_name_fault},
    {"include", false, OF_POLICY(include), jwt_apply_strings,
	issuer_include_fault},
    {"group_claim", false, OF_POLICY(group_claim), jwt_apply_strings,
	issuer_glob_fault},
    {"amr", false, OF_POLICY(amr), jwt_apply_strings, issuer_amr_fault},
    {"any_length", false, OF_POLICY(any_length), jwt_apply_flag, NULL},
    {"claim", true, OF_POLICY(fixed), issuer_apply_claim,
	issuer_token_text_fault},
};

static const struct jwt_setting of_users[] = {
    {"claim", true, OF_USER(fixed), issuer_apply_claim,
	issuer_token_text_fault},
};

static enum jwt_reason
begin_issuer(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct issuer_draft *draft = reader->config;
	bool again = draft->line != 0;

	draft->line = line->line;
	if (again)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "[issuer] stands here a second time");
	reader->base = draft->config;
	reader->faulty = &draft->faulty;
	if (line->words.count == 1)
		return JWT_OK;
	return jwt_faults_add(reader->faults, reader->source, line->line,
	    "the issuer's section has no label, [issuer]");
}

static const char *
label_fault(const struct issuer_config *config, const char *label)
{
	const char *wrong;
	size_t i;

	if ((wrong = jwt_label_fault(label)) != NULL)
		return wrong;
	for (i = 0; i < config->policies; i++)
		if (strcmp(config->policy[i].label, label) == 0)
			return "another section has this label";
	return NULL;
}

static enum jwt_reason
begin_policy(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct issuer_config *config =
	    ((struct issuer_draft *)reader->config)->config;
	struct issuer_policy *grown, *policy;
	const char *label, *wrong;

	if (line->words.count != 2)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line,
		    "a policy's section has one label, [policy LABEL]");
	label = line->words.at[1].text;
	if ((wrong = label_fault(config, label)) != NULL)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "'%.100s': %s", label, wrong);
	grown =
	    reallocarray(config->policy, config->policies + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	config->policy = grown;
	policy = &grown[config->policies];
	*policy = (struct issuer_policy){.line = line->line,
	    .lifetime = JWT_UNSET,
	    .max_lifetime = JWT_UNSET};
	if ((policy->label = strdup(label)) == NULL)
		return JWT_NO_MEMORY;
	config->policies++;
	reader->base = policy;
	reader->faulty = &policy->faulty;
	return JWT_OK;
}

static const char *
user_fault(const struct issuer_config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->users; i++)
		if (jwt_strings_have(&config->user[i].names, name))
			return "an account may stand in one section only";
	return jwt_account_fault(name);
}

static enum jwt_reason
begin_user(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct issuer_config *config =
	    ((struct issuer_draft *)reader->config)->config;
	struct issuer_user *grown, *user;
	const char *name, *wrong;
	size_t i;

	if (line->words.count < 2)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line,
		    "a user's section names accounts, [user NAME ...]");
	grown = reallocarray(config->user, config->users + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	config->user = grown;
	reader->base = user = &grown[config->users++];
	*user = (struct issuer_user){.line = line->line};
	for (i = 1; i < line->words.count; i++) {
		name = line->words.at[i].text;
		if ((wrong = user_fault(config, name)) != NULL)
			return jwt_faults_add(reader->faults, reader->source,
			    line->line, "'%.100s': %s", name, wrong);
		if (!jwt_strings_add(&user->names, name))
			return JWT_NO_MEMORY;
	}
	return JWT_OK;
}

static const struct jwt_section sections[] = {
    {"issuer", "the issuer's", of_issuer,
	sizeof(of_issuer) / sizeof(of_issuer[0]), begin_issuer},
    {"policy", "a policy's", of_policies,
	sizeof(of_policies) / sizeof(of_policies[0]), begin_policy},
    {"user", "a user's", of_users, sizeof(of_users) / sizeof(of_users[0]),
	begin_user},
};

struct jwt_reader
issuer_reader(struct issuer_draft *draft, struct jwt_faults *faults)
{
	return (struct jwt_reader){.source = draft->config->source,
	    .faults = faults,
	    .config = draft,
	    .sections = sections,
	    .count = sizeof(sections) / sizeof(sections[0]),
	    .known = "[issuer], [policy LABEL] and [user NAME ...]"};
}
