#include "fetched_file.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "jwt/file.h"

static struct jwt_slice file;

enum jwt_reason __wrap_jwt_file_open(const char *path, size_t max, uid_t owner,
    int *fd, struct stat *st, struct jwt_fault *fault);

void
fetched_file_set(struct jwt_slice bytes)
{
	file = bytes;
}

enum jwt_reason
__wrap_jwt_file_open(const char *path, size_t max, uid_t owner, int *fd,
    struct stat *st, struct jwt_fault *fault)
{
	(void)owner;
	*fd = -1;
	if (file.at == NULL || file.len > max) {
		jwt_fault_set(fault, "%s: there is no such file", path);
		return JWT_CONFIG_ERROR;
	}
	*fd = memfd_create("fetched", MFD_CLOEXEC);
	check(*fd != -1 && write(*fd, file.at, file.len) == (ssize_t)file.len,
	    "no file in memory");
	memset(st, 0, sizeof(*st));
	st->st_size = (off_t)file.len;
	return JWT_OK;
}

enum jwt_reason
fetched_file_open(struct jwt_slice bytes, struct jwt_fetched **fetched,
    struct jwt_fault *fault)
{
	fetched_file_set(bytes);
	return jwt_fetched_open(
	    "/file", JWT_NO_OWNER, FETCHED_SOURCE, fetched, fault);
}
