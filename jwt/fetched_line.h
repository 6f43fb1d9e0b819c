/*
 * Internal to the fetched keys (fetched.h): the lines in front of the texts,
 * for the reader and the writer.
 */
#ifndef JWT_FETCHED_LINE_H
#define JWT_FETCHED_LINE_H

#include "fetched.h"

#define JWT_FETCHED_HEADER 256 /* bytes of the header, with its newline */
#define JWT_FETCHED_LINE 128   /* of each other line before the texts */
#define JWT_FETCHED_MAGIC "pam_jwt keys 1 source="

/*
 * Who can write the file must not be able to use up the memory of a login: so
 * many lines of the first two kinds, and a key's text is bounded, too.
 */
#define JWT_FETCHED_FITS_MAX 64
#define JWT_FETCHED_KINDS_MAX 64

/* Where a key's text is. */
struct jwt_place {
	size_t at, len;
};

/*
 * Reading a line: each part is taken in turn, and `ok` tells at the end
 * whether all were there.  What is read while it is not ok means nothing.
 */
struct jwt_scan {
	const char *at, *end;
	bool ok;
};

void jwt_scan_text(struct jwt_scan *scan, const char *text);

/* So many digits. */
uint64_t jwt_scan_number(struct jwt_scan *scan, size_t digits);

struct jwt_place jwt_scan_place(struct jwt_scan *scan);

/* Nothing but spaces to the newline: the line was read to its end. */
bool jwt_scan_end(struct jwt_scan *scan);

/* Says so in the fault; JWT_KEYS_UNAVAILABLE. */
enum jwt_reason
jwt_fetched_damaged(const struct jwt_fetched *fetched, struct jwt_fault *fault);

/* All the bytes from a place.  JWT_OK, JWT_KEYS_UNAVAILABLE. */
enum jwt_reason jwt_fetched_read(const struct jwt_fetched *fetched, size_t at,
    char *bytes, size_t len, struct jwt_fault *fault);

/*
 * The line of a number, counted from behind the header, and the scan of it.
 * JWT_OK, JWT_KEYS_UNAVAILABLE.
 */
enum jwt_reason jwt_fetched_read_line(const struct jwt_fetched *fetched,
    size_t number, char line[JWT_FETCHED_LINE], struct jwt_scan *scan,
    struct jwt_fault *fault);

/* A line of the index. */
struct jwt_fetched_entry {
	char digest[JWT_DIGEST_SIZE - 1];
	struct jwt_place place;
	int64_t left; /* since the epoch, or 0 */
};

/* That at a place of the index, from 0.  JWT_OK, JWT_KEYS_UNAVAILABLE. */
enum jwt_reason jwt_fetched_read_entry(const struct jwt_fetched *fetched,
    size_t place, struct jwt_fetched_entry *entry, struct jwt_fault *fault);

#endif
