#include <openssl/err.h>
#include <string.h>

#include "jwk.h"
#include "keyset.h"

/* What the file is not, before its key is read; NULL: nothing to say. */
static const char *
find_mistake(const struct json_object *jwk)
{
	struct json_object *value;

	if (jwt_json_member(jwk, "keys", &value) != JWT_MEMBER_ABSENT)
		return "is a set of keys, wanted one private JWK alone";
	if (jwt_json_member(jwk, "kty", &value) == JWT_MEMBER_ABSENT)
		return "is no JWK (kty is missing)";
	if (jwt_json_member(jwk, "oth", &value) != JWT_MEMBER_ABSENT)
		return "has more than two primes (oth), which is not taken";
	if (!jwt_jwk_is(jwk, JWT_KTY_OCT) &&
	    jwt_jwk_private_member(jwk) == NULL)
		return "is a public key, wanted the private one";
	return NULL;
}

static enum jwt_reason
read_signer(OSSL_LIB_CTX *libctx, const char *name,
    const struct json_object *jwk, struct jwt_key *key, struct jwt_fault *fault)
{
	enum jwt_reason result;
	const char *mistake;
	bool skipped;

	if ((mistake = find_mistake(jwk)) != NULL) {
		jwt_fault_set(fault, "%s: %s", name, mistake);
		return JWT_KEYS_UNAVAILABLE;
	}
	result = jwt_jwk_read(libctx, jwk, true, key, &skipped);
	if (result != JWT_OK || key->refusal == NULL)
		return result;
	jwt_fault_set(fault, "%s: the key cannot be used: %s%s", name,
	    key->refusal, skipped ? ", wanted one that signs" : "");
	return JWT_KEYS_UNAVAILABLE;
}

enum jwt_reason
jwt_key_parse_private(OSSL_LIB_CTX *libctx, const char *name,
    struct jwt_slice bytes, mode_t mode, struct jwt_key *key,
    struct jwt_fault *fault)
{
	struct json_object *jwk = NULL;
	enum jwt_reason result;

	memset(key, 0, sizeof(*key));
	if ((mode & (S_IRWXG | S_IRWXO)) != 0) {
		jwt_fault_set(fault,
		    "%s: a private key in a file of mode %04o, wanted 0600: "
		    "chmod 600, and replace the key if others could read it",
		    name, (unsigned int)(mode & 07777));
		return JWT_KEYS_UNAVAILABLE;
	}
	if (bytes.len > 0 && bytes.at[0] == '-') {
		jwt_fault_set(fault,
		    "%s: is PEM, wanted a private JWK as `jwtctl keygen` makes "
		    "it",
		    name);
		return JWT_KEYS_UNAVAILABLE;
	}
	ERR_set_mark();
	if ((result = jwt_jwk_parse(name, bytes, &jwk, fault)) == JWT_OK) {
		result = read_signer(libctx, name, jwk, key, fault);
		jwt_json_free_wiped(jwk);
	}
	if (result != JWT_OK)
		jwt_key_clear(key);
	ERR_pop_to_mark();
	return result;
}
