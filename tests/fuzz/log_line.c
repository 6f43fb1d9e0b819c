#include "log_line.h"

#include <stdlib.h>

#include "check.h"

void
check_log_line(const struct jwt_verdict *verdict)
{
	const struct jwt_client client = {"sshd", "192.0.2.1", "ssh", "deploy"};
	char *line = jwt_verdict_line(verdict, &client);
	size_t i;

	check(line != NULL, "there is no log line");
	for (i = 0; line[i] != '\0'; i++)
		check(line[i] >= 0x20 && line[i] < 0x7f,
		    "the log line has a byte that is not printable");
	free(line);
}
