#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>

enum jwt_reason
jwt_digest(
    OSSL_LIB_CTX *libctx, struct jwt_slice bytes, char digest[JWT_DIGEST_SIZE])
{
	unsigned char raw[(JWT_DIGEST_SIZE - 1) / 2];
	size_t len, i;

	if (EVP_Q_digest(
		libctx, "SHA256", NULL, bytes.at, bytes.len, raw, &len) != 1 ||
	    len != sizeof(raw))
		return JWT_INTERNAL_ERROR;
	for (i = 0; i < sizeof(raw); i++)
		snprintf(digest + 2 * i, 3, "%02x", raw[i]);
	return JWT_OK;
}
