/*
 * watch.c - the verb that never ends, and what becomes of ids that have ended in it.
 */
#include "core/engine/watch.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/download/downloads.h"
#include "core/lease/own.h"
#include "core/poll/doubt.h"
#include "core/poll/waiting.h"
#include "core/submit/outbox.h"

enum {
	REST_MIN_MS = 60 * 1000, /* after an end in trouble: this, doubling ... */
	REST_MAX_MS = 60 * 60 * 1000, /* ... up to this */
};

/* Did it end, or only this attempt at it? */
static bool is_over(const struct engine *engine, const struct item *item)
{
	/* Looks at it go on, slowly, until the search (search.c) believes it. */
	if (item->is_final && item->is_doubtful && !engine->wish->until_idle)
		return false;
	return item->outcome == ERR_OK ||
	    (item->is_final &&
		(item->outcome == ERR_FAILED || item->outcome == ERR_NOT_FOUND));
}

static int64_t rest_ms(const struct engine *engine, const struct item *item)
{
	int64_t for_ms = REST_MIN_MS;

	for (unsigned i = 0; i < item->rests && for_ms < REST_MAX_MS; i++)
		for_ms *= 2;
	return item->is_doubtful ? waiting_span_ms(engine, for_ms) : for_ms;
}

/* It begins anew later, as if nothing had been; free for others meanwhile. */
static void rest(struct engine *engine, struct item *item, int64_t now_ms)
{
	downloads_forget(engine->downloads, item->key);
	item->role = ITEM_RESTING;
	item->rest_until_ms = now_ms + rest_ms(engine, item);
	item->rests++;
	item->has_ended = item->is_final = item->looks_are_over = false;
	item->unreadable = 0;
	if (item->doubt)
		item->doubt->looks = 0;
	item->glimpse = (struct glimpse){ 0 };
	item->memory = (struct look_memory){ 0 };
	free(item->trouble);
	item->trouble = NULL;
	engine->n_open++;
	engine->dq->totals.tasks_ended--;
	engine->dq->totals.tasks_failed -= item->outcome != ERR_RUNNING;
}

void watch_sweep(struct engine *engine, int64_t now_ms)
{
	const size_t n = engine->n_ended_keys;
	size_t n_kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct item *item = engine->items[engine->ended_keys[i]];

		if (item->requests > 0)
			engine->ended_keys[n_kept++] = item->key;
		else if (is_over(engine, item))
			item_drop(engine, item);
		else
			rest(engine, item, now_ms);
	}
	if (n_kept < n && engine->wish->until_idle)
		own_hurry(engine);
	engine->n_ended_keys = n_kept;
}

void watch_let_go(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_items; i++) {
		struct item *item = engine->items[i];

		if (!item || item->has_ended || item->requests > 0 ||
		    item_files_open(engine, item) > 0 || item->role == ITEM_RESTING)
			continue;
		if (item->role == ITEM_UNSENT)
			outbox_drop(engine, item);
		own_release(engine, item);
		engine->dq->totals.tasks--;
		item_drop(engine, item);
	}
}

/* Each try waits as long as the ledger does, and says so. Until --max-wait is over. */
static enum err_kind wait_for_ledger(struct dq *dq, struct err *err)
{
	enum err_kind kind;

	do {
		kind = session_ledger(dq, err);
	} while (kind == ERR_LOCKED && !session_is_to_end(dq) && !session_is_late(dq));
	return kind;
}

enum dq_status dq_watch(
    struct dq *dq, const struct dq_watch *given, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct dq_watch watch;
	struct engine_wish wish = { .goal = GOAL_WATCH, .get = &watch.get };
	struct err err;

	given_take(&watch, sizeof(watch), given);
	wish.until_idle = watch.until_idle;
	session_set_max_wait(dq, watch.get.wait.max_wait_ms);
	if (wait_for_ledger(dq, &err) || session_net(dq, &err))
		return session_fail(&err, ret_error);
	if (session_api(dq, &err) && err.kind != ERR_AUTH)
		return session_fail(&err, ret_error);
	if (engine_run(dq, &wish, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

void dq_drain(struct dq *dq, int64_t grace_ms)
{
	struct net *net = atomic_load(&dq->wakes);

	atomic_store(&dq->drain_grace_ms, grace_ms < 0 ? 0 : grace_ms);
	if (net)
		net_wake(net);
}
