/*
 * Who a claim says that somebody is, and the kinds of token.
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

#include "judging.h"
#include "scratch.h"

/* A section's setting, a token's claims, and what comes of it. */
struct row {
	const char *setting;
	const char *claims;
	enum jwt_reason reason;
};

static void
expect_rows(const struct row *row, size_t count)
{
	struct hearing hearing = {0};
	size_t i;

	for (i = 0; i < count; i++) {
		hearing.config = config_with(row[i].setting);
		hearing.answer = token_with(row[i].claims);
		expect(&hearing, row[i].reason);
	}
}

#define EXPECT(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void
a_list_of_names_grants_each_of_them(void **state)
{
#define LOGINS "user = /traits/logins"
	static const struct row rows[] = {
	    {LOGINS, "{\"traits\":{\"logins\":[\"deploy\"]}}", JWT_OK},
	    {LOGINS, "{\"traits\":{\"logins\":[\"a\",\"deploy\",\"b\"]}}",
		JWT_OK},
	    {LOGINS, "{\"traits\":{\"logins\":\"deploy\"}}", JWT_OK},
	    {LOGINS, "{\"traits\":{\"logins\":[]}}", JWT_USER_MISMATCH},
	    {LOGINS, "{\"traits\":{\"logins\":[\"Deploy\",\"deploy \"]}}",
		JWT_USER_MISMATCH},
	    {LOGINS, "{\"traits\":{\"logins\":\"a deploy\"}}",
		JWT_USER_MISMATCH},
	    {LOGINS, "{\"traits\":{\"logins\":[\"deploy\",1]}}",
		JWT_CLAIMS_INVALID},
	    {LOGINS, "{\"traits\":{\"logins\":[[\"deploy\"]]}}",
		JWT_CLAIMS_INVALID},
	    {LOGINS, "{\"traits\":{\"logins\":{\"deploy\":{}}}}",
		JWT_CLAIMS_INVALID},
	    {LOGINS, "{\"traits\":{\"logins\":null}}", JWT_CLAIMS_INVALID},
	    {LOGINS, "{\"traits\":{}}", JWT_CLAIMS_INVALID},
	    /* RFC 7519 section 4.1.2 */
	    {"user = sub", "{\"sub\":[\"deploy\"]}", JWT_CLAIMS_INVALID},
	    {"user = /sub", "{\"sub\":[\"deploy\"]}", JWT_CLAIMS_INVALID},
	};

	(void)state;
	EXPECT(rows);
}

static void
a_name_is_taken_from_the_address_of_one_domain(void **state)
{
#define WITHOUT "user = upn without @example.com"
	static const struct row rows[] = {
	    {WITHOUT, "{\"upn\":\"deploy@example.com\"}", JWT_OK},
	    {WITHOUT, "{\"upn\":\"deploy@example.org\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deploy@EXAMPLE.com\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"Deploy@example.com\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deploy@sub.example.com\"}",
		JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deploy@example.com.evil.test\"}",
		JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deploy@example.com@example.com\"}",
		JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deploy@evil.test@example.com\"}",
		JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"x@deploy@example.com\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deploy\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"@example.com\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":\"deployexample.com\"}", JWT_USER_MISMATCH},
	    {WITHOUT, "{\"upn\":[\"deploy@example.com\"]}", JWT_CLAIMS_INVALID},
	    {WITHOUT, "{}", JWT_CLAIMS_INVALID},
	};

	(void)state;
	EXPECT(rows);
}

static void
an_email_must_be_verified(void **state)
{
#define EMAIL "user = email without @example.com"
#define MAIL "{\"email\":\"deploy@example.com\""
	static const struct row rows[] = {
	    {EMAIL, MAIL ",\"email_verified\":true}", JWT_OK},
	    {EMAIL, MAIL ",\"email_verified\":false}", JWT_USER_MISMATCH},
	    {EMAIL, MAIL ",\"email_verified\":\"true\"}", JWT_USER_MISMATCH},
	    {EMAIL, MAIL ",\"email_verified\":1}", JWT_USER_MISMATCH},
	    {EMAIL, MAIL ",\"email_verified\":null}", JWT_USER_MISMATCH},
	    {EMAIL, MAIL "}", JWT_USER_MISMATCH},
	    {"user = /email without @example.com", MAIL "}", JWT_USER_MISMATCH},
	    {"user = /email without @example.com",
		MAIL ",\"email_verified\":true}", JWT_OK},
	};

	(void)state;
	EXPECT(rows);
}

static void
faulty_users_are_named(void **state)
{
	static const char *const faulty[] = {
	    "user = email without",
	    "user = email without example.com",
	    "user = email without @",
	    "user = email without @a@b",
	    "user = email with @example.com",
	    "user = email @example.com",
	    "user = email without @example.com @example.org",
	    "user = /a~2 without @example.com",
	    "type = refresh",
	    "type = any id",
	    "type = access\ntyp = at+jwt",
	    "require = /a/-/b is c",
	    "require = /a/- has c",
	    "require = /-/a has c",
	    "require = /a/-/b/-/c has d",
	};
	struct jwt_config *config = NULL;
	struct jwt_faults faults;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		faults = (struct jwt_faults){0};
		if (jwt_config_read(
			scratch_write("conf", config_with(faulty[i]), 0600),
			&config, &faults) != JWT_CONFIG_ERROR)
			fail_msg("taken: %s", faulty[i]);
		jwt_faults_clear(&faults);
	}
}

static void
access_and_id_tokens_are_told_apart(void **state)
{
	static const struct {
		const char *type, *header, *claims;
		enum jwt_reason reason;
	} rows[] = {
	    {"access", "at+jwt", "{}", JWT_OK},
	    {"access", "application/AT+JWT", "{}", JWT_OK},
	    {"access", "JWT", "{\"typ\":\"Bearer\"}", JWT_OK},
	    {"access", "JWT", "{\"type\":\"access_token\"}", JWT_OK},
	    {"access", "JOSE", "{\"token_use\":\"access\"}", JWT_OK},
	    /* Keycloak's has one, and says Bearer */
	    {"access", "JWT", "{\"typ\":\"Bearer\",\"nonce\":\"n\"}", JWT_OK},
	    {"access", "JWT", "{}", JWT_TYPE_MISMATCH},
	    {"access", "JWT", "{\"typ\":\"ID\"}", JWT_TYPE_MISMATCH},
	    {"access", "at+jwt", "{\"token_use\":\"id\"}", JWT_TYPE_MISMATCH},
	    {"access", "JWT", "{\"typ\":\"Bearer\",\"token_use\":\"id\"}",
		JWT_TYPE_MISMATCH},
	    {"access", "JWT", "{\"nonce\":\"n\"}", JWT_TYPE_MISMATCH},
	    {"access", "login+jwt", "{}", JWT_TYPE_MISMATCH},
	    {"access", "at+jwt", "{\"typ\":\"Refresh\"}", JWT_TYPE_MISMATCH},
	    {"id", "JWT", "{}", JWT_OK},
	    {"id", "JWT", "{\"nonce\":\"n\",\"at_hash\":\"h\"}", JWT_OK},
	    {"id", "JWT", "{\"typ\":\"ID\"}", JWT_OK},
	    {"id", "JOSE", "{\"token_use\":\"id\"}", JWT_OK},
	    {"id", "at+jwt", "{}", JWT_TYPE_MISMATCH},
	    {"id", "JWT", "{\"typ\":\"Bearer\"}", JWT_TYPE_MISMATCH},
	    {"id", "JWT", "{\"token_use\":\"access\"}", JWT_TYPE_MISMATCH},
	    {"id", "login+jwt", "{}", JWT_TYPE_MISMATCH},
	    {"id", "JWT", "{\"typ\":\"Logout\"}", JWT_TYPE_MISMATCH},
	    {"any", "at+jwt", "{}", JWT_OK},
	    {"any", "JOSE", "{\"nonce\":\"n\"}", JWT_OK},
	    {"any", "login+jwt", "{}", JWT_OK},
	    {"any", "logout+jwt", "{}", JWT_TYPE_MISMATCH},
	    {"any", "JWT", "{\"typ\":\"Offline\"}", JWT_TYPE_MISMATCH},
	};
	struct hearing hearing = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hearing.config = config_with(text("type = %s", rows[i].type));
		hearing.answer = signed_by("ed",
		    text("{\"alg\":\"EdDSA\",\"kid\":\"ed\",\"typ\":\"%s\"}",
			rows[i].header),
		    claims_but(rows[i].claims));
		expect(&hearing, rows[i].reason);
	}
}

static void
an_audience_of_several_words_is_split_where_it_is_said(void **state)
{
	static const struct row rows[] = {
	    {"", "{\"aud\":\"x ssh\"}", JWT_AUDIENCE_MISMATCH},
	    {"audience_words = no", "{\"aud\":\"x ssh\"}",
		JWT_AUDIENCE_MISMATCH},
	    {"audience_words = yes", "{\"aud\":\"x ssh\"}", JWT_OK},
	    {"audience_words = yes", "{\"aud\":\"ssh\"}", JWT_OK},
	    {"audience_words = yes", "{\"aud\":\"xssh ssh2\"}",
		JWT_AUDIENCE_MISMATCH},
	    {"audience_words = yes", "{\"aud\":\"x,ssh\"}",
		JWT_AUDIENCE_MISMATCH},
	    /* an element of a list is whole */
	    {"audience_words = yes", "{\"aud\":[\"x ssh\"]}",
		JWT_AUDIENCE_MISMATCH},
	    {"audience_words = yes", "{\"aud\":[\"x\",\"ssh\"]}", JWT_OK},
	};

	(void)state;
	EXPECT(rows);
}

static void
roles_and_groups_as_objects_are_read(void **state)
{
#define ROLES "require = urn:roles has admin"
#define NOT "require = urn:roles not has admin"
#define NAMES "require = /groups/-/name has ssh"
	static const struct row rows[] = {
	    {ROLES, "{\"urn:roles\":{\"admin\":{\"5\":\"example.com\"}}}",
		JWT_OK},
	    {ROLES, "{\"urn:roles\":{\"x\":{\"5\":\"e\"}}}",
		JWT_REQUIREMENT_UNMET},
	    {NOT, "{\"urn:roles\":{\"x\":{\"5\":\"e\"}}}", JWT_OK},
	    {NOT, "{\"urn:roles\":{\"admin\":{\"5\":\"e\"}}}",
		JWT_REQUIREMENT_UNMET},
	    /* what may mean the contrary fulfils neither */
	    {ROLES, "{\"urn:roles\":{\"admin\":false}}", JWT_REQUIREMENT_UNMET},
	    {NOT, "{\"urn:roles\":{\"admin\":false}}", JWT_REQUIREMENT_UNMET},
	    {ROLES, "{\"urn:roles\":{\"admin\":{}}}", JWT_REQUIREMENT_UNMET},
	    {NOT, "{\"urn:roles\":{\"admin\":null}}", JWT_REQUIREMENT_UNMET},
	    {NAMES, "{\"groups\":[{\"name\":\"a\"},{\"name\":\"ssh\"}]}",
		JWT_OK},
	    {NAMES, "{\"groups\":[{\"name\":\"a\"}]}", JWT_REQUIREMENT_UNMET},
	    {NAMES, "{\"groups\":[]}", JWT_REQUIREMENT_UNMET},
	    {NAMES, "{\"groups\":[{\"name\":\"ssh\"},{}]}",
		JWT_REQUIREMENT_UNMET},
	    {NAMES, "{\"groups\":[\"ssh\"]}", JWT_REQUIREMENT_UNMET},
	    {NAMES, "{\"groups\":{\"name\":\"ssh\"}}", JWT_REQUIREMENT_UNMET},
	    {NAMES, "{\"groups\":\"ssh\"}", JWT_REQUIREMENT_UNMET},
	    {"require = /groups/-/name not has x",
		"{\"groups\":[{\"name\":\"a\"}]}", JWT_OK},
	    {"require = /groups/-/name not has x",
		"{\"groups\":[{\"name\":\"a\"},{}]}", JWT_REQUIREMENT_UNMET},
	    {"require = /groups/-/id has 7",
		"{\"groups\":[{\"id\":7},{\"id\":8}]}", JWT_OK},
	};

	(void)state;
	EXPECT(rows);
}

static void
groups_that_were_left_out_are_neither_there_nor_absent(void **state)
{
#define LEFT "{\"_claim_names\":{\"groups\":\"src1\"}"
	static const struct row rows[] = {
	    {"require = groups absent", "{}", JWT_OK},
	    {"require = groups absent", LEFT "}", JWT_REQUIREMENT_UNMET},
	    {"require = groups has x", LEFT "}", JWT_REQUIREMENT_UNMET},
	    {"require = groups not has x", LEFT "}", JWT_REQUIREMENT_UNMET},
	    {"require = /groups/-/n has x", LEFT "}", JWT_REQUIREMENT_UNMET},
	    {"require = groups absent", "{\"hasgroups\":true}",
		JWT_REQUIREMENT_UNMET},
	    {"require = groups absent", "{\"hasgroups\":\"true\"}",
		JWT_REQUIREMENT_UNMET},
	    {"require = groups absent", "{\"hasgroups\":false}", JWT_OK},
	    /* another claim's matter */
	    {"require = roles absent", LEFT "}", JWT_OK},
	    {"require = roles absent", "{\"hasgroups\":true}", JWT_OK},
	    /* what is there counts */
	    {"require = groups has x", LEFT ",\"groups\":[\"x\"]}", JWT_OK},
	};
	struct hearing hearing = {0};
	struct jwt_verdict verdict;

	(void)state;
	EXPECT(rows);
	hearing.config = config_with("require = groups has x");
	hearing.answer = token_with(LEFT "}");
	assert_int_equal(hear(&hearing, &verdict), JWT_REQUIREMENT_UNMET);
	assert_non_null(strstr(verdict.seen, "left groups out"));
	jwt_verdict_clear(&verdict);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_of_names_grants_each_of_them),
	    cmocka_unit_test(a_name_is_taken_from_the_address_of_one_domain),
	    cmocka_unit_test(an_email_must_be_verified),
	    cmocka_unit_test(faulty_users_are_named),
	    cmocka_unit_test(access_and_id_tokens_are_told_apart),
	    cmocka_unit_test(
		an_audience_of_several_words_is_split_where_it_is_said),
	    cmocka_unit_test(roles_and_groups_as_objects_are_read),
	    cmocka_unit_test(
		groups_that_were_left_out_are_neither_there_nor_absent),
	};

	return cmocka_run_group_tests(tests, judging_make, judging_remove);
}
