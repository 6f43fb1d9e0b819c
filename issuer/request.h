/*
 * The words that jwt-issue and jwt-issuerd speak, one line each, over a Unix
 * socket.  Fixed words and no JSON, because the service reads them from
 * anybody.
 *
 *	ISSUE aud=ssh://build7 ttl=300 claim=ticket=4711 long\n
 *
 * is all that can be asked for: `aud` and `claim` may repeat, the rest is
 * there once or not at all; seconds; `long` lifts the limit on the token's
 * length.  One space between words, 512 bytes at most with the newline.
 * What the service then says, any number of the first two before one of the
 * last two:
 *
 *	ASK hidden TEXT\n	a prompt; `shown`: what is typed may be seen
 *	TELL info TEXT\n	a message; or `error`
 *	OK TOKEN\n
 *	ERR REASON TEXT\n
 *
 * An ASK wants one line: `ANSWER ` and the answer's own bytes, or `CANCEL`.
 * TEXT, an audience, and the name and value of a claim have every byte that
 * is not printable ASCII, every space and every `%` as %XX (and in a claim's
 * name `=`), in upper-case digits; no other byte may be written so.
 */
#ifndef ISSUER_REQUEST_H
#define ISSUER_REQUEST_H

#include <stdbool.h>

#include "issuer/reason.h"
#include "jwt/config.h"

#define ISSUER_SOCKET "/run/jwt-issuer/socket"
#define ISSUER_LINE_MAX 512    /* bytes of a request, with its newline */
#define ISSUER_ANSWER_MAX 512  /* bytes of an answer: PAM_MAX_RESP_SIZE */
#define ISSUER_REPLY_MAX 65536 /* bytes of a line of the service */
#define ISSUER_TTL_MAX 86400   /* seconds; what verifiers take by default */

/* sudo takes 511 bytes of an answer, and 511 would ask for a next piece. */
#define ISSUER_TOKEN_MAX 510

/* What is asked for; decoded, valid UTF-8 without control characters. */
struct issuer_request {
	struct jwt_strings audience; /* at least one; none twice, none empty */
	int64_t seconds;             /* 0: the policy's default */
	struct jwt_strings claim;    /* names; none twice, none empty */
	struct jwt_strings value;    /* of the same number */
	bool any_length;
};

/*
 * Reads a request line, without its newline.  `request` is given back with
 * issuer_request_clear, whatever the result.
 * ISSUER_OK; ISSUER_MALFORMED_REQUEST; ISSUER_CLAIM_NOT_ALLOWED: one that the
 * issuer alone sets; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_request_parse(struct jwt_slice line,
    struct issuer_request *request, struct jwt_fault *fault);

/*
 * The line with its newline, memory of its own.  Results as above, and
 * ISSUER_MALFORMED_REQUEST also where it would be longer than a line may be.
 */
enum issuer_reason issuer_request_write(
    const struct issuer_request *request, char **line, struct jwt_fault *fault);

void issuer_request_clear(struct issuer_request *request);

/*
 * Whether a text may stand in a token: valid UTF-8 without control characters
 * (C0, DEL, C1).  Results as for the parser; `what` names it in the fault.
 */
enum issuer_reason
issuer_text_check(const char *what, const char *text, struct jwt_fault *fault);

/* Whether only the issuer may set a claim of this name. */
bool issuer_claim_is_reserved(const char *name);

/* As TEXT above, memory of its own; NULL: no memory. */
char *issuer_text_encode(const char *text);

/* And back; NULL, and `*malformed` tells whether the text is at fault. */
char *issuer_text_decode(struct jwt_slice text, bool *malformed);

#endif
