#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "signature.h"

static const char stand_in[] = "\b\n\r\177INCORRECT";

int
jwt_is_stand_in(struct jwt_slice answer)
{
	size_t i;

	for (i = 0; i < answer.len; i++)
		if (answer.at[i] != stand_in[i % (sizeof(stand_in) - 1)])
			return 0;
	return answer.len > 0;
}

void
jwt_stand_in_fill(char *answer, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		answer[i] = stand_in[i % (sizeof(stand_in) - 1)];
}

int
jwt_resembles_token(struct jwt_slice answer)
{
	const char *at, *end;

	if (jwt_base64url_begins_object(answer) ||
	    (answer.len >= 2 && memcmp(answer.at, "ey", 2) == 0))
		return 1;
	/* `{"` in base64url, whatever stands in front of it. */
	at = answer.len == 0 ? NULL : memmem(answer.at, answer.len, "eyJ", 3);
	if (at == NULL)
		return 0;
	end = answer.at + answer.len;
	at = memchr(at, '.', (size_t)(end - at));
	return at != NULL &&
	       memchr(at + 1, '.', (size_t)(end - at - 1)) != NULL;
}

/* Up to three parts; `*dots` counts no further than 3 (no amplification). */
static void
find_parts(struct jwt_slice text, struct jwt_slice part[3], unsigned int *dots)
{
	const char *dot;
	size_t i;

	memset(part, 0, 3 * sizeof(part[0]));
	*dots = 0;
	for (i = 0; i < 3; i++) {
		dot = memchr(text.at, '.', text.len);
		part[i] = text;
		if (dot == NULL)
			return;
		part[i].len = (size_t)(dot - text.at);
		text.len -= part[i].len + 1;
		text.at = dot + 1;
		++*dots;
	}
}

/* What the header says, as far as it can be read; judged by the next step. */
static enum jwt_reason
read_header(struct jwt_slice part, struct jwt_token *token)
{
	struct json_object *alg;
	unsigned char *bytes = NULL;
	enum jwt_reason result;
	size_t len;

	result = jwt_base64url_decode(part, &bytes, &len);
	if (result == JWT_OK && len > JWT_HEADER_MAX) {
		jwt_fault_set(&token->header_fault,
		    "%zu bytes, at most %d are read", len, JWT_HEADER_MAX);
		result = JWT_MALFORMED;
	}
	if (result == JWT_OK)
		result = jwt_json_parse_object(
		    (struct jwt_slice){(char *)bytes, len}, &token->header,
		    &token->header_fault);
	free(bytes);
	token->header_result = result;
	if (result == JWT_OK &&
	    jwt_json_member(token->header, "alg", &alg) == JWT_MEMBER_FOUND &&
	    json_object_is_type(alg, json_type_string)) {
		token->alg = jwt_json_slice(alg);
		token->algorithm = jwt_algorithm_find(token->alg);
	}
	return result == JWT_NO_MEMORY ? result : JWT_OK;
}

/*
 * A signature that is shorter than its algorithm makes it was cut on its way,
 * also when nothing is left of it.
 */
static bool
is_cut(const struct jwt_token *token, struct jwt_slice signature)
{
	if (token->algorithm == NULL)
		return false;
	return signature.len == 0 ||
	       JWT_BASE64URL_DECODED(signature.len) <
	           jwt_algorithm_signature_size(token->algorithm);
}

/*
 * The same where the key decides the length: in the middle of a byte, most
 * cuts leave what is not canonical, and whether it is a cut or a fault is told
 * by the key's length.
 */
static bool
is_ragged(const struct jwt_token *token, struct jwt_slice signature)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t i;

	if (token->algorithm == NULL ||
	    jwt_algorithm_signature_size(token->algorithm) != 0)
		return false;
	for (i = 0; i < signature.len; i++)
		if (memchr(alphabet, signature.at[i], sizeof(alphabet) - 1) ==
		    NULL)
			return false;
	return true;
}

static enum jwt_reason
decode_parts(const struct jwt_slice part[3], struct jwt_token *token,
    struct jwt_fault *fault)
{
	static const char *const names[] = {"header", "payload", "signature"};
	unsigned char *header = NULL;
	enum jwt_reason result = JWT_OK;
	size_t header_len, i;
	struct {
		unsigned char **bytes;
		size_t *len;
	} into[] = {{&header, &header_len},
	    {&token->payload, &token->payload_len},
	    {&token->signature, &token->signature_len}};

	for (i = 0; i < 3 && result == JWT_OK; i++) {
		result =
		    jwt_base64url_decode(part[i], into[i].bytes, into[i].len);
		if (i == 2 && result == JWT_MALFORMED &&
		    is_ragged(token, part[i])) {
			token->ragged = true;
			token->signature_len =
			    JWT_BASE64URL_DECODED(part[i].len);
			result = JWT_OK;
		}
		if (result == JWT_MALFORMED)
			jwt_fault_set(fault,
			    "the %s is not base64url in its one canonical form",
			    names[i]);
	}
	if (result == JWT_OK && part[2].len == 0) {
		jwt_fault_set(fault, "the signature is empty");
		result = JWT_MALFORMED;
	}
	free(header);
	return result;
}

enum jwt_reason
jwt_token_split(
    struct jwt_slice text, struct jwt_token *token, struct jwt_fault *fault)
{
	struct jwt_slice part[3];
	unsigned int dots;

	*token = (struct jwt_token){0};
	if (text.len > JWT_TOKEN_MAX) {
		jwt_fault_set(fault, "%zu bytes, at most %d are read", text.len,
		    JWT_TOKEN_MAX);
		return JWT_TOO_LONG;
	}
	find_parts(text, part, &dots);
	if (!jwt_base64url_begins_object(part[0])) {
		/* It may be a password, whose length is nobody's business. */
		jwt_fault_set(
		    fault, text.len == 0
			       ? "nothing"
			       : "no base64url JSON object at the beginning");
		return JWT_NOT_A_JWT;
	}
	if (dots < 2) {
		jwt_fault_set(
		    fault, "%zu bytes with %u dots in them", text.len, dots);
		return JWT_CUT_OFF;
	}
	if (read_header(part[0], token) != JWT_OK)
		return JWT_NO_MEMORY;
	if (dots == 2 && is_cut(token, part[2])) {
		jwt_fault_set(
		    fault, "a signature of %zu characters", part[2].len);
		return JWT_CUT_OFF;
	}
	if (dots > 2) {
		jwt_fault_set(fault, "more than three parts");
		return JWT_MALFORMED;
	}
	token->input.at = text.at;
	token->input.len = part[0].len + 1 + part[1].len;
	return decode_parts(part, token, fault);
}

/* Members that would change what is checked, or with which key. */
static const struct {
	const char *name;
	const char *why;
} unwanted[] = {
    {"crit", "crit demands what is not understood here"},
    {"b64", "b64 changes what is signed (RFC 7797 section 7)"},
    {"zip", "zip belongs to encryption"},
    {"jwk", "jwk brings a key; keys come from the configuration alone"},
    {"jku", "jku names a key; keys come from the configuration alone"},
    {"x5u", "x5u names a key; keys come from the configuration alone"},
    {"x5c", "x5c brings a key; keys come from the configuration alone"},
};

static const char *
find_header_fault(struct jwt_token *token)
{
	struct json_object *value;
	struct jwt_slice alg, cty = {0};
	enum jwt_member found;
	size_t i;

	for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		if (jwt_json_member(token->header, unwanted[i].name, &value) !=
		    JWT_MEMBER_ABSENT)
			return unwanted[i].why;
	found = jwt_json_string(token->header, "alg", &alg);
	if (found != JWT_MEMBER_FOUND)
		return found == JWT_MEMBER_ABSENT ? "alg is missing"
		                                  : "alg is no string";
	found = jwt_json_string(token->header, "kid", &token->kid);
	if (found == JWT_MEMBER_WRONG_TYPE)
		return "kid is no string";
	token->has_kid = found == JWT_MEMBER_FOUND;
	found = jwt_json_string(token->header, "cty", &cty);
	if (found == JWT_MEMBER_WRONG_TYPE)
		return "cty is no string";
	/* A nested token: what it says inside was never looked at. */
	if (found == JWT_MEMBER_FOUND && jwt_media_type_equals(cty, "JWT"))
		return "cty says that another token lies inside";
	return NULL;
}

enum jwt_reason
jwt_token_header(struct jwt_token *token, struct jwt_fault *fault)
{
	const char *wrong;

	if (token->header_result != JWT_OK) {
		if (fault != NULL)
			*fault = token->header_fault;
		return token->header_result == JWT_NO_MEMORY
		           ? JWT_NO_MEMORY
		           : JWT_HEADER_INVALID;
	}
	if ((wrong = find_header_fault(token)) != NULL) {
		jwt_fault_set(fault, "%s", wrong);
		return JWT_HEADER_INVALID;
	}
	return JWT_OK;
}

static struct jwt_slice
payload_of(const struct jwt_token *token)
{
	return (struct jwt_slice){(char *)token->payload, token->payload_len};
}

enum jwt_reason
jwt_token_outline(struct jwt_token *token, struct jwt_fault *fault)
{
	enum jwt_reason result;

	result =
	    jwt_json_parse_outline(payload_of(token), &token->outline, fault);
	return result == JWT_MALFORMED ? JWT_CLAIMS_INVALID : result;
}

enum jwt_reason
jwt_token_claims(struct jwt_token *token, struct jwt_fault *fault)
{
	enum jwt_reason result;

	result =
	    jwt_json_parse_object(payload_of(token), &token->claims, fault);
	return result == JWT_MALFORMED ? JWT_CLAIMS_INVALID : result;
}

enum jwt_reason
jwt_token_check(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_token *token)
{
	if (token->ragged)
		return token->signature_len <
		               jwt_key_signature_size(key, token->algorithm)
		           ? JWT_CUT_OFF
		           : JWT_MALFORMED;
	return jwt_signature_verify(libctx, key, token->algorithm, token->input,
	    (struct jwt_slice){(char *)token->signature, token->signature_len});
}

enum jwt_reason
jwt_token_verify(OSSL_LIB_CTX *libctx, const struct jwt_keyset *keys,
    const struct jwt_token *token, struct jwt_fault *fault)
{
	const struct jwt_key *key;
	enum jwt_reason result;

	if (token->algorithm == NULL) {
		jwt_fault_set(fault, "no algorithm that is known here");
		return JWT_ALGORITHM_NOT_ALLOWED;
	}
	result = jwt_keyset_choose(keys, token->algorithm,
	    token->has_kid ? &token->kid : NULL, &key, fault);
	if (result != JWT_OK)
		return result;
	return jwt_token_check(libctx, key, token);
}

/* `alg`, `kid` where the key has one, and `typ`, as base64url. */
static enum jwt_reason
make_header(const struct jwt_key *key, const struct jwt_algorithm *algorithm,
    const char *typ, char **text)
{
	char *kid = NULL, *type = NULL, *json = NULL;
	enum jwt_reason result = JWT_NO_MEMORY;

	if (key->kid != NULL && (kid = jwt_json_quote((struct jwt_slice){
				     key->kid, key->kid_len})) == NULL)
		goto out;
	if ((type = jwt_json_quote(jwt_slice_of(typ))) == NULL)
		goto out;
	json = jwt_format("{\"alg\":\"%s\"%s%s,\"typ\":%s}", algorithm->name,
	    kid != NULL ? ",\"kid\":" : "", kid != NULL ? kid : "", type);
	if (json == NULL ||
	    (*text = jwt_base64url_encode(json, strlen(json))) == NULL)
		goto out;
	result = JWT_OK;
out:
	free(kid);
	free(type);
	free(json);
	return result;
}

enum jwt_reason
jwt_token_sign(OSSL_LIB_CTX *libctx, const struct jwt_key *key, const char *typ,
    struct jwt_slice payload, char **text)
{
	const struct jwt_algorithm *algorithm;
	unsigned char bytes[JWT_SIGNATURE_MAX];
	char *header = NULL, *body = NULL, *input = NULL, *signature = NULL;
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	size_t len;

	if ((algorithm = jwt_key_signing_algorithm(key)) == NULL)
		return JWT_INTERNAL_ERROR;
	if ((result = make_header(key, algorithm, typ, &header)) != JWT_OK)
		return result;
	result = JWT_NO_MEMORY;
	if ((body = jwt_base64url_encode(payload.at, payload.len)) == NULL ||
	    (input = jwt_format("%s.%s", header, body)) == NULL)
		goto out;
	result = jwt_signature_make(
	    libctx, key, algorithm, jwt_slice_of(input), bytes, &len);
	if (result != JWT_OK)
		goto out;
	result = JWT_NO_MEMORY;
	if ((signature = jwt_base64url_encode(bytes, len)) == NULL ||
	    (*text = jwt_format("%s.%s", input, signature)) == NULL)
		goto out;
	result = JWT_OK;
out:
	free(header);
	free(body);
	free(input);
	free(signature);
	return result;
}

void
jwt_token_clear(struct jwt_token *token)
{
	json_object_put(token->header);
	json_object_put(token->outline);
	json_object_put(token->claims);
	jwt_free_wiped(token->payload, token->payload_len);
	jwt_free_wiped(
	    token->signature, token->ragged ? 0 : token->signature_len);
	*token = (struct jwt_token){0};
}
