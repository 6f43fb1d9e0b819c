/*
 * Where the token goes: standard output, or a file that only its owner reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"

#define RANDOM_SIZE 16 /* of a temporary name, with its NUL */

static int
failed(const char *path, const char *what, int error, struct jwt_fault *fault)
{
	jwt_fault_set(
	    fault, "%.200s: %s: %s", path, what, strerrordesc_np(error));
	return EX_CANTCREAT;
}

/* The folder of the path; NULL: no memory. */
static char *
folder_of(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/")
	                     : strndup(path, (size_t)(slash - path));
}

/* A rename would put a file in the place of a device or a link, /dev/stdout
 * for one. */
static int
check_target(const struct issue_output *output, struct jwt_fault *fault)
{
	struct stat st;

	if (fstatat(output->folder, output->name, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1)
		return errno == ENOENT ? EX_OK
		                       : failed(output->path, "cannot be seen",
					     errno, fault);
	if (S_ISREG(st.st_mode))
		return EX_OK;
	jwt_fault_set(fault,
	    "%.200s: is no regular file, and nothing else is replaced",
	    output->path);
	return EX_CANTCREAT;
}

int
issue_output_open(
    const char *path, struct issue_output *output, struct jwt_fault *fault)
{
	int result = EX_OK;
	char *folder;

	*output = (struct issue_output){.path = path, .folder = -1};
	if (path == NULL)
		return EX_OK;
	if ((folder = folder_of(path, &output->name)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return EX_OSERR;
	}
	output->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (output->folder == -1)
		result =
		    failed(path, "its folder cannot be opened", errno, fault);
	else if (output->name[0] == '\0')
		result = failed(path, "no file", EISDIR, fault);
	else if (faccessat(output->folder, ".", W_OK | X_OK, AT_EACCESS) == -1)
		result = failed(path, "its folder", errno, fault);
	else
		result = check_target(output, fault);
	free(folder);
	return result;
}

/*
 * Writing.
 */

/* 0, or -1 with errno. */
static int
write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n == -1)
			n = 0;
	}
	return 0;
}

/* A new file in the folder that nobody can guess; its name into `name`. */
static int
create(const struct issue_output *output, char *name, size_t size)
{
	uint64_t number;
	int fd;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return -1;
	snprintf(name, size, ".jwt-issue.%016llx", (unsigned long long)number);
	fd = openat(output->folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd;
}

static int
write_file(const struct issue_output *output, const char *token, size_t len,
    struct jwt_fault *fault)
{
	char name[sizeof(".jwt-issue.") + RANDOM_SIZE];
	int fd, error = 0;

	if ((fd = create(output, name, sizeof(name))) == -1)
		return failed(
		    output->path, "a new file beside it", errno, fault);
	/* Whatever the umask took away. */
	if (fchmod(fd, 0600) == -1 || write_all(fd, token, len) == -1 ||
	    fsync(fd) == -1)
		error = errno;
	if (close(fd) == -1 && error == 0)
		error = errno;
	if (error == 0 &&
	    renameat(output->folder, name, output->folder, output->name) == 0)
		return EX_OK;
	if (error == 0)
		error = errno;
	unlinkat(output->folder, name, 0);
	return failed(output->path, "cannot be written", error, fault);
}

int
issue_output_text(const char *text, size_t len, struct jwt_fault *fault)
{
	if (write_all(STDOUT_FILENO, text, len) == 0)
		return EX_OK;
	jwt_fault_set(fault, "standard output: %s", strerrordesc_np(errno));
	return EX_IOERR;
}

int
issue_output_write(const struct issue_output *output, const char *token,
    struct jwt_fault *fault)
{
	sigset_t all, before;
	int result = EX_OK;
	size_t len;
	char *line;

	if ((line = jwt_format("%s\n", token)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return EX_OSERR;
	}
	len = strlen(line);
	if (output->path != NULL) {
		/* A signal must leave no temporary file behind. */
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &before);
		result = write_file(output, line, len, fault);
		sigprocmask(SIG_SETMASK, &before, NULL);
	} else {
		result = issue_output_text(line, len, fault);
	}
	jwt_free_wiped(line, len);
	return result;
}

void
issue_output_close(struct issue_output *output)
{
	if (output->folder != -1)
		close(output->folder);
	output->folder = -1;
}
