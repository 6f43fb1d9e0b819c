/*
 * An input of the fuzzer: sections with a line `%%` between them.
 *
 *	the script: what fails, and who logs in where
 *	the arguments behind pam_jwt.so, one a line
 *	the configuration, the keys, the map; empty: the usual ones
 *	the answer; `!e HEADER`, `!s HEADER` or `!h HEADER`, and the claims on
 *	the lines that follow: signed here, by Ed25519, ES256 or HS256
 *
 * The script is made of words, and of lines where a word takes the whole:
 *
 *	m3 s3 o3a f3a r3a l3a g3a h1 p3
 *		the third allocation fails (s: libcrypto's), open, stat, read,
 *		readlink, account lookup, host name, call of libpam; the last
 *		letter is the error; a `+` behind: for good
 *	x5w	the fifth place is writable by others; d, f, g, o, p: see there
 *	u33 u-	the account's uid, or it is none
 *	t+30	seconds on the clock, from the usual time
 *	ce	the conversation fails; a, b, n, r, w, x, c, p, l: see there;
 *	ce3	from its third prompt on, and answers in pieces before
 *	k	an earlier module asked already
 *	q e	PAM_SILENT; the other entry points, too
 *	=NAME /SERVICE @RHOST ~TTY
 *		each takes the rest of its line, and may be empty
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "machine.h"

#define NOW INT64_C(1800000000)
#define ARGUMENTS_MAX 16

struct script {
	char *text; /* a copy that is cut into strings */
	char *arguments_text;
	const char *argument[ARGUMENTS_MAX + 1];
	int arguments;
	struct bytes config, keys, map, answer; /* borrowed from the input */
	bool has_earlier, is_silent, calls_others;
};

/* Fills `machine` and `host`, too; but not their contents. */
void script_read(struct script *script, const uint8_t *bytes, size_t len);
void script_clear(struct script *script);

#endif
