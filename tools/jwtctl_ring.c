/*
 * The key folder: who may change it, and the steps of a key's life.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "jwt/libctx.h"
#include "tools/jwtctl_key.h"

static int
told(const struct ctl_call *call, const struct jwt_fault *fault)
{
	ctl_say(call, "%s", fault->text);
	return CTL_FAILED;
}

/* A reason of the library's: the fault has the words. */
static int
of_reason(const struct ctl_ring *ring, enum issuer_reason reason,
    const struct jwt_fault *fault)
{
	return reason == ISSUER_OK ? CTL_YES : told(ring->call, fault);
}

/*
 * Opening.
 */

static int
read_config(struct ctl_ring *ring, const char *path)
{
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	size_t i;

	result = issuer_config_read(path, &ring->config, &faults);
	for (i = 0; i < faults.count; i++)
		ctl_say(ring->call, "%s", faults.at[i].text);
	if (result != JWT_OK && faults.count == 0)
		ctl_say(ring->call, "%s: no memory", path);
	jwt_faults_clear(&faults);
	if (result != JWT_OK)
		return CTL_FAILED;
	if (ring->config->keys != NULL)
		return CTL_GO_ON;
	ctl_say(ring->call,
	    "%s has the key elsewhere (key = %s); there is no folder of keys "
	    "(keys = /var/lib/jwt-issuer/keys)",
	    path, ring->config->key);
	return CTL_FAILED;
}

/* The folder and the one above it; what lies further up is there. */
static int
make_folder(const struct ctl_ring *ring)
{
	const char *path = ring->config->keys;
	const struct passwd *entry = NULL;
	struct stat st;
	char *above, *slash;
	int result = CTL_GO_ON;

	if (lstat(path, &st) == 0 || errno != ENOENT)
		return CTL_GO_ON;
	if (geteuid() == 0 &&
	    (entry = getpwnam(ring->config->account)) == NULL) {
		ctl_say(ring->call,
		    "the account %s, which signs, does not exist: make it "
		    "(useradd --system %s), or name another (user)",
		    ring->config->account, ring->config->account);
		return CTL_FAILED;
	}
	if ((above = strdup(path)) == NULL)
		return CTL_FAILED;
	if ((slash = strrchr(above, '/')) != above)
		*slash = '\0';
	if ((mkdir(above, 0755) == -1 && errno != EEXIST) ||
	    mkdir(path, 0700) == -1 ||
	    (entry != NULL &&
		chown(path, entry->pw_uid, entry->pw_gid) == -1)) {
		ctl_say(ring->call, "%s: %s", path, strerrordesc_np(errno));
		result = CTL_FAILED;
	}
	free(above);
	return result;
}

/* Root has more than it needs here: a link in the folder could use it. */
static int
become_owner(const struct ctl_ring *ring)
{
	const char *path = ring->config->keys;
	struct stat st;

	if (lstat(path, &st) == -1) {
		ctl_say(ring->call, "%s: %s%s", path, strerrordesc_np(errno),
		    errno == ENOENT ? ": jwtctl key new makes it" : "");
		return CTL_FAILED;
	}
	if (!S_ISDIR(st.st_mode) || (st.st_mode & 077) != 0) {
		ctl_say(ring->call,
		    "%s: wanted a folder of mode 0700, found mode %04o", path,
		    (unsigned int)(st.st_mode & 07777));
		return CTL_FAILED;
	}
	if (geteuid() == 0 && st.st_uid != 0 &&
	    (setgroups(0, NULL) == -1 ||
		setresgid(st.st_gid, st.st_gid, st.st_gid) == -1 ||
		setresuid(st.st_uid, st.st_uid, st.st_uid) == -1)) {
		ctl_say(ring->call, "uid %u: %s", (unsigned int)st.st_uid,
		    strerrordesc_np(errno));
		return CTL_FAILED;
	}
	if (geteuid() == st.st_uid)
		return CTL_GO_ON;
	ctl_say(ring->call,
	    "%s is owned by uid %u: run this as root or as that account", path,
	    (unsigned int)st.st_uid);
	return CTL_FAILED;
}

int
ctl_ring_open(struct ctl_ring *ring, const struct ctl_call *call,
    const char *config, bool write, bool make)
{
	enum issuer_reason reason = ISSUER_OK;
	struct jwt_fault fault = {""};
	int result;

	*ring = (struct ctl_ring){
	    .call = call, .lock = -1, .now = (int64_t)time(NULL)};
	result =
	    read_config(ring, config != NULL ? config : ISSUER_CONFIG_FILE);
	if (result == CTL_GO_ON && make)
		result = make_folder(ring);
	if (result == CTL_GO_ON)
		result = become_owner(ring);
	if (result != CTL_GO_ON) {
		ctl_ring_close(ring);
		return result;
	}
	if (write)
		reason =
		    issuer_ring_lock(ring->config->keys, &ring->lock, &fault);
	if (reason == ISSUER_OK)
		reason =
		    issuer_ring_read(ring->config->keys, &ring->ring, &fault);
	if (reason == ISSUER_OK && write)
		reason =
		    issuer_ring_check_clock(&ring->ring, ring->now, &fault);
	if (reason == ISSUER_OK)
		return CTL_GO_ON;
	ctl_ring_close(ring);
	return told(call, &fault);
}

void
ctl_ring_close(struct ctl_ring *ring)
{
	if (ring->changed)
		ctl_say(ring->call,
		    "the public keys have changed: publish them (jwtctl jwks)");
	issuer_ring_clear(&ring->ring);
	issuer_config_free(ring->config);
	if (ring->lock != -1)
		close(ring->lock);
}

/*
 * Steps.
 */

static struct issuer_ring_key *
append(struct issuer_ring *ring)
{
	struct issuer_ring_key *grown;

	grown = reallocarray(ring->at, ring->count + 1, sizeof(*grown));
	if (grown == NULL)
		return NULL;
	ring->at = grown;
	grown[ring->count] = (struct issuer_ring_key){.state = ISSUER_KEY_NEXT,
	    .activated = JWT_UNSET,
	    .retired = JWT_UNSET};
	return &grown[ring->count++];
}

/* The kid that the key was made with. */
static char *
kid_of(const char *jwk)
{
	struct json_object *object = NULL, *kid = NULL;
	char *copy = NULL;

	if (jwt_json_parse_object(jwt_slice_of(jwk), &object, NULL) == JWT_OK &&
	    json_object_object_get_ex(object, "kid", &kid))
		copy = strdup(json_object_get_string(kid));
	json_object_put(object);
	return copy;
}

/* Both halves, before the ring names them. */
static enum issuer_reason
put_halves(const struct ctl_ring *ring, const char *kid,
    const char *private_jwk, const char *public_jwk, struct jwt_fault *fault)
{
	const char *folder = ring->config->keys;
	enum issuer_reason result;
	char name[96];

	snprintf(name, sizeof(name), "%s.jwk", kid);
	result = issuer_ring_put(folder, name, 0600, private_jwk, fault);
	if (result != ISSUER_OK)
		return result;
	snprintf(name, sizeof(name), "%s.pub", kid);
	return issuer_ring_put(folder, name, 0644, public_jwk, fault);
}

static void
take_away(const struct ctl_ring *ring, const char *kid, const char *suffix)
{
	char *path = issuer_ring_path(ring->config->keys, kid, suffix);

	if (path != NULL && unlink(path) == -1 && errno != ENOENT)
		ctl_say(ring->call, "%s: %s", path, strerrordesc_np(errno));
	free(path);
}

int
ctl_ring_add(struct ctl_ring *ring, const struct jwt_algorithm *algorithm)
{
	bool first = issuer_ring_in(&ring->ring, ISSUER_KEY_ACTIVE) == NULL &&
	             issuer_ring_in(&ring->ring, ISSUER_KEY_NEXT) == NULL;
	enum issuer_reason reason = ISSUER_INTERNAL_ERROR;
	char *private_jwk = NULL, *public_jwk = NULL, *kid = NULL;
	struct jwt_fault fault = {"no memory, or OpenSSL failed"};
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	struct issuer_ring_key *key = NULL;

	if (libctx != NULL &&
	    jwt_key_generate(
		libctx, algorithm, NULL, &private_jwk, &public_jwk) == JWT_OK &&
	    (kid = kid_of(public_jwk)) != NULL)
		reason = put_halves(ring, kid, private_jwk, public_jwk, &fault);
	if (reason == ISSUER_OK && (key = append(&ring->ring)) != NULL) {
		key->kid = kid;
		key->alg = strdup(algorithm->name);
		key->created = ring->now;
		kid = NULL;
		if (first) {
			key->state = ISSUER_KEY_ACTIVE;
			key->activated = ring->now;
		}
	}
	if (key == NULL || key->alg == NULL)
		reason = reason == ISSUER_OK ? ISSUER_INTERNAL_ERROR : reason;
	if (reason == ISSUER_OK)
		reason = issuer_ring_write(&ring->ring, &fault);
	if (reason == ISSUER_OK) {
		ring->changed = true;
		ctl_say(ring->call, "%s, %s: made, and %s", key->kid,
		    algorithm->name,
		    first ? "active at once: no verifier knows another"
			  : "the next to sign");
	}
	if (private_jwk != NULL)
		jwt_free_wiped(private_jwk, strlen(private_jwk));
	free(public_jwk);
	free(kid);
	OSSL_LIB_CTX_free(libctx);
	return of_reason(ring, reason, &fault);
}

int
ctl_ring_activate(struct ctl_ring *ring, struct issuer_ring_key *key)
{
	struct issuer_ring_key *old =
	    issuer_ring_in(&ring->ring, ISSUER_KEY_ACTIVE);
	struct jwt_fault fault = {""};
	enum issuer_reason reason;

	if (old != NULL) {
		old->state = ISSUER_KEY_RETIRED;
		old->retired = ring->now;
	}
	key->state = ISSUER_KEY_ACTIVE;
	key->activated = ring->now;
	if ((reason = issuer_ring_write(&ring->ring, &fault)) != ISSUER_OK)
		return of_reason(ring, reason, &fault);
	ctl_say(ring->call, "%s: active, signs from now on", key->kid);
	if (old != NULL) {
		take_away(ring, old->kid, "jwk");
		ctl_say(ring->call,
		    "%s: retired, its private half is gone; its public one "
		    "stays published",
		    old->kid);
	}
	return CTL_YES;
}

int
ctl_ring_retire(struct ctl_ring *ring, struct issuer_ring_key *key)
{
	struct jwt_fault fault = {""};
	enum issuer_reason reason;

	/* One that never signed was active for no time at all. */
	if (key->activated == JWT_UNSET)
		key->activated = ring->now;
	key->state = ISSUER_KEY_RETIRED;
	key->retired = ring->now;
	if ((reason = issuer_ring_write(&ring->ring, &fault)) != ISSUER_OK)
		return of_reason(ring, reason, &fault);
	take_away(ring, key->kid, "jwk");
	ctl_say(ring->call,
	    "%s: retired, its private half is gone; its public one stays "
	    "published",
	    key->kid);
	return CTL_YES;
}

int
ctl_ring_remove(struct ctl_ring *ring, struct issuer_ring_key *key)
{
	size_t i = (size_t)(key - ring->ring.at);
	struct issuer_ring_key gone = *key;
	struct jwt_fault fault = {""};
	enum issuer_reason reason;

	memmove(key, key + 1, (ring->ring.count - i - 1) * sizeof(*key));
	ring->ring.count--;
	reason = issuer_ring_write(&ring->ring, &fault);
	if (reason == ISSUER_OK) {
		take_away(ring, gone.kid, "jwk");
		take_away(ring, gone.kid, "pub");
		take_away(ring, gone.kid, "longest");
		ring->changed = true;
		ctl_say(ring->call, "%s: removed", gone.kid);
	}
	free(gone.kid);
	free(gone.alg);
	return of_reason(ring, reason, &fault);
}

/* Retired ones whose last token has expired everywhere. */
static int
remove_those_over(struct ctl_ring *ring)
{
	int result = CTL_YES;
	size_t i;

	for (i = ring->ring.count; result == CTL_YES && i-- > 0;) {
		struct issuer_ring_key *key = &ring->ring.at[i];

		if (key->state != ISSUER_KEY_RETIRED)
			continue;
		/* One that an interruption has left. */
		take_away(ring, key->kid, "jwk");
		if (issuer_ring_over(ring->config, key) <= ring->now)
			result = ctl_ring_remove(ring, key);
	}
	return result;
}

int
ctl_ring_tend(struct ctl_ring *ring)
{
	const struct issuer_config *config = ring->config;
	struct issuer_ring_key *next, *active;
	int result = CTL_YES;

	next = issuer_ring_in(&ring->ring, ISSUER_KEY_NEXT);
	active = issuer_ring_in(&ring->ring, ISSUER_KEY_ACTIVE);
	if (next != NULL && issuer_ring_ready(config, next) <= ring->now)
		result = ctl_ring_activate(ring, next);
	else if (next == NULL && active != NULL &&
		 config->rotate_every != JWT_UNSET &&
		 active->activated + config->rotate_every -
			 config->publish_before <=
		     ring->now)
		result = ctl_ring_add(
		    ring, jwt_algorithm_find(jwt_slice_of(active->alg)));
	if (result == CTL_YES)
		result = remove_those_over(ring);
	return result;
}

const char *
ctl_span(char out[CTL_SPAN_SIZE], int64_t from, int64_t to)
{
	static const struct {
		int64_t seconds;
		const char *name, *rest;
		int64_t part;
	} units[] = {{86400, "d", "h", 3600}, {3600, "h", "min", 60},
	    {60, "min", "s", 1}, {1, "s", NULL, 0}};
	int64_t span = to > from ? to - from : from - to;
	char text[CTL_SPAN_SIZE - 8];
	size_t i = 0;

	while (i < 3 && span < units[i].seconds)
		i++;
	if (units[i].rest == NULL ||
	    span % units[i].seconds / units[i].part == 0)
		snprintf(text, sizeof(text), "%lld %s",
		    (long long)(span / units[i].seconds), units[i].name);
	else
		snprintf(text, sizeof(text), "%lld %s %lld %s",
		    (long long)(span / units[i].seconds), units[i].name,
		    (long long)(span % units[i].seconds / units[i].part),
		    units[i].rest);
	snprintf(out, CTL_SPAN_SIZE, to > from ? "in %s" : "%s ago", text);
	return out;
}
