#include <stdlib.h>
#include <string.h>

#include "jwt/provider.h"
#include "netd/netd.h"

#define OIDC "/.well-known/openid-configuration"
#define OAUTH "/.well-known/oauth-authorization-server"

/*
 * A final slash is dropped to make the address, and never to compare.  Where
 * it is inserted, that is between the host and the path.
 */
char *
netd_discovery_url(const char *issuer, bool inserted)
{
	struct jwt_slice host = jwt_url_host(issuer);
	size_t len = strlen(issuer), authority;

	while (len > 0 && issuer[len - 1] == '/')
		len--;
	if (!inserted)
		return jwt_format("%.*s" OIDC, (int)len, issuer);
	authority = (size_t)(host.at + host.len - issuer);
	authority += strcspn(issuer + authority, "/");
	if (authority > len)
		authority = len;
	return jwt_format("%.*s" OAUTH "%.*s", (int)authority, issuer,
	    (int)(len - authority), issuer + authority);
}

static void
say_issuer(struct jwt_slice found, const char *issuer, const char *url,
    struct jwt_fault *fault)
{
	char quoted[160];

	jwt_quote(quoted, sizeof(quoted), found);
	if (memmem(found.at, found.len, "{tenantid}", 10) != NULL)
		jwt_fault_set(fault,
		    "%.200s: its issuer is a template for many tenants, %s; "
		    "configure the issuer of one, with its tenant's id",
		    url, quoted);
	else
		jwt_fault_set(fault,
		    "%.200s: its issuer is %s, and the section's is \"%.100s\"; "
		    "they must be the same byte for byte",
		    url, quoted, issuer);
}

/*
 * Who is asked by https:// far away has no say in what is asked here, on the
 * loopback, where http:// leads.
 */
static const char *
keys_fault(const char *keys, const char *url)
{
	const char *wrong = jwt_url_fault(keys);

	if (wrong == NULL && strncmp(url, "https:", 6) == 0 &&
	    strncmp(keys, "https:", 6) != 0)
		return "is not https, and the document is";
	return wrong;
}

char *
netd_discovery_read(struct jwt_slice document, const char *issuer,
    const char *url, struct jwt_fault *fault)
{
	struct json_object *root = NULL;
	struct jwt_slice text;
	struct jwt_fault inner = {""};
	const char *wrong = NULL;
	char *keys = NULL;

	if (jwt_json_parse_object(document, &root, &inner) != JWT_OK) {
		jwt_fault_set(fault, "%.200s: is no discovery document: %.200s",
		    url, inner.text);
		return NULL;
	}
	if (jwt_json_string(root, "issuer", &text) != JWT_MEMBER_FOUND) {
		jwt_fault_set(fault,
		    "%.200s: is no discovery document: issuer is missing, or "
		    "no string",
		    url);
	} else if (!jwt_slice_equal(text, jwt_slice_of(issuer))) {
		say_issuer(text, issuer, url, fault);
	} else if (jwt_json_string(root, "jwks_uri", &text) !=
		   JWT_MEMBER_FOUND) {
		jwt_fault_set(
		    fault, "%.200s: jwks_uri is missing, or no string", url);
	} else if ((keys = strndup(text.at, text.len)) == NULL) {
		jwt_fault_set(fault, "no memory");
	} else if (strlen(keys) != text.len ||
		   (wrong = keys_fault(keys, url)) != NULL) {
		jwt_fault_set(fault, "%.200s: its jwks_uri %s", url,
		    wrong != NULL ? wrong : "has a NUL in it");
		free(keys);
		keys = NULL;
	}
	jwt_json_free_wiped(root);
	return keys;
}
