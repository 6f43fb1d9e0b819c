/*
 * /etc/security/jwt-issuer.conf: who may have tokens, for whom, for how long,
 * by which proof, and what they say.
 */
#ifndef ISSUER_POLICY_H
#define ISSUER_POLICY_H

#include <sys/types.h>

#include "issuer/request.h"

#define ISSUER_CONFIG_FILE "/etc/security/jwt-issuer.conf"

enum issuer_proof {
	ISSUER_PROOF_PASSWORD, /* a login through PAM, seen by the service */
	ISSUER_PROOF_SESSION,  /* the caller's process belongs to a login */
	ISSUER_PROOF_PEER      /* being that uid */
};

/* Claims with a fixed value, a string each. */
struct issuer_claims {
	struct jwt_strings name;
	struct jwt_strings value;
};

struct issuer_policy {
	char *label;
	unsigned int line;
	bool faulty;
	struct jwt_strings users;    /* with `groups` empty too: everybody */
	struct jwt_strings groups;   /* one of these; or one of the users */
	struct jwt_strings audience; /* globs */
	enum issuer_proof proof;
	int64_t lifetime;               /* seconds, unless something is asked */
	int64_t max_lifetime;           /* seconds */
	struct jwt_strings claims;      /* names that a caller may add */
	struct jwt_strings include;     /* `name`, `groups`, `host` */
	struct jwt_strings group_claim; /* globs: which groups are told */
	struct jwt_strings amr;         /* RFC 8176; only with a password */
	struct issuer_claims fixed;
	bool any_length; /* a caller may ask for more than 510 bytes */
};

/* [user NAME ...]: claims of these accounts. */
struct issuer_user {
	struct jwt_strings names;
	unsigned int line;
	struct issuer_claims fixed;
};

struct issuer_config {
	char *source;
	char *issuer; /* `iss` */
	char *keys;   /* the key folder, or NULL */
	char *key; /* in its place: `credential:NAME`, or a URI of OSSL_STORE */
	char *provider; /* of OpenSSL, for a URI; else NULL */
	char *kid;      /* of `key`, unless it is the thumbprint */
	char
	    *account; /* whom the signing process becomes: `user`, jwt-issuer */
	char *profile; /* `login+jwt` or `at+jwt`: the token's typ */
	struct jwt_strings system_accounts;
	int64_t publish_before; /* seconds; see ring.h */
	int64_t cache;          /* seconds that verifiers may keep a key set */
	int64_t leeway;         /* seconds that verifiers allow */
	int64_t rotate_every;   /* seconds; JWT_UNSET: by hand alone */
	int64_t answer_time;    /* seconds for each answer of a person */
	int64_t connections;    /* at once, in all */
	int64_t connections_per_user;
	int64_t tokens_per_minute;       /* of each user */
	struct jwt_strings pam_paths;    /* writable for PAM modules */
	struct jwt_strings capabilities; /* that PAM modules need */
	struct issuer_policy *policy;
	size_t policies;
	struct issuer_user *user;
	size_t users;
};

/*
 * Reads and checks the file.  `*config` is set only with JWT_OK and is given
 * back with issuer_config_free.  JWT_CONFIG_ERROR, and `faults` has all of
 * them; JWT_NO_MEMORY.
 */
enum jwt_reason issuer_config_read(
    const char *path, struct issuer_config **config, struct jwt_faults *faults);

void issuer_config_free(struct issuer_config *config);

/* The NAME of `key = credential:NAME`; NULL: it is none. */
const char *issuer_key_credential(const char *key);

/* The longest lifetime that any policy gives, in seconds. */
int64_t issuer_config_longest(const struct issuer_config *config);

/* Who asks: what the kernel says, and the names that the system has for it. */
struct issuer_person {
	uid_t uid;
	char *account;
	char *full_name;           /* of the gecos field; NULL: it has none */
	struct jwt_strings groups; /* names */
};

/*
 * The first policy that is for this person and for all audiences of the
 * request, which then has to keep within it.  `*seconds` is the lifetime.
 * ISSUER_OK; ISSUER_USER_NOT_ALLOWED, ISSUER_AUDIENCE_NOT_ALLOWED,
 * ISSUER_LIFETIME_TOO_LONG, ISSUER_CLAIM_NOT_ALLOWED, ISSUER_TOKEN_TOO_LONG
 * (`long` where that is not allowed), each with what was asked and what is
 * allowed; ISSUER_INTERNAL_ERROR.
 */
enum issuer_reason issuer_policy_find(const struct issuer_config *config,
    const struct issuer_person *person, const struct issuer_request *request,
    const struct issuer_policy **policy, int64_t *seconds,
    struct jwt_fault *fault);

/*
 * Whether this person may have any token at all, before anything is read from
 * them.  ISSUER_OK, ISSUER_USER_NOT_ALLOWED; ISSUER_INTERNAL_ERROR: the host's
 * login.defs cannot be read.
 */
enum issuer_reason issuer_policy_admits(const struct issuer_config *config,
    const struct issuer_person *person, struct jwt_fault *fault);

/*
 * What the configuration sets a claim of this account to, the account's own
 * section before the policy; NULL: it does not set it.
 */
const char *issuer_policy_claim(const struct issuer_config *config,
    const struct issuer_policy *policy, const char *account, const char *name);

#endif
