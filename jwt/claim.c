#include "claim.h"

#include <string.h>

const char *
jwt_claim_selector_fault(const char *selector)
{
	const char *tilde;

	if (selector[0] != '/')
		return NULL;
	for (tilde = selector; (tilde = strchr(tilde, '~')) != NULL; tilde++)
		if (tilde[1] != '0' && tilde[1] != '1')
			return "in a JSON Pointer ~ must be written ~0, and / "
			       "inside a name ~1";
	return NULL;
}

/*
 * RFC 6901 section 4: whether a name, with / written ~1 and ~ written ~0, is
 * this one.  Compared in place: without memory a claim must not seem absent.
 */
static bool
token_is(struct jwt_slice token, const char *name)
{
	size_t i;
	char c;

	for (i = 0; i < token.len; i++, name++) {
		c = token.at[i];
		if (c == '~' && i + 1 < token.len)
			c = token.at[++i] == '1' ? '/' : '~';
		if (c != *name)
			return false;
	}
	return *name == '\0';
}

/* An array index without leading zeros, or SIZE_MAX. */
static size_t
array_index(struct jwt_slice token)
{
	size_t index = 0, i;

	if (token.len == 0 || token.len > 9 ||
	    (token.at[0] == '0' && token.len > 1))
		return SIZE_MAX;
	for (i = 0; i < token.len; i++) {
		if (token.at[i] < '0' || token.at[i] > '9')
			return SIZE_MAX;
		index = index * 10 + (size_t)(token.at[i] - '0');
	}
	return index;
}

static enum jwt_member
descend(
    struct json_object *in, struct jwt_slice token, struct json_object **value)
{
	size_t index;

	if (json_object_is_type(in, json_type_object)) {
		json_object_object_foreach(in, name, member)
		{
			if (token_is(token, name)) {
				*value = member;
				return JWT_MEMBER_FOUND;
			}
		}
		return JWT_MEMBER_ABSENT;
	}
	if (!json_object_is_type(in, json_type_array))
		return JWT_MEMBER_ABSENT;
	index = array_index(token);
	if (index >= json_object_array_length(in))
		return JWT_MEMBER_ABSENT;
	*value = json_object_array_get_idx(in, index);
	return JWT_MEMBER_FOUND;
}

enum jwt_member
jwt_claim_select(struct json_object *claims, const char *selector,
    struct json_object **value)
{
	enum jwt_member found = JWT_MEMBER_FOUND;
	struct jwt_slice token;

	if (selector[0] != '/')
		return jwt_json_member(claims, selector, value);
	*value = claims;
	while (found == JWT_MEMBER_FOUND && selector[0] == '/') {
		token.at = selector + 1;
		token.len = strcspn(token.at, "/");
		found = descend(*value, token, value);
		selector = token.at + token.len;
	}
	return found;
}

bool
jwt_claim_is_elsewhere(struct json_object *claims, const char *selector)
{
	bool pointer = selector[0] == '/';
	struct jwt_slice token = jwt_slice_of(selector + pointer);
	struct json_object *value;

	if (jwt_claim_select(claims, selector, &value) != JWT_MEMBER_ABSENT)
		return false;
	if (pointer)
		token.len = strcspn(token.at, "/");
	if (jwt_slice_equal(token, jwt_slice_of("groups")) &&
	    jwt_json_member(claims, "hasgroups", &value) == JWT_MEMBER_FOUND &&
	    (!json_object_is_type(value, json_type_boolean) ||
		json_object_get_boolean(value)))
		return true;
	if (jwt_json_member(claims, "_claim_names", &value) !=
		JWT_MEMBER_FOUND ||
	    !json_object_is_type(value, json_type_object))
		return false;
	json_object_object_foreach(value, name, where)
	{
		(void)where;
		if (pointer ? token_is(token, name)
			    : jwt_slice_equal(token, jwt_slice_of(name)))
			return true;
	}
	return false;
}

enum jwt_member
jwt_claim_string(
    struct json_object *claims, const char *selector, struct jwt_slice *string)
{
	struct json_object *value;

	if (jwt_claim_select(claims, selector, &value) == JWT_MEMBER_ABSENT)
		return JWT_MEMBER_ABSENT;
	if (!json_object_is_type(value, json_type_string))
		return JWT_MEMBER_WRONG_TYPE;
	*string = jwt_json_slice(value);
	return JWT_MEMBER_FOUND;
}

/* Digits, a dot and digits; JSON's grammar has been checked. */
static bool
parse_fraction(const char *text, int64_t *seconds, bool *fraction)
{
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
		*seconds = *seconds * 10 + (text[i] - '0');
		if (*seconds > JWT_TIME_MAX)
			return false;
	}
	if (i == 0 || text[i] != '.')
		return false;
	for (i++; text[i] >= '0' && text[i] <= '9'; i++)
		*fraction = *fraction || text[i] != '0';
	return text[i] == '\0';
}

/* Nothing is allocated: without memory a time must not seem a wrong one. */
enum jwt_member
jwt_claim_time(struct json_object *claims, const char *name, int64_t *seconds,
    bool *fraction)
{
	struct json_object *value;
	const char *text;

	*seconds = 0;
	*fraction = false;
	if (jwt_json_member(claims, name, &value) == JWT_MEMBER_ABSENT)
		return JWT_MEMBER_ABSENT;
	/* json-c turns "1", true and null into numbers: look at the type. */
	if (json_object_is_type(value, json_type_int)) {
		*seconds = json_object_get_int64(value);
		return *seconds >= 0 && *seconds <= JWT_TIME_MAX
		           ? JWT_MEMBER_FOUND
		           : JWT_MEMBER_WRONG_TYPE;
	}
	if (!json_object_is_type(value, json_type_double))
		return JWT_MEMBER_WRONG_TYPE;
	/* The text that json_object_new_double_s was given. */
	text = json_object_get_userdata(value);
	if (text == NULL || !parse_fraction(text, seconds, fraction))
		return JWT_MEMBER_WRONG_TYPE;
	return JWT_MEMBER_FOUND;
}

char *
jwt_claim_seen(struct json_object *claims, const char *selector)
{
	struct json_object *value;
	const char *text;

	if (jwt_claim_select(claims, selector, &value) == JWT_MEMBER_ABSENT)
		return strdup("absent");
	if (value == NULL)
		return strdup("null");
	if (json_object_is_type(value, json_type_string))
		return jwt_excerpt(jwt_json_slice(value));
	text = json_object_to_json_string_ext(
	    value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	return text == NULL ? NULL : jwt_excerpt(jwt_slice_of(text));
}
