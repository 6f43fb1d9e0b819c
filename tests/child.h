/*
 * A process of its own for a part of a test.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/wait.h>

#include <stdio.h>
#include <unistd.h>

/*
 * Runs in a process of its own, for what changes the whole process.  There a
 * check that fails goes on to the next test, but not beyond this program.
 */
static void
in_a_child(void (*work)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#endif
