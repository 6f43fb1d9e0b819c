#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jwt/lines.h"

#define NOTHING_TO_CONTINUE                                               \
	"an indented line continues nothing here (a comment that is not " \
	"indented ends what stands above it)|"
#define TEXT(literal) ((struct jwt_slice){literal, sizeof(literal) - 1})

static void
add(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	assert_true(strlen(text) < size - used);
	memcpy(out + used, text, strlen(text) + 1);
}

/* `<word>` for each, quoted ones with their quotes. */
static void
add_words(char *out, size_t size, const struct jwt_words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		add(out, size, words->at[i].quoted ? " \"" : " <");
		add(out, size, words->at[i].text);
		add(out, size, words->at[i].quoted ? "\"" : ">");
		assert_int_equal(words->at[i].comma,
		    !words->at[i].quoted &&
			strcmp(words->at[i].text, ",") == 0);
	}
}

/*
 * The whole text as it is read: `LINE key <word> "quoted"`, `LINE [] <word>`
 * or `LINE! fault`, a `|` behind each.
 */
static const char *
reading_in(struct jwt_slice text, enum jwt_lines_form form)
{
	static char out[4096];
	struct jwt_lines lines = {.rest = text, .form = form};
	struct jwt_fault fault = {""};
	struct jwt_line line;
	enum jwt_reason result;
	char number[16];

	out[0] = '\0';
	for (;;) {
		result = jwt_lines_next(&lines, &line, &fault);
		if (result == JWT_OK && line.line == 0)
			return out;
		snprintf(number, sizeof(number), "%u", line.line);
		add(out, sizeof(out), number);
		if (result == JWT_OK) {
			add(out, sizeof(out), line.section ? " []" : "");
			add(out, sizeof(out), line.key != NULL ? " " : "");
			add(out, sizeof(out), line.key ? line.key : "");
			add_words(out, sizeof(out), &line.words);
		} else {
			assert_int_equal(result, JWT_CONFIG_ERROR);
			add(out, sizeof(out), "! ");
			add(out, sizeof(out), fault.text);
		}
		add(out, sizeof(out), "|");
		jwt_line_clear(&line);
	}
}

struct row {
	const char *text, *reading;
};

static void
check_rows(const struct row *row, size_t count, enum jwt_lines_form form)
{
	size_t i;

	for (i = 0; i < count; i++)
		assert_string_equal(reading_in(jwt_slice_of(row[i].text), form),
		    row[i].reading);
}

#define CHECK_ROWS(row, form) \
	check_rows(row, sizeof(row) / sizeof((row)[0]), form)

static void
sections_and_settings_are_told_apart(void **state)
{
	static const struct row row[] = {
	    {"", ""},
	    {"\n\n\n", ""},
	    {"[issuer corp]\n", "1 [] <issuer> <corp>|"},
	    {"[issuer corp]", "1 [] <issuer> <corp>|"},
	    {"[service sudo  sudo-i ]\n", "1 [] <service> <sudo> <sudo-i>|"},
	    {"[service \"a b\"]", "1 [] <service> \"a b\"|"},
	    {"[]", "1 []|"},
	    {"[issuer corp] ; the\t\"corp\n", "1 [] <issuer> <corp>|"},
	    {"[issuer corp]\t#c", "1 [] <issuer> <corp>|"},
	    {"\nkey = value\n", "2 key <value>|"},
	    {"key=value", "1 key <value>|"},
	    {"key\t=\tvalue\t", "1 key <value>|"},
	    {"key = a=b", "1 key <a=b>|"},
	    {"key =", "1 key|"},
	    {"two words = x", "1 two words <x>|"},
	    {"a = 1\nb = 2\r", "1 a <1>|2! a carriage return: give the file "
			       "Unix line ends|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_SETTINGS);
}

static void
lists_and_quotes_make_words(void **state)
{
	static const struct row row[] = {
	    {"k = a b  c\td", "1 k <a> <b> <c> <d>|"},
	    {"k = \"a b\" c", "1 k \"a b\" <c>|"},
	    {"k = \"a\\b\"", "1 k \"a\\b\"|"},
	    {"k = \"a;b\" \"#c\"", "1 k \"a;b\" \"#c\"|"},
	    {"k = \" \"", "1 k \" \"|"},
	    {"k = \"a,b\"", "1 k \"a,b\"|"},
	    {"k = a,b", "1 k <a> <,> <b>|"},
	    {"k = a , b,", "1 k <a> <,> <b> <,>|"},
	    {"k = \",\"", "1 k \",\"|"},
	    {"k = \"a\",\"b\"", "1 k \"a\" <,> \"b\"|"},
	    {"k = \"true\" true", "1 k \"true\" <true>|"},
	    {"k = \xc3\xa9\xc2\xa0x", "1 k <\xc3\xa9\xc2\xa0x>|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_SETTINGS);
}

static void
a_comment_begins_after_white_space_outside_quotes(void **state)
{
	static const struct row row[] = {
	    {"; all of it", ""},
	    {"# all of it", ""},
	    {"  ; indented", ""},
	    {"k = a ; b", "1 k <a>|"},
	    {"k = a\t# b", "1 k <a>|"},
	    {"k = a;b", "1 k <a;b>|"},
	    {"k = a#b ;c", "1 k <a#b>|"},
	    {"k = https://x/#f", "1 k <https://x/#f>|"},
	    {"k = ; b", "1 k|"},
	    {"k =;b", "1 k|"},
	    {"k = \"a\" ;b", "1 k \"a\"|"},
	    {"k = a,#b", "1 k <a> <,> <#b>|"},
	    {"k = a, #b", "1 k <a> <,>|"},
	    {"k = a \"; b\" ; \"", "1 k <a> \"; b\"|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_SETTINGS);
}

static void
indented_lines_continue_a_value(void **state)
{
	static const struct row row[] = {
	    {"k = a\n  b\n\tc\nl = d", "1 k <a> <b> <c>|4 l <d>|"},
	    {"k =\n a", "1 k <a>|"},
	    {"k = a ; c\n b ; d\n", "1 k <a> <b>|"},
	    {"k = a\n\n ; no\n\t# no\n b\nl = c", "1 k <a> <b>|6 l <c>|"},
	    {"k = a\n [b]\n", "1 k <a> <[b]>|"},
	    {"k = a\n b = c\n", "1 k <a> <b> <=> <c>|"},
	    {" k = a", "1! " NOTHING_TO_CONTINUE},
	    {"[s x]\n k = a\nl = b",
		"1 [] <s> <x>|2! " NOTHING_TO_CONTINUE "3 l <b>|"},
	    {"[s x]\n ; note\n \nk = a", "1 [] <s> <x>|4 k <a>|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_SETTINGS);
}

/* A list whose head was commented out must not lengthen the one above. */
static void
a_comment_that_is_not_indented_ends_a_value(void **state)
{
	static const struct row row[] = {
	    {"accounts = a\n#services = b\n   root\n",
		"1 accounts <a>|3! " NOTHING_TO_CONTINUE},
	    {"k = a\n;\n\tb\nl = c",
		"1 k <a>|3! " NOTHING_TO_CONTINUE "4 l <c>|"},
	    {"k = a\n b\n; no\n c\n", "1 k <a> <b>|4! " NOTHING_TO_CONTINUE},
	    {"k = a\n\n#\n\n b\n", "1 k <a>|5! " NOTHING_TO_CONTINUE},
	    {"k = a\n b\n; no\nl = c", "1 k <a> <b>|4 l <c>|"},
	    {"k = a ; b\n c\n", "1 k <a> <c>|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_SETTINGS);
}

static void
faults_name_their_line_and_reading_goes_on(void **state)
{
	static const struct row row[] = {
	    {"k = \"a\nl = b", "1! a quote is not closed on its line|2 l <b>|"},
	    {"k = \"", "1! a quote is not closed on its line|"},
	    {"k = \"\"", "1! an empty value stands in quotes|"},
	    {"k = \"a\"b", "1! a closing quote must end its word|"},
	    {"k = \"a\"\"b\"", "1! a closing quote must end its word|"},
	    {"k = a\"b\"", "1! a quote must begin its word|"},
	    {"k = a\"", "1! a quote must begin its word|"},
	    {"[a \"b]", "1! a quote is not closed on its line|"},
	    {"[a b", "1! a section is not closed by ]|"},
	    {"[a b] c", "1! only a comment may follow a section's ]|"},
	    {"[a b];c", "1! only a comment may follow a section's ]|"},
	    {"[a] [b]", "1! only a comment may follow a section's ]|"},
	    {"= a", "1! a setting has no key before its =|"},
	    {"\nword", "2! neither a [section] nor a setting, key = value|"},
	    {"\xef\xbb\xbf[a b]",
		"1! neither a [section] nor a setting, key = value|"},
	    {"k = a\n b\n \"c\n d\nl = e",
		"3! a quote is not closed on its line|5 l <e>|"},
	    {"k = \"a\n b\n \"c\nl = e",
		"1! a quote is not closed on its line|4 l <e>|"},
	    {"k = \033[2J", "1! a control character stands in the line|"},
	    {"k = a\177", "1! a control character stands in the line|"},
	    {"k = a\n b\001", "2! a control character stands in the line|"},
	    {"k = a ; \001", "1! a control character stands in the line|"},
	    {"k = a\r\nl = b",
		"1! a carriage return: give the file Unix line ends|2 l <b>|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_SETTINGS);
	assert_string_equal(
	    reading_in(TEXT("k = a\0b\nl = c"), JWT_LINES_SETTINGS),
	    "1! a control character stands in the line|2 l <c>|");
}

static void
a_map_has_words_alone(void **state)
{
	static const struct row row[] = {
	    {"; map\ndeploy  repository is acme/app, ref is x=y ; c\n",
		"2 <deploy> <repository> <is> <acme/app> <,> <ref> <is> "
		"<x=y>|"},
	    {"deploy a is b,\n   c is d\noperator e is f",
		"1 <deploy> <a> <is> <b> <,> <c> <is> <d>|"
		"3 <operator> <e> <is> <f>|"},
	    {"[deploy]", "1 <[deploy]>|"},
	    {" deploy a is b", "1! " NOTHING_TO_CONTINUE},
	    {"deploy a is b\n#operator\n   c is d",
		"1 <deploy> <a> <is> <b>|3! " NOTHING_TO_CONTINUE},
	    {"deploy a is \"b", "1! a quote is not closed on its line|"},
	};

	(void)state;
	CHECK_ROWS(row, JWT_LINES_GRANTS);
}

static void
a_value_alone_has_no_comments(void **state)
{
	static const struct row row[] = {
	    {"", ""},
	    {"a b", " <a> <b>"},
	    {" \"a b\",c ", " \"a b\" <,> <c>"},
	    {"#a ;b", " <#a> <;b>"},
	};
	struct jwt_words words = {0};
	struct jwt_fault fault = {""};
	char out[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		out[0] = '\0';
		assert_int_equal(
		    jwt_words_split(&words, jwt_slice_of(row[i].text), &fault),
		    JWT_OK);
		add_words(out, sizeof(out), &words);
		assert_string_equal(out, row[i].reading);
		jwt_words_clear(&words);
	}
	assert_int_equal(jwt_words_split(&words, jwt_slice_of("a \"b"), &fault),
	    JWT_CONFIG_ERROR);
	assert_string_equal(fault.text, "a quote is not closed on its line");
	jwt_words_clear(&words);
}

/* Long lines, and many comments that might belong to a value. */
static void
long_lines_are_read_whole(void **state)
{
	struct jwt_lines lines = {.form = JWT_LINES_SETTINGS};
	size_t size = 32 * 1024, i, count = 0;
	struct jwt_line line;
	char *text;

	(void)state;
	text = malloc(size);
	assert_non_null(text);
	memcpy(text, "k =", 3);
	for (i = 3; i < size; i++)
		text[i] = i % 2 == 0 ? 'a' : ' ';
	lines.rest = (struct jwt_slice){text, size};
	assert_int_equal(jwt_lines_next(&lines, &line, NULL), JWT_OK);
	assert_int_equal(line.words.count, size / 2 - 2);
	jwt_line_clear(&line);
	for (i = 0; i < size; i++)
		text[i] = "k=a\n;\n;\n;\n;\n;\n;"[i % 16];
	lines = (struct jwt_lines){{text, size}, 0, JWT_LINES_SETTINGS};
	for (;;) {
		assert_int_equal(jwt_lines_next(&lines, &line, NULL), JWT_OK);
		if (line.line == 0)
			break;
		count++;
		jwt_line_clear(&line);
	}
	assert_in_range(count, 1, size);
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sections_and_settings_are_told_apart),
	    cmocka_unit_test(lists_and_quotes_make_words),
	    cmocka_unit_test(a_comment_begins_after_white_space_outside_quotes),
	    cmocka_unit_test(indented_lines_continue_a_value),
	    cmocka_unit_test(a_comment_that_is_not_indented_ends_a_value),
	    cmocka_unit_test(faults_name_their_line_and_reading_goes_on),
	    cmocka_unit_test(a_map_has_words_alone),
	    cmocka_unit_test(a_value_alone_has_no_comments),
	    cmocka_unit_test(long_lines_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
