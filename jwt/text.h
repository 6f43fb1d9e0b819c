/*
 * Slices, faults, and text that is safe to print.
 */
#ifndef JWT_TEXT_H
#define JWT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to somebody else; they may hold a NUL. */
struct jwt_slice {
	const char *at;
	size_t len;
};

/*
 * What went wrong, as a sentence for a person: what happened, what was
 * expected, what to do.  Never a token, a secret or a payload.
 */
struct jwt_fault {
	char text[512];
};

/* Writes the sentence, cut at the end of the room; `fault` may be NULL. */
void jwt_fault_set(struct jwt_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The slice of a string; of nothing where `string` is NULL. */
struct jwt_slice jwt_slice_of(const char *string);

/* 1 when both have the same bytes, 0 otherwise.  Not for secrets. */
int jwt_slice_equal(struct jwt_slice a, struct jwt_slice b);

/* The same without regard to the case of ASCII letters, in every locale. */
int jwt_slice_equal_caseless(struct jwt_slice a, struct jwt_slice b);

/* 1 when the word is one of the text's, which spaces separate. */
int jwt_slice_has_word(struct jwt_slice text, struct jwt_slice word);

/*
 * 1 when a `typ` or `cty` names this media type: without regard to case, and
 * "application/" may be left out (RFC 7515 section 4.1.9).
 */
int jwt_media_type_equals(struct jwt_slice type, const char *wanted);

/*
 * Foreign bytes between double quotes: `"`, `\` and every byte outside
 * printable ASCII become \xNN, so that nothing can end the quotes, split a
 * log line or steer a terminal.  Cut to the room with "..." before the
 * closing quote.  `size` is at least 8; the result ends in NUL.
 */
void jwt_quote(char *out, size_t size, struct jwt_slice bytes);

/* The same between single quotes, for a sentence that is quoted as a whole. */
void jwt_quote_inside(char *out, size_t size, struct jwt_slice bytes);

/* The first in memory of its own, `room` characters at most; NULL: no memory. */
char *jwt_quoted(struct jwt_slice bytes, size_t room);

/*
 * The beginning of a text, JWT_EXCERPT_MAX bytes and "..." where it was cut;
 * the text has no NUL in it.  Memory of its own; NULL: no memory.
 */
#define JWT_EXCERPT_MAX 120
char *jwt_excerpt(struct jwt_slice text);

/* snprintf into memory of its own; NULL: no memory. */
char *jwt_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Seconds since the epoch as 2026-11-25T03:20:00Z (RFC 3339). */
#define JWT_UTC_SIZE 32
const char *jwt_utc(char out[JWT_UTC_SIZE], int64_t seconds);

/* Wipes and frees; `bytes` may be NULL. */
void jwt_free_wiped(void *bytes, size_t len);

#endif
