#include "issuer/text.h"

#include <stdlib.h>
#include <string.h>

#include "issuer/request.h"
#include "jwt/json.h"

/*
 * What says something of the person, of the login, of the token's life or of
 * a key, which only the issuer knows.
 */
static const char *const reserved[] = {"iss", "sub", "aud", "exp", "nbf", "iat",
    "jti", "auth_time", "amr", "acr", "cnf", "events", "client_id", "name",
    "groups", "host"};

bool
issuer_claim_is_reserved(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

/* C0, DEL, and the C1 set, which is two bytes each in UTF-8. */
static bool
has_control_character(const char *text)
{
	const unsigned char *at;

	for (at = (const unsigned char *)text; *at != '\0'; at++)
		if (*at < 0x20 || *at == 0x7f ||
		    (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f))
			return true;
	return false;
}

enum issuer_reason
issuer_text_check(const char *what, const char *text, struct jwt_fault *fault)
{
	enum jwt_reason read;
	char *json;

	if (has_control_character(text)) {
		jwt_fault_set(
		    fault, "%.200s has a control character in it", what);
		return ISSUER_MALFORMED_REQUEST;
	}
	/* Whoever verifies the token reads it by these rules. */
	json = jwt_json_quote(jwt_slice_of(text));
	read = json != NULL ? jwt_json_validate(jwt_slice_of(json), NULL)
	                    : JWT_NO_MEMORY;
	free(json);
	if (read == JWT_OK)
		return ISSUER_OK;
	if (read == JWT_MALFORMED) {
		jwt_fault_set(fault, "%.200s is no valid UTF-8", what);
		return ISSUER_MALFORMED_REQUEST;
	}
	jwt_fault_set(fault, "no memory");
	return ISSUER_INTERNAL_ERROR;
}

static bool
is_coded(unsigned char byte, bool name)
{
	return byte <= 0x20 || byte >= 0x7f || byte == '%' ||
	       (name && byte == '=');
}

char *
issuer_word_encode(const char *text, bool name)
{
	static const char hex[] = "0123456789ABCDEF";
	const unsigned char *from = (const unsigned char *)text;
	char *out, *at;

	if ((out = at = malloc(strlen(text) * 3 + 1)) == NULL)
		return NULL;
	for (; *from != '\0'; from++) {
		if (!is_coded(*from, name)) {
			*at++ = (char)*from;
			continue;
		}
		*at++ = '%';
		*at++ = hex[*from >> 4];
		*at++ = hex[*from & 15];
	}
	*at = '\0';
	return out;
}

/* The value of an upper-case digit, or -1. */
static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * A byte has one spelling only, so that two lines which ask for the same are
 * the same, and nothing that looks at a line is passed by another spelling.
 */
char *
issuer_word_decode(
    struct jwt_slice text, bool name, const char **wrong, size_t *at)
{
	char *out;
	size_t i, len = 0;
	int high, low;

	*wrong = NULL;
	if ((out = malloc(text.len + 1)) == NULL)
		return NULL;
	for (i = 0; i < text.len && *wrong == NULL; i++) {
		out[len] = text.at[i];
		*at = i;
		if (text.at[i] == '%') {
			high = text.len - i > 2 ? digit(text.at[i + 1]) : -1;
			low = text.len - i > 2 ? digit(text.at[i + 2]) : -1;
			if (high < 0 || low < 0) {
				*wrong = "a % must be followed by two "
					 "upper-case hexadecimal digits";
				break;
			}
			i += 2;
			out[len] = (char)(unsigned char)(high * 16 + low);
			if (out[len] == '\0')
				*wrong = "%00 can stand in no text";
			else if (!is_coded((unsigned char)out[len], name))
				*wrong = "only a byte that may not stand there "
					 "as it is may be written %XX";
		} else if (is_coded((unsigned char)text.at[i], name)) {
			*wrong = "this byte must be written %XX";
		}
		len++;
	}
	out[len] = '\0';
	if (*wrong == NULL)
		return out;
	free(out);
	return NULL;
}

char *
issuer_text_encode(const char *text)
{
	return issuer_word_encode(text, false);
}

char *
issuer_text_decode(struct jwt_slice text, bool *malformed)
{
	const char *wrong;
	char *out;
	size_t at;

	out = issuer_word_decode(text, false, &wrong, &at);
	*malformed = wrong != NULL;
	return out;
}
