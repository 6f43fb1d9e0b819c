/*
 * A token that is longer than an answer comes in pieces: what is asked for,
 * when it ends, and what is left of it for the next module.
 */
#include "module_login.h"

/* A good token with so much padding; the caller frees it. */
static char *
padded(size_t pad)
{
	char *claims, *text = NULL;

	claims = jwt_format("{\"iss\":\"test\",\"aud\":\"ssh\",\"sub\":"
			    "\"deploy\",\"exp\":%lld,\"pad\":\"%0*d\"}",
	    (long long)time(NULL) + 60, (int)pad + 1, 0);
	assert_non_null(claims);
	assert_int_equal(jwt_token_sign(world.libctx, &world.key, "JWT",
			     jwt_slice_of(claims), &text),
	    JWT_OK);
	free(claims);
	return text;
}

/* One of just that length, which takes a kid or none: base64 has no length of
 * 1 modulo 4. */
static char *
token_of(size_t wanted)
{
	char *kid = world.key.kid, *text;
	size_t base, more, tries;

	for (tries = 0; tries < 8; tries++) {
		world.key.kid = tries < 4 ? NULL : kid;
		text = padded(0);
		base = strlen(text);
		free(text);
		more = wanted > base ? (wanted - base) * 3 / 4 : 0;
		text = padded(more + tries % 4);
		world.key.kid = kid;
		if (strlen(text) == wanted)
			return text;
		free(text);
	}
	fail_msg("no token of %zu", wanted);
	return NULL;
}

static const size_t lengths[] = {
    300, 510, 511, 512, 1022, 1023, 1024, 1600, 4095, 4096, 9000};

/* So many answers: one more where the last piece is as long as a cut. */
static unsigned int
answers_for(size_t len, size_t piece)
{
	size_t rest = len % piece, more;

	more = rest == 0 || rest == 511 || rest == 1023 || rest == 4095;
	return (unsigned int)(len / piece + (rest > 0) + more);
}

static void
any_length_logs_in_by_pieces_of_each_size(void **state)
{
	static const size_t pieces[] = {511, 1023, 4095};
	struct talk talk;
	size_t i, j;
	char *good;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		good = token_of(lengths[i]);
		for (j = 0; j < 2 * sizeof(pieces) / sizeof(pieces[0]); j++) {
			talk = (struct talk){.token = good,
			    .piece = pieces[j / 2],
			    .last = j % 2 == 0 ? "" : "="};
			assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
			assert_int_equal(
			    talk.asked, answers_for(lengths[i], pieces[j / 2]));
		}
		free(good);
	}
}

static void
each_prompt_says_where_the_next_piece_begins(void **state)
{
	char *good = token_of(1200);
	struct talk talk = {.token = good, .piece = 511};

	(void)state;
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
	assert_string_equal(talk.text, "JWT (from 1022): ");
	free(good);
}

static void
a_conversation_that_takes_less_is_asked_for_less(void **state)
{
	char *good = token_of(1600), *short_one = token_of(300);
	struct talk talk = {.token = good, .piece = 4095, .limit = 511};

	(void)state;
	/* Each piece that is as long as can be fails first. */
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
	assert_int_equal(talk.asked, 7);
	talk = (struct talk){.token = short_one, .piece = 4095, .limit = 511};
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
	assert_int_equal(talk.asked, 1);
	/* One that obeys no limit is not asked for ever. */
	talk = (struct talk){.answer = good, .limit = 511};
	assert_int_equal(log_in("good", &talk), PAM_CONV_ERR);
	assert_int_equal(talk.asked, 4);
	assert_string_equal(talk.text, "JWT (from 0, at most 511): ");
	free(good);
	free(short_one);
}

/* Every prompt gets the same answer, as from a password's caller. */
static void
an_answer_that_never_changes_is_judged_as_the_whole(void **state)
{
	static const size_t cuts[] = {511, 1023, 4095};
	char *good, *longer, *left;
	struct talk talk;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		good = token_of(cuts[i]);
		talk = (struct talk){.answer = good};
		assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
		assert_int_equal(talk.asked, JWT_TOKEN_MAX / cuts[i] + 1);
		free(good);

		longer = token_of(cuts[i] + 100);
		longer[cuts[i]] = '\0';
		talk = (struct talk){.answer = longer};
		assert_int_equal(
		    log_in_as("deploy", "good", &talk, 0, &left), PAM_AUTH_ERR);
		assert_int_equal(talk.asked, JWT_TOKEN_MAX / cuts[i] + 1);
		assert_non_null(left);
		assert_int_equal(strlen(left), cuts[i]);
		assert_true(jwt_is_stand_in(jwt_slice_of(left)));
		free(left);
		free(longer);
	}
}

/* Whatever an answer holds, it is asked on for its length alone. */
static void
an_account_that_does_not_exist_is_asked_as_often(void **state)
{
	char *good = token_of(1600), junk[1024], *left, *endless;
	const char *const answers[] = {"", "a", "ey", "="};
	struct talk talk;
	size_t i, len;

	(void)state;
	for (len = 1; len <= 1023; len += len == 1 ? 510 : 512)
		for (i = 0; i < 3; i++) {
			memset(junk, "a\bx"[i], len);
			if (i == 1)
				jwt_stand_in_fill(junk, len);
			if (i == 2)
				memcpy(junk, good, len);
			junk[len] = '\0';
			talk = (struct talk){.answer = junk};
			assert_int_equal(log_in("good", &talk), PAM_AUTH_ERR);
			assert_int_equal(
			    talk.asked, len == 1 ? 1 : JWT_TOKEN_MAX / len + 1);
		}
	/* What is too long leaves what its stand-in would, which repeats. */
	endless = calloc(1, JWT_TOKEN_MAX + 2048);
	assert_non_null(endless);
	for (i = 0; i < JWT_TOKEN_MAX + 2047; i++)
		endless[i] = (char)('a' + i % 26);
	talk = (struct talk){.token = endless, .piece = 1023};
	assert_int_equal(
	    log_in_as("deploy", "good", &talk, 0, &left), PAM_AUTH_ERR);
	assert_int_equal(talk.asked, JWT_TOKEN_MAX / 1023 + 1);
	assert_int_equal(strlen(left), 1023);
	assert_true(jwt_is_stand_in(jwt_slice_of(left)));
	free(left);
	free(endless);
	/* The end of what did not fit: no two leave another length. */
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		memset(junk, 'a', 511);
		junk[511] = '\0';
		talk = (struct talk){
		    .token = junk, .piece = 511, .last = answers[i]};
		assert_int_equal(
		    log_in_as("deploy", "good", &talk, 0, &left), PAM_AUTH_ERR);
		assert_int_equal(talk.asked, 2);
		assert_int_equal(strlen(left), 511 + strlen(answers[i]));
		/* A password of that length is still there for its module. */
		assert_int_equal(jwt_is_stand_in(jwt_slice_of(left)), i > 0);
		free(left);
	}
	free(good);
}

static void
what_is_cut_is_never_a_bad_signature(void **state)
{
	char *good = token_of(1600), *left;
	struct talk talk;

	(void)state;
	good[1100] = '\0';
	talk = (struct talk){.token = good, .piece = 1023};
	assert_int_equal(
	    log_in_as("deploy", "good", &talk, 0, &left), PAM_AUTH_ERR);
	assert_int_equal(talk.told, 0);
	assert_int_equal(strlen(left), 1100);
	assert_true(jwt_is_stand_in(jwt_slice_of(left)));
	free(left);
	free(good);
}

static void
what_an_earlier_module_was_given_is_carried_on(void **state)
{
	char *good = token_of(1600), *short_one = token_of(1024), *cut;
	struct talk talk;

	(void)state;
	cut = strndup(good, 1023);
	assert_int_equal(setenv("PAM_AUTHTOK", cut, 1), 0);
	talk = (struct talk){.token = good, .piece = 1023};
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
	assert_int_equal(talk.asked, 1);
	assert_string_equal(talk.text, "JWT (from 1023): ");
	assert_int_equal(setenv("PAM_AUTHTOK", short_one, 1), 0);
	talk = (struct talk){.answer = "nobody asks"};
	assert_int_equal(log_in("good", &talk), PAM_SUCCESS);
	assert_int_equal(talk.asked, 0);
	assert_int_equal(unsetenv("PAM_AUTHTOK"), 0);
	free(cut);
	free(good);
	free(short_one);
}

static void
later_prompts_are_ours_whatever_the_first_one_is(void **state)
{
	char *good = token_of(600), *cut = strndup(good, 511);
	struct talk talk = {.answer = cut};

	(void)state;
	assert_int_equal(log_in("prompt", &talk), PAM_AUTH_ERR);
	assert_string_equal(talk.text, "JWT (from 65408): ");
	free(cut);
	free(good);
}

/* pam_wrapper reads the stacks once. */
static int
begin_with_prompt(void **state)
{
	int result = begin(state);

	write_stack("prompt", "required", "good.conf prompt=Password:");
	return result;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_length_logs_in_by_pieces_of_each_size),
	    cmocka_unit_test(each_prompt_says_where_the_next_piece_begins),
	    cmocka_unit_test(a_conversation_that_takes_less_is_asked_for_less),
	    cmocka_unit_test(
		an_answer_that_never_changes_is_judged_as_the_whole),
	    cmocka_unit_test(an_account_that_does_not_exist_is_asked_as_often),
	    cmocka_unit_test(what_is_cut_is_never_a_bad_signature),
	    cmocka_unit_test(what_an_earlier_module_was_given_is_carried_on),
	    cmocka_unit_test(later_prompts_are_ours_whatever_the_first_one_is),
	};

	return cmocka_run_group_tests(tests, begin_with_prompt, end);
}
