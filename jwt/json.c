#include "json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"

static enum jwt_reason
read_value(struct jwt_json_reader *r, struct json_object **value);

enum jwt_reason
jwt_json_refuse(const struct jwt_json_reader *r, size_t at, const char *what)
{
	jwt_fault_set(r->fault, "%s at byte %zu", what, at);
	return JWT_MALFORMED;
}

static void
skip_space(struct jwt_json_reader *r)
{
	while (jwt_json_skip(r, ' ') || jwt_json_skip(r, '\t') ||
	       jwt_json_skip(r, '\n') || jwt_json_skip(r, '\r'))
		continue;
}

/* Recursive, as deep as what was read. */
static void
wipe(struct json_object *value)
{
	struct jwt_slice text;
	size_t i;

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			wipe(member);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (i = 0; i < json_object_array_length(value); i++)
			wipe(json_object_array_get_idx(value, i));
	} else {
		/* In place: json-c's setter may move a string. */
		text = jwt_json_slice(value);
		if (text.at != NULL)
			explicit_bzero((char *)(uintptr_t)text.at, text.len);
	}
}

void
jwt_json_free_wiped(struct json_object *value)
{
	wipe(value);
	json_object_put(value);
}

static enum jwt_reason
read_element(struct jwt_json_reader *r, struct json_object *array)
{
	enum jwt_reason result;
	struct json_object *value;

	if ((result = read_value(r, &value)) != JWT_OK)
		return result;
	if (!jwt_json_keeps(r) || json_object_array_add(array, value) == 0)
		return JWT_OK;
	jwt_json_free_wiped(value);
	return JWT_NO_MEMORY;
}

/*
 * RFC 7515 section 4 and RFC 7519 section 4 let a reader take the last of two
 * members that have one name.  Whoever reads the first one sees another token
 * then, so neither is taken.
 */
static enum jwt_reason
read_member(struct jwt_json_reader *r, struct json_object *object)
{
	enum jwt_reason result;
	struct json_object *value;
	struct jwt_slice name;
	size_t start = r->at;

	if (!jwt_json_skip(r, '"'))
		return jwt_json_refuse(r, start, "no member name");
	if ((result = jwt_json_read_string(r, &name)) != JWT_OK)
		return result;
	if (json_object_object_get_ex(object, name.at, NULL))
		return jwt_json_refuse(r, start, "member name twice");
	if (json_object_object_length(object) >= JWT_JSON_MEMBERS)
		return jwt_json_refuse(r, start, "member too many");
	skip_space(r);
	if (!jwt_json_skip(r, ':'))
		return jwt_json_refuse(r, r->at, "no colon");
	skip_space(r);
	if ((result = read_value(r, &value)) != JWT_OK)
		return result;
	if (json_object_object_add_ex(
		object, name.at, value, JSON_C_OBJECT_ADD_KEY_IS_NEW) == 0)
		return JWT_OK;
	jwt_json_free_wiped(value);
	return JWT_NO_MEMORY;
}

/*
 * An array or an object, at its opening bracket.  Where its values are not
 * kept, its members' names are while it is read.
 */
static enum jwt_reason
read_container(struct jwt_json_reader *r, struct json_object **value)
{
	enum jwt_reason result = JWT_NO_MEMORY;
	bool is_object = jwt_json_peek(r) == '{', kept = jwt_json_keeps(r),
	     more;
	char close = is_object ? '}' : ']';
	struct json_object *made = NULL, *into;

	*value = NULL;
	/* This bounds the stack, here and in json-c when it is given back. */
	if (r->depth == JWT_JSON_DEPTH)
		return jwt_json_refuse(r, r->at, "nesting too deep");
	if (kept)
		made = is_object ? json_object_new_object()
		                 : json_object_new_array();
	if (kept && made == NULL)
		return JWT_NO_MEMORY;
	r->depth++;
	r->at++;
	skip_space(r);
	more = !jwt_json_skip(r, close);
	into = made;
	if (is_object && more && !jwt_json_keeps(r) &&
	    (into = json_object_new_object()) == NULL)
		goto out;
	while (more) {
		result =
		    is_object ? read_member(r, into) : read_element(r, into);
		if (result != JWT_OK)
			goto out;
		skip_space(r);
		more = jwt_json_skip(r, ',');
		if (!more && !jwt_json_skip(r, close)) {
			result = jwt_json_refuse(
			    r, r->at, "neither comma nor closing bracket");
			goto out;
		}
		if (more)
			skip_space(r);
	}
	r->depth--;
	*value = made;
	result = JWT_OK;
out:
	if (into != made)
		json_object_put(into);
	/* A secret may have been read before the fault. */
	if (result != JWT_OK)
		jwt_json_free_wiped(made);
	return result;
}

/* Recursive, JWT_JSON_DEPTH deep at most; `*value` is set on success alone. */
static enum jwt_reason
read_value(struct jwt_json_reader *r, struct json_object **value)
{
	enum jwt_reason result;
	struct jwt_slice string;
	int c = jwt_json_peek(r);

	if (c == '{' || c == '[')
		return read_container(r, value);
	if (c == '-' || (c >= '0' && c <= '9'))
		return jwt_json_read_number(r, value);
	if (!jwt_json_skip(r, '"'))
		return jwt_json_read_literal(r, value);
	*value = NULL;
	result = jwt_json_read_string(r, &string);
	if (result != JWT_OK || !jwt_json_keeps(r))
		return result;
	*value = json_object_new_string_len(string.at, (int)string.len);
	return *value != NULL ? JWT_OK : JWT_NO_MEMORY;
}

static enum jwt_reason
parse(struct jwt_slice text, bool outline, struct json_object **value,
    struct jwt_fault *fault)
{
	enum jwt_reason result = JWT_INTERNAL_ERROR;
	struct jwt_json_reader r = {.text = text.at,
	    .len = text.len,
	    .outline = outline,
	    .fault = fault};
	struct json_object *read = NULL;

	*value = NULL;
	/* json-c counts the bytes of a string in an int. */
	if (text.len >= INT_MAX)
		return jwt_json_refuse(&r, INT_MAX, "more than is read");
	if ((r.room = malloc(text.len + 1)) == NULL)
		return JWT_NO_MEMORY;
	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0) {
		result = jwt_json_refuse(&r, 0, "byte order mark");
		goto out;
	}
	skip_space(&r);
	if ((result = read_value(&r, &read)) != JWT_OK)
		goto out;
	skip_space(&r);
	if (r.at < r.len) {
		result = jwt_json_refuse(&r, r.at, "more after the value");
		goto out;
	}
	*value = read;
	read = NULL;
	result = JWT_OK;
out:
	jwt_json_free_wiped(read);
	jwt_free_wiped(r.room, text.len + 1);
	if (r.c != (locale_t)0)
		freelocale(r.c);
	return result;
}

enum jwt_reason
jwt_json_parse(
    struct jwt_slice text, struct json_object **value, struct jwt_fault *fault)
{
	return parse(text, false, value, fault);
}

enum jwt_reason
jwt_json_validate(struct jwt_slice text, struct jwt_fault *fault)
{
	enum jwt_reason result;
	struct json_object *value;

	result = parse(text, true, &value, fault);
	json_object_put(value);
	return result;
}

static enum jwt_reason
parse_object(struct jwt_slice text, bool outline, struct json_object **object,
    struct jwt_fault *fault)
{
	enum jwt_reason result;

	if ((result = parse(text, outline, object, fault)) != JWT_OK)
		return result;
	if (json_object_is_type(*object, json_type_object))
		return JWT_OK;
	jwt_json_free_wiped(*object);
	*object = NULL;
	jwt_fault_set(fault, "a JSON value that is no object");
	return JWT_MALFORMED;
}

enum jwt_reason
jwt_json_parse_object(
    struct jwt_slice text, struct json_object **object, struct jwt_fault *fault)
{
	return parse_object(text, false, object, fault);
}

enum jwt_reason
jwt_json_parse_outline(
    struct jwt_slice text, struct json_object **object, struct jwt_fault *fault)
{
	return parse_object(text, true, object, fault);
}

enum jwt_member
jwt_json_member(const struct json_object *object, const char *name,
    struct json_object **value)
{
	*value = NULL;
	return json_object_object_get_ex(object, name, value)
	           ? JWT_MEMBER_FOUND
	           : JWT_MEMBER_ABSENT;
}

enum jwt_member
jwt_json_string(const struct json_object *object, const char *name,
    struct jwt_slice *string)
{
	enum jwt_member result;
	struct json_object *value;

	result = jwt_json_member(object, name, &value);
	*string = jwt_json_slice(value);
	if (result == JWT_MEMBER_FOUND && string->at == NULL)
		result = JWT_MEMBER_WRONG_TYPE;
	return result;
}

struct jwt_slice
jwt_json_slice(const struct json_object *string)
{
	if (!json_object_is_type(string, json_type_string))
		return (struct jwt_slice){NULL, 0};
	/* json-c writes only into what is no string when it is asked so. */
	return (struct jwt_slice){
	    json_object_get_string((struct json_object *)(uintptr_t)string),
	    (size_t)json_object_get_string_len(string)};
}
