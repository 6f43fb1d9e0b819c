#include "algorithm.h"

static const struct jwt_curve curves[] = {
    {"P-256", JWT_KTY_EC, "prime256v1", 32, 64, NULL,
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
    {"P-384", JWT_KTY_EC, "secp384r1", 48, 96, NULL,
	"ffffffffffffffffffffffffffffffffffffffffffffffff"
	"c7634d81f4372ddf581a0db248b0a77aecec196accc52973"},
    {"P-521", JWT_KTY_EC, "secp521r1", 66, 132, NULL,
	"01ff"
	"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
	"51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"},
    {"secp256k1", JWT_KTY_EC, "secp256k1", 32, 64, NULL,
	"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"},
    {"Ed25519", JWT_KTY_OKP, "ED25519", 32, 64, "SHA512",
	"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"},
    {"Ed448", JWT_KTY_OKP, "ED448", 57, 114, "SHAKE256",
	"3fffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	"7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3"},
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
