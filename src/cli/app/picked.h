/*
 * picked.h - what of each task is printed, when somebody has said it: --json=FIELD,...,
 * --print FIELD,... or a template. Then a task is one object or line of that, and nothing
 * else of an event is on stdout.
 *
 * Fields are those of the JSON line, by these names ("id" for short is submit_id), and
 * those of a file: when one of these is asked for, there is a line for each file; of
 * files that are stored only, when "path", "bytes" or "sha256" is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "dreamq/dreamq.h"

struct args;

/* A text, and the field behind it; NULL: none. */
struct picked_part {
	const char *before;
	const char *field;
	bool is_of_file;
};

enum picked_as { PICK_ALL, PICK_JSON, PICK_TEXT };
struct picked {
	enum picked_as as;
	char *words; /* owned: what the parts point into */
	struct picked_part *parts; /* owned */
	size_t n;
	const char **json; /* owned: PICK_JSON, NULL-terminated */
	bool has_files, are_stored;
	char end; /* of a line: '\n' or '\0' */
};

/*
 * Takes it from the options; PICK_ALL: nothing was said. ERR_USAGE names what is unknown,
 * and what there is.
 */
enum err_kind picked_make(
    const struct args *args, struct picked *ret_picked, struct err *err);
/* The same of a template: "{id} {state}\n", with {{, }}, \n, \t, \\. */
enum err_kind picked_template(
    const char *text, char end, struct picked *ret_picked, struct err *err);
void picked_release(struct picked *picked);

/*
 * Adds all lines of a task, each with its end. False: no memory. With `for_terminal`
 * nothing in them can steer one.
 */
bool picked_add(const struct picked *picked, const struct dq_task *task,
    bool for_terminal, struct buf *into);
/* Is there such a field of a task? Returns its full name, or NULL. */
const char *picked_field(const char *name);
