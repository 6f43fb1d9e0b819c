#include "issuer/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/text.h"
#include "jwt/setting.h"

#define VERB "ISSUE"
#define QUOTED_SIZE 96 /* of a foreign text in a fault, with its NUL */

static enum issuer_reason
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return ISSUER_INTERNAL_ERROR;
}

void
issuer_request_clear(struct issuer_request *request)
{
	jwt_strings_clear(&request->audience);
	jwt_strings_clear(&request->claim);
	jwt_strings_clear(&request->value);
	*request = (struct issuer_request){0};
}

/*
 * What a request may say, whoever wrote it down.
 */

static enum issuer_reason
check_audience(
    const struct issuer_request *request, size_t i, struct jwt_fault *fault)
{
	const struct jwt_strings *audience = &request->audience;
	char quoted[QUOTED_SIZE];
	enum issuer_reason result;
	size_t k;

	if (audience->at[i][0] == '\0') {
		jwt_fault_set(fault, "an audience is empty");
		return ISSUER_MALFORMED_REQUEST;
	}
	result = issuer_text_check("an audience", audience->at[i], fault);
	if (result != ISSUER_OK)
		return result;
	for (k = 0; k < i; k++) {
		if (strcmp(audience->at[i], audience->at[k]) != 0)
			continue;
		jwt_quote_inside(
		    quoted, sizeof(quoted), jwt_slice_of(audience->at[i]));
		jwt_fault_set(fault, "the audience %s is there twice", quoted);
		return ISSUER_MALFORMED_REQUEST;
	}
	return ISSUER_OK;
}

static enum issuer_reason
check_claim(
    const struct issuer_request *request, size_t i, struct jwt_fault *fault)
{
	const char *name = request->claim.at[i];
	char quoted[QUOTED_SIZE], what[QUOTED_SIZE + 32];
	enum issuer_reason result;
	size_t k;

	jwt_quote_inside(quoted, sizeof(quoted), jwt_slice_of(name));
	if (name[0] == '\0') {
		jwt_fault_set(fault, "a claim has no name before its '='");
		return ISSUER_MALFORMED_REQUEST;
	}
	result = issuer_text_check("the name of a claim", name, fault);
	if (result != ISSUER_OK)
		return result;
	snprintf(what, sizeof(what), "the value of the claim %s", quoted);
	result = issuer_text_check(what, request->value.at[i], fault);
	if (result != ISSUER_OK)
		return result;
	if (issuer_claim_is_reserved(name)) {
		jwt_fault_set(fault,
		    "the claim %s is one that the issuer alone sets", quoted);
		return ISSUER_CLAIM_NOT_ALLOWED;
	}
	for (k = 0; k < i; k++) {
		if (strcmp(name, request->claim.at[k]) != 0)
			continue;
		jwt_fault_set(fault, "the claim %s is there twice", quoted);
		return ISSUER_MALFORMED_REQUEST;
	}
	return ISSUER_OK;
}

static enum issuer_reason
check_request(const struct issuer_request *request, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	size_t i;

	if (request->audience.count == 0) {
		jwt_fault_set(
		    fault, "no audience is asked for; at least one is needed");
		return ISSUER_MALFORMED_REQUEST;
	}
	for (i = 0; result == ISSUER_OK && i < request->audience.count; i++)
		result = check_audience(request, i, fault);
	for (i = 0; result == ISSUER_OK && i < request->claim.count; i++)
		result = check_claim(request, i, fault);
	return result;
}

/*
 * Reading.
 */

struct reader {
	struct jwt_slice line;
	struct issuer_request *request;
	struct jwt_fault *fault;
	bool has_seconds;
};

/* Counted from 1, as a person counts. */
static size_t
place_of(const struct reader *reader, const char *at)
{
	return (size_t)(at - reader->line.at) + 1;
}

static enum issuer_reason
refuse(const struct reader *reader, const char *at, const char *what)
{
	jwt_fault_set(
	    reader->fault, "at byte %zu: %s", place_of(reader, at), what);
	return ISSUER_MALFORMED_REQUEST;
}

/* Of a word that comes twice, or is none, its beginning is told. */
static enum issuer_reason
refuse_word(
    const struct reader *reader, struct jwt_slice word, const char *what)
{
	char quoted[QUOTED_SIZE];

	jwt_quote_inside(quoted, sizeof(quoted), word);
	jwt_fault_set(reader->fault, "at byte %zu: %s %s",
	    place_of(reader, word.at), quoted, what);
	return ISSUER_MALFORMED_REQUEST;
}

static enum issuer_reason
add_text(const struct reader *reader, struct jwt_slice text, bool name,
    struct jwt_strings *strings)
{
	const char *wrong;
	size_t at = 0;
	char *decoded;
	bool added;

	decoded = issuer_word_decode(text, name, &wrong, &at);
	if (decoded == NULL)
		return wrong != NULL ? refuse(reader, text.at + at, wrong)
		                     : no_memory(reader->fault);
	added = jwt_strings_add(strings, decoded);
	free(decoded);
	return added ? ISSUER_OK : no_memory(reader->fault);
}

static enum issuer_reason
read_audience(struct reader *reader, struct jwt_slice text)
{
	return add_text(reader, text, false, &reader->request->audience);
}

static enum issuer_reason
read_seconds(struct reader *reader, struct jwt_slice text)
{
	char expected[80];
	int64_t seconds = 0;
	size_t i;

	snprintf(expected, sizeof(expected),
	    "is no number of seconds from 1 to %d, without leading zeros",
	    ISSUER_TTL_MAX);
	if (reader->has_seconds)
		return refuse(reader, text.at, "a second ttl stands here");
	reader->has_seconds = true;
	for (i = 0; i < text.len && i < 6; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return refuse_word(reader, text, expected);
		seconds = seconds * 10 + (text.at[i] - '0');
	}
	if (i < text.len || i == 0 || text.at[0] == '0' ||
	    seconds > ISSUER_TTL_MAX)
		return refuse_word(reader, text, expected);
	reader->request->seconds = seconds;
	return ISSUER_OK;
}

static enum issuer_reason
read_claim(struct reader *reader, struct jwt_slice text)
{
	struct jwt_slice name = text, value = text;
	enum issuer_reason result;
	const char *equals;

	equals = memchr(text.at, '=', text.len);
	if (equals == NULL)
		return refuse_word(
		    reader, text, "is no claim, which is NAME=VALUE");
	name.len = (size_t)(equals - text.at);
	value.at = equals + 1;
	value.len = text.len - name.len - 1;
	result = add_text(reader, name, true, &reader->request->claim);
	if (result == ISSUER_OK)
		result =
		    add_text(reader, value, false, &reader->request->value);
	return result;
}

static enum issuer_reason
read_word(struct reader *reader, struct jwt_slice word)
{
	static const struct {
		const char *prefix;
		enum issuer_reason (*read)(struct reader *, struct jwt_slice);
	} words[] = {{"aud=", read_audience}, {"ttl=", read_seconds},
	    {"claim=", read_claim}};
	size_t i, len;

	if (word.len == 0)
		return refuse(reader, word.at,
		    "a word is missing; one space stands between two words");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i].prefix);
		if (word.len >= len &&
		    memcmp(word.at, words[i].prefix, len) == 0)
			return words[i].read(reader,
			    (struct jwt_slice){word.at + len, word.len - len});
	}
	if (!jwt_slice_equal(word, jwt_slice_of("long")))
		return refuse_word(reader, word,
		    "is no word of a request; there are aud=, ttl=, claim= "
		    "and long");
	if (reader->request->any_length)
		return refuse(reader, word.at, "a second long stands here");
	reader->request->any_length = true;
	return ISSUER_OK;
}

/* Before any word is looked at, so that none of them meets such a byte. */
static enum issuer_reason
check_bytes(const struct reader *reader)
{
	const struct jwt_slice *line = &reader->line;
	char what[80];
	size_t i;

	if (line->len >= ISSUER_LINE_MAX) {
		jwt_fault_set(reader->fault,
		    "the line has %zu bytes with its newline, and %d are the "
		    "most",
		    line->len + 1, ISSUER_LINE_MAX);
		return ISSUER_MALFORMED_REQUEST;
	}
	for (i = 0; i < line->len; i++) {
		if (line->at[i] >= 0x20 && line->at[i] < 0x7f)
			continue;
		snprintf(what, sizeof(what),
		    "a raw byte 0x%02x; a line is printable ASCII, and other "
		    "bytes are %%XX",
		    (unsigned int)(unsigned char)line->at[i]);
		return refuse(reader, line->at + i, what);
	}
	return ISSUER_OK;
}

/* Takes the word up to the next space, and that space. */
static struct jwt_slice
take_word(struct jwt_slice *rest, bool *more)
{
	struct jwt_slice word = *rest;
	const char *space = NULL;

	if (rest->len > 0)
		space = memchr(rest->at, ' ', rest->len);
	*more = space != NULL;
	if (*more) {
		word.len = (size_t)(space - rest->at);
		rest->at = space + 1;
		rest->len -= word.len + 1;
	}
	return word;
}

enum issuer_reason
issuer_request_parse(struct jwt_slice line, struct issuer_request *request,
    struct jwt_fault *fault)
{
	struct reader reader = {
	    .line = line, .request = request, .fault = fault};
	struct jwt_slice rest = line, word;
	enum issuer_reason result;
	bool more;

	*request = (struct issuer_request){0};
	if ((result = check_bytes(&reader)) != ISSUER_OK)
		return result;
	word = take_word(&rest, &more);
	if (!jwt_slice_equal(word, jwt_slice_of(VERB)))
		return refuse_word(
		    &reader, word, "is no request; it begins with " VERB);
	while (result == ISSUER_OK && more) {
		word = take_word(&rest, &more);
		result = read_word(&reader, word);
	}
	return result == ISSUER_OK ? check_request(request, fault) : result;
}

/*
 * Writing.
 */

/* Room for all words, were every byte of a text written %XX. */
static size_t
room_for(const struct issuer_request *request)
{
	size_t room = sizeof(VERB " ttl=-9223372036854775808 long\n"), i;

	for (i = 0; i < request->audience.count; i++)
		room += sizeof(" aud=") + 3 * strlen(request->audience.at[i]);
	for (i = 0; i < request->claim.count; i++)
		room += sizeof(" claim==") + 3 * strlen(request->claim.at[i]) +
		        3 * strlen(request->value.at[i]);
	return room;
}

/* Appends ` prefix` and the text. */
static bool
put(char **at, const char *prefix, const char *text, bool name)
{
	char *word;

	if ((word = issuer_word_encode(text, name)) == NULL)
		return false;
	*at = stpcpy(stpcpy(*at, prefix), word);
	free(word);
	return true;
}

static bool
put_words(char *at, const struct issuer_request *request)
{
	const struct jwt_strings *claim = &request->claim;
	size_t i;

	at = stpcpy(at, VERB);
	for (i = 0; i < request->audience.count; i++)
		if (!put(&at, " aud=", request->audience.at[i], false))
			return false;
	if (request->seconds != 0)
		at += sprintf(at, " ttl=%lld", (long long)request->seconds);
	for (i = 0; i < claim->count; i++)
		if (!put(&at, " claim=", claim->at[i], true) ||
		    !put(&at, "=", request->value.at[i], false))
			return false;
	stpcpy(at, request->any_length ? " long\n" : "\n");
	return true;
}

enum issuer_reason
issuer_request_write(
    const struct issuer_request *request, char **line, struct jwt_fault *fault)
{
	enum issuer_reason result;

	*line = NULL;
	if ((result = check_request(request, fault)) != ISSUER_OK)
		return result;
	if (request->seconds < 0 || request->seconds > ISSUER_TTL_MAX) {
		jwt_fault_set(fault,
		    "a lifetime of %lld seconds; from 1 to %d (24h) can be "
		    "asked for",
		    (long long)request->seconds, ISSUER_TTL_MAX);
		return ISSUER_MALFORMED_REQUEST;
	}
	if ((*line = malloc(room_for(request))) == NULL ||
	    !put_words(*line, request)) {
		result = no_memory(fault);
	} else if (strlen(*line) > ISSUER_LINE_MAX) {
		jwt_fault_set(fault,
		    "the request would have %zu bytes, and %d are the most; "
		    "ask for fewer or shorter audiences and claims",
		    strlen(*line), ISSUER_LINE_MAX);
		result = ISSUER_MALFORMED_REQUEST;
	}
	if (result != ISSUER_OK) {
		free(*line);
		*line = NULL;
	}
	return result;
}
