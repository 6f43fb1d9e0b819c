#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/grants.h"
#include "jwt/trial.h"

#include "config_checks.h"
#include "scratch.h"

/* The faults of a map, without its path, a `|` behind each. */
static const char *
faults_of_map(const char *text)
{
	static char out[2048];
	const char *path = scratch_write("map", text, 0600), *at;
	struct jwt_grants *grants = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason result;
	size_t i, used = 0;

	out[0] = '\0';
	result = jwt_grants_read(path, &grants, &faults);
	assert_int_equal(result, faults.count == 0 ? JWT_OK : JWT_CONFIG_ERROR);
	assert_true((grants != NULL) == (result == JWT_OK));
	for (i = 0; i < faults.count; i++) {
		at = faults.at[i].text;
		assert_int_equal(strncmp(at, path, strlen(path)), 0);
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s|",
		    at + strlen(path) + 1);
		assert_true(used < sizeof(out));
	}
	jwt_grants_free(grants);
	jwt_faults_clear(&faults);
	return out;
}

static void
a_line_is_an_account_and_its_conditions(void **state)
{
	static const char text[] =
	    "; who may become whom\n"
	    "deploy  repository is acme/app, ref is refs/heads/main\n"
	    "deploy  repository is acme/web,  ; continued\n"
	    "        ref matches refs/tags/*, environment absent\n"
	    "\n"
	    "ci$     groups has ci, groups not has interns\n";
	struct jwt_grants *grants = NULL;
	struct jwt_faults faults = {0};
	const char *path = scratch_write("map", text, 0600);

	(void)state;
	assert_int_equal(jwt_grants_read(path, &grants, &faults), JWT_OK);
	assert_string_equal(grants->path, path);
	assert_int_equal(grants->count, 3);
	assert_string_equal(grants->at[0].account, "deploy");
	assert_int_equal(grants->at[0].line, 2);
	assert_int_equal(grants->at[0].conditions.count, 2);
	assert_string_equal(
	    grants->at[0].conditions.at[1].text, "ref is refs/heads/main");
	assert_string_equal(grants->at[1].account, "deploy");
	assert_int_equal(grants->at[1].line, 3);
	assert_int_equal(grants->at[1].conditions.count, 3);
	assert_int_equal(grants->at[1].conditions.at[1].line, 4);
	assert_string_equal(grants->at[2].account, "ci$");
	assert_int_equal(grants->at[2].line, 6);
	jwt_grants_free(grants);
}

static void
faults_are_named_with_their_lines(void **state)
{
	static const struct {
		const char *text, *faults;
	} row[] = {
	    {"deploy a is b\n", ""},
	    {"", " has no grant, so no token would log in|"},
	    {"; deploy a is b\n", " has no grant, so no token would log in|"},
	    {"deploy\n",
		"1: a grant is an account and then, after white space, its "
		"conditions|"},
	    {"\ndeploy, a is b\n",
		"2: a grant is an account and then, after white space, its "
		"conditions|"},
	    {", a is b\n",
		"1: a grant is an account and then, after white space, its "
		"conditions|"},
	    {"deploy a\n",
		"1: '' is no operator after 'a'; there are is, has, matches "
		"(each also after not) and absent|"},
	    {"deploy a is b,\n", "1: a condition is missing beside a comma|"},
	    {"* a is b\n", "1: '*' is no login name|"},
	    {"0 a is b\n", "1: '0' is no login name|"},
	    {"-x a is b\n", "1: '-x' is no login name|"},
	    {"a/b a is b\n", "1: 'a/b' is no login name|"},
	    {"\"a b\" a is b\n", "1: 'a b' is no login name|"},
	    /* A grant to everybody but some is a mistake. */
	    {"deploy a absent\n",
		"1: the grant to 'deploy' needs a condition with is, has or "
		"matches that is not negated|"},
	    {"deploy a not is b, b not has c, c not matches *, d absent\n",
		"1: the grant to 'deploy' needs a condition with is, has or "
		"matches that is not negated|"},
	    {"deploy a not is b, c matches *\n", ""},
	    {"deploy a is b\n0 a is b\noperator a is\n x y\n",
		"2: '0' is no login name|"
		"3: 'is' takes exactly one value here; put a value with spaces "
		"or commas in double quotes|"},
	    {" deploy a is b\n",
		"1: an indented line continues nothing here (a comment that "
		"is not indented ends what stands above it)|"},
	    {"deploy a is \"b\n", "1: a quote is not closed on its line|"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_string_equal(faults_of_map(row[i].text), row[i].faults);
}

static void
a_map_that_cannot_be_trusted_is_not_read(void **state)
{
	struct jwt_grants *grants = NULL;
	struct jwt_faults faults = {0};

	(void)state;
	assert_int_equal(
	    jwt_grants_read(scratch_write("loose", "deploy a is b\n", 0620),
		&grants, &faults),
	    JWT_CONFIG_ERROR);
	assert_null(grants);
	assert_non_null(strstr(joined_faults(&faults), "has mode 0620"));
	jwt_faults_clear(&faults);
	assert_int_equal(
	    jwt_grants_read(scratch_path("none"), &grants, &faults),
	    JWT_CONFIG_ERROR);
	assert_null(grants);
	assert_non_null(strstr(joined_faults(&faults), "No such file"));
	jwt_faults_clear(&faults);
}

/* Whether these claims open the account, by the map or else the claim. */
static bool
grants(const char *map, const char *user_claim, const char *claims,
    const char *account)
{
	struct jwt_issuer issuer = {0};
	struct jwt_attempt attempt = {.user = account};
	struct jwt_verdict verdict = {0};
	struct jwt_trial trial = {
	    .attempt = &attempt, .verdict = &verdict, .issuer = &issuer};
	struct jwt_faults faults = {0};
	char user[64] = "";
	bool granted;

	if (user_claim != NULL) {
		snprintf(user, sizeof(user), "%s", user_claim);
		issuer.user.claim = user;
	}
	if (map != NULL)
		assert_int_equal(
		    jwt_grants_read(scratch_write("map", map, 0600),
			&trial.grants, &faults),
		    JWT_OK);
	assert_int_equal(jwt_json_parse_object(
			     jwt_slice_of(claims), &trial.token.claims, NULL),
	    JWT_OK);
	granted = jwt_grants_account(&trial);
	assert_int_equal(
	    jwt_step_user(&trial), granted ? JWT_OK : JWT_USER_MISMATCH);
	jwt_grants_free(trial.grants);
	json_object_put(trial.token.claims);
	free(trial.expected);
	free(trial.seen);
	return granted;
}

static void
any_grant_to_the_account_is_enough(void **state)
{
	const char *map = "deploy a is 1, b is 2\n"
			  "operator c is 3\n"
			  "deploy c is 4\n";

	(void)state;
	assert_true(grants(map, NULL, "{\"a\":1,\"b\":2}", "deploy"));
	assert_true(grants(map, NULL, "{\"c\":4}", "deploy"));
	assert_true(grants(map, NULL, "{\"c\":3}", "operator"));
	/* Not the halves of two grants, nor another account's. */
	assert_false(grants(map, NULL, "{\"a\":1}", "deploy"));
	assert_false(grants(map, NULL, "{\"a\":1,\"c\":3}", "deploy"));
	assert_false(grants(map, NULL, "{\"a\":1,\"b\":2}", "operator"));
	assert_false(grants(map, NULL, "{\"c\":3}", "Operator"));
	assert_false(grants(map, NULL, "{\"c\":3}", "operator2"));
	assert_false(grants(map, NULL, "{\"c\":3}", "oper"));
	assert_false(grants(map, NULL, "{}", "deploy"));
	/* Beside a map, no claim names an account. */
	assert_false(grants(map, NULL, "{\"sub\":\"deploy\"}", "deploy"));
}

/* Rows H1 and H6. */
static void
the_user_claim_equals_the_account(void **state)
{
	static const struct {
		const char *claims, *account;
		bool granted;
	} row[] = {
	    {"{\"sub\":\"deploy\"}", "deploy", true},
	    {"{\"sub\":\"deploy\"}", "operator", false},
	    {"{\"sub\":\"Deploy\"}", "deploy", false},
	    {"{\"sub\":\"deploy\"}", "DEPLOY", false},
	    {"{\"sub\":\"deploy2\"}", "deploy", false},
	    {"{\"sub\":\"deplo\"}", "deploy", false},
	    {"{\"sub\":\"deploy \"}", "deploy", false},
	    {"{\"sub\":\"deploy@example.com\"}", "deploy", false},
	    {"{\"sub\":\"\"}", "", true},
	    {"{\"sub\":[\"deploy\"]}", "deploy", false},
	    {"{\"sub\":1}", "1", false},
	    {"{\"sub\":null}", "null", false},
	    {"{\"name\":\"deploy\"}", "deploy", false},
	    {"{}", "deploy", false},
	    {"{}", "absent", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (grants(NULL, "sub", row[i].claims, row[i].account) !=
		    row[i].granted)
			fail_msg("%s for %s", row[i].claims, row[i].account);
	assert_true(grants(NULL, "/a/0", "{\"a\":[\"deploy\"]}", "deploy"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_an_account_and_its_conditions),
	    cmocka_unit_test(faults_are_named_with_their_lines),
	    cmocka_unit_test(a_map_that_cannot_be_trusted_is_not_read),
	    cmocka_unit_test(any_grant_to_the_account_is_enough),
	    cmocka_unit_test(the_user_claim_equals_the_account),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
