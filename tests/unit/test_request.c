/*
 * The line in which a token is asked for: what it may say, byte by byte, and
 * what is said of one that may not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "issuer/request.h"
#include "jwt/setting.h"

/* What a line says, written down: `a<..>` `t300` `c<name><value>` `long`. */
static const char *
told(struct jwt_slice line)
{
	static char text[4096];
	struct issuer_request request;
	struct jwt_fault fault = {""};
	enum issuer_reason reason;
	size_t i, used;

	reason = issuer_request_parse(line, &request, &fault);
	if (reason != ISSUER_OK) {
		assert_int_not_equal(fault.text[0], '\0');
		snprintf(text, sizeof(text), "%s: %s",
		    issuer_reason_name(reason), fault.text);
		issuer_request_clear(&request);
		return text;
	}
	assert_string_equal(fault.text, "");
	assert_int_equal(request.claim.count, request.value.count);
	text[0] = '\0';
	used = 0;
	for (i = 0; i < request.audience.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "a<%s>", request.audience.at[i]);
	if (request.seconds != 0)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "t%lld", (long long)request.seconds);
	for (i = 0; i < request.claim.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "c<%s><%s>", request.claim.at[i], request.value.at[i]);
	snprintf(text + used, sizeof(text) - used, "%s",
	    request.any_length ? "long" : "");
	issuer_request_clear(&request);
	return text;
}

static void
says(const char *line, const char *wanted)
{
	assert_string_equal(told(jwt_slice_of(line)), wanted);
}

static void
every_word_of_a_request_is_read(void **state)
{
	(void)state;
	says("ISSUE aud=ssh://build7", "a<ssh://build7>");
	says("ISSUE aud=ssh://build7 ttl=300 claim=ticket=4711 long",
	    "a<ssh://build7>t300c<ticket><4711>long");
	says("ISSUE long claim=b=2 ttl=1 aud=y claim=a=1 aud=x",
	    "a<y>a<x>t1c<b><2>c<a><1>long");
	says("ISSUE aud=a ttl=86400", "a<a>t86400");
	says("ISSUE aud=aud=", "a<aud=>");
	says("ISSUE aud=a claim=long=", "a<a>c<long><>");
	says("ISSUE aud=a claim=a=b=c", "a<a>c<a><b=c>");
	says("ISSUE aud=long", "a<long>");
}

static void
bytes_that_may_not_stand_there_are_written_in_digits(void **state)
{
	(void)state;
	says("ISSUE aud=a%20b%25 claim=n%3D%20=%25v%20", "a<a b%>c<n= ><%v >");
	says("ISSUE aud=%C3%A9%E2%82%AC", "a<\xc3\xa9\xe2\x82\xac>");
}

static void
one_byte_has_one_spelling(void **state)
{
	static const char only[] = "only a byte that may not stand there as it "
				   "is may be written %XX";
	static const char digits[] = "a % must be followed by two upper-case "
				     "hexadecimal digits";
	const struct {
		const char *line;
		int byte;
		const char *wrong;
	} row[] = {{"ISSUE aud=a%41", 12, only}, {"ISSUE aud=%3D", 11, only},
	    {"ISSUE aud=a claim=a=%3D", 21, only},
	    {"ISSUE aud=a claim=%41=a", 19, only}, {"ISSUE aud=%7E", 11, only},
	    {"ISSUE aud=%21", 11, only}, {"ISSUE aud=%c3%a9", 11, digits},
	    {"ISSUE aud=%", 11, digits}, {"ISSUE aud=%2", 11, digits},
	    {"ISSUE aud=%2 aud=b", 11, digits}, {"ISSUE aud=%G0", 11, digits},
	    {"ISSUE aud=%%25", 11, digits}, {"ISSUE aud=% 20", 11, digits},
	    {"ISSUE aud=%-1", 11, digits},
	    {"ISSUE aud=%00", 11, "%00 can stand in no text"}};
	char wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(wanted, sizeof(wanted),
		    "malformed_request: at byte %d: %s", row[i].byte,
		    row[i].wrong);
		says(row[i].line, wanted);
	}
}

static void
what_is_no_word_is_named_with_its_place(void **state)
{
	static const char *const row[][2] = {
	    {"", "at byte 1: '' is no request; it begins with ISSUE"},
	    {"issue aud=a",
		"at byte 1: 'issue' is no request; it begins with ISSUE"},
	    {" ISSUE aud=a",
		"at byte 1: '' is no request; it begins with ISSUE"},
	    {"ISSUER aud=a",
		"at byte 1: 'ISSUER' is no request; it begins with ISSUE"},
	    {"ISSUE  aud=a",
		"at byte 7: a word is missing; one space stands between two "
		"words"},
	    {"ISSUE aud=a ",
		"at byte 13: a word is missing; one space stands between two "
		"words"},
	    {"ISSUE aud=a once=1",
		"at byte 13: 'once=1' is no word of a request; there are "
		"aud=, ttl=, claim= and long"},
	    {"ISSUE Aud=a",
		"at byte 7: 'Aud=a' is no word of a request; there are aud=, "
		"ttl=, claim= and long"},
	    {"ISSUE aud=a long=1",
		"at byte 13: 'long=1' is no word of a request; there are "
		"aud=, ttl=, claim= and long"},
	    {"ISSUE aud=a claim",
		"at byte 13: 'claim' is no word of a request; there are aud=, "
		"ttl=, claim= and long"},
	    {"ISSUE aud=a claim=ticket",
		"at byte 19: 'ticket' is no claim, which is NAME=VALUE"},
	    {"ISSUE aud=a long long", "at byte 18: a second long stands here"},
	    {"ISSUE aud=a ttl=5 ttl=5", "at byte 23: a second ttl stands here"},
	};
	char wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(
		    wanted, sizeof(wanted), "malformed_request: %s", row[i][1]);
		says(row[i][0], wanted);
	}
}

static void
a_lifetime_is_a_plain_number_within_a_day(void **state)
{
	static const char *const bad[] = {"0", "00", "01", "300s", "5m", "-1",
	    "+1", "86401", "100000", "999999999999999999999", "1e3", "", "0x10",
	    "1.0"};
	char line[80], wanted[256];
	size_t i;

	(void)state;
	says("ISSUE aud=a ttl=10", "a<a>t10");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "ISSUE aud=a ttl=%s", bad[i]);
		snprintf(wanted, sizeof(wanted),
		    "malformed_request: at byte 17: '%s' is no number of "
		    "seconds from 1 to 86400, without leading zeros",
		    bad[i]);
		says(line, wanted);
	}
}

static void
what_cannot_stand_in_a_token_is_refused(void **state)
{
	(void)state;
	says("ISSUE", "malformed_request: no audience is asked for; at least "
		      "one is needed");
	says("ISSUE ttl=5",
	    "malformed_request: no audience is asked for; at least one is "
	    "needed");
	says("ISSUE aud=", "malformed_request: an audience is empty");
	says("ISSUE aud=a aud=%C2%A0 aud=b aud=a",
	    "malformed_request: the audience 'a' is there twice");
	says("ISSUE aud=a claim==v",
	    "malformed_request: a claim has no name before its '='");
	says("ISSUE aud=a claim=t=1 claim=u=1 claim=t=2",
	    "malformed_request: the claim 't' is there twice");
	says("ISSUE aud=%FF", "malformed_request: an audience is no valid "
			      "UTF-8");
	says("ISSUE aud=%C0%AF", "malformed_request: an audience is no valid "
				 "UTF-8");
	says("ISSUE aud=%ED%A0%80", "malformed_request: an audience is no "
				    "valid UTF-8");
	says("ISSUE aud=%0A", "malformed_request: an audience has a control "
			      "character in it");
	says("ISSUE aud=a claim=%7F=1",
	    "malformed_request: the name of a claim has a control character "
	    "in it");
	says("ISSUE aud=a claim=t=%C2%85",
	    "malformed_request: the value of the claim 't' has a control "
	    "character in it");
}

static void
what_the_issuer_alone_sets_cannot_be_asked_for(void **state)
{
	static const char *const reserved[] = {"iss", "sub", "aud", "exp",
	    "nbf", "iat", "jti", "auth_time", "amr", "acr", "cnf", "events",
	    "client_id", "name", "groups", "host"};
	static const char *const free_ones[] = {"scope", "Sub", "sub%20",
	    "ticket", "isss", "https://example.com/sub"};
	char line[80], wanted[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		snprintf(line, sizeof(line), "ISSUE aud=a claim=%s=root",
		    reserved[i]);
		snprintf(wanted, sizeof(wanted),
		    "claim_not_allowed: the claim '%s' is one that the issuer "
		    "alone sets",
		    reserved[i]);
		says(line, wanted);
		assert_true(issuer_claim_is_reserved(reserved[i]));
	}
	for (i = 0; i < sizeof(free_ones) / sizeof(free_ones[0]); i++) {
		snprintf(line, sizeof(line), "ISSUE aud=a claim=%s=root",
		    free_ones[i]);
		assert_memory_equal(told(jwt_slice_of(line)), "a<a>c<", 6);
		assert_false(issuer_claim_is_reserved(free_ones[i]));
	}
}

static void
raw_bytes_outside_printable_ascii_are_refused(void **state)
{
	static const char good[] = "ISSUE aud=a claim=t=v";
	char line[sizeof(good)], wanted[160];
	unsigned int byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		memcpy(line, good, sizeof(good));
		line[sizeof(good) - 2] = (char)(unsigned char)byte;
		if (byte > 0x20 && byte < 0x7f && byte != '%') {
			told((struct jwt_slice){line, sizeof(good) - 1});
			continue;
		}
		if (byte < 0x20 || byte >= 0x7f) {
			snprintf(wanted, sizeof(wanted),
			    "malformed_request: at byte 21: a raw byte "
			    "0x%02x; a line is printable ASCII, and other "
			    "bytes are %%XX",
			    byte);
			assert_string_equal(
			    told((struct jwt_slice){line, sizeof(good) - 1}),
			    wanted);
		}
	}
	/* A line that ends in a carriage return is no line of ours. */
	assert_memory_equal(
	    told(jwt_slice_of("ISSUE aud=a\r")), "malformed_request", 17);
}

static void
a_line_has_512_bytes_with_its_newline(void **state)
{
	static const char head[] = "ISSUE aud=";
	struct issuer_request request = {0};
	struct jwt_fault fault = {""};
	char line[1024], audience[1024], *written;

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, head, sizeof(head) - 1);
	assert_memory_equal(told((struct jwt_slice){line, 511}), "a<aaaa", 6);
	assert_string_equal(told((struct jwt_slice){line, 512}),
	    "malformed_request: the line has 513 bytes with its newline, and "
	    "512 are the most");
	assert_string_equal(told((struct jwt_slice){line, 1024}),
	    "malformed_request: the line has 1025 bytes with its newline, and "
	    "512 are the most");

	memset(audience, 'a', sizeof(audience));
	audience[501] = '\0';
	assert_true(jwt_strings_add(&request.audience, audience));
	assert_int_equal(
	    issuer_request_write(&request, &written, &fault), ISSUER_OK);
	assert_int_equal(strlen(written), 512);
	assert_int_equal(written[511], '\n');
	free(written);
	issuer_request_clear(&request);

	audience[501] = 'a';
	audience[502] = '\0';
	assert_true(jwt_strings_add(&request.audience, audience));
	assert_int_equal(issuer_request_write(&request, &written, &fault),
	    ISSUER_MALFORMED_REQUEST);
	assert_null(written);
	assert_string_equal(fault.text,
	    "the request would have 513 bytes, and 512 are the most; ask for "
	    "fewer or shorter audiences and claims");
	issuer_request_clear(&request);
}

static void
what_is_written_reads_back_the_same(void **state)
{
	static const char *const lines[] = {"ISSUE aud=ssh://build7",
	    "ISSUE aud=a aud=b ttl=300 claim=t=1 claim=u= long",
	    "ISSUE aud=a%20%25=%C3%A9 claim=n%3D%25=v=%20"};
	struct issuer_request request;
	struct jwt_slice line;
	char *written;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		line = jwt_slice_of(lines[i]);
		assert_int_equal(
		    issuer_request_parse(line, &request, NULL), ISSUER_OK);
		assert_int_equal(
		    issuer_request_write(&request, &written, NULL), ISSUER_OK);
		assert_int_equal(strlen(written), line.len + 1);
		assert_memory_equal(written, line.at, line.len);
		assert_int_equal(written[line.len], '\n');
		free(written);
		issuer_request_clear(&request);
	}
}

/* What `jwt-issue` is told before anybody is asked. */
static void
what_cannot_be_read_is_not_written(void **state)
{
	struct issuer_request request = {0};
	struct jwt_fault fault = {""};
	char *written = (char *)1;

	(void)state;
	assert_int_equal(issuer_request_write(&request, &written, &fault),
	    ISSUER_MALFORMED_REQUEST);
	assert_null(written);
	assert_string_equal(
	    fault.text, "no audience is asked for; at least one is needed");
	assert_true(jwt_strings_add(&request.audience, "a"));
	request.seconds = ISSUER_TTL_MAX + 1;
	assert_int_equal(issuer_request_write(&request, &written, &fault),
	    ISSUER_MALFORMED_REQUEST);
	assert_string_equal(fault.text,
	    "a lifetime of 86401 seconds; from 1 to 86400 (24h) can be asked "
	    "for");
	request.seconds = ISSUER_TTL_MAX;
	assert_int_equal(
	    issuer_request_write(&request, &written, &fault), ISSUER_OK);
	assert_string_equal(written, "ISSUE aud=a ttl=86400\n");
	free(written);
	assert_true(jwt_strings_add(&request.claim, "sub"));
	assert_true(jwt_strings_add(&request.value, "root"));
	assert_int_equal(issuer_request_write(&request, &written, &fault),
	    ISSUER_CLAIM_NOT_ALLOWED);
	assert_null(written);
	issuer_request_clear(&request);
}

static void
a_prompt_keeps_its_bytes(void **state)
{
	char all[256], *word, *text;
	bool malformed = true;
	size_t i;

	(void)state;
	for (i = 0; i < 255; i++)
		all[i] = (char)(unsigned char)(i + 1);
	all[255] = '\0';
	assert_non_null(word = issuer_text_encode(all));
	for (i = 0; word[i] != '\0'; i++)
		assert_in_range(word[i], 0x21, 0x7e);
	assert_non_null(
	    text = issuer_text_decode(jwt_slice_of(word), &malformed));
	assert_false(malformed);
	assert_string_equal(text, all);
	free(text);
	free(word);
	assert_non_null(word = issuer_text_encode("Password: 100 % =\n"));
	assert_string_equal(word, "Password:%20100%20%25%20=%0A");
	free(word);
	assert_non_null(
	    text = issuer_text_decode(jwt_slice_of(""), &malformed));
	assert_string_equal(text, "");
	free(text);
	assert_null(issuer_text_decode(jwt_slice_of("a b"), &malformed));
	assert_true(malformed);
	assert_null(issuer_text_decode(jwt_slice_of("%0a"), &malformed));
	assert_true(malformed);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_word_of_a_request_is_read),
	    cmocka_unit_test(
		bytes_that_may_not_stand_there_are_written_in_digits),
	    cmocka_unit_test(one_byte_has_one_spelling),
	    cmocka_unit_test(what_is_no_word_is_named_with_its_place),
	    cmocka_unit_test(a_lifetime_is_a_plain_number_within_a_day),
	    cmocka_unit_test(what_cannot_stand_in_a_token_is_refused),
	    cmocka_unit_test(what_the_issuer_alone_sets_cannot_be_asked_for),
	    cmocka_unit_test(raw_bytes_outside_printable_ascii_are_refused),
	    cmocka_unit_test(a_line_has_512_bytes_with_its_newline),
	    cmocka_unit_test(what_is_written_reads_back_the_same),
	    cmocka_unit_test(what_cannot_be_read_is_not_written),
	    cmocka_unit_test(a_prompt_keeps_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
