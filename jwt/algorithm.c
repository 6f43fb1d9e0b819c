#include "algorithm.h"

static const struct jwt_curve curves[] = {
    {"P-256", JWT_KTY_EC, "prime256v1", 32, 64, NULL},
    {"P-384", JWT_KTY_EC, "secp384r1", 48, 96, NULL},
    {"P-521", JWT_KTY_EC, "secp521r1", 66, 132, NULL},
    {"secp256k1", JWT_KTY_EC, "secp256k1", 32, 64, NULL},
    {"Ed25519", JWT_KTY_OKP, "ED25519", 32, 64, "SHA512"},
    {"Ed448", JWT_KTY_OKP, "ED448", 57, 114, "SHAKE256"},
};

/* The first row that fits a key is the usual one of its type and curve. */
static const struct jwt_algorithm algorithms[] = {
    {"HS256", JWT_KTY_OCT, NULL, "SHA256", false, 32},
    {"HS384", JWT_KTY_OCT, NULL, "SHA384", false, 48},
    {"HS512", JWT_KTY_OCT, NULL, "SHA512", false, 64},
    {"RS256", JWT_KTY_RSA, NULL, "SHA256", false, 32},
    {"RS384", JWT_KTY_RSA, NULL, "SHA384", false, 48},
    {"RS512", JWT_KTY_RSA, NULL, "SHA512", false, 64},
    {"PS256", JWT_KTY_RSA, NULL, "SHA256", true, 32},
    {"PS384", JWT_KTY_RSA, NULL, "SHA384", true, 48},
    {"PS512", JWT_KTY_RSA, NULL, "SHA512", true, 64},
    {"ES256", JWT_KTY_EC, "P-256", "SHA256", false, 32},
    {"ES384", JWT_KTY_EC, "P-384", "SHA384", false, 48},
    {"ES512", JWT_KTY_EC, "P-521", "SHA512", false, 64},
    {"ES256K", JWT_KTY_EC, "secp256k1", "SHA256", false, 32},
    {"EdDSA", JWT_KTY_OKP, NULL, NULL, false, 0},
    {"Ed25519", JWT_KTY_OKP, "Ed25519", NULL, false, 0},
    {"Ed448", JWT_KTY_OKP, "Ed448", NULL, false, 0},
};

const struct jwt_algorithm *
jwt_algorithm_at(size_t i)
{
	if (i >= sizeof(algorithms) / sizeof(algorithms[0]))
		return NULL;
	return &algorithms[i];
}

const struct jwt_algorithm *
jwt_algorithm_find(struct jwt_slice name)
{
	const struct jwt_algorithm *row;
	size_t i;

	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		if (jwt_slice_equal(name, jwt_slice_of(row->name)))
			return row;
	}
	return NULL;
}

const struct jwt_curve *
jwt_curve_find(struct jwt_slice name)
{
	size_t i;

	for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (jwt_slice_equal(name, jwt_slice_of(curves[i].name)))
			return &curves[i];
	}
	return NULL;
}

size_t
jwt_algorithm_signature_size(const struct jwt_algorithm *algorithm)
{
	if (algorithm->kty == JWT_KTY_OCT)
		return algorithm->hash_size;
	if (algorithm->curve == NULL)
		return 0;
	return jwt_curve_find(jwt_slice_of(algorithm->curve))->signature_size;
}
