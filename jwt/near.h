/*
 * Near misses: where a step failed by something that is easily looked past, a
 * final slash or a letter's case, in which the texts that were compared seem
 * to be the same.
 */
#ifndef JWT_NEAR_H
#define JWT_NEAR_H

#include <stdbool.h>

#include "trial.h"

/*
 * After a step that failed with this reason: leaves in trial->note what it
 * failed by, in our own words and with what is configured, and in trial->noted
 * the text of the token that they speak of.  Both stay NULL where it was no
 * near miss, and where there is no memory: no verdict depends on them.
 */
void jwt_note_near(struct jwt_trial *trial, enum jwt_reason reason);

/*
 * Whether two texts differ by no more than white space around them, http://
 * or https:// in front, slashes at the end, and case; `how` then says by which
 * of these.  Texts that are equal differ by nothing: false.
 */
#define JWT_NEAR_SIZE 96
bool jwt_near(struct jwt_slice a, struct jwt_slice b, char how[JWT_NEAR_SIZE]);

/* near_audience.c */
void jwt_note_near_audience(struct jwt_trial *trial);

#endif
