/*
 * Memory that runs out at any point of a judgement, once or for good: no
 * token that is refused gets in, a good one is never told to be bad, and
 * everything is given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include <cmocka.h>

#include "broken_memory.h"
#include "config_checks.h"
#include "judging.h"
#include "jwt/fetched.h"
#include "jwt/jwk.h"
#include "jwt/libctx.h"
#include "jwt/provider.h"
#include "scratch.h"

/* Enough for every judgement; a number that is prime visits all parts. */
#define ALLOCATIONS_MAX 100000
#define STRIDE 13

static int
make(void **state)
{
	if (judging_make(state) != 0)
		return -1;
	make_key("hs", "HS256");
	make_key("rs", "RS256");
	make_key("ed448", "Ed448");
	write_keys("keys", "ed es rs ed448");
	write_keys("secrets", "hs");
	return 0;
}

/* The keys are fetched ones. */
static bool fetched;

static const char *
config_of_fetched(const char *settings)
{
	return text("[issuer corp]\nissuer = https://sso.example.com\n"
		    "jwks_url = https://sso.example.com/jwks\n"
		    "audience = ssh\nalgorithms = EdDSA ES256\n%s"
		    "[pam-jwtd]\nfolder = %s\n",
	    settings, scratch_path(""));
}

/* As the usual one, for all of the keys. */
static const char *
config_for(const char *settings, bool secret)
{
	if (fetched)
		return config_of_fetched(settings);
	return text("[issuer corp]\nissuer = https://sso.example.com\n"
		    "keys = %s\n%salgorithms = %s\n%s",
	    scratch_path(secret ? "secrets" : "keys"),
	    strstr(settings, "audience") == NULL ? "audience = ssh\n" : "",
	    secret ? "HS256" : "EdDSA ES256 RS256 Ed448", settings);
}

/* One judgement with so much memory; false when that was enough. */
static bool
judge_short(const struct jwt_attempt *attempt, enum jwt_reason whole, long n)
{
	struct jwt_client client = {.user = attempt->user};
	struct jwt_verdict verdict;
	long before = blocks;
	enum jwt_reason reason;
	bool enough;
	char *line;

	left = n;
	reason = jwt_judge(attempt, &verdict);
	line = jwt_verdict_line(&verdict, &client);
	enough = left > 0;
	left = -1;
	free(line);
	jwt_verdict_clear(&verdict);
	if (reason != whole && reason != JWT_NO_MEMORY &&
	    reason != JWT_INTERNAL_ERROR)
		fail_msg("%s instead of %s when %ld succeed",
		    jwt_reason_name(reason), jwt_reason_name(whole), n);
	if (blocks != before)
		fail_msg("%ld blocks lost of %s when %ld succeed",
		    blocks - before, jwt_reason_name(whole), n);
	if (ERR_peek_error() != 0)
		fail_msg("%s leaves an error when %ld succeed",
		    jwt_reason_name(whole), n);
	return !enough;
}

/* Nobody is there to be asked. */
static void
refresh(const struct jwt_config *config, const struct jwt_issuer *issuer)
{
	(void)config;
	(void)issuer;
}

/* Every n where the stride is 1; a negative one is for the secret. */
static void
judge_with_little(const char *settings, const char *answer,
    enum jwt_reason whole, long stride)
{
	struct jwt_config *config = config_of(config_for(settings, stride < 0));
	struct jwt_attempt attempt = {.config = config,
	    .answer = jwt_slice_of(answer),
	    .user = "deploy",
	    .service = "sshd",
	    .host = "web1.example.com",
	    .now = NOW,
	    .refresh = refresh};
	struct jwt_verdict verdict;
	long n, start, step = labs(stride);

	/* What libc keeps for later is fetched once. */
	assert_int_equal(jwt_judge(&attempt, &verdict), whole);
	jwt_verdict_clear(&verdict);
	for (start = 0; start < 2; start++) {
		for_good = start == 1;
		for (n = step == 1 ? 0 : start; judge_short(&attempt, whole, n);
		     n += step)
			assert_true(n < ALLOCATIONS_MAX);
	}
	jwt_config_free(config);
}

static const char *
signed_as(const char *name, const char *algorithm)
{
	return signed_by(name,
	    text("{\"alg\":\"%s\",\"kid\":\"%s\"}", algorithm, name),
	    claims_but("{\"groups\":[\"ops\"],\"nbf\":1.5,\"jti\":\"x\"}"));
}

#define PEOPLE "system_accounts = deploy\n"

static void
f18_a_good_token_is_never_told_to_be_bad(void **state)
{
	static const char settings[] =
	    PEOPLE "export = yes\nrequire = groups has ops\n";
	static const char *const others[][2] = {{"es", "ES256"},
	    {"hs", "HS256"}, {"rs", "RS256"}, {"ed448", "Ed448"}};
	size_t i;

	(void)state;
	skip_unless_allocator_is_ours();
	judge_with_little(settings, signed_as("ed", "EdDSA"), JWT_OK, 1);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		judge_with_little(settings,
		    signed_as(others[i][0], others[i][1]), JWT_OK,
		    others[i][0][0] == 'h' ? -STRIDE : STRIDE);
}

static void
f18_what_is_refused_never_gets_in(void **state)
{
	static const char stand_in[] = "\b\n\r\177INCORRECT";
	const char *good = token_with("{}");
	static char changed[4096];
	const struct {
		const char *settings, *answer;
		enum jwt_reason reason;
	} cases[] = {
	    {PEOPLE, changed, JWT_SIGNATURE_INVALID},
	    {PEOPLE, token_with(text("{\"exp\":%lld}", (long long)NOW - 999)),
		JWT_EXPIRED},
	    {PEOPLE, token_with("{\"aud\":\"other\"}"), JWT_AUDIENCE_MISMATCH},
	    {PEOPLE, token_with("{\"sub\":\"operator\"}"), JWT_USER_MISMATCH},
	    {PEOPLE, token_with("{\"iss\":\"other\"}"), JWT_UNKNOWN_ISSUER},
	    {PEOPLE, token_with("{\"exp\":\"-\"}"), JWT_CLAIMS_INVALID},
	    /* Nearly right, which is told where there is memory for it. */
	    {PEOPLE, token_with("{\"iss\":\"https://sso.example.com/\"}"),
		JWT_UNKNOWN_ISSUER},
	    {PEOPLE "audience = ssh://%h\n",
		token_with("{\"aud\":\"ssh://web2\"}"), JWT_AUDIENCE_MISMATCH},
	    {PEOPLE, token_with("{\"sub\":\"deploy@example.com\"}"),
		JWT_USER_MISMATCH},
	    {PEOPLE,
		signed_by("ed", "{\"alg\":\"EdDSA\",\"kid\":\"none\"}",
		    claims_but("{}")),
		JWT_UNKNOWN_KEY},
	    {PEOPLE "require = groups has ops\n", good, JWT_REQUIREMENT_UNMET},
	    {PEOPLE, "password", JWT_NOT_A_JWT},
	    {PEOPLE, stand_in, JWT_STAND_IN_PASSWORD},
	};
	size_t i;

	(void)state;
	skip_unless_allocator_is_ours();
	assert_in_range(snprintf(changed, sizeof(changed), "%s", good), 100,
	    sizeof(changed) - 1);
	i = strlen(changed) - 20;
	changed[i] = changed[i] == 'A' ? 'B' : 'A';
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		judge_with_little(cases[i].settings, cases[i].answer,
		    cases[i].reason, STRIDE);
}

/* A copy of these keys that is old enough for a warning. */
static void
write_fetched(void)
{
	static const char *const names[] = {"ed", "es"};
	struct jwt_config *config = config_of(config_of_fetched(PEOPLE));
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	char digest[JWT_DIGEST_SIZE], *bytes;
	struct jwt_fetched_key keys[2];
	struct jwt_key read[2] = {{0}};
	struct json_object *jwk;
	bool skipped;
	size_t i, len;

	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    jwt_jwk_parse("a test", jwt_slice_of(public_key(names[i])),
			&jwk, NULL),
		    JWT_OK);
		assert_int_equal(
		    jwt_jwk_read(libctx, jwk, false, &read[i], &skipped),
		    JWT_OK);
		jwt_json_free_wiped(jwk);
		keys[i] =
		    (struct jwt_fetched_key){&read[i], public_key(names[i]), 0};
	}
	assert_int_equal(
	    jwt_provider_digest(libctx, &config->issuer[0], digest), JWT_OK);
	assert_int_equal(jwt_fetched_compose(libctx, digest, NOW - 50000, 0,
			     keys, 2, &bytes, &len),
	    JWT_OK);
	scratch_write_bytes("corp.keys", bytes, len, 0644);
	free(bytes);
	jwt_key_clear(&read[0]);
	jwt_key_clear(&read[1]);
	OSSL_LIB_CTX_free(libctx);
	jwt_config_free(config);
}

static void
f18_fetched_keys_are_judged_by_alike(void **state)
{
	(void)state;
	skip_unless_allocator_is_ours();
	fetched = true;
	write_fetched();
	judge_with_little(PEOPLE, signed_as("ed", "EdDSA"), JWT_OK, 1);
	judge_with_little(PEOPLE, token_with("{\"sub\":\"operator\"}"),
	    JWT_USER_MISMATCH, STRIDE);
	judge_with_little(PEOPLE,
	    signed_by(
		"ed", "{\"alg\":\"EdDSA\",\"kid\":\"none\"}", claims_but("{}")),
	    JWT_UNKNOWN_KEY, 1);
	judge_with_little(PEOPLE "stale_after = 1h\n", token_with("{}"),
	    JWT_KEYS_UNAVAILABLE, STRIDE);
	fetched = false;
}

/* Reads with ever more memory until it is enough; every n. */
static void
read_with_little(const char *path, enum jwt_reason whole)
{
	struct jwt_faults faults;
	struct jwt_config *config;
	enum jwt_reason reason;
	bool enough = false;
	long n, before;
	int i;

	for (i = 0; i < 2; i++) {
		for_good = i == 1;
		for (n = 0, enough = false; !enough; n++) {
			assert_true(n < ALLOCATIONS_MAX);
			before = blocks;
			faults = (struct jwt_faults){0};
			config = NULL;
			left = n;
			reason = jwt_config_read(path, &config, &faults);
			enough = left > 0;
			left = -1;
			jwt_config_free(config);
			jwt_faults_clear(&faults);
			if (reason != JWT_NO_MEMORY &&
			    reason != JWT_INTERNAL_ERROR)
				assert_int_equal(reason, whole);
			assert_int_equal(blocks, before);
		}
	}
}

static void
f18_a_configuration_is_read_whole_or_not_at_all(void **state)
{
	const char *good;

	(void)state;
	skip_unless_allocator_is_ours();
	good = scratch_write("good.conf",
	    config_with(PEOPLE "export = yes\nrequire = groups has ops\n"
			       "[service sudo]\nmax_age = 5m\n"),
	    0600);
	read_with_little(good, JWT_OK);
	read_with_little(scratch_write("bad.conf",
			     config_with("leeway = x\nwrong = 1\n"), 0600),
	    JWT_CONFIG_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(f18_a_good_token_is_never_told_to_be_bad),
	    cmocka_unit_test(f18_fetched_keys_are_judged_by_alike),
	    cmocka_unit_test(f18_what_is_refused_never_gets_in),
	    cmocka_unit_test(f18_a_configuration_is_read_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, make, judging_remove);
}
