/*
 * What stands behind pam_jwt.so on a line of pam.d: debug, config=, prompt=,
 * or the keys of an issuer's section.
 */
#ifndef JWT_ARGUMENTS_H
#define JWT_ARGUMENTS_H

#include "config.h"

#define JWT_ARGUMENTS_PROMPT_MAX 511 /* bytes, PAM_MAX_MSG_SIZE less one */

struct jwt_arguments {
	const char *config; /* NULL: the default file */
	const char *prompt;
	bool debug;
	struct jwt_option *issuer; /* keys of an issuer's section */
	size_t count;
	char **copies; /* what all of these point into */
	size_t copied;
};

/*
 * Reads them; `source` names the line in the faults.  `arguments` is zeroed
 * by the caller and given back with jwt_arguments_clear, whatever the result.
 * JWT_OK, JWT_CONFIG_ERROR with its faults, JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_arguments_read(int argc, const char **argv, const char *source,
    struct jwt_arguments *arguments, struct jwt_faults *faults);

/*
 * The configuration that they give or name; it borrows nothing.
 * Results as jwt_config_read and jwt_config_options have them.
 */
enum jwt_reason jwt_arguments_config(const struct jwt_arguments *arguments,
    const char *source, struct jwt_config **config, struct jwt_faults *faults);

void jwt_arguments_clear(struct jwt_arguments *arguments);

#endif
