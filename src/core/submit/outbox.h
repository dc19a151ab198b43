/*
 * outbox.h - the local queue of submits: sends what waits, each once.
 *
 *   waiting ──► begun (ledger, durable) ──► under way ──┬─ accepted ─► looked at
 *      ▲                                                 ├─ unclear ──► looked at
 *      │                                                 ├─ refused ──► failed
 *      ├── too many run, slow down: the lane pauses ◄────┤
 *      ├── never left: later ◄───────────────────────────┤
 *      └── login, quota, risk: the account pauses ◄──────┘
 *
 * A lane (lane.h) is a kind (image, video) of the account: what is refused because too
 * many run (ret 1310, PROTOCOL B6) holds back its own kind only. Within a lane the
 * oldest goes first. After a refusal its first one alone is tried again, after a
 * growing while or as soon as a task of the account has ended.
 *
 * The only way to a second request for one intent is a readable answer that refused
 * it, or the certainty that no byte has left (fate.h).
 *
 * An answer that can't be written down because the disk is full is kept, and nothing is
 * sent until it is written.
 */
#pragma once

#include "core/engine/engine.h"

enum { OUTBOX_UNDER_WAY_MAX = 4 /* submits at once */ };

enum err_kind outbox_new(struct engine *engine, struct err *err);
/* What is under way is abandoned; the ledger calls it unknown when the process has ended.
 */
void outbox_free(struct engine *engine);

/* An item whose task waits and whose lease is ours; its role is ITEM_UNSENT then. */
enum err_kind outbox_add(struct engine *engine, struct item *item, struct err *err);
/* It stays in the ledger's queue, unsent. What is under way is only let go. */
void outbox_drop(struct engine *engine, struct item *item);
void outbox_send_due(struct engine *engine, int64_t now_ms);
/* When something can be sent next; INT64_MAX: nothing waits for time. */
int64_t outbox_next_ms(const struct engine *engine);
unsigned outbox_under_way(const struct engine *engine);
/* A task of the account has ended: there may be room. */
void outbox_room(struct engine *engine);
