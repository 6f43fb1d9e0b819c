/*
 * What the issuer's configuration has beside the module's: values of its own,
 * and the kinds of its sections.  Internal to the policy.
 */
#ifndef ISSUER_SETTINGS_H
#define ISSUER_SETTINGS_H

#include "issuer/policy.h"
#include "jwt/reader.h"

/* What is being read, with what nobody needs afterwards. */
struct issuer_draft {
	struct issuer_config *config;
	unsigned int line; /* of [issuer]; 0: not seen */
	bool faulty;       /* what [issuer] lacks may stand in a fault */
};

/* The reader of such a draft. */
struct jwt_reader
issuer_reader(struct issuer_draft *draft, struct jwt_faults *faults);

/* As jwt/setting.h has it, of: enum issuer_proof, struct issuer_claims. */
enum jwt_reason issuer_apply_proof(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason issuer_apply_claim(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);

/* An int64_t from 1 to a million. */
enum jwt_reason issuer_apply_count(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);

/* Seconds, at least one. */
enum jwt_reason issuer_apply_span(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);

/* NULL when it can be that, else what is wrong with it. */
const char *issuer_token_text_fault(const char *text);
const char *issuer_claim_name_fault(const char *name);
const char *issuer_glob_fault(const char *glob);
const char *issuer_key_fault(const char *key);
bool issuer_key_holds_pin(const char *key);
const char *issuer_provider_fault(const char *provider);
const char *issuer_profile_fault(const char *profile);
const char *issuer_include_fault(const char *word);
const char *issuer_amr_fault(const char *value);
const char *issuer_capability_fault(const char *name);

#endif
