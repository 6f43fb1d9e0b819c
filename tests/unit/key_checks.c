#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "jwt/base64url.h"
#include "key_checks.h"

int
libctx_new(void **state)
{
	*state = jwt_libctx_new();
	return *state == NULL ? -1 : 0;
}

int
libctx_free(void **state)
{
	OSSL_LIB_CTX_free(*state);
	return 0;
}

static bool
find_vector(char path[4096], const char *name)
{
	const char *vectors = getenv("JWT_VECTORS");

	snprintf(path, 4096, "%s/%s",
	    vectors != NULL ? vectors : "../shared/vectors", name);
	return access(path, R_OK) == 0;
}

bool
vector_exists(const char *name)
{
	char path[4096];

	return find_vector(path, name);
}

const char *
vector_path(char path[4096], const char *name)
{
	if (!find_vector(path, name)) {
		print_message("skipped: no vectors\n");
		skip();
	}
	return path;
}

struct json_object *
vector_json(const char *name)
{
	struct json_object *root;
	char path[4096];

	root = json_object_from_file(vector_path(path, name));
	assert_non_null(root);
	return root;
}

struct json_object *
member(const struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("no member %s", name);
	return value;
}

const char *
text_of(const struct json_object *object, const char *name)
{
	return json_object_get_string(member(object, name));
}

static unsigned int
nibble(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = strchr(digits, c);

	assert_true(c != '\0' && found != NULL);
	return (unsigned int)(found - digits);
}

unsigned char *
unhex(const char *hex, size_t *len)
{
	unsigned char *bytes;
	size_t i;

	*len = strlen(hex) / 2;
	bytes = malloc(*len + 1);
	assert_non_null(bytes);
	for (i = 0; i < *len; i++)
		bytes[i] = (unsigned char)(nibble(hex[2 * i]) << 4 |
					   nibble(hex[2 * i + 1]));
	return bytes;
}

struct jwt_keyset *
taken_keys(OSSL_LIB_CTX *libctx, const char *text)
{
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;

	if (jwt_keyset_parse(libctx, "file", jwt_slice_of(text), 0100600, &set,
		&fault) != JWT_OK)
		fail_msg("refused %s: %s", text, fault.text);
	return set;
}

void
refused_file(
    OSSL_LIB_CTX *libctx, struct jwt_slice text, mode_t mode, const char *why)
{
	struct jwt_fault fault = {""};
	struct jwt_keyset *set;

	assert_int_equal(
	    jwt_keyset_parse(libctx, "/a/file", text, mode, &set, &fault),
	    JWT_KEYS_UNAVAILABLE);
	assert_null(set);
	if (strncmp(fault.text, "/a/file: ", 9) != 0 ||
	    strstr(fault.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", fault.text, why);
}

void
usable_key(OSSL_LIB_CTX *libctx, const char *text)
{
	struct jwt_keyset *set = taken_keys(libctx, text);

	if (set->usable != 1 || set->count != 1)
		fail_msg("%s: %zu of %zu usable, %zu skipped: %s", text,
		    set->usable, set->count, set->skipped,
		    set->refusals == NULL ? "" : set->refusals);
	assert_null(set->key[0].refusal);
	assert_null(set->refusals);
	jwt_keyset_free(set);
}

void
refused_key(OSSL_LIB_CTX *libctx, const char *text, const char *why)
{
	struct jwt_keyset *set = taken_keys(libctx, text);

	if (set->usable != 0 || set->count != 1)
		fail_msg("%s: %zu of %zu usable, %zu skipped", text,
		    set->usable, set->count, set->skipped);
	assert_null(set->key[0].pkey);
	assert_null(set->key[0].secret);
	assert_non_null(set->key[0].refusal);
	if (strstr(set->key[0].refusal, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", set->key[0].refusal, why);
	assert_non_null(strstr(set->refusals, set->key[0].refusal));
	jwt_keyset_free(set);
}

void
skipped_key(OSSL_LIB_CTX *libctx, const char *text)
{
	struct jwt_keyset *set = taken_keys(libctx, text);

	if (set->count != 0 || set->skipped != 1)
		fail_msg("%s: %zu keys, %zu skipped", text, set->count,
		    set->skipped);
	assert_int_equal(set->usable, 0);
	assert_null(set->refusals);
	jwt_keyset_free(set);
}

const char *
filled(const char *format, ...)
{
	static char rooms[8][16384];
	static size_t turn;
	char *room = rooms[turn++ % 8];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(room, sizeof(rooms[0]), format, ap);
	va_end(ap);
	assert_in_range(len, 0, sizeof(rooms[0]) - 1);
	return room;
}

const char *
b64(const void *bytes, size_t len)
{
	char *text = jwt_base64url_encode(bytes, len);
	const char *room;

	assert_non_null(text);
	room = filled("%s", text);
	free(text);
	return room;
}
