/*
 * The two steps that find the key: of a file that the administrator wrote, or
 * of what pam-jwtd fetched, which is believed only for a time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "provider.h"
#include "trial.h"

#define CLOCKS_DIFFER 300 /* seconds, at most */

/* Who, beside root, may have written the keys that were fetched. */
static enum jwt_reason
find_owner(
    const struct jwt_config *config, uid_t *owner, struct jwt_fault *fault)
{
	const char *user = config->fetcher.user;
	bool known;
	int error;

	*owner = JWT_NO_OWNER;
	error = jwt_account_uid(user, &known, owner);
	if (error == ENOMEM)
		return JWT_NO_MEMORY;
	if (error != 0) {
		jwt_fault_set(fault,
		    "an answer of the account database about '%s', which "
		    "failed: %s",
		    user, strerrordesc_np(error));
		return JWT_INTERNAL_ERROR;
	}
	if (!known)
		*owner = JWT_NO_OWNER;
	return JWT_OK;
}

static enum jwt_reason
open_fetched(OSSL_LIB_CTX *libctx, const struct jwt_config *config,
    const struct jwt_issuer *issuer, struct jwt_fetched **fetched,
    struct jwt_fault *fault)
{
	char digest[JWT_DIGEST_SIZE];
	enum jwt_reason result;
	uid_t owner;

	*fetched = NULL;
	result = jwt_provider_digest(libctx, issuer, digest);
	if (result == JWT_OK)
		result = find_owner(config, &owner, fault);
	if (result == JWT_OK)
		result = jwt_fetched_open(
		    issuer->keys, owner, digest, fetched, fault);
	return result;
}

/*
 * Whether the provider's last word is recent enough; half the time before it
 * is not, a warning begins.
 */
static enum jwt_reason
check_age(const struct jwt_issuer *issuer, const struct jwt_fetched *fetched,
    int64_t now, char **warning, struct jwt_fault *fault)
{
	int64_t age = now - fetched->confirmed;
	int64_t stale_after = issuer->provider.stale_after;
	char then[JWT_UTC_SIZE], other[JWT_UTC_SIZE];

	jwt_utc(then, fetched->confirmed);
	if (age >= -CLOCKS_DIFFER && age <= stale_after / 2)
		return JWT_OK;
	if (age >= -CLOCKS_DIFFER && age <= stale_after) {
		*warning = jwt_format(
		    "the keys of %s were last confirmed at %s and are not "
		    "believed after %s: jwtctl fetch --issuer %s",
		    issuer->label, then,
		    jwt_utc(other, fetched->confirmed + stale_after),
		    issuer->label);
		return *warning != NULL ? JWT_OK : JWT_NO_MEMORY;
	}
	jwt_fault_set(fault,
	    "%s: the provider confirmed these keys at %s, now it is %s, "
	    "wanted stale_after=%llds at most: jwtctl fetch --issuer %s says "
	    "what is wrong",
	    issuer->keys, then, jwt_utc(other, now), (long long)stale_after,
	    issuer->label);
	return JWT_KEYS_UNAVAILABLE;
}

enum jwt_reason
jwt_fetched_keys(OSSL_LIB_CTX *libctx, const struct jwt_config *config,
    const struct jwt_issuer *issuer, int64_t now, struct jwt_keyset **set,
    struct jwt_fault *fault)
{
	struct jwt_fetched *fetched;
	enum jwt_reason result;
	char *warning = NULL;

	*set = NULL;
	result = open_fetched(libctx, config, issuer, &fetched, fault);
	if (result == JWT_OK)
		result = check_age(issuer, fetched, now, &warning, fault);
	if (result == JWT_OK)
		result =
		    jwt_fetched_kinds(libctx, fetched, SIZE_MAX, set, fault);
	jwt_fetched_close(fetched);
	free(warning);
	return result;
}

static enum jwt_reason
reopen(struct jwt_trial *trial, struct jwt_fault *fault)
{
	struct jwt_verdict *verdict = trial->verdict;
	enum jwt_reason result;

	jwt_fetched_close(trial->fetched);
	free(verdict->warning);
	verdict->warning = NULL;
	result = open_fetched(trial->libctx, trial->attempt->config,
	    trial->issuer, &trial->fetched, fault);
	if (result == JWT_OK)
		result = check_age(trial->issuer, trial->fetched,
		    trial->attempt->now, &verdict->warning, fault);
	return result;
}

/* Once a login; false: nobody is there to be asked, or was already. */
static bool
ask(struct jwt_trial *trial)
{
	if (trial->asked || trial->attempt->refresh == NULL)
		return false;
	trial->asked = true;
	trial->attempt->refresh(trial->attempt->config, trial->issuer);
	return true;
}

static enum jwt_reason
step_fetched(struct jwt_trial *trial)
{
	struct jwt_fault fault = {""};
	char then[JWT_UTC_SIZE];
	enum jwt_reason result;

	result = reopen(trial, &fault);
	if (result == JWT_KEYS_UNAVAILABLE && ask(trial))
		result = reopen(trial, &fault);
	if (result != JWT_OK)
		return jwt_say_fault(trial, result, &fault);
	trial->expected = jwt_format(
	    "usable keys in %s: %zu, for other use: %zu; confirmed "
	    "by the provider at %s",
	    trial->issuer->keys, trial->fetched->usable,
	    trial->fetched->skipped, jwt_utc(then, trial->fetched->confirmed));
	return trial->fetched->usable > 0 ? JWT_OK : JWT_KEYS_UNAVAILABLE;
}

enum jwt_reason
jwt_step_keys(struct jwt_trial *trial)
{
	const char *path = trial->issuer->keys;
	struct jwt_fault fault = {""};
	struct jwt_keyset *keys;
	enum jwt_reason reason;

	if (trial->issuer->fetched)
		return step_fetched(trial);
	reason = jwt_keyset_read(trial->libctx, path, &trial->keys, &fault);
	if (reason != JWT_OK)
		return jwt_say_fault(trial, reason, &fault);
	keys = trial->keys;
	trial->expected = jwt_format("usable keys in %s: %zu, refused: %zu, "
				     "for other use: %zu%s%s",
	    path, keys->usable, keys->count - keys->usable, keys->skipped,
	    keys->refusals != NULL ? ": " : "",
	    keys->refusals != NULL ? keys->refusals : "");
	return keys->usable > 0 ? JWT_OK : JWT_KEYS_UNAVAILABLE;
}

static enum jwt_reason
find_fetched(struct jwt_trial *trial, struct jwt_fault *fault)
{
	return jwt_fetched_find(trial->libctx, trial->fetched,
	    trial->token.algorithm,
	    trial->token.has_kid ? &trial->token.kid : NULL,
	    trial->attempt->now - trial->issuer->provider.key_grace,
	    &trial->keys, fault);
}

static enum jwt_reason
choose(struct jwt_trial *trial, struct jwt_fault *fault)
{
	enum jwt_reason reason = JWT_OK;

	if (trial->issuer->fetched)
		reason = find_fetched(trial, fault);
	/* A kid may be new: the provider had time since the last fetch. */
	if (reason == JWT_UNKNOWN_KEY && trial->token.has_kid && ask(trial)) {
		reason = reopen(trial, fault);
		if (reason == JWT_OK)
			reason = find_fetched(trial, fault);
	}
	if (reason == JWT_OK)
		reason = jwt_keyset_choose(trial->keys, trial->token.algorithm,
		    trial->token.has_kid ? &trial->token.kid : NULL,
		    &trial->key, fault);
	return reason;
}

enum jwt_reason
jwt_step_key(struct jwt_trial *trial)
{
	struct jwt_fault fault = {""};
	enum jwt_reason reason;

	reason = choose(trial, &fault);
	if (reason != JWT_OK && reason != JWT_UNKNOWN_KEY &&
	    reason != JWT_KEY_REFUSED)
		return jwt_say_fault(trial, reason, &fault);
	if (reason != JWT_OK) {
		/* The words hold the token's kid: they are foreign. */
		trial->expected = jwt_format("one key in %s for %s",
		    trial->issuer->keys, trial->token.algorithm->name);
		trial->seen = strdup(fault.text);
		return reason;
	}
	trial->seen = trial->key->kid == NULL
	                  ? strdup("a key without kid")
	                  : jwt_excerpt((struct jwt_slice){
				trial->key->kid, trial->key->kid_len});
	return JWT_OK;
}

/* As much as the step would have found, where it was not taken to its end. */
static void
find_any(struct jwt_trial *trial, const struct jwt_fetched *fetched)
{
	static const struct jwt_slice none = {"", 0};
	struct jwt_keyset *set;

	(void)jwt_fetched_find(trial->libctx, fetched,
	    jwt_algorithm_find(jwt_slice_of("ES256")), &none, 0, &set, NULL);
	jwt_keyset_free(set);
	(void)jwt_fetched_kinds(trial->libctx, fetched, 1, &set, NULL);
	jwt_keyset_free(set);
}

const struct jwt_keyset *
jwt_keys_of_all_kinds(struct jwt_trial *trial, const struct jwt_issuer *issuer,
    struct jwt_keyset **own)
{
	bool is_own = trial->issuer != NULL && issuer == trial->issuer;
	struct jwt_fetched *fetched = NULL;

	*own = NULL;
	if (!issuer->fetched) {
		if (is_own && trial->keys != NULL)
			return trial->keys;
		(void)jwt_keyset_read(trial->libctx, issuer->keys, own, NULL);
		return *own;
	}
	if (is_own && trial->fetched != NULL)
		fetched = trial->fetched;
	else if (open_fetched(trial->libctx, trial->attempt->config, issuer,
		     &fetched, NULL) != JWT_OK)
		return NULL;
	if (!is_own || trial->keys == NULL)
		find_any(trial, fetched);
	(void)jwt_fetched_kinds(trial->libctx, fetched, SIZE_MAX, own, NULL);
	if (fetched != trial->fetched)
		jwt_fetched_close(fetched);
	return *own;
}
