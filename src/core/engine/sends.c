/*
 * sends.c - what follows when the outbox says that something has happened.
 */
#include "base/cleanup.h"
#include "core/engine/pause.h"
#include "core/engine/run.h"
#include "core/policy/retry.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

enum {
	FAILURES_MAX = 5 /* until it has arrived: attempts in a row that have not left */
};

static enum err_kind learn_kind(struct engine *engine, struct item *item, struct err *err)
{
	const struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;

	if (item->kind != MEDIA_UNKNOWN)
		return ERR_OK;
	if (ledger_find(dq->ledger, dq->profile, item->id, &task, err))
		return err->kind;
	if (task)
		item->kind = task->kind;
	return ERR_OK;
}

enum err_kind engine_send(struct engine *engine, struct item *item, struct err *err)
{
	if (learn_kind(engine, item, err) ||
	    outbox_add(engine->outbox, item->key, item->id, item->kind, err))
		return err->kind;
	item->role = ITEM_UNSENT;
	return ERR_OK;
}

static void tell_state(struct engine *engine, const struct item *item)
{
	struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (!ledger_find(dq->ledger, dq->profile, item->id, &task, &err) && task)
		session_emit_task(dq, DQ_EVENT_STATE, task);
}

/* --- what became of one ------------------------------------------------------------- */

static void was_accepted(
    struct engine *engine, struct item *item, const struct outbox_told *told)
{
	static const struct err accepted = { .kind = ERR_OK };

	(void)told;
	if (engine->goal->end == GOAL_ENDS_ARRIVED) {
		engine_conclude(engine, item, &accepted);
		return;
	}
	tell_state(engine, item);
	engine_poll(engine, item);
	if (!engine->fatal.kind && item->role == ITEM_POLLED && !item->has_ended)
		polls_accepted(engine->polls, item->key, item->kind);
}

static void is_unclear(
    struct engine *engine, struct item *item, const struct outbox_told *told)
{
	(void)told;
	tell_state(engine, item);
	engine_poll(engine, item);
}

static void was_refused(
    struct engine *engine, struct item *item, const struct outbox_told *told)
{
	struct err why = told->why;

	/* To any other verb it is a task that has failed, like one that fails later. */
	if (engine->goal->end != GOAL_ENDS_ARRIVED || why.kind != ERR_USAGE)
		why.kind = ERR_FAILED;
	err_note(&why, "task '%s'", item->id);
	item->is_final = true;
	engine_conclude(engine, item, &why);
}

static void was_sent_by_other(
    struct engine *engine, struct item *item, const struct outbox_told *told)
{
	(void)told;
	engine_poll(engine, item);
}

static void was_forgotten(
    struct engine *engine, struct item *item, const struct outbox_told *told)
{
	item->is_final = true;
	engine_conclude(engine, item, &told->why);
}

static void (*const on_one[])(
    struct engine *engine, struct item *item, const struct outbox_told *told) = {
	[OUTBOX_ACCEPTED] = was_accepted,
	[OUTBOX_UNCLEAR] = is_unclear,
	[OUTBOX_REFUSED] = was_refused,
	[OUTBOX_SENT_BY_OTHER] = was_sent_by_other,
	[OUTBOX_FORGOTTEN] = was_forgotten,
	[OUTBOX_WAITS] = NULL,
	[OUTBOX_UNWRITTEN] = NULL,
};

/* --- what became of all ------------------------------------------------------------ */

/* Is it worth another attempt? A poll judges the same way (retry.h). */
static bool is_worth_it(const struct engine *engine, const struct outbox_told *told)
{
	const struct retry_request tried = {
		.failures = told->failures,
		.trouble_ms = told->trouble_ms,
		.ever_went_well = polls_ever_went_well(engine->polls),
	};
	const enum err_kind kind = told->why.kind;

	if (engine->goal->perseveres)
		return true;
	if (engine->goal->end == GOAL_ENDS_ARRIVED)
		return told->failures < FAILURES_MAX;
	return (kind != ERR_NET && kind != ERR_TRUST) || retry_api(&tried, &told->why);
}

static void never_left(struct engine *engine, const struct outbox_told *told)
{
	if (!is_worth_it(engine, told))
		engine_end_sends(engine, &told->why);
	else if (told->failures == 1)
		session_tell(engine->dq, DQ_NOTE_RETRY,
		    "%s; nothing was sent, trying again", err_shown(&told->why));
}

/* A submit met trouble with the account: login, quota, risk. */
static void account_trouble(struct engine *engine, const struct outbox_told *told)
{
	const struct err *why = &told->why;

	if (engine->goal->perseveres)
		pause_for_account(
		    engine, why, why->kind == ERR_AUTH ? PAUSE_ALL : PAUSE_SENDING);
	else if (why->kind == ERR_AUTH)
		engine_end_polling(engine, why);
	else
		engine_end_sends(engine, why);
}

static void no_room(struct engine *engine, const struct outbox_told *told)
{
	pause_for_disk(engine, &told->why, -1);
}

static void can_not_go_on(struct engine *engine, const struct outbox_told *told)
{
	engine_abort(engine, &told->why);
}

/* When the run ends anyway there is nothing to wait for. */
static void is_unwritten(struct engine *engine, const struct outbox_told *told)
{
	if (engine_is_holding(engine))
		can_not_go_on(engine, told);
	else
		no_room(engine, told);
}

static void (*const on_all[])(struct engine *engine, const struct outbox_told *told) = {
	[OUTBOX_UNWRITTEN] = is_unwritten,
	[OUTBOX_ACCOUNT] = account_trouble,
	[OUTBOX_NEVER_LEFT] = never_left,
	[OUTBOX_NO_ROOM] = no_room,
	[OUTBOX_CANT_GO_ON] = can_not_go_on,
};

static void follow(struct engine *engine, const struct outbox_told *told)
{
	struct item *item = item_at(engine, told->key);

	if (item) {
		if (told->what < sizeof(on_one) / sizeof(*on_one) && on_one[told->what])
			on_one[told->what](engine, item, told);
		/* Its time was over while it was under way, and it waits again. */
		if (item->polling_is_over)
			engine_conclude_if_done(engine, item);
	}
	if (told->what < sizeof(on_all) / sizeof(*on_all) && on_all[told->what])
		on_all[told->what](engine, told);
}

void engine_settle_sends(struct engine *engine)
{
	struct outbox_told told;

	while (engine->outbox && outbox_told(engine->outbox, &told))
		follow(engine, &told);
}
