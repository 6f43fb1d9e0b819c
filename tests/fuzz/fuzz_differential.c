/*
 * Three implementations sign and verify each other's tokens: the library,
 * OpenSSL by code written from the RFCs, and rhonabwy over GnuTLS.  What
 * nobody changed all of them accept; of what was changed, the library accepts
 * exactly what OpenSSL's code does, and nothing that the other refuses.
 *
 * An input: the algorithm, the keys and the signer, how the signer is made to
 * sign otherwise, how many changes, the changes, and the payload.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "authenticate/base64.h"
#include "check.h"
#include "differential/attack.h"
#include "differential/openssl.h"
#include "differential/other.h"
#include "jwt/signature.h"
#include "jwt/token.h"

enum signer {
	BY_LIBRARY,
	BY_OPENSSL,
	BY_OTHER,
	SIGNERS
};

/* A signer that does what no honest one would. */
enum trick {
	HONEST,
	OTHER_ALGORITHM,  /* one that the key's type can do, and says so */
	PUBLIC_AS_SECRET, /* the public key is the secret of HS256 */
	PEM_AS_SECRET,
	NO_ALGORITHM, /* "none", and no signature */
	OTHER_SALT,   /* PSS, by a length that is not the hash's */
	TRICKS
};

struct test {
	size_t algorithm;
	const struct keypair *key;      /* signs */
	const struct keypair *verifier; /* is given to all three */
	enum signer signer;
	enum trick trick;
	uint8_t detail; /* of the trick, and of the header */
	const uint8_t *payload;
	size_t len;
};

int
/* The type is libFuzzer's.  NOLINTNEXTLINE(readability-non-const-parameter) */
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	keypair_build();
	return 0;
}

static bool
library_verifies(const struct keypair *key, const struct text *token)
{
	struct jwt_slice slice = {token->at, token->len};
	struct jwt_fault fault = {""};
	struct jwt_token split;
	enum jwt_reason reason;

	reason = jwt_token_split(slice, &split, &fault);
	if (reason == JWT_OK)
		reason = jwt_token_header(&split, &fault);
	if (reason == JWT_OK)
		reason = jwt_token_verify(
		    keypair_libctx, key->public, &split, &fault);
	jwt_token_clear(&split);
	if (reason == JWT_INTERNAL_ERROR || reason == JWT_NO_MEMORY)
		fprintf(stderr, "broken: %s\n", jwt_reason_name(reason));
	must(reason != JWT_INTERNAL_ERROR && reason != JWT_NO_MEMORY);
	must(ERR_peek_error() == 0);
	return reason == JWT_OK;
}

/* A number of members, none of which any of the three objects to. */
static char *
make_input(const struct test *test, const char *alg)
{
	static const char *const more[] = {"", ",\"typ\":\"JWT\"",
	    ",\"note\":\"\\u00e4\\n\"", ",\"kid\":\"k\"",
	    ",\"kid\":\"k\",\"x\":[1,{\"y\":null}]"};
	char *json, *header, *payload, *input;

	must(asprintf(&json, "{\"alg\":\"%s\"%s}", alg,
		 more[test->detail % (sizeof(more) / sizeof(more[0]))]) > 0);
	header = base64_encode(json, strlen(json));
	payload = base64_encode(test->payload, test->len);
	must(asprintf(&input, "%s.%s", header, payload) > 0);
	free(json);
	free(header);
	free(payload);
	return input;
}

/* The signature of a signer that is not honest; its algorithm's name. */
static const char *
name_of_trick(const struct test *test)
{
	const struct algorithm *row = test->key->algorithm, *other;

	if (test->trick == NO_ALGORITHM)
		return test->detail % 2 == 0 ? "none" : "None";
	if (test->trick == PUBLIC_AS_SECRET || test->trick == PEM_AS_SECRET)
		return "HS256";
	if (test->trick != OTHER_ALGORITHM)
		return row->name;
	other = keypair(test->detail, 0)->algorithm;
	if (strcmp(other->type, row->type) != 0 ||
	    (row->curve != NULL && strcmp(other->curve, row->curve) != 0))
		return row->name;
	return other->name;
}

static size_t
sign_by_openssl(const struct test *test, const char *alg, const char *input,
    unsigned char *bytes)
{
	const struct keypair *key = test->key;
	size_t len;
	char *pem;

	if (test->trick == NO_ALGORITHM)
		return 0;
	if (test->trick == PUBLIC_AS_SECRET)
		return openssl_mac(
		    key->public_text, strlen(key->public_text), input, bytes);
	if (test->trick == PEM_AS_SECRET && key->pkey != NULL) {
		pem = openssl_pem(key);
		len = openssl_mac(pem, strlen(pem), input, bytes);
		free(pem);
		return len;
	}
	return openssl_sign(key, algorithm_find(alg),
	    test->trick == OTHER_SALT ? test->detail % 64
				      : RSA_PSS_SALTLEN_DIGEST,
	    input, bytes);
}

static char *
sign(struct test *test)
{
	const struct jwt_algorithm *algorithm;
	unsigned char bytes[JWT_SIGNATURE_MAX];
	const char *alg = name_of_trick(test);
	char *input, *signature, *token;
	size_t len;

	if (test->signer == BY_OTHER)
		return other_sign(test->key->other_private,
		    test->key->algorithm->name,
		    test->detail % 2 == 0 ? "" : "a \"note\"", test->payload,
		    test->len);
	input = make_input(test, alg);
	if (test->signer == BY_LIBRARY) {
		algorithm = jwt_algorithm_find(jwt_slice_of(alg));
		must(
		    jwt_signature_make(keypair_libctx, &test->key->private,
			algorithm, jwt_slice_of(input), bytes, &len) == JWT_OK);
	} else {
		len = sign_by_openssl(test, alg, input, bytes);
	}
	signature = base64_encode(bytes, len);
	must(asprintf(&token, "%s.%s", input, signature) > 0);
	free(signature);
	free(input);
	return token;
}

static void disagree(const struct test *test, const struct text *token,
    const char *what) __attribute__((noreturn));

static void
disagree(const struct test *test, const struct text *token, const char *what)
{
	fprintf(stderr,
	    "\nbroken: %s, signed by %d with trick %d: %s\n%.*s\nunder %s\n",
	    test->key->algorithm->name, (int)test->signer, (int)test->trick,
	    what, (int)token->len, token->at, test->verifier->public_text);
	abort();
}

/* Whether the header is the one that was signed. */
static bool
has_header(const struct text *token, const char *original)
{
	size_t len = strcspn(original, ".") + 1;

	return token->len >= len && memcmp(token->at, original, len) == 0;
}

static void
compare(const struct test *test, const struct text *token, const char *original)
{
	const struct keypair *key = test->verifier;
	bool library, openssl, other = true, unchanged;

	unchanged = token->len == strlen(original) &&
	            memcmp(token->at, original, token->len) == 0;
	library = library_verifies(key, token);
	openssl = openssl_verifies(key, token->at, token->len);
	/*
	 * Asked where its answer matters, because it is slow, and not about
	 * an empty payload, which it takes for a missing one.
	 */
	if (key->other_public != NULL && (library || unchanged) &&
	    memmem(token->at, token->len, "..", 2) == NULL)
		other =
		    other_verifies(key->other_public, token->at, token->len);
	if (library && !openssl)
		disagree(test, token, "OpenSSL refuses what is accepted");
	if (library && !other)
		disagree(test, token, "the other refuses what is accepted");
	/* A header may be refused for what it says. */
	if (openssl && !library && has_header(token, original))
		disagree(test, token, "what OpenSSL accepts is refused");
	if (unchanged && key == test->key && test->trick == HONEST &&
	    (!library || !openssl || !other))
		disagree(test, token, "an honest token is refused");
	if (library && key != test->key)
		disagree(test, token, "it holds under another key");
}

static void
read_test(struct test *test, const uint8_t head[5])
{
	test->algorithm = head[0] % keypair_algorithms();
	test->key = keypair(test->algorithm, head[1]);
	test->verifier = test->key;
	if ((head[1] & 0xe0) == 0xe0)
		test->verifier = keypair(test->algorithm, head[1] + 1U);
	test->signer = (enum signer)(head[2] % SIGNERS);
	test->trick = (enum trick)(head[3] % TRICKS);
	test->detail = head[4];
	/* The other has not every algorithm, and only OpenSSL is dishonest. */
	if (test->trick != HONEST ||
	    (test->signer == BY_OTHER &&
		(test->key->other_public == NULL || test->len == 0)))
		test->signer = BY_OPENSSL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct test test = {0};
	struct text token;
	size_t count, i;
	char *original;

	if (len < 6 || len > 4096)
		return 0;
	count = bytes[5] % 4;
	if (len < 6 + count * ATTACK_SIZE)
		return 0;
	test.payload = bytes + 6 + count * ATTACK_SIZE;
	test.len = len - 6 - count * ATTACK_SIZE;
	read_test(&test, bytes);
	original = sign(&test);
	must((token.at = strdup(original)) != NULL);
	token.len = strlen(token.at);
	for (i = 0; i < count; i++)
		attack(&token, test.verifier, bytes + 6 + i * ATTACK_SIZE);
	compare(&test, &token, original);
	free(token.at);
	free(original);
	return 0;
}
