/*
 * extras.h - what a user may want beside a stored file: a sidecar with what
 * is known of the task, and a command of his own.
 */
#pragma once

#include "core/engine.h"

/*
 * Do both as the options say, on a worker. Trouble is told as a note and
 * changes nothing: the file is stored. The copies it needs are its own.
 */
void extras_post(
    struct engine *engine, const struct task *task, const struct asset *asset);
