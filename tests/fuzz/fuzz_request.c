/*
 * The line in which anybody may ask for a token: what is taken lacks nothing
 * and says nothing that the issuer alone may, and has one spelling.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "issuer/request.h"
#include "requests.h"

/* A line has 511 bytes, and every word one at least and a space. */
#define WORDS_MAX 257

static void
check_texts(const struct jwt_strings *strings, bool empty)
{
	size_t i;

	for (i = 0; i < strings->count; i++) {
		check(empty || strings->at[i][0] != '\0', "a text is empty");
		check(
		    issuer_text_check("it", strings->at[i], NULL) == ISSUER_OK,
		    "a text is taken that no token may have");
	}
}

static void
check_once(const struct jwt_strings *strings)
{
	size_t i, k;

	for (i = 0; i < strings->count; i++)
		for (k = 0; k < i; k++)
			check(strcmp(strings->at[i], strings->at[k]) != 0,
			    "a text is there twice");
}

static void
check_request(const struct issuer_request *request)
{
	size_t i;

	check(request->audience.count > 0, "there is no audience");
	check(request->claim.count == request->value.count,
	    "a claim has no value");
	check(request->seconds >= 0 && request->seconds <= ISSUER_TTL_MAX,
	    "the lifetime is out of bounds");
	check_texts(&request->audience, false);
	check_texts(&request->claim, false);
	check_texts(&request->value, true);
	check_once(&request->audience);
	check_once(&request->claim);
	for (i = 0; i < request->claim.count; i++)
		check(!issuer_claim_is_reserved(request->claim.at[i]),
		    "a claim is taken that the issuer alone sets");
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cuts the line into its words, sorted. */
static size_t
sort_words(char *line, char *words[WORDS_MAX])
{
	size_t count = 0;
	char *word;

	while ((word = strsep(&line, " ")) != NULL && count < WORDS_MAX)
		words[count++] = word;
	qsort(words, count, sizeof(words[0]), compare_words);
	return count;
}

static void
compare_lines(struct jwt_slice line, const char *written)
{
	char *words[2][WORDS_MAX], *copy[2];
	size_t count, i;

	copy[0] = strndup(line.at, line.len);
	copy[1] = strndup(written, strlen(written) - 1);
	check(copy[0] != NULL && copy[1] != NULL, "no memory");
	count = sort_words(copy[0], words[0]);
	check(count == sort_words(copy[1], words[1]),
	    "a request is written in more words or fewer");
	for (i = 0; i < count; i++)
		check(strcmp(words[0][i], words[1][i]) == 0,
		    "a word is written in another way than it was read");
	free(copy[0]);
	free(copy[1]);
}

static void
write_and_read(struct jwt_slice line, const struct issuer_request *request)
{
	struct issuer_request again;
	struct jwt_slice text;
	char *written;

	check(issuer_request_write(request, &written, NULL) == ISSUER_OK,
	    "what was read cannot be written");
	text = jwt_slice_of(written);
	check(text.len == line.len + 1 && text.len <= ISSUER_LINE_MAX &&
		  written[line.len] == '\n' &&
		  memchr(written, '\n', line.len) == NULL,
	    "what is written is no line, or of another length");
	compare_lines(line, written);
	text.len--;
	check(issuer_request_parse(text, &again, NULL) == ISSUER_OK,
	    "what was written cannot be read");
	check(same_request(request, &again),
	    "what was written says something else");
	issuer_request_clear(&again);
	free(written);
}

static void
parse(struct jwt_slice line)
{
	struct issuer_request request;
	struct jwt_fault fault = {""};
	enum issuer_reason reason;
	size_t i;

	reason = issuer_request_parse(line, &request, &fault);
	check(reason == ISSUER_OK || reason == ISSUER_MALFORMED_REQUEST ||
		  reason == ISSUER_CLAIM_NOT_ALLOWED,
	    "the reader gives another reason");
	check((reason == ISSUER_OK) == (fault.text[0] == '\0'),
	    "a refusal says why, and what is taken has no fault");
	for (i = 0; fault.text[i] != '\0'; i++)
		check(fault.text[i] >= 0x20 && fault.text[i] < 0x7f,
		    "a fault has foreign bytes in it");
	if (reason == ISSUER_OK) {
		check_request(&request);
		write_and_read(line, &request);
	}
	issuer_request_clear(&request);
}

static void
decode_and_encode(struct jwt_slice word)
{
	bool malformed = true;
	char *text, *again;

	text = issuer_text_decode(word, &malformed);
	check((text == NULL) == malformed, "a text is refused without a fault");
	if (text == NULL)
		return;
	again = issuer_text_encode(text);
	check(again != NULL && jwt_slice_equal(jwt_slice_of(again), word) == 1,
	    "a word was taken that is not the one form of its text");
	free(again);
	free(text);
}

static void
encode_and_decode(struct jwt_slice bytes)
{
	char *text, *word, *again;
	bool malformed;
	size_t i;

	text = strndup(bytes.at, bytes.len);
	check(text != NULL, "no memory");
	word = issuer_text_encode(text);
	check(word != NULL, "no memory");
	for (i = 0; word[i] != '\0'; i++)
		check(word[i] > 0x20 && word[i] < 0x7f,
		    "a word has a byte in it that ends it");
	again = issuer_text_decode(jwt_slice_of(word), &malformed);
	check(again != NULL && strcmp(again, text) == 0,
	    "a text comes back as another");
	free(again);
	free(word);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice text = {(const char *)bytes, len};

	decode_and_encode(text);
	encode_and_decode(text);
	/* As it comes from the socket, its newline taken off. */
	if (len > 0 && bytes[len - 1] == '\n')
		text.len--;
	parse(text);
	return 0;
}
