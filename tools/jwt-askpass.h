/*
 * jwt-askpass: gives a token to ssh and sudo where pam_jwt asks for one.
 *
 * Who sends the prompt is not trusted: it may be any server that somebody was
 * talked into connecting to.  So nothing of its text decides to whom a token
 * goes; that comes from the client alone, and from the token itself.
 *
 * Each function that can fail returns whether it did not, and else the fault
 * says in one sentence what is wrong and what to do.
 */
#ifndef JWT_ASKPASS_H
#define JWT_ASKPASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "jwt/prompt.h"
#include "jwt/text.h"
#include "tools/private_file.h"

#define ASKPASS_VERSION "0.1"
#define ASKPASS_NAME_MAX 253 /* characters of a host's name (RFC 1035) */

/*
 * prompt
 */

struct askpass_prompt {
	bool is_jwt;             /* one of ours, to the letter */
	struct jwt_prompt asked; /* what it asks for */
	bool of_ssh;             /* ssh's own `(user@host) ` stands in front */
	char host[ASKPASS_NAME_MAX + 1]; /* of that; empty: none is certain */
};

/*
 * Reads the argument.  ssh (8.5 and later) puts `(user@host) ` in front of
 * what the server sends, and an older sshd puts there, in front of its prompt,
 * lines of text.  So the host is read from the very beginning alone, and what
 * is asked from the last line alone.  `by_sudo`: nothing was put in front.
 */
void askpass_prompt_read(
    struct jwt_slice argument, bool by_sudo, struct askpass_prompt *prompt);

/* Whether it can be a host's name or address: letters, digits and `.:-_`. */
bool askpass_is_host(struct jwt_slice name);

/* Whether ssh asks a question that wants a yes, as for a new host's key. */
bool askpass_is_question(struct jwt_slice argument);

/*
 * piece
 */

/*
 * How long a piece is.  The module asks for more after an answer of 511, 1023
 * or 4095 characters, where clients cut, and after no other.
 */
#define ASKPASS_PIECE_SUDO 511
#define ASKPASS_PIECE_SSH 1023

struct askpass_piece {
	struct jwt_slice text; /* `=`: nothing is left */
	bool last;             /* nothing will be asked for after it */
};

/* The piece that is asked for; `room` is what the client carries. */
bool askpass_piece_take(struct jwt_slice token, const struct jwt_prompt *asked,
    size_t room, struct askpass_piece *piece, struct jwt_fault *fault);

/* All of them, one a line, for `sudo -S`. */
bool askpass_piece_write_all(
    struct jwt_slice token, size_t room, struct jwt_fault *fault);

/* All of the bytes by one write, without anything added. */
bool askpass_write(struct jwt_slice bytes, struct jwt_fault *fault);

/*
 * token
 */

#define ASKPASS_TOKEN_MAX (64 * 1024) /* bytes, white space around it too */

/* White space around it is no part of it; given back with askpass_token_free. */
struct askpass_token {
	char *bytes;
	size_t size;
	struct jwt_slice text; /* of them */
	bool chosen;           /* named for logins, not found lying about */
	char where[160];       /* for a fault: `$JWT_FILE`, or a quoted path */
};

/*
 * In $JWT_FILE, by $JWT_COMMAND, or where programs look for bearer tokens (the
 * discovery of WLCG).  Shaped as a token is, or it is a fault.
 */
bool askpass_token_find(
    const char *host, struct askpass_token *token, struct jwt_fault *fault);

/* From a file or, `-`, standard input; as it is, whoever can read it. */
bool askpass_token_read(
    const char *path, struct askpass_token *token, struct jwt_fault *fault);

/* Whether it has a token's shape. */
bool
askpass_token_check(const struct askpass_token *token, struct jwt_fault *fault);

void askpass_token_free(struct askpass_token *token);

/* A variable's value in a fault, quoted; not where a token was put there. */
void askpass_quote(char *out, size_t size, const char *name);

/* Reads to the end, `max` bytes at most, into the token. */
bool askpass_file_read(
    int fd, size_t max, struct askpass_token *token, struct jwt_fault *fault);

/*
 * command, words
 */

/* What a command prints; `host` may be empty. */
bool askpass_command_run(const char *command, const char *host,
    struct askpass_token *token, struct jwt_fault *fault);

/*
 * Splits at white space; between '' or "" it is no end.  `%h` is the host,
 * which must then be one, and `%%` is `%`.  `*words` ends in NULL and is given
 * back with one free.
 */
bool askpass_words_split(const char *command, const char *host, char ***words,
    struct jwt_fault *fault);

/*
 * audience
 */

struct askpass_host {
	const char *name;    /* that asks; empty: not known */
	const char *other;   /* the same host by its whole name, or NULL */
	const char *domains; /* whose hosts have their first label for a name */
};

/* Whether the host may have the token, by the token's own audience. */
bool askpass_audience_allows(const struct askpass_token *token,
    const struct askpass_host *host, struct jwt_fault *fault);

/*
 * parent
 */

struct askpass_parent {
	pid_t pid;
	uint64_t start; /* clock ticks since boot; 0: not to be seen */
	bool is_sudo;
};

void askpass_parent_look(struct askpass_parent *parent);

/* Whether the process that had this number at that time is still running. */
bool askpass_parent_runs(pid_t pid, uint64_t start);

/*
 * kept: the token of a login that has begun
 */

/* Keeps the token for the pieces that this parent will ask for. */
bool askpass_kept_store(const struct askpass_parent *parent, const char *host,
    const struct askpass_token *token, struct jwt_fault *fault);

enum private_found askpass_kept_find(const struct askpass_parent *parent,
    const char *host, struct askpass_token *token, struct jwt_fault *fault);

/* Takes it away, and those of parents that are gone. */
void askpass_kept_drop(const struct askpass_parent *parent, const char *host);

/*
 * next, terminal: what is no prompt for a token
 */

/* Runs $JWT_NEXT_ASKPASS in this process's place, or asks on the terminal. */
bool askpass_next(const char *argument, struct jwt_fault *fault);

/* Asks on the terminal and writes the answer to standard output. */
bool
askpass_terminal_ask(const char *prompt, bool echo, struct jwt_fault *fault);

/* Shows a message there. */
bool askpass_terminal_tell(const char *message, struct jwt_fault *fault);

#endif
