/*
 * download.h - the files of tasks, from wanted to stored.
 *
 *   ready ──► fetching ──► sealing ──► choosing ──► committing ──► home
 *     ▲          │            │ bad bytes   │ ledger: fetched   │ ledger: stored
 *     │          ▼            ▼             ▼                   ▼
 *     ├──── later (time) ◄────┴── no_link (a look renews it)  choosing (name taken)
 *     ├──── busy elsewhere, no room on the disk: later, and the ledger is asked again
 *     └──── old_link (it died while the file waited) ──► no_link, when its turn is near
 *
 * Whoever holds the lock of the partial file works on it; under the lock the
 * ledger is asked once more, so that two processes never fetch one file
 * twice. The file whose link dies first is fetched first. A link that died in our own
 * queue costs the file none of its tries.
 */
#pragma once

#include "core/engine/engine.h"

enum err_kind downloads_new(struct engine *engine, struct err *err);
void downloads_free(struct engine *engine); /* partial files stay */

/* A look brought `item->task`: new files, new links. */
void downloads_sync(struct engine *engine, struct item *item);
/* Start what can start. */
void downloads_start(struct engine *engine, int64_t now_ms);
/* When something can start next; INT64_MAX: nothing waits for time. */
int64_t downloads_next_ms(const struct engine *engine);
/* No look will come: give up whatever waits, because of its own last failure or of *why.
 */
void downloads_orphan(struct engine *engine, struct item *item, const struct err *why);
/* The waiting time is over: cut what is under way; its partial stays. */
void downloads_stop(struct engine *engine);
/* Another process owns the task now: what is not under way is left to it. */
void downloads_let_go(struct item *item);
/* What the looks and the ends of items need to know. */
unsigned downloads_active(const struct engine *engine); /* under way or finishing */
const char *downloads_folder(const struct engine *engine); /* NULL: fetches nothing */
/* Every file of this task stored (or lost), and below the folder of this run? */
bool downloads_are_home(const struct engine *engine, const struct task *task);
/* Is this one stored, and there, below the folder of this run? */
bool downloads_has_here(const struct engine *engine, const struct asset *asset);
/* The same, in whatever folder: a copy needs no link. */
bool downloads_are_here(const struct task *task);
/* Away with the files of an item that has ended; none of them may be open. */
void downloads_forget(struct engine *engine, struct item *item);
