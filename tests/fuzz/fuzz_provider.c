/*
 * What a provider answers: lines of a header, a document about itself, and two
 * sets of keys, one after the other, with lines `--` between.  Whatever they
 * hold, only vetted keys are written, an answer that is no good changes
 * nothing, and the next question comes neither soon nor never.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fetched_file.h"
#include "jwt/file.h"
#include "jwt/jwk.h"
#include "jwt/libctx.h"
#include "jwt/provider.h"
#include "netd/netd.h"

#define ISSUER "https://sso.example.com"
#define GRACE 60 /* seconds */
#define MAX_KEYS 6

static OSSL_LIB_CTX *libctx;

/* The host's copy. */
static struct {
	char *bytes;
	size_t len;
	size_t written; /* how often */
} copy;

enum jwt_reason __wrap_netd_replace(int folder, const char *name,
    const char *bytes, size_t len, struct jwt_fault *fault);

enum jwt_reason __wrap_jwt_provider_digest(OSSL_LIB_CTX *ctx,
    const struct jwt_issuer *issuer, char digest[JWT_DIGEST_SIZE]);

int
/* NOLINTNEXTLINE(readability-non-const-parameter): as libFuzzer has it */
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	libctx = jwt_libctx_new();
	check(libctx != NULL, "no memory");
	return 0;
}

enum jwt_reason
__wrap_netd_replace(int folder, const char *name, const char *bytes, size_t len,
    struct jwt_fault *fault)
{
	(void)folder;
	(void)fault;
	check(strcmp(name, "sso.keys") == 0, "another file is written");
	free(copy.bytes);
	copy.bytes = malloc(len);
	check(copy.bytes != NULL, "no memory");
	memcpy(copy.bytes, bytes, len);
	copy.len = len;
	copy.written++;
	fetched_file_set((struct jwt_slice){copy.bytes, copy.len});
	return JWT_OK;
}

enum jwt_reason
__wrap_jwt_provider_digest(OSSL_LIB_CTX *ctx, const struct jwt_issuer *issuer,
    char digest[JWT_DIGEST_SIZE])
{
	(void)ctx;
	(void)issuer;
	memcpy(digest, FETCHED_SOURCE, JWT_DIGEST_SIZE);
	return JWT_OK;
}

/*
 * The header, and the document.
 */

static void
try_waits(const struct netd_answer *answer)
{
	static const int64_t stale[] = {1, 600, 86400, 864000};
	int64_t seconds;
	unsigned int i;

	for (i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
		seconds = netd_wait_well(answer->max_age, stale[i]);
		check(seconds >= 1 && seconds <= 86400 &&
			  (seconds <= stale[i] / 2 || stale[i] == 1),
		    "the next fetch is too late");
		check(seconds >= 270 || stale[i] <= 600,
		    "the next fetch is too soon");
	}
	for (i = 0; i < 100; i++) {
		seconds = netd_wait_failed(i, answer->retry, stale[i % 4]);
		check(seconds >= 60 && seconds <= 86400 &&
			  (seconds == 60 || seconds <= stale[i % 4] / 4),
		    "after a failure it is asked too soon, or too late");
	}
}

static void
try_header(struct jwt_slice header)
{
	struct netd_answer answer = {.max_age = JWT_UNSET, .retry = JWT_UNSET};
	const char *end;
	size_t len;

	while (header.len > 0) {
		end = memchr(header.at, '\n', header.len);
		len = end == NULL ? header.len : (size_t)(end - header.at) + 1;
		netd_answer_header(&answer, header.at, len);
		header.at += len;
		header.len -= len;
	}
	check(answer.max_age == JWT_UNSET || answer.max_age >= 0,
	    "an age is negative");
	check(answer.etag == NULL || (netd_is_etag(answer.etag) &&
					 strpbrk(answer.etag, "\r\n") == NULL),
	    "an ETag would end a line of ours");
	try_waits(&answer);
	free(answer.etag);
}

/* Where it names ours, and the address of the keys is one. */
static void
try_document(struct jwt_slice document)
{
	struct json_object *root = NULL;
	struct jwt_fault fault = {""};
	struct jwt_slice text;
	char *url;

	url = netd_discovery_read(document, ISSUER, "https://url", &fault);
	check((url == NULL) == (fault.text[0] != '\0'),
	    "a refusal has words, and what is taken has none");
	if (url == NULL)
		return;
	check(jwt_json_parse_object(document, &root, NULL) == JWT_OK &&
		  jwt_json_string(root, "issuer", &text) == JWT_MEMBER_FOUND &&
		  jwt_slice_equal(text, jwt_slice_of(ISSUER)),
	    "another issuer's document is believed");
	check(jwt_json_string(root, "jwks_uri", &text) == JWT_MEMBER_FOUND &&
		  jwt_slice_equal(text, jwt_slice_of(url)),
	    "keys are asked for elsewhere than the document says");
	check(strncmp(url, "https://", 8) == 0 ||
		  strncmp(url, "http://127.0.0.1", 16) == 0 ||
		  strncmp(url, "http://localhost", 16) == 0 ||
		  strncmp(url, "http://[::1]", 12) == 0,
	    "keys are asked for without TLS");
	jwt_json_free_wiped(root);
	free(url);
}

/*
 * The keys.
 */

/* As a login reads it. */
static struct jwt_keyset *
read_alone(const char *text)
{
	struct jwt_keyset *set = NULL;
	char *whole = jwt_format("{\"keys\":[%s]}", text);

	check(whole != NULL &&
		  jwt_keyset_parse(libctx, "file", jwt_slice_of(whole), 0644,
		      &set, NULL) == JWT_OK,
	    "a key is written that no login would take");
	free(whole);
	return set;
}

/* What is written: public keys, one for a kid, vetted, and as many as said. */
static size_t
check_copy(int64_t now)
{
	struct jwt_fetched *fetched = NULL;
	struct jwt_fault fault = {""};
	struct jwt_keyset *set = NULL;
	size_t i, gone = 0, usable;
	struct json_object *jwk;
	int64_t left;
	char *text;

	check(jwt_fetched_open("/file", JWT_NO_OWNER, FETCHED_SOURCE, &fetched,
		  &fault) == JWT_OK,
	    "what is written cannot be read");
	check(fetched->confirmed == now, "it is of another time");
	check(fetched->keys <= (size_t)2 * MAX_KEYS, "there are too many keys");
	for (i = 0; i < fetched->keys; i++) {
		check(
		    jwt_fetched_at(fetched, i, &text, &left, &fault) == JWT_OK,
		    "a key that is written cannot be read");
		check(jwt_jwk_parse("file", jwt_slice_of(text), &jwk, NULL) ==
			  JWT_OK,
		    "what is written is no JSON");
		check(jwt_jwk_private_member(jwk) == NULL &&
			  !jwt_jwk_is(jwk, JWT_KTY_OCT),
		    "a secret is written");
		set = read_alone(text);
		check(left == 0 || (left <= now && left + GRACE > now),
		    "a key is kept beyond its grace");
		check(left == 0 || set->usable == 1,
		    "a refused key is kept, or one for other use");
		gone += left != 0;
		jwt_keyset_free(set);
		jwt_json_free_wiped(jwk);
		free(text);
	}
	usable = fetched->usable;
	check(usable > 0 && usable + gone <= fetched->keys,
	    "a set without a good key is written");
	jwt_fetched_close(fetched);
	return usable;
}

static const struct jwt_config *
configured(struct jwt_issuer *issuer, struct jwt_config *config)
{
	static char label[] = "sso", keys[] = "/file", user[] = "root";

	*issuer = (struct jwt_issuer){.label = label,
	    .keys = keys,
	    .fetched = true,
	    .provider = {.key_grace = GRACE, .max_keys = MAX_KEYS}};
	*config = (struct jwt_config){.fetcher = {.user = user}};
	return config;
}

/* true: it was taken. */
static bool
try_answer(struct jwt_slice document, int64_t now)
{
	size_t written = copy.written;
	struct jwt_fault fault = {""};
	struct jwt_config config;
	struct jwt_issuer issuer;
	enum jwt_reason reason;
	struct netd_set set;

	reason = netd_publish(-1, configured(&issuer, &config), &issuer,
	    document, "https://url", now, false, &set, &fault);
	check(reason == JWT_OK || reason == JWT_KEYS_UNAVAILABLE,
	    "an answer makes a fault of ours");
	check((reason == JWT_OK) == (fault.text[0] == '\0'),
	    "a refusal has words, and a set that is taken has none");
	check(copy.written == written + (reason == JWT_OK),
	    "an answer that is no good changes something");
	check_queue();
	if (reason == JWT_OK)
		check(check_copy(now) == set.usable && set.usable <= MAX_KEYS,
		    "another number of keys is told");
	netd_set_clear(&set);
	return reason == JWT_OK;
}

/* The same once more, or 304, changes neither keys nor their number. */
static void
try_again(struct jwt_slice document, int64_t now)
{
	struct jwt_fault fault = {""};
	struct jwt_config config;
	struct jwt_issuer issuer;
	struct netd_set set;

	check(netd_publish(-1, configured(&issuer, &config), &issuer, document,
		  "https://url", now, false, &set, &fault) == JWT_OK &&
		  set.added == 0 && set.gone == 0,
	    "the same answer again changes the keys");
	check(check_copy(now) == set.usable, "it changes their number");
	netd_set_clear(&set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct jwt_slice rest = {len > 0 ? (const char *)data : "", len}, first;

	try_header(take_part(&rest));
	try_document(take_part(&rest));
	first = take_part(&rest);
	fetched_file_set((struct jwt_slice){NULL, 0});
	copy.written = 0;
	if (try_answer(first, 1000)) {
		try_again(first, 1010);
		try_again((struct jwt_slice){NULL, 0}, 1020);
	}
	if (try_answer(rest, 1030)) {
		try_again(rest, 1040);
		try_again((struct jwt_slice){NULL, 0}, 1030 + GRACE - 1);
		try_again((struct jwt_slice){NULL, 0}, 1030 + GRACE);
	}
	check_queue();
	return 0;
}
