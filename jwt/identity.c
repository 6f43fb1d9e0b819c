#include "identity.h"

#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "setting.h"

/*
 * CLAIM, or CLAIM without @DOMAIN.  The domain is named, because of two people
 * with the same name in two domains one would become the other.
 */
enum jwt_reason
jwt_apply_user(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	struct jwt_user *user = field;
	const char *claim = words->at[0].text, *domain, *wrong;

	if ((wrong = jwt_claim_selector_fault(claim)) != NULL) {
		jwt_fault_set(fault, "'%.100s': %s", claim, wrong);
		return JWT_CONFIG_ERROR;
	}
	if (words->count != 1 &&
	    (words->count != 3 || strcmp(words->at[1].text, "without") != 0)) {
		jwt_fault_set(fault,
		    "'%.100s' follows the claim; there is CLAIM, or CLAIM "
		    "without @DOMAIN",
		    words->at[1].text);
		return JWT_CONFIG_ERROR;
	}
	domain = words->count == 3 ? words->at[2].text : NULL;
	if (domain != NULL && (domain[0] != '@' || domain[1] == '\0' ||
				  strchr(domain + 1, '@') != NULL)) {
		jwt_fault_set(fault,
		    "'%.100s' is no domain with one @ in front, such as "
		    "@example.com",
		    domain);
		return JWT_CONFIG_ERROR;
	}
	if ((user->claim = strdup(claim)) == NULL ||
	    (domain != NULL && (user->domain = strdup(domain + 1)) == NULL))
		return JWT_NO_MEMORY;
	return JWT_OK;
}

/* Whether nothing but strings is in an array. */
static bool
is_of_strings(struct json_object *array)
{
	size_t i, count = json_object_array_length(array);

	for (i = 0; i < count; i++)
		if (!json_object_is_type(
			json_object_array_get_idx(array, i), json_type_string))
			return false;
	return true;
}

/* RFC 7519 section 4.1.2: `sub` is one string; an address is, too. */
static bool
may_be_a_list(const struct jwt_user *user)
{
	return user->domain == NULL && strcmp(user->claim, "sub") != 0 &&
	       strcmp(user->claim, "/sub") != 0;
}

bool
jwt_user_is_readable(const struct jwt_user *user, struct json_object *claims)
{
	struct json_object *value;

	if (jwt_claim_select(claims, user->claim, &value) == JWT_MEMBER_ABSENT)
		return false;
	if (json_object_is_type(value, json_type_string))
		return true;
	return may_be_a_list(user) &&
	       json_object_is_type(value, json_type_array) &&
	       is_of_strings(value);
}

/* An address that nobody has proved to be theirs could be anybody's. */
static bool
is_verified(const struct jwt_user *user, struct json_object *claims)
{
	struct json_object *value;

	if (strcmp(user->claim, "email") != 0 &&
	    strcmp(user->claim, "/email") != 0)
		return true;
	return jwt_json_member(claims, "email_verified", &value) ==
	           JWT_MEMBER_FOUND &&
	       json_object_is_type(value, json_type_boolean) &&
	       json_object_get_boolean(value);
}

/* NAME@DOMAIN, with no other @. */
static bool
is_address_of(struct jwt_slice address, const char *name, const char *domain)
{
	size_t len = strlen(name);

	if (len == 0 || address.len <= len ||
	    memchr(address.at, '@', address.len) != address.at + len ||
	    memcmp(address.at, name, len) != 0)
		return false;
	return jwt_slice_equal(
	    (struct jwt_slice){address.at + len + 1, address.len - len - 1},
	    jwt_slice_of(domain));
}

bool
jwt_user_grants(
    const struct jwt_user *user, struct json_object *claims, const char *name)
{
	struct json_object *value, *element;
	size_t i;

	if (!jwt_user_is_readable(user, claims))
		return false;
	(void)jwt_claim_select(claims, user->claim, &value);
	if (user->domain != NULL)
		return is_verified(user, claims) &&
		       is_address_of(jwt_json_slice(value), name, user->domain);
	if (json_object_is_type(value, json_type_string))
		return jwt_slice_equal(
		    jwt_json_slice(value), jwt_slice_of(name));
	for (i = 0; i < json_object_array_length(value); i++) {
		element = json_object_array_get_idx(value, i);
		if (jwt_slice_equal(
			jwt_json_slice(element), jwt_slice_of(name)))
			return true;
	}
	return false;
}

char *
jwt_user_type(const struct jwt_user *user)
{
	return jwt_format("%s as a string%s", user->claim,
	    may_be_a_list(user) ? " or an array of strings" : "");
}

char *
jwt_user_expected(const struct jwt_user *user)
{
	bool email = strcmp(user->claim, "email") == 0 ||
	             strcmp(user->claim, "/email") == 0;

	if (user->domain == NULL)
		return jwt_format("%s equal to the login name", user->claim);
	return jwt_format("%s equal to the login name and @%s%s", user->claim,
	    user->domain, email ? ", and email_verified true" : "");
}
