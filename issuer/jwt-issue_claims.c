/*
 * What a token says.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#include "issuer/jwt-issue.h"
#include "jwt/base64url.h"
#include "jwt/config.h"
#include "jwt/json.h"

#define JSON_PLAIN (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define ID_BYTES 16             /* 128 random bits cannot meet again */
#define TIME_MAX 253402300799LL /* the end of the year 9999 */

/*
 * Members that say something of the login, of the token's life or of a key,
 * which only the issuer knows.
 */
static const char *const reserved[] = {"iss", "sub", "aud", "exp", "nbf", "iat",
    "jti", "auth_time", "amr", "acr", "cnf", "events"};

/* No memory: the one fault that needs no words of its own. */
static int
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return EX_OSERR;
}

/*
 * Texts.
 */

/* C0, DEL, and the C1 set, which is two bytes each in UTF-8. */
static bool
has_control_character(const char *text)
{
	const unsigned char *at;

	for (at = (const unsigned char *)text; *at != '\0'; at++)
		if (*at < 0x20 || *at == 0x7f ||
		    (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f))
			return true;
	return false;
}

int
issue_text_check(const char *what, const char *text, struct jwt_fault *fault)
{
	struct json_object *string;
	struct jwt_slice json;
	enum jwt_reason read;
	int result = EX_SOFTWARE;

	if (has_control_character(text)) {
		jwt_fault_set(fault, "%s has a control character in it", what);
		return EX_USAGE;
	}
	if ((string = json_object_new_string(text)) == NULL)
		return no_memory(fault);
	json.at =
	    json_object_to_json_string_length(string, JSON_PLAIN, &json.len);
	/* Whoever verifies the token reads it by these rules. */
	read = json.at != NULL ? jwt_json_validate(json, NULL) : JWT_NO_MEMORY;
	if (read == JWT_OK) {
		result = EX_OK;
	} else if (read == JWT_MALFORMED) {
		jwt_fault_set(fault, "%s is no valid UTF-8", what);
		result = EX_USAGE;
	} else {
		result = no_memory(fault);
	}
	json_object_put(string);
	return result;
}

/*
 * The request.
 */

static int
check_ttl(struct issue_request *request, struct jwt_fault *fault)
{
	if (!jwt_parse_duration(request->ttl, &request->seconds)) {
		jwt_fault_set(
		    fault, "--ttl: not a duration, such as 300, 30s, 5m or 1h");
		return EX_USAGE;
	}
	if (request->seconds < 1 || request->seconds > ISSUE_TTL_MAX) {
		jwt_fault_set(fault,
		    "--ttl: %s is %lld seconds; from 1 to %d (24h) are allowed",
		    request->ttl, (long long)request->seconds, ISSUE_TTL_MAX);
		return EX_USAGE;
	}
	return EX_OK;
}

static int
check_audiences(const struct issue_request *request, struct jwt_fault *fault)
{
	const char *const *audience = request->audience;
	int result;
	size_t i, k;

	for (i = 0; i < request->audiences; i++) {
		result = issue_text_check("--audience", audience[i], fault);
		if (result != EX_OK)
			return result;
		if (audience[i][0] == '\0') {
			jwt_fault_set(fault, "--audience is empty");
			return EX_USAGE;
		}
		for (k = 0; k < i; k++) {
			if (strcmp(audience[i], audience[k]) != 0)
				continue;
			jwt_fault_set(fault, "--audience %.100s is there twice",
			    audience[i]);
			return EX_USAGE;
		}
	}
	return EX_OK;
}

static int
check_claim(
    const struct issue_request *request, size_t i, struct jwt_fault *fault)
{
	const struct issue_claim *claim = &request->claim[i];
	int result;
	size_t k;

	result = issue_text_check("a --claim's name", claim->name, fault);
	if (result == EX_OK)
		result =
		    issue_text_check("a --claim's value", claim->value, fault);
	if (result != EX_OK)
		return result;
	if (claim->name[0] == '\0') {
		jwt_fault_set(fault, "--claim: no name before the '='");
		return EX_USAGE;
	}
	for (k = 0; k < sizeof(reserved) / sizeof(reserved[0]); k++) {
		if (strcmp(claim->name, reserved[k]) != 0)
			continue;
		jwt_fault_set(fault,
		    "--claim %s: the issuer alone sets this one", reserved[k]);
		return EX_USAGE;
	}
	for (k = 0; k < i; k++) {
		if (strcmp(claim->name, request->claim[k].name) != 0)
			continue;
		jwt_fault_set(
		    fault, "--claim %.100s is there twice", claim->name);
		return EX_USAGE;
	}
	return EX_OK;
}

int
issue_request_check(struct issue_request *request, struct jwt_fault *fault)
{
	int result;
	size_t i;

	result = issue_text_check("--issuer", request->issuer, fault);
	if (result == EX_OK && request->issuer[0] == '\0') {
		jwt_fault_set(fault, "--issuer is empty");
		result = EX_USAGE;
	}
	if (result == EX_OK)
		result = check_audiences(request, fault);
	if (result == EX_OK)
		result = check_ttl(request, fault);
	for (i = 0; result == EX_OK && i < request->claims; i++)
		result = check_claim(request, i, fault);
	return result;
}

/*
 * The claims set.
 */

/* Takes the value over, whatever happens; NULL is a value without memory. */
static bool
add(struct json_object *claims, const char *name, struct json_object *value)
{
	if (value != NULL && json_object_object_add(claims, name, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

/* A string where there is one, as most verifiers write it down. */
static struct json_object *
make_audience(const struct issue_request *request)
{
	struct json_object *array, *string;
	size_t i;

	if (request->audiences == 1)
		return json_object_new_string(request->audience[0]);
	if ((array = json_object_new_array()) == NULL)
		return NULL;
	for (i = 0; i < request->audiences; i++) {
		string = json_object_new_string(request->audience[i]);
		if (string != NULL && json_object_array_add(array, string) == 0)
			continue;
		json_object_put(string);
		json_object_put(array);
		return NULL;
	}
	return array;
}

static struct json_object *
make_id(void)
{
	struct json_object *string = NULL;
	unsigned char bytes[ID_BYTES];
	char *text;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return NULL;
	if ((text = jwt_base64url_encode(bytes, sizeof(bytes))) != NULL)
		string = json_object_new_string(text);
	free(text);
	return string;
}

static bool
fill(struct json_object *claims, const struct issue_request *request,
    const char *subject, int64_t now)
{
	bool filled;
	size_t i;

	/* The login was seen just now, so its time is that of the token. */
	filled =
	    add(claims, "iss", json_object_new_string(request->issuer)) &&
	    add(claims, "sub", json_object_new_string(subject)) &&
	    add(claims, "aud", make_audience(request)) &&
	    add(claims, "iat", json_object_new_int64(now)) &&
	    add(claims, "exp", json_object_new_int64(now + request->seconds)) &&
	    add(claims, "auth_time", json_object_new_int64(now)) &&
	    add(claims, "jti", make_id());
	for (i = 0; filled && i < request->claims; i++)
		filled = add(claims, request->claim[i].name,
		    json_object_new_string(request->claim[i].value));
	return filled;
}

/*
 * json-c may leave out a piece of the text when memory runs out and report
 * nothing, so only what reads back as the very same is signed.
 */
static char *
write_text(struct json_object *claims)
{
	struct json_object *again = NULL;
	struct jwt_slice text;
	char *copy = NULL;

	text.at =
	    json_object_to_json_string_length(claims, JSON_PLAIN, &text.len);
	if (text.at != NULL &&
	    jwt_json_parse_object(text, &again, NULL) == JWT_OK &&
	    json_object_equal(claims, again))
		copy = strndup(text.at, text.len);
	json_object_put(again);
	return copy;
}

int
issue_claims_make(const struct issue_request *request, const char *subject,
    int64_t now, char **json, struct jwt_fault *fault)
{
	struct json_object *claims;
	int result;

	result = issue_text_check("the account's name", subject, fault);
	if (result != EX_OK)
		return result == EX_USAGE ? EX_DATAERR : result;
	if (now < 0 || now > TIME_MAX - request->seconds) {
		jwt_fault_set(
		    fault, "the clock is wrong: %lld seconds", (long long)now);
		return EX_OSERR;
	}
	if ((claims = json_object_new_object()) == NULL)
		return no_memory(fault);
	*json = NULL;
	if (fill(claims, request, subject, now))
		*json = write_text(claims);
	result = EX_OK;
	if (*json == NULL) {
		jwt_fault_set(fault,
		    "the claims cannot be written: no memory, no random "
		    "bytes, or more than %d claims",
		    JWT_JSON_MEMBERS);
		result = EX_OSERR;
	}
	json_object_put(claims);
	return result;
}
