#include "tools/jwtctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct ctl_call *const calls[] = {
    &ctl_keygen,
    &ctl_sign,
    &ctl_verify,
    &ctl_explain,
    &ctl_check,
    &ctl_fetch,
    &ctl_key,
    &ctl_jwks,
    &ctl_issued,
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static int
help(void)
{
	size_t i;

	puts("usage: jwtctl CALL [OPTION]... [FILE]\n");
	for (i = 0; i < CALLS; i++)
		printf("  %-8s %s\n", calls[i]->name, calls[i]->summary);
	puts("\n"
	     "`jwtctl CALL --help` shows a call's options.  Tokens and claims "
	     "are read from\n"
	     "standard input or FILE, never from an argument: ps would show "
	     "them.");
	return CTL_YES;
}

static int
unknown_call(const char *name)
{
	char quoted[64];

	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(name));
	if (ctl_looks_like_token(name))
		return ctl_usage_error(NULL,
		    "tokens are never taken from an argument, where ps would "
		    "show them; use standard input or a file");
	return ctl_usage_error(NULL, "there is no call %s", quoted);
}

static int
run(int argc, char **argv)
{
	size_t i;

	if (argc < 2)
		return ctl_usage_error(NULL, "a call is missing");
	if (strcmp(argv[1], "--help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0) {
		puts("jwtctl " CTL_VERSION);
		return CTL_YES;
	}
	for (i = 0; i < CALLS; i++)
		if (strcmp(argv[1], calls[i]->name) == 0)
			return calls[i]->run(argc - 1, argv + 1);
	return unknown_call(argv[1]);
}

/*
 * No file that is opened later may become standard output because that was
 * closed; what is written there then fails.
 */
static bool
hold_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

int
main(int argc, char **argv)
{
	int result;

	if (!hold_descriptors()) {
		ctl_say(NULL, "/dev/null: %s", strerrordesc_np(errno));
		return CTL_FAILED;
	}
	result = run(argc, argv);
	if (ferror(stdout) || fclose(stdout) != 0) {
		ctl_say(NULL, "standard output: %s", strerrordesc_np(errno));
		return CTL_FAILED;
	}
	return result;
}
