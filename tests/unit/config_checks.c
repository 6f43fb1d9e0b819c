#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config_checks.h"
#include "scratch.h"

struct jwt_config *
config_of(const char *text)
{
	const char *path = scratch_write("conf", text, 0600);
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};

	if (jwt_config_read(path, &config, &faults) != JWT_OK)
		fail_msg("%s", joined_faults(&faults));
	assert_int_equal(faults.count, 0);
	jwt_faults_clear(&faults);
	return config;
}

const char *
joined_faults(const struct jwt_faults *faults)
{
	static char text[64 * 1024];
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < faults->count; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s|", faults->at[i].text);
		assert_true(used < sizeof(text));
	}
	return text;
}

const char *
faults_of(const char *text)
{
	static char out[64 * 1024];
	const char *path = scratch_write("conf", text, 0600), *from, *at;
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	size_t used = 0;

	result = jwt_config_read(path, &config, &faults);
	assert_int_equal(result, faults.count == 0 ? JWT_OK : JWT_CONFIG_ERROR);
	assert_true((config != NULL) == (result == JWT_OK));
	for (from = joined_faults(&faults);; from = at + strlen(path)) {
		if ((at = strstr(from, path)) == NULL)
			break;
		used += (size_t)snprintf(out + used, sizeof(out) - used,
		    "%.*sF", (int)(at - from), from);
	}
	snprintf(out + used, sizeof(out) - used, "%s", from);
	jwt_config_free(config);
	jwt_faults_clear(&faults);
	return out;
}
