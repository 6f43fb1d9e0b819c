/*
 * Whose the key folder is, and becoming them.
 *
 * The account that signs may write to the folder, so it could lay links there
 * for root to follow.  Root gives its rights up before it looks inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/jwtctl_key.h"

#define ROOM 16384 /* bytes for an entry of the account database */
#define ACCOUNT "jwt-issuer"

struct owner {
	uid_t uid;
	gid_t gid;
};

static int
said(const struct key_work *work, const char *path, const char *what, int error)
{
	ctl_say(work->call, "%s: %s: %s", path, what, strerrordesc_np(error));
	return CTL_FAILED;
}

/* The account that shall own the folder. */
static int
find_account(const struct key_work *work, struct owner *owner)
{
	const char *name = work->config->account;
	struct passwd entry, *found = NULL;
	char room[ROOM];
	int error;

	if (name == NULL)
		name = ACCOUNT;
	error = getpwnam_r(name, &entry, room, sizeof(room), &found);
	if (found != NULL) {
		*owner = (struct owner){entry.pw_uid, entry.pw_gid};
		return CTL_GO_ON;
	}
	if (error != 0 && error != ENOENT)
		return said(work, name, "the account", error);
	ctl_say(work->call,
	    "there is no account '%s', which signs and owns the keys%s%s: "
	    "make it (useradd --system --shell /usr/sbin/nologin %s), or name "
	    "another by %s",
	    name, work->config->source != NULL ? ", by " : "",
	    work->config->source != NULL ? work->config->source : "", name,
	    work->config->source != NULL ? "`user`" : "--user");
	return CTL_FAILED;
}

/* Its group where the database knows it, else that of the folder. */
static struct owner
owner_of(const struct stat *st)
{
	struct owner owner = {st->st_uid, st->st_gid};
	struct passwd entry, *found = NULL;
	char room[ROOM];

	if (getpwuid_r(st->st_uid, &entry, room, sizeof(room), &found) == 0 &&
	    found != NULL)
		owner.gid = entry.pw_gid;
	return owner;
}

/* Without other groups, or with those of the account `name`. */
static int
become(const struct key_work *work, struct owner owner, const char *name)
{
	if (owner.uid == geteuid())
		return CTL_GO_ON;
	if ((name == NULL ? setgroups(0, NULL) : initgroups(name, owner.gid)) ==
		-1 ||
	    setgid(owner.gid) == -1 || setuid(owner.uid) == -1)
		return said(work, name == NULL ? work->config->keys : name,
		    name == NULL ? "its owner cannot be become"
				 : "the account cannot be become",
		    errno);
	/* A way back would be one for whoever owns the folder, too. */
	if (setuid(0) == 0) {
		ctl_say(work->call, "root's rights cannot be given up");
		return CTL_FAILED;
	}
	return CTL_GO_ON;
}

/*
 * A folder that is there.
 */

static int
check_owner(const struct key_work *work, const struct stat *st)
{
	const char *path = work->config->keys;
	struct owner account;
	int result;

	if (geteuid() != 0 && st->st_uid != geteuid()) {
		ctl_say(work->call,
		    "%s: belongs to uid %u, and this runs as uid %u: run it as "
		    "root or as the owner",
		    path, (unsigned int)st->st_uid, (unsigned int)geteuid());
		return CTL_FAILED;
	}
	if (work->config->source == NULL)
		return CTL_GO_ON;
	if ((result = find_account(work, &account)) != CTL_GO_ON)
		return result;
	if (account.uid == st->st_uid)
		return CTL_GO_ON;
	ctl_say(work->call,
	    "%s: belongs to uid %u, and the account that signs is %s, uid %u, "
	    "by %s: chown it and what is in it",
	    path, (unsigned int)st->st_uid, work->config->account,
	    (unsigned int)account.uid, work->config->source);
	return CTL_FAILED;
}

static int
enter(const struct key_work *work, int folder)
{
	struct stat st;
	int result;

	if (fstat(folder, &st) == -1)
		return said(
		    work, work->config->keys, "cannot be examined", errno);
	if ((result = check_owner(work, &st)) != CTL_GO_ON)
		return result;
	return become(work, owner_of(&st), NULL);
}

/*
 * A folder that is to be made.
 */

/* The folder above, or -1; root's own where root makes something in it. */
static int
open_parent(const struct key_work *work, const char *path, bool may_make)
{
	int parent;
	struct stat st;

	parent = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent == -1 && errno == ENOENT && may_make && geteuid() == 0 &&
	    mkdir(path, 0755) == 0)
		parent = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent == -1 || fstat(parent, &st) == -1) {
		said(work, path, "the folder above the keys", errno);
	} else if (geteuid() == 0 &&
		   (st.st_uid != 0 ||
		       (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)) {
		ctl_say(work->call,
		    "%s: must be root's, and nobody else's to write, before "
		    "root makes the key folder in it; it belongs to uid %u and "
		    "has mode %04o",
		    path, (unsigned int)st.st_uid,
		    (unsigned int)(st.st_mode & 07777));
	} else {
		return parent;
	}
	if (parent != -1)
		close(parent);
	return -1;
}

/* From here on nobody else can change what lies in the parent. */
static int
make_in(const struct key_work *work, int parent, const char *name,
    struct owner owner)
{
	const char *path = work->config->keys;
	int folder, result = CTL_GO_ON;

	if (mkdirat(parent, name, 0700) == -1 && errno != EEXIST)
		return said(work, path, "cannot be made", errno);
	folder = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder == -1)
		return said(work, path, "cannot be opened", errno);
	if (fchmod(folder, 0700) == -1 ||
	    (owner.uid != geteuid() &&
		fchown(folder, owner.uid, owner.gid) == -1))
		result = said(work, path, "cannot be given away", errno);
	close(folder);
	return result;
}

static int
make(const struct key_work *work)
{
	const char *path = work->config->keys, *name = strrchr(path, '/');
	struct owner owner = {geteuid(), getegid()}, account = owner;
	int result = CTL_GO_ON, parent;
	char *above;

	if (work->config->source != NULL || geteuid() == 0)
		result = find_account(work, &account);
	if (result != CTL_GO_ON)
		return result;
	if (geteuid() != 0 && account.uid != owner.uid) {
		ctl_say(work->call,
		    "%s: the keys are to belong to %s, uid %u, and this runs "
		    "as uid %u: run it as root or as that account",
		    path, work->config->account, (unsigned int)account.uid,
		    (unsigned int)owner.uid);
		return CTL_FAILED;
	}
	above =
	    name == path ? strdup("/") : strndup(path, (size_t)(name - path));
	if (above == NULL) {
		ctl_say(work->call, "no memory");
		return CTL_FAILED;
	}
	parent = open_parent(work, above, true);
	free(above);
	if (parent == -1)
		return CTL_FAILED;
	result = make_in(work, parent, name + 1, account);
	close(parent);
	if (result != CTL_GO_ON)
		return result;
	ctl_say(work->call, "%s: made, for uid %u alone", path,
	    (unsigned int)account.uid);
	return become(work, account, NULL);
}

int
key_become_account(const struct key_work *work)
{
	const char *name = work->config->account;
	struct owner account;
	int result;

	if (geteuid() != 0)
		return CTL_GO_ON;
	if ((result = find_account(work, &account)) != CTL_GO_ON)
		return result;
	return become(work, account, name);
}

int
key_become_owner(const struct key_work *work, bool may_make)
{
	const char *path = work->config->keys;
	int folder, result;

	folder = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder == -1 && errno == ENOENT && may_make)
		return make(work);
	if (folder == -1 && errno == ENOENT) {
		ctl_say(work->call,
		    "%s: there is no such folder, so there are no keys; "
		    "`jwtctl key new` makes the first one",
		    path);
		return CTL_FAILED;
	}
	if (folder == -1)
		return said(work, path,
		    errno == EACCES ? "run this as root or as its owner"
				    : "cannot be opened",
		    errno);
	result = enter(work, folder);
	close(folder);
	return result;
}
