/*
 * What the fuzzers of a request for a token share.
 */
#ifndef FUZZ_REQUESTS_H
#define FUZZ_REQUESTS_H

#include "issuer/request.h"

/* Both ask for the same, in the same order. */
bool
same_request(const struct issuer_request *a, const struct issuer_request *b);

#endif
