/*
 * Stands in for the system's logger in a mount namespace of the tests:
 * receives what syslog(3) sends to a socket and appends it to a file, one
 * line a message, "<PRIORITY>" (a number, as sent) first.
 *
 * It is also the first process of that namespace: as long as it runs the
 * namespace lives, and when it is killed the kernel ends all the others.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The longest message that is kept whole; syslog(3) sets no limit. */
#define MESSAGE_MAX 65536

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		errx(1, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);

	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		err(1, "%s", path);
	/* Every account may log, as through the real socket. */
	if (chmod(path, 0666) == -1)
		err(1, "%s", path);
	return fd;
}

/*
 * One message is one line here, whatever it holds: a line break inside it
 * becomes "\n" in two characters, so that a forged second line is seen as
 * what it is.
 */
static size_t
one_line(const char *message, size_t length, char *line)
{
	size_t n = 0;

	while (length > 0 &&
	       (message[length - 1] == '\0' || message[length - 1] == '\n'))
		length--;
	for (size_t i = 0; i < length; i++) {
		if (message[i] == '\n' || message[i] == '\0')
			line[n++] = '\\';
		line[n++] = message[i] == '\n'   ? 'n'
		            : message[i] == '\0' ? '0'
		                                 : message[i];
	}
	line[n++] = '\n';
	return n;
}

int
main(int argc, char **argv)
{
	static char message[MESSAGE_MAX], line[2 * MESSAGE_MAX + 1];
	int in, out;

	if (argc != 3)
		errx(2, "usage: logcatch SOCKET FILE");

	/* As process 1 it inherits orphans; ignored, they leave no zombie. */
	signal(SIGCHLD, SIG_IGN);

	out = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (out == -1)
		err(1, "%s", argv[2]);
	in = listen_at(argv[1]);

	/* The caller waits for this line instead of for a while. */
	if (puts("ready") == EOF || fflush(stdout) == EOF)
		err(1, "stdout");

	for (;;) {
		ssize_t length = recv(in, message, sizeof(message), 0);
		size_t n;

		if (length == -1)
			err(1, "recv");
		n = one_line(message, (size_t)length, line);
		if (write(out, line, n) != (ssize_t)n)
			err(1, "%s", argv[2]);
	}
}
