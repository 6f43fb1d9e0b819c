/*
 * Every way in which a request for a token ends, in one list: the word of the
 * log and of the reply, the exit code of jwt-issue, how loud the log is.
 */
#ifndef ISSUER_REASON_H
#define ISSUER_REASON_H

#include "jwt/text.h"

enum issuer_reason {
	ISSUER_OK,             /* a token was issued */
	ISSUER_INTERNAL_ERROR, /* memory, OpenSSL, the unforeseen */
	ISSUER_CONFIG_ERROR,
	ISSUER_KEYS_UNAVAILABLE,
	ISSUER_CLOCK_WRONG,
	ISSUER_STORE_UNAVAILABLE, /* what must be written cannot be */
	ISSUER_TOO_MANY_CONNECTIONS,
	ISSUER_TOO_MANY_TOKENS,
	ISSUER_TIMED_OUT,
	ISSUER_CALLER_GONE,
	ISSUER_MALFORMED_REQUEST,
	ISSUER_UNKNOWN_USER,
	ISSUER_USER_NOT_ALLOWED,
	ISSUER_AUDIENCE_NOT_ALLOWED,
	ISSUER_LIFETIME_TOO_LONG,
	ISSUER_CLAIM_NOT_ALLOWED,
	ISSUER_TOKEN_TOO_LONG,
	ISSUER_SESSION_REQUIRED,
	ISSUER_LOGIN_REFUSED,
	ISSUER_LOGIN_UNAVAILABLE,
	ISSUER_REASONS /* how many there are */
};

/* The word: `issued`, `config_error` and so on. */
const char *issuer_reason_name(enum issuer_reason reason);

/* The reason of a word; ISSUER_REASONS: there is none. */
enum issuer_reason issuer_reason_find(struct jwt_slice name);

/* What jwt-issue exits with (sysexits.h). */
int issuer_reason_exit(enum issuer_reason reason);

/* LOG_INFO for a token, LOG_NOTICE for a refusal, LOG_ERR for a fault. */
int issuer_reason_priority(enum issuer_reason reason);

#endif
