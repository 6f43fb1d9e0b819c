/*
 * The process that asks.
 *
 * Its name is read where everybody may read it; the link to its file, of a
 * set-user-id program, is for root alone.  A process can call itself anything,
 * but whom a prompt can deceive here is a server, and no server names the
 * processes of this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

#define START_FIELD 22 /* of /proc/PID/stat, proc(5) */

struct look {
	char name[64];
	uint64_t start;
	uid_t uid; /* that its entry in /proc belongs to */
};

static size_t
read_stat(pid_t pid, char *text, size_t size, uid_t *uid)
{
	char path[64];
	struct stat st;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return 0;
	if (fstat(fd, &st) == 0) {
		*uid = st.st_uid;
		do
			n = read(fd, text, size - 1);
		while (n == -1 && errno == EINTR);
	}
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* "PID (NAME) STATE PARENT ...": the name may hold anything. */
static bool
look_at(pid_t pid, struct look *look)
{
	char text[1024], *name, *end, *field;
	size_t len, i;

	*look = (struct look){0};
	if (read_stat(pid, text, sizeof(text), &look->uid) == 0 ||
	    (name = strchr(text, '(')) == NULL ||
	    (end = strrchr(text, ')')) == NULL || end < name)
		return false;
	len = (size_t)(end - name) - 1;
	if (len < sizeof(look->name))
		memcpy(look->name, name + 1, len);
	field = end + 1;
	for (i = 3; i < START_FIELD && field != NULL; i++)
		field = strchr(field + 1, ' ');
	if (field == NULL)
		return false;
	look->start = strtoull(field, NULL, 10);
	return true;
}

void
askpass_parent_look(struct askpass_parent *parent)
{
	struct look look;

	*parent = (struct askpass_parent){.pid = getppid()};
	/* It may have ended meanwhile, and the number be another's. */
	if (!look_at(parent->pid, &look) || getppid() != parent->pid)
		return;
	parent->start = look.start;
	parent->is_sudo =
	    look.uid == 0 && (strcmp(look.name, "sudo") == 0 ||
				 strcmp(look.name, "sudoedit") == 0);
}

bool
askpass_parent_runs(pid_t pid, uint64_t start)
{
	struct look look;

	/* Not allowed to signal it: it is there. */
	if (kill(pid, 0) == -1 && errno == ESRCH)
		return false;
	return !look_at(pid, &look) || look.start == start;
}
