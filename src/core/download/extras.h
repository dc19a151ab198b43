/*
 * extras.h - what a user may want of a stored file: a sidecar beside it (sidecar.h),
 * which comes before the ledger calls it stored, and then a command of his own (hook.h).
 */
#pragma once

#include "model/task.h"

struct downloads;

/*
 * Posts the command for a file that is stored now. Trouble is told as a note; the file is
 * stored, but the run ends with it. The copies it needs are its own.
 */
void extras_post(
    struct downloads *downloads, const struct task *task, const struct asset *asset);
/* Begin and end commands, begin sidecars. */
void extras_step(struct downloads *downloads);
/* A note about commands that were never begun, if there are any: the run is over. */
void extras_tell_dropped(const struct downloads *downloads);
/* Is something of both under way, or waiting? */
bool extras_are_busy(const struct downloads *downloads);
