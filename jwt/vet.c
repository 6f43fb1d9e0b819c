#include "vet.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <string.h>

#include "part.h"

/*
 * Sets the sentence.  Without memory for it the key must not pass, so that is
 * JWT_NO_MEMORY.
 */
#define REFUSE(refusal, ...)                                     \
	((*(refusal) = jwt_format(__VA_ARGS__)) != NULL ? JWT_OK \
							: JWT_NO_MEMORY)

static unsigned int
byte_at(struct jwt_slice number, size_t i)
{
	return (unsigned char)number.at[i];
}

/* Of a big endian number without leading zeros. */
static size_t
bits_of(struct jwt_slice number)
{
	unsigned int top;
	size_t bits;

	if (number.len == 0)
		return 0;
	bits = (number.len - 1) * 8;
	for (top = byte_at(number, 0); top != 0; top >>= 1)
		bits++;
	return bits;
}

static bool
is_odd(struct jwt_slice number)
{
	return number.len > 0 && (byte_at(number, number.len - 1) & 1) != 0;
}

/* RFC 7518 section 2: base64urlUInt has the least number of bytes. */
static bool
has_leading_zero(struct jwt_slice number)
{
	return number.len > 0 && number.at[0] == 0;
}

/*
 * ROCA, CVE-2017-15361: primes from a faulty library of Infineon's are powers
 * of 65537 modulo many small primes, and so is their product.  Nemec and
 * others, "The Return of Coppersmith's Attack", section 2.2, with the 38
 * primes of its detector; of other moduli one in 200 million has this form.
 */
static bool
has_roca_form(struct jwt_slice n)
{
	static const unsigned char primes[] = {3, 5, 7, 11, 13, 17, 19, 23, 29,
	    31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
	    103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
	unsigned int rest, power;
	size_t i, k;

	for (i = 0; i < sizeof(primes); i++) {
		rest = 0;
		for (k = 0; k < n.len; k++)
			rest = (rest << 8 | byte_at(n, k)) % primes[i];
		power = 1;
		do {
			power = power * (65537 % primes[i]) % primes[i];
		} while (power != 1 && power != rest);
		if (power != rest)
			return false;
	}
	return true;
}

/* The private numbers are proven by a signature; here only their size. */
static enum jwt_reason
vet_rsa_private(const struct jwt_key_parts *parts, char **refusal)
{
	const struct jwt_slice part[] = {
	    parts->p, parts->q, parts->dp, parts->dq, parts->qi};
	size_t i;

	if (parts->d.len == 0)
		return JWT_OK;
	if (parts->d.len > parts->n.len)
		return REFUSE(refusal, "RSA 'd' is longer than 'n'");
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (part[i].len == 0 || part[i].len > parts->n.len)
			return REFUSE(refusal,
			    "one of 'p', 'q', 'dp', 'dq', 'qi' is "
			    "empty or longer than 'n'");
	}
	return JWT_OK;
}

/*
 * By hand, because OpenSSL loads e = 1, under which any padded hash is its
 * own signature, and its public check takes milliseconds.
 */
static enum jwt_reason
vet_rsa(const struct jwt_key_parts *parts, char **refusal)
{
	size_t bits = bits_of(parts->n);

	if (has_leading_zero(parts->n) || has_leading_zero(parts->e))
		return REFUSE(refusal, "RSA 'n' or 'e' has leading zeros");
	if (bits < JWT_RSA_BITS_MIN)
		return REFUSE(refusal,
		    "RSA modulus has %zu bits, at least %d are needed", bits,
		    JWT_RSA_BITS_MIN);
	if (bits > JWT_RSA_BITS_MAX)
		return REFUSE(refusal,
		    "RSA modulus has %zu bits, at most %d are taken", bits,
		    JWT_RSA_BITS_MAX);
	if (!is_odd(parts->n))
		return REFUSE(refusal, "RSA modulus is even");
	if (bits_of(parts->e) > 32)
		return REFUSE(refusal,
		    "RSA exponent has %zu bits, at most 32 are taken",
		    bits_of(parts->e));
	if (!is_odd(parts->e) || bits_of(parts->e) < 2)
		return REFUSE(refusal,
		    "RSA exponent is %s, an odd number of 3 or more is needed",
		    is_odd(parts->e) ? "1" : "even");
	if (has_roca_form(parts->n))
		return REFUSE(refusal,
		    "RSA modulus has the form of a weak generator (ROCA, "
		    "CVE-2017-15361), it can be factored");
	return vet_rsa_private(parts, refusal);
}

/* Is y^2 = x^3 + a x + b modulo p, with x and y below p? */
static enum jwt_reason
find_point(const EC_GROUP *group, BN_CTX *ctx,
    const struct jwt_key_parts *parts, bool *found)
{
	BIGNUM *p = BN_CTX_get(ctx), *a = BN_CTX_get(ctx), *b = BN_CTX_get(ctx);
	BIGNUM *x = BN_CTX_get(ctx), *y = BN_CTX_get(ctx), *s = BN_CTX_get(ctx);
	int size = (int)parts->curve->size;

	if (s == NULL || EC_GROUP_get_curve(group, p, a, b, ctx) != 1 ||
	    BN_bin2bn((const unsigned char *)parts->x.at, size, x) == NULL ||
	    BN_bin2bn((const unsigned char *)parts->y.at, size, y) == NULL)
		return JWT_NO_MEMORY;
	*found = false;
	if (BN_ucmp(x, p) >= 0 || BN_ucmp(y, p) >= 0)
		return JWT_OK;
	if (!BN_mod_sqr(s, x, p, ctx) || !BN_mod_add(s, s, a, p, ctx) ||
	    !BN_mod_mul(s, s, x, p, ctx) || !BN_mod_add(s, s, b, p, ctx) ||
	    !BN_mod_sqr(y, y, p, ctx))
		return JWT_NO_MEMORY;
	*found = BN_ucmp(s, y) == 0;
	return JWT_OK;
}

/* RFC 8725 section 3.4: a point off the curve gives private keys away. */
static enum jwt_reason
vet_ec(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts, char **refusal)
{
	const struct jwt_curve *curve = parts->curve;
	enum jwt_reason result = JWT_NO_MEMORY;
	EC_GROUP *group = NULL;
	BN_CTX *ctx = NULL;
	bool found = false;

	/* RFC 7518 section 6.2.1.2: all bytes of a coordinate, always. */
	if (parts->x.len != curve->size || parts->y.len != curve->size)
		return REFUSE(refusal,
		    "coordinates have %zu and %zu bytes, those of %s have %zu",
		    parts->x.len, parts->y.len, curve->name, curve->size);
	if (parts->d.len != 0 && parts->d.len != curve->size)
		return REFUSE(refusal, "'d' has %zu bytes, that of %s has %zu",
		    parts->d.len, curve->name, curve->size);
	group = EC_GROUP_new_by_curve_name_ex(
	    libctx, NULL, OBJ_sn2nid(curve->group));
	if (group == NULL || (ctx = BN_CTX_new_ex(libctx)) == NULL)
		goto out;
	BN_CTX_start(ctx);
	result = find_point(group, ctx, parts, &found);
	BN_CTX_end(ctx);
	if (result == JWT_OK && !found)
		result = REFUSE(refusal, "the point (x, y) does not lie on %s",
		    curve->name);
out:
	BN_CTX_free(ctx);
	EC_GROUP_free(group);
	return result;
}

/* a x^2 + y^2 = 1 + d x^2 y^2 modulo p (RFC 8032 sections 5.1 and 5.2). */
struct edwards {
	const char *curve;
	const char *p, *a, *d; /* hexadecimal */
	const char *eighth;    /* y of a point of order 8, the lesser one */
};

static const struct edwards edwards[] = {
    {"Ed25519",
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
	"-1",
	"52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3",
	"05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826"},
    {"Ed448",
	"fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"1", "-98a9", NULL},
};

enum wrong {
	NOTHING_WRONG = 0,
	SMALL_ORDER,
	X_IS_ZERO, /* of small order, too */
	NOT_LEAST,
	OFF_CURVE
};

static const char *const wrongs[] = {
    [SMALL_ORDER] = "is a point of small order, under which anybody can sign",
    [X_IS_ZERO] = "is a point of small order, under which anybody can sign",
    [NOT_LEAST] = "is not encoded in its least form (y >= p)",
    [OFF_CURVE] = "is no point of the curve",
};

/* Leaves in `*wrong` what is wrong with this y. */
static enum jwt_reason
judge_y(const struct edwards *row, const BIGNUM *y, const BIGNUM *p,
    const BIGNUM *a, const BIGNUM *d, BN_CTX *ctx, enum wrong *wrong)
{
	BIGNUM *u = BN_CTX_get(ctx), *v = BN_CTX_get(ctx), *w = BN_CTX_get(ctx);
	int symbol;

	if (w == NULL)
		return JWT_NO_MEMORY;
	if (BN_ucmp(y, p) >= 0) {
		*wrong = NOT_LEAST;
		return JWT_OK;
	}
	/* With y, p - y is of small order too: one of each pair is compared. */
	if (!BN_sub(u, p, y) || BN_copy(v, BN_ucmp(u, y) < 0 ? u : y) == NULL ||
	    (row->eighth != NULL && BN_hex2bn(&w, row->eighth) == 0))
		return JWT_NO_MEMORY;
	if (BN_is_zero(v) || BN_is_one(v) ||
	    (row->eighth != NULL && BN_ucmp(v, w) == 0)) {
		*wrong = BN_is_one(v) ? X_IS_ZERO : SMALL_ORDER;
		return JWT_OK;
	}
	/* x^2 = u / v has a root when u v is a square. */
	if (!BN_mod_sqr(w, y, p, ctx) || !BN_mod_mul(v, w, d, p, ctx) ||
	    !BN_mod_sub(v, a, v, p, ctx) || !BN_one(u) ||
	    !BN_mod_sub(u, u, w, p, ctx) || !BN_mod_mul(w, u, v, p, ctx) ||
	    (symbol = BN_kronecker(w, p, ctx)) == -2)
		return JWT_NO_MEMORY;
	if (symbol == -1)
		*wrong = OFF_CURVE;
	return JWT_OK;
}

/* The y of an encoded point: little endian, below the sign bit of x. */
static enum jwt_reason
find_wrong(const struct edwards *row, struct jwt_slice x, BN_CTX *ctx,
    enum wrong *wrong)
{
	BIGNUM *p = BN_CTX_get(ctx), *a = BN_CTX_get(ctx), *d = BN_CTX_get(ctx);
	BIGNUM *y = BN_CTX_get(ctx);

	if (y == NULL || BN_hex2bn(&p, row->p) == 0 ||
	    BN_hex2bn(&a, row->a) == 0 || BN_hex2bn(&d, row->d) == 0 ||
	    BN_lebin2bn((const unsigned char *)x.at, (int)x.len, y) == NULL)
		return JWT_NO_MEMORY;
	if (BN_is_bit_set(y, (int)x.len * 8 - 1) &&
	    BN_clear_bit(y, (int)x.len * 8 - 1) != 1)
		return JWT_INTERNAL_ERROR;
	return judge_y(row, y, p, a, d, ctx, wrong);
}

static enum jwt_reason
vet_point(OSSL_LIB_CTX *libctx, const struct jwt_curve *curve,
    struct jwt_slice bytes, enum wrong *wrong)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	BN_CTX *ctx;
	size_t i;

	*wrong = NOTHING_WRONG;
	if ((ctx = BN_CTX_new_ex(libctx)) == NULL)
		return JWT_NO_MEMORY;
	BN_CTX_start(ctx);
	for (i = 0; i < sizeof(edwards) / sizeof(edwards[0]); i++) {
		if (strcmp(edwards[i].curve, curve->name) == 0)
			result = find_wrong(&edwards[i], bytes, ctx, wrong);
	}
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return result;
}

bool
jwt_vet_is_point(
    OSSL_LIB_CTX *libctx, const struct jwt_curve *curve, struct jwt_slice bytes)
{
	enum wrong wrong;

	return vet_point(libctx, curve, bytes, &wrong) == JWT_OK &&
	       (wrong == NOTHING_WRONG || wrong == SMALL_ORDER);
}

/*
 * OpenSSL loads points of small order, under which the constant signature
 * R = identity, S = 0 holds for any message.
 */
static enum jwt_reason
vet_okp(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts, char **refusal)
{
	const struct jwt_curve *curve = parts->curve;
	enum jwt_reason result;
	enum wrong wrong;

	if (parts->x.len != curve->size)
		return REFUSE(refusal, "'x' has %zu bytes, that of %s has %zu",
		    parts->x.len, curve->name, curve->size);
	if (parts->d.len != 0 && parts->d.len != curve->size)
		return REFUSE(refusal, "'d' has %zu bytes, that of %s has %zu",
		    parts->d.len, curve->name, curve->size);
	result = vet_point(libctx, curve, parts->x, &wrong);
	if (result == JWT_OK && wrong != NOTHING_WRONG)
		result =
		    REFUSE(refusal, "%s 'x' %s", curve->name, wrongs[wrong]);
	return result;
}

/* RFC 7518 section 3.2; without `alg`, at least what HS256 needs. */
static enum jwt_reason
vet_oct(const struct jwt_key_parts *parts,
    const struct jwt_algorithm *algorithm, char **refusal)
{
	if (algorithm == NULL)
		algorithm = jwt_algorithm_find(jwt_slice_of("HS256"));
	if (parts->k.len < algorithm->hash_size)
		return REFUSE(refusal,
		    "secret has %zu bytes, %s needs at least %zu", parts->k.len,
		    algorithm->name, algorithm->hash_size);
	if (parts->k.len > JWT_SECRET_MAX)
		return REFUSE(refusal,
		    "secret has %zu bytes, at most %d are taken", parts->k.len,
		    JWT_SECRET_MAX);
	return JWT_OK;
}

/* RFC 7517 section 4.4: what `alg` says must be possible with such a key. */
static enum jwt_reason
vet_algorithm(const struct jwt_key_parts *parts,
    const struct jwt_algorithm *algorithm, char **refusal)
{
	if (algorithm->kty != parts->kty)
		return REFUSE(refusal,
		    "its alg %s is for %s keys, this one is %s",
		    algorithm->name, jwt_kty_name(algorithm->kty),
		    jwt_kty_name(parts->kty));
	if (algorithm->curve != NULL && parts->curve != NULL &&
	    strcmp(algorithm->curve, parts->curve->name) != 0)
		return REFUSE(refusal,
		    "its alg %s is for %s, this one is on %s", algorithm->name,
		    algorithm->curve, parts->curve->name);
	return JWT_OK;
}

enum jwt_reason
jwt_vet(OSSL_LIB_CTX *libctx, const struct jwt_key_parts *parts,
    const struct jwt_algorithm *algorithm, char **refusal)
{
	enum jwt_reason result;
	bool on_curve = parts->kty == JWT_KTY_EC || parts->kty == JWT_KTY_OKP;

	*refusal = NULL;
	if (on_curve != (parts->curve != NULL) ||
	    (on_curve && parts->curve->kty != parts->kty))
		return JWT_INTERNAL_ERROR;
	if (algorithm != NULL) {
		result = vet_algorithm(parts, algorithm, refusal);
		if (result != JWT_OK || *refusal != NULL)
			return result;
	}
	switch (parts->kty) {
	case JWT_KTY_RSA:
		return vet_rsa(parts, refusal);
	case JWT_KTY_EC:
		return vet_ec(libctx, parts, refusal);
	case JWT_KTY_OKP:
		return vet_okp(libctx, parts, refusal);
	case JWT_KTY_OCT:
		return vet_oct(parts, algorithm, refusal);
	}
	return JWT_INTERNAL_ERROR;
}
