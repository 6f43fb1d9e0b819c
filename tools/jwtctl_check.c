#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "jwt/fetched.h"
#include "jwt/grants.h"
#include "jwt/libctx.h"
#include "tools/jwtctl.h"

/* What is looked at, and what was found in it. */
struct lint {
	OSSL_LIB_CTX *libctx;
	const struct jwt_config *config;
	struct jwt_faults faults;
};

/*
 * Each check returns JWT_OK or what keeps it from going on; a fault that it
 * found is put down and does not.
 */
#define FAULT(lint, issuer, ...)                                           \
	keep_going(jwt_faults_add(&(lint)->faults, (lint)->config->source, \
	    (issuer)->line, __VA_ARGS__))

static enum jwt_reason
keep_going(enum jwt_reason reason)
{
	return reason == JWT_CONFIG_ERROR ? JWT_OK : reason;
}

/*
 * Keys.
 */

static bool
serves(const struct jwt_key *key, const struct jwt_algorithms *algorithms)
{
	size_t i;

	for (i = 0; i < algorithms->count; i++)
		if (jwt_key_fits(key, algorithms->at[i]))
			return true;
	return false;
}

static bool
are_symmetric(const struct jwt_algorithms *algorithms)
{
	size_t i;

	for (i = 0; i < algorithms->count; i++)
		if (algorithms->at[i]->kty != JWT_KTY_OCT)
			return false;
	return true;
}

static bool
any_fits(const struct jwt_keyset *keys, const struct jwt_algorithm *algorithm)
{
	size_t i;

	for (i = 0; i < keys->count; i++)
		if (keys->key[i].refusal == NULL &&
		    jwt_key_fits(&keys->key[i], algorithm))
			return true;
	return false;
}

/* What `algorithms` could name instead, each with a space before it. */
static void
name_served(const struct jwt_keyset *keys, char *names, size_t size)
{
	const struct jwt_algorithm *algorithm;
	size_t i, len = 0;

	names[0] = '\0';
	for (i = 0; (algorithm = jwt_algorithm_at(i)) != NULL; i++)
		if (any_fits(keys, algorithm) &&
		    len + strlen(algorithm->name) + 1 < size)
			len += (size_t)snprintf(
			    names + len, size - len, " %s", algorithm->name);
}

/*
 * A provider's set may hold keys for algorithms that are not wanted here, but
 * where no key serves any that is, no token logs in.
 */
static enum jwt_reason
check_use(struct lint *lint, const struct jwt_issuer *issuer,
    const struct jwt_keyset *keys)
{
	bool served = false, secrets = false;
	char names[160];
	size_t i;

	if (keys->usable == 0)
		return FAULT(lint, issuer,
		    "keys: %s: has no key that can be used; of other use, "
		    "type or curve: %zu",
		    issuer->keys, keys->skipped);
	for (i = 0; i < keys->count; i++) {
		if (keys->key[i].refusal != NULL)
			continue;
		secrets = secrets || keys->key[i].kty == JWT_KTY_OCT;
		served = served || serves(&keys->key[i], &issuer->algorithms);
	}
	if (served)
		return JWT_OK;
	if (secrets && !are_symmetric(&issuer->algorithms))
		return FAULT(lint, issuer,
		    "keys: %s: holds secrets, which serve HS algorithms "
		    "alone, and algorithms names none that fits",
		    issuer->keys);
	if (!secrets && are_symmetric(&issuer->algorithms))
		return FAULT(lint, issuer,
		    "keys: %s: holds public keys, and algorithms names HS "
		    "alone, which take a file of secrets",
		    issuer->keys);
	name_served(keys, names, sizeof(names));
	return FAULT(lint, issuer,
	    "keys: %s: no key of it serves any of the algorithms, but only:%s",
	    issuer->keys, names);
}

/* What a provider publishes that is refused here is no fault of this file. */
static enum jwt_reason
check_fetched(struct lint *lint, const struct jwt_issuer *issuer)
{
	struct jwt_fault fault = {""};
	struct jwt_keyset *keys;
	enum jwt_reason reason;

	reason = jwt_fetched_keys(lint->libctx, lint->config, issuer,
	    (int64_t)time(NULL), &keys, &fault);
	if (reason == JWT_KEYS_UNAVAILABLE)
		return FAULT(lint, issuer, "%s (jwtctl fetch --issuer %s)",
		    fault.text, issuer->label);
	if (reason == JWT_OK && keys != NULL)
		reason = check_use(lint, issuer, keys);
	jwt_keyset_free(keys);
	return reason;
}

static enum jwt_reason
check_keys(struct lint *lint, const struct jwt_issuer *issuer)
{
	enum jwt_reason reason;
	struct jwt_fault fault = {""};
	struct jwt_keyset *keys;
	char kid[72];
	size_t i;

	if (issuer->fetched)
		return check_fetched(lint, issuer);
	reason = jwt_keyset_read(lint->libctx, issuer->keys, &keys, &fault);
	if (reason == JWT_KEYS_UNAVAILABLE)
		return FAULT(lint, issuer, "keys: %s", fault.text);
	for (i = 0; reason == JWT_OK && i < keys->count; i++) {
		if (keys->key[i].refusal == NULL)
			continue;
		jwt_quote(kid, sizeof(kid),
		    (struct jwt_slice){keys->key[i].kid, keys->key[i].kid_len});
		reason = FAULT(lint, issuer, "keys: %s: the key%s%s: %s",
		    issuer->keys, keys->key[i].kid != NULL ? " with kid " : "",
		    keys->key[i].kid != NULL ? kid : "", keys->key[i].refusal);
	}
	if (reason == JWT_OK)
		reason = check_use(lint, issuer, keys);
	jwt_keyset_free(keys);
	return reason;
}

/*
 * The configuration compares names; here a file is the same under another
 * name as well.
 */
static enum jwt_reason
check_sharing(struct lint *lint, const struct jwt_issuer *issuer)
{
	const struct jwt_issuer *other;
	enum jwt_reason reason = JWT_OK;
	struct stat mine, its;

	for (other = lint->config->issuer; other < issuer; other++) {
		if (reason != JWT_OK || issuer->fetched || other->fetched ||
		    (!issuer->issuer_absent && !other->issuer_absent))
			continue;
		if (stat(issuer->keys, &mine) == -1 ||
		    stat(other->keys, &its) == -1)
			reason = FAULT(lint, issuer,
			    "keys: %s and %s, the file of issuer '%s', cannot "
			    "be compared: %s",
			    issuer->keys, other->keys, other->label,
			    strerrordesc_np(errno));
		else if (mine.st_dev == its.st_dev && mine.st_ino == its.st_ino)
			reason = FAULT(lint, issuer,
			    "keys: %s: is the file of issuer '%s' too; keys "
			    "for tokens without an issuer must serve no other "
			    "section",
			    issuer->keys, other->label);
	}
	return reason;
}

/*
 * Maps and audiences.
 */

/* A fault of the map has its line there, one of the file has ours. */
static enum jwt_reason
check_map(struct lint *lint, const struct jwt_issuer *issuer)
{
	size_t i, len = issuer->user_map == NULL ? 0 : strlen(issuer->user_map);
	struct jwt_faults faults = {0};
	struct jwt_grants *grants = NULL;
	enum jwt_reason reason;
	const char *text;

	if (issuer->user_map == NULL)
		return JWT_OK;
	reason =
	    keep_going(jwt_grants_read(issuer->user_map, &grants, &faults));
	for (i = 0; reason == JWT_OK && i < faults.count; i++) {
		text = faults.at[i].text;
		if (strncmp(text, issuer->user_map, len) == 0 &&
		    text[len] == ':' && text[len + 1] >= '1' &&
		    text[len + 1] <= '9')
			reason = keep_going(
			    jwt_faults_add(&lint->faults, NULL, 0, "%s", text));
		else
			reason = FAULT(lint, issuer, "user_map: %s", text);
	}
	jwt_faults_clear(&faults);
	jwt_grants_free(grants);
	return reason;
}

static enum jwt_reason
check_audience(struct lint *lint, const struct jwt_issuer *issuer)
{
	struct utsname uts;
	const char *at;
	size_t i;

	if (uname(&uts) == 0 && uts.nodename[0] != '\0' &&
	    uts.nodename[0] != '.')
		return JWT_OK;
	for (i = 0; i < issuer->audience.count; i++)
		for (at = issuer->audience.at[i];
		     (at = strchr(at, '%')) != NULL; at += 2)
			if (at[1] == 'h' || at[1] == 'H')
				return FAULT(lint, issuer,
				    "audience: '%s' needs the host's name, "
				    "and the kernel has none",
				    issuer->audience.at[i]);
	return JWT_OK;
}

static enum jwt_reason (*const checks[])(
    struct lint *lint, const struct jwt_issuer *issuer) = {
    check_keys, check_sharing, check_map, check_audience};

/* Reads the file, and when that is faultless what it names. */
static enum jwt_reason
lint_file(struct lint *lint, const char *path, struct jwt_config **config)
{
	enum jwt_reason reason;
	size_t i, k;

	reason = jwt_config_read(path, config, &lint->faults);
	lint->config = *config;
	for (i = 0; reason == JWT_OK && i < (*config)->issuers; i++)
		for (k = 0; k < sizeof(checks) / sizeof(checks[0]); k++)
			if (reason == JWT_OK)
				reason = checks[k](lint, &(*config)->issuer[i]);
	return reason;
}

static int
report(const struct lint *lint, enum jwt_reason reason,
    const struct jwt_fault *why)
{
	const struct jwt_config *config = lint->config;
	size_t i;

	for (i = 0; i < lint->faults.count; i++)
		puts(lint->faults.at[i].text);
	if (reason != JWT_OK && reason != JWT_CONFIG_ERROR) {
		ctl_say(&ctl_check, "%s",
		    why->text[0] != '\0'      ? why->text
		    : reason == JWT_NO_MEMORY ? "no memory"
					      : "OpenSSL failed");
		return CTL_FAILED;
	}
	if (reason != JWT_OK || lint->faults.count > 0)
		return CTL_NO;
	printf("%zu issuer%s, %zu service%s: no fault\n", config->issuers,
	    config->issuers == 1 ? "" : "s", config->services,
	    config->services == 1 ? "" : "s");
	return CTL_YES;
}

static int
run(int argc, char **argv)
{
	const char *file = NULL;
	const struct ctl_option options[] = {{"config", false, &file}};
	enum jwt_reason reason = JWT_NO_MEMORY;
	struct jwt_config *config = NULL;
	struct jwt_fault fault = {""};
	struct lint lint = {0};
	char *path = NULL;
	int result;

	result = ctl_options(&ctl_check, argc, argv, options, 1, NULL);
	if (result != CTL_GO_ON)
		return result;
	lint.libctx = jwt_libctx_new();
	path = ctl_absolute(file != NULL ? file : JWT_CONFIG_FILE, &fault);
	if (lint.libctx != NULL && path != NULL)
		reason = lint_file(&lint, path, &config);
	result = report(&lint, reason, &fault);
	jwt_config_free(config);
	jwt_faults_clear(&lint.faults);
	free(path);
	OSSL_LIB_CTX_free(lint.libctx);
	return result;
}

const struct ctl_call ctl_check = {
    "check",
    "find every fault of the configuration",
    "usage: jwtctl check [--config FILE]\n"
    "\n"
    "Reads the configuration, and when it has no fault the key files and maps\n"
    "that it names, and writes every fault with file and line.  Exit 0 when\n"
    "there is none, 1 when there is one, 2 when that cannot be told.\n"
    "\n"
    "  --config FILE  instead of /etc/security/pam_jwt.conf\n",
    run,
};
