/*
 * base64url without padding (RFC 7515 section 2, RFC 4648 section 5), in its
 * one canonical form: no padding, no white space, no `+` or `/`, no length of
 * 1 modulo 4, and the unused bits of the last character are zero.  Anything
 * else would let one token be written in several ways.
 */
#ifndef JWT_BASE64URL_H
#define JWT_BASE64URL_H

#include "reason.h"
#include "text.h"

/* Bytes that `len` characters decode to; characters that `len` bytes make. */
#define JWT_BASE64URL_DECODED(len) ((len) / 4 * 3 + (len) % 4 * 3 / 4)
#define JWT_BASE64URL_ENCODED(len) ((len) / 3 * 4 + ((len) % 3 * 4 + 2) / 3)

/*
 * Decodes into memory of its own, which the caller frees.  One NUL that is
 * not counted follows the bytes.  An empty text gives no bytes.
 * JWT_OK, JWT_MALFORMED or JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_base64url_decode(struct jwt_slice text, unsigned char **bytes, size_t *len);

/*
 * Encodes into memory of its own, NUL-terminated, which the caller frees.
 * NULL when there is no memory.
 */
char *jwt_base64url_encode(const void *bytes, size_t len);

/*
 * 1 when the text, read as far as need be, decodes to white space, a `{` and,
 * after white space, a `"` or `}`, or ends anywhere behind the `{`: it begins
 * as a JWT does.  Looks at no more than that, so that a token that was cut is
 * still known as one; and at no less, because `example` decodes to a `{`, too.
 */
int jwt_base64url_begins_object(struct jwt_slice text);

#endif
