/*
 * A verdict for people, and for programs.
 */
#ifndef JWTCTL_SHOW_H
#define JWTCTL_SHOW_H

#include <stdbool.h>

#include "jwt/verdict.h"
#include "tools/jwtctl_text.h"

struct ctl_explained {
	const struct jwt_verdict *verdict;
	const struct jwt_config *config; /* NULL: it could not be read */
	const struct jwt_faults *faults; /* of it, if any */
	struct jwt_slice answer;         /* what was judged, or would be */
	int64_t now;                     /* seconds since the epoch */
};

/*
 * Writes each check, or where there are any each fault of the configuration,
 * and the reason to standard output; as one JSON object, or as lines below the
 * parts of the token.  Foreign text is quoted in both, so that what is shown
 * is ASCII and steers no terminal.  false: no memory, and nothing was written.
 */
bool ctl_show(const struct ctl_explained *explained, bool as_json);

/* jwtctl_show_json.c: the object. */
void ctl_show_json(struct ctl_text *text, const struct jwt_verdict *verdict,
    const struct jwt_faults *faults);

/*
 * jwtctl_parts.c: header and claims as the token says them, whatever becomes
 * of it, and which claims a login would miss; never a byte of the signature,
 * and nothing of an answer that is no token.
 */
void
ctl_show_parts(struct ctl_text *text, const struct ctl_explained *explained);

#endif
