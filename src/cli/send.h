/*
 * send.h - submitting, for `submit` and `run`.
 *
 * The id is told as soon as the library has it, also when the service has
 * refused or nobody knows whether it arrived: what was recorded can be asked for.
 */
#pragma once

#include "cli/app.h"

/*
 * Submit what the options say. Opens the session. Returns the exit status of dq_submit()
 * with everything said; ret_id is "" when nothing was recorded. `is_run`: people get the
 * id on stderr, for stdout is for the files.
 */
int send_prompt(struct app *app, bool is_run, char ret_id[DQ_ID_MAX + 1]);
