#include "attack.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "../authenticate/base64.h"
#include "openssl.h"

#define SIGNATURE_ROOM 1200

/* Takes `cut` bytes out at a place and puts others in. */
static void
replace(struct text *token, size_t at, size_t cut, const void *put, size_t len)
{
	char *text = malloc(token->len - cut + len + 1);

	must(text != NULL && at + cut <= token->len);
	memcpy(text, token->at, at);
	if (len > 0)
		memcpy(text + at, put, len);
	memcpy(text + at + len, token->at + at + cut, token->len - at - cut);
	token->len = token->len - cut + len;
	text[token->len] = '\0';
	free(token->at);
	token->at = text;
}

static void
attack_text(struct text *token, uint8_t kind, size_t at, uint8_t value)
{
	static const char odd[] = "=.+/ \n\t-_A%\"";
	char byte = odd[value % (sizeof(odd) - 1)];

	at %= token->len + 1;
	if (kind == 0 && at < token->len)
		token->at[at] = (char)(token->at[at] ^ (1 << value % 8));
	else if (kind == 1 && at < token->len)
		token->at[at] = (char)value;
	else if (kind == 2 && at < token->len)
		replace(token, at, 1, NULL, 0);
	else if (kind == 3)
		replace(token, at, 0, &byte, 1);
	else if (kind == 4)
		replace(token, at, token->len - at, NULL, 0);
	else if (kind == 5)
		replace(token, token->len, 0, "====", 1 + value % 4);
	else if (kind == 6 && token->len > 0)
		token->at[token->len - 1]++;
	else if (kind == 7)
		replace(token, token->len, 0, &byte, 1);
}

/* A number in place of one half: 0, 1, n - 1, n, n + 1, n - itself, all 1. */
static void
attack_number(unsigned char *half, size_t size, BIGNUM *order, uint8_t value)
{
	BIGNUM *number = BN_new();

	must(number != NULL);
	BN_zero(number);
	if (value % 7 == 1) {
		BN_one(number);
	} else if (value % 7 >= 2 && value % 7 <= 4) {
		must(BN_copy(number, order) != NULL);
		if (value % 7 == 2)
			BN_sub_word(number, 1);
		else if (value % 7 == 4)
			BN_add_word(number, 1);
	} else if (value % 7 == 5) {
		must(BN_bin2bn(half, (int)size, number) != NULL);
		must(BN_sub(number, order, number) == 1);
	}
	if (value % 7 == 6)
		memset(half, 0xff, size);
	else if (BN_num_bytes(number) <= (int)size)
		BN_bn2binpad(number, half, (int)size);
	BN_free(number);
}

/* RFC 8032 section 5.1.7: S + L is S again, but not to be taken. */
static void
add_order(unsigned char *half, BIGNUM *order)
{
	BIGNUM *number = BN_lebin2bn(half, 32, NULL);

	must(number != NULL && BN_add(number, number, order) == 1);
	BN_bn2lebinpad(number, half, 32);
	BN_free(number);
}

/* RFC 7518 section 3.4 wants R || S; this is what ASN.1 makes of it. */
static size_t
to_der(unsigned char *bytes, size_t len)
{
	unsigned char *at = bytes;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	int half = (int)(len / 2), size;

	must(pair != NULL);
	must(ECDSA_SIG_set0(pair, BN_bin2bn(bytes, half, NULL),
		 BN_bin2bn(bytes + half, half, NULL)) == 1);
	size = i2d_ECDSA_SIG(pair, &at);
	ECDSA_SIG_free(pair);
	must(size > 0);
	return (size_t)size;
}

/* The bytes of the signature, `*len` of them; room for SIGNATURE_ROOM. */
static void
attack_signature(unsigned char *bytes, size_t *len, const struct keypair *key,
    uint8_t kind, size_t at, uint8_t value)
{
	BIGNUM *order = openssl_order(key);
	size_t half = *len / 2;

	if (kind == 8 && *len > 0) {
		bytes[at % *len] ^= (unsigned char)(1 << value % 8);
	} else if (kind == 9 && order != NULL && *len % 2 == 0 && half > 0) {
		if (strcmp(key->algorithm->type, "EC") == 0)
			attack_number(bytes + (value & 0x80 ? half : 0), half,
			    order, value & 0x7f);
		else if (*len == 64)
			add_order(bytes + 32, order);
	} else if (kind == 10 && *len > 0) {
		memset(bytes, value, *len);
	} else if (kind == 11) {
		memmove(bytes + 1, bytes, *len);
		bytes[0] = 0;
		++*len;
	} else if (kind == 12 && *len > 0) {
		memmove(bytes, bytes + 1, --*len);
	} else if (kind == 13) {
		bytes[(*len)++] = value;
	} else if (kind == 14 && *len > 0) {
		--*len;
	} else if (kind == 15 && order != NULL && half > 0 && *len < 200) {
		*len = to_der(bytes, *len);
	}
	BN_free(order);
}

void
attack(struct text *token, const struct keypair *key,
    const uint8_t how[ATTACK_SIZE])
{
	uint8_t kind = how[0] % 16, value = how[3];
	size_t at = (size_t)how[1] << 8 | how[2], len, from;
	unsigned char room[SIGNATURE_ROOM], *bytes;
	const char *dot = memrchr(token->at, '.', token->len);
	char *text;

	if (kind < 8) {
		attack_text(token, kind, at, value);
		return;
	}
	if (dot == NULL)
		return;
	from = (size_t)(dot + 1 - token->at);
	bytes = base64_decode(dot + 1, token->len - from, &len);
	if (bytes != NULL && len < sizeof(room) / 2) {
		memcpy(room, bytes, len);
		attack_signature(room, &len, key, kind, at, value);
		text = base64_encode(room, len);
		replace(token, from, token->len - from, text, strlen(text));
		free(text);
	}
	free(bytes);
}
