/*
 * What the front sees of the host: everything is read-only, no device is one
 * that holds data, /run is nearly empty, nobody else runs, and the key's
 * folder is an empty one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

static bool
failed(const char *what, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
	return false;
}

/*
 * What stays of folders that are replaced by empty ones: to be read, and its
 * sockets to be connected to.  Who could write there would be the log, or the
 * one who says which accounts and groups there are, to the whole host.
 */
static const struct kept {
	const char *path;
	bool folder;
	bool writable;
} kept[] = {
    {"/dev/null", false, false},
    {"/dev/zero", false, false},
    {"/dev/full", false, false},
    {"/dev/random", false, false},
    {"/dev/urandom", false, false},
    {"/dev/log", false, false},
    {"/run/systemd/journal", true, false}, /* /dev/log is a link to it */
    {"/run/systemd/userdb", true, false},  /* nss-systemd */
    {"/run/systemd/resolve", true, false}, /* of /etc/resolv.conf */
    {"/run/nscd", true, false},
    {"/run/faillock", true, true},
};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

static const char *const emptied[] = {"/dev", "/run", "/tmp", "/var/tmp"};

#define EMPTIED (sizeof(emptied) / sizeof(emptied[0]))

/* A mount that is not attached anywhere yet; -1: there is no such path. */
static int
take_mount(const char *path)
{
	return open_tree(AT_FDCWD, path,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
		AT_SYMLINK_NOFOLLOW);
}

/* The folders above a path, within one that was emptied. */
static bool
make_folders(const char *path)
{
	char *copy, *slash;
	bool made = true;

	if ((copy = strdup(path)) == NULL)
		return false;
	for (slash = strchr(copy + 1, '/'); made && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		made =
		    mkdir(copy, 0755) == 0 || errno == EEXIST || errno == EROFS;
		*slash = '/';
	}
	free(copy);
	return made;
}

static bool
make_place(const char *path, bool folder)
{
	int fd;

	if (!make_folders(path))
		return false;
	if (folder)
		return mkdir(path, 0755) == 0 || errno == EEXIST;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd != -1 && close(fd) == 0;
}

static bool
put_mount(int *fd, const char *path, bool folder, struct jwt_fault *fault)
{
	bool put;

	if (*fd == -1)
		return true;
	put = make_place(path, folder) &&
	      move_mount(*fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
	if (!put)
		failed(path, fault);
	close(*fd);
	*fd = -1;
	return put;
}

/* A socket's link is put back as the link that it is. */
static bool
put_link(const char *target, struct jwt_fault *fault)
{
	if (target[0] == '\0' || symlink(target, "/dev/log") == 0 ||
	    errno == EEXIST)
		return true;
	return failed("/dev/log", fault);
}

static bool
empty(const char *path, const char *options, struct jwt_fault *fault)
{
	if (mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		options) == 0)
		return true;
	return failed(path, fault);
}

static bool
restrict_mount(const char *path, unsigned int flags, uint64_t attributes,
    struct jwt_fault *fault)
{
	struct mount_attr attr = {.attr_set = attributes};

	if (mount_setattr(AT_FDCWD, path, flags, &attr, sizeof(attr)) == 0)
		return true;
	return failed("mount_setattr (Linux 5.12)", fault);
}

/* What was taken before all became read-only is as it was on the host. */
static bool
put_kept(int *fd, const struct kept *what, struct jwt_fault *fault)
{
	bool restricted = *fd != -1 && what->folder && !what->writable;

	return put_mount(fd, what->path, what->folder, fault) &&
	       (!restricted || restrict_mount(what->path, AT_RECURSIVE,
				   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
				       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				   fault));
}

/* It may have gone with another that is empty now. */
static bool
hide(const char *path, struct jwt_fault *fault)
{
	return path == NULL || access(path, F_OK) == -1 ||
	       empty(path, "mode=000,size=4k", fault);
}

static bool
empty_folders(const struct issuer_config *config, struct jwt_fault *fault)
{
	size_t i;

	for (i = 0; i < EMPTIED; i++)
		if (access(emptied[i], F_OK) == 0 &&
		    !empty(emptied[i],
			i < 2 ? "mode=755,size=1m" : "mode=1777,size=1m",
			fault))
			return false;
	return hide(config->keys, fault) &&
	       hide(getenv("CREDENTIALS_DIRECTORY"), fault);
}

/* `paths`: what the administrator's PAM stack must be able to write to. */
static bool
arrange(const struct issuer_config *config, int *fds, const char *log,
    struct jwt_fault *fault)
{
	const struct jwt_strings *paths = &config->pam_paths;
	struct stat st;
	size_t i;

	if (!restrict_mount("/", AT_RECURSIVE,
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		fault) ||
	    !empty_folders(config, fault))
		return false;
	for (i = 0; i < KEPT; i++)
		if (!put_kept(&fds[i], &kept[i], fault))
			return false;
	for (i = 0; i < paths->count; i++) {
		if (fds[KEPT + i] == -1 ||
		    fstatat(fds[KEPT + i], "", &st, AT_EMPTY_PATH) == -1)
			return failed(paths->at[i], fault);
		if (!put_mount(&fds[KEPT + i], paths->at[i],
			S_ISDIR(st.st_mode), fault))
			return false;
	}
	if (!put_link(log, fault))
		return false;
	for (i = 0; i < 2; i++)
		if (!restrict_mount(emptied[i], 0,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
			    MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			fault))
			return false;
	if (mount("proc", "/proc", "proc",
		MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0)
		return true;
	return failed("/proc", fault);
}

bool
issuerd_confine_view(
    const struct issuer_config *config, struct jwt_fault *fault)
{
	size_t i, count = KEPT + config->pam_paths.count;
	char log[128] = "";
	bool arranged;
	int *fds;

	if (unshare(CLONE_NEWNS | CLONE_NEWIPC) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return failed("a mount namespace of its own", fault);
	if ((fds = calloc(count, sizeof(*fds))) == NULL)
		return failed("its view of the host", fault);
	if (readlink("/dev/log", log, sizeof(log) - 1) == -1)
		log[0] = '\0';
	for (i = 0; i < count; i++)
		fds[i] = take_mount(
		    i < KEPT ? kept[i].path : config->pam_paths.at[i - KEPT]);
	/* The link would be a mount of a link. */
	for (i = 0; log[0] != '\0' && i < KEPT; i++)
		if (strcmp(kept[i].path, "/dev/log") == 0 && fds[i] != -1) {
			close(fds[i]);
			fds[i] = -1;
		}
	arranged = arrange(config, fds, log, fault);
	for (i = 0; i < count; i++)
		if (fds[i] != -1)
			close(fds[i]);
	free(fds);
	return arranged && (chdir("/") == 0 || failed("/", fault));
}
