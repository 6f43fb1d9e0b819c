#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_checks.h"
#include "jwt/setting.h"
#include "policy_checks.h"
#include "scratch.h"

struct issuer_config *
policy_of(const char *text)
{
	const char *path = scratch_write("issuer", text, 0600);
	struct issuer_config *config = NULL;
	struct jwt_faults faults = {0};

	if (issuer_config_read(path, &config, &faults) != JWT_OK)
		fail_msg("%s", joined_faults(&faults));
	assert_int_equal(faults.count, 0);
	jwt_faults_clear(&faults);
	return config;
}

const char *
policy_faults_of(const char *text)
{
	static char out[64 * 1024];
	const char *path = scratch_write("issuer", text, 0600), *from, *at;
	struct issuer_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	size_t used = 0;

	result = issuer_config_read(path, &config, &faults);
	assert_int_equal(result, faults.count == 0 ? JWT_OK : JWT_CONFIG_ERROR);
	assert_true((config != NULL) == (result == JWT_OK));
	for (from = joined_faults(&faults);; from = at + strlen(path)) {
		if ((at = strstr(from, path)) == NULL)
			break;
		used += (size_t)snprintf(out + used, sizeof(out) - used,
		    "%.*sF", (int)(at - from), from);
	}
	snprintf(out + used, sizeof(out) - used, "%s", from);
	issuer_config_free(config);
	jwt_faults_clear(&faults);
	return out;
}

void
policy_words(struct jwt_strings *strings, const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;

	assert_non_null(copy);
	*strings = (struct jwt_strings){0};
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			assert_true(jwt_strings_add(strings, word));
	free(copy);
}
