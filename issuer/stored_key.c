#include "issuer/stored_key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdlib.h>
#include <string.h>

#include "jwt/base64url.h"
#include "jwt/libctx.h"
#include "jwt/pem.h"
#include "jwt/signature.h"

static enum issuer_reason
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory, or OpenSSL failed");
	return ISSUER_INTERNAL_ERROR;
}

/*
 * What OpenSSL and the provider say of it: the first cause, or of what is
 * tried in one way after another the last one's.
 */
static enum issuer_reason
unavailable(const struct issuer_config *config, const char *what, bool last,
    struct jwt_fault *fault)
{
	const char *data = "", *reason;
	unsigned long error;
	int flags = 0;

	error = last ? ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags)
	             : ERR_peek_error_all(NULL, NULL, NULL, &data, &flags);
	reason = error == 0 ? NULL : ERR_reason_error_string(error);
	jwt_fault_set(fault, "%.200s (provider %s): %s%s%.100s%s%.200s",
	    config->key, config->provider, what, reason == NULL ? "" : ": ",
	    reason == NULL ? "" : reason,
	    (flags & ERR_TXT_STRING) == 0 || data[0] == '\0' ? "" : ": ",
	    (flags & ERR_TXT_STRING) == 0 ? "" : data);
	return ISSUER_KEYS_UNAVAILABLE;
}

/*
 * A context of its own, because there the provider comes first for whatever it
 * can do: some other key of the process would be served by it as well.
 */
static enum issuer_reason
load_provider(const struct issuer_config *config,
    struct issuer_stored_key *stored, struct jwt_fault *fault)
{
	char *properties;
	int set;

	if ((stored->libctx = jwt_libctx_new()) == NULL)
		return no_memory(fault);
	stored->own = OSSL_PROVIDER_load(stored->libctx, "default");
	stored->provider = OSSL_PROVIDER_load(stored->libctx, config->provider);
	if (stored->own == NULL || stored->provider == NULL)
		return unavailable(
		    config, "the provider cannot be loaded", false, fault);
	properties = jwt_format("?provider=%s", config->provider);
	if (properties == NULL)
		return no_memory(fault);
	set = EVP_set_default_properties(stored->libctx, properties);
	free(properties);
	return set == 1 ? ISSUER_OK : no_memory(fault);
}

/* The one private key that is there. */
static enum issuer_reason
find_key(const struct issuer_config *config, OSSL_STORE_CTX *store,
    EVP_PKEY **found, struct jwt_fault *fault)
{
	OSSL_STORE_INFO *info;
	unsigned int keys = 0;

	*found = NULL;
	/* A failure may be all that a file has to say; that ends at its end. */
	while (OSSL_STORE_eof(store) == 0) {
		if ((info = OSSL_STORE_load(store)) == NULL) {
			if (OSSL_STORE_error(store) != 0)
				break;
			continue;
		}
		if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY &&
		    keys++ == 0)
			*found = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	if (keys > 1)
		return unavailable(config,
		    "more than one private key is there, wanted a URI of one "
		    "alone",
		    false, fault);
	return *found != NULL
	           ? ISSUER_OK
	           : unavailable(config,
			 "there is no private key that the provider can use",
			 false, fault);
}

/*
 * Nobody is there to be asked for a PIN.  UI_null would answer with an empty
 * one, and a security module locks itself after a few that are wrong.
 */
static int
give_no_pin(char *buffer, int size, int writing, void *data)
{
	(void)writing;
	(void)data;
	if (size > 0)
		buffer[0] = '\0';
	return -1;
}

static enum issuer_reason
open_key(const struct issuer_config *config, OSSL_LIB_CTX *libctx,
    EVP_PKEY **pkey, struct jwt_fault *fault)
{
	enum issuer_reason result;
	const OSSL_PROVIDER *holder;
	OSSL_STORE_CTX *store;
	UI_METHOD *nobody;

	if ((nobody = UI_UTIL_wrap_read_pem_callback(give_no_pin, 0)) == NULL)
		return no_memory(fault);
	store = OSSL_STORE_open_ex(
	    config->key, libctx, NULL, nobody, NULL, NULL, NULL, NULL);
	if (store == NULL)
		result = unavailable(config, "cannot be opened", true, fault);
	else if (OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) != 1)
		result = no_memory(fault);
	else
		result = find_key(config, store, pkey, fault);
	OSSL_STORE_close(store);
	UI_destroy_method(nobody);
	if (result != ISSUER_OK)
		return result;
	holder = EVP_PKEY_get0_provider(*pkey);
	if (holder != NULL &&
	    strcmp(OSSL_PROVIDER_get0_name(holder), config->provider) == 0)
		return ISSUER_OK;
	jwt_fault_set(fault,
	    "%.200s (provider %s): the key lies open in a file and not with "
	    "the provider; a key in a file belongs into a key folder (keys)",
	    config->key, config->provider);
	return ISSUER_KEYS_UNAVAILABLE;
}

/*
 * What makes a public key.  Some providers spell a curve out that has a name,
 * and then it would count as one without; `group` is that name, if any.
 */
static void
pick(const OSSL_PARAM *params, char *group, OSSL_PARAM picked[])
{
	static const char *const names[] = {OSSL_PKEY_PARAM_RSA_N,
	    OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_PUB_KEY};
	const OSSL_PARAM *param;
	size_t i, count = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((param = OSSL_PARAM_locate_const(params, names[i])) != NULL)
			picked[count++] = *param;
	if (group[0] != '\0')
		picked[count++] = OSSL_PARAM_construct_utf8_string(
		    OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	picked[count] = OSSL_PARAM_construct_end();
}

/*
 * The public half out of the provider's hands, so that our own rules for keys
 * and OpenSSL's own arithmetic judge it.  By its numbers: what providers write
 * as PEM differs.
 */
static EVP_PKEY *
copy_half(OSSL_LIB_CTX *libctx, const EVP_PKEY *pkey)
{
	const char *type = EVP_PKEY_get0_type_name(pkey);
	OSSL_PARAM *params = NULL, picked[5];
	char group[64] = "";
	EVP_PKEY *half = NULL;
	EVP_PKEY_CTX *ctx;

	ctx = type == NULL ? NULL
	                   : EVP_PKEY_CTX_new_from_name(libctx, type, NULL);
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_todata(pkey, EVP_PKEY_PUBLIC_KEY, &params) == 1) {
		if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) !=
		    1)
			group[0] = '\0';
		pick(params, group, picked);
		if (EVP_PKEY_fromdata(
			ctx, &half, EVP_PKEY_PUBLIC_KEY, picked) != 1)
			half = NULL;
	}
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return half;
}

static enum issuer_reason
read_half(const struct issuer_config *config, OSSL_LIB_CTX *libctx,
    const EVP_PKEY *pkey, struct jwt_parts *parts, struct jwt_fault *fault)
{
	EVP_PKEY *half = copy_half(libctx, pkey);
	enum jwt_reason reason = JWT_NO_MEMORY;
	struct jwt_slice pem;
	char *bytes;
	BIO *bio;
	long len;

	if ((bio = BIO_new(BIO_s_mem())) == NULL) {
		EVP_PKEY_free(half);
		return no_memory(fault);
	}
	if (half == NULL || PEM_write_bio_PUBKEY(bio, half) != 1) {
		BIO_free(bio);
		EVP_PKEY_free(half);
		return unavailable(
		    config, "the public half cannot be had", false, fault);
	}
	EVP_PKEY_free(half);
	len = BIO_get_mem_data(bio, &bytes);
	if (len > 0) {
		pem = (struct jwt_slice){bytes, (size_t)len};
		reason = jwt_pem_read(libctx, config->key, pem, parts, fault);
	}
	BIO_free(bio);
	if (reason == JWT_KEYS_UNAVAILABLE)
		return ISSUER_KEYS_UNAVAILABLE;
	return reason == JWT_OK ? ISSUER_OK : no_memory(fault);
}

static enum issuer_reason
vet(const struct issuer_config *config, OSSL_LIB_CTX *libctx,
    const struct jwt_key_parts *parts, struct jwt_key *key,
    struct issuer_stored_key *stored, struct jwt_fault *fault)
{
	if (jwt_key_build(libctx, parts, &stored->half) != JWT_OK)
		return no_memory(fault);
	if (stored->half.refusal != NULL) {
		jwt_fault_set(fault,
		    "%.200s (provider %s): verifiers refuse "
		    "such a key: %s",
		    config->key, config->provider, stored->half.refusal);
		return ISSUER_KEYS_UNAVAILABLE;
	}
	key->kid = config->kid != NULL ? strdup(config->kid)
	                               : jwt_key_thumbprint(libctx, parts);
	if (key->kid == NULL)
		return no_memory(fault);
	key->kid_len = strlen(key->kid);
	key->kty = stored->half.kty;
	key->curve = stored->half.curve;
	key->is_private = true;
	return jwt_key_public_jwk(libctx, parts, key, &stored->jwk) == JWT_OK
	           ? ISSUER_OK
	           : no_memory(fault);
}

enum issuer_reason
issuer_stored_key_open(const struct issuer_config *config, OSSL_LIB_CTX *libctx,
    struct jwt_key *key, struct issuer_stored_key *stored,
    struct jwt_fault *fault)
{
	struct jwt_parts parts = {0};
	enum issuer_reason result;

	*stored = (struct issuer_stored_key){0};
	ERR_set_mark();
	result = load_provider(config, stored, fault);
	if (result == ISSUER_OK)
		result = open_key(config, stored->libctx, &key->pkey, fault);
	if (result == ISSUER_OK)
		result = read_half(config, libctx, key->pkey, &parts, fault);
	if (result == ISSUER_OK)
		result = vet(config, libctx, &parts.parts, key, stored, fault);
	jwt_parts_clear(&parts);
	ERR_pop_to_mark();
	return result;
}

enum issuer_reason
issuer_stored_key_check(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct issuer_stored_key *stored, const char *token,
    struct jwt_fault *fault)
{
	const struct jwt_algorithm *algorithm = jwt_key_signing_algorithm(key);
	const char *end = strrchr(token, '.');
	enum jwt_reason reason = JWT_INTERNAL_ERROR;
	unsigned char *bytes = NULL;
	size_t len;

	if (algorithm != NULL && end != NULL &&
	    jwt_base64url_decode(jwt_slice_of(end + 1), &bytes, &len) == JWT_OK)
		reason = jwt_signature_verify(libctx, &stored->half, algorithm,
		    (struct jwt_slice){token, (size_t)(end - token)},
		    (struct jwt_slice){(const char *)bytes, len});
	free(bytes);
	if (reason == JWT_OK)
		return ISSUER_OK;
	if (reason != JWT_SIGNATURE_INVALID)
		return no_memory(fault);
	jwt_fault_set(fault,
	    "the public half that is found beside the key does not verify what "
	    "it signs: do two keys have its name?");
	return ISSUER_KEYS_UNAVAILABLE;
}

void
issuer_stored_key_close(struct issuer_stored_key *stored)
{
	jwt_key_clear(&stored->half);
	free(stored->jwk);
	if (stored->provider != NULL)
		OSSL_PROVIDER_unload(stored->provider);
	if (stored->own != NULL)
		OSSL_PROVIDER_unload(stored->own);
	OSSL_LIB_CTX_free(stored->libctx);
	*stored = (struct issuer_stored_key){0};
}
