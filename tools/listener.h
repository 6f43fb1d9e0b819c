/*
 * A service's socket of the Unix kind: its own, or the one that systemd gave.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "jwt/text.h"

#define LISTENER_GIVEN 3 /* sd_listen_fds(3): the descriptor */

/* One descriptor from systemd, for this very process; by the environment. */
bool listener_is_given(void);

/*
 * Binds and listens at an absolute path, with this mode and group ((gid_t)-1:
 * the process's).  What a service that was killed has left is replaced; where
 * one lives, the fault says `lives` and nothing is done.
 * The descriptor, the caller's to close; -1, and the fault says why.
 */
int listener_bind(const char *path, mode_t mode, gid_t group, const char *lives,
    struct jwt_fault *fault);

#endif
