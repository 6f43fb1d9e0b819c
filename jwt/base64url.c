#include "base64url.h"

#include <stdlib.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The same alphabet from the other side. */
static const struct {
	char first, last;
	unsigned char value; /* of the first */
} ranges[] = {
    {'A', 'Z', 0},
    {'a', 'z', 26},
    {'0', '9', 52},
    {'-', '-', 62},
    {'_', '_', 63},
};

/* The bits that were read and not yet given out as a byte. */
struct window {
	unsigned int bits;
	unsigned int count;
};

/* Takes one character in; 0: it is outside the alphabet. */
static int
take(struct window *window, char c)
{
	unsigned int value;
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (c < ranges[i].first || c > ranges[i].last)
			continue;
		value = ranges[i].value + (unsigned int)(c - ranges[i].first);
		window->bits = (window->bits << 6 | value) & 0xfff;
		window->count += 6;
		return 1;
	}
	return 0;
}

/* Gives the next byte out; 0: there are not enough bits for one. */
static int
give(struct window *window, unsigned char *byte)
{
	if (window->count < 8)
		return 0;
	window->count -= 8;
	*byte = (unsigned char)(window->bits >> window->count);
	return 1;
}

enum jwt_reason
jwt_base64url_decode(struct jwt_slice text, unsigned char **bytes, size_t *len)
{
	struct window window = {0};
	unsigned char *out;
	size_t room = JWT_BASE64URL_DECODED(text.len);
	size_t used = 0, i;

	*bytes = NULL;
	*len = 0;
	if (text.len % 4 == 1)
		return JWT_MALFORMED;
	if ((out = malloc(room + 1)) == NULL)
		return JWT_NO_MEMORY;
	for (i = 0; i < text.len; i++) {
		if (!take(&window, text.at[i]))
			break;
		if (give(&window, out + used))
			used++;
	}
	/* RFC 4648 section 3.5: unused bits that are set are another text. */
	if (i < text.len || (window.bits & ((1U << window.count) - 1)) != 0) {
		jwt_free_wiped(out, room + 1);
		return JWT_MALFORMED;
	}
	out[used] = '\0';
	*bytes = out;
	*len = used;
	return JWT_OK;
}

char *
jwt_base64url_encode(const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	unsigned int bits = 0, count = 0;
	size_t used = 0, i;
	char *out;

	if (len > SIZE_MAX / 2)
		return NULL;
	if ((out = malloc(JWT_BASE64URL_ENCODED(len) + 1)) == NULL)
		return NULL;
	for (i = 0; i < len; i++) {
		bits = (bits << 8 | in[i]) & 0xffff;
		for (count += 8; count >= 6; count -= 6)
			out[used++] = alphabet[bits >> (count - 6) & 63];
	}
	if (count > 0)
		out[used++] = alphabet[bits << (6 - count) & 63];
	out[used] = '\0';
	return out;
}

static int
is_space(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

int
jwt_base64url_begins_object(struct jwt_slice text)
{
	struct window window = {0};
	unsigned char byte;
	int open = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (!take(&window, text.at[i]))
			return 0;
		if (!give(&window, &byte) || is_space(byte))
			continue;
		if (open)
			return byte == '"' || byte == '}';
		if (byte != '{')
			return 0;
		open = 1;
	}
	return open;
}
