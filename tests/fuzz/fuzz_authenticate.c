/*
 * The whole module: a login with any arguments, configuration, keys, map and
 * answer, on a machine on which anything may fail.  authenticate/script.h
 * says what an input is, authenticate/oracle.c what must hold of its outcome.
 * With FUZZ_SHOW in the environment each login's code and log line are shown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#define PAM_SM_PASSWORD
#include <security/pam_modules.h>

#include "authenticate/host.h"
#include "authenticate/oracle.h"
#include "authenticate/script.h"
#include "authenticate/signer.h"
#include "check.h"

static const char usual_config[] = "[issuer corp]\n"
				   "issuer = https://sso.example.com\n"
				   "keys = /etc/security/pam_jwt.d/keys\n"
				   "audience = ssh://%h ssh\n"
				   "algorithms = EdDSA ES256\n";
static const char usual_map[] = "deploy sub is deploy\n";
static const char login_defs[] = "# UID_MIN 1\nUID_MIN 1000\n";

static bool shows;

/* libpam's own structure, which no module looks into. */
static pam_handle_t *const handle = (pam_handle_t *)(void *)&host;

int
/* The type is libFuzzer's.  NOLINTNEXTLINE(readability-non-const-parameter) */
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	shows = getenv("FUZZ_SHOW") != NULL;
	machine_build();
	signer_build();
	return 0;
}

static struct bytes
or_usual(struct bytes bytes, const char *usual)
{
	if (bytes.len > 0)
		return bytes;
	return (struct bytes){(const uint8_t *)usual, strlen(usual)};
}

static void
fill_machine(const struct script *script)
{
	machine.content[PLACE_CONFIG] = or_usual(script->config, usual_config);
	machine.content[PLACE_MAP] = or_usual(script->map, usual_map);
	machine.content[PLACE_LOGIN_DEFS] =
	    or_usual((struct bytes){NULL, 0}, login_defs);
	machine.content[PLACE_KEYS] =
	    script->keys.len > 0 ? script->keys : signer_keys();
}

static char *
make_answer(struct bytes input)
{
	struct bytes header, claims;
	const uint8_t *end;
	char *text;

	if (input.len > 3 && input.at[0] == '!' &&
	    (end = memchr(input.at, '\n', input.len)) != NULL &&
	    end >= input.at + 3) {
		header =
		    (struct bytes){input.at + 3, (size_t)(end - input.at) - 3};
		claims = (struct bytes){
		    end + 1, input.len - (size_t)(end + 1 - input.at)};
		return signer_sign((char)input.at[1], header, claims);
	}
	if ((text = malloc(input.len + 1)) == NULL)
		wrong("no memory for the fuzzer itself");
	if (input.len > 0)
		memcpy(text, input.at, input.len);
	text[input.len] = '\0';
	return text;
}

/* An error of the program's own is in flight, or none. */
static int
log_in(struct script *script, const char *answer)
{
	const char **arguments = script->argument;
	bool in_flight = script->answer.len % 2 == 0;
	unsigned long error = 0;
	int result;

	host.answer = answer;
	host_set_authtok(script->has_earlier ? answer : NULL);
	ERR_clear_error();
	if (in_flight) {
		ERR_raise(ERR_LIB_USER, 42);
		error = ERR_peek_last_error();
	}
	errno = ENOENT;
	machine.armed = true;
	result = pam_sm_authenticate(handle, script->is_silent ? PAM_SILENT : 0,
	    script->arguments, arguments);
	machine.armed = false;
	if (machine_open_files() != 0)
		wrong("%u descriptors are left open", machine_open_files());
	if (machine.contexts != 0)
		wrong("a context of OpenSSL's is left");
	if (ERR_peek_last_error() != error)
		wrong("OpenSSL's error queue is another");
	/* A mark of ours would stop the program's own, which set none. */
	ERR_raise(ERR_LIB_USER, 43);
	if (ERR_pop_to_mark() != 0 || ERR_peek_error() != 0)
		wrong("a mark is left in OpenSSL's error queue");
	return result;
}

static void
call_others(struct script *script)
{
	const char **arguments = script->argument;
	int count = script->arguments, flags = script->is_silent ? -1 : 0;

	machine.armed = true;
	if (pam_sm_setcred(handle, flags, count, arguments) != PAM_SUCCESS ||
	    pam_sm_acct_mgmt(handle, flags, count, arguments) != PAM_IGNORE ||
	    pam_sm_open_session(handle, flags, count, arguments) !=
		PAM_SUCCESS ||
	    pam_sm_close_session(handle, flags, count, arguments) !=
		PAM_SUCCESS ||
	    pam_sm_chauthtok(handle, flags, count, arguments) != PAM_IGNORE)
		wrong("an entry point that has no say says something else");
	machine.armed = false;
}

static bool
has_failed(void)
{
	size_t i;

	for (i = 0; i < CALLS; i++)
		if (machine.failed[i] > 0 && i != CALL_HOST)
			return true;
	return false;
}

/* The same login once more on a machine on which no call fails. */
static int
log_in_unharmed(const uint8_t *bytes, size_t len, const char *answer)
{
	struct script script;
	int result;

	script_read(&script, bytes, len);
	fill_machine(&script);
	machine.failures = 0;
	result = log_in(&script, answer);
	script_clear(&script);
	return result;
}

/* In how many pieces an answer comes is no matter. */
static void
judge_whole(struct script *script, const char *answer, int result)
{
	host.manner = ANSWERS;
	host.since = 0;
	/* Those that it did not come to, it would come to now. */
	machine.failures = 0;
	if (log_in(script, answer) != result)
		wrong("code %d instead of another, because it came in pieces",
		    result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct attempt attempt = {0};
	struct script script;
	char *answer;

	script_read(&script, bytes, len);
	fill_machine(&script);
	answer = make_answer(script.answer);
	attempt.script = &script;
	attempt.answer = answer;
	attempt.elsewhere = (struct bytes){bytes, len};
	/* A claim may read like a piece of its own token; a password not. */
	if (script.answer.len == 0 || script.answer.at[0] != '!')
		attempt.elsewhere.len -= script.answer.len;
	attempt.usual_config = script.config.len == 0 && script.arguments == 0;
	attempt.result = log_in(&script, answer);
	if (shows)
		fprintf(stderr, "%d %s %s\n", attempt.result, host.line[0],
		    host.said);
	oracle_check(&attempt);
	if (script.calls_others)
		call_others(&script);
	/*
	 * What fails turns no refusal into a login, nor the other way round;
	 * and a call that has but to be made again changes nothing.
	 */
	if (has_failed() && !host.cut_short && host.manner == ANSWERS &&
	    (!machine.harmed || attempt.result == PAM_SUCCESS ||
		attempt.result == PAM_AUTH_ERR) &&
	    log_in_unharmed(bytes, len, answer) != attempt.result)
		wrong("code %d instead of another, because something failed",
		    attempt.result);
	if ((host.manner == IN_PIECES || host.manner == IN_LESS) &&
	    !has_failed() && machine.failed[CALL_HOST] == 0 &&
	    !script.has_earlier)
		judge_whole(&script, answer, attempt.result);
	script_clear(&script);
	free(answer);
	return 0;
}
