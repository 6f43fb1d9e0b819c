/*
 * talk SOCKET: what a person could say to a service by hand. Standard input
 * goes to the socket as it comes, what comes back to standard output; ends
 * when the other side has. `talk -q SOCKET` hangs up when its input ends,
 * without waiting for an answer.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
open_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd == -1 || connect(fd, (const struct sockaddr *)&address,
			    sizeof(address)) == -1) {
		perror(path);
		return -1;
	}
	return fd;
}

/* 0 at the end, else what was moved. */
static ssize_t
move(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes)), done, m;

	for (done = 0; done < n; done += m)
		if ((m = write(to, bytes + done, (size_t)(n - done))) <= 0)
			return 0;
	return n > 0 ? n : 0;
}

int
main(int argc, char **argv)
{
	int quick = argc == 3 && strcmp(argv[1], "-q") == 0;
	struct pollfd fds[2] = {
	    {.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};

	if (argc != 2 + quick ||
	    (fds[1].fd = open_socket(argv[1 + quick])) == -1)
		return 2;
	/* Who refuses may have hung up before all was said. */
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		if (poll(fds, 2, -1) == -1)
			return 2;
		if (fds[1].revents != 0 && move(fds[1].fd, STDOUT_FILENO) == 0)
			return 0;
		if (fds[0].revents == 0 || move(STDIN_FILENO, fds[1].fd) > 0)
			continue;
		if (quick)
			return 0;
		/* Half closed: it has no more to say, and listens. */
		shutdown(fds[1].fd, SHUT_WR);
		fds[0].fd = -1;
	}
}
