/*
 * What the tests of configurations share.
 */
#ifndef CONFIG_CHECKS_H
#define CONFIG_CHECKS_H

#include "jwt/config.h"

/* Reads a text as a file; a fault fails the test.  For jwt_config_free. */
struct jwt_config *config_of(const char *text);

/* All its faults, a `|` behind each, F for the file; "" when it has none. */
const char *faults_of(const char *text);

/* The same of faults that are there; borrowed until the next call. */
const char *joined_faults(const struct jwt_faults *faults);

#endif
