#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_checks.h"
#include "scratch.h"

#define NEEDED                  \
	"[issuer corp]\n"       \
	"issuer = https://i/\n" \
	"keys = /k\n"           \
	"audience = ssh\n"      \
	"algorithms = EdDSA\n"

static void
what_is_left_out_has_its_default(void **state)
{
	struct jwt_config *config = config_of(NEEDED);
	const struct jwt_issuer *issuer = &config->issuer[0];

	(void)state;
	assert_string_equal(config->source, scratch_path("conf"));
	assert_int_equal(config->issuers, 1);
	assert_int_equal(config->services, 0);
	assert_string_equal(issuer->label, "corp");
	assert_int_equal(issuer->line, 1);
	assert_string_equal(issuer->user.claim, "sub");
	assert_null(issuer->user_map);
	assert_string_equal(issuer->audience_claim, "aud");
	assert_false(issuer->issuer_absent);
	assert_false(issuer->audience_absent);
	assert_false(issuer->export);
	assert_int_equal(issuer->services.count, 0);
	assert_int_equal(issuer->system_accounts.count, 0);
	assert_int_equal(issuer->typ.count, 0);
	assert_int_equal(issuer->leeway, 30);
	assert_int_equal(issuer->demands.require.count, 0);
	assert_int_equal(issuer->demands.max_age, JWT_UNSET);
	assert_int_equal(issuer->demands.max_auth_age, JWT_UNSET);
	assert_int_equal(issuer->demands.max_lifetime, 86400);
	assert_null(jwt_config_service(config, "sshd"));
	jwt_config_free(config);
}

static void
strings_are(const struct jwt_strings *strings, const char *wanted)
{
	char text[256] = "";
	size_t i, used = 0;

	for (i = 0; i < strings->count; i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "<%s>", strings->at[i]);
	assert_string_equal(text, wanted);
}

static void
every_key_of_an_issuer_is_taken(void **state)
{
	struct jwt_config *config =
	    config_of("[issuer corp] ; ours\n"
		      "issuer = https://a \"https://b c\"\n"
		      "keys = \"/etc/my keys\"\n"
		      "audience = ssh://%h \"x %H %s %%\"\n"
		      "audience_absent = yes\n"
		      "audience_claim = /azp/0\n"
		      "algorithms = ES256\n"
		      "    RS256 ; old ones\n"
		      "user_map = /etc/map\n"
		      "services = sshd sudo-i\n"
		      "system_accounts = root postgres\n"
		      "typ = JWT \"login+jwt\"\n"
		      "leeway = 300\n"
		      "export = yes\n"
		      "max_age = 15m\n"
		      "max_auth_age = 8h\n"
		      "max_lifetime = 400d\n"
		      "require = groups has ssh-users, acr is \"2\"\n"
		      "require = email_verified is true\n");
	const struct jwt_issuer *issuer = &config->issuer[0];

	(void)state;
	strings_are(&issuer->issuer, "<https://a><https://b c>");
	assert_string_equal(issuer->keys, "/etc/my keys");
	strings_are(&issuer->audience, "<ssh://%h><x %H %s %%>");
	assert_true(issuer->audience_absent);
	assert_string_equal(issuer->audience_claim, "/azp/0");
	assert_int_equal(issuer->algorithms.count, 2);
	assert_string_equal(issuer->algorithms.at[0]->name, "ES256");
	assert_string_equal(issuer->algorithms.at[1]->name, "RS256");
	assert_string_equal(issuer->user_map, "/etc/map");
	assert_null(issuer->user.claim);
	strings_are(&issuer->services, "<sshd><sudo-i>");
	strings_are(&issuer->system_accounts, "<root><postgres>");
	strings_are(&issuer->typ, "<JWT><login+jwt>");
	assert_int_equal(issuer->leeway, 300);
	assert_true(issuer->export);
	assert_int_equal(issuer->demands.max_age, 15 * 60);
	assert_int_equal(issuer->demands.max_auth_age, 8 * 3600);
	assert_int_equal(issuer->demands.max_lifetime, 400 * 86400);
	assert_int_equal(issuer->demands.require.count, 3);
	assert_string_equal(
	    issuer->demands.require.at[2].text, "email_verified is true");
	assert_int_equal(issuer->demands.require.at[2].line, 19);
	jwt_config_free(config);
}

static void
services_add_demands_of_their_own(void **state)
{
	struct jwt_config *config = config_of(NEEDED "[service sudo sudo-i]\n"
						     "require = amr has mfa\n"
						     "max_auth_age = 5m\n"
						     "[service su]\n"
						     "max_age = 60s\n"
						     "max_lifetime = 1h\n"
						     "[service login]\n");
	const struct jwt_demands *demands;

	(void)state;
	assert_int_equal(config->services, 3);
	demands = jwt_config_service(config, "sudo-i");
	assert_ptr_equal(demands, jwt_config_service(config, "sudo"));
	assert_int_equal(demands->require.count, 1);
	assert_int_equal(demands->max_auth_age, 300);
	assert_int_equal(demands->max_age, JWT_UNSET);
	assert_int_equal(demands->max_lifetime, JWT_UNSET);
	demands = jwt_config_service(config, "su");
	assert_int_equal(demands->max_age, 60);
	assert_int_equal(demands->max_lifetime, 3600);
	assert_non_null(jwt_config_service(config, "login"));
	assert_null(jwt_config_service(config, "sud"));
	assert_null(jwt_config_service(config, "su-l"));
	assert_null(jwt_config_service(config, ""));
	jwt_config_free(config);
}

static void
flags_are_yes_or_no(void **state)
{
	struct jwt_config *config;

	(void)state;
	config = config_of(NEEDED "export = no\naudience_absent = \"no\"\n");
	assert_false(config->issuer[0].export);
	assert_false(config->issuer[0].audience_absent);
	jwt_config_free(config);
	assert_string_equal(faults_of(NEEDED "export = true\n"),
	    "F:6: export: 'true' is neither yes nor no|");
	assert_string_equal(faults_of(NEEDED "export = YES\n"),
	    "F:6: export: 'YES' is neither yes nor no|");
}

static void
durations_have_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: it is none */
	} row[] = {
	    {"0", 0},
	    {"0s", 0},
	    {"1", 1},
	    {"90s", 90},
	    {"5m", 300},
	    {"12h", 43200},
	    {"1d", 86400},
	    {"007m", 420},
	    {"9999999999d", INT64_C(9999999999) * 86400},
	    {"", -1},
	    {"s", -1},
	    {"-1", -1},
	    {"+1", -1},
	    {" 1", -1},
	    {"1 s", -1},
	    {"1.5h", -1},
	    {"1w", -1},
	    {"1S", -1},
	    {"1sm", -1},
	    {"1m30s", -1},
	    {"1m ", -1},
	    {"0x10", -1},
	    {"1e3", -1},
	    {"99999999999", -1},
	    {"99999999999999999999999", -1},
	};
	int64_t seconds;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		seconds = -1;
		if (jwt_parse_duration(row[i].text, &seconds) !=
			(row[i].seconds != -1) ||
		    seconds != row[i].seconds)
			fail_msg("%s", row[i].text);
	}
}

/* Row G10. */
static void
leeway_is_bounded(void **state)
{
	(void)state;
	assert_string_equal(faults_of(NEEDED "leeway = 5m\n"), "");
	assert_string_equal(faults_of(NEEDED "leeway = 0\n"), "");
	assert_string_equal(faults_of(NEEDED "leeway = 301\n"),
	    "F:6: leeway: '301' is more than 300 seconds, the most that two "
	    "clocks may differ|");
	assert_string_equal(faults_of(NEEDED "leeway = -1\n"),
	    "F:6: leeway: '-1' is no duration, such as 30s, 5m, 12h or 1d|");
}

static void
tokens_without_issuer_or_audience_have_a_section(void **state)
{
	struct jwt_config *config =
	    config_of("[issuer app]\nissuer_absent = yes\nkeys = /a\n"
		      "audience_absent = yes\nalgorithms = HS256\n"
		      "user = userId\n"
		      "[issuer corp]\nissuer = https://i\nkeys = /k\n"
		      "audience = ssh\nalgorithms = EdDSA\n");

	(void)state;
	assert_true(config->issuer[0].issuer_absent);
	assert_int_equal(config->issuer[0].audience.count, 0);
	assert_string_equal(config->issuer[0].user.claim, "userId");
	jwt_config_free(config);
}

static void
names_of_options_are_those_of_the_file(void **state)
{
	(void)state;
	assert_true(jwt_config_has_option("issuer"));
	assert_true(jwt_config_has_option("require"));
	assert_true(jwt_config_has_option("max_age"));
	assert_false(jwt_config_has_option("Issuer"));
	assert_false(jwt_config_has_option("issue"));
	assert_false(jwt_config_has_option(""));
	assert_false(jwt_config_has_option("prompt"));
}

/* What the whole configuration gives for these options, as config_checks.h. */
static const char *
option_faults(const struct jwt_option *options, size_t count, bool commas)
{
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	const char *text;

	result = jwt_config_options(
	    "pam.d line", options, count, commas, &config, &faults);
	text = joined_faults(&faults);
	assert_int_equal(result, faults.count == 0 ? JWT_OK : JWT_CONFIG_ERROR);
	assert_true((config != NULL) == (result == JWT_OK));
	jwt_config_free(config);
	jwt_faults_clear(&faults);
	return text;
}

static void
one_issuer_comes_from_options(void **state)
{
	static const struct jwt_option options[] = {
	    {"issuer", "https://i/"},
	    {"keys", "/k"},
	    {"audience", "ssh,ssh://%h"},
	    {"algorithms", "EdDSA, ES256"},
	    {"require", "groups has a, acr is 2"},
	    {"require", "b is \"c d\""},
	};
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};

	(void)state;
	assert_int_equal(
	    jwt_config_options("pam.d line", options,
		sizeof(options) / sizeof(options[0]), true, &config, &faults),
	    JWT_OK);
	strings_are(&config->issuer[0].audience, "<ssh><ssh://%h>");
	assert_int_equal(config->issuer[0].algorithms.count, 2);
	assert_int_equal(config->issuer[0].demands.require.count, 3);
	assert_int_equal(config->issuer[0].demands.require.at[0].line, 0);
	assert_string_equal(config->source, "pam.d line");
	jwt_config_free(config);
}

static void
faulty_options_are_named(void **state)
{
	static const struct {
		struct jwt_option option;
		bool commas;
		const char *fault;
	} row[] = {
	    {{"keys", "/k"}, true,
		"pam.d line: 'keys' stands here a second time|"},
	    {{"audience", "a,b"}, false,
		"pam.d line: 'audience' stands here a second time|"},
	    {{"services", "a,b"}, false,
		"pam.d line: services: lists are separated by spaces; put a "
		"value with a comma in double quotes|"},
	    {{"services", "a,,b"}, true,
		"pam.d line: services: a value is missing at a comma|"},
	    {{"services", ",a"}, true,
		"pam.d line: services: a value is missing at a comma|"},
	    {{"services", "a,"}, true,
		"pam.d line: services: a value is missing at a comma|"},
	    {{"services", ","}, true,
		"pam.d line: services: a value is missing at a comma|"},
	    {{"services", ""}, true, "pam.d line: services: has no value|"},
	    {{"services", "\"a"}, true,
		"pam.d line: services: a quote is not closed on its line|"},
	    {{"services", "\"\""}, true,
		"pam.d line: services: an empty value stands in quotes|"},
	    {{"leeway", "1,2"}, true,
		"pam.d line: leeway: '2' is one word too many; put a value "
		"with spaces or commas in double quotes|"},
	    {{"nonsense", "a"}, true,
		"pam.d line: 'nonsense' is no key of an issuer's section|"},
	    {{"require", "a is b,"}, true,
		"pam.d line: require: a condition is missing beside a comma|"},
	};
	struct jwt_option options[5] = {{"issuer", "https://i/"},
	    {"keys", "/k"}, {"audience", "ssh"}, {"algorithms", "EdDSA"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		options[4] = row[i].option;
		assert_string_equal(
		    option_faults(options, 5, row[i].commas), row[i].fault);
	}
	assert_string_equal(option_faults(options, 3, true),
	    "pam.d line: the section of issuer 'inline' has no algorithms|");
	assert_string_equal(option_faults(options, 0, true),
	    "pam.d line: the section of issuer 'inline' has no issuer (or "
	    "issuer_absent = yes)|"
	    "pam.d line: the section of issuer 'inline' has no keys (or jwks_url, or discovery = yes)|"
	    "pam.d line: the section of issuer 'inline' has no audience (or "
	    "audience_absent = yes)|"
	    "pam.d line: the section of issuer 'inline' has no algorithms|");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_out_has_its_default),
	    cmocka_unit_test(every_key_of_an_issuer_is_taken),
	    cmocka_unit_test(services_add_demands_of_their_own),
	    cmocka_unit_test(flags_are_yes_or_no),
	    cmocka_unit_test(durations_have_a_unit),
	    cmocka_unit_test(leeway_is_bounded),
	    cmocka_unit_test(tokens_without_issuer_or_audience_have_a_section),
	    cmocka_unit_test(names_of_options_are_those_of_the_file),
	    cmocka_unit_test(one_issuer_comes_from_options),
	    cmocka_unit_test(faulty_options_are_named),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
