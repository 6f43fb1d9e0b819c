/*
 * What runs that were broken off have left in the key folder.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "issuer/ring.h"
#include "jwt/setting.h"

/* A file of a key that the ring does not know. */
static bool
is_stray(const struct issuer_ring *ring, const char *name)
{
	static const char *const suffixes[] = {".jwk", ".pub", ".longest"};
	const char *dot = strrchr(name, '.');
	char kid[ISSUER_KID_LENGTH + 1];
	size_t i;

	if (dot == NULL || dot - name != ISSUER_KID_LENGTH)
		return false;
	memcpy(kid, name, ISSUER_KID_LENGTH);
	kid[ISSUER_KID_LENGTH] = '\0';
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(dot, suffixes[i]) == 0)
			return issuer_ring_find(ring, kid) == NULL;
	return false;
}

static enum issuer_reason
tidy_entries(const struct issuer_ring *ring, DIR *entries,
    struct jwt_strings *strays, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	const struct dirent *entry;

	while (result == ISSUER_OK && (entry = readdir(entries)) != NULL) {
		/* Whoever writes holds the lock, so nobody is writing this. */
		if (strncmp(entry->d_name, ISSUER_RING_TEMPORARY,
			sizeof(ISSUER_RING_TEMPORARY) - 1) == 0)
			result = issuer_ring_wipe(ring, entry->d_name, fault);
		else if (is_stray(ring, entry->d_name) &&
			 !jwt_strings_add(strays, entry->d_name)) {
			jwt_fault_set(fault, "no memory");
			result = ISSUER_INTERNAL_ERROR;
		}
	}
	return result;
}

enum issuer_reason
issuer_ring_tidy(const struct issuer_ring *ring, struct jwt_strings *strays,
    struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	DIR *entries;
	size_t i;
	int fd;

	fd = openat(ring->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (entries = fdopendir(fd)) == NULL) {
		jwt_fault_set(fault, "%.200s: cannot be listed: %s", ring->path,
		    strerrordesc_np(errno));
		if (fd != -1)
			close(fd);
		return ISSUER_INTERNAL_ERROR;
	}
	result = tidy_entries(ring, entries, strays, fault);
	closedir(entries);
	for (i = 0; result == ISSUER_OK && i < ring->keys; i++)
		if (ring->key[i].state == ISSUER_KEY_RETIRED)
			result = issuer_key_wipe(ring, ring->key[i].kid, fault);
	return result;
}
