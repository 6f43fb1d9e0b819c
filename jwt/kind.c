/*
 * What kind of token it is. An issuer signs many kinds with one key, and most
 * are no login (RFC 8725 section 3.12).
 */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "setting.h"
#include "trial.h"

enum jwt_reason
jwt_apply_type(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	static const char *const names[] = {
	    [JWT_TYPE_ANY] = "any",
	    [JWT_TYPE_ACCESS] = "access",
	    [JWT_TYPE_ID] = "id",
	};
	const struct jwt_word *word;
	enum jwt_type *type = field;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	for (*type = JWT_TYPE_ANY; *type <= JWT_TYPE_ID; (*type)++)
		if (strcmp(word->text, names[*type]) == 0)
			return JWT_OK;
	*type = JWT_TYPE_ANY;
	jwt_fault_set(
	    fault, "'%.100s' is none of any, access and id", word->text);
	return JWT_CONFIG_ERROR;
}

/* What logs in where a section does not say `typ`. */
static const char *const default_types[] = {
    "JWT", "JOSE", "at+jwt", "login+jwt"};

/* The header's `typ` is one of these. */
static bool
header_is(struct jwt_trial *trial, const char *wanted)
{
	struct jwt_slice type;

	return jwt_json_string(trial->token.header, "typ", &type) ==
	           JWT_MEMBER_FOUND &&
	       jwt_media_type_equals(type, wanted);
}

static bool
header_type_is_taken(struct jwt_trial *trial)
{
	const struct jwt_strings *typ = &trial->issuer->typ;
	struct json_object *value;
	size_t i;

	if (jwt_json_member(trial->token.header, "typ", &value) ==
	    JWT_MEMBER_ABSENT)
		return typ->count == 0;
	for (i = 0; i < typ->count; i++)
		if (header_is(trial, typ->at[i]))
			return true;
	if (typ->count > 0)
		return false;
	for (i = 0; i < sizeof(default_types) / sizeof(default_types[0]); i++)
		if (header_is(trial, default_types[i]))
			return true;
	return false;
}

/*
 * The kinds that are no login: refresh and offline tokens, links to verify an
 * address or reset a password, logout tokens.  Providers say the kind in one
 * of these claims; Keycloak's access and ID tokens say Bearer and ID.
 */
static const char *const kind_claims[] = {
    "typ", "type", "token_type", "token_use"};
static const char *const other_kinds[] = {"refresh", "offline", "logout",
    "reset", "verify", "verification", "registration", "initialaccess", "invit",
    "activation"};

#define CLAIMS (sizeof(kind_claims) / sizeof(kind_claims[0]))

static bool
begins_without_case(struct jwt_slice text, const char *word)
{
	struct jwt_slice wanted = jwt_slice_of(word);

	if (text.len < wanted.len)
		return false;
	text.len = wanted.len;
	return jwt_slice_equal_caseless(text, wanted);
}

/* The claim that says this is another kind of token, or NULL. */
static const char *
other_kind(struct jwt_trial *trial)
{
	struct json_object *value;
	struct jwt_slice kind;
	size_t i, j;

	/* A logout or security event token (RFC 8417 section 2.2). */
	if (jwt_json_member(trial->token.claims, "events", &value) !=
	    JWT_MEMBER_ABSENT)
		return "events";
	for (i = 0; i < CLAIMS; i++) {
		if (jwt_json_string(trial->token.claims, kind_claims[i],
			&kind) != JWT_MEMBER_FOUND)
			continue;
		for (j = 0; j < sizeof(other_kinds) / sizeof(other_kinds[0]);
		     j++)
			if (begins_without_case(kind, other_kinds[j]))
				return kind_claims[i];
	}
	return NULL;
}

/*
 * Access and ID tokens.
 */

/* What a token shows itself to be, and by what. */
struct signs {
	bool access, id;
	const char *by; /* the first of them */
};

static void
note_sign(struct signs *signs, bool access, const char *by)
{
	if (access)
		signs->access = true;
	else
		signs->id = true;
	if (signs->by == NULL)
		signs->by = by;
}

/* Said outright: RFC 9068 section 2.1, and in the claims of providers. */
static void
find_names(struct jwt_trial *trial, struct signs *signs)
{
	struct jwt_slice kind;
	size_t i;

	if (header_is(trial, "at+jwt"))
		note_sign(signs, true, "the header's typ");
	for (i = 0; i < CLAIMS; i++) {
		if (jwt_json_string(trial->token.claims, kind_claims[i],
			&kind) != JWT_MEMBER_FOUND)
			continue;
		if (begins_without_case(kind, "bearer") ||
		    begins_without_case(kind, "access"))
			note_sign(signs, true, kind_claims[i]);
		else if (jwt_slice_equal_caseless(kind, jwt_slice_of("id")) ||
			 jwt_slice_equal_caseless(
			     kind, jwt_slice_of("id_token")))
			note_sign(signs, false, kind_claims[i]);
	}
}

/* What an ID token alone has (OpenID Connect Core section 2, 3.3.2.11). */
static void
find_members(struct jwt_trial *trial, struct signs *signs)
{
	static const char *const names[] = {"nonce", "at_hash", "c_hash"};
	struct json_object *value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (jwt_json_member(trial->token.claims, names[i], &value) ==
		    JWT_MEMBER_FOUND)
			note_sign(signs, false, names[i]);
}

/*
 * An access token must say that it is one.  Few ID tokens do, so they are what
 * has no sign of another kind.
 */
static bool
type_is_taken(struct jwt_trial *trial, struct signs *signs)
{
	enum jwt_type type = trial->issuer->type;

	if (type == JWT_TYPE_ANY)
		return true;
	if (header_is(trial, "login+jwt")) {
		signs->by = "the header's typ";
		return false;
	}
	find_names(trial, signs);
	if (!signs->access && !signs->id)
		find_members(trial, signs);
	return type == JWT_TYPE_ACCESS ? signs->access && !signs->id
	                               : !signs->access;
}

static enum jwt_reason
refuse_type(struct jwt_trial *trial, const struct signs *signs)
{
	trial->expected = strdup(
	    trial->issuer->type == JWT_TYPE_ACCESS
		? "an access token (type = access): typ at+jwt in the header, "
		  "or a claim typ, type, token_type or token_use that says so"
		: "an ID token (type = id): nothing that says access token");
	trial->seen = signs->by == NULL
	                  ? strdup("none of these")
	                  : jwt_format("%s token, by %s",
				signs->access && signs->id ? "either kind of"
				: signs->access            ? "an access"
				: signs->id                ? "an ID"
							   : "a login",
				signs->by);
	return JWT_TYPE_MISMATCH;
}

enum jwt_reason
jwt_step_type(struct jwt_trial *trial)
{
	struct signs signs = {0};
	const char *claim;

	if (!header_type_is_taken(trial)) {
		trial->expected =
		    strdup(trial->issuer->typ.count > 0
			       ? "a typ that the issuer's section names"
			       : "no typ, or JWT, JOSE, at+jwt or login+jwt");
		jwt_say_allowed(trial, &trial->issuer->typ);
		trial->seen = jwt_claim_seen(trial->token.header, "typ");
		return JWT_TYPE_MISMATCH;
	}
	if ((claim = other_kind(trial)) != NULL) {
		trial->expected = jwt_format("a kind of token that logs in, "
					     "by its claim %s",
		    claim);
		trial->seen = jwt_claim_seen(trial->token.claims, claim);
		return JWT_TYPE_MISMATCH;
	}
	if (!type_is_taken(trial, &signs))
		return refuse_type(trial, &signs);
	trial->seen = jwt_claim_seen(trial->token.header, "typ");
	return JWT_OK;
}
