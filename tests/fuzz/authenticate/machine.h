/*
 * The machine under the module: files, accounts, a clock and memory, none of
 * them real, and each of which fails when a script says so.
 *
 * The linker sends the module's calls here (-Wl,--wrap), where they reach the
 * real ones unless `machine.armed` is set.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum call {
	CALL_MEMORY, /* of the module and of json-c's objects */
	CALL_CRYPTO, /* memory of libcrypto */
	CALL_OPEN,
	CALL_STAT,
	CALL_READ,
	CALL_LINK,
	CALL_ACCOUNT,
	CALL_HOST,
	CALL_PAM,
	CALLS
};

/* The n-th call of one kind fails; for good: all that follow, too. */
struct failure {
	enum call call;
	unsigned int nth;
	bool for_good;
	int error; /* an errno, or one of those below */
};

#define READ_NOTHING 1001
#define READ_SHORT 1002

/* What the file system has. */
enum place {
	PLACE_ROOT,
	PLACE_ETC,
	PLACE_SECURITY,
	PLACE_CONFIG,
	PLACE_FOLDER,
	PLACE_KEYS,
	PLACE_MAP,
	PLACE_LOGIN_DEFS,
	PLACE_LINK, /* to PLACE_FOLDER */
	PLACES
};

/* What may be wrong with one of them. */
enum fault {
	FAULT_NONE,
	FAULT_MISSING,
	FAULT_WRITABLE,
	FAULT_FOREIGN,
	FAULT_FIFO,
	FAULT_GROWN, /* its size is not what can be read */
	FAULT_OPEN   /* others may read it */
};

struct bytes {
	const uint8_t *at;
	size_t len;
};

#define FAILURES_MAX 8

struct machine {
	bool armed;
	struct failure failure[FAILURES_MAX];
	size_t failures;
	unsigned int calls[CALLS];
	unsigned int failed[CALLS]; /* how often one failed, EINTR included */
	int contexts;               /* of OpenSSL's that are not given back */
	bool harmed; /* a failure that is more than a nuisance came to pass */
	bool broken; /* something failed that must not end in a login */
	bool crypto_may_leak; /* a failure of libcrypto's memory is asked for */
	struct bytes content[PLACES];
	enum fault fault[PLACES];
	bool has_account;
	uid_t uid;
	int64_t now; /* seconds since the epoch */
};

extern struct machine machine;

/* Before anything else in the process. */
void machine_build(void);

/* How many descriptors are open. */
unsigned int machine_open_files(void);

/*
 * Whether this call fails; the failure, or NULL.  Counts.  For the stand-in of
 * libpam, which is part of the machine, too.
 */
const struct failure *machine_fails(enum call call);

/* Prints, and stops the fuzzer. */
void
wrong(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
