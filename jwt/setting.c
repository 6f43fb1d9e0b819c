#include "setting.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"

struct jwt_setting {
	const char *name;
	unsigned int sections;
	bool repeats;
	size_t offset; /* in struct jwt_issuer, or in struct jwt_demands */
	enum jwt_reason (*apply)(const struct jwt_words *words, void *field,
	    struct jwt_fault *fault);
	const char *(*check)(const char *word); /* of each word; or NULL */
};

bool
jwt_strings_add(struct jwt_strings *strings, const char *text)
{
	char **grown;

	grown = reallocarray(strings->at, strings->count + 1, sizeof(*grown));
	if (grown == NULL)
		return false;
	strings->at = grown;
	if ((grown[strings->count] = strdup(text)) == NULL)
		return false;
	strings->count++;
	return true;
}

bool
jwt_strings_have(const struct jwt_strings *strings, const char *text)
{
	size_t i;

	for (i = 0; i < strings->count; i++)
		if (strcmp(strings->at[i], text) == 0)
			return true;
	return false;
}

void
jwt_strings_clear(struct jwt_strings *strings)
{
	size_t i;

	for (i = 0; i < strings->count; i++)
		free(strings->at[i]);
	free(strings->at);
	*strings = (struct jwt_strings){0};
}

/*
 * Narrow, because a section of a name that is nearly a service's, `sudo;` or
 * `sudo` and a space that cannot be seen, would demand nothing of anybody.
 */
const char *
jwt_service_fault(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_.@+-";
	size_t i;

	for (i = 0; name[i] != '\0'; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			return "PAM turns service names to lower case, so "
			       "this one would never match";
		if (strchr(allowed, name[i]) == NULL)
			return "is no name of a PAM service";
	}
	return NULL;
}

static const char *
account_fault(const char *name)
{
	return jwt_login_name_is_well_formed(name) ? NULL : "is no login name";
}

static const char *
path_fault(const char *path)
{
	return path[0] == '/' ? NULL : "the path must begin with /";
}

static const char *
audience_fault(const char *text)
{
	for (; (text = strchr(text, '%')) != NULL; text += 2)
		if (text[1] == '\0' || strchr("hHs%", text[1]) == NULL)
			return "after % there may be h (host), H (its whole "
			       "name), s (service) or %";
	return NULL;
}

/* The single word that a setting takes; NULL, and the fault is set. */
static const struct jwt_word *
single(const struct jwt_words *words, struct jwt_fault *fault)
{
	if (words->count == 1)
		return &words->at[0];
	jwt_fault_set(fault,
	    "'%.100s' is one word too many; put a value with spaces or commas "
	    "in double quotes",
	    words->at[1].text);
	return NULL;
}

static enum jwt_reason
apply_strings(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	size_t i;

	(void)fault;
	for (i = 0; i < words->count; i++)
		if (!jwt_strings_add(field, words->at[i].text))
			return JWT_NO_MEMORY;
	return JWT_OK;
}

static enum jwt_reason
apply_string(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	char **string = field;

	if ((word = single(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	if ((*string = strdup(word->text)) == NULL)
		return JWT_NO_MEMORY;
	return JWT_OK;
}

static enum jwt_reason
apply_flag(const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	bool *flag = field;

	if ((word = single(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	*flag = strcmp(word->text, "yes") == 0;
	if (!*flag && strcmp(word->text, "no") != 0) {
		jwt_fault_set(
		    fault, "'%.100s' is neither yes nor no", word->text);
		return JWT_CONFIG_ERROR;
	}
	return JWT_OK;
}

bool
jwt_parse_duration(const char *text, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	int64_t value = 0;
	size_t i, unit;

	for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
		if (i > 9)
			return false;
		value = value * 10 + (text[i] - '0');
	}
	if (i == 0 || (text[i] != '\0' && text[i + 1] != '\0'))
		return false;
	for (unit = 0; unit < sizeof(units) / sizeof(units[0]); unit++) {
		if (text[i] == units[unit].unit) {
			*seconds = value * units[unit].seconds;
			return true;
		}
	}
	return false;
}

static enum jwt_reason
apply_duration(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	int64_t *seconds = field;

	if ((word = single(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	if (!jwt_parse_duration(word->text, seconds)) {
		jwt_fault_set(fault,
		    "'%.100s' is no duration, such as 30s, 5m, 12h or 1d",
		    word->text);
		return JWT_CONFIG_ERROR;
	}
	return JWT_OK;
}

static enum jwt_reason
apply_leeway(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	enum jwt_reason result;
	int64_t *seconds = field;

	if ((result = apply_duration(words, field, fault)) != JWT_OK)
		return result;
	if (*seconds > JWT_LEEWAY_MAX) {
		jwt_fault_set(fault,
		    "'%.100s' is more than %d seconds, the most that two "
		    "clocks may differ",
		    words->at[0].text, JWT_LEEWAY_MAX);
		return JWT_CONFIG_ERROR;
	}
	return JWT_OK;
}

static enum jwt_reason
apply_algorithms(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	struct jwt_algorithms *algorithms = field;
	const struct jwt_algorithm *algorithm;
	size_t i;

	algorithms->at = calloc(words->count, sizeof(*algorithms->at));
	if (algorithms->at == NULL)
		return JWT_NO_MEMORY;
	for (i = 0; i < words->count; i++) {
		algorithm = jwt_algorithm_find(jwt_slice_of(words->at[i].text));
		if (algorithm == NULL) {
			jwt_fault_set(fault,
			    "'%.100s' is no algorithm that is known here, "
			    "such as EdDSA, ES256 or RS256",
			    words->at[i].text);
			return JWT_CONFIG_ERROR;
		}
		algorithms->at[algorithms->count++] = algorithm;
	}
	return JWT_OK;
}

static enum jwt_reason
apply_require(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	return jwt_conditions_parse(field, words->at, words->count, fault);
}

#define OF_ISSUER(field) offsetof(struct jwt_issuer, field)
#define OF_DEMANDS(field) offsetof(struct jwt_demands, field)
#define BOTH (JWT_IN_ISSUER | JWT_IN_SERVICE)

/* What may stand in a service's section is a field of struct jwt_demands. */
static const struct jwt_setting settings[] = {
    {"issuer", JWT_IN_ISSUER, false, OF_ISSUER(issuer), apply_strings, NULL},
    {"issuer_absent", JWT_IN_ISSUER, false, OF_ISSUER(issuer_absent),
	apply_flag, NULL},
    {"keys", JWT_IN_ISSUER, false, OF_ISSUER(keys), apply_string, path_fault},
    {"audience", JWT_IN_ISSUER, false, OF_ISSUER(audience), apply_strings,
	audience_fault},
    {"audience_absent", JWT_IN_ISSUER, false, OF_ISSUER(audience_absent),
	apply_flag, NULL},
    {"audience_claim", JWT_IN_ISSUER, false, OF_ISSUER(audience_claim),
	apply_string, jwt_claim_selector_fault},
    {"algorithms", JWT_IN_ISSUER, false, OF_ISSUER(algorithms),
	apply_algorithms, NULL},
    {"user", JWT_IN_ISSUER, false, OF_ISSUER(user), apply_string,
	jwt_claim_selector_fault},
    {"user_map", JWT_IN_ISSUER, false, OF_ISSUER(user_map), apply_string,
	path_fault},
    {"services", JWT_IN_ISSUER, false, OF_ISSUER(services), apply_strings,
	jwt_service_fault},
    {"system_accounts", JWT_IN_ISSUER, false, OF_ISSUER(system_accounts),
	apply_strings, account_fault},
    {"typ", JWT_IN_ISSUER, false, OF_ISSUER(typ), apply_strings, NULL},
    {"leeway", JWT_IN_ISSUER, false, OF_ISSUER(leeway), apply_leeway, NULL},
    {"export", JWT_IN_ISSUER, false, OF_ISSUER(export), apply_flag, NULL},
    {"max_age", BOTH, false, OF_DEMANDS(max_age), apply_duration, NULL},
    {"max_auth_age", BOTH, false, OF_DEMANDS(max_auth_age), apply_duration,
	NULL},
    {"max_lifetime", BOTH, false, OF_DEMANDS(max_lifetime), apply_duration,
	NULL},
    {"require", BOTH, true, OF_DEMANDS(require), apply_require, NULL},
};

const struct jwt_setting *
jwt_setting_find(
    const char *name, enum jwt_section section, unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(name, settings[i].name) == 0 &&
		    (settings[i].sections & section) != 0) {
			*index = i;
			return &settings[i];
		}
	}
	return NULL;
}

bool
jwt_setting_repeats(const struct jwt_setting *setting)
{
	return setting->repeats;
}

enum jwt_reason
jwt_setting_apply(const struct jwt_setting *setting,
    const struct jwt_words *words, struct jwt_issuer *issuer,
    struct jwt_demands *demands, struct jwt_fault *fault)
{
	const char *wrong;
	char *base;
	size_t i;

	if (words->count == 0) {
		jwt_fault_set(fault, "has no value");
		return JWT_CONFIG_ERROR;
	}
	for (i = 0; i < words->count; i++) {
		if (words->at[i].comma && setting->apply != apply_require) {
			jwt_fault_set(fault,
			    "lists are separated by spaces; put a value with "
			    "a comma in double quotes");
			return JWT_CONFIG_ERROR;
		}
		wrong = setting->check == NULL
		            ? NULL
		            : setting->check(words->at[i].text);
		if (wrong != NULL) {
			jwt_fault_set(
			    fault, "'%.100s': %s", words->at[i].text, wrong);
			return JWT_CONFIG_ERROR;
		}
	}
	base = (setting->sections & JWT_IN_SERVICE) != 0 ? (char *)demands
	                                                 : (char *)issuer;
	return setting->apply(words, base + setting->offset, fault);
}
