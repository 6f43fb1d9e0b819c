/*
 * Row H14: the time of a refusal does not tell whether sshd passed the answer
 * on or sent its stand-in, whatever the answer was and whichever section it
 * names.  Processor time of many tries each, one after the other in turns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "config_checks.h"
#include "judging.h"
#include "jwt/base64url.h"
#include "jwt/token.h"
#include "scratch.h"

#define TRIES 200
#define TRIES_OF_KINDS 60
#define ROUNDS 3       /* on a noisy machine the first may fail */
#define TOLERANCE 0.10 /* of the stand-in's time */
/* OpenSSL's own work depends a little on the numbers of a signature. */
#define TOLERANCE_OF_KINDS 0.20
#define TOLERANCE_OF_SIZE 1.5 /* of 64 KiB, which few would send */
#define MANY 48               /* keys of the second section */

struct answer {
	const char *what, *text, *user;
	enum jwt_reason reason;
	double seconds[TRIES];
};

static struct jwt_config *config;
static size_t effort; /* of all answers; 0: what each of them is long */

/* MANY keys, k0 and so on. */
static const char *
write_many(void)
{
	static char name[MANY][8];
	char *set = calloc(MANY, 512);
	const char *path;
	int i;

	assert_non_null(set);
	for (i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof(name[i]), "k%d", i);
		make_key(name[i], "ES256");
		sprintf(set + strlen(set), "%s%s", i == 0 ? "{\"keys\":[" : ",",
		    public_key(name[i]));
	}
	sprintf(set + strlen(set), "]}");
	path = scratch_write("many", set, 0644);
	free(set);
	return path;
}

/* A map of many lines. */
static const char *
write_map(void)
{
	char *grants = calloc(400, 32);
	const char *path;
	int i;

	assert_non_null(grants);
	for (i = 0; i < 400; i++)
		sprintf(grants + strlen(grants), "deploy a is %d\n", i);
	path = scratch_write("map", grants, 0644);
	free(grants);
	return path;
}

/* One section with one key, one with many, one with the map. */
static int
make_sections(void **state)
{
	const char *one;

	if (judging_make(state) != 0)
		return -1;
	make_key("other", "EdDSA");
	one = write_keys("one", "ed");
	config = config_of(text("[issuer one]\nissuer = one\nkeys = %s\n"
				"audience = ssh\nalgorithms = EdDSA\n"
				"[issuer many]\nissuer = many\nkeys = %s\n"
				"audience = ssh\nalgorithms = ES256\n"
				"[issuer map]\nissuer = map\nkeys = %s\n"
				"audience = ssh\nalgorithms = EdDSA\n"
				"user_map = %s\nservices = sudo\n",
	    one, write_many(), one, write_map()));
	return config == NULL ? -1 : 0;
}

static int
remove_sections(void **state)
{
	jwt_config_free(config);
	return judging_remove(state);
}

static double
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
measure(struct answer *answer, size_t try)
{
	struct jwt_attempt attempt = {.config = config,
	    .answer = jwt_slice_of(answer->text),
	    .user = answer->user,
	    .service = "sshd",
	    .host = "host",
	    .now = NOW,
	    .effort = effort};
	struct jwt_verdict verdict;
	double begin = now();

	(void)jwt_judge(&attempt, &verdict);
	answer->seconds[try] = now() - begin;
	assert_string_equal(
	    jwt_reason_name(verdict.reason), jwt_reason_name(answer->reason));
	jwt_verdict_clear(&verdict);
}

static int
compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* The lower quartile: what other work of the machine adds lies above it. */
static double
typical(struct answer *answer, size_t tries)
{
	qsort(answer->seconds, tries, sizeof(double), compare);
	return answer->seconds[tries / 4];
}

/* How far the worst is from the first one's time. */
static double
measure_all(struct answer *answer, size_t count, size_t tries, bool say)
{
	double base, ratio, worst = 0;
	size_t i, try;

	for (try = 0; try < tries; try++)
		for (i = 0; i < count; i++)
			measure(&answer[i], try);
	base = typical(&answer[0], tries);
	for (i = 1; i < count; i++) {
		ratio = typical(&answer[i], tries) / base;
		if (say)
			print_message("%s: %.2f of a stand-in's time\n",
			    answer[i].what, ratio);
		ratio = ratio > 1 ? ratio - 1 : 1 - ratio;
		if (ratio > worst)
			worst = ratio;
	}
	return worst;
}

static const char *
claims(const char *issuer, const char *user, int64_t exp)
{
	return text("{\"iss\":\"%s\",\"aud\":\"ssh\",\"sub\":\"%s\","
		    "\"exp\":%lld}",
	    issuer, user, (long long)exp);
}

static void
h14_every_refusal_takes_a_stand_ins_time(void **state)
{
	static const char ed[] = "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}";
	static const char es[] = "{\"alg\":\"ES256\",\"kid\":\"k7\"}";
	static const char no[] = "{\"alg\":\"EdDSA\",\"kid\":\"no\"}";
	const char *good =
	    signed_by("ed", ed, claims("one", "deploy", NOW + 9));
	char junk[400], damaged[1024];
	struct answer answer[] = {
	    {"stand-in", junk, "deploy", JWT_STAND_IN_PASSWORD, {0}},
	    {"stand-in again", junk, "deploy", JWT_STAND_IN_PASSWORD, {0}},
	    {"password", "correct horse", "deploy", JWT_NOT_A_JWT, {0}},
	    {"malformed", damaged, "deploy", JWT_MALFORMED, {0}},
	    {"wrong signature",
		signed_by("other", ed, claims("one", "deploy", NOW + 9)),
		"deploy", JWT_SIGNATURE_INVALID, {0}},
	    {"wrong signature, many keys",
		signed_by("k1", es, claims("many", "deploy", NOW + 9)),
		"deploy", JWT_SIGNATURE_INVALID, {0}},
	    {"unknown issuer",
		signed_by("ed", ed, claims("none", "deploy", NOW + 9)),
		"deploy", JWT_UNKNOWN_ISSUER, {0}},
	    {"other service, with a map",
		signed_by("ed", ed, claims("map", "deploy", NOW + 9)), "deploy",
		JWT_SERVICE_NOT_ALLOWED, {0}},
	    {"other algorithm",
		signed_by("k1", es, claims("one", "deploy", NOW + 9)), "deploy",
		JWT_ALGORITHM_NOT_ALLOWED, {0}},
	    {"unknown key",
		signed_by("ed", no, claims("one", "deploy", NOW + 9)), "deploy",
		JWT_UNKNOWN_KEY, {0}},
	    {"expired", signed_by("ed", ed, claims("one", "deploy", 1)),
		"deploy", JWT_EXPIRED, {0}},
	    {"expired, many keys",
		signed_by("k7", es, claims("many", "deploy", 1)), "deploy",
		JWT_EXPIRED, {0}},
	    {"somebody else's token", good, "nobody-of-that-name",
		JWT_USER_MISMATCH, {0}},
	};
	size_t count = sizeof(answer) / sizeof(answer[0]);
	double worst = 1;
	int round;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("skipped: a sanitizer's time is not the module's\n");
	skip();
#endif
	assert_true(strlen(good) < sizeof(damaged));
	memcpy(damaged, good, strlen(good) + 1);
	damaged[strlen(damaged) - 9] = '!';
	jwt_stand_in_fill(junk, sizeof(junk) - 1);
	junk[sizeof(junk) - 1] = '\0';
	for (round = 1; round <= ROUNDS && worst > TOLERANCE; round++)
		worst = measure_all(answer, count, TRIES, round == ROUNDS);
	assert_true(worst <= TOLERANCE);
}

/* Another signature, of these bytes in turn, in that of a token. */
static const char *
signed_with(const char *token, size_t size, int first, int second)
{
	unsigned char bytes[1024];
	char *signature;
	const char *result;

	memset(bytes, first, size / 2);
	memset(bytes + size / 2, second, size - size / 2);
	signature = jwt_base64url_encode(bytes, size);
	assert_non_null(signature);
	result = text(
	    "%.*s%s", (int)(strrchr(token, '.') + 1 - token), token, signature);
	free(signature);
	return result;
}

/* A section of these keys, which are each other's foreign ones. */
static void
kinds_take_one_time(const char *algorithms)
{
	const char *names = algorithms, *alg, *good;
	char junk[400];
	struct answer answer[2 + 2 * 5] = {
	    {"stand-in", junk, "deploy", JWT_STAND_IN_PASSWORD, {0}},
	    {"password", "correct horse", "deploy", JWT_NOT_A_JWT, {0}}};
	static const int halves[][2] = {
	    {0, 0}, {0xff, 0xff}, {0x55, 0}, {0, 1}};
	struct jwt_config *all = config;
	size_t count = 2, len, i, size;
	double worst = 1;
	int round;

	config = config_of(text("[issuer one]\nissuer = one\nkeys = %s\n"
				"audience = ssh\nalgorithms = %s\n",
	    write_keys("kinds", algorithms), algorithms));
	for (; *names != '\0'; names += len + (names[len] == ' ')) {
		len = strcspn(names, " ");
		alg = text("%.*s", (int)len, names);
		good = signed_by(alg,
		    text("{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, alg),
		    claims("one", "deploy", NOW + 9));
		size = JWT_BASE64URL_DECODED(strlen(strrchr(good, '.') + 1));
		/* A good signature under another payload is an honest one. */
		answer[count++] = (struct answer){alg,
		    text("%.*s.%s%s", (int)(strchr(good, '.') - good), good,
			"eyJpc3MiOiJvbmUifQ", strrchr(good, '.')),
		    "deploy", JWT_SIGNATURE_INVALID, {0}};
		for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++)
			answer[count++] = (struct answer){
			    text("%s %02x %02x", alg,
				(unsigned int)halves[i][0],
				(unsigned int)halves[i][1]),
			    signed_with(good, size, halves[i][0], halves[i][1]),
			    "deploy", JWT_SIGNATURE_INVALID, {0}};
	}
	jwt_stand_in_fill(junk, sizeof(junk) - 1);
	junk[sizeof(junk) - 1] = '\0';
	for (round = 1; round <= ROUNDS && worst > TOLERANCE_OF_KINDS; round++)
		worst =
		    measure_all(answer, count, TRIES_OF_KINDS, round == ROUNDS);
	jwt_config_free(config);
	config = all;
	assert_true(worst <= TOLERANCE_OF_KINDS);
}

/*
 * Numbers out of their range are refused without the work, and P-384 takes
 * ten times as long as P-256: neither must tell that the token was looked at.
 */
static void
h14_no_signature_and_no_key_of_a_set_tells_by_its_time(void **state)
{
	static const char *const sections[] = {"ES256", "ES384", "ES512",
	    "ES256K", "EdDSA", "Ed448", "RS256", "ES256 ES384"};
	size_t i;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("skipped: a sanitizer's time is not the module's\n");
	skip();
#endif
	for (i = 0; i < 7; i++)
		make_key(sections[i], sections[i]);
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		kinds_take_one_time(sections[i]);
}

/* A section with one key: with nothing else to spend time on. */
static struct jwt_config *
alone(void)
{
	return config_of(text("[issuer one]\nissuer = one\nkeys = %s\n"
			      "audience = ssh\nalgorithms = EdDSA\n",
	    write_keys("small", "ed")));
}

/* A token of nearly 64 KiB in whose payload this stands again and again. */
static const char *
dense(const char *unit)
{
	size_t most = JWT_TOKEN_MAX / 4 * 3 - 512, len, each = strlen(unit);
	char *payload = calloc(1, most + 64);
	const char *result;

	assert_non_null(payload);
	len = (size_t)sprintf(payload, "{\"iss\":\"one\",\"a\":[%s", unit);
	for (; len < most; len += each + 1)
		sprintf(payload + len, ",%s", unit);
	memcpy(payload + len, "]}", 3);
	result =
	    signed_by("other", "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", payload);
	free(payload);
	return result;
}

/*
 * What anybody sends is read to find who signed it.  A stand-in of 64 KiB is
 * no JSON, so as much JSON must not take many times as long.
 */
static void
h14_no_payload_tells_much_by_what_it_holds(void **state)
{
	static const char *const units[] = {
	    "1", "1e1", "\"\"", "[]", "{}", "{\"\":0}", "{\"\":{\"\":{}}}"};
	static char junk[JWT_TOKEN_MAX - 128];
	struct answer answer[1 + sizeof(units) / sizeof(units[0])] = {
	    {"stand-in", junk, "deploy", JWT_STAND_IN_PASSWORD, {0}}};
	struct jwt_config *all = config;
	size_t count = 1, i;
	double worst = 9;
	int round;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
	print_message("skipped: a time other than the module's\n");
	skip();
#endif
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		answer[count++] = (struct answer){units[i], dense(units[i]),
		    "deploy", JWT_SIGNATURE_INVALID, {0}};
	jwt_stand_in_fill(junk, sizeof(junk) - 1);
	config = alone();
	for (round = 1; round <= ROUNDS && worst > TOLERANCE_OF_SIZE; round++)
		worst =
		    measure_all(answer, count, TRIES_OF_KINDS, round == ROUNDS);
	jwt_config_free(config);
	config = all;
	assert_true(worst <= TOLERANCE_OF_SIZE);
}

/*
 * Pieces of one length until no more is asked for: the stand-in in their place
 * is one answer again and again, which is judged once.
 */
static void
h14_nor_do_pieces_that_have_no_end(void **state)
{
	static char junk[1024], pieces[65 * 1023 + 1];
	struct answer answer[] = {
	    {"stand-in", junk, "deploy", JWT_STAND_IN_PASSWORD, {0}},
	    {"too long", pieces, "deploy", JWT_TOO_LONG, {0}}};
	struct jwt_config *all = config;
	double worst = 1;
	int round;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("skipped: a sanitizer's time is not the module's\n");
	skip();
#endif
	jwt_stand_in_fill(junk, sizeof(junk) - 1);
	memset(pieces, 'a', sizeof(pieces) - 1);
	effort = sizeof(junk) - 1;
	config = alone();
	for (round = 1; round <= ROUNDS && worst > TOLERANCE; round++)
		worst = measure_all(answer, 2, TRIES, round == ROUNDS);
	effort = 0;
	jwt_config_free(config);
	config = all;
	assert_true(worst <= TOLERANCE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(h14_every_refusal_takes_a_stand_ins_time),
	    cmocka_unit_test(h14_nor_do_pieces_that_have_no_end),
	    cmocka_unit_test(h14_no_payload_tells_much_by_what_it_holds),
	    cmocka_unit_test(
		h14_no_signature_and_no_key_of_a_set_tells_by_its_time),
	};

	return cmocka_run_group_tests(tests, make_sections, remove_sections);
}
