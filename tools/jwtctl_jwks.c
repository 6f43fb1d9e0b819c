/*
 * `jwtctl jwks`: the public keys of the issuer, for verifiers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jwt/file.h"
#include "jwt/keyset.h"
#include "tools/jwtctl_key.h"

/* One key's public half as it lies in the folder. */
static int
put_key(const struct ctl_ring *ring, const struct issuer_ring_key *key,
    bool first, FILE *out)
{
	char *path = issuer_ring_path(ring->config->keys, key->kid, "pub");
	struct jwt_fault fault = {"no memory"};
	struct jwt_file file = {0};
	int result = CTL_FAILED;

	if (path != NULL &&
	    jwt_file_read(path, JWT_KEYS_FILE_MAX, &file, &fault) == JWT_OK) {
		file.bytes[strcspn(file.bytes, "\n")] = '\0';
		fprintf(out, "%s%s", first ? "" : ",\n", file.bytes);
		result = CTL_YES;
	} else {
		ctl_say(ring->call, "%s", fault.text);
	}
	jwt_file_free(&file);
	free(path);
	return result;
}

static int
make_set(const struct ctl_ring *ring, char **text, size_t *size)
{
	int result = CTL_YES;
	size_t i;
	FILE *out;

	if ((out = open_memstream(text, size)) == NULL) {
		ctl_say(ring->call, "no memory");
		return CTL_FAILED;
	}
	fputs("{\"keys\":[\n", out);
	for (i = 0; result == CTL_YES && i < ring->ring.count; i++)
		result = put_key(ring, &ring->ring.at[i], i == 0, out);
	fputs("\n]}\n", out);
	if (fclose(out) == 0)
		return result;
	ctl_say(ring->call, "no memory");
	return CTL_FAILED;
}

static int
write_file(const char *path, const struct ctl_input *set)
{
	char *made = jwt_format("%s.new", path);
	int fd = -1, result = CTL_FAILED;

	if (made != NULL) {
		unlink(made);
		fd = open(made,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	errno = fd != -1 ? ENOSPC : errno;
	if (fd != -1 && write(fd, set->bytes, set->len) == (ssize_t)set->len &&
	    fchmod(fd, 0644) == 0 && fsync(fd) == 0 && rename(made, path) == 0)
		result = CTL_YES;
	else
		ctl_say(&ctl_jwks, "%s: cannot be written: %s", path,
		    strerrordesc_np(errno));
	if (fd != -1)
		close(fd);
	if (result != CTL_YES && fd != -1)
		unlink(made);
	free(made);
	return result;
}

/* In a process that becomes the keys' owner: this one may have to write where
 * that one may not. */
_Noreturn static void
print_set(const char *config, int out)
{
	struct ctl_ring ring;
	char *text = NULL;
	size_t size = 0;
	int result;

	result = ctl_ring_open(&ring, &ctl_jwks, config, false, false);
	if (result != CTL_GO_ON)
		_exit(result);
	result = make_set(&ring, &text, &size);
	if (result == CTL_YES && write(out, text, size) != (ssize_t)size)
		result = CTL_FAILED;
	free(text);
	ctl_ring_close(&ring);
	_exit(result);
}

static bool
read_set(int in, struct ctl_input *set)
{
	ssize_t n = 0;

	set->size = JWT_KEYS_FILE_MAX;
	if ((set->bytes = malloc(set->size)) == NULL)
		return false;
	while (set->len < set->size &&
	       (n = read(in, set->bytes + set->len, set->size - set->len)) > 0)
		set->len += (size_t)n;
	return n == 0;
}

static int
collect_set(const char *config, struct ctl_input *set)
{
	int ends[2], status = 0;
	bool whole;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		ctl_say(&ctl_jwks, "%s", strerrordesc_np(errno));
		return CTL_FAILED;
	}
	if (pid == 0)
		print_set(config, ends[1]);
	close(ends[1]);
	whole = read_set(ends[0], set);
	close(ends[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) != CTL_YES)
		return WEXITSTATUS(status);
	if (whole && WIFEXITED(status))
		return CTL_YES;
	ctl_say(&ctl_jwks, "the keys could not be read whole");
	return CTL_FAILED;
}

static int
run(int argc, char **argv)
{
	const char *output = NULL, *config = NULL;
	const struct ctl_option options[] = {
	    {"output", false, &output}, {"config", false, &config}};
	struct ctl_input set = {0};
	int result;

	result = ctl_options(&ctl_jwks, argc, argv, options, 2, NULL);
	if (result != CTL_GO_ON)
		return result;
	result = collect_set(config, &set);
	if (result == CTL_YES && output != NULL)
		result = write_file(output, &set);
	else if (result == CTL_YES && !ctl_write(&ctl_jwks, set.bytes, set.len))
		result = CTL_FAILED;
	ctl_input_free(&set);
	return result;
}

const struct ctl_call ctl_jwks = {
    "jwks",
    "the issuer's public keys",
    "usage: jwtctl jwks [--output FILE] [--config FILE]\n"
    "\n"
    "Prints the public keys (next, active, retired) as a JWK set.\n"
    "\n"
    "  --output FILE  into FILE (mode 0644), which is replaced at once\n"
    "  --config FILE  instead of " ISSUER_CONFIG_FILE "\n",
    run,
};
