#include "part.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct jwt_key_parts, member)

/* Public parts before private ones: JWK texts are written in this order. */
static const struct jwt_part table[JWT_PARTS] = {
    {"n", JWT_KTY_RSA, AT(n), false, OSSL_PKEY_PARAM_RSA_N},
    {"e", JWT_KTY_RSA, AT(e), false, OSSL_PKEY_PARAM_RSA_E},
    {"x", JWT_KTY_EC, AT(x), false, OSSL_PKEY_PARAM_EC_PUB_X},
    {"y", JWT_KTY_EC, AT(y), false, OSSL_PKEY_PARAM_EC_PUB_Y},
    {"x", JWT_KTY_OKP, AT(x), false, NULL},
    {"k", JWT_KTY_OCT, AT(k), true, NULL},
    {"d", JWT_KTY_RSA, AT(d), true, OSSL_PKEY_PARAM_RSA_D},
    {"p", JWT_KTY_RSA, AT(p), true, OSSL_PKEY_PARAM_RSA_FACTOR1},
    {"q", JWT_KTY_RSA, AT(q), true, OSSL_PKEY_PARAM_RSA_FACTOR2},
    {"dp", JWT_KTY_RSA, AT(dp), true, OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {"dq", JWT_KTY_RSA, AT(dq), true, OSSL_PKEY_PARAM_RSA_EXPONENT2},
    {"qi", JWT_KTY_RSA, AT(qi), true, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    {"d", JWT_KTY_EC, AT(d), true, OSSL_PKEY_PARAM_PRIV_KEY},
    {"d", JWT_KTY_OKP, AT(d), true, NULL},
};

const struct jwt_part *
jwt_part_at(size_t i)
{
	return &table[i];
}

struct jwt_slice *
jwt_part_of(struct jwt_key_parts *parts, const struct jwt_part *part)
{
	return (struct jwt_slice *)(void *)((char *)parts + part->offset);
}

struct jwt_slice
jwt_part_get(const struct jwt_key_parts *parts, const struct jwt_part *part)
{
	struct jwt_slice slice;

	memcpy(&slice, (const char *)parts + part->offset, sizeof(slice));
	return slice;
}

const char *
jwt_kty_name(enum jwt_kty kty)
{
	static const char *const names[] = {
	    [JWT_KTY_OCT] = "oct",
	    [JWT_KTY_RSA] = "RSA",
	    [JWT_KTY_EC] = "EC",
	    [JWT_KTY_OKP] = "OKP",
	};

	return names[kty];
}

void
jwt_parts_set(
    struct jwt_parts *parts, size_t i, unsigned char *bytes, size_t len)
{
	parts->owned[i] = bytes;
	*jwt_part_of(&parts->parts, &table[i]) =
	    (struct jwt_slice){(const char *)bytes, len};
}

void
jwt_parts_clear(struct jwt_parts *parts)
{
	size_t i;

	for (i = 0; i < JWT_PARTS; i++) {
		if (parts->owned[i] == NULL)
			continue;
		jwt_free_wiped(parts->owned[i],
		    jwt_part_get(&parts->parts, &table[i]).len);
	}
	memset(parts, 0, sizeof(*parts));
}

/* What EVP_PKEY_fromdata is given: RSA's and EC's numbers in native order. */
struct numbers {
	OSSL_PARAM param[16];
	size_t count;
	unsigned char *room;
	size_t size, used;
};

static enum jwt_reason
add_number(struct numbers *numbers, const char *name, struct jwt_slice number)
{
	unsigned char *at = numbers->room + numbers->used;
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	BIGNUM *bn;

	bn = BN_bin2bn((const unsigned char *)number.at, (int)number.len, NULL);
	if (bn == NULL)
		return JWT_NO_MEMORY;
	if (numbers->size - numbers->used >= number.len &&
	    BN_bn2nativepad(bn, at, (int)number.len) == (int)number.len) {
		numbers->param[numbers->count++] =
		    OSSL_PARAM_construct_BN(name, at, number.len);
		numbers->used += number.len;
		result = JWT_OK;
	}
	BN_clear_free(bn);
	return result;
}

/* X and Y behind the 04 that says "uncompressed" (SEC 1 section 2.3.3). */
static enum jwt_reason
add_point(struct numbers *numbers, const struct jwt_key_parts *parts)
{
	size_t size = parts->curve->size, len = 1 + 2 * size;
	char *at = (char *)numbers->room + numbers->used;

	if (parts->x.len != size || parts->y.len != size ||
	    numbers->size - numbers->used < len)
		return JWT_INTERNAL_ERROR;
	at[0] = 0x04;
	memcpy(at + 1, parts->x.at, size);
	memcpy(at + 1 + size, parts->y.at, size);
	numbers->used += len;
	/* OpenSSL takes a name without const, and does not write to it. */
	numbers->param[numbers->count++] =
	    (OSSL_PARAM){OSSL_PKEY_PARAM_GROUP_NAME, OSSL_PARAM_UTF8_STRING,
		(void *)(uintptr_t)parts->curve->group,
		strlen(parts->curve->group), OSSL_PARAM_UNMODIFIED};
	numbers->param[numbers->count++] =
	    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, at, len);
	return JWT_OK;
}

static enum jwt_reason
add_parts(struct numbers *numbers, const struct jwt_key_parts *parts)
{
	enum jwt_reason result;
	struct jwt_slice number;
	size_t i;

	if (parts->kty == JWT_KTY_EC &&
	    (result = add_point(numbers, parts)) != JWT_OK)
		return result;
	for (i = 0; i < JWT_PARTS; i++) {
		if (table[i].kty != parts->kty ||
		    (parts->kty == JWT_KTY_EC && !table[i].secret))
			continue;
		number = jwt_part_get(parts, &table[i]);
		if (number.len == 0)
			continue;
		result = add_number(numbers, table[i].param, number);
		if (result != JWT_OK)
			return result;
	}
	numbers->param[numbers->count] = OSSL_PARAM_construct_end();
	return JWT_OK;
}

static enum jwt_reason
pkey_from_numbers(
    OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts, EVP_PKEY **pkey)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct numbers numbers = {0};
	EVP_PKEY_CTX *ctx = NULL;
	size_t i;

	numbers.size = 1;
	for (i = 0; i < JWT_PARTS; i++) {
		if (table[i].kty == parts->kty)
			numbers.size += jwt_part_get(parts, &table[i]).len;
	}
	if ((numbers.room = malloc(numbers.size)) == NULL)
		return JWT_NO_MEMORY;
	if ((result = add_parts(&numbers, parts)) != JWT_OK)
		goto out;
	ctx =
	    EVP_PKEY_CTX_new_from_name(libctx, jwt_kty_name(parts->kty), NULL);
	if (ctx == NULL) {
		result = JWT_NO_MEMORY;
		goto out;
	}
	result = JWT_INTERNAL_ERROR;
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, pkey,
		parts->d.len > 0 ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
		numbers.param) != 1)
		goto out;
	result = JWT_OK;
out:
	EVP_PKEY_CTX_free(ctx);
	jwt_free_wiped(numbers.room, numbers.size);
	return result;
}

enum jwt_reason
jwt_parts_to_pkey(
    OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts, EVP_PKEY **pkey)
{
	const char *type;

	*pkey = NULL;
	if (parts->kty == JWT_KTY_RSA || parts->kty == JWT_KTY_EC)
		return pkey_from_numbers(libctx, parts, pkey);
	if (parts->kty != JWT_KTY_OKP)
		return JWT_INTERNAL_ERROR;
	type = parts->curve->group;
	if (parts->d.len > 0)
		*pkey = EVP_PKEY_new_raw_private_key_ex(libctx, type, NULL,
		    (const unsigned char *)parts->d.at, parts->d.len);
	else
		*pkey = EVP_PKEY_new_raw_public_key_ex(libctx, type, NULL,
		    (const unsigned char *)parts->x.at, parts->x.len);
	/* The lengths were vetted, and nothing else can be wrong with them. */
	return *pkey != NULL ? JWT_OK : JWT_NO_MEMORY;
}

/* A number of OpenSSL's object, `size` bytes long, or its own length for 0. */
static enum jwt_reason
get_number(const EVP_PKEY *pkey, const char *param, size_t size,
    unsigned char **bytes, size_t *len)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	BIGNUM *bn = NULL;

	if (EVP_PKEY_get_bn_param(pkey, param, &bn) != 1)
		return JWT_INTERNAL_ERROR;
	*len = size > 0 ? size : (size_t)BN_num_bytes(bn);
	if ((*bytes = malloc(*len + 1)) == NULL) {
		result = JWT_NO_MEMORY;
		goto out;
	}
	if (BN_bn2binpad(bn, *bytes, (int)*len) != (int)*len) {
		free(*bytes);
		*bytes = NULL;
		goto out;
	}
	result = JWT_OK;
out:
	BN_clear_free(bn);
	return result;
}

static enum jwt_reason
get_raw(const EVP_PKEY *pkey, bool secret, size_t size, unsigned char **bytes,
    size_t *len)
{
	int got;

	*len = size;
	if ((*bytes = malloc(size + 1)) == NULL)
		return JWT_NO_MEMORY;
	got = secret ? EVP_PKEY_get_raw_private_key(pkey, *bytes, len)
	             : EVP_PKEY_get_raw_public_key(pkey, *bytes, len);
	if (got == 1 && *len == size)
		return JWT_OK;
	free(*bytes);
	*bytes = NULL;
	return JWT_INTERNAL_ERROR;
}

enum jwt_reason
jwt_parts_from_pkey(
    const EVP_PKEY *pkey, bool with_private, struct jwt_parts *parts)
{
	const struct jwt_curve *curve = parts->parts.curve;
	size_t i, len, size = curve == NULL ? 0 : curve->size;
	enum jwt_reason result;
	unsigned char *bytes;

	for (i = 0; i < JWT_PARTS; i++) {
		if (table[i].kty != parts->parts.kty ||
		    (table[i].secret && !with_private))
			continue;
		if (table[i].param != NULL)
			result = get_number(
			    pkey, table[i].param, size, &bytes, &len);
		else
			result =
			    get_raw(pkey, table[i].secret, size, &bytes, &len);
		if (result != JWT_OK)
			return result;
		jwt_parts_set(parts, i, bytes, len);
	}
	return JWT_OK;
}
