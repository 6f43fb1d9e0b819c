/*
 * Running $JWT_COMMAND.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

/* A command that logs in on its way would come back to us. */
static const char *const not_passed_on[] = {"SSH_ASKPASS", "SUDO_ASKPASS",
    "SSH_ASKPASS_REQUIRE", "SSH_ASKPASS_PROMPT", "JWT_COMMAND"};

static bool
is_passed_on(const char *entry)
{
	size_t i, len;

	for (i = 0; i < sizeof(not_passed_on) / sizeof(not_passed_on[0]); i++) {
		len = strlen(not_passed_on[i]);
		if (strncmp(entry, not_passed_on[i], len) == 0 &&
		    entry[len] == '=')
			return false;
	}
	return true;
}

/* The array is the caller's to free, what it points to is not. */
static char **
make_environment(void)
{
	size_t count = 0, i;
	char **copy;

	while (environ != NULL && environ[count] != NULL)
		count++;
	if ((copy = malloc((count + 1) * sizeof(*copy))) == NULL)
		return NULL;
	for (i = 0, count = 0; environ != NULL && environ[i] != NULL; i++)
		if (is_passed_on(environ[i]))
			copy[count++] = environ[i];
	copy[count] = NULL;
	return copy;
}

/*
 * Standard input is the terminal, where there is one: jwt-issue asks for a
 * password only where its standard input is one.
 */
static int
open_input(void)
{
	int fd;

	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fd;
}

/* 0 or an errno; `output` is standard output for the command. */
static int
start(char **words, char **environment, int input, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int error;

	if ((error = posix_spawn_file_actions_init(&actions)) != 0)
		return error;
	if ((error = posix_spawnattr_init(&attributes)) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return error;
	}
	/* What we ignore, and what an exec would leave so. */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &set);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(
		    &actions, output, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawnp(
		    pid, words[0], &actions, &attributes, words, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Whether it ended well. */
static bool
await(pid_t pid, struct jwt_fault *fault)
{
	pid_t ended;
	int status;

	do
		ended = waitpid(pid, &status, 0);
	while (ended == -1 && errno == EINTR);
	if (ended == -1)
		jwt_fault_set(
		    fault, "$JWT_COMMAND: %s", strerrordesc_np(errno));
	else if (WIFSIGNALED(status))
		jwt_fault_set(fault, "$JWT_COMMAND was ended by signal %d",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		jwt_fault_set(fault, "$JWT_COMMAND failed with status %d",
		    WEXITSTATUS(status));
	else
		return true;
	return false;
}

static bool
run(char **words, char **environment, struct askpass_token *token,
    struct jwt_fault *fault)
{
	int ends[2], input, error;
	char quoted[128];
	bool read_whole;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1) {
		jwt_fault_set(fault, "a pipe: %s", strerrordesc_np(errno));
		return false;
	}
	error = (input = open_input()) == -1 ? errno : 0;
	if (error == 0)
		error = start(words, environment, input, ends[1], &pid);
	close(ends[1]);
	if (input != -1)
		close(input);
	if (error != 0) {
		close(ends[0]);
		/* What a shell would take for a variable may be a secret. */
		words[0][strcspn(words[0], "=")] = '\0';
		askpass_quote(quoted, sizeof(quoted), words[0]);
		jwt_fault_set(fault, "$JWT_COMMAND: %s: %s", quoted,
		    strerrordesc_np(error));
		return false;
	}
	read_whole =
	    askpass_file_read(ends[0], ASKPASS_TOKEN_MAX, token, fault);
	close(ends[0]);
	if (read_whole)
		return await(pid, fault);
	/* It has said too much, and need not end because it is told to. */
	kill(pid, SIGTERM);
	return false;
}

bool
askpass_command_run(const char *command, const char *host,
    struct askpass_token *token, struct jwt_fault *fault)
{
	char **words, **environment;
	bool done = false;

	if (!askpass_words_split(command, host, &words, fault))
		return false;
	if ((environment = make_environment()) != NULL)
		done = run(words, environment, token, fault);
	else
		jwt_fault_set(fault, "no memory");
	free(environment);
	free(words);
	return done;
}
