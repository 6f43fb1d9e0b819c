/*
 * The service by itself, or with a socket from systemd: a process for each
 * connection, until a signal says to stop.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

static volatile sig_atomic_t stop, reload, child_ended;

static void
heed(int number)
{
	if (number == SIGCHLD)
		child_ended = 1;
	else if (number == SIGHUP)
		reload = 1;
	else
		stop = 1;
}

static const int heeded[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

#define HEEDED (sizeof(heeded) / sizeof(heeded[0]))

/* Blocked but while the loop waits, so that none is missed. */
static void
take_signals(sigset_t *waiting)
{
	struct sigaction action = {.sa_handler = heed};
	sigset_t block;
	size_t i;

	sigemptyset(&block);
	for (i = 0; i < HEEDED; i++) {
		sigaction(heeded[i], &action, NULL);
		sigaddset(&block, heeded[i]);
	}
	sigprocmask(SIG_BLOCK, &block, waiting);
	for (i = 0; i < HEEDED; i++)
		sigdelset(waiting, heeded[i]);
	signal(SIGPIPE, SIG_IGN);
}

void
issuerd_default_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;
	size_t i;

	for (i = 0; i < HEEDED; i++)
		sigaction(heeded[i], &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* Its own end is not that of the service. */
	signal(SIGHUP, SIG_IGN);
}

/*
 * The loop.
 */

static void
note_fault(const char *fault)
{
	issuerd_note(LOG_ERR, "%s", fault);
}

static void
configure_anew(struct issuerd *issuerd)
{
	if (issuerd_configure(issuerd, note_fault))
		issuerd_note(LOG_INFO, "the configuration was read again");
	else
		issuerd_note(LOG_ERR,
		    "the configuration has a fault and was not taken; the one "
		    "from before is still in force");
}

/* Those that have ended; true: there are others. */
static bool
collect_children(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0;
}

/* Requests that are nearly done are done; a person at a prompt is not waited
 * for: with this process the others end. */
static void
await_children(const sigset_t *waiting)
{
	int64_t deadline = issuerd_deadline(ISSUERD_STEP), left;
	struct timespec time;

	while (
	    collect_children() && (left = deadline - issuerd_deadline(0)) > 0) {
		time = (struct timespec){
		    .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
		ppoll(NULL, 0, &time, waiting);
	}
}

static void
accept_one(struct issuerd *issuerd, int listener)
{
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (connection != -1) {
		issuerd_serve(issuerd, connection, true);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	issuerd_note(LOG_ERR, "accept: %s", strerrordesc_np(errno));
	/* Without descriptors or memory: until another process gave some up. */
	poll(NULL, 0, 100);
}

int
issuerd_listen(struct issuerd *issuerd, int listener)
{
	struct pollfd ready = {.fd = listener, .events = POLLIN};
	sigset_t waiting;
	int n;

	take_signals(&waiting);
	issuerd_note(LOG_INFO, "ready");
	while (!stop) {
		n = ppoll(&ready, 1, NULL, &waiting);
		if (child_ended) {
			child_ended = 0;
			collect_children();
		}
		if (reload) {
			reload = 0;
			configure_anew(issuerd);
		}
		if (n == 1 && !stop)
			accept_one(issuerd, listener);
	}
	close(listener);
	await_children(&waiting);
	issuerd_note(LOG_INFO, "stopped");
	return EX_OK;
}
