/*
 * ending.c - the end of an id: when all that was asked for it is done, what comes of it,
 * and its share in the exit status.
 */
#include "base/cleanup.h"
#include "core/download/downloads.h"
#include "core/engine/engine.h"
#include "core/engine/pause.h"
#include "core/lease/own.h"
#include "core/poll/news.h"
#include "core/submit/outbox.h"

/* The last word comes from the ledger, which has what other processes did, too. */
static void tell_last_word(struct engine *engine, const struct item *item)
{
	struct dq *dq = engine->dq;
	const struct task *seen = item_task(engine, item);
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (seen) {
		session_emit_task(dq, DQ_EVENT_TASK, seen);
		return;
	}
	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
		return;
	}
	if (task)
		session_emit_task(dq, DQ_EVENT_TASK, task);
}

/* A watch forgets it soon; any other run brings all tallies at its end. */
static void keep_tally(struct engine *engine, struct item *item)
{
	struct err err;

	if (engine->goal == GOAL_WATCH && tally_keep(engine, item, &err))
		engine_abort(engine, &err);
}

void engine_conclude(struct engine *engine, struct item *item, const struct err *outcome)
{
	if (item->has_ended)
		return;
	engine_worsen(engine, outcome);
	item->has_ended = true;
	item->outcome = outcome->kind;
	engine->n_open--;
	engine->dq->totals.tasks_ended++;
	if (outcome->kind != ERR_OK && outcome->kind != ERR_RUNNING)
		engine->dq->totals.tasks_failed++;
	if (engine->outbox && item->role == ITEM_UNSENT)
		outbox_drop(engine, item);
	sched_drop(engine->sched, item->key);
	tell_last_word(engine, item);
	task_free(item->task);
	item->task = NULL;
	if (engine->downloads) {
		downloads_forget(engine->downloads, item->key);
		downloads_task_ended(engine->downloads, item->id);
	}
	keep_tally(engine, item);
	own_release(engine, item);
	if (engine->outbox && item->is_final)
		outbox_room(engine);
	if (engine->goal == GOAL_WATCH)
		engine->ended_keys[engine->n_ended_keys++] = item->key;
}

static void outcome_of_state(const struct item *item, struct err *ret_outcome)
{
	*ret_outcome = (struct err){ .kind = ERR_OK };
	switch (item->glimpse.state) {
	case TASK_SUCCEEDED:
		break;
	case TASK_FAILED:
		err_set(ret_outcome, ERR_FAILED, "task '%s' failed", item->id);
		break;
	case TASK_CANCELLED:
		err_set(ret_outcome, ERR_FAILED, "task '%s' was cancelled", item->id);
		break;
	case TASK_NOT_FOUND:
		err_set(ret_outcome, ERR_NOT_FOUND, "the service does not know task '%s'",
		    item->id);
		break;
	case TASK_SUBMITTING:
	case TASK_UNKNOWN:
	case TASK_QUEUED:
	case TASK_GENERATING:
	case TASK_PARTIAL:
		err_set(ret_outcome, ERR_RUNNING,
		    item->role == ITEM_UNSENT
			? "task '%s' waits to be sent; nothing is lost"
			: "task '%s' is still running",
		    item->id);
		break;
	}
}

/* Is the state that the last look showed all that was asked for? */
static bool is_seen_enough(const struct engine *engine, const struct item *item)
{
	if (engine->goal == GOAL_SUBMIT)
		return item->glimpse.state != TASK_UNKNOWN &&
		    item->glimpse.state != TASK_SUBMITTING;
	return engine->goal == GOAL_QUERY;
}

void engine_conclude_if_done(struct engine *engine, struct item *item)
{
	const struct err *trouble = item_trouble(engine, item);
	struct err outcome;

	if (item->has_ended || item_files_open(engine, item) > 0)
		return;
	if (!item->is_final && !is_seen_enough(engine, item) && !item->looks_are_over)
		return;
	outcome_of_state(item, &outcome);
	if (engine->goal == GOAL_SUBMIT && outcome.kind == ERR_RUNNING &&
	    is_seen_enough(engine, item))
		outcome = (struct err){ .kind = ERR_OK }; /* the service has it */
	else if (engine->looks_over.kind && !item->is_final)
		outcome = engine->looks_over;
	if (trouble && err_is_worse(trouble, &outcome))
		outcome = *trouble;
	engine_conclude(engine, item, &outcome);
}

static void end_looks_at(struct engine *engine, struct item *item, const struct err *why)
{
	if (item->has_ended || item->looks_are_over)
		return;
	item->looks_are_over = true;
	if (item->role == ITEM_UNSENT && item->requests > 0)
		return; /* its answer is waited for */
	sched_drop(engine->sched, item->key);
	if (engine->downloads)
		news_from_disk(engine, item);
	if (item->has_ended)
		return;
	if (engine->downloads)
		downloads_no_links(engine->downloads, item->key, why);
	engine_conclude_if_done(engine, item);
}

void engine_end_looks_at(struct engine *engine, struct item *item, const struct err *why)
{
	item_note_trouble(engine, item, why);
	end_looks_at(engine, item, why);
}

void engine_end_looks(struct engine *engine, const struct err *why)
{
	if (engine->looks_over.kind)
		return;
	engine->looks_over = *why;
	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i])
			end_looks_at(engine, engine->items[i], why);
}

/* What has not been sent stays in the ledger's queue. */
static void end_sends(struct engine *engine, const struct err *why)
{
	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i] && engine->items[i]->role == ITEM_UNSENT)
			engine_end_looks_at(engine, engine->items[i], why);
}

void engine_account_trouble(struct engine *engine, const struct err *why)
{
	if (engine->goal == GOAL_WATCH)
		pause_for_account(
		    engine, why, why->kind == ERR_AUTH ? PAUSE_ALL : PAUSE_SENDING);
	else if (why->kind == ERR_AUTH)
		engine_end_looks(engine, why);
	else
		end_sends(engine, why);
}
