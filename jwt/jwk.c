#include "jwk.h"

#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "part.h"
#include "signature.h"

#define KEY_OPS_MAX 16

enum jwt_reason
jwt_jwk_parse(const char *name, struct jwt_slice bytes,
    struct json_object **object, struct jwt_fault *fault)
{
	struct jwt_fault inner = {""};
	enum jwt_reason result;

	result = jwt_json_parse_object(bytes, object, &inner);
	if (result != JWT_MALFORMED)
		return result;
	jwt_fault_set(fault, "%s: JSON: %s", name, inner.text);
	return JWT_KEYS_UNAVAILABLE;
}

/* One key while it is read. */
struct reading {
	OSSL_LIB_CTX *libctx;
	const struct json_object *jwk;
	bool with_private;
	bool skipped;
	struct jwt_key *key;
	struct jwt_parts parts;
};

/* Says why the key is not to be used; without memory for it nothing passes. */
#define REFUSE(reading, ...)                                         \
	(((reading)->key->refusal = jwt_format(__VA_ARGS__)) != NULL \
		? JWT_OK                                             \
		: JWT_NO_MEMORY)

/* The same for a key that is meant for something else. */
static enum jwt_reason
skip(struct reading *reading, const char *member, struct jwt_slice value)
{
	char quoted[64];

	reading->skipped = true;
	jwt_quote_inside(quoted, sizeof(quoted), value);
	return REFUSE(reading, "%s is %s", member, quoted);
}

static bool
has(const struct json_object *jwk, const char *name)
{
	struct json_object *value;

	return jwt_json_member(jwk, name, &value) != JWT_MEMBER_ABSENT;
}

/* The text of a member; where there is none `text->at` is NULL. */
static enum jwt_reason
find_text(struct reading *reading, const char *name, bool is_needed,
    struct jwt_slice *text)
{
	enum jwt_member member = jwt_json_string(reading->jwk, name, text);

	if (member == JWT_MEMBER_FOUND)
		return JWT_OK;
	*text = (struct jwt_slice){NULL, 0};
	if (member == JWT_MEMBER_WRONG_TYPE)
		return REFUSE(reading, "%s is no string", name);
	return is_needed ? REFUSE(reading, "%s is missing", name) : JWT_OK;
}

/* What the key is called; whether that is a string is asked for later. */
static enum jwt_reason
read_kid(struct reading *reading)
{
	struct jwt_key *key = reading->key;
	struct jwt_slice kid;

	if (jwt_json_string(reading->jwk, "kid", &kid) != JWT_MEMBER_FOUND)
		return JWT_OK;
	if ((key->kid = malloc(kid.len + 1)) == NULL)
		return JWT_NO_MEMORY;
	memcpy(key->kid, kid.at, kid.len);
	key->kid[kid.len] = '\0';
	key->kid_len = kid.len;
	return JWT_OK;
}

static enum jwt_reason
read_kty(struct reading *reading)
{
	enum jwt_reason result;
	struct jwt_slice kty;
	enum jwt_kty type;

	result = find_text(reading, "kty", true, &kty);
	if (kty.at == NULL)
		return result;
	for (type = JWT_KTY_OCT; type <= JWT_KTY_OKP; type++) {
		if (!jwt_slice_equal(kty, jwt_slice_of(jwt_kty_name(type))))
			continue;
		reading->key->kty = reading->parts.parts.kty = type;
		return JWT_OK;
	}
	return skip(reading, "kty", kty);
}

/* RFC 7517 section 4.2 */
static enum jwt_reason
read_use(struct reading *reading)
{
	enum jwt_reason result;
	struct jwt_slice use;

	result = find_text(reading, "use", false, &use);
	if (use.at == NULL)
		return result;
	if (!jwt_slice_equal(use, jwt_slice_of("sig")))
		return skip(reading, "use", use);
	return JWT_OK;
}

/* What key_ops holds, counted. */
struct key_ops {
	bool wanted; /* the one that we need is among them */
	bool others; /* one that is not about signatures is */
};

static enum jwt_reason
read_key_op(struct reading *reading, struct json_object *array, size_t i,
    struct key_ops *ops)
{
	struct json_object *value = json_object_array_get_idx(array, i);
	bool is_sign, is_verify;
	struct jwt_slice op;
	size_t k;

	if (!json_object_is_type(value, json_type_string))
		return REFUSE(reading, "key_ops holds what is no string");
	op = jwt_json_slice(value);
	for (k = 0; k < i; k++) {
		value = json_object_array_get_idx(array, k);
		if (jwt_slice_equal(op, jwt_json_slice(value)))
			return REFUSE(reading, "key_ops names one twice");
	}
	is_sign = jwt_slice_equal(op, jwt_slice_of("sign"));
	is_verify = jwt_slice_equal(op, jwt_slice_of("verify"));
	ops->wanted |= reading->with_private ? is_sign : is_verify;
	ops->others |= !is_sign && !is_verify;
	return JWT_OK;
}

/* RFC 7517 section 4.3: no duplicates, and no contradiction to `use`. */
static enum jwt_reason
read_key_ops(struct reading *reading)
{
	enum jwt_reason result;
	struct json_object *array;
	struct key_ops ops = {false, false};
	size_t i, count;

	if (jwt_json_member(reading->jwk, "key_ops", &array) ==
	    JWT_MEMBER_ABSENT)
		return JWT_OK;
	if (!json_object_is_type(array, json_type_array))
		return REFUSE(reading, "key_ops is no array");
	if ((count = json_object_array_length(array)) > KEY_OPS_MAX)
		return REFUSE(reading, "key_ops has %zu, at most %d are taken",
		    count, KEY_OPS_MAX);
	for (i = 0; i < count; i++) {
		result = read_key_op(reading, array, i, &ops);
		if (result != JWT_OK || reading->key->refusal != NULL)
			return result;
	}
	reading->skipped = !ops.wanted;
	if (!ops.wanted)
		return REFUSE(reading, "key_ops lacks '%s'",
		    reading->with_private ? "sign" : "verify");
	if (ops.others && has(reading->jwk, "use"))
		return REFUSE(reading,
		    "use is 'sig', but key_ops has more than 'sign' and "
		    "'verify'");
	return JWT_OK;
}

static enum jwt_reason
read_alg(struct reading *reading)
{
	enum jwt_reason result;
	struct jwt_slice alg;

	result = find_text(reading, "alg", false, &alg);
	if (alg.at == NULL)
		return result;
	if ((reading->key->algorithm = jwt_algorithm_find(alg)) == NULL)
		return skip(reading, "alg", alg);
	return JWT_OK;
}

static enum jwt_reason
read_crv(struct reading *reading)
{
	enum jwt_reason result;
	enum jwt_kty kty = reading->key->kty;
	const struct jwt_curve *curve;
	struct jwt_slice crv;

	if (kty != JWT_KTY_EC && kty != JWT_KTY_OKP)
		return JWT_OK;
	result = find_text(reading, "crv", true, &crv);
	if (crv.at == NULL)
		return result;
	if ((curve = jwt_curve_find(crv)) == NULL)
		return skip(reading, "crv", crv);
	if (curve->kty != kty)
		return REFUSE(reading, "crv %s is for kty %s, this one is %s",
		    curve->name, jwt_kty_name(curve->kty), jwt_kty_name(kty));
	reading->key->curve = reading->parts.parts.curve = curve;
	return JWT_OK;
}

static enum jwt_reason
check_kid(struct reading *reading)
{
	if (reading->key->kid == NULL && has(reading->jwk, "kid"))
		return REFUSE(reading, "kid is no string");
	return JWT_OK;
}

static enum jwt_reason
read_part(struct reading *reading, size_t i)
{
	const char *name = jwt_part_at(i)->name;
	enum jwt_reason result;
	unsigned char *bytes;
	struct jwt_slice text;
	size_t len;

	result = find_text(reading, name, true, &text);
	if (text.at == NULL)
		return result;
	result = jwt_base64url_decode(text, &bytes, &len);
	if (result == JWT_MALFORMED)
		return REFUSE(reading,
		    "%s is no base64url (no padding, no white space, no + "
		    "or /)",
		    name);
	if (result == JWT_OK)
		jwt_parts_set(&reading->parts, i, bytes, len);
	return result;
}

static enum jwt_reason
read_parts(struct reading *reading)
{
	const struct jwt_part *part;
	enum jwt_reason result;
	size_t i;

	for (i = 0; i < JWT_PARTS; i++) {
		part = jwt_part_at(i);
		if (part->kty != reading->key->kty ||
		    (part->secret && part->kty != JWT_KTY_OCT &&
			!reading->with_private))
			continue;
		result = read_part(reading, i);
		if (result != JWT_OK || reading->key->refusal != NULL)
			return result;
	}
	return JWT_OK;
}

/* Private numbers are not vetted: OpenSSL may find that they are none. */
static enum jwt_reason
build(struct reading *reading)
{
	enum jwt_reason result;

	if (reading->with_private && reading->key->kty != JWT_KTY_OCT &&
	    reading->parts.parts.d.len == 0)
		return REFUSE(reading, "d is empty");
	result =
	    jwt_key_build(reading->libctx, &reading->parts.parts, reading->key);
	if (result == JWT_INTERNAL_ERROR && reading->with_private)
		return REFUSE(reading, "the private half is damaged");
	return result;
}

/*
 * What the private half signs must hold under the public half that the file
 * names, or every token of this key would be refused elsewhere.
 */
static enum jwt_reason
prove_pair(struct reading *reading)
{
	static const struct jwt_slice probe = {"probe", 5};
	struct jwt_key_parts parts = reading->parts.parts;
	unsigned char bytes[JWT_SIGNATURE_MAX];
	const struct jwt_algorithm *algorithm;
	struct jwt_key public_half = {0};
	enum jwt_reason result;
	size_t len;

	if (!reading->with_private || parts.kty == JWT_KTY_OCT)
		return JWT_OK;
	parts.d = (struct jwt_slice){NULL, 0};
	parts.p = parts.q = parts.dp = parts.dq = parts.qi = parts.d;
	algorithm = jwt_key_signing_algorithm(reading->key);
	result = jwt_key_build(reading->libctx, &parts, &public_half);
	if (result == JWT_OK)
		result = jwt_signature_make(reading->libctx, reading->key,
		    algorithm, probe, bytes, &len);
	if (result == JWT_OK)
		result = jwt_signature_verify(reading->libctx, &public_half,
		    algorithm, probe,
		    (struct jwt_slice){(const char *)bytes, len});
	if (result == JWT_SIGNATURE_INVALID || result == JWT_INTERNAL_ERROR)
		result = REFUSE(reading,
		    "the private and the public half are not of one key");
	jwt_key_clear(&public_half);
	return result;
}

/* In this order; each may refuse the key, which ends the reading. */
static enum jwt_reason (*const steps[])(struct reading *) = {
    read_kid,
    read_kty,
    read_use,
    read_key_ops,
    read_alg,
    read_crv,
    check_kid,
    read_parts,
    build,
    prove_pair,
};

enum jwt_reason
jwt_jwk_read(OSSL_LIB_CTX *libctx, const struct json_object *jwk,
    bool with_private, struct jwt_key *key, bool *skipped)
{
	struct reading reading = {.libctx = libctx,
	    .jwk = jwk,
	    .with_private = with_private,
	    .key = key};
	enum jwt_reason result = JWT_OK;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		result = steps[i](&reading);
		if (result != JWT_OK || key->refusal != NULL)
			break;
	}
	*skipped = reading.skipped;
	jwt_parts_clear(&reading.parts);
	return result;
}

/* RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. */
static const char *const private_members[] = {
    "d", "p", "q", "dp", "dq", "qi", "oth", "k"};

const char *
jwt_jwk_private_member(const struct json_object *jwk)
{
	struct jwt_slice kty;
	size_t i;

	if (jwt_json_string(jwk, "kty", &kty) == JWT_MEMBER_FOUND &&
	    !jwt_jwk_is(jwk, JWT_KTY_RSA) && !jwt_jwk_is(jwk, JWT_KTY_EC) &&
	    !jwt_jwk_is(jwk, JWT_KTY_OKP))
		return NULL;
	for (i = 0; i < sizeof(private_members) / sizeof(private_members[0]);
	     i++) {
		if (has(jwk, private_members[i]))
			return private_members[i];
	}
	return NULL;
}

int
jwt_jwk_is(const struct json_object *jwk, enum jwt_kty kty)
{
	struct jwt_slice name;

	return jwt_json_string(jwk, "kty", &name) == JWT_MEMBER_FOUND &&
	       jwt_slice_equal(name, jwt_slice_of(jwt_kty_name(kty)));
}
