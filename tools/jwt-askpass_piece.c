/*
 * Pieces of a token, as long as the module expects of one that goes on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jwt/pieces.h"
#include "tools/jwt-askpass.h"

bool
askpass_piece_take(struct jwt_slice token, const struct jwt_prompt *asked,
    size_t room, struct askpass_piece *piece, struct jwt_fault *fault)
{
	struct jwt_slice left = {0};
	size_t cut;

	*piece = (struct askpass_piece){0};
	if (asked->from > token.len) {
		jwt_fault_set(fault,
		    "the piece behind character %zu is asked for, and the "
		    "token ends before: log in again",
		    asked->from);
		return false;
	}
	left =
	    (struct jwt_slice){token.at + asked->from, token.len - asked->from};
	/* Not an empty one, at which sudo would end. */
	if (left.len == 0 && asked->from > 0)
		left = jwt_slice_of("=");
	if (asked->at_most != 0 && asked->at_most < room)
		room = asked->at_most;
	if (left.len > room && (cut = jwt_pieces_cut(room)) > 0)
		left.len = cut;
	if (left.len > room) {
		jwt_fault_set(fault,
		    "%zu characters at most are asked for, and a piece that "
		    "is not the last has 511, 1023 or 4095: use a token that "
		    "fits",
		    room);
		return false;
	}
	piece->text = left;
	piece->last = left.len == 0 || jwt_pieces_cut(left.len) != left.len;
	return true;
}

bool
askpass_write(struct jwt_slice bytes, struct jwt_fault *fault)
{
	ssize_t n;

	do
		n = write(STDOUT_FILENO, bytes.at, bytes.len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		jwt_fault_set(
		    fault, "standard output: %s", strerrordesc_np(errno));
	else if ((size_t)n != bytes.len)
		jwt_fault_set(fault,
		    "standard output took %zd of %zu characters: use a pipe", n,
		    bytes.len);
	return n >= 0 && (size_t)n == bytes.len;
}

/* A line each: what stands in one `write` is no matter for those who read
 * lines. */
bool
askpass_piece_write_all(
    struct jwt_slice token, size_t room, struct jwt_fault *fault)
{
	struct jwt_prompt asked = {0};
	struct askpass_piece piece = {0};
	bool written = true;
	char *line;

	while (written && !piece.last) {
		if (!askpass_piece_take(token, &asked, room, &piece, fault))
			return false;
		line = jwt_format("%.*s\n", (int)piece.text.len, piece.text.at);
		if (line == NULL) {
			jwt_fault_set(fault, "no memory");
			return false;
		}
		written = askpass_write(jwt_slice_of(line), fault);
		jwt_free_wiped(line, piece.text.len);
		asked.from += piece.text.len;
	}
	return written;
}
