/*
 * The token of a login that has begun, kept for its next pieces: what is
 * asked for later must be of the same token, and a command that fetches one
 * must not run for each piece.
 *
 * One file for each login, named by who asks (the parent's number and when it
 * began) and for which host.  It lies in memory where that is possible, is
 * taken away with the last piece, and what was left behind by a login that
 * broke off is swept when the next one begins.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

#define PREFIX "jwt-askpass."
#define NAME_SIZE 96
#define KEPT_MAX (ASKPASS_TOKEN_MAX + ASKPASS_NAME_MAX + 2)
#define SECONDS_MAX 600 /* no login is given longer, and a file no more */

/* The host may be longer than a file's name; it stands inside as well. */
static uint64_t
hash(const char *text)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (; *text != '\0'; text++)
		value =
		    (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return value;
}

static void
make_name(
    char name[NAME_SIZE], const struct askpass_parent *parent, const char *host)
{
	snprintf(name, NAME_SIZE, PREFIX "%u.%ld.%llu.%016llx",
	    (unsigned int)geteuid(), (long)parent->pid,
	    (unsigned long long)parent->start, (unsigned long long)hash(host));
}

/*
 * Folders.
 */

/* One of ours alone, or one where nobody takes away what is another's. */
static bool
is_safe(const struct stat *st)
{
	return (st->st_uid == geteuid() &&
		   (st->st_mode & (S_IRWXG | S_IRWXO)) == 0) ||
	       (st->st_uid == 0 && (st->st_mode & S_ISVTX) != 0);
}

/* -1, and errno says why. */
static int
try_folder(const char *path)
{
	struct stat st;
	int fd, error;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!is_safe(&st))
		error = EACCES;
	else if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == -1)
		error = errno;
	else
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* Of other errors the next piece may see nothing, and look elsewhere. */
static bool
is_unfit(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP ||
	       error == EACCES || error == EROFS;
}

/* The first that is fit, the same for each piece; -1: none. */
static int
open_folder(void)
{
	const char *const folders[] = {
	    getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/tmp"};
	int fd = -1;
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (folders[i] == NULL || folders[i][0] != '/')
			continue;
		fd = try_folder(folders[i]);
		if (fd != -1 || !is_unfit(errno))
			break;
	}
	return fd;
}

/*
 * Sweeping.
 */

static bool
is_left_behind(int folder, const char *name)
{
	unsigned long long start;
	struct stat st;
	unsigned int uid;
	int read_to = 0;
	long pid;

	/* NOLINTNEXTLINE(cert-err34-c): what is no number is compared below */
	if (sscanf(name, PREFIX "%u.%ld.%llu.%n", &uid, &pid, &start,
		&read_to) != 3 ||
	    read_to == 0 || uid != geteuid() || pid <= 0)
		return false;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_uid != geteuid())
		return false;
	return !askpass_parent_runs((pid_t)pid, start) ||
	       st.st_mtime < time(NULL) - SECONDS_MAX;
}

static void
sweep(int folder)
{
	struct dirent *entry;
	int copy;
	DIR *dir;

	copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy == -1)
		return;
	if ((dir = fdopendir(copy)) == NULL) {
		close(copy);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) == 0 &&
		    is_left_behind(folder, entry->d_name))
			unlinkat(folder, entry->d_name, 0);
	closedir(dir);
}

void
askpass_kept_drop(const struct askpass_parent *parent, const char *host)
{
	char name[NAME_SIZE];
	int folder;

	if ((folder = open_folder()) == -1)
		return;
	make_name(name, parent, host);
	unlinkat(folder, name, 0);
	sweep(folder);
	close(folder);
}

/*
 * Writing and reading: the host, a newline, the token, a newline.
 */

static bool
write_file(int folder, const char *name, struct jwt_slice bytes)
{
	bool written = false;
	int fd, error = ENOSPC;
	ssize_t n;

	unlinkat(folder, name, 0);
	fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return false;
	/* Whatever the umask took away. */
	n = fchmod(fd, 0600) == 0 ? write(fd, bytes.at, bytes.len) : -1;
	written = n == (ssize_t)bytes.len;
	if (n == -1)
		error = errno;
	if (close(fd) == -1) {
		error = errno;
		written = false;
	}
	if (!written)
		unlinkat(folder, name, 0);
	errno = error;
	return written;
}

bool
askpass_kept_store(const struct askpass_parent *parent, const char *host,
    const struct askpass_token *token, struct jwt_fault *fault)
{
	char name[NAME_SIZE], *text;
	bool written;
	int folder;

	if ((folder = open_folder()) == -1) {
		jwt_fault_set(fault,
		    "a token that goes in pieces is kept in a file meanwhile, "
		    "and neither $XDG_RUNTIME_DIR nor /dev/shm nor /tmp is fit "
		    "for it");
		return false;
	}
	text = jwt_format(
	    "%s\n%.*s\n", host, (int)token->text.len, token->text.at);
	if (text == NULL) {
		jwt_fault_set(fault, "no memory");
		close(folder);
		return false;
	}
	make_name(name, parent, host);
	written = write_file(folder, name, jwt_slice_of(text));
	if (!written)
		jwt_fault_set(fault,
		    "the token cannot be kept for its next piece, as %s in "
		    "$XDG_RUNTIME_DIR, /dev/shm or /tmp: %s",
		    name, strerrordesc_np(errno));
	jwt_free_wiped(text, strlen(text));
	close(folder);
	return written;
}

/* Whether what was read is of that host, and whole. */
static bool
take_text(
    struct askpass_token *token, const char *host, struct jwt_fault *fault)
{
	struct jwt_slice *text = &token->text;
	size_t len = strlen(host);

	if (text->len < len + 2 || memcmp(text->at, host, len) != 0 ||
	    text->at[len] != '\n' || text->at[text->len - 1] != '\n') {
		jwt_fault_set(fault,
		    "%s is not whole, or of another host: log in again",
		    token->where);
		return false;
	}
	text->at += len + 1;
	text->len -= len + 2;
	return true;
}

enum private_found
askpass_kept_find(const struct askpass_parent *parent, const char *host,
    struct askpass_token *token, struct jwt_fault *fault)
{
	enum private_found found = PRIVATE_ABSENT;
	char name[NAME_SIZE];
	int folder, fd = -1;

	*token = (struct askpass_token){0};
	snprintf(token->where, sizeof(token->where), "what was kept");
	if ((folder = open_folder()) == -1)
		return PRIVATE_ABSENT;
	make_name(name, parent, host);
	found = private_file_open(folder, name, name, &fd, fault);
	close(folder);
	if (found == PRIVATE_FOUND &&
	    (!askpass_file_read(fd, KEPT_MAX, token, fault) ||
		!take_text(token, host, fault) ||
		!askpass_token_check(token, fault)))
		found = PRIVATE_FAULT;
	if (fd != -1)
		close(fd);
	return found;
}
