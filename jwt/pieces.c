#include "pieces.h"

#include <stdlib.h>
#include <string.h>

#include "token.h"

/*
 * Where clients cut: sudo and older Linux-PAM at PAM_MAX_RESP_SIZE - 1, ssh
 * at the 1024 bytes of its buffer, terminals and newer Linux-PAM at 4096.
 */
static const size_t cuts[] = {511, 1023, 4095};

size_t
jwt_pieces_cut(size_t room)
{
	size_t i, cut = 0;

	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		if (cuts[i] <= room)
			cut = cuts[i];
	return cut;
}

/*
 * Not realloc, which would leave what it moves behind. There is room for all
 * that was given.
 */
static char *
join(const struct jwt_pieces *pieces, const char *answer, size_t len)
{
	char *text;

	if ((text = malloc(pieces->given + strlen(answer) + 1)) == NULL)
		return NULL;
	if (pieces->len > 0)
		memcpy(text, pieces->text, pieces->len);
	memcpy(text + pieces->len, answer, len);
	text[pieces->len + len] = '\0';
	return text;
}

enum jwt_reason
jwt_pieces_add(struct jwt_pieces *pieces, const char *answer)
{
	size_t len = strlen(answer);
	bool is_end = pieces->count > 0 && strcmp(answer, "=") == 0;
	char *text;

	if ((text = join(pieces, answer, is_end ? 0 : len)) == NULL)
		return JWT_NO_MEMORY;
	jwt_free_wiped(pieces->text, pieces->len);
	pieces->text = text;
	if (pieces->count == 0)
		pieces->first = len;
	if (len != pieces->first)
		pieces->uneven = true;
	if (len > 0 && !is_end &&
	    (len != pieces->first || memcmp(answer, text, len) != 0))
		pieces->differ = true;
	if (len > 0 && !jwt_is_stand_in(jwt_slice_of(answer)))
		pieces->typed = true;
	pieces->len += is_end ? 0 : len;
	pieces->given += len;
	pieces->count++;
	pieces->filled += len > 0;
	pieces->more = len > 0 && jwt_pieces_cut(len) == len &&
	               pieces->given <= JWT_TOKEN_MAX &&
	               pieces->count < JWT_PIECES_MAX;
	return JWT_OK;
}

size_t
jwt_pieces_repeated(const struct jwt_pieces *pieces)
{
	return pieces->count > 1 && !pieces->uneven && !pieces->differ
	           ? pieces->count
	           : 0;
}

size_t
jwt_pieces_again(const struct jwt_pieces *pieces)
{
	return pieces->uneven && !pieces->differ ? pieces->count - 1 : 0;
}

struct jwt_slice
jwt_pieces_answer(const struct jwt_pieces *pieces)
{
	return (struct jwt_slice){pieces->text,
	    jwt_pieces_repeated(pieces) > 0 ? pieces->first : pieces->len};
}

size_t
jwt_pieces_length(const struct jwt_pieces *pieces)
{
	return pieces->uneven ? pieces->given : pieces->first;
}

bool
jwt_pieces_joined(const struct jwt_pieces *pieces)
{
	return pieces->filled > 1 && jwt_pieces_repeated(pieces) == 0;
}

bool
jwt_pieces_stand_in(const struct jwt_pieces *pieces)
{
	return pieces->filled > 0 && !pieces->typed;
}

const char *
jwt_pieces_leave(struct jwt_pieces *pieces)
{
	struct jwt_slice answer = jwt_pieces_answer(pieces);
	bool hidden = jwt_pieces_joined(pieces) || jwt_resembles_token(answer);
	size_t len = jwt_pieces_length(pieces);

	if (hidden)
		jwt_stand_in_fill(pieces->text, len);
	pieces->text[len] = '\0';
	return pieces->text;
}

void
jwt_pieces_clear(struct jwt_pieces *pieces)
{
	jwt_free_wiped(pieces->text, pieces->len);
	*pieces = (struct jwt_pieces){0};
}
