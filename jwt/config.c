#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"

#define DEFAULT_LIFETIME (24 * 60 * 60) /* seconds */
#define FAULTS_MAX 100

enum jwt_reason
jwt_faults_add(struct jwt_faults *faults, const char *source, unsigned int line,
    const char *format, ...)
{
	struct jwt_fault *grown;
	size_t used;
	va_list ap;

	if (faults->count >= FAULTS_MAX)
		return JWT_CONFIG_ERROR;
	grown = reallocarray(faults->at, faults->count + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	faults->at = grown;
	grown += faults->count++;
	*grown = (struct jwt_fault){""};
	if (line > 0)
		jwt_fault_set(grown, "%.200s:%u: ", source, line);
	else if (source != NULL)
		jwt_fault_set(grown, "%.200s: ", source);
	used = strlen(grown->text);
	va_start(ap, format);
	vsnprintf(grown->text + used, sizeof(grown->text) - used, format, ap);
	va_end(ap);
	return JWT_CONFIG_ERROR;
}

struct jwt_config *
jwt_config_new(const char *source)
{
	struct jwt_config *config;

	if ((config = calloc(1, sizeof(*config))) == NULL)
		return NULL;
	if ((config->source = strdup(source)) == NULL) {
		free(config);
		return NULL;
	}
	return config;
}

static bool
has_space(const struct jwt_strings *strings)
{
	size_t i;

	for (i = 0; i < strings->count; i++)
		if (strchr(strings->at[i], ' ') != NULL)
			return true;
	return false;
}

/* Everything of one issuer's section that no single setting can tell. */
static enum jwt_reason
find_faults(const struct jwt_config *config, const struct jwt_issuer *issuer,
    struct jwt_faults *faults)
{
	const struct {
		bool missing;
		const char *name;
	} needed[] = {
	    {issuer->issuer.count == 0 && !issuer->issuer_absent,
		"issuer (or issuer_absent = yes)"},
	    {issuer->keys == NULL && issuer->provider.jwks_url == NULL &&
		    !issuer->provider.discovery,
		"keys (or jwks_url, or discovery = yes)"},
	    {issuer->audience.count == 0 && !issuer->audience_absent,
		"audience (or audience_absent = yes)"},
	    {issuer->algorithms.count == 0, "algorithms"},
	};
	enum jwt_reason result = issuer->faulty ? JWT_CONFIG_ERROR : JWT_OK;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!needed[i].missing || issuer->faulty)
			continue;
		result = jwt_faults_add(faults, config->source, issuer->line,
		    "the section of issuer '%s' has no %s", issuer->label,
		    needed[i].name);
		if (result == JWT_NO_MEMORY)
			return result;
	}
	if (issuer->typ.count > 0 && issuer->type != JWT_TYPE_ANY)
		result = jwt_faults_add(faults, config->source, issuer->line,
		    "typ and type exclude each other");
	if (result != JWT_NO_MEMORY && issuer->audience_words &&
	    has_space(&issuer->audience))
		result = jwt_faults_add(faults, config->source, issuer->line,
		    "an audience with a space matches none where "
		    "audience_words = yes splits them");
	if (result != JWT_NO_MEMORY && issuer->issuer.count > 0 &&
	    issuer->issuer_absent)
		result = jwt_faults_add(faults, config->source, issuer->line,
		    "issuer and issuer_absent exclude each other");
	if (result != JWT_NO_MEMORY && issuer->user.claim != NULL &&
	    issuer->user_map != NULL)
		result = jwt_faults_add(faults, config->source, issuer->line,
		    "user and user_map exclude each other");
	return result;
}

static enum jwt_reason
complete_issuer(struct jwt_config *config, struct jwt_issuer *issuer,
    struct jwt_faults *faults)
{
	enum jwt_reason result;

	if ((result = find_faults(config, issuer, faults)) != JWT_OK)
		return result;
	result = jwt_provider_complete(config, issuer, faults);
	if (result != JWT_OK)
		return result;
	if (issuer->user.claim == NULL && issuer->user_map == NULL &&
	    (issuer->user.claim = strdup("sub")) == NULL)
		return JWT_NO_MEMORY;
	if (issuer->audience_claim == NULL &&
	    (issuer->audience_claim = strdup("aud")) == NULL)
		return JWT_NO_MEMORY;
	if (issuer->demands.max_lifetime == JWT_UNSET)
		issuer->demands.max_lifetime = DEFAULT_LIFETIME;
	return JWT_OK;
}

static bool
have_same_keys(const struct jwt_issuer *a, const struct jwt_issuer *b)
{
	const char *from = a->provider.jwks_url, *other = b->provider.jwks_url;

	return strcmp(a->keys, b->keys) == 0 ||
	       (from != NULL && other != NULL && strcmp(from, other) == 0);
}

/* Which section a token belongs to must never be a matter of choice. */
static enum jwt_reason
compare_issuers(const struct jwt_config *config, const struct jwt_issuer *a,
    const struct jwt_issuer *b, struct jwt_faults *faults)
{
	size_t i;

	for (i = 0; i < b->issuer.count; i++)
		if (jwt_strings_have(&a->issuer, b->issuer.at[i]))
			return jwt_faults_add(faults, config->source, b->line,
			    "the issuer '%.200s' has a section already, "
			    "'%s'",
			    b->issuer.at[i], a->label);
	if (a->issuer_absent && b->issuer_absent)
		return jwt_faults_add(faults, config->source, b->line,
		    "one section at most may have issuer_absent, and "
		    "'%s' has it",
		    a->label);
	if ((a->issuer_absent || b->issuer_absent) && have_same_keys(a, b))
		return jwt_faults_add(faults, config->source, b->line,
		    "'%.200s' is named by '%s' too; keys for tokens "
		    "without an issuer must serve no other section",
		    b->fetched ? b->provider.jwks_url : b->keys, a->label);
	return JWT_OK;
}

enum jwt_reason
jwt_config_complete(struct jwt_config *config, struct jwt_faults *faults)
{
	enum jwt_reason result, worst = JWT_OK;
	size_t i, j;

	if ((result = jwt_fetcher_complete(config)) != JWT_OK)
		return result;
	for (i = 0; i < config->issuers; i++) {
		result = complete_issuer(config, &config->issuer[i], faults);
		if (result == JWT_NO_MEMORY)
			return result;
		if (result != JWT_OK)
			worst = result;
	}
	if (worst != JWT_OK || faults->count > 0)
		return JWT_CONFIG_ERROR;
	for (i = 1; i < config->issuers; i++) {
		for (j = 0; j < i; j++) {
			result = compare_issuers(config, &config->issuer[j],
			    &config->issuer[i], faults);
			if (result == JWT_NO_MEMORY)
				return result;
			if (result != JWT_OK)
				worst = result;
		}
	}
	if (config->issuers == 0)
		worst = jwt_faults_add(faults, config->source, 0,
		    "has no [issuer LABEL] section, so no token would log "
		    "in");
	return worst;
}

const struct jwt_demands *
jwt_config_service(const struct jwt_config *config, const char *service)
{
	size_t i;

	for (i = 0; i < config->services; i++)
		if (jwt_strings_have(&config->service[i].names, service))
			return &config->service[i].demands;
	return NULL;
}

static void
clear_issuer(struct jwt_issuer *issuer)
{
	free(issuer->label);
	jwt_strings_clear(&issuer->issuer);
	free(issuer->keys);
	free(issuer->provider.jwks_url);
	free(issuer->provider.ca_file);
	free(issuer->provider.proxy);
	jwt_strings_clear(&issuer->audience);
	free(issuer->audience_claim);
	free(issuer->algorithms.at);
	free(issuer->user.claim);
	free(issuer->user.domain);
	free(issuer->user_map);
	jwt_strings_clear(&issuer->services);
	jwt_strings_clear(&issuer->system_accounts);
	jwt_strings_clear(&issuer->typ);
	jwt_conditions_clear(&issuer->demands.require);
}

void
jwt_config_free(struct jwt_config *config)
{
	size_t i;

	if (config == NULL)
		return;
	for (i = 0; i < config->issuers; i++)
		clear_issuer(&config->issuer[i]);
	for (i = 0; i < config->services; i++) {
		jwt_strings_clear(&config->service[i].names);
		jwt_conditions_clear(&config->service[i].demands.require);
	}
	free(config->issuer);
	free(config->service);
	free(config->fetcher.user);
	free(config->fetcher.group);
	free(config->fetcher.folder);
	free(config->fetcher.socket);
	free(config->source);
	free(config);
}

void
jwt_faults_clear(struct jwt_faults *faults)
{
	free(faults->at);
	*faults = (struct jwt_faults){0};
}
