/*
 * What a person is asked and told: on the terminal, or through the pipe that
 * a script put there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"

#define ANSWER_MAX 4096 /* bytes of a line */

/* A terminal's line ends here: the kernel throws away what is typed beyond
 * 4095 bytes, so a line of 4095 may be a cut one. */
#define TYPED_MAX 4094

#define NO_SIGNAL (-1)

/* What could leave the terminal without its echo. */
static const int signals[] = {
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGTSTP, SIGCONT};

enum line {
	LINE_FAILED = 0, /* errno says why */
	LINE_WHOLE,
	LINE_NONE, /* the end came first */
	LINE_TOO_LONG,
	LINE_HAS_NUL,
	LINE_INTERRUPTED /* a signal waits in the descriptor */
};

/*
 * Writing.
 */

/* Modules pass on what servers sent: nothing in it may steer a terminal. */
static void
show(int fd, const char *text, const char *end)
{
	char *copy, *at;
	ssize_t n;

	if ((copy = jwt_format("%s%s", text, end)) == NULL)
		return;
	for (at = copy; *at != '\0'; at++)
		if (((unsigned char)*at < 0x20 && *at != '\n' && *at != '\t') ||
		    *at == 0x7f)
			*at = '?';
	for (at = copy; *at != '\0'; at += n)
		if ((n = write(fd, at, strlen(at))) <= 0)
			break;
	free(copy);
}

static int
open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

void
issue_tell(const char *message)
{
	int fd = -1;

	if (isatty(STDIN_FILENO))
		fd = open_terminal();
	show(fd != -1 ? fd : STDERR_FILENO, message, "\n");
	if (fd != -1)
		close(fd);
}

/*
 * Reading.
 */

/*
 * Waits for the next byte.  1, or 0 when a signal came first, which is still
 * to be read from `signal_fd` (NO_SIGNAL: none are watched); -1 with errno.
 */
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

/*
 * One line without its newline into `line`, `max` bytes at most and a NUL.
 * Byte by byte, so that what belongs to the next prompt stays unread and no
 * buffer keeps a password.
 */
static enum line
read_line(int fd, int signal_fd, char *line, size_t max)
{
	size_t len = 0;
	ssize_t n;
	char c = '\0';

	for (;;) {
		if ((n = wait_for_byte(fd, signal_fd)) == 0)
			return LINE_INTERRUPTED;
		if (n == 1)
			n = read(fd, &c, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return LINE_FAILED;
		if (n == 0 && len == 0)
			return LINE_NONE;
		if (n == 0 || c == '\n')
			break;
		if (c == '\0')
			return LINE_HAS_NUL;
		if (len == max)
			return LINE_TOO_LONG;
		line[len++] = c;
	}
	line[len] = '\0';
	return LINE_WHOLE;
}

/*
 * Signals.  They are watched by a descriptor, so there is no handler, and no
 * moment in which one could be missed.
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

/*
 * The terminal.
 */

static enum line
ask_once(int terminal, const struct watch *watch, const char *prompt, bool echo,
    char *line)
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
	found = read_line(terminal, watch->fd, line, TYPED_MAX);
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
ask_terminal(int terminal, const char *prompt, bool echo, char *line)
{
	struct watch watch;
	enum line found;
	int error;

	do {
		if (!wait_for_foreground(terminal) || !watch_begin(&watch))
			return LINE_FAILED;
		found = ask_once(terminal, &watch, prompt, echo, line);
		error = errno;
		watch_end(&watch);
		errno = error;
	} while (found == LINE_INTERRUPTED);
	return found;
}

/*
 * What became of it.
 */

static int
explain(enum line found, bool typed, struct jwt_fault *fault)
{
	switch (found) {
	case LINE_WHOLE:
		return EX_OK;
	case LINE_NONE:
		if (typed) {
			jwt_fault_set(fault, "no answer was given");
			return EX_NOPERM;
		}
		jwt_fault_set(fault,
		    "standard input is no terminal and ended before the "
		    "answer: run it on a terminal (ssh -t), or write the "
		    "answers into it, one a line");
		return EX_UNAVAILABLE;
	case LINE_TOO_LONG:
		jwt_fault_set(fault, "the answer has more than %d bytes",
		    typed ? TYPED_MAX : ANSWER_MAX);
		return EX_NOPERM;
	case LINE_HAS_NUL:
		jwt_fault_set(fault, "the answer has a NUL in it");
		return EX_NOPERM;
	case LINE_FAILED:
	case LINE_INTERRUPTED:
		break;
	}
	jwt_fault_set(
	    fault, "the answer cannot be read: %s", strerrordesc_np(errno));
	return EX_OSERR;
}

int
issue_ask(const char *prompt, bool echo, char **answer, struct jwt_fault *fault)
{
	bool typed = isatty(STDIN_FILENO) == 1;
	char line[ANSWER_MAX + 1];
	int terminal, result;
	enum line found;

	*answer = NULL;
	if (!typed) {
		show(STDERR_FILENO, prompt, "\n");
		found = read_line(STDIN_FILENO, NO_SIGNAL, line, ANSWER_MAX);
	} else {
		if ((terminal = open_terminal()) == -1) {
			jwt_fault_set(fault,
			    "/dev/tty: %s: no terminal to ask on",
			    strerrordesc_np(errno));
			return EX_UNAVAILABLE;
		}
		found = ask_terminal(terminal, prompt, echo, line);
		close(terminal);
	}
	result = explain(found, typed, fault);
	if (result == EX_OK && (*answer = strdup(line)) == NULL) {
		jwt_fault_set(fault, "no memory");
		result = EX_OSERR;
	}
	explicit_bzero(line, sizeof(line));
	return result;
}
