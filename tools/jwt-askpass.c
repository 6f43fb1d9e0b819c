/*
 * jwt-askpass: what it was called for, and the order of the steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/jwt-askpass.h"

static const char usage[] =
    "usage: SSH_ASKPASS=jwt-askpass SSH_ASKPASS_REQUIRE=force ssh HOST\n"
    "       SUDO_ASKPASS=jwt-askpass sudo -A COMMAND\n"
    "       jwt-askpass --pieces FILE [-n SIZE]\n"
    "       jwt-askpass --help | --version\n";

static const char help[] =
    "Gives a token to ssh and sudo where pam_jwt asks for one, in the pieces\n"
    "that it asks for.\n"
    "\n"
    "  JWT_FILE=FILE       the token\n"
    "  JWT_COMMAND=CMD     prints the token; %h is the host that asks\n"
    "                      (without both: $BEARER_TOKEN, $BEARER_TOKEN_FILE,\n"
    "                      $XDG_RUNTIME_DIR/bt_u<uid>, /tmp/bt_u<uid>)\n"
    "  JWT_DOMAINS=LIST    hosts of these domains are also named by their\n"
    "                      first label\n"
    "  JWT_NEXT_ASKPASS=PROGRAM\n"
    "                      answers all other prompts, instead of you on the\n"
    "                      terminal\n"
    "\n"
    "  --pieces FILE       print the token of FILE, or - for standard input,\n"
    "                      as lines for sudo -S\n"
    "  -n SIZE             of at most that many characters (511)\n";

/*
 * The steps.
 */

/* Where the prompt comes from sudo, the host is this one. */
static void
take_own_name(struct utsname *name, struct askpass_prompt *prompt)
{
	struct jwt_slice first;

	if (uname(name) == -1)
		name->nodename[0] = '\0';
	first =
	    (struct jwt_slice){name->nodename, strcspn(name->nodename, ".")};
	if (!askpass_is_host(first))
		return;
	memcpy(prompt->host, first.at, first.len);
	prompt->host[first.len] = '\0';
}

/* A new token for a login that begins, if this host may have it. */
static bool
fetch(const struct askpass_host *host, struct askpass_token *token,
    struct jwt_fault *fault)
{
	return askpass_token_find(host->name, token, fault) &&
	       askpass_audience_allows(token, host, fault);
}

/*
 * The token that this prompt means: that of the login which has begun, or,
 * where one begins, a new one.
 */
static bool
get_token(const struct askpass_parent *parent,
    const struct askpass_prompt *prompt, const struct askpass_host *host,
    struct askpass_token *token, bool *is_new, struct jwt_fault *fault)
{
	enum private_found found = PRIVATE_ABSENT;

	*is_new = false;
	if (prompt->asked.from > 0 || prompt->asked.at_most > 0)
		found = askpass_kept_find(parent, host->name, token, fault);
	if (found == PRIVATE_FOUND)
		return true;
	if (found == PRIVATE_FAULT)
		return false;
	if (prompt->asked.from > 0) {
		jwt_fault_set(fault,
		    "the rest of a token is asked for that was not begun here: "
		    "log in again (a script around jwt-askpass calls it by "
		    "exec)");
		return false;
	}
	askpass_kept_drop(parent, host->name);
	*is_new = true;
	return fetch(host, token, fault);
}

static bool
give(const struct askpass_parent *parent, const struct askpass_prompt *prompt,
    const struct askpass_host *host, struct jwt_fault *fault)
{
	struct askpass_token token = {0};
	struct askpass_piece piece = {0};
	bool is_new, given;
	size_t room;

	room = prompt->of_ssh ? ASKPASS_PIECE_SSH : ASKPASS_PIECE_SUDO;
	given =
	    get_token(parent, prompt, host, &token, &is_new, fault) &&
	    askpass_piece_take(token.text, &prompt->asked, room, &piece, fault);
	if (given && is_new && !piece.last)
		given = askpass_kept_store(parent, host->name, &token, fault);
	if (given)
		given = askpass_write(piece.text, fault);
	if (!given || piece.last)
		askpass_kept_drop(parent, host->name);
	askpass_token_free(&token);
	return given;
}

static bool
answer(const char *argument, struct jwt_fault *fault)
{
	const char *kind = getenv("SSH_ASKPASS_PROMPT");
	struct askpass_parent parent;
	struct askpass_prompt prompt;
	struct askpass_host host = {0};
	struct utsname name;

	askpass_parent_look(&parent);
	askpass_prompt_read(jwt_slice_of(argument), parent.is_sudo, &prompt);
	/* ssh wants a yes, or nothing at all: never a token, whatever the
	 * words are. */
	if (!prompt.is_jwt || (kind != NULL && kind[0] != '\0'))
		return askpass_next(argument, fault);
	if (parent.is_sudo) {
		take_own_name(&name, &prompt);
		host.other = name.nodename;
	}
	host.name = prompt.host;
	host.domains = getenv("JWT_DOMAINS");
	return give(&parent, &prompt, &host, fault);
}

/*
 * Being called by a person.
 */

static bool
wrong_usage(const char *what, struct jwt_fault *fault)
{
	jwt_fault_set(
	    fault, "%s; `jwt-askpass --help` shows how it is called", what);
	return false;
}

static bool
pieces(const char *path, const char *size, struct jwt_fault *fault)
{
	struct askpass_token token;
	size_t room = ASKPASS_PIECE_SUDO;
	bool written;

	if (size != NULL) {
		if (size[0] == '\0' || strlen(size) > 6 ||
		    strspn(size, "0123456789") != strlen(size))
			return wrong_usage(
			    "-n wants a number of characters", fault);
		room = (size_t)strtoul(size, NULL, 10);
	}
	written = askpass_token_read(path, &token, fault) &&
	          askpass_piece_write_all(token.text, room, fault);
	askpass_token_free(&token);
	return written;
}

static bool
show(const char *text, const char *more, struct jwt_fault *fault)
{
	if (printf("%s%s", text, more) >= 0 && fflush(stdout) == 0)
		return true;
	jwt_fault_set(fault, "standard output: %s", strerrordesc_np(errno));
	return false;
}

/*
 * One argument is a prompt, and a server of an old ssh's has chosen it: it
 * must not be able to name a file.  So FILE and SIZE are arguments by
 * themselves, never behind `=`.
 */
static bool
run(int argc, char **argv, struct jwt_fault *fault)
{
	bool is_pieces = argc > 1 && strcmp(argv[1], "--pieces") == 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return show(usage, help, fault);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return show("jwt-askpass " ASKPASS_VERSION, "\n", fault);
	if (argc == 2 && !is_pieces)
		return answer(argv[1], fault);
	if (argc == 3 && is_pieces)
		return pieces(argv[2], NULL, fault);
	if (argc == 5 && is_pieces && strcmp(argv[3], "-n") == 0)
		return pieces(argv[2], argv[4], fault);
	return wrong_usage(argc < 2 ? "the prompt is missing"
			   : is_pieces
			       ? "--pieces is followed by FILE and -n SIZE"
			       : "it takes one argument, the prompt",
	    fault);
}

/*
 * Begun with a descriptor closed, the next file to be opened would be taken
 * for standard output.  Read-only, so that a token cannot vanish in there.
 */
static bool
open_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

int
main(int argc, char **argv)
{
	struct jwt_fault fault = {{0}};
	bool done = false;

	if (!open_standard_descriptors() || prctl(PR_SET_DUMPABLE, 0) == -1) {
		jwt_fault_set(&fault, "%s", strerrordesc_np(errno));
	} else {
		/* Who asked may be gone: an error, not an end without cleaning
		 * up.  And a command's end must stay to be asked for. */
		signal(SIGPIPE, SIG_IGN);
		signal(SIGCHLD, SIG_DFL);
		done = run(argc, argv, &fault);
	}
	if (!done)
		fprintf(stderr, "jwt-askpass: %s\n", fault.text);
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
