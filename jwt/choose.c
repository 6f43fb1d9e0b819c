#include <string.h>

#include "keyset.h"

#define QUOTED_MAX 72 /* characters of a kid */

/* What fits the algorithm among some keys of a set. */
struct fitting {
	size_t usable;
	const struct jwt_key *key; /* the last usable one */
	const struct jwt_key *refused;
};

/* It was not built and may contradict itself. */
bool
jwt_key_would_fit(
    const struct jwt_key *key, const struct jwt_algorithm *algorithm)
{
	if (key->algorithm != NULL)
		return key->algorithm == algorithm;
	if (key->kty == JWT_KTY_OCT)
		return algorithm->kty == JWT_KTY_OCT;
	return jwt_key_fits(key, algorithm);
}

static bool
has_kid(const struct jwt_key *key, const struct jwt_slice *kid)
{
	return key->kid != NULL &&
	       jwt_slice_equal(
		   (struct jwt_slice){key->kid, key->kid_len}, *kid);
}

static enum jwt_reason
refuse_key(const struct jwt_key *key, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "the key that fits was refused: %s", key->refusal);
	return JWT_KEY_REFUSED;
}

/* The token's kid names this key: it is the one, or none is. */
static enum jwt_reason
take_named(const struct jwt_key *candidate,
    const struct jwt_algorithm *algorithm, const char *kid,
    const struct jwt_key **key, struct jwt_fault *fault)
{
	if (candidate->refusal != NULL &&
	    jwt_key_would_fit(candidate, algorithm))
		return refuse_key(candidate, fault);
	if (candidate->refusal == NULL && jwt_key_fits(candidate, algorithm)) {
		*key = candidate;
		return JWT_OK;
	}
	jwt_fault_set(fault, "the key with kid %s is not for %s but for %s%s%s",
	    kid, algorithm->name,
	    candidate->algorithm != NULL ? candidate->algorithm->name
	    : candidate->curve != NULL   ? candidate->curve->name
					 : "another type",
	    candidate->refusal != NULL ? ", and was refused: " : "",
	    candidate->refusal != NULL ? candidate->refusal : "");
	return JWT_UNKNOWN_KEY;
}

/* Looks among the keys without kid, or among all of them. */
static void
find_fitting(const struct jwt_keyset *set,
    const struct jwt_algorithm *algorithm, bool with_kid,
    struct fitting *fitting)
{
	const struct jwt_key *key;
	size_t i;

	for (i = 0; i < set->count; i++) {
		key = &set->key[i];
		if (key->kid != NULL && !with_kid)
			continue;
		if (key->refusal != NULL) {
			if (jwt_key_would_fit(key, algorithm))
				fitting->refused = key;
		} else if (jwt_key_fits(key, algorithm)) {
			fitting->usable++;
			fitting->key = key;
		}
	}
}

enum jwt_reason
jwt_keyset_choose(const struct jwt_keyset *set,
    const struct jwt_algorithm *algorithm, const struct jwt_slice *kid,
    const struct jwt_key **key, struct jwt_fault *fault)
{
	struct fitting fitting = {0};
	char quoted[QUOTED_MAX] = "none";
	size_t i;

	*key = NULL;
	if (kid != NULL)
		jwt_quote_inside(quoted, sizeof(quoted), *kid);
	for (i = 0; kid != NULL && i < set->count; i++) {
		if (has_kid(&set->key[i], kid))
			return take_named(
			    &set->key[i], algorithm, quoted, key, fault);
	}
	find_fitting(set, algorithm, kid == NULL, &fitting);
	if (fitting.usable == 1) {
		*key = fitting.key;
		return JWT_OK;
	}
	if (fitting.usable == 0 && fitting.refused != NULL)
		return refuse_key(fitting.refused, fault);
	jwt_fault_set(fault,
	    "looked for %s and kid %s; of %zu usable keys %s, and %zu%s fit, "
	    "where one alone would do",
	    algorithm->name, quoted, set->usable,
	    kid == NULL ? "any would do" : "none has that kid", fitting.usable,
	    kid == NULL ? "" : " without kid");
	return JWT_UNKNOWN_KEY;
}
