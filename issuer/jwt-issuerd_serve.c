/*
 * One connection: who calls, whether there is a place for them, and the two
 * processes that serve them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

/* A person may need a second token, but not all day. */
#define ANSWERS 5

/* Refused before anything is read. */
static void
refuse(const struct issuerd_call *call, enum issuer_reason reason,
    const struct jwt_fault *fault)
{
	struct issuerd_record record = {.caller = &call->caller};
	char words[64] = "ERR ";

	issuerd_audit(reason, &record, fault->text);
	strncat(words, issuer_reason_name(reason), sizeof(words) - 5);
	/* The empty buffer of a new connection takes it at once. */
	issuerd_say(call->connection, issuerd_deadline(1), words, fault->text);
}

static int
compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Everything but what a process is to have, whoever opened it; -1 is none. */
static bool
keep_only(int *kept, size_t count)
{
	unsigned int from = 0;
	bool done = true;
	size_t i;

	qsort(kept, count, sizeof(*kept), compare);
	for (i = 0; done && i < count; i++) {
		if (kept[i] < 0)
			continue;
		if ((unsigned int)kept[i] > from)
			done = close_range(
				   from, (unsigned int)kept[i] - 1, 0) == 0;
		from = (unsigned int)kept[i] + 1;
	}
	return done && close_range(from, ~0U, 0) == 0;
}

/* Modules write where they think that standard error is. */
static bool
stand_in_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

static pid_t
begin_signer(const struct issuerd_call *call, const int pair[2])
{
	int kept[] = {call->usage, call->credential, pair[1]};
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	closelog();
	if (!keep_only(kept, 3) || !stand_in_standard_descriptors())
		_exit(1);
	issuerd_audit_open(false);
	issuerd_signer(call, pair[1]);
}

/* The first process of a namespace in which it is alone. */
static pid_t
begin_front(const struct issuerd_call *call, const int pair[2])
{
	int kept[] = {call->connection, pair[0]};
	pid_t pid;

	if (unshare(CLONE_NEWPID) == -1)
		return -1;
	if ((pid = fork()) != 0)
		return pid;
	closelog();
	if (!keep_only(kept, 2) || !stand_in_standard_descriptors())
		_exit(1);
	issuerd_audit_open(true);
	issuerd_front(call, pair[0]);
}

static void
end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
}

/* Waits for the front, for as long as a person may take. */
static void
supervise(const struct issuerd_call *call, pid_t front, pid_t signer)
{
	int64_t seconds =
	    2 * ISSUERD_STEP + ANSWERS * call->config->answer_time;
	struct pollfd ended = {.fd = pidfd_open(front, 0), .events = POLLIN};
	int64_t deadline = issuerd_deadline(seconds), left;
	enum issuer_reason reason = ISSUER_OK;
	struct jwt_fault fault;
	int status = 0;

	jwt_fault_set(&fault, "the process that talks to the caller %s",
	    ended.fd == -1 ? "cannot be watched" : "has died");
	do {
		left = deadline - issuerd_deadline(0);
		if (ended.fd == -1 || left <= 0)
			break;
	} while (poll(&ended, 1, (int)left) != 1);
	if (waitpid(front, &status, WNOHANG) == front) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			reason = ISSUER_INTERNAL_ERROR;
	} else {
		end(front);
		reason = ISSUER_INTERNAL_ERROR;
		if (ended.fd != -1) {
			jwt_fault_set(&fault,
			    "the request took longer than %lld seconds and was "
			    "ended: a module of PAM hangs, or the caller",
			    (long long)seconds);
			reason = ISSUER_TIMED_OUT;
		}
	}
	if (ended.fd != -1)
		close(ended.fd);
	end(signer);
	/* Nobody else is there any more to tell the caller. */
	if (reason != ISSUER_OK)
		refuse(call, reason, &fault);
}

/* Both begin before the caller's first byte is read. */
static void
begin_and_wait(const struct issuerd_call *call)
{
	struct jwt_fault fault = {"no process can be begun: see the log"};
	pid_t front = -1, signer = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		refuse(call, ISSUER_INTERNAL_ERROR, &fault);
		return;
	}
	if ((signer = begin_signer(call, pair)) != -1)
		front = begin_front(call, pair);
	if (front == -1) {
		issuerd_note(LOG_ERR, "cannot begin a process: %s",
		    strerrordesc_np(errno));
		refuse(call, ISSUER_INTERNAL_ERROR, &fault);
	}
	/* Who waits for the other is told when the other ends. */
	close(pair[0]);
	close(pair[1]);
	if (front != -1)
		supervise(call, front, signer);
	else
		end(signer);
}

/*
 * In a process of its own from here on, where there are others to serve: the
 * system may take its time to say who a uid is.
 */
static void
look_and_begin(struct issuerd_call *call)
{
	struct jwt_fault fault = {""};
	enum issuer_reason reason;

	reason = issuerd_caller_look(call->connection, &call->caller, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_policy_admits(
		    call->config, &call->caller.person, &fault);
	if (reason == ISSUER_OK)
		reason = issuerd_usage_open(
		    call->state, call->caller.person.uid, &call->usage, &fault);
	if (reason == ISSUER_OK) {
		call->credential =
		    issuerd_credential_open(call->config, &call->no_credential);
		begin_and_wait(call);
		if (call->credential != -1)
			close(call->credential);
	} else {
		refuse(call, reason, &fault);
	}
	issuerd_caller_clear(&call->caller);
}

static void
go_on(struct issuerd_call *call, bool in_child)
{
	struct jwt_fault fault = {""};
	pid_t pid = in_child ? fork() : 0;

	if (pid == -1) {
		jwt_fault_set(&fault, "no process can be begun: %s",
		    strerrordesc_np(errno));
		refuse(call, ISSUER_INTERNAL_ERROR, &fault);
	}
	if (pid != 0)
		return;
	if (in_child)
		issuerd_default_signals();
	look_and_begin(call);
	if (in_child)
		_exit(0);
}

void
issuerd_serve(const struct issuerd *issuerd, int connection, bool in_child)
{
	struct issuerd_call call = {.config = issuerd->config,
	    .state = issuerd->state,
	    .connection = connection,
	    .usage = -1};
	struct jwt_fault fault = {""};
	enum issuer_reason reason;
	int places = -1;

	reason = issuerd_caller_peer(connection, &call.caller, &fault);
	if (reason == ISSUER_OK)
		reason = issuerd_usage_take(issuerd->state, call.config,
		    call.caller.person.uid, &places, &fault);
	if (reason == ISSUER_OK)
		go_on(&call, in_child);
	else
		refuse(&call, reason, &fault);
	if (places != -1)
		close(places);
	if (call.usage != -1)
		close(call.usage);
	close(connection);
}
