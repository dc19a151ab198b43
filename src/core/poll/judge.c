#include "core/poll/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	UNREADABLE_MAX = 9, /* in a row, before a broken record is final: ... */
	UNREADABLE_OWN = 3, /* ... so much is its own; another's, which may be it: 1 */
};

/* The service's own id stands in for a submit id that it does not know. */
const char *polled_asked_id(const struct polled *polled)
{
	return polled->as_history && polled->other_id ? polled->other_id : polled->id;
}

/* Its own id is a history id, or (an alias) another submit id. */
bool polled_asks_as_history(const struct polled *polled)
{
	return polled->as_history &&
	    (!polled->other_id || taskid_is_history(polled->other_id));
}

ANALYZER_LOSES_SIGHT
static void learn_id(struct polls *polls, struct polled *polled, const char *other_id)
{
	char *copy = strdup(other_id);
	struct err err;

	if (!copy) {
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", polled->id);
		polls_abort(polls, &err);
		return;
	}
	free(polled->other_id);
	polled->other_id = copy;
}

ANALYZER_SEES_AGAIN

/* An accepted submit may have named the task: the ledger kept what it is called. */
static void recall_other_id(struct polls *polls, struct polled *polled)
{
	_cleanup_(task_freep) struct task *known = NULL;
	const char *other;
	struct err err;

	if (polled->other_id || taskid_is_history(polled->id))
		return;
	if (ledger_find(
		polls->dq->ledger, polls->dq->profile, polled->id, &known, &err)) {
		polls_abort(polls, &err);
		return;
	}
	other = known ? known->history_id : NULL;
	if (known && !(other && taskid_is_history(other)))
		other = known->alias_id;
	if (other && taskid_is_valid(other))
		learn_id(polls, polled, other);
}

/*
 * An id that is not known is tried as the other kind of id next (PROTOCOL A1),
 * at once when this is a single look.
 */
static bool turn_around(struct polls *polls, struct polled *polled)
{
	const struct look_memory *memory = &polled->memory;
	const size_t key = polled->key;

	if (memory->absences == 0)
		return false;
	polled->as_history = !polled->as_history;
	if (polled->as_history)
		recall_other_id(polls, polled);
	if (!polls->is_single || (memory->asked_as_submit && memory->asked_as_history))
		return false;
	sched_again(polls->sched, &key, 1, session_plan_ms(polls->dq));
	return true;
}

/*
 * A single look tells what it has seen, under both kinds of id, and the ledger keeps what
 * it had: no single look is an end.
 */
static void tell_absence(
    const struct polls *polls, const struct polled *polled, struct task *task)
{
	if (polls->is_single && polled->memory.absences > 0 &&
	    task->state != TASK_SUBMITTING &&
	    task_state_may_become(task->state, TASK_NOT_FOUND))
		task->state = TASK_NOT_FOUND;
}

/* What the ledger tells of it: an absence of what the service has had is a lag. */
static void remember_shown(struct polled *polled, const struct task *task)
{
	if (task->state != TASK_SUBMITTING && task->state != TASK_UNKNOWN &&
	    task->state != TASK_NOT_FOUND)
		polled->memory.was_shown = true;
}

static void unreadable(struct polls *polls, struct polled *polled, const struct err *why)
{
	struct err outcome = *why;

	polled->unreadable += why->kind == ERR_CONTRACT ? UNREADABLE_OWN : 1;
	outcome.kind = ERR_CONTRACT;
	err_note(&outcome, "task '%s'", polled->id);
	if (polls->is_single || polled->unreadable >= UNREADABLE_MAX)
		polls_tell_out(polls, polled, &outcome);
	else
		schedule_unread(polls, polled, 0);
}

static struct task *judge(
    struct polls *polls, struct answer *answer, struct polled *polled, int64_t now_ms)
{
	struct task *task = NULL;
	struct err err;

	if (polled->as_history)
		polled->memory.asked_as_history = true;
	else
		polled->memory.asked_as_submit = true;
	if (answer_judge(
		answer, polled_asked_id(polled), now_ms, &polled->memory, &task, &err)) {
		if (err.kind == ERR_NOMEM)
			polls_abort(polls, &err);
		else
			unreadable(polls, polled, &err);
		return NULL;
	}
	task->submit_id = arena_strdup(&task->arena, polled->id);
	if (!task->submit_id) {
		task_free(task);
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", polled->id);
		polls_abort(polls, &err);
		return NULL;
	}
	polled->unreadable = 0;
	if (polled->memory.absences == 0) {
		polled->memory.asked_as_history = polled->memory.asked_as_submit = false;
		if (polled->doubt)
			polled->doubt->looks = 0;
	}
	return task;
}

/* Who was sending it when we took it over has been refused: now we are to send it. */
static bool waits_again(const struct polled *polled, const struct task *task)
{
	return task->is_waiting && polled->lease_token;
}

/* When is the next look, now that this is written down? */
static void plan(struct polls *polls, struct polled *polled, struct task *task)
{
	if (waits_again(polled, task))
		return;
	tell_absence(polls, polled, task);
	polled->is_final = task_state_is_final(task->state);
	if (task->kind != MEDIA_UNKNOWN)
		polled->kind = task->kind;
	if (polled->is_final)
		schedule_ended(polls, polled, task);
	else
		schedule_looked(polls, polled, task);
}

static void take_in_all(
    struct polls *polls, const size_t *keys, size_t n, struct task **tasks)
{
	for (size_t i = 0; i < n; i++) {
		struct polled *polled = polls->all[keys[i]];

		if (!tasks[i])
			continue;
		remember_shown(polled, tasks[i]);
		/* It may have ended, or been taken over by another, meanwhile. */
		if (!polled->is_heard ||
		    (!waits_again(polled, tasks[i]) && turn_around(polls, polled))) {
			task_free(tasks[i]);
			continue;
		}
		plan(polls, polled, tasks[i]);
		task_free(polled->seen);
		polled->seen = tasks[i];
		polls_tell(polls, polled);
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
static void gather_tokens(const struct polls *polls, const size_t *keys, size_t n,
    struct task *const *tasks, int64_t *ret_tokens)
{
	size_t n_tokens = 0;

	for (size_t i = 0; i < n; i++)
		if (tasks[i])
			ret_tokens[n_tokens++] = polls->all[keys[i]]->lease_token;
}

static void lose(struct polls *polls, struct polled *polled)
{
	polls_end(polls, polled->key);
	polled->is_lost = true;
	polls_tell(polls, polled);
}

/* Their leases were not ours any more: nothing of these looks was written. */
static void lose_those_too_late(struct polls *polls, const size_t *keys, size_t n,
    struct task *const *tasks, const int64_t *tokens)
{
	size_t n_tokens = 0;

	for (size_t i = 0; i < n; i++) {
		struct polled *polled = polls->all[keys[i]];

		if (tasks[i] && tokens[n_tokens++] == 0 && polled->lease_token != 0)
			lose(polls, polled);
	}
}

static enum err_kind write_down(struct polls *polls, const size_t *keys, size_t n,
    struct task **tasks, struct err *err)
{
	_cleanup_free_ struct task **seen = calloc(n, sizeof(struct task *));
	_cleanup_free_ int64_t *tokens = calloc(n, sizeof(*tokens));
	const struct dq *dq = polls->dq;
	size_t n_seen;

	if (!seen || !tokens)
		return err_set(err, ERR_NOMEM, "out of memory for an answer");
	n_seen = gather(tasks, n, seen);
	gather_tokens(polls, keys, n, tasks, tokens);
	if (ledger_observe(dq->ledger, dq->profile, seen, tokens, n_seen,
		polls->dq->now.unix_ms, err))
		return err->kind;
	lose_those_too_late(polls, keys, n, tasks, tokens);
	return ERR_OK;
}

/* True: a full disk; the same is asked again when there is room. */
static bool may_ask_again(struct polls *polls, const struct err *why)
{
	if (!polls->is_single)
		return polls_wait_for(polls, why);
	polls_abort(polls, why);
	return false;
}

/* Once a run: the service may do it in every answer. */
static void tell_mended(struct polls *polls, const struct answer *answer)
{
	const size_t n = answer_mended(answer);

	if (n == 0 || polls->was_mending_told)
		return;
	polls->was_mending_told = true;
	session_note(polls->dq,
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

static enum err_kind judge_all(
    struct polls *polls, struct answer *answer, const struct looked *all, struct err *err)
{
	const int64_t now_ms = session_plan_ms(polls->dq);

	if (doubt_records(polls, all->keys, all->n, answer, all->doubts, err))
		return err->kind;
	for (size_t i = 0; i < all->n; i++) {
		struct polled *polled = polls->all[all->keys[i]];

		if (polled->is_heard && all->doubts[i].kind == ANSWER_UNDOUBTED)
			all->tasks[i] = judge(polls, answer, polled, now_ms);
	}
	return doubt_files(polls, all->keys, all->n, all->tasks, all->doubts, err);
}

static void free_all(struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		task_free(tasks[i]);
}

bool judge_answer(
    struct polls *polls, const size_t *keys, size_t n, struct answer *answer)
{
	const int64_t server_ms = answer_server_unix_ms(answer);
	_cleanup_free_ struct task **tasks = calloc(n, sizeof(struct task *));
	_cleanup_free_ struct answer_doubt *doubts = calloc(n, sizeof(*doubts));
	const struct looked all = { keys, n, tasks, doubts };
	struct err err;

	if (!tasks || !doubts) {
		err_set(&err, ERR_NOMEM, "out of memory for an answer");
		polls_abort(polls, &err);
		return true;
	}
	tell_mended(polls, answer);
	if (server_ms > 0)
		polls->dq->skew_ms = server_ms - polls->dq->now.unix_ms;
	if (judge_all(polls, answer, &all, &err)) {
		free_all(tasks, n);
		polls_abort(polls, &err);
		return true;
	}
	if (write_down(polls, keys, n, tasks, &err)) {
		free_all(tasks, n);
		return !may_ask_again(polls, &err);
	}
	take_in_all(polls, keys, n, tasks);
	doubt_go_on(polls, keys, n, doubts);
	return true;
}
