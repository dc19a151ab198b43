/*
 * outbox.h - the local queue of submits: sends what waits, each once.
 *
 *   waiting ──► begun (ledger, durable) ──► under way ──┬─ accepted ─► polled
 *      ▲            │                                     ├─ unclear ──► polled
 *      ├── it may not leave any more                      ├─ refused ──► failed
 *      ├── too many run, slow down: the kind pauses ◄─────┤
 *      ├── never left: later ◄────────────────────────────┤
 *      └── login, quota, risk: the account pauses ◄───────┘
 *
 * Each kind (image, video) of the account has a queue and a pace (pace.h): what is
 * refused because too many run (ret 1310, PROTOCOL B6) holds back its own kind only, of
 * which the oldest goes first. After a refusal its first one alone is tried again, after
 * a growing while or as soon as a task of the account has ended.
 *
 * The only way to a second request for one intent is a readable answer that refused
 * it, or the certainty that no byte has left (sent.h).
 *
 * What is begun, and how it ended, is written by the ledger's thread (group_commit.h):
 * the request leaves when its beginning is durable, and an answer counts when it is. An
 * answer that can't be written down because the disk is full is kept, and nothing is sent
 * until it is written.
 *
 * A part: it knows tasks by the key of their id, and is asked what has happened.
 * Loop's thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/account/session.h"

enum { OUTBOX_UNDER_WAY_MAX = 4 /* submits at once */ };

struct group_commit;
struct outbox;

struct outbox_setup {
	struct dq *dq; /* its ledger, account, network and events */
	struct group_commit *commits; /* collected by the caller, between two steps */
	bool perseveres; /* trouble is waited out, not an end: a watch */
	uint64_t seed; /* of the jitter between two tries */
};
/* `setup` is copied; what it names is borrowed until outbox_free(). ERR_NOMEM. */
enum err_kind outbox_new(
    const struct outbox_setup *setup, struct outbox **ret_outbox, struct err *err);
/*
 * What is begun and has not left is put back; what is under way is abandoned, and the
 * ledger calls it unknown. The commits are stopped; they are freed later.
 */
void outbox_free(struct outbox *outbox);

/* A task that waits, and whose lease is ours. `id` is borrowed until it is told of or
 * dropped. ERR_NOMEM. */
enum err_kind outbox_add(struct outbox *outbox, size_t key, const char *id,
    enum media_kind kind, struct err *err);
/* It stays in the ledger's queue, unsent; so does what is begun. What is under way is
 * only let go. */
void outbox_drop(struct outbox *outbox, size_t key);
/*
 * Send what is due; without may_send nothing leaves, what has begun is put back, and
 * what found no room is not written again.
 */
void outbox_step(struct outbox *outbox, bool may_send);
/* When something can be sent next; INT64_MAX: nothing waits for time. */
int64_t outbox_next_ms(const struct outbox *outbox);
/* No answer is waited for any more: what is under way ends, unclear. */
void outbox_give_up(struct outbox *outbox);
unsigned outbox_under_way(const struct outbox *outbox); /* requests */
/* Is there something begun, under way, or answered and not in the ledger? */
bool outbox_is_busy(const struct outbox *outbox);
/* Is its request begun or under way, or has its answer not been told yet? */
bool outbox_is_sending(const struct outbox *outbox, size_t key);
/* A task of the account has ended: there may be room. */
void outbox_room(struct outbox *outbox);

enum outbox_what {
	/* Of the task `key`, which is in the outbox no more: */
	OUTBOX_ACCEPTED, /* the service has it */
	OUTBOX_UNCLEAR, /* nobody knows: ask */
	OUTBOX_REFUSED, /* it has failed: why */
	OUTBOX_SENT_BY_OTHER, /* it is another process's submit now: ask */
	OUTBOX_FORGOTTEN, /* by the user: why */
	/* Of one that is still in it: */
	OUTBOX_WAITS, /* its request has ended; it waits for its turn again */
	OUTBOX_UNWRITTEN, /* its answer found no room in the ledger, and is kept: why */
	/* Of all, `key` is OUTBOX_NO_KEY: */
	OUTBOX_ACCOUNT, /* login, quota, risk: why */
	OUTBOX_NEVER_LEFT, /* `failures` in a row, over `trouble_ms`: why */
	OUTBOX_NO_ROOM, /* in the ledger, and nothing was sent: why */
	OUTBOX_CANT_GO_ON, /* why */
};
#define OUTBOX_NO_KEY SIZE_MAX
struct outbox_told {
	enum outbox_what what;
	size_t key;
	unsigned failures;
	int64_t trouble_ms;
	struct err why;
};
/* What has happened since it was asked last; false: nothing more. */
bool outbox_told(struct outbox *outbox, struct outbox_told *ret_told);
