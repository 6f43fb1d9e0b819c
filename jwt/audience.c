#include "audience.h"

#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "trial.h"

/* Bytes that a text takes with each %x replaced by `longest` bytes. */
static size_t
expanded_size(const char *text, size_t longest)
{
	size_t size = strlen(text) + 1;

	for (; (text = strchr(text, '%')) != NULL; text += 2)
		size += longest;
	return size;
}

const char *
jwt_audience_fault(const char *text)
{
	for (; (text = strchr(text, '%')) != NULL; text += 2)
		if (text[1] == '\0' || strchr("hHs%", text[1]) == NULL)
			return "after % there may be h (host), H (its whole "
			       "name), s (service) or %";
	return NULL;
}

char *
jwt_audience_expand(const char *text, const char *host, const char *service)
{
	size_t host_len = strlen(host), service_len = strlen(service), len;
	const char *from;
	char *out, *at;

	out = at = malloc(expanded_size(text, host_len + service_len));
	if (out == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		from = text;
		len = 1;
		if (*text == '%' && *++text != '%') {
			from = *text == 's' ? service : host;
			len = *text == 's'   ? service_len
			      : *text == 'h' ? strcspn(host, ".")
			                     : host_len;
		}
		memcpy(at, from, len);
		at += len;
	}
	*at = '\0';
	return out;
}

/* Appends ` word` to a text of its own. */
static bool
append(char **text, const char *word)
{
	char *longer;

	longer =
	    *text == NULL ? strdup(word) : jwt_format("%s %s", *text, word);
	free(*text);
	*text = longer;
	return longer != NULL;
}

/*
 * Whether one configured audience is what the claim says or has.  `words`:
 * providers that put several into one string are in the configuration.
 */
static bool
is_in(struct json_object *value, const char *wanted, bool words)
{
	struct jwt_slice want = jwt_slice_of(wanted);
	size_t i, count;

	if (json_object_is_type(value, json_type_string))
		return words ? jwt_slice_has_word(jwt_json_slice(value), want)
		             : jwt_slice_equal(jwt_json_slice(value), want);
	if (!json_object_is_type(value, json_type_array))
		return false;
	count = json_object_array_length(value);
	for (i = 0; i < count; i++)
		if (jwt_slice_equal(
			jwt_json_slice(json_object_array_get_idx(value, i)),
			want))
			return true;
	return false;
}

/* A host without a name must not make `ssh://%h` an audience of all such. */
bool
jwt_audience_needs_host(const char *text)
{
	for (; (text = strchr(text, '%')) != NULL; text += 2)
		if (text[1] == 'h' || text[1] == 'H')
			return true;
	return false;
}

static enum jwt_reason
compare(struct jwt_trial *trial, struct json_object *value, bool *found)
{
	const struct jwt_strings *audience = &trial->issuer->audience;
	const char *host = trial->attempt->host;
	char *wanted;
	bool said;
	size_t i;

	if (host == NULL || host[0] == '.')
		host = "";
	for (i = 0; i < audience->count; i++) {
		if (host[0] == '\0' &&
		    jwt_audience_needs_host(audience->at[i])) {
			free(trial->expected);
			trial->expected = strdup("the kernel's host name, to "
						 "fill %h: set it");
			return JWT_INTERNAL_ERROR;
		}
		wanted = jwt_audience_expand(
		    audience->at[i], host, trial->attempt->service);
		if (wanted == NULL)
			return JWT_NO_MEMORY;
		*found = *found ||
		         is_in(value, wanted, trial->issuer->audience_words);
		said = append(&trial->expected, wanted);
		free(wanted);
		if (!said)
			return JWT_NO_MEMORY;
	}
	return JWT_OK;
}

/*
 * What audience_claim names may be missing only with audience_absent, and even
 * then a token with an `aud` was made for somebody.
 */
const char *
jwt_audience_claim(const struct jwt_trial *trial)
{
	const char *claim = trial->issuer->audience_claim;
	struct json_object *value;

	if (trial->issuer->audience_absent &&
	    jwt_claim_select(trial->token.claims, claim, &value) ==
		JWT_MEMBER_ABSENT)
		return "aud";
	return claim;
}

enum jwt_reason
jwt_step_audience(struct jwt_trial *trial)
{
	const char *claim = jwt_audience_claim(trial);
	enum jwt_reason result;
	struct json_object *value;
	bool found = false;

	if (jwt_claim_select(trial->token.claims, claim, &value) ==
	    JWT_MEMBER_ABSENT) {
		trial->expected = strdup("none (audience_absent = yes)");
		trial->seen = strdup("absent");
		return JWT_OK;
	}
	trial->seen = jwt_claim_seen(trial->token.claims, claim);
	if ((result = compare(trial, value, &found)) != JWT_OK)
		return result;
	if (trial->expected == NULL)
		trial->expected = strdup("none (audience_absent = yes)");
	return found ? JWT_OK : JWT_AUDIENCE_MISMATCH;
}
