#include "issuer/settings.h"

#include <string.h>

#define COUNT_MAX 1000000

static bool
is_among(const char *word, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

#define IS_AMONG(word, words) \
	is_among(word, words, sizeof(words) / sizeof((words)[0]))

const char *
issuer_token_text_fault(const char *text)
{
	enum issuer_reason result;

	if ((result = issuer_text_check("it", text, NULL)) == ISSUER_OK)
		return NULL;
	if (result == ISSUER_INTERNAL_ERROR)
		return "no memory";
	return "cannot stand in a token, whose texts are UTF-8 without "
	       "control characters";
}

const char *
issuer_claim_name_fault(const char *name)
{
	if (issuer_claim_is_reserved(name))
		return "the issuer alone sets this claim";
	return issuer_token_text_fault(name);
}

const char *
issuer_glob_fault(const char *glob)
{
	if (strlen(glob) > JWT_GLOB_MAX)
		return "is longer than 255 bytes, and would match nothing";
	return issuer_token_text_fault(glob);
}

#define CREDENTIAL "credential:"

const char *
issuer_key_credential(const char *key)
{
	if (key == NULL || strncmp(key, CREDENTIAL, strlen(CREDENTIAL)) != 0)
		return NULL;
	return key + strlen(CREDENTIAL);
}

/* RFC 7512 section 2.4. */
bool
issuer_key_holds_pin(const char *key)
{
	return strcasestr(key, "pin-value") != NULL;
}

/* RFC 3986 section 3.1. */
static bool
has_scheme(const char *uri)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	size_t len = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return strchr(letters, uri[0]) != NULL && len > 1 && uri[len] == ':' &&
	       uri[len + 1] != '\0';
}

/*
 * A plain path is refused: what lies in a file is one key that never changes,
 * where `keys` keeps the next one ready.
 */
const char *
issuer_key_fault(const char *key)
{
	const char *name = issuer_key_credential(key);

	/* Faults of values show them; the last checks refuse it unseen. */
	if (issuer_key_holds_pin(key))
		return NULL;
	if (name == NULL)
		return has_scheme(key) ? NULL
		                       : "is neither credential:NAME, a "
		                         "credential of systemd, nor a URI";
	if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL ||
	    strlen(name) > 255)
		return "behind credential: stands the name of a systemd "
		       "credential";
	return NULL;
}

/* No path: OpenSSL looks for it in its own folder of modules. */
const char *
issuer_provider_fault(const char *provider)
{
	static const char *const plain[] = {
	    "default", "base", "legacy", "null"};

	if (IS_AMONG(provider, plain))
		return "keeps no keys: a key in a file belongs into a key "
		       "folder (keys)";
	if (strspn(provider,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != strlen(provider) ||
	    strlen(provider) > 64)
		return "is no name of a provider of OpenSSL (openssl list "
		       "-providers)";
	return NULL;
}

const char *
issuer_profile_fault(const char *profile)
{
	static const char *const profiles[] = {"login+jwt", "at+jwt"};

	return IS_AMONG(profile, profiles) ? NULL
	                                   : "there are login+jwt and at+jwt";
}

const char *
issuer_include_fault(const char *word)
{
	static const char *const words[] = {"name", "groups", "host"};

	return IS_AMONG(word, words) ? NULL : "there are name, groups and host";
}

const char *
issuer_amr_fault(const char *value)
{
	static const char *const values[] = {"face", "fpt", "geo", "hwk",
	    "iris", "kba", "mca", "mfa", "otp", "pin", "pop", "pwd", "rba",
	    "retina", "sc", "sms", "swk", "tel", "user", "vbm", "wia"};

	return IS_AMONG(value, values)
	           ? NULL
	           : "is no value of RFC 8176, such as pwd, "
	             "otp or mfa";
}

const char *
issuer_capability_fault(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	return name[strspn(name, allowed)] == '\0'
	           ? NULL
	           : "is no name of a capability, such as CAP_NET_ADMIN";
}

enum jwt_reason
issuer_apply_proof(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	static const char *const names[] = {
	    [ISSUER_PROOF_PASSWORD] = "password",
	    [ISSUER_PROOF_SESSION] = "session",
	    [ISSUER_PROOF_PEER] = "peer"};
	enum issuer_proof *proof = field;
	const struct jwt_word *word;
	unsigned int i;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word->text, names[i]) != 0)
			continue;
		*proof = (enum issuer_proof)i;
		return JWT_OK;
	}
	jwt_fault_set(fault,
	    "'%.100s' is no proof; there are password, session and peer",
	    word->text);
	return JWT_CONFIG_ERROR;
}

enum jwt_reason
issuer_apply_claim(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	struct issuer_claims *claims = field;
	const char *name = words->at[0].text, *wrong;

	if (words->count != 2) {
		jwt_fault_set(fault,
		    "NAME VALUE is needed, and %zu words stand here; put a "
		    "value with spaces in double quotes",
		    words->count);
		return JWT_CONFIG_ERROR;
	}
	if ((wrong = issuer_claim_name_fault(name)) != NULL) {
		jwt_fault_set(fault, "'%.100s': %s", name, wrong);
		return JWT_CONFIG_ERROR;
	}
	if (jwt_strings_have(&claims->name, name)) {
		jwt_fault_set(fault,
		    "'%.100s' is set a second time in this section", name);
		return JWT_CONFIG_ERROR;
	}
	if (!jwt_strings_add(&claims->name, name) ||
	    !jwt_strings_add(&claims->value, words->at[1].text))
		return JWT_NO_MEMORY;
	return JWT_OK;
}

enum jwt_reason
issuer_apply_count(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	const struct jwt_word *word;
	int64_t *count = field, value = 0;
	size_t i;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	for (i = 0; i < 8 && word->text[i] >= '0' && word->text[i] <= '9'; i++)
		value = value * 10 + (word->text[i] - '0');
	if (word->text[i] != '\0' || value < 1 || value > COUNT_MAX) {
		jwt_fault_set(fault, "'%.100s' is no number from 1 to %d",
		    word->text, COUNT_MAX);
		return JWT_CONFIG_ERROR;
	}
	*count = value;
	return JWT_OK;
}

enum jwt_reason
issuer_apply_span(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	enum jwt_reason result;
	int64_t *seconds = field;

	result = jwt_apply_duration(words, field, fault);
	if (result == JWT_OK && *seconds < 1) {
		jwt_fault_set(
		    fault, "'%.100s' is no time at all", words->at[0].text);
		result = JWT_CONFIG_ERROR;
	}
	return result;
}
