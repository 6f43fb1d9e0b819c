/*
 * What the tests of keys and signatures share.
 */
#ifndef KEY_CHECKS_H
#define KEY_CHECKS_H

#include "jwt/keyset.h"
#include "jwt/libctx.h"

/* A text with its length, so that it may hold a NUL. */
#define TEXT(literal) ((struct jwt_slice){literal, sizeof(literal) - 1})

/* A group's set-up and tear-down: its state is a context. */
int libctx_new(void **state);
int libctx_free(void **state);

/* The path of a published vector, or the test is skipped. */
const char *vector_path(char path[4096], const char *name);

bool vector_exists(const char *name);

/* Such a file as JSON, to be given back with json_object_put. */
struct json_object *vector_json(const char *name);

/* A member that must be there; a string member. */
struct json_object *member(const struct json_object *object, const char *name);
const char *text_of(const struct json_object *object, const char *name);

/* Hexadecimal to bytes, to be freed. */
unsigned char *unhex(const char *hex, size_t *len);

/* Takes a key file of mode 0600; fails the test unless it is taken. */
struct jwt_keyset *taken_keys(OSSL_LIB_CTX *libctx, const char *text);

/* Fails unless the file as a whole is refused and the fault holds `why`. */
void refused_file(
    OSSL_LIB_CTX *libctx, struct jwt_slice text, mode_t mode, const char *why);

/* Fails unless its one key is usable; is refused, and why; is skipped. */
void usable_key(OSSL_LIB_CTX *libctx, const char *text);
void refused_key(OSSL_LIB_CTX *libctx, const char *text, const char *why);
void skipped_key(OSSL_LIB_CTX *libctx, const char *text);

/* Bytes as base64url, in one of the rooms of `filled`. */
const char *b64(const void *bytes, size_t len);

/* A text that is formatted into one of a few rooms, used in turn. */
const char *
filled(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
