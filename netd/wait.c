#include <sys/random.h>
#include <unistd.h>

#include "netd/netd.h"

/* Seconds between two fetches, whatever the provider wishes. */
#define OFTEN (5 * 60)
#define USUAL (60 * 60)
#define SELDOM (24 * 60 * 60)

/* After a failure: twice as long each time, to this. */
#define FAILED_FIRST 60
#define FAILED_MOST (15 * 60)

static int64_t
clamp(int64_t seconds, int64_t least, int64_t most)
{
	return seconds < least ? least : seconds > most ? most : seconds;
}

/* A fleet that was started together must not ask together for ever. */
static int64_t
scatter(int64_t seconds)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) == -1)
		number = (uint32_t)getpid();
	return seconds - (int64_t)(number % 1000) * seconds / 10000;
}

int64_t
netd_wait_well(int64_t max_age, int64_t stale_after)
{
	int64_t seconds = max_age == JWT_UNSET ? USUAL : max_age;

	seconds = clamp(seconds, OFTEN, SELDOM);
	/* Before logins begin to warn. */
	if (seconds > stale_after / 2)
		seconds = clamp(stale_after / 2, 1, SELDOM);
	return scatter(seconds);
}

int64_t
netd_wait_failed(unsigned int failures, int64_t retry, int64_t stale_after)
{
	int64_t seconds = FAILED_FIRST;

	while (failures-- > 1 && seconds < FAILED_MOST)
		seconds *= 2;
	seconds = clamp(seconds, FAILED_FIRST, FAILED_MOST);
	if (retry > seconds)
		seconds = retry;
	/* What is there may be half of stale_after old, and must not end. */
	if (seconds > stale_after / 4)
		seconds = stale_after / 4;
	return clamp(seconds, FAILED_FIRST, SELDOM);
}
