/*
 * jwt-issue: an ordinary login in, a short token out.
 *
 * Each step is a file of its own and knows nothing of the others: what is
 * asked for (claims), who asks (login, and prompt for what a person types),
 * who signs (sign), whether it fits (size) and where it goes (output).  Who
 * signs is exchanged without touching the rest.
 *
 * Each function returns EX_OK or the exit code of sysexits.h that fits, and
 * then the fault says in one sentence what is wrong and what to do.
 */
#ifndef JWT_ISSUE_H
#define JWT_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jwt/text.h"

#define ISSUE_SERVICE "jwt-issuer" /* the PAM service */
#define ISSUE_TYP "login+jwt"      /* RFC 8725 section 3.11 */
#define ISSUE_TTL_DEFAULT "5m"
#define ISSUE_TTL_MAX 86400 /* seconds; what verifiers take by default */

/* sudo takes 511 bytes of an answer, and 511 would ask for a next piece. */
#define ISSUE_TOKEN_MAX 510

struct issue_claim {
	const char *name;
	const char *value;
};

/* What is asked for; borrowed from the arguments. */
struct issue_request {
	const char *issuer;
	const char **audience;
	size_t audiences;
	const char *ttl;
	int64_t seconds; /* of the ttl, set by issue_request_check */
	struct issue_claim *claim;
	size_t claims;
};

/*
 * claims
 */

/*
 * Whether a text may stand in a token: valid UTF-8 without control
 * characters.  EX_OK; EX_USAGE, EX_OSERR.  `what` names it in the fault.
 */
int
issue_text_check(const char *what, const char *text, struct jwt_fault *fault);

/* Everything that can be judged before the login.  EX_OK, EX_USAGE ... */
int issue_request_check(struct issue_request *request, struct jwt_fault *fault);

/*
 * The claims set of a login that was seen at `now` (seconds since the epoch),
 * as JSON text that the caller frees.  The request has passed its check.
 * EX_OK; EX_DATAERR: the subject cannot stand in a token; EX_OSERR.
 */
int issue_claims_make(const struct issue_request *request, const char *subject,
    int64_t now, char **json, struct jwt_fault *fault);

/*
 * login
 */

/*
 * The name of the account that runs this, from the kernel's uid and never
 * from the environment.  The caller frees it.  EX_OK, EX_NOUSER, EX_OSERR.
 */
int issue_caller(char **name, struct jwt_fault *fault);

/*
 * Logs in as `account`: authentication and the account phase of the PAM
 * service.  `*subject` is who PAM says it was, which the caller frees.
 * EX_OK; EX_NOPERM: refused; EX_UNAVAILABLE: nobody could be asked, or PAM
 * cannot reach what it asks; EX_OSERR: PAM has a fault.
 */
int issue_login(const char *account, const char *caller, char **subject,
    struct jwt_fault *fault);

/*
 * prompt
 */

/*
 * Shows a prompt and reads one line, on the terminal where standard input is
 * one, else from standard input as it comes.  `*answer` is the caller's to
 * wipe and free.  A line that is too long, holds a NUL or does not come is a
 * fault; nothing is ever cut.
 * EX_OK; EX_UNAVAILABLE: no terminal, or standard input ended; EX_NOPERM: the
 * person gave no answer, or one that cannot be; EX_OSERR.
 */
int issue_ask(
    const char *prompt, bool echo, char **answer, struct jwt_fault *fault);

/* Shows a message where issue_ask would ask; never on standard output. */
void issue_tell(const char *message);

/*
 * sign
 */

struct issue_signer;

/*
 * Gets hold of who signs: here, reads the private key.
 * EX_OK, and the caller gives it back with issue_signer_free; EX_CONFIG: the
 * key cannot be read or is refused; EX_OSERR, EX_SOFTWARE.
 */
int issue_signer_open(
    const char *key, struct issue_signer **signer, struct jwt_fault *fault);

/* `*token` is the caller's to wipe and free.  EX_OK, EX_OSERR, EX_SOFTWARE. */
int issue_sign(const struct issue_signer *signer, const char *claims,
    char **token, struct jwt_fault *fault);

void issue_signer_free(struct issue_signer *signer);

/*
 * size
 */

/*
 * EX_OK where the token fits every prompt.  Else EX_DATAERR, and `*report`,
 * which the caller frees, is lines of text that say what takes the room.
 */
int issue_size_check(const char *token, char **report, struct jwt_fault *fault);

/*
 * output
 */

struct issue_output {
	const char *path; /* NULL: standard output */
	const char *name; /* the path's last part */
	int folder;       /* that holds it; -1 for standard output */
};

/*
 * Looks, before anybody is asked, whether the path can be written; writes
 * nothing.  `output` borrows the path and is given back with
 * issue_output_close, whatever the result.  EX_OK, EX_CANTCREAT, EX_OSERR.
 */
int issue_output_open(
    const char *path, struct issue_output *output, struct jwt_fault *fault);

/*
 * Writes the token and a newline.  A file has mode 0600 and appears whole or
 * not at all, in place of an older one.
 * EX_OK; EX_CANTCREAT for a file, EX_IOERR for standard output.
 */
int issue_output_write(const struct issue_output *output, const char *token,
    struct jwt_fault *fault);

void issue_output_close(struct issue_output *output);

#endif
