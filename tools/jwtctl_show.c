#include "tools/jwtctl_show.h"

#include <stdlib.h>
#include <string.h>

#define INDENT "     "

static void
add_mark(struct ctl_text *text, bool passed)
{
	ctl_text_paint(text, passed ? CTL_GREEN : CTL_RED);
	ctl_text_add(text, "%s", passed ? "ok" : "FAIL");
	ctl_text_plain(text);
	/* Outside the colours, which would count as width. */
	ctl_text_add(text, "%s ", passed ? "  " : "");
}

static void
add_seen(struct ctl_text *text, const char *seen)
{
	ctl_text_add(text, "seen ");
	ctl_text_quoted(text, jwt_slice_of(seen));
}

static void
add_check(struct ctl_text *text, const struct jwt_check *check)
{
	/* Where nothing was seen, the words say what is, not what should be. */
	bool both = check->expected != NULL && check->seen != NULL;

	add_mark(text, check->passed);
	if (check->said == NULL && check->expected == NULL &&
	    check->seen == NULL) {
		ctl_text_add(text, "%s\n", check->name);
		return;
	}
	ctl_text_add(text, "%-13s ", check->name);
	if (check->said != NULL) {
		ctl_text_own(text, check->said);
	} else {
		ctl_text_add(text, "%s", both ? "expected " : "");
		if (check->expected != NULL)
			ctl_text_own(text, check->expected);
		ctl_text_add(text, "%s", both ? ", " : "");
		if (check->seen != NULL)
			add_seen(text, check->seen);
	}
	ctl_text_add(text, "\n");
}

static void
add_note(struct ctl_text *text, const struct jwt_check *check)
{
	if (check->note == NULL)
		return;
	ctl_text_add(text, INDENT);
	ctl_text_paint(text, CTL_YELLOW);
	ctl_text_add(text, "%-13s ", "note");
	ctl_text_own(text, check->note);
	if (check->noted != NULL) {
		ctl_text_add(text, ": ");
		ctl_text_quoted(text, jwt_slice_of(check->noted));
	}
	ctl_text_plain(text);
	ctl_text_add(text, "\n");
}

/* A grant, and of one that does not hold the first condition that failed. */
static void
add_grant(
    struct ctl_text *text, const char *path, const struct jwt_tried *tried)
{
	ctl_text_add(text, INDENT);
	add_mark(text, tried->passed);
	ctl_text_own(text, path);
	ctl_text_add(text, ":%u  ", tried->line);
	ctl_text_own(text, tried->conditions);
	if (!tried->passed && strcmp(tried->conditions, tried->unmet) != 0) {
		ctl_text_add(text, "; not met: ");
		ctl_text_own(text, tried->unmet);
	}
	if (!tried->passed) {
		ctl_text_add(text, ", ");
		add_seen(text, tried->seen);
	}
	ctl_text_add(text, "\n");
}

static void
add_map(struct ctl_text *text, const struct jwt_map_trial *map)
{
	size_t i;

	if (map->path == NULL)
		return;
	for (i = 0; i < map->count; i++)
		add_grant(text, map->path, &map->tried[i]);
	if (map->more > 0)
		ctl_text_add(text, INDENT "and %zu more\n", map->more);
	ctl_text_add(text, INDENT "%zu %s to other accounts\n", map->others,
	    map->others == 1 ? "grant" : "grants");
}

static void
add_lines(struct ctl_text *text, const struct jwt_verdict *verdict,
    const struct jwt_faults *faults)
{
	const struct jwt_reason_row *reason = jwt_reason_row(verdict->reason);
	struct jwt_check fault = {.name = "configuration"};
	size_t i;

	for (i = 0; i < faults->count; i++) {
		fault.expected = faults->at[i].text;
		add_check(text, &fault);
	}
	for (i = 0; faults->count == 0 && i < verdict->checks; i++) {
		add_check(text, &verdict->check[i]);
		add_note(text, &verdict->check[i]);
		if (strcmp(verdict->check[i].name, "user") == 0)
			add_map(text, &verdict->map);
	}
	ctl_text_add(text, "%s\n", reason->text);
	ctl_text_paint(text, CTL_BOLD);
	ctl_text_add(text, "%s%s",
	    reason->kind == JWT_KIND_ACCEPTED ? "" : "refused: ", reason->name);
	ctl_text_plain(text);
	ctl_text_add(text, "\n");
}

bool
ctl_show(const struct ctl_explained *explained, bool as_json)
{
	struct ctl_text text = {.colour = !as_json && ctl_wants_colour()};

	if (as_json) {
		ctl_show_json(&text, explained->verdict, explained->faults);
	} else {
		ctl_show_parts(&text, explained);
		add_lines(&text, explained->verdict, explained->faults);
	}
	return ctl_text_write(&text);
}
