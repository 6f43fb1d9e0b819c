#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/token.h"
#include "vectors.h"

void
tally_count(
    struct tally *tally, bool agrees, const char *where, const char *what, ...)
{
	char text[1024];
	va_list ap;

	tally->tests++;
	if (agrees) {
		tally->agreed++;
		return;
	}
	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	print_message(
	    "# disagrees: %s, test %s: %s\n", tally->set, where, text);
}

void
tally_skip(struct tally *tally, bool refused, const char *where)
{
	tally->tests++;
	if (refused) {
		tally->skipped++;
		return;
	}
	print_message("# disagrees: %s, test %s: it is not for us, but was "
		      "taken\n",
	    tally->set, where);
}

size_t
tally_tell(const struct tally *tally)
{
	print_message("# vectors: %s tests=%zu agreed=%zu skipped=%zu",
	    tally->set, tally->tests, tally->agreed, tally->skipped);
	if (tally->skipped > 0)
		print_message(" (%s)", tally->why);
	print_message("\n");
	if (tally->tests == 0)
		return 1;
	return tally->tests - tally->agreed - tally->skipped;
}

static int
is_no_dot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct name_list
vector_names(const char *folder)
{
	struct name_list list;
	struct dirent **entry;
	char path[4096];
	int i, n;

	n = scandir(vector_path(path, folder), &entry, is_no_dot, alphasort);
	assert_true(n > 0);
	list.at = calloc((size_t)n, sizeof(*list.at));
	assert_non_null(list.at);
	for (i = 0; i < n; i++) {
		list.at[i] = strdup(entry[i]->d_name);
		assert_non_null(list.at[i]);
		free(entry[i]);
	}
	free(entry);
	list.count = (size_t)n;
	return list;
}

void
name_list_free(struct name_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
}

bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len >= n && strcmp(name + len - n, end) == 0;
}

struct jwt_slice
vector_text(const char *name)
{
	char path[4096], *bytes;
	size_t len, size = 1 << 20;
	FILE *file;

	file = fopen(vector_path(path, name), "rb");
	assert_non_null(file);
	bytes = malloc(size);
	assert_non_null(bytes);
	len = fread(bytes, 1, size, file);
	assert_true(len < size);
	bytes[len] = '\0';
	fclose(file);
	return (struct jwt_slice){bytes, len};
}

void
free_text(struct jwt_slice text)
{
	free((void *)(uintptr_t)text.at);
}

enum jwt_reason
vector_verify(OSSL_LIB_CTX *libctx, struct jwt_slice keys, struct jwt_slice jws,
    struct jwt_fault *fault)
{
	struct jwt_token token = {0};
	struct jwt_keyset *set;
	enum jwt_reason reason;

	reason = jwt_keyset_parse(libctx, "keys", keys, 0100600, &set, fault);
	if (reason != JWT_OK)
		return reason;
	reason = jwt_token_split(jws, &token, fault);
	if (reason == JWT_OK)
		reason = jwt_token_header(&token, fault);
	if (reason == JWT_OK)
		reason = jwt_token_verify(libctx, set, &token, fault);
	jwt_token_clear(&token);
	jwt_keyset_free(set);
	return reason;
}

bool
is_refusal(enum jwt_reason reason)
{
	return jwt_reason_row(reason)->kind == JWT_KIND_REFUSED ||
	       reason == JWT_KEYS_UNAVAILABLE;
}

static void
drop_private_members(struct json_object *jwk)
{
	static const char *const private[] = {
	    "d", "p", "q", "dp", "dq", "qi", "oth"};
	size_t i;

	if (strcmp(text_of(jwk, "kty"), "oct") == 0)
		return;
	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		json_object_object_del(jwk, private[i]);
}

const char *
public_half(struct json_object *keys)
{
	struct json_object *list;
	size_t i;

	if (!json_object_object_get_ex(keys, "keys", &list))
		drop_private_members(keys);
	else
		for (i = 0; i < json_object_array_length(list); i++)
			drop_private_members(
			    json_object_array_get_idx(list, i));
	return json_object_to_json_string(keys);
}
