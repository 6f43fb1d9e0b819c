#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "audience.h"
#include "claim.h"
#include "provider.h"
#include "reader.h"

#define DEFAULT_LEEWAY 30 /* seconds */

#define OF_ISSUER(field) offsetof(struct jwt_issuer, field)
#define OF_SERVICE(field) offsetof(struct jwt_service, field)
#define OF_FETCHER(field) offsetof(struct jwt_fetcher, field)

static const struct jwt_setting of_issuers[] = {
    {"issuer", false, OF_ISSUER(issuer), jwt_apply_strings, NULL},
    {"issuer_absent", false, OF_ISSUER(issuer_absent), jwt_apply_flag, NULL},
    {"keys", false, OF_ISSUER(keys), jwt_apply_string, jwt_path_fault},
    {"jwks_url", false, OF_ISSUER(provider.jwks_url), jwt_apply_string,
	jwt_url_fault},
    {"discovery", false, OF_ISSUER(provider.discovery), jwt_apply_flag, NULL},
    {"ca_file", false, OF_ISSUER(provider.ca_file), jwt_apply_string,
	jwt_path_fault},
    {"proxy", false, OF_ISSUER(provider.proxy), jwt_apply_string,
	jwt_proxy_fault},
    {"key_grace", false, OF_ISSUER(provider.key_grace), jwt_apply_duration,
	NULL},
    {"stale_after", false, OF_ISSUER(provider.stale_after), jwt_apply_duration,
	NULL},
    {"fetch_timeout", false, OF_ISSUER(provider.fetch_timeout),
	jwt_apply_fetch_timeout, NULL},
    {"refetch_every", false, OF_ISSUER(provider.refetch_every),
	jwt_apply_duration, NULL},
    {"max_keys", false, OF_ISSUER(provider.max_keys), jwt_apply_max_keys, NULL},
    {"max_bytes", false, OF_ISSUER(provider.max_bytes), jwt_apply_max_bytes,
	NULL},
    {"audience", false, OF_ISSUER(audience), jwt_apply_strings,
	jwt_audience_fault},
    {"audience_absent", false, OF_ISSUER(audience_absent), jwt_apply_flag,
	NULL},
    {"audience_claim", false, OF_ISSUER(audience_claim), jwt_apply_string,
	jwt_claim_selector_fault},
    {"algorithms", false, OF_ISSUER(algorithms), jwt_apply_algorithms, NULL},
    {"audience_words", false, OF_ISSUER(audience_words), jwt_apply_flag, NULL},
    {"user", false, OF_ISSUER(user), jwt_apply_user, NULL},
    {"user_map", false, OF_ISSUER(user_map), jwt_apply_string, jwt_path_fault},
    {"services", false, OF_ISSUER(services), jwt_apply_strings,
	jwt_service_fault},
    {"system_accounts", false, OF_ISSUER(system_accounts), jwt_apply_strings,
	jwt_account_fault},
    {"typ", false, OF_ISSUER(typ), jwt_apply_strings, NULL},
    {"type", false, OF_ISSUER(type), jwt_apply_type, NULL},
    {"leeway", false, OF_ISSUER(leeway), jwt_apply_leeway, NULL},
    {"export", false, OF_ISSUER(export), jwt_apply_flag, NULL},
    {"max_age", false, OF_ISSUER(demands.max_age), jwt_apply_duration, NULL},
    {"max_auth_age", false, OF_ISSUER(demands.max_auth_age), jwt_apply_duration,
	NULL},
    {"max_lifetime", false, OF_ISSUER(demands.max_lifetime), jwt_apply_duration,
	NULL},
    {"require", true, OF_ISSUER(demands.require), jwt_apply_require, NULL},
};

/* Each is a demand that an issuer's section may make, too. */
static const struct jwt_setting of_services[] = {
    {"max_age", false, OF_SERVICE(demands.max_age), jwt_apply_duration, NULL},
    {"max_auth_age", false, OF_SERVICE(demands.max_auth_age),
	jwt_apply_duration, NULL},
    {"max_lifetime", false, OF_SERVICE(demands.max_lifetime),
	jwt_apply_duration, NULL},
    {"require", true, OF_SERVICE(demands.require), jwt_apply_require, NULL},
};

static const struct jwt_setting of_fetchers[] = {
    {"user", false, OF_FETCHER(user), jwt_apply_string, jwt_account_fault},
    {"group", false, OF_FETCHER(group), jwt_apply_string, jwt_account_fault},
    {"folder", false, OF_FETCHER(folder), jwt_apply_string, jwt_path_fault},
    {"socket", false, OF_FETCHER(socket), jwt_apply_string, jwt_path_fault},
};

static struct jwt_demands
no_demands(void)
{
	return (struct jwt_demands){.max_age = JWT_UNSET,
	    .max_auth_age = JWT_UNSET,
	    .max_lifetime = JWT_UNSET};
}

static enum jwt_reason
add_issuer(struct jwt_config *config, const char *label, unsigned int line,
    struct jwt_issuer **issuer)
{
	struct jwt_issuer *grown;

	grown =
	    reallocarray(config->issuer, config->issuers + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	config->issuer = grown;
	*issuer = &grown[config->issuers];
	**issuer = (struct jwt_issuer){.line = line,
	    .leeway = DEFAULT_LEEWAY,
	    .provider = jwt_provider_unset(),
	    .demands = no_demands()};
	if (((*issuer)->label = strdup(label)) == NULL)
		return JWT_NO_MEMORY;
	config->issuers++;
	return JWT_OK;
}

static const char *
label_fault(const struct jwt_config *config, const char *label)
{
	const char *wrong;
	size_t i;

	if ((wrong = jwt_label_fault(label)) != NULL)
		return wrong;
	for (i = 0; i < config->issuers; i++)
		if (strcmp(config->issuer[i].label, label) == 0)
			return "another section has this label";
	return NULL;
}

static enum jwt_reason
begin_issuer(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct jwt_config *config = reader->config;
	struct jwt_issuer *issuer;
	enum jwt_reason result;
	const char *wrong;

	if (line->words.count != 2)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line,
		    "an issuer's section has one label, [issuer LABEL]");
	wrong = label_fault(config, line->words.at[1].text);
	if (wrong != NULL)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "'%.100s': %s", line->words.at[1].text, wrong);
	result =
	    add_issuer(config, line->words.at[1].text, line->line, &issuer);
	if (result == JWT_OK) {
		reader->base = issuer;
		reader->faulty = &issuer->faulty;
	}
	return result;
}

static const char *
service_fault(const struct jwt_config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->services; i++)
		if (jwt_strings_have(&config->service[i].names, name))
			return "a service may stand in one section only";
	return jwt_service_fault(name);
}

static enum jwt_reason
begin_service(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct jwt_config *config = reader->config;
	struct jwt_service *grown, *service;
	const char *wrong;
	size_t i;

	if (line->words.count < 2)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line,
		    "a service's section names services, "
		    "[service NAME ...]");
	grown =
	    reallocarray(config->service, config->services + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	config->service = grown;
	reader->base = service = &grown[config->services++];
	*service =
	    (struct jwt_service){.line = line->line, .demands = no_demands()};
	for (i = 1; i < line->words.count; i++) {
		wrong = service_fault(config, line->words.at[i].text);
		if (wrong != NULL)
			return jwt_faults_add(reader->faults, reader->source,
			    line->line, "'%.100s': %s", line->words.at[i].text,
			    wrong);
		if (!jwt_strings_add(&service->names, line->words.at[i].text))
			return JWT_NO_MEMORY;
	}
	return JWT_OK;
}

/* What pam-jwtd is told of itself, and logins of it. */
static enum jwt_reason
begin_fetcher(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct jwt_config *config = reader->config;

	if (line->words.count != 1)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "the section is [pam-jwtd], without a name");
	if (config->fetcher.line != 0)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "[pam-jwtd] stands in line %u already",
		    config->fetcher.line);
	config->fetcher.line = line->line;
	reader->base = &config->fetcher;
	return JWT_OK;
}

static const struct jwt_section sections[] = {
    {"issuer", "an issuer's", of_issuers,
	sizeof(of_issuers) / sizeof(of_issuers[0]), begin_issuer},
    {"service", "a service's", of_services,
	sizeof(of_services) / sizeof(of_services[0]), begin_service},
    {"pam-jwtd", "the fetching service's", of_fetchers,
	sizeof(of_fetchers) / sizeof(of_fetchers[0]), begin_fetcher},
};

static struct jwt_reader
reader_of(struct jwt_config *config, struct jwt_faults *faults)
{
	return (struct jwt_reader){.source = config->source,
	    .faults = faults,
	    .config = config,
	    .sections = sections,
	    .count = sizeof(sections) / sizeof(sections[0]),
	    .known = "[issuer LABEL], [service NAME ...] and [pam-jwtd]"};
}

enum jwt_reason
jwt_config_read(
    const char *path, struct jwt_config **config, struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct jwt_config *read;
	struct jwt_reader reader;

	if ((read = jwt_config_new(path)) == NULL)
		return JWT_NO_MEMORY;
	reader = reader_of(read, faults);
	result = jwt_reader_file(&reader, path);
	if (result == JWT_OK)
		result = jwt_config_complete(read, faults);
	if (result == JWT_OK)
		*config = read;
	else
		jwt_config_free(read);
	return result;
}

/* `a,b` is `a b` on a line that splits at spaces; `a,,b` is a fault. */
static enum jwt_reason
drop_commas(struct jwt_words *words, struct jwt_fault *fault)
{
	size_t kept = 0, i;
	bool value = false;

	for (i = 0; i < words->count; i++) {
		if (words->at[i].comma && (!value || i + 1 == words->count)) {
			jwt_fault_set(fault, "a value is missing at a comma");
			return JWT_CONFIG_ERROR;
		}
		value = !words->at[i].comma;
		if (value)
			kept++;
	}
	for (kept = 0, i = 0; i < words->count; i++) {
		if (words->at[i].comma)
			free(words->at[i].text);
		else
			words->at[kept++] = words->at[i];
	}
	words->count = kept;
	return JWT_OK;
}

static enum jwt_reason
set_option(
    struct jwt_reader *reader, const struct jwt_option *option, bool commas)
{
	struct jwt_words words = {0};
	struct jwt_fault fault = {""};
	enum jwt_reason result;

	result = jwt_words_split(&words, jwt_slice_of(option->value), &fault);
	if (result == JWT_OK && commas && strcmp(option->name, "require") != 0)
		result = drop_commas(&words, &fault);
	if (result == JWT_OK)
		result = jwt_reader_set(reader, 0, option->name, &words);
	else if (result == JWT_CONFIG_ERROR)
		result = jwt_faults_add(reader->faults, reader->source, 0,
		    "%.100s: %s", option->name, fault.text);
	jwt_words_clear(&words);
	return result;
}

enum jwt_reason
jwt_config_options(const char *source, const struct jwt_option *options,
    size_t count, bool commas, struct jwt_config **config,
    struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct jwt_config *read;
	struct jwt_issuer *issuer = NULL;
	struct jwt_reader reader;
	size_t i;

	if ((read = jwt_config_new(source)) == NULL)
		return JWT_NO_MEMORY;
	reader = reader_of(read, faults);
	reader.section = &sections[0];
	result = add_issuer(read, "inline", 0, &issuer);
	reader.base = issuer;
	for (i = 0;
	     i < count && (result == JWT_OK || result == JWT_CONFIG_ERROR);
	     i++) {
		result = set_option(&reader, &options[i], commas);
		if (result == JWT_CONFIG_ERROR)
			issuer->faulty = true;
	}
	if (result == JWT_OK || result == JWT_CONFIG_ERROR)
		result = jwt_config_complete(read, faults);
	if (result == JWT_OK)
		*config = read;
	else
		jwt_config_free(read);
	return result;
}

bool
jwt_config_has_option(const char *name)
{
	unsigned int index;

	return jwt_setting_find(sections[0].settings, sections[0].count, name,
		   &index) != NULL;
}
