/*
 * base64url by OpenSSL's base64, so without a line of the library's own.
 */
#ifndef BASE64_H
#define BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The caller's to free; the bytes of a decoded text end in a NUL as well. */
char *base64_encode(const void *bytes, size_t len);

/* NULL: it is not what encoding would make of any bytes. */
unsigned char *base64_decode(const char *text, size_t len, size_t *out_len);

/* The fuzzer's own work must succeed. */
void must(bool worked);

#endif
