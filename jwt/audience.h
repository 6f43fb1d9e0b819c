/*
 * Audiences as an administrator writes them, with %h, %H, %s and %% in them.
 */
#ifndef JWT_AUDIENCE_H
#define JWT_AUDIENCE_H

#include <stdbool.h>

/* NULL when it is well formed, else what is wrong with it. */
const char *jwt_audience_fault(const char *text);

/* Whether the host's name goes into it. */
bool jwt_audience_needs_host(const char *text);

/*
 * %h is the host's name to its first dot, %H all of it, %s the service; the
 * text is well formed.  Memory of its own; NULL: no memory.
 */
char *
jwt_audience_expand(const char *text, const char *host, const char *service);

#endif
