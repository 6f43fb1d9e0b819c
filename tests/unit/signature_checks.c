#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "signature_checks.h"

const struct jwt_algorithm *
alg(const char *name)
{
	const struct jwt_algorithm *row;

	row = jwt_algorithm_find(jwt_slice_of(name));
	assert_non_null(row);
	return row;
}

const struct jwt_key *
key_for(const struct fixture *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->count; i++) {
		if (jwt_key_fits(&f->key[i], alg(name)))
			return &f->key[i];
	}
	fail_msg("no key for %s", name);
	return NULL;
}

void
sign(const struct fixture *f, const char *name, struct signature *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(jwt_signature_make(f->libctx, key_for(f, name),
			     alg(name), INPUT, s->bytes, &s->len),
	    JWT_OK);
	assert_int_equal(
	    s->len, jwt_key_signature_size(key_for(f, name), alg(name)));
}

enum jwt_reason
verify(const struct fixture *f, const char *name, const void *bytes, size_t len)
{
	return jwt_signature_verify(f->libctx, key_for(f, name), alg(name),
	    INPUT, (struct jwt_slice){bytes, len});
}

int
make_keys(void **state)
{
	static const char *const names[] = {"RS256", "ES256", "ES384", "ES512",
	    "ES256K", "Ed25519", "Ed448", "HS512"};
	struct fixture *f = calloc(1, sizeof(*f));
	char *private_jwk, *public_jwk;
	struct json_object *jwk;

	*state = f;
	f->libctx = jwt_libctx_new();
	for (f->count = 0; f->count < 8; f->count++) {
		if (jwt_key_generate(f->libctx, alg(names[f->count]), NULL,
			&private_jwk, &public_jwk) != JWT_OK)
			return -1;
		jwk = json_tokener_parse(private_jwk);
		json_object_object_del(jwk, "alg");
		if (jwt_key_parse_private(f->libctx, "key",
			jwt_slice_of(json_object_to_json_string(jwk)), 0100600,
			&f->key[f->count], NULL) != JWT_OK)
			return -1;
		json_object_put(jwk);
		free(private_jwk);
		free(public_jwk);
	}
	return 0;
}

int
free_keys(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < f->count; i++)
		jwt_key_clear(&f->key[i]);
	OSSL_LIB_CTX_free(f->libctx);
	free(f);
	return 0;
}
