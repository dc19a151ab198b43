/*
 * news.h - what an answer, or the ledger, tells about ids: judged, written down, told,
 * and what follows for the next look and for files.
 */
#pragma once

#include "core/engine/engine.h"

/* How the next look asks for it: by this id, among the history ids or the submit ids. */
const char *news_asked_id(const struct item *item);
bool news_asks_as_history(const struct item *item);

/*
 * The answer to a request for these items. False: it could not be written down because
 * the disk is full (everything pauses now); ask again.
 */
bool news_arrived(
    struct engine *engine, const size_t *keys, size_t n, struct answer *answer);
/*
 * What the ledger tells of an id that another process looks at. `task` is taken over;
 * is_all_done: nothing is left to do for this run.
 */
void news_from_ledger(
    struct engine *engine, struct item *item, struct task *task, bool is_all_done);
/*
 * No look will come. The task has succeeded and all its files are on this disk, perhaps
 * in another folder: they are brought from there, which takes no service and no time.
 */
void news_from_disk(struct engine *engine, struct item *item);
