/*
 * preview.h - files as pictures on the terminal: side by side as many as fit, each with
 * its name below. What can't be shown is named, and the rest goes on.
 */
#pragma once

#include "cli/app/app.h"

struct preview;

/* All is borrowed. */
struct preview_file {
	const char *path, *label;
	const char *sha256; /* of the stored file, NULL unknown */
	int64_t bytes; /* that it had then; -1 unknown */
};

/* How large a picture is, in characters; 0: as many as fit. */
struct preview_size {
	unsigned columns, rows;
};

/*
 * Make ready to show, as --graphics, --size and --color have it; `usual` is for where
 * --size is not given. Without a terminal one of the first two has to ask for it. Returns
 * 0, or the exit status to leave with; what is wrong was said.
 */
int preview_open(
    struct app *app, struct preview_size usual, struct preview **ret_preview);
/* The same, small, where --preview is given and what is printed is for people; else
 * *ret_preview stays. */
int preview_open_if_wanted(struct app *app, struct preview **ret_preview);
void preview_close(struct preview *preview); /* NULL is fine */

/* Shows them all. Returns 0, or the exit status that comes of it; it was said. */
int preview_show(struct preview *preview, const struct preview_file *files, size_t n);
/* Show a file as it arrives; what can't be shown is told, and is no failure. NULL is
 * fine. */
void preview_show_stored(struct preview *preview, const struct dq_asset *asset);
