/*
 * cancel.c - tasks that still queue are taken back.
 *
 *   poll ──┬─► queued: the service is asked to take it back ──► poll, and so on
 *          └─► anything else: told
 *
 * What a poll shows decides. An answer to the request says no more than whether it has to
 * be made once more: one that was lost may have been obeyed, one that says yes may take a
 * while. Nothing has to be written down before it, since a second one does no harm.
 */
#include "dreamq/cancel.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "base/shell_word.h"
#include "core/account/session.h"
#include "core/engine/engine.h"

enum {
	ROUNDS_MAX = 6,
	ASKS_MAX = 3, /* of one task */
	GAP_MS = 2000, /* between two rounds, on the service's clock */
	STEP_MS = 200,
};

/* One of the tasks. */
struct target {
	const char *id;
	const char *outcome; /* NULL: open */
	enum task_state state;
	unsigned asks;
	struct err why; /* how the last of them ended; with an outcome: what is told */
};

struct targets {
	struct dq *dq;
	struct target *all;
	const char **open; /* ids, for a poll */
	size_t n;
};

static void targets_release(struct targets *targets)
{
	free(targets->all);
	free(targets->open);
}

/* --- a poll ------------------------------------------------------------------------ */

static size_t gather_open(struct targets *targets)
{
	size_t n = 0;

	for (size_t i = 0; i < targets->n; i++)
		if (!targets->all[i].outcome)
			targets->open[n++] = targets->all[i].id;
	return n;
}

/* That a task runs, has failed or is not known is no trouble here. */
static enum err_kind look(struct targets *targets, struct err *err)
{
	const struct run_spec spec = {
		.goal = GOAL_QUERY, .ids = targets->open, .n = gather_open(targets)
	};
	const enum err_kind kind = engine_run(targets->dq, &spec, err);

	if (kind == ERR_RUNNING || kind == ERR_FAILED || kind == ERR_NOT_FOUND)
		*err = (struct err){ .kind = ERR_OK };
	return err->kind;
}

static const struct verdict {
	const char *outcome; /* NULL: it queues, open */
	enum err_kind kind;
	const char *text; /* of the task */
} verdicts[TASK_STATE_COUNT] = {
	[TASK_SUBMITTING] = { "unclear", ERR_RUNNING,
	    N_("is just being submitted; run this again") },
	[TASK_UNKNOWN] = { "unknown", ERR_NOT_FOUND, N_("is not known to the service") },
	[TASK_QUEUED] = { NULL, ERR_OK, NULL },
	[TASK_GENERATING] = { "running", ERR_RUNNING,
	    N_("is being generated already; only what still queues is taken back") },
	[TASK_PARTIAL] = { "running", ERR_RUNNING,
	    N_("is being generated already; only what still queues is taken back") },
	[TASK_SUCCEEDED] = { "ended", ERR_FAILED,
	    N_("has succeeded; there is nothing left to cancel") },
	[TASK_FAILED] = { "ended", ERR_FAILED,
	    N_("has failed; there is nothing left to cancel") },
	[TASK_CANCELLED] = { "cancelled", ERR_OK, NULL },
	[TASK_NOT_FOUND] = { "unknown", ERR_NOT_FOUND,
	    N_("is not known to the service") },
};

static void judge(struct target *target, const struct task *task)
{
	const struct verdict *verdict = &verdicts[task->state];

	target->state = task->state;
	if (!verdict->outcome)
		return;
	target->outcome = verdict->outcome;
	target->why = (struct err){ .kind = ERR_OK };
	if (task->is_waiting) {
		target->outcome = "unsent";
		err_set(&target->why, ERR_FAILED,
		    "task '%s' was never sent; 'dreamq forget %s%s' takes it out of the "
		    "local queue",
		    target->id, shell_dashes(target->id), target->id);
	} else if (verdict->text) {
		err_set(&target->why, verdict->kind, "task '%s' %s", target->id,
		    verdict->text);
	}
}

/* --- a request --------------------------------------------------------------------- */

struct question {
	struct err err;
	bool is_answered;
};

static void on_cancelled(void *payload, const struct service_cancelled *cancelled)
{
	struct question *question = payload;

	question->err = cancelled->err;
	question->is_answered = true;
}

/* *ret_why: how it ended. An error: we can't go on. */
static enum err_kind ask(
    struct dq *dq, const struct task *task, struct err *ret_why, struct err *err)
{
	struct question question = { 0 };

	*ret_why = (struct err){ .kind = ERR_OK };
	if (service_cancel(dq->service, task, on_cancelled, &question, ret_why)) {
		if (ret_why->kind == ERR_NOMEM)
			*err = *ret_why;
		return err->kind;
	}
	while (!question.is_answered) {
		if (atomic_load(&dq->is_interrupted))
			err_set(err, ERR_CANCELLED, "interrupted");
		else if (!net_step(dq->net, STEP_MS, err)) {
			session_read_clocks(dq);
			continue;
		}
		session_close_service(dq); /* `question` is about to go */
		return err->kind;
	}
	*ret_why = question.err;
	return ERR_OK;
}

/* Then there is only to wait until it is seen. */
static bool has_agreed(const struct target *target)
{
	return target->asks > 0 && !target->why.kind;
}

/* Trouble with the login or the account is that of all. */
static enum err_kind ask_for(
    struct dq *dq, struct target *target, const struct task *task, struct err *err)
{
	const bool is_over = ask(dq, task, &target->why, err) != ERR_OK;

	target->asks += target->why.kind != ERR_USAGE; /* then nothing has left */
	if (is_over)
		return err->kind;
	if (target->why.kind == ERR_AUTH || target->why.kind == ERR_ACCOUNT)
		*err = target->why;
	return err->kind;
}

/* It still queues, after all. */
static void give_up(struct target *target)
{
	struct err *why = &target->why;

	target->outcome = "queued";
	if (!why->kind)
		err_set(why, ERR_RUNNING,
		    "the service has agreed to take task '%s' back, and does not show "
		    "it yet; run this again",
		    target->id);
	else if (why->kind == ERR_USAGE)
		why->kind = ERR_RUNNING; /* it has no name for it yet */
	else
		err_note(why, "task '%s' was not taken back", target->id);
}

static enum err_kind do_one(
    struct targets *targets, struct target *target, struct err *err)
{
	struct dq *dq = targets->dq;
	_cleanup_(task_freep) struct task *task = NULL;

	if (ledger_find(dq->ledger, dq->profile, target->id, &task, err))
		return err->kind;
	if (!task)
		return err_set(
		    err, ERR_LEDGER, "task '%s' has gone from the ledger", target->id);
	judge(target, task);
	if (target->outcome || has_agreed(target))
		return ERR_OK;
	if (target->why.kind != ERR_FAILED && target->asks < ASKS_MAX)
		return ask_for(dq, target, task, err);
	give_up(target);
	return ERR_OK;
}

/* --- all of it --------------------------------------------------------------------- */

static enum err_kind pause_between(struct dq *dq, struct err *err)
{
	const int64_t until_ms = dq->now.mono_ms + session_span_ms(dq, GAP_MS);

	while (dq->now.mono_ms < until_ms) {
		if (atomic_load(&dq->is_interrupted))
			return err_set(err, ERR_CANCELLED, "interrupted");
		if (session_wait(dq, until_ms, false, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind do_rounds(struct targets *targets, struct err *err)
{
	*err = (struct err){ .kind = ERR_OK };
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		if ((round > 1 && pause_between(targets->dq, err)) || look(targets, err))
			return err->kind;
		for (size_t i = 0; i < targets->n; i++)
			if (!targets->all[i].outcome &&
			    do_one(targets, &targets->all[i], err))
				return err->kind;
		if (gather_open(targets) == 0)
			break;
	}
	return ERR_OK;
}

/* The run ends before it is settled. */
static void leave_unclear(struct target *target)
{
	target->outcome = "unclear";
	err_set(&target->why, ERR_RUNNING,
	    "whether task '%s' is cancelled is not known yet; run this again",
	    target->id);
}

static void settle_open(struct targets *targets, bool has_failed)
{
	for (size_t i = 0; i < targets->n; i++) {
		struct target *target = &targets->all[i];

		if (target->outcome)
			continue;
		if (!has_failed)
			give_up(target);
		else if (target->asks > 0)
			leave_unclear(target);
	}
}

static void tell(const struct targets *targets,
    void (*hear)(void *payload, const struct dq_cancelled *cancelled), void *payload,
    struct err *worst)
{
	for (size_t i = 0; i < targets->n; i++) {
		const struct target *target = &targets->all[i];
		const bool is_well = !target->why.kind;
		const struct dq_cancelled cancelled = {
			.submit_id = target->id,
			.outcome = target->outcome,
			.state = task_state_name(target->state),
			.text = is_well ? NULL : target->why.msg,
			.shown = is_well ? NULL : err_shown(&target->why),
		};

		if (!target->outcome)
			continue;
		hear(payload, &cancelled);
		if (err_is_worse(&target->why, worst))
			*worst = target->why;
	}
}

static enum err_kind make_targets(struct dq *dq, const char *const *ids, size_t n,
    struct targets *targets, struct err *err)
{
	if (n == 0)
		return err_set(err, ERR_USAGE, "no task ids were given");
	*targets = (struct targets){ .dq = dq,
		.all = calloc(n, sizeof(*targets->all)),
		.open = calloc(n, sizeof(*targets->open)),
		.n = n };
	if (!targets->all || !targets->open)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		targets->all[i].id = ids[i];
	return ERR_OK;
}

enum dq_status dq_cancel(struct dq *dq, const char *const *ids, size_t n,
    void (*hear)(void *payload, const struct dq_cancelled *cancelled), void *payload,
    struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_(targets_release) struct targets targets = { 0 };
	struct err err;

	if (make_targets(dq, ids, n, &targets, &err) || session_ledger(dq, &err) ||
	    session_service(dq, &err))
		return session_fail(&err, ret_error);
	(void)do_rounds(&targets, &err);
	settle_open(&targets, err.kind != ERR_OK);
	tell(&targets, hear, payload, &err);
	return err.kind ? session_fail(&err, ret_error) : DQ_OK;
}

/* --- only telling ------------------------------------------------------------------ */

static enum err_kind foresee(struct dq *dq, struct target *target, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;

	if (dq->ledger && ledger_find(dq->ledger, dq->profile, target->id, &task, err))
		return err->kind;
	if (task)
		judge(target, task);
	if (target->outcome)
		return ERR_OK;
	target->outcome = task ? "queued" : "unknown";
	target->state = task ? task->state : TASK_UNKNOWN;
	if (task)
		err_set(&target->why, ERR_RUNNING,
		    "task '%s' queues, and would be taken back", target->id);
	else
		err_set(&target->why, ERR_RUNNING,
		    "the ledger has no task '%s'; the service would be asked for it",
		    target->id);
	return ERR_OK;
}

enum dq_status dq_cancel_plan(struct dq *dq, const char *const *ids, size_t n,
    void (*hear)(void *payload, const struct dq_cancelled *cancelled), void *payload,
    struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_(targets_release) struct targets targets = { 0 };
	struct err err, ignored = { .kind = ERR_OK };

	session_verb_begins(dq, n);
	if (make_targets(dq, ids, n, &targets, &err) || session_ledger_to_read(dq, &err))
		return session_fail(&err, ret_error);
	for (size_t i = 0; i < n; i++)
		if (foresee(dq, &targets.all[i], &err))
			return session_fail(&err, ret_error);
	tell(&targets, hear, payload, &ignored);
	return DQ_OK;
}
