#include "core/engine/observed.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download/downloads.h"
#include "core/poll/poll.h"

static bool has_changed(struct engine *engine, struct item *item, const struct task *task)
{
	const struct snapshot now = {
		.state = task->state,
		.status = task->status,
		.finished = task->finished,
		.total = task->total,
		.queue_position = task->has_queue ? task->queue.position : -1,
	};

	return item_has_changed(engine, item, &now);
}

static void warn_once(struct engine *engine, struct item *item, const struct task *task)
{
	if (!task->warning || item->was_warned)
		return;
	item->was_warned = true;
	session_note(engine->dq, "task '%s': %s", item->id, task->warning);
}

/* A result of which a part was not taken is no success. */
static void mind_left_out(
    struct engine *engine, struct item *item, const struct task *task)
{
	struct err err;

	if (task->left_out == 0 || !item->is_final)
		return;
	err_set(&err, ERR_CONTRACT,
	    task->left_out == 1
		? N_("task '%s' has %lld asset more than the %u that are taken")
		: N_("task '%s' has %lld assets more than the %u that are taken"),
	    item->id, (long long)task->left_out, engine->dq->traits.assets_max);
	item_note_trouble(engine, item, &err);
}

/* What an observed task means for its id; `task` is ours to keep or free. */
void observed_by_poll(struct engine *engine, struct item *item, struct task *task)
{
	const bool is_new = has_changed(engine, item, task);

	item->is_final = task_state_is_final(task->state) && !task->is_hasty;
	item->is_doubtful = task_end_may_change(task);
	if (is_new && item->watched)
		item->watched->is_told = false;
	if (task->kind != MEDIA_UNKNOWN)
		item->kind = task->kind;
	warn_once(engine, item, task);
	mind_left_out(engine, item, task);
	if (is_new && engine->goal->end != GOAL_ENDS_SEEN)
		session_emit_task(engine->dq, DQ_EVENT_STATE, task);
	if (engine->dq->explains && !item->is_final)
		polls_explain(engine->polls, item->key, task);
	if (engine->downloads && task->n_assets > 0)
		engine_fetch(engine, item, task);
	else
		item->task = task;
	engine_conclude_if_done(engine, item);
	if (!item->has_ended)
		item_drop_idle(engine, item);
}

void observed_in_ledger(
    struct engine *engine, struct item *item, struct task *task, bool is_all_done)
{
	const bool is_new = has_changed(engine, item, task);

	item->is_final = is_all_done && task_state_is_final(task->state);
	if (is_new)
		session_emit_task(engine->dq, DQ_EVENT_STATE, task);
	task_free(task);
	item_drop_idle(engine, item); /* what we saw of it ourselves is older */
	if (is_all_done)
		engine_conclude_if_done(engine, item);
}

void observed_on_disk(struct engine *engine, struct item *item, struct task *task)
{
	const bool is_ours = item->lease_token && item->role == ITEM_POLLED;

	if (task && is_ours && engine->downloads && task->state == TASK_SUCCEEDED &&
	    downloads_are_here(engine->downloads, task))
		observed_by_poll(engine, item, task);
	else
		item->task = task; /* its last word */
}
