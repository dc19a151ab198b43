/*
 * polled.c - what follows when the polls say that something has happened.
 */
#include "core/engine/observed.h"
#include "core/engine/pause.h"
#include "core/engine/run.h"
#include "core/policy/retry.h"
#include "core/poll/poll.h"

/* --- what became of one ------------------------------------------------------------- */

/* Who was sending it when we took it over has been refused: now we are to send it. */
static void send_again(struct engine *engine, struct item *item)
{
	struct err err;

	polls_end(engine->polls, item->key);
	if (engine_send(engine, item, &err))
		engine_abort(engine, &err);
}

static void was_seen(struct engine *engine, struct item *item, struct task *task)
{
	if (task->is_waiting && item->lease_token) {
		send_again(engine, item);
		task_free(task);
		return;
	}
	observed_by_poll(engine, item, task);
}

static void follow_one(
    struct engine *engine, struct item *item, const struct polls_told *told)
{
	/* It may have ended, or been taken over by another, meanwhile. */
	const bool is_heard = item && !item->has_ended && item->role == ITEM_POLLED;

	if (!is_heard)
		task_free(told->task);
	else if (told->what == POLLS_SEEN)
		was_seen(engine, item, told->task);
	else if (told->what == POLLS_LOST)
		engine_lost(engine, item);
	else
		engine_end_polling_of(engine, item, &told->why);
}

/* --- what became of a request ------------------------------------------------------ */

void engine_request_was_answered(struct engine *engine, const struct err *before)
{
	const enum err_kind kind = before->kind;

	if (!engine->goal->perseveres)
		return;
	pause_account_is_well(engine);
	if (kind == ERR_NET || kind == ERR_TRUST || kind == ERR_CONTRACT)
		session_tell(engine->dq, DQ_NOTE_RESUME, "the service answers again");
}

static void went_well(struct engine *engine, const struct polls_told *told)
{
	engine_request_was_answered(engine, &told->why);
}

/* A watch never gives up: it says so once, and once more when all is well again. */
static void persevere(struct engine *engine, const struct polls_told *told)
{
	const struct err *why = &told->why;

	if (why->kind == ERR_AUTH || why->kind == ERR_ACCOUNT)
		pause_for_account(engine, why, PAUSE_ALL);
	else if (told->tried.failures == 1)
		session_tell(engine->dq, DQ_NOTE_RETRY, "%s; trying on", err_shown(why));
}

static void has_failed(struct engine *engine, const struct polls_told *told)
{
	if (engine->goal->perseveres)
		persevere(engine, told);
	else if (!retry_api(&told->tried, &told->why))
		engine_end_polling(engine, &told->why);
	else if (told->tried.failures == 1 || told->tried.failures % 5 == 0)
		session_tell(
		    engine->dq, DQ_NOTE_RETRY, "%s; trying again", err_shown(&told->why));
}

static void was_probed(struct engine *engine, const struct polls_told *told)
{
	pause_was_probed(engine, &told->why, told->credits);
}

static void no_room(struct engine *engine, const struct polls_told *told)
{
	pause_for_disk(engine, &told->why, -1);
}

static void can_not_go_on(struct engine *engine, const struct polls_told *told)
{
	engine_abort(engine, &told->why);
}

static void (*const on_all[])(struct engine *engine, const struct polls_told *told) = {
	[POLLS_WELL] = went_well,
	[POLLS_FAILED] = has_failed,
	[POLLS_PROBED] = was_probed,
	[POLLS_NO_ROOM] = no_room,
	[POLLS_CANT_GO_ON] = can_not_go_on,
};

void engine_settle_polls(struct engine *engine)
{
	struct polls_told told;

	while (polls_told(engine->polls, &told)) {
		if (on_all[told.what])
			on_all[told.what](engine, &told);
		else
			follow_one(engine, item_at(engine, told.key), &told);
	}
}
