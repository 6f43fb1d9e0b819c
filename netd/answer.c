#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netd/netd.h"

/* A header's value, without the white space around it; NULL: another one. */
static char *
value_of(const char *line, size_t len, const char *name)
{
	size_t skip = strlen(name);

	if (len < skip || strncasecmp(line, name, skip) != 0)
		return NULL;
	line += skip;
	len -= skip;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (unsigned char)line[len - 1] <= ' ')
		len--;
	return strndup(line, len);
}

/* RFC 9111 section 5.2.2, as far as it is about how long. */
static int64_t
read_max_age(const char *value)
{
	const char *at = strcasestr(value, "max-age=");
	int64_t seconds = 0;

	if (strcasestr(value, "no-store") != NULL ||
	    strcasestr(value, "no-cache") != NULL)
		return 0;
	if (at == NULL)
		return JWT_UNSET;
	for (at += 8; *at >= '0' && *at <= '9' && seconds < 1000000000; at++)
		seconds = seconds * 10 + (*at - '0');
	return seconds;
}

/* A number of seconds; a date is passed over (RFC 9110 section 10.2.3). */
static int64_t
read_retry(const char *value)
{
	int64_t seconds;

	return jwt_parse_duration(value, &seconds) ? seconds : JWT_UNSET;
}

/* It is sent back as it is, so no byte may end a line or begin another. */
bool
netd_is_etag(const char *value)
{
	size_t len = strlen(value), i;

	for (i = 0; i < len; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return false;
	return len > 0 && len <= NETD_ETAG_MAX;
}

void
netd_answer_header(struct netd_answer *answer, const char *line, size_t len)
{
	char *value;

	if ((value = value_of(line, len, "cache-control:")) != NULL)
		answer->max_age = read_max_age(value);
	free(value);
	if ((value = value_of(line, len, "retry-after:")) != NULL)
		answer->retry = read_retry(value);
	free(value);
	value = value_of(line, len, "etag:");
	if (value != NULL && netd_is_etag(value)) {
		free(answer->etag);
		answer->etag = value;
		value = NULL;
	}
	free(value);
}
