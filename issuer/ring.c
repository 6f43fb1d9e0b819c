#include "issuer/ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jwt/file.h"
#include "jwt/reader.h"

#define OF(field) offsetof(struct issuer_ring_key, field)

static const char *const states[] = {
    [ISSUER_KEY_NEXT] = "next",
    [ISSUER_KEY_ACTIVE] = "active",
    [ISSUER_KEY_RETIRED] = "retired",
};

#define STATES (sizeof(states) / sizeof(states[0]))

const char *
issuer_key_state_name(enum issuer_key_state state)
{
	return states[state];
}

char *
issuer_ring_path(const char *folder, const char *kid, const char *suffix)
{
	return kid == NULL ? jwt_format("%s/%s", folder, suffix)
	                   : jwt_format("%s/%s.%s", folder, kid, suffix);
}

/*
 * The ring's own settings.
 */

static enum jwt_reason
apply_state(const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	size_t i;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	for (i = 0; i < STATES; i++) {
		if (strcmp(word->text, states[i]) != 0)
			continue;
		*(enum issuer_key_state *)field = (enum issuer_key_state)i;
		return JWT_OK;
	}
	jwt_fault_set(
	    fault, "'%.100s' is none of next, active and retired", word->text);
	return JWT_CONFIG_ERROR;
}

/* As jwt_utc writes it, and no other way. */
static enum jwt_reason
apply_time(const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	char again[JWT_UTC_SIZE];
	struct tm tm = {0};
	int64_t seconds;
	const char *end;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	end = strptime(word->text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	seconds = end != NULL ? (int64_t)timegm(&tm) : -1;
	if (seconds < 0 || *end != '\0' ||
	    strcmp(jwt_utc(again, seconds), word->text) != 0) {
		jwt_fault_set(fault,
		    "'%.100s' is no time such as 2026-11-25T03:20:00Z",
		    word->text);
		return JWT_CONFIG_ERROR;
	}
	*(int64_t *)field = seconds;
	return JWT_OK;
}

static const struct jwt_setting of_keys[] = {
    {"state", false, OF(state), apply_state, NULL},
    {"alg", false, OF(alg), jwt_apply_string, NULL},
    {"created", false, OF(created), apply_time, NULL},
    {"activated", false, OF(activated), apply_time, NULL},
    {"retired", false, OF(retired), apply_time, NULL},
};

/* What a thumbprint has: it becomes the name of files. */
static const char *
kid_fault(const struct issuer_ring *ring, const char *kid)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_";

	if (kid[strspn(kid, allowed)] != '\0' || strlen(kid) > 64)
		return "is no thumbprint of a key";
	if (issuer_ring_find(ring, kid) != NULL)
		return "stands here a second time";
	return NULL;
}

static enum jwt_reason
begin_key(struct jwt_reader *reader, const struct jwt_line *line)
{
	struct issuer_ring *ring = reader->config;
	struct issuer_ring_key *grown;
	const char *wrong, *kid;

	if (line->words.count != 2)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "a key's section has its kid, [key KID]");
	kid = line->words.at[1].text;
	if ((wrong = kid_fault(ring, kid)) != NULL)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "'%.100s' %s", kid, wrong);
	grown = reallocarray(ring->at, ring->count + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	ring->at = grown;
	grown[ring->count] = (struct issuer_ring_key){.line = line->line,
	    .state = (enum issuer_key_state)STATES,
	    .created = JWT_UNSET,
	    .activated = JWT_UNSET,
	    .retired = JWT_UNSET};
	if ((grown[ring->count].kid = strdup(kid)) == NULL)
		return JWT_NO_MEMORY;
	reader->base = &grown[ring->count++];
	return JWT_OK;
}

static const struct jwt_section sections[] = {{"key", "a key's", of_keys,
    sizeof(of_keys) / sizeof(of_keys[0]), begin_key}};

/*
 * Reading.
 */

/* What a key lacks for its state; NULL: nothing. */
static const char *
key_fault(const struct issuer_ring *ring, const struct issuer_ring_key *key)
{
	if (key->state == (enum issuer_key_state)STATES || key->alg == NULL ||
	    key->created == JWT_UNSET)
		return "state, alg and created must be there";
	if (key->state != ISSUER_KEY_NEXT && key->activated == JWT_UNSET)
		return "activated is missing";
	if (key->state == ISSUER_KEY_RETIRED && key->retired == JWT_UNSET)
		return "retired is missing";
	if (key->state == ISSUER_KEY_ACTIVE &&
	    issuer_ring_in(ring, ISSUER_KEY_ACTIVE) != key)
		return "two keys are active";
	return NULL;
}

/* Of an absent file, 0: it signed nothing. */
static enum issuer_reason
read_longest(
    const char *folder, struct issuer_ring_key *key, struct jwt_fault *fault)
{
	char *path = issuer_ring_path(folder, key->kid, "longest");
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	struct jwt_file file = {0};

	if (path == NULL) {
		jwt_fault_set(fault, "no memory");
		return result;
	}
	result = ISSUER_OK;
	if (access(path, F_OK) == 0 || errno != ENOENT) {
		result = ISSUER_CONFIG_ERROR;
		if (jwt_file_read(path, 32, &file, fault) == JWT_OK) {
			file.bytes[strcspn(file.bytes, "\n")] = '\0';
			if (jwt_parse_duration(file.bytes, &key->longest))
				result = ISSUER_OK;
			else
				jwt_fault_set(fault,
				    "%s: wanted seconds alone, such as 3600",
				    path);
		}
	}
	jwt_file_free(&file);
	free(path);
	return result;
}

static enum issuer_reason
check_keys(struct issuer_ring *ring, const char *path, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	const char *wrong;
	size_t i;

	for (i = 0; result == ISSUER_OK && i < ring->count; i++) {
		if ((wrong = key_fault(ring, &ring->at[i])) == NULL) {
			result =
			    read_longest(ring->folder, &ring->at[i], fault);
			continue;
		}
		jwt_fault_set(fault, "%s:%u: the key %s: %s", path,
		    ring->at[i].line, ring->at[i].kid, wrong);
		result = ISSUER_CONFIG_ERROR;
	}
	return result;
}

static enum issuer_reason
read_file(struct issuer_ring *ring, const char *path, struct jwt_fault *fault)
{
	struct jwt_faults faults = {0};
	struct jwt_reader reader = {.source = path,
	    .faults = &faults,
	    .config = ring,
	    .sections = sections,
	    .count = 1,
	    .known = "[key KID] alone"};
	enum jwt_reason read;

	read = jwt_reader_file(&reader, path);
	if (faults.count > 0)
		*fault = faults.at[0];
	else if (read != JWT_OK)
		jwt_fault_set(fault, "%s: no memory", path);
	read = faults.count > 0 ? JWT_CONFIG_ERROR : read;
	jwt_faults_clear(&faults);
	if (read == JWT_OK)
		return check_keys(ring, path, fault);
	return read == JWT_CONFIG_ERROR ? ISSUER_CONFIG_ERROR
	                                : ISSUER_INTERNAL_ERROR;
}

enum issuer_reason
issuer_ring_read(
    const char *folder, struct issuer_ring *ring, struct jwt_fault *fault)
{
	char *path = issuer_ring_path(folder, NULL, "ring");
	enum issuer_reason result = ISSUER_OK;

	*ring = (struct issuer_ring){.folder = folder};
	if (path == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	if (access(path, F_OK) == 0 || errno != ENOENT)
		result = read_file(ring, path, fault);
	free(path);
	return result;
}

void
issuer_ring_clear(struct issuer_ring *ring)
{
	size_t i;

	for (i = 0; i < ring->count; i++) {
		free(ring->at[i].kid);
		free(ring->at[i].alg);
	}
	free(ring->at);
	*ring = (struct issuer_ring){0};
}

struct issuer_ring_key *
issuer_ring_in(const struct issuer_ring *ring, enum issuer_key_state state)
{
	size_t i;

	for (i = 0; i < ring->count; i++)
		if (ring->at[i].state == state)
			return &ring->at[i];
	return NULL;
}

struct issuer_ring_key *
issuer_ring_find(const struct issuer_ring *ring, const char *kid)
{
	size_t i;

	for (i = 0; i < ring->count; i++)
		if (strcmp(ring->at[i].kid, kid) == 0)
			return &ring->at[i];
	return NULL;
}

/*
 * Times.
 */

int64_t
issuer_ring_ready(
    const struct issuer_config *config, const struct issuer_ring_key *key)
{
	return key->created + config->publish_before;
}

int64_t
issuer_ring_over(
    const struct issuer_config *config, const struct issuer_ring_key *key)
{
	return key->retired + key->longest + config->leeway + config->cache;
}

enum issuer_reason
issuer_ring_check_clock(
    const struct issuer_ring *ring, int64_t now, struct jwt_fault *fault)
{
	char seen[JWT_UTC_SIZE], then[JWT_UTC_SIZE];
	int64_t latest = 0;
	size_t i;

	for (i = 0; i < ring->count; i++) {
		const struct issuer_ring_key *key = &ring->at[i];

		latest = key->created > latest ? key->created : latest;
		latest = key->activated > latest ? key->activated : latest;
		latest = key->retired > latest ? key->retired : latest;
	}
	if (now >= latest - ISSUER_CLOCK_SLACK)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "the clock says %s, and a key was changed at %s: set the clock "
	    "right",
	    jwt_utc(seen, now), jwt_utc(then, latest));
	return ISSUER_CLOCK_WRONG;
}
