#include "core/poll/parts.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "ledger/past.h"

enum { KEPT_AT_ONCE = 2000 /* ids a transaction: others need not wait for long */ };

void counters_asked(struct polled *polled, size_t n)
{
	polled->counters.polls++;
	polled->counters.requests_micro += (int64_t)(1000000 / n);
}

static bool set_once(int64_t *at_unix_ms, int64_t now_unix_ms)
{
	if (*at_unix_ms)
		return false;
	*at_unix_ms = now_unix_ms;
	return true;
}

void counters_saw(struct polls *polls, struct polled *polled, const struct task *task)
{
	const int64_t now_unix_ms = session_server_unix_ms(polls->dq);
	struct counters *counters = &polled->counters;

	if (task->state == TASK_QUEUED && task->has_queue) {
		counters->queued_until_unix_ms = now_unix_ms;
		counters->is_new = true;
	} else if (counters->queued_until_unix_ms && task->state != TASK_UNKNOWN) {
		counters->is_new |=
		    set_once(&counters->generating_by_unix_ms, now_unix_ms);
	}
	if (!task_state_is_final(task->state)) {
		counters->has_seen_running |= task->state != TASK_UNKNOWN;
	} else if (counters->has_seen_running && task->finished_unix_ms > 0) {
		counters->is_new |= set_once(&counters->detected_unix_ms, now_unix_ms);
	}
}

static bool has_changed(const struct polled *polled)
{
	return polled && (polled->counters.polls > 0 || polled->counters.is_new);
}

static struct poll_counters counters_of(const struct polled *polled)
{
	const struct counters *counters = &polled->counters;

	return (struct poll_counters){
		.submit_id = polled->id,
		.polls = counters->polls,
		.requests_micro = counters->requests_micro,
		.queued_until_unix_ms = counters->queued_until_unix_ms,
		.generating_by_unix_ms = counters->generating_by_unix_ms,
		.detected_unix_ms = counters->detected_unix_ms,
	};
}

static void was_kept(struct polled *polled)
{
	polled->counters.polls = 0;
	polled->counters.requests_micro = 0;
	polled->counters.is_new = false;
}

/* False: they are counted on, because of *err or without room. */
static bool keep(struct polls *polls, const struct poll_counters *all, size_t n)
{
	const struct dq *dq = polls->dq;
	struct err err;

	if (n == 0 || !ledger_count_polls(dq->ledger, dq->profile, all, n, &err))
		return true;
	if (!retry_waits_for(&err, polls->perseveres, session_is_draining(dq)))
		polls_abort(polls, &err);
	return false;
}

void polls_keep(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key].polled;
	struct poll_counters counters;

	if (!has_changed(polled))
		return;
	counters = counters_of(polled);
	if (keep(polls, &counters, 1))
		was_kept(polled);
}

/* Of those from *i on, as many as there is room for; *i is then behind them. */
static bool keep_portion(struct polls *polls, size_t *i, struct poll_counters *room)
{
	const size_t first = *i;
	size_t n = 0;

	for (; *i < polls->n_keys && n < KEPT_AT_ONCE; ++*i)
		if (has_changed(polls->all[*i].polled))
			room[n++] = counters_of(polls->all[*i].polled);
	if (!keep(polls, room, n))
		return false;
	for (size_t key = first; key < *i; key++)
		if (polls->all[key].polled)
			was_kept(polls->all[key].polled);
	return true;
}

void polls_keep_all(struct polls *polls, bool is_last)
{
	const int64_t now_ms = polls->dq->now.mono_ms;
	_cleanup_free_ struct poll_counters *room = NULL;
	struct err err;
	size_t i = 0;

	if ((now_ms < polls->counters_ms && !is_last) || polls->n_keys == 0)
		return;
	polls->counters_ms = now_ms + COUNTERS_KEEP_MS;
	room = calloc(KEPT_AT_ONCE, sizeof(*room));
	if (!room) {
		err_set(&err, ERR_NOMEM, "out of memory for the counters");
		polls_abort(polls, &err);
		return;
	}
	while (i < polls->n_keys && keep_portion(polls, &i, room))
		;
}
