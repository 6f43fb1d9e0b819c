/*
 * Files that are the caller's alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

/* What others could have read is no secret, and what they could have written
 * may be theirs. */
static bool
is_private(int fd, const char *what, struct jwt_fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode))
		jwt_fault_set(fault, "%s: is no regular file", what);
	else if (st.st_uid != geteuid())
		jwt_fault_set(fault, "%s: is owned by uid %u, wanted uid %u",
		    what, (unsigned int)st.st_uid, (unsigned int)geteuid());
	else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		jwt_fault_set(fault,
		    "%s: has mode %04o, wanted nothing for group and others: "
		    "chmod 600",
		    what, (unsigned int)(st.st_mode & 07777));
	else
		return true;
	return false;
}

enum askpass_found
askpass_file_open(int folder, const char *path, const char *what, int *fd,
    struct jwt_fault *fault)
{
	/* O_NONBLOCK: a FIFO in its place must not hold the login. */
	*fd = openat(folder, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd == -1) {
		jwt_fault_set(fault, "%s: %s", what,
		    errno == ELOOP ? "is a symbolic link, wanted a file"
				   : strerrordesc_np(errno));
		return errno == ENOENT ? ASKPASS_ABSENT : ASKPASS_FAULT;
	}
	if (is_private(*fd, what, fault))
		return ASKPASS_FOUND;
	close(*fd);
	*fd = -1;
	return ASKPASS_FAULT;
}

bool
askpass_file_read(
    int fd, size_t max, struct askpass_token *token, struct jwt_fault *fault)
{
	size_t len = 0;
	ssize_t n;

	/* One more, to see that there is more. */
	token->size = max + 1;
	if ((token->bytes = malloc(token->size)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return false;
	}
	do {
		n = read(fd, token->bytes + len, token->size - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < token->size) || (n == -1 && errno == EINTR));
	token->text = (struct jwt_slice){token->bytes, len};
	if (n == -1)
		jwt_fault_set(
		    fault, "%s: %s", token->where, strerrordesc_np(errno));
	else if (len > max)
		jwt_fault_set(
		    fault, "%s: has more than %zu bytes", token->where, max);
	return n != -1 && len <= max;
}
