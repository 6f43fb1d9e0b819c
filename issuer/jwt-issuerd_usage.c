/*
 * How much of the service is used, in files that outlive the processes.
 *
 * A place for a connection is a lock on a byte, of as many as there are places
 * for all and for each uid, which the kernel opens when the process ends.  All
 * are in one file without content: a person may call by each of the 65536 uids
 * that are theirs in a user namespace (subuid(5)), and must not fill /run.
 *
 * The tokens of the minute that runs are counted in a file for each account.
 * The minutes are those of CLOCK_BOOTTIME, since the files are lost with the
 * boot and nobody can set that clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

#define PLACES INT64_C(1048576) /* bytes for places, of all or of one uid */

struct tally {
	int64_t minute;
	int64_t tokens;
};

static enum issuer_reason
failed(const char *what, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%s: %s", what, strerrordesc_np(errno));
	return ISSUER_STORE_UNAVAILABLE;
}

/* The folder is root's alone, so no name in it can be somebody's link. */
static int
open_file(const char *state, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/usage/%s", state, name);
	return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* 1: a place was free, 0: none was, -1: the file cannot be locked. */
static int
take_place(int fd, int64_t first, int64_t places)
{
	struct flock place = {.l_type = F_WRLCK, .l_len = 1};
	int64_t i;

	for (i = 0; i < places; i++) {
		place.l_start = first + i;
		if (fcntl(fd, F_OFD_SETLK, &place) == 0)
			return 1;
		if (errno != EAGAIN && errno != EACCES)
			return -1;
	}
	return 0;
}

static enum issuer_reason
take(int fd, int64_t first, int64_t places, const char *whose,
    struct jwt_fault *fault)
{
	int taken = take_place(fd, first, places);

	if (taken == 1)
		return ISSUER_OK;
	if (taken == -1)
		return failed("a place for a connection", fault);
	jwt_fault_set(fault,
	    "%lld connections are open already, the most that %s may have: try "
	    "again when one has ended",
	    (long long)places, whose);
	return ISSUER_TOO_MANY_CONNECTIONS;
}

enum issuer_reason
issuerd_usage_take(const char *state, const struct issuer_config *config,
    uid_t uid, int *places, struct jwt_fault *fault)
{
	enum issuer_reason result;
	char path[128];

	*places = open_file(state, "places", path, sizeof(path));
	if (*places == -1)
		return failed(path, fault);
	/* Its own places first: who floods takes none of the others'. */
	result = take(*places, ((int64_t)uid + 1) * PLACES,
	    config->connections_per_user, "one account", fault);
	if (result == ISSUER_OK)
		result =
		    take(*places, 0, config->connections, "the service", fault);
	if (result != ISSUER_OK) {
		close(*places);
		*places = -1;
	}
	return result;
}

enum issuer_reason
issuerd_usage_open(
    const char *state, uid_t uid, int *usage, struct jwt_fault *fault)
{
	enum issuer_reason result;
	char path[128], name[24];

	snprintf(name, sizeof(name), "%u", (unsigned int)uid);
	*usage = open_file(state, name, path, sizeof(path));
	if (*usage == -1)
		return failed(path, fault);
	/* Room now, or none: not when a token has been signed. */
	errno = posix_fallocate(*usage, 0, (off_t)sizeof(struct tally));
	if (errno == 0)
		return ISSUER_OK;
	result = failed(path, fault);
	close(*usage);
	*usage = -1;
	return result;
}

/* Of two tokens at once, one waits for the other. */
static bool
lock_tally(int fd, short type)
{
	struct flock tally = {
	    .l_type = type, .l_start = 0, .l_len = (off_t)sizeof(struct tally)};
	int result;

	do
		result = fcntl(fd, F_OFD_SETLKW, &tally);
	while (result == -1 && errno == EINTR);
	return result == 0;
}

enum issuer_reason
issuerd_usage_count(int usage, int64_t per_minute, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	struct timespec now = {0};
	struct tally tally;

	clock_gettime(CLOCK_BOOTTIME, &now);
	if (!lock_tally(usage, F_WRLCK))
		return failed("the count of tokens", fault);
	if (pread(usage, &tally, sizeof(tally), 0) != (ssize_t)sizeof(tally) ||
	    tally.minute != now.tv_sec / 60)
		tally = (struct tally){.minute = now.tv_sec / 60};
	if (tally.tokens++ >= per_minute) {
		jwt_fault_set(fault,
		    "%lld tokens were issued to this account in this minute, "
		    "the most that it may have: try again in %d seconds",
		    (long long)per_minute, (int)(60 - now.tv_sec % 60));
		result = ISSUER_TOO_MANY_TOKENS;
	} else if (pwrite(usage, &tally, sizeof(tally), 0) !=
		   (ssize_t)sizeof(tally)) {
		result = failed("the count of tokens", fault);
	}
	lock_tally(usage, F_UNLCK);
	return result;
}
