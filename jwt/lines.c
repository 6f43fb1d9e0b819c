#include "lines.h"

#include <stdlib.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct jwt_slice
trim(struct jwt_slice text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static enum jwt_reason
add_word(struct jwt_words *words, struct jwt_slice text, bool quoted,
    unsigned int line)
{
	struct jwt_word *grown, *word;

	grown = reallocarray(words->at, words->count + 1, sizeof(*grown));
	if (grown == NULL)
		return JWT_NO_MEMORY;
	words->at = grown;
	word = &words->at[words->count];
	*word = (struct jwt_word){.quoted = quoted, .line = line};
	word->comma = !quoted && text.len == 1 && text.at[0] == ',';
	if ((word->text = strndup(text.at, text.len)) == NULL)
		return JWT_NO_MEMORY;
	words->count++;
	return JWT_OK;
}

/* Bytes of the word at the beginning of `text`, quotes included; 0: faulty. */
static size_t
word_length(struct jwt_slice text, const char **wrong)
{
	const char *end;
	size_t len;

	if (text.at[0] == ',')
		return 1;
	if (text.at[0] == '"') {
		end = memchr(text.at + 1, '"', text.len - 1);
		if (end == NULL) {
			*wrong = "a quote is not closed on its line";
			return 0;
		}
		len = (size_t)(end - text.at) + 1;
		if (len == 2) {
			*wrong = "an empty value stands in quotes";
			return 0;
		}
		if (len < text.len && !is_blank(text.at[len]) &&
		    text.at[len] != ',') {
			*wrong = "a closing quote must end its word";
			return 0;
		}
		return len;
	}
	for (len = 0; len < text.len; len++) {
		if (is_blank(text.at[len]) || text.at[len] == ',')
			break;
		if (text.at[len] == '"') {
			*wrong = "a quote must begin its word";
			return 0;
		}
	}
	return len;
}

static enum jwt_reason
split(struct jwt_words *words, struct jwt_slice text, unsigned int line,
    bool comments, const char **wrong)
{
	enum jwt_reason result;
	struct jwt_slice word;
	bool quoted, may_comment = comments;

	for (;;) {
		text = trim(text);
		if (text.len == 0)
			return JWT_OK;
		if (may_comment && (text.at[0] == ';' || text.at[0] == '#'))
			return JWT_OK;
		word = (struct jwt_slice){text.at, word_length(text, wrong)};
		if (word.len == 0)
			return JWT_CONFIG_ERROR;
		text.at += word.len;
		text.len -= word.len;
		/* `a,#b` is no comment: those stand after white space. */
		may_comment = comments && text.len > 0 && is_blank(text.at[0]);
		quoted = word.at[0] == '"';
		if (quoted)
			word = (struct jwt_slice){word.at + 1, word.len - 2};
		result = add_word(words, word, quoted, line);
		if (result != JWT_OK)
			return result;
	}
}

enum jwt_reason
jwt_words_split(
    struct jwt_words *words, struct jwt_slice text, struct jwt_fault *fault)
{
	enum jwt_reason result;
	const char *wrong = "";

	result = split(words, text, 0, false, &wrong);
	if (result == JWT_CONFIG_ERROR)
		jwt_fault_set(fault, "%s", wrong);
	return result;
}

/* Takes one physical line off; false at the end. */
static bool
take_line(struct jwt_lines *lines, struct jwt_slice *text)
{
	const char *end;

	if (lines->rest.len == 0)
		return false;
	end = memchr(lines->rest.at, '\n', lines->rest.len);
	text->at = lines->rest.at;
	text->len =
	    end == NULL ? lines->rest.len : (size_t)(end - lines->rest.at);
	lines->rest.at += text->len + (end != NULL);
	lines->rest.len -= text->len + (end != NULL);
	lines->line++;
	return true;
}

static bool
is_empty(struct jwt_slice text)
{
	text = trim(text);
	return text.len == 0 || text.at[0] == ';' || text.at[0] == '#';
}

/* Control characters hide what a line says from whoever reads the file. */
static const char *
find_control(struct jwt_slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.at[i] == '\r')
			return "a carriage return: give the file Unix line ends";
		if (((unsigned char)text.at[i] < 0x20 && text.at[i] != '\t') ||
		    text.at[i] == 0x7f)
			return "a control character stands in the line";
	}
	return NULL;
}

/* `[words] ; comment` */
static enum jwt_reason
read_section(struct jwt_slice text, struct jwt_line *line, const char **wrong)
{
	struct jwt_slice after;
	const char *end;

	line->section = true;
	if ((end = memchr(text.at, ']', text.len)) == NULL) {
		*wrong = "a section is not closed by ]";
		return JWT_CONFIG_ERROR;
	}
	after.at = end + 1;
	after.len = text.len - (size_t)(after.at - text.at);
	if (!is_empty(after) || (after.len > 0 && !is_blank(after.at[0]))) {
		*wrong = "only a comment may follow a section's ]";
		return JWT_CONFIG_ERROR;
	}
	text = (struct jwt_slice){text.at + 1, (size_t)(end - text.at) - 1};
	return split(&line->words, text, line->line, false, wrong);
}

/* `key = value`, with the words of the value's first line. */
static enum jwt_reason
read_setting(struct jwt_slice text, struct jwt_line *line, const char **wrong)
{
	struct jwt_slice key, value;
	const char *equals;

	if ((equals = memchr(text.at, '=', text.len)) == NULL) {
		*wrong = "neither a [section] nor a setting, key = value";
		return JWT_CONFIG_ERROR;
	}
	key = trim((struct jwt_slice){text.at, (size_t)(equals - text.at)});
	if (key.len == 0) {
		*wrong = "a setting has no key before its =";
		return JWT_CONFIG_ERROR;
	}
	if ((line->key = strndup(key.at, key.len)) == NULL)
		return JWT_NO_MEMORY;
	value.at = equals + 1;
	value.len = text.len - (size_t)(value.at - text.at);
	/* The = counts as white space before a comment. */
	return split(&line->words, value, line->line, true, wrong);
}

static enum jwt_reason
read_first(struct jwt_lines *lines, struct jwt_slice text,
    struct jwt_line *line, const char **wrong)
{
	if ((*wrong = find_control(text)) != NULL)
		return JWT_CONFIG_ERROR;
	if (is_blank(text.at[0])) {
		*wrong = "an indented line continues nothing here (a comment "
			 "that is not indented ends what stands above it)";
		return JWT_CONFIG_ERROR;
	}
	if (lines->form == JWT_LINES_GRANTS)
		return split(&line->words, text, line->line, true, wrong);
	if (text.at[0] == '[')
		return read_section(text, line, wrong);
	return read_setting(text, line, wrong);
}

/*
 * Continuations; those of a faulty line are read as well, and dropped.  A
 * comment that is not indented ends the value: where `#services = sshd` was
 * commented out, the indented rest of that list must not join the one above.
 */
static enum jwt_reason
read_more(struct jwt_lines *lines, struct jwt_line *line, const char **wrong)
{
	enum jwt_reason result = JWT_OK;
	struct jwt_lines ahead;
	struct jwt_slice text;

	for (ahead = *lines; take_line(&ahead, &text);) {
		if (trim(text).len == 0)
			continue;
		if (!is_blank(text.at[0]) || line->section)
			break;
		if (is_empty(text))
			continue;
		*lines = ahead;
		if (result != JWT_OK)
			continue;
		if ((*wrong = find_control(text)) != NULL)
			result = JWT_CONFIG_ERROR;
		else
			result =
			    split(&line->words, text, ahead.line, true, wrong);
		if (result != JWT_OK)
			line->line = ahead.line;
	}
	return result;
}

enum jwt_reason
jwt_lines_next(
    struct jwt_lines *lines, struct jwt_line *line, struct jwt_fault *fault)
{
	enum jwt_reason result, more;
	const char *wrong = "", *wrong_more = "";
	struct jwt_slice text;
	unsigned int at;

	*line = (struct jwt_line){0};
	do {
		if (!take_line(lines, &text))
			return JWT_OK;
	} while (is_empty(text));
	line->line = at = lines->line;
	result = read_first(lines, text, line, &wrong);
	more = read_more(lines, line, &wrong_more);
	if (result == JWT_OK) {
		result = more;
		wrong = wrong_more;
	} else {
		line->line = at;
	}
	if (result == JWT_CONFIG_ERROR)
		jwt_fault_set(fault, "%s", wrong);
	return result;
}

void
jwt_words_clear(struct jwt_words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		free(words->at[i].text);
	free(words->at);
	*words = (struct jwt_words){0};
}

void
jwt_line_clear(struct jwt_line *line)
{
	free(line->key);
	jwt_words_clear(&line->words);
	*line = (struct jwt_line){0};
}
