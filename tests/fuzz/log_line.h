/*
 * A verdict's log line, which no input may split or color.
 */
#ifndef FUZZ_LOG_LINE_H
#define FUZZ_LOG_LINE_H

#include "jwt/verdict.h"

/* Makes it, for such a login, and looks at each byte. */
void check_log_line(const struct jwt_verdict *verdict);

#endif
