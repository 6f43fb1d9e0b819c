#include "tools/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* What could leave the terminal without its echo. */
static const int signals[] = {
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGTSTP, SIGCONT};

int
terminal_open(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/*
 * Writing.
 */

/* A plain char has a sign on some machines, and on ARM and POWER none. */
static bool
is_printable(unsigned char c, bool ascii)
{
	return c == '\n' || (c >= 0x20 && c < 0x7f) ||
	       (!ascii && (c == '\t' || c > 0x7f));
}

char *
terminal_printable(const char *text, const char *end, bool ascii)
{
	static const char hex[] = "0123456789abcdef";
	char *copy, *at;
	unsigned char c;

	if ((copy = malloc(4 * strlen(text) + strlen(end) + 1)) == NULL)
		return NULL;
	for (at = copy; *text != '\0'; text++) {
		c = (unsigned char)*text;
		if (is_printable(c, ascii)) {
			*at++ = *text;
			continue;
		}
		*at++ = '\\';
		*at++ = 'x';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	memcpy(at, end, strlen(end) + 1);
	return copy;
}

void
terminal_write(int fd, const char *text)
{
	ssize_t n;

	for (; *text != '\0'; text += n)
		if ((n = write(fd, text, strlen(text))) <= 0)
			return;
}

/*
 * Reading.
 */

/*
 * Signals are watched by a descriptor, so there is no handler, and no moment
 * in which one could be missed.
 */
struct watch {
	sigset_t before;
	int fd;           /* -1: none are watched */
	bool interrupted; /* one came before the line was whole */
};

/* Waits for the next byte.  1, or 0 when a signal came first; -1 with errno. */
static int
wait_for_byte(int fd, const struct watch *watch)
{
	struct pollfd polled[] = {
	    {.fd = fd, .events = POLLIN}, {.fd = watch->fd, .events = POLLIN}};

	while (poll(polled, 2, -1) == -1)
		if (errno != EINTR)
			return -1;
	return polled[1].revents == 0;
}

/*
 * Byte by byte, so that what belongs to the next prompt stays unread and no
 * buffer keeps a password.
 */
static enum terminal_line
read_line(int fd, struct watch *watch, char *line, size_t max)
{
	size_t len = 0;
	ssize_t n;
	char c = '\0';

	for (;;) {
		if ((n = wait_for_byte(fd, watch)) == 0) {
			watch->interrupted = true;
			return TERMINAL_FAILED;
		}
		if (n == 1)
			n = read(fd, &c, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return TERMINAL_FAILED;
		if (n == 0 && len == 0)
			return TERMINAL_NONE;
		if (n == 0 || c == '\n')
			break;
		if (c == '\0')
			return TERMINAL_HAS_NUL;
		if (len == max)
			return TERMINAL_TOO_LONG;
		line[len++] = c;
	}
	line[len] = '\0';
	return TERMINAL_WHOLE;
}

enum terminal_line
terminal_read(int fd, char *line, size_t max)
{
	struct watch none = {.fd = -1};

	return read_line(fd, &none, line, max);
}

/*
 * Asking.
 */

static bool
watch_begin(struct watch *watch)
{
	sigset_t watched;
	size_t i;

	watch->interrupted = false;
	sigemptyset(&watched);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&watched, signals[i]);
	if (sigprocmask(SIG_BLOCK, &watched, &watch->before) == -1)
		return false;
	/* One that was blocked all along would never be delivered. */
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigismember(&watch->before, signals[i]) == 1)
			sigdelset(&watched, signals[i]);
	watch->fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watch->fd == -1)
		sigprocmask(SIG_SETMASK, &watch->before, NULL);
	return watch->fd != -1;
}

/* What came does now what it would have done: it ends us, or stops us. */
static void
watch_end(struct watch *watch)
{
	struct signalfd_siginfo info;
	bool came;

	came = read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info);
	close(watch->fd);
	sigprocmask(SIG_SETMASK, &watch->before, NULL);
	if (came)
		raise((int)info.ssi_signo);
}

static enum terminal_line
ask_once(int terminal, struct watch *watch, const char *prompt, bool echo,
    char *line)
{
	struct termios before, during;
	enum terminal_line found;
	int error;

	if (tcgetattr(terminal, &before) == -1)
		return TERMINAL_FAILED;
	during = before;
	if (!echo)
		during.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	if (tcsetattr(terminal, TCSAFLUSH, &during) == -1)
		return TERMINAL_FAILED;
	terminal_write(terminal, prompt);
	found = read_line(terminal, watch, line, TERMINAL_MAX);
	error = errno;
	if (!echo || found != TERMINAL_WHOLE)
		terminal_write(terminal, "\n");
	/* What was not read is thrown away, or a shell would get it. */
	tcsetattr(terminal, TCSAFLUSH, &before);
	errno = error;
	return found;
}

/* In the background, to set anything stops us until we are in front. */
static bool
wait_for_foreground(int terminal)
{
	struct termios now;

	return tcgetattr(terminal, &now) == 0 &&
	       tcsetattr(terminal, TCSANOW, &now) == 0;
}

/* Asks again after a signal that we outlived: after a stop, say. */
enum terminal_line
terminal_ask(int terminal, const char *prompt, bool echo, char *line)
{
	struct watch watch;
	enum terminal_line found;
	int error;

	do {
		if (!wait_for_foreground(terminal) || !watch_begin(&watch))
			return TERMINAL_FAILED;
		found = ask_once(terminal, &watch, prompt, echo, line);
		error = errno;
		watch_end(&watch);
		errno = error;
	} while (watch.interrupted);
	return found;
}
