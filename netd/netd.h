/*
 * pam-jwtd: the one process of a host that may use the network for logins.
 * It fetches key sets, vets them as a login would, and replaces the host's
 * copies.  What the parts of it share.
 *
 *	answer		what came, and what its header says
 *	download	one request, by libcurl
 *	discovery	what a provider says of itself
 *	publish		a set of keys, vetted, into the host's folder
 *	record		what is remembered of an issuer between two processes
 *	wait		how long until the next fetch
 *	job		all of it in turn, for one issuer
 *	once, serve	many jobs: for a command, and for logins
 */
#ifndef NETD_H
#define NETD_H

#include <curl/curl.h>
#include <stdbool.h>

#include "jwt/config.h"
#include "jwt/json.h"

/*
 * answer
 */

#define NETD_ETAG_MAX 256 /* bytes */

/* What a request answered. */
struct netd_answer {
	long status; /* HTTP's; 0: none came */
	char *bytes; /* `len` of them */
	size_t len;
	char *etag;      /* NULL: none */
	int64_t max_age; /* seconds, or JWT_UNSET */
	int64_t retry;   /* seconds, or JWT_UNSET: Retry-After */
	char *redirect;  /* where it wants to be asked instead, or NULL */
	double seconds;  /* it took */
};

/*
 * Takes what a line of the header says that is of use, `max_age`, `retry` and
 * `etag`; CR and LF may end it.  Of two such lines the later one counts.
 */
void
netd_answer_header(struct netd_answer *answer, const char *line, size_t len);

/* It is sent back as it is, so no byte may end a line or begin another. */
bool netd_is_etag(const char *value);

/*
 * download
 */

struct netd_download;

/* Told once for each download, from netd_downloads_go_on. */
typedef void netd_done(void *data, const struct netd_answer *answer,
    const struct jwt_fault *fault);

/*
 * Begins one.  `ca` are the bytes of a PEM file, borrowed until it is done,
 * or NULL for the host's; `etag` (NULL: none) is what is there already.
 * false: no memory, and `done` is not called.
 */
bool netd_download(CURLM *multi, const char *url,
    const struct jwt_provider *provider, const char *ca, const char *etag,
    netd_done *done, void *data);

/* Tells of those that are done. */
void netd_downloads_go_on(CURLM *multi);

/*
 * discovery
 */

/*
 * Where to ask an issuer about itself: by OpenID Connect Discovery section 4
 * (`inserted` false) or RFC 8414 section 3.1.  NULL: no memory.
 */
char *netd_discovery_url(const char *issuer, bool inserted);

/*
 * The address of the keys from such a document, whose `issuer` must be this
 * one byte for byte.  NULL, and the fault says why; `url` is for it.
 */
char *netd_discovery_read(struct jwt_slice document, const char *issuer,
    const char *url, struct jwt_fault *fault);

/*
 * record
 */

/* What is remembered of an issuer; times since the epoch. */
struct netd_record {
	int64_t attempted;     /* the last fetch began */
	int64_t due;           /* the next is to begin */
	unsigned int failures; /* since the last that went well */
	char *etag;            /* of the set that is there; NULL: none */
	char *url;             /* that the set came from; NULL: none */
};

/* Reads it; where there is none, or none that is whole, it is empty. */
void
netd_record_read(int folder, const char *label, struct netd_record *record);

/* JWT_OK; JWT_CONFIG_ERROR, and the fault says why; JWT_NO_MEMORY. */
enum jwt_reason netd_record_write(int folder, const char *label,
    const struct netd_record *record, struct jwt_fault *fault);

void netd_record_clear(struct netd_record *record);

/*
 * Only one process at a time writes what depends on what it read.  It waits;
 * -1: there is no lock to be had, and it goes on without.  close() ends it.
 */
int netd_lock(int folder);

/*
 * Puts bytes in place of a file of the folder: a whole new one is renamed
 * over it.  Results as above.
 */
enum jwt_reason netd_replace(int folder, const char *name, const char *bytes,
    size_t len, struct jwt_fault *fault);

/*
 * publish
 */

/* What became of a set. */
struct netd_set {
	size_t usable, skipped, added, gone, kept; /* kept: in their grace */
	char *refusals; /* each refused key and why; NULL: none */
	char *keys;     /* each key, a line; NULL unless it was asked for */
};

/*
 * Vets what a provider answered (`document.at` NULL: it confirmed what is
 * there) and writes it, at a time since the epoch; with `dry` it only says
 * what would come of it.  `url` is for the fault.
 * JWT_OK; JWT_KEYS_UNAVAILABLE: the answer is no set that can be used, and
 * nothing was changed; JWT_CONFIG_ERROR: it cannot be written; JWT_NO_MEMORY,
 * JWT_INTERNAL_ERROR.
 */
enum jwt_reason netd_publish(int folder, const struct jwt_config *config,
    const struct jwt_issuer *issuer, struct jwt_slice document, const char *url,
    int64_t now, bool dry, struct netd_set *set, struct jwt_fault *fault);

void netd_set_clear(struct netd_set *set);

/* When the provider last confirmed what is there; 0: there is nothing. */
int64_t netd_confirmed(
    const struct jwt_config *config, const struct jwt_issuer *issuer);

/*
 * wait: seconds to the next fetch
 */

/* `max_age` as an answer has it. */
int64_t netd_wait_well(int64_t max_age, int64_t stale_after);

/* After so many failures; `retry` as an answer has it. */
int64_t
netd_wait_failed(unsigned int failures, int64_t retry, int64_t stale_after);

/*
 * job
 */

/* What all jobs share. */
struct netd {
	CURLM *multi;
	const struct jwt_config *config;
	int folder; /* of the fetched keys; -1 in a dry run without one */
	bool dry;
	/* One line for whoever wants to know what is done; may be NULL. */
	void (*tell)(const char *label, const char *text);
};

enum netd_stage {
	NETD_IDLE,
	NETD_APPENDED, /* asks for a document, by the usual address */
	NETD_INSERTED, /* by RFC 8414's */
	NETD_KEYS,
	NETD_DONE
};

struct netd_job {
	struct netd *netd;
	const struct jwt_issuer *issuer;
	enum netd_stage stage;
	char *ca;  /* bytes of ca_file; NULL: the host's */
	char *url; /* that is asked now */
	unsigned int redirects;
	int64_t began;
	struct netd_record record;
	/* Once it is done: */
	bool well;      /* the keys are fresh */
	bool unchanged; /* the provider confirmed what was there */
	struct netd_set set;
	struct jwt_fault fault; /* why not */
	int64_t rest;           /* serve's own; outlives the job */
};

/*
 * Begins it, unless `every` seconds have not passed since the last time; the
 * time is stamped before anything is asked.  false: they have not.
 * What goes wrong makes it done.
 */
bool netd_job_begin(struct netd_job *job, int64_t every);

/* Gives back what it holds; it is idle then. */
void netd_job_clear(struct netd_job *job);

/* Seconds since the epoch. */
int64_t netd_now(void);

/*
 * once, serve
 */

struct netd_options {
	const char *config; /* the file */
	const char *issuer; /* NULL: all */
	bool dry, json, verbose, due;
	const char *socket; /* NULL: systemd's */
};

/* An exit code of `jwtctl fetch`: 0 all went well, 1 not all, 2 a fault. */
int
netd_once(const struct jwt_config *config, const struct netd_options *options);

/*
 * Serves a socket that listens until a signal ends it, or, with `until_idle`,
 * nothing is to be done for a while.  An exit code of sysexits(3).
 */
int netd_serve(const char *path, struct jwt_config *config, int folder,
    int listener, bool until_idle);

/*
 * host
 */

/*
 * The folder of the keys, which is made where it is missing and root asks.
 * -1, and the fault says why.
 */
int netd_folder_open(const struct jwt_config *config, struct jwt_fault *fault);

/* Becomes the service's user, for good.  false, and the fault says why. */
bool netd_become(const struct jwt_config *config, struct jwt_fault *fault);

/* Binds and listens; -1, and the fault says why. */
int netd_listen(
    const struct jwt_config *config, const char *path, struct jwt_fault *fault);

/* Whether the process at the other end may ask. */
bool netd_may_ask(const struct jwt_config *config, int connection);

#endif
