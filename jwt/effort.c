/*
 * What a refusal costs.  Whoever is refused has waited for the keys and the
 * map of every section and for one signature under each kind of them, whatever
 * the answer was.  Were it only for those of the section that the token names,
 * whoever names the one with most keys would learn from the time whether sshd
 * sent the token on or, for an account that does not exist, its stand-in.
 */
#include <string.h>

#include "signature.h"
#include "trial.h"

/*
 * Whether OpenSSL has done all its work over the token's signature; it has
 * not where the length is wrong, or a number is out of its range, which
 * whoever asks for the time of an account would choose.
 */
static bool
has_verified(const struct jwt_trial *trial, enum jwt_reason reason)
{
	const struct jwt_token *token = &trial->token;

	return trial->verdict->signature_holds ||
	       (reason == JWT_SIGNATURE_INVALID &&
		   jwt_signature_in_range(trial->libctx, trial->key,
		       token->algorithm,
		       (struct jwt_slice){
			   (char *)token->signature, token->signature_len}));
}

/* The first of the section's algorithms that a key serves; NULL: none. */
static const struct jwt_algorithm *
first_fitting(const struct jwt_issuer *issuer, const struct jwt_key *key)
{
	size_t i;

	if (key->refusal != NULL)
		return NULL;
	for (i = 0; i < issuer->algorithms.count; i++)
		if (jwt_key_fits(key, issuer->algorithms.at[i]))
			return issuer->algorithms.at[i];
	return NULL;
}

/* Checks a signature that cannot hold, and that all the work is done for. */
static void
spend_a_verification(const struct jwt_trial *trial, const struct jwt_key *key,
    const struct jwt_algorithm *algorithm)
{
	unsigned char signature[JWT_SIGNATURE_MAX] = {0};
	size_t size = jwt_key_signature_size(key, algorithm);
	struct jwt_slice message = trial->attempt->answer;
	size_t effort = trial->attempt->effort;

	if (effort > 0 && effort < message.len)
		message.len = effort;
	/* Where memory ran out, OpenSSL does not know an RSA key's. */
	if (size == 0)
		return;
	if (key->kty == JWT_KTY_OKP) {
		/* R is the point with y = 0, and S is far from 0. */
		memset(signature + size / 2, 0x55, size / 2);
		signature[size - 2] = 0x05;
		signature[size - 1] = 0;
	} else {
		/* r = s = 1, and something of the kind for RSA. */
		signature[size / 2 - 1] = signature[size - 1] = 1;
	}
	jwt_signature_verify(trial->libctx, key, algorithm, message,
	    (struct jwt_slice){(char *)signature, size});
}

/* Keys under which checking a signature takes the same time. */
struct kind {
	enum jwt_kty kty;
	const struct jwt_curve *curve;
	size_t signature_size;
};

#define KINDS_MAX 16 /* of one section; nobody has more */

/* Adds the kind of a key; false where it is there, or there is no room. */
static bool
is_new_kind(struct kind kinds[KINDS_MAX], size_t *count,
    const struct jwt_key *key, const struct jwt_algorithm *algorithm)
{
	size_t size = jwt_key_signature_size(key, algorithm), i;

	for (i = 0; i < *count; i++)
		if (kinds[i].kty == key->kty && kinds[i].curve == key->curve &&
		    kinds[i].signature_size == size)
			break;
	if (i < *count || i == KINDS_MAX)
		return false;
	kinds[(*count)++] = (struct kind){key->kty, key->curve, size};
	return true;
}

/*
 * One verification for each kind of key that a token of the section may
 * choose, but none for the kind of `done`: P-384 takes ten times as long as
 * P-256, and the token's kid says which of them it is.
 */
static void
spend_for_kinds(const struct jwt_trial *trial, const struct jwt_issuer *issuer,
    const struct jwt_keyset *keys, const struct jwt_key *done)
{
	const struct jwt_algorithm *algorithm;
	struct kind kinds[KINDS_MAX] = {0};
	size_t count = 0, i;

	if (done != NULL)
		(void)is_new_kind(kinds, &count, done, trial->token.algorithm);
	for (i = 0; i < keys->count; i++) {
		algorithm = first_fitting(issuer, &keys->key[i]);
		if (algorithm != NULL &&
		    is_new_kind(kinds, &count, &keys->key[i], algorithm))
			spend_a_verification(trial, &keys->key[i], algorithm);
	}
}

void
jwt_spend_the_same(struct jwt_trial *trial, enum jwt_reason reason)
{
	const struct jwt_config *config = trial->attempt->config;
	struct jwt_faults faults = {0};
	const struct jwt_issuer *issuer;
	const struct jwt_keyset *keys;
	struct jwt_keyset *read;
	struct jwt_grants *grants;
	bool is_own;
	size_t i;

	for (i = 0; i < config->issuers; i++) {
		issuer = &config->issuer[i];
		is_own = trial->issuer != NULL && issuer == trial->issuer;
		grants = NULL;
		if (!is_own && issuer->user_map != NULL)
			(void)jwt_grants_read(
			    issuer->user_map, &grants, &faults);
		jwt_grants_free(grants);
		/* What does not hold was asked for twice. */
		if (is_own && trial->verdict->signature_holds)
			(void)jwt_token_check(
			    trial->libctx, trial->key, &trial->token);
		keys = jwt_keys_of_all_kinds(trial, issuer, &read);
		if (keys != NULL)
			spend_for_kinds(trial, issuer, keys,
			    is_own && has_verified(trial, reason) ? trial->key
								  : NULL);
		jwt_keyset_free(read);
	}
	jwt_faults_clear(&faults);
}
