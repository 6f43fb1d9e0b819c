/*
 * A question to jwt-issuerd and its answer, as jwt-issue asks it.
 */
#ifndef ISSUER_CLIENT_H
#define ISSUER_CLIENT_H

#include "issuer/request.h"

/* Whom the service's prompts and messages go to. */
struct issuer_person_at {
	/*
	 * `*answer` is transferred.  EX_OK; anything else ends the question,
	 * and is what issuer_client_ask then returns.
	 */
	int (*ask)(void *data, const char *prompt, bool echo, char **answer,
	    struct jwt_fault *fault);
	void (*tell)(void *data, const char *message);
	void *data;
};

/*
 * Asks the service at `path`.  `*token` is the caller's to wipe and free.
 * `*reason` is the service's where it answered, else ISSUER_REASONS.
 * EX_OK; the exit code of the reason, and the fault is the service's own text,
 * as it came; EX_UNAVAILABLE: nobody listens there; EX_NOPERM: whoever listens
 * is not root, or the socket may not be opened; EX_TEMPFAIL: it was silent for
 * too long, or ended without an answer; EX_PROTOCOL: what answers is no
 * jwt-issuerd; EX_OSERR.  A request that no line can hold gets the exit code
 * of issuer_request_write's reason.
 */
int issuer_client_ask(const char *path, const struct issuer_request *request,
    const struct issuer_person_at *person, char **token,
    enum issuer_reason *reason, struct jwt_fault *fault);

#endif
