#include <stdlib.h>

#include "json.h"

/* RFC 8259 section 7; json-c's writer loses pieces when memory runs out. */
char *
jwt_json_quote(struct jwt_slice text)
{
	static const char hex[] = "0123456789abcdef";
	char *out, *at;
	unsigned char c;
	size_t i;

	if (text.len > (SIZE_MAX - 3) / 6 ||
	    (out = at = malloc(text.len * 6 + 3)) == NULL)
		return NULL;
	*at++ = '"';
	for (i = 0; i < text.len; i++) {
		c = (unsigned char)text.at[i];
		if (c == '"' || c == '\\')
			*at++ = '\\';
		if (c >= 0x20) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '\\';
		*at++ = 'u';
		*at++ = '0';
		*at++ = '0';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	*at++ = '"';
	*at = '\0';
	return out;
}
