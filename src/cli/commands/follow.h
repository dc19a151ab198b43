/*
 * follow.h - what people and programs see while wait, get and run work.
 *
 *			stdout				stderr
 *	wait		a row per ended task		progress
 *	get, run	the path of each file, when	progress, a summary
 *			its task had its last word
 *	sync		the same; --dry-run: a row	the same
 *			per new task
 *	rescue		as get				as get
 *	watch		as get				as get, without summary
 *	--json		every event			warnings, errors
 *
 * Progress is a few redrawn lines on a terminal, else a plain line for each
 * change of a state and each stored file.
 */
#pragma once

#include <stddef.h>

#include "cli/app/app.h"

/* Both return the exit status, with everything said. app_open() is theirs. */
int follow_wait(struct app *app, const char *const *ids, size_t n);
/* app->dq may be open already (run). */
int follow_get(struct app *app, const char *const *ids, size_t n);

/* Follows everything unfinished, until a signal or --until-idle ends it. */
int follow_watch(struct app *app);

/* Brings home all that the account has. */
int follow_sync(struct app *app);

/* Brings home files by their names. */
int follow_rescue(struct app *app);

/* The option's milliseconds as dreamq.h counts them: 0 is for ever, not "one poll". */
struct dq_wait follow_wait_options(const struct app *app);
