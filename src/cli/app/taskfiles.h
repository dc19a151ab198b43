/*
 * taskfiles.h - files to look at: those that a verb's arguments name, or the stored ones
 * of tasks, as they are told.
 */
#pragma once

#include "cli/app/app.h"
#include "cli/app/indexes.h"
#include "cli/app/preview.h"

/* Each owns what its preview_file borrows; `task` has the rest, for captions. */
struct taskfile {
	struct preview_file file;
	char *path, *sha256, *label;
	char *id, *prompt, *model; /* NULL unknown, or of no task */
	int64_t created_unix_ms; /* 0 unknown */
};

struct taskfiles {
	struct taskfile *all;
	size_t n, room;
	bool has_no_memory;
	struct indexes only; /* these of each task; none: every one */
};

/* Add the stored files of a task; returns how many. */
size_t taskfiles_add(struct taskfiles *files, const struct dq_task *task);
/* Adds a file that is of no task. */
void taskfiles_add_path(struct taskfiles *files, const char *path);
void taskfiles_release(struct taskfiles *files);

/*
 * Take what the arguments mean: ids (also their beginnings), and where `takes_paths` the
 * names of files. Makes app->dq. What is wrong with one is said, and is *ret_status; the
 * others are there. Returns 0, or the exit status to leave with.
 */
int taskfiles_take(
    struct app *app, bool takes_paths, struct taskfiles *files, int *ret_status);
