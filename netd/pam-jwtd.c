/*
 * pam-jwtd: options, and which of its ways it was begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "netd/netd.h"
#include "tools/listener.h"

static const char usage[] =
    "usage: pam-jwtd [--config FILE] --listen[=SOCKET]\n"
    "       pam-jwtd [--config FILE]                   (from systemd)\n"
    "       jwtctl fetch ...                           (once; see there)\n";

static const char help[] =
    "Fetches the keys of identity providers, so that no login has to.\n"
    "\n"
    "  --listen[=SOCKET]  serve the socket of [pam-jwtd], or another\n"
    "  --config FILE      instead of " JWT_CONFIG_FILE "\n"
    "  --help             this text\n"
    "\n"
    "Begun as root it becomes the user of [pam-jwtd].  SIGHUP reads the\n"
    "configuration again, SIGTERM ends it.\n";

static const char fetch_usage[] =
    "usage: jwtctl fetch [--issuer LABEL] [--config FILE] [--dry-run] "
    "[--due]\n"
    "           [--json] [--verbose]\n"
    "\n"
    "Fetches the keys of every [issuer LABEL] with jwks_url or discovery, or "
    "of\none of them, as pam-jwtd does.  Exit 0 all went well, 1 not all, 2 "
    "a fault\nof the configuration or the host.\n"
    "\n"
    "  --issuer LABEL  this one alone\n"
    "  --config FILE   instead of " JWT_CONFIG_FILE "\n"
    "  --dry-run       fetch and vet, but write nothing\n"
    "  --due           only those whose time has come, as a timer needs it\n"
    "  --json          an array of one object an issuer\n"
    "  --verbose, -v   each request, and each key\n"
    "  --help          this text\n";

/* Options are given whole, so that a script's keep their meaning. */
static bool
is_whole(const char *name, const char *argument)
{
	size_t len = strlen(name);

	return strncmp(argument, "--", 2) != 0 ||
	       (strncmp(argument + 2, name, len) == 0 &&
		   (argument[2 + len] == '\0' || argument[2 + len] == '='));
}

static bool
set_option(int option, struct netd_options *options)
{
	switch (option) {
	case 'c':
		options->config = optarg;
		return true;
	case 'i':
		options->issuer = optarg;
		return true;
	case 'n':
		return options->dry = true;
	case 'd':
		return options->due = true;
	case 'j':
		return options->json = true;
	case 'v':
		return options->verbose = true;
	case 'l':
		options->socket = optarg != NULL ? optarg : "";
		return true;
	default:
		return false;
	}
}

static bool
read_options(int argc, char **argv, const struct option *names,
    const char *shorts, struct netd_options *options, bool *asks_help)
{
	int option, index = -1, at = 1;

	while (
	    (option = getopt_long(argc, argv, shorts, names, &index)) != -1) {
		*asks_help = *asks_help || option == 'h';
		if (option != 'h' && !set_option(option, options))
			return false;
		if (index >= 0 && !is_whole(names[index].name, argv[at]))
			return false;
		index = -1;
		at = optind;
	}
	return optind == argc;
}

static struct jwt_config *
read_config(const struct netd_options *options, const char *name)
{
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	size_t i;

	result = jwt_config_read(options->config, &config, &faults);
	for (i = 0; i < faults.count; i++) {
		fprintf(stderr, "%s: %s\n", name, faults.at[i].text);
		syslog(LOG_ERR, "%s", faults.at[i].text);
	}
	jwt_faults_clear(&faults);
	if (result != JWT_OK && result != JWT_CONFIG_ERROR)
		fprintf(stderr, "%s: no memory\n", name);
	return config;
}

/*
 * Once.
 */

static int
fetch(int argc, char **argv)
{
	static const struct option names[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"issuer", required_argument, NULL, 'i'},
	    {"dry-run", no_argument, NULL, 'n'},
	    {"due", no_argument, NULL, 'd'},
	    {"json", no_argument, NULL, 'j'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	struct netd_options options = {.config = JWT_CONFIG_FILE};
	struct jwt_config *config;
	bool asks_help = false;
	int result;

	if (!read_options(argc, argv, names, "v", &options, &asks_help)) {
		fputs("Try `jwtctl fetch --help`.\n", stderr);
		return 2;
	}
	if (asks_help)
		return fputs(fetch_usage, stdout) < 0 ? 2 : 0;
	if ((config = read_config(&options, "jwtctl fetch")) == NULL)
		return 2;
	result = netd_once(config, &options);
	jwt_config_free(config);
	if (ferror(stdout) || fclose(stdout) != 0) {
		fprintf(stderr, "jwtctl fetch: standard output: %s\n",
		    strerrordesc_np(errno));
		return 2;
	}
	return result;
}

/*
 * For long.
 */

static int
say(const struct jwt_fault *fault, int code)
{
	fprintf(stderr, "pam-jwtd: %s\n", fault->text);
	syslog(LOG_ERR, "%s", fault->text);
	return code;
}

static int
serve(const struct netd_options *options, bool from_systemd)
{
	struct jwt_fault fault = {""};
	struct jwt_config *config;
	const char *path;
	int folder, listener = LISTENER_GIVEN;

	if ((config = read_config(options, "pam-jwtd")) == NULL)
		return EX_CONFIG;
	path = options->socket != NULL && options->socket[0] != '\0'
	           ? options->socket
	           : config->fetcher.socket;
	if ((folder = netd_folder_open(config, &fault)) == -1)
		return say(&fault, EX_CANTCREAT);
	if (!from_systemd &&
	    (listener = netd_listen(config, path, &fault)) == -1)
		return say(&fault, EX_OSERR);
	if (from_systemd &&
	    (fcntl(LISTENER_GIVEN, F_SETFD, FD_CLOEXEC) == -1 ||
		fcntl(LISTENER_GIVEN, F_SETFL, O_NONBLOCK) == -1))
		return say(&fault, EX_OSERR);
	if (!netd_become(config, &fault))
		return say(&fault, EX_NOPERM);
	return netd_serve(
	    options->config, config, folder, listener, from_systemd);
}

static int
run(int argc, char **argv, bool from_systemd)
{
	static const struct option names[] = {
	    {"listen", optional_argument, NULL, 'l'},
	    {"config", required_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	struct netd_options options = {.config = JWT_CONFIG_FILE};
	bool asks_help = false;

	openlog("pam-jwtd", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
	if (argc > 1 && strcmp(argv[1], "fetch") == 0)
		return fetch(argc - 1, argv + 1);
	if (!read_options(argc, argv, names, "", &options, &asks_help) ||
	    (!asks_help && options.socket == NULL && !from_systemd)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (asks_help)
		return printf("%s\n%s", usage, help) < 0 ? EX_IOERR : EX_OK;
	return serve(&options, options.socket == NULL);
}

int
main(int argc, char **argv)
{
	bool from_systemd = listener_is_given();
	int fd, result;

	/* What is opened later must not be taken for standard output. */
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > LISTENER_GIVEN || (fd == LISTENER_GIVEN && !from_systemd))
		close(fd);
	umask(022);
	/* Nothing that curl, OpenSSL or the resolver would heed. */
	(void)clearenv();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fputs("pam-jwtd: libcurl cannot begin\n", stderr);
		return EX_SOFTWARE;
	}
	result = run(argc, argv, from_systemd);
	curl_global_cleanup();
	return result;
}
