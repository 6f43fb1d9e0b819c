#include "key.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "part.h"
#include "vet.h"

int
jwt_key_fits(const struct jwt_key *key, const struct jwt_algorithm *algorithm)
{
	if (key->algorithm != NULL && key->algorithm != algorithm)
		return 0;
	if (key->kty != algorithm->kty)
		return 0;
	if (algorithm->curve != NULL &&
	    (key->curve == NULL ||
		strcmp(key->curve->name, algorithm->curve) != 0))
		return 0;
	return key->kty != JWT_KTY_OCT ||
	       key->secret_len >= algorithm->hash_size;
}

size_t
jwt_key_signature_size(
    const struct jwt_key *key, const struct jwt_algorithm *algorithm)
{
	int bits;

	if (key->kty == JWT_KTY_OCT)
		return algorithm->hash_size;
	if (key->curve != NULL)
		return key->curve->signature_size;
	/* By the modulus: what a provider has for a size is that of a buffer. */
	bits = key->pkey == NULL ? 0 : EVP_PKEY_get_bits(key->pkey);
	return bits > 0 ? ((size_t)bits + 7) / 8 : 0;
}

const struct jwt_algorithm *
jwt_key_signing_algorithm(const struct jwt_key *key)
{
	const struct jwt_algorithm *row;
	size_t i;

	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		if (jwt_key_fits(key, row))
			return row;
	}
	return NULL;
}

static enum jwt_reason
copy_secret(struct jwt_slice k, struct jwt_key *key)
{
	if ((key->secret = malloc(k.len)) == NULL)
		return JWT_NO_MEMORY;
	memcpy(key->secret, k.at, k.len);
	key->secret_len = k.len;
	return JWT_OK;
}

enum jwt_reason
jwt_key_build(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts,
    struct jwt_key *key)
{
	enum jwt_reason result;

	ERR_set_mark();
	key->kty = parts->kty;
	key->curve = parts->curve;
	key->is_private = parts->kty == JWT_KTY_OCT || parts->d.len > 0;
	result = jwt_vet(libctx, parts, key->algorithm, &key->refusal);
	if (result != JWT_OK || key->refusal != NULL)
		goto out;
	if (parts->kty == JWT_KTY_OCT)
		result = copy_secret(parts->k, key);
	else
		result = jwt_parts_to_pkey(libctx, parts, &key->pkey);
out:
	ERR_pop_to_mark();
	return result;
}

void
jwt_key_clear(struct jwt_key *key)
{
	free(key->kid);
	free(key->refusal);
	EVP_PKEY_free(key->pkey);
	jwt_free_wiped(key->secret, key->secret_len);
	memset(key, 0, sizeof(*key));
}

/* RFC 7638 section 3.2, RFC 8037 section 2: in the order of the names. */
static const char *const required[][5] = {
    [JWT_KTY_OCT] = {"k", "kty"},
    [JWT_KTY_RSA] = {"e", "kty", "n"},
    [JWT_KTY_EC] = {"crv", "kty", "x", "y"},
    [JWT_KTY_OKP] = {"crv", "kty", "x"},
};

/* The member's text, which the caller wipes and frees; NULL: no memory. */
static char *
member_text(const struct jwt_key_parts *parts, const char *name)
{
	const struct jwt_part *part;
	struct jwt_slice bytes;
	size_t i;

	if (strcmp(name, "kty") == 0)
		return strdup(jwt_kty_name(parts->kty));
	if (strcmp(name, "crv") == 0)
		return strdup(parts->curve->name);
	for (i = 0; i < JWT_PARTS; i++) {
		part = jwt_part_at(i);
		if (part->kty != parts->kty || strcmp(part->name, name) != 0)
			continue;
		bytes = jwt_part_get(parts, part);
		return jwt_base64url_encode(bytes.at, bytes.len);
	}
	return NULL;
}

static int
hash_text(EVP_MD_CTX *ctx, const char *text)
{
	return EVP_DigestUpdate(ctx, text, strlen(text));
}

/* RFC 7638 section 3: the required members alone, without white space. */
static int
hash_members(EVP_MD_CTX *ctx, const struct jwt_key_parts *parts)
{
	const char *const *name;
	const char *separator = "{\"";
	char *text;
	int done = 1;

	for (name = required[parts->kty]; done && *name != NULL; name++) {
		if ((text = member_text(parts, *name)) == NULL)
			return 0;
		done = hash_text(ctx, separator) && hash_text(ctx, *name) &&
		       hash_text(ctx, "\":\"") && hash_text(ctx, text) &&
		       hash_text(ctx, "\"");
		jwt_free_wiped(text, strlen(text));
		separator = ",\"";
	}
	return done && hash_text(ctx, "}");
}

char *
jwt_key_thumbprint(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int len;
	EVP_MD_CTX *ctx = NULL;
	EVP_MD *sha256;
	char *thumbprint = NULL;

	ERR_set_mark();
	sha256 = EVP_MD_fetch(libctx, "SHA256", NULL);
	if (sha256 != NULL && (ctx = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestInit_ex2(ctx, sha256, NULL) == 1 &&
	    hash_members(ctx, parts) &&
	    EVP_DigestFinal_ex(ctx, hash, &len) == 1)
		thumbprint = jwt_base64url_encode(hash, len);
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(sha256);
	ERR_pop_to_mark();
	return thumbprint;
}
