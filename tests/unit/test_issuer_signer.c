/*
 * Who signs: the active key of the folder and no other, and how long its
 * tokens live is on the disk before there is one.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "issuer/ring.h"
#include "issuer/signer.h"
#include "jwt/keyset.h"
#include "jwt/libctx.h"
#include "jwt/token.h"

#include "scratch.h"

#define NOW 1800000000
#define NAME_SIZE 128

/* A key folder, and what the tests know of it. */
static struct {
	char name[32];
	char path[256];
	char kid[2][ISSUER_KID_LENGTH + 1]; /* active, next */
	struct issuer_config config;
} folder;

static const char *
path_of(const char *kid, const char *suffix)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s/%s%s", folder.name, kid, suffix);
	return scratch_path(name);
}

/* An active key and a next one. */
static void
make(const char *name)
{
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	char *private_jwk = NULL, *public_jwk = NULL;
	struct issuer_ring ring;
	size_t i;

	snprintf(folder.name, sizeof(folder.name), "%s", name);
	snprintf(
	    folder.path, sizeof(folder.path), "%s", scratch_folder(name, 0700));
	folder.config = (struct issuer_config){.keys = folder.path};
	assert_int_equal(issuer_ring_open(folder.path, &ring, NULL), ISSUER_OK);
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    issuer_key_make(libctx,
			jwt_algorithm_find(
			    jwt_slice_of(i == 0 ? "EdDSA" : "ES256")),
			folder.kid[i], &private_jwk, &public_jwk, NULL),
		    ISSUER_OK);
		assert_int_equal(issuer_key_write(&ring, folder.kid[i],
				     private_jwk, public_jwk, NULL),
		    ISSUER_OK);
		free(private_jwk);
		free(public_jwk);
		private_jwk = public_jwk = NULL;
		assert_non_null(issuer_ring_add(&ring, folder.kid[i], NOW));
	}
	assert_int_equal(issuer_ring_write(&ring, NULL), ISSUER_OK);
	issuer_ring_close(&ring);
	OSSL_LIB_CTX_free(libctx);
}

static enum issuer_reason
sign(int64_t now, int64_t lifetime, char **token, struct jwt_fault *fault)
{
	struct issuer_signer signer;
	enum issuer_reason result;

	*token = NULL;
	result = issuer_signer_prepare(&folder.config, &signer, fault);
	if (result == ISSUER_OK)
		result = issuer_signer_open(
		    &folder.config, now, lifetime, &signer, fault);
	if (result == ISSUER_OK)
		result = issuer_signer_sign(
		    &signer, "login+jwt", "{\"sub\":\"deploy\"}", token, fault);
	issuer_signer_clear(&signer);
	return result;
}

/* The signature holds by this key's public half. */
static void
signs_by(const char *kid, int64_t lifetime)
{
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	struct jwt_fault fault = {""};
	struct jwt_keyset *set = NULL;
	struct jwt_token token;
	char *text;

	if (sign(NOW, lifetime, &text, &fault) != ISSUER_OK)
		fail_msg("%s", fault.text);
	assert_int_equal(
	    jwt_keyset_read(libctx, path_of(kid, ".pub"), &set, &fault),
	    JWT_OK);
	assert_int_equal(set->usable, 1);
	assert_int_equal(
	    jwt_token_split(jwt_slice_of(text), &token, &fault), JWT_OK);
	assert_int_equal(jwt_token_header(&token, &fault), JWT_OK);
	assert_int_equal(token.kid.len, strlen(kid));
	assert_memory_equal(token.kid.at, kid, strlen(kid));
	assert_int_equal(jwt_token_verify(libctx, set, &token, &fault), JWT_OK);
	jwt_token_clear(&token);
	jwt_keyset_free(set);
	free(text);
	OSSL_LIB_CTX_free(libctx);
}

static void
is_refused(int64_t now, enum issuer_reason wanted, const char *why)
{
	struct jwt_fault fault = {""};
	char *text;

	assert_string_equal(issuer_reason_name(sign(now, 300, &text, &fault)),
	    issuer_reason_name(wanted));
	assert_null(text);
	if (strstr(fault.text, why) == NULL)
		fail_msg("%s, not %s", fault.text, why);
	assert_int_equal(sign(now, 300, &text, NULL), wanted);
}

static void
longest_is(int64_t wanted)
{
	struct issuer_ring ring;
	int64_t longest;

	assert_int_equal(issuer_ring_open(folder.path, &ring, NULL), ISSUER_OK);
	assert_int_equal(
	    issuer_key_longest(&ring, folder.kid[0], &longest, NULL),
	    ISSUER_OK);
	assert_int_equal(longest, wanted);
	issuer_ring_close(&ring);
}

/* Changes the ring as jwtctl would. */
static void
activate(const char *kid)
{
	struct issuer_ring ring;

	assert_int_equal(issuer_ring_open(folder.path, &ring, NULL), ISSUER_OK);
	issuer_ring_activate(&ring, issuer_ring_find(&ring, kid), NOW);
	assert_int_equal(issuer_ring_write(&ring, NULL), ISSUER_OK);
	issuer_ring_close(&ring);
}

static void
the_active_key_signs(void **state)
{
	(void)state;
	make("active");
	signs_by(folder.kid[0], 300);
	activate(folder.kid[1]);
	signs_by(folder.kid[1], 300);
}

static void
the_longest_lifetime_only_grows(void **state)
{
	struct stat st;

	(void)state;
	make("longest");
	longest_is(0);
	signs_by(folder.kid[0], 300);
	longest_is(300);
	signs_by(folder.kid[0], 299);
	longest_is(300);
	signs_by(folder.kid[0], 3600);
	longest_is(3600);
	assert_int_equal(stat(path_of(folder.kid[0], ".longest"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_faulty_longest_lifetime_is_no_small_one(void **state)
{
	static const char *const texts[] = {"", "\n", "300", "300\n\n", "-1\n",
	    "0\n", "12345678901234\n", "a\n"};
	char name[NAME_SIZE];
	size_t i;

	(void)state;
	make("faulty");
	snprintf(
	    name, sizeof(name), "%s/%s.longest", folder.name, folder.kid[0]);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		scratch_write(name, texts[i], 0600);
		is_refused(NOW, ISSUER_CONFIG_ERROR,
		    ".longest: is no number of seconds");
	}
	scratch_write(name, "400\n", 0600);
	signs_by(folder.kid[0], 300);
	longest_is(400);
}

/* Each raises it to another; the highest must be what is left. */
static void
many_who_sign_at_once_lose_nothing(void **state)
{
	struct issuer_ring ring;
	int child, status;

	(void)state;
	make("many");
	for (child = 1; child <= 8; child++) {
		if (fork() != 0)
			continue;
		if (issuer_ring_open(folder.path, &ring, NULL) != ISSUER_OK)
			_exit(1);
		if (issuer_key_signs(&ring, folder.kid[0],
			child % 2 == 0 ? 100 + child : 200 - child,
			NULL) != ISSUER_OK)
			_exit(1);
		_exit(0);
	}
	for (child = 1; child <= 8; child++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	longest_is(199);
}

static void
a_clock_before_the_activation_signs_nothing(void **state)
{
	(void)state;
	make("clock");
	is_refused(NOW - 6, ISSUER_CLOCK_WRONG,
	    "the clock says 2027-01-15T07:59:54Z, and the key that signs is "
	    "active since 2027-01-15T08:00:00Z");
	longest_is(0);
	is_refused(0, ISSUER_CLOCK_WRONG, "set the clock");
	signs_by(folder.kid[0], 300);
}

static void
a_key_that_cannot_be_had_is_told(void **state)
{
	char name[NAME_SIZE];

	(void)state;
	make("unusable");
	assert_int_equal(chmod(path_of(folder.kid[0], ".jwk"), 0640), 0);
	is_refused(NOW, ISSUER_CONFIG_ERROR, "wanted 0600");
	assert_int_equal(chmod(path_of(folder.kid[0], ".jwk"), 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(
		    chown(path_of(folder.kid[0], ".jwk"), 4242, 4242), 0);
		is_refused(NOW, ISSUER_CONFIG_ERROR, "owned by uid 4242");
	}
	/* Another key in its place. */
	assert_int_equal(rename(path_of(folder.kid[1], ".jwk"),
			     path_of(folder.kid[0], ".jwk")),
	    0);
	is_refused(NOW, ISSUER_KEYS_UNAVAILABLE,
	    ".jwk: is not the key that its name says");
	snprintf(name, sizeof(name), "%s/%s.jwk", folder.name, folder.kid[0]);
	scratch_write(name, "", 0600);
	is_refused(NOW, ISSUER_KEYS_UNAVAILABLE, ".jwk: ");
	assert_int_equal(unlink(scratch_path(name)), 0);
	is_refused(NOW, ISSUER_KEYS_UNAVAILABLE, ".jwk: is missing");
}

static void
without_an_active_key_nothing_is_signed(void **state)
{
	static const char next[] =
	    "state = next\ncreated = 1800000000\npublished = 1800000000\n";
	char name[NAME_SIZE], text[512];

	(void)state;
	make("none");
	snprintf(name, sizeof(name), "%s/ring", folder.name);
	snprintf(text, sizeof(text), "[key %s]\n%s", folder.kid[0], next);
	scratch_write(name, text, 0600);
	is_refused(NOW, ISSUER_KEYS_UNAVAILABLE, "no key is active");
	scratch_write(name, "state\n", 0600);
	is_refused(NOW, ISSUER_CONFIG_ERROR, "/ring:1: ");
	folder.config.keys = NULL;
	is_refused(NOW, ISSUER_KEYS_UNAVAILABLE, "not lie in a key folder");
	snprintf(folder.path, sizeof(folder.path), "%s", scratch_path("gone"));
	folder.config.keys = folder.path;
	is_refused(NOW, ISSUER_KEYS_UNAVAILABLE, "no key has been made yet");
}

/* A disk that takes no byte more, as far as one process can have one. */
static void
a_lifetime_that_cannot_be_noted_is_not_signed(void **state)
{
	const struct rlimit none = {0, RLIM_INFINITY};
	struct rlimit before;

	(void)state;
	make("full");
	signs_by(folder.kid[0], 200);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	is_refused(NOW, ISSUER_STORE_UNAVAILABLE,
	    ".longest: cannot be written: File too large");
	/* What was noted before needs no room. */
	signs_by(folder.kid[0], 200);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	longest_is(200);
	signs_by(folder.kid[0], 300);
	longest_is(300);
}

static void
a_key_that_is_wiped_leaves_the_others(void **state)
{
	struct issuer_ring ring;

	(void)state;
	make("wiped");
	assert_int_equal(issuer_ring_open(folder.path, &ring, NULL), ISSUER_OK);
	assert_int_equal(
	    issuer_key_wipe(&ring, folder.kid[0], NULL), ISSUER_OK);
	assert_int_equal(
	    issuer_key_wipe(&ring, folder.kid[0], NULL), ISSUER_OK);
	assert_int_equal(access(path_of(folder.kid[0], ".jwk"), F_OK), -1);
	assert_int_equal(access(path_of(folder.kid[0], ".pub"), F_OK), 0);
	assert_int_equal(
	    issuer_key_remove(&ring, folder.kid[0], NULL), ISSUER_OK);
	assert_int_equal(access(path_of(folder.kid[0], ".pub"), F_OK), -1);
	assert_int_equal(access(path_of(folder.kid[1], ".jwk"), F_OK), 0);
	issuer_ring_close(&ring);
}

/* A key and the public half of one, each made anew. */
static void
make_pair(OSSL_LIB_CTX *libctx, const char *name, struct jwt_key *key,
    struct jwt_keyset **half)
{
	char *private_jwk, *public_jwk;

	assert_int_equal(
	    jwt_key_generate(libctx, jwt_algorithm_find(jwt_slice_of(name)),
		NULL, &private_jwk, &public_jwk),
	    JWT_OK);
	assert_int_equal(jwt_key_parse_private(libctx, "private",
			     jwt_slice_of(private_jwk), 0600, key, NULL),
	    JWT_OK);
	assert_int_equal(jwt_keyset_parse(libctx, "public",
			     jwt_slice_of(public_jwk), 0644, half, NULL),
	    JWT_OK);
	free(private_jwk);
	free(public_jwk);
}

static void
a_stored_key_and_its_half_belong_together(void **state)
{
	static const char *const names[] = {"EdDSA", "ES256", "RS256"};
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	struct issuer_stored_key stored = {0};
	struct jwt_keyset *half, *other;
	struct jwt_key key, another;
	struct jwt_fault fault;
	char *token;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		make_pair(libctx, names[i], &key, &half);
		make_pair(libctx, names[i], &another, &other);
		assert_int_equal(jwt_token_sign(libctx, &key, "login+jwt",
				     jwt_slice_of("{}"), &token),
		    JWT_OK);
		stored.half = half->key[0];
		assert_int_equal(issuer_stored_key_check(
				     libctx, &key, &stored, token, &fault),
		    ISSUER_OK);
		stored.half = other->key[0];
		assert_int_equal(issuer_stored_key_check(
				     libctx, &key, &stored, token, &fault),
		    ISSUER_KEYS_UNAVAILABLE);
		assert_non_null(strstr(fault.text, "two keys"));
		free(token);
		jwt_key_clear(&key);
		jwt_key_clear(&another);
		jwt_keyset_free(half);
		jwt_keyset_free(other);
	}
	OSSL_LIB_CTX_free(libctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_active_key_signs),
	    cmocka_unit_test(the_longest_lifetime_only_grows),
	    cmocka_unit_test(a_faulty_longest_lifetime_is_no_small_one),
	    cmocka_unit_test(many_who_sign_at_once_lose_nothing),
	    cmocka_unit_test(a_clock_before_the_activation_signs_nothing),
	    cmocka_unit_test(a_key_that_cannot_be_had_is_told),
	    cmocka_unit_test(without_an_active_key_nothing_is_signed),
	    cmocka_unit_test(a_lifetime_that_cannot_be_noted_is_not_signed),
	    cmocka_unit_test(a_key_that_is_wiped_leaves_the_others),
	    cmocka_unit_test(a_stored_key_and_its_half_belong_together),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
