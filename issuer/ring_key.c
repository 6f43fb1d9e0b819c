/*
 * The files of one key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuer/ring.h"
#include "jwt/file.h"
#include "jwt/keyset.h"

#define LONGEST_FILE_MAX 32 /* bytes */

/* KID.suffix and its NUL, of the suffixes that there are. */
#define NAME_SIZE (ISSUER_KID_LENGTH + sizeof(".longest"))

static const char *
name_of(char out[NAME_SIZE], const char *kid, const char *suffix)
{
	snprintf(out, NAME_SIZE, "%s%s", kid, suffix);
	return out;
}

char *
issuer_key_path(
    const struct issuer_ring *ring, const char *kid, const char *suffix)
{
	return jwt_format("%s/%s%s", ring->path, kid, suffix);
}

static enum issuer_reason
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return ISSUER_INTERNAL_ERROR;
}

/* Whether a file of the key is there, whatever it is. */
static bool
is_there(const struct issuer_ring *ring, const char *kid, const char *suffix)
{
	char name[NAME_SIZE];
	struct stat st;

	return fstatat(ring->folder, name_of(name, kid, suffix), &st,
		   AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

static void
free_text(char **text)
{
	if (*text != NULL)
		jwt_free_wiped(*text, strlen(*text));
	*text = NULL;
}

/*
 * Making and reading.
 */

static enum jwt_reason
make(OSSL_LIB_CTX *libctx, const struct jwt_algorithm *algorithm,
    struct jwt_key *key, char **private_jwk, char **public_jwk)
{
	enum jwt_reason reason;

	reason =
	    jwt_key_generate(libctx, algorithm, NULL, private_jwk, public_jwk);
	if (reason == JWT_OK)
		reason = jwt_key_parse_private(libctx, "the new key",
		    jwt_slice_of(*private_jwk), 0600, key, NULL);
	if (reason == JWT_OK && key->kid_len != ISSUER_KID_LENGTH)
		reason = JWT_INTERNAL_ERROR;
	return reason;
}

enum issuer_reason
issuer_key_make(OSSL_LIB_CTX *libctx, const struct jwt_algorithm *algorithm,
    char kid[ISSUER_KID_LENGTH + 1], char **private_jwk, char **public_jwk,
    struct jwt_fault *fault)
{
	struct jwt_key key = {0};
	enum jwt_reason reason;

	do {
		free_text(private_jwk);
		free_text(public_jwk);
		jwt_key_clear(&key);
		reason = make(libctx, algorithm, &key, private_jwk, public_jwk);
		/* With a - it would be an option of every command. */
	} while (reason == JWT_OK && key.kid[0] == '-');
	if (reason == JWT_OK) {
		memcpy(kid, key.kid, ISSUER_KID_LENGTH);
		kid[ISSUER_KID_LENGTH] = '\0';
	} else {
		free_text(private_jwk);
		free_text(public_jwk);
		jwt_fault_set(fault, "no key could be made: %s",
		    reason == JWT_NO_MEMORY ? "no memory" : "OpenSSL failed");
	}
	jwt_key_clear(&key);
	return reason == JWT_OK ? ISSUER_OK : ISSUER_INTERNAL_ERROR;
}

enum issuer_reason
issuer_key_write(const struct issuer_ring *ring, const char *kid,
    const char *private_jwk, const char *public_jwk, struct jwt_fault *fault)
{
	char private_name[NAME_SIZE], public_name[NAME_SIZE];
	enum issuer_reason result;

	name_of(private_name, kid, ".jwk");
	name_of(public_name, kid, ".pub");
	result = issuer_ring_put(ring, public_name, public_jwk, 0644, fault);
	if (result == ISSUER_OK)
		result = issuer_ring_put(
		    ring, private_name, private_jwk, 0600, fault);
	if (result != ISSUER_OK) {
		unlinkat(ring->folder, private_name, 0);
		unlinkat(ring->folder, public_name, 0);
	}
	return result;
}

static enum issuer_reason
parse(OSSL_LIB_CTX *libctx, const char *path, const char *kid,
    const struct jwt_file *file, struct jwt_key *key, struct jwt_fault *fault)
{
	enum jwt_reason reason;

	reason = jwt_key_parse_private(libctx, path,
	    (struct jwt_slice){file->bytes, file->len}, file->mode, key, fault);
	if (reason == JWT_KEYS_UNAVAILABLE)
		/* It says the same of a mode and of what is no key. */
		return (file->mode & (S_IRWXG | S_IRWXO)) != 0
		           ? ISSUER_CONFIG_ERROR
		           : ISSUER_KEYS_UNAVAILABLE;
	if (reason != JWT_OK) {
		jwt_fault_set(fault, "%.200s: %s", path,
		    reason == JWT_NO_MEMORY ? "no memory"
					    : "an unforeseen failure");
		return ISSUER_INTERNAL_ERROR;
	}
	if (jwt_slice_equal(jwt_slice_of(kid),
		(struct jwt_slice){key->kid, key->kid_len}) &&
	    key->kty != JWT_KTY_OCT)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "%.200s: is not the key that its name says: its kid or its type "
	    "is another",
	    path);
	jwt_key_clear(key);
	return ISSUER_KEYS_UNAVAILABLE;
}

static enum issuer_reason
missing(
    const struct issuer_ring *ring, const char *kid, struct jwt_fault *fault)
{
	jwt_fault_set(fault,
	    "%.200s/%s.jwk: is missing: bring it back, or `jwtctl key new` and "
	    "`jwtctl key activate`",
	    ring->path, kid);
	return ISSUER_KEYS_UNAVAILABLE;
}

enum issuer_reason
issuer_key_read(const struct issuer_ring *ring, OSSL_LIB_CTX *libctx,
    const char *kid, struct jwt_key *key, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	enum jwt_reason reason;
	struct jwt_file file;
	char *path;

	memset(key, 0, sizeof(*key));
	if (!is_there(ring, kid, ".jwk"))
		return missing(ring, kid, fault);
	if ((path = issuer_key_path(ring, kid, ".jwk")) == NULL)
		return no_memory(fault);
	reason = jwt_file_read(path, JWT_KEYS_FILE_MAX, &file, fault);
	if (reason == JWT_OK)
		result = parse(libctx, path, kid, &file, key, fault);
	else if (reason == JWT_CONFIG_ERROR)
		result = ISSUER_CONFIG_ERROR;
	else
		no_memory(fault);
	jwt_file_free(&file);
	free(path);
	return result;
}

/*
 * Removing.
 */

static enum issuer_reason
not_removed(
    const struct issuer_ring *ring, const char *name, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%.200s/%s: cannot be wiped and removed: %s",
	    ring->path, name, strerrordesc_np(errno));
	return ISSUER_STORE_UNAVAILABLE;
}

/* Over what is there, before its blocks are given back. */
static int
overwrite(int fd)
{
	static const char zeros[512];
	struct stat st;
	off_t left;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return -1;
	for (left = st.st_size; left > 0; left -= n) {
		n = write(fd, zeros,
		    left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros));
		if (n == -1 && errno != EINTR)
			return -1;
		if (n == -1)
			n = 0;
	}
	return fsync(fd);
}

enum issuer_reason
issuer_ring_wipe(
    const struct issuer_ring *ring, const char *name, struct jwt_fault *fault)
{
	int fd, done;

	fd = openat(
	    ring->folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? ISSUER_OK
		                       : not_removed(ring, name, fault);
	done = overwrite(fd);
	if (close(fd) == -1 || done == -1 ||
	    unlinkat(ring->folder, name, 0) == -1)
		return not_removed(ring, name, fault);
	return issuer_ring_sync(ring, fault);
}

enum issuer_reason
issuer_key_wipe(
    const struct issuer_ring *ring, const char *kid, struct jwt_fault *fault)
{
	char name[NAME_SIZE];

	return issuer_ring_wipe(ring, name_of(name, kid, ".jwk"), fault);
}

enum issuer_reason
issuer_key_remove(
    const struct issuer_ring *ring, const char *kid, struct jwt_fault *fault)
{
	static const char *const suffixes[] = {".pub", ".longest"};
	enum issuer_reason result;
	char name[NAME_SIZE];
	size_t i;

	if ((result = issuer_key_wipe(ring, kid, fault)) != ISSUER_OK)
		return result;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		name_of(name, kid, suffixes[i]);
		if (unlinkat(ring->folder, name, 0) == -1 && errno != ENOENT)
			return not_removed(ring, name, fault);
	}
	return issuer_ring_sync(ring, fault);
}

/*
 * The longest lifetime.
 */

static bool
parse_seconds(const struct jwt_file *file, int64_t *seconds)
{
	int64_t value = 0;
	size_t i;

	for (i = 0; i < file->len && file->bytes[i] != '\n'; i++) {
		if (file->bytes[i] < '0' || file->bytes[i] > '9' || i > 10)
			return false;
		value = value * 10 + (file->bytes[i] - '0');
	}
	*seconds = value;
	return i > 0 && i + 1 == file->len && value > 0;
}

enum issuer_reason
issuer_key_longest(const struct issuer_ring *ring, const char *kid,
    int64_t *longest, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_CONFIG_ERROR;
	enum jwt_reason reason;
	struct jwt_file file;
	char *path;

	*longest = 0;
	if (!is_there(ring, kid, ".longest"))
		return ISSUER_OK;
	if ((path = issuer_key_path(ring, kid, ".longest")) == NULL)
		return no_memory(fault);
	reason = jwt_file_read(path, LONGEST_FILE_MAX, &file, fault);
	if (reason == JWT_NO_MEMORY)
		result = no_memory(fault);
	else if (reason == JWT_OK && parse_seconds(&file, longest))
		result = ISSUER_OK;
	else if (reason == JWT_OK)
		jwt_fault_set(fault,
		    "%.200s: is no number of seconds on a line, the longest "
		    "lifetime that this key signed: write 86400",
		    path);
	jwt_file_free(&file);
	free(path);
	return result;
}

enum issuer_reason
issuer_key_signs(const struct issuer_ring *ring, const char *kid,
    int64_t lifetime, struct jwt_fault *fault)
{
	enum issuer_reason result;
	char name[NAME_SIZE], text[32];
	int64_t longest;

	result = issuer_key_longest(ring, kid, &longest, fault);
	if (result != ISSUER_OK || lifetime <= longest)
		return result;
	/* Who else raises it at this moment shall not lower it again. */
	if ((result = issuer_ring_lock(ring, fault)) != ISSUER_OK)
		return result;
	/* One that was removed meanwhile shall leave no file behind. */
	if (!is_there(ring, kid, ".jwk"))
		return missing(ring, kid, fault);
	result = issuer_key_longest(ring, kid, &longest, fault);
	if (result != ISSUER_OK || lifetime <= longest)
		return result;
	snprintf(text, sizeof(text), "%lld\n", (long long)lifetime);
	name_of(name, kid, ".longest");
	return issuer_ring_put(ring, name, text, 0600, fault);
}
