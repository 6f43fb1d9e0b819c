#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <openssl/err.h>

/* json-c's other hash is seeded at random, and no two runs were the same. */
__attribute__((constructor)) static void
fix_hash(void)
{
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
}

void
check(bool holds, const char *sentence)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", sentence);
	abort();
}

void
check_queue(void)
{
	check(ERR_peek_error() == 0, "an error is left in OpenSSL's queue");
}

struct jwt_slice
take_part(struct jwt_slice *rest)
{
	struct jwt_slice part = *rest;
	const char *end;

	for (end = rest->at; rest->len > 0;) {
		end = memmem(
		    end, rest->len - (size_t)(end - rest->at), "--\n", 3);
		if (end == NULL || end == rest->at || end[-1] == '\n')
			break;
		end++;
	}
	if (rest->len == 0 || end == NULL) {
		*rest = (struct jwt_slice){part.at + part.len, 0};
		return part;
	}
	part.len = (size_t)(end - rest->at);
	rest->at += part.len + 3;
	rest->len -= part.len + 3;
	return part;
}
