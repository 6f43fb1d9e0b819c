#include "mutate.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "check.h"
#include "jwt/base64url.h"

#define MORE 64 /* bytes that a part may grow by */

/* The part with this number, from 0; empty where there are fewer. */
static struct jwt_slice
find_part(struct jwt_slice text, unsigned int number)
{
	const char *dot;

	for (;; number--) {
		dot = memchr(text.at, '.', text.len);
		if (number == 0 || dot == NULL)
			break;
		text.len -= (size_t)(dot - text.at) + 1;
		text.at = dot + 1;
	}
	if (number > 0)
		text.len = 0;
	else if (dot != NULL)
		text.len = (size_t)(dot - text.at);
	return text;
}

/* Puts another part into its place; false: there is no room. */
static bool
replace(uint8_t *bytes, size_t *len, size_t max, struct jwt_slice part,
    const char *other)
{
	size_t before = (size_t)(part.at - (const char *)bytes);
	size_t after = *len - before - part.len, grown = strlen(other);

	if (before + grown + after > max)
		return false;
	memmove(bytes + before + grown, part.at + part.len, after);
	memcpy(bytes + before, other, grown);
	*len = before + grown + after;
	return true;
}

size_t
mutate_token(uint8_t *bytes, size_t len, size_t max, unsigned int seed)
{
	unsigned char *inside = NULL, *grown;
	struct jwt_slice part;
	bool done = false;
	size_t size;
	char *text;

	part = find_part(
	    (struct jwt_slice){(const char *)bytes, len}, seed / 4 % 3);
	if (seed % 4 == 0 ||
	    jwt_base64url_decode(part, &inside, &size) != JWT_OK)
		return LLVMFuzzerMutate(bytes, len, max);
	if ((grown = realloc(inside, size + MORE)) == NULL) {
		free(inside);
		return len;
	}
	size = LLVMFuzzerMutate(grown, size, size + MORE);
	if ((text = jwt_base64url_encode(grown, size)) != NULL)
		done = replace(bytes, &len, max, part, text);
	free(text);
	free(grown);
	return done ? len : LLVMFuzzerMutate(bytes, len, max);
}

/* The block written anew; 0: it was damaged before, or there is no room. */
static size_t
write_pem(uint8_t *bytes, size_t len, size_t max)
{
	BIO *in = BIO_new_mem_buf(bytes, (int)len), *out = NULL;
	char *name = NULL, *header = NULL, *text;
	unsigned char *der = NULL, *grown;
	size_t written = 0;
	long size;

	if (in == NULL || PEM_read_bio(in, &name, &header, &der, &size) != 1 ||
	    (grown = OPENSSL_realloc(der, (size_t)size + MORE)) == NULL)
		goto out;
	der = grown;
	size = (long)LLVMFuzzerMutate(der, (size_t)size, (size_t)size + MORE);
	if ((out = BIO_new(BIO_s_mem())) == NULL ||
	    PEM_write_bio(out, name, header, der, size) <= 0)
		goto out;
	size = BIO_get_mem_data(out, &text);
	if (size > 0 && (size_t)size <= max) {
		written = (size_t)size;
		memcpy(bytes, text, written);
	}
out:
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(in);
	BIO_free(out);
	return written;
}

size_t
mutate_pem(uint8_t *bytes, size_t len, size_t max, unsigned int seed)
{
	size_t written = 0;

	if (seed % 4 != 0 && len > 0 && bytes[0] == '-') {
		written = write_pem(bytes, len, max);
		ERR_clear_error();
	}
	return written > 0 ? written : LLVMFuzzerMutate(bytes, len, max);
}
