/*
 * The configuration: whom a host believes, and what it demands.  From
 * /etc/security/pam_jwt.conf, or for one issuer from options.
 */
#ifndef JWT_CONFIG_H
#define JWT_CONFIG_H

#include <stdint.h>
#include <sys/types.h>

#include "algorithm.h"
#include "condition.h"

#define JWT_CONFIG_FILE "/etc/security/pam_jwt.conf"
#define JWT_CONFIG_MAX (1024 * 1024) /* bytes of a configuration or a map */
#define JWT_LEEWAY_MAX 300           /* seconds */
#define JWT_UNSET (-1)               /* a duration that nobody set */

struct jwt_strings {
	char **at;
	size_t count;
};

struct jwt_algorithms {
	const struct jwt_algorithm **at;
	size_t count;
};

/* What an issuer's section and a service's may both ask; all must hold. */
struct jwt_demands {
	struct jwt_conditions require;
	int64_t max_age;      /* seconds since `iat`, or JWT_UNSET */
	int64_t max_auth_age; /* seconds since `auth_time`, or JWT_UNSET */
	int64_t max_lifetime; /* seconds, or JWT_UNSET */
};

/* The kinds of token that a section takes; see kind.c. */
enum jwt_type {
	JWT_TYPE_ANY,
	JWT_TYPE_ACCESS,
	JWT_TYPE_ID
};

/* Which claim names the account, itself or as an address of a domain. */
struct jwt_user {
	char *claim;  /* selector; NULL: a map says it */
	char *domain; /* without its @; NULL: the claim is the name */
};

/* Where an issuer's keys are fetched from, and how long they are believed. */
struct jwt_provider {
	char *jwks_url; /* NULL: by discovery, or not at all */
	bool discovery;
	char *ca_file;         /* NULL: the host's */
	char *proxy;           /* NULL: none, whatever the environment says */
	int64_t key_grace;     /* seconds that a key outlives its set */
	int64_t stale_after;   /* seconds without the provider's word */
	int64_t fetch_timeout; /* seconds that a login waits */
	int64_t refetch_every; /* seconds between two that logins ask for */
	int64_t max_keys;      /* of a set */
	int64_t max_bytes;     /* of an answer */
};

struct jwt_issuer {
	char *label; /* the administrator's own name for it */
	unsigned int line;
	bool faulty;               /* what it lacks may stand in a fault */
	struct jwt_strings issuer; /* spellings of `iss` */
	bool issuer_absent;        /* takes the tokens that have no `iss` */
	char *keys;                /* path; of fetched ones, where they lie */
	bool fetched;              /* by pam-jwtd */
	struct jwt_provider provider;
	struct jwt_strings audience; /* with %h %H %s %% in them */
	bool audience_absent;
	char *audience_claim; /* selector; `aud` */
	struct jwt_algorithms algorithms;
	bool audience_words;         /* a string of it may hold several */
	struct jwt_user user;        /* `sub` unless there is a map */
	char *user_map;              /* path, or NULL */
	struct jwt_strings services; /* none: every one but jwt-issuer */
	struct jwt_strings system_accounts;
	struct jwt_strings typ; /* headers; none: by `type` */
	enum jwt_type type;
	int64_t leeway; /* seconds */
	bool export;
	struct jwt_demands demands;
};

struct jwt_service {
	struct jwt_strings names;
	unsigned int line;
	struct jwt_demands demands;
};

/* The service that fetches keys, for whoever runs it and whoever asks it. */
struct jwt_fetcher {
	unsigned int line;
	char *user;   /* it runs as, and its files belong to */
	char *group;  /* may ask it beside root; NULL: nobody */
	char *folder; /* of the fetched keys */
	char *socket;
};

struct jwt_config {
	char *source; /* the file, or what stands for it in messages */
	struct jwt_fetcher fetcher;
	struct jwt_issuer *issuer;
	size_t issuers;
	struct jwt_service *service;
	size_t services;
};

/* Every fault of a configuration, "FILE:LINE: what is wrong". */
struct jwt_faults {
	struct jwt_fault *at;
	size_t count;
};

/* One option, by the names of the file's own keys. */
struct jwt_option {
	const char *name;
	const char *value;
};

/*
 * Reads and checks a whole file.  `*config` is set only with JWT_OK and is
 * given back with jwt_config_free.  JWT_CONFIG_ERROR, and `faults` has all of
 * them; JWT_NO_MEMORY.  Key files and maps are not opened here.
 */
enum jwt_reason jwt_config_read(
    const char *path, struct jwt_config **config, struct jwt_faults *faults);

/*
 * One issuer from options.  `commas`: lists are separated by commas as well
 * as by spaces.  `source` names the place in messages.  Results as above.
 */
enum jwt_reason jwt_config_options(const char *source,
    const struct jwt_option *options, size_t count, bool commas,
    struct jwt_config **config, struct jwt_faults *faults);

/* Whether an issuer's section has a key of this name. */
bool jwt_config_has_option(const char *name);

/*
 * Adds one fault, "SOURCE:LINE: ..." or, where the line is 0, "SOURCE: ...";
 * without the source where that is NULL, because the text names a file.
 * JWT_CONFIG_ERROR, or JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_faults_add(struct jwt_faults *faults, const char *source, unsigned int line,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* For the readers: an empty configuration, NULL: no memory; and the last
 * checks and defaults, of what no single setting can tell. */
struct jwt_config *jwt_config_new(const char *source);
enum jwt_reason
jwt_config_complete(struct jwt_config *config, struct jwt_faults *faults);

/*
 * provider.c: the checks and defaults of what is fetched.  As
 * jwt_config_complete.
 */
enum jwt_reason jwt_provider_complete(struct jwt_config *config,
    struct jwt_issuer *issuer, struct jwt_faults *faults);
enum jwt_reason jwt_fetcher_complete(struct jwt_config *config);

/* A duration with the unit s, m, h or d, or seconds; false: it is none. */
bool jwt_parse_duration(const char *text, int64_t *seconds);

/* Whether a login name is one that tokens may open; see account.c. */
bool jwt_login_name_is_well_formed(const char *name);

/*
 * The uid of an account.  0 and `*known`; or the errno of a lookup that
 * failed, which must never look like an account that does not exist.
 */
int jwt_account_uid(const char *name, bool *known, uid_t *uid);

/*
 * Whether a uid is a person's on this host: at least UID_MIN (login.defs(5)),
 * which is told, and neither root's nor nobody's.
 * JWT_OK; JWT_INTERNAL_ERROR, and the fault says what was expected of the
 * file; JWT_NO_MEMORY.
 */
enum jwt_reason jwt_uid_is_a_persons(
    uid_t uid, bool *persons, uid_t *uid_min, struct jwt_fault *fault);

/* The demands of the service's section, or NULL. */
const struct jwt_demands *
jwt_config_service(const struct jwt_config *config, const char *service);

void jwt_config_free(struct jwt_config *config);
void jwt_faults_clear(struct jwt_faults *faults);

#endif
