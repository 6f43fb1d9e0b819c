/*
 * A service that says what a script tells it, whatever jwt-issue makes of it:
 *
 *	fake-issuerd SOCKET SCRIPT LOG
 *
 * writes "ready" when it listens.  The script is read anew for each
 * connection, one command a line:
 *
 *	say TEXT	sends the text, its \xNN as bytes, and a newline
 *	raw TEXT	the same without a newline
 *	many N TEXT	the first N times
 *	fill N C	sends N times the character
 *	hear		takes a line, which goes into the log
 *	leave		leaves what comes unread, and ends
 *	stay		until the other end has gone
 *	deaf		no connection is taken from now on
 *
 * and then it closes the connection.  What it could not send is no matter.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_SIZE 8192

/* The bytes of the text, in its place; how many. */
static size_t
unescape(char *text)
{
	char *from = text, *to = text, digits[3] = "";

	while (*from != '\0') {
		if (from[0] == '\\' && from[1] == 'x' && from[2] != '\0' &&
		    from[3] != '\0') {
			memcpy(digits, from + 2, 2);
			*to++ = (char)strtoul(digits, NULL, 16);
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

static void
put(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	for (; len > 0; bytes += n, len -= (size_t)n)
		if ((n = send(fd, bytes, len, MSG_NOSIGNAL)) <= 0)
			return;
}

static void
say(int fd, const char *text, bool line)
{
	char copy[LINE_SIZE];
	size_t len;

	snprintf(copy, sizeof(copy) - 1, "%s", text);
	len = unescape(copy);
	if (line)
		copy[len++] = '\n';
	put(fd, copy, len);
}

/* Byte by byte, so that it takes no more than the line. */
static void
hear(int fd, const char *log)
{
	FILE *out = fopen(log, "a");
	char c;

	if (out == NULL)
		exit(1);
	while (recv(fd, &c, 1, 0) == 1) {
		fputc(c, out);
		if (c == '\n')
			break;
	}
	fclose(out);
}

/* False: no connection more. */
static bool
obey(int fd, char *line, const char *log)
{
	unsigned long count;
	char *rest, c;

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "say ", 4) == 0) {
		say(fd, line + 4, true);
	} else if (strncmp(line, "raw ", 4) == 0) {
		say(fd, line + 4, false);
	} else if (strcmp(line, "hear") == 0) {
		hear(fd, log);
	} else if (strcmp(line, "stay") == 0) {
		while (recv(fd, &c, 1, 0) > 0)
			;
	} else if (strncmp(line, "many ", 5) == 0) {
		for (count = strtoul(line + 5, &rest, 10); count > 0; count--)
			say(fd, rest + 1, true);
	} else if (strncmp(line, "fill ", 5) == 0) {
		for (count = strtoul(line + 5, &rest, 10); count > 0; count--)
			put(fd, rest + 1, 1);
	} else if (strcmp(line, "deaf") == 0) {
		return false;
	} else if (strcmp(line, "leave") != 0 && line[0] != '\0') {
		fprintf(stderr, "fake-issuerd: %s\n", line);
		exit(1);
	}
	return true;
}

static bool
serve(int fd, const char *script, const char *log)
{
	char line[LINE_SIZE];
	bool more = true;
	FILE *in;

	if ((in = fopen(script, "r")) == NULL)
		exit(1);
	while (fgets(line, sizeof(line), in) != NULL)
		more = obey(fd, line, log) && more;
	fclose(in);
	close(fd);
	return more;
}

int
main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	bool more = true;
	int listener, fd;

	if (argc != 4 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener == -1 ||
	    bind(listener, (const struct sockaddr *)&address,
		sizeof(address)) == -1 ||
	    listen(listener, 0) == -1) {
		perror("fake-issuerd");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (more && (fd = accept(listener, NULL, NULL)) != -1)
		more = serve(fd, argv[2], argv[3]);
	for (;;)
		pause();
}
