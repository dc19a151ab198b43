/*
 * news.h - what a look, or the ledger, tells about an id: told to the user, and what
 * follows for it and for its files. `task` is taken over.
 */
#pragma once

#include "core/engine/run.h"

/* What a look showed, as the ledger has it now. */
void news_from_look(struct engine *engine, struct item *item, struct task *task);
/*
 * What the ledger tells of an id that another process looks at.
 * is_all_done: nothing is left to do for this run.
 */
void news_from_ledger(
    struct engine *engine, struct item *item, struct task *task, bool is_all_done);
/*
 * No look will come. The task has succeeded and all its files are on this disk, perhaps
 * in another folder: they are brought from there, which takes no service and no time.
 */
void news_from_disk(struct engine *engine, struct item *item);
