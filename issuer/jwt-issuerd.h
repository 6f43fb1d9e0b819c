/*
 * jwt-issuerd: the service that holds the issuer's key.
 *
 * Three processes serve one connection, so that the one that reads what a
 * stranger sends cannot reach the key:
 *
 *	supervisor  root.  Asks the kernel who called, begins the other two,
 *	            ends them in time.  Reads nothing of the caller's.
 *	front       talks to the caller and runs PAM.  Root for pam_unix's
 *	            sake, but without capabilities, in namespaces of its own in
 *	            which there is no key, no other process and nothing to
 *	            write to.
 *	signer      the account jwt-issuer, behind seccomp.  Was told before the
 *	            front began who called, checks the order against the policy
 *	            again, and opens the key last.
 *
 * The front can at worst have tokens made for the very caller it serves, by
 * that caller's own policy, and say of them that a password was given.
 */
#ifndef JWT_ISSUERD_H
#define JWT_ISSUERD_H

#include "issuer/claims.h"

#define ISSUERD_SERVICE "jwt-issuer" /* the PAM service */
#define ISSUERD_STATE "/run/jwt-issuer"
#define ISSUERD_STEP 10 /* seconds for a step that waits for no person */

/* Who called, by the kernel; and what the system knows of them. */
struct issuerd_caller {
	struct issuer_person person;
	gid_t gid;     /* of the process that connected */
	pid_t pid;     /* of the process that connected, as it is seen here */
	bool in_login; /* that process belongs to a login of the account */
};

/* What one connection is served with; borrowed by all three processes. */
struct issuerd_call {
	const struct issuer_config *config;
	const char *state; /* folder */
	struct issuerd_caller caller;
	int connection; /* the caller's socket */
	int usage;      /* of the caller's account; see usage */
	int credential; /* the key, where it is one of systemd's; or -1 */
	struct jwt_fault no_credential; /* why there is none */
};

/*
 * caller
 */

/* Whether the kernel can say which process called (Linux 6.5). */
bool issuerd_caller_has_pidfd(void);

/*
 * What the kernel says: uid, gid and pid.  `caller` is given back with
 * issuerd_caller_clear, whatever the result.  ISSUER_OK,
 * ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuerd_caller_peer(
    int connection, struct issuerd_caller *caller, struct jwt_fault *fault);

/*
 * What the system knows of that.  ISSUER_OK; ISSUER_UNKNOWN_USER;
 * ISSUER_INTERNAL_ERROR: a look-up failed.
 */
enum issuer_reason issuerd_caller_look(
    int connection, struct issuerd_caller *caller, struct jwt_fault *fault);

void issuerd_caller_clear(struct issuerd_caller *caller);

/*
 * usage
 */

/*
 * Takes one of the places that there are for connections, in all and of this
 * uid.  The descriptor is the caller's to close; the places are free again when
 * the last process that inherited it has ended, however it ends.  ISSUER_OK,
 * ISSUER_TOO_MANY_CONNECTIONS, ISSUER_STORE_UNAVAILABLE.
 */
enum issuer_reason
issuerd_usage_take(const char *state, const struct issuer_config *config,
    uid_t uid, int *places, struct jwt_fault *fault);

/*
 * Where the tokens of an account are counted that may have some; the
 * descriptor is the caller's to close.  ISSUER_OK, ISSUER_STORE_UNAVAILABLE.
 */
enum issuer_reason issuerd_usage_open(
    const char *state, uid_t uid, int *usage, struct jwt_fault *fault);

/* Counts one token.  ISSUER_OK, ISSUER_TOO_MANY_TOKENS,
 * ISSUER_STORE_UNAVAILABLE. */
enum issuer_reason
issuerd_usage_count(int usage, int64_t per_minute, struct jwt_fault *fault);

/*
 * credential
 */

/*
 * Opens the key where it is a credential of systemd, which is root's to read
 * and that of the signer alone: it gets the descriptor.  -1: it is none, or
 * the fault says what is wrong with it.
 */
int issuerd_credential_open(
    const struct issuer_config *config, struct jwt_fault *fault);

/*
 * wire: lines with a deadline, in milliseconds of CLOCK_MONOTONIC.
 */

int64_t issuerd_deadline(int64_t seconds);

/*
 * Reads one line of at most `max` bytes, newline and NUL not among them, into
 * `line`, which has room for `max + 1`.  Nothing behind the newline is read.
 * ISSUER_OK, ISSUER_TIMED_OUT, ISSUER_CALLER_GONE, ISSUER_MALFORMED_REQUEST.
 */
enum issuer_reason issuerd_read_line(int fd, int64_t deadline, char *line,
    size_t max, size_t *len, struct jwt_fault *fault);

/* All of it.  ISSUER_OK, ISSUER_TIMED_OUT, ISSUER_CALLER_GONE. */
enum issuer_reason
issuerd_write(int fd, int64_t deadline, const char *bytes, size_t len);

/* One line of the service: a word or two, and a text that is encoded. */
enum issuer_reason
issuerd_say(int fd, int64_t deadline, const char *words, const char *text);

/*
 * order: what the front asks of the signer, and what it gets.
 */

struct issuerd_order {
	int64_t seconds;    /* asked for; 0: the policy's default */
	int64_t auth_time;  /* JWT_UNSET: no login was seen */
	uint32_t audiences; /* strings in `text` */
	uint32_t claims;    /* pairs of strings behind them */
	uint32_t any_length;
	char text[ISSUER_LINE_MAX]; /* each ends in NUL */
};

/* false: does not fit, which no request that was one line can do. */
bool issuerd_order_pack(const struct issuer_request *request, int64_t auth_time,
    struct issuerd_order *order);

/*
 * Believes nothing.  `request` is given back with issuer_request_clear,
 * whatever the result.  Results as of issuer_request_parse.
 */
enum issuer_reason issuerd_order_unpack(const struct issuerd_order *order,
    struct issuer_request *request, struct jwt_fault *fault);

/* The signer's answer: a token, or what a caller is told. */
struct issuerd_result {
	enum issuer_reason reason;
	char *text; /* to be wiped and freed */
};

enum issuer_reason
issuerd_order_send(int fd, const struct issuerd_order *order);
bool issuerd_order_receive(int fd, struct issuerd_order *order);
bool issuerd_result_send(int fd, enum issuer_reason reason, const char *text);

/* ISSUER_OK, and `result` has what the signer said; else it ended or was silent
 * for so many seconds. */
enum issuer_reason
issuerd_result_receive(int fd, int seconds, struct issuerd_result *result);

/*
 * login
 */

/*
 * Authentication and account phase of the PAM service, prompts and messages
 * relayed to the caller.  ISSUER_OK; ISSUER_LOGIN_REFUSED;
 * ISSUER_LOGIN_UNAVAILABLE: PAM has a fault or cannot reach what it asks;
 * ISSUER_TIMED_OUT, ISSUER_CALLER_GONE, ISSUER_MALFORMED_REQUEST: the caller
 * did not answer.
 */
enum issuer_reason
issuerd_login(const struct issuerd_call *call, struct jwt_fault *fault);

/*
 * confine: false, and the fault says which step failed.  Each is one way.
 */

/* Mount and IPC namespaces with nothing in them to take or to change. */
bool issuerd_confine_view(
    const struct issuer_config *config, struct jwt_fault *fault);

/* The front: that view, and root in name alone. */
bool issuerd_confine_front(
    const struct issuer_config *config, struct jwt_fault *fault);

/*
 * The signer: another account, then only what signing takes; where a provider
 * of OpenSSL has the key, all but what the front may not do either.
 */
bool issuerd_confine_account(
    const struct issuer_config *config, struct jwt_fault *fault);
bool issuerd_confine_signer(
    const struct issuer_config *config, struct jwt_fault *fault);

/*
 * audit: one line for each request, whatever became of it.
 */

struct issuerd_record {
	const struct issuerd_caller *caller;
	const struct issuer_request *request; /* or NULL */
	const struct issuer_policy *policy;   /* or NULL */
	const char *id;                       /* `jti`, or NULL */
	const char *kid;                      /* or NULL */
	int64_t now, seconds;                 /* with `id` */
};

/* Connects; `in_namespace`: of processes, where the number means nothing. */
void issuerd_audit_open(bool in_namespace);
void issuerd_audit(enum issuer_reason reason,
    const struct issuerd_record *record, const char *text);

/* What is no request: the service's own doings. */
void issuerd_note(int priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The processes; neither returns.
 */
_Noreturn void issuerd_front(const struct issuerd_call *call, int signer);
_Noreturn void issuerd_signer(const struct issuerd_call *call, int front);

/*
 * serve
 */

struct issuerd {
	const char *path;  /* of the configuration */
	const char *state; /* folder */
	struct issuer_config *config;
};

/*
 * One connection from beginning to end; with `fork`, in a process of its own.
 * The connection is closed.
 */
void
issuerd_serve(const struct issuerd *issuerd, int connection, bool in_child);

/*
 * Reads the configuration, and holds it against what this kernel can do.
 * false, and each fault was handed to `say`; `issuerd->config` is as before.
 */
bool issuerd_configure(struct issuerd *issuerd, void (*say)(const char *fault));

/* Serves a socket that listens until a signal says to stop: an exit code. */
int issuerd_listen(struct issuerd *issuerd, int socket);

/* For a process that was begun by one that listens. */
void issuerd_default_signals(void);

#endif
