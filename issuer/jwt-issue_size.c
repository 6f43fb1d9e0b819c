/*
 * Whether a token fits, and what takes the room in one that does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "issuer/jwt-issue.h"
#include "jwt/token.h"

#define EDWARDS_CHARACTERS 86 /* of an Ed25519 or ES256 signature */
#define SHOWN_MAX 60          /* characters of a claim's name */

/* Bytes of a value as JSON text. */
static size_t
text_size(struct json_object *value)
{
	size_t len = 0;

	json_object_to_json_string_length(value,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	return len;
}

static void
report_header(FILE *out, const struct jwt_token *token, size_t header)
{
	fprintf(out, "  header     %4zu  ", header);
	fprintf(out, "alg %.*s, ", (int)token->alg.len, token->alg.at);
	if (token->has_kid)
		fprintf(out, "kid of %zu bytes, ", token->kid.len);
	fprintf(out, "typ " ISSUE_TYP "\n");
}

static void
report_claims(FILE *out, const struct jwt_token *token, size_t payload)
{
	fprintf(out, "  payload    %4zu  base64url of %zu bytes:\n", payload,
	    token->payload_len);
	json_object_object_foreach(token->claims, name, value)
	{
		/* With the quotes, the colon and a comma or bracket. */
		fprintf(out, "    %6zu  %.*s\n",
		    strlen(name) + text_size(value) + 4, SHOWN_MAX, name);
	}
}

static void
report_signature(FILE *out, size_t signature)
{
	fprintf(out, "  signature  %4zu", signature);
	if (signature > EDWARDS_CHARACTERS)
		fprintf(out, "  an EdDSA or ES256 key makes %d",
		    EDWARDS_CHARACTERS);
	fprintf(out, "\n");
}

/* NULL where there is no memory: the refusal stands without it. */
static char *
make_report(const char *text)
{
	struct jwt_slice whole = jwt_slice_of(text);
	struct jwt_token token;
	char *report = NULL;
	size_t header, size = 0;
	FILE *out;

	if (jwt_token_split(whole, &token, NULL) == JWT_OK &&
	    jwt_token_header(&token, NULL) == JWT_OK &&
	    jwt_token_claims(&token, NULL) == JWT_OK &&
	    (out = open_memstream(&report, &size)) != NULL) {
		header = strcspn(text, ".");
		report_header(out, &token, header);
		report_claims(out, &token, token.input.len - header - 1);
		report_signature(out, whole.len - token.input.len - 1);
		fprintf(out, "  dots          2\n");
		if (fclose(out) != 0) {
			free(report);
			report = NULL;
		}
	}
	jwt_token_clear(&token);
	return report;
}

int
issue_size_check(const char *token, char **report, struct jwt_fault *fault)
{
	size_t size = strlen(token);

	*report = NULL;
	if (size <= ISSUE_TOKEN_MAX)
		return EX_OK;
	jwt_fault_set(fault,
	    "the token would have %zu bytes, and at most %d pass every "
	    "prompt; what takes the room:",
	    size, ISSUE_TOKEN_MAX);
	*report = make_report(token);
	return EX_DATAERR;
}
