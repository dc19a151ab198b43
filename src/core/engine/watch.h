/*
 * watch.h - what only a watch does with its items.
 */
#pragma once

#include "core/engine/run.h"

/*
 * Sweeps those that have ended: what is over goes, so that a watch does not grow; what
 * ended in trouble (a broken record, a file server that gave no file) rests and begins
 * anew.
 */
void watch_sweep(struct engine *engine);
/* The account pauses: whoever else wants its tasks shall find out for himself. */
void watch_let_go(struct engine *engine);
