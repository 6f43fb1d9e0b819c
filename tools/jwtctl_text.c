#include "tools/jwtctl_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
add_bytes(struct ctl_text *text, const char *bytes, size_t len)
{
	size_t room = text->room;
	char *grown;

	while (room < text->len + len + 1)
		room = room == 0 ? 1024 : room * 2;
	if (room > text->room) {
		if ((grown = realloc(text->at, room)) == NULL) {
			text->failed = true;
			return;
		}
		text->at = grown;
		text->room = room;
	}
	memcpy(text->at + text->len, bytes, len);
	text->len += len;
	text->at[text->len] = '\0';
}

void
ctl_text_add(struct ctl_text *text, const char *format, ...)
{
	va_list ap;
	char *piece;
	int len;

	va_start(ap, format);
	len = vasprintf(&piece, format, ap);
	va_end(ap);
	if (len < 0) {
		text->failed = true;
		return;
	}
	add_bytes(text, piece, (size_t)len);
	free(piece);
}

void
ctl_text_own(struct ctl_text *text, const char *words)
{
	char hex[5];

	for (; *words != '\0'; words++) {
		if (*words >= 0x20 && *words < 0x7f) {
			add_bytes(text, words, 1);
			continue;
		}
		snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*words);
		add_bytes(text, hex, 4);
	}
}

void
ctl_text_quoted(struct ctl_text *text, struct jwt_slice foreign)
{
	char *quoted = jwt_quoted(foreign, foreign.len * 4 + 16);

	if (quoted == NULL)
		text->failed = true;
	else
		add_bytes(text, quoted, strlen(quoted));
	free(quoted);
}

void
ctl_text_json(struct ctl_text *text, struct jwt_slice ascii)
{
	size_t i;

	add_bytes(text, "\"", 1);
	for (i = 0; i < ascii.len; i++) {
		if (ascii.at[i] == '"' || ascii.at[i] == '\\')
			add_bytes(text, "\\", 1);
		add_bytes(text, &ascii.at[i], 1);
	}
	add_bytes(text, "\"", 1);
}

void
ctl_text_paint(struct ctl_text *text, enum ctl_colour colour)
{
	static const char *const codes[] = {[CTL_GREEN] = "\033[32m",
	    [CTL_RED] = "\033[31m",
	    [CTL_YELLOW] = "\033[33m",
	    [CTL_BOLD] = "\033[1m"};

	if (text->colour)
		add_bytes(text, codes[colour], strlen(codes[colour]));
}

void
ctl_text_plain(struct ctl_text *text)
{
	if (text->colour)
		add_bytes(text, "\033[0m", 4);
}

bool
ctl_wants_colour(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0' &&
	       strcmp(term, "dumb") != 0 && (no == NULL || no[0] == '\0');
}

bool
ctl_text_write(struct ctl_text *text)
{
	bool whole = !text->failed;

	/* What fails here is found when the stream is closed. */
	if (whole && text->len > 0)
		(void)fwrite(text->at, 1, text->len, stdout);
	free(text->at);
	*text = (struct ctl_text){0};
	return whole;
}
