#include "core/lease/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download/downloads.h"
#include "core/engine/pause.h"
#include "core/lease/leases.h"
#include "core/lease/search.h"
#include "core/poll/news.h"
#include "core/submit/outbox.h"

enum {
	RELEASED_MAX = 4096, /* ids that wait to be given back */
	GLANCE_REST = 9, /* times as long as a glance took: 100 000 ids are a third of a
			    second */
};

struct owning {
	int64_t step_ms; /* the next glance */
	int64_t sure_ms; /* the next one that does not believe that nothing has changed */
	int64_t renew_ms;
	int64_t renewed_unix_ms;
	char (*released)[TASKID_MAX + 1]; /* to be given back */
	size_t n_released, released_room;
};

/* --- leases ------------------------------------------------------------------------ */

enum err_kind own_place(struct engine *engine, struct item *item,
    const struct lease *lease, bool is_waiting, struct err *err)
{
	item->lease_token = lease->token;
	item->version = lease->version;
	if (!lease->token) {
		item->role = ITEM_FOLLOWED;
		item->version = 0; /* the next glance reads what there is */
		return ERR_OK;
	}
	if (is_waiting)
		return outbox_add(engine, item, err);
	engine_look_at(engine, item);
	return ERR_OK;
}

void own_lost(struct engine *engine, struct item *item)
{
	item->lease_token = 0;
	if (item->has_ended)
		return;
	if (item->role == ITEM_UNSENT)
		outbox_drop(engine, item);
	sched_drop(engine->sched, item->key);
	if (engine->downloads) {
		downloads_let_go(engine->downloads, item->key);
		item->is_final = false; /* its new owner says so */
	}
	item->role = ITEM_FOLLOWED;
	item->version = 0;
}

static void give_back(struct engine *engine)
{
	struct owning *own = engine->owning;
	struct dq *dq = engine->dq;
	_cleanup_free_ const char **ids = NULL;
	struct err err;

	if (own->n_released == 0)
		return;
	ids = calloc(own->n_released, sizeof(*ids));
	for (size_t i = 0; ids && i < own->n_released; i++)
		ids[i] = own->released[i];
	/* What can't be given back now is found free when we are gone. */
	if (ids)
		(void)ledger_lease_release(
		    dq->ledger, dq->profile, ids, own->n_released, &err);
	own->n_released = 0;
}

/* The analyzer of gcc 12 loses sight of the array in a struct behind a pointer. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
void own_release(struct engine *engine, struct item *item)
{
	struct owning *own = engine->owning;

	if (!item->lease_token || !own)
		return;
	item->lease_token = 0;
	if (own->n_released == RELEASED_MAX)
		give_back(engine);
	if (own->n_released == own->released_room) {
		const size_t room = own->released_room ? 2 * own->released_room : 64;
		void *grown = realloc(own->released, room * sizeof(*own->released));

		if (!grown)
			return; /* the end of the run gives it back, too */
		own->released = grown;
		own->released_room = room;
	}
	(void)stpcpy(own->released[own->n_released++], item->id);
}

#ifndef __clang__
#pragma GCC diagnostic pop
#endif

/* The ledger found no room: that is waited for. */
static void went_wrong(struct engine *engine, const struct err *why)
{
	if (pause_waits_for(engine, why))
		pause_for_disk(engine, why, -1);
	else
		engine_abort(engine, why);
}

/* --- the beginning ------------------------------------------------------------------ */

static void plan(struct owning *own, int64_t now_ms)
{
	own->step_ms = now_ms + OWN_STEP_MS;
	own->renew_ms = now_ms + LEDGER_RENEW_MS;
	own->renewed_unix_ms = clock_unix_ms();
}

enum err_kind own_begin(struct engine *engine, struct err *err)
{
	engine->owning = calloc(1, sizeof(*engine->owning));
	if (!engine->owning)
		return err_set(err, ERR_NOMEM, "out of memory");
	plan(engine->owning, clock_mono_ms());
	if (engine->goal == GOAL_WATCH) {
		own_hurry(engine);
		return ERR_OK;
	}
	return own_take_ids(engine, err);
}

void own_free(struct engine *engine)
{
	struct owning *own = engine->owning;

	if (!own)
		return;
	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i])
			own_release(engine, engine->items[i]);
	give_back(engine);
	free(own->released);
	free(own);
	engine->owning = NULL;
}

/* --- what others own ------------------------------------------------------------------
 */

/* Its owner brought it to where this run wants it: no look of ours is needed. */
static bool is_all_done(const struct engine *engine, const struct task *task)
{
	if (engine->goal == GOAL_SUBMIT)
		return task->state != TASK_SUBMITTING && task->state != TASK_UNKNOWN;
	if (!task_state_is_final(task->state))
		return false;
	return engine->goal == GOAL_WAIT || task->state != TASK_SUCCEEDED ||
	    downloads_are_home(engine->downloads, task);
}

static void read_news(struct engine *engine, struct item *item)
{
	struct dq *dq = engine->dq;
	struct task *task = NULL;
	struct err err;

	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
		return;
	}
	if (task)
		news_from_ledger(engine, item, task, is_all_done(engine, task));
}

static enum err_kind take_over(
    struct engine *engine, struct item *item, const struct lease *lease, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;

	if (ledger_find(engine->dq->ledger, engine->dq->profile, item->id, &task, err))
		return err->kind;
	return own_place(engine, item, lease, task && task->is_waiting, err);
}

/* Nobody will tell of it any more. What is being fetched comes home first. */
static void was_forgotten(struct engine *engine, struct item *item)
{
	struct err why;

	if (item_files_open(engine, item) > 0)
		return;
	err_set(&why, ERR_NOT_FOUND, "task '%s' was forgotten", item->id);
	item->is_final = true;
	engine_conclude(engine, item, &why);
}

static enum err_kind step_followed(struct engine *engine, struct err *err)
{
	_cleanup_(leases_release) struct leases c = { 0 };

	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i] && engine->items[i]->role == ITEM_FOLLOWED &&
		    !engine->items[i]->has_ended)
			leases_add(&c, engine->items[i]->id, false);
	if (leases_take(engine, &c, err))
		return err->kind;
	for (size_t i = 0; i < c.n && !engine->fatal.kind; i++) {
		struct item *item = item_find(engine, c.all[i].id);

		if (c.leases[i].token) {
			if (take_over(engine, item, &c.leases[i], err))
				return err->kind;
		} else if (!c.leases[i].version) {
			was_forgotten(engine, item);
		} else if (c.leases[i].version != item->version) {
			item->version = c.leases[i].version;
			read_news(engine, item);
		}
	}
	return ERR_OK;
}

/* --- going on
 * --------------------------------------------------------------------------- */

/* After a suspend or a long stop others may have taken over what was ours. */
static enum err_kind check_ours(struct engine *engine, struct err *err)
{
	_cleanup_(leases_release) struct leases c = { 0 };

	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i] && engine->items[i]->lease_token)
			leases_add(&c, engine->items[i]->id, false);
	if (leases_take(engine, &c, err))
		return err->kind;
	for (size_t i = 0; i < c.n; i++) {
		struct item *item = item_find(engine, c.all[i].id);

		item->lease_token = c.leases[i].token;
		if (!item->lease_token)
			own_lost(engine, item);
	}
	return ERR_OK;
}

/* So long that others may take us for stopped? Also when the clock has jumped. */
static bool was_away(const struct owning *own)
{
	const int64_t gap_ms = clock_unix_ms() - own->renewed_unix_ms;

	return gap_ms > LEDGER_LEASE_MS - LEDGER_RENEW_MS || gap_ms < 0;
}

static void renew(struct engine *engine, int64_t now_ms)
{
	struct owning *own = engine->owning;
	struct err err;

	own->renew_ms = now_ms + LEDGER_RENEW_MS;
	if ((was_away(own) && check_ours(engine, &err)) ||
	    ledger_lease_renew(engine->dq->ledger, clock_unix_ms(), &err))
		went_wrong(engine, &err);
	else
		own->renewed_unix_ms = clock_unix_ms();
}

static void glance(struct engine *engine, int64_t now_ms)
{
	struct owning *own = engine->owning;
	const bool has_changed = ledger_has_changed(engine->dq->ledger);
	struct err err;
	size_t n_dead;

	own->step_ms = now_ms + OWN_STEP_MS;
	if (!has_changed && now_ms < own->sure_ms)
		return;
	own->sure_ms = now_ms + OWN_DEAD_MS;
	if (engine->goal == GOAL_WATCH &&
	    (engine_is_holding(engine) || pause_holds_looks(engine))) {
		/* Where nothing is open, nothing is waited for. */
		if (engine->wish->until_idle && search_is_idle(engine, &err))
			went_wrong(engine, &err);
		return;
	}
	/* Who was killed while he sent what we look at: it is unknown from here on. */
	if (ledger_settle_dead(engine->dq->ledger, &n_dead, &err) ||
	    (engine->goal == GOAL_WATCH ? search_open(engine, now_ms, &err)
					: step_followed(engine, &err)))
		went_wrong(engine, &err);
}

/* Who follows many must not spend all his time, and the ledger's, on following. */
static void glance_and_rest(struct engine *engine, int64_t now_ms)
{
	struct owning *own = engine->owning;
	const int64_t begun_ms = clock_mono_ms();
	int64_t rest_ms;

	glance(engine, now_ms);
	rest_ms = GLANCE_REST * (clock_mono_ms() - begun_ms);
	if (rest_ms > OWN_DEAD_MS)
		rest_ms = OWN_DEAD_MS;
	if (own->step_ms > 0 && own->step_ms < begun_ms + rest_ms) /* 0: own_hurry() */
		own->step_ms = begun_ms + rest_ms;
}

void own_step(struct engine *engine, int64_t now_ms)
{
	if (engine->goal == GOAL_QUERY)
		return;
	give_back(engine);
	if (now_ms >= engine->owning->renew_ms ||
	    (was_away(engine->owning) && !pause_holds_looks(engine)))
		renew(engine, now_ms);
	if (now_ms >= engine->owning->step_ms)
		glance_and_rest(engine, now_ms);
}

void own_hurry(struct engine *engine)
{
	engine->owning->step_ms = 0;
	engine->owning->sure_ms = 0;
}

int64_t own_next_ms(const struct engine *engine)
{
	const struct owning *own = engine->owning;

	if (engine->goal == GOAL_QUERY)
		return INT64_MAX;
	return own->step_ms < own->renew_ms ? own->step_ms : own->renew_ms;
}
