/*
 * browsed.c - what follows when the walk through the account's history says that
 * something has happened: tasks that were found become items, with the links that they
 * were found with.
 */
#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/browse/browse.h"
#include "core/engine/observed.h"
#include "core/engine/pause.h"
#include "core/engine/run.h"
#include "core/lease/batch.h"
#include "core/lease/leases.h"
#include "core/poll/poll.h"

/* Is a walk under way, or due? */
bool engine_is_browsing(const struct engine *engine)
{
	if (engine->polling_over.kind)
		return false;
	return engine->browse ? !browse_is_over(engine->browse) : engine->browse_ms == 0;
}

static void could_not(struct engine *engine, const struct err *why)
{
	if (pause_waits_for(engine, why))
		pause_for_disk(engine, why, -1);
	else
		engine_abort(engine, why);
}

/* The next is so long after the beginning of this one, not after its end. */
static void begin_again(struct engine *engine)
{
	const int64_t every_ms = engine->spec->browse_every_ms;
	const int64_t now_ms = engine->dq->now.mono_ms;
	struct err err;

	if (engine->browse && !browse_is_over(engine->browse))
		return;
	browse_free(engine->browse);
	engine->browse = NULL;
	if (browse_new(engine->dq, engine->spec->wanted, engine_random(engine),
		&engine->browse, &err))
		could_not(engine, &err);
	else
		engine->browse_ms =
		    every_ms < INT64_MAX - now_ms ? now_ms + every_ms : INT64_MAX;
}

void engine_step_browse(struct engine *engine, bool may_send)
{
	if (may_send && engine->dq->now.mono_ms >= engine->browse_ms)
		begin_again(engine);
	if (engine->browse)
		browse_step(engine->browse, may_send);
}

int64_t engine_browse_next_ms(const struct engine *engine)
{
	if (engine->browse && !browse_is_over(engine->browse))
		return browse_next_ms(engine->browse);
	return engine->browse_ms;
}

/* --- tasks ----------------------------------------------------------------------- */

/*
 * What ended does not have to be asked for, as long as its links are good. An end that
 * may change has to be: a listing is behind the records, and no end by itself.
 */
static enum err_kind take_up(
    struct engine *engine, struct item *item, struct task *task, struct err *err)
{
	const bool is_over = task_state_is_final(task->state);
	const bool may_change = is_over && task_end_may_change(task);

	item->role = ITEM_POLLED;
	if (is_over && !may_change ? polls_shown(engine->polls, item->key, err)
				   : polls_begin(engine->polls, item->key, err)) {
		task_free(task);
		return err->kind;
	}
	if (may_change)
		task_free(task);
	else
		observed_by_poll(engine, item, task);
	return ERR_OK;
}

/* Its lease says whose it is; `task` is taken over. */
static enum err_kind place(
    struct engine *engine, struct task *task, const struct lease *lease, struct err *err)
{
	struct item *item = item_find(engine, task->submit_id);

	/* What waits to be sent here is none of the service's. */
	if ((item && (item->has_ended || item->role != ITEM_POLLED)) ||
	    task->is_waiting) {
		task_free(task);
		return ERR_OK;
	}
	if (!item && item_new(engine, task->submit_id, &item, err)) {
		task_free(task);
		return err->kind;
	}
	if (item->role == ITEM_NONE)
		totals_task_joined(engine->dq);
	if (!lease->token) {
		task_free(task);
		return engine_place(engine, item, lease, false, err);
	}
	item_set_lease(engine, item, lease->token);
	item->version = lease->version;
	return take_up(engine, item, task, err);
}

static enum err_kind place_all(
    struct engine *engine, struct browse_told *told, struct err *err)
{
	_cleanup_(lease_batch_release) struct lease_batch batch = { 0 };

	leases_flush(engine->leases);
	for (size_t i = 0; i < told->n; i++)
		lease_batch_add(&batch, told->tasks[i]->submit_id, false);
	if (lease_batch_take(engine->dq, &batch, err))
		return err->kind;
	for (size_t i = 0; i < told->n; i++) {
		struct task *task = TAKE_PTR(told->tasks[i]);

		if (place(engine, task, &batch.leases[i], err))
			return err->kind;
	}
	return ERR_OK;
}

/* Who only lists what is new tells it, and that is all. */
static void tell_all(struct engine *engine, const struct browse_told *told)
{
	for (size_t i = 0; i < told->n; i++) {
		totals_task_joined(engine->dq);
		totals_task_ended(engine->dq, ERR_OK);
		session_emit_task(engine->dq, DQ_EVENT_TASK, told->tasks[i]);
	}
}

static void found(struct engine *engine, struct browse_told *told)
{
	struct err err;

	if (!engine->goal->owns)
		tell_all(engine, told);
	else if (told->n > 0 && place_all(engine, told, &err))
		engine_abort(engine, &err);
}

struct unfinished {
	struct engine *engine;
	struct lease_batch batch; /* their ids; no lease is asked for here */
	bool has_failed; /* *err says why */
	struct err *err;
};

/* Of what was begun before, only that which is wanted now. */
static bool is_wanted(struct unfinished *unfinished, const char *id)
{
	const struct engine *engine = unfinished->engine;
	const struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;

	if (ledger_find(dq->ledger, dq->profile, id, &task, unfinished->err))
		unfinished->has_failed = true;
	return task && browse_wants(engine->browse, task);
}

static bool keep_unfinished(void *payload, const struct open_task *task)
{
	struct unfinished *unfinished = payload;

	if (!task->is_waiting && !task->is_doubtful)
		lease_batch_add(&unfinished->batch, task->submit_id, false);
	return !unfinished->batch.has_failed;
}

/* Of a long list portions, as elsewhere (batch.h). */
static enum err_kind take_up_portion(
    struct unfinished *unfinished, size_t *next, struct err *err)
{
	_cleanup_(lease_batch_release) struct lease_batch batch = { 0 };
	struct engine *engine = unfinished->engine;
	struct item *item;

	for (; *next < unfinished->batch.n && batch.n < LEASE_BATCH_MAX; ++*next)
		if (is_wanted(unfinished, unfinished->batch.all[*next].id))
			lease_batch_add(&batch, unfinished->batch.all[*next].id, false);
	if (unfinished->has_failed || lease_batch_take(engine->dq, &batch, err))
		return err->kind;
	for (size_t i = 0; i < batch.n; i++) {
		if (item_new(engine, batch.all[i].id, &item, err))
			return err->kind;
		totals_task_joined(engine->dq);
		if (engine_place(engine, item, &batch.leases[i], false, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind engine_begin_unfinished(struct engine *engine, struct err *err)
{
	struct unfinished unfinished = { .engine = engine, .err = err };
	struct dq *dq = engine->dq;
	enum err_kind kind;

	if (!engine->goal->owns)
		return ERR_OK;
	kind =
	    ledger_open_tasks(dq->ledger, dq->profile, keep_unfinished, &unfinished, err);
	if (!kind && unfinished.batch.has_failed)
		kind = err_set(err, ERR_NOMEM, "out of memory");
	for (size_t next = 0; !kind && next < unfinished.batch.n;)
		kind = take_up_portion(&unfinished, &next, err);
	lease_batch_release(&unfinished.batch);
	return kind;
}

/* --- requests -------------------------------------------------------------------- */

/*
 * A listing that can't be read leaves the other; anything else is true of both. A watch
 * waits that out.
 */
static void has_failed(struct engine *engine, struct browse_told *told)
{
	const bool is_stopped =
	    told->why.kind == ERR_AUTH || told->why.kind == ERR_ACCOUNT;

	if (engine->goal->perseveres && is_stopped)
		pause_for_account(engine, &told->why, PAUSE_ALL);
	else if (retry_api(&told->tried, &told->why)) {
		if (told->tried.failures == 1 || told->tried.failures % 5 == 0)
			session_tell(engine->dq, DQ_NOTE_RETRY, "%s; trying again",
			    err_shown(&told->why));
	} else if (told->why.kind == ERR_CONTRACT) {
		engine_worsen(engine, &told->why);
		session_note(engine->dq, "%s", err_shown(&told->why));
		browse_skip(engine->browse);
	} else if (engine->goal->perseveres) {
		if (told->tried.failures == 1)
			session_tell(engine->dq, DQ_NOTE_RETRY, "%s; trying on",
			    err_shown(&told->why));
	} else {
		engine_end_polling(engine, &told->why);
	}
}

static void is_broken(struct engine *engine, struct browse_told *told)
{
	session_note(
	    engine->dq, "%s; what is behind it was not seen", err_shown(&told->why));
	engine_worsen(engine, &told->why);
}

static void was_answered(struct engine *engine, struct browse_told *told)
{
	engine_request_was_answered(engine, &told->why);
}

static void no_room(struct engine *engine, struct browse_told *told)
{
	could_not(engine, &told->why);
}

static void can_not_go_on(struct engine *engine, struct browse_told *told)
{
	engine_abort(engine, &told->why);
}

static void (*const on_browse[])(struct engine *engine, struct browse_told *told) = {
	[BROWSE_PAGE] = found,
	[BROWSE_BROKEN] = is_broken,
	[BROWSE_WELL] = was_answered,
	[BROWSE_FAILED] = has_failed,
	[BROWSE_NO_ROOM] = no_room,
	[BROWSE_CANT_GO_ON] = can_not_go_on,
};

void engine_settle_browse(struct engine *engine)
{
	struct browse_told told;

	while (engine->browse && browse_told(engine->browse, &told)) {
		on_browse[told.what](engine, &told);
		browse_told_release(&told);
	}
}
