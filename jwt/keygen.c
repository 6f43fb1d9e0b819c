#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "keyset.h"
#include "part.h"

#define RSA_BITS 3072 /* 128 bits of strength: NIST SP 800-57 part 1 */

/* A JWK text that is written into room for all of it, once. */
struct writer {
	char *text;
	size_t size, used;
};

static void
put(struct writer *writer, const char *text)
{
	size_t len = strlen(text);

	if (writer->size - writer->used <= len)
		return;
	memcpy(writer->text + writer->used, text, len + 1);
	writer->used += len;
}

/* A member whose value needs no escapes. */
static void
put_member(struct writer *writer, const char *name, const char *value)
{
	put(writer, writer->used == 0 ? "{\"" : ",\"");
	put(writer, name);
	put(writer, "\":\"");
	put(writer, value);
	put(writer, "\"");
}

static enum jwt_reason
put_parts(
    struct writer *writer, const struct jwt_key_parts *parts, bool is_secret)
{
	const struct jwt_part *part;
	struct jwt_slice bytes;
	char *text;
	size_t i;

	for (i = 0; i < JWT_PARTS; i++) {
		part = jwt_part_at(i);
		if (part->kty != parts->kty || part->secret != is_secret)
			continue;
		bytes = jwt_part_get(parts, part);
		text = jwt_base64url_encode(bytes.at, bytes.len);
		if (text == NULL)
			return JWT_NO_MEMORY;
		put_member(writer, part->name, text);
		jwt_free_wiped(text, strlen(text));
	}
	return JWT_OK;
}

/* Room for the text, whatever is in it: names and quotes need 20 a member. */
static size_t
room_for(const struct jwt_key_parts *parts, const char *kid)
{
	size_t i, size = 256 + strlen(kid);

	for (i = 0; i < JWT_PARTS; i++) {
		if (jwt_part_at(i)->kty == parts->kty)
			size +=
			    20 + JWT_BASE64URL_ENCODED(
				     jwt_part_get(parts, jwt_part_at(i)).len);
	}
	return size;
}

/* `kid` is JSON, quotes included.  The text is the caller's to wipe. */
static enum jwt_reason
write_jwk(const struct jwt_key_parts *parts, const char *kid,
    const struct jwt_algorithm *algorithm, bool with_private, char **text)
{
	struct writer writer = {.size = room_for(parts, kid)};
	bool is_oct = parts->kty == JWT_KTY_OCT;
	enum jwt_reason result;

	if ((writer.text = malloc(writer.size)) == NULL)
		return JWT_NO_MEMORY;
	*text = writer.text;
	put_member(&writer, "kty", jwt_kty_name(parts->kty));
	if (parts->curve != NULL)
		put_member(&writer, "crv", parts->curve->name);
	if ((result = put_parts(&writer, parts, is_oct)) != JWT_OK)
		return result;
	put(&writer, ",\"kid\":");
	put(&writer, kid);
	put_member(&writer, "alg", algorithm->name);
	put_member(&writer, "use", "sig");
	if (with_private && !is_oct)
		result = put_parts(&writer, parts, true);
	put(&writer, "}\n");
	return result;
}

/* The kid as JSON; the thumbprint unless given. */
static enum jwt_reason
make_kid(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts,
    const char *given, char **kid)
{
	char *thumbprint = NULL;

	if (given == NULL)
		given = thumbprint = jwt_key_thumbprint(libctx, parts);
	*kid = given == NULL ? NULL : jwt_json_quote(jwt_slice_of(given));
	free(thumbprint);
	return *kid == NULL ? JWT_NO_MEMORY : JWT_OK;
}

static enum jwt_reason
make_secret(OSSL_LIB_CTX *libctx, size_t len, struct jwt_parts *parts)
{
	unsigned char *bytes;
	size_t i;

	if ((bytes = malloc(len)) == NULL)
		return JWT_NO_MEMORY;
	for (i = 0; i < JWT_PARTS; i++) {
		if (jwt_part_at(i)->kty == JWT_KTY_OCT)
			jwt_parts_set(parts, i, bytes, len);
	}
	return RAND_priv_bytes_ex(libctx, bytes, len, 0) == 1
	           ? JWT_OK
	           : JWT_INTERNAL_ERROR;
}

static enum jwt_reason
make_parts(OSSL_LIB_CTX *libctx, const struct jwt_algorithm *algorithm,
    struct jwt_parts *parts)
{
	const char *curve = algorithm->curve;
	const struct jwt_curve *row;
	enum jwt_reason result;
	EVP_PKEY *pkey;

	parts->parts.kty = algorithm->kty;
	if (algorithm->kty == JWT_KTY_OCT)
		return make_secret(libctx, algorithm->hash_size, parts);
	if (algorithm->kty == JWT_KTY_OKP && curve == NULL)
		curve = "Ed25519";
	if (algorithm->kty == JWT_KTY_RSA) {
		pkey = EVP_PKEY_Q_keygen(libctx, NULL, "RSA", (size_t)RSA_BITS);
	} else {
		row = jwt_curve_find(jwt_slice_of(curve));
		if (row == NULL)
			return JWT_INTERNAL_ERROR;
		parts->parts.curve = row;
		pkey = algorithm->kty == JWT_KTY_EC
		           ? EVP_PKEY_Q_keygen(libctx, NULL, "EC", row->group)
		           : EVP_PKEY_Q_keygen(libctx, NULL, row->group);
	}
	if (pkey == NULL)
		return JWT_INTERNAL_ERROR;
	result = jwt_parts_from_pkey(pkey, true, parts);
	EVP_PKEY_free(pkey);
	return result;
}

/* What was made must be readable, and its halves belong together. */
static enum jwt_reason
prove(OSSL_LIB_CTX *libctx, const char *private_jwk)
{
	enum jwt_reason result;
	struct jwt_key key;

	result = jwt_key_parse_private(
	    libctx, "the new key", jwt_slice_of(private_jwk), 0600, &key, NULL);
	if (result == JWT_OK)
		jwt_key_clear(&key);
	return result == JWT_KEYS_UNAVAILABLE ? JWT_INTERNAL_ERROR : result;
}

static void
wipe_text(char **text)
{
	if (*text != NULL)
		jwt_free_wiped(*text, strlen(*text));
	*text = NULL;
}

enum jwt_reason
jwt_key_generate(OSSL_LIB_CTX *libctx, const struct jwt_algorithm *algorithm,
    const char *kid, char **private_jwk, char **public_jwk)
{
	struct jwt_parts parts = {0};
	enum jwt_reason result;
	char *kid_json = NULL;

	*private_jwk = *public_jwk = NULL;
	ERR_set_mark();
	if ((result = make_parts(libctx, algorithm, &parts)) != JWT_OK)
		goto out;
	result = make_kid(libctx, &parts.parts, kid, &kid_json);
	if (result != JWT_OK)
		goto out;
	result =
	    write_jwk(&parts.parts, kid_json, algorithm, true, private_jwk);
	if (result != JWT_OK)
		goto out;
	result =
	    write_jwk(&parts.parts, kid_json, algorithm, false, public_jwk);
	if (result != JWT_OK)
		goto out;
	result = prove(libctx, *private_jwk);
out:
	if (result != JWT_OK) {
		wipe_text(private_jwk);
		wipe_text(public_jwk);
	}
	free(kid_json);
	jwt_parts_clear(&parts);
	ERR_pop_to_mark();
	return result;
}

enum jwt_reason
jwt_key_public_jwk(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts,
    const struct jwt_key *key, char **text)
{
	const struct jwt_algorithm *algorithm = jwt_key_signing_algorithm(key);
	enum jwt_reason result;
	char *kid = NULL;

	*text = NULL;
	if (algorithm == NULL || parts->kty == JWT_KTY_OCT)
		return JWT_INTERNAL_ERROR;
	result = make_kid(libctx, parts, key->kid, &kid);
	if (result == JWT_OK)
		result = write_jwk(parts, kid, algorithm, false, text);
	if (result != JWT_OK)
		wipe_text(text);
	free(kid);
	return result;
}
