#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
jwt_fault_set(struct jwt_fault *fault, const char *format, ...)
{
	va_list ap;

	if (fault == NULL)
		return;
	va_start(ap, format);
	if (vsnprintf(fault->text, sizeof(fault->text), format, ap) < 0)
		fault->text[0] = '\0';
	va_end(ap);
}

struct jwt_slice
jwt_slice_of(const char *string)
{
	return (struct jwt_slice){string, string == NULL ? 0 : strlen(string)};
}

int
jwt_slice_equal(struct jwt_slice a, struct jwt_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int
jwt_slice_equal_caseless(struct jwt_slice a, struct jwt_slice b)
{
	size_t i;

	if (a.len != b.len)
		return 0;
	for (i = 0; i < a.len; i++)
		if (to_lower(a.at[i]) != to_lower(b.at[i]))
			return 0;
	return 1;
}

/* RFC 7515 section 4.1.9. */
static struct jwt_slice
without_application(struct jwt_slice type)
{
	static const char prefix[] = "application/";
	struct jwt_slice begin = {type.at, sizeof(prefix) - 1};

	if (type.len > begin.len &&
	    jwt_slice_equal_caseless(begin, jwt_slice_of(prefix)))
		return (struct jwt_slice){
		    type.at + begin.len, type.len - begin.len};
	return type;
}

int
jwt_slice_has_word(struct jwt_slice text, struct jwt_slice word)
{
	struct jwt_slice found = {text.at, 0};
	size_t i;

	for (i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != ' ')
			continue;
		found.len = (size_t)(text.at + i - found.at);
		if (found.len > 0 && jwt_slice_equal(found, word))
			return 1;
		found.at = text.at + i + 1;
	}
	return 0;
}

int
jwt_media_type_equals(struct jwt_slice type, const char *wanted)
{
	return jwt_slice_equal_caseless(without_application(type),
	    without_application(jwt_slice_of(wanted)));
}

void
jwt_quote(char *out, size_t size, struct jwt_slice bytes)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0, i;
	unsigned char c;

	/* Room is kept for `..."` and the NUL wherever the text is cut. */
	out[used++] = '"';
	for (i = 0; i < bytes.len; i++) {
		c = (unsigned char)bytes.at[i];
		if (used + 9 > size)
			break;
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			out[used++] = (char)c;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = hex[c >> 4];
		out[used++] = hex[c & 15];
	}
	if (i < bytes.len) {
		memcpy(out + used, "...", 3);
		used += 3;
	}
	out[used++] = '"';
	out[used] = '\0';
}

void
jwt_quote_inside(char *out, size_t size, struct jwt_slice bytes)
{
	jwt_quote(out, size, bytes);
	out[0] = out[strlen(out) - 1] = '\'';
}

char *
jwt_quoted(struct jwt_slice bytes, size_t room)
{
	size_t size;
	char *out;

	/* Four for each byte at most, and the quotes, the dots and the NUL. */
	size = bytes.len > room ? room : bytes.len * 4 + 16;
	if (size > room)
		size = room;
	if (size < 16)
		size = 16;
	if ((out = malloc(size)) != NULL)
		jwt_quote(out, size, bytes);
	return out;
}

char *
jwt_excerpt(struct jwt_slice text)
{
	size_t len = text.len;

	if (len <= JWT_EXCERPT_MAX)
		return strndup(text.at, len);
	/* Not in the middle of a character: continuation bytes are 10xxxxxx. */
	for (len = JWT_EXCERPT_MAX; len > 0; len--)
		if (((unsigned char)text.at[len] & 0xc0) != 0x80)
			break;
	return jwt_format("%.*s...", (int)len, text.at);
}

char *
jwt_format(const char *format, ...)
{
	va_list ap;
	char *out;

	va_start(ap, format);
	if (vasprintf(&out, format, ap) < 0)
		out = NULL;
	va_end(ap);
	return out;
}

const char *
jwt_utc(char out[JWT_UTC_SIZE], int64_t seconds)
{
	struct tm tm;
	time_t t = (time_t)seconds;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, JWT_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, JWT_UTC_SIZE, "@%lld", (long long)seconds);
	return out;
}

void
jwt_free_wiped(void *bytes, size_t len)
{
	if (bytes != NULL)
		explicit_bzero(bytes, len);
	free(bytes);
}
