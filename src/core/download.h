/*
 * download.h - the files of tasks, from wanted to stored.
 *
 *   ready ──► fetching ──► sealing ──► choosing ──► committing ──► home
 *     ▲          │            │ bad bytes   │ ledger: fetched   │ ledger: stored
 *     │          ▼            ▼             ▼                   ▼
 *     ├──── later (time) ◄────┴── no_link (a look renews it)  choosing (name taken)
 *     └──── busy elsewhere: later, and the ledger is asked again
 *
 * Whoever holds the lock of the partial file works on it; under the lock the
 * ledger is asked once more, so that two processes never fetch one file
 * twice. The file whose link dies first is fetched first.
 */
#pragma once

#include "core/engine.h"

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
