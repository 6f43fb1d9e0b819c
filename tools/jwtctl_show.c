#include "tools/jwtctl_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAX 1024 /* characters */

/* A check, ready to be written: its texts are ASCII. */
struct row {
	const char *name;
	bool passed;
	char *expected; /* our own words; may be NULL */
	char *seen;     /* in quotes; may be NULL */
};

/*
 * Our own words as they are, but for what a configuration may have brought in:
 * bytes outside printable ASCII as \xNN.  NULL: no memory.
 */
static char *
printable(const char *text)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c;
	char *out, *at;

	if ((out = at = malloc(strlen(text) * 4 + 1)) == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		c = (unsigned char)*text;
		if (c >= 0x20 && c < 0x7f) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '\\';
		*at++ = 'x';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	*at = '\0';
	return out;
}

static bool
fill_row(struct row *row, const char *name, bool passed, const char *expected,
    const char *seen)
{
	row->name = name;
	row->passed = passed;
	if (expected != NULL && (row->expected = printable(expected)) == NULL)
		return false;
	if (seen != NULL)
		row->seen = jwt_quoted(jwt_slice_of(seen), SEEN_MAX);
	return seen == NULL || row->seen != NULL;
}

/* Everything that needs memory, before the first byte is written. */
static bool
fill_rows(const struct jwt_verdict *verdict, const struct jwt_faults *faults,
    struct row *rows)
{
	const struct jwt_check *check;
	bool filled = true;
	size_t i;

	for (i = 0; i < faults->count && filled; i++)
		filled = fill_row(
		    &rows[i], "configuration", false, faults->at[i].text, NULL);
	for (i = 0; faults->count == 0 && i < verdict->checks && filled; i++) {
		check = &verdict->check[i];
		filled = fill_row(&rows[i], check->name, check->passed,
		    check->expected, check->seen);
	}
	return filled;
}

static void
write_line(const struct row *row)
{
	/* Where nothing was seen, the words say what is, not what should be. */
	bool both = row->expected != NULL && row->seen != NULL;

	printf("%-4s ", row->passed ? "ok" : "FAIL");
	if (row->expected == NULL && row->seen == NULL)
		puts(row->name);
	else
		printf("%-13s %s%s%s%s%s\n", row->name, both ? "expected " : "",
		    row->expected != NULL ? row->expected : "",
		    both ? ", " : "", row->seen != NULL ? "seen " : "",
		    row->seen != NULL ? row->seen : "");
}

static void
write_lines(
    const struct jwt_reason_row *reason, const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		write_line(&rows[i]);
	puts(reason->text);
	printf("%s%s\n",
	    reason->kind == JWT_KIND_ACCEPTED ? "" : "refused: ", reason->name);
}

/*
 * By hand, for json-c may leave out a piece of its text when memory runs out
 * and report nothing.  The text is printable ASCII.
 */
static void
write_member(const char *before, const char *name, struct jwt_slice text)
{
	size_t i;

	printf("%s\"%s\":", before, name);
	if (text.at == NULL) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (i = 0; i < text.len; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			putchar('\\');
		putchar(text.at[i]);
	}
	putchar('"');
}

static void
write_json(
    const struct jwt_reason_row *reason, const struct row *rows, size_t count)
{
	static const char *const verdicts[] = {"accepted", "refused", "error"};
	struct jwt_slice seen;
	size_t i;

	write_member("{", "verdict", jwt_slice_of(verdicts[reason->exit]));
	write_member(",", "reason", jwt_slice_of(reason->name));
	fputs(",\"checks\":[", stdout);
	for (i = 0; i < count; i++) {
		seen = jwt_slice_of(rows[i].seen);
		if (seen.at != NULL)
			seen = (struct jwt_slice){seen.at + 1, seen.len - 2};
		write_member(
		    i > 0 ? ",{" : "{", "name", jwt_slice_of(rows[i].name));
		printf(",\"ok\":%s", rows[i].passed ? "true" : "false");
		write_member(",", "expected", jwt_slice_of(rows[i].expected));
		write_member(",", "seen", seen);
		putchar('}');
	}
	puts("]}");
}

bool
ctl_show(const struct jwt_verdict *verdict, const struct jwt_faults *faults,
    bool as_json)
{
	const struct jwt_reason_row *reason = jwt_reason_row(verdict->reason);
	struct row *rows;
	size_t i, count;
	bool filled;

	count = faults->count > 0 ? faults->count : verdict->checks;
	if ((rows = calloc(count + 1, sizeof(*rows))) == NULL)
		return false;
	filled = fill_rows(verdict, faults, rows);
	if (filled && as_json)
		write_json(reason, rows, count);
	else if (filled)
		write_lines(reason, rows, count);
	for (i = 0; i < count; i++) {
		free(rows[i].expected);
		free(rows[i].seen);
	}
	free(rows);
	return filled;
}
