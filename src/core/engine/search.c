#include "core/engine/search.h"

#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/engine/run.h"
#include "core/lease/batch.h"

/*
 * Of the service, since its end was noted. The latest that was refuted: 64 minutes. How
 * much of it is left is asked of the wall once; from then on the steady clock counts,
 * since nobody knows what the wall's is set to.
 */
enum { SEARCH_DOUBT_MS = 3 * 60 * 60 * 1000 };

struct search {
	struct engine *engine;
	struct lease_batch *candidates;
	size_t n_open;
	bool has_failed; /* *err says why */
	struct err *err;
};

/* Of a wall clock that was set since the run began, the earlier time is taken. */
static int64_t doubt_left_ms(const struct engine *engine, const struct open_task *task)
{
	const struct dq *dq = engine->dq;
	const int64_t all_ms = session_span_ms(dq, SEARCH_DOUBT_MS);
	const int64_t unset_unix_ms =
	    engine->begun.unix_ms + (dq->now.mono_ms - engine->begun.mono_ms);
	const int64_t now_unix_ms =
	    dq->now.unix_ms < unset_unix_ms ? dq->now.unix_ms : unset_unix_ms;
	const int64_t for_ms = now_unix_ms - task->updated_unix_ms;

	if (for_ms < 0)
		return all_ms;
	return for_ms < all_ms ? all_ms - for_ms : 0;
}

/* Has this run looked at it, and is the time over? */
static bool was_doubted_enough(
    const struct engine *engine, const struct item *item, const struct open_task *task)
{
	const int64_t now_ms = engine->dq->now.mono_ms;
	struct watched *watched = item ? item->watched : NULL;

	if (!watched || item->role != ITEM_RESTING)
		return false;
	if (watched->doubted_unix_ms != task->updated_unix_ms) {
		watched->doubted_unix_ms = task->updated_unix_ms;
		watched->doubt_ends_ms = now_ms + doubt_left_ms(engine, task);
	}
	return now_ms >= watched->doubt_ends_ms;
}

/*
 * It ended without a proof ("done" with nothing, or with less than was promised; "failed"
 * without a reason; not found): polls go on for a while, one at least, and then it is
 * over.
 */
static bool is_worth_a_poll(
    struct search *search, const struct item *item, const struct open_task *task)
{
	const struct engine *engine = search->engine;
	const struct dq *dq = engine->dq;

	if (engine->spec->until_idle)
		return false;
	if (!was_doubted_enough(engine, item, task))
		return true;
	search->has_failed |=
	    ledger_believe(dq->ledger, dq->profile, task->submit_id, search->err) != 0;
	return false;
}

static bool consider(void *payload, const struct open_task *task)
{
	struct search *search = payload;
	struct item *item = item_find(search->engine, task->submit_id);

	if (task->is_doubtful && !is_worth_a_poll(search, item, task))
		return true;
	search->n_open++;
	if (item)
		item->was_found = true;
	if (!item || item->role == ITEM_FOLLOWED ||
	    (item->role == ITEM_RESTING &&
		item->watched->rest_until_ms <= search->engine->dq->now.mono_ms))
		lease_batch_add(search->candidates, task->submit_id, task->is_waiting);
	return !search->candidates->has_failed && !search->has_failed;
}

static enum err_kind take_found(
    struct engine *engine, const struct lease_batch *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct item *item = item_find(engine, c->all[i].id);

		if (!c->leases[i].token)
			continue;
		/* A damaged ledger may show the same id twice. */
		if (item && item->role != ITEM_FOLLOWED && item->role != ITEM_RESTING)
			continue;
		if (!item) {
			if (item_new(engine, c->all[i].id, &item, err))
				return err->kind;
			totals_task_joined(engine->dq);
		}
		if (engine_place(engine, item, &c->leases[i], c->all[i].is_waiting, err))
			return err->kind;
	}
	return ERR_OK;
}

/* What rests, or was taken over by another, may have come to its end without us. */
static void drop_closed(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);
		const bool is_idle = item && !item->has_ended &&
		    !item_is_asked_for(engine, item) &&
		    item_files_open(engine, item) == 0 &&
		    (item->role == ITEM_RESTING || item->role == ITEM_FOLLOWED);

		if (!is_idle || item->was_found)
			continue;
		totals_task_left(engine->dq);
		item_drop(engine, item);
	}
}

static bool count_open(void *payload, const struct open_task *task)
{
	size_t *n_open = payload;

	*n_open += !task->is_doubtful;
	return *n_open == 0;
}

enum err_kind search_is_idle(struct engine *engine, struct err *err)
{
	struct dq *dq = engine->dq;
	size_t n_open = 0;

	if (ledger_open_tasks(dq->ledger, dq->profile, count_open, &n_open, err))
		return err->kind;
	engine->saw_nothing_open = n_open == 0;
	return ERR_OK;
}

enum err_kind search_open(struct engine *engine, struct err *err)
{
	_cleanup_(lease_batch_release) struct lease_batch c = { 0 };
	struct search search = { .engine = engine, .candidates = &c, .err = err };
	struct dq *dq = engine->dq;

	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);

		if (item)
			item->was_found = false;
	}
	if (ledger_open_tasks(dq->ledger, dq->profile, consider, &search, err) ||
	    search.has_failed || lease_batch_take(engine->dq, &c, err))
		return err->kind;
	drop_closed(engine);
	engine->saw_nothing_open = search.n_open == 0;
	return take_found(engine, &c, err);
}
