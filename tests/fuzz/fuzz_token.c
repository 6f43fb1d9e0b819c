/*
 * A whole token against keys of every kind, through the verifier and through
 * the verdict.  Of all texts those alone are accepted whose header and payload
 * the keys have signed, byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "files.h"
#include "jwt/keyset.h"
#include "jwt/libctx.h"
#include "jwt/token.h"
#include "log_line.h"
#include "mutate.h"
#include "ring.h"

/* Secrets first: a refusal costs a check by the first section's keys. */
static const char config_text[] =
    "[issuer app]\n"
    "issuer = https://app.example.com\n"
    "keys = " RING_SECRET_PATH "\n"
    "audience = ssh\n"
    "algorithms = HS256 HS384 HS512\n"
    "system_accounts = deploy\n"
    "[issuer sso]\n"
    "issuer = https://sso.example.com\n"
    "keys = " RING_PUBLIC_PATH "\n"
    "audience = ssh\n"
    "algorithms = RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512\n"
    "    ES256K EdDSA Ed25519 Ed448\n"
    "system_accounts = deploy\n";

static struct {
	OSSL_LIB_CTX *libctx;
	struct jwt_keyset *sets[2];
	struct jwt_config *config;
} fixed;

static bool
verify(struct jwt_slice text)
{
	struct jwt_token token;
	bool accepted = false;
	size_t i;

	if (jwt_token_split(text, &token, NULL) == JWT_OK &&
	    jwt_token_header(&token, NULL) == JWT_OK) {
		for (i = 0; i < 2; i++) {
			if (jwt_token_verify(fixed.libctx, fixed.sets[i],
				&token, NULL) != JWT_OK)
				continue;
			accepted = true;
			check(ring_has_signed(token.input),
			    "a signature holds over what was never signed");
		}
	}
	jwt_token_clear(&token);
	check_queue();
	return accepted;
}

static bool
judge(struct jwt_slice text, bool verified)
{
	struct jwt_attempt attempt = {.config = fixed.config,
	    .answer = text,
	    .user = "deploy",
	    .service = "sshd",
	    .host = "web1",
	    .now = RING_NOW};
	struct jwt_verdict verdict;
	enum jwt_reason reason;

	reason = jwt_judge(&attempt, &verdict);
	check(reason == verdict.reason, "the verdict tells another reason");
	check(reason != JWT_INTERNAL_ERROR && reason != JWT_NO_MEMORY &&
		  reason != JWT_CONFIG_ERROR && reason != JWT_KEYS_UNAVAILABLE,
	    "a token makes a fault of ours");
	check(!verdict.signature_holds || verified,
	    "the verdict believes a signature that the verifier refuses");
	check(reason != JWT_OK || verdict.signature_holds,
	    "a token is accepted without its signature");
	check(!verdict.names_account || verdict.signature_holds,
	    "an unsigned token names an account");
	check_log_line(&verdict);
	jwt_verdict_clear(&verdict);
	check_queue();
	return reason == JWT_OK;
}

int
/* NOLINTNEXTLINE(readability-non-const-parameter): as libFuzzer has it */
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct jwt_faults faults = {0};
	struct jwt_slice text;
	size_t i;

	(void)argc;
	(void)argv;
	fixed.libctx = jwt_libctx_new();
	files_add(RING_PUBLIC_PATH, jwt_slice_of(ring_public));
	files_add(RING_SECRET_PATH, jwt_slice_of(ring_secret));
	files_add("/config", jwt_slice_of(config_text));
	check(jwt_config_read("/config", &fixed.config, &faults) == JWT_OK,
	    "the configuration is refused");
	check(jwt_keyset_read(fixed.libctx, RING_PUBLIC_PATH, &fixed.sets[0],
		  NULL) == JWT_OK &&
		  jwt_keyset_read(fixed.libctx, RING_SECRET_PATH,
		      &fixed.sets[1], NULL) == JWT_OK,
	    "the keys are refused");
	for (i = 0; i < RING_TOKENS; i++) {
		text = jwt_slice_of(ring_token[i]);
		check(verify(text) && judge(text, true),
		    "a good token is refused");
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice text = {(const char *)bytes, len};

	judge(text, verify(text));
	return 0;
}

size_t
LLVMFuzzerCustomMutator(
    uint8_t *bytes, size_t len, size_t max, unsigned int seed)
{
	return mutate_token(bytes, len, max, seed);
}
