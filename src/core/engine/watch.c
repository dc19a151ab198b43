/*
 * watch.c - what becomes of ids that have ended in a watch.
 */
#include "core/engine/watch.h"

#include <stdlib.h>

#include "core/account/totals.h"
#include "core/download/downloads.h"
#include "core/lease/leases.h"
#include "core/policy/backoff.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

/* Did it end, or only this attempt at it? */
static bool is_over(const struct engine *engine, const struct item *item)
{
	/* Looks at it go on, slowly, until the search (search.c) believes it. */
	if (item->is_final && item->is_doubtful && !engine->spec->until_idle)
		return false;
	return item->outcome == ERR_OK ||
	    (item->is_final &&
		(item->outcome == ERR_FAILED || item->outcome == ERR_NOT_FOUND));
}

static int64_t rest_ms(const struct engine *engine, const struct item *item)
{
	const int64_t for_ms = backoff_ms(BACKOFF_REST, item->watched->rests + 1, 0);

	/* These wait for the service, by its clock. */
	return item->is_doubtful || item->outcome == ERR_GONE
	    ? session_span_ms(engine->dq, for_ms)
	    : for_ms;
}

/* It begins anew later, as if nothing had been; free for others meanwhile. */
static void rest(struct engine *engine, struct item *item)
{
	downloads_forget(engine->downloads, item->key);
	item->role = ITEM_RESTING;
	item->watched->rest_until_ms = engine->dq->now.mono_ms + rest_ms(engine, item);
	item->watched->rests++;
	item->watched->is_told = item->is_doubtful;
	item->watched->told = item->outcome;
	item->has_ended = item->is_final = item->polling_is_over = false;
	if (!item->is_doubtful) {
		free(item->snapshot);
		item->snapshot = NULL;
	}
	polls_reset(engine->polls, item->key);
	free(item->trouble);
	item->trouble = NULL;
	engine->n_open++;
	totals_task_resumed(engine->dq, item->outcome);
}

void watch_sweep(struct engine *engine)
{
	const size_t n = engine->n_ended_keys;
	size_t n_kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct item *item = item_at(engine, engine->ended_keys[i]);

		if (item_is_asked_for(engine, item))
			engine->ended_keys[n_kept++] = item->key;
		else if (is_over(engine, item))
			item_drop(engine, item);
		else
			rest(engine, item);
	}
	if (n_kept < n && engine->spec->until_idle)
		leases_hurry(engine->leases);
	engine->n_ended_keys = n_kept;
}

void watch_let_go(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = item_at(engine, i);

		if (!item || item->has_ended || item_is_asked_for(engine, item) ||
		    item_files_open(engine, item) > 0 || item->role == ITEM_RESTING)
			continue;
		if (item->role == ITEM_UNSENT)
			outbox_drop(engine->outbox, item->key);
		item_release(engine, item);
		totals_task_left(engine->dq);
		item_drop(engine, item);
	}
}
