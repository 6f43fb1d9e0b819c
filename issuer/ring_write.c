/*
 * What is written into the key folder: by create-exclusive and rename, on the
 * disk before anybody relies on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/ring.h"

#define LOCK_TRIES 100 /* each a tenth of a second apart */

static enum issuer_reason
failed(const char *folder, const char *name, const char *what,
    struct jwt_fault *fault)
{
	jwt_fault_set(
	    fault, "%s/%s: %s: %s", folder, name, what, strerrordesc_np(errno));
	return ISSUER_STORE_UNAVAILABLE;
}

enum issuer_reason
issuer_ring_lock(const char *folder, int *fd, struct jwt_fault *fault)
{
	char *path = issuer_ring_path(folder, NULL, "lock");
	int tries = 0;

	*fd = -1;
	if (path == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	*fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	free(path);
	if (*fd == -1)
		return failed(folder, "lock", "cannot be opened", fault);
	while (flock(*fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK && ++tries < LOCK_TRIES) {
			poll(NULL, 0, 100);
			continue;
		}
		failed(folder, "lock", "another process holds it", fault);
		close(*fd);
		*fd = -1;
		return ISSUER_STORE_UNAVAILABLE;
	}
	return ISSUER_OK;
}

/* The temporary file, which is nobody's but who holds the lock. */
static bool
fill(int folder, const char *name, mode_t mode, const char *text)
{
	size_t len = strlen(text);
	bool filled;
	ssize_t n;
	int fd;

	unlinkat(folder, name, 0);
	fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return false;
	n = write(fd, text, len);
	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	filled = n >= 0 && (size_t)n == len && fchmod(fd, mode) == 0 &&
	         fsync(fd) == 0;
	close(fd);
	return filled;
}

enum issuer_reason
issuer_ring_put(const char *folder, const char *name, mode_t mode,
    const char *text, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	char made[96];
	int at;

	snprintf(made, sizeof(made), "%s.new", name);
	at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at == -1)
		return failed(folder, name, "its folder", fault);
	if (!fill(at, made, mode, text) || renameat(at, made, at, name) == -1 ||
	    fsync(at) == -1) {
		result = failed(folder, name, "cannot be written", fault);
		unlinkat(at, made, 0);
	}
	close(at);
	return result;
}

static void
put_time(FILE *out, const char *name, int64_t time)
{
	char text[JWT_UTC_SIZE];

	if (time != JWT_UNSET)
		fprintf(out, "%s = %s\n", name, jwt_utc(text, time));
}

enum issuer_reason
issuer_ring_write(const struct issuer_ring *ring, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	char *text = NULL;
	size_t i, size = 0;
	FILE *out;

	jwt_fault_set(fault, "no memory");
	if ((out = open_memstream(&text, &size)) == NULL)
		return ISSUER_INTERNAL_ERROR;
	fputs("# The issuer's keys; written by jwtctl key.\n", out);
	for (i = 0; i < ring->count; i++) {
		const struct issuer_ring_key *key = &ring->at[i];

		fprintf(out, "\n[key %s]\nstate = %s\nalg = %s\n", key->kid,
		    issuer_key_state_name(key->state), key->alg);
		put_time(out, "created", key->created);
		put_time(out, "activated", key->activated);
		put_time(out, "retired", key->retired);
	}
	if (fclose(out) == 0)
		result =
		    issuer_ring_put(ring->folder, "ring", 0600, text, fault);
	free(text);
	return result;
}

/* Under the lock: of two that raise it at once, the longer one stays. */
static enum issuer_reason
raise_longest(const char *folder, const char *kid, int64_t lifetime,
    struct jwt_fault *fault)
{
	enum issuer_reason result;
	struct issuer_ring ring;
	const struct issuer_ring_key *key;
	char name[96], text[32];

	result = issuer_ring_read(folder, &ring, fault);
	key = result == ISSUER_OK ? issuer_ring_find(&ring, kid) : NULL;
	if (result == ISSUER_OK && (key == NULL || key->longest < lifetime)) {
		snprintf(name, sizeof(name), "%s.longest", kid);
		snprintf(text, sizeof(text), "%lld\n", (long long)lifetime);
		result = issuer_ring_put(folder, name, 0600, text, fault);
	}
	issuer_ring_clear(&ring);
	return result;
}

enum issuer_reason
issuer_ring_note(const char *folder, const char *kid, int64_t lifetime,
    struct jwt_fault *fault)
{
	enum issuer_reason result;
	int lock;

	result = issuer_ring_lock(folder, &lock, fault);
	if (result != ISSUER_OK)
		return result;
	result = raise_longest(folder, kid, lifetime, fault);
	close(lock);
	return result;
}
