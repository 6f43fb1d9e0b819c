#include "tools/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What others could have read is no secret, and what they could have written
 * may be theirs. */
static bool
is_ours(int fd, bool secret, const char *what, struct jwt_fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode))
		jwt_fault_set(fault, "%s: is no regular file", what);
	else if (st.st_uid != geteuid())
		jwt_fault_set(fault, "%s: is owned by uid %u, wanted uid %u",
		    what, (unsigned int)st.st_uid, (unsigned int)geteuid());
	else if (secret && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		jwt_fault_set(fault,
		    "%s: has mode %04o, wanted nothing for group and others: "
		    "chmod 600",
		    what, (unsigned int)(st.st_mode & 07777));
	else
		return true;
	return false;
}

static enum private_found
open_ours(int folder, const char *path, bool secret, const char *what, int *fd,
    struct jwt_fault *fault)
{
	/* O_NONBLOCK: a FIFO in its place must not hold the login. */
	*fd = openat(folder, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd == -1) {
		jwt_fault_set(fault, "%s: %s", what,
		    errno == ELOOP ? "is a symbolic link, wanted a file"
				   : strerrordesc_np(errno));
		return errno == ENOENT ? PRIVATE_ABSENT : PRIVATE_FAULT;
	}
	if (is_ours(*fd, secret, what, fault))
		return PRIVATE_FOUND;
	close(*fd);
	*fd = -1;
	return PRIVATE_FAULT;
}

enum private_found
private_file_open(int folder, const char *path, const char *what, int *fd,
    struct jwt_fault *fault)
{
	return open_ours(folder, path, true, what, fd, fault);
}

enum private_found
private_file_open_own(int folder, const char *path, const char *what, int *fd,
    struct jwt_fault *fault)
{
	return open_ours(folder, path, false, what, fd, fault);
}

bool
private_file_read(int fd, size_t max, const char *what, char **bytes,
    size_t *len, struct jwt_fault *fault)
{
	ssize_t n;

	*len = 0;
	if ((*bytes = malloc(max + 1)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return false;
	}
	/* One more, to see that there is more. */
	do {
		n = read(fd, *bytes + *len, max + 1 - *len);
		if (n > 0)
			*len += (size_t)n;
	} while ((n > 0 && *len <= max) || (n == -1 && errno == EINTR));
	if (n == -1)
		jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
	else if (*len > max)
		jwt_fault_set(fault, "%s: has more than %zu bytes", what, max);
	return n != -1 && *len <= max;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct jwt_slice
private_text_trim(struct jwt_slice text)
{
	while (text.len > 0 && is_space(text.at[text.len - 1]))
		text.len--;
	while (text.len > 0 && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	return text;
}
