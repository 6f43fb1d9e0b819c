#include "issuer/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "issuer/request.h"

#define SHOWN 100          /* bytes of the socket's path in a fault */
#define CONNECT_SECONDS 10 /* for a connection, and for each line sent */
#define SILENT_SECONDS 90  /* for each line of the service */

static int
failed(const struct issuer_connection *to, int error)
{
	jwt_fault_set(
	    to->fault, "%.*s: %s", SHOWN, to->path, strerrordesc_np(error));
	return EX_OSERR;
}

int
issuer_connection_fault(const struct issuer_connection *to, const char *what)
{
	jwt_fault_set(to->fault,
	    "%.*s: what answers there is no jwt-issuerd, or another version "
	    "of it: %s",
	    SHOWN, to->path, what);
	return EX_PROTOCOL;
}

/*
 * Connecting.
 */

static int
explain_connect(const struct issuer_connection *to, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		jwt_fault_set(to->fault,
		    "%.*s: no jwt-issuerd listens there: %s; root starts it "
		    "with systemctl start jwt-issuer.socket",
		    SHOWN, to->path, strerrordesc_np(error));
		return EX_UNAVAILABLE;
	case EACCES:
	case EPERM:
		(void)failed(to, error);
		return EX_NOPERM;
	case EAGAIN:
		jwt_fault_set(to->fault,
		    "%.*s: jwt-issuerd took no connection for %d seconds: try "
		    "again later",
		    SHOWN, to->path, CONNECT_SECONDS);
		return EX_TEMPFAIL;
	default:
		return failed(to, error);
	}
}

/*
 * Whoever could put a socket in its place would get the person's password and
 * could hand out any token, so nobody but root is toed to.
 */
static int
check_peer(const struct issuer_connection *to)
{
	socklen_t size = sizeof(struct ucred);
	struct ucred peer;

	if (getsockopt(to->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		return failed(to, errno);
	if (peer.uid == 0)
		return EX_OK;
	jwt_fault_set(to->fault,
	    "%.*s: what listens there belongs to uid %u and not to root, so "
	    "it is told nothing",
	    SHOWN, to->path, (unsigned int)peer.uid);
	return EX_NOPERM;
}

static int
open_connection(struct issuer_connection *to)
{
	/* The kernel heeds it for a connection as well. */
	const struct timeval limit = {.tv_sec = CONNECT_SECONDS};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(to->path);

	if (len >= sizeof(address.sun_path)) {
		jwt_fault_set(to->fault,
		    "%.*s...: a socket's path has at most %zu bytes", SHOWN,
		    to->path, sizeof(address.sun_path) - 1);
		return EX_UNAVAILABLE;
	}
	memcpy(address.sun_path, to->path, len + 1);
	if ((to->bytes = malloc(ISSUER_REPLY_MAX)) == NULL) {
		jwt_fault_set(to->fault, "no memory");
		return EX_OSERR;
	}
	to->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (to->fd == -1 || setsockopt(to->fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				sizeof(limit)) == -1)
		return failed(to, errno);
	while (connect(to->fd, (const struct sockaddr *)&address,
		   sizeof(address)) == -1)
		if (errno != EINTR)
			return explain_connect(to, errno);
	return check_peer(to);
}

int
issuer_connection_open(
    struct issuer_connection *to, const char *path, struct jwt_fault *fault)
{
	*to =
	    (struct issuer_connection){.path = path, .fault = fault, .fd = -1};
	return open_connection(to);
}

void
issuer_connection_close(struct issuer_connection *to)
{
	if (to->fd != -1)
		close(to->fd);
	to->fd = -1;
	jwt_free_wiped(to->bytes, ISSUER_REPLY_MAX);
	to->bytes = NULL;
}

/*
 * Lines.
 */

/* A service that has gone may have said why: its last line tells. */
int
issuer_connection_send(
    const struct issuer_connection *to, const char *line, size_t len)
{
	ssize_t n;

	for (; len > 0; line += n, len -= (size_t)n) {
		n = send(to->fd, line, len, MSG_NOSIGNAL);
		if (n != -1)
			continue;
		if (errno == EPIPE || errno == ECONNRESET)
			return EX_OK;
		if (errno == EAGAIN) {
			jwt_fault_set(to->fault,
			    "%.*s: jwt-issuerd took nothing for %d seconds: "
			    "try again later",
			    SHOWN, to->path, CONNECT_SECONDS);
			return EX_TEMPFAIL;
		}
		if (errno != EINTR)
			return failed(to, errno);
		n = 0;
	}
	return EX_OK;
}

/* Waits for bytes until `deadline`, a time of the monotonic clock. */
static int
wait_for_bytes(const struct issuer_connection *to, time_t deadline)
{
	struct pollfd polled = {.fd = to->fd, .events = POLLIN};
	struct timespec now;
	int n = 0;

	do {
		if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
			return failed(to, errno);
		if (now.tv_sec < deadline)
			n = poll(
			    &polled, 1, (int)(deadline - now.tv_sec) * 1000);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return failed(to, errno);
	if (n > 0)
		return EX_OK;
	jwt_fault_set(to->fault,
	    "%.*s: jwt-issuerd was silent for %d seconds: try again later",
	    SHOWN, to->path, SILENT_SECONDS);
	return EX_TEMPFAIL;
}

static int
receive(struct issuer_connection *to)
{
	ssize_t n;

	n = recv(to->fd, to->bytes + to->len, ISSUER_REPLY_MAX - to->len,
	    MSG_DONTWAIT);
	if (n > 0)
		to->len += (size_t)n;
	if (n > 0 || (n == -1 && (errno == EINTR || errno == EAGAIN)))
		return EX_OK;
	if (n == -1 && errno != ECONNRESET)
		return failed(to, errno);
	if (to->len > 0)
		return issuer_connection_fault(to, "it ended within a line");
	jwt_fault_set(to->fault,
	    "%.*s: jwt-issuerd ended the connection without an answer: it is "
	    "being stopped, or has too many of them; try again later",
	    SHOWN, to->path);
	return EX_TEMPFAIL;
}

int
issuer_connection_read(struct issuer_connection *to, struct jwt_slice *line)
{
	struct timespec now;
	const char *newline;
	int result;
	size_t i;

	to->len -= to->taken;
	memmove(to->bytes, to->bytes + to->taken, to->len);
	to->taken = 0;
	if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
		return failed(to, errno);
	while ((newline = memchr(to->bytes, '\n', to->len)) == NULL) {
		if (to->len == ISSUER_REPLY_MAX)
			return issuer_connection_fault(to, "a line has no end");
		result = wait_for_bytes(to, now.tv_sec + SILENT_SECONDS);
		if (result == EX_OK)
			result = receive(to);
		if (result != EX_OK)
			return result;
	}
	*line = (struct jwt_slice){to->bytes, (size_t)(newline - to->bytes)};
	to->taken = line->len + 1;
	for (i = 0; i < line->len; i++)
		if (line->at[i] < 0x20 || line->at[i] >= 0x7f)
			return issuer_connection_fault(
			    to, "a line is not of printable ASCII");
	return EX_OK;
}
