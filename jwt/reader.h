/*
 * Reads a configuration: sections and the settings in them, by tables of what
 * there is.  Every fault is found, with its file and line.
 */
#ifndef JWT_READER_H
#define JWT_READER_H

#include "setting.h"

struct jwt_reader;

/* A kind of section. */
struct jwt_section {
	const char *name; /* the first word of its line */
	const char *of;   /* "an issuer's", for messages */
	const struct jwt_setting *settings;
	size_t count; /* of the settings, 64 at most */
	/*
	 * Begins one: sets `reader->base`, and `reader->faulty` where
	 * somebody wants to know.  JWT_OK; JWT_CONFIG_ERROR, and the fault is
	 * added: its settings are then passed over; JWT_NO_MEMORY.
	 */
	enum jwt_reason (*begin)(
	    struct jwt_reader *reader, const struct jwt_line *line);
};

struct jwt_reader {
	const char *source; /* the file, or what stands for it in messages */
	struct jwt_faults *faults;
	void *config; /* the caller's own */
	const struct jwt_section *sections;
	size_t count;
	const char *known; /* "[issuer LABEL] and ...", for a message */

	/* The open section, from here on all zero at first. */
	const struct jwt_section *section; /* NULL: there is none */
	void *base;                        /* what its settings are set in */
	bool *faulty;                      /* becomes true with a fault */
	uint64_t seen;                     /* settings, by index */
	bool skip;                         /* its own line is faulty */
};

/*
 * Reads a whole file.  JWT_OK, also where lines are faulty, which is what
 * `faults` tells; JWT_CONFIG_ERROR: the file cannot be read, and `faults`
 * says why; JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_reader_file(struct jwt_reader *reader, const char *path);

/* One setting of the open section.  Line 0: it stands in no file. */
enum jwt_reason jwt_reader_set(struct jwt_reader *reader, unsigned int line,
    const char *key, const struct jwt_words *words);

/*
 * NULL when a section can have this label, which is unlike all others, else
 * what is wrong with it.
 */
const char *jwt_label_fault(const char *label);

#endif
