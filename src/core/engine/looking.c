/*
 * looking.c - looks at an id begin, and end without its end: no look will help it, or
 * none will come.
 */
#include "core/download/downloads.h"
#include "core/engine/news.h"
#include "core/engine/run.h"
#include "core/poll/poll.h"

void engine_look_at(struct engine *engine, struct item *item)
{
	struct err err;

	item->role = ITEM_LOOKED_AT;
	if (item->looks_are_over)
		engine_conclude_if_done(engine, item);
	else if (!item->has_ended && polls_begin(engine->polls, item->key, &err))
		engine_abort(engine, &err);
}

static void end_looks_at(struct engine *engine, struct item *item, const struct err *why)
{
	if (item->has_ended || item->looks_are_over)
		return;
	item->looks_are_over = true;
	if (item->role == ITEM_UNSENT && item_is_asked_for(engine, item))
		return; /* its answer is waited for */
	polls_end(engine->polls, item->key);
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
void engine_end_sends(struct engine *engine, const struct err *why)
{
	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i] && engine->items[i]->role == ITEM_UNSENT)
			engine_end_looks_at(engine, engine->items[i], why);
}
