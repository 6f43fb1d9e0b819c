/*
 * What the service is on its host: its folder, its account, its socket, and
 * who may ask it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netd/netd.h"
#include "tools/listener.h"

#define GROUPS_MAX 1024

static bool
find_user(const struct jwt_config *config, uid_t *uid, gid_t *gid,
    struct jwt_fault *fault)
{
	const struct passwd *entry;

	errno = 0;
	if ((entry = getpwnam(config->fetcher.user)) == NULL) {
		jwt_fault_set(fault,
		    "there is no account '%s' to run as%s%s: systemd-sysusers "
		    "makes it, or useradd --system --no-create-home %s, or "
		    "name another as user in [pam-jwtd]",
		    config->fetcher.user, errno != 0 ? ": " : "",
		    errno != 0 ? strerrordesc_np(errno) : "",
		    config->fetcher.user);
		return false;
	}
	if (entry->pw_uid == 0) {
		jwt_fault_set(fault,
		    "user in [pam-jwtd] is '%s', who is root: what reads the "
		    "network's answers must not be",
		    config->fetcher.user);
		return false;
	}
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
	return true;
}

/*
 * Whoever has a terminal can type into it (ioctl TIOCSTI), and what runs there
 * afterwards is root's shell.
 */
static bool
leave_terminal(struct jwt_fault *fault)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool left;

	if (fd == -1)
		return true;
	/* The kernel says it to the leader of a session, too. */
	(void)signal(SIGHUP, SIG_IGN);
	if (!(left = ioctl(fd, TIOCNOTTY) == 0))
		jwt_fault_set(fault, "the terminal cannot be left: %s",
		    strerrordesc_np(errno));
	(void)signal(SIGHUP, SIG_DFL);
	close(fd);
	return left;
}

/* For good. Who is not root writes with what they have, or cannot. */
bool
netd_become(const struct jwt_config *config, struct jwt_fault *fault)
{
	uid_t uid;
	gid_t gid;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		jwt_fault_set(
		    fault, "no_new_privs: %s", strerrordesc_np(errno));
		return false;
	}
	if (geteuid() != 0)
		return true;
	if (!find_user(config, &uid, &gid, fault) || !leave_terminal(fault))
		return false;
	if (setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
	    setresuid(uid, uid, uid) == 0 && setuid(0) == -1)
		return true;
	jwt_fault_set(fault, "cannot become '%s': %s", config->fetcher.user,
	    strerrordesc_np(errno));
	return false;
}

static bool
make_folder(const struct jwt_config *config, struct jwt_fault *fault)
{
	const char *path = config->fetcher.folder;
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0 || access(path, F_OK) == 0)
		return true;
	if (!find_user(config, &uid, &gid, fault))
		return false;
	if (mkdir(path, 0755) == 0 && chown(path, uid, gid) == 0)
		return true;
	jwt_fault_set(fault, "%s: %s", path, strerrordesc_np(errno));
	return false;
}

int
netd_folder_open(const struct jwt_config *config, struct jwt_fault *fault)
{
	const char *path = config->fetcher.folder;
	struct stat st;
	int folder;

	if (!make_folder(config, fault))
		return -1;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder == -1 || fstat(folder, &st) == -1) {
		jwt_fault_set(fault,
		    "%s: %s; root makes it: jwtctl fetch, or "
		    "systemd-tmpfiles --create",
		    path, strerrordesc_np(errno));
	} else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		jwt_fault_set(fault,
		    "%s: has mode %04o, wanted no write permission for group "
		    "and others: chmod go-w",
		    path, (unsigned int)(st.st_mode & 07777));
	} else {
		return folder;
	}
	if (folder != -1)
		close(folder);
	return -1;
}

/*
 * The socket.
 */

static bool
find_group(const struct jwt_config *config, gid_t *gid)
{
	const struct group *entry;

	if (config->fetcher.group == NULL ||
	    (entry = getgrnam(config->fetcher.group)) == NULL)
		return false;
	*gid = entry->gr_gid;
	return true;
}

/* Its folder too, in /run, which is empty when the host begins. */
static void
make_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent;

	if (slash == NULL || slash == path ||
	    (parent = strndup(path, (size_t)(slash - path))) == NULL)
		return;
	(void)mkdir(parent, 0755);
	free(parent);
}

int
netd_listen(
    const struct jwt_config *config, const char *path, struct jwt_fault *fault)
{
	gid_t gid = (gid_t)-1;
	bool shared = find_group(config, &gid);
	int fd;

	make_parent(path);
	fd = listener_bind(path, shared ? 0660 : 0600, gid,
	    "another pam-jwtd listens there: stop that one first (systemctl "
	    "stop pam-jwtd.socket pam-jwtd.service)",
	    fault);
	if (fd == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	jwt_fault_set(fault, "%s: %s", path, strerrordesc_np(errno));
	close(fd);
	return -1;
}

static bool
is_in_group(int connection, const struct ucred *peer, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof(groups);
	size_t i;

	if (peer->gid == gid)
		return true;
	if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups, &size) ==
	    -1)
		return false;
	for (i = 0; i < size / sizeof(groups[0]); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

/*
 * Root, whose logins ask, and a group that was named. Its own account could
 * do all of it by itself.
 */
bool
netd_may_ask(const struct jwt_config *config, int connection)
{
	socklen_t size = sizeof(struct ucred);
	struct ucred peer;
	gid_t gid;

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() ||
	       (find_group(config, &gid) &&
		   is_in_group(connection, &peer, gid));
}
