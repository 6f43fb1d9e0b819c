/*
 * Judging by published vectors: a tally for each set, and what the programs
 * that read them share.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>

#include "key_checks.h"

/*
 * What became of a set.  A test that is skipped is one that is not for us;
 * it still must not be taken.
 */
struct tally {
	const char *set; /* a name without spaces */
	const char *why; /* of the skipped ones; NULL: there are none */
	size_t tests, agreed, skipped;
};

/*
 * Counts one test; `where` names it, so that one that disagrees can be found.
 */
void tally_count(struct tally *tally, bool agrees, const char *where,
    const char *what, ...) __attribute__((format(printf, 4, 5)));

/* Counts one that is skipped, and was refused as it must be. */
void tally_skip(struct tally *tally, bool refused, const char *where);

/*
 * Tells it in one line, from which tests/vectors.awk makes its table.  The
 * number of tests that disagreed, or that there were none.
 */
size_t tally_tell(const struct tally *tally);

/* The entries of a folder of vectors, sorted; to be freed by name_list_free. */
struct name_list {
	char **at;
	size_t count;
};
struct name_list vector_names(const char *folder);
void name_list_free(struct name_list *list);
bool ends_in(const char *name, const char *end);

/* A whole file and one NUL, to be given back with free_text. */
struct jwt_slice vector_text(const char *name);
void free_text(struct jwt_slice text);

/*
 * The verdict over a JWS by the doors that `jwtctl verify --signature-only`
 * takes: the key file's text, mode 0600, and the token's.
 */
enum jwt_reason vector_verify(OSSL_LIB_CTX *libctx, struct jwt_slice keys,
    struct jwt_slice jws, struct jwt_fault *fault);

/* Whether a reason is a refusal: of the token, or of the key file as such. */
bool is_refusal(enum jwt_reason reason);

/*
 * A key, or a set of keys, as text without the private members of public-key
 * types, because a key file that has them is refused.
 */
const char *public_half(struct json_object *keys);

#endif
