#include "core/poll/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	UNREADABLE_MAX = 9, /* in a row, before a broken record is final: ... */
	UNREADABLE_OWN = 3, /* ... so much is its own; another's, which may be it: 1 */
};

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

/* A submit may have named the task: the ledger kept what it is called. */
static void recall_other_id(struct polls *polls, struct polled *polled)
{
	_cleanup_(task_freep) struct task *known = NULL;
	const struct dq *dq = polls->dq;
	const char *other;
	struct err err;

	if (ledger_find(dq->ledger, dq->profile, polled->id, &known, &err)) {
		polls_abort(polls, &err);
		return;
	}
	other = known ? service_other_id(dq->ops, known) : NULL;
	if (other)
		learn_id(polls, polled, other);
}

/* An id that is not known is asked for in another way, at once by a single poll. */
static bool asks_again(
    struct polls *polls, struct polled *polled, const struct service_seen *seen)
{
	const size_t key = polled->key;

	if (seen->wants_other_id)
		recall_other_id(polls, polled);
	if (!polls->is_single || !seen->has_other_way)
		return false;
	sched_again(polls->sched, &key, 1, session_plan_ms(polls->dq));
	return true;
}

/*
 * A single poll tells what it has seen, under both kinds of id, and the ledger keeps what
 * it had: no single poll is an end.
 */
static void tell_absence(
    const struct polls *polls, const struct polled *polled, struct task *task)
{
	if (polls->is_single && polled->absences > 0 && task->state != TASK_SUBMITTING &&
	    task_state_may_become(task->state, TASK_NOT_FOUND))
		task->state = TASK_NOT_FOUND;
}

/*
 * This poll is believed. What the ledger tells of the task counts, too: an absence of
 * what the service has had is a lag.
 */
static void remember(
    struct polled *polled, const struct service_seen *seen, const struct task *task)
{
	polled->memory = seen->memory;
	polled->absences = seen->absences;
	polled->absent_since_ms = seen->absent_since_ms;
	if (seen->absences == 0)
		polled->was_shown = true;
	if (task->state != TASK_SUBMITTING && task->state != TASK_UNKNOWN &&
	    task->state != TASK_NOT_FOUND)
		polled->was_shown = true;
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

/* NULL: this poll tells nothing. */
static struct task *judge(
    struct polls *polls, struct polled *polled, struct service_seen *seen)
{
	if (!seen->task) {
		if (seen->why.kind == ERR_NOMEM)
			polls_abort(polls, &seen->why);
		else
			unreadable(polls, polled, &seen->why);
		return NULL;
	}
	polled->unreadable = 0;
	if (seen->absences == 0 && polled->doubt)
		polled->doubt->polls = 0;
	return TAKE_PTR(seen->task);
}

/* Who was sending it when we took it over has been refused: now we are to send it. */
static bool waits_again(
    const struct polls *polls, const struct polled *polled, const struct task *task)
{
	return task->is_waiting && polls->all[polled->key].lease_token;
}

/* When is the next poll, now that this is written down? */
static void plan(struct polls *polls, struct polled *polled, struct task *task)
{
	if (waits_again(polls, polled, task))
		return;
	tell_absence(polls, polled, task);
	polled->is_final = task_state_is_final(task->state);
	if (task->kind != MEDIA_UNKNOWN)
		polled->kind = task->kind;
	/* Its files may be wanted, and a lag of the service brings no link to them. */
	if (task->is_missed && task->state == TASK_SUCCEEDED)
		schedule_unread(polls, polled, polled->absences);
	else if (task->is_hasty)
		schedule_unread(polls, polled, 1);
	else if (polled->is_final)
		schedule_ended(polls, polled, task);
	else
		schedule_polled(polls, polled, task);
}

static void take_in(struct polls *polls, struct polled *polled,
    const struct service_seen *seen, struct task *task)
{
	const bool is_ours_to_send = waits_again(polls, polled, task);

	if (!is_ours_to_send)
		remember(polled, seen, task);
	/* It may have ended, or been taken over by another, meanwhile. */
	if (!polled_is_heard(polls, polled) ||
	    (!is_ours_to_send && asks_again(polls, polled, seen))) {
		task_free(task);
		return;
	}
	plan(polls, polled, task);
	task_free(polled->seen);
	polled->seen = task;
	polls_tell(polls, polled);
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

/* What the lease of each poll was, for the ledger to check. */
static void gather_tokens(const struct polls *polls, const size_t *keys, size_t n,
    struct task *const *tasks, int64_t *ret_tokens)
{
	size_t n_tokens = 0;

	for (size_t i = 0; i < n; i++)
		if (tasks[i])
			ret_tokens[n_tokens++] = polls->all[keys[i]].lease_token;
}

static void lose(struct polls *polls, struct polled *polled)
{
	polls_end(polls, polled->key);
	polled->is_lost = true;
	polls_tell(polls, polled);
}

/* Their leases were not ours any more: nothing of these polls was written. */
static void lose_those_too_late(struct polls *polls, const size_t *keys, size_t n,
    struct task *const *tasks, const int64_t *tokens)
{
	size_t n_tokens = 0;

	for (size_t i = 0; i < n; i++) {
		const struct known *known = &polls->all[keys[i]];

		if (tasks[i] && tokens[n_tokens++] == 0 && known->lease_token != 0)
			lose(polls, known->polled);
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

/* Is it a full disk? Then the same is asked again when there is room. */
static bool may_ask_again(struct polls *polls, const struct err *why)
{
	if (!polls->is_single)
		return polls_wait_for(polls, why);
	polls_abort(polls, why);
	return false;
}

/* Once a run: the service may do it in every answer. */
static void tell_mended(struct polls *polls, size_t n)
{
	if (n == 0 || polls->was_mending_told)
		return;
	polls->was_mending_told = true;
	session_note(polls->dq,
	    n == 1 ? N_("%zu part of the answer can't be read and is left out; the "
			"rest counts")
		   : N_("%zu parts of the answer can't be read and are left out; the "
			"rest counts"),
	    n);
}

static enum err_kind judge_all(struct polls *polls, const size_t *keys,
    const struct service_polled *answer, struct task **tasks,
    struct service_doubt *doubts, struct err *err)
{
	if (doubt_records(polls, keys, answer, doubts, err))
		return err->kind;
	for (size_t i = 0; i < answer->n; i++) {
		struct polled *polled = polls->all[keys[i]].polled;

		if (polled_is_heard(polls, polled) && doubts[i].kind == SERVICE_UNDOUBTED)
			tasks[i] = judge(polls, polled, &answer->seen[i]);
	}
	return doubt_files(polls, keys, answer->n, tasks, doubts, err);
}

static void free_all(struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		task_free(tasks[i]);
}

bool judge_answer(
    struct polls *polls, const size_t *keys, const struct service_polled *answer)
{
	const size_t n = answer->n;
	_cleanup_free_ struct task **tasks = calloc(n, sizeof(struct task *));
	_cleanup_free_ struct service_doubt *doubts = calloc(n, sizeof(*doubts));
	struct err err;

	if (!tasks || !doubts) {
		err_set(&err, ERR_NOMEM, "out of memory for an answer");
		polls_abort(polls, &err);
		return true;
	}
	tell_mended(polls, answer->mended);
	if (answer->server_unix_ms > 0)
		session_set_server_clock(polls->dq, answer->server_unix_ms);
	if (judge_all(polls, keys, answer, tasks, doubts, &err)) {
		free_all(tasks, n);
		polls_abort(polls, &err);
		return true;
	}
	if (write_down(polls, keys, n, tasks, &err)) {
		free_all(tasks, n);
		return !may_ask_again(polls, &err);
	}
	for (size_t i = 0; i < n; i++)
		if (tasks[i])
			take_in(polls, polls->all[keys[i]].polled, &answer->seen[i],
			    tasks[i]);
	doubt_go_on(polls, keys, n, doubts);
	return true;
}
