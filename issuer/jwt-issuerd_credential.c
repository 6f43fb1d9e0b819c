/*
 * The key as a credential of systemd (LoadCredentialEncrypted).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

/* Root's own, as systemd makes it. */
static bool
is_private(int fd, const char *path, struct jwt_fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		jwt_fault_set(
		    fault, "%.200s: %s", path, strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		 (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		jwt_fault_set(fault,
		    "%.200s: wanted a file of root's with mode 0400, found "
		    "uid %u and mode %04o",
		    path, (unsigned int)st.st_uid,
		    (unsigned int)(st.st_mode & 07777));
	else
		return true;
	return false;
}

static int
open_private(const char *path, struct jwt_fault *fault)
{
	int fd;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		jwt_fault_set(
		    fault, "%.200s: %s", path, strerrordesc_np(errno));
		return -1;
	}
	if (is_private(fd, path, fault))
		return fd;
	close(fd);
	return -1;
}

int
issuerd_credential_open(
    const struct issuer_config *config, struct jwt_fault *fault)
{
	const char *name = issuer_key_credential(config->key);
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path;
	int fd;

	if (name == NULL)
		return -1;
	if (folder == NULL || folder[0] != '/') {
		jwt_fault_set(fault,
		    "key = credential:%.100s, and this service has no "
		    "credentials ($CREDENTIALS_DIRECTORY): name it in the unit "
		    "(LoadCredentialEncrypted)",
		    name);
		return -1;
	}
	if ((path = jwt_format("%s/%s", folder, name)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return -1;
	}
	fd = open_private(path, fault);
	free(path);
	return fd;
}
