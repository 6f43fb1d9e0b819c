/*
 * Reading the ring.
 */
#include "issuer/ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jwt/reader.h"

#define TIME_DIGITS_MAX 11 /* until the year 5138 */

static const char *const state_names[ISSUER_KEY_STATES] = {
    [ISSUER_KEY_NEXT] = "next",
    [ISSUER_KEY_ACTIVE] = "active",
    [ISSUER_KEY_RETIRED] = "retired",
};

const char *
issuer_key_state_name(enum issuer_key_state state)
{
	return state_names[state];
}

/*
 * The file's settings.
 */

static enum jwt_reason
apply_state(const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	enum issuer_key_state *state = field;
	const struct jwt_word *word;
	unsigned int i;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	for (i = 0; i < ISSUER_KEY_STATES; i++) {
		if (strcmp(word->text, state_names[i]) != 0)
			continue;
		*state = (enum issuer_key_state)i;
		return JWT_OK;
	}
	jwt_fault_set(fault,
	    "'%.100s' is no state; there are next, active and retired",
	    word->text);
	return JWT_CONFIG_ERROR;
}

static enum jwt_reason
apply_time(const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	int64_t *seconds = field, value = 0;
	size_t i;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	for (i = 0; word->text[i] >= '0' && word->text[i] <= '9' &&
		    i <= TIME_DIGITS_MAX;
	     i++)
		value = value * 10 + (word->text[i] - '0');
	if (word->text[i] != '\0' || i > TIME_DIGITS_MAX || value == 0) {
		jwt_fault_set(fault,
		    "'%.100s' is no time in seconds since 1970", word->text);
		return JWT_CONFIG_ERROR;
	}
	*seconds = value;
	return JWT_OK;
}

#define OF_KEY(field) offsetof(struct issuer_ring_key, field)

static const struct jwt_setting of_keys[] = {
    {"state", false, OF_KEY(state), apply_state, NULL},
    {"created", false, OF_KEY(created), apply_time, NULL},
    {"published", false, OF_KEY(published), apply_time, NULL},
    {"activated", false, OF_KEY(activated), apply_time, NULL},
    {"retired", false, OF_KEY(retired), apply_time, NULL},
};

/* A name in the folder comes of it, so it is what a thumbprint can be. */
static bool
is_kid(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return strlen(text) == ISSUER_KID_LENGTH &&
	       text[strspn(text, allowed)] == '\0';
}

static enum jwt_reason
begin_key(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct issuer_ring *ring = reader->config;
	struct issuer_ring_key *key;
	const char *kid;

	if (line->words.count != 2 || !is_kid(line->words.at[1].text))
		return jwt_faults_add(reader->faults, reader->source,
		    line->line,
		    "a key's section has its thumbprint (RFC 7638), %d "
		    "characters, [key KID]",
		    ISSUER_KID_LENGTH);
	kid = line->words.at[1].text;
	if (issuer_ring_find(ring, kid) != NULL)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "the key %s has a section already", kid);
	if ((key = issuer_ring_append(ring, kid)) == NULL)
		return JWT_NO_MEMORY;
	key->line = line->line;
	reader->base = key;
	reader->faulty = &key->faulty;
	return JWT_OK;
}

static const struct jwt_section sections[] = {
    {"key", "a key's", of_keys, sizeof(of_keys) / sizeof(of_keys[0]),
	begin_key},
};

/*
 * What no single setting can tell.
 */

/* The times that go with the state, each not before the last; NULL: right. */
static const char *
key_fault(const struct issuer_ring_key *key)
{
	int64_t last = key->published;

	if (key->state == ISSUER_KEY_STATES)
		return "has no state";
	if (key->created == JWT_UNSET || key->published == JWT_UNSET)
		return "has no time of `created` or of `published`";
	if (key->state == ISSUER_KEY_NEXT && key->activated != JWT_UNSET)
		return "is next and has a time of `activated`";
	if (key->state == ISSUER_KEY_ACTIVE && key->activated == JWT_UNSET)
		return "is active and has no time of `activated`";
	if ((key->state == ISSUER_KEY_RETIRED) != (key->retired != JWT_UNSET))
		return key->retired == JWT_UNSET
		           ? "is retired and has no time of `retired`"
		           : "has a time of `retired` and is not retired";
	if (key->activated != JWT_UNSET)
		last = key->activated;
	if (key->published < key->created || last < key->published ||
	    (key->retired != JWT_UNSET && key->retired < last))
		return "has times in the wrong order: created, published, "
		       "activated, retired";
	return NULL;
}

static enum jwt_reason
check_keys(const struct issuer_ring *ring, struct jwt_reader *reader)
{
	const struct issuer_ring_key *key, *first;
	enum jwt_reason worst = JWT_OK, result;
	const char *wrong;
	size_t i;

	for (i = 0; i < ring->keys; i++) {
		key = &ring->key[i];
		if (key->faulty)
			continue;
		result = JWT_OK;
		if ((wrong = key_fault(key)) != NULL)
			result = jwt_faults_add(reader->faults, reader->source,
			    key->line, "the key %s %s", key->kid, wrong);
		else if (key->state != ISSUER_KEY_RETIRED &&
			 (first = issuer_ring_in(ring, key->state)) != key)
			result = jwt_faults_add(reader->faults, reader->source,
			    key->line, "the key %s is %s, and so is %s",
			    key->kid, state_names[key->state], first->kid);
		if (result == JWT_NO_MEMORY)
			return result;
		if (result != JWT_OK)
			worst = result;
	}
	return worst;
}

static enum issuer_reason
read_file(struct issuer_ring *ring, const char *path, struct jwt_fault *fault)
{
	struct jwt_faults faults = {0};
	struct jwt_reader reader = {.source = path,
	    .faults = &faults,
	    .config = ring,
	    .sections = sections,
	    .count = sizeof(sections) / sizeof(sections[0]),
	    .known = "[key KID] alone"};
	enum jwt_reason result;

	result = jwt_reader_file(&reader, path);
	if (result == JWT_OK)
		result = check_keys(ring, &reader);
	if (faults.count > 0)
		jwt_fault_set(fault, "%s", faults.at[0].text);
	else if (result != JWT_OK)
		jwt_fault_set(fault, "%s: no memory", path);
	if (result == JWT_OK && faults.count > 0)
		result = JWT_CONFIG_ERROR;
	jwt_faults_clear(&faults);
	if (result == JWT_OK)
		return ISSUER_OK;
	return result == JWT_CONFIG_ERROR ? ISSUER_CONFIG_ERROR
	                                  : ISSUER_INTERNAL_ERROR;
}

/*
 * The folder.
 */

static bool
ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && strcmp(name + len - end, suffix) == 0;
}

/* A key beside no ring at all: what it was, nobody knows. */
static enum issuer_reason
check_no_key(const struct issuer_ring *ring, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	const struct dirent *entry;
	DIR *entries;
	int fd;

	fd = openat(ring->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (entries = fdopendir(fd)) == NULL) {
		jwt_fault_set(fault, "%.200s: cannot be listed: %s", ring->path,
		    strerrordesc_np(errno));
		if (fd != -1)
			close(fd);
		return ISSUER_INTERNAL_ERROR;
	}
	while (result == ISSUER_OK && (entry = readdir(entries)) != NULL) {
		if (!ends_in(entry->d_name, ".jwk") &&
		    !ends_in(entry->d_name, ".pub"))
			continue;
		jwt_fault_set(fault,
		    "%.200s/" ISSUER_RING_FILE ": is missing, though %.60s "
		    "is there: bring both back from where they were saved, or "
		    "move that away",
		    ring->path, entry->d_name);
		result = ISSUER_CONFIG_ERROR;
	}
	closedir(entries);
	return result;
}

static enum issuer_reason
check_folder(const struct issuer_ring *ring, struct jwt_fault *fault)
{
	struct stat st;

	if (fstat(ring->folder, &st) == -1) {
		jwt_fault_set(fault, "%.200s: cannot be examined: %s",
		    ring->path, strerrordesc_np(errno));
		return ISSUER_INTERNAL_ERROR;
	}
	if (st.st_uid != geteuid()) {
		jwt_fault_set(fault,
		    "%.200s: is owned by uid %u, and this runs as uid %u: the "
		    "keys belong to the account that signs",
		    ring->path, (unsigned int)st.st_uid,
		    (unsigned int)geteuid());
		return ISSUER_CONFIG_ERROR;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		jwt_fault_set(fault,
		    "%.200s: has mode %04o, wanted 0700: chmod 700, and "
		    "replace the keys if others could read them",
		    ring->path, (unsigned int)(st.st_mode & 07777));
		return ISSUER_CONFIG_ERROR;
	}
	return ISSUER_OK;
}

enum issuer_reason
issuer_ring_open(
    const char *path, struct issuer_ring *ring, struct jwt_fault *fault)
{
	enum issuer_reason result;

	*ring = (struct issuer_ring){.folder = -1};
	if ((ring->path = strdup(path)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	ring->folder =
	    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ring->folder == -1) {
		jwt_fault_set(fault,
		    errno == ENOENT ? "%.200s: %s: no key has been made yet; "
				      "`jwtctl key new` makes one"
				    : "%.200s: cannot be opened: %s",
		    path, strerrordesc_np(errno));
		return errno == ENOENT ? ISSUER_KEYS_UNAVAILABLE
		                       : ISSUER_CONFIG_ERROR;
	}
	result = check_folder(ring, fault);
	return result == ISSUER_OK ? issuer_ring_read(ring, fault) : result;
}

enum issuer_reason
issuer_ring_read(struct issuer_ring *ring, struct jwt_fault *fault)
{
	enum issuer_reason result;
	struct stat st;
	char *path;

	free(ring->key);
	ring->key = NULL;
	ring->keys = 0;
	ring->exists = fstatat(ring->folder, ISSUER_RING_FILE, &st,
			   AT_SYMLINK_NOFOLLOW) == 0 ||
	               errno != ENOENT;
	if (!ring->exists)
		return check_no_key(ring, fault);
	if ((path = jwt_format("%s/%s", ring->path, ISSUER_RING_FILE)) ==
	    NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	result = read_file(ring, path, fault);
	free(path);
	return result;
}

void
issuer_ring_close(struct issuer_ring *ring)
{
	if (ring->folder != -1)
		close(ring->folder);
	free(ring->key);
	free(ring->path);
	*ring = (struct issuer_ring){.folder = -1};
}
