/*
 * The table of settings: which keys there are, in which sections, and how the
 * words of a value become a field.  Internal to the configuration.
 */
#ifndef JWT_SETTING_H
#define JWT_SETTING_H

#include "config.h"

enum jwt_section {
	JWT_IN_ISSUER = 1,
	JWT_IN_SERVICE = 2
};

struct jwt_setting;

/*
 * The setting of a name for a kind of section; NULL: there is none.
 * `*index` is its place in the table, below 32.
 */
const struct jwt_setting *jwt_setting_find(
    const char *name, enum jwt_section section, unsigned int *index);

/* Whether the key may stand more than once. */
bool jwt_setting_repeats(const struct jwt_setting *setting);

/*
 * Sets a field of `issuer` or of `demands`; `issuer` is NULL in a service's
 * section.  JWT_OK, JWT_CONFIG_ERROR with a fault that names the word,
 * JWT_NO_MEMORY.
 */
enum jwt_reason jwt_setting_apply(const struct jwt_setting *setting,
    const struct jwt_words *words, struct jwt_issuer *issuer,
    struct jwt_demands *demands, struct jwt_fault *fault);

/* Appends a copy; false: no memory. */
bool jwt_strings_add(struct jwt_strings *strings, const char *text);
bool jwt_strings_have(const struct jwt_strings *strings, const char *text);
void jwt_strings_clear(struct jwt_strings *strings);

/* NULL when it can be a PAM service's name, else what is wrong with it. */
const char *jwt_service_fault(const char *name);

#endif
