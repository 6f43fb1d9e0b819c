#include "requests.h"

#include <string.h>

static bool
same_strings(const struct jwt_strings *a, const struct jwt_strings *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return true;
}

bool
same_request(const struct issuer_request *a, const struct issuer_request *b)
{
	return same_strings(&a->audience, &b->audience) &&
	       same_strings(&a->claim, &b->claim) &&
	       same_strings(&a->value, &b->value) && a->seconds == b->seconds &&
	       a->any_length == b->any_length;
}
