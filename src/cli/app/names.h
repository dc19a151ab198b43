/*
 * names.h - names of files that come in: as arguments, "-" and --input; one a line, "#"
 * comments, or a JSON array of texts. Each counts once.
 */
#pragma once

#include <stddef.h>

#include "cli/app/app.h"

struct file_names {
	char **all; /* malloc'ed, and each of them */
	size_t n, room;
	unsigned bad; /* said already, and DQ_USAGE at the end */
};

/* app->dq is open. What can't be a name is said with its place, and the rest go on.
 * Returns 0, or the exit status to leave with; *ret_names is released either way. */
int names_read(struct app *app, struct file_names *ret_names);
void names_release(struct file_names *names); /* for _cleanup_ */
