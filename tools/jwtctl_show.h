/*
 * A verdict for people, and for programs.
 */
#ifndef JWTCTL_SHOW_H
#define JWTCTL_SHOW_H

#include <stdbool.h>

#include "jwt/verdict.h"

/*
 * Writes each check, or where there are any each fault of the configuration,
 * and the reason to standard output; as one JSON object, or as lines.  Foreign
 * text is quoted in both, so that what is shown is ASCII and steers no
 * terminal.  false: no memory, and nothing was written.
 */
bool ctl_show(const struct jwt_verdict *verdict,
    const struct jwt_faults *faults, bool as_json);

#endif
