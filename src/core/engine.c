#include "core/engine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download.h"
#include "core/look.h"
#include "core/random.h"
#include "model/taskid.h"

enum { STEP_MAX_MS = 60000, WORKER_THREADS = 4 };

/* A longer wait ("never") is taken as this: no sum of it runs over. */
static const int64_t wait_max_ms = INT64_MAX / 4;

uint64_t engine_random(struct engine *engine)
{
	return random_next(&engine->random);
}

size_t engine_key(const struct engine *engine, const struct item *item)
{
	return (size_t)(item - engine->items);
}

/* Exit statuses, the most serious to act on first (DESIGN 1). */
static unsigned rank_of(enum err_kind kind)
{
	static const int order[] = { 130, 3, 8, 6, 7, 5, 1, 4, 2, 0 };
	const int status = err_exit_status(kind);
	unsigned rank = 0;

	while (rank < sizeof(order) / sizeof(*order) - 1 && order[rank] != status)
		rank++;
	return rank;
}

bool engine_is_worse(const struct err *a, const struct err *b)
{
	return rank_of(a->kind) < rank_of(b->kind);
}

void engine_abort(struct engine *engine, const struct err *why)
{
	if (engine->fatal.kind == ERR_OK || engine_is_worse(why, &engine->fatal))
		engine->fatal = *why;
}

/* The last word comes from the ledger, which has what other processes did, too. */
static void tell_last_word(struct engine *engine, const struct item *item)
{
	struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (engine->goal == GOAL_SETTLE)
		return;
	if (item->task) {
		session_emit_task(dq, DQ_EVENT_TASK, item->task);
		return;
	}
	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err)) {
		engine_abort(engine, &err);
		return;
	}
	if (task)
		session_emit_task(dq, DQ_EVENT_TASK, task);
}

void engine_conclude(struct engine *engine, struct item *item, const struct err *outcome)
{
	if (item->has_ended)
		return;
	if (engine_is_worse(outcome, &engine->worst))
		engine->worst = *outcome;
	item->has_ended = true;
	engine->n_open--;
	engine->dq->totals.tasks_ended++;
	if (outcome->kind != ERR_OK && outcome->kind != ERR_RUNNING)
		engine->dq->totals.tasks_failed++;
	sched_drop(engine->sched, engine_key(engine, item));
	tell_last_word(engine, item);
	task_free(item->task);
	item->task = NULL;
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
		err_set(ret_outcome, ERR_RUNNING, "task '%s' is still running", item->id);
		break;
	}
}

/* Is the state that the last look showed all that was asked for? */
static bool is_seen_enough(const struct engine *engine, const struct item *item)
{
	return engine->goal == GOAL_QUERY ||
	    (engine->goal == GOAL_SETTLE && item->glimpse.state != TASK_UNKNOWN);
}

void engine_conclude_if_done(struct engine *engine, struct item *item)
{
	struct err outcome;

	if (item->has_ended || item->files_open > 0)
		return;
	if (!item->is_final && !is_seen_enough(engine, item) && !item->looks_are_over)
		return;
	outcome_of_state(item, &outcome);
	if (engine->looks_over.kind && !item->is_final)
		outcome = engine->looks_over;
	if (item->trouble.kind && engine_is_worse(&item->trouble, &outcome))
		outcome = item->trouble;
	engine_conclude(engine, item, &outcome);
}

static void end_looks_at(struct engine *engine, struct item *item, const struct err *why)
{
	if (item->has_ended || item->looks_are_over)
		return;
	item->looks_are_over = true;
	sched_drop(engine->sched, engine_key(engine, item));
	if (engine->downloads)
		downloads_orphan(engine, item, why);
	engine_conclude_if_done(engine, item);
}

void engine_end_looks_at(struct engine *engine, struct item *item, const struct err *why)
{
	if (engine_is_worse(why, &item->trouble))
		item->trouble = *why;
	end_looks_at(engine, item, why);
}

void engine_end_looks(struct engine *engine, const struct err *why)
{
	if (engine->looks_over.kind)
		return;
	engine->looks_over = *why;
	for (size_t i = 0; i < engine->n_items; i++)
		end_looks_at(engine, &engine->items[i], why);
}

/* --max-wait is over. What kept us from looking is the better reason, if there is one. */
static void end_waiting(struct engine *engine)
{
	struct err why = engine->last_trouble;

	engine->deadline_ms = INT64_MAX;
	engine->is_time_up = true;
	if (why.kind == ERR_OK)
		err_set(&why, ERR_RUNNING,
		    "still running when the waiting time ended; nothing is lost, run it "
		    "again");
	engine_end_looks(engine, &why);
}

static bool is_done(const struct engine *engine)
{
	if (engine->one_is_enough && engine->n_open < engine->n_items)
		return true;
	return engine->n_open == 0 &&
	    (!engine->workers || workers_busy(engine->workers) == 0);
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int step_timeout(const struct engine *engine, int64_t now_ms)
{
	int64_t until_ms = min(engine->deadline_ms, now_ms + STEP_MAX_MS);

	if (engine->requests < ENGINE_REQUESTS_MAX)
		until_ms = min(until_ms, sched_next_ms(engine->sched));
	if (engine->downloads)
		until_ms = min(until_ms, downloads_next_ms(engine));
	if (engine->dq->on_event)
		until_ms = min(until_ms, engine->tick_ms);
	return until_ms <= now_ms ? 0 : (int)(until_ms - now_ms);
}

static void tick(struct engine *engine, int64_t now_ms)
{
	if (now_ms < engine->tick_ms)
		return;
	engine->tick_ms = now_ms + ENGINE_TICK_MS;
	session_emit(engine->dq, (struct dq_event){ .type = DQ_EVENT_TICK });
}

static void loop(struct engine *engine)
{
	struct err err;

	while (!is_done(engine) && !engine->fatal.kind) {
		const int64_t now_ms = clock_mono_ms();

		if (atomic_load(&engine->dq->is_interrupted)) {
			err_set(&err, ERR_CANCELLED, "interrupted; nothing is lost");
			engine_abort(engine, &err);
			return;
		}
		if (now_ms >= engine->deadline_ms)
			end_waiting(engine);
		look_send_due(engine, now_ms);
		if (engine->downloads)
			downloads_start(engine, now_ms);
		tick(engine, now_ms);
		if (is_done(engine) || engine->fatal.kind)
			return;
		if (net_step(engine->dq->net, step_timeout(engine, now_ms), &err))
			engine_abort(engine, &err);
		if (engine->workers)
			(void)workers_collect(engine->workers);
	}
}

static enum err_kind make_items(
    struct engine *engine, const char *const *ids, size_t n, struct err *err)
{
	const int64_t now_ms = clock_mono_ms();

	engine->items = calloc(n, sizeof(*engine->items));
	if (!engine->items)
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", n);
	engine->n_items = engine->n_open = n;
	for (size_t i = 0; i < n; i++) {
		engine->items[i].id = ids[i];
		engine->items[i].as_history = taskid_is_history(ids[i]);
		if (sched_add(engine->sched, i, now_ms, err))
			return err->kind;
	}
	return ERR_OK;
}

static void wake_loop(void *payload)
{
	net_wake(payload);
}

static enum err_kind set_up(
    struct engine *engine, const char *const *ids, size_t n, struct err *err)
{
	struct dq *dq = engine->dq;

	engine->sched = sched_new(
	    engine->get.wait.interval_ms, dq->wire->batch_max, engine_random(engine));
	if (!engine->sched)
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	if (make_items(engine, ids, n, err))
		return err->kind;
	if (ledger_adopt(dq->ledger, dq->profile, ids, n, clock_unix_ms(), err))
		return err->kind;
	if (engine->goal != GOAL_GET)
		return ERR_OK;
	if (workers_new(WORKER_THREADS, wake_loop, dq->net, &engine->workers, err))
		return err->kind;
	return downloads_new(engine, err);
}

static void tear_down(struct engine *engine)
{
	look_drop_requests(engine); /* first: an answer may start downloads */
	workers_free(engine->workers);
	downloads_free(engine);
	for (size_t i = 0; engine->items && i < engine->n_items; i++)
		task_free(engine->items[i].task);
	free(engine->items);
	sched_free(engine->sched);
}

static void resolve_options(struct engine *engine, const struct dq_get *get)
{
	if (get)
		engine->get = *get;
	engine->one_is_enough = engine->goal == GOAL_WAIT && engine->get.wait.any;
	engine->deadline_ms = INT64_MAX;
	if (engine->get.wait.max_wait_ms > 0 && engine->goal != GOAL_QUERY)
		engine->deadline_ms =
		    clock_mono_ms() + min(engine->get.wait.max_wait_ms, wait_max_ms);
}

enum err_kind engine_run(struct dq *dq, enum goal goal, const char *const *ids, size_t n,
    const struct dq_get *get, struct err *err)
{
	struct engine engine = { .dq = dq, .goal = goal };
	enum err_kind kind;

	if (getrandom(&engine.random, sizeof(engine.random), GRND_NONBLOCK) < 0)
		engine.random = (uint64_t)clock_mono_ms();
	dq->totals = (struct dq_totals){ .tasks = n };
	resolve_options(&engine, get);
	kind = set_up(&engine, ids, n, err);
	if (!kind) {
		loop(&engine);
		*err = engine.fatal.kind ? engine.fatal : engine.worst;
		kind = err->kind;
	}
	tear_down(&engine);
	return kind;
}
