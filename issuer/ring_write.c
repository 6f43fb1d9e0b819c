/*
 * Writing to the key folder: whole files, under its lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "issuer/ring.h"

#define TRY_EVERY 20000000 /* nanoseconds */

static enum issuer_reason
failed(const struct issuer_ring *ring, const char *name, const char *what,
    int error, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%.200s/%.60s: %s: %s", ring->path, name, what,
	    strerrordesc_np(error));
	return ISSUER_STORE_UNAVAILABLE;
}

/* Without a signal for it, which a library must not take. */
enum issuer_reason
issuer_ring_lock(const struct issuer_ring *ring, struct jwt_fault *fault)
{
	const struct timespec pause = {.tv_nsec = TRY_EVERY};
	unsigned int tries = ISSUER_LOCK_SECONDS * (1000000000 / TRY_EVERY);

	while (flock(ring->folder, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			jwt_fault_set(fault, "%.200s: cannot be locked: %s",
			    ring->path, strerrordesc_np(errno));
			return ISSUER_STORE_UNAVAILABLE;
		}
		if (tries-- == 0) {
			jwt_fault_set(fault,
			    "%.200s: somebody else has locked it for %d "
			    "seconds: is another `jwtctl key` at work?",
			    ring->path, ISSUER_LOCK_SECONDS);
			return ISSUER_STORE_UNAVAILABLE;
		}
		nanosleep(&pause, NULL);
	}
	return ISSUER_OK;
}

/* 0, or -1 with errno. */
static int
write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n == -1)
			n = 0;
	}
	return 0;
}

/* A new file that nobody else has, so that none waits for a broken-off run. */
static int
create(const struct issuer_ring *ring, char *name, size_t size)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return -1;
	snprintf(name, size, ISSUER_RING_TEMPORARY "%016llx",
	    (unsigned long long)number);
	return openat(ring->folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

enum issuer_reason
issuer_ring_put(const struct issuer_ring *ring, const char *name,
    const char *text, mode_t mode, struct jwt_fault *fault)
{
	char temporary[sizeof(ISSUER_RING_TEMPORARY) + 16];
	int fd, error = 0;

	if ((fd = create(ring, temporary, sizeof(temporary))) == -1)
		return failed(ring, name, "a new file beside it", errno, fault);
	/* Whatever the umask took away; a full disk may tell only now. */
	if (fchmod(fd, mode) == -1 || write_all(fd, text, strlen(text)) == -1 ||
	    fsync(fd) == -1)
		error = errno;
	if (close(fd) == -1 && error == 0)
		error = errno;
	if (error == 0 &&
	    renameat(ring->folder, temporary, ring->folder, name) == -1)
		error = errno;
	if (error != 0) {
		unlinkat(ring->folder, temporary, 0);
		return failed(ring, name, "cannot be written", error, fault);
	}
	return issuer_ring_sync(ring, fault);
}

enum issuer_reason
issuer_ring_sync(const struct issuer_ring *ring, struct jwt_fault *fault)
{
	if (fsync(ring->folder) == 0)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "%.200s: cannot be written to the disk: %s; what was changed may "
	    "be lost with the power",
	    ring->path, strerrordesc_np(errno));
	return ISSUER_STORE_UNAVAILABLE;
}

static void
put_time(FILE *file, const char *name, int64_t seconds)
{
	char utc[JWT_UTC_SIZE];

	if (seconds != JWT_UNSET)
		fprintf(file, "%-9s = %lld ; %s\n", name, (long long)seconds,
		    jwt_utc(utc, seconds));
}

static void
put_key(FILE *file, const struct issuer_ring_key *key)
{
	fprintf(file, "\n[key %s]\n%-9s = %s\n", key->kid, "state",
	    issuer_key_state_name(key->state));
	put_time(file, "created", key->created);
	put_time(file, "published", key->published);
	put_time(file, "activated", key->activated);
	put_time(file, "retired", key->retired);
}

enum issuer_reason
issuer_ring_write(const struct issuer_ring *ring, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	char *text = NULL;
	bool whole;
	FILE *file;
	size_t len, i;

	if ((file = open_memstream(&text, &len)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	fputs("; The issuer's keys, kept by jwtctl(8).\n", file);
	for (i = 0; i < ring->keys; i++)
		put_key(file, &ring->key[i]);
	whole = !ferror(file);
	if (fclose(file) != 0 || !whole || text == NULL)
		jwt_fault_set(fault, "no memory");
	else
		result =
		    issuer_ring_put(ring, ISSUER_RING_FILE, text, 0600, fault);
	free(text);
	return result;
}
