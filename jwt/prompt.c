#include "prompt.h"

#include <stdio.h>
#include <string.h>

void
jwt_prompt_write(char text[JWT_PROMPT_SIZE], size_t from, size_t at_most)
{
	if (at_most == 0)
		snprintf(text, JWT_PROMPT_SIZE, "JWT (from %zu): ", from);
	else
		snprintf(text, JWT_PROMPT_SIZE,
		    "JWT (from %zu, at most %zu): ", from, at_most);
}

/* Takes `word` from the beginning of what is left. */
static bool
take_word(struct jwt_slice *left, const char *word)
{
	size_t len = strlen(word);

	if (left->len < len || memcmp(left->at, word, len) != 0)
		return false;
	left->at += len;
	left->len -= len;
	return true;
}

static bool
take_number(struct jwt_slice *left, size_t *number)
{
	size_t digits = 0;

	*number = 0;
	while (digits < left->len && digits < 6 && left->at[digits] >= '0' &&
	       left->at[digits] <= '9')
		*number = *number * 10 + (size_t)(left->at[digits++] - '0');
	if (digits == 0 || (digits > 1 && left->at[0] == '0'))
		return false;
	left->at += digits;
	left->len -= digits;
	return true;
}

bool
jwt_prompt_read(struct jwt_slice text, struct jwt_prompt *prompt)
{
	*prompt = (struct jwt_prompt){0};
	if (jwt_slice_equal(text, jwt_slice_of(JWT_PROMPT_FIRST)))
		return true;
	if (!take_word(&text, "JWT (from ") ||
	    !take_number(&text, &prompt->from))
		return false;
	if (take_word(&text, ", at most ") &&
	    (!take_number(&text, &prompt->at_most) || prompt->at_most == 0))
		return false;
	return take_word(&text, "): ") && text.len == 0;
}
