/*
 * Linked into another build of jwt-issuerd (--wrap): one whose front gives
 * itself up. Who sends the line TAKEOVER gets a shell that is the front, with
 * all that the front has and nothing else, as somebody would who found a hole
 * in it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "issuer/request.h"

enum issuer_reason __real_issuer_request_parse(struct jwt_slice line,
    struct issuer_request *request, struct jwt_fault *fault);
enum issuer_reason __wrap_issuer_request_parse(struct jwt_slice line,
    struct issuer_request *request, struct jwt_fault *fault);

/* The caller's socket has a name, the one to the signer has none. */
static int
find_connection(void)
{
	struct sockaddr_un address;
	socklen_t len;
	int fd;

	for (fd = 3; fd < 256; fd++) {
		len = sizeof(address);
		if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
		    len > sizeof(sa_family_t))
			return fd;
	}
	return -1;
}

enum issuer_reason
__wrap_issuer_request_parse(struct jwt_slice line,
    struct issuer_request *request, struct jwt_fault *fault)
{
	int fd;

	if (!jwt_slice_equal(line, jwt_slice_of("TAKEOVER")))
		return __real_issuer_request_parse(line, request, fault);
	/* What the front has, the shell shall have. */
	for (fd = 3; fd < 256; fd++)
		fcntl(fd, F_SETFD, 0);
	fd = find_connection();
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execl("/bin/bash", "bash", "--norc", (char *)NULL);
	abort();
}
