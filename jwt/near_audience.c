/*
 * Audiences that nearly are the configured ones: mostly those of another host,
 * or of this one by its other name.
 */
#include <stdlib.h>
#include <string.h>

#include "audience.h"
#include "claim.h"
#include "near.h"

/* One configured audience, and what of it belongs to this host. */
struct wanted {
	const char *text;  /* as it is configured */
	char *here;        /* for this host */
	char *other_name;  /* with %h for %H and the other way around */
	char *front, *end; /* around its one %h or %H; NULL: it has none */
};

/* Where it is not known, no audience needed it. */
static const char *
host_of(const struct jwt_trial *trial)
{
	return trial->attempt->host != NULL ? trial->attempt->host : "";
}

static char *
expand(const struct jwt_trial *trial, const char *text)
{
	return jwt_audience_expand(
	    text, host_of(trial), trial->attempt->service);
}

/* The `%` of the first %h or %H; NULL: there is none. */
static char *
find_host(char *text)
{
	for (; (text = strchr(text, '%')) != NULL; text += 2)
		if (text[1] == 'h' || text[1] == 'H')
			return text;
	return NULL;
}

/* What stands around the host's name; `copy` is cut. */
static void
fill_around(
    const struct jwt_trial *trial, struct wanted *wanted, char *copy, char *at)
{
	/* With two names there is no telling which part is which. */
	if (find_host(at + 2) != NULL)
		return;
	*at = '\0';
	wanted->front = expand(trial, copy);
	wanted->end = expand(trial, at + 2);
}

static void
fill_wanted(
    const struct jwt_trial *trial, const char *text, struct wanted *wanted)
{
	char *copy, *at;

	wanted->text = text;
	wanted->here = expand(trial, text);
	if ((copy = strdup(text)) == NULL)
		return;
	if ((at = find_host(copy)) != NULL) {
		at[1] = at[1] == 'h' ? 'H' : 'h';
		wanted->other_name = expand(trial, copy);
		fill_around(trial, wanted, copy, at);
	}
	free(copy);
}

static void
clear_wanted(struct wanted *wanted)
{
	free(wanted->here);
	free(wanted->other_name);
	free(wanted->front);
	free(wanted->end);
}

static void
note(struct jwt_trial *trial, struct jwt_slice audience, char *words)
{
	trial->note = words;
	trial->noted = jwt_excerpt(audience);
}

/* The audience of another host: the same text around its name. */
static bool
names_other_host(const struct wanted *wanted, struct jwt_slice audience,
    struct jwt_slice *host)
{
	size_t front, end, i;

	if (wanted->front == NULL || wanted->end == NULL)
		return false;
	front = strlen(wanted->front);
	end = strlen(wanted->end);
	/* Where nothing stands around it any word would look like a host. */
	if (front + end == 0 || audience.len <= front + end ||
	    memcmp(audience.at, wanted->front, front) != 0 ||
	    memcmp(audience.at + audience.len - end, wanted->end, end) != 0)
		return false;
	*host =
	    (struct jwt_slice){audience.at + front, audience.len - front - end};
	for (i = 0; i < host->len; i++)
		if (strchr("/: ", host->at[i]) != NULL)
			return false;
	return true;
}

/* This host's name as the kernel has it, and more behind a dot. */
static bool
is_longer_name(struct jwt_slice host, const char *known)
{
	size_t len = strlen(known);

	return host.len > len && host.at[len] == '.' &&
	       memcmp(host.at, known, len) == 0;
}

static void
note_one(struct jwt_trial *trial, const struct wanted *wanted,
    struct jwt_slice audience)
{
	struct jwt_slice host;
	char how[JWT_NEAR_SIZE];

	if (wanted->here != NULL &&
	    jwt_near(jwt_slice_of(wanted->here), audience, how))
		note(trial, audience,
		    jwt_format("an audience of the token differs from %.200s "
			       "only by %s",
			wanted->here, how));
	else if (wanted->other_name != NULL &&
		 jwt_slice_equal(jwt_slice_of(wanted->other_name), audience))
		note(trial, audience,
		    jwt_format("an audience of the token has the other name "
			       "of this host, whole or to its first dot; "
			       "%.200s is configured (%%h to the first dot, "
			       "%%H the whole)",
			wanted->text));
	else if (names_other_host(wanted, audience, &host))
		note(trial, audience,
		    jwt_format(is_longer_name(host, host_of(trial))
				   ? "an audience of the token has this "
				     "host's name with a domain, which the "
				     "kernel's has not: %.64s"
				   : "an audience of the token names another "
				     "host, this host is %.64s",
			host_of(trial)));
}

static void
note_audiences(struct jwt_trial *trial, const struct wanted *wanted,
    struct json_object *value)
{
	size_t i, count;

	if (json_object_is_type(value, json_type_string)) {
		note_one(trial, wanted, jwt_json_slice(value));
		return;
	}
	count = json_object_array_length(value);
	for (i = 0; i < count && trial->note == NULL; i++)
		note_one(trial, wanted,
		    jwt_json_slice(json_object_array_get_idx(value, i)));
}

void
jwt_note_near_audience(struct jwt_trial *trial)
{
	const struct jwt_strings *audience = &trial->issuer->audience;
	struct json_object *value;
	struct wanted wanted;
	enum jwt_member found;
	size_t i;

	/* After a mismatch it is a string, or an array of nothing else. */
	found = jwt_claim_select(
	    trial->token.claims, jwt_audience_claim(trial), &value);
	for (i = 0; found == JWT_MEMBER_FOUND && i < audience->count &&
		    trial->note == NULL;
	     i++) {
		wanted = (struct wanted){0};
		fill_wanted(trial, audience->at[i], &wanted);
		note_audiences(trial, &wanted, value);
		clear_wanted(&wanted);
	}
}
