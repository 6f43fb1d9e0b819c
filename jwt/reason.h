/*
 * The closed list of reasons, in the order in which they are decided.
 *
 * Library functions return one of these.  JWT_INTERNAL_ERROR is 0, so that
 * a result that nobody set is a fault and never an acceptance.
 */
#ifndef JWT_REASON_H
#define JWT_REASON_H

enum jwt_reason {
	JWT_INTERNAL_ERROR = 0, /* anything unforeseen */
	JWT_NO_MEMORY,          /* its own value: PAM has a code for it */
	JWT_CONFIG_ERROR,
	JWT_STAND_IN_PASSWORD,
	JWT_TOO_LONG,
	JWT_NOT_A_JWT,
	JWT_CUT_OFF,
	JWT_MALFORMED,
	JWT_HEADER_INVALID,
	JWT_CLAIMS_INVALID, /* decided at two places: iss, then the rest */
	JWT_UNKNOWN_ISSUER,
	JWT_SERVICE_NOT_ALLOWED,
	JWT_ALGORITHM_NOT_ALLOWED,
	JWT_KEYS_UNAVAILABLE,
	JWT_UNKNOWN_KEY,
	JWT_KEY_REFUSED,
	JWT_SIGNATURE_INVALID,
	JWT_TYPE_MISMATCH,
	JWT_EXPIRED,
	JWT_NOT_YET_VALID,
	JWT_ISSUED_IN_FUTURE,
	JWT_LIFETIME_TOO_LONG,
	JWT_TOO_OLD,
	JWT_AUDIENCE_MISMATCH,
	JWT_PROOF_REQUIRED,
	JWT_USER_NOT_ALLOWED,
	JWT_USER_MISMATCH,
	JWT_REQUIREMENT_UNMET,
	JWT_REVOKED,
	JWT_ALREADY_USED,
	JWT_STORE_UNAVAILABLE,
	JWT_OK,     /* "accepted" */
	JWT_REASONS /* how many there are */
};

/* What sort of answer a reason is; the module gives each one PAM code. */
enum jwt_kind {
	JWT_KIND_FAULT = 0, /* something unforeseen */
	JWT_KIND_MEMORY,
	JWT_KIND_CONFIG,
	JWT_KIND_UNAVAILABLE, /* what must be asked cannot be */
	JWT_KIND_REFUSED,
	JWT_KIND_ACCEPTED
};

struct jwt_reason_row {
	const char *name; /* stable: logs, filters and manuals use it */
	enum jwt_kind kind;
	int exit;         /* of `jwtctl explain` */
	const char *text; /* one sentence: what it means, what to do */
};

/* The row of a reason; that of JWT_INTERNAL_ERROR for a value outside. */
const struct jwt_reason_row *jwt_reason_row(enum jwt_reason reason);

/* Its name alone. */
const char *jwt_reason_name(enum jwt_reason reason);

#endif
