/*
 * base64url: what is taken has one form alone, and nothing is lost on the way
 * there and back.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jwt/base64url.h"

static void
decode_and_encode(struct jwt_slice text)
{
	unsigned char *bytes = NULL;
	enum jwt_reason result;
	size_t len = 0, i;
	char *again;

	result = jwt_base64url_decode(text, &bytes, &len);
	check(result == JWT_OK || result == JWT_MALFORMED,
	    "decoding gives another reason");
	check((result == JWT_OK) == (bytes != NULL),
	    "bytes come with a refusal, or none without");
	if (result != JWT_OK)
		return;
	check(bytes[len] == '\0', "no NUL follows the bytes");
	again = jwt_base64url_encode(bytes, len);
	check(again != NULL && jwt_slice_equal(jwt_slice_of(again), text) == 1,
	    "a text was taken that is not the one form of its bytes");
	if (jwt_base64url_begins_object(text)) {
		for (i = 0; i < len && memchr(" \t\r\n", bytes[i], 4); i++)
			;
		check(i < len && bytes[i] == '{',
		    "what begins as an object has no brace");
	}
	free(again);
	free(bytes);
}

static void
encode_and_decode(const uint8_t *bytes, size_t len)
{
	unsigned char *again = NULL;
	size_t count = 0;
	char *text;

	text = jwt_base64url_encode(bytes, len);
	check(text != NULL && strlen(text) == JWT_BASE64URL_ENCODED(len),
	    "bytes are encoded in another length");
	check(JWT_BASE64URL_DECODED(strlen(text)) == len,
	    "the length that is told for decoding is another");
	check(jwt_base64url_decode(jwt_slice_of(text), &again, &count) ==
		      JWT_OK &&
		  count == len && (len == 0 || memcmp(again, bytes, len) == 0),
	    "bytes come back as others");
	free(text);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	decode_and_encode((struct jwt_slice){(const char *)bytes, len});
	encode_and_decode(bytes, len);
	return 0;
}
