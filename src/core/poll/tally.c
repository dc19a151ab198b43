#include "core/poll/parts.h"

#include <stdlib.h>

#include "base/cleanup.h"

void tally_asked(struct polled *polled, size_t n)
{
	polled->tally.looks++;
	polled->tally.requests_micro += (int64_t)(1000000 / n);
}

static bool set_once(int64_t *at_unix_ms, int64_t now_unix_ms)
{
	if (*at_unix_ms)
		return false;
	*at_unix_ms = now_unix_ms;
	return true;
}

void tally_saw(struct polls *polls, struct polled *polled, const struct task *task)
{
	const int64_t now_unix_ms = session_server_unix_ms(polls->dq);
	struct tally *tally = &polled->tally;

	if (task->state == TASK_QUEUED && task->has_queue) {
		tally->queued_until_unix_ms = now_unix_ms;
		tally->is_new = true;
	} else if (tally->queued_until_unix_ms && task->state != TASK_UNKNOWN) {
		tally->is_new |= set_once(&tally->generating_by_unix_ms, now_unix_ms);
	}
	if (!task_state_is_final(task->state)) {
		tally->has_seen_running |= task->state != TASK_UNKNOWN;
	} else if (tally->has_seen_running && task->finished_unix_ms > 0) {
		tally->is_new |= set_once(&tally->detected_unix_ms, now_unix_ms);
	}
}

static bool has_news(const struct polled *polled)
{
	return polled && (polled->tally.looks > 0 || polled->tally.is_new);
}

static struct look_tally tally_of(const struct polled *polled)
{
	const struct tally *tally = &polled->tally;

	return (struct look_tally){
		.submit_id = polled->id,
		.looks = tally->looks,
		.requests_micro = tally->requests_micro,
		.queued_until_unix_ms = tally->queued_until_unix_ms,
		.generating_by_unix_ms = tally->generating_by_unix_ms,
		.detected_unix_ms = tally->detected_unix_ms,
	};
}

static void was_kept(struct polled *polled)
{
	polled->tally.looks = 0;
	polled->tally.requests_micro = 0;
	polled->tally.is_new = false;
}

/* False: they are counted on, because of *err or without room. */
static bool keep(struct polls *polls, const struct look_tally *tallies, size_t n)
{
	const struct dq *dq = polls->dq;
	struct err err;

	if (n == 0 || !ledger_tally(dq->ledger, dq->profile, tallies, n, &err))
		return true;
	if (!retry_waits_for(&err, polls->perseveres, session_is_draining(dq)))
		polls_abort(polls, &err);
	return false;
}

void polls_keep(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key];
	const struct look_tally tally = tally_of(polled);

	if (has_news(polled) && keep(polls, &tally, 1))
		was_kept(polled);
}

void polls_keep_all(struct polls *polls, bool is_last)
{
	const int64_t now_ms = polls->dq->now.mono_ms;
	_cleanup_free_ struct look_tally *tallies = NULL;
	struct err err;
	size_t n = 0;

	if ((now_ms < polls->tally_ms && !is_last) || polls->n_keys == 0)
		return;
	polls->tally_ms = now_ms + TALLY_KEEP_MS;
	tallies = calloc(polls->n_keys, sizeof(*tallies));
	if (!tallies) {
		err_set(&err, ERR_NOMEM, "out of memory for the tallies");
		polls_abort(polls, &err);
		return;
	}
	for (size_t i = 0; i < polls->n_keys; i++)
		if (has_news(polls->all[i]))
			tallies[n++] = tally_of(polls->all[i]);
	if (!keep(polls, tallies, n))
		return;
	for (size_t i = 0; i < polls->n_keys; i++)
		if (polls->all[i])
			was_kept(polls->all[i]);
}
