#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "claim.h"
#include "libctx.h"
#include "signature.h"
#include "trial.h"

/*
 * The order of REASONS: nothing before `signature` believes the payload, and
 * `issuer` reads of it only whose keys to fetch.
 */
static const struct {
	const char *name;
	jwt_step *take;
} steps[] = {
    {"answer", jwt_step_answer},
    {"shape", jwt_step_shape},
    {"header", jwt_step_header},
    {"issuer", jwt_step_issuer},
    {"service", jwt_step_service},
    {"algorithm", jwt_step_algorithm},
    {"keys", jwt_step_keys},
    {"key", jwt_step_key},
    {"signature", jwt_step_signature},
    {"claims", jwt_step_claims},
    {"type", jwt_step_type},
    {"expiry", jwt_step_expiry},
    {"not before", jwt_step_not_before},
    {"issued", jwt_step_issued},
    {"lifetime", jwt_step_lifetime},
    {"age", jwt_step_age},
    {"audience", jwt_step_audience},
    {"proof", jwt_step_proof},
    {"account", jwt_step_account},
    {"user", jwt_step_user},
    {"requirements", jwt_step_require},
};

/* Keeps what the step said: for the log if it failed, and for explain. */
static enum jwt_reason
keep(struct jwt_trial *trial, const char *name, bool passed)
{
	struct jwt_verdict *verdict = trial->verdict;
	struct jwt_check *grown;

	if (!passed) {
		if (trial->own != NULL)
			verdict->own = trial->own;
		else if (trial->expected != NULL)
			verdict->own = strdup(trial->expected);
		verdict->own_is_words = trial->own != NULL;
		if (trial->seen != NULL && trial->own == NULL)
			verdict->seen = strdup(trial->seen);
		trial->own = NULL;
	}
	free(trial->own);
	trial->own = NULL;
	grown =
	    reallocarray(verdict->check, verdict->checks + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	verdict->check = grown;
	grown[verdict->checks++] = (struct jwt_check){.name = name,
	    .passed = passed,
	    .expected = trial->expected,
	    .seen = trial->seen};
	trial->expected = trial->seen = NULL;
	return JWT_OK;
}

static enum jwt_reason
take_steps(struct jwt_trial *trial)
{
	enum jwt_reason reason = JWT_INTERNAL_ERROR;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		reason = steps[i].take(trial);
		if (keep(trial, steps[i].name, reason == JWT_OK) != JWT_OK &&
		    reason == JWT_OK)
			reason = JWT_NO_MEMORY;
		if (reason != JWT_OK)
			break;
	}
	return reason;
}

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
	jwt_signature_verify(trial->libctx, key, algorithm,
	    trial->attempt->answer,
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

/*
 * Whoever is refused has waited for the keys and the map of every section and
 * for one signature under each kind of them, whatever the answer was.  Were it
 * only for those of the section that the token names, whoever names the one
 * with most keys would learn from the time whether sshd sent the token on or,
 * for an account that does not exist, its stand-in.
 */
static void
spend_the_same(struct jwt_trial *trial, enum jwt_reason reason)
{
	const struct jwt_config *config = trial->attempt->config;
	struct jwt_faults faults = {0};
	const struct jwt_issuer *issuer;
	struct jwt_grants *grants;
	struct jwt_keyset *keys;
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
		keys = is_own ? trial->keys : NULL;
		if (keys == NULL)
			(void)jwt_keyset_read(
			    trial->libctx, issuer->keys, &keys, NULL);
		if (keys != NULL)
			spend_for_kinds(trial, issuer, keys,
			    is_own && has_verified(trial, reason) ? trial->key
								  : NULL);
		if (!is_own || trial->keys == NULL)
			jwt_keyset_free(keys);
	}
	jwt_faults_clear(&faults);
}

/* A claim that is no string is not exported; false: no memory. */
static bool
copy_claim(const struct jwt_trial *trial, const char *name, char **copy)
{
	struct jwt_slice text;

	if (jwt_claim_string(trial->token.claims, name, &text) !=
	    JWT_MEMBER_FOUND)
		return true;
	return (*copy = strndup(text.at, text.len)) != NULL;
}

/* What the log and the session are told of a token that logs in. */
static enum jwt_reason
fill_acceptance(struct jwt_trial *trial)
{
	struct jwt_verdict *verdict = trial->verdict;
	char expires[JWT_UTC_SIZE];

	jwt_utc(expires, trial->exp);
	verdict->own = jwt_format("exp=%s", expires);
	verdict->own_is_words = true;
	verdict->expires = trial->exp;
	verdict->export = trial->issuer->export;
	if (verdict->own == NULL)
		return JWT_NO_MEMORY;
	if (verdict->export &&
	    (!copy_claim(trial, "iss", &verdict->export_issuer) ||
		!copy_claim(trial, "sub", &verdict->export_subject) ||
		!copy_claim(trial, "jti", &verdict->export_id)))
		return JWT_NO_MEMORY;
	return JWT_OK;
}

static void
clear_trial(struct jwt_trial *trial)
{
	free(trial->expected);
	free(trial->seen);
	free(trial->own);
	jwt_token_clear(&trial->token);
	jwt_keyset_free(trial->keys);
	jwt_grants_free(trial->grants);
	OSSL_LIB_CTX_free(trial->libctx);
}

enum jwt_reason
jwt_judge(const struct jwt_attempt *attempt, struct jwt_verdict *verdict)
{
	struct jwt_trial trial = {.attempt = attempt, .verdict = verdict};
	enum jwt_reason reason = JWT_INTERNAL_ERROR;

	*verdict = (struct jwt_verdict){0};
	ERR_set_mark();
	trial.libctx = jwt_libctx_new();
	if (trial.libctx == NULL)
		reason = JWT_NO_MEMORY;
	else if (attempt->now < 0 || attempt->now > JWT_TIME_MAX)
		verdict->own = strdup("a clock between 1970 and 9999");
	else
		reason = take_steps(&trial);
	if (trial.libctx != NULL && reason != JWT_OK)
		spend_the_same(&trial, reason);
	if (verdict->signature_holds)
		verdict->names_account = jwt_grants_account(&trial);
	if (reason == JWT_OK)
		reason = fill_acceptance(&trial);
	clear_trial(&trial);
	ERR_pop_to_mark();
	verdict->reason = reason;
	return reason;
}
