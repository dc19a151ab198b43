/*
 * poll.h - asking the service about ids: which are due, one request for many of them,
 * what the answer says of each, judged and written down in the ledger.
 *
 *   polls_begin(polls, key)                       due now
 *   polls_step(polls, may_send);                  one request for many that are due
 *   while (polls_told(polls, &told))              what came of it
 *           ...
 *
 * A part: it knows ids by their key, and is asked what has happened; what follows is the
 * engine's. sched.h, plan.h and dist.h know no clock and no ledger; here they meet. The
 * clock of the schedule is that of the service: ours, or `time_scale` times as fast
 * (service.h).
 *
 * Loop's thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account/session.h"
#include "core/policy/retry.h"
#include "service/service.h"

struct polls;

enum { POLLS_REQUESTS_MAX = 2 /* to the API at once */ };

struct polls_setup {
	struct dq *dq; /* its ledger, account, network, events and totals */
	int64_t interval_ms; /* 0: by what was learnt */
	bool is_single; /* each id is polled once: no single poll is an end */
	bool perseveres; /* trouble is waited out, not an end: a watch */
	uint64_t seed; /* of the schedule's jitter */
};
/* `setup` is copied; its dq is borrowed until polls_free(). Learns from the ledger. */
enum err_kind polls_new(
    const struct polls_setup *setup, struct polls **ret_polls, struct err *err);
/*
 * At the end of a run: requests under way are abandoned, and nothing can be asked after.
 */
void polls_drop_requests(struct polls *polls);
/* Comes after that; what was counted and not kept (polls_keep_all) is forgotten. */
void polls_free(struct polls *polls);

/* There will be so many ids: ERR_NOMEM. */
enum err_kind polls_reserve(struct polls *polls, size_t n, struct err *err);
/* An id of the run; borrowed until polls_forget(). Nothing is asked yet. ERR_NOMEM. */
enum err_kind polls_add(struct polls *polls, size_t key, const char *id, struct err *err);
/* The run is done with it; no request that asks for it may be under way. */
void polls_forget(struct polls *polls, size_t key);
/* Sets the lease under which it is asked for; 0: none. */
void polls_set_lease(struct polls *polls, size_t key, int64_t token);
/* Makes it as if it had never been polled. */
void polls_reset(struct polls *polls, size_t key);

/* It is due now, and from now on by the distribution. ERR_NOMEM. */
enum err_kind polls_begin(struct polls *polls, size_t key, struct err *err);
/*
 * A listing has shown its end: it is asked for when polls_hurry() says so, and not
 * before. ERR_NOMEM.
 */
enum err_kind polls_shown(struct polls *polls, size_t key, struct err *err);
/*
 * The service has accepted it just now: its first poll is due when the distribution says
 * so.
 */
void polls_accepted(struct polls *polls, size_t key, enum media_kind kind);
/* Earlier than the distribution says: a link is wanted. */
void polls_hurry(struct polls *polls, size_t key);
/* No more polls of it; what is under way is not heard. */
void polls_end(struct polls *polls, size_t key);
/* No time is left: what is in doubt is told to end so. */
void polls_end_doubts(struct polls *polls);

/* Send what is due, as far as requests may be under way. */
void polls_step(struct polls *polls, bool may_send);
/* Returns when something may be due, on the steady clock; INT64_MAX: never. */
int64_t polls_next_ms(const struct polls *polls);
/* Does the login hold again, and what credits has the account? POLLS_PROBED tells. */
void polls_probe_login(struct polls *polls);

/* Bring to the ledger what was counted of the polls: of one; of all, when that is due or
 * `is_last`. */
void polls_keep(struct polls *polls, size_t key);
void polls_keep_all(struct polls *polls, bool is_last);

/* A note: when is its next poll, and why? */
void polls_explain(struct polls *polls, size_t key, const struct task *task);
/* The ETA of the run, from those of its ids, into dq->totals. */
void polls_total(struct polls *polls);
bool polls_is_asked_for(const struct polls *polls, size_t key); /* by one under way */
unsigned polls_under_way(const struct polls *polls);
/* Did the last poll not find it? From when on, and until when that is not believed, on
 * the clock of the schedule. */
bool polls_is_absent(
    const struct polls *polls, size_t key, int64_t *ret_since_ms, int64_t *ret_until_ms);
/* Of the last request; kind ERR_OK: it went well, or there was none. */
const struct err *polls_trouble(const struct polls *polls);
bool polls_ever_went_well(const struct polls *polls);
/* Since when is the oldest answer waited for? Steady clock; INT64_MAX: none is. */
int64_t polls_wait_since_ms(const struct polls *polls);

enum polls_what {
	/* Of `key`: */
	/* `task` is new, as the ledger has it now; the caller's from now on. */
	POLLS_SEEN,
	POLLS_LOST, /* its lease is not ours any more: nothing was written */
	POLLS_OUT, /* no poll will help it: why */
	/* Of all: */
	POLLS_WELL, /* a request was answered; `why`: what the one before had met */
	POLLS_FAILED, /* a request: why, as `tried` describes it */
	POLLS_PROBED, /* polls_probe_login(): ERR_OK, or why not */
	POLLS_NO_ROOM, /* in the ledger; the same is asked again when there is: why */
	POLLS_CANT_GO_ON, /* why */
};
struct polls_told {
	enum polls_what what;
	size_t key;
	struct task *task;
	struct retry_request tried;
	struct err why;
	int64_t credits; /* PROBED: what the account has; -1 not told */
};
/* Tells what has happened since it was asked last; false: nothing more. */
bool polls_told(struct polls *polls, struct polls_told *ret_told);
