/*
 * To which hosts a token may go, by what it says itself.
 */
#include <string.h>

#include "jwt/token.h"
#include "tools/jwt-askpass.h"

/*
 * Audiences that have a name of the web in them, or of an application, and of
 * no host that somebody logs in to: a token for one counts as naming no host.
 */
static const char *const no_logins[] = {"https", "http", "api"};

struct audience {
	size_t hosts; /* how many it names */
	bool allows;  /* one of them is the host that asks */
	bool faulty;  /* no string where one belongs */
};

/* `build7.` is a name that has no domain, `build7.example.com.` has no need
 * of its dot. */
static struct jwt_slice
without_dot(struct jwt_slice name)
{
	if (name.len > 1 && name.at[name.len - 1] == '.' &&
	    memchr(name.at, '.', name.len - 1) != NULL)
		name.len--;
	return name;
}

static bool
same_name(struct jwt_slice a, struct jwt_slice b)
{
	a = without_dot(a);
	b = without_dot(b);
	return a.len > 0 && jwt_slice_equal_caseless(a, b) == 1;
}

/* Whether the domain is one of those, which white space separates. */
static bool
is_listed(struct jwt_slice domain, const char *domains)
{
	static const char space[] = " \t\n";
	struct jwt_slice one;

	for (;;) {
		domains += strspn(domains, space);
		one = (struct jwt_slice){domains, strcspn(domains, space)};
		if (one.len == 0)
			return false;
		if (same_name(domain, one))
			return true;
		domains += one.len;
	}
}

/* Of `build7.example.com` also `build7`, where the domain is a listed one. */
static bool
is_first_label(
    struct jwt_slice named, struct jwt_slice host, const char *domains)
{
	struct jwt_slice rest;
	const char *dot;

	dot = host.len == 0 ? NULL : memchr(host.at, '.', host.len);
	if (dot == NULL || domains == NULL)
		return false;
	rest =
	    (struct jwt_slice){dot + 1, (size_t)(host.at + host.len - dot) - 1};
	host.len = (size_t)(dot - host.at);
	return host.len > 0 && jwt_slice_equal_caseless(named, host) == 1 &&
	       is_listed(rest, domains);
}

static bool
is_host(struct jwt_slice named, const struct askpass_host *host)
{
	struct jwt_slice name = jwt_slice_of(host->name);

	return same_name(named, name) ||
	       is_first_label(named, name, host->domains) ||
	       (host->other != NULL &&
		   same_name(named, jwt_slice_of(host->other)));
}

/* RFC 3986 section 3.1: a scheme is of letters, digits and `+-.`. */
static bool
take_scheme(struct jwt_slice *text, struct jwt_slice *scheme)
{
	const char *colon;
	size_t i;
	char c;

	colon = text->len == 0 ? NULL : memmem(text->at, text->len, "://", 3);
	if (colon == NULL || colon == text->at)
		return false;
	*scheme = (struct jwt_slice){text->at, (size_t)(colon - text->at)};
	for (i = 0; i < scheme->len; i++) {
		c = scheme->at[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.')
			return false;
	}
	text->len -= scheme->len + 3;
	text->at = colon + 3;
	return true;
}

/*
 * The host of scheme://host/path, an IPv6 address without its brackets.  What
 * has a port or a user beside it names neither: the prompt tells no port, and
 * behind one of them another machine may listen.
 */
static struct jwt_slice
host_of(struct jwt_slice rest)
{
	size_t len = 0;

	while (len < rest.len && memchr("/?#", rest.at[len], 3) == NULL)
		len++;
	rest.len = len;
	if (len > 2 && rest.at[0] == '[' && rest.at[len - 1] == ']')
		return (struct jwt_slice){rest.at + 1, len - 2};
	if (len > 0 && memchr(rest.at, ':', len) != NULL)
		rest.len = 0;
	return rest;
}

static void
take_one(struct json_object *value, const struct askpass_host *host,
    struct audience *audience)
{
	struct jwt_slice text, scheme;
	size_t i;

	if (!json_object_is_type(value, json_type_string)) {
		audience->faulty = true;
		return;
	}
	text = jwt_json_slice(value);
	if (!take_scheme(&text, &scheme))
		return;
	for (i = 0; i < sizeof(no_logins) / sizeof(no_logins[0]); i++)
		if (jwt_slice_equal_caseless(
			scheme, jwt_slice_of(no_logins[i])) == 1)
			return;
	audience->hosts++;
	if (is_host(host_of(text), host))
		audience->allows = true;
}

static void
take_audience(struct json_object *claims, const struct askpass_host *host,
    struct audience *audience)
{
	struct json_object *value;
	size_t i;

	if (jwt_json_member(claims, "aud", &value) == JWT_MEMBER_ABSENT)
		return;
	if (!json_object_is_type(value, json_type_array)) {
		take_one(value, host, audience);
		return;
	}
	for (i = 0; i < json_object_array_length(value); i++)
		take_one(json_object_array_get_idx(value, i), host, audience);
}

/* What the claims decide; the fault, where it is no, is not of their text. */
static bool
decide(const struct audience *audience, const struct askpass_token *token,
    const struct askpass_host *host, struct jwt_fault *fault)
{
	char quoted[128];

	jwt_quote(quoted, sizeof(quoted), jwt_slice_of(host->name));
	if (audience->faulty)
		jwt_fault_set(fault,
		    "%s: the token's aud is neither a string nor an array of "
		    "them, so it goes to no host",
		    token->where);
	else if (audience->hosts > 0 && host->name[0] == '\0')
		jwt_fault_set(fault,
		    "%s: the token is for certain hosts, and which host asks "
		    "is not certain, so it is not given: use OpenSSH 8.5 or "
		    "later, and the plain name of a host",
		    token->where);
	else if (audience->hosts > 0 && !audience->allows)
		jwt_fault_set(fault,
		    "%s: the token's audience names another host than %s, so "
		    "it is not given: get one for this host, or name its "
		    "domain in $JWT_DOMAINS",
		    token->where, quoted);
	else if (audience->hosts == 0 && !token->chosen)
		jwt_fault_set(fault,
		    "%s: the token's audience names no host, so it is not "
		    "given to one that merely asks: get one for this host, or "
		    "choose this one by $JWT_FILE",
		    token->where);
	else
		return true;
	return false;
}

bool
askpass_audience_allows(const struct askpass_token *token,
    const struct askpass_host *host, struct jwt_fault *fault)
{
	struct audience audience = {0};
	struct jwt_token parts;
	enum jwt_reason result;
	bool allowed = false;

	result = jwt_token_split(token->text, &parts, NULL);
	if (result == JWT_OK)
		result = jwt_token_claims(&parts, NULL);
	if (result == JWT_OK) {
		take_audience(parts.claims, host, &audience);
		allowed = decide(&audience, token, host, fault);
	} else if (result == JWT_NO_MEMORY) {
		jwt_fault_set(fault, "no memory");
	} else {
		jwt_fault_set(fault,
		    "%s: the token's claims cannot be read, so nobody knows "
		    "for which host it is",
		    token->where);
	}
	jwt_json_free_wiped(parts.claims);
	parts.claims = NULL;
	jwt_token_clear(&parts);
	return allowed;
}
