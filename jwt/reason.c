#include "reason.h"

#include <stddef.h>

static const struct jwt_reason_row rows[JWT_REASONS] = {
    [JWT_INTERNAL_ERROR] = {"internal_error", JWT_KIND_FAULT, 2,
	"Something unforeseen failed on this machine; the log says what."},
    [JWT_NO_MEMORY] = {"internal_error", JWT_KIND_MEMORY, 2,
	"There is no memory left; free some or raise the limit."},
    [JWT_CONFIG_ERROR] = {"config_error", JWT_KIND_CONFIG, 2,
	"The configuration has a fault; mend the line that is named."},
    [JWT_STAND_IN_PASSWORD] = {"stand_in_password", JWT_KIND_REFUSED, 1,
	"sshd sent its stand-in for a password: the account does not exist or "
	"sshd does not let it log in (AllowUsers, DenyUsers, PermitRootLogin)."},
    [JWT_TOO_LONG] = {"too_long", JWT_KIND_REFUSED, 1,
	"The answer is longer than any token that is taken."},
    [JWT_NOT_A_JWT] = {"not_a_jwt", JWT_KIND_REFUSED, 1,
	"The answer is no JWT; it may be a password."},
    [JWT_CUT_OFF] = {"cut_off", JWT_KIND_REFUSED, 1,
	"The token was cut off on its way; use a shorter one, or a client that "
	"carries it whole."},
    [JWT_MALFORMED] = {"malformed", JWT_KIND_REFUSED, 1,
	"The token is not three base64url parts with a dot between them."},
    [JWT_HEADER_INVALID] = {"header_invalid", JWT_KIND_REFUSED, 1,
	"The token's header is not one that a login takes."},
    [JWT_CLAIMS_INVALID] = {"claims_invalid", JWT_KIND_REFUSED, 1,
	"A claim that the login needs is missing or of a wrong type."},
    [JWT_UNKNOWN_ISSUER] = {"unknown_issuer", JWT_KIND_REFUSED, 1,
	"No issuer section has this `iss`, byte for byte."},
    [JWT_SERVICE_NOT_ALLOWED] = {"service_not_allowed", JWT_KIND_REFUSED, 1,
	"Tokens of this issuer do not serve this PAM service."},
    [JWT_ALGORITHM_NOT_ALLOWED] = {"algorithm_not_allowed", JWT_KIND_REFUSED, 1,
	"The token's `alg` is not in the issuer's list of algorithms."},
    [JWT_KEYS_UNAVAILABLE] = {"keys_unavailable", JWT_KIND_UNAVAILABLE, 2,
	"The issuer's keys cannot be used; mend the file that is named."},
    [JWT_UNKNOWN_KEY] = {"unknown_key", JWT_KIND_REFUSED, 1,
	"The issuer's key set has no key for this token."},
    [JWT_KEY_REFUSED] = {"key_refused", JWT_KIND_REFUSED, 1,
	"The key for this token is too weak or faulty to be used."},
    [JWT_SIGNATURE_INVALID] = {"signature_invalid", JWT_KIND_REFUSED, 1,
	"The signature does not hold: the token was changed, or another key "
	"made it."},
    [JWT_TYPE_MISMATCH] = {"type_mismatch", JWT_KIND_REFUSED, 1,
	"The token is of a kind that does not log in."},
    [JWT_EXPIRED] = {"expired", JWT_KIND_REFUSED, 1,
	"The token has expired; get a new one."},
    [JWT_NOT_YET_VALID] = {"not_yet_valid", JWT_KIND_REFUSED, 1,
	"The token is not valid yet; compare the clocks of both machines."},
    [JWT_ISSUED_IN_FUTURE] = {"issued_in_future", JWT_KIND_REFUSED, 1,
	"The token says it was issued in the future; compare the clocks of "
	"both machines."},
    [JWT_LIFETIME_TOO_LONG] = {"lifetime_too_long", JWT_KIND_REFUSED, 1,
	"The token lives longer than is allowed here; get one that expires "
	"sooner."},
    [JWT_TOO_OLD] = {"too_old", JWT_KIND_REFUSED, 1,
	"The token, or the login behind it, is too old; log in again and get a "
	"new one."},
    [JWT_AUDIENCE_MISMATCH] = {"audience_mismatch", JWT_KIND_REFUSED, 1,
	"The token is meant for another host or service; get one for this "
	"one."},
    [JWT_PROOF_REQUIRED] = {"proof_required", JWT_KIND_REFUSED, 1,
	"The token is bound to a key, and its proof cannot be checked here."},
    [JWT_USER_NOT_ALLOWED] = {"user_not_allowed", JWT_KIND_REFUSED, 1,
	"Tokens do not open this account."},
    [JWT_USER_MISMATCH] = {"user_mismatch", JWT_KIND_REFUSED, 1,
	"The token does not grant this account."},
    [JWT_REQUIREMENT_UNMET] = {"requirement_unmet", JWT_KIND_REFUSED, 1,
	"The token does not meet what is required here; ask the "
	"administrator which claim is missing."},
    [JWT_REVOKED] = {"revoked", JWT_KIND_REFUSED, 1,
	"The token, its subject, its key or its issuer has been revoked."},
    [JWT_ALREADY_USED] = {"already_used", JWT_KIND_REFUSED, 1,
	"The token opens one login only and has been used; get a new one."},
    [JWT_STORE_UNAVAILABLE] = {"store_unavailable", JWT_KIND_UNAVAILABLE, 2,
	"The memory of used or revoked tokens cannot be asked."},
    [JWT_OK] = {"accepted", JWT_KIND_ACCEPTED, 0, "The token logs in."},
};

const struct jwt_reason_row *
jwt_reason_row(enum jwt_reason reason)
{
	if ((unsigned int)reason >= JWT_REASONS || rows[reason].name == NULL)
		return &rows[JWT_INTERNAL_ERROR];
	return &rows[reason];
}

const char *
jwt_reason_name(enum jwt_reason reason)
{
	return jwt_reason_row(reason)->name;
}
