/*
 * ending.c - the end of an id: when all that was asked for it is done, what comes of it,
 * and its share in the exit status.
 */
#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/download/downloads.h"
#include "core/engine/pause.h"
#include "core/engine/run.h"
#include "core/offers/offers.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

/* A place where nothing lies is no result of who looks for what is missing. */
static void mind_missing(const struct engine *engine, struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		struct asset *asset = &task->assets[i];

		if (asset->state == ASSET_STORED &&
		    !downloads_have(engine->downloads, asset))
			asset->state = ASSET_WANTED;
	}
}

/* Files of it that were wanted are not here yet, and may be had later. */
static bool is_cut_short(const struct task *task, const struct err *outcome)
{
	if (task->state != TASK_SUCCEEDED || outcome->kind == ERR_OK)
		return false;
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].state == ASSET_WANTED ||
		    task->assets[i].state == ASSET_FETCHED)
			return true;
	return false;
}

static void tell_end(
    struct engine *engine, const struct task *task, const struct err *outcome)
{
	engine_mind_meant(engine, task);
	if (is_cut_short(task, outcome))
		session_emit_cut(engine->dq, task);
	else
		session_emit_task(engine->dq, DQ_EVENT_TASK, task);
}

/* The last word comes from the ledger, which has what other processes did, too. */
static void tell_last_word(
    struct engine *engine, const struct item *item, const struct err *outcome)
{
	struct dq *dq = engine->dq;
	const struct task *seen = item_task(engine, item);
	_cleanup_(task_freep) struct task *task = NULL;
	const struct watched *watched = item->watched;
	struct err err;

	if (watched && watched->is_told && watched->told == item->outcome)
		return;
	if (seen && !engine->goal->by_name) {
		tell_end(engine, seen, outcome);
		return;
	}
	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
		return;
	}
	if (task && engine->goal->by_name)
		mind_missing(engine, task);
	if (task)
		tell_end(engine, task, outcome);
}

/* What ended badly long ago is no failure of who walks through all of it. */
static bool is_old_news(const struct engine *engine, const struct err *outcome)
{
	return engine->goal->browses &&
	    (outcome->kind == ERR_FAILED || outcome->kind == ERR_NOT_FOUND);
}

void engine_conclude(struct engine *engine, struct item *item, const struct err *outcome)
{
	if (item->has_ended)
		return;
	if (!is_old_news(engine, outcome))
		engine_worsen(engine, outcome);
	item->has_ended = true;
	item->outcome = outcome->kind;
	engine->n_open--;
	totals_task_ended(engine->dq, outcome->kind);
	if (engine->outbox && item->role == ITEM_UNSENT)
		outbox_drop(engine->outbox, item->key);
	polls_end(engine->polls, item->key);
	tell_last_word(engine, item, outcome);
	engine_end_meant(engine);
	task_free(item->task);
	item->task = NULL;
	if (engine->downloads) {
		offers_drop(engine->offers, item->key);
		downloads_forget(engine->downloads, item->key);
		downloads_task_ended(engine->downloads, item->id);
	}
	if (engine->goal->perseveres) /* any other run does so at its end */
		polls_keep(engine->polls, item->key);
	item_release(engine, item);
	if (engine->outbox && item->is_final)
		outbox_room(engine->outbox);
	if (engine->goal->perseveres)
		engine->ended_keys[engine->n_ended_keys++] = item->key;
}

static void outcome_of_state(
    const struct engine *engine, const struct item *item, struct err *ret_outcome)
{
	*ret_outcome = (struct err){ .kind = ERR_OK };
	if (engine->goal->by_name)
		return; /* of its files alone */
	switch (item_state(item)) {
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
			? N_("task '%s' waits to be sent; nothing is lost")
			: N_("task '%s' is still running"),
		    item->id);
		break;
	}
}

/* Is the state that the last poll showed all that was asked for? */
static bool is_seen_enough(const struct engine *engine, const struct item *item)
{
	if (engine->goal->end == GOAL_ENDS_ARRIVED)
		return item_state(item) != TASK_UNKNOWN &&
		    item_state(item) != TASK_SUBMITTING;
	return engine->goal->end == GOAL_ENDS_SEEN;
}

void engine_conclude_if_done(struct engine *engine, struct item *item)
{
	const struct err *trouble = item_trouble(engine, item);
	struct err outcome;

	if (item->has_ended || item_files_open(engine, item) > 0)
		return;
	if (!item->is_final && !is_seen_enough(engine, item) && !item->polling_is_over)
		return;
	outcome_of_state(engine, item, &outcome);
	if (engine->goal->end == GOAL_ENDS_ARRIVED && outcome.kind == ERR_RUNNING &&
	    is_seen_enough(engine, item))
		outcome = (struct err){ .kind = ERR_OK }; /* the service has it */
	else if (engine->polling_over.kind && !item->is_final)
		outcome = engine->polling_over;
	if (trouble && err_is_worse(trouble, &outcome))
		outcome = *trouble;
	engine_conclude(engine, item, &outcome);
}
