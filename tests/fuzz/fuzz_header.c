/*
 * A token's shape, its header and its claims, before any key is known.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jwt/base64url.h"
#include "jwt/token.h"
#include "mutate.h"

static size_t
dots_of(struct jwt_slice text)
{
	size_t count = 0, i;

	for (i = 0; i < text.len; i++)
		count += text.at[i] == '.';
	return count;
}

/* Nothing of these may stand in a header that passes. */
static void
check_header(const struct jwt_token *token)
{
	static const char *const unwanted[] = {
	    "crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"};
	struct json_object *value;
	struct jwt_slice cty, kid;
	size_t i;

	check(json_object_is_type(token->header, json_type_object),
	    "the header is no object");
	for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		check(json_object_object_get_ex(
			  token->header, unwanted[i], &value) == 0,
		    unwanted[i]);
	check(json_object_object_get_ex(token->header, "alg", &value) &&
		  json_object_is_type(value, json_type_string) &&
		  jwt_slice_equal(jwt_json_slice(value), token->alg),
	    "alg is no string, or another one");
	check(token->algorithm == NULL ||
		  jwt_slice_equal(
		      token->alg, jwt_slice_of(token->algorithm->name)),
	    "the algorithm is another than alg says");
	check(token->has_kid == (jwt_json_string(token->header, "kid", &kid) ==
				    JWT_MEMBER_FOUND),
	    "a kid is there and not there");
	check(jwt_json_string(token->header, "cty", &cty) != JWT_MEMBER_FOUND ||
		  !jwt_media_type_equals(cty, "JWT"),
	    "a token inside a token passes");
}

/* The three parts are what was decoded, in the text as it was received. */
static void
check_parts(struct jwt_slice text, const struct jwt_token *token)
{
	struct jwt_slice input = token->input;
	char *payload, *signature = NULL;
	const char *dot;

	check(dots_of(text) == 2, "there are not two dots");
	check(input.at == text.at && input.len < text.len &&
		  text.at[input.len] == '.',
	    "what is signed does not end at the second dot");
	dot = memchr(input.at, '.', input.len);
	check(dot != NULL, "what is signed has no dot");
	payload = jwt_base64url_encode(token->payload, token->payload_len);
	check(jwt_slice_equal(jwt_slice_of(payload),
		  (struct jwt_slice){
		      dot + 1, input.len - (size_t)(dot + 1 - input.at)}),
	    "the payload is another than the one in the text");
	free(payload);
	if (token->ragged) {
		check(token->signature == NULL, "a ragged signature has bytes");
		return;
	}
	check(token->signature_len > 0, "the signature is empty");
	signature =
	    jwt_base64url_encode(token->signature, token->signature_len);
	check(jwt_slice_equal(jwt_slice_of(signature),
		  (struct jwt_slice){
		      text.at + input.len + 1, text.len - input.len - 1}),
	    "the signature is another than the one in the text");
	free(signature);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice text = {(const char *)bytes, len};
	struct jwt_fault fault = {""};
	struct jwt_token token;
	enum jwt_reason reason;

	reason = jwt_token_split(text, &token, &fault);
	check(reason == JWT_OK || reason == JWT_TOO_LONG ||
		  reason == JWT_NOT_A_JWT || reason == JWT_CUT_OFF ||
		  reason == JWT_MALFORMED,
	    "the shape gives another reason");
	check((reason == JWT_OK) == (fault.text[0] == '\0'),
	    "a refusal has words, and a text that is taken has none");
	check((len > JWT_TOKEN_MAX) == (reason == JWT_TOO_LONG),
	    "the length is judged by itself");
	if (reason == JWT_OK) {
		check_parts(text, &token);
		reason = jwt_token_header(&token, &fault);
		check(reason == JWT_OK || reason == JWT_HEADER_INVALID,
		    "the header gives another reason");
		if (reason == JWT_OK)
			check_header(&token);
		reason = jwt_token_outline(&token, &fault);
		check(reason == JWT_OK || reason == JWT_CLAIMS_INVALID,
		    "the claims give another reason");
		check(reason == jwt_token_claims(&token, NULL),
		    "the outline is as strict as the whole");
		check((reason == JWT_OK) == (token.outline != NULL),
		    "there is an outline of what was refused");
		check((reason == JWT_OK) == (token.claims != NULL),
		    "there are claims that were refused");
	}
	jwt_token_clear(&token);
	(void)jwt_is_stand_in(text);
	return 0;
}

size_t
LLVMFuzzerCustomMutator(
    uint8_t *bytes, size_t len, size_t max, unsigned int seed)
{
	return mutate_token(bytes, len, max, seed);
}
