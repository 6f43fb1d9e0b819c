/*
 * A compact JWS (RFC 7515 section 7.1), taken apart in the order in which
 * its faults are told.
 */
#ifndef JWT_TOKEN_H
#define JWT_TOKEN_H

#include "keyset.h"

#define JWT_TOKEN_MAX (64 * 1024) /* bytes */
#define JWT_HEADER_MAX 4096       /* bytes of its JSON */

struct jwt_token {
	struct jwt_slice input; /* header.payload, the bytes as received */
	struct json_object *header;
	const struct jwt_algorithm *algorithm; /* NULL: none that is known */
	struct jwt_slice alg;                  /* borrowed from the header */
	struct jwt_slice kid;                  /* likewise */
	bool has_kid;
	unsigned char *payload;
	size_t payload_len;
	struct json_object *outline; /* NULL until jwt_token_outline */
	struct json_object *claims;  /* NULL until jwt_token_claims */
	unsigned char *signature;
	size_t signature_len;
	bool ragged; /* not canonical, and there is no `signature` */
	enum jwt_reason header_result; /* kept by the first step */
	struct jwt_fault header_fault;
};

/*
 * The first step, shape alone.  `token` is given back with jwt_token_clear,
 * whatever the result, and borrows `text`.
 * A payload may be empty here, as it may in any JWS; a login refuses it.
 * JWT_OK, JWT_TOO_LONG, JWT_NOT_A_JWT, JWT_CUT_OFF, JWT_MALFORMED,
 * JWT_NO_MEMORY; the fault says what stands where.
 */
enum jwt_reason jwt_token_split(
    struct jwt_slice text, struct jwt_token *token, struct jwt_fault *fault);

/*
 * The second, the header: strict JSON, not endless, since it is read for
 * anybody, `alg` and `kid`, and no member that would change what is checked or with which key (RFC 8725 section 3.10).
 * JWT_OK, JWT_HEADER_INVALID, JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_token_header(struct jwt_token *token, struct jwt_fault *fault);

/*
 * The third, the payload before its signature is known to hold: all of it is
 * examined, but only what says who signed it is to be read (jwt/json.h).
 * JWT_OK, JWT_CLAIMS_INVALID, JWT_NO_MEMORY.
 */
enum jwt_reason
jwt_token_outline(struct jwt_token *token, struct jwt_fault *fault);

/* After the signature: the payload as a claims set.  Results as above. */
enum jwt_reason
jwt_token_claims(struct jwt_token *token, struct jwt_fault *fault);

/*
 * The signature, by the key that was chosen.  JWT_OK, JWT_SIGNATURE_INVALID;
 * JWT_CUT_OFF, JWT_MALFORMED where only the key's length tells them apart;
 * JWT_INTERNAL_ERROR, JWT_NO_MEMORY.
 */
enum jwt_reason jwt_token_check(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const struct jwt_token *token);

/*
 * The signature alone, whatever the payload is: choosing the key and
 * checking.  For the verifier of signatures; a login does the same in steps.
 */
enum jwt_reason
jwt_token_verify(OSSL_LIB_CTX *libctx, const struct jwt_keyset *keys,
    const struct jwt_token *token, struct jwt_fault *fault);

/*
 * Signs.  The header is `alg`, `kid` where the key has one, and `typ`; the
 * payload is taken byte for byte.  `*text` is the caller's to free.
 * JWT_OK, JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_token_sign(OSSL_LIB_CTX *libctx, const struct jwt_key *key,
    const char *typ, struct jwt_slice payload, char **text);

void jwt_token_clear(struct jwt_token *token);

/*
 * 1 when the answer is a token or may hold one: it begins as one does, or
 * `eyJ` and two dots stand somewhere in it, as in `Bearer eyJ...`.
 */
int jwt_resembles_token(struct jwt_slice answer);

/*
 * 1 when the answer is sshd's stand-in for a password, `\b\n\r\177INCORRECT`
 * repeated and cut to any length but 0: the account does not exist or may not
 * log in.  jwt_stand_in_fill writes the same.
 */
int jwt_is_stand_in(struct jwt_slice answer);
void jwt_stand_in_fill(char *answer, size_t len);

#endif
