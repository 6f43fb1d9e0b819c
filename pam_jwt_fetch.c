#include "pam_jwt_fetch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int64_t
milliseconds(void)
{
	struct timespec now;

	/* It cannot fail for this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Another account's process that took the socket's place would learn when who
 * logs in, and could hold each login for the whole time.
 */
static bool
is_the_service(int fd, const char *user)
{
	socklen_t size = sizeof(struct ucred);
	struct ucred peer;
	bool known;
	uid_t uid;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	return jwt_account_uid(user, &known, &uid) == 0 && known &&
	       peer.uid == uid;
}

/* Never blocks: not for a service that hangs, with its backlog full, either. */
static int
open_socket(const struct jwt_fetcher *fetcher)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(fetcher->socket);
	int fd;

	if (len >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, fetcher->socket, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		0 &&
	    is_the_service(fd, fetcher->user))
		return fd;
	close(fd);
	return -1;
}

/* Until it says anything, or closes: what it did is seen in the keys. */
static void
wait_for_answer(int fd, int64_t deadline)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	int64_t left;
	int n;

	do {
		left = deadline - milliseconds();
		n = left > 0 ? poll(&polled, 1, (int)left) : 0;
	} while (n == -1 && errno == EINTR);
}

void
jwt_ask_to_fetch(
    const struct jwt_config *config, const struct jwt_issuer *issuer)
{
	int64_t deadline =
	    milliseconds() + issuer->provider.fetch_timeout * 1000;
	char line[128];
	int fd, len;

	len = snprintf(line, sizeof(line), "FETCH %s\n", issuer->label);
	if (len < 0 || (size_t)len >= sizeof(line))
		return;
	if ((fd = open_socket(&config->fetcher)) == -1)
		return;
	/* A socket that is new takes a line whole. */
	if (send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) == len)
		wait_for_answer(fd, deadline);
	close(fd);
}
