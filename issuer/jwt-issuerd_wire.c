/*
 * Lines between the service and a caller, each with a deadline: who stalls
 * holds nothing but their own place.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

static int64_t
now(void)
{
	struct timespec time = {0};

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t
issuerd_deadline(int64_t seconds)
{
	return now() + seconds * 1000;
}

static enum issuer_reason
await(int fd, short events, int64_t deadline)
{
	struct pollfd ready = {.fd = fd, .events = events};
	int64_t left;
	int result;

	do {
		if ((left = deadline - now()) <= 0)
			return ISSUER_TIMED_OUT;
		result = poll(&ready, 1, (int)left);
	} while (result == 0 || (result == -1 && errno == EINTR));
	return result == 1 ? ISSUER_OK : ISSUER_INTERNAL_ERROR;
}

/* What has come of a line so far, its newline included, and no more. */
static ssize_t
take_line_part(int fd, char *at, size_t room)
{
	ssize_t n = recv(fd, at, room, MSG_PEEK | MSG_DONTWAIT);
	char *end;

	if (n <= 0)
		return n;
	if ((end = memchr(at, '\n', (size_t)n)) != NULL)
		n = end + 1 - at;
	return recv(fd, at, (size_t)n, MSG_DONTWAIT);
}

enum issuer_reason
issuerd_read_line(int fd, int64_t deadline, char *line, size_t max, size_t *len,
    struct jwt_fault *fault)
{
	enum issuer_reason result;
	ssize_t n;

	for (*len = 0; *len == 0 || line[*len - 1] != '\n';) {
		if (*len > max) {
			jwt_fault_set(
			    fault, "the line is longer than %zu bytes", max);
			return ISSUER_MALFORMED_REQUEST;
		}
		if ((result = await(fd, POLLIN, deadline)) != ISSUER_OK) {
			jwt_fault_set(fault, "no line came in time");
			return result;
		}
		n = take_line_part(fd, line + *len, max + 1 - *len);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			jwt_fault_set(fault, "the caller hung up");
			return ISSUER_CALLER_GONE;
		}
		*len += (size_t)n;
	}
	line[--*len] = '\0';
	if (memchr(line, '\0', *len) == NULL)
		return ISSUER_OK;
	jwt_fault_set(fault, "there is a NUL in the line");
	return ISSUER_MALFORMED_REQUEST;
}

enum issuer_reason
issuerd_write(int fd, int64_t deadline, const char *bytes, size_t len)
{
	enum issuer_reason result;
	ssize_t n;

	while (len > 0) {
		if ((result = await(fd, POLLOUT, deadline)) != ISSUER_OK)
			return result;
		n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return ISSUER_CALLER_GONE;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return ISSUER_OK;
}

enum issuer_reason
issuerd_say(int fd, int64_t deadline, const char *words, const char *text)
{
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	char *encoded, *line = NULL;
	size_t len = 0;

	if ((encoded = issuer_text_encode(text)) != NULL)
		line = jwt_format("%s %s\n", words, encoded);
	if (line != NULL) {
		len = strlen(line);
		result = issuerd_write(fd, deadline, line, len);
	}
	free(encoded);
	jwt_free_wiped(line, len);
	return result;
}
