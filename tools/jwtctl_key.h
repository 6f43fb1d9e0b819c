/*
 * What the calls of `jwtctl key` and `jwtctl jwks` share.
 */
#ifndef JWTCTL_KEY_H
#define JWTCTL_KEY_H

#include "issuer/ring.h"
#include "tools/jwtctl.h"

extern const struct ctl_call key_new, key_list, key_activate, key_retire,
    key_remove, key_rotate, key_tend;

/* The options that all of them have. */
struct key_options {
	const char *config;
	const char *folder;
	const char *user; /* of `key new` alone: whose a new folder becomes */
};

#define KEY_OPTIONS(options)                       \
	{"config", false, &(options).config},      \
	{                                          \
		"folder", false, &(options).folder \
	}

#define KEY_OPTIONS_HELP                                                     \
	"  --config FILE  instead of " ISSUER_CONFIG_FILE "\n"               \
	"  --folder DIR   the key folder, with the usual times, without a\n" \
	"                 configuration\n"

struct key_work {
	const struct ctl_call *call;
	struct issuer_config *config; /* made up where there is none */
	struct issuer_ring ring;
	OSSL_LIB_CTX *libctx;
	int64_t now;
	bool published_changed; /* verifiers need the set anew */
};

/*
 * Reads the configuration.  `work` is given back with key_close, whatever the
 * result.  CTL_GO_ON, or the exit code, and why was told.
 */
int key_configure(const struct ctl_call *call,
    const struct key_options *options, struct key_work *work);

/*
 * Opens the key folder to look at it.  Root becomes its owner before, so that
 * nothing in there can turn root's rights against root.
 */
int key_open(struct key_work *work);

/*
 * Opens it to change it: locked, and tidied after a run that was broken off.
 * Nothing is changed by a clock that went back.
 */
int key_begin(struct key_work *work);

/* Says what is to be published, where something is; the exit code. */
int key_end(const struct key_work *work);

void key_close(struct key_work *work);

/* Says the fault of something that went wrong.  The exit code. */
int key_failed(const struct key_work *work, enum issuer_reason reason,
    const struct jwt_fault *fault);

/* The key that the caller means.  CTL_GO_ON, or the exit code. */
int key_named(
    const struct key_work *work, const char *kid, struct issuer_ring_key **key);

/* When a key is due, which is never: JWT_UNSET. */
int key_due(const struct key_work *work, const struct issuer_ring_key *key,
    int64_t *due);

/* A time, and how far away it is: "2026-11-25T03:20:00Z (in 21h)". */
#define KEY_WHEN_SIZE 64
const char *key_when(char out[KEY_WHEN_SIZE], int64_t now, int64_t seconds);

/*
 * Becomes the owner of the folder, or makes it for the account.  `account` is
 * NULL where no configuration names one.  CTL_GO_ON, or the exit code.
 */
int key_become_owner(const struct key_work *work, bool may_make);

/*
 * Root becomes the account that signs, with its groups: for a key that is in
 * no folder.  CTL_GO_ON, or the exit code.
 */
int key_become_account(const struct key_work *work);

/*
 * What happens to a key, on the disk and in words.  CTL_GO_ON, or the exit
 * code.
 */
int key_make(struct key_work *work, const struct jwt_algorithm *algorithm);
int key_sign_with(struct key_work *work, struct issuer_ring_key *key);
int key_retire_now(struct key_work *work, struct issuer_ring_key *key);
int key_remove_now(struct key_work *work, struct issuer_ring_key *key);

#endif
