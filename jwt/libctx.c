#include "libctx.h"

#include <openssl/err.h>

OSSL_LIB_CTX *
jwt_libctx_new(void)
{
	OSSL_LIB_CTX *libctx = NULL;

	ERR_set_mark();
	/*
	 * A context of our own is not enough: before it makes an RSA or EC key
	 * or a digest, OpenSSL 3.0 looks for engines, and for those it reads
	 * openssl.cnf, wherever OPENSSL_CONF says it lies; and an engine from
	 * there would then serve our context, too.  The price: a program that
	 * first calls OpenSSL after this login does not get its openssl.cnf.
	 */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1)
		libctx = OSSL_LIB_CTX_new();
	ERR_pop_to_mark();
	return libctx;
}
