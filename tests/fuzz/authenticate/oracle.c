#include "oracle.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <security/_pam_types.h>

#include "jwt/token.h"

#include "host.h"
#include "signer.h"

#define LEEWAY_MAX 300 /* seconds that a configuration can give */

/* The reasons, each with its codes and the priority of its line. */
static const struct {
	const char *name;
	int code, other_code, priority;
} reasons[] = {
    {"config_error", PAM_SERVICE_ERR, PAM_SERVICE_ERR, LOG_ERR},
    {"stand_in_password", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"too_long", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"not_a_jwt", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"cut_off", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"malformed", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"header_invalid", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"claims_invalid", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"unknown_issuer", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"service_not_allowed", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"algorithm_not_allowed", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"keys_unavailable", PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, LOG_ERR},
    {"unknown_key", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"key_refused", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"signature_invalid", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"type_mismatch", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"expired", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"not_yet_valid", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"issued_in_future", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"lifetime_too_long", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"too_old", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"audience_mismatch", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"proof_required", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"user_not_allowed", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"user_mismatch", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"requirement_unmet", PAM_AUTH_ERR, PAM_AUTH_ERR, LOG_NOTICE},
    {"accepted", PAM_SUCCESS, PAM_SUCCESS, LOG_INFO},
    {"internal_error", PAM_SYSTEM_ERR, PAM_BUF_ERR, LOG_ERR},
};

static const char no_answer[] = "the application gave no answer to the prompt";

/* The words of a line outside quotes: none has a key that was there before. */
static void
check_words(const char *line)
{
	const char *keys[64], *at = line, *end;
	size_t lens[64], count = 0, len, i;

	while (*at != '\0') {
		at += strspn(at, " ");
		len = strcspn(at, " =\"");
		for (i = 0; at[len] == '=' && i < count; i++)
			if (lens[i] == len && memcmp(keys[i], at, len) == 0)
				wrong("%.*s= stands twice in: %s", (int)len, at,
				    line);
		if (at[len] == '=' && count < 64) {
			keys[count] = at;
			lens[count++] = len;
		}
		if (at[len] == '=' && at[len + 1] == '"') {
			at = strchr(at + len + 2, '"');
			if (at == NULL || (at[1] != '\0' && at[1] != ' '))
				wrong(
				    "quotes end at the wrong place: %s", line);
			at++;
			continue;
		}
		end = at + strcspn(at, " ");
		if (memchr(at, '"', (size_t)(end - at)) != NULL)
			wrong("a quote stands alone in: %s", line);
		at = end;
	}
}

static void
check_reason(const struct attempt *attempt, const char *line, int priority)
{
	const char *word = strchr(line, ' ');
	bool accepts = strncmp(line, "accepted ", 9) == 0;
	size_t i, len;

	if ((!accepts && strncmp(line, "refused ", 8) != 0) ||
	    strncmp(word, " reason=", 8) != 0)
		wrong("the line begins otherwise: %s", line);
	word += 8;
	len = strcspn(word, " :");
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strlen(reasons[i].name) == len &&
		    memcmp(reasons[i].name, word, len) == 0)
			break;
	if (i == sizeof(reasons) / sizeof(reasons[0]))
		wrong("an unknown reason: %s", line);
	if ((attempt->result != reasons[i].code &&
		attempt->result != reasons[i].other_code) ||
	    priority != reasons[i].priority)
		wrong("code %d and priority %d for: %s", attempt->result,
		    priority, line);
	if (accepts != (attempt->result == PAM_SUCCESS))
		wrong("code %d for: %s", attempt->result, line);
}

/*
 * A piece of the answer, looked for at every eighth byte.  It is made as those
 * of a token are, and not as our own words.
 */
#define PIECE 17

static bool
is_of_a_token(const char *piece)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	bool has_capital = false;
	size_t i;

	for (i = 0; i < PIECE; i++) {
		if (strchr(capitals, piece[i]) != NULL)
			has_capital = true;
		else if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.",
			     piece[i]) == NULL)
			return false;
	}
	return has_capital;
}

static void
check_no_token(const struct attempt *attempt, const char *text)
{
	const struct bytes *elsewhere = &attempt->elsewhere;
	size_t len = strlen(attempt->answer), text_len = strlen(text), i;
	const char *piece;

	for (i = 0; i + PIECE <= len; i += 8) {
		piece = attempt->answer + i;
		if (memmem(text, text_len, piece, PIECE) != NULL &&
		    is_of_a_token(piece) &&
		    memmem(elsewhere->at, elsewhere->len, piece, PIECE) == NULL)
			wrong("a piece of the answer in: %s", text);
	}
}

static void
check_printable(const char *text)
{
	const char *at;

	for (at = text; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || (unsigned char)*at > 0x7e)
			wrong("byte %02x in: %s", (unsigned char)*at, text);
}

static void
check_log(const struct attempt *attempt)
{
	const char *line = host.line[0];

	if (host.lines == 0) {
		/* It must go on, or it had no memory to begin. */
		if (attempt->result != PAM_INCOMPLETE &&
		    (attempt->result != PAM_BUF_ERR ||
			machine.failed[CALL_MEMORY] == 0))
			wrong("code %d and no log line", attempt->result);
		return;
	}
	if (host.lines != 1)
		wrong("%u log lines: %s / %s", host.lines, line, host.line[1]);
	check_printable(line);
	check_no_token(attempt, line);
	if (strncmp(line, no_answer, sizeof(no_answer) - 1) == 0) {
		if (attempt->result != PAM_CONV_ERR)
			wrong("code %d for: %s", attempt->result, line);
		return;
	}
	check_reason(attempt, line, host.priority[0]);
	check_words(line);
}

/*
 * Who logs in.
 */

static bool
is_string(struct json_object *claims, const char *name, const char *wanted)
{
	struct json_object *value;

	return json_object_object_get_ex(claims, name, &value) &&
	       json_object_is_type(value, json_type_string) &&
	       strcmp(json_object_get_string(value), wanted) == 0;
}

static double
number(struct json_object *claims, const char *name, double otherwise)
{
	struct json_object *value;

	if (!json_object_object_get_ex(claims, name, &value))
		return otherwise;
	return json_object_get_double(value);
}

static bool
has_audience(struct json_object *claims)
{
	struct json_object *value, *one;
	size_t i;

	if (is_string(claims, "aud", "ssh") ||
	    is_string(claims, "aud", "ssh://web1"))
		return true;
	if (!json_object_object_get_ex(claims, "aud", &value) ||
	    !json_object_is_type(value, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(value); i++) {
		one = json_object_array_get_idx(value, i);
		if (json_object_is_type(one, json_type_string) &&
		    (strcmp(json_object_get_string(one), "ssh") == 0 ||
			strcmp(json_object_get_string(one), "ssh://web1") == 0))
			return true;
	}
	return false;
}

static void
check_claims(const struct attempt *attempt, struct json_object *claims)
{
	double now = (double)machine.now, exp;

	/* These no configuration can take away. */
	exp = number(claims, "exp", 0);
	if (exp + LEEWAY_MAX <= now ||
	    number(claims, "nbf", now) > now + LEEWAY_MAX ||
	    number(claims, "iat", now) > now + LEEWAY_MAX ||
	    json_object_object_get_ex(claims, "cnf", NULL))
		wrong("accepted, though its claims say no");
	if (!attempt->usual_config)
		return;
	if (exp + 60 <= now ||
	    exp - number(claims, "iat", now) > 24 * 3600 + 60 ||
	    !is_string(claims, "iss", "https://sso.example.com") ||
	    !is_string(claims, "sub", host.user) || !has_audience(claims) ||
	    strcmp(host.user, "root") == 0 ||
	    strcmp(host.service, "jwt-issuer") == 0 ||
	    (machine.has_account && machine.uid < 1000))
		wrong("accepted, though the usual configuration says no");
}

static void
check_success(const struct attempt *attempt)
{
	struct json_object *claims;
	unsigned char *bytes;
	size_t len;

	if (machine.broken)
		wrong("accepted, though something failed");
	if (!signer_signed(attempt->answer))
		wrong("accepted, though nobody signed it");
	bytes = signer_part(attempt->answer, 1, &len);
	if (bytes == NULL)
		wrong("accepted without claims");
	claims = json_tokener_parse((char *)bytes);
	check_claims(attempt, claims);
	json_object_put(claims);
	free(bytes);
}

/* What sshd sends for an account that there is not. */
static bool
is_stand_in(const char *text)
{
	static const char junk[] = "\b\n\r\177INCORRECT";
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != junk[i % (sizeof(junk) - 1)])
			return false;
	return true;
}

static bool
in_pieces(void)
{
	return host.manner == IN_PIECES || host.manner == IN_LESS ||
	       host.since > 1;
}

/* After a refusal: junk for a token, a password as it was. */
static void
check_refused_authtok(const struct attempt *attempt)
{
	bool is_token = strncmp(attempt->answer, "ey", 2) == 0;
	size_t len = strlen(attempt->answer);

	if (machine.failed[CALL_PAM] > 0)
		return;
	/* Of what is endless one piece, as if it were the same each time. */
	if (in_pieces() && len > JWT_TOKEN_MAX / 511 * 511 + 510)
		len = 511;
	if (host.authtok == NULL || strlen(host.authtok) != len)
		wrong("an answer of another length is left");
	if (is_token && !is_stand_in(host.authtok))
		wrong("not sshd's junk is left for a token");
	if (!is_token && strncmp(host.authtok, attempt->answer, len) != 0 &&
	    !is_stand_in(host.authtok))
		wrong("another password is left");
}

static void
check_authtok(const struct attempt *attempt)
{
	if (attempt->result == PAM_SUCCESS && host.authtok != NULL)
		wrong("a later module finds an answer after acceptance");
	if (attempt->result == PAM_AUTH_ERR)
		check_refused_authtok(attempt);
	if (host.authtok != NULL && attempt->result != PAM_INCOMPLETE &&
	    !host.cut_short && strncmp(host.authtok, "ey", 2) == 0)
		wrong("code %d, and a token is left for a later module",
		    attempt->result);
}

/* The conversation of a fuzzer says the same again and again. */
static void
check_prompts(const struct attempt *attempt)
{
	size_t len = strlen(host.answer), most = 1;

	if (in_pieces())
		most = len / 511 + 1;
	else if (len == 511 || len == 1023 || len == 4095)
		most = JWT_TOKEN_MAX / len + 1;
	else if (attempt->script->has_earlier && !host.cut_short)
		most = 0;
	if (host.asked > most + 3)
		wrong("it asks %u times", host.asked);
	if (host.asked > most && host.manner != IN_LESS &&
	    host.manner != FAILS && host.manner != FAILS_WITH_ANSWER)
		wrong("it asks once more");
}

void
oracle_check(const struct attempt *attempt)
{
	static const int codes[] = {PAM_SUCCESS, PAM_AUTH_ERR, PAM_SERVICE_ERR,
	    PAM_SYSTEM_ERR, PAM_BUF_ERR, PAM_AUTHINFO_UNAVAIL, PAM_CONV_ERR,
	    PAM_INCOMPLETE};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i] == attempt->result)
			break;
	if (i == sizeof(codes) / sizeof(codes[0]))
		wrong("code %d is none that the module gives", attempt->result);
	check_prompts(attempt);
	check_log(attempt);
	if (attempt->result == PAM_SUCCESS)
		check_success(attempt);
	else if (attempt->result != PAM_BUF_ERR && host.exported > 0)
		wrong("a refused login exports something");
	if (host.told > 0) {
		check_printable(host.said);
		check_no_token(attempt, host.said);
		if (host.told > 1 || attempt->script->is_silent ||
		    attempt->result != PAM_AUTH_ERR ||
		    !signer_signed(attempt->answer))
			wrong("the user is told: %s", host.said);
	}
	check_authtok(attempt);
}
