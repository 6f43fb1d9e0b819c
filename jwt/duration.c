#include "duration.h"

#include <stdio.h>

const char *
jwt_duration(char out[JWT_DURATION_SIZE], int64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	/* INT64_MIN has no positive counterpart of its own type. */
	uint64_t left = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
	unsigned long long more;
	size_t i = 0;
	int used;

	while (i < 3 && left < units[i].seconds)
		i++;
	used = snprintf(out, JWT_DURATION_SIZE, "%llu %s",
	    (unsigned long long)(left / units[i].seconds), units[i].name);
	left %= units[i].seconds;
	if (i == 3 || used < 0 || left / units[i + 1].seconds == 0)
		return out;
	more = left / units[i + 1].seconds;
	snprintf(out + used, JWT_DURATION_SIZE - (size_t)used, " %llu %s", more,
	    units[i + 1].name);
	return out;
}
