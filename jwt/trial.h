/*
 * What one judgement knows while it goes on; internal to the verdict.
 */
#ifndef JWT_TRIAL_H
#define JWT_TRIAL_H

#include "fetched.h"
#include "grants.h"
#include "token.h"
#include "verdict.h"

struct jwt_trial {
	const struct jwt_attempt *attempt;
	struct jwt_verdict *verdict;
	OSSL_LIB_CTX *libctx;
	struct jwt_token token;
	const struct jwt_issuer *issuer;   /* the token's section */
	const struct jwt_demands *service; /* the service's, or NULL */
	struct jwt_grants *grants;         /* the map's, where there is one */
	struct jwt_fetched *fetched;       /* the issuer's, where keys are */
	bool asked;                        /* for newer ones of those */
	struct jwt_keyset *keys;
	const struct jwt_key *key;
	/* Of the claims, once their types are known to be right. */
	int64_t exp, nbf, iat, auth_time; /* seconds, or JWT_UNSET */
	/* Of the step that is being taken; each may stay NULL. */
	char *expected; /* our own words */
	char *seen;     /* foreign text, raw */
	char *own;      /* key=value words for the log, instead of expected */
	char *said;     /* when.c: both in a sentence, our own words */
	char *note;     /* near.c: of a step that failed, in our own words */
	char *noted;    /* near.c: foreign text of which that speaks, raw */
};

/*
 * A step: JWT_OK or the reason.  It leaves in `expected` and `seen` what it
 * compared.  Without memory for those words it still decides.
 */
typedef enum jwt_reason jwt_step(struct jwt_trial *trial);

/* Puts the allowed words, where there are any, behind `expected`. */
void
jwt_say_allowed(struct jwt_trial *trial, const struct jwt_strings *allowed);

/*
 * when.c: for whoever must explain, leaves in `said` how far a claim's time is
 * from now, an age beside what is demanded, and a lifetime likewise.
 */
void jwt_say_when(struct jwt_trial *trial, const char *claim, int64_t then);
void jwt_say_age(struct jwt_trial *trial, const char *claim, int64_t then,
    const char *demand, int64_t max);
void jwt_say_lifetime(struct jwt_trial *trial, int64_t lifetime, int64_t max);

/* steps.c */
jwt_step jwt_step_answer, jwt_step_shape, jwt_step_header, jwt_step_issuer;
jwt_step jwt_step_service, jwt_step_algorithm;
jwt_step jwt_step_signature, jwt_step_proof, jwt_step_require;

/* keys.c */
jwt_step jwt_step_keys, jwt_step_key;
/*
 * The keys of a section that a refusal costs a verification each; borrowed
 * from the trial, or `*own` is the caller's to free.  NULL: there are none.
 */
const struct jwt_keyset *jwt_keys_of_all_kinds(struct jwt_trial *trial,
    const struct jwt_issuer *issuer, struct jwt_keyset **own);
/* What a step says of a fault, in our own words; returns the reason. */
enum jwt_reason jwt_say_fault(struct jwt_trial *trial, enum jwt_reason reason,
    const struct jwt_fault *fault);

/* claims.c: over the signed claims, in REASONS' order. */
jwt_step jwt_step_claims, jwt_step_expiry, jwt_step_not_before;
jwt_step jwt_step_issued, jwt_step_lifetime, jwt_step_age;

/* kind.c */
jwt_step jwt_step_type;

/* audience.c */
jwt_step jwt_step_audience;
/* The claim that names the audience: the configured one, or `aud`. */
const char *jwt_audience_claim(const struct jwt_trial *trial);

/* account.c */
jwt_step jwt_step_account;

/* grants.c */
jwt_step jwt_step_user;
/* Loads the map of the token's issuer; JWT_OK, JWT_CONFIG_ERROR ... */
jwt_step jwt_load_grants;
/* Whether the token grants the login name; leaves no words. */
bool jwt_grants_account(const struct jwt_trial *trial);

/*
 * tried.c: for whoever must explain, records in the verdict which grants of the
 * map name the login name, and what became of each.
 */
void jwt_record_grants(struct jwt_trial *trial);

/*
 * effort.c: after a refusal for that reason, does what other answers would
 * have cost in vain, so that its time does not tell what it was.
 */
void jwt_spend_the_same(struct jwt_trial *trial, enum jwt_reason reason);

#endif
