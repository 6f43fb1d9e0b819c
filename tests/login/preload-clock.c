/*
 * Preloaded into a command whose clock is to be the test's: $CLOCK, in seconds
 * since the epoch.
 */
#include <stdlib.h>
#include <time.h>

time_t
time(time_t *now)
{
	const char *text = getenv("CLOCK");
	struct timespec real;
	time_t seconds;

	if (text != NULL) {
		seconds = (time_t)strtoll(text, NULL, 10);
	} else {
		clock_gettime(CLOCK_REALTIME, &real);
		seconds = real.tv_sec;
	}
	if (now != NULL)
		*now = seconds;
	return seconds;
}
