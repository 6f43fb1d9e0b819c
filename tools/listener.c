#include "listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

bool
listener_is_given(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	char self[24];

	snprintf(self, sizeof(self), "%ld", (long)getpid());
	return pid != NULL && fds != NULL && strcmp(pid, self) == 0 &&
	       strcmp(fds, "1") == 0;
}

static bool
take_away_old(const struct sockaddr_un *address, const char *lives,
    struct jwt_fault *fault)
{
	struct stat st;
	bool is_there;
	int fd;

	if (lstat(address->sun_path, &st) == -1)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode)) {
		jwt_fault_set(
		    fault, "%s: is there and is no socket", address->sun_path);
		return false;
	}
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return false;
	is_there = connect(fd, (const struct sockaddr *)address,
		       sizeof(*address)) == 0;
	close(fd);
	if (is_there) {
		jwt_fault_set(fault, "%s: %s", address->sun_path, lives);
		return false;
	}
	return unlink(address->sun_path) == 0;
}

int
listener_bind(const char *path, mode_t mode, gid_t group, const char *lives,
    struct jwt_fault *fault)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (path[0] != '/' || strlen(path) >= sizeof(address.sun_path)) {
		jwt_fault_set(fault,
		    "%.200s: no path of a socket, which begins with / and has "
		    "%zu bytes at most",
		    path, sizeof(address.sun_path) - 1);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	jwt_fault_set(fault, "%s: cannot be replaced", path);
	if (!take_away_old(&address, lives, fault))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 &&
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chown(path, (uid_t)-1, group) == 0 && chmod(path, mode) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	jwt_fault_set(fault, "%s: %s", path, strerrordesc_np(errno));
	if (fd != -1)
		close(fd);
	return -1;
}
