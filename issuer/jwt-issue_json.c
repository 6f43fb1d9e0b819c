/*
 * JSON for a program.  Not by json-c, which leaves pieces out where memory is
 * short.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "issuer/jwt-issue.h"
#include "jwt/json.h"
#include "tools/terminal.h"

void
issue_json_begin(struct issue_json *json)
{
	*json = (struct issue_json){0};
	json->out = open_memstream(&json->text, &json->len);
	json->failed = json->out == NULL;
}

static void
put(struct issue_json *json, const char *text)
{
	if (!json->failed && fputs(text, json->out) == EOF)
		json->failed = true;
}

/* What stands before a value. */
static void
put_name(struct issue_json *json, const char *name)
{
	if (json->follows)
		put(json, ",");
	json->follows = true;
	if (name == NULL)
		return;
	put(json, "\"");
	put(json, name);
	put(json, "\":");
}

void
issue_json_open(struct issue_json *json, const char *name, char bracket)
{
	put_name(json, name);
	put(json, (char[]){bracket, '\0'});
	json->follows = false;
}

void
issue_json_close(struct issue_json *json, char bracket)
{
	put(json, (char[]){bracket, '\0'});
	json->follows = true;
}

/* A fault may have been cut within a character. */
static char *
quote(const char *text)
{
	enum jwt_reason valid = JWT_NO_MEMORY;
	char *quoted, *ascii;

	if ((quoted = jwt_json_quote(jwt_slice_of(text))) != NULL)
		valid = jwt_json_validate(jwt_slice_of(quoted), NULL);
	if (valid == JWT_OK)
		return quoted;
	free(quoted);
	quoted = NULL;
	if (valid != JWT_NO_MEMORY &&
	    (ascii = terminal_printable(text, "", true)) != NULL) {
		quoted = jwt_json_quote(jwt_slice_of(ascii));
		free(ascii);
	}
	return quoted;
}

void
issue_json_text(struct issue_json *json, const char *name, const char *text)
{
	char *quoted;

	put_name(json, name);
	if (text == NULL) {
		put(json, "null");
		return;
	}
	if ((quoted = quote(text)) != NULL)
		put(json, quoted);
	else
		json->failed = true;
	jwt_free_wiped(quoted, quoted == NULL ? 0 : strlen(quoted));
}

void
issue_json_strings(struct issue_json *json, const char *name,
    const struct jwt_strings *strings)
{
	size_t i;

	issue_json_open(json, name, '[');
	for (i = 0; i < strings->count; i++)
		issue_json_text(json, NULL, strings->at[i]);
	issue_json_close(json, ']');
}

void
issue_json_number(struct issue_json *json, const char *name, int64_t number)
{
	char text[24];

	put_name(json, name);
	snprintf(text, sizeof(text), "%lld", (long long)number);
	put(json, number == JWT_UNSET ? "null" : text);
}

void
issue_json_bool(struct issue_json *json, const char *name, bool value)
{
	put_name(json, name);
	put(json, value ? "true" : "false");
}

int
issue_json_end(struct issue_json *json, struct jwt_fault *fault)
{
	int result = EX_OSERR;

	put(json, "\n");
	if (json->out != NULL && fclose(json->out) != 0)
		json->failed = true;
	/* Where memory ends there, fclose reports nothing. */
	if (json->text == NULL)
		json->failed = true;
	if (!json->failed)
		result = issue_output_text(json->text, json->len, fault);
	else
		jwt_fault_set(fault, "no memory");
	jwt_free_wiped(json->text, json->text == NULL ? 0 : json->len);
	json->text = NULL;
	return result;
}
