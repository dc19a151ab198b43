#include "core/poll/news.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download/downloads.h"
#include "core/engine/pause.h"
#include "core/lease/own.h"
#include "core/poll/doubt.h"
#include "core/poll/waiting.h"
#include "core/submit/outbox.h"

enum {
	UNREADABLE_MAX = 9, /* in a row, before a broken record is final: ... */
	UNREADABLE_OWN = 3, /* ... so much is its own; another's, which may be it: 1 */
};

/* The service's own id stands in for a submit id that it does not know. */
const char *news_asked_id(const struct item *item)
{
	return item->as_history && item->other_id ? item->other_id : item->id;
}

/* Its own id is a history id, or (an alias) another submit id. */
bool news_asks_as_history(const struct item *item)
{
	return item->as_history && (!item->other_id || taskid_is_history(item->other_id));
}

static bool has_news(struct item *item, const struct task *task)
{
	const struct glimpse now = {
		.state = task->state,
		.status = task->status,
		.finished = task->finished,
		.total = task->total,
		.queue_position = task->has_queue ? task->queue.position : -1,
		.has_any = true,
	};
	const struct glimpse *before = &item->glimpse;
	const bool is_news = !before->has_any || before->state != now.state ||
	    before->status != now.status || before->finished != now.finished ||
	    before->total != now.total || before->queue_position != now.queue_position;

	item->glimpse = now;
	return is_news;
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
	    "task '%s' has %lld assets more than the %d that are taken", item->id,
	    (long long)task->left_out, ANSWER_ASSETS_MAX);
	item_note_trouble(engine, item, &err);
}

/* What an observed task means for its id; `task` is ours to keep or free. */
static void take_in(struct engine *engine, struct item *item, struct task *task)
{
	const bool is_news = has_news(item, task);

	item->is_final = task_state_is_final(task->state);
	item->is_doubtful = task_end_is_doubtful(task);
	if (task->kind != MEDIA_UNKNOWN)
		item->kind = task->kind;
	warn_once(engine, item, task);
	mind_left_out(engine, item, task);
	/* Before its files are looked at: one without a link hurries the next look. */
	if (item->is_final)
		waiting_ended(engine, item, task);
	else
		waiting_looked(engine, item, task);
	if (is_news && engine->goal != GOAL_QUERY)
		session_emit_task(engine->dq, DQ_EVENT_STATE, task);
	if (engine->dq->explains && !item->is_final)
		waiting_explain(engine, item, task);
	if (engine->downloads)
		downloads_give(engine->downloads, item->key, item->id, task);
	else
		item->task = task;
	engine_conclude_if_done(engine, item);
	if (!item->has_ended)
		item_drop_idle(engine, item);
}

/* An accepted submit may have named the task: the ledger kept what it is called. */
static void recall_other_id(struct engine *engine, struct item *item)
{
	_cleanup_(task_freep) struct task *known = NULL;
	const char *other;
	struct err err;

	if (item->other_id || taskid_is_history(item->id))
		return;
	if (ledger_find(
		engine->dq->ledger, engine->dq->profile, item->id, &known, &err)) {
		engine_abort(engine, &err);
		return;
	}
	other = known ? known->history_id : NULL;
	if (known && !(other && taskid_is_history(other)))
		other = known->alias_id;
	if (other && taskid_is_valid(other))
		item_learn_id(engine, item, other);
}

/*
 * An id that is not known is tried as the other kind of id next (PROTOCOL A1),
 * at once when this is a single look.
 */
static bool turn_around(struct engine *engine, struct item *item)
{
	const struct look_memory *memory = &item->memory;
	const size_t key = item->key;

	if (memory->absences == 0)
		return false;
	item->as_history = !item->as_history;
	if (item->as_history)
		recall_other_id(engine, item);
	if (engine->goal != GOAL_QUERY ||
	    (memory->asked_as_submit && memory->asked_as_history))
		return false;
	sched_again(engine->sched, &key, 1, waiting_now_ms(engine));
	return true;
}

/*
 * A single look tells what it has seen, under both kinds of id, and the ledger keeps what
 * it had: no single look is an end.
 */
static void tell_absence(
    const struct engine *engine, const struct item *item, struct task *task)
{
	if (engine->goal == GOAL_QUERY && item->memory.absences > 0 &&
	    task->state != TASK_SUBMITTING &&
	    task_state_may_become(task->state, TASK_NOT_FOUND))
		task->state = TASK_NOT_FOUND;
}

/* What the ledger tells of it: an absence of what the service has had is a lag. */
static void remember_shown(struct item *item, const struct task *task)
{
	if (task->state != TASK_SUBMITTING && task->state != TASK_UNKNOWN &&
	    task->state != TASK_NOT_FOUND)
		item->memory.was_shown = true;
}

static void unreadable(struct engine *engine, struct item *item, const struct err *why)
{
	struct err outcome = *why;

	item->unreadable += why->kind == ERR_CONTRACT ? UNREADABLE_OWN : 1;
	outcome.kind = ERR_CONTRACT;
	err_note(&outcome, "task '%s'", item->id);
	if (engine->goal == GOAL_QUERY || item->unreadable >= UNREADABLE_MAX)
		engine_end_looks_at(engine, item, &outcome);
	else
		waiting_unread(engine, item, 0);
}

static struct task *judge(
    struct engine *engine, struct answer *answer, struct item *item, int64_t now_ms)
{
	struct task *task = NULL;
	struct err err;

	if (item->as_history)
		item->memory.asked_as_history = true;
	else
		item->memory.asked_as_submit = true;
	if (answer_judge(
		answer, news_asked_id(item), now_ms, &item->memory, &task, &err)) {
		if (err.kind == ERR_NOMEM)
			engine_abort(engine, &err);
		else
			unreadable(engine, item, &err);
		return NULL;
	}
	task->submit_id = arena_strdup(&task->arena, item->id);
	if (!task->submit_id) {
		task_free(task);
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", item->id);
		engine_abort(engine, &err);
		return NULL;
	}
	item->unreadable = 0;
	if (item->memory.absences == 0) {
		item->memory.asked_as_history = item->memory.asked_as_submit = false;
		if (item->doubt)
			item->doubt->looks = 0;
	}
	return task;
}

/* Who was sending it when we took it over has been refused: now we are to send it. */
static bool waits_again(struct engine *engine, struct item *item, const struct task *task)
{
	struct err err;

	if (!task->is_waiting || !item->lease_token)
		return false;
	sched_drop(engine->sched, item->key);
	if (outbox_add(engine, item, &err))
		engine_abort(engine, &err);
	return true;
}

static void take_in_all(
    struct engine *engine, const size_t *keys, size_t n, struct task **tasks)
{
	for (size_t i = 0; i < n; i++) {
		struct item *item = engine->items[keys[i]];

		if (!tasks[i])
			continue;
		remember_shown(item, tasks[i]);
		/* It may have ended, or been taken over by another, meanwhile. */
		if (item->has_ended || item->role != ITEM_LOOKED_AT ||
		    waits_again(engine, item, tasks[i]) || turn_around(engine, item)) {
			task_free(tasks[i]);
			continue;
		}
		tell_absence(engine, item, tasks[i]);
		take_in(engine, item, tasks[i]);
	}
}

/* Close the gaps of records that could not be read, for the ledger's array. */
static size_t gather(struct task **tasks, size_t n, struct task **ret_seen)
{
	size_t n_seen = 0;

	for (size_t i = 0; i < n; i++)
		if (tasks[i])
			ret_seen[n_seen++] = tasks[i];
	return n_seen;
}

/* What the lease of each look was, for the ledger to check. */
static void gather_tokens(const struct engine *engine, const size_t *keys, size_t n,
    struct task *const *tasks, int64_t *ret_tokens)
{
	size_t n_tokens = 0;

	for (size_t i = 0; i < n; i++)
		if (tasks[i])
			ret_tokens[n_tokens++] = engine->items[keys[i]]->lease_token;
}

/* Their leases were not ours any more: nothing of these looks was written. */
static void lose_those_too_late(struct engine *engine, const size_t *keys, size_t n,
    struct task *const *tasks, const int64_t *tokens)
{
	size_t n_tokens = 0;

	for (size_t i = 0; i < n; i++) {
		struct item *item = engine->items[keys[i]];

		if (tasks[i] && tokens[n_tokens++] == 0 && item->lease_token != 0)
			own_lost(engine, item);
	}
}

static enum err_kind write_down(struct engine *engine, const size_t *keys, size_t n,
    struct task **tasks, struct err *err)
{
	_cleanup_free_ struct task **seen = calloc(n, sizeof(struct task *));
	_cleanup_free_ int64_t *tokens = calloc(n, sizeof(*tokens));
	const struct dq *dq = engine->dq;
	size_t n_seen;

	if (!seen || !tokens)
		return err_set(err, ERR_NOMEM, "out of memory for an answer");
	n_seen = gather(tasks, n, seen);
	gather_tokens(engine, keys, n, tasks, tokens);
	if (ledger_observe(
		dq->ledger, dq->profile, seen, tokens, n_seen, clock_unix_ms(), err))
		return err->kind;
	lose_those_too_late(engine, keys, n, tasks, tokens);
	return ERR_OK;
}

/* True: a full disk; the same is asked again when there is room. */
static bool may_ask_again(struct engine *engine, const struct err *why)
{
	if (!pause_waits_for(engine, why) || engine->goal == GOAL_QUERY) {
		engine_abort(engine, why);
		return false;
	}
	pause_for_disk(engine, why, -1);
	return true;
}

/* Once a run: the service may do it in every answer. */
static void tell_mended(struct engine *engine, const struct answer *answer)
{
	const size_t n = answer_mended(answer);

	if (n == 0 || engine->was_mending_told)
		return;
	engine->was_mending_told = true;
	session_note(engine->dq,
	    "%zu %s of the answer can't be read and %s left out; the rest counts", n,
	    n == 1 ? "part" : "parts", n == 1 ? "is" : "are");
}

/* What an answer tells of those it was asked for. */
struct looked {
	const size_t *keys;
	size_t n;
	struct task **tasks; /* NULL: nothing that counts */
	struct answer_doubt *doubts;
};

static enum err_kind judge_all(struct engine *engine, struct answer *answer,
    const struct looked *all, struct err *err)
{
	const int64_t now_ms = waiting_now_ms(engine);

	if (doubt_records(engine, all->keys, all->n, answer, all->doubts, err))
		return err->kind;
	for (size_t i = 0; i < all->n; i++) {
		struct item *item = engine->items[all->keys[i]];

		if (!item->has_ended && item->role == ITEM_LOOKED_AT &&
		    all->doubts[i].kind == ANSWER_UNDOUBTED)
			all->tasks[i] = judge(engine, answer, item, now_ms);
	}
	return doubt_files(engine, all->keys, all->n, all->tasks, all->doubts, err);
}

static void free_all(struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		task_free(tasks[i]);
}

bool news_arrived(
    struct engine *engine, const size_t *keys, size_t n, struct answer *answer)
{
	const int64_t server_ms = answer_server_unix_ms(answer);
	_cleanup_free_ struct task **tasks = calloc(n, sizeof(struct task *));
	_cleanup_free_ struct answer_doubt *doubts = calloc(n, sizeof(*doubts));
	const struct looked all = { keys, n, tasks, doubts };
	struct err err;

	if (!tasks || !doubts) {
		err_set(&err, ERR_NOMEM, "out of memory for an answer");
		engine_abort(engine, &err);
		return true;
	}
	tell_mended(engine, answer);
	if (server_ms > 0)
		engine->dq->skew_ms = server_ms - clock_unix_ms();
	if (judge_all(engine, answer, &all, &err)) {
		free_all(tasks, n);
		engine_abort(engine, &err);
		return true;
	}
	if (write_down(engine, keys, n, tasks, &err)) {
		free_all(tasks, n);
		return !may_ask_again(engine, &err);
	}
	take_in_all(engine, keys, n, tasks);
	doubt_go_on(engine, keys, n, doubts);
	return true;
}

void news_from_ledger(
    struct engine *engine, struct item *item, struct task *task, bool is_all_done)
{
	const bool is_news = has_news(item, task);

	item->is_final = is_all_done && task_state_is_final(task->state);
	if (is_news)
		session_emit_task(engine->dq, DQ_EVENT_STATE, task);
	task_free(task);
	item_drop_idle(engine, item); /* what we saw of it ourselves is older */
	if (is_all_done)
		engine_conclude_if_done(engine, item);
}

void news_from_disk(struct engine *engine, struct item *item)
{
	const struct dq *dq = engine->dq;
	struct task *task = NULL;
	struct err err;

	if (item_task(engine, item) || !item->lease_token || item->role != ITEM_LOOKED_AT)
		return;
	if (ledger_find(dq->ledger, dq->profile, item->id, &task, &err))
		engine_abort(engine, &err);
	else if (task && task->state == TASK_SUCCEEDED && downloads_are_here(task))
		take_in(engine, item, task);
	else
		task_free(task);
}
