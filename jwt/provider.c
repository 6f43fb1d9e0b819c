#include "provider.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT 3 /* seconds, and the most */
#define REFETCH_DEFAULT 60
#define STALE_DEFAULT (24 * 60 * 60)
#define KEYS_DEFAULT 64
#define KEYS_MOST 16384
#define BYTES_DEFAULT (256 * 1024)
#define BYTES_MOST (16 * 1024 * 1024)
#define URL_MAX 1024

struct jwt_provider
jwt_provider_unset(void)
{
	return (struct jwt_provider){.key_grace = JWT_UNSET,
	    .stale_after = JWT_UNSET,
	    .fetch_timeout = JWT_UNSET,
	    .refetch_every = JWT_UNSET,
	    .max_keys = JWT_UNSET,
	    .max_bytes = JWT_UNSET};
}

/*
 * Addresses.
 */

/* What follows the scheme; NULL: it is another one. */
static const char *
after_scheme(const char *url, const char *scheme)
{
	size_t len = strlen(scheme);

	return strncmp(url, scheme, len) == 0 ? url + len : NULL;
}

static const char *
authority(const char *url)
{
	const char *at = after_scheme(url, "https://");

	return at != NULL ? at : after_scheme(url, "http://");
}

struct jwt_slice
jwt_url_host(const char *url)
{
	struct jwt_slice host = {authority(url), 0};

	if (host.at == NULL)
		return host;
	if (host.at[0] == '[')
		return (struct jwt_slice){
		    host.at + 1, strcspn(++host.at, "]/?#")};
	host.len = strcspn(host.at, ":/?#");
	return host;
}

static bool
is_loopback(struct jwt_slice host)
{
	return jwt_slice_equal(host, jwt_slice_of("localhost")) ||
	       jwt_slice_equal(host, jwt_slice_of("127.0.0.1")) ||
	       jwt_slice_equal(host, jwt_slice_of("::1"));
}

/* Letters, digits, `.` and `-`; within brackets digits and colons. */
static const char *
host_fault(const char *url)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	static const char address[] = "0123456789abcdefABCDEF:.";
	struct jwt_slice host = jwt_url_host(url);
	const char *end = host.at + host.len;
	bool brackets = host.at[-1] == '[';
	size_t digits;

	if (host.len == 0 ||
	    strspn(host.at, brackets ? address : name) < host.len ||
	    (brackets && *end++ != ']'))
		return "has no host's name after //";
	if (*end == ':') {
		digits = strspn(++end, "0123456789");
		if (digits == 0 || digits > 5)
			return "has no number behind the host's colon";
		end += digits;
	}
	if (*end != '\0' && strchr("/?#", *end) == NULL)
		return "has something behind the host that is no path";
	return NULL;
}

/* What any address must be like, whatever it is for. */
static const char *
address_fault(const char *url)
{
	const char *at = authority(url), *wrong;
	size_t i;

	if (at == NULL)
		return "must begin with https://";
	if (strlen(url) > URL_MAX)
		return "is longer than 1024 bytes";
	for (i = 0; url[i] != '\0'; i++)
		if ((unsigned char)url[i] <= ' ' ||
		    (unsigned char)url[i] >= 0x7f || url[i] == '\\')
			return "has a byte that is written with % in a URL";
	if (memchr(at, '@', strcspn(at, "/?#")) != NULL)
		return "names a user, which would stand in logs";
	if ((wrong = host_fault(url)) != NULL)
		return wrong;
	if (strchr(url, '#') != NULL)
		return "has a # and what is behind it is never asked for";
	return NULL;
}

const char *
jwt_url_fault(const char *url)
{
	const char *wrong = address_fault(url);

	if (wrong == NULL && after_scheme(url, "http://") != NULL &&
	    !is_loopback(jwt_url_host(url)))
		return "must be https://: whoever can change what comes over "
		       "http:// could log in (http:// is taken from "
		       "localhost, 127.0.0.1 and [::1] alone)";
	return wrong;
}

const char *
jwt_proxy_fault(const char *url)
{
	return address_fault(url);
}

/*
 * Settings.
 */

enum jwt_reason
jwt_apply_fetch_timeout(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	enum jwt_reason result = jwt_apply_duration(words, field, fault);
	const int64_t *seconds = field;

	if (result == JWT_OK && *seconds > TIMEOUT_DEFAULT) {
		jwt_fault_set(fault,
		    "'%.100s' is more than the %d seconds that a login may "
		    "wait; pam-jwtd goes on fetching, and the next login has "
		    "the keys",
		    words->at[0].text, TIMEOUT_DEFAULT);
		return JWT_CONFIG_ERROR;
	}
	return result;
}

/* Digits, from 1 to the most. */
static enum jwt_reason
apply_number(const struct jwt_words *words, int64_t *number, int64_t most,
    struct jwt_fault *fault)
{
	const struct jwt_word *word;
	size_t len;

	if ((word = jwt_single_word(words, fault)) == NULL)
		return JWT_CONFIG_ERROR;
	len = strspn(word->text, "0123456789");
	*number = len > 0 && len < 10 && word->text[len] == '\0'
	              ? strtol(word->text, NULL, 10)
	              : 0;
	if (*number >= 1 && *number <= most)
		return JWT_OK;
	jwt_fault_set(fault, "'%.100s' is no number from 1 to %lld", word->text,
	    (long long)most);
	return JWT_CONFIG_ERROR;
}

enum jwt_reason
jwt_apply_max_keys(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	return apply_number(words, field, KEYS_MOST, fault);
}

enum jwt_reason
jwt_apply_max_bytes(
    const struct jwt_words *words, void *field, struct jwt_fault *fault)
{
	return apply_number(words, field, BYTES_MOST, fault);
}

/*
 * A whole section.
 */

const char *
jwt_provider_issuer(const struct jwt_issuer *issuer)
{
	size_t i;

	for (i = 0; i < issuer->issuer.count; i++)
		if (jwt_url_fault(issuer->issuer.at[i]) == NULL &&
		    strchr(issuer->issuer.at[i], '?') == NULL)
			return issuer->issuer.at[i];
	return NULL;
}

/* Settings that say how to fetch, where nothing is fetched, are a mistake. */
static const char *
first_set(const struct jwt_provider *provider)
{
	const struct {
		bool set;
		const char *name;
	} settings[] = {
	    {provider->ca_file != NULL, "ca_file"},
	    {provider->proxy != NULL, "proxy"},
	    {provider->key_grace != JWT_UNSET, "key_grace"},
	    {provider->stale_after != JWT_UNSET, "stale_after"},
	    {provider->fetch_timeout != JWT_UNSET, "fetch_timeout"},
	    {provider->refetch_every != JWT_UNSET, "refetch_every"},
	    {provider->max_keys != JWT_UNSET, "max_keys"},
	    {provider->max_bytes != JWT_UNSET, "max_bytes"},
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (settings[i].set)
			return settings[i].name;
	return NULL;
}

static enum jwt_reason
find_faults(const struct jwt_config *config, const struct jwt_issuer *issuer,
    struct jwt_faults *faults)
{
	const struct jwt_provider *provider = &issuer->provider;
	int ways = (issuer->keys != NULL) + (provider->jwks_url != NULL) +
	           provider->discovery;

	if (ways > 1)
		return jwt_faults_add(faults, config->source, issuer->line,
		    "keys, jwks_url and discovery exclude each other");
	if (issuer->keys != NULL && first_set(provider) != NULL)
		return jwt_faults_add(faults, config->source, issuer->line,
		    "%s is for keys that are fetched, and keys names a file",
		    first_set(provider));
	if (issuer->keys == NULL && issuer->line == 0)
		return jwt_faults_add(faults, config->source, 0,
		    "what pam-jwtd shall fetch stands in " JWT_CONFIG_FILE
		    ", which it reads; here keys= may name a file");
	if (provider->discovery && jwt_provider_issuer(issuer) == NULL)
		return jwt_faults_add(faults, config->source, issuer->line,
		    "discovery needs an issuer that begins with https:// and "
		    "has no query");
	if (provider->stale_after == 0)
		return jwt_faults_add(faults, config->source, issuer->line,
		    "stale_after = 0 would believe no key");
	return JWT_OK;
}

static void
set_default(int64_t *number, int64_t value)
{
	if (*number == JWT_UNSET)
		*number = value;
}

enum jwt_reason
jwt_provider_complete(struct jwt_config *config, struct jwt_issuer *issuer,
    struct jwt_faults *faults)
{
	struct jwt_provider *provider = &issuer->provider;
	enum jwt_reason result;

	if ((result = find_faults(config, issuer, faults)) != JWT_OK)
		return result;
	if (issuer->keys != NULL)
		return JWT_OK;
	issuer->fetched = true;
	set_default(&provider->key_grace, 0);
	set_default(&provider->stale_after, STALE_DEFAULT);
	set_default(&provider->fetch_timeout, TIMEOUT_DEFAULT);
	set_default(&provider->refetch_every, REFETCH_DEFAULT);
	set_default(&provider->max_keys, KEYS_DEFAULT);
	set_default(&provider->max_bytes, BYTES_DEFAULT);
	issuer->keys =
	    jwt_format("%s/%s.keys", config->fetcher.folder, issuer->label);
	return issuer->keys == NULL ? JWT_NO_MEMORY : JWT_OK;
}

static bool
set_text(char **text, const char *value)
{
	if (*text == NULL)
		*text = strdup(value);
	return *text != NULL;
}

enum jwt_reason
jwt_fetcher_complete(struct jwt_config *config)
{
	struct jwt_fetcher *fetcher = &config->fetcher;

	return set_text(&fetcher->user, JWT_FETCHER_USER) &&
	               set_text(&fetcher->folder, JWT_FETCHER_FOLDER) &&
	               set_text(&fetcher->socket, JWT_FETCHER_SOCKET)
	           ? JWT_OK
	           : JWT_NO_MEMORY;
}

/* Two texts that cannot be taken for each other. */
enum jwt_reason
jwt_provider_digest(OSSL_LIB_CTX *libctx, const struct jwt_issuer *issuer,
    char digest[JWT_DIGEST_SIZE])
{
	const struct jwt_provider *provider = &issuer->provider;
	char *text;
	enum jwt_reason result;

	text =
	    jwt_format("%s %s", provider->discovery ? "discovery" : "jwks_url",
		provider->discovery ? jwt_provider_issuer(issuer)
				    : provider->jwks_url);
	if (text == NULL)
		return JWT_NO_MEMORY;
	result = jwt_digest(libctx, jwt_slice_of(text), digest);
	free(text);
	return result;
}
