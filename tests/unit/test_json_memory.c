/*
 * Row F18: memory that runs out at any point of a parse makes it fail, and
 * never leaves a member out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "broken_memory.h"
#include "jwt/base64url.h"
#include "jwt/json.h"

/* `parse` of this text with memory for ever more allocations. */
static void
is_whole_or_nothing(struct jwt_slice text, long least,
    enum jwt_reason (*parse)(
	struct jwt_slice, struct json_object **, struct jwt_fault *))
{
	struct json_object *whole, *value;
	enum jwt_reason result;
	long n = 0;

	assert_int_equal(parse(text, &whole, NULL), JWT_OK);
	do {
		left = n;
		result = parse(text, &value, NULL);
		left = -1;
		if (result == JWT_OK)
			break;
		assert_int_equal(result, JWT_NO_MEMORY);
		assert_null(value);
	} while (++n < 1000);
	/* One for each value and name at the least, so nothing was cached. */
	assert_in_range(n, least, 999);
	assert_true(json_object_equal(value, whole));
	json_object_put(value);
	json_object_put(whole);
}

static void
json_without_memory_gives_nothing(void **state)
{
	/* More members than json-c's first table holds, long strings, all. */
	struct jwt_slice text = jwt_slice_of(
	    "{\"iss\":\"https://sso.example.com/realms/the-whole-company\","
	    "\"sub\":\"deploy\",\"aud\":[\"a\",[],true,null,-7],\"exp\":1.5,"
	    "\"cnf\":{\"jkt\":\"0123456789012345678901234567890123456789\"},"
	    "\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,"
	    "\"i\":9,\"j\":10,\"nbf\":99999999999}");

	(void)state;
	skip_unless_allocator_is_ours();
	is_whole_or_nothing(text, 40, jwt_json_parse);
	is_whole_or_nothing(text, 30, jwt_json_parse_outline);
}

static void
base64url_without_memory_gives_nothing(void **state)
{
	unsigned char *bytes;
	size_t len;

	(void)state;
	skip_unless_allocator_is_ours();
	left = 0;
	assert_int_equal(
	    jwt_base64url_decode(jwt_slice_of("Zm9v"), &bytes, &len),
	    JWT_NO_MEMORY);
	assert_null(bytes);
	assert_int_equal(len, 0);
	left = 0;
	assert_null(jwt_base64url_encode("foo", 3));
	left = -1;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_without_memory_gives_nothing),
	    cmocka_unit_test(base64url_without_memory_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
