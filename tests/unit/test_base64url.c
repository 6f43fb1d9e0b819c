#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/base64url.h"

/* Decodes and says whether it was taken; the bytes must then be these. */
static bool
decodes(struct jwt_slice text, const void *wanted, size_t wanted_len)
{
	enum jwt_reason result;
	unsigned char *bytes;
	size_t len;

	result = jwt_base64url_decode(text, &bytes, &len);
	if (result != JWT_OK) {
		assert_int_equal(result, JWT_MALFORMED);
		assert_null(bytes);
		assert_int_equal(len, 0);
		return false;
	}
	assert_int_equal(len, wanted_len);
	assert_memory_equal(bytes, wanted, len);
	assert_int_equal(bytes[len], 0);
	free(bytes);
	return true;
}

static bool
text_decodes(const char *text, const char *wanted)
{
	return decodes(jwt_slice_of(text), wanted, strlen(wanted));
}

static bool
begins(const char *text)
{
	return jwt_base64url_begins_object(jwt_slice_of(text)) == 1;
}

/* RFC 4648 section 10, without padding, and RFC 7515 appendix C. */
static void
published_examples_go_both_ways(void **state)
{
	static const struct {
		const char *bytes, *text;
	} row[] = {
	    {"", ""},
	    {"f", "Zg"},
	    {"fo", "Zm8"},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg"},
	    {"fooba", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy"},
	    {"\003\354\377\340\301", "A-z_4ME"},
	};
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_true(text_decodes(row[i].text, row[i].bytes));
		text = jwt_base64url_encode(row[i].bytes, strlen(row[i].bytes));
		assert_non_null(text);
		assert_string_equal(text, row[i].text);
		free(text);
	}
}

static void
every_byte_and_length_comes_back(void **state)
{
	unsigned char bytes[300];
	size_t len, i;
	char *text;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 251 + 7);
	for (len = 0; len <= sizeof(bytes); len++) {
		text = jwt_base64url_encode(bytes, len);
		assert_non_null(text);
		assert_int_equal(strlen(text), JWT_BASE64URL_ENCODED(len));
		assert_int_equal(JWT_BASE64URL_DECODED(strlen(text)), len);
		assert_true(decodes(jwt_slice_of(text), bytes, len));
		free(text);
	}
}

/* Of all texts of two or three characters, one stands for each byte string. */
static void
no_two_texts_decode_to_the_same_bytes(void **state)
{
	unsigned char *bytes;
	char text[2], *again;
	unsigned int a, b;
	size_t len, taken = 0;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			text[0] = (char)a;
			text[1] = (char)b;
			if (jwt_base64url_decode((struct jwt_slice){text, 2},
				&bytes, &len) != JWT_OK)
				continue;
			taken++;
			again = jwt_base64url_encode(bytes, len);
			assert_non_null(again);
			assert_memory_equal(again, text, 3 - len);
			free(again);
			free(bytes);
		}
	}
	assert_int_equal(taken, 256);
}

/* Row E4. */
static void
e4_padding_is_refused(void **state)
{
	(void)state;
	assert_true(text_decodes("Zg", "f"));
	assert_false(text_decodes("Zg==", ""));
	assert_false(text_decodes("Zg=", ""));
	assert_false(text_decodes("Zm8=", ""));
	assert_false(text_decodes("Zm9v====", ""));
	assert_false(text_decodes("=Zm9v", ""));
	assert_false(text_decodes("Zg==Zg", ""));
}

/* Row E5. */
static void
e5_the_other_alphabet_is_refused(void **state)
{
	(void)state;
	assert_true(text_decodes("-_-_", "\xfb\xff\xbf"));
	assert_false(text_decodes("+/+/", ""));
	assert_false(text_decodes("-/-_", ""));
	assert_false(text_decodes("+_-_", ""));
}

/* Rows E6 and E20: each byte outside the alphabet, at each place. */
static void
e6_e20_other_bytes_are_refused_anywhere(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
				       "mnopqrstuvwxyz0123456789-_";
	char text[9];
	unsigned int c;
	size_t place;

	(void)state;
	assert_true(text_decodes("Zm9vYmFy", "foobar"));
	assert_false(text_decodes("Zm9vYmFy\n", ""));
	assert_false(text_decodes(" Zm9vYmFy", ""));
	for (c = 0; c < 256; c++) {
		if (c != 0 && strchr(alphabet, (int)c) != NULL)
			continue;
		for (place = 0; place < 8; place++) {
			memcpy(text, "Zm9vYmFy", sizeof(text));
			text[place] = (char)c;
			assert_false(
			    decodes((struct jwt_slice){text, 8}, "", 0));
		}
	}
}

/* Row E7. */
static void
e7_unused_bits_that_are_set_are_refused(void **state)
{
	(void)state;
	assert_true(text_decodes("Zg", "f"));
	assert_false(text_decodes("Zh", ""));
	assert_false(text_decodes("Zv", ""));
	assert_true(text_decodes("Zm8", "fo"));
	assert_false(text_decodes("Zm9", ""));
	assert_false(text_decodes("Zm-", ""));
}

/* Row E8. */
static void
e8_a_length_of_one_modulo_four_is_refused(void **state)
{
	(void)state;
	assert_false(text_decodes("A", ""));
	assert_true(text_decodes("Zm9v", "foo"));
	assert_false(text_decodes("Zm9vA", ""));
	assert_false(text_decodes("Zm9vYmFyA", ""));
}

static void
the_beginning_of_an_object_is_known_however_it_is_cut(void **state)
{
	(void)state;
	assert_true(begins("eyJhbGciOiJFZERTQSJ9"));
	assert_true(begins("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJkZXBsb3kifQ.x"));
	assert_true(begins("eyJ"));
	assert_true(begins("ey"));
	/* Nothing after the quote is looked at, not even its own group. */
	assert_true(begins("eyJ!"));
	assert_true(begins("e30"));
	/* White space as RFC 8259 has it: " {", "\t\r\n {", "{\n ". */
	assert_true(begins("IHs"));
	assert_true(begins("ewog"));
	assert_true(begins("CQ0KIHs"));
}

static void
what_does_not_begin_an_object_is_known(void **state)
{
	(void)state;
	assert_false(begins(""));
	assert_false(begins("e"));
	assert_false(begins("."));
	assert_false(begins("correct horse battery staple"));
	assert_false(begins("e!y"));
	assert_false(begins("ey!"));
	/* A brace, but nothing of JSON's behind it. */
	assert_false(begins("example"));
	assert_false(begins("eyesonly"));
	assert_false(begins("ewog!"));
	/* "[", then a vertical tab and a brace, then a BOM and a brace. */
	assert_false(begins("Ww"));
	assert_false(begins("C3s"));
	assert_false(begins("77u_ew"));
	/* White space alone, and a brace that the cut leaves no bits for. */
	assert_false(begins("ICAg"));
	assert_false(begins("ICAge"));
	/* sshd's stand-in for a password. */
	assert_false(begins("\b\n\r\177INCORRECT"));
	assert_false(jwt_base64url_begins_object((struct jwt_slice){NULL, 0}));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(published_examples_go_both_ways),
	    cmocka_unit_test(every_byte_and_length_comes_back),
	    cmocka_unit_test(no_two_texts_decode_to_the_same_bytes),
	    cmocka_unit_test(e4_padding_is_refused),
	    cmocka_unit_test(e5_the_other_alphabet_is_refused),
	    cmocka_unit_test(e6_e20_other_bytes_are_refused_anywhere),
	    cmocka_unit_test(e7_unused_bits_that_are_set_are_refused),
	    cmocka_unit_test(e8_a_length_of_one_modulo_four_is_refused),
	    cmocka_unit_test(
		the_beginning_of_an_object_is_known_however_it_is_cut),
	    cmocka_unit_test(what_does_not_begin_an_object_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
