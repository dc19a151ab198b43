/*
 * extras.h - what a user may want beside a stored file: a sidecar with what
 * is known of the task, and a command of his own.
 */
#pragma once

#include "core/engine.h"

/*
 * Do both as the options say: the sidecar on a worker, then the command (hook.h). Trouble
 * is told as a note; the file is stored, but the run ends with it. The copies it needs
 * are its own.
 */
void extras_post(
    struct engine *engine, const struct task *task, const struct asset *asset);
/* Begin and end commands. */
void extras_step(struct engine *engine);
