/*
 * polling.c - the polling of an id begins, and stops without its end: no poll will help
 * it, or none will come.
 */
#include "core/download/downloads.h"
#include "core/engine/observed.h"
#include "core/engine/run.h"
#include "core/poll/poll.h"

void engine_poll(struct engine *engine, struct item *item)
{
	struct err err;

	item->role = ITEM_POLLED;
	if (item->polling_is_over)
		engine_conclude_if_done(engine, item);
	else if (!item->has_ended && polls_begin(engine->polls, item->key, &err))
		engine_abort(engine, &err);
}

static void end_polling_of(
    struct engine *engine, struct item *item, const struct err *why)
{
	if (item->has_ended || item->polling_is_over)
		return;
	item->polling_is_over = true;
	if (item->role == ITEM_UNSENT && item_is_asked_for(engine, item))
		return; /* its answer is waited for */
	polls_end(engine->polls, item->key);
	if (engine->downloads)
		observed_on_disk(engine, item);
	if (item->has_ended)
		return;
	if (engine->downloads)
		downloads_no_links(engine->downloads, item->key, why);
	engine_conclude_if_done(engine, item);
}

void engine_end_polling_of(
    struct engine *engine, struct item *item, const struct err *why)
{
	item_note_trouble(engine, item, why);
	end_polling_of(engine, item, why);
}

void engine_end_polling(struct engine *engine, const struct err *why)
{
	if (engine->polling_over.kind)
		return;
	engine->polling_over = *why;
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);

		if (item)
			end_polling_of(engine, item, why);
	}
}

/* What has not been sent stays in the ledger's queue. */
void engine_end_sends(struct engine *engine, const struct err *why)
{
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);

		if (item && item->role == ITEM_UNSENT)
			engine_end_polling_of(engine, item, why);
	}
}
