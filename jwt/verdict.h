/*
 * The verdict over one attempt to log in: the steps in their one
 * order, of which the first that does not hold is the reason.
 */
#ifndef JWT_VERDICT_H
#define JWT_VERDICT_H

#include "config.h"

/*
 * Asks for fresh keys of an issuer, and waits as long as its section allows.
 * Whatever comes of it, the keys are read once more.
 */
typedef void
jwt_refresh(const struct jwt_config *config, const struct jwt_issuer *issuer);

/* Everything a verdict depends on.  All borrowed. */
struct jwt_attempt {
	const struct jwt_config *config;
	struct jwt_slice answer; /* what was given as the password */
	size_t repeated;      /* so many times, which was not asked for, or 0 */
	size_t again;         /* the same so many times, and its end, or 0 */
	bool stand_in;        /* each piece of it is sshd's stand-in */
	size_t effort;        /* bytes that a refusal's time is for; 0: all */
	size_t at_most;       /* it failed to bring more; 0: it did not */
	const char *user;     /* the login name that is asked for */
	const char *service;  /* PAM's name of it */
	const char *host;     /* the kernel's host name; NULL: unknown */
	int64_t now;          /* seconds since the epoch */
	bool explain;         /* what is of use to people alone, too */
	jwt_refresh *refresh; /* NULL: the keys at hand are all */
};

/* One step, for whoever must explain. */
struct jwt_check {
	const char *name;
	bool passed;
	char *expected; /* our own words; may be NULL */
	char *seen;     /* foreign text, raw; may be NULL */
	char *said;     /* both as a sentence of our own, where explained */
	char *note;     /* a near miss, in our own words; mostly NULL */
	char *noted;    /* foreign text that it speaks of, raw; may be NULL */
};

/* A grant of the map that names the login name. */
struct jwt_tried {
	unsigned int line;
	bool passed;
	char *conditions; /* as they are written */
	char *unmet;      /* the first that does not hold; NULL: all do */
	char *seen;       /* its claim, foreign text, raw; NULL likewise */
};

#define JWT_TRIED_MAX 50

/* What the check of the user tried, where it was to be explained. */
struct jwt_map_trial {
	char *path; /* NULL: there was no map, or nobody asked */
	struct jwt_tried *tried;
	size_t count;
	size_t more;   /* beyond JWT_TRIED_MAX, or beyond the memory */
	size_t others; /* grants to other accounts */
};

struct jwt_verdict {
	enum jwt_reason reason;
	char *issuer; /* the section's label; NULL: not known */
	char *own;    /* the cause in our words, for the log; may be NULL */
	bool own_is_words;        /* it is key=value words, not a sentence */
	char *seen;               /* what was seen instead, raw; may be NULL */
	char *note;               /* a near miss in our words; mostly NULL */
	char *warning;            /* of what will soon fail; may be NULL */
	char *kid, *subject, *id; /* raw and cut; NULL: none, or not believed */
	struct jwt_check *check;
	size_t checks;
	struct jwt_map_trial map;
	bool signature_holds;
	bool names_account; /* the signed token grants this login name */
	/* After JWT_OK, for whoever exports them; the claims' own bytes. */
	bool export;
	char *export_issuer, *export_subject, *export_id;
	int64_t expires; /* seconds since the epoch */
};

/*
 * Judges.  `verdict` is given back with jwt_verdict_clear, whatever comes.
 * Returns verdict->reason.  Leaves nothing in OpenSSL's error queue, and
 * every refusal takes the time of all sections' keys and maps together.
 */
enum jwt_reason
jwt_judge(const struct jwt_attempt *attempt, struct jwt_verdict *verdict);

/* The verdict where the configuration itself could not be read. */
enum jwt_reason jwt_judge_faults(enum jwt_reason reason,
    const struct jwt_faults *faults, struct jwt_verdict *verdict);

/* Who asks, as PAM tells it: foreign text, NULL where it is not known. */
struct jwt_client {
	const char *service;
	const char *rhost;
	const char *tty;
	const char *user;
};

/*
 * The log line of a verdict.  Our own words come first; what the client or
 * the token chose comes from rhost on, quoted and cut.  Memory of its own;
 * NULL: no memory.
 */
char *jwt_verdict_line(
    const struct jwt_verdict *verdict, const struct jwt_client *client);

/* Gives back what one of them holds, not the struct itself. */
void jwt_tried_clear(struct jwt_tried *tried);

void jwt_verdict_clear(struct jwt_verdict *verdict);

#endif
