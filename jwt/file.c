#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 16

/* What an open or stat that failed means, and what to do about it. */
static enum jwt_reason
failed(const char *path, const char *what, int error, struct jwt_fault *fault)
{
	const char *advice = "";

	if (error == ENOMEM)
		return JWT_NO_MEMORY;
	if (error == EACCES || error == EPERM)
		advice = "; check its mode, and SELinux or AppArmor";
	jwt_fault_set(fault, "%s: %s: %s (errno %d, as uid %u)%s", path, what,
	    strerrordesc_np(error), error, (unsigned int)geteuid(), advice);
	return JWT_CONFIG_ERROR;
}

/* A path as it was asked for, and who may have written what lies there. */
struct asked {
	const char *path;
	uid_t owner; /* beside root and the effective user */
};

static bool
owner_is_trusted(const struct asked *asked, const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid() ||
	       (st->st_uid == asked->owner && asked->owner != JWT_NO_OWNER);
}

static void
say_owner(const struct asked *asked, const char *what, const struct stat *st,
    struct jwt_fault *fault)
{
	char other[32] = "";

	if (asked->owner != JWT_NO_OWNER)
		snprintf(other, sizeof(other), " or uid %u",
		    (unsigned int)asked->owner);
	jwt_fault_set(fault,
	    "%s: %s is owned by uid %u, wanted root or uid %u%s: chown root",
	    asked->path, what, (unsigned int)st->st_uid,
	    (unsigned int)geteuid(), other);
}

/* Could anybody but those have changed this entry? */
static enum jwt_reason
check_entry(const struct asked *asked, const char *what, const struct stat *st,
    struct jwt_fault *fault)
{
	if (!owner_is_trusted(asked, st)) {
		say_owner(asked, what, st, fault);
		return JWT_CONFIG_ERROR;
	}
	if (S_ISLNK(st->st_mode))
		return JWT_OK;
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0 &&
	    st->st_uid == 0)
		return JWT_OK;
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		jwt_fault_set(fault,
		    "%s: %s has mode %04o, wanted no write permission for "
		    "group and others: chmod go-w",
		    asked->path, what, (unsigned int)(st->st_mode & 07777));
		return JWT_CONFIG_ERROR;
	}
	return JWT_OK;
}

/*
 * The way to a file, walked folder by folder with the links resolved by hand,
 * so that the folders which are checked are the ones that are used.
 */
struct walk {
	struct asked asked;
	char *rest; /* what is still to be walked */
	int folder; /* O_PATH descriptor */
	unsigned int links;
};

static enum jwt_reason
enter(struct walk *walk, int folder, const char *name, struct jwt_fault *fault)
{
	enum jwt_reason result;
	char what[NAME_MAX + 32];
	struct stat st;

	if (walk->folder != -1)
		close(walk->folder);
	walk->folder = folder;
	if (fstat(folder, &st) == -1)
		return failed(
		    walk->asked.path, "cannot stat a folder", errno, fault);
	snprintf(what, sizeof(what), "the folder '%s' above it", name);
	result = check_entry(&walk->asked, what, &st, fault);
	return result;
}

static enum jwt_reason
enter_root(struct walk *walk, struct jwt_fault *fault)
{
	int folder;

	folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1)
		return failed(walk->asked.path, "cannot open /", errno, fault);
	return enter(walk, folder, "/", fault);
}

/* Puts a link's target before what is still to be walked. */
static enum jwt_reason
follow(struct walk *walk, int link, const char *after, struct jwt_fault *fault)
{
	char target[PATH_MAX];
	ssize_t len;
	char *rest;

	len = readlinkat(link, "", target, sizeof(target) - 1);
	if (len == -1)
		return failed(walk->asked.path, "cannot read a link above it",
		    errno, fault);
	if (++walk->links > LINKS_MAX)
		return failed(
		    walk->asked.path, "a folder above it", ELOOP, fault);
	target[len] = '\0';
	if ((rest = jwt_format("%s/%s", target, after)) == NULL)
		return JWT_NO_MEMORY;
	free(walk->rest);
	walk->rest = rest;
	return target[0] == '/' ? enter_root(walk, fault) : JWT_OK;
}

/* One component that is not the last. */
static enum jwt_reason
step(struct walk *walk, const char *name, const char *after,
    struct jwt_fault *fault)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	char what[NAME_MAX + 32];
	struct stat st;
	int next;

	next = openat(walk->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next == -1) {
		snprintf(what, sizeof(what),
		    "cannot open the folder '%.200s' above it", name);
		return failed(walk->asked.path, what, errno, fault);
	}
	if (fstat(next, &st) == -1) {
		result = failed(
		    walk->asked.path, "cannot stat a folder", errno, fault);
	} else if (S_ISLNK(st.st_mode)) {
		result =
		    check_entry(&walk->asked, "a link above it", &st, fault);
		if (result == JWT_OK)
			result = follow(walk, next, after, fault);
	} else if (!S_ISDIR(st.st_mode)) {
		result = failed(walk->asked.path, "above it", ENOTDIR, fault);
	} else {
		memmove(walk->rest, after, strlen(after) + 1);
		return enter(walk, next, name, fault);
	}
	close(next);
	return result;
}

/* Walks to the folder that holds the file; `walk->rest` is then its name. */
static enum jwt_reason
walk_folders(struct walk *walk, struct jwt_fault *fault)
{
	enum jwt_reason result;
	char name[NAME_MAX + 1];
	const char *start, *slash;
	size_t len;

	if ((result = enter_root(walk, fault)) != JWT_OK)
		return result;
	for (;;) {
		start = walk->rest + strspn(walk->rest, "/");
		if ((slash = strchr(start, '/')) == NULL)
			break;
		len = (size_t)(slash - start);
		if (len >= sizeof(name))
			return failed(walk->asked.path, "a folder above it",
			    ENAMETOOLONG, fault);
		memcpy(name, start, len);
		name[len] = '\0';
		result = step(walk, name, slash + 1, fault);
		if (result != JWT_OK)
			return result;
	}
	memmove(walk->rest, start, strlen(start) + 1);
	return JWT_OK;
}

static enum jwt_reason
check_file(const struct asked *asked, const struct stat *st, size_t max,
    struct jwt_fault *fault)
{
	const char *path = asked->path;

	if (!S_ISREG(st->st_mode)) {
		jwt_fault_set(fault, "%s: is no regular file", path);
		return JWT_CONFIG_ERROR;
	}
	if (st->st_size < 0 || (uintmax_t)st->st_size > max) {
		jwt_fault_set(fault, "%s: has %jd bytes, at most %zu are read",
		    path, (intmax_t)st->st_size, max);
		return JWT_CONFIG_ERROR;
	}
	return check_entry(asked, "it", st, fault);
}

/* A file that grows or shrinks while it is read is somebody's half work. */
static enum jwt_reason
read_all(int fd, const char *path, size_t size, struct jwt_file *file,
    struct jwt_fault *fault)
{
	ssize_t n;

	if ((file->bytes = malloc(size + 2)) == NULL)
		return JWT_NO_MEMORY;
	do {
		n = read(fd, file->bytes + file->len, size + 1 - file->len);
		if (n == -1 && errno != EINTR)
			return failed(path, "cannot be read", errno, fault);
		if (n > 0)
			file->len += (size_t)n;
	} while (n != 0 && file->len <= size);
	if (file->len != size) {
		jwt_fault_set(fault,
		    "%s: changed its size while it was read; replace files by "
		    "renaming a whole one over them",
		    path);
		return JWT_CONFIG_ERROR;
	}
	file->bytes[file->len] = '\0';
	return JWT_OK;
}

enum jwt_reason
jwt_file_open(const char *path, size_t max, uid_t owner, int *fd,
    struct stat *st, struct jwt_fault *fault)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct walk walk = {.asked = {path, owner}, .folder = -1};

	*fd = -1;
	if (path[0] != '/') {
		jwt_fault_set(fault, "%s: the path must begin with /", path);
		return JWT_CONFIG_ERROR;
	}
	if ((walk.rest = strdup(path)) == NULL)
		return JWT_NO_MEMORY;
	if ((result = walk_folders(&walk, fault)) != JWT_OK)
		goto out;
	/* O_NONBLOCK: a FIFO in a file's place must not hold the login. */
	*fd = openat(walk.folder, walk.rest,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd == -1) {
		result = errno == ELOOP
		             ? failed(path, "is a symbolic link, wanted a file",
				   errno, fault)
		             : failed(path, "cannot be opened", errno, fault);
		goto out;
	}
	if (fstat(*fd, st) == -1)
		result = failed(path, "cannot be examined", errno, fault);
	else
		result = check_file(&walk.asked, st, max, fault);
out:
	if (result != JWT_OK && *fd != -1) {
		close(*fd);
		*fd = -1;
	}
	if (walk.folder != -1)
		close(walk.folder);
	free(walk.rest);
	return result;
}

enum jwt_reason
jwt_file_read(const char *path, size_t max, struct jwt_file *file,
    struct jwt_fault *fault)
{
	enum jwt_reason result;
	struct stat st;
	int fd;

	*file = (struct jwt_file){0};
	result = jwt_file_open(path, max, JWT_NO_OWNER, &fd, &st, fault);
	if (result != JWT_OK)
		return result;
	file->mode = st.st_mode;
	result = read_all(fd, path, (size_t)st.st_size, file, fault);
	if (result != JWT_OK)
		jwt_file_free(file);
	close(fd);
	return result;
}

void
jwt_file_free(struct jwt_file *file)
{
	jwt_free_wiped(file->bytes, file->len);
	*file = (struct jwt_file){0};
}
