/*
 * Who called.  The kernel says it of the process that connected, and nothing
 * that the caller sends can change it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"
#include "jwt/setting.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; glibc 2.36 does not name it yet */
#endif

#define ROOM_MAX 1048576U /* bytes of one passwd or group entry */
#define GROUPS_MAX 65536  /* Linux's own limit */

static enum issuer_reason
no_memory(struct jwt_fault *fault)
{
	jwt_fault_set(fault, "no memory");
	return ISSUER_INTERNAL_ERROR;
}

bool
issuerd_caller_has_pidfd(void)
{
	int pair[2], pidfd = -1;
	socklen_t len = sizeof(pidfd);
	bool has;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return false;
	has = getsockopt(pair[0], SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) == 0;
	if (has)
		close(pidfd);
	close(pair[0]);
	close(pair[1]);
	return has;
}

/*
 * The login that a process belongs to.
 */

/* The first number behind `name` in a file of /proc. */
static bool
read_number(const char *path, const char *name, unsigned long *number)
{
	char text[512], *at, *end;
	ssize_t len;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	if ((at = strstr(text, name)) == NULL)
		return false;
	errno = 0;
	*number = strtoul(at + strlen(name), &end, 10);
	return errno == 0 && end != at + strlen(name);
}

/*
 * Whether the process of the pidfd belongs to a login of this uid.  A number
 * of a process may be given to another once the first has ended; here the
 * pidfd tells afterwards that it had not.
 */
static bool
is_in_login(int pidfd, uid_t uid)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	unsigned long pid, loginuid;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (!read_number(path, "Pid:", &pid) || pid == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%lu/loginuid", pid);
	return read_number(path, "", &loginuid) && loginuid == uid &&
	       poll(&ended, 1, 0) == 0;
}

static bool
look_at_login(int connection, uid_t uid)
{
	int pidfd = -1;
	socklen_t len = sizeof(pidfd);
	bool found;

	if (getsockopt(connection, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) ==
	    -1)
		return false;
	found = is_in_login(pidfd, uid);
	close(pidfd);
	return found;
}

/*
 * The account.
 */

/* The part of the gecos field that is the person's name. */
static bool
take_full_name(struct issuer_person *person, const char *gecos)
{
	size_t len;

	if (gecos == NULL || (len = strcspn(gecos, ",")) == 0)
		return true;
	person->full_name = strndup(gecos, len);
	return person->full_name != NULL;
}

static enum issuer_reason
take_account(struct issuer_person *person, gid_t *gid, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_INTERNAL_ERROR;
	struct passwd entry, *found = NULL;
	char *room = NULL, *more;
	int error = ERANGE;
	size_t size;

	for (size = 1024; error == ERANGE && size <= ROOM_MAX; size *= 2) {
		if ((more = realloc(room, size)) == NULL) {
			error = ENOMEM;
			break;
		}
		room = more;
		error = getpwuid_r(person->uid, &entry, room, size, &found);
	}
	if (error != 0) {
		jwt_fault_set(fault, "the account of uid %u: %s",
		    (unsigned int)person->uid, strerrordesc_np(error));
	} else if (found == NULL) {
		jwt_fault_set(fault, "uid %u has no account on this host",
		    (unsigned int)person->uid);
		result = ISSUER_UNKNOWN_USER;
	} else if ((person->account = strdup(found->pw_name)) == NULL ||
		   !take_full_name(person, found->pw_gecos)) {
		result = no_memory(fault);
	} else {
		*gid = found->pw_gid;
		result = ISSUER_OK;
	}
	free(room);
	return result;
}

/*
 * Groups.
 */

struct gids {
	gid_t *at;
	int count;
};

/* What the database says now: who left a group yesterday is not in it. */
static bool
groups_of_account(const char *account, gid_t gid, struct gids *gids)
{
	gid_t *more;
	int had;

	for (gids->count = 64; gids->count <= GROUPS_MAX;) {
		had = gids->count;
		more = reallocarray(gids->at, (size_t)had, sizeof(*more));
		if (more == NULL)
			return false;
		gids->at = more;
		if (getgrouplist(account, gid, gids->at, &gids->count) != -1)
			return true;
		if (gids->count <= had)
			gids->count = had * 2;
	}
	return false;
}

/* What the kernel says: who dropped a group does not act for it. */
static bool
groups_of_process(int connection, gid_t gid, struct gids *gids)
{
	gid_t *more, none;
	socklen_t len = 0;

	/* With no room for them it says how many there are. */
	if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, &none, &len) ==
		-1 &&
	    errno != ERANGE)
		return false;
	if ((more = malloc(len + sizeof(gid_t))) == NULL)
		return false;
	gids->at = more;
	if (len > 0 &&
	    getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, more, &len) == -1)
		return false;
	gids->count = (int)(len / sizeof(gid_t));
	more[gids->count++] = gid;
	return true;
}

static bool
has_gid(const struct gids *gids, gid_t gid)
{
	int i;

	for (i = 0; i < gids->count; i++)
		if (gids->at[i] == gid)
			return true;
	return false;
}

/* A group without a name is none that a policy can mean. */
static bool
add_group(struct issuer_person *person, gid_t gid)
{
	struct group entry, *found = NULL;
	char *room = NULL, *more;
	int error = ERANGE;
	bool added = false;
	size_t size;

	for (size = 1024; error == ERANGE && size <= ROOM_MAX; size *= 2) {
		if ((more = realloc(room, size)) == NULL)
			break;
		room = more;
		error = getgrgid_r(gid, &entry, room, size, &found);
	}
	if (error == 0)
		added = found == NULL ||
		        jwt_strings_add(&person->groups, found->gr_name);
	free(room);
	return added;
}

static enum issuer_reason
take_groups(int connection, struct issuerd_caller *caller, gid_t gid,
    struct jwt_fault *fault)
{
	struct issuer_person *person = &caller->person;
	struct gids now = {0}, then = {0};
	bool taken;
	int i;

	taken = groups_of_account(person->account, gid, &now) &&
	        groups_of_process(connection, caller->gid, &then);
	for (i = 0; taken && i < now.count; i++)
		if (has_gid(&then, now.at[i]))
			taken = add_group(person, now.at[i]);
	free(now.at);
	free(then.at);
	if (taken)
		return ISSUER_OK;
	jwt_fault_set(fault, "the groups of uid %u cannot be read",
	    (unsigned int)person->uid);
	return ISSUER_INTERNAL_ERROR;
}

enum issuer_reason
issuerd_caller_peer(
    int connection, struct issuerd_caller *caller, struct jwt_fault *fault)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t len = sizeof(peer);

	*caller = (struct issuerd_caller){.person.uid = (uid_t)-1};
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &len) ==
		-1 ||
	    len != sizeof(peer)) {
		jwt_fault_set(fault, "the kernel does not say who calls");
		return ISSUER_INTERNAL_ERROR;
	}
	caller->person.uid = peer.uid;
	caller->gid = peer.gid;
	caller->pid = peer.pid;
	return ISSUER_OK;
}

enum issuer_reason
issuerd_caller_look(
    int connection, struct issuerd_caller *caller, struct jwt_fault *fault)
{
	enum issuer_reason result;
	gid_t gid;

	result = take_account(&caller->person, &gid, fault);
	if (result == ISSUER_OK)
		result = take_groups(connection, caller, gid, fault);
	if (result == ISSUER_OK)
		caller->in_login =
		    look_at_login(connection, caller->person.uid);
	return result;
}

void
issuerd_caller_clear(struct issuerd_caller *caller)
{
	free(caller->person.account);
	free(caller->person.full_name);
	jwt_strings_clear(&caller->person.groups);
	*caller = (struct issuerd_caller){.person.uid = (uid_t)-1};
}
