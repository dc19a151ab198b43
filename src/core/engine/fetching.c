/*
 * fetching.c - a task's files go to the downloads, each in the variant that is wanted of
 * it. For that the service may have to be asked (offers.h), once the task has ended: what
 * it has of one that still runs is nothing to choose from.
 */
#include "core/download/downloads.h"
#include "core/engine/run.h"
#include "core/offers/offers.h"
#include "core/offers/pick.h"

static enum asset_wish wish_of(
    const struct engine *engine, const struct task *task, const struct asset *asset)
{
	const struct dq *dq = engine->dq;

	if (!downloads_want(engine->downloads, task, asset))
		return WISH_NOTHING;
	if (!downloads_have(engine->downloads, asset))
		return WISH_FETCH;
	return dq->outdoes && pick_may_better(asset, dq->quality) ? WISH_BETTER
								  : WISH_NOTHING;
}

/* True: the service has to be asked about one of them. */
static bool wish(const struct engine *engine, struct task *task)
{
	bool asks = false;

	for (size_t i = 0; i < task->n_assets; i++) {
		struct asset *asset = &task->assets[i];

		asset->wish = wish_of(engine, task, asset);
		asset->ask = asset->wish != WISH_NOTHING &&
			offers_has_original(engine->offers, asset)
		    ? ASK_ORIGINAL
		    : ASK_NOTHING;
		asks |= asset->ask != ASK_NOTHING;
	}
	return asks;
}

void engine_fetch(struct engine *engine, struct item *item, struct task *task)
{
	if (wish(engine, task) && !item->is_final) {
		item->task = task; /* until its end */
		return;
	}
	if (!offers_take(engine->offers, item->key, item->id, task))
		downloads_give(engine->downloads, item->key, item->id, task);
}

/* No poll will renew their links any more. */
static void tell_no_links(struct engine *engine, const struct item *item)
{
	const struct err *why = engine->polling_over.kind ? &engine->polling_over
							  : item_trouble(engine, item);

	if (item->polling_is_over && why)
		downloads_no_links(engine->downloads, item->key, why);
}

static void can_be_fetched(struct engine *engine, const struct offers_told *told)
{
	struct item *item = item_at(engine, told->key);

	if (!item || item->has_ended || item->role != ITEM_POLLED) {
		task_free(told->task);
		return;
	}
	if (engine->goal->by_name) {
		engine_rescue_go_on(engine, item, told->task, &told->why);
		return;
	}
	downloads_give(engine->downloads, item->key, item->id, told->task);
	tell_no_links(engine, item);
	engine_conclude_if_done(engine, item);
}

void engine_settle_offers(struct engine *engine)
{
	struct offers_told told;

	while (engine->offers && offers_told(engine->offers, &told))
		can_be_fetched(engine, &told);
}

void engine_end_offers(struct engine *engine, const struct err *why)
{
	if (!engine->offers)
		return;
	offers_give_up(engine->offers, why);
	engine_settle_offers(engine);
}
