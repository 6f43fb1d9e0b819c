/*
 * Preloaded in a user world of the tests, where there is no logger: what a
 * module gives to pam_syslog(3), and a service of ours to syslog(3), is
 * appended to the file that $WORLD_LOG names, "<PRIORITY>" first, as the logger
 * of a root world writes it.
 *
 * pam_wrapper could print such lines too, but decides it by the environment
 * at each line, and sshd empties that where keyboard-interactive is done.
 */
#include <security/pam_ext.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static char log_file[512];

__attribute__((constructor)) static void
keep_name(void)
{
	const char *name = getenv("WORLD_LOG");

	if (name != NULL && strlen(name) < sizeof(log_file))
		memcpy(log_file, name, strlen(name) + 1);
}

__attribute__((format(printf, 3, 0))) static void
append(const char *name, int priority, const char *format, va_list args)
{
	char text[8192];
	int fd;

	fd = open(log_file, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd == -1)
		return;
	/* Cut, not refused: what does not fit is the test's to find out. */
	(void)vsnprintf(text, sizeof(text), format, args);
	for (char *end = text; (end = strchr(end, '\n')) != NULL;)
		*end = ' ';
	if (name == NULL)
		dprintf(fd, "<%d>%s\n", LOG_AUTHPRIV | priority, text);
	else
		dprintf(fd, "<%d>%s[%ld]: %s\n", LOG_AUTHPRIV | priority, name,
		    (long)getpid(), text);
	close(fd);
}

void
pam_vsyslog(
    const pam_handle_t *pamh, int priority, const char *format, va_list args)
{
	(void)pamh;
	append(NULL, priority, format, args);
}

void
pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pam_vsyslog(pamh, priority, format, args);
	va_end(args);
}

void
syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(program_invocation_short_name, priority, format, args);
	va_end(args);
}

/* What syslog is in a program that was built with _FORTIFY_SOURCE. */
__attribute__((format(printf, 3, 4))) void
__syslog_chk(int priority, int flag, const char *format, ...);

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	append(program_invocation_short_name, priority, format, args);
	va_end(args);
}
