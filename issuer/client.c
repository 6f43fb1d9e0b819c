#include "issuer/client.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "issuer/connection.h"

#define LINES_MAX 128 /* of the service, for one token */

#define ANSWER "ANSWER "
#define CANCEL "CANCEL\n"

struct conversation {
	struct issuer_connection to;
	const struct issuer_person_at *person;
	struct jwt_fault *fault;
};

/* What the service ended it with. */
struct outcome {
	bool is_there;
	char *token;
	enum issuer_reason reason;
};

static int
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return EX_OSERR;
}

static int
not_understood(const struct conversation *talk, const char *what)
{
	return issuer_connection_fault(&talk->to, what);
}

/* Takes the word up to the next space, and that; false: there is none. */
static bool
take_word(struct jwt_slice *rest, struct jwt_slice *word)
{
	const char *space = memchr(rest->at, ' ', rest->len);

	*word = *rest;
	if (space == NULL)
		return false;
	word->len = (size_t)(space - rest->at);
	rest->at = space + 1;
	rest->len -= word->len + 1;
	return true;
}

static bool
is_word(struct jwt_slice word, const char *wanted)
{
	return jwt_slice_equal(word, jwt_slice_of(wanted)) == 1;
}

static int
decode(const struct conversation *talk, struct jwt_slice encoded, char **text)
{
	bool malformed;

	*text = issuer_text_decode(encoded, &malformed);
	if (*text != NULL)
		return EX_OK;
	return malformed ? not_understood(talk, "a text is malformed")
	                 : no_memory(talk->fault);
}

/* The answer goes as it is, so no newline may be in it. */
static int
send_answer(const struct conversation *talk, const char *answer)
{
	char line[sizeof(ANSWER) + ISSUER_ANSWER_MAX];
	size_t len = strlen(answer);
	int result;

	if (len > ISSUER_ANSWER_MAX || memchr(answer, '\n', len) != NULL) {
		jwt_fault_set(talk->fault,
		    "the answer has more than %d bytes, or more than a line",
		    ISSUER_ANSWER_MAX);
		return EX_NOPERM;
	}
	memcpy(line, ANSWER, sizeof(ANSWER) - 1);
	memcpy(line + sizeof(ANSWER) - 1, answer, len);
	line[sizeof(ANSWER) - 1 + len] = '\n';
	result = issuer_connection_send(&talk->to, line, sizeof(ANSWER) + len);
	explicit_bzero(line, sizeof(line));
	return result;
}

/* The person's own fault is the one to tell. */
static void
drop(const struct conversation *talk)
{
	struct jwt_fault before = *talk->fault;

	(void)issuer_connection_send(&talk->to, CANCEL, sizeof(CANCEL) - 1);
	*talk->fault = before;
}

static int
take_ask(const struct conversation *talk, struct jwt_slice rest)
{
	const struct issuer_person_at *person = talk->person;
	char *prompt = NULL, *answer = NULL;
	struct jwt_slice echo;
	int result;

	if (!take_word(&rest, &echo) ||
	    !(is_word(echo, "hidden") || is_word(echo, "shown")))
		return not_understood(talk, "it asks for neither kind");
	if ((result = decode(talk, rest, &prompt)) != EX_OK)
		return result;
	result = person->ask(
	    person->data, prompt, is_word(echo, "shown"), &answer, talk->fault);
	if (result == EX_OK)
		result = send_answer(talk, answer);
	if (result != EX_OK)
		drop(talk);
	jwt_free_wiped(answer, answer == NULL ? 0 : strlen(answer));
	free(prompt);
	return result;
}

static int
take_tell(const struct conversation *talk, struct jwt_slice rest)
{
	struct jwt_slice kind;
	char *message;
	int result;

	if (!take_word(&rest, &kind) ||
	    !(is_word(kind, "info") || is_word(kind, "error")))
		return not_understood(talk, "it tells neither kind");
	if ((result = decode(talk, rest, &message)) != EX_OK)
		return result;
	talk->person->tell(talk->person->data, message);
	free(message);
	return EX_OK;
}

/* Three parts, none empty, of base64url (RFC 7515 section 7.1). */
static bool
is_compact(struct jwt_slice token)
{
	size_t i, dots = 0, part = 0;
	char c;

	for (i = 0; i < token.len; i++) {
		c = token.at[i];
		if (c == '.') {
			if (part == 0 || ++dots > 2)
				return false;
			part = 0;
			continue;
		}
		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
		part++;
	}
	return dots == 2 && part > 0;
}

static int
take_token(const struct conversation *talk, struct jwt_slice token,
    struct outcome *outcome)
{
	if (!is_compact(token))
		return not_understood(talk, "its token is none");
	if ((outcome->token = strndup(token.at, token.len)) == NULL)
		return no_memory(talk->fault);
	outcome->reason = ISSUER_OK;
	outcome->is_there = true;
	return EX_OK;
}

static int
take_refusal(const struct conversation *talk, struct jwt_slice rest,
    struct outcome *outcome)
{
	enum issuer_reason reason = ISSUER_REASONS;
	struct jwt_slice name;
	char *text;
	int result;

	if (take_word(&rest, &name))
		reason = issuer_reason_find(name);
	if (reason == ISSUER_REASONS || reason == ISSUER_OK)
		return not_understood(talk, "it refuses for no known reason");
	if ((result = decode(talk, rest, &text)) != EX_OK)
		return result;
	jwt_fault_set(talk->fault, "%s",
	    text[0] != '\0' ? text : issuer_reason_name(reason));
	free(text);
	outcome->reason = reason;
	outcome->is_there = true;
	return issuer_reason_exit(reason);
}

static int
take_line(const struct conversation *talk, struct jwt_slice line,
    struct outcome *outcome)
{
	struct jwt_slice word, rest = line;

	if (!take_word(&rest, &word))
		return not_understood(talk, "a line is of one word");
	if (is_word(word, "ASK"))
		return take_ask(talk, rest);
	if (is_word(word, "TELL"))
		return take_tell(talk, rest);
	if (is_word(word, "OK"))
		return take_token(talk, rest, outcome);
	if (is_word(word, "ERR"))
		return take_refusal(talk, rest, outcome);
	return not_understood(talk, "a line begins with an unknown word");
}

static int
converse(struct conversation *talk, struct outcome *outcome)
{
	struct jwt_slice line;
	int result = EX_OK;
	size_t i;

	for (i = 0; result == EX_OK && !outcome->is_there; i++) {
		if (i == LINES_MAX)
			return not_understood(talk, "it has no end");
		result = issuer_connection_read(&talk->to, &line);
		if (result == EX_OK)
			result = take_line(talk, line, outcome);
	}
	return result;
}

int
issuer_client_ask(const char *path, const struct issuer_request *request,
    const struct issuer_person_at *person, char **token,
    enum issuer_reason *reason, struct jwt_fault *fault)
{
	struct conversation talk = {.person = person, .fault = fault};
	struct outcome outcome = {.reason = ISSUER_REASONS};
	enum issuer_reason written;
	char *line = NULL;
	int result;

	*token = NULL;
	*reason = ISSUER_REASONS;
	written = issuer_request_write(request, &line, fault);
	if (written == ISSUER_INTERNAL_ERROR)
		return EX_OSERR;
	if (written != ISSUER_OK)
		return issuer_reason_exit(written);
	result = issuer_connection_open(&talk.to, path, fault);
	if (result == EX_OK)
		result = issuer_connection_send(&talk.to, line, strlen(line));
	if (result == EX_OK)
		result = converse(&talk, &outcome);
	issuer_connection_close(&talk.to);
	free(line);
	*token = outcome.token;
	*reason = outcome.reason;
	return result;
}
