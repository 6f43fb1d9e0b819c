#include "pam_jwt_issue.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "jwt/audience.h"
#include "jwt/config.h"

#define SECONDS 5        /* that a session waits for its token */
#define SECONDS_KILLED 1 /* for the end of what was killed */
#define PASSWD_MAX 65536 /* bytes of an entry of passwd */
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

/* What the child says by its exit status where it could not even begin. */
#define NOT_BECOME 126
#define NOT_RUN 127

/* All that the child needs, made before the fork: after it no memory can be
 * asked for in a process that had threads. */
struct run {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int group_count;
	char **argv;
	size_t args;
	char *environment[2];
};

static int
no_memory(const pam_handle_t *pamh)
{
	pam_syslog(pamh, LOG_ERR, "no token for the session: no memory");
	return PAM_BUF_ERR;
}

static int
faulty(const pam_handle_t *pamh, const char *argument, const char *what)
{
	char quoted[128];

	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(argument));
	pam_syslog(
	    pamh, LOG_ERR, "session argument %s of issue: %s", quoted, what);
	return PAM_SERVICE_ERR;
}

/*
 * Arguments.
 */

/* The text is transferred. */
static int
add(const pam_handle_t *pamh, struct run *run, char *text)
{
	if (text == NULL)
		return no_memory(pamh);
	run->argv[run->args++] = text;
	return PAM_SUCCESS;
}

static int
add_audience(const pam_handle_t *pamh, struct run *run, const char *argument)
{
	const char *text = argument + strlen("audience="), *fault;
	const void *service = NULL;
	struct utsname host;
	int result;

	if (text[0] == '\0')
		return faulty(pamh, argument, "is empty");
	if ((fault = jwt_audience_fault(text)) != NULL)
		return faulty(pamh, argument, fault);
	if (uname(&host) == -1 || host.nodename[0] == '.')
		host.nodename[0] = '\0';
	if (host.nodename[0] == '\0' && jwt_audience_needs_host(text))
		return faulty(pamh, argument, "this host has no name");
	if (pam_get_item(pamh, PAM_SERVICE, &service) != PAM_SUCCESS ||
	    service == NULL)
		service = "";
	result = add(pamh, run, strdup("-a"));
	if (result == PAM_SUCCESS)
		result = add(pamh, run,
		    jwt_audience_expand(text, host.nodename, service));
	return result;
}

static int
add_ttl(const pam_handle_t *pamh, struct run *run, const char *argument)
{
	const char *text = argument + strlen("ttl=");
	int64_t seconds;
	int result;

	if (!jwt_parse_duration(text, &seconds))
		return faulty(pamh, argument,
		    "is no duration, such as 300, 30s, 5m or 1h");
	result = add(pamh, run, strdup("-t"));
	if (result == PAM_SUCCESS)
		result = add(pamh, run, strdup(text));
	return result;
}

static bool
begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int
read_arguments(
    const pam_handle_t *pamh, int argc, const char **argv, struct run *run)
{
	const char *command = NULL;
	bool has_audience = false, has_ttl = false;
	int i, result;

	/* Two for each, the program and --store, and the end. */
	run->argv = calloc(2 * (size_t)argc + 3, sizeof(*run->argv));
	if (run->argv == NULL)
		return no_memory(pamh);
	result = add(pamh, run, strdup(JWT_ISSUE));
	if (result == PAM_SUCCESS)
		result = add(pamh, run, strdup("--store"));
	for (i = 0; result == PAM_SUCCESS && i < argc; i++) {
		if (begins(argv[i], "audience=")) {
			has_audience = true;
			result = add_audience(pamh, run, argv[i]);
		} else if (begins(argv[i], "ttl=") && !has_ttl) {
			has_ttl = true;
			result = add_ttl(pamh, run, argv[i]);
		} else if (begins(argv[i], "command=/") && command == NULL) {
			command = argv[i] + strlen("command=");
		} else {
			result = faulty(pamh, argv[i],
			    "there are audience=, ttl= and command=/PATH, the "
			    "last two once");
		}
	}
	if (result == PAM_SUCCESS && !has_audience)
		result = faulty(pamh, "audience=", "is missing");
	if (result == PAM_SUCCESS && command != NULL) {
		free(run->argv[0]);
		if ((run->argv[0] = strdup(command)) == NULL)
			result = no_memory(pamh);
	}
	return result;
}

/*
 * The account.
 */

/* As initgroups would, but before the fork. */
static int
find_groups(const pam_handle_t *pamh, const char *user, struct run *run)
{
	int count = 64;

	for (;;) {
		gid_t *larger = reallocarray(
		    run->groups, (size_t)count, sizeof(*run->groups));

		if (larger == NULL)
			return no_memory(pamh);
		run->groups = larger;
		run->group_count = count;
		if (getgrouplist(
			user, run->gid, run->groups, &run->group_count) != -1)
			return PAM_SUCCESS;
		count = run->group_count > count ? run->group_count : 2 * count;
		if (count > GROUPS_MAX) {
			pam_syslog(pamh, LOG_ERR,
			    "no token for the session: too many groups");
			return PAM_SESSION_ERR;
		}
	}
}

static int
find_account(pam_handle_t *pamh, struct run *run)
{
	struct passwd entry, *found = NULL;
	const void *user = NULL;
	int error, result;
	char *room;

	if (pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS || user == NULL)
		return PAM_IGNORE;
	if ((room = malloc(PASSWD_MAX)) == NULL)
		return no_memory(pamh);
	error = getpwnam_r(user, &entry, room, PASSWD_MAX, &found);
	if (found == NULL && error != 0 && error != ENOENT && error != ESRCH) {
		pam_syslog(pamh, LOG_ERR,
		    "no token for the session: the account cannot be looked "
		    "up: %s",
		    strerrordesc_np(error));
		result = PAM_SESSION_ERR;
	} else if (found == NULL || entry.pw_uid == 0) {
		result = PAM_IGNORE;
	} else {
		run->uid = entry.pw_uid;
		run->gid = entry.pw_gid;
		result = find_groups(pamh, user, run);
	}
	free(room);
	return result;
}

static int
find_folder(pam_handle_t *pamh, struct run *run)
{
	const char *folder = pam_getenv(pamh, "XDG_RUNTIME_DIR");

	if (folder == NULL)
		return PAM_SUCCESS;
	run->environment[0] = jwt_format("XDG_RUNTIME_DIR=%s", folder);
	return run->environment[0] != NULL ? PAM_SUCCESS : no_memory(pamh);
}

static void
clear(struct run *run)
{
	size_t i;

	for (i = 0; i < run->args; i++)
		free(run->argv[i]);
	free(run->argv);
	free(run->groups);
	free(run->environment[0]);
}

/*
 * The child.
 */

/* Nothing of the host's is to reach a program that the user could trace. */
static bool
leave_everything(void)
{
	unsigned int fd, most;
	int null;

	null = open("/dev/null", O_RDWR);
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    dup2(null, 2) == -1 || chdir("/") == -1)
		return false;
	if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
		return true;
	most = (unsigned int)sysconf(_SC_OPEN_MAX);
	for (fd = 3; fd < most && fd < 65536; fd++)
		(void)close((int)fd);
	return true;
}

/* For good; who is that user already needs nothing. */
static bool
become(const struct run *run)
{
	if (geteuid() != 0)
		return geteuid() == run->uid && getuid() == run->uid;
	return setgroups((size_t)run->group_count, run->groups) == 0 &&
	       setresgid(run->gid, run->gid, run->gid) == 0 &&
	       setresuid(run->uid, run->uid, run->uid) == 0 && setuid(0) == -1;
}

static void __attribute__((noreturn)) child(const struct run *run)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	/* Without a terminal there is nobody to be asked. */
	(void)setsid();
	(void)umask(077);
	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &usual, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (!leave_everything() || !become(run))
		_exit(NOT_BECOME);
	(void)execve(run->argv[0], run->argv, run->environment);
	_exit(NOT_RUN);
}

/*
 * The parent.
 */

/* Whether the process has ended within so many seconds. */
static bool
ends_within(int pidfd, int seconds)
{
	struct pollfd polled = {.fd = pidfd, .events = POLLIN};
	struct timespec now, end;
	int64_t left;
	int n;

	if (clock_gettime(CLOCK_MONOTONIC, &end) == -1)
		return false;
	end.tv_sec += seconds;
	do {
		if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
			return false;
		left = (int64_t)(end.tv_sec - now.tv_sec) * 1000 +
		       (end.tv_nsec - now.tv_nsec) / 1000000;
		n = poll(&polled, 1, left > 0 ? (int)left : 0);
	} while (n == -1 && errno == EINTR);
	return n > 0;
}

static int
failed(const pam_handle_t *pamh, const struct run *run, const char *why)
{
	pam_syslog(pamh, LOG_NOTICE, "no token for the session: %s: %s",
	    run->argv[0], why);
	return PAM_SESSION_ERR;
}

/* What jwt-issue(1) says of its exit status, for whoever reads the log. */
static const char *
explain(int status)
{
	static const struct {
		int code;
		const char *text;
	} codes[] = {{NOT_BECOME, "the account cannot be entered"},
	    {NOT_RUN, "it cannot be run"},
	    {EX_USAGE, "the arguments of the PAM line have a fault"},
	    {EX_DATAERR, "a lifetime or claim that no policy allows, or the "
			 "token would be too long"},
	    {EX_NOINPUT, "jwt-issuerd has no key"},
	    {EX_NOUSER, "jwt-issuerd does not know the account"},
	    {EX_NOHOST, "no policy allows the audience"},
	    {EX_UNAVAILABLE, "no jwt-issuerd listens, or it asks for a "
			     "password: the policy needs proof = session or "
			     "peer"},
	    {EX_CANTCREAT, "the token cannot be stored"},
	    {EX_TEMPFAIL, "jwt-issuerd was too slow, or has too much to do"},
	    {EX_PROTOCOL, "what answers is no jwt-issuerd"},
	    {EX_NOPERM, "jwt-issuerd refused: no policy, or none for this "
			"kind of session"},
	    {EX_CONFIG, "jwt-issuerd's configuration has a fault"}};
	size_t i;

	if (WIFEXITED(status))
		for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
			if (codes[i].code == WEXITSTATUS(status))
				return codes[i].text;
	return "it failed";
}

/* Only this child is waited for; the host's are its own. */
static int
wait_for(const pam_handle_t *pamh, const struct run *run, pid_t pid, int pidfd)
{
	bool ended = ends_within(pidfd, SECONDS);
	int status;
	pid_t found;

	if (!ended) {
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0U);
		if (!ends_within(pidfd, SECONDS_KILLED))
			return failed(pamh, run, "it cannot be ended");
	}
	do
		found = waitpid(pid, &status, 0);
	while (found == -1 && errno == EINTR);
	if (!ended)
		return failed(pamh, run, "it took too long");
	/* The program that opens the session may have waited for all. */
	if (found != pid)
		return failed(pamh, run, "how it ended is not known");
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_OK)
		return PAM_SUCCESS;
	return failed(pamh, run, explain(status));
}

static int
run_it(const pam_handle_t *pamh, const struct run *run)
{
	sigset_t all, before;
	int pidfd, result;
	pid_t pid;

	/* In the child no handler of the host's may run. */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if ((pid = fork()) == 0)
		child(run);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid == -1)
		return failed(pamh, run, strerrordesc_np(errno));
	/* By a number alone another process could be killed, and a process
	 * cannot be waited for until then. */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0U);
	if (pidfd == -1) {
		result = failed(pamh, run, "no pidfd: Linux 5.3 has them");
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return result;
	}
	result = wait_for(pamh, run, pid, pidfd);
	(void)close(pidfd);
	return result;
}

int
jwt_issue_for_session(pam_handle_t *pamh, int argc, const char **argv)
{
	struct run run = {0};
	int result;

	result = read_arguments(pamh, argc, argv, &run);
	if (result == PAM_SUCCESS)
		result = find_account(pamh, &run);
	if (result == PAM_SUCCESS)
		result = find_folder(pamh, &run);
	if (result == PAM_SUCCESS)
		result = run_it(pamh, &run);
	clear(&run);
	return result;
}
