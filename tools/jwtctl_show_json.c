/*
 * A verdict as one JSON object.  By hand, for json-c may leave out a piece of
 * its text when memory runs out and report nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/jwtctl_show.h"

/* Adds what was made as a JSON string, without `cut` bytes at both ends. */
static void
add_made(struct ctl_text *text, struct ctl_text *made, size_t cut)
{
	text->failed = text->failed || made->failed || made->at == NULL;
	if (!text->failed)
		ctl_text_json(text,
		    (struct jwt_slice){made->at + cut, made->len - 2 * cut});
	free(made->at);
}

static void
add_own(struct ctl_text *text, const char *name, const char *words)
{
	struct ctl_text made = {0};

	ctl_text_add(text, ",\"%s\":", name);
	if (words == NULL) {
		ctl_text_add(text, "null");
		return;
	}
	ctl_text_add(&made, "%s", "");
	ctl_text_own(&made, words);
	add_made(text, &made, 0);
}

static void
add_foreign(struct ctl_text *text, const char *name, const char *foreign)
{
	struct ctl_text made = {0};

	ctl_text_add(text, ",\"%s\":", name);
	if (foreign == NULL) {
		ctl_text_add(text, "null");
		return;
	}
	ctl_text_quoted(&made, jwt_slice_of(foreign));
	add_made(text, &made, 1);
}

static void
add_note(struct ctl_text *text, const struct jwt_check *check)
{
	struct ctl_text made = {0};

	if (check->note == NULL || check->noted == NULL) {
		add_own(text, "note", check->note);
		return;
	}
	ctl_text_add(text, ",\"note\":");
	ctl_text_own(&made, check->note);
	ctl_text_add(&made, ": ");
	ctl_text_quoted(&made, jwt_slice_of(check->noted));
	add_made(text, &made, 0);
}

static void
add_map(struct ctl_text *text, const struct jwt_map_trial *map)
{
	const struct jwt_tried *tried;
	size_t i;

	if (map->path == NULL)
		return;
	add_own(text, "map", map->path);
	ctl_text_add(text, ",\"tried\":[");
	for (i = 0; i < map->count; i++) {
		tried = &map->tried[i];
		ctl_text_add(text, "%s{\"line\":%u,\"ok\":%s", i > 0 ? "," : "",
		    tried->line, tried->passed ? "true" : "false");
		add_own(text, "conditions", tried->conditions);
		add_own(text, "condition", tried->unmet);
		add_foreign(text, "seen", tried->seen);
		ctl_text_add(text, "}");
	}
	ctl_text_add(
	    text, "],\"more\":%zu,\"others\":%zu", map->more, map->others);
}

static void
add_check(struct ctl_text *text, const struct jwt_check *check,
    const struct jwt_map_trial *map)
{
	ctl_text_add(text, "{\"name\":\"%s\",\"ok\":%s", check->name,
	    check->passed ? "true" : "false");
	add_own(text, "expected", check->expected);
	add_foreign(text, "seen", check->seen);
	add_note(text, check);
	if (map != NULL && strcmp(check->name, "user") == 0)
		add_map(text, map);
	ctl_text_add(text, "}");
}

void
ctl_show_json(struct ctl_text *text, const struct jwt_verdict *verdict,
    const struct jwt_faults *faults)
{
	static const char *const verdicts[] = {"accepted", "refused", "error"};
	const struct jwt_reason_row *reason = jwt_reason_row(verdict->reason);
	struct jwt_check fault = {.name = "configuration"};
	size_t i;

	ctl_text_add(text, "{\"verdict\":\"%s\",\"reason\":\"%s\",\"checks\":[",
	    verdicts[reason->exit], reason->name);
	for (i = 0; i < faults->count; i++) {
		ctl_text_add(text, "%s", i > 0 ? "," : "");
		fault.expected = faults->at[i].text;
		add_check(text, &fault, NULL);
	}
	for (i = 0; faults->count == 0 && i < verdict->checks; i++) {
		ctl_text_add(text, "%s", i > 0 ? "," : "");
		add_check(text, &verdict->check[i], &verdict->map);
	}
	ctl_text_add(text, "]}\n");
}
