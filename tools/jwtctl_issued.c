/*
 * `jwtctl issued`: who got which token, and who did not, from the lines that
 * jwt-issuerd left in the log.
 *
 * Anybody can log a line that says it is jwt-issuerd's.  The journal knows
 * which account a line came from, so of it only root's and the signer's are
 * taken; a file has no such mark, and is believed as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "issuer/policy.h"
#include "tools/jwtctl.h"

#define TAG "jwt-issuerd"
#define LOG_FILE "/var/log/auth.log"
#define FIELDS_MAX 64
#define NAME_MAX_SHOWN 200

/* One `name=value`, both within the line; a quoted value without quotes. */
struct field {
	struct jwt_slice name, value;
};

struct record {
	struct jwt_slice time;
	struct jwt_slice outcome; /* issued, refused, error */
	struct field field[FIELDS_MAX];
	size_t fields;
};

/* What is looked for; each quoted as the log has it, or NULL. */
struct wanted {
	const char *user, *aud, *jti, *reason;
};

/*
 * Reading a line.
 */

/* Cuts the next word off; false: there is none. */
static bool
next_word(struct jwt_slice *rest, struct jwt_slice *word)
{
	size_t skip = 0, len = 0;

	while (skip < rest->len && rest->at[skip] == ' ')
		skip++;
	while (skip + len < rest->len && rest->at[skip + len] != ' ')
		len++;
	*word = (struct jwt_slice){rest->at + skip, len};
	rest->at += skip + len;
	rest->len -= skip + len;
	return len > 0;
}

/*
 * The time, which is one word (2026-11-25T03:20:00+0000) or three (Nov 25
 * 03:20:00), the host, and the tag: nothing that a logged text could move.
 */
static bool
take_head(struct jwt_slice *rest, struct jwt_slice *time)
{
	struct jwt_slice word, last, host;
	int more;

	if (!next_word(rest, time))
		return false;
	more = time->at[0] >= '0' && time->at[0] <= '9' ? 0 : 2;
	for (last = *time; more > 0; more--)
		if (!next_word(rest, &last))
			return false;
	time->len = (size_t)(last.at + last.len - time->at);
	if (!next_word(rest, &host) || !next_word(rest, &word))
		return false;
	if (word.len <= strlen(TAG) || word.at[word.len - 1] != ':' ||
	    memcmp(word.at, TAG, strlen(TAG)) != 0)
		return false;
	return word.at[strlen(TAG)] == '[' || word.len == strlen(TAG) + 1;
}

static bool
take_field(struct jwt_slice *rest, struct field *field)
{
	const char *equals, *end;

	while (rest->len > 0 && rest->at[0] == ' ') {
		rest->at++;
		rest->len--;
	}
	if ((equals = memchr(rest->at, '=', rest->len)) == NULL)
		return false;
	field->name = (struct jwt_slice){rest->at, (size_t)(equals - rest->at)};
	rest->len -= field->name.len + 1;
	rest->at = equals + 1;
	if (rest->len > 0 && rest->at[0] == '"') {
		end = memchr(rest->at + 1, '"', rest->len - 1);
		if (end == NULL)
			return false;
		field->value = (struct jwt_slice){
		    rest->at + 1, (size_t)(end - rest->at) - 1};
		rest->len -= field->value.len + 2;
		rest->at = end + 1;
		return true;
	}
	return next_word(rest, &field->value);
}

static bool
read_record(struct jwt_slice line, struct record *record)
{
	struct jwt_slice rest = line;

	*record = (struct record){0};
	if (!take_head(&rest, &record->time) ||
	    !next_word(&rest, &record->outcome))
		return false;
	while (record->fields < FIELDS_MAX &&
	       take_field(&rest, &record->field[record->fields]))
		record->fields++;
	return record->fields > 0 &&
	       jwt_slice_equal(record->field[0].name, jwt_slice_of("reason"));
}

/* The value of a field; the `n`th of its name; empty: there is none. */
static struct jwt_slice
value_of(const struct record *record, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < record->fields; i++)
		if (jwt_slice_equal(
			record->field[i].name, jwt_slice_of(name)) &&
		    n-- == 0)
			return record->field[i].value;
	return (struct jwt_slice){"", 0};
}

static bool
has(const struct record *record, const char *name, const char *wanted)
{
	struct jwt_slice value;
	size_t n;

	if (wanted == NULL)
		return true;
	for (n = 0; (value = value_of(record, name, n)).len > 0; n++)
		if (jwt_slice_equal(value, jwt_slice_of(wanted)))
			return true;
	return false;
}

/*
 * Showing it.
 */

static void
show(const struct record *record)
{
	struct jwt_slice value;
	size_t n;

	printf("%.*s", (int)record->time.len, record->time.at);
	value = value_of(record, "user", 0);
	if (value.len == 0)
		value = value_of(record, "uid", 0);
	printf("  %.*s ", (int)value.len, value.at);
	for (n = 0; (value = value_of(record, "aud", n)).len > 0; n++)
		printf(" %.*s", (int)value.len, value.at);
	if (jwt_slice_equal(record->outcome, jwt_slice_of("issued"))) {
		value = value_of(record, "lifetime", 0);
		printf("  %.*s", (int)value.len, value.at);
		value = value_of(record, "proof", 0);
		printf("  %.*s", (int)value.len, value.at);
		value = value_of(record, "jti", 0);
		printf("  jti=%.*s\n", (int)value.len, value.at);
		return;
	}
	value = value_of(record, "reason", 0);
	printf("  %.*s: %.*s", (int)record->outcome.len, record->outcome.at,
	    (int)value.len, value.at);
	value = value_of(record, "why", 0);
	printf("%s%.*s\n", value.len > 0 ? ": " : "", (int)value.len, value.at);
}

static bool
put(struct json_object *object, struct jwt_slice name, struct jwt_slice value)
{
	struct json_object *string, *array = NULL;
	char key[NAME_MAX_SHOWN];

	snprintf(key, sizeof(key), "%.*s", (int)name.len, name.at);
	string = json_object_new_string_len(value.at, (int)value.len);
	if (string == NULL)
		return false;
	if (strcmp(key, "aud") != 0 && strcmp(key, "claim") != 0)
		return json_object_object_add(object, key, string) == 0;
	/* There may be several. */
	if (!json_object_object_get_ex(object, key, &array)) {
		array = json_object_new_array();
		if (array == NULL ||
		    json_object_object_add(object, key, array) != 0)
			return false;
	}
	return json_object_array_add(array, string) == 0;
}

static bool
show_json(const struct record *record)
{
	struct json_object *object = json_object_new_object();
	bool made;
	size_t i;

	made = object != NULL &&
	       put(object, jwt_slice_of("time"), record->time) &&
	       put(object, jwt_slice_of("outcome"), record->outcome);
	for (i = 0; made && i < record->fields; i++)
		made =
		    put(object, record->field[i].name, record->field[i].value);
	if (made)
		puts(json_object_to_json_string_ext(object,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return made;
}

static int
search(FILE *in, const struct wanted *wanted, bool json)
{
	struct record record;
	int result = CTL_NO;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, in)) != -1) {
		if (len > 0 && line[len - 1] == '\n')
			len--;
		if (!read_record(
			(struct jwt_slice){line, (size_t)len}, &record) ||
		    !has(&record, "user", wanted->user) ||
		    !has(&record, "aud", wanted->aud) ||
		    !has(&record, "jti", wanted->jti) ||
		    !has(&record, "reason", wanted->reason))
			continue;
		result = CTL_YES;
		if (!json) {
			show(&record);
		} else if (!show_json(&record)) {
			ctl_say(&ctl_issued, "no memory");
			result = CTL_FAILED;
			break;
		}
	}
	free(line);
	return result;
}

/*
 * Where the lines are.
 */

/* Root's lines and those of the account that signs. */
static FILE *
open_journal(const char *account, const char *since, pid_t *pid)
{
	const struct passwd *entry = getpwnam(account);
	char signer[32], from[128];
	int ends[2];

	snprintf(signer, sizeof(signer), "_UID=%u",
	    entry != NULL ? (unsigned int)entry->pw_uid : 0);
	snprintf(from, sizeof(from), "--since=%s", since != NULL ? since : "");
	if (pipe2(ends, O_CLOEXEC) == -1)
		return NULL;
	if ((*pid = fork()) == 0) {
		if (dup2(ends[1], STDOUT_FILENO) != -1)
			execlp("journalctl", "journalctl", "-q", "--no-pager",
			    "-o", "short-iso", "-t", TAG, "_UID=0", signer,
			    since != NULL ? from : NULL, NULL);
		_exit(127);
	}
	close(ends[1]);
	if (*pid != -1)
		return fdopen(ends[0], "r");
	close(ends[0]);
	return NULL;
}

static int
search_journal(const char *account, const char *since,
    const struct wanted *wanted, bool json)
{
	int result, status = 0;
	pid_t pid = -1;
	FILE *in;

	if ((in = open_journal(account, since, &pid)) == NULL) {
		ctl_say(&ctl_issued, "%s", strerrordesc_np(errno));
		return CTL_FAILED;
	}
	result = search(in, wanted, json);
	fclose(in);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return CTL_GO_ON;
	return result;
}

static int
search_file(const char *path, const struct wanted *wanted, bool json)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	int result;

	if (in == NULL) {
		ctl_say(&ctl_issued, "%s: %s", path, strerrordesc_np(errno));
		return CTL_FAILED;
	}
	result = search(in, wanted, json);
	if (!standard)
		fclose(in);
	return result;
}

/* As the log would have it, in memory of its own; false: there is none. */
static bool
quote(const char **text, char **quoted)
{
	if (*text == NULL)
		return true;
	*quoted = jwt_quoted(jwt_slice_of(*text), NAME_MAX_SHOWN);
	if (*quoted == NULL)
		return false;
	(*quoted)[strlen(*quoted) - 1] = '\0';
	*text = *quoted + 1;
	return true;
}

static int
search_all(const char *path, const char *account, const char *since,
    const struct wanted *wanted, bool json)
{
	int result;

	if (path != NULL)
		return search_file(path, wanted, json);
	result = search_journal(account, since, wanted, json);
	/* No journal here: what syslog writes on Debian. */
	return result != CTL_GO_ON ? result
	                           : search_file(LOG_FILE, wanted, json);
}

static int
run(int argc, char **argv)
{
	const char *since = NULL, *json = NULL, *account = "jwt-issuer";
	const char *given = NULL, *path = NULL;
	char *user = NULL, *aud = NULL;
	struct wanted wanted = {0};
	const struct ctl_option options[] = {{"user", false, &wanted.user},
	    {"audience", false, &wanted.aud}, {"jti", false, &wanted.jti},
	    {"reason", false, &wanted.reason}, {"since", false, &since},
	    {"account", false, &given}, {"json", true, &json}};
	int result;

	result = ctl_options(&ctl_issued, argc, argv, options, 7, &path);
	if (result != CTL_GO_ON)
		return result;
	if (path != NULL && (since != NULL || given != NULL))
		return ctl_usage_error(&ctl_issued,
		    "--since and --account are of the journal, not of a file");
	if (quote(&wanted.user, &user) && quote(&wanted.aud, &aud)) {
		result = search_all(path, given != NULL ? given : account,
		    since, &wanted, json != NULL);
	} else {
		ctl_say(&ctl_issued, "no memory");
		result = CTL_FAILED;
	}
	free(user);
	free(aud);
	return result;
}

const struct ctl_call ctl_issued = {
    "issued",
    "who got which token",
    "usage: jwtctl issued [OPTION]... [FILE]\n"
    "\n"
    "Searches what jwt-issuerd logged: the journal, or where there is none\n" LOG_FILE
    ", or FILE (- is standard input), which anybody who may log\n"
    "can have written to.\n"
    "\n"
    "  --user NAME      of this account\n"
    "  --audience NAME  for this audience\n"
    "  --jti ID         the token of this id\n"
    "  --reason WORD    issued, or why not: audience_not_allowed ...\n"
    "  --since TIME     as journalctl takes it\n"
    "  --account NAME   the account that signs; jwt-issuer unless given\n"
    "  --json           an object for each, all values strings as logged\n",
    run,
};
