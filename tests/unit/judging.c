#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <cmocka.h>

#include "jwt/base64url.h"
#include "jwt/keyset.h"
#include "jwt/libctx.h"
#include "jwt/signature.h"

#include "config_checks.h"
#include "judging.h"
#include "scratch.h"

#define KEYS_MAX 64
#define ROOMS 64
#define ROOM_SIZE (80 * 1024)

static struct {
	OSSL_LIB_CTX *libctx;
	struct {
		const char *name;
		char *public;
		struct jwt_key key;
	} pair[KEYS_MAX];
	size_t count;
} keys;

const char *
text(const char *format, ...)
{
	static char rooms[ROOMS][ROOM_SIZE];
	static size_t next;
	char *room = rooms[next++ % ROOMS];
	va_list ap;

	va_start(ap, format);
	assert_in_range(
	    vsnprintf(room, ROOM_SIZE, format, ap), 0, ROOM_SIZE - 1);
	va_end(ap);
	return room;
}

void
make_key_of(const char *name, const char *algorithm, const char *kid)
{
	char *private = NULL;

	assert_true(keys.count < KEYS_MAX);
	assert_int_equal(jwt_key_generate(keys.libctx,
			     jwt_algorithm_find(jwt_slice_of(algorithm)), kid,
			     &private, &keys.pair[keys.count].public),
	    JWT_OK);
	assert_int_equal(
	    jwt_key_parse_private(keys.libctx, name, jwt_slice_of(private),
		0600, &keys.pair[keys.count].key, NULL),
	    JWT_OK);
	keys.pair[keys.count++].name = name;
	free(private);
}

void
make_key(const char *name, const char *algorithm)
{
	make_key_of(name, algorithm, name);
}

static size_t
find_key(const char *name)
{
	size_t i;

	for (i = 0; i < keys.count; i++)
		if (strcmp(keys.pair[i].name, name) == 0)
			return i;
	fail_msg("no key %s", name);
	return 0;
}

const char *
public_key(const char *name)
{
	return keys.pair[find_key(name)].public;
}

const char *
write_keys(const char *file, const char *names)
{
	const char *set = "", *name, *copy = text("%s", names);
	size_t len;

	for (name = copy; *name != '\0'; name += len + (name[len] == ' ')) {
		len = strcspn(name, " ");
		set = text("%s%s%s", set, set[0] != '\0' ? "," : "",
		    public_key(text("%.*s", (int)len, name)));
	}
	return scratch_write(file, text("{\"keys\":[%s]}", set), 0600);
}

int
judging_make(void **state)
{
	if (scratch_make(state) != 0 ||
	    (keys.libctx = jwt_libctx_new()) == NULL)
		return -1;
	make_key("ed", "EdDSA");
	make_key("es", "ES256");
	write_keys("keys", "ed es");
	return 0;
}

int
judging_remove(void **state)
{
	while (keys.count > 0) {
		keys.count--;
		free(keys.pair[keys.count].public);
		jwt_key_clear(&keys.pair[keys.count].key);
	}
	OSSL_LIB_CTX_free(keys.libctx);
	return scratch_remove(state);
}

const char *
signed_by(const char *name, const char *header, const char *payload)
{
	const struct jwt_key *key = &keys.pair[find_key(name)].key;
	unsigned char bytes[JWT_SIGNATURE_MAX];
	char *head, *body, *signature;
	const char *input;
	size_t len;

	head = jwt_base64url_encode(header, strlen(header));
	body = jwt_base64url_encode(payload, strlen(payload));
	assert_non_null(head);
	assert_non_null(body);
	input = text("%s.%s", head, body);
	assert_int_equal(
	    jwt_signature_make(keys.libctx, key, jwt_key_signing_algorithm(key),
		jwt_slice_of(input), bytes, &len),
	    JWT_OK);
	signature = jwt_base64url_encode(bytes, len);
	assert_non_null(signature);
	input = text("%s.%s", input, signature);
	free(head);
	free(body);
	free(signature);
	return input;
}

const char *
claims_but(const char *changes)
{
	struct json_object *claims, *changed;
	struct jwt_fault fault = {""};
	const char *usual, *result;

	usual = text("{\"iss\":\"https://sso.example.com\",\"sub\":\"deploy\","
		     "\"aud\":\"ssh\",\"exp\":%lld,\"iat\":%lld}",
	    (long long)NOW + 300, (long long)NOW - 10);
	assert_int_equal(
	    jwt_json_parse_object(jwt_slice_of(usual), &claims, NULL), JWT_OK);
	if (jwt_json_parse_object(jwt_slice_of(changes), &changed, &fault) !=
	    JWT_OK)
		fail_msg("%s: %s", changes, fault.text);
	json_object_object_foreach(changed, name, value)
	{
		json_object_object_del(claims, name);
		if (!json_object_is_type(value, json_type_string) ||
		    strcmp(json_object_get_string(value), "-") != 0)
			json_object_object_add(
			    claims, name, json_object_get(value));
	}
	result = text("%s",
	    json_object_to_json_string_ext(claims, JSON_C_TO_STRING_PLAIN));
	json_object_put(claims);
	json_object_put(changed);
	return result;
}

const char *
token_with(const char *changes)
{
	return signed_by(
	    "ed", "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", claims_but(changes));
}

const char *
config_with(const char *more)
{
	return text("[issuer corp]\n"
		    "issuer = https://sso.example.com\n"
		    "keys = %s\n"
		    "audience = ssh://%%h ssh\n"
		    "algorithms = EdDSA ES256\n"
		    "%s",
	    scratch_path("keys"), more);
}

enum jwt_reason
hear(const struct hearing *hearing, struct jwt_verdict *verdict)
{
	struct jwt_config *config = config_of(
	    hearing->config != NULL ? hearing->config : config_with(""));
	struct jwt_attempt attempt = {
	    .config = config,
	    .answer = jwt_slice_of(hearing->answer),
	    .user = hearing->user != NULL ? hearing->user : "deploy",
	    .service = hearing->service != NULL ? hearing->service : "sshd",
	    .host = hearing->host != NULL ? hearing->host : "web1.example.com",
	    .now = hearing->now != 0 ? hearing->now : NOW,
	    .repeated = hearing->repeated,
	    .again = hearing->again,
	    .at_most = hearing->at_most,
	    .explain = hearing->explain,
	};
	enum jwt_reason reason;

	if (hearing->no_host)
		attempt.host = NULL;
	if (hearing->answer == NULL)
		attempt.answer = jwt_slice_of(token_with("{}"));
	reason = jwt_judge(&attempt, verdict);
	assert_int_equal(reason, verdict->reason);
	assert_int_equal(ERR_peek_error(), 0);
	jwt_config_free(config);
	return reason;
}

void
expect(const struct hearing *hearing, enum jwt_reason reason)
{
	struct jwt_verdict verdict;
	struct jwt_client client = {.user = hearing->user};

	if (hear(hearing, &verdict) != reason) {
		fail_msg("wanted %s: %s", jwt_reason_name(reason),
		    jwt_verdict_line(&verdict, &client));
	}
	jwt_verdict_clear(&verdict);
}

void
expect_claims(const char *changes, enum jwt_reason reason)
{
	expect(&(struct hearing){.answer = token_with(changes)}, reason);
}
