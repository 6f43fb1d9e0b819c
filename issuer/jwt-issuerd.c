/*
 * jwt-issuerd: options, and which of its ways it was begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"
#include "tools/listener.h"

static const char usage[] =
    "usage: jwt-issuerd [--config FILE] [--state DIR] --listen[=SOCKET]\n"
    "       jwt-issuerd [--config FILE] [--state DIR]      (from systemd)\n"
    "       jwt-issuerd [--config FILE] --check\n";

static const char help[] =
    "Holds the issuer's key and gives tokens to whom the policy lets have "
    "them.\n"
    "\n"
    "  --listen[=SOCKET]  serve " ISSUER_SOCKET ", or another\n"
    "  --check            only read the configuration; says every fault\n"
    "  --config FILE      instead of " ISSUER_CONFIG_FILE "\n"
    "  --state DIR        instead of " ISSUERD_STATE "\n"
    "  --help             this text\n"
    "\n"
    "SIGHUP reads the configuration again, SIGTERM ends it when those that "
    "are\nserved have been.\n";

struct options {
	const char *socket; /* NULL: systemd's */
	bool check, help;
};

static bool
read_options(
    int argc, char **argv, struct options *options, struct issuerd *issuerd)
{
	static const struct option names[] = {
	    {"listen", optional_argument, NULL, 'l'},
	    {"check", no_argument, NULL, 'n'},
	    {"config", required_argument, NULL, 'c'},
	    {"state", required_argument, NULL, 's'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'l':
			options->socket =
			    optarg != NULL ? optarg : ISSUER_SOCKET;
			break;
		case 'n':
			options->check = true;
			break;
		case 'c':
			issuerd->path = optarg;
			break;
		case 's':
			issuerd->state = optarg;
			break;
		case 'h':
			options->help = true;
			break;
		default:
			return false;
		}
	}
	if (optind == argc)
		return true;
	fprintf(
	    stderr, "jwt-issuerd: no argument is wanted without an option\n");
	return false;
}

/*
 * The configuration.
 */

static bool
fits_kernel(const struct issuer_config *config, void (*say)(const char *))
{
	struct jwt_fault fault;
	size_t i;

	for (i = 0; i < config->policies; i++) {
		if (config->policy[i].proof != ISSUER_PROOF_SESSION ||
		    issuerd_caller_has_pidfd())
			continue;
		jwt_fault_set(&fault,
		    "%s:%u: [policy %s] has proof = session, and this kernel "
		    "cannot say which process calls (Linux 6.5 can): take "
		    "password",
		    config->source, config->policy[i].line,
		    config->policy[i].label);
		say(fault.text);
		return false;
	}
	return true;
}

bool
issuerd_configure(struct issuerd *issuerd, void (*say)(const char *fault))
{
	struct issuer_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	size_t i;

	result = issuer_config_read(issuerd->path, &config, &faults);
	for (i = 0; i < faults.count; i++)
		say(faults.at[i].text);
	jwt_faults_clear(&faults);
	if (result != JWT_OK && result != JWT_CONFIG_ERROR)
		say("no memory");
	if (result == JWT_OK && !fits_kernel(config, say)) {
		issuer_config_free(config);
		return false;
	}
	if (result != JWT_OK)
		return false;
	issuer_config_free(issuerd->config);
	issuerd->config = config;
	return true;
}

static void
say_fault(const char *fault)
{
	fprintf(stderr, "jwt-issuerd: %s\n", fault);
	issuerd_note(LOG_ERR, "%s", fault);
}

static void
say_only(const char *fault)
{
	fprintf(stderr, "%s\n", fault);
}

/*
 * Beginning.
 */

/* Root's alone: what accounts use is counted in there. */
static bool
make_state(const char *state, struct jwt_fault *fault)
{
	char path[128];
	struct stat st;

	if (strlen(state) > sizeof(path) - 32) {
		jwt_fault_set(fault, "--state: the path is too long");
		return false;
	}
	snprintf(path, sizeof(path), "%s/usage", state);
	if ((mkdir(state, 0755) == -1 && errno != EEXIST) ||
	    (mkdir(path, 0700) == -1 && errno != EEXIST) ||
	    lstat(state, &st) == -1) {
		jwt_fault_set(fault, "%s: %s", state, strerrordesc_np(errno));
		return false;
	}
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return true;
	jwt_fault_set(fault,
	    "%s: must be a folder of root's that nobody else may write to",
	    state);
	return false;
}

/* A socket that listens, or with Accept=yes one connection. */
static int
serve_systemd(struct issuerd *issuerd)
{
	socklen_t len = sizeof(int);
	int listens = 0;

	if (getsockopt(LISTENER_GIVEN, SOL_SOCKET, SO_ACCEPTCONN, &listens,
		&len) == -1 ||
	    fcntl(LISTENER_GIVEN, F_SETFD, FD_CLOEXEC) == -1) {
		say_fault("descriptor 3, which systemd gave, is no socket");
		return EX_OSERR;
	}
	if (listens)
		return issuerd_listen(issuerd, LISTENER_GIVEN);
	issuerd_serve(issuerd, LISTENER_GIVEN, false);
	return EX_OK;
}

/* Where systemd gave a caller, they learn why there is no service. */
static void
tell_caller(void)
{
	issuerd_say(LISTENER_GIVEN, issuerd_deadline(1), "ERR config_error",
	    "the service's configuration has a fault: its administrator finds "
	    "file and line in the log (journalctl -t jwt-issuerd)");
}

static int
serve(struct issuerd *issuerd, const char *path)
{
	struct jwt_fault fault = {""};
	int listener, result;

	if (geteuid() != 0) {
		say_fault("must be begun as root: it reads who may log in, and "
			  "then gives that up");
		return EX_NOPERM;
	}
	umask(022);
	if (!make_state(issuerd->state, &fault)) {
		say_fault(fault.text);
		return EX_CANTCREAT;
	}
	if (path == NULL)
		return serve_systemd(issuerd);
	/* Everybody may ask; the policy says who gets anything. */
	listener = listener_bind(path, 0666, (gid_t)-1,
	    "another jwt-issuerd listens there: stop that one first (systemctl "
	    "stop jwt-issuer.socket)",
	    &fault);
	if (listener == -1) {
		say_fault(fault.text);
		return EX_OSERR;
	}
	result = issuerd_listen(issuerd, listener);
	unlink(path);
	return result;
}

static int
run(const struct options *options, struct issuerd *issuerd)
{
	if (options->help)
		return printf("%s\n%s", usage, help) < 0 ? EX_IOERR : EX_OK;
	if (options->check)
		return issuerd_configure(issuerd, say_only) ? EX_OK : EX_CONFIG;
	if (options->socket == NULL && !listener_is_given()) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	issuerd_audit_open(false);
	if (!issuerd_configure(issuerd, say_fault)) {
		if (options->socket == NULL)
			tell_caller();
		return EX_CONFIG;
	}
	return serve(issuerd, options->socket);
}

int
main(int argc, char **argv)
{
	struct issuerd issuerd = {
	    .path = ISSUER_CONFIG_FILE, .state = ISSUERD_STATE};
	struct options options = {0};
	int fd, result;

	/* What is opened later must not be taken for standard output. */
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > LISTENER_GIVEN ||
	    (fd == LISTENER_GIVEN && !listener_is_given()))
		close(fd);
	if (!read_options(argc, argv, &options, &issuerd)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	result = run(&options, &issuerd);
	issuer_config_free(issuerd.config);
	return result;
}
