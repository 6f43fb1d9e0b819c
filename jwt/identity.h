/*
 * Who a claim says that somebody is: the login name itself, one of a list, or
 * what stands before the @ of one domain.
 */
#ifndef JWT_IDENTITY_H
#define JWT_IDENTITY_H

#include "config.h"

/* Whether the claim is there and of a type that can name an account. */
bool
jwt_user_is_readable(const struct jwt_user *user, struct json_object *claims);

/* Whether the claims grant this login name, byte for byte. */
bool jwt_user_grants(
    const struct jwt_user *user, struct json_object *claims, const char *name);

/* What is expected of the claim's type, and of what it says, in our words;
 * NULL: no memory. */
char *jwt_user_type(const struct jwt_user *user);
char *jwt_user_expected(const struct jwt_user *user);

#endif
