/*
 * sched.h - when to poll next, which ids, together? Pure: time and
 * randomness are passed in, nothing here sleeps or sends.
 *
 * plan.h says for each id when it is due and how urgent it is. Here many share the
 * requests of one account: when one is due, what is nearly due rides along; when
 * more is due than a request takes, the most urgent go first, those over their guard
 * before all others. Trouble with a request pauses the account, never one id; nothing
 * here changes the state of a task.
 *
 *   sched_add ──► waiting ──sched_take──► in flight ──┬─ sched_polled ─► waiting
 *                    ▲                                ├─ sched_again  ─► waiting
 *                    └──────── sched_hurry ◄──────────┴─ sched_drop ──► gone
 *
 * All times are those of one clock that never goes back, ms. Jitter is upward, so that
 * many clients do not march in step and no floor is broken.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/policy/dists.h"
#include "core/policy/plan.h"
#include "model/task.h"

enum {
	SCHED_HURRY_MS = 1000, /* floor of a poll for a new link */
	SCHED_AWAY_MS = 90000, /* nobody asked for so long: we slept ... */
	SCHED_AWAKE_MS = 3000, /* ... and begin within this, with jitter */
	SCHED_SLOW_MIN_MS = 5000, /* floor after "slow down"; doubles ... */
	SCHED_SLOW_MAX_MS = 120000, /* ... up to this ... */
	SCHED_SLOW_HALF_MS = 300000, /* ... and halves in so long */
	SCHED_READY_MAX = 4096, /* of those that are due, so many are compared */
	SCHED_RUNNING_MS = 60000, /* between two takings of the ages of what runs */
};

struct sched;

/* What a poll showed. */
struct sched_view {
	enum task_state state;
	enum media_kind kind;
	size_t lane; /* of the distributions */
	int64_t age_ms; /* since the service created it; -1 unknown */
	int64_t queue_position, queue_eta_ms; /* -1 unknown */
	int64_t advice_ms; /* polling_config; 0 none */
	unsigned absences; /* polls in a row at which the service did not know the id */
};

struct sched_options {
	int64_t interval_ms; /* > 0: the user's own floor */
	unsigned batch_max; /* ids in one request */
	uint64_t seed; /* any number */
	struct dists *dists; /* borrowed; never NULL */
};

struct sched *sched_new(const struct sched_options *options); /* NULL: no memory */
void sched_free(struct sched *sched);

/* There will be so many keys. */
enum err_kind sched_reserve(struct sched *sched, size_t n, struct err *err);
/* Look at this one from `due_ms` on. One that is not new, nor dropped before, keeps its
 * next poll. Keys are small numbers. */
enum err_kind sched_add(struct sched *sched, size_t key, int64_t due_ms, struct err *err);

/*
 * Takes the keys of the next request: none before something is due, or while the account
 * pauses; at most the present batch size. They are in flight then.
 */
size_t sched_take(struct sched *sched, int64_t now_ms, size_t *ret_keys);

/* Returns when sched_take can give something next; INT64_MAX: never. */
int64_t sched_next_ms(const struct sched *sched);

/*
 * A poll arrived: the next one follows from it. Dropped: stays so. Also for what was told
 * in another way of one just added: by a submit that was accepted, age 0.
 */
void sched_polled(
    struct sched *sched, size_t key, const struct sched_view *view, int64_t now_ms);
/*
 * They are due again at once, or when the pause of the account is over: their request
 * failed.
 */
void sched_again(struct sched *sched, const size_t *keys, size_t n, int64_t now_ms);
/*
 * Brings one more poll soon, because a link must be renewed; also at a key that was
 * dropped. In flight: nothing changes.
 */
void sched_hurry(struct sched *sched, size_t key, int64_t now_ms);
/* No more polls of this one. */
void sched_drop(struct sched *sched, size_t key);

/*
 * Account: a request went well (ends our own pause, lets batches grow again), or
 * did not: pause for the server's retry_after_ms if it gave one (an hour at most), which
 * no success of an older request ends; else back off with jitter below a doubling
 * ceiling. ERR_BUSY also raises the floor of every id for a while. `too_many`: the
 * number of ids in it, if fewer might have gone well, and no batch is larger than half
 * of that then; else 0. Returns how many failed in a row.
 */
void sched_request_ok(struct sched *sched, int64_t now_ms);
unsigned sched_request_failed(
    struct sched *sched, const struct err *why, size_t too_many, int64_t now_ms);
/* No request before this: the account's budget (model/budget.h) is used up. */
void sched_budget_until(struct sched *sched, int64_t until_ms);
/* A link was seen to live so long: the largest gap stays below. */
void sched_link_life(struct sched *sched, int64_t life_ms);
/* Since when has nothing gone well? -1 when the last request went well. */
int64_t sched_trouble_since_ms(const struct sched *sched);
unsigned sched_batch(const struct sched *sched);

/* Why is the next poll of this id when it is? False: it has none. */
struct sched_reason {
	struct plan plan;
	struct plan_view view; /* distribution valid until the distributions learn */
	int64_t polled_ms, due_ms;
	size_t lane;
	double drain; /* places a second of its lane; 0 unknown */
};
bool sched_reason(struct sched *sched, size_t key, struct sched_reason *ret_reason);
/* Says when it will be done, from now on; all -1: unknown. */
struct plan_eta sched_eta(struct sched *sched, size_t key, int64_t now_ms);
/*
 * Between when the generation began, on the clock of the schedule, of one that was seen
 * in the queue: as near as the drain rate tells, within what the polls have shown. Also
 * after sched_drop(). Both -1: it was not seen there. What the ledger keeps for learning.
 */
void sched_start(const struct sched *sched, size_t key, int64_t now_ms,
    int64_t *ret_after_ms, int64_t *ret_by_ms);
