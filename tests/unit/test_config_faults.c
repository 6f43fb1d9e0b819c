/*
 * Rows A13, G17 and I10: what is wrong with a configuration is named with its
 * file and line, and no login comes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "config_checks.h"
#include "scratch.h"

#define NEEDED                  \
	"[issuer corp]\n"       \
	"issuer = https://i/\n" \
	"keys = /k\n"           \
	"audience = ssh\n"      \
	"algorithms = EdDSA\n"

#define OTHER                   \
	"[issuer other]\n"      \
	"issuer = https://o/\n" \
	"keys = /o\n"           \
	"audience = ssh\n"      \
	"algorithms = EdDSA\n"

struct row {
	const char *text, *faults;
};

static void
check_rows(const struct row *row, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		assert_string_equal(faults_of(row[i].text), row[i].faults);
}

#define CHECK_ROWS(row) check_rows(row, sizeof(row) / sizeof((row)[0]))

static void
faulty_values_are_named(void **state)
{
	static const struct row row[] = {
	    {NEEDED "nonsense = a\n",
		"F:6: 'nonsense' is no key of an issuer's section|"},
	    {NEEDED "Require = a is b\n",
		"F:6: 'Require' is no key of an issuer's section|"},
	    {NEEDED "user =\n", "F:6: user: has no value|"},
	    {NEEDED "user = ; a\n", "F:6: user: has no value|"},
	    {NEEDED "user = \"\"\n", "F:6: an empty value stands in quotes|"},
	    {NEEDED "user = a b\n",
		"F:6: user: 'b' follows the claim; there is CLAIM, or CLAIM "
		"without @DOMAIN|"},
	    {NEEDED "user = a,b\n",
		"F:6: user: lists are separated by spaces; put a value with a "
		"comma in double quotes|"},
	    {NEEDED "services = sshd, sudo\n",
		"F:6: services: lists are separated by spaces; put a value "
		"with a comma in double quotes|"},
	    {NEEDED "user = /a~b\n",
		"F:6: user: '/a~b': in a JSON Pointer ~ must be written ~0, "
		"and / inside a name ~1|"},
	    {NEEDED "audience_claim = /a~\n",
		"F:6: audience_claim: '/a~': in a JSON Pointer ~ must be "
		"written ~0, and / inside a name ~1|"},
	    {NEEDED "user_map = map\n",
		"F:6: user_map: 'map': the path must begin with /|"},
	    {NEEDED "services = sshd Sudo\n",
		"F:6: services: 'Sudo': PAM turns service names to lower "
		"case, so this one would never match|"},
	    {NEEDED "services = ../sshd\n",
		"F:6: services: '../sshd': is no name of a PAM service|"},
	    {NEEDED "services = sshd:\n",
		"F:6: services: 'sshd:': is no name of a PAM service|"},
	    {NEEDED "system_accounts = 0\n",
		"F:6: system_accounts: '0': is no login name|"},
	    {NEEDED "max_age = soon\n",
		"F:6: max_age: 'soon' is no duration, such as 30s, 5m, 12h or "
		"1d|"},
	    {NEEDED "require = groups\n",
		"F:6: require: '' is no operator after 'groups'; there are is, "
		"has, matches (each also after not) and absent|"},
	    {NEEDED "require = a is b c\n",
		"F:6: require: 'is' takes exactly one value here; put a value "
		"with spaces or commas in double quotes|"},
	    {NEEDED "require = a is b,\n",
		"F:6: require: a condition is missing beside a comma|"},
	    {NEEDED "keys = /other\n",
		"F:6: 'keys' stands here a second time|"},
	    {NEEDED "leeway = 1\nleeway = 1\n",
		"F:7: 'leeway' stands here a second time|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
faulty_values_of_needed_keys_are_named_once(void **state)
{
	static const struct row row[] = {
	    {"[issuer corp]\nissuer = a\nkeys = k\naudience = a\n"
	     "algorithms = EdDSA\n",
		"F:3: keys: 'k': the path must begin with /|"},
	    {"[issuer corp]\nissuer = a\nkeys = /k\naudience = %\n"
	     "algorithms = EdDSA\n",
		"F:4: audience: '%': after % there may be h (host), H (its "
		"whole name), s (service) or %|"},
	    {"[issuer corp]\nissuer = a\nkeys = /k\naudience = a%u\n"
	     "algorithms = EdDSA\n",
		"F:4: audience: 'a%u': after % there may be h (host), H (its "
		"whole name), s (service) or %|"},
	    {"[issuer corp]\nissuer = a\nkeys = /k\naudience = a\n"
	     "algorithms = EdDSA\nexport = yes no\n",
		"F:6: export: 'no' is one word too many; put a value with "
		"spaces or commas in double quotes|"},
	    {"[issuer corp]\nissuer = a\nkeys = /k\naudience = a\n"
	     "algorithms = none\n",
		"F:5: algorithms: 'none' is no algorithm that is known here, "
		"such as EdDSA, ES256 or RS256|"},
	    {"[issuer corp]\nissuer = a\nkeys = /k\naudience = a\n"
	     "algorithms = ES256 eddsa\n",
		"F:5: algorithms: 'eddsa' is no algorithm that is known here, "
		"such as EdDSA, ES256 or RS256|"},
	    {"[issuer corp]\nissuer = a\nkeys = /k\naudience = \"a\n"
	     "algorithms = EdDSA\n",
		"F:4: a quote is not closed on its line|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
everything_that_is_missing_is_named(void **state)
{
	static const struct row row[] = {
	    {"", "F: has no [issuer LABEL] section, so no token would log in|"},
	    {"[service sudo]\n",
		"F: has no [issuer LABEL] section, so no token would log in|"},
	    {"\n[issuer corp]\n",
		"F:2: the section of issuer 'corp' has no issuer (or "
		"issuer_absent = yes)|"
		"F:2: the section of issuer 'corp' has no keys (or jwks_url, or discovery = yes)|"
		"F:2: the section of issuer 'corp' has no audience (or "
		"audience_absent = yes)|"
		"F:2: the section of issuer 'corp' has no algorithms|"},
	    {NEEDED "[issuer b]\nissuer = b\naudience = b\nkeys = /b\n",
		"F:6: the section of issuer 'b' has no algorithms|"},
	    {"[issuer b]\nissuer = b\nissuer_absent = no\naudience = b\n"
	     "keys = /b\nalgorithms = EdDSA\naudience_absent = no\n",
		""},
	    {"[issuer b]\nissuer_absent = no\naudience_absent = no\n"
	     "keys = /b\nalgorithms = EdDSA\n",
		"F:1: the section of issuer 'b' has no issuer (or "
		"issuer_absent = yes)|"
		"F:1: the section of issuer 'b' has no audience (or "
		"audience_absent = yes)|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
what_excludes_each_other_is_named(void **state)
{
	static const struct row row[] = {
	    {NEEDED "issuer_absent = yes\nuser = a\nuser_map = /m\n",
		"F:1: issuer and issuer_absent exclude each other|"
		"F:1: user and user_map exclude each other|"},
	    {NEEDED "audience_absent = yes\n", ""},
	    {NEEDED "user = sub\nuser_map = /m\n",
		"F:1: user and user_map exclude each other|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

/* Which section a token belongs to is never a matter of choice. */
static void
sections_must_not_share_what_decides(void **state)
{
	static const char absent[] = "[issuer %s]\nissuer_absent = yes\n"
				     "keys = %s\naudience = a\n"
				     "algorithms = EdDSA\n";
	char text[512];

	(void)state;
	assert_string_equal(faults_of(NEEDED OTHER), "");
	assert_string_equal(
	    faults_of(NEEDED "[issuer b]\nissuer = b https://i/\nkeys = /b\n"
			     "audience = a\nalgorithms = EdDSA\n"),
	    "F:6: the issuer 'https://i/' has a section already, 'corp'|");
	/* Byte for byte: another spelling is another issuer. */
	assert_string_equal(
	    faults_of(NEEDED "[issuer b]\nissuer = https://I/ https://i\n"
			     "keys = /k\naudience = a\nalgorithms = EdDSA\n"),
	    "");
	snprintf(text, sizeof(text),
	    "%s[issuer a]\nissuer_absent = yes\nkeys = /a\naudience = a\n"
	    "algorithms = EdDSA\n[issuer b]\nissuer_absent = yes\nkeys = /b\n"
	    "audience = a\nalgorithms = EdDSA\n",
	    NEEDED);
	assert_string_equal(faults_of(text),
	    "F:11: one section at most may have issuer_absent, and 'a' has "
	    "it|");
	snprintf(text, sizeof(text), absent, "app", "/k");
	memcpy(text + strlen(text), OTHER, sizeof(OTHER));
	assert_string_equal(faults_of(text), "");
	snprintf(text, sizeof(text), absent, "app", "/o");
	memcpy(text + strlen(text), OTHER, sizeof(OTHER));
	assert_string_equal(faults_of(text),
	    "F:6: '/o' is named by 'app' too; keys for tokens without an "
	    "issuer must serve no other section|");
}

static void
faulty_sections_are_named_and_skipped(void **state)
{
	static const struct row row[] = {
	    {"issuer = a\n" NEEDED, "F:1: 'issuer' stands before any section|"},
	    {"[issuers a]\nx = y\n" NEEDED,
		"F:1: 'issuers' is no kind of section; there are [issuer "
		"LABEL], [service NAME ...] and [pam-jwtd]|"},
	    {"[Issuer a]\n" NEEDED,
		"F:1: 'Issuer' is no kind of section; there are [issuer "
		"LABEL], [service NAME ...] and [pam-jwtd]|"},
	    {"[]\n" NEEDED,
		"F:1: '' is no kind of section; there are [issuer LABEL], "
		"[service NAME ...] and [pam-jwtd]|"},
	    {"[issuer]\nx = y\n" NEEDED,
		"F:1: an issuer's section has one label, [issuer LABEL]|"},
	    {"[issuer a b]\nx = y\n" NEEDED,
		"F:1: an issuer's section has one label, [issuer LABEL]|"},
	    {"[issuer a=b]\nx = y\n" NEEDED,
		"F:1: 'a=b': a label has letters, digits, '_', '.' and '-', "
		"64 at most|"},
	    {"[issuer \"a b\"]\n" NEEDED,
		"F:1: 'a b': a label has letters, digits, '_', '.' and '-', "
		"64 at most|"},
	    {NEEDED "[issuer corp]\nx = y\n",
		"F:6: 'corp': another section has this label|"},
	    {"[service]\nx = y\n" NEEDED,
		"F:1: a service's section names services, [service NAME "
		"...]|"},
	    {"[service Sudo]\nx = y\n" NEEDED,
		"F:1: 'Sudo': PAM turns service names to lower case, so this "
		"one would never match|"},
	    {"[service sudo]\n[service su sudo]\nx = y\n" NEEDED,
		"F:2: 'sudo': a service may stand in one section only|"},
	    {"[service sudo, su]\n" NEEDED,
		"F:1: ',': is no name of a PAM service|"},
	    {"[service sudo;]\n" NEEDED,
		"F:1: 'sudo;': is no name of a PAM service|"},
	    {"[service sudo\xc2\xa0]\n" NEEDED,
		"F:1: 'sudo\xc2\xa0': is no name of a PAM service|"},
	    {"[service su su]\n" NEEDED,
		"F:1: 'su': a service may stand in one section only|"},
	    {NEEDED "[service sudo]\nleeway = 1s\naudience = a\nuser = a\n"
		    "max_age = 1m\nmax_age = 1m\n",
		"F:7: 'leeway' is no key of a service's section|"
		"F:8: 'audience' is no key of a service's section|"
		"F:9: 'user' is no key of a service's section|"
		"F:11: 'max_age' stands here a second time|"},
	    {NEEDED "[issuer b\nissuer = b\nkeys = /b\n",
		"F:6: a section is not closed by ]|"},
	    {"[issuer corp\nissuer = a\n",
		"F:1: a section is not closed by ]|"},
	};

	(void)state;
	CHECK_ROWS(row);
}

static void
all_faults_of_a_file_are_named(void **state)
{
	(void)state;
	assert_string_equal(faults_of("x = y\n"
				      "[issuer corp]\n"
				      "issuer = https://i/\n"
				      "keys = k\n"
				      "audience = \"ssh\n"
				      "algorithms = none\n"
				      "colour = blue ; a comment\n"
				      "word\n"
				      "require = a is b,\n"
				      "   c\n"
				      "[service Su]\n"
				      "[service sudo]\n"
				      "require = a\n"),
	    "F:1: 'x' stands before any section|"
	    "F:4: keys: 'k': the path must begin with /|"
	    "F:5: a quote is not closed on its line|"
	    "F:6: algorithms: 'none' is no algorithm that is known here, such "
	    "as EdDSA, ES256 or RS256|"
	    "F:7: 'colour' is no key of an issuer's section|"
	    "F:8: neither a [section] nor a setting, key = value|"
	    "F:9: require: '' is no operator after 'c'; there are is, has, "
	    "matches (each also after not) and absent|"
	    "F:11: 'Su': PAM turns service names to lower case, so this one "
	    "would never match|"
	    "F:13: require: '' is no operator after 'a'; there are is, has, "
	    "matches (each also after not) and absent|");
}

static void
a_flood_of_faults_is_cut_and_still_refused(void **state)
{
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	char *text;
	size_t i;

	(void)state;
	text = malloc(1000 * 4 + sizeof(NEEDED));
	assert_non_null(text);
	for (i = 0; i < 1000; i++)
		memcpy(text + i * 4, "x=y\n", 4);
	memcpy(text + i * 4, NEEDED, sizeof(NEEDED));
	assert_int_equal(jwt_config_read(scratch_write("conf", text, 0600),
			     &config, &faults),
	    JWT_CONFIG_ERROR);
	assert_null(config);
	assert_int_equal(faults.count, 100);
	jwt_faults_clear(&faults);
	free(text);
}

static void
a_file_that_cannot_be_trusted_is_not_read(void **state)
{
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	char wanted[512];

	(void)state;
	scratch_write("loose", NEEDED, 0666);
	assert_int_equal(
	    jwt_config_read(scratch_path("loose"), &config, &faults),
	    JWT_CONFIG_ERROR);
	assert_null(config);
	snprintf(wanted, sizeof(wanted),
	    "%s: it has mode 0666, wanted no write permission for group and "
	    "others: chmod go-w|",
	    scratch_path("loose"));
	assert_string_equal(joined_faults(&faults), wanted);
	jwt_faults_clear(&faults);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faulty_values_are_named),
	    cmocka_unit_test(faulty_values_of_needed_keys_are_named_once),
	    cmocka_unit_test(everything_that_is_missing_is_named),
	    cmocka_unit_test(what_excludes_each_other_is_named),
	    cmocka_unit_test(sections_must_not_share_what_decides),
	    cmocka_unit_test(faulty_sections_are_named_and_skipped),
	    cmocka_unit_test(all_faults_of_a_file_are_named),
	    cmocka_unit_test(a_flood_of_faults_is_cut_and_still_refused),
	    cmocka_unit_test(a_file_that_cannot_be_trusted_is_not_read),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
