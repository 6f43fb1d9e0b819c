/*
 * jwtctl jwks: the set that verifiers get.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "issuer/stored_key.h"
#include "jwt/libctx.h"
#include "tools/jwtctl_key.h"

#define SET_MAX (1024 * 1024) /* bytes */

/* The set of the one key that a provider of OpenSSL finds. */
static int
write_stored(struct key_work *work)
{
	struct issuer_stored_key stored = {0};
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason = ISSUER_INTERNAL_ERROR;
	struct jwt_key key = {0};
	char *jwks = NULL;
	int result;

	if ((result = key_become_account(work)) != CTL_GO_ON)
		return result;
	if ((work->libctx = jwt_libctx_new()) != NULL)
		reason = issuer_stored_key_open(
		    work->config, work->libctx, &key, &stored, &fault);
	if (reason == ISSUER_OK &&
	    (jwks = jwt_format("{\"keys\":[\n%s]}\n", stored.jwk)) == NULL)
		reason = ISSUER_INTERNAL_ERROR;
	if (reason != ISSUER_OK)
		result = key_failed(work, reason, &fault);
	else
		result = ctl_write(work->call, jwks, strlen(jwks)) ? CTL_YES
		                                                   : CTL_FAILED;
	free(jwks);
	jwt_key_clear(&key);
	issuer_stored_key_close(&stored);
	return result;
}

/* Writes the set to standard output, as the owner of the keys. */
static int
write_set(struct key_work *work)
{
	struct jwt_fault fault = {"no memory"};
	enum issuer_reason reason;
	char *jwks;
	bool done;
	int result;

	if (work->config->provider != NULL)
		return write_stored(work);
	if ((result = key_open(work)) != CTL_GO_ON)
		return result;
	reason = issuer_ring_publish(&work->ring, work->libctx, &jwks, &fault);
	if (reason != ISSUER_OK)
		return key_failed(work, reason, &fault);
	done = ctl_write(work->call, jwks, strlen(jwks));
	free(jwks);
	return done ? CTL_YES : CTL_FAILED;
}

/*
 * A file gets it from a process of the owner, because the caller's own rights
 * are wanted for the file, and not for what lies among the keys.
 */

static int
said(const struct key_work *work, const char *path, int error)
{
	ctl_say(work->call, "%s: cannot be written: %s", path,
	    strerrordesc_np(error));
	return CTL_FAILED;
}

static bool
read_set(int from, char **set, size_t *len)
{
	ssize_t n;

	*len = 0;
	if ((*set = malloc(SET_MAX)) == NULL) {
		errno = ENOMEM;
		return false;
	}
	do {
		n = read(from, *set + *len, SET_MAX - *len);
		if (n > 0)
			*len += (size_t)n;
		else if (n == -1 && errno != EINTR)
			return false;
	} while (n != 0 && *len < SET_MAX);
	errno = EFBIG;
	return n == 0;
}

static int
write_file(const struct key_work *work, int fd, const char *set, size_t len,
    const char *temporary, const char *path)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, set + done, len - done);
		if (n == -1 && errno != EINTR)
			return said(work, path, errno);
		if (n > 0)
			done += (size_t)n;
	}
	if (fchmod(fd, 0644) == -1 || fsync(fd) == -1 ||
	    rename(temporary, path) == -1)
		return said(work, path, errno);
	return CTL_YES;
}

/* A rename would put a file in the place of a device or a link. */
static int
check_target(const struct key_work *work, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? CTL_GO_ON : said(work, path, errno);
	if (S_ISREG(st.st_mode))
		return CTL_GO_ON;
	ctl_say(work->call,
	    "%s: is no regular file, and nothing else is replaced", path);
	return CTL_FAILED;
}

static int
replace(
    const struct key_work *work, const char *path, const char *set, size_t len)
{
	char *temporary = jwt_format("%s.XXXXXX", path);
	int fd, result;

	if (temporary == NULL)
		return said(work, path, ENOMEM);
	if ((result = check_target(work, path)) != CTL_GO_ON) {
		free(temporary);
		return result;
	}
	if ((fd = mkostemp(temporary, O_CLOEXEC)) == -1) {
		free(temporary);
		return said(work, path, errno);
	}
	result = write_file(work, fd, set, len, temporary, path);
	close(fd);
	if (result != CTL_YES)
		unlink(temporary);
	free(temporary);
	return result;
}

/* What the process that writes the set says and how it ends. */
static int
start(struct key_work *work, int *from, pid_t *child)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1) {
		ctl_say(work->call, "a pipe: %s", strerrordesc_np(errno));
		return CTL_FAILED;
	}
	fflush(stdout);
	if ((*child = fork()) == -1) {
		ctl_say(work->call, "a process: %s", strerrordesc_np(errno));
		close(ends[0]);
		close(ends[1]);
		return CTL_FAILED;
	}
	if (*child == 0) {
		close(ends[0]);
		if (dup2(ends[1], STDOUT_FILENO) == -1)
			_exit(CTL_FAILED);
		_exit(write_set(work));
	}
	close(ends[1]);
	*from = ends[0];
	return CTL_GO_ON;
}

static int
write_set_to(struct key_work *work, const char *path)
{
	int from, status, result;
	bool whole;
	size_t len;
	char *set;
	pid_t child;

	if ((result = start(work, &from, &child)) != CTL_GO_ON)
		return result;
	whole = read_set(from, &set, &len);
	if (!whole)
		result = said(work, path, errno);
	close(from);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	if (whole && (!WIFEXITED(status) || WEXITSTATUS(status) != CTL_YES))
		/* It has said why. */
		result = WIFEXITED(status) ? WEXITSTATUS(status) : CTL_FAILED;
	else if (whole)
		result = replace(work, path, set, len);
	free(set);
	return result;
}

static int
run(int argc, char **argv)
{
	static char output[] = "--output";
	const char *path = NULL;
	struct key_options shared = {0};
	const struct ctl_option options[] = {
	    KEY_OPTIONS(shared), {"output", false, &path}};
	struct key_work work;
	int result, i;

	/* The one option that everybody types short. */
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "-o") == 0)
			argv[i] = output;
	result = ctl_options(&ctl_jwks, argc, argv, options, 3, NULL);
	if (result != CTL_GO_ON)
		return result;
	result = key_configure(&ctl_jwks, &shared, &work);
	if (result == CTL_GO_ON)
		result =
		    path == NULL ? write_set(&work) : write_set_to(&work, path);
	key_close(&work);
	return result;
}

const struct ctl_call ctl_jwks = {
    "jwks",
    "write the issuer's public keys, for verifiers",
    "usage: jwtctl jwks [-o FILE] [--config FILE | --folder DIR]\n"
    "\n"
    "Writes the JWKS of the next, the active and the retired keys.\n"
    "\n"
    "  -o, --output FILE\n"
    "                 to FILE, which is replaced whole and has mode 0644\n" KEY_OPTIONS_HELP,
    run,
};
