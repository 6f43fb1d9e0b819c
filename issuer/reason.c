#include "issuer/reason.h"

#include <string.h>
#include <sysexits.h>
#include <syslog.h>

static const struct {
	const char *name;
	int exit;
	int priority;
} reasons[ISSUER_REASONS] = {
    [ISSUER_OK] = {"issued", EX_OK, LOG_INFO},
    [ISSUER_INTERNAL_ERROR] = {"internal_error", EX_SOFTWARE, LOG_ERR},
    [ISSUER_CONFIG_ERROR] = {"config_error", EX_CONFIG, LOG_ERR},
    [ISSUER_KEYS_UNAVAILABLE] = {"keys_unavailable", EX_NOINPUT, LOG_ERR},
    [ISSUER_CLOCK_WRONG] = {"clock_wrong", EX_OSERR, LOG_ERR},
    [ISSUER_STORE_UNAVAILABLE] = {"store_unavailable", EX_IOERR, LOG_ERR},
    [ISSUER_TOO_MANY_CONNECTIONS] = {"too_many_connections", EX_TEMPFAIL,
	LOG_NOTICE},
    [ISSUER_TOO_MANY_TOKENS] = {"too_many_tokens", EX_TEMPFAIL, LOG_NOTICE},
    [ISSUER_TIMED_OUT] = {"timed_out", EX_TEMPFAIL, LOG_NOTICE},
    [ISSUER_CALLER_GONE] = {"caller_gone", EX_NOPERM, LOG_NOTICE},
    [ISSUER_MALFORMED_REQUEST] = {"malformed_request", EX_PROTOCOL, LOG_NOTICE},
    [ISSUER_UNKNOWN_USER] = {"unknown_user", EX_NOUSER, LOG_NOTICE},
    [ISSUER_USER_NOT_ALLOWED] = {"user_not_allowed", EX_NOPERM, LOG_NOTICE},
    [ISSUER_AUDIENCE_NOT_ALLOWED] = {"audience_not_allowed", EX_NOHOST,
	LOG_NOTICE},
    [ISSUER_LIFETIME_TOO_LONG] = {"lifetime_too_long", EX_DATAERR, LOG_NOTICE},
    [ISSUER_CLAIM_NOT_ALLOWED] = {"claim_not_allowed", EX_DATAERR, LOG_NOTICE},
    [ISSUER_TOKEN_TOO_LONG] = {"token_too_long", EX_DATAERR, LOG_NOTICE},
    [ISSUER_SESSION_REQUIRED] = {"session_required", EX_NOPERM, LOG_NOTICE},
    [ISSUER_LOGIN_REFUSED] = {"login_refused", EX_NOPERM, LOG_NOTICE},
    [ISSUER_LOGIN_UNAVAILABLE] = {"login_unavailable", EX_UNAVAILABLE, LOG_ERR},
};

const char *
issuer_reason_name(enum issuer_reason reason)
{
	return reasons[reason].name;
}

enum issuer_reason
issuer_reason_find(struct jwt_slice name)
{
	unsigned int i;

	for (i = 0; i < ISSUER_REASONS; i++)
		if (jwt_slice_equal(name, jwt_slice_of(reasons[i].name)))
			break;
	return (enum issuer_reason)i;
}

int
issuer_reason_exit(enum issuer_reason reason)
{
	return reasons[reason].exit;
}

int
issuer_reason_priority(enum issuer_reason reason)
{
	return reasons[reason].priority;
}
