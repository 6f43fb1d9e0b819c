#include "verdict.h"

#include <stdlib.h>
#include <string.h>

enum jwt_reason
jwt_judge_faults(enum jwt_reason reason, const struct jwt_faults *faults,
    struct jwt_verdict *verdict)
{
	const char *first = faults->count > 0 ? faults->at[0].text : NULL;

	*verdict = (struct jwt_verdict){.reason = reason};
	if (first == NULL)
		return reason;
	verdict->own = faults->count == 1
	                   ? strdup(first)
	                   : jwt_format("%s (and %zu more: jwtctl check)",
				 first, faults->count - 1);
	verdict->check = calloc(1, sizeof(*verdict->check));
	if (verdict->check != NULL) {
		verdict->checks = 1;
		verdict->check[0].name = "configuration";
		verdict->check[0].expected = strdup(first);
	}
	return reason;
}

/* A log line that grows; `text` NULL once there was no memory. */
struct line {
	char *text;
};

static void
put(struct line *line, const char *name, const char *value)
{
	char *longer;

	if (line->text == NULL || value == NULL)
		return;
	longer = jwt_format(
	    "%s %s%s%s", line->text, name, name[0] != '\0' ? "=" : "", value);
	free(line->text);
	line->text = longer;
}

static void
put_quoted(struct line *line, const char *name, const char *value, size_t room)
{
	char *quoted;

	if (line->text == NULL || value == NULL)
		return;
	if ((quoted = jwt_quoted(jwt_slice_of(value), room)) == NULL) {
		free(line->text);
		line->text = NULL;
		return;
	}
	put(line, name, quoted);
	free(quoted);
}

/* A service's name is the program's choice: bare only when it is plain. */
static void
put_service(struct line *line, const char *service)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_.@-";

	if (service != NULL && service[0] != '\0' &&
	    service[strspn(service, plain)] == '\0')
		put(line, "service", service);
	else
		put_quoted(line, "service", service, 64);
}

char *
jwt_verdict_line(
    const struct jwt_verdict *verdict, const struct jwt_client *client)
{
	struct line line;

	line.text = strdup(verdict->reason == JWT_OK ? "accepted" : "refused");
	put(&line, "reason", jwt_reason_name(verdict->reason));
	put_service(&line, client->service);
	put(&line, "issuer", verdict->issuer);
	if (verdict->own_is_words)
		put(&line, "", verdict->own);
	else
		put_quoted(&line, verdict->seen != NULL ? "expected" : "fault",
		    verdict->own, 400);
	put_quoted(&line, "hint", verdict->note, 200);
	put_quoted(&line, "warning", verdict->warning, 200);
	put_quoted(&line, "rhost", client->rhost, 96);
	put_quoted(&line, "tty", client->tty, 64);
	put_quoted(&line, "user", client->user, 96);
	put_quoted(&line, "kid", verdict->kid, 160);
	put_quoted(&line, "sub", verdict->subject, 160);
	put_quoted(&line, "jti", verdict->id, 160);
	put_quoted(&line, "seen", verdict->seen, 200);
	return line.text;
}

void
jwt_verdict_clear(struct jwt_verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->checks; i++) {
		free(verdict->check[i].expected);
		free(verdict->check[i].seen);
		free(verdict->check[i].said);
		free(verdict->check[i].note);
		free(verdict->check[i].noted);
	}
	free(verdict->check);
	for (i = 0; i < verdict->map.count; i++)
		jwt_tried_clear(&verdict->map.tried[i]);
	free(verdict->map.tried);
	free(verdict->map.path);
	free(verdict->issuer);
	free(verdict->own);
	free(verdict->seen);
	free(verdict->note);
	free(verdict->warning);
	free(verdict->kid);
	free(verdict->subject);
	free(verdict->id);
	free(verdict->export_issuer);
	free(verdict->export_subject);
	free(verdict->export_id);
	*verdict = (struct jwt_verdict){0};
}
