/*
 * polling.c - the polling of an id begins, and stops without its end: no poll will help
 * it, or none will come.
 */
#include "base/cleanup.h"
#include "core/download/downloads.h"
#include "core/engine/observed.h"
#include "core/engine/run.h"
#include "core/poll/poll.h"

enum { ROWS_AT_ONCE = 200 };

void engine_poll(struct engine *engine, struct item *item)
{
	struct err err;

	item->role = ITEM_POLLED;
	if (engine->goal->by_name)
		engine_rescue(engine, item);
	else if (item->polling_is_over)
		engine_conclude_if_done(engine, item);
	else if (!item->has_ended && polls_begin(engine->polls, item->key, &err))
		engine_abort(engine, &err);
}

/* `row`: what the ledger has of it, for when this run has seen nothing; taken over. */
static void end_polling_of(
    struct engine *engine, struct item *item, struct task *row, const struct err *why)
{
	item->polling_is_over = true;
	polls_end(engine->polls, item->key);
	if (!item_task(engine, item))
		observed_on_disk(engine, item, TAKE_PTR(row));
	task_free(row);
	if (item->has_ended)
		return;
	if (engine->downloads)
		downloads_no_links(engine->downloads, item->key, why);
	engine_conclude_if_done(engine, item);
}

static bool is_polling_over(struct engine *engine, struct item *item)
{
	if (item->has_ended || item->polling_is_over)
		return true;
	if (item->role != ITEM_UNSENT || !item_is_asked_for(engine, item))
		return false;
	item->polling_is_over = true; /* its answer is waited for */
	return true;
}

/* Reading a row at a time costs more than all else that ends an id. */
struct portion {
	struct item *items[ROWS_AT_ONCE];
	const char *ids[ROWS_AT_ONCE];
	size_t n;
};

static void portion_add(struct portion *portion, struct item *item)
{
	portion->ids[portion->n] = item->id;
	portion->items[portion->n++] = item;
}

static void end_portion(
    struct engine *engine, struct portion *portion, const struct err *why)
{
	const struct dq *dq = engine->dq;
	struct task *rows[ROWS_AT_ONCE] = { NULL };
	struct err err;

	if (ledger_find_all(
		dq->ledger, dq->profile, portion->ids, portion->n, rows, &err))
		engine_abort(engine, &err);
	for (size_t i = 0; i < portion->n; i++)
		end_polling_of(engine, portion->items[i], rows[i], why);
	portion->n = 0;
}

void engine_end_polling_of(
    struct engine *engine, struct item *item, const struct err *why)
{
	struct portion one = { .n = 0 };

	item_note_trouble(engine, item, why);
	if (is_polling_over(engine, item))
		return;
	portion_add(&one, item);
	end_portion(engine, &one, why);
}

void engine_end_polling(struct engine *engine, const struct err *why)
{
	struct portion portion = { .n = 0 };

	if (engine->polling_over.kind)
		return;
	engine_end_offers(engine, why);
	if (engine_is_browsing(engine))
		engine_worsen(engine, why);
	engine->polling_over = *why;
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);

		if (!item || is_polling_over(engine, item))
			continue;
		portion_add(&portion, item);
		if (portion.n == ROWS_AT_ONCE)
			end_portion(engine, &portion, why);
	}
	end_portion(engine, &portion, why);
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
