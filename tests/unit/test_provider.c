/*
 * From where keys may be fetched, and what a section may say of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config_checks.h"
#include "jwt/provider.h"
#include "scratch.h"

#define SECTION                              \
	"[issuer corp]\n"                    \
	"issuer = https://sso.example.com\n" \
	"audience = ssh\n"                   \
	"algorithms = EdDSA\n"

static void
addresses_that_are_taken(void **state)
{
	static const char *const good[] = {"https://sso.example.com/jwks",
	    "https://sso.example.com", "https://sso.example.com:8443/a?b=c@d",
	    "https://192.0.2.1/", "https://[2001:db8::1]:443/k",
	    "http://localhost/k", "http://localhost:80", "http://127.0.0.1:1/",
	    "http://[::1]/k"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (jwt_url_fault(good[i]) != NULL)
			fail_msg("%s %s", good[i], jwt_url_fault(good[i]));
}

static void
addresses_that_are_not(void **state)
{
	static const struct {
		const char *url, *fault;
	} bad[] = {
	    {"", "must begin with https://"},
	    {"sso.example.com", "must begin with https://"},
	    {"HTTPS://sso.example.com", "must begin with https://"},
	    {"file:///etc/passwd", "must begin with https://"},
	    {"https://", "has no host's name"},
	    {"https:///k", "has no host's name"},
	    {"https://:443/k", "has no host's name"},
	    {"https://[]/k", "has no host's name"},
	    {"https://[::1", "has no host's name"},
	    {"https://[::g]/k", "has no host's name"},
	    {"https://a_b/", "has no host's name"},
	    {"https://a:/k", "has no number behind"},
	    {"https://a:123456/", "has no number behind"},
	    {"https://a:b/", "has no number behind"},
	    {"https://[::1]x/", "has something behind the host"},
	    {"https://a:1x/", "has something behind the host"},
	    {"https://user@a/", "names a user"},
	    {"https://user:secret@a/", "names a user"},
	    {"https://a/k#part", "has a #"},
	    {"https://a/ k", "has a byte that is written with %"},
	    {"https://a/\nk", "has a byte that is written with %"},
	    {"https://a\\k", "has a byte that is written with %"},
	    {"https://a/\303\244", "has a byte that is written with %"},
	    {"http://sso.example.com/", "must be https://"},
	    {"http://localhost.example.com/", "must be https://"},
	    {"http://127.0.0.2/", "must be https://"},
	    {"http://LOCALHOST/", "must be https://"},
	    {"http://[::2]/", "must be https://"},
	};
	char longest[1100] = "https://a/";
	const char *fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fault = jwt_url_fault(bad[i].url);
		if (fault == NULL ||
		    strncmp(fault, bad[i].fault, strlen(bad[i].fault)) != 0)
			fail_msg("%s %s", bad[i].url,
			    fault == NULL ? "is taken" : fault);
	}
	memset(longest + 10, 'k', 1024 - 10);
	longest[1024] = '\0';
	assert_null(jwt_url_fault(longest));
	longest[1024] = 'k';
	assert_string_equal(
	    jwt_url_fault(longest), "is longer than 1024 bytes");
}

static void
a_host_is_what_stands_between(void **state)
{
	static const char *const rows[][2] = {
	    {"https://sso.example.com:8443/a", "sso.example.com"},
	    {"http://[::1]:80/a", "::1"}, {"https://a?b", "a"},
	    {"https://a#b", "a"}, {"ftp://a/b", ""}};
	struct jwt_slice host;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		host = jwt_url_host(rows[i][0]);
		assert_int_equal(host.len, strlen(rows[i][1]));
		assert_true(jwt_slice_equal(host, jwt_slice_of(rows[i][1])));
	}
}

/* A proxy may be asked in the clear: what goes through it is TLS. */
static void
a_proxy_may_be_anywhere(void **state)
{
	(void)state;
	assert_null(jwt_proxy_fault("http://proxy.example.com:3128"));
	assert_non_null(jwt_proxy_fault("socks5://proxy.example.com"));
	assert_non_null(jwt_proxy_fault("http://user:secret@proxy:3128"));
}

static void
a_section_says_one_way_to_its_keys(void **state)
{
	static const struct {
		const char *more, *fault;
	} rows[] = {
	    {"keys = /k\ndiscovery = yes\n",
		"F:1: keys, jwks_url and discovery exclude each other|"},
	    {"jwks_url = https://a/\ndiscovery = yes\n",
		"F:1: keys, jwks_url and discovery exclude each other|"},
	    {"keys = /k\nstale_after = 1h\n",
		"F:1: stale_after is for keys that are fetched, and keys names "
		"a file|"},
	    {"keys = /k\nca_file = /c\n",
		"F:1: ca_file is for keys that are fetched, and keys names a "
		"file|"},
	    {"discovery = yes\nstale_after = 0\n",
		"F:1: stale_after = 0 would believe no key|"},
	    {"discovery = yes\nfetch_timeout = 4\n",
		"F:6: fetch_timeout: '4' is more than the 3 seconds that a "
		"login may wait; pam-jwtd goes on fetching, and the next login "
		"has the keys|"},
	    {"discovery = yes\nmax_keys = 0\n",
		"F:6: max_keys: '0' is no number from 1 to 16384|"},
	    {"discovery = yes\nmax_keys = 16385\n",
		"F:6: max_keys: '16385' is no number from 1 to 16384|"},
	    {"discovery = yes\nmax_keys = 1 2\n",
		"F:6: max_keys: '2' is one word too many; put a value with "
		"spaces or commas in double quotes|"},
	    {"discovery = yes\nmax_bytes = 1k\n",
		"F:6: max_bytes: '1k' is no number from 1 to 16777216|"},
	    {"discovery = yes\nmax_bytes = 99999999999999999999\n",
		"F:6: max_bytes: '99999999999999999999' is no number from 1 to "
		"16777216|"},
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), SECTION "%s", rows[i].more);
		assert_string_equal(faults_of(text), rows[i].fault);
	}
	assert_string_equal(
	    faults_of(SECTION "discovery = yes\nmax_keys = 16384\n"
			      "max_bytes = 16777216\nfetch_timeout = 3\n"),
	    "");
	assert_string_equal(
	    faults_of("[issuer a]\nissuer = cluster\naudience = ssh\n"
		      "algorithms = EdDSA\ndiscovery = yes\n"),
	    "F:1: discovery needs an issuer that begins with https:// and has "
	    "no query|");
}

/* Tokens without issuer are known by their keys alone, say. */
static void
sections_that_contradict_themselves(void **state)
{
	(void)state;
	assert_string_equal(
	    faults_of("[issuer mesh]\nissuer_absent = yes\naudience = ssh\n"
		      "algorithms = EdDSA\njwks_url = https://a/k\n" SECTION
		      "jwks_url = https://a/k\n"),
	    "F:6: 'https://a/k' is named by 'mesh' too; keys for tokens "
	    "without an issuer must serve no other section|");
	assert_string_equal(
	    faults_of("[issuer a]\nissuer = https://a\naudience = \"a b\"\n"
		      "audience_words = yes\nalgorithms = EdDSA\n"
		      "discovery = yes\n"),
	    "F:1: an audience with a space matches none where "
	    "audience_words = yes splits them|");
}

static void
the_section_of_the_service_stands_once(void **state)
{
	(void)state;
	assert_string_equal(
	    faults_of(SECTION "discovery = yes\n[pam-jwtd]\n[pam-jwtd]\n"),
	    "F:7: [pam-jwtd] stands in line 6 already|");
	assert_string_equal(
	    faults_of(SECTION "discovery = yes\n[pam-jwtd x]\n"),
	    "F:6: the section is [pam-jwtd], without a name|");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_that_are_taken),
	    cmocka_unit_test(addresses_that_are_not),
	    cmocka_unit_test(a_host_is_what_stands_between),
	    cmocka_unit_test(a_proxy_may_be_anywhere),
	    cmocka_unit_test(a_section_says_one_way_to_its_keys),
	    cmocka_unit_test(sections_that_contradict_themselves),
	    cmocka_unit_test(the_section_of_the_service_stands_once),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
