/*
 * What every fuzzer shares.
 */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jwt/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t max);
size_t LLVMFuzzerCustomMutator(
    uint8_t *bytes, size_t len, size_t max, unsigned int seed);

/* Ends the process, with the sentence, unless what must hold holds. */
void check(bool holds, const char *sentence);

/* The same: OpenSSL's error queue is empty. */
void check_queue(void);

/* The input up to the first line that is `--`, which is taken off, or to the
 * end; `*rest` is what follows, and may be the input itself. */
struct jwt_slice take_part(struct jwt_slice *rest);

#endif
