/*
 * A machine that fails at every place in turn: over logins that are accepted
 * and refused, each call of each kind fails once, in every way, and then for
 * good.  What must hold of each outcome is in authenticate/oracle.c: no login
 * that would have been refused, no PAM_IGNORE, no good token that is called
 * bad, no descriptor and no error left behind.  Speaks TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authenticate/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* libcrypto allocates a thousand times a login. */
#ifdef __SANITIZE_ADDRESS__
#define CRYPTO_STRIDE 7
#else
#define CRYPTO_STRIDE 1
#endif

static const struct {
	char letter; /* of script.h, as are the errors */
	enum call call;
	const char *errors;
	unsigned int stride;
} kinds[] = {
    {'m', CALL_MEMORY, "n", 1},
    {'s', CALL_CRYPTO, "n", CRYPTO_STRIDE},
    {'o', CALL_OPEN, "ainfeol", 1},
    {'f', CALL_STAT, "aino", 1},
    {'r', CALL_READ, "aionsz", 1},
    {'l', CALL_LINK, "aenol", 1},
    {'g', CALL_ACCOUNT, "ainfeor", 1},
    {'h', CALL_HOST, "a", 1},
    {'p', CALL_PAM, "n", 1},
};

static const char conversations[] = "ewbanrxcpl";
#define PROMPTS 4 /* each of which it begins to fail at */

static const char *const logins[] = {"accepted", "accepted_es256",
    "accepted_hs256", "accepted_map", "accepted_export", "accepted_earlier",
    "accepted_inline", "accepted_link", "accepted_pem",
    "accepted_service_section", "accepted_system_account",
    "accepted_unknown_account", "claims_expired", "claims_user_mismatch",
    "claims_unknown_issuer", "claims_no_exp", "wrong_signature", "cut",
    "keys_none", "keys_private", "keys_rsa_pem", "keys_certificate", "keys_set",
    "keys_weak_rsa", "map_faulty", "config_fault", "password",
    "pieces_accepted", "pieces_expired", "pieces_password", "password_earlier",
    "require_has_missing", "root", "stand_in"};

struct login {
	char bytes[16 * 1024];
	size_t len;
	unsigned long tried;
};

#define LINE 64

static int
load(struct login *login, const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((file = fopen(path, "rbe")) == NULL)
		return -1;
	login->len = fread(login->bytes, 1, sizeof(login->bytes), file);
	login->tried = 0;
	return fclose(file);
}

/* The input with a line more in its script, behind what stands there. */
static void
try(struct login *login, const char *line)
{
	size_t len = strlen(line), size = len + login->len, script;
	const char *end = memmem(login->bytes, login->len, "%%\n", 3);
	uint8_t *bytes;

	/* Memory as long as the input, so that reading past it is found. */
	if ((bytes = malloc(size + 1)) == NULL)
		wrong("no memory for the test itself");
	script = end == NULL ? 0 : (size_t)(end - login->bytes);
	memcpy(bytes, login->bytes, script);
	memcpy(bytes + script, line, len);
	memcpy(
	    bytes + script + len, login->bytes + script, login->len - script);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	login->tried++;
}

static void
sweep(struct login *login)
{
	unsigned int calls[CALLS], n;
	char line[LINE];
	const char *error;
	size_t i;

	/* A login on which nothing fails says how often each is called. */
	try(login, "");
	memcpy(calls, machine.calls, sizeof(calls));
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (n = 1; n <= calls[kinds[i].call]; n += kinds[i].stride)
			for (error = kinds[i].errors; *error != '\0'; error++) {
				snprintf(line, sizeof(line), "%c%u%c\n",
				    kinds[i].letter, n, *error);
				try(login, line);
				snprintf(line, sizeof(line), "%c%u%c+\n",
				    kinds[i].letter, n, *error);
				try(login, line);
			}
	for (error = conversations; *error != '\0'; error++)
		for (n = 1; n <= PROMPTS; n++) {
			snprintf(line, sizeof(line), "c%c%u\n", *error, n);
			try(login, line);
		}
}

int
main(int argc, char **argv)
{
	static struct login login;
	size_t i, failed = 0, count = sizeof(logins) / sizeof(logins[0]);

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	printf("1..%zu\n", count);
	LLVMFuzzerInitialize(&argc, &argv);
	for (i = 0; i < count; i++) {
		printf("# %s\n", logins[i]);
		fflush(stdout);
		if (load(&login, argv[1], logins[i]) == 0) {
			sweep(&login);
			printf("ok %zu - %s: %lu failures\n", i + 1, logins[i],
			    login.tried);
		} else {
			failed++;
			printf("not ok %zu - no input %s\n", i + 1, logins[i]);
		}
	}
	return failed > 0;
}
