#include "other.h"

#include <rhonabwy.h>
#include <stdlib.h>
#include <string.h>

#include "../authenticate/base64.h"

#define NO_NETWORK R_FLAG_IGNORE_REMOTE

/*
 * What it leaks itself is no matter of this test.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void
look_away(bool away)
{
	if (__lsan_disable == NULL)
		return;
	if (away)
		__lsan_disable();
	else
		__lsan_enable();
}

void
other_build(void)
{
	must(r_global_init() == RHN_OK);
}

void *
other_key(const char *jwk)
{
	jwk_t *key = NULL;

	must(r_jwk_init(&key) == RHN_OK &&
	     r_jwk_import_from_json_str(key, jwk) == RHN_OK);
	return key;
}

char *
other_sign(void *key, const char *algorithm, const char *note,
    const void *payload, size_t len)
{
	jws_t *jws = NULL;
	char *text, *token;

	look_away(true);
	must(r_jws_init(&jws) == RHN_OK &&
	     r_jws_set_alg(jws, r_str_to_jwa_alg(algorithm)) == RHN_OK &&
	     r_jws_set_header_str_value(jws, "note", note) == RHN_OK &&
	     r_jws_set_header_str_value(jws, "kid", "k") == RHN_OK &&
	     r_jws_set_payload(jws, payload, len) == RHN_OK);
	text = r_jws_serialize(jws, key, NO_NETWORK);
	must(text != NULL);
	r_jws_free(jws);
	look_away(false);
	must((token = strdup(text)) != NULL);
	r_free(text);
	return token;
}

bool
other_verifies(void *key, const char *token, size_t len)
{
	jws_t *jws = NULL;
	bool result;

	look_away(true);
	must(r_jws_init(&jws) == RHN_OK);
	result = r_jws_advanced_parsen(
		     jws, token, len, R_PARSE_NONE, NO_NETWORK) == RHN_OK &&
	         r_jws_verify_signature(jws, key, NO_NETWORK) == RHN_OK;
	r_jws_free(jws);
	look_away(false);
	return result;
}
