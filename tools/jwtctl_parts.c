/*
 * The parts of a token as it says them, for whoever holds it and wonders.
 */
#include <stdlib.h>
#include <string.h>

#include "jwt/base64url.h"
#include "jwt/claim.h"
#include "jwt/duration.h"
#include "tools/jwtctl_show.h"

#define NAME_FORMAT "    %-14s "
#define NAME_END 18 /* characters */

/* A part's JSON object; NULL, and what is wrong with it is in the fault. */
static struct json_object *
read_part(struct ctl_text *text, struct jwt_slice part, struct jwt_fault *fault)
{
	struct json_object *object = NULL;
	unsigned char *bytes = NULL;
	enum jwt_reason reason;
	size_t len = 0;

	reason = jwt_base64url_decode(part, &bytes, &len);
	if (reason == JWT_MALFORMED)
		jwt_fault_set(fault, "no base64url");
	if (reason == JWT_OK)
		reason = jwt_json_parse_object(
		    (struct jwt_slice){(char *)bytes, len}, &object, fault);
	if (reason == JWT_NO_MEMORY)
		text->failed = true;
	jwt_free_wiped(bytes, len);
	return reason == JWT_OK ? object : NULL;
}

/* Bare where it is plain, for most are. */
static void
add_name(struct ctl_text *text, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.:/#";
	size_t before = text->len, used;

	if (name[0] != '\0' && name[strspn(name, plain)] == '\0') {
		ctl_text_add(text, NAME_FORMAT, name);
		return;
	}
	ctl_text_add(text, "    ");
	ctl_text_quoted(text, jwt_slice_of(name));
	used = text->len - before;
	ctl_text_add(
	    text, "%*s ", used < NAME_END ? (int)(NAME_END - used) : 0, "");
}

/*
 * Not by json-c, which would write every byte above ASCII as it is.  It goes
 * no deeper than JWT_JSON_DEPTH.
 */
static void
add_value(struct ctl_text *text, struct json_object *value)
{
	const char *between = "";
	size_t i;

	switch (json_object_get_type(value)) {
	case json_type_string:
		ctl_text_quoted(text, jwt_json_slice(value));
		break;
	case json_type_int:
		ctl_text_add(
		    text, "%lld", (long long)json_object_get_int64(value));
		break;
	case json_type_boolean:
		ctl_text_add(text, "%s",
		    json_object_get_boolean(value) ? "true" : "false");
		break;
	case json_type_double:
		/* As it was written: jwt/json.h keeps the text. */
		ctl_text_own(text, json_object_get_userdata(value));
		break;
	case json_type_array:
		ctl_text_add(text, "[");
		for (i = 0; i < json_object_array_length(value); i++) {
			ctl_text_add(text, "%s", i > 0 ? ", " : "");
			add_value(text, json_object_array_get_idx(value, i));
		}
		ctl_text_add(text, "]");
		break;
	case json_type_object:
		ctl_text_add(text, "{");
		json_object_object_foreach(value, name, member)
		{
			ctl_text_add(text, "%s", between);
			ctl_text_quoted(text, jwt_slice_of(name));
			ctl_text_add(text, ": ");
			add_value(text, member);
			between = ", ";
		}
		ctl_text_add(text, "}");
		break;
	case json_type_null:
		ctl_text_add(text, "null");
		break;
	}
}

/* Beside a time its date, and how far that is from now. */
static void
add_date(struct ctl_text *text, struct json_object *claims, const char *name,
    int64_t now)
{
	static const char *const times[] = {
	    "exp", "nbf", "iat", "auth_time", "updated_at"};
	char duration[JWT_DURATION_SIZE], date[JWT_UTC_SIZE];
	int64_t then;
	bool fraction;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strcmp(times[i], name) == 0)
			break;
	if (i == sizeof(times) / sizeof(times[0]) ||
	    jwt_claim_time(claims, name, &then, &fraction) != JWT_MEMBER_FOUND)
		return;
	ctl_text_add(text, " (%s, %s%s%s)", jwt_utc(date, then),
	    then > now ? "in " : "", jwt_duration(duration, then - now),
	    then > now ? "" : " ago");
}

static void
add_members(
    struct ctl_text *text, struct json_object *object, bool claims, int64_t now)
{
	json_object_object_foreach(object, name, value)
	{
		add_name(text, name);
		add_value(text, value);
		if (claims)
			add_date(text, object, name, now);
		ctl_text_add(text, "\n");
	}
}

/* The section that the token was judged by; NULL: none was found. */
static const struct jwt_issuer *
section_of(const struct ctl_explained *explained)
{
	const struct jwt_config *config = explained->config;
	const char *label = explained->verdict->issuer;
	size_t i;

	for (i = 0; config != NULL && label != NULL && i < config->issuers; i++)
		if (strcmp(config->issuer[i].label, label) == 0)
			return &config->issuer[i];
	return NULL;
}

/* What no login does without, unless the section says so. */
static void
add_missing(struct ctl_text *text, struct json_object *claims,
    const struct jwt_issuer *section)
{
	const struct {
		const char *name, *words;
		bool spared;
	} needed[] = {
	    {"iss",
		"only a section with issuer_absent = yes takes a token "
		"without it",
		section != NULL && section->issuer_absent},
	    {"aud",
		"only a section with audience_absent = yes takes a token "
		"without it, or one whose audience_claim is another",
		section != NULL &&
		    (section->audience_absent ||
			strcmp(section->audience_claim, "aud") != 0)},
	    {"exp",
		"no setting takes a token without it: its issuer has to "
		"set one",
		false},
	};
	struct json_object *value;
	bool first = true;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (needed[i].spared || jwt_json_member(claims, needed[i].name,
					    &value) != JWT_MEMBER_ABSENT)
			continue;
		ctl_text_paint(text, CTL_YELLOW);
		if (first)
			ctl_text_add(text, "  missing for a login\n");
		ctl_text_add(
		    text, NAME_FORMAT "%s\n", needed[i].name, needed[i].words);
		ctl_text_plain(text);
		first = false;
	}
}

/* The claims, or what is wrong with them. */
static void
add_payload(struct ctl_text *text, struct jwt_slice part,
    const struct ctl_explained *explained)
{
	struct jwt_fault fault = {""};
	struct json_object *claims;

	if ((claims = read_part(text, part, &fault)) == NULL) {
		ctl_text_add(text, "  payload, which cannot be read: ");
		ctl_text_own(text, fault.text);
		ctl_text_add(text, "\n");
		return;
	}
	ctl_text_add(text, "  payload\n");
	add_members(text, claims, true, explained->now);
	if (explained->verdict->reason != JWT_OK)
		add_missing(text, claims, section_of(explained));
	jwt_json_free_wiped(claims);
}

static void
add_header(struct ctl_text *text, struct jwt_slice part)
{
	struct jwt_fault fault = {""};
	struct json_object *header;

	if ((header = read_part(text, part, &fault)) == NULL) {
		ctl_text_add(text, "  header, which cannot be read: ");
		ctl_text_own(text, fault.text);
		ctl_text_add(text, "\n");
		return;
	}
	ctl_text_add(text, "  header\n");
	add_members(text, header, false, 0);
	jwt_json_free_wiped(header);
}

/* Up to the next dot, which `*rest` then begins behind; NULL: there is none. */
static struct jwt_slice
take_part(struct jwt_slice *rest)
{
	const char *dot =
	    rest->at == NULL ? NULL : memchr(rest->at, '.', rest->len);
	struct jwt_slice part = *rest;

	if (dot == NULL) {
		*rest = (struct jwt_slice){NULL, 0};
		return part;
	}
	part.len = (size_t)(dot - part.at);
	*rest = (struct jwt_slice){dot + 1, rest->len - part.len - 1};
	return part;
}

void
ctl_show_parts(struct ctl_text *text, const struct ctl_explained *explained)
{
	struct jwt_slice rest = explained->answer, header, payload;

	header = take_part(&rest);
	/* What may be a password is not shown, nor is the rest of it. */
	if (rest.at == NULL || !jwt_base64url_begins_object(header))
		return;
	payload = take_part(&rest);
	ctl_text_paint(text, CTL_BOLD);
	ctl_text_add(text, "The token, %s:",
	    explained->verdict->signature_holds ? "whose signature holds"
						: "not verified");
	ctl_text_plain(text);
	ctl_text_add(text, "\n");
	add_header(text, header);
	add_payload(text, payload, explained);
	ctl_text_add(text, "\n");
}
