#include "condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"

static const struct {
	const char *name;
	enum jwt_operator op;
} operators[] = {
    {"absent", JWT_ABSENT},
    {"is", JWT_IS},
    {"has", JWT_HAS},
    {"matches", JWT_MATCHES},
};

static bool
word_is(const struct jwt_word *word, const char *text)
{
	return !word->quoted && strcmp(word->text, text) == 0;
}

static bool
find_operator(const struct jwt_word *word, enum jwt_operator *op)
{
	size_t i;

	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (word_is(word, operators[i].name)) {
			*op = operators[i].op;
			return true;
		}
	}
	return false;
}

/* The words as they were written, one space between them. */
static char *
join(const struct jwt_word *words, size_t count)
{
	char *text, *longer;
	size_t i;

	text = strdup("");
	for (i = 0; i < count && text != NULL; i++) {
		longer = jwt_format("%s%s%s%s%s", text, i > 0 ? " " : "",
		    words[i].quoted ? "\"" : "", words[i].text,
		    words[i].quoted ? "\"" : "");
		free(text);
		text = longer;
	}
	return text;
}

/* The first token of a JSON Pointer that is a lone `-`; NULL: there is none. */
static char *
find_each(char *claim)
{
	char *at;

	for (at = claim; (at = strstr(at, "/-")) != NULL; at += 2)
		if (at[2] == '/' || at[2] == '\0')
			return at;
	return NULL;
}

/*
 * `/groups/-/name`: of each element the name.  RFC 6901 section 4 gives `-` no
 * element to read, so nothing else can be meant by it.
 */
static bool
split_each(struct jwt_condition *condition, struct jwt_fault *fault,
    enum jwt_reason *result)
{
	char *each =
	    condition->claim[0] == '/' ? find_each(condition->claim) : NULL;

	if (each == NULL)
		return true;
	*result = JWT_NO_MEMORY;
	if (condition->op == JWT_HAS && each != condition->claim &&
	    each[2] == '/' && find_each(each + 2) == NULL) {
		condition->each = strdup(each + 2);
		*each = '\0';
		return condition->each != NULL;
	}
	jwt_fault_set(fault,
	    "'%.100s': with a lone - as part, of each element of a list, there "
	    "is /LIST/-/MEMBER has VALUE",
	    condition->claim);
	*result = JWT_CONFIG_ERROR;
	return false;
}

/* One condition, of words that have no comma among them. */
static enum jwt_reason
parse(struct jwt_condition *condition, const struct jwt_word *words,
    size_t count, struct jwt_fault *fault)
{
	enum jwt_reason result;
	const char *wrong;
	size_t next = 1, want;

	if (count == 0) {
		jwt_fault_set(fault, "a condition is missing beside a comma");
		return JWT_CONFIG_ERROR;
	}
	if ((wrong = jwt_claim_selector_fault(words[0].text)) != NULL) {
		jwt_fault_set(fault, "'%.100s': %s", words[0].text, wrong);
		return JWT_CONFIG_ERROR;
	}
	if (count > 2 && word_is(&words[1], "not")) {
		condition->negated = true;
		next = 2;
	}
	if (next >= count || !find_operator(&words[next], &condition->op)) {
		jwt_fault_set(fault,
		    "'%.100s' is no operator after '%.100s'; there are is, "
		    "has, matches (each also after not) and absent",
		    next < count ? words[next].text : "", words[next - 1].text);
		return JWT_CONFIG_ERROR;
	}
	want = next + (condition->op == JWT_ABSENT ? 1 : 2);
	if (count != want ||
	    (condition->negated && condition->op == JWT_ABSENT)) {
		jwt_fault_set(fault,
		    "'%.100s' takes %s here; put a value with spaces or "
		    "commas in double quotes",
		    words[next].text,
		    condition->op == JWT_ABSENT ? "no value and no not"
						: "exactly one value");
		return JWT_CONFIG_ERROR;
	}
	condition->line = words[0].line;
	if ((condition->claim = strdup(words[0].text)) == NULL ||
	    (condition->text = join(words, count)) == NULL)
		return JWT_NO_MEMORY;
	if (!split_each(condition, fault, &result))
		return result;
	if (condition->op != JWT_ABSENT) {
		condition->quoted = words[next + 1].quoted;
		condition->value = strdup(words[next + 1].text);
		if (condition->value == NULL)
			return JWT_NO_MEMORY;
	}
	if (condition->op == JWT_MATCHES &&
	    strlen(condition->value) > JWT_GLOB_MAX) {
		jwt_fault_set(
		    fault, "a glob may have %d bytes at most", JWT_GLOB_MAX);
		return JWT_CONFIG_ERROR;
	}
	return JWT_OK;
}

enum jwt_reason
jwt_conditions_parse(struct jwt_conditions *conditions,
    const struct jwt_word *words, size_t count, struct jwt_fault *fault)
{
	enum jwt_reason result;
	struct jwt_condition *grown;
	size_t start, end;

	for (start = 0;; start = end + 1) {
		for (end = start; end < count && !words[end].comma; end++)
			;
		grown = reallocarray(
		    conditions->at, conditions->count + 1, sizeof(*grown));
		if (grown == NULL)
			return JWT_NO_MEMORY;
		conditions->at = grown;
		grown[conditions->count++] = (struct jwt_condition){0};
		result = parse(&grown[conditions->count - 1], &words[start],
		    end - start, fault);
		if (result != JWT_OK || end == count)
			return result;
	}
}

/* Stars may stand for nothing: the places behind them are reached as well. */
static void
pass_stars(const char *glob, size_t len, bool *at)
{
	size_t g;

	for (g = 0; g < len; g++)
		if (at[g] && glob[g] == '*')
			at[g + (glob[g + 1] == '*' ? 2 : 1)] = true;
}

/*
 * Each byte of the text moves a set of places in the glob, so that no glob
 * and no claim can make it go back and forth; and nothing is allocated, so
 * that a negated `matches` cannot come true for want of memory.
 */
bool
jwt_glob_matches(const char *glob, struct jwt_slice text)
{
	bool at[JWT_GLOB_MAX + 1] = {true}, next[JWT_GLOB_MAX + 1];
	size_t len = strlen(glob), i, g;
	bool plain;

	if (len > JWT_GLOB_MAX)
		return false;
	pass_stars(glob, len, at);
	for (i = 0; i < text.len; i++) {
		memset(next, 0, sizeof(next));
		plain = text.at[i] != '/' && text.at[i] != ':';
		for (g = 0; g < len; g++) {
			if (!at[g])
				continue;
			if (glob[g] == '*')
				next[g] |= plain || glob[g + 1] == '*';
			else if (glob[g] == '?')
				next[g + 1] |= plain;
			else
				next[g + 1] |= glob[g] == text.at[i];
		}
		memcpy(at, next, sizeof(at));
		pass_stars(glob, len, at);
	}
	return at[len];
}

/* Bare `true` and `false` are booleans and no strings. */
static bool
wants_boolean(const struct jwt_condition *condition)
{
	return !condition->quoted &&
	       (strcmp(condition->value, "true") == 0 ||
		   strcmp(condition->value, "false") == 0);
}

/* A string, an integer or a boolean against the value of a condition. */
static bool
value_equals(const struct jwt_condition *condition, struct json_object *value)
{
	char digits[24];

	switch (json_object_get_type(value)) {
	case json_type_string:
		return !wants_boolean(condition) &&
		       jwt_slice_equal(jwt_json_slice(value),
			   jwt_slice_of(condition->value));
	case json_type_int:
		snprintf(digits, sizeof(digits), "%" PRId64,
		    json_object_get_int64(value));
		return !condition->quoted &&
		       strcmp(digits, condition->value) == 0;
	case json_type_boolean:
		return !condition->quoted &&
		       strcmp(condition->value,
			   json_object_get_boolean(value) ? "true" : "false") ==
		           0;
	default:
		return false;
	}
}

static bool
is_scalar(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ||
	       json_object_is_type(value, json_type_int) ||
	       json_object_is_type(value, json_type_boolean);
}

/*
 * Roles as an object, each with the organisations that it was given for:
 * {"admin": {"5": "example.com"}}.  The members' names are what it has.  One
 * with another value may say the contrary.
 */
static bool
object_has(const struct jwt_condition *condition, struct json_object *value,
    bool *readable)
{
	struct json_object *member;

	if (wants_boolean(condition) || jwt_json_member(value, condition->value,
					    &member) == JWT_MEMBER_ABSENT)
		return false;
	*readable = json_object_is_type(member, json_type_object) &&
	            json_object_object_length(member) > 0;
	return *readable;
}

/* What a condition looks at of an element: itself, or a part of it. */
static struct json_object *
part_of(const struct jwt_condition *condition, struct json_object *element)
{
	struct json_object *value = NULL;

	if (condition->each == NULL)
		return element;
	if (!json_object_is_type(element, json_type_object) ||
	    jwt_claim_select(element, condition->each, &value) ==
		JWT_MEMBER_ABSENT)
		return NULL;
	return value;
}

/*
 * `*readable` is false where the claim is of a type that `has` cannot read,
 * an array with any element that is no string, integer or boolean included:
 * it must not pass for an array without the element that is looked for.
 */
static bool
has(const struct jwt_condition *condition, struct json_object *value,
    bool *readable)
{
	struct json_object *element;
	bool found = false, array;
	size_t i, count;

	array = json_object_is_type(value, json_type_array);
	*readable = array || condition->each == NULL;
	if (*readable && json_object_is_type(value, json_type_string))
		return !wants_boolean(condition) &&
		       jwt_slice_has_word(jwt_json_slice(value),
			   jwt_slice_of(condition->value));
	if (*readable && json_object_is_type(value, json_type_object))
		return object_has(condition, value, readable);
	*readable = array;
	if (!array)
		return false;
	count = json_object_array_length(value);
	for (i = 0; i < count; i++) {
		element =
		    part_of(condition, json_object_array_get_idx(value, i));
		*readable = *readable && is_scalar(element);
		found = found || value_equals(condition, element);
	}
	return found;
}

char *
jwt_condition_seen(
    const struct jwt_condition *condition, struct json_object *claims)
{
	if (!jwt_claim_is_elsewhere(claims, condition->claim))
		return jwt_claim_seen(claims, condition->claim);
	return jwt_format("not in the token, whose provider says that it has "
			  "left %.60s out, as Entra ID does of more groups "
			  "than fit; limit the groups of the token there, or "
			  "use roles",
	    condition->claim);
}

bool
jwt_condition_holds(
    const struct jwt_condition *condition, struct json_object *claims)
{
	struct json_object *value;
	bool readable = false, holds = false;
	enum jwt_member member;

	member = jwt_claim_select(claims, condition->claim, &value);
	/* Left out is neither there nor absent. */
	if (condition->op == JWT_ABSENT)
		return member == JWT_MEMBER_ABSENT &&
		       !jwt_claim_is_elsewhere(claims, condition->claim);
	if (member == JWT_MEMBER_ABSENT)
		return false;
	switch (condition->op) {
	case JWT_IS:
		readable = is_scalar(value);
		holds = readable && value_equals(condition, value);
		break;
	case JWT_HAS:
		holds = has(condition, value, &readable);
		break;
	case JWT_MATCHES:
		readable = json_object_is_type(value, json_type_string);
		holds = readable && jwt_glob_matches(condition->value,
					jwt_json_slice(value));
		break;
	case JWT_ABSENT:
		break;
	}
	return readable && holds != condition->negated;
}

void
jwt_conditions_clear(struct jwt_conditions *conditions)
{
	size_t i;

	for (i = 0; i < conditions->count; i++) {
		free(conditions->at[i].claim);
		free(conditions->at[i].each);
		free(conditions->at[i].value);
		free(conditions->at[i].text);
	}
	free(conditions->at);
	*conditions = (struct jwt_conditions){0};
}
