/*
 * Durations in words, for people: 45 s, 4 min 12 s, 3 h 5 min, 2 d 4 h.
 */
#ifndef JWT_DURATION_H
#define JWT_DURATION_H

#include <stdint.h>

/*
 * Of so many seconds, whichever sign, the two largest units, rounded down;
 * the second is left out where it is 0.
 */
#define JWT_DURATION_SIZE 48
const char *jwt_duration(char out[JWT_DURATION_SIZE], int64_t seconds);

#endif
