/*
 * The steps up to the signature, and the two that follow it and need no file
 * of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "trial.h"

enum jwt_reason
jwt_say_fault(struct jwt_trial *trial, enum jwt_reason reason,
    const struct jwt_fault *fault)
{
	if (reason != JWT_OK && fault->text[0] != '\0' &&
	    trial->expected == NULL)
		trial->expected = strdup(fault->text);
	return reason;
}

enum jwt_reason
jwt_step_answer(struct jwt_trial *trial)
{
	if (!trial->attempt->stand_in &&
	    !jwt_is_stand_in(trial->attempt->answer))
		return JWT_OK;
	trial->expected = strdup("an account that exists and that sshd lets "
				 "log in; sshd sent its stand-in instead of "
				 "what was typed");
	return JWT_STAND_IN_PASSWORD;
}

enum jwt_reason
jwt_step_shape(struct jwt_trial *trial)
{
	struct jwt_fault fault = {""};
	enum jwt_reason reason;

	reason = jwt_token_split(trial->attempt->answer, &trial->token, &fault);
	if (reason == JWT_OK && trial->token.payload_len == 0) {
		jwt_fault_set(&fault, "the payload is empty");
		reason = JWT_MALFORMED;
	}
	trial->expected = strdup("three base64url parts with a dot between");
	trial->seen = reason == JWT_OK
	                  ? jwt_format("%zu bytes", trial->attempt->answer.len)
	                  : strdup(fault.text);
	return reason;
}

enum jwt_reason
jwt_step_header(struct jwt_trial *trial)
{
	struct jwt_fault fault = {""};
	enum jwt_reason reason;

	reason = jwt_token_header(&trial->token, &fault);
	if (reason == JWT_OK && trial->token.has_kid)
		trial->verdict->kid = jwt_excerpt(trial->token.kid);
	if (reason == JWT_OK)
		trial->seen = jwt_claim_seen(trial->token.header, "kid");
	return jwt_say_fault(trial, reason, &fault);
}

/* The section for an `iss`, or for tokens that have none. */
static const struct jwt_issuer *
find_issuer(const struct jwt_config *config, enum jwt_member found,
    struct jwt_slice iss)
{
	const struct jwt_issuer *issuer;
	size_t i, j;

	for (i = 0; i < config->issuers; i++) {
		issuer = &config->issuer[i];
		if (found == JWT_MEMBER_ABSENT && issuer->issuer_absent)
			return issuer;
		for (j = 0; j < issuer->issuer.count; j++)
			if (found == JWT_MEMBER_FOUND &&
			    jwt_slice_equal(
				iss, jwt_slice_of(issuer->issuer.at[j])))
				return issuer;
	}
	return NULL;
}

enum jwt_reason
jwt_step_issuer(struct jwt_trial *trial)
{
	struct jwt_fault fault = {""};
	struct jwt_slice iss = {0};
	enum jwt_reason reason;
	enum jwt_member found;

	reason = jwt_token_outline(&trial->token, &fault);
	if (reason != JWT_OK)
		return jwt_say_fault(trial, reason, &fault);
	found = jwt_json_string(trial->token.outline, "iss", &iss);
	trial->seen = found == JWT_MEMBER_WRONG_TYPE
	                  ? strdup("no string")
	                  : jwt_claim_seen(trial->token.outline, "iss");
	trial->issuer = find_issuer(trial->attempt->config, found, iss);
	if (trial->issuer == NULL) {
		trial->expected = jwt_format("an issuer of %s, byte for byte",
		    trial->attempt->config->source);
		return found == JWT_MEMBER_FOUND ? JWT_UNKNOWN_ISSUER
		                                 : JWT_CLAIMS_INVALID;
	}
	trial->verdict->issuer = strdup(trial->issuer->label);
	trial->expected = jwt_format("[issuer %s]", trial->issuer->label);
	return jwt_load_grants(trial);
}

void
jwt_say_allowed(struct jwt_trial *trial, const struct jwt_strings *allowed)
{
	char *longer;
	size_t i;

	for (i = 0; i < allowed->count && trial->expected != NULL; i++) {
		longer = jwt_format("%s%s%s", trial->expected,
		    i == 0 ? ": " : " ", allowed->at[i]);
		free(trial->expected);
		trial->expected = longer;
	}
}

enum jwt_reason
jwt_step_service(struct jwt_trial *trial)
{
	const struct jwt_strings *services = &trial->issuer->services;
	const char *service = trial->attempt->service;
	bool served = false;
	size_t i;

	for (i = 0; i < services->count; i++)
		served = served || strcmp(services->at[i], service) == 0;
	/* A token must not buy the next one unless somebody says so. */
	if (services->count == 0)
		served = strcmp(service, "jwt-issuer") != 0;
	trial->expected =
	    jwt_format("a service that issuer %s serves", trial->issuer->label);
	jwt_say_allowed(trial, services);
	trial->seen = jwt_excerpt(jwt_slice_of(service));
	trial->service = jwt_config_service(trial->attempt->config, service);
	return served ? JWT_OK : JWT_SERVICE_NOT_ALLOWED;
}

enum jwt_reason
jwt_step_algorithm(struct jwt_trial *trial)
{
	const struct jwt_algorithms *allowed = &trial->issuer->algorithms;
	enum jwt_reason reason = JWT_ALGORITHM_NOT_ALLOWED;
	char *longer;
	size_t i;

	for (i = 0; i < allowed->count; i++) {
		if (allowed->at[i] == trial->token.algorithm)
			reason = JWT_OK;
		longer = jwt_format("%s%s%s",
		    trial->expected != NULL ? trial->expected : "",
		    trial->expected != NULL ? " " : "", allowed->at[i]->name);
		free(trial->expected);
		trial->expected = longer;
	}
	trial->seen = jwt_excerpt(trial->token.alg);
	return reason;
}

static char *
seen_or_null(struct json_object *claims, const char *name)
{
	struct json_object *value;

	if (jwt_json_member(claims, name, &value) == JWT_MEMBER_ABSENT)
		return NULL;
	return jwt_claim_seen(claims, name);
}

enum jwt_reason
jwt_step_signature(struct jwt_trial *trial)
{
	struct jwt_token *token = &trial->token;
	enum jwt_reason reason;
	size_t size;

	reason = jwt_token_check(trial->libctx, trial->key, token);
	size = jwt_key_signature_size(trial->key, token->algorithm);
	if (reason == JWT_SIGNATURE_INVALID && token->signature_len == size) {
		trial->expected = jwt_format("the %s signature does not hold "
					     "under this key",
		    token->algorithm->name);
		return reason;
	}
	if (reason == JWT_MALFORMED) {
		trial->expected = strdup("the signature is not base64url in "
					 "its one canonical form");
		return reason;
	}
	if (reason == JWT_INTERNAL_ERROR || reason == JWT_NO_MEMORY) {
		trial->expected = strdup("OpenSSL failed while it checked the "
					 "signature");
		return reason;
	}
	trial->expected =
	    jwt_format("%zu bytes by %s", size, token->algorithm->name);
	trial->seen = jwt_format("%zu bytes", token->signature_len);
	if (reason == JWT_OK)
		reason = jwt_token_claims(token, NULL);
	if (reason != JWT_OK)
		return reason;
	trial->verdict->signature_holds = true;
	trial->verdict->subject = seen_or_null(token->claims, "sub");
	trial->verdict->id = seen_or_null(token->claims, "jti");
	return JWT_OK;
}

enum jwt_reason
jwt_step_proof(struct jwt_trial *trial)
{
	struct json_object *value;

	trial->expected = strdup("no cnf");
	if (jwt_json_member(trial->token.claims, "cnf", &value) ==
	    JWT_MEMBER_ABSENT)
		return JWT_OK;
	trial->seen = strdup("a token that is bound to a key by cnf");
	return JWT_PROOF_REQUIRED;
}

static enum jwt_reason
check_requirements(struct jwt_trial *trial, const struct jwt_demands *demands)
{
	const struct jwt_condition *condition;
	size_t i;

	for (i = 0; i < demands->require.count; i++) {
		condition = &demands->require.at[i];
		free(trial->expected);
		free(trial->seen);
		trial->expected =
		    condition->line == 0
			? strdup(condition->text)
			: jwt_format("%s (%s:%u)", condition->text,
			      trial->attempt->config->source, condition->line);
		trial->seen =
		    jwt_condition_seen(condition, trial->token.claims);
		if (!jwt_condition_holds(condition, trial->token.claims))
			return JWT_REQUIREMENT_UNMET;
	}
	return JWT_OK;
}

enum jwt_reason
jwt_step_require(struct jwt_trial *trial)
{
	enum jwt_reason reason;

	reason = check_requirements(trial, &trial->issuer->demands);
	if (reason == JWT_OK && trial->service != NULL)
		reason = check_requirements(trial, trial->service);
	if (trial->expected == NULL)
		trial->expected = strdup("nothing more");
	return reason;
}
