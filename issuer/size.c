/*
 * Whether a token fits, and what takes the room in one that does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/claims.h"
#include "jwt/token.h"

#define EDWARDS_CHARACTERS 86 /* of an Ed25519 or ES256 signature */
#define NAME_SIZE 32          /* of a claim's name, with its NUL */
#define LIST_SIZE 256         /* of the list of claims, with its NUL */

struct part {
	const char *name;
	size_t size; /* with the quotes, the colon and a comma or bracket */
};

static int
compare_parts(const void *a, const void *b)
{
	const struct part *one = a, *other = b;

	if (one->size != other->size)
		return one->size < other->size ? 1 : -1;
	return strcmp(one->name, other->name);
}

/* Bytes of a value as JSON text. */
static size_t
text_size(struct json_object *value)
{
	size_t len = 0;

	json_object_to_json_string_length(value,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	return len;
}

/* The claims, the largest first, as many as there is room for. */
static void
list_claims(char out[LIST_SIZE], struct json_object *claims)
{
	struct part part[JWT_JSON_MEMBERS];
	char quoted[NAME_SIZE], word[NAME_SIZE + 32];
	size_t count = 0, used = 0, len, i;

	json_object_object_foreach(claims, name, value)
	{
		if (count < JWT_JSON_MEMBERS)
			part[count++] = (struct part){
			    name, strlen(name) + text_size(value) + 4};
	}
	if (count > 0)
		qsort(part, count, sizeof(part[0]), compare_parts);
	for (i = 0; i < count; i++) {
		jwt_quote_inside(
		    quoted, sizeof(quoted), jwt_slice_of(part[i].name));
		len = (size_t)snprintf(word, sizeof(word), "%s%s %zu",
		    i == 0 ? ": " : ", ", quoted, part[i].size);
		/* Room for the dots, should the next one not fit. */
		if (used + len + sizeof(" ...") > LIST_SIZE) {
			memcpy(out + used, " ...", sizeof(" ..."));
			return;
		}
		memcpy(out + used, word, len + 1);
		used += len;
	}
}

enum issuer_reason
issuer_size_check(const char *text, struct jwt_fault *fault)
{
	struct jwt_slice whole = jwt_slice_of(text);
	struct jwt_token token;
	char list[LIST_SIZE] = "";
	size_t header, signature;

	if (whole.len <= ISSUER_TOKEN_MAX)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "the token would have %zu bytes, and %d at most pass every prompt",
	    whole.len, ISSUER_TOKEN_MAX);
	if (jwt_token_split(whole, &token, NULL) == JWT_OK &&
	    jwt_token_header(&token, NULL) == JWT_OK &&
	    jwt_token_claims(&token, NULL) == JWT_OK) {
		list_claims(list, token.claims);
		header = strcspn(text, ".");
		signature = whole.len - token.input.len - 1;
		jwt_fault_set(fault,
		    "the token would have %zu bytes, and %d at most pass every "
		    "prompt: header %zu, signature %zu%s, payload %zu, which "
		    "holds claims of %zu bytes%s",
		    whole.len, ISSUER_TOKEN_MAX, header, signature,
		    signature > EDWARDS_CHARACTERS
			? " (86 with an EdDSA or ES256 key)"
			: "",
		    token.input.len - header - 1, token.payload_len, list);
	}
	jwt_token_clear(&token);
	return ISSUER_TOKEN_TOO_LONG;
}
