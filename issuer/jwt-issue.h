/*
 * jwt-issue: asks jwt-issuerd for a token, with no more than the caller's own
 * permissions.
 *
 * Each step is a file of its own and knows nothing of the others: what is
 * asked for (options), what a person types (prompt), where the token goes
 * (output, store), where tokens lie (place, list) and what one says (token).
 *
 * Each function returns EX_OK or the exit code of sysexits.h that fits, and
 * then the fault says in one sentence what is wrong and what to do.
 */
#ifndef JWT_ISSUE_H
#define JWT_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "issuer/request.h"
#include "jwt/text.h"

/*
 * options
 */

enum issue_action {
	ISSUE_PRINT,
	ISSUE_INTO_FILE,
	ISSUE_STORE,
	ISSUE_LIST,
	ISSUE_FORGET,
	ISSUE_HELP
};

struct issue_options {
	enum issue_action action;
	const char *output; /* of ISSUE_INTO_FILE */
	const char *socket;
	struct issuer_request request; /* one that can be written */
	bool json;
	bool piped;   /* answers come from standard input */
	bool unknown; /* an option is, so that all are to be shown */
	enum issuer_reason *reason; /* the service's, where it answered */
};

/*
 * Given back with issue_options_clear, whatever the result.  `json` is set
 * also where something else is wrong.  EX_OK, EX_USAGE, EX_OSERR.
 */
int issue_options_read(int argc, char **argv, struct issue_options *options,
    struct jwt_fault *fault);

void issue_options_clear(struct issue_options *options);

extern const char issue_usage[], issue_help[];

/*
 * prompt
 */

/*
 * Asks on the terminal; or, where `data`, a const bool *, says that answers are
 * piped, takes the next line of standard input as it comes.  That is not done
 * unasked: through ssh without a terminal of its own, what a person types
 * could be seen.  `*answer` is the caller's to wipe and free.  A line that is
 * too long, holds a NUL or does not come is a fault; nothing is ever cut.
 * EX_OK; EX_UNAVAILABLE: no terminal, or standard input ended; EX_NOPERM: the
 * person gave no answer, or one that cannot be; EX_OSERR.
 */
int issue_ask(void *data, const char *prompt, bool echo, char **answer,
    struct jwt_fault *fault);

/* Shows a message where issue_ask would ask; never on standard output. */
void issue_tell(void *data, const char *message);

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

/* Writes all of it to standard output.  EX_OK, EX_IOERR. */
int issue_output_text(const char *text, size_t len, struct jwt_fault *fault);

/*
 * json: one value for a program to read.  What fails before the end is told
 * there.
 */

struct issue_json {
	FILE *out;
	char *text;
	size_t len;
	bool failed;
	bool follows; /* a comma comes before the next value */
};

void issue_json_begin(struct issue_json *json);

/* `name` is NULL within an array, and of the whole. */
void issue_json_open(struct issue_json *json, const char *name, char bracket);
void issue_json_close(struct issue_json *json, char bracket);

/* A text that is no UTF-8 has its bytes as \xNN; NULL is null. */
void
issue_json_text(struct issue_json *json, const char *name, const char *text);
void issue_json_strings(struct issue_json *json, const char *name,
    const struct jwt_strings *strings);
void
issue_json_number(struct issue_json *json, const char *name, int64_t number);
void issue_json_bool(struct issue_json *json, const char *name, bool value);

/* Writes it to standard output.  EX_OK, EX_IOERR, EX_OSERR. */
int issue_json_end(struct issue_json *json, struct jwt_fault *fault);

/*
 * token: what one says, which is read and not believed
 */

struct issue_token {
	char *issuer;  /* NULL: there is none */
	char *subject; /* likewise */
	struct jwt_strings audience;
	int64_t issued;  /* seconds since the epoch; JWT_UNSET: not there */
	int64_t expires; /* likewise */
	struct json_object *claims;
};

/*
 * Given back with issue_token_clear, whatever the result; white space around
 * the token is no part of it.  `what` names the place in the fault.
 * EX_OK; EX_NOINPUT: it has no token's shape; EX_DATAERR: it has, but what it
 * says cannot be read; EX_OSERR.
 */
int issue_token_read(struct jwt_slice text, const char *what,
    struct issue_token *token, struct jwt_fault *fault);

/* Whether it is what is asked for, with more than a third of its life left. */
bool issue_token_serves(const struct issue_token *token,
    const struct issuer_request *request, int64_t now);

void issue_token_clear(struct issue_token *token);

/* `expires in 4 min 12 s`, `expired 3 min ago`. */
#define ISSUE_LEFT_SIZE 64
const char *issue_token_left(
    char out[ISSUE_LEFT_SIZE], const struct issue_token *token, int64_t now);

/*
 * place: where programs look for tokens (WLCG Bearer Token Discovery), in
 * that order
 */

enum issue_place_name {
	ISSUE_BEARER_TOKEN,
	ISSUE_BEARER_TOKEN_FILE,
	ISSUE_RUNTIME_DIR,
	ISSUE_TMP,
	ISSUE_PLACES
};

struct issue_place {
	const char *name;
	const char *value; /* of $BEARER_TOKEN: the token; NULL: not set */
	char *path;        /* of the others; NULL: not set */
	bool is_token;     /* where a path belongs: nobody is to see it */
};

struct issue_places {
	struct issue_place at[ISSUE_PLACES];
};

/* Given back with issue_places_clear, whatever the result. EX_OK, EX_OSERR. */
int issue_places_find(struct issue_places *places, struct jwt_fault *fault);

void issue_places_clear(struct issue_places *places);

/*
 * Reads a token of the caller's own from a file; `loose`: others may read or
 * write it.  `*bytes` is the caller's to wipe (`size`) and free, and may be
 * NULL.
 * EX_OK; EX_NOINPUT: no file is there; EX_NOPERM: it is not the caller's, or
 * no file; EX_OSERR.
 */
struct issue_stored {
	char *bytes;
	size_t size;
	struct jwt_slice text;
	bool loose;
};

int issue_stored_read(int folder, const char *path, const char *what,
    struct issue_stored *stored, struct jwt_fault *fault);

void issue_stored_clear(struct issue_stored *stored);

/*
 * store, list: the whole of what the options of these names do
 */

/* Gets a token; `*token` is the caller's to wipe and free. */
typedef int issue_get(
    const struct issue_options *options, char **token, struct jwt_fault *fault);

int issue_store(const struct issue_options *options, issue_get *get,
    struct jwt_fault *fault);

int issue_list(bool json, struct jwt_fault *fault);

int issue_forget(bool json, struct jwt_fault *fault);

#endif
