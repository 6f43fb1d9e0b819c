#include "arguments.h"

#include <stdlib.h>
#include <string.h>

#include "prompt.h"

static enum jwt_reason
say_unknown(const char *name, const char *source, struct jwt_faults *faults)
{
	return jwt_faults_add(faults, source, 0,
	    "'%.100s' is no option; there are debug, config=, prompt= and the "
	    "keys of an issuer's section",
	    name);
}

static enum jwt_reason
say_twice(const char *name, const char *source, struct jwt_faults *faults)
{
	return jwt_faults_add(
	    faults, source, 0, "'%.100s' stands there twice", name);
}

/* One `name=value`; `copy` is ours to cut at the `=`. */
static enum jwt_reason
take(struct jwt_arguments *arguments, char *copy, const char *source,
    struct jwt_faults *faults)
{
	const char **place = NULL;
	char *value;

	if ((value = strchr(copy, '=')) == NULL) {
		if (strcmp(copy, "debug") != 0)
			return say_unknown(copy, source, faults);
		if (arguments->debug)
			return say_twice(copy, source, faults);
		arguments->debug = true;
		return JWT_OK;
	}
	*value++ = '\0';
	if (*value == '\0')
		return jwt_faults_add(
		    faults, source, 0, "'%.100s=' has no value", copy);
	if (strcmp(copy, "config") == 0)
		place = &arguments->config;
	else if (strcmp(copy, "prompt") == 0)
		place = &arguments->prompt;
	if (place != NULL && *place != NULL)
		return jwt_faults_add(
		    faults, source, 0, "'%.100s=' stands there twice", copy);
	if (place == NULL && !jwt_config_has_option(copy))
		return say_unknown(copy, source, faults);
	if (place != NULL) {
		*place = value;
	} else {
		arguments->issuer[arguments->count].name = copy;
		arguments->issuer[arguments->count++].value = value;
	}
	return JWT_OK;
}

enum jwt_reason
jwt_arguments_read(int argc, const char **argv, const char *source,
    struct jwt_arguments *arguments, struct jwt_faults *faults)
{
	enum jwt_reason result = JWT_OK, taken;
	char *copy;
	int i;

	arguments->copies =
	    calloc((size_t)argc + 1, sizeof(*arguments->copies));
	arguments->issuer =
	    calloc((size_t)argc + 1, sizeof(*arguments->issuer));
	if (arguments->copies == NULL || arguments->issuer == NULL)
		return JWT_NO_MEMORY;
	for (i = 0; i < argc; i++) {
		if ((copy = strdup(argv[i])) == NULL)
			return JWT_NO_MEMORY;
		arguments->copies[arguments->copied++] = copy;
		taken = take(arguments, copy, source, faults);
		if (taken != JWT_OK)
			result = taken;
	}
	if (result == JWT_OK && arguments->config != NULL &&
	    arguments->count > 0)
		result = jwt_faults_add(faults, source, 0,
		    "config= and '%s=' exclude each other",
		    arguments->issuer[0].name);
	if (arguments->prompt == NULL)
		arguments->prompt = JWT_PROMPT_FIRST;
	if (strlen(arguments->prompt) > JWT_ARGUMENTS_PROMPT_MAX)
		result = jwt_faults_add(faults, source, 0,
		    "prompt= has more than %d bytes", JWT_ARGUMENTS_PROMPT_MAX);
	return result;
}

enum jwt_reason
jwt_arguments_config(const struct jwt_arguments *arguments, const char *source,
    struct jwt_config **config, struct jwt_faults *faults)
{
	if (arguments->count > 0)
		return jwt_config_options(source, arguments->issuer,
		    arguments->count, true, config, faults);
	return jwt_config_read(
	    arguments->config != NULL ? arguments->config : JWT_CONFIG_FILE,
	    config, faults);
}

void
jwt_arguments_clear(struct jwt_arguments *arguments)
{
	size_t i;

	for (i = 0; i < arguments->copied; i++)
		free(arguments->copies[i]);
	free(arguments->copies);
	free(arguments->issuer);
	*arguments = (struct jwt_arguments){0};
}
