/*
 * A token for a session that begins, by the one program that asks for tokens.
 */
#ifndef PAM_JWT_ISSUE_H
#define PAM_JWT_ISSUE_H

#include <security/pam_modules.h>

/*
 * The arguments behind `issue`: audience= (again and again), ttl=, command=.
 * PAM_SUCCESS: the token is stored.  PAM_IGNORE: root, or an account that does
 * not exist.  PAM_SERVICE_ERR: a fault of the arguments; PAM_SESSION_ERR: no
 * token; PAM_BUF_ERR; each with one log line.
 */
int jwt_issue_for_session(pam_handle_t *pamh, int argc, const char **argv);

#endif
