#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"

/* The well-formed sequences of UTF-8: table 3-7 of the Unicode standard. */
static const struct {
	unsigned char first_min, first_max;
	unsigned char second_min, second_max;
	unsigned char len;
} utf8[] = {
    {0x00, 0x7f, 0, 0, 1},
    {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool
between(char c, unsigned char min, unsigned char max)
{
	return (unsigned char)c >= min && (unsigned char)c <= max;
}

/* Bytes of the character at `s`; 0: there is none, or it is cut off. */
static size_t
utf8_length(const char *s, size_t left)
{
	size_t i, k;

	for (i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++) {
		if (!between(s[0], utf8[i].first_min, utf8[i].first_max))
			continue;
		if (utf8[i].len > left)
			return 0;
		if (utf8[i].len > 1 &&
		    !between(s[1], utf8[i].second_min, utf8[i].second_max))
			return 0;
		for (k = 2; k < utf8[i].len; k++) {
			if (!between(s[k], 0x80, 0xbf))
				return 0;
		}
		return utf8[i].len;
	}
	return 0;
}

/* Writes a character that is no surrogate; says how many bytes. */
static size_t
utf8_write(char *out, unsigned int c)
{
	static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len, i;

	len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(mark[len] | c);
	return len;
}

/* The XXXX of \uXXXX. */
static bool
read_hex4(struct jwt_json_reader *r, unsigned int *value)
{
	unsigned int i;
	int c;

	*value = 0;
	for (i = 0; i < 4; i++) {
		c = jwt_json_peek(r);
		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return false;
		*value = *value << 4 | (unsigned int)c;
		r->at++;
	}
	return true;
}

/* The second half of a surrogate pair. */
static bool
read_low_surrogate(struct jwt_json_reader *r, unsigned int *low)
{
	return jwt_json_skip(r, '\\') && jwt_json_skip(r, 'u') &&
	       read_hex4(r, low) && *low >= 0xdc00 && *low <= 0xdfff;
}

/* What follows \u; RFC 8259 section 7. */
static enum jwt_reason
read_unicode_escape(struct jwt_json_reader *r, char **out)
{
	size_t start = r->at;
	unsigned int c, low;

	if (!read_hex4(r, &c))
		return jwt_json_refuse(r, start, "\\u without four hex digits");
	/* "sub\u0000x" was once cut to "sub" by what reads C strings. */
	if (c == 0)
		return jwt_json_refuse(r, start, "escaped NUL");
	if (c >= 0xd800 && c <= 0xdfff) {
		if (c >= 0xdc00 || !read_low_surrogate(r, &low))
			return jwt_json_refuse(r, start, "lone surrogate");
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
	}
	*out += utf8_write(*out, c);
	return JWT_OK;
}

/* What follows a backslash. */
static enum jwt_reason
read_escape(struct jwt_json_reader *r, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	int c;

	if (jwt_json_skip(r, 'u'))
		return read_unicode_escape(r, out);
	c = jwt_json_peek(r);
	if (c <= 0 || (found = strchr(from, c)) == NULL)
		return jwt_json_refuse(r, r->at, "unknown escape");
	r->at++;
	*(*out)++ = to[found - from];
	return JWT_OK;
}

enum jwt_reason
jwt_json_read_string(struct jwt_json_reader *r, struct jwt_slice *string)
{
	enum jwt_reason result;
	char *start = r->room + r->at, *out = start;
	size_t len;
	int c;

	while (!jwt_json_skip(r, '"')) {
		if ((c = jwt_json_peek(r)) == -1)
			return jwt_json_refuse(r, r->at, "unfinished string");
		if (c < 0x20)
			return jwt_json_refuse(
			    r, r->at, "raw control character");
		if (jwt_json_skip(r, '\\')) {
			if ((result = read_escape(r, &out)) != JWT_OK)
				return result;
			continue;
		}
		if ((len = utf8_length(r->text + r->at, r->len - r->at)) == 0)
			return jwt_json_refuse(r, r->at, "invalid UTF-8");
		memcpy(out, r->text + r->at, len);
		out += len;
		r->at += len;
	}
	*out = '\0';
	*string = (struct jwt_slice){start, (size_t)(out - start)};
	return JWT_OK;
}

static size_t
skip_digits(struct jwt_json_reader *r)
{
	size_t start = r->at;

	while (jwt_json_peek(r) >= '0' && jwt_json_peek(r) <= '9')
		r->at++;
	return r->at - start;
}

/* The digits from `start` on; summed below zero, where int64 has one more. */
static enum jwt_reason
make_integer(
    const struct jwt_json_reader *r, size_t start, struct json_object **number)
{
	bool negative = r->text[start] == '-';
	int64_t sum = 0;
	size_t i;

	for (i = start + negative; i < r->at; i++) {
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_sub_overflow(sum, r->text[i] - '0', &sum))
			return jwt_json_refuse(
			    r, start, "integer beyond 64 bits");
	}
	if (!negative && __builtin_sub_overflow(0, sum, &sum))
		return jwt_json_refuse(r, start, "integer beyond 64 bits");
	if (!jwt_json_keeps(r))
		return JWT_OK;
	*number = json_object_new_int64(sum);
	return *number != NULL ? JWT_OK : JWT_NO_MEMORY;
}

/* A number with a fraction or an exponent; json-c keeps its text beside it. */
static enum jwt_reason
make_double(
    struct jwt_json_reader *r, size_t start, struct json_object **number)
{
	char *text = r->room + start;
	double value;

	memcpy(text, r->text + start, r->at - start);
	text[r->at - start] = '\0';
	/* The locale of the process that we are in may have a decimal comma. */
	if (r->c == (locale_t)0)
		r->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (r->c == (locale_t)0)
		return JWT_NO_MEMORY;
	value = strtod_l(text, NULL, r->c);
	if (!isfinite(value))
		return jwt_json_refuse(r, start, "number beyond a double");
	if (!jwt_json_keeps(r))
		return JWT_OK;
	*number = json_object_new_double_s(value, text);
	return *number != NULL ? JWT_OK : JWT_NO_MEMORY;
}

/* RFC 8259 section 6. */
enum jwt_reason
jwt_json_read_number(struct jwt_json_reader *r, struct json_object **number)
{
	size_t start = r->at;
	bool whole = true;

	*number = NULL;
	(void)jwt_json_skip(r, '-');
	if (jwt_json_skip(r, '0')) {
		if (skip_digits(r) != 0)
			return jwt_json_refuse(r, start, "leading zero");
	} else if (skip_digits(r) == 0) {
		return jwt_json_refuse(r, start, "minus without digits");
	}
	if (jwt_json_skip(r, '.')) {
		whole = false;
		if (skip_digits(r) == 0)
			return jwt_json_refuse(r, r->at, "no digit");
	}
	if (jwt_json_skip(r, 'e') || jwt_json_skip(r, 'E')) {
		whole = false;
		if (!jwt_json_skip(r, '+'))
			(void)jwt_json_skip(r, '-');
		if (skip_digits(r) == 0)
			return jwt_json_refuse(r, r->at, "no digit");
	}
	return whole ? make_integer(r, start, number)
	             : make_double(r, start, number);
}

enum jwt_reason
jwt_json_read_literal(struct jwt_json_reader *r, struct json_object **value)
{
	static const char *const words[] = {"false", "true", "null"};
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i]);
		if (r->len - r->at < len ||
		    memcmp(r->text + r->at, words[i], len) != 0)
			continue;
		r->at += len;
		*value = NULL;
		if (i == 2 || !jwt_json_keeps(r))
			return JWT_OK;
		*value = json_object_new_boolean(i == 1);
		return *value != NULL ? JWT_OK : JWT_NO_MEMORY;
	}
	return jwt_json_refuse(r, r->at, "no JSON value");
}
