/*
 * rescue.c - files whose record is gone, by their own names: the ledger knows them, and
 * the service is asked for nothing but their links (offers.h). No poll is made, and no
 * state of a task changes.
 */
#include "base/say.h"
#include "core/download/downloads.h"
#include "core/engine/run.h"
#include "core/offers/offers.h"

/* Only the files that are wanted stay; the ledger has the others. */
static void keep_wanted(const struct engine *engine, struct task *task)
{
	const struct run_spec *spec = engine->spec;
	size_t n = 0;

	for (size_t i = 0; i < task->n_assets; i++) {
		struct asset *asset = &task->assets[i];

		if (!asset->uri || downloads_have(engine->downloads, asset) ||
		    !spec->wants(spec->payload, task->submit_id, asset->index))
			continue;
		asset->wish = WISH_FETCH;
		asset->ask = offers_knows_names(engine->offers, asset->kind)
		    ? ASK_NAME
		    : ASK_NOTHING;
		task->assets[n++] = *asset;
	}
	task->n_assets = n;
}

void engine_rescue(struct engine *engine, struct item *item)
{
	const struct dq *dq = engine->dq;
	const struct err not_asked = { .kind = ERR_RUNNING,
		.msg = N_("the waiting time ended before it was asked for") };
	struct task *task = NULL;
	struct err err;

	item->is_final = true;
	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
		return;
	}
	if (task)
		keep_wanted(engine, task);
	if (!task || task->n_assets == 0) {
		task_free(task);
		engine_conclude_if_done(engine, item);
		return;
	}
	if (!offers_take(engine->offers, item->key, item->id, task))
		engine_rescue_go_on(engine, item, task, &not_asked);
}

/* Has the service said that it has it no more? Anything else may be otherwise tomorrow.
 */
static bool is_denied(const struct err *why)
{
	return why->kind == ERR_GONE || why->kind == ERR_NOT_FOUND;
}

static void could_not(struct engine *engine, struct item *item, const struct asset *asset,
    const struct err *why)
{
	static const char gone[] = N_("the service does not have it any more");
	struct dq *dq = engine->dq;
	struct err outcome = *why, err;

	if (is_denied(why)) {
		engine->spec->is_gone(engine->spec->payload, item->id, asset->index);
		err_set(&outcome, ERR_NOT_FOUND, "%s", gone);
		if (asset->state != ASSET_STORED &&
		    ledger_asset_lost(
			dq->ledger, dq->profile, item->id, asset->index, gone, &err))
			engine_worsen(engine, &err);
	}
	err_note(&outcome, "'%.100s', file %d of task '%s'", asset->uri, asset->index,
	    item->id);
	session_note(dq, "%s", err_shown(&outcome));
	item_note_trouble(engine, item, &outcome);
}

void engine_rescue_go_on(
    struct engine *engine, struct item *item, struct task *task, const struct err *why)
{
	size_t n = 0;

	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].url)
			task->assets[n++] = task->assets[i];
		else
			could_not(engine, item, &task->assets[i], why);
	task->n_assets = n;
	if (n > 0)
		downloads_give(engine->downloads, item->key, item->id, task);
	else
		task_free(task);
	engine_conclude_if_done(engine, item);
}
