/*
 * Memory that runs out: of the module, of json-c's objects, of libcrypto.
 */
#include <errno.h>
#include <json-c/json.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "machine.h"

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* Without a sanitizer there are none. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static bool
memory_fails(void)
{
	if (!machine.armed || machine_fails(CALL_MEMORY) == NULL)
		return false;
	errno = ENOMEM;
	return true;
}

/* A function `name` that fails like one without memory, else does its work. */
#define WRAP(type, name, parameters, arguments, failure)                     \
	type __real_##name parameters;                                       \
	type __wrap_##name parameters;                                       \
	type __wrap_##name parameters                                        \
	{                                                                    \
		return memory_fails() ? (failure) : __real_##name arguments; \
	}

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)
WRAP(void *, reallocarray, (void *old, size_t count, size_t size),
    (old, count, size), NULL)
WRAP(char *, strdup, (const char *string), (string), NULL)
WRAP(char *, strndup, (const char *string, size_t len), (string, len), NULL)
WRAP(int, vasprintf, (char **out, const char *format, va_list ap),
    (out, format, ap), -1)
WRAP(locale_t, newlocale, (int mask, const char *name, locale_t base),
    (mask, name, base), (locale_t)0)
WRAP(struct json_object *, json_object_new_object, (void), (), NULL)
WRAP(struct json_object *, json_object_new_array, (void), (), NULL)
WRAP(struct json_object *, json_object_new_boolean, (json_bool b), (b), NULL)
WRAP(struct json_object *, json_object_new_int64, (int64_t i), (i), NULL)
WRAP(struct json_object *, json_object_new_double_s,
    (double d, const char *text), (d, text), NULL)
WRAP(struct json_object *, json_object_new_string_len,
    (const char *text, int len), (text, len), NULL)
WRAP(int, json_object_array_add,
    (struct json_object * array, struct json_object *value), (array, value), -1)
WRAP(int, json_object_object_add_ex,
    (struct json_object * object, const char *const name,
	struct json_object *const value, const unsigned int options),
    (object, name, value, options), -1)
WRAP(const char *, json_object_to_json_string_ext,
    (struct json_object * object, int flags), (object, flags), NULL)

/*
 * A context of OpenSSL's takes longer than all of the rest of a login, so one
 * serves them all, unless libcrypto's memory is to fail while it is made.
 */
static OSSL_LIB_CTX *shared;

OSSL_LIB_CTX *__real_OSSL_LIB_CTX_new(void);
OSSL_LIB_CTX *__wrap_OSSL_LIB_CTX_new(void);
void __real_OSSL_LIB_CTX_free(OSSL_LIB_CTX *context);
void __wrap_OSSL_LIB_CTX_free(OSSL_LIB_CTX *context);

OSSL_LIB_CTX *
__wrap_OSSL_LIB_CTX_new(void)
{
	OSSL_LIB_CTX *context = shared;

	if (!machine.armed || machine.crypto_may_leak)
		context = __real_OSSL_LIB_CTX_new();
	machine.contexts += context != NULL;
	return context;
}

void
__wrap_OSSL_LIB_CTX_free(OSSL_LIB_CTX *context)
{
	if (context != NULL)
		machine.contexts--;
	if (context != shared)
		__real_OSSL_LIB_CTX_free(context);
}

/*
 * What libcrypto leaks itself when its own allocation fails is no fault of
 * the module, so the leak checker does not look then.
 */
static void *
crypto_resize(void *old, size_t size, const char *file, int line)
{
	bool hidden = machine.crypto_may_leak && __lsan_disable != NULL;
	void *grown;

	(void)file;
	(void)line;
	if (size == 0) {
		free(old);
		return NULL;
	}
	if (machine.armed && machine_fails(CALL_CRYPTO) != NULL)
		return NULL;
	if (hidden)
		__lsan_disable();
	grown = __real_realloc(old, size);
	if (hidden)
		__lsan_enable();
	return grown;
}

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	return crypto_resize(NULL, size, file, line);
}

static void
crypto_free(void *bytes, const char *file, int line)
{
	(void)file;
	(void)line;
	free(bytes);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void
machine_build(void)
{
	if (CRYPTO_set_mem_functions(
		crypto_malloc, crypto_resize, crypto_free) != 1)
		wrong("libcrypto has allocated before");
	if ((shared = __real_OSSL_LIB_CTX_new()) == NULL)
		wrong("no memory for the fuzzer itself");
}
