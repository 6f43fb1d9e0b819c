#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jwt/file.h"
#include "tools/jwtctl.h"

/* `input->size` bytes at most. */
static bool
read_all(int fd, struct ctl_input *input)
{
	ssize_t n;

	do {
		n = read(
		    fd, input->bytes + input->len, input->size - input->len);
		if (n > 0)
			input->len += (size_t)n;
		else if (n == -1 && errno != EINTR)
			return false;
	} while (n != 0 && input->len < input->size);
	return true;
}

int
ctl_read(const struct ctl_call *call, const char *path, size_t max,
    struct ctl_input *input)
{
	int fd = STDIN_FILENO;
	bool done;

	*input = (struct ctl_input){0};
	if (path == NULL || strcmp(path, "-") == 0)
		path = "standard input";
	else
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 && ctl_looks_like_token(path))
		return ctl_usage_error(call,
		    "tokens are never taken from an argument, where ps would "
		    "show them; use standard input or a file");
	if (fd == -1) {
		ctl_say(call, "%s: %s", path, strerrordesc_np(errno));
		return CTL_FAILED;
	}
	/* One for the newline, one to see that there is more. */
	input->size = max + 2;
	if ((input->bytes = malloc(input->size)) == NULL) {
		ctl_say(call, "no memory");
		done = false;
	} else if (!(done = read_all(fd, input))) {
		ctl_say(call, "%s: %s", path, strerrordesc_np(errno));
	}
	if (fd != STDIN_FILENO)
		close(fd);
	if (!done) {
		ctl_input_free(input);
		return CTL_FAILED;
	}
	if (input->len > 0 && input->bytes[input->len - 1] == '\n')
		input->len--;
	return CTL_GO_ON;
}

void
ctl_input_free(struct ctl_input *input)
{
	jwt_free_wiped(input->bytes, input->size);
	*input = (struct ctl_input){0};
}

char *
ctl_absolute(const char *path, struct jwt_fault *fault)
{
	char *folder, *absolute;

	/* An empty path stays one, and is refused as such. */
	if (path[0] == '/' || path[0] == '\0')
		return strdup(path);
	if ((folder = getcwd(NULL, 0)) == NULL) {
		if (errno != ENOMEM)
			jwt_fault_set(fault, "the current folder: %s",
			    strerrordesc_np(errno));
		return NULL;
	}
	absolute = jwt_format("%s/%s", folder, path);
	free(folder);
	return absolute;
}

bool
ctl_write(const struct ctl_call *call, const char *bytes, size_t len)
{
	ssize_t n;

	for (; len > 0; bytes += n, len -= (size_t)n) {
		do
			n = write(STDOUT_FILENO, bytes, len);
		while (n == -1 && errno == EINTR);
		if (n <= 0) {
			ctl_say(call, "standard output: %s",
			    strerrordesc_np(errno));
			return false;
		}
	}
	return true;
}
