/*
 * begin.c - the ids that a run is asked for become items.
 */
#include "core/engine/run.h"

#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/lease/batch.h"
#include "core/lease/leases.h"

enum { ASK_SINGLY_MAX = 200 /* ids; more are looked up in one sweep */ };

/* Is it the service's name for a task that is among the items by our name? */
static enum err_kind is_second_name(
    struct engine *engine, const char *id, bool *ret_is_second, struct err *err)
{
	const struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;

	if (ledger_find(dq->ledger, dq->profile, id, &task, err))
		return err->kind;
	*ret_is_second = task && item_find(engine, task->submit_id);
	return ERR_OK;
}

/* What may be a second name goes last. */
static enum err_kind make_items(
    struct engine *engine, bool may_be_second, struct err *err)
{
	const struct run_spec *spec = engine->spec;

	for (size_t i = 0; i < spec->n; i++) {
		const char *id = spec->ids[i];
		const bool is_later =
		    engine->goal->owns && service_may_be_other_id(engine->dq->ops, id);
		struct item *item;
		bool is_second = false;

		if (is_later != may_be_second || item_find(engine, id))
			continue;
		if (is_later && is_second_name(engine, id, &is_second, err))
			return err->kind;
		if (!is_second && item_new(engine, id, &item, err))
			return err->kind;
	}
	return ERR_OK;
}

static bool mark_waiting(void *payload, const struct open_task *task)
{
	struct engine *engine = payload;
	struct item *item = task->is_waiting ? item_find(engine, task->submit_id) : NULL;

	if (item)
		item->role = ITEM_UNSENT;
	return true;
}

/* Which of the items wait to be sent? They have the role ITEM_UNSENT then. */
static enum err_kind find_waiting(struct engine *engine, struct err *err)
{
	struct dq *dq = engine->dq;

	if (engine->n_items > ASK_SINGLY_MAX)
		return ledger_open_tasks(
		    dq->ledger, dq->profile, mark_waiting, engine, err);
	for (size_t i = 0; i < engine->n_items; i++) {
		_cleanup_(task_freep) struct task *task = NULL;
		struct item *item = item_at(engine, i);

		if (ledger_find(dq->ledger, dq->profile, item->id, &task, err))
			return err->kind;
		if (task && task->is_waiting)
			item->role = ITEM_UNSENT;
	}
	return ERR_OK;
}

static enum err_kind begin_query(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);
		struct err unsent;

		if (item->role != ITEM_UNSENT) {
			engine_poll(engine, item);
			continue;
		}
		err_set(&unsent, ERR_RUNNING, "task '%s' waits to be sent", item->id);
		engine_conclude(engine, item, &unsent);
	}
	return ERR_OK;
}

static enum err_kind begin_portion(
    struct engine *engine, size_t first, size_t n, struct err *err)
{
	_cleanup_(lease_batch_release) struct lease_batch c = { 0 };

	if (engine->leases)
		leases_flush(engine->leases);
	for (size_t i = first; i < first + n; i++) {
		const struct item *item = item_at(engine, i);

		lease_batch_add(&c, item->id, item->role == ITEM_UNSENT);
	}
	if (lease_batch_take(engine->dq, &c, err))
		return err->kind;
	for (size_t i = 0; i < c.n; i++)
		if (engine_place(engine, item_at(engine, first + i), &c.leases[i],
			c.all[i].is_waiting, err))
			return err->kind;
	return ERR_OK;
}

/* A long list takes longer than others wait for a sign of us. */
static enum err_kind stay_alive(struct engine *engine, struct err *err)
{
	struct leases *leases = engine->leases;

	session_read_clocks(engine->dq);
	if (!leases || !leases_renew_is_due(leases))
		return ERR_OK;
	leases_plan_renew(leases);
	return leases_renew(leases, err);
}

static enum err_kind begin_owned(struct engine *engine, struct err *err)
{
	const size_t n = engine->n_items;

	for (size_t i = 0; i < n; i += LEASE_BATCH_MAX) {
		const size_t left = n - i;

		if (begin_portion(engine, i,
			left < LEASE_BATCH_MAX ? left : LEASE_BATCH_MAX, err) ||
		    stay_alive(engine, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind engine_begin_ids(struct engine *engine, struct err *err)
{
	const struct run_spec *spec = engine->spec;
	struct dq *dq = engine->dq;

	if (ledger_adopt(
		dq->ledger, dq->profile, spec->ids, spec->n, dq->now.unix_ms, err))
		return err->kind;
	if (items_reserve(engine, spec->n, err) || make_items(engine, false, err) ||
	    make_items(engine, true, err))
		return err->kind;
	totals_set_tasks(dq, engine->n_items); /* an id that was given twice is one */
	if (find_waiting(engine, err))
		return err->kind;
	return engine->goal->owns ? begin_owned(engine, err) : begin_query(engine);
}
