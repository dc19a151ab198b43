/*
 * engine.c - the loop of a run: its parts are set up, stepped, asked and taken down.
 */
#include "core/engine/engine.h"
#include "core/engine/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "core/account/group_commit.h"
#include "core/account/notices.h"
#include "core/browse/browse.h"
#include "core/common/random.h"
#include "core/download/downloads.h"
#include "core/engine/awaited.h"
#include "core/engine/follow.h"
#include "core/engine/hours.h"
#include "core/engine/pause.h"
#include "core/engine/watch.h"
#include "core/lease/leases.h"
#include "core/notify/notify.h"
#include "core/offers/offers.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

enum {
	STEP_MAX_MS = 60000,
	STOPPING_STEP_MS = 200, /* waiting for what has left */
};

/* --max-wait is over. What kept us from polling is the better reason, if there is one. */
static void end_waiting(struct engine *engine)
{
	struct err why = *polls_trouble(engine->polls);

	if (why.kind == ERR_OK && engine->browse)
		why = *browse_trouble(engine->browse);
	engine->deadline_ms = INT64_MAX;
	engine->is_time_up = true;
	if (engine->outbox)
		outbox_give_up(engine->outbox);
	if (engine->downloads)
		downloads_time_is_up(engine->downloads);
	if (engine->goal->perseveres)
		return;
	if (pause_reason(engine))
		why = *pause_reason(engine);
	if (why.kind == ERR_OK)
		err_set(&why, ERR_RUNNING,
		    "still running when the waiting time ended; nothing is lost, run it "
		    "again");
	polls_end_doubts(engine->polls);
	engine_end_offers(engine, &why);
	engine_settle(engine);
	leases_end(engine->leases);
	engine_end_polling(engine, &why);
	if (engine->downloads)
		downloads_stop(engine->downloads);
}

/* Is something on its way out that is not to be cut short? */
static bool is_sending(const struct engine *engine)
{
	return engine->outbox && outbox_is_busy(engine->outbox);
}

static bool has_left(const struct engine *engine)
{
	return engine->outbox && outbox_under_way(engine->outbox) > 0;
}

static bool has_commands(const struct engine *engine)
{
	return engine->downloads && downloads_run_commands(engine->downloads);
}

/* Is somebody at work who wakes the loop when he is done? */
static bool has_jobs(const struct engine *engine)
{
	if (engine->commits && group_commit_busy(engine->commits) > 0)
		return true;
	return engine->downloads &&
	    (downloads_have_jobs(engine->downloads) || has_commands(engine));
}

static bool is_busy(const struct engine *engine)
{
	return engine->downloads && downloads_are_busy(engine->downloads);
}

static bool is_drained(const struct engine *engine)
{
	return polls_under_way(engine->polls) == 0 && !is_sending(engine) &&
	    !downloads_have_jobs(engine->downloads) &&
	    (engine->dq->now.mono_ms >= engine->drain_until_ms ||
		(downloads_active(engine->downloads) == 0 && !is_busy(engine)));
}

static bool is_watch_done(const struct engine *engine)
{
	if (engine_is_draining(engine))
		return is_drained(engine);
	return engine->spec->until_idle && engine->saw_nothing_open &&
	    !engine_is_browsing(engine) && engine->n_open == 0 && !is_busy(engine);
}

static bool is_done(const struct engine *engine)
{
	if (engine->goal->perseveres)
		return is_watch_done(engine);
	if (engine->one_is_enough && engine->n_open < engine->n_items)
		return true;
	return !engine_is_browsing(engine) && engine->n_open == 0 && !is_busy(engine);
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What is under way comes to its end, and nothing is begun. */
static bool is_ending(const struct engine *engine)
{
	return engine_is_draining(engine) ||
	    (engine->goal->perseveres && engine->is_time_up);
}

static bool may_send(const struct engine *engine)
{
	return !pause_holds_sends(engine) && !engine_is_holding(engine);
}

static bool may_download(const struct engine *engine)
{
	return !pause_holds_downloads(engine) && !is_ending(engine) &&
	    !engine->is_off_hours;
}

/* Then memory does not grow with the tasks that have ended, and their links stay young.
 */
static bool has_files_enough(const struct engine *engine)
{
	return engine->downloads && may_download(engine) &&
	    downloads_have_enough(engine->downloads);
}

/* Files that the service has to be asked about come before more of them. */
static bool may_ask(const struct engine *engine)
{
	return !pause_holds_polls(engine) && !is_ending(engine) &&
	    !engine->polling_over.kind && !has_files_enough(engine);
}

static bool may_poll(const struct engine *engine)
{
	return may_ask(engine) && !(engine->offers && offers_have_enough(engine->offers));
}

/* Until when is there nothing to do, unless something comes? */
static int64_t wait_until_ms(const struct engine *engine)
{
	const int64_t now_ms = engine->dq->now.mono_ms;
	int64_t until_ms = min(engine->deadline_ms, now_ms + STEP_MAX_MS);

	if (engine->fatal.kind)
		return now_ms + STOPPING_STEP_MS;
	until_ms = min(until_ms, follow_next_ms(engine));
	until_ms = min(until_ms, pause_next_ms(engine));
	until_ms = min(until_ms, engine_hours_next_ms(engine));
	if (engine_is_draining(engine) && engine->drain_until_ms > now_ms)
		until_ms = min(until_ms, engine->drain_until_ms);
	if (engine->outbox && may_send(engine))
		until_ms = min(until_ms, outbox_next_ms(engine->outbox));
	if (polls_under_way(engine->polls) < POLLS_REQUESTS_MAX && may_poll(engine))
		until_ms = min(until_ms, polls_next_ms(engine->polls));
	if (may_poll(engine))
		until_ms = min(until_ms, engine_browse_next_ms(engine));
	if (engine->offers && may_ask(engine))
		until_ms = min(until_ms, offers_next_ms(engine->offers));
	if (engine->downloads && may_download(engine))
		until_ms = min(until_ms, downloads_next_ms(engine->downloads));
	if (engine->downloads)
		until_ms = min(until_ms, downloads_collect_next_ms(engine->downloads));
	if (engine->notify)
		until_ms = min(until_ms, notify_next_ms(engine->notify));
	if (engine->dq->on_event)
		until_ms = min(until_ms, min(engine->tick_ms, awaited_next_ms(engine)));
	return until_ms;
}

static void tick(struct engine *engine)
{
	const int64_t now_ms = engine->dq->now.mono_ms;

	if (now_ms < engine->tick_ms)
		return;
	engine->tick_ms = now_ms + ENGINE_TICK_MS;
	polls_total(engine->polls);
	session_emit(engine->dq, (struct dq_event){ .type = DQ_EVENT_TICK });
}

/* --- the loop -------------------------------------------------------------------- */

/* What is not here when the grace is over is cut off; what came of it is kept. */
static void drain(struct engine *engine)
{
	const int64_t grace_ms = atomic_load(&engine->dq->drain_grace_ms);
	const int64_t now_ms = engine->dq->now.mono_ms;

	if (engine->goal->perseveres && grace_ms >= 0 && !engine_is_draining(engine))
		engine->drain_until_ms = now_ms + grace_ms;
	if (engine_is_draining(engine) && now_ms >= engine->drain_until_ms)
		downloads_stop(engine->downloads);
}

static void begin_what_is_due(struct engine *engine)
{
	pause_step(engine);
	engine_step_hours(engine);
	if (pause_lets_go(engine))
		watch_let_go(engine);
	follow_step(engine);
	if (engine->outbox)
		outbox_step(engine->outbox, may_send(engine));
	engine_settle_sends(engine);
	polls_step(engine->polls, may_poll(engine));
	polls_keep_all(engine->polls, false);
	engine_settle_polls(engine);
	engine_step_browse(engine, may_poll(engine));
	engine_settle_browse(engine);
	if (engine->offers)
		offers_step(engine->offers, may_ask(engine));
	if (engine->downloads)
		downloads_step(engine->downloads, may_download(engine));
	if (engine->n_ended_keys > 0)
		watch_sweep(engine);
	if (engine->notify)
		notify_step(engine->notify);
	awaited_step(engine);
	tick(engine);
}

/* True: the loop shall end. What has left is waited for. */
static bool is_stopped(struct engine *engine)
{
	struct err err;

	if (atomic_load(&engine->dq->is_interrupted)) {
		if (!engine->fatal.kind && has_left(engine))
			session_tell(engine->dq, DQ_NOTE_WAIT,
			    "interrupted; waiting for the answer to what was sent, "
			    "interrupt again to end at once");
		err_set(&err, ERR_CANCELLED, "interrupted; nothing is lost");
		engine_abort(engine, &err);
	}
	return engine->fatal.kind && !is_sending(engine);
}

/* Wait for what comes next; then it is another moment, in which all that came happens. */
static void go_on(struct engine *engine)
{
	struct dq *dq = engine->dq;
	struct err err;

	if (session_wait(dq, wait_until_ms(engine), has_jobs(engine), &err))
		engine_abort(engine, &err);
	if (net_perform(dq->net, &err))
		engine_abort(engine, &err);
}

static void loop(struct engine *engine)
{
	while (!is_stopped(engine)) {
		drain(engine);
		if (is_done(engine))
			return;
		if (engine->dq->now.mono_ms >= engine->deadline_ms)
			end_waiting(engine);
		/* Of a file that is stored no later run calls the command. */
		if (engine->goal->perseveres && engine->is_time_up &&
		    !is_sending(engine) && !has_commands(engine))
			return;
		if (!engine->fatal.kind)
			begin_what_is_due(engine);
		else if (engine->outbox)
			outbox_step(engine->outbox, false);
		engine_settle(engine);
		if (is_done(engine) || is_stopped(engine))
			return;
		go_on(engine);
		engine_settle(engine); /* first: what was seen is older than what comes */
		if (engine->commits)
			group_commit_collect(engine->commits);
		if (engine->downloads)
			downloads_collect(engine->downloads);
		engine_settle(engine);
	}
}

static enum err_kind set_up_polls(struct engine *engine, struct err *err)
{
	const struct polls_setup setup = {
		.dq = engine->dq,
		.interval_ms = engine->get.wait.interval_ms,
		.is_single = engine->goal->end == GOAL_ENDS_SEEN,
		.perseveres = engine->goal->perseveres,
		.seed = engine_random(engine),
	};

	return polls_new(&setup, &engine->polls, err);
}

static void wake_loop(void *net)
{
	net_wake(net);
}

static enum err_kind set_up_commits(struct engine *engine, struct err *err)
{
	if (!engine->goal->owns && !engine->goal->fetches)
		return ERR_OK;
	return group_commit_new(
	    engine->dq, wake_loop, engine->dq->net, &engine->commits, err);
}

static enum err_kind set_up_outbox(struct engine *engine, struct err *err)
{
	const struct outbox_setup setup = {
		.dq = engine->dq,
		.commits = engine->commits,
		.perseveres = engine->goal->perseveres,
		.seed = engine_random(engine),
	};

	if (!engine->goal->owns)
		return ERR_OK;
	return outbox_new(&setup, &engine->outbox, err);
}

static enum err_kind set_up_downloads(struct engine *engine, struct err *err)
{
	const struct downloads_setup setup = {
		.dq = engine->dq,
		.commits = engine->commits,
		.get = &engine->get,
		.perseveres = engine->goal->perseveres,
		.name_of = engine->spec->name_of,
		.payload = engine->spec->payload,
		.seed = engine_random(engine),
	};

	if (!engine->goal->fetches)
		return ERR_OK;
	if (offers_new(engine->dq, engine_random(engine), &engine->offers, err))
		return err->kind;
	return downloads_new(&setup, &engine->downloads, err);
}

static enum err_kind set_up_browse(struct engine *engine, struct err *err)
{
	if (!engine->goal->browses)
		return ERR_OK;
	return browse_new(engine->dq, engine->spec->wanted, engine_random(engine),
	    &engine->browse, err);
}

static enum err_kind set_up(struct engine *engine, struct err *err)
{
	if (set_up_polls(engine, err) || pause_new(engine, err))
		return err->kind;
	if (set_up_commits(engine, err) || set_up_outbox(engine, err))
		return err->kind;
	if (set_up_browse(engine, err) || set_up_downloads(engine, err))
		return err->kind;
	if (engine->goal->end >= GOAL_ENDS_FINAL &&
	    notify_new(engine->dq, &engine->notify, err))
		return err->kind;
	return follow_begin(engine, err);
}

/* What has happened is told to its end, also how the run has ended. */
static void end_notify(struct engine *engine, const struct err *outcome)
{
	const bool is_draining = engine_is_draining(engine);

	if (outcome->kind == ERR_AUTH)
		session_notice(engine->dq, NOTICE_LOGIN, outcome->msg);
	notify_end(engine->notify,
	    is_draining ? engine->drain_until_ms + NOTIFY_GRACE_MS : INT64_MAX);
}

static void tear_down(struct engine *engine)
{
	browse_free(engine->browse);
	if (engine->polls) {
		polls_drop_requests(engine->polls);
		/* What can't be counted any more is no trouble of this run. */
		polls_keep_all(engine->polls, true);
	}
	offers_free(engine->offers);
	outbox_free(engine->outbox);
	engine->outbox = NULL;
	downloads_free(engine->downloads);
	engine->downloads = NULL;
	group_commit_free(engine->commits);
	notify_free(engine->notify);
	follow_end(engine);
	items_free(engine);
	pause_free(engine);
	polls_free(engine->polls);
}

static void resolve_options(struct engine *engine)
{
	if (engine->spec->get)
		engine->get = *engine->spec->get;
	engine->one_is_enough =
	    engine->goal->end == GOAL_ENDS_FINAL && engine->get.wait.any;
	engine->deadline_ms = INT64_MAX;
	engine->drain_until_ms = -1;
	engine->browse_ms = engine->spec->browse_every_ms > 0 ? 0 : INT64_MAX;
	if (engine->dq->deadline_ms > 0)
		engine->deadline_ms = engine->dq->deadline_ms;
}

enum err_kind engine_run(struct dq *dq, const struct run_spec *spec, struct err *err)
{
	struct engine engine = { .dq = dq, .spec = spec, .goal = goal_row(spec->goal) };
	enum err_kind kind;

	session_verb_begins(dq, spec->n);
	if (getrandom(&engine.random, sizeof(engine.random), GRND_NONBLOCK) < 0)
		engine.random = (uint64_t)dq->now.mono_ms;
	resolve_options(&engine);
	items_begin(&engine);
	engine.begun = dq->now;
	kind = set_up(&engine, err);
	if (!kind) {
		loop(&engine);
		*err = engine.fatal.kind ? engine.fatal : engine.worst;
		if (engine.goal->perseveres)
			*err = engine.fatal;
		kind = err->kind;
		end_notify(&engine, err);
	}
	tear_down(&engine);
	return kind;
}
