#include "setting.h"

#include <stdlib.h>
#include <string.h>

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

const char *
jwt_account_fault(const char *name)
{
	return jwt_login_name_is_well_formed(name) ? NULL : "is no login name";
}

const char *
jwt_path_fault(const char *path)
{
	return path[0] == '/' ? NULL : "the path must begin with /";
}

const struct jwt_word *
jwt_single_word(const struct jwt_words *words, struct jwt_fault *fault)
{
	if (words->count == 1)
		return &words->at[0];
	jwt_fault_set(fault,
	    "'%.100s' is one word too many; put a value with spaces or commas "
	    "in double quotes",
	    words->at[1].text);
	return NULL;
}

enum jwt_reason
jwt_apply_strings(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	size_t i;

	(void)fault;
	for (i = 0; i < words->count; i++)
		if (!jwt_strings_add(field, words->at[i].text))
			return JWT_NO_MEMORY;
	return JWT_OK;
}

enum jwt_reason
jwt_apply_string(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	char **string = field;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	if ((*string = strdup(word->text)) == NULL)
		return JWT_NO_MEMORY;
	return JWT_OK;
}

enum jwt_reason
jwt_apply_flag(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	bool *flag = field;

	if ((word = jwt_single_word(words, fault)) == NULL)
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

enum jwt_reason
jwt_apply_duration(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	int64_t *seconds = field;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	if (!jwt_parse_duration(word->text, seconds)) {
		jwt_fault_set(fault,
		    "'%.100s' is no duration, such as 30s, 5m, 12h or 1d",
		    word->text);
		return JWT_CONFIG_ERROR;
	}
	return JWT_OK;
}

enum jwt_reason
jwt_apply_leeway(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	enum jwt_reason result;
	int64_t *seconds = field;

	if ((result = jwt_apply_duration(words, field, fault)) != JWT_OK)
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

enum jwt_reason
jwt_apply_algorithms(
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

enum jwt_reason
jwt_apply_require(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	return jwt_conditions_parse(field, words->at, words->count, fault);
}

const struct jwt_setting *
jwt_setting_find(const struct jwt_setting *settings, size_t count,
    const char *name, unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (strcmp(name, settings[i].name) == 0) {
			*index = i;
			return &settings[i];
		}
	}
	return NULL;
}

enum jwt_reason
jwt_setting_apply(const struct jwt_setting *setting,
    const struct jwt_words *words, void *base, struct jwt_fault *fault)
{
	const char *wrong;
	size_t i;

	if (words->count == 0) {
		jwt_fault_set(fault, "has no value");
		return JWT_CONFIG_ERROR;
	}
	for (i = 0; i < words->count; i++) {
		if (words->at[i].comma && setting->apply != jwt_apply_require) {
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
	return setting->apply(words, (char *)base + setting->offset, fault);
}
