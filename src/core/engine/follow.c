#include "core/engine/follow.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download/downloads.h"
#include "core/engine/observed.h"
#include "core/engine/pause.h"
#include "core/engine/search.h"
#include "core/lease/batch.h"
#include "core/lease/leases.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

/* --- leases ------------------------------------------------------------------------ */

/* The ledger found no room: that is waited for. */
static void went_wrong(struct engine *engine, const struct err *why)
{
	if (pause_waits_for(engine, why))
		pause_for_disk(engine, why, -1);
	else
		engine_abort(engine, why);
}

/* --- the beginning ------------------------------------------------------------------ */

enum err_kind follow_begin(struct engine *engine, struct err *err)
{
	if (leases_new(engine->dq, &engine->leases, err))
		return err->kind;
	if (engine->goal->perseveres) {
		leases_hurry(engine->leases);
		return ERR_OK;
	}
	if (engine->goal->browses)
		return engine_begin_unfinished(engine, err);
	return engine_begin_ids(engine, err);
}

void follow_end(struct engine *engine)
{
	leases_free(engine->leases);
	engine->leases = NULL;
}

/* --- what others own ------------------------------------------------------------- */

/* Its owner brought it to where this run wants it: no poll of ours is needed. */
static bool is_all_done(const struct engine *engine, const struct task *task)
{
	if (engine->goal->end == GOAL_ENDS_ARRIVED)
		return task->state != TASK_SUBMITTING && task->state != TASK_UNKNOWN;
	if (!task_state_is_final(task->state))
		return false;
	return engine->goal->end == GOAL_ENDS_FINAL || task->state != TASK_SUCCEEDED ||
	    downloads_are_stored(engine->downloads, task);
}

static void observe_ledger(struct engine *engine, struct item *item)
{
	struct dq *dq = engine->dq;
	struct task *task = NULL;
	struct err err;

	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
		return;
	}
	if (task)
		observed_in_ledger(engine, item, task, is_all_done(engine, task));
}

static enum err_kind take_over(
    struct engine *engine, struct item *item, const struct lease *lease, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;

	if (ledger_find(engine->dq->ledger, engine->dq->profile, item->id, &task, err))
		return err->kind;
	return engine_place(engine, item, lease, task && task->is_waiting, err);
}

/* Nobody will tell of it any more. What is being fetched is stored first. */
static void was_forgotten(struct engine *engine, struct item *item)
{
	struct err why;

	if (item_files_open(engine, item) > 0)
		return;
	err_set(&why, ERR_NOT_FOUND, "task '%s' was forgotten", item->id);
	item->is_final = true;
	engine_conclude(engine, item, &why);
}

/* Whose leases are asked for, and what one of them means for its id. */
struct asking {
	bool (*is_wanted)(const struct item *item);
	enum err_kind (*mind)(struct engine *engine, struct item *item,
	    const struct lease *lease, struct err *err);
};

static enum err_kind ask_portion(
    struct engine *engine, const struct asking *asking, size_t *next, struct err *err)
{
	_cleanup_(lease_batch_release) struct lease_batch c = { 0 };

	for (; *next < engine->n_items && c.n < LEASE_BATCH_MAX; ++*next) {
		const struct item *item = item_at(engine, *next);

		if (item && asking->is_wanted(item))
			lease_batch_add(&c, item->id, false);
	}
	if (lease_batch_take(engine->dq, &c, err))
		return err->kind;
	for (size_t i = 0; i < c.n && !engine->fatal.kind; i++)
		if (asking->mind(
			engine, item_find(engine, c.all[i].id), &c.leases[i], err))
			return err->kind;
	return ERR_OK;
}

static enum err_kind ask_for_leases(
    struct engine *engine, const struct asking *asking, struct err *err)
{
	for (size_t next = 0; next < engine->n_items && !engine->fatal.kind;)
		if (ask_portion(engine, asking, &next, err))
			return err->kind;
	return ERR_OK;
}

static bool is_followed(const struct item *item)
{
	return item->role == ITEM_FOLLOWED && !item->has_ended;
}

static enum err_kind mind_followed(
    struct engine *engine, struct item *item, const struct lease *lease, struct err *err)
{
	if (lease->token)
		return take_over(engine, item, lease, err);
	if (!lease->version) {
		was_forgotten(engine, item);
	} else if (lease->version != item->version) {
		item->version = lease->version;
		observe_ledger(engine, item);
	}
	return ERR_OK;
}

static enum err_kind step_followed(struct engine *engine, struct err *err)
{
	static const struct asking followed = { is_followed, mind_followed };

	return ask_for_leases(engine, &followed, err);
}

/* --- going on -------------------------------------------------------------------- */

static bool is_ours(const struct item *item)
{
	return item->lease_token != 0;
}

static enum err_kind mind_ours(
    struct engine *engine, struct item *item, const struct lease *lease, struct err *err)
{
	(void)err;
	item_set_lease(engine, item, lease->token);
	if (!item->lease_token)
		engine_lost(engine, item);
	return ERR_OK;
}

/* After a suspend or a long stop others may have taken over what was ours. */
static enum err_kind check_ours(struct engine *engine, struct err *err)
{
	static const struct asking ours = { is_ours, mind_ours };

	return ask_for_leases(engine, &ours, err);
}

static void renew(struct engine *engine)
{
	struct err err;

	leases_flush(engine->leases);
	leases_plan_renew(engine->leases);
	if ((leases_were_away(engine->leases) && check_ours(engine, &err)) ||
	    leases_renew(engine->leases, &err))
		went_wrong(engine, &err);
}

static void check_others(struct engine *engine)
{
	struct err err;
	size_t n_dead;

	if (!leases_check(engine->leases))
		return;
	if (engine->goal->perseveres &&
	    (engine_is_holding(engine) || pause_holds_polls(engine))) {
		/* Where nothing is open, nothing is waited for. */
		if (engine->spec->until_idle && search_is_idle(engine, &err))
			went_wrong(engine, &err);
		return;
	}
	/* Who was killed while he sent what we follow: it is unknown from here on. */
	if (ledger_settle_dead(engine->dq->ledger, &n_dead, &err) ||
	    (engine->goal->perseveres ? search_open(engine, &err)
				      : step_followed(engine, &err)))
		went_wrong(engine, &err);
}

void follow_step(struct engine *engine)
{
	struct leases *leases = engine->leases;

	if (!engine->goal->owns)
		return;
	if (leases_flush_is_due(leases))
		leases_flush(leases);
	if (leases_renew_is_due(leases) ||
	    (leases_were_away(leases) && !pause_holds_polls(engine)))
		renew(engine);
	if (leases_check_is_due(leases)) {
		const int64_t begun_ms = clock_mono_ms();

		leases_flush(leases);
		check_others(engine);
		leases_checked(leases, clock_mono_ms() - begun_ms);
	}
}

int64_t follow_next_ms(const struct engine *engine)
{
	return engine->goal->owns ? leases_next_ms(engine->leases) : INT64_MAX;
}
