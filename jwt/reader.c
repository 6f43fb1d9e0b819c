#include "reader.h"

#include <string.h>

#include "file.h"

const char *
jwt_label_fault(const char *label)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (label[strspn(label, allowed)] != '\0' || strlen(label) > 64)
		return "a label has letters, digits, '_', '.' and '-', 64 at "
		       "most";
	return NULL;
}

/* What follows a faulty section's line is none of the section before it. */
static void
end_section(struct jwt_reader *reader)
{
	reader->section = NULL;
	reader->base = NULL;
	reader->faulty = NULL;
	reader->seen = 0;
	reader->skip = true;
}

static enum jwt_reason
begin_section(struct jwt_reader *reader, const struct jwt_line *line)
{
	enum jwt_reason result;
	const char *kind;
	size_t i;

	kind = line->words.count > 0 ? line->words.at[0].text : "";
	for (i = 0; i < reader->count; i++) {
		if (strcmp(kind, reader->sections[i].name) != 0)
			continue;
		reader->section = &reader->sections[i];
		result = reader->section->begin(reader, line);
		reader->skip = result != JWT_OK;
		return result;
	}
	return jwt_faults_add(reader->faults, reader->source, line->line,
	    "'%.100s' is no kind of section; there are %s", kind,
	    reader->known);
}

enum jwt_reason
jwt_reader_set(struct jwt_reader *reader, unsigned int line, const char *key,
    const struct jwt_words *words)
{
	const struct jwt_section *section = reader->section;
	const struct jwt_setting *setting;
	struct jwt_fault fault = {""};
	enum jwt_reason result;
	unsigned int index;

	setting =
	    jwt_setting_find(section->settings, section->count, key, &index);
	if (setting == NULL)
		return jwt_faults_add(reader->faults, reader->source, line,
		    "'%.100s' is no key of %s section", key, section->of);
	if ((reader->seen & UINT64_C(1) << index) != 0 && !setting->repeats)
		return jwt_faults_add(reader->faults, reader->source, line,
		    "'%s' stands here a second time", key);
	reader->seen |= UINT64_C(1) << index;
	result = jwt_setting_apply(setting, words, reader->base, &fault);
	if (result == JWT_CONFIG_ERROR)
		return jwt_faults_add(reader->faults, reader->source, line,
		    "%s: %s", key, fault.text);
	return result;
}

static enum jwt_reason
take_line(struct jwt_reader *reader, const struct jwt_line *line)
{
	if (line->section)
		return begin_section(reader, line);
	if (reader->skip)
		return JWT_OK;
	if (reader->section == NULL)
		return jwt_faults_add(reader->faults, reader->source,
		    line->line, "'%.100s' stands before any section",
		    line->key);
	return jwt_reader_set(reader, line->line, line->key, &line->words);
}

static enum jwt_reason
read_lines(struct jwt_reader *reader, struct jwt_slice bytes)
{
	struct jwt_lines lines = {.rest = bytes, .form = JWT_LINES_SETTINGS};
	struct jwt_fault fault = {""};
	struct jwt_line line;
	enum jwt_reason result;

	for (;;) {
		result = jwt_lines_next(&lines, &line, &fault);
		if (result == JWT_OK && line.line == 0)
			return JWT_OK;
		if (line.section)
			end_section(reader);
		if (result == JWT_OK)
			result = take_line(reader, &line);
		else if (result == JWT_CONFIG_ERROR)
			result = jwt_faults_add(reader->faults, reader->source,
			    line.line, "%s", fault.text);
		jwt_line_clear(&line);
		if (result != JWT_OK && result != JWT_CONFIG_ERROR)
			return result;
		if (result != JWT_OK && reader->faulty != NULL)
			*reader->faulty = true;
	}
}

enum jwt_reason
jwt_reader_file(struct jwt_reader *reader, const char *path)
{
	struct jwt_fault fault = {""};
	struct jwt_file file = {0};
	enum jwt_reason result;

	result = jwt_file_read(path, JWT_CONFIG_MAX, &file, &fault);
	if (result == JWT_CONFIG_ERROR)
		return jwt_faults_add(
		    reader->faults, NULL, 0, "%s", fault.text);
	if (result == JWT_OK)
		result = read_lines(
		    reader, (struct jwt_slice){file.bytes, file.len});
	jwt_file_free(&file);
	return result;
}
