#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "setting.h"

#define DEFAULT_LEEWAY 30 /* seconds */

/* Where the reader stands. */
struct parser {
	struct jwt_config *config;
	struct jwt_faults *faults;
	struct jwt_issuer *issuer;   /* of the section, or NULL */
	struct jwt_service *service; /* of the section, or NULL */
	uint32_t seen;               /* settings of the section, by index */
	bool skip;                   /* the section's own line is faulty */
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
	**issuer = (struct jwt_issuer){
	    .line = line, .leeway = DEFAULT_LEEWAY, .demands = no_demands()};
	if (((*issuer)->label = strdup(label)) == NULL)
		return JWT_NO_MEMORY;
	config->issuers++;
	return JWT_OK;
}

static const char *
label_fault(const struct jwt_config *config, const char *label)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t i;

	if (label[strspn(label, allowed)] != '\0' || strlen(label) > 64)
		return "a label has letters, digits, '_', '.' and '-', 64 at "
		       "most";
	for (i = 0; i < config->issuers; i++)
		if (strcmp(config->issuer[i].label, label) == 0)
			return "another section has this label";
	return NULL;
}

static enum jwt_reason
begin_issuer(struct parser *parser, const struct jwt_line *line)
{
	const char *source = parser->config->source, *wrong;

	if (line->words.count != 2)
		return jwt_faults_add(parser->faults, source, line->line,
		    "an issuer's section has one label, [issuer LABEL]");
	wrong = label_fault(parser->config, line->words.at[1].text);
	if (wrong != NULL)
		return jwt_faults_add(parser->faults, source, line->line,
		    "'%.100s': %s", line->words.at[1].text, wrong);
	return add_issuer(parser->config, line->words.at[1].text, line->line,
	    &parser->issuer);
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
begin_service(struct parser *parser, const struct jwt_line *line)
{
	struct jwt_config *config = parser->config;
	struct jwt_service *grown;
	const char *wrong;
	size_t i;

	if (line->words.count < 2)
		return jwt_faults_add(parser->faults, config->source,
		    line->line,
		    "a service's section names services, "
		    "[service NAME ...]");
	grown =
	    reallocarray(config->service, config->services + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	config->service = grown;
	parser->service = &grown[config->services++];
	*parser->service =
	    (struct jwt_service){.line = line->line, .demands = no_demands()};
	for (i = 1; i < line->words.count; i++) {
		wrong = service_fault(config, line->words.at[i].text);
		if (wrong != NULL)
			return jwt_faults_add(parser->faults, config->source,
			    line->line, "'%.100s': %s", line->words.at[i].text,
			    wrong);
		if (!jwt_strings_add(
			&parser->service->names, line->words.at[i].text))
			return JWT_NO_MEMORY;
	}
	return JWT_OK;
}

/* What follows a faulty section's line is none of the section before it. */
static void
end_section(struct parser *parser)
{
	parser->issuer = NULL;
	parser->service = NULL;
	parser->seen = 0;
	parser->skip = true;
}

static enum jwt_reason
begin_section(struct parser *parser, const struct jwt_line *line)
{
	enum jwt_reason result;
	const char *kind;

	kind = line->words.count > 0 ? line->words.at[0].text : "";
	if (strcmp(kind, "issuer") == 0)
		result = begin_issuer(parser, line);
	else if (strcmp(kind, "service") == 0)
		result = begin_service(parser, line);
	else
		result = jwt_faults_add(parser->faults, parser->config->source,
		    line->line,
		    "'%.100s' is no kind of section; there are "
		    "[issuer LABEL] and [service NAME ...]",
		    kind);
	parser->skip = result != JWT_OK;
	return result;
}

/* One setting of the section that is open. */
static enum jwt_reason
set(struct parser *parser, unsigned int line, const char *key,
    const struct jwt_words *words)
{
	const struct jwt_setting *setting;
	const char *source = parser->config->source;
	struct jwt_fault fault = {""};
	enum jwt_reason result;
	unsigned int index;

	setting = jwt_setting_find(key,
	    parser->issuer != NULL ? JWT_IN_ISSUER : JWT_IN_SERVICE, &index);
	if (setting == NULL)
		return jwt_faults_add(parser->faults, source, line,
		    "'%.100s' is no key of %s section", key,
		    parser->issuer != NULL ? "an issuer's" : "a service's");
	if ((parser->seen & UINT32_C(1) << index) != 0 &&
	    !jwt_setting_repeats(setting))
		return jwt_faults_add(parser->faults, source, line,
		    "'%s' stands here a second time", key);
	parser->seen |= UINT32_C(1) << index;
	result = jwt_setting_apply(setting, words, parser->issuer,
	    parser->issuer != NULL ? &parser->issuer->demands
				   : &parser->service->demands,
	    &fault);
	if (result == JWT_CONFIG_ERROR)
		return jwt_faults_add(
		    parser->faults, source, line, "%s: %s", key, fault.text);
	return result;
}

static enum jwt_reason
take_line(struct parser *parser, const struct jwt_line *line)
{
	if (line->section)
		return begin_section(parser, line);
	if (parser->skip)
		return JWT_OK;
	if (parser->issuer == NULL && parser->service == NULL)
		return jwt_faults_add(parser->faults, parser->config->source,
		    line->line, "'%.100s' stands before any section",
		    line->key);
	return set(parser, line->line, line->key, &line->words);
}

static enum jwt_reason
read_lines(struct parser *parser, struct jwt_slice bytes)
{
	struct jwt_lines lines = {.rest = bytes, .form = JWT_LINES_SETTINGS};
	struct jwt_fault fault = {""};
	struct jwt_line line;
	enum jwt_reason result;

	for (;;) {
		result = jwt_lines_next(&lines, &line, &fault);
		if (result == JWT_OK && line.line == 0)
			return JWT_OK;
		if (line.section)
			end_section(parser);
		if (result == JWT_OK)
			result = take_line(parser, &line);
		else if (result == JWT_CONFIG_ERROR)
			result = jwt_faults_add(parser->faults,
			    parser->config->source, line.line, "%s",
			    fault.text);
		jwt_line_clear(&line);
		if (result != JWT_OK && result != JWT_CONFIG_ERROR)
			return result;
		if (result != JWT_OK && parser->issuer != NULL)
			parser->issuer->faulty = true;
	}
}

enum jwt_reason
jwt_config_read(
    const char *path, struct jwt_config **config, struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct jwt_file file = {0};
	struct jwt_fault fault = {""};
	struct parser parser = {.faults = faults};

	result = jwt_file_read(path, JWT_CONFIG_MAX, &file, &fault);
	if (result == JWT_CONFIG_ERROR)
		return jwt_faults_add(faults, NULL, 0, "%s", fault.text);
	if (result != JWT_OK)
		return result;
	if ((parser.config = jwt_config_new(path)) == NULL) {
		result = JWT_NO_MEMORY;
		goto out;
	}
	result = read_lines(&parser, (struct jwt_slice){file.bytes, file.len});
	if (result == JWT_OK)
		result = jwt_config_complete(parser.config, faults);
out:
	jwt_file_free(&file);
	if (result == JWT_OK)
		*config = parser.config;
	else
		jwt_config_free(parser.config);
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
set_option(struct parser *parser, const struct jwt_option *option, bool commas)
{
	struct jwt_words words = {0};
	struct jwt_fault fault = {""};
	enum jwt_reason result;

	result = jwt_words_split(&words, jwt_slice_of(option->value), &fault);
	if (result == JWT_OK && commas && strcmp(option->name, "require") != 0)
		result = drop_commas(&words, &fault);
	if (result == JWT_OK)
		result = set(parser, 0, option->name, &words);
	else if (result == JWT_CONFIG_ERROR)
		result = jwt_faults_add(parser->faults, parser->config->source,
		    0, "%.100s: %s", option->name, fault.text);
	jwt_words_clear(&words);
	return result;
}

enum jwt_reason
jwt_config_options(const char *source, const struct jwt_option *options,
    size_t count, bool commas, struct jwt_config **config,
    struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct parser parser = {.faults = faults};
	size_t i;

	if ((parser.config = jwt_config_new(source)) == NULL)
		return JWT_NO_MEMORY;
	result = add_issuer(parser.config, "inline", 0, &parser.issuer);
	for (i = 0;
	     i < count && (result == JWT_OK || result == JWT_CONFIG_ERROR);
	     i++) {
		result = set_option(&parser, &options[i], commas);
		if (result == JWT_CONFIG_ERROR)
			parser.issuer->faulty = true;
	}
	if (result == JWT_OK || result == JWT_CONFIG_ERROR)
		result = jwt_config_complete(parser.config, faults);
	if (result == JWT_OK)
		*config = parser.config;
	else
		jwt_config_free(parser.config);
	return result;
}

bool
jwt_config_has_option(const char *name)
{
	unsigned int index;

	return jwt_setting_find(name, JWT_IN_ISSUER, &index) != NULL;
}
