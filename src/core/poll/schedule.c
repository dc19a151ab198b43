#include "core/poll/parts.h"

#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/policy/dists.h"
#include "core/policy/explain.h"
#include "core/policy/retry.h"
#include "core/stats/past.h"

static int64_t scale(const struct polls *polls)
{
	return polls->dq->traits.time_scale;
}

int64_t polls_next_ms(const struct polls *polls)
{
	const int64_t next_ms = sched_next_ms(polls->sched);

	return next_ms == INT64_MAX ? INT64_MAX : session_span_ms(polls->dq, next_ms);
}

static enum err_kind learn(struct polls *polls, struct err *err)
{
	const struct dq *dq = polls->dq;

	polls->has_learnt = true;
	return past_teach(dq->ledger, dq->profile, polls->dists, err);
}

enum err_kind schedule_begin(
    struct polls *polls, const struct polls_setup *setup, struct err *err)
{
	struct dq *dq = polls->dq;
	struct sched_options options = { .batch_max = dq->traits.batch_max,
		.seed = setup->seed };

	polls->dists = options.dists = dists_new();
	if (!polls->dists)
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	/* Who polls once learns when there is something to be estimated. */
	if (!setup->is_single && learn(polls, err))
		return err->kind;
	options.interval_ms = setup->interval_ms < PLAN_INTERVAL_MAX_MS / scale(polls)
	    ? setup->interval_ms * scale(polls)
	    : PLAN_INTERVAL_MAX_MS;
	polls->sched = sched_new(&options);
	if (!polls->sched)
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	return ERR_OK;
}

void schedule_free(struct polls *polls)
{
	sched_free(polls->sched);
	dists_free(polls->dists);
}

/* --- the budget ------------------------------------------------------------------ */

/* Many short waits are as long as one: they add up. */
static void tell_budget(struct polls *polls, int64_t until_ms)
{
	const int64_t now_ms = session_plan_ms(polls->dq);
	const int64_t from_ms =
	    polls->budget_until_ms > now_ms ? polls->budget_until_ms : now_ms;

	if (until_ms > from_ms) {
		polls->budget_waited_ms += until_ms - from_ms;
		polls->budget_until_ms = until_ms;
	}
	if (polls->budget_waited_ms < SCHEDULE_TOLD_MS || polls->was_budget_told)
		return;
	polls->was_budget_told = true;
	session_tell(polls->dq, DQ_NOTE_WAIT,
	    "the account has used up its requests a minute (%lld); going on at that pace",
	    (long long)polls->dq->budget.per_minute);
}

bool schedule_may_send(struct polls *polls)
{
	struct dq *dq = polls->dq;
	int64_t wait_ms = 0, until_ms;
	struct err err;

	if (ledger_budget_take(dq->ledger, dq->profile, &dq->budget,
		polls->dq->now.unix_ms * scale(polls), &wait_ms, &err)) {
		/* With a full disk nobody can count; what the poll brings says so. */
		if (err.kind == ERR_NOSPACE)
			return true;
		(void)polls_wait_for(polls, &err);
		/* What is due stays due: nobody is to ask for it until then. */
		sched_budget_until(polls->sched,
		    session_plan_ms(polls->dq) + SCHEDULE_REST_MS * scale(polls));
		return false;
	}
	if (wait_ms == 0)
		return true;
	until_ms = session_plan_ms(polls->dq) + wait_ms;
	sched_budget_until(polls->sched, until_ms);
	tell_budget(polls, until_ms);
	return false;
}

unsigned schedule_failed(struct polls *polls, const struct err *why, size_t too_many)
{
	struct err scaled = *why;

	scaled.retry_after_ms =
	    (uint32_t)(retry_obeyed_ms(why->retry_after_ms) * scale(polls));
	return sched_request_failed(
	    polls->sched, &scaled, too_many, session_plan_ms(polls->dq));
}

/* --- ETA and reasons ------------------------------------------------------------- */

static int64_t in_unix_ms(const struct polls *polls, int64_t in_ms)
{
	return in_ms < 0 ? 0 : polls->dq->now.unix_ms + session_span_ms(polls->dq, in_ms);
}

static struct plan_eta eta_of(struct polls *polls, size_t key)
{
	return sched_eta(polls->sched, key, session_plan_ms(polls->dq));
}

static void tell_eta(struct polls *polls, struct polled *polled, struct task *task)
{
	const struct plan_eta eta = eta_of(polls, polled->key);

	task->eta_low_unix_ms = in_unix_ms(polls, eta.low_ms);
	task->eta_unix_ms = in_unix_ms(polls, eta.middle_ms);
	task->eta_high_unix_ms = in_unix_ms(polls, eta.high_ms);
	polled->eta_unix_ms = task->eta_unix_ms;
}

/* The service gave a place and no time: what the lane's drain rate makes of it. */
static void tell_queue(
    struct polls *polls, struct task *task, const struct sched_reason *reason)
{
	const int64_t eta_ms = reason->view.queue_eta_ms;

	if (task->has_queue && task->queue.eta_seconds < 0 && eta_ms >= 0)
		task->queue.eta_seconds = session_span_ms(polls->dq, eta_ms) / 1000;
}

void polls_explain(struct polls *polls, size_t key, const struct task *task)
{
	_cleanup_(buf_release) struct buf line = buf_make(EXPLAIN_MAX);
	const int64_t now_ms = session_plan_ms(polls->dq);
	struct sched_reason reason;
	struct explain what = {
		.task = task,
		.reason = &reason,
		.eta = sched_eta(polls->sched, key, now_ms),
		.now_ms = now_ms,
		.now_unix_ms = polls->dq->now.unix_ms,
	};

	if (polls->is_single || !sched_reason(polls->sched, key, &reason))
		return;
	what.learnt = dists_learnt(polls->dists, reason.lane);
	explain_poll(&what, &line);
	session_tell_task(polls->dq, DQ_NOTE_WHY, task, line.data);
}

static void tell(struct polls *polls, struct polled *polled, struct task *task)
{
	struct sched_reason reason;

	if (!sched_reason(polls->sched, polled->key, &reason))
		return;
	tell_eta(polls, polled, task);
	tell_queue(polls, task, &reason);
}

void polls_total(struct polls *polls)
{
	const struct polled *last = NULL;
	struct plan_eta eta;
	size_t n = 0;

	for (size_t i = 0; i < polls->n_keys && n < SCHEDULE_TOTALS_MAX; i++) {
		const struct polled *polled = polls->all[i].polled;

		if (!polled || !polls->all[i].is_heard || polled->is_final)
			continue;
		n++;
		if (polled->eta_unix_ms > (last ? last->eta_unix_ms : 0))
			last = polled;
	}
	if (!last) {
		totals_eta(polls->dq, 0, 0, 0);
		return;
	}
	eta = eta_of(polls, last->key);
	totals_eta(polls->dq, in_unix_ms(polls, eta.low_ms), last->eta_unix_ms,
	    in_unix_ms(polls, eta.high_ms));
}

/* --- polls ------------------------------------------------------------------------ */

/* Where the generation began: the schedule knows it better than the polls alone. */
static void saw(struct polls *polls, struct polled *polled, const struct task *task)
{
	const int64_t now_ms = session_plan_ms(polls->dq);
	const int64_t to_unix_ms = session_server_unix_ms(polls->dq) - now_ms;
	const bool had_begun = polled->counters.generating_by_unix_ms != 0;
	int64_t after_ms, by_ms;

	counters_saw(polls, polled, task);
	if (had_begun || polled->counters.generating_by_unix_ms == 0)
		return;
	sched_start(polls->sched, polled->key, now_ms, &after_ms, &by_ms);
	if (after_ms < 0)
		return;
	polled->counters.queued_until_unix_ms = to_unix_ms + after_ms;
	polled->counters.generating_by_unix_ms = to_unix_ms + by_ms;
}

/*
 * A link lives from the answer on: the next poll must come while there is time to use it.
 */
static void mind_links(struct polls *polls, const struct task *task)
{
	const int64_t now_unix = session_server_unix_ms(polls->dq) / 1000;

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->url && asset->expires_unix > now_unix)
			sched_link_life(
			    polls->sched, (asset->expires_unix - now_unix) * 1000);
	}
}

void schedule_polled(struct polls *polls, struct polled *polled, struct task *task)
{
	const int64_t server_ms = session_server_unix_ms(polls->dq);
	struct sched_view view = {
		.state = task->state,
		.kind = polled->kind,
		.lane = dists_lane(polls->dists, polled->kind, task->model),
		.age_ms = -1,
		.queue_position = task->has_queue ? task->queue.position : -1,
		.queue_eta_ms = -1,
		.advice_ms = task->poll_interval_ms,
		.absences = polled->absences,
	};
	struct err ignored; /* then the estimate is that of somebody new */

	if (!polls->has_learnt)
		(void)learn(polls, &ignored);
	if (task->created_unix_ms > 0 && task->created_unix_ms <= server_ms)
		view.age_ms = server_ms - task->created_unix_ms;
	if (task->has_queue && task->queue.eta_seconds >= 0)
		view.queue_eta_ms = task->queue.eta_seconds * 1000;
	if (task->forecast_generate_s > 0)
		dists_forecast(
		    polls->dists, view.lane, (double)task->forecast_generate_s);
	mind_links(polls, task);
	sched_polled(polls->sched, polled->key, &view, session_plan_ms(polls->dq));
	saw(polls, polled, task);
	tell(polls, polled, task);
}

void polls_accepted(struct polls *polls, size_t key, enum media_kind kind)
{
	struct polled *polled = polled_of(polls, key);
	const struct sched_view view = {
		.state = TASK_UNKNOWN,
		.kind = kind,
		.lane = dists_lane(polls->dists, kind, NULL),
		.queue_position = -1,
		.queue_eta_ms = -1,
	};

	if (!polled)
		return;
	polled->kind = kind;
	if (polled_is_heard(polls, polled))
		sched_polled(polls->sched, key, &view, session_plan_ms(polls->dq));
}

void schedule_unread(struct polls *polls, struct polled *polled, unsigned misses)
{
	const struct sched_view view = {
		.state = TASK_UNKNOWN,
		.kind = polled->kind,
		.lane = dists_lane(polls->dists, polled->kind, NULL),
		.age_ms = -1,
		.queue_position = -1,
		.queue_eta_ms = -1,
		.absences = misses,
	};

	sched_polled(polls->sched, polled->key, &view, session_plan_ms(polls->dq));
}

void schedule_ended(struct polls *polls, struct polled *polled, const struct task *task)
{
	struct past_task past = {
		.kind = polled->kind,
		.state = task->state,
		.created_unix_ms = task->created_unix_ms,
		.finished_unix_ms = task->finished_unix_ms,
	};
	double seconds;

	sched_drop(polls->sched, polled->key);
	saw(polls, polled, task);
	past.queued_until_unix_ms = polled->counters.queued_until_unix_ms;
	past.generating_by_unix_ms = polled->counters.generating_by_unix_ms;
	/*
	 * What had ended when we first polled may have stood in a queue that nobody saw.
	 */
	if (polled->counters.has_seen_running && past_seconds(&past, &seconds))
		dists_ended(polls->dists,
		    dists_lane(polls->dists, polled->kind, task->model), seconds,
		    task->state == TASK_SUCCEEDED);
}
