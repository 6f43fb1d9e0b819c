#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netd/netd.h"

#define RECORD_MAX 4096 /* bytes */

/*
 * Files of the folder.
 */

static enum jwt_reason
failed(const char *name, const char *what, struct jwt_fault *fault)
{
	int error = errno;

	jwt_fault_set(fault, "%.100s: %s: %s%s", name, what,
	    strerrordesc_np(error),
	    error == EACCES || error == EPERM || error == EROFS
		? "; the folder must belong to the user that pam-jwtd runs as"
		: "");
	return JWT_CONFIG_ERROR;
}

static bool
write_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, bytes, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/*
 * Not the folder itself, nor a file that others can read: everybody who may
 * open something may lock it, and would stop the service.
 */
int
netd_lock(int folder)
{
	int fd;

	fd = openat(
	    folder, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd != -1)
		(void)flock(fd, LOCK_EX);
	return fd;
}

/* A login must see the old file or the new one, after a power cut as well. */
enum jwt_reason
netd_replace(int folder, const char *name, const char *bytes, size_t len,
    struct jwt_fault *fault)
{
	char other[128];
	int fd;

	snprintf(other, sizeof(other), ".%.100s.new", name);
	/* What a process that was killed has left. */
	(void)unlinkat(folder, other, 0);
	fd = openat(folder, other,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1)
		return failed(name, "cannot be written", fault);
	if (fchmod(fd, 0644) == -1 || !write_all(fd, bytes, len) ||
	    fsync(fd) == -1) {
		(void)failed(name, "cannot be written", fault);
		close(fd);
		(void)unlinkat(folder, other, 0);
		return JWT_CONFIG_ERROR;
	}
	close(fd);
	if (renameat(folder, other, folder, name) == -1)
		return failed(name, "cannot be replaced", fault);
	(void)fsync(folder);
	return JWT_OK;
}

/*
 * The record.
 */

static void
file_name(char name[96], const char *label)
{
	snprintf(name, 96, "%.64s.state", label);
}

/* What stands behind a word, to the end of its line; NULL: there is none. */
static char *
value_of(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *line = text;

	while (line != NULL && strncmp(line, word, len) != 0)
		if ((line = strchr(line, '\n')) != NULL)
			line++;
	if (line == NULL)
		return NULL;
	return strndup(line + len, strcspn(line + len, "\n"));
}

static int64_t
number_of(const char *text, const char *word)
{
	char *value = value_of(text, word);
	int64_t number;

	number = value != NULL ? strtoimax(value, NULL, 10) : 0;
	free(value);
	return number > 0 ? number : 0;
}

void
netd_record_read(int folder, const char *label, struct netd_record *record)
{
	char name[96], text[RECORD_MAX];
	ssize_t len;
	int fd;

	*record = (struct netd_record){0};
	file_name(name, label);
	fd = openat(
	    folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0 || text[len - 1] != '\n')
		return;
	text[len] = '\0';
	record->attempted = number_of(text, "attempted ");
	record->due = number_of(text, "due ");
	record->failures = (unsigned int)number_of(text, "failures ");
	record->etag = value_of(text, "etag ");
	record->url = value_of(text, "from ");
}

enum jwt_reason
netd_record_write(int folder, const char *label,
    const struct netd_record *record, struct jwt_fault *fault)
{
	enum jwt_reason result;
	char name[96], *text;

	file_name(name, label);
	text = jwt_format("attempted %" PRId64 "\ndue %" PRId64
			  "\nfailures %u\n%s%s%s%s%s%s",
	    record->attempted, record->due, record->failures,
	    record->etag != NULL ? "etag " : "",
	    record->etag != NULL ? record->etag : "",
	    record->etag != NULL ? "\n" : "",
	    record->url != NULL ? "from " : "",
	    record->url != NULL ? record->url : "",
	    record->url != NULL ? "\n" : "");
	if (text == NULL)
		return JWT_NO_MEMORY;
	result = netd_replace(folder, name, text, strlen(text), fault);
	free(text);
	return result;
}

void
netd_record_clear(struct netd_record *record)
{
	free(record->etag);
	free(record->url);
	*record = (struct netd_record){0};
}
