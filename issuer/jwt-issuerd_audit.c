/*
 * The log: one line for each request.  Our own words first; the caller's,
 * from `user` on, last, in quotes, cut, with everything unprintable escaped.
 * Never a token, nor a part of one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "issuer/jwt-issuerd.h"

#define VALUE_ROOM 200 /* characters of a value that is shown */

void
issuerd_audit_open(bool in_namespace)
{
	/* There its number is 1, which says nothing. */
	openlog("jwt-issuerd", LOG_NDELAY | (in_namespace ? 0 : LOG_PID),
	    LOG_AUTHPRIV);
}

void
issuerd_note(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsyslog(priority, format, args);
	va_end(args);
}

static const char *
proof_name(enum issuer_proof proof)
{
	static const char *const names[] = {
	    [ISSUER_PROOF_PASSWORD] = "password",
	    [ISSUER_PROOF_SESSION] = "session",
	    [ISSUER_PROOF_PEER] = "peer",
	};

	return names[proof];
}

static void
put_quoted(FILE *out, const char *name, const char *value)
{
	char quoted[VALUE_ROOM];

	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(value));
	fprintf(out, " %s=%s", name, quoted);
}

static void
put_policy(FILE *out, const struct issuerd_record *record)
{
	if (record->policy == NULL)
		return;
	fprintf(out, " policy=%s proof=%s", record->policy->label,
	    proof_name(record->policy->proof));
}

static void
put_token(FILE *out, const struct issuerd_record *record)
{
	char expires[JWT_UTC_SIZE];

	if (record->id == NULL)
		return;
	fprintf(out, " lifetime=%llds exp=%s jti=%s",
	    (long long)record->seconds,
	    jwt_utc(expires, record->now + record->seconds), record->id);
	if (record->kid != NULL)
		put_quoted(out, "kid", record->kid);
}

static void
put_request(FILE *out, const struct issuerd_record *record)
{
	const struct issuer_request *request = record->request;
	size_t i;

	if (record->caller->person.account != NULL)
		put_quoted(out, "user", record->caller->person.account);
	for (i = 0; request != NULL && i < request->audience.count; i++)
		put_quoted(out, "aud", request->audience.at[i]);
	for (i = 0; request != NULL && i < request->claim.count; i++)
		put_quoted(out, "claim", request->claim.at[i]);
}

void
issuerd_audit(enum issuer_reason reason, const struct issuerd_record *record,
    const char *text)
{
	int priority = issuer_reason_priority(reason);
	char *line = NULL;
	size_t size = 0;
	FILE *out;

	if ((out = open_memstream(&line, &size)) == NULL) {
		syslog(LOG_ERR, "error reason=internal_error: no memory");
		return;
	}
	fprintf(out, "%s reason=%s",
	    reason == ISSUER_OK   ? "issued"
	    : priority == LOG_ERR ? "error"
				  : "refused",
	    issuer_reason_name(reason));
	put_policy(out, record);
	put_token(out, record);
	fprintf(out, " uid=%u pid=%ld",
	    (unsigned int)record->caller->person.uid,
	    (long)record->caller->pid);
	put_request(out, record);
	if (text != NULL && text[0] != '\0')
		put_quoted(out, "why", text);
	/* Where memory ends, a stream may say nothing of it and leave NULL. */
	if (fclose(out) == 0 && line != NULL)
		syslog(priority, "%s", line);
	else
		syslog(priority, "error reason=internal_error: no memory");
	free(line);
}
