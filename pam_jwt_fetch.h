/*
 * The one socket that a login opens: pam-jwtd's, which fetches keys.
 */
#ifndef PAM_JWT_FETCH_H
#define PAM_JWT_FETCH_H

#include "jwt/verdict.h"

/*
 * Asks pam-jwtd to fetch an issuer's keys, by the label of its section and
 * nothing else, and waits for its answer at most the section's fetch_timeout.
 * Where nobody listens, or it is neither root nor the service's user, or it
 * is too slow, nothing more happens.
 */
jwt_refresh jwt_ask_to_fetch;

#endif
