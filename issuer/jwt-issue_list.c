/*
 * --list: the tokens that lie where programs look.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "issuer/jwt-issue.h"
#include "tools/terminal.h"

#define SHOWN 160  /* bytes of a path in a message */
#define QUOTED 300 /* bytes of a claim */

/* What lies in one place. */
struct finding {
	const struct issue_place *place;
	char what[SHOWN]; /* the place for a person */
	bool is_there;
	bool is_read; /* and `token` is what it says; else `problem` */
	struct issue_token token;
	struct jwt_fault problem;
};

static void
name_place(char what[SHOWN], const struct issue_place *place)
{
	if (place->path == NULL || place->is_token)
		snprintf(what, SHOWN, "%s", place->name);
	else
		jwt_quote(what, SHOWN, jwt_slice_of(place->path));
}

static int
read_text(struct finding *finding, struct jwt_slice text)
{
	int result;

	finding->is_there = true;
	result = issue_token_read(
	    text, finding->what, &finding->token, &finding->problem);
	finding->is_read = result == EX_OK;
	return result == EX_OSERR ? EX_OSERR : EX_OK;
}

static int
read_path(struct finding *finding)
{
	const char *path = finding->place->path;
	struct issue_stored stored;
	int result;

	result = issue_stored_read(
	    AT_FDCWD, path, finding->what, &stored, &finding->problem);
	finding->is_there = result != EX_NOINPUT;
	if (result == EX_OK && stored.loose)
		jwt_fault_set(&finding->problem,
		    "%s: others may read or write it: chmod 600",
		    finding->what);
	else if (result == EX_OK)
		result = read_text(finding, stored.text);
	issue_stored_clear(&stored);
	return result == EX_OSERR ? EX_OSERR : EX_OK;
}

/* EX_OK also of a place with a problem, which is shown. */
static int
look(const struct issue_place *place, struct finding *finding,
    struct jwt_fault *fault)
{
	int result = EX_OK;

	*finding = (struct finding){.place = place};
	name_place(finding->what, place);
	if (place->is_token) {
		finding->is_there = true;
		jwt_fault_set(&finding->problem,
		    "%s: what looks like a token, not the name of a file",
		    place->name);
	} else if (place->value != NULL) {
		result = read_text(finding, jwt_slice_of(place->value));
	} else if (place->path != NULL) {
		result = read_path(finding);
	}
	if (result != EX_OK)
		*fault = finding->problem;
	return result;
}

/*
 * For a person.
 */

struct page {
	FILE *out;
	bool failed;
};

/* A stream in memory may lose what does not fit and report nothing later. */
static void __attribute__((format(printf, 2, 3)))
put(struct page *page, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (vfprintf(page->out, format, ap) < 0)
		page->failed = true;
	va_end(ap);
}

static void
print_string(struct page *page, const char *name, const char *text)
{
	char quoted[QUOTED];

	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(text));
	put(page, "    %-9s %s\n", name, text == NULL ? "none" : quoted);
}

static void
print_token(struct page *page, const struct issue_token *token)
{
	char utc[JWT_UTC_SIZE], left[ISSUE_LEFT_SIZE];
	size_t i;

	print_string(page, "issuer", token->issuer);
	print_string(page, "subject", token->subject);
	if (token->audience.count == 0)
		print_string(page, "audience", NULL);
	for (i = 0; i < token->audience.count; i++)
		print_string(
		    page, i == 0 ? "audience" : "", token->audience.at[i]);
	issue_token_left(left, token, (int64_t)time(NULL));
	if (token->expires == JWT_UNSET)
		put(page, "    %-9s %s\n", "expires", left);
	else
		put(page, "    %-9s %s, %s\n", "expires",
		    jwt_utc(utc, token->expires), left);
}

static void
print_finding(struct page *page, const struct finding *finding)
{
	const struct issue_place *place = finding->place;

	if (finding->is_read) {
		put(page, "%s:\n", finding->what);
		print_token(page, &finding->token);
	} else if (finding->is_there) {
		put(page, "%s\n", finding->problem.text);
	} else {
		put(page, "%s: %s\n", finding->what,
		    place->path == NULL ? "not set" : "nothing there");
	}
}

static int
list_text(const struct finding *findings, struct jwt_fault *fault)
{
	char *text = NULL, *shown = NULL;
	int result = EX_OSERR;
	size_t i, len = 0;
	struct page page = {0};

	jwt_fault_set(fault, "no memory");
	if ((page.out = open_memstream(&text, &len)) == NULL)
		return EX_OSERR;
	for (i = 0; i < ISSUE_PLACES; i++)
		print_finding(&page, &findings[i]);
	/* Where memory ends there, fclose reports nothing. */
	if (fclose(page.out) == 0 && !page.failed && text != NULL)
		shown = terminal_printable(text, "", true);
	if (shown != NULL)
		result = issue_output_text(shown, strlen(shown), fault);
	free(text);
	free(shown);
	return result;
}

/*
 * For a program.
 */

static void
put_finding(struct issue_json *json, const struct finding *finding)
{
	const struct issue_token *token = &finding->token;
	const struct issue_place *place = finding->place;

	issue_json_open(json, NULL, '{');
	issue_json_text(json, "place", place->name);
	issue_json_text(json, "file", place->is_token ? NULL : place->path);
	issue_json_bool(json, "found", finding->is_there);
	if (finding->is_read) {
		issue_json_text(json, "issuer", token->issuer);
		issue_json_text(json, "subject", token->subject);
		issue_json_strings(json, "audience", &token->audience);
		issue_json_number(json, "expires", token->expires);
	} else if (finding->is_there) {
		issue_json_text(json, "problem", finding->problem.text);
	}
	issue_json_close(json, '}');
}

static int
list_json(const struct finding *findings, struct jwt_fault *fault)
{
	struct issue_json json;
	size_t i;

	issue_json_begin(&json);
	issue_json_open(&json, NULL, '{');
	issue_json_open(&json, "places", '[');
	for (i = 0; i < ISSUE_PLACES; i++)
		put_finding(&json, &findings[i]);
	issue_json_close(&json, ']');
	issue_json_close(&json, '}');
	return issue_json_end(&json, fault);
}

int
issue_list(bool json, struct jwt_fault *fault)
{
	struct finding findings[ISSUE_PLACES] = {0};
	struct issue_places places = {0};
	int result;
	size_t i;

	result = issue_places_find(&places, fault);
	for (i = 0; result == EX_OK && i < ISSUE_PLACES; i++)
		result = look(&places.at[i], &findings[i], fault);
	if (result == EX_OK)
		result = json ? list_json(findings, fault)
		              : list_text(findings, fault);
	for (i = 0; i < ISSUE_PLACES; i++)
		issue_token_clear(&findings[i].token);
	issue_places_clear(&places);
	return result;
}
