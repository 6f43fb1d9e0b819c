/*
 * jwtctl fetch: pam-jwtd does it, which alone has what the network needs.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/jwtctl.h"

/* The one that was built or installed with this command. */
static char *
beside(void)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (len <= 0)
		return NULL;
	self[len] = '\0';
	if ((slash = strrchr(self, '/')) == NULL)
		return NULL;
	slash[1] = '\0';
	return jwt_format("%spam-jwtd", self);
}

static int
run(int argc, char **argv)
{
	char **arguments = calloc((size_t)argc + 2, sizeof(*arguments));
	char *program = beside();
	int i;

	if (arguments == NULL || program == NULL) {
		ctl_say(&ctl_fetch, "no memory, or no /proc");
		free(program);
		free(arguments);
		return CTL_FAILED;
	}
	arguments[0] = program;
	for (i = 0; i < argc; i++)
		arguments[i + 1] = argv[i];
	(void)execv(program, arguments);
	if (errno == ENOENT) {
		arguments[0] = (char *)(uintptr_t)JWT_NETD;
		(void)execv(JWT_NETD, arguments);
	}
	ctl_say(&ctl_fetch, "%s: %s", arguments[0], strerrordesc_np(errno));
	free(program);
	free(arguments);
	return CTL_FAILED;
}

const struct ctl_call ctl_fetch = {
    "fetch",
    "get the keys of providers now (--help tells more)",
    "",
    run,
};
