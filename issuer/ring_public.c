/*
 * The public halves: what verifiers get.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/ring.h"
#include "jwt/file.h"
#include "jwt/keyset.h"

/* The one key of the file is the one that its name says. */
static bool
is_the_key(
    const struct jwt_keyset *set, const char *kid, struct jwt_slice bytes)
{
	struct json_object *jwk = NULL;
	struct jwt_slice use;
	bool found = false;

	if (set->count != 1 || set->usable != 1 ||
	    set->key[0].algorithm == NULL || set->key[0].kty == JWT_KTY_OCT ||
	    !jwt_slice_equal(jwt_slice_of(kid),
		(struct jwt_slice){set->key[0].kid, set->key[0].kid_len}))
		return false;
	/* Without `use` it would serve for encryption, too (RFC 7517 4.2). */
	if (jwt_json_parse_object(bytes, &jwk, NULL) == JWT_OK)
		found = jwt_json_string(jwk, "use", &use) == JWT_MEMBER_FOUND;
	json_object_put(jwk);
	return found;
}

static enum issuer_reason
parse(OSSL_LIB_CTX *libctx, const char *path, const char *kid,
    const struct jwt_file *file, const struct jwt_algorithm **algorithm,
    struct jwt_fault *fault)
{
	const struct jwt_slice bytes = {file->bytes, file->len};
	struct jwt_keyset *set = NULL;
	enum issuer_reason result = ISSUER_KEYS_UNAVAILABLE;
	enum jwt_reason reason;

	reason = jwt_keyset_parse(libctx, path, bytes, file->mode, &set, fault);
	if (reason == JWT_KEYS_UNAVAILABLE)
		return ISSUER_KEYS_UNAVAILABLE;
	if (reason != JWT_OK) {
		jwt_fault_set(fault, "%.200s: no memory", path);
		return ISSUER_INTERNAL_ERROR;
	}
	if (is_the_key(set, kid, bytes)) {
		*algorithm = set->key[0].algorithm;
		result = ISSUER_OK;
	} else {
		jwt_fault_set(fault,
		    "%.200s: is not the public key that its name says, one "
		    "JWK with its kid, alg and use",
		    path);
	}
	jwt_keyset_free(set);
	return result;
}

enum issuer_reason
issuer_key_public(const struct issuer_ring *ring, OSSL_LIB_CTX *libctx,
    const char *kid, const struct jwt_algorithm **algorithm, char **jwk,
    struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	struct jwt_file file = {0};
	enum jwt_reason reason = JWT_NO_MEMORY;
	char *path;

	if ((path = issuer_key_path(ring, kid, ".pub")) != NULL)
		reason = jwt_file_read(path, JWT_KEYS_FILE_MAX, &file, fault);
	if (reason == JWT_OK)
		result = parse(libctx, path, kid, &file, algorithm, fault);
	else if (reason == JWT_CONFIG_ERROR)
		result = ISSUER_CONFIG_ERROR;
	else
		jwt_fault_set(fault, "no memory");
	/* A JWK has no NUL in it, and this is one. */
	if (result == ISSUER_OK && jwk != NULL &&
	    (*jwk = strndup(file.bytes, file.len)) == NULL) {
		jwt_fault_set(fault, "no memory");
		result = ISSUER_INTERNAL_ERROR;
	}
	jwt_file_free(&file);
	free(path);
	return result;
}

static enum issuer_reason
put_keys(const struct issuer_ring *ring, OSSL_LIB_CTX *libctx, FILE *file,
    struct jwt_fault *fault)
{
	const struct jwt_algorithm *algorithm;
	enum issuer_reason result;
	size_t i, len;
	char *jwk;

	for (i = 0; i < ring->keys; i++) {
		result = issuer_key_public(
		    ring, libctx, ring->key[i].kid, &algorithm, &jwk, fault);
		if (result != ISSUER_OK)
			return result;
		len = strlen(jwk);
		while (len > 0 && jwk[len - 1] == '\n')
			len--;
		fprintf(file, "%s%.*s", i == 0 ? "{\"keys\":[\n" : ",\n",
		    (int)len, jwk);
		free(jwk);
	}
	fputs("\n]}\n", file);
	return ISSUER_OK;
}

enum issuer_reason
issuer_ring_publish(const struct issuer_ring *ring, OSSL_LIB_CTX *libctx,
    char **jwks, struct jwt_fault *fault)
{
	enum issuer_reason result;
	char *text = NULL;
	bool whole;
	FILE *file;
	size_t len;

	*jwks = NULL;
	if (ring->keys == 0) {
		jwt_fault_set(fault,
		    "%.200s: there is no key to publish; `jwtctl key new` "
		    "makes one",
		    ring->path);
		return ISSUER_KEYS_UNAVAILABLE;
	}
	if ((file = open_memstream(&text, &len)) == NULL) {
		jwt_fault_set(fault, "no memory");
		return ISSUER_INTERNAL_ERROR;
	}
	result = put_keys(ring, libctx, file, fault);
	whole = !ferror(file);
	if ((fclose(file) != 0 || !whole || text == NULL) &&
	    result == ISSUER_OK) {
		jwt_fault_set(fault, "no memory");
		result = ISSUER_INTERNAL_ERROR;
	}
	if (result == ISSUER_OK)
		*jwks = text;
	else
		free(text);
	return result;
}
