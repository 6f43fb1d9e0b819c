/*
 * load-issuerd SOCKET CLIENTS REQUESTS: so many requests by so many clients at
 * once, each for an audience of its own, one in twenty rubbish of some kind.
 * Every good one must be answered, by a token for the very audience that was
 * asked for. Says how many were, and how fast.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 60000

struct count {
	unsigned int good, mixed, lost, rubbish;
};

static const char *path;

static int
open_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd != -1 && connect(fd, (const struct sockaddr *)&address,
			    sizeof(address)) == 0)
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

static size_t
read_answer(int fd, char *answer, size_t size)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && poll(&ready, 1, ANSWER_MS) == 1) {
		n = recv(fd, answer + len, size - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	answer[len] = '\0';
	return len;
}

/* A base64url character's six bits. */
static unsigned int
bits_of(char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				       "nopqrstuvwxyz0123456789-_";
	const char *at = strchr(alphabet, c);

	return at == NULL ? 0 : (unsigned int)(at - alphabet);
}

/* Whether the payload of the token has this text in it. */
static int
says(const char *answer, const char *text)
{
	char payload[1024] = "";
	unsigned int bits = 0, have = 0;
	size_t len = 0;
	const char *at;

	if (strncmp(answer, "OK ", 3) != 0 ||
	    (at = strchr(answer, '.')) == NULL)
		return 0;
	for (at++; *at != '.' && *at != '\0' && len < sizeof(payload) - 1;
	     at++) {
		bits = bits << 6 | bits_of(*at);
		have += 6;
		if (have >= 8) {
			have -= 8;
			payload[len++] = (char)(bits >> have & 0xff);
		}
	}
	return strstr(payload, text) != NULL;
}

static void
send_text(int fd, const char *text, size_t len)
{
	(void)send(fd, text, len, MSG_NOSIGNAL);
}

static void
do_rubbish(unsigned int kind, struct count *count)
{
	char junk[2048], answer[1024];
	int fd = open_socket();

	count->rubbish++;
	if (fd == -1)
		return;
	memset(junk, 'x', sizeof(junk));
	switch (kind % 5) {
	case 0: /* gone at once */
		break;
	case 1: /* half a line */
		send_text(fd, "ISSUE aud=ss", 12);
		break;
	case 2: /* endless */
		send_text(fd, junk, sizeof(junk));
		read_answer(fd, answer, sizeof(answer));
		break;
	case 3: /* no request */
		send_text(fd, "GET / HTTP/1.1\r\n\r\n", 18);
		read_answer(fd, answer, sizeof(answer));
		break;
	default: /* a good one, and gone before the answer */
		send_text(fd, "ISSUE aud=ssh://gone\n", 21);
	}
	close(fd);
}

static void
do_request(unsigned int client, unsigned int i, struct count *count)
{
	char line[128], wanted[64], answer[2048];
	int fd;

	snprintf(wanted, sizeof(wanted), "\"ssh://c%u-r%u\"", client, i);
	snprintf(line, sizeof(line), "ISSUE aud=ssh://c%u-r%u\n", client, i);
	if ((fd = open_socket()) == -1) {
		count->lost++;
		return;
	}
	send_text(fd, line, strlen(line));
	read_answer(fd, answer, sizeof(answer));
	close(fd);
	if (says(answer, wanted)) {
		count->good++;
	} else if (strncmp(answer, "OK ", 3) == 0) {
		count->mixed++;
	} else {
		count->lost++;
		fprintf(stderr, "c%u-r%u: %.200s\n", client, i, answer);
	}
}

static void
run_client(unsigned int client, unsigned int requests, int out)
{
	struct count count = {0};
	unsigned int i;

	for (i = 0; i < requests; i++) {
		if ((client + i) % 20 == 7)
			do_rubbish(client + i / 20, &count);
		else
			do_request(client, i, &count);
	}
	if (write(out, &count, sizeof(count)) != (ssize_t)sizeof(count))
		_exit(1);
	_exit(0);
}

int
main(int argc, char **argv)
{
	struct count all = {0}, one;
	struct timespec start, end;
	unsigned int clients, requests, i;
	double seconds;
	int pipes[2];

	if (argc != 4 || pipe(pipes) == -1)
		return 2;
	path = argv[1];
	clients = (unsigned int)strtoul(argv[2], NULL, 10);
	requests = (unsigned int)strtoul(argv[3], NULL, 10);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < clients; i++)
		if (fork() == 0)
			run_client(i,
			    requests / clients + (i < requests % clients),
			    pipes[1]);
	close(pipes[1]);
	while (read(pipes[0], &one, sizeof(one)) == (ssize_t)sizeof(one)) {
		all.good += one.good;
		all.mixed += one.mixed;
		all.lost += one.lost;
		all.rubbish += one.rubbish;
	}
	while (wait(NULL) > 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - start.tv_sec) +
	          (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	printf("%u good, %u mixed up, %u lost, %u rubbish, %.0f a second\n",
	    all.good, all.mixed, all.lost, all.rubbish,
	    (all.good + all.rubbish) / seconds);
	return all.mixed + all.lost > 0 || all.good + all.rubbish != requests;
}
