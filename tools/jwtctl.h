/*
 * jwtctl: the administrator's command.  Each call is a file of its own.
 */
#ifndef JWTCTL_H
#define JWTCTL_H

#include <stdbool.h>

#include "jwt/config.h"
#include "jwt/keyset.h"

#define CTL_VERSION "0.1"

/* Exit codes. */
#define CTL_YES 0
#define CTL_NO 1     /* refused, or a fault was found */
#define CTL_FAILED 2 /* a usage error, or nothing could be decided */

struct ctl_call {
	const char *name;
	const char *summary; /* a line of `jwtctl --help` */
	const char *usage;   /* its own --help */
	/* `argv[0]` is the call's name.  Returns the exit code. */
	int (*run)(int argc, char **argv);
};

extern const struct ctl_call ctl_keygen, ctl_sign, ctl_verify, ctl_explain,
    ctl_check, ctl_key, ctl_jwks, ctl_issued, ctl_fetch;

/*
 * options
 */

/* A long option; `*value` is NULL until it is given, "" for a flag. */
struct ctl_option {
	const char *name;
	bool is_flag;
	const char **value;
};

#define CTL_OPTIONS_MAX 16
#define CTL_GO_ON (-1)

/*
 * Reads the options, and the one argument behind them; `operand` is NULL
 * where the call takes none, `*operand` where none is given.
 * CTL_GO_ON, or the exit code: --help was answered, or a fault was told.
 */
int ctl_options(const struct ctl_call *call, int argc, char **argv,
    const struct ctl_option *options, size_t count, const char **operand);

/* Says what is wrong with the arguments, and where help is.  CTL_FAILED. */
int ctl_usage_error(const struct ctl_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line on standard error. */
void ctl_say(const struct ctl_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether an argument may be a token: it is never to be shown. */
bool ctl_looks_like_token(const char *argument);

/*
 * Whether an option's value can stand in a token's header: UTF-8, no control
 * bytes, not empty.  CTL_GO_ON, or CTL_FAILED, and why was told.
 */
int ctl_check_plain(
    const struct ctl_call *call, const char *option, const char *text);

/*
 * files
 */

struct ctl_input {
	char *bytes;
	size_t len, size;
};

/*
 * Reads standard input (`path` NULL or "-") or a file, no more than is needed
 * to see that it is longer than `max` bytes, and drops one final newline.
 * CTL_GO_ON, and the input is given back with ctl_input_free; or CTL_FAILED,
 * and why was told.
 */
int ctl_read(const struct ctl_call *call, const char *path, size_t max,
    struct ctl_input *input);

/* Wipes, because it may be a token. */
void ctl_input_free(struct ctl_input *input);

/*
 * The path from the root, links unresolved; memory of its own.  NULL: no
 * memory; or the current folder is gone, and then the fault says so.
 */
char *ctl_absolute(const char *path, struct jwt_fault *fault);

/* Writes all of it to standard output.  false, and why was told. */
bool ctl_write(const struct ctl_call *call, const char *bytes, size_t len);

#endif
