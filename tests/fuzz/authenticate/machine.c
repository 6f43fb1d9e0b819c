#include "machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct machine machine;

void
wrong(const char *format, ...)
{
	va_list ap;

	machine.armed = false;
	fputs("\nbroken: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

/* What a caller has but to do again. */
static bool
is_nuisance(const struct failure *failure)
{
	if (failure->for_good)
		return false;
	if (failure->call == CALL_READ)
		return failure->error == EINTR || failure->error == READ_SHORT;
	return failure->call == CALL_ACCOUNT &&
	       (failure->error == EINTR || failure->error == ERANGE);
}

const struct failure *
machine_fails(enum call call)
{
	const struct failure *failure;
	unsigned int nth = ++machine.calls[call];
	size_t i;

	for (i = 0; i < machine.failures; i++) {
		failure = &machine.failure[i];
		if (failure->call != call ||
		    (failure->for_good ? nth < failure->nth
				       : nth != failure->nth))
			continue;
		machine.failed[call]++;
		machine.harmed = machine.harmed || !is_nuisance(failure);
		return failure;
	}
	return NULL;
}
