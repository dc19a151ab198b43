/*
 * observed.h - what a poll, or the ledger, tells about an id: told to the user, and what
 * follows for it and for its files. `task` is taken over.
 */
#pragma once

#include "core/engine/run.h"

/* Takes what a poll showed, as the ledger has it now. */
void observed_by_poll(struct engine *engine, struct item *item, struct task *task);
/*
 * Takes what the ledger tells of an id that another process polls. is_all_done:
 * nothing is left to do for this run.
 */
void observed_in_ledger(
    struct engine *engine, struct item *item, struct task *task, bool is_all_done);
/*
 * Takes what the ledger has of an id of which no poll will come. Has the task succeeded,
 * and are all its files on this disk, perhaps in another folder, they are brought from
 * there, which takes no service and no time. NULL: nothing happens.
 */
void observed_on_disk(struct engine *engine, struct item *item, struct task *task);
