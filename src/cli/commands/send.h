/*
 * send.h - submitting, for `submit` and `run`.
 *
 * What is submitted: one prompt, a batch, or again what was sent for known tasks. Each
 * id is told as soon as it is on disk, also when the service then refuses it or nobody
 * knows whether it arrived: what was recorded can be asked for.
 */
#pragma once

#include "cli/app/app.h"
#include "dreamq/ids.h"

/*
 * Submit what the options say. Opens the session. Returns the exit status with
 * everything said; *ret_ids (the caller's, may be NULL) are the tasks on disk. `is_run`:
 * people get the ids on stderr, for stdout is for the files. With --dry-run it tells what
 * would be submitted, and there are no ids.
 */
int send_all(struct app *app, bool is_run, struct dq_ids **ret_ids);
