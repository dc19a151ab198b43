/*
 * deliveries.h - an outbox of what is to be told to webhooks: each delivery is a row,
 * which is there before anything is sent, and says afterwards what became of it.
 *
 *   ledger_deliver(), a file that is stored, an end of a task
 *      │
 *      ▼        ledger_delivery_claim()
 *   waiting ─────────────────────────────► claimed ──ledger_delivery_settle()──► sent
 *      ▲  ▲                                  │  │                                dead
 *      │  └── its process has ended, or ◄────┘  └──► waiting, until it is due    dropped
 *      │      has been silent for long
 *      └── dead: somebody wants it again
 *
 * Whoever has said ledger_deliver_to() gets a row for each file that is stored and each
 * task that ends through its handle, in the very transaction that says so: neither is
 * there without the other. What has been claimed may have arrived although nobody could
 * write that down, so it may be sent twice: `message` is the same then.
 *
 * What is sent or dropped loses its body; a month after its end a row goes. A task may be
 * forgotten meanwhile: its deliveries stay.
 */
#pragma once

#include "base/arena.h"
#include "ledger/ledger.h"

enum {
	LEDGER_HOOK_MAX = 16, /* bytes of a webhook's name */
	LEDGER_DELIVERY_WHY_MAX = 300,
	LEDGER_DELIVERY_BODY_MAX = 4 << 20,
	LEDGER_CLAIMS_MAX = 8,
	LEDGER_CLAIM_MS = 2 * 60 * 1000, /* longer than any request takes */
	LEDGER_DELIVERY_KEPT_DAYS = 30,
};

enum delivery_state {
	DELIVERY_WAITING,
	DELIVERY_SENT,
	DELIVERY_DEAD, /* tried in vain for long; its body is kept */
	DELIVERY_DROPPED, /* nobody wants it any more */
	DELIVERY_STATES
};
const char *delivery_state_name(enum delivery_state state);
bool delivery_state_parse(const char *name, enum delivery_state *ret_state);

struct delivery {
	int64_t number; /* of the row; grows */
	const char *message; /* what receivers know it by */
	const char *hook; /* 1 to LEDGER_HOOK_MAX letters and digits */
	const char *account, *submit_id; /* submit_id "": of no task */
	const char *event; /* a word: "done" */
	int index; /* of a file; -1: none */
	const char *body; /* NULL: it is over */
	enum delivery_state state;
	bool is_claimed; /* somebody has it, alive or not */
	int64_t tries; /* begun */
	int64_t made_unix_ms, changed_unix_ms;
	int64_t due_unix_ms; /* waiting: the next try, not before */
	const char *why; /* of the last failure; NULL: none */
};

/* --- what is made ---------------------------------------------------------------- */

/* A file is stored, or a task has ended. */
struct ledger_happening {
	const struct task *task; /* as the transaction leaves it; no link is in it */
	const struct asset *asset; /* of it; NULL: it is the end */
	int64_t at_unix_ms;
};
struct ledger_hook {
	const char *name;
	bool wants_stored, wants_failed, wants_done;
	/*
	 * Writes the body, malloc'ed; NULL: no memory, and the transaction fails. On the
	 * thread of the handle, inside the transaction, which may be run again: it must
	 * not use the ledger.
	 */
	char *(*tell)(void *payload, const struct ledger_happening *happening);
	void *payload;
};
/* From now on, through this handle. Borrowed; NULL: nobody. */
void ledger_deliver_to(struct ledger *ledger, const struct ledger_hook *hook);

/* One more row, waiting and due now: hook, account, submit_id, event, index and body. */
struct delivery_made {
	struct delivery is;
	/*
	 * Not when there is one for this hook of the same account, task, event and index,
	 * whatever became of it. (One of no task is never known.)
	 */
	bool unless_known;
	int64_t now_unix_ms;
};
enum err_kind ledger_deliver(
    struct ledger *ledger, const struct delivery_made *made, struct err *err);

/* --- what is sent ---------------------------------------------------------------- */

struct delivery_claims {
	struct delivery all[LEDGER_CLAIMS_MAX]; /* their strings are in the arena */
	size_t n;
	int64_t next_unix_ms; /* when one more is due; INT64_MAX: none is, as it is now */
	struct arena arena; /* released by the caller */
};
/*
 * Takes up to `max` that wait for this hook and are due, the one that is due longest
 * first, and counts a try of each. They are the handle's until they are settled, for
 * LEDGER_CLAIM_MS at most, and as long as it lives. When none is due, nothing is written.
 * Of a clock that was put back since nobody knows when one was meant to be due: it is.
 */
enum err_kind ledger_delivery_claim(struct ledger *ledger, const char *hook, size_t max,
    int64_t now_unix_ms, struct delivery_claims *ret_claims, struct err *err);

struct delivery_end {
	enum delivery_state state; /* DELIVERY_WAITING: again, at due_unix_ms */
	int64_t due_unix_ms;
	const char *why; /* what went wrong; NULL: nothing */
	bool was_not_tried; /* the claim is given back: it was no try */
};
/*
 * What became of one that was claimed. A claim that somebody else has by now is left
 * alone, but what has been sent is sent.
 */
enum err_kind ledger_delivery_settle(struct ledger *ledger, int64_t number,
    const struct delivery_end *end, int64_t now_unix_ms, struct err *err);

/* --- what people do -------------------------------------------------------------- */

struct delivery_filter {
	const char *hook; /* NULL: any */
	const char *message; /* NULL: any */
	bool has_states;
	bool states[DELIVERY_STATES];
};
typedef bool ledger_on_delivery(void *payload, const struct delivery *delivery);
/* Each that the filter lets through, the oldest first. */
enum err_kind ledger_deliveries(struct ledger *ledger,
    const struct delivery_filter *filter, ledger_on_delivery *on_delivery, void *payload,
    struct err *err);
/*
 * Of those that the filter lets through: what waits or is dead waits, is due now and has
 * been tried never (DELIVERY_WAITING), or is dropped (DELIVERY_DROPPED). *ret_n of them.
 * What is claimed and is to wait stays claimed.
 */
enum err_kind ledger_delivery_change(struct ledger *ledger,
    const struct delivery_filter *filter, enum delivery_state to, int64_t now_unix_ms,
    size_t *ret_n, struct err *err);
