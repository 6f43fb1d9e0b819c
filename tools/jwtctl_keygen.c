#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jwt/libctx.h"
#include "tools/jwtctl.h"

/* One of the files that are written. */
struct half {
	const char *path;
	mode_t mode; /* exactly, whatever the umask */
	char *text;
	int fd; /* -1: not created */
};

static int
create(struct half *half)
{
	half->fd = open(half->path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    half->mode & (S_IRUSR | S_IWUSR));
	if (half->fd != -1)
		return CTL_YES;
	if (errno == EEXIST)
		ctl_say(&ctl_keygen,
		    "%s exists already, and no key is ever overwritten: choose "
		    "another name",
		    half->path);
	else
		ctl_say(&ctl_keygen, "%s: cannot be created: %s", half->path,
		    strerrordesc_np(errno));
	return CTL_NO;
}

static int
fill(const struct half *half)
{
	size_t len = strlen(half->text);
	ssize_t n = write(half->fd, half->text, len);

	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	if (n >= 0 && (size_t)n == len && fchmod(half->fd, half->mode) == 0 &&
	    fsync(half->fd) == 0)
		return CTL_YES;
	ctl_say(&ctl_keygen, "%s: cannot be written: %s", half->path,
	    strerrordesc_np(errno));
	return CTL_NO;
}

/* All of them or none. */
static int
write_halves(struct half *halves, size_t count)
{
	int result = CTL_YES;
	size_t i;

	for (i = 0; i < count && result == CTL_YES; i++)
		result = create(&halves[i]);
	for (i = 0; i < count && result == CTL_YES; i++)
		result = fill(&halves[i]);
	for (i = 0; i < count; i++) {
		if (halves[i].fd == -1)
			continue;
		close(halves[i].fd);
		if (result != CTL_YES)
			unlink(halves[i].path);
	}
	return result;
}

/* Says what there is now; nothing in here can fail. */
static void
report(const struct half *halves, const struct jwt_key *key)
{
	char kid[160];

	jwt_quote(kid, sizeof(kid), (struct jwt_slice){key->kid, key->kid_len});
	if (key->kty == JWT_KTY_OCT)
		ctl_say(&ctl_keygen,
		    "%s: the secret of %s, kid %s; this one file is both "
		    "halves, so whoever can read it can make tokens",
		    halves[0].path, key->algorithm->name, kid);
	else
		ctl_say(&ctl_keygen,
		    "%s: the private key of %s, kid %s; %s: its public half",
		    halves[0].path, key->algorithm->name, kid, halves[1].path);
}

static int
make(const struct jwt_algorithm *algorithm, const char *kid, const char *path)
{
	char *public_path = jwt_format("%s.pub", path);
	OSSL_LIB_CTX *libctx = jwt_libctx_new();
	struct half halves[] = {
	    {path, 0600, NULL, -1}, {public_path, 0644, NULL, -1}};
	/* The public half of a secret would be the secret. */
	bool is_secret = algorithm->kty == JWT_KTY_OCT;
	enum jwt_reason reason = JWT_NO_MEMORY;
	struct jwt_key key = {0};
	int result = CTL_FAILED;
	size_t i;

	if (public_path != NULL && libctx != NULL)
		reason = jwt_key_generate(
		    libctx, algorithm, kid, &halves[0].text, &halves[1].text);
	/* With the kid as the files will have it, before they are there. */
	if (reason == JWT_OK)
		reason = jwt_key_parse_private(libctx, path,
		    jwt_slice_of(halves[0].text), halves[0].mode, &key, NULL);
	if (reason != JWT_OK)
		ctl_say(&ctl_keygen, "no key could be made: %s",
		    reason == JWT_NO_MEMORY ? "no memory" : "OpenSSL failed");
	else
		result = write_halves(halves, is_secret ? 1 : 2);
	if (result == CTL_YES)
		report(halves, &key);
	jwt_key_clear(&key);
	for (i = 0; i < 2; i++)
		if (halves[i].text != NULL)
			jwt_free_wiped(halves[i].text, strlen(halves[i].text));
	free(public_path);
	OSSL_LIB_CTX_free(libctx);
	return result;
}

static int
unknown_algorithm(void)
{
	const struct jwt_algorithm *row;
	char names[256] = "";
	size_t i, used = 0;

	for (i = 0; (row = jwt_algorithm_at(i)) != NULL; i++)
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used,
			    sizeof(names) - used, " %s", row->name);
	return ctl_usage_error(
	    &ctl_keygen, "--alg: not one of these:%s", names);
}

static int
run(int argc, char **argv)
{
	const char *alg = NULL, *kid = NULL, *path = NULL;
	const struct ctl_option options[] = {
	    {"alg", false, &alg}, {"kid", false, &kid}};
	const struct jwt_algorithm *algorithm;
	int result;

	result = ctl_options(&ctl_keygen, argc, argv, options, 2, &path);
	if (result != CTL_GO_ON)
		return result;
	algorithm = jwt_algorithm_find(jwt_slice_of(alg ? alg : "EdDSA"));
	if (algorithm == NULL)
		return unknown_algorithm();
	if (kid != NULL)
		result = ctl_check_plain(&ctl_keygen, "--kid", kid);
	if (result != CTL_GO_ON)
		return result;
	if (path == NULL || path[0] == '\0' || strcmp(path, "-") == 0)
		return ctl_usage_error(
		    &ctl_keygen, "the FILE that is to be written is missing");
	return make(algorithm, kid, path);
}

const struct ctl_call ctl_keygen = {
    "keygen",
    "make a key pair",
    "usage: jwtctl keygen [--alg NAME] [--kid ID] FILE\n"
    "\n"
    "Writes FILE, a private JWK (mode 0600), and FILE.pub, its public half\n"
    "(mode 0644).  Neither is ever overwritten.  For the HS algorithms FILE\n"
    "alone, because a secret has no public half.\n"
    "\n"
    "  --alg NAME  EdDSA unless given; any algorithm of pam_jwt.conf(5)\n"
    "  --kid ID    the key's name; its RFC 7638 thumbprint unless given\n",
    run,
};
