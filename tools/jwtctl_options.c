#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/jwtctl.h"

#define FIRST 256 /* above every short option */

static void say(const struct ctl_call *call, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
say(const struct ctl_call *call, const char *format, va_list ap)
{
	fprintf(stderr, "jwtctl%s%s: ", call != NULL ? " " : "",
	    call != NULL ? call->name : "");
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

void
ctl_say(const struct ctl_call *call, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(call, format, ap);
	va_end(ap);
}

int
ctl_usage_error(const struct ctl_call *call, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(call, format, ap);
	va_end(ap);
	fprintf(stderr, "Try `jwtctl%s%s --help`.\n", call != NULL ? " " : "",
	    call != NULL ? call->name : "");
	return CTL_FAILED;
}

bool
ctl_looks_like_token(const char *argument)
{
	return strncmp(argument, "ey", 2) == 0 && strchr(argument, '.') != NULL;
}

int
ctl_check_plain(
    const struct ctl_call *call, const char *option, const char *text)
{
	char *json = jwt_json_quote(jwt_slice_of(text));
	enum jwt_reason reason = JWT_NO_MEMORY;
	size_t i;

	if (json != NULL)
		reason = jwt_json_validate(jwt_slice_of(json), NULL);
	free(json);
	for (i = 0; text[i] != '\0'; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			reason = JWT_MALFORMED;
	if (i == 0 || reason == JWT_MALFORMED)
		return ctl_usage_error(call,
		    "%s: wanted UTF-8 without control characters, not empty",
		    option);
	if (reason == JWT_OK)
		return CTL_GO_ON;
	ctl_say(call, "no memory");
	return CTL_FAILED;
}

/*
 * getopt_long takes the beginning of a name for the whole, so that a script's
 * `--key` would change its meaning with the next option that begins so.
 */
static bool
is_whole(const struct option *option, char **argv)
{
	const char *at = argv[optind - 1];

	if (optarg == at)
		at = argv[optind - 2];
	at += strspn(at, "-");
	return jwt_slice_equal((struct jwt_slice){at, strcspn(at, "=")},
	    jwt_slice_of(option->name));
}

/* What getopt_long did not take; `at` is the argument it stands in. */
static int
refuse(const struct ctl_call *call, int answer, const char *at,
    const struct ctl_option *options)
{
	char quoted[64], letter[3] = {'-', (char)optopt, '\0'};

	if (optopt >= FIRST)
		return ctl_usage_error(call,
		    answer == ':' ? "--%s needs a value"
				  : "--%s takes no value",
		    options[optopt - FIRST].name);
	/* Without what stands behind `=`, which may be a secret. */
	jwt_quote(quoted, sizeof(quoted),
	    optopt != 0 ? jwt_slice_of(letter)
			: (struct jwt_slice){at, strcspn(at, "=")});
	return ctl_usage_error(call, "there is no option %s", quoted);
}

int
ctl_options(const struct ctl_call *call, int argc, char **argv,
    const struct ctl_option *options, size_t count, const char **operand)
{
	struct option longs[CTL_OPTIONS_MAX + 2] = {0};
	const struct ctl_option *option;
	int c, index;
	size_t i;

	for (i = 0; i < count; i++)
		longs[i] = (struct option){options[i].name,
		    options[i].is_flag ? no_argument : required_argument, NULL,
		    FIRST + (int)i};
	longs[count] = (struct option){"help", no_argument, NULL, 'h'};
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longs, &index)) != -1) {
		if (c < FIRST && c != 'h')
			return refuse(call, c, argv[optind - 1], options);
		if (!is_whole(&longs[index], argv)) {
			return ctl_usage_error(call,
			    "an option's name is given whole, as --%s",
			    longs[index].name);
		}
		if (c == 'h') {
			fputs(call->usage, stdout);
			return CTL_YES;
		}
		option = &options[c - FIRST];
		if (*option->value != NULL)
			return ctl_usage_error(
			    call, "--%s is there twice", option->name);
		*option->value = option->is_flag ? "" : optarg;
	}
	if (operand != NULL && optind < argc)
		*operand = argv[optind++];
	if (optind < argc)
		return ctl_usage_error(
		    call, operand != NULL ? "it takes one argument, not several"
					  : "it takes options alone");
	return CTL_GO_ON;
}
