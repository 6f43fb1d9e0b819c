/*
 * Conditions, up to a line `--`, over the claims behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jwt/claim.h"
#include "jwt/condition.h"

#define SHORT 12 /* bytes of what the slow matcher is asked */

/* The same as jwt_glob_matches by its definition, slowly. */
static bool
matches(const char *glob, const char *text, const char *end)
{
	bool all = glob[0] == '*' && glob[1] == '*';

	if (*glob == '\0')
		return text == end;
	if (*glob == '*') {
		for (;; text++) {
			if (matches(glob + (all ? 2 : 1), text, end))
				return true;
			if (text == end ||
			    (!all && (*text == '/' || *text == ':')))
				return false;
		}
	}
	if (text == end)
		return false;
	if (*glob == '?' ? *text == '/' || *text == ':' : *glob != *text)
		return false;
	return matches(glob + 1, text + 1, end);
}

static void
check_glob(const struct jwt_condition *condition, struct jwt_slice text)
{
	if (strlen(condition->value) > SHORT || text.len > SHORT)
		return;
	check(jwt_glob_matches(condition->value, text) ==
		  matches(condition->value, text.at, text.at + text.len),
	    "a glob matches otherwise than it is defined");
}

static void
check_result(const struct jwt_condition *condition, struct json_object *claims)
{
	struct jwt_condition opposite = *condition;
	struct json_object *value;
	bool holds = jwt_condition_holds(condition, claims);
	enum jwt_member found;

	found = jwt_claim_select(claims, condition->claim, &value);
	if (condition->op == JWT_ABSENT || found == JWT_MEMBER_ABSENT) {
		check(holds == (condition->op == JWT_ABSENT &&
				   found == JWT_MEMBER_ABSENT),
		    "a claim that is missing fulfils a condition");
		return;
	}
	opposite.negated = !condition->negated;
	check(!holds || !jwt_condition_holds(&opposite, claims),
	    "a condition and its opposite hold at once");
	check(!holds || (value != NULL &&
			    !json_object_is_type(value, json_type_object) &&
			    !json_object_is_type(value, json_type_double)),
	    "a claim that cannot be read fulfils a condition");
	if (!json_object_is_type(value, json_type_string))
		return;
	if (condition->op == JWT_IS && holds && !condition->negated)
		check(jwt_slice_equal(jwt_json_slice(value),
			  jwt_slice_of(condition->value)),
		    "a string is another one");
	if (condition->op == JWT_MATCHES)
		check_glob(condition, jwt_json_slice(value));
}

static enum jwt_reason
parse(struct jwt_slice text, struct jwt_conditions *conditions,
    struct jwt_fault *fault)
{
	struct jwt_words words = {0};
	enum jwt_reason reason;

	reason = jwt_words_split(&words, text, fault);
	/* Whoever reads a file refuses a list of no words before. */
	if (reason == JWT_OK && words.count == 0) {
		jwt_fault_set(fault, "no words");
		reason = JWT_CONFIG_ERROR;
	}
	if (reason == JWT_OK)
		reason = jwt_conditions_parse(
		    conditions, words.at, words.count, fault);
	jwt_words_clear(&words);
	return reason;
}

/* What a message shows of a condition is that condition. */
static void
check_text(const struct jwt_condition *condition)
{
	struct jwt_conditions again = {0};
	const struct jwt_condition *same;

	check(parse(jwt_slice_of(condition->text), &again, NULL) == JWT_OK &&
		  again.count == 1,
	    "a condition's text is none");
	same = &again.at[0];
	check(same->op == condition->op &&
		  same->negated == condition->negated &&
		  same->quoted == condition->quoted &&
		  strcmp(same->claim, condition->claim) == 0 &&
		  (condition->value == NULL
			  ? same->value == NULL
			  : strcmp(same->value, condition->value) == 0),
	    "a condition's text is another one");
	jwt_conditions_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice rest = {(const char *)bytes, len}, text;
	struct jwt_conditions conditions = {0};
	struct json_object *claims = NULL;
	struct jwt_fault fault = {""};
	enum jwt_reason reason;
	char *seen;
	size_t i;

	/* Files with a NUL are refused before, and options have none. */
	text = take_part(&rest);
	text.len = strnlen(text.at, text.len);
	reason = parse(text, &conditions, &fault);
	check(reason == JWT_OK || reason == JWT_CONFIG_ERROR,
	    "conditions give another reason");
	check((reason == JWT_OK) == (fault.text[0] == '\0'),
	    "a refusal has words, and what is taken has none");
	if (jwt_json_parse_object(rest, &claims, NULL) != JWT_OK)
		claims = json_object_new_object();
	for (i = 0; reason == JWT_OK && i < conditions.count; i++) {
		check_text(&conditions.at[i]);
		check_result(&conditions.at[i], claims);
		seen = jwt_claim_seen(claims, conditions.at[i].claim);
		check(seen != NULL, "nothing is seen");
		free(seen);
	}
	json_object_put(claims);
	jwt_conditions_clear(&conditions);
	return 0;
}
