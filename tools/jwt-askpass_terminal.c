/*
 * The terminal, for what only a person can answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

/* A terminal's line ends here: the kernel throws away what is typed beyond
 * 4095 bytes, so a line of 4095 may be a cut one. */
#define TYPED_MAX 4094

/* What could leave the terminal without its echo. */
static const int signals[] = {
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGTSTP, SIGCONT};

enum line {
	LINE_FAILED = 0, /* errno says why */
	LINE_WHOLE,
	LINE_NONE,
	LINE_TOO_LONG,
	LINE_INTERRUPTED /* a signal waits in the descriptor */
};

static int
open_terminal(struct jwt_fault *fault)
{
	int fd;

	fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		jwt_fault_set(fault,
		    "this is no prompt for a token, and there is no terminal "
		    "to ask on (/dev/tty: %s): name another askpass program "
		    "by $JWT_NEXT_ASKPASS",
		    strerrordesc_np(errno));
	return fd;
}

/* A server's text must not steer the terminal: all but printable ASCII and
 * newlines as \xNN. */
static void
show(int fd, const char *text, const char *end)
{
	static const char hex[] = "0123456789abcdef";
	char part[4] = {'\\', 'x'};
	const char *at;
	unsigned char c;
	size_t len;

	for (; *text != '\0'; text++) {
		at = text;
		len = 1;
		/* A plain char has no sign on ARM and POWER. */
		c = (unsigned char)*text;
		if ((c < 0x20 || c >= 0x7f) && c != '\n') {
			part[2] = hex[c >> 4];
			part[3] = hex[c & 15];
			at = part;
			len = sizeof(part);
		}
		if (write(fd, at, len) == -1)
			return;
	}
	(void)!write(fd, end, strlen(end));
}

bool
askpass_terminal_tell(const char *message, struct jwt_fault *fault)
{
	int fd;

	if ((fd = open_terminal(fault)) == -1)
		return false;
	show(fd, message, "\n");
	close(fd);
	return true;
}

/*
 * Signals are watched by a descriptor, so there is no handler, and no moment
 * in which one could be missed.
 */
struct watch {
	sigset_t before;
	int fd;
};

static bool
watch_begin(struct watch *watch)
{
	sigset_t watched;
	size_t i;

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

/* 1, or 0 when a signal came first; -1 with errno. */
static int
wait_for_byte(int fd, int signal_fd)
{
	struct pollfd polled[] = {
	    {.fd = fd, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};

	while (poll(polled, 2, -1) == -1)
		if (errno != EINTR)
			return -1;
	return polled[1].revents == 0;
}

/* Without its newline, byte by byte, so that the rest stays unread. */
static enum line
read_line(int fd, int signal_fd, char *line, size_t *len)
{
	ssize_t n;
	char c = '\0';

	*len = 0;
	for (;;) {
		if ((n = wait_for_byte(fd, signal_fd)) == 0)
			return LINE_INTERRUPTED;
		if (n == 1)
			n = read(fd, &c, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return LINE_FAILED;
		if (n == 0 && *len == 0)
			return LINE_NONE;
		if (n == 0 || c == '\n')
			return LINE_WHOLE;
		if (*len == TYPED_MAX)
			return LINE_TOO_LONG;
		line[(*len)++] = c;
	}
}

static enum line
ask_once(int terminal, const struct watch *watch, const char *prompt, bool echo,
    char *line, size_t *len)
{
	struct termios before, during;
	enum line found;
	int error;

	if (tcgetattr(terminal, &before) == -1)
		return LINE_FAILED;
	during = before;
	if (!echo)
		during.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	if (tcsetattr(terminal, TCSAFLUSH, &during) == -1)
		return LINE_FAILED;
	show(terminal, prompt, "");
	found = read_line(terminal, watch->fd, line, len);
	error = errno;
	if (!echo || found != LINE_WHOLE)
		show(terminal, "", "\n");
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
static enum line
ask(int terminal, const char *prompt, bool echo, char *line, size_t *len)
{
	struct watch watch;
	enum line found;
	int error;

	do {
		if (!wait_for_foreground(terminal) || !watch_begin(&watch))
			return LINE_FAILED;
		found = ask_once(terminal, &watch, prompt, echo, line, len);
		error = errno;
		watch_end(&watch);
		errno = error;
	} while (found == LINE_INTERRUPTED);
	return found;
}

bool
askpass_terminal_ask(const char *prompt, bool echo, struct jwt_fault *fault)
{
	char line[TYPED_MAX];
	enum line found;
	bool written = false;
	size_t len = 0;
	int terminal;

	if ((terminal = open_terminal(fault)) == -1)
		return false;
	found = ask(terminal, prompt, echo, line, &len);
	if (found == LINE_WHOLE)
		written = askpass_write((struct jwt_slice){line, len}, fault);
	else if (found == LINE_NONE)
		jwt_fault_set(fault, "no answer was given");
	else if (found == LINE_TOO_LONG)
		jwt_fault_set(
		    fault, "the answer has more than %d bytes", TYPED_MAX);
	else
		jwt_fault_set(
		    fault, "the terminal: %s", strerrordesc_np(errno));
	close(terminal);
	explicit_bzero(line, sizeof(line));
	return written;
}
