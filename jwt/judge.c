#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "claim.h"
#include "libctx.h"
#include "near.h"
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
		if (trial->note != NULL)
			verdict->note = strdup(trial->note);
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
	    .seen = trial->seen,
	    .said = trial->said,
	    .note = trial->note,
	    .noted = trial->noted};
	trial->expected = trial->seen = trial->said = NULL;
	trial->note = trial->noted = NULL;
	return JWT_OK;
}

static enum jwt_reason
take_steps(struct jwt_trial *trial)
{
	enum jwt_reason reason = JWT_INTERNAL_ERROR;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		reason = steps[i].take(trial);
		if (reason != JWT_OK)
			jwt_note_near(trial, reason);
		if (keep(trial, steps[i].name, reason == JWT_OK) != JWT_OK &&
		    reason == JWT_OK)
			reason = JWT_NO_MEMORY;
		if (reason != JWT_OK)
			break;
	}
	return reason;
}

/*
 * A program that gives one answer to every prompt cannot carry more than its
 * client does, and whoever logs in does not see that anything was cut.
 */
static char *
say_repeated(const struct jwt_attempt *attempt)
{
	return jwt_format(
	    "the application gave the same %zu characters to each of %zu "
	    "prompts, and they are not the whole token: use "
	    "keyboard-interactive, or a token of at most %zu",
	    attempt->answer.len, attempt->repeated, attempt->answer.len);
}

/* Nothing is left of what was pasted at once, nor is it known what it was. */
static char *
say_lost(const struct jwt_attempt *attempt)
{
	return jwt_format(
	    "the application failed on an answer, as sudo does on more than "
	    "%zu characters at once, and asked for at most %zu it brought no "
	    "whole token: give each prompt as many characters as it asks for, "
	    "or use jwt-askpass",
	    attempt->at_most, attempt->at_most);
}

/* Pasted once, or again to each prompt, of what a terminal had cut. */
static char *
say_again(const struct jwt_attempt *attempt)
{
	size_t len = attempt->answer.len / attempt->again;

	if (attempt->again == 1)
		return jwt_format(
		    "nothing came after the first %zu characters, where the "
		    "application may have cut the token: answer the prompt "
		    "that says 'from %zu' with what follows, or use "
		    "jwt-askpass",
		    len, len);
	return jwt_format(
	    "the same %zu characters came for each of %zu prompts, and then "
	    "nothing: answer the prompt that says 'from %zu' with what "
	    "follows (nothing, if that was all), or use jwt-askpass",
	    len, attempt->again, len);
}

/* What became of the answer on its way tells more than what is left of it. */
static void
say_way(const struct jwt_attempt *attempt, enum jwt_reason reason,
    struct jwt_verdict *verdict)
{
	char *words = NULL;

	if (reason == JWT_CUT_OFF && attempt->repeated > 0)
		words = say_repeated(attempt);
	else if ((reason == JWT_CUT_OFF || reason == JWT_NOT_A_JWT) &&
		 attempt->at_most > 0)
		words = say_lost(attempt);
	else if (attempt->again > 0 &&
		 (reason == JWT_CUT_OFF ||
		     (attempt->again > 1 && (reason == JWT_MALFORMED ||
						reason == JWT_CLAIMS_INVALID))))
		words = say_again(attempt);
	if (words == NULL)
		return;
	free(verdict->own);
	free(verdict->seen);
	free(verdict->note);
	verdict->seen = verdict->note = NULL;
	verdict->own_is_words = false;
	verdict->own = words;
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
	free(trial->said);
	free(trial->note);
	free(trial->noted);
	jwt_token_clear(&trial->token);
	jwt_fetched_close(trial->fetched);
	jwt_keyset_free(trial->keys);
	jwt_grants_free(trial->grants);
	OSSL_LIB_CTX_free(trial->libctx);
}

/*
 * What libcrypto computed lies where its calls were: of a good EdDSA signature
 * the first half, which it makes anew and compares.
 */
static __attribute__((noinline)) void
wipe_stack(void)
{
	unsigned char below[16 * 1024];

	explicit_bzero(below, sizeof(below));
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
		jwt_spend_the_same(&trial, reason);
	say_way(attempt, reason, verdict);
	if (verdict->signature_holds)
		verdict->names_account = jwt_grants_account(&trial);
	if (reason == JWT_OK)
		reason = fill_acceptance(&trial);
	clear_trial(&trial);
	wipe_stack();
	ERR_pop_to_mark();
	verdict->reason = reason;
	return reason;
}
