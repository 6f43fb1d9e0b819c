/*
 * Settings: how the words of a value become a field.  A table of them is one
 * kind of section; see reader.h.  Internal to the configurations.
 */
#ifndef JWT_SETTING_H
#define JWT_SETTING_H

#include <stddef.h>

#include "config.h"

/* One key that a section may have. */
struct jwt_setting {
	const char *name;
	bool repeats;  /* may stand more than once */
	size_t offset; /* of its field in what the section is read into */
	enum jwt_reason (*apply)(const struct jwt_words *words, void *field,
	    struct jwt_fault *fault);
	const char *(*check)(const char *word); /* of each word; or NULL */
};

/*
 * The setting of a name; NULL: there is none.  `*index` is its place in the
 * table.
 */
const struct jwt_setting *jwt_setting_find(const struct jwt_setting *settings,
    size_t count, const char *name, unsigned int *index);

/*
 * Sets the setting's field of what lies at `base`.  JWT_OK, JWT_CONFIG_ERROR
 * with a fault that names the word, JWT_NO_MEMORY.
 */
enum jwt_reason jwt_setting_apply(const struct jwt_setting *setting,
    const struct jwt_words *words, void *base, struct jwt_fault *fault);

/* The single word that a setting takes; NULL, and the fault is set. */
const struct jwt_word *
jwt_single_word(const struct jwt_words *words, struct jwt_fault *fault);

/*
 * What a field may be: struct jwt_strings, char *, bool, int64_t seconds,
 * seconds up to JWT_LEEWAY_MAX, struct jwt_algorithms, struct jwt_user (see
 * identity.c), enum jwt_type, struct jwt_conditions (which alone takes
 * commas).
 */
enum jwt_reason jwt_apply_strings(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_string(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_flag(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_duration(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_leeway(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_algorithms(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_user(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_type(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_require(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);

/* Appends a copy; false: no memory. */
bool jwt_strings_add(struct jwt_strings *strings, const char *text);
bool jwt_strings_have(const struct jwt_strings *strings, const char *text);
void jwt_strings_clear(struct jwt_strings *strings);

/* NULL when it can be that, else what is wrong with it. */
const char *jwt_service_fault(const char *name);
const char *jwt_account_fault(const char *name);
const char *jwt_path_fault(const char *path);

#endif
