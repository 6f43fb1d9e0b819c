#include "base64.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
must(bool worked)
{
	if (worked)
		return;
	fputs("\nbroken: the fuzzer itself fails\n", stderr);
	abort();
}

char *
base64_encode(const void *bytes, size_t len)
{
	char *text = malloc(len / 3 * 4 + 8), *at;

	must(text != NULL);
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	text[strcspn(text, "=")] = '\0';
	for (at = text; *at != '\0'; at++)
		*at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
	return text;
}

unsigned char *
base64_decode(const char *text, size_t len, size_t *out_len)
{
	unsigned char *out = calloc(1, len + 8);
	char *padded = malloc(len + 8), *again;
	size_t i, pad = (4 - len % 4) % 4;
	bool is_canonical;
	int n;

	must(out != NULL && padded != NULL);
	for (i = 0; i < len; i++)
		padded[i] = (char)(text[i] == '-'   ? '+'
				   : text[i] == '_' ? '/'
						    : text[i]);
	memset(padded + len, '=', pad);
	n = EVP_DecodeBlock(out, (unsigned char *)padded, (int)(len + pad));
	free(padded);
	if (n < (int)pad) {
		free(out);
		return NULL;
	}
	*out_len = (size_t)n - pad;
	out[*out_len] = '\0';
	again = base64_encode(out, *out_len);
	is_canonical = strlen(again) == len && memcmp(again, text, len) == 0;
	free(again);
	if (!is_canonical) {
		free(out);
		return NULL;
	}
	return out;
}
