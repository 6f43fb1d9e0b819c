#include "pem.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#define BEGIN "-----BEGIN "

/* A block's name, its first line, and how its bytes become a key. */
struct kind {
	const char *name;
	const char *line;
	EVP_PKEY *(*decode)(OSSL_LIB_CTX *, const unsigned char *, long);
};

static EVP_PKEY *
decode_public_key(OSSL_LIB_CTX *libctx, const unsigned char *der, long len)
{
	const unsigned char *end = der;
	EVP_PKEY *pkey;

	pkey = d2i_PUBKEY_ex(NULL, &end, len, libctx, NULL);
	if (pkey != NULL && end != der + len) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	return pkey;
}

static EVP_PKEY *
decode_certificate(OSSL_LIB_CTX *libctx, const unsigned char *der, long len)
{
	const unsigned char *end = der;
	EVP_PKEY *pkey = NULL;
	X509 *certificate;

	if ((certificate = X509_new_ex(libctx, NULL)) == NULL)
		return NULL;
	/* Frees what it was given where it fails. */
	if (d2i_X509(&certificate, &end, len) == NULL)
		return NULL;
	if (end == der + len)
		pkey = X509_get_pubkey(certificate);
	X509_free(certificate);
	return pkey;
}

static const struct kind kinds[] = {
    {"PUBLIC KEY", "PUBLIC KEY-----", decode_public_key},
    {"CERTIFICATE", "CERTIFICATE-----", decode_certificate},
};

/* What stands on the file's first line behind BEGIN, dashes included. */
static struct jwt_slice
first_line(struct jwt_slice bytes)
{
	struct jwt_slice line = {"", 0};

	if (!jwt_pem_begins(bytes))
		return line;
	line.at = bytes.at + strlen(BEGIN);
	while (line.at + line.len < bytes.at + bytes.len &&
	       line.at[line.len] != '\r' && line.at[line.len] != '\n')
		line.len++;
	return line;
}

static const struct kind *
find_kind(struct jwt_slice line)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (jwt_slice_equal(line, jwt_slice_of(kinds[i].line)))
			return &kinds[i];
	}
	return NULL;
}

int
jwt_pem_begins(struct jwt_slice bytes)
{
	return bytes.len > strlen(BEGIN) &&
	       memcmp(bytes.at, BEGIN, strlen(BEGIN)) == 0;
}

static enum jwt_reason
refuse_block(const char *file, struct jwt_slice line, struct jwt_fault *fault)
{
	char quoted[64];

	if (memmem(line.at, line.len, "PRIVATE KEY", 11) != NULL) {
		jwt_fault_set(fault,
		    "%s: holds a private key, wanted its public half alone: "
		    "openssl pkey -pubout; if others could read it, replace "
		    "the key",
		    file);
		return JWT_KEYS_UNAVAILABLE;
	}
	jwt_quote_inside(quoted, sizeof(quoted), line);
	jwt_fault_set(fault,
	    "%s: begins with -----BEGIN and %s, wanted 'PUBLIC KEY-----' or "
	    "'CERTIFICATE-----'",
	    file, quoted);
	return JWT_KEYS_UNAVAILABLE;
}

/* Behind the block only white space may stand; it ends where `bio` is. */
static enum jwt_reason
check_rest(const char *file, BIO *bio, struct jwt_fault *fault)
{
	char c;

	while (BIO_read(bio, &c, 1) == 1) {
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
			jwt_fault_set(fault,
			    "%s: something follows the first PEM block, wanted "
			    "one key alone; several keys go into a JWKS",
			    file);
			return JWT_KEYS_UNAVAILABLE;
		}
	}
	return JWT_OK;
}

/* The one block's key. */
static enum jwt_reason
read_block(OSSL_LIB_CTX *libctx, const char *file, const struct kind *kind,
    struct jwt_slice bytes, EVP_PKEY **pkey, struct jwt_fault *fault)
{
	enum jwt_reason result = JWT_KEYS_UNAVAILABLE;
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	BIO *bio;
	long len;

	if (bytes.len > INT_MAX ||
	    (bio = BIO_new_mem_buf(bytes.at, (int)bytes.len)) == NULL)
		return JWT_NO_MEMORY;
	/*
	 * OpenSSL passes over lines that are no beginning of a block, so the
	 * caller has seen that the first line is one.
	 */
	if (PEM_read_bio(bio, &name, &header, &der, &len) != 1 ||
	    strcmp(name, kind->name) != 0 || header[0] != '\0') {
		jwt_fault_set(fault, "%s: the PEM block is damaged", file);
		goto out;
	}
	if ((result = check_rest(file, bio, fault)) != JWT_OK)
		goto out;
	if ((*pkey = kind->decode(libctx, der, len)) == NULL) {
		jwt_fault_set(fault,
		    "%s: the %s is damaged or of a kind that OpenSSL does not "
		    "know",
		    file, kind->name);
		result = JWT_KEYS_UNAVAILABLE;
	}
out:
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(bio);
	return result;
}

/* The curve that the key lies on, by OpenSSL's name; NULL: none of ours. */
static const struct jwt_curve *
curve_of(const EVP_PKEY *pkey, char *group, size_t size)
{
	const struct jwt_algorithm *row;
	const struct jwt_curve *curve;
	bool is_ec = EVP_PKEY_is_a(pkey, "EC");
	size_t i;

	if (is_ec && EVP_PKEY_get_group_name(pkey, group, size, NULL) != 1)
		return NULL;
	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++) {
		if (row->curve == NULL)
			continue;
		curve = jwt_curve_find(jwt_slice_of(row->curve));
		if (is_ec ? strcmp(curve->group, group) == 0
			  : EVP_PKEY_is_a(pkey, curve->group))
			return curve;
	}
	return NULL;
}

/* Fills in kty and curve, or says why such a key is not taken. */
static enum jwt_reason
find_type(const char *file, const EVP_PKEY *pkey, struct jwt_key_parts *parts,
    struct jwt_fault *fault)
{
	const char *type = EVP_PKEY_get0_type_name(pkey);
	char group[64] = "";
	int is_explicit = 0;

	if (EVP_PKEY_is_a(pkey, "RSA")) {
		parts->kty = JWT_KTY_RSA;
		return JWT_OK;
	}
	if (EVP_PKEY_is_a(pkey, "EC") &&
	    EVP_PKEY_get_int_param(pkey,
		OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		&is_explicit) == 1 &&
	    is_explicit) {
		jwt_fault_set(fault,
		    "%s: the EC key spells its curve out, wanted the name of "
		    "the curve",
		    file);
		return JWT_KEYS_UNAVAILABLE;
	}
	if ((parts->curve = curve_of(pkey, group, sizeof(group))) != NULL) {
		parts->kty = parts->curve->kty;
		return JWT_OK;
	}
	jwt_fault_set(fault,
	    "%s: holds a key of type %s%s%s, wanted RSA, EC on P-256, P-384, "
	    "P-521 or secp256k1, Ed25519 or Ed448",
	    file, type == NULL ? "unknown" : type,
	    group[0] == '\0' ? "" : " on ", group);
	return JWT_KEYS_UNAVAILABLE;
}

enum jwt_reason
jwt_pem_read(OSSL_LIB_CTX *libctx, const char *name, struct jwt_slice bytes,
    struct jwt_parts *parts, struct jwt_fault *fault)
{
	struct jwt_slice line = first_line(bytes);
	enum jwt_reason result;
	const struct kind *kind;
	EVP_PKEY *pkey = NULL;

	if ((kind = find_kind(line)) == NULL)
		return refuse_block(name, line, fault);
	ERR_set_mark();
	result = read_block(libctx, name, kind, bytes, &pkey, fault);
	if (result != JWT_OK)
		goto out;
	result = find_type(name, pkey, &parts->parts, fault);
	if (result != JWT_OK)
		goto out;
	result = jwt_parts_from_pkey(pkey, false, parts);
	if (result == JWT_INTERNAL_ERROR) {
		/* The point at infinity has no coordinates. */
		jwt_fault_set(fault, "%s: the key has no coordinates", name);
		result = JWT_KEYS_UNAVAILABLE;
	}
out:
	EVP_PKEY_free(pkey);
	ERR_pop_to_mark();
	return result;
}
