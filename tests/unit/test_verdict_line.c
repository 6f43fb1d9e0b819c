/*
 * The log line: our own words first, and nothing that anybody chose can end
 * its quotes, split the line or steer who reads it.  Row B6.
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

#include "jwt/verdict.h"

#define NASTY "a\" \\ rhost=\"192.0.2.1\"\n\r\033[2J\xc3\xa9\xff\177%n"
#define QUOTED                                                            \
	"\"a\\x22 \\x5c rhost=\\x22192.0.2.1\\x22\\x0a\\x0d\\x1b[2J\\xc3" \
	"\\xa9\\xff\\x7f%n\""

static void
line_is(const struct jwt_verdict *verdict, const struct jwt_client *client,
    const char *wanted)
{
	char *line = jwt_verdict_line(verdict, client);

	assert_non_null(line);
	assert_string_equal(line, wanted);
	free(line);
}

static void
an_acceptance_is_one_line(void **state)
{
	struct jwt_verdict verdict = {.reason = JWT_OK};
	struct jwt_client client = {.service = "sshd",
	    .rhost = "192.0.2.7",
	    .tty = "ssh",
	    .user = "deploy"};
	char issuer[] = "corp", kid[] = "k1", sub[] = "deploy", id[] = "j1",
	     own[] = "exp=2027-01-15T08:05:00Z";

	(void)state;
	verdict.issuer = issuer;
	verdict.own = own;
	verdict.own_is_words = true;
	verdict.kid = kid;
	verdict.subject = sub;
	verdict.id = id;
	line_is(&verdict, &client,
	    "accepted reason=accepted service=sshd issuer=corp "
	    "exp=2027-01-15T08:05:00Z rhost=\"192.0.2.7\" tty=\"ssh\" "
	    "user=\"deploy\" kid=\"k1\" sub=\"deploy\" jti=\"j1\"");
}

static void
a_clock_error_names_both_times(void **state)
{
	struct jwt_verdict verdict = {
	    .reason = JWT_EXPIRED, .own_is_words = true};
	struct jwt_client client = {.service = "sudo-i", .user = "deploy"};
	char own[] = "exp=2026-11-25T03:20:00Z now=2026-11-25T03:26:12Z "
		     "leeway=30s";

	(void)state;
	verdict.own = own;
	line_is(&verdict, &client,
	    "refused reason=expired service=sudo-i exp=2026-11-25T03:20:00Z "
	    "now=2026-11-25T03:26:12Z leeway=30s user=\"deploy\"");
}

static void
what_others_chose_comes_last_and_quoted(void **state)
{
	struct jwt_verdict verdict = {.reason = JWT_AUDIENCE_MISMATCH};
	char nasty[] = NASTY;
	struct jwt_client client = {
	    .service = nasty, .rhost = nasty, .tty = nasty, .user = nasty};
	char issuer[] = "corp", own[] = "ssh \"x\"";

	(void)state;
	verdict.issuer = issuer;
	verdict.own = own;
	verdict.seen = verdict.kid = verdict.subject = verdict.id = nasty;
	/* A tty and a service have less room than this. */
	line_is(&verdict, &client,
	    "refused reason=audience_mismatch "
	    "service=\"a\\x22 \\x5c rhost=\\x22192.0.2.1\\x22\\x0a\\x0d"
	    "\\x1b[2J\\xc3\\xa9...\" issuer=corp expected=\"ssh \\x22x\\x22\" "
	    "rhost=" QUOTED " "
	    "tty=\"a\\x22 \\x5c rhost=\\x22192.0.2.1\\x22\\x0a\\x0d\\x1b[2J\\xc3\\xa9...\" "
	    "user=" QUOTED " kid=" QUOTED " sub=" QUOTED " jti=" QUOTED
	    " seen=" QUOTED);
}

static void
a_service_is_bare_only_when_it_is_plain(void **state)
{
	static const struct {
		const char *service, *line;
	} row[] = {
	    {"sshd", "refused reason=not_a_jwt service=sshd"},
	    {"polkit-1", "refused reason=not_a_jwt service=polkit-1"},
	    {"a b", "refused reason=not_a_jwt service=\"a b\""},
	    {"x issuer=corp",
		"refused reason=not_a_jwt service=\"x issuer=corp\""},
	    {"a=b", "refused reason=not_a_jwt service=\"a=b\""},
	    {"\"a\"", "refused reason=not_a_jwt service=\"\\x22a\\x22\""},
	    {"", "refused reason=not_a_jwt service=\"\""},
	    {NULL, "refused reason=not_a_jwt"},
	};
	struct jwt_verdict verdict = {.reason = JWT_NOT_A_JWT};
	struct jwt_client client = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		client.service = row[i].service;
		line_is(&verdict, &client, row[i].line);
	}
}

/* A hint has its place among our own words, and is cut. */
static void
a_hint_comes_before_what_others_chose(void **state)
{
	struct jwt_verdict verdict = {.reason = JWT_UNKNOWN_ISSUER};
	struct jwt_client client = {.service = "sshd", .rhost = "192.0.2.7"};
	char own[] = "an issuer", seen[] = "https://x/", note[600];
	char *line, *hint;

	(void)state;
	verdict.own = own;
	verdict.seen = seen;
	memset(note, 'n', sizeof(note) - 1);
	note[sizeof(note) - 1] = '\0';
	verdict.note = note;
	line = jwt_verdict_line(&verdict, &client);
	assert_non_null(line);
	hint = strstr(line, " hint=\"nnn");
	assert_non_null(hint);
	assert_in_range(strcspn(hint + 7, "\""), 190, 200);
	assert_non_null(strstr(hint, "n...\" rhost=\"192.0.2.7\" seen=\""));
	free(line);
	(void)snprintf(note, sizeof(note), "only \"case\"");
	line_is(&verdict, &client,
	    "refused reason=unknown_issuer service=sshd "
	    "expected=\"an issuer\" hint=\"only \\x22case\\x22\" "
	    "rhost=\"192.0.2.7\" seen=\"https://x/\"");
	/* Beside a fault, and beside words for the clock, too. */
	verdict.seen = NULL;
	line_is(&verdict, &client,
	    "refused reason=unknown_issuer service=sshd "
	    "fault=\"an issuer\" hint=\"only \\x22case\\x22\" "
	    "rhost=\"192.0.2.7\"");
}

/* However long everything is, the line stays one that syslog carries. */
static void
a_line_is_bounded(void **state)
{
	struct jwt_verdict verdict = {.reason = JWT_REQUIREMENT_UNMET};
	struct jwt_client client = {0};
	size_t size = 70000, len;
	char *huge = malloc(size), *line;

	(void)state;
	assert_non_null(huge);
	memset(huge, '\n', size - 1);
	huge[size - 1] = '\0';
	client.service = client.rhost = client.tty = client.user = huge;
	verdict.own = verdict.seen = verdict.note = huge;
	verdict.kid = verdict.subject = verdict.id = huge;
	line = jwt_verdict_line(&verdict, &client);
	assert_non_null(line);
	len = strlen(line);
	assert_in_range(len, 500, 2000);
	assert_null(strchr(line, '\n'));
	assert_int_equal(line[len - 1], '"');
	free(line);
	free(huge);
}

static void
faults_of_a_configuration_make_a_verdict(void **state)
{
	struct jwt_client client = {.service = "sshd", .user = "deploy"};
	struct jwt_faults faults = {0};
	struct jwt_verdict verdict;

	(void)state;
	jwt_faults_add(&faults, "/etc/x", 3, "'%s' is no key", "colour");
	assert_int_equal(jwt_judge_faults(JWT_CONFIG_ERROR, &faults, &verdict),
	    JWT_CONFIG_ERROR);
	line_is(&verdict, &client,
	    "refused reason=config_error service=sshd "
	    "fault=\"/etc/x:3: 'colour' is no key\" user=\"deploy\"");
	assert_int_equal(verdict.checks, 1);
	assert_false(verdict.check[0].passed);
	assert_false(verdict.names_account);
	jwt_verdict_clear(&verdict);
	jwt_faults_add(&faults, "/etc/x", 4, "another");
	jwt_faults_add(&faults, NULL, 0, "a third");
	jwt_judge_faults(JWT_CONFIG_ERROR, &faults, &verdict);
	line_is(&verdict, &client,
	    "refused reason=config_error service=sshd "
	    "fault=\"/etc/x:3: 'colour' is no key (and 2 more: jwtctl "
	    "check)\" user=\"deploy\"");
	jwt_verdict_clear(&verdict);
	jwt_faults_clear(&faults);
	/* Nothing to tell: memory ran out. */
	assert_int_equal(
	    jwt_judge_faults(JWT_NO_MEMORY, &faults, &verdict), JWT_NO_MEMORY);
	line_is(&verdict, &client,
	    "refused reason=internal_error service=sshd user=\"deploy\"");
	jwt_verdict_clear(&verdict);
}

/* REASONS are names: filters and manuals use them. */
static void
every_reason_has_its_name_and_kind(void **state)
{
	static const struct {
		const char *name;
		enum jwt_kind kind;
		int exit;
	} row[] = {
	    {"internal_error", JWT_KIND_FAULT, 2},
	    {"internal_error", JWT_KIND_MEMORY, 2},
	    {"config_error", JWT_KIND_CONFIG, 2},
	    {"stand_in_password", JWT_KIND_REFUSED, 1},
	    {"too_long", JWT_KIND_REFUSED, 1},
	    {"not_a_jwt", JWT_KIND_REFUSED, 1},
	    {"cut_off", JWT_KIND_REFUSED, 1},
	    {"malformed", JWT_KIND_REFUSED, 1},
	    {"header_invalid", JWT_KIND_REFUSED, 1},
	    {"claims_invalid", JWT_KIND_REFUSED, 1},
	    {"unknown_issuer", JWT_KIND_REFUSED, 1},
	    {"service_not_allowed", JWT_KIND_REFUSED, 1},
	    {"algorithm_not_allowed", JWT_KIND_REFUSED, 1},
	    {"keys_unavailable", JWT_KIND_UNAVAILABLE, 2},
	    {"unknown_key", JWT_KIND_REFUSED, 1},
	    {"key_refused", JWT_KIND_REFUSED, 1},
	    {"signature_invalid", JWT_KIND_REFUSED, 1},
	    {"type_mismatch", JWT_KIND_REFUSED, 1},
	    {"expired", JWT_KIND_REFUSED, 1},
	    {"not_yet_valid", JWT_KIND_REFUSED, 1},
	    {"issued_in_future", JWT_KIND_REFUSED, 1},
	    {"lifetime_too_long", JWT_KIND_REFUSED, 1},
	    {"too_old", JWT_KIND_REFUSED, 1},
	    {"audience_mismatch", JWT_KIND_REFUSED, 1},
	    {"proof_required", JWT_KIND_REFUSED, 1},
	    {"user_not_allowed", JWT_KIND_REFUSED, 1},
	    {"user_mismatch", JWT_KIND_REFUSED, 1},
	    {"requirement_unmet", JWT_KIND_REFUSED, 1},
	    {"revoked", JWT_KIND_REFUSED, 1},
	    {"already_used", JWT_KIND_REFUSED, 1},
	    {"store_unavailable", JWT_KIND_UNAVAILABLE, 2},
	    {"accepted", JWT_KIND_ACCEPTED, 0},
	};
	enum jwt_reason i;

	(void)state;
	assert_int_equal(sizeof(row) / sizeof(row[0]), JWT_REASONS);
	for (i = JWT_INTERNAL_ERROR; i < JWT_REASONS; i++) {
		assert_string_equal(jwt_reason_name(i), row[i].name);
		assert_int_equal(jwt_reason_row(i)->kind, row[i].kind);
		assert_int_equal(jwt_reason_row(i)->exit, row[i].exit);
		assert_non_null(jwt_reason_row(i)->text);
	}
	assert_string_equal(jwt_reason_name(JWT_REASONS), "internal_error");
	assert_string_equal(
	    jwt_reason_name((enum jwt_reason)1000), "internal_error");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_acceptance_is_one_line),
	    cmocka_unit_test(a_clock_error_names_both_times),
	    cmocka_unit_test(what_others_chose_comes_last_and_quoted),
	    cmocka_unit_test(a_service_is_bare_only_when_it_is_plain),
	    cmocka_unit_test(a_hint_comes_before_what_others_chose),
	    cmocka_unit_test(a_line_is_bounded),
	    cmocka_unit_test(faults_of_a_configuration_make_a_verdict),
	    cmocka_unit_test(every_reason_has_its_name_and_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
