#include "core/poll/tally.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "core/engine/engine.h"
#include "core/engine/pause.h"

void tally_asked(struct item *item, size_t n)
{
	item->tally.looks++;
	item->tally.requests_micro += (int64_t)(1000000 / n);
}

static bool set_once(int64_t *at_unix_ms, int64_t now_unix_ms)
{
	if (*at_unix_ms)
		return false;
	*at_unix_ms = now_unix_ms;
	return true;
}

void tally_saw(struct engine *engine, struct item *item, const struct task *task)
{
	const int64_t now_unix_ms = session_server_unix_ms(engine->dq);
	struct tally *tally = &item->tally;

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

static bool has_news(const struct item *item)
{
	return item && (item->tally.looks > 0 || item->tally.is_new);
}

static struct look_tally tally_of(const struct item *item)
{
	const struct tally *tally = &item->tally;

	return (struct look_tally){
		.submit_id = item->id,
		.looks = tally->looks,
		.requests_micro = tally->requests_micro,
		.queued_until_unix_ms = tally->queued_until_unix_ms,
		.generating_by_unix_ms = tally->generating_by_unix_ms,
		.detected_unix_ms = tally->detected_unix_ms,
	};
}

static void was_kept(struct item *item)
{
	item->tally.looks = 0;
	item->tally.requests_micro = 0;
	item->tally.is_new = false;
}

static enum err_kind keep(struct engine *engine, const struct look_tally *tallies,
    size_t n, bool *ret_is_kept, struct err *err)
{
	const struct dq *dq = engine->dq;
	const enum err_kind kind =
	    n ? ledger_tally(dq->ledger, dq->profile, tallies, n, err) : ERR_OK;

	*ret_is_kept = kind == ERR_OK;
	return kind && pause_waits_for(engine, err) ? ERR_OK : kind;
}

enum err_kind tally_keep(struct engine *engine, struct item *item, struct err *err)
{
	const struct look_tally tally = tally_of(item);
	bool is_kept = false;

	if (!has_news(item))
		return ERR_OK;
	if (keep(engine, &tally, 1, &is_kept, err))
		return err->kind;
	if (is_kept)
		was_kept(item);
	return ERR_OK;
}

enum err_kind tally_keep_all(
    struct engine *engine, int64_t now_ms, bool is_last, struct err *err)
{
	_cleanup_free_ struct look_tally *tallies = NULL;
	bool is_kept = false;
	size_t n = 0;

	if ((now_ms < engine->tally_ms && !is_last) || engine->n_items == 0)
		return ERR_OK;
	engine->tally_ms = now_ms + TALLY_KEEP_MS;
	tallies = calloc(engine->n_items, sizeof(*tallies));
	if (!tallies)
		return err_set(err, ERR_NOMEM, "out of memory for the tallies");
	for (size_t i = 0; i < engine->n_items; i++)
		if (has_news(engine->items[i]))
			tallies[n++] = tally_of(engine->items[i]);
	if (keep(engine, tallies, n, &is_kept, err))
		return err->kind;
	for (size_t i = 0; is_kept && i < engine->n_items; i++)
		if (engine->items[i])
			was_kept(engine->items[i]);
	return ERR_OK;
}
