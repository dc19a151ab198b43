#include "core/poll/waiting.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/engine/pause.h"
#include "core/policy/explain.h"
#include "core/policy/retry.h"
#include "core/poll/tally.h"
#include "core/stats/past.h"

static int64_t scale(const struct engine *engine)
{
	return engine->dq->wire->time_scale;
}

int64_t waiting_now_ms(const struct engine *engine)
{
	return clock_mono_ms() * scale(engine);
}

int64_t waiting_span_ms(const struct engine *engine, int64_t span_ms)
{
	return (span_ms + scale(engine) - 1) / scale(engine);
}

int64_t waiting_next_ms(const struct engine *engine)
{
	const int64_t next_ms = sched_next_ms(engine->sched);

	return next_ms == INT64_MAX ? INT64_MAX : waiting_span_ms(engine, next_ms);
}

enum err_kind waiting_begin(struct engine *engine, struct err *err)
{
	struct dq *dq = engine->dq;
	struct sched_options options = { .batch_max = dq->wire->batch_max,
		.seed = engine_random(engine) };
	const int64_t interval_ms = engine->get.wait.interval_ms;

	engine->laws = options.laws = lawbook_new();
	if (!engine->laws)
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	if (past_teach(dq->ledger, dq->profile, engine->laws, err))
		return err->kind;
	options.interval_ms = interval_ms < PLAN_INTERVAL_MAX_MS / scale(engine)
	    ? interval_ms * scale(engine)
	    : PLAN_INTERVAL_MAX_MS;
	engine->sched = sched_new(&options);
	if (!engine->sched)
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	return ERR_OK;
}

void waiting_free(struct engine *engine)
{
	sched_free(engine->sched);
	lawbook_free(engine->laws);
}

/* --- the budget -----------------------------------------------------------------------
 */

/* Many short waits are as long as one: they add up. */
static void tell_budget(struct engine *engine, int64_t until_ms)
{
	const int64_t now_ms = waiting_now_ms(engine);
	const int64_t from_ms =
	    engine->budget_until_ms > now_ms ? engine->budget_until_ms : now_ms;

	if (until_ms > from_ms) {
		engine->budget_waited_ms += until_ms - from_ms;
		engine->budget_until_ms = until_ms;
	}
	if (engine->budget_waited_ms < WAITING_TOLD_MS || engine->was_budget_told)
		return;
	engine->was_budget_told = true;
	session_note(engine->dq,
	    "the account has used up its %lld requests a minute; going on at that pace",
	    (long long)engine->dq->budget.per_minute);
}

bool waiting_may_send(struct engine *engine)
{
	struct dq *dq = engine->dq;
	int64_t wait_ms = 0, until_ms;
	struct err err;

	if (ledger_budget_take(dq->ledger, dq->profile, &dq->budget,
		clock_unix_ms() * scale(engine), &wait_ms, &err)) {
		/* With a full disk nobody can count; what the look brings says so. */
		if (err.kind == ERR_NOSPACE)
			return true;
		if (pause_waits_for(engine, &err))
			pause_for_disk(engine, &err, -1);
		else
			engine_abort(engine, &err);
		/* What is due stays due: nobody is to ask for it until then. */
		sched_budget_until(engine->sched,
		    waiting_now_ms(engine) + PAUSE_DISK_MS * scale(engine));
		return false;
	}
	if (wait_ms == 0)
		return true;
	until_ms = waiting_now_ms(engine) + wait_ms;
	sched_budget_until(engine->sched, until_ms);
	tell_budget(engine, until_ms);
	return false;
}

unsigned waiting_failed(struct engine *engine, const struct err *why, size_t too_many)
{
	struct err scaled = *why;

	scaled.retry_after_ms =
	    (uint32_t)(retry_obeyed_ms(why->retry_after_ms) * scale(engine));
	return sched_request_failed(
	    engine->sched, &scaled, too_many, waiting_now_ms(engine));
}

/* --- ETA and reasons ------------------------------------------------------------------
 */

static int64_t in_unix_ms(const struct engine *engine, int64_t in_ms)
{
	return in_ms < 0 ? 0 : clock_unix_ms() + waiting_span_ms(engine, in_ms);
}

static void tell_eta(struct engine *engine, struct item *item, struct task *task)
{
	const struct plan_eta eta =
	    sched_eta(engine->sched, item->key, waiting_now_ms(engine));

	item->eta_low_unix_ms = in_unix_ms(engine, eta.low_ms);
	item->eta_unix_ms = in_unix_ms(engine, eta.middle_ms);
	item->eta_high_unix_ms = in_unix_ms(engine, eta.high_ms);
	task->eta_low_unix_ms = item->eta_low_unix_ms;
	task->eta_unix_ms = item->eta_unix_ms;
	task->eta_high_unix_ms = item->eta_high_unix_ms;
}

/* The service gave a place and no time: what the lane's drain rate makes of it. */
static void tell_queue(
    struct engine *engine, struct task *task, const struct sched_reason *reason)
{
	const int64_t eta_ms = reason->view.queue_eta_ms;

	if (task->has_queue && task->queue.eta_seconds < 0 && eta_ms >= 0)
		task->queue.eta_seconds = waiting_span_ms(engine, eta_ms) / 1000;
}

void waiting_explain(
    struct engine *engine, const struct item *item, const struct task *task)
{
	_cleanup_(buf_release) struct buf line = buf_make(EXPLAIN_MAX);
	const int64_t now_ms = waiting_now_ms(engine);
	struct sched_reason reason;
	struct explain what = {
		.task = task,
		.reason = &reason,
		.eta = sched_eta(engine->sched, item->key, now_ms),
		.now_ms = now_ms,
		.now_unix_ms = clock_unix_ms(),
	};

	if (engine->goal == GOAL_QUERY ||
	    !sched_reason(engine->sched, item->key, &reason))
		return;
	what.learnt = lawbook_learnt(engine->laws, reason.lane);
	explain_look(&what, &line);
	session_note_task(engine->dq, task, line.data);
}

static void tell(struct engine *engine, struct item *item, struct task *task)
{
	struct sched_reason reason;

	if (!sched_reason(engine->sched, item->key, &reason))
		return;
	tell_eta(engine, item, task);
	tell_queue(engine, task, &reason);
}

void waiting_total(struct engine *engine)
{
	struct dq_totals *totals = &engine->dq->totals;
	size_t n = 0;

	totals->eta_low_unix_ms = totals->eta_unix_ms = totals->eta_high_unix_ms = 0;
	for (size_t i = 0; i < engine->n_items && n < WAITING_TOTALS_MAX; i++) {
		const struct item *item = engine->items[i];

		if (!item || item->has_ended || item->is_final)
			continue;
		n++;
		if (item->eta_unix_ms <= totals->eta_unix_ms)
			continue;
		totals->eta_low_unix_ms = item->eta_low_unix_ms;
		totals->eta_unix_ms = item->eta_unix_ms;
		totals->eta_high_unix_ms = item->eta_high_unix_ms;
	}
}

/* --- looks
 * ------------------------------------------------------------------------------ */

/* Where the generation began: the schedule knows it better than the looks alone. */
static void saw(struct engine *engine, struct item *item, const struct task *task)
{
	const int64_t now_ms = waiting_now_ms(engine);
	const int64_t to_unix_ms = session_server_unix_ms(engine->dq) - now_ms;
	const bool had_begun = item->tally.generating_by_unix_ms != 0;
	int64_t after_ms, by_ms;

	tally_saw(engine, item, task);
	if (had_begun || item->tally.generating_by_unix_ms == 0)
		return;
	sched_start(engine->sched, item->key, now_ms, &after_ms, &by_ms);
	if (after_ms < 0)
		return;
	item->tally.queued_until_unix_ms = to_unix_ms + after_ms;
	item->tally.generating_by_unix_ms = to_unix_ms + by_ms;
}

/* A link lives from the answer on: the next look must come while there is time to use it.
 */
static void mind_links(struct engine *engine, const struct task *task)
{
	const int64_t now_unix = session_server_unix_ms(engine->dq) / 1000;

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->url && asset->expires_unix > now_unix)
			sched_link_life(
			    engine->sched, (asset->expires_unix - now_unix) * 1000);
	}
}

void waiting_looked(struct engine *engine, struct item *item, struct task *task)
{
	const int64_t server_ms = session_server_unix_ms(engine->dq);
	struct sched_view view = {
		.state = task->state,
		.kind = item->kind,
		.lane = lawbook_lane(engine->laws, item->kind, task->model),
		.age_ms = -1,
		.queue_position = task->has_queue ? task->queue.position : -1,
		.queue_eta_ms = -1,
		.advice_ms = task->poll_interval_ms,
		.absences = item->memory.absences,
	};

	if (task->created_unix_ms > 0 && task->created_unix_ms <= server_ms)
		view.age_ms = server_ms - task->created_unix_ms;
	if (task->has_queue && task->queue.eta_seconds >= 0)
		view.queue_eta_ms = task->queue.eta_seconds * 1000;
	if (task->forecast_generate_s > 0)
		lawbook_forecast(
		    engine->laws, view.lane, (double)task->forecast_generate_s);
	mind_links(engine, task);
	sched_looked(engine->sched, item->key, &view, waiting_now_ms(engine));
	saw(engine, item, task);
	tell(engine, item, task);
}

void waiting_accepted(struct engine *engine, struct item *item)
{
	const int64_t now_ms = waiting_now_ms(engine);
	const struct sched_view view = {
		.state = TASK_UNKNOWN,
		.kind = item->kind,
		.lane = lawbook_lane(engine->laws, item->kind, NULL),
		.queue_position = -1,
		.queue_eta_ms = -1,
	};

	engine_look_at(engine, item);
	if (!engine->fatal.kind && item->role == ITEM_LOOKED_AT && !item->has_ended)
		sched_looked(engine->sched, item->key, &view, now_ms);
}

void waiting_unread(struct engine *engine, struct item *item, unsigned misses)
{
	const struct sched_view view = {
		.state = TASK_UNKNOWN,
		.kind = item->kind,
		.lane = lawbook_lane(engine->laws, item->kind, NULL),
		.age_ms = -1,
		.queue_position = -1,
		.queue_eta_ms = -1,
		.absences = misses,
	};

	sched_looked(engine->sched, item->key, &view, waiting_now_ms(engine));
}

void waiting_ended(struct engine *engine, struct item *item, const struct task *task)
{
	struct past_task past = {
		.kind = item->kind,
		.state = task->state,
		.created_unix_ms = task->created_unix_ms,
		.finished_unix_ms = task->finished_unix_ms,
	};
	double seconds;

	sched_drop(engine->sched, item->key);
	saw(engine, item, task);
	past.queued_until_unix_ms = item->tally.queued_until_unix_ms;
	past.generating_by_unix_ms = item->tally.generating_by_unix_ms;
	/* What had ended when we first looked may have stood in a queue that nobody saw.
	 */
	if (item->tally.has_seen_running && past_seconds(&past, &seconds))
		lawbook_ended(engine->laws,
		    lawbook_lane(engine->laws, item->kind, task->model), seconds,
		    task->state == TASK_SUCCEEDED);
}
