/*
 * A good guest: the host's process, its children and its signals are there
 * after a login as they were before, whatever becomes of it and however often
 * one happens.
 */
#include "outcomes.h"

#include "tests/child.h"

#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

/*
 * The whole process, in words.
 */

static void
describe_signals(FILE *to)
{
	struct sigaction action;
	sigset_t set;
	int signal;

	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &set), 0);
	for (signal = 1; signal <= SIGRTMAX; signal++) {
		if (sigaction(signal, NULL, &action) != 0)
			continue;
		fprintf(to, "signal %d: %p flags %x blocked %d\n", signal,
		    *(void **)&action.sa_handler, (unsigned int)action.sa_flags,
		    sigismember(&set, signal));
	}
	assert_int_equal(sigpending(&set), 0);
	for (signal = 1; signal <= SIGRTMAX; signal++)
		if (sigismember(&set, signal) == 1)
			fprintf(to, "pending %d\n", signal);
}

/* Of the kernel's own account: what no call shows without changing it. */
static void
describe_status(FILE *to)
{
	static const char *const wanted[] = {
	    "Umask:", "Threads:", "Uid:", "Gid:", "Groups:", "NoNewPrivs:",
	    "Seccomp:", "SigIgn:", "SigCgt:", "CapEff:", "CoreDumping:"};
	char line[512];
	FILE *status;
	size_t i;

	status = fopen("/proc/self/status", "re");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status) != NULL)
		for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				fputs(line, to);
	fclose(status);
}

static void
describe_files(FILE *to)
{
	char path[64], target[256];
	ssize_t len;
	int fd;

	for (fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if ((len = readlink(path, target, sizeof(target))) > 0)
			fprintf(to, "file %d: %.*s flags %x offset %lld\n", fd,
			    (int)len, target, (unsigned int)fcntl(fd, F_GETFD),
			    /* The log of the tests may go to these. */
			    fd <= 2 ? 0 : (long long)lseek(fd, 0, SEEK_CUR));
	}
}

static void
describe_limits(FILE *to)
{
	struct itimerval timer;
	struct rlimit limit;
	int i;

	for (i = 0; i < (int)RLIM_NLIMITS; i++)
		if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
			fprintf(to, "limit %d: %llu %llu\n", i,
			    (unsigned long long)limit.rlim_cur,
			    (unsigned long long)limit.rlim_max);
	for (i = ITIMER_REAL; i <= ITIMER_PROF; i++) {
		assert_int_equal(getitimer((__itimer_which_t)i, &timer), 0);
		fprintf(to, "timer %d: every %lld, runs %d\n", i,
		    (long long)timer.it_interval.tv_sec,
		    timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0);
	}
}

/* The caller frees it. */
static char *
describe(void)
{
	static char text[65536];
	char folder[256];
	FILE *to;
	size_t i;

	/* No descriptor of its own, and none but fixed memory. */
	to = fmemopen(text, sizeof(text), "w");
	assert_non_null(to);
	describe_signals(to);
	describe_status(to);
	describe_files(to);
	describe_limits(to);
	for (i = 0; environ[i] != NULL; i++)
		fprintf(
		    to, "environment %p: %s\n", (void *)environ[i], environ[i]);
	assert_non_null(getcwd(folder, sizeof(folder)));
	fprintf(to, "folder %s\nlocale %s\n", folder, setlocale(LC_ALL, NULL));
	fprintf(to, "zone %s %s %ld %d\n", tzname[0], tzname[1], timezone,
	    daylight);
	fprintf(to, "group %d session %d priority %d\n", (int)getpgrp(),
	    (int)getsid(0), getpriority(PRIO_PROCESS, 0));
	assert_int_equal(fclose(to), 0);
	assert_true(strlen(text) < sizeof(text) - 1);
	return strdup(text);
}

static void
on_signal(int signal)
{
	(void)signal;
}

/* A host that has something of each kind set. */
static void
settle(void)
{
	static const struct itimerval timer = {{3600, 0}, {3600, 0}};
	struct sigaction action = {
	    .sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	setitimer(ITIMER_REAL, &timer, NULL);
	umask(027);
	assert_int_equal(chdir("/"), 0);
	/* Not TZ's word, so that whoever calls tzset(3) is found out. */
	unsetenv("TZ");
	tzset();
	setenv("TZ", "Asia/Tokyo", 1);
	setlocale(LC_ALL, "C.UTF-8");
}

/*
 * Between pam_start and pam_end, since those are libpam's and its wrapper's:
 * the module is loaded in between.
 */
static void
compare(enum outcome outcome)
{
	char *answer = answer_for(outcome), *before, *after;
	struct talk talk = {.answer = answer};
	struct pam_conv conv = {converse, &talk};
	pam_handle_t *pamh = NULL;

	assert_int_equal(
	    pam_start(service_for(outcome), "deploy", &conv, &pamh),
	    PAM_SUCCESS);
	before = describe();
	assert_int_equal(pam_authenticate(pamh, 0), results[outcome]);
	after = describe();
	assert_string_equal(before, after);
	assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
	free(before);
	free(after);
	free(answer);
}

static void
compare_all(void)
{
	enum outcome outcome;

	settle();
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++)
		compare(outcome);
}

static void
i8_nothing_of_the_process_is_changed(void **state)
{
	(void)state;
	in_a_child(compare_all);
}

/*
 * Children.
 */

static volatile sig_atomic_t children;

static void
on_child(int signal)
{
	(void)signal;
	children++;
}

static pid_t
ended_child(int code)
{
	siginfo_t info;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(code);
	/* Ended, and still there to be asked. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	return pid;
}

static void
have_children(void)
{
	struct sigaction action = {.sa_handler = on_child};
	enum outcome outcome;
	int status;
	pid_t pid;

	sigaction(SIGCHLD, &action, NULL);
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++) {
		children = 0;
		pid = ended_child(40 + (int)outcome);
		log_in_for(outcome);
		/* None of its own, and the host's is left to the host. */
		assert_int_equal(children, 1);
		assert_int_equal(waitpid(-1, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 40 + (int)outcome);
	}
}

static void
the_children_of_the_host_stay_its_own(void **state)
{
	(void)state;
	in_a_child(have_children);
}

/*
 * Again and again.
 */

struct size {
	size_t files, threads, mappings, heap, resident;
};

static size_t
count_of(const char *pattern)
{
	glob_t found;
	size_t count;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	count = found.gl_pathc;
	globfree(&found);
	return count;
}

/* Lines of this process's mappings with this word. */
static size_t
mappings_of(const char *word)
{
	char line[512];
	size_t count = 0;
	FILE *maps = fopen("/proc/self/maps", "re");

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		count += strstr(line, word) != NULL;
	fclose(maps);
	return count;
}

#ifndef __SANITIZE_ADDRESS__
/* In bytes. */
static size_t
resident(void)
{
	char line[128];
	FILE *statm = fopen("/proc/self/statm", "re");

	assert_non_null(statm);
	assert_non_null(fgets(line, sizeof(line), statm));
	fclose(statm);
	assert_non_null(strchr(line, ' '));
	return strtoul(strchr(line, ' '), NULL, 10) *
	       (size_t)sysconf(_SC_PAGESIZE);
}
#endif

static struct size
measure(void)
{
	struct size size = {.files = count_of("/proc/self/fd/*"),
	    .threads = count_of("/proc/self/task/*")};

	/* The address sanitizer keeps what was freed, and finds leaks itself. */
#ifndef __SANITIZE_ADDRESS__
	size.mappings = mappings_of("");
	size.heap = mallinfo2().uordblks;
	size.resident = resident();
#endif
	return size;
}

/*
 * By a stack with nothing else in it, so that all that is loaded and unloaded
 * is the module and what it needs.
 */
static void
i6_loaded_a_thousand_times_it_leaves_nothing_behind(void **state)
{
	char *answers[OUTCOMES];
	struct size early, late;
	enum outcome outcome;
	struct talk talk;
	int i;

	(void)state;
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++)
		answers[outcome] = answer_for(outcome);
	memset(&early, 0, sizeof(early));
	for (i = 0; i <= 1000; i++) {
		outcome = (enum outcome)(i % OUTCOMES);
		talk = (struct talk){.answer = answers[outcome]};
		assert_int_equal(
		    log_in(service_for(outcome), &talk), results[outcome]);
		assert_int_equal(mappings_of("pam_jwt.so"), 0);
		if (i == 50)
			early = measure();
	}
	late = measure();
	assert_int_equal(late.files, early.files);
	assert_int_equal(late.threads, early.threads);
	assert_in_range(late.mappings, 0, early.mappings + 2);
	/* A leak of 16 bytes a login is 15 KB, a page each is 3.8 MB. */
	assert_in_range(late.heap, 0, early.heap + 8192);
	assert_in_range(late.resident, 0, early.resident + 512 * 1024);
	for (outcome = ACCEPT; outcome < OUTCOMES; outcome++)
		free(answers[outcome]);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(i8_nothing_of_the_process_is_changed),
	    cmocka_unit_test(the_children_of_the_host_stay_its_own),
	    cmocka_unit_test(
		i6_loaded_a_thousand_times_it_leaves_nothing_behind),
	};

	(void)argc;
	/* What malloc keeps for each thread would be counted as in use. */
	if (getenv("GLIBC_TUNABLES") == NULL) {
		setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
		execv("/proc/self/exe", argv);
		return 1;
	}
	return cmocka_run_group_tests(tests, begin, end);
}
