/*
 * submit.c - tasks, each sent at most once (DESIGN, laws 1 and 2).
 *
 *   submission.c: ids and bodies ──ledger_intend──► waiting (durable) ──► told
 *                                                      │
 *                          the engine's outbox sends, and settles by asking
 *
 * All intents are on disk before the first request leaves. From then on whoever holds
 * the lease of a task may send it, this run or a later one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/common/given.h"
#include "core/engine/engine.h"
#include "core/submit/batch_lines.h"
#include "core/submit/submission.h"
#include "core/verbs/allowance.h"
#include "core/verbs/measure.h"
#include "dreamq/ids.h"
#include "dreamq/submit.h"

struct submissions {
	struct submission *all;
	size_t n;
};

static void submissions_release(struct submissions *submissions)
{
	for (size_t i = 0; submissions->all && i < submissions->n; i++)
		submission_release(&submissions->all[i]);
	free(submissions->all);
}

static void ids_freep(struct dq_ids **ids)
{
	dq_ids_free(*ids);
}

static enum err_kind make_all(struct dq *dq, const struct dq_batch *batch,
    struct submissions *submissions, struct err *err)
{
	submissions->all = calloc(batch->n, sizeof(*submissions->all));
	if (!submissions->all)
		return err_set(err, ERR_NOMEM, "no memory for %zu submits", batch->n);
	submissions->n = batch->n;
	for (size_t i = 0; i < batch->n; i++) {
		if (submission_make(dq, &batch->submits[i], &submissions->all[i], err))
			return batch_blame(batch, i, err);
	}
	return submissions_number(submissions->all, submissions->n, err);
}

/* --- the record ------------------------------------------------------------------- */

/* The intents of those that are not recorded yet, in order. */
static size_t gather(const struct dq *dq, const struct submissions *submissions,
    struct intent *ret_intents)
{
	const int64_t now_unix_ms = dq->now.unix_ms;
	size_t n = 0;

	for (size_t i = 0; i < submissions->n; i++)
		if (!submissions->all[i].is_recorded)
			ret_intents[n++] = submission_intent(
			    &submissions->all[i], dq->profile, now_unix_ms);
	return n;
}

static void take_intended(
    struct submissions *submissions, const struct intended *intended)
{
	for (size_t i = 0; i < submissions->n; i++) {
		struct submission *submission = &submissions->all[i];

		if (submission->is_recorded)
			continue;
		memcpy(submission->submit_id, intended->submit_id,
		    sizeof(submission->submit_id));
		submission->is_known = intended->is_known;
		submission->is_recorded = true;
		intended++;
	}
}

/* Where there is no ledger (a dry run makes none) each is new. */
static void take_as_new(struct submissions *submissions)
{
	for (size_t i = 0; i < submissions->n; i++)
		submissions->all[i].is_recorded = true;
}

/* Takes the ledger's choice of the task for each submission, in one transaction. */
static enum err_kind intend(struct dq *dq, const struct dq_batch *batch,
    struct submissions *submissions, struct err *err)
{
	_cleanup_free_ struct intent *intents = NULL;
	_cleanup_free_ struct intended *intended = NULL;
	size_t n, refused = 0;

	if (submissions->n == 0)
		return ERR_OK;
	if (!dq->ledger) {
		take_as_new(submissions);
		return ERR_OK;
	}
	intents = calloc(submissions->n, sizeof(*intents));
	intended = calloc(submissions->n, sizeof(*intended));
	if (!intents || !intended)
		return err_set(
		    err, ERR_NOMEM, "no memory for %zu submits", submissions->n);
	n = gather(dq, submissions, intents);
	if (n == 0)
		return ERR_OK;
	if ((batch->dry_run ? ledger_rehearse : ledger_intend)(
		dq->ledger, intents, n, intended, &refused, err))
		return err->kind == ERR_USAGE && n == submissions->n
		    ? batch_refuse(dq, batch, intents, refused, err)
		    : err->kind;
	take_intended(submissions, intended);
	return ERR_OK;
}

static bool was_made_by(const struct submissions *submissions, const char *id)
{
	for (size_t i = 0; i < submissions->n; i++)
		if (submissions->all[i].is_recorded && !submissions->all[i].is_known &&
		    !strcmp(submissions->all[i].submit_id, id))
			return true;
	return false;
}

/*
 * The submission, whose key's task is known and shall be repeated, becomes that repeat;
 * not when that task has never been sent: then this is its first time.
 */
static enum err_kind turn_into_repeat(struct dq *dq, const struct dq_submit *submit,
    struct submission *submission, struct err *err)
{
	_cleanup_(task_freep) struct task *known = NULL;
	struct submission repeat = { 0 };

	if (ledger_find(dq->ledger, dq->profile, submission->submit_id, &known, err))
		return err->kind;
	if (known && known->is_waiting)
		return ERR_OK;
	if (submission_repeat(dq, submission->submit_id, submit->submit_id, &repeat, err))
		return err->kind;
	repeat.key = submission->key;
	repeat.key_scope = submission->key_scope;
	repeat.line_key = TAKE_PTR(submission->line_key);
	repeat.nth = submission->nth;
	repeat.permit = submission->permit;
	repeat.expected_credits = submission->expected_credits;
	submission_release(submission);
	*submission = repeat;
	return ERR_OK;
}

/*
 * A key that was used before has been recognised by now; where the user wants it
 * repeated, a second record is made. What this very call has made is no repeat.
 */
static enum err_kind record(struct dq *dq, const struct dq_batch *batch,
    struct submissions *submissions, struct err *err)
{
	if (intend(dq, batch, submissions, err))
		return err->kind;
	for (size_t i = 0; i < submissions->n; i++) {
		struct submission *submission = &submissions->all[i];

		if (!batch->submits[i].rerolls_key || !submission->is_known ||
		    was_made_by(submissions, submission->submit_id))
			continue;
		if (turn_into_repeat(dq, &batch->submits[i], submission, err))
			return err->kind;
	}
	return intend(dq, batch, submissions, err);
}

/* --- what it may cost ------------------------------------------------------------- */

static enum err_kind check_cost(struct dq *dq, const struct dq_batch *batch,
    struct submissions *submissions, struct err *err)
{
	if (batch->measure && batch->n > 1)
		return err_set(err, ERR_USAGE,
		    "what %zu tasks cost can't be measured: submit one", batch->n);
	if (batch->max_credits > 0)
		return allowance_check(dq, batch, submissions->all, submissions->n, err);
	/* Nobody asked: that the service can't price it is no reason to refuse. */
	if (batch->dry_run &&
	    allowance_check(dq, batch, submissions->all, submissions->n, err) &&
	    err->kind != ERR_USAGE)
		return err->kind;
	return ERR_OK;
}

/* --- what was there before -------------------------------------------------------- */

/* Does the task need this run: to be sent, or to find out whether it was? */
static bool is_unsettled(const struct task *task)
{
	return task->state == TASK_SUBMITTING || task->state == TASK_UNKNOWN;
}

static void judge_known(const struct task *task, struct err *ret_outcome)
{
	*ret_outcome = (struct err){ .kind = ERR_OK };
	if (task->state == TASK_NOT_FOUND)
		err_set(ret_outcome, ERR_NOT_FOUND,
		    "the service does not know task '%s', which has this idempotency "
		    "key; only a reroll submits it again",
		    task->submit_id);
	else if (task->state == TASK_FAILED)
		err_set(ret_outcome, ERR_FAILED,
		    "task '%s', which has this idempotency key, has failed; only a "
		    "reroll submits it again",
		    task->submit_id);
	else if (task->state == TASK_CANCELLED)
		err_set(ret_outcome, ERR_FAILED,
		    "task '%s', which has this idempotency key, has been cancelled; "
		    "only a reroll submits it again",
		    task->submit_id);
}

/* Tell each, and gather the ids that the engine has to bring further. */
static enum err_kind tell_one(struct dq *dq, const struct submission *submission,
    struct dq_ids *unsettled, struct err *worst, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct dq_error error;
	struct err outcome;

	if (ledger_find(dq->ledger, dq->profile, submission->submit_id, &task, err))
		return err->kind;
	if (submission->rerolls[0] && !submission->is_known)
		session_note(dq,
		    "task '%s' repeats '%s': a second submit, which is paid once more",
		    submission->submit_id, submission->rerolls);
	if (!task || is_unsettled(task)) {
		if (dq_ids_add(unsettled, submission->submit_id, "a submit", &error))
			return err_set(err, ERR_NOMEM, "%s", error.message);
		if (task)
			session_emit_task(dq, DQ_EVENT_STATE, task);
		return ERR_OK;
	}
	judge_known(task, &outcome);
	if (err_is_worse(&outcome, worst))
		*worst = outcome;
	session_emit_task(dq, DQ_EVENT_TASK, task);
	return ERR_OK;
}

static enum err_kind tell_all(struct dq *dq, const struct dq_batch *batch,
    const struct submissions *submissions, struct dq_ids *unsettled, struct err *worst,
    struct err *err)
{
	for (size_t i = 0; batch->on_id && i < submissions->n; i++)
		batch->on_id(batch->payload, i, submissions->all[i].submit_id,
		    submissions->all[i].is_known);
	for (size_t i = 0; i < submissions->n; i++)
		if (tell_one(dq, &submissions->all[i], unsettled, worst, err))
			return err->kind;
	return ERR_OK;
}

/* What a dry run has found out. */
static void tell_plan(const struct dq_batch *batch, const struct submissions *submissions)
{
	for (size_t i = 0; batch->on_planned && i < submissions->n; i++) {
		const struct submission *one = &submissions->all[i];
		const struct dq_planned planned = {
			.submit_id = one->submit_id,
			.is_known = one->is_known,
			.kind = media_kind_name(one->kind),
			.body = one->is_known ? NULL : one->body,
			.idempotency_key = one->key,
			.reroll_of = one->rerolls[0] ? one->rerolls : NULL,
			.credits = one->is_known ? -1 : one->expected_credits,
		};

		batch->on_planned(batch->payload, &planned);
	}
}

/* Everything that is judged before the first intent is on disk, and nothing else. */
static enum err_kind rehearse(
    struct dq *dq, const struct dq_batch *batch, struct err *err)
{
	_cleanup_(submissions_release) struct submissions submissions = { 0 };

	if (session_ledger_if_there(dq, err) || make_all(dq, batch, &submissions, err) ||
	    check_cost(dq, batch, &submissions, err) ||
	    record(dq, batch, &submissions, err))
		return err->kind;
	tell_plan(batch, &submissions);
	return ERR_OK;
}

static enum err_kind submit_all(
    struct dq *dq, const struct dq_batch *batch, struct err *err)
{
	_cleanup_(submissions_release) struct submissions submissions = { 0 };
	_cleanup_(ids_freep) struct dq_ids *unsettled = NULL;
	struct run_spec submission = { .goal = GOAL_SUBMIT };
	struct measure measure = { .submit_id = NULL };
	struct err worst = { .kind = ERR_OK };
	struct dq_error error;

	if (session_ledger(dq, err) || make_all(dq, batch, &submissions, err) ||
	    session_service(dq, err) || check_cost(dq, batch, &submissions, err))
		return err->kind;
	if (dq_ids_new(&unsettled, &error))
		return err_set(err, ERR_NOMEM, "%s", error.message);
	if (record(dq, batch, &submissions, err) ||
	    tell_all(dq, batch, &submissions, unsettled, &worst, err))
		return err->kind;
	submission.ids = dq_ids_list(unsettled);
	submission.n = dq_ids_count(unsettled);
	if (batch->measure && submission.n == 1 && !submissions.all[0].is_known)
		measure_begin(dq, submission.ids[0], &measure);
	if (session_service(dq, err)) /* it is gone after an interrupt */
		return err->kind;
	/* Writing down takes its time, too: what can leave at once leaves. */
	session_set_max_wait(dq, batch->max_wait_ms);
	if (submission.n > 0 && engine_run(dq, &submission, err) &&
	    err_is_worse(err, &worst))
		worst = *err;
	measure_end(dq, &measure);
	if (worst.kind)
		*err = worst;
	return worst.kind;
}

/* As this library knows them, whatever the caller was built with; malloc'ed. */
static enum err_kind take_submits(
    const struct dq_batch *batch, struct dq_submit **ret_submits, struct err *err)
{
	const char *from = (const char *)batch->submits;
	struct dq_submit *submits;

	if (batch->n == 0)
		return err_set(err, ERR_USAGE, "there is nothing to submit");
	submits = calloc(batch->n, sizeof(*submits));
	if (!submits)
		return err_set(err, ERR_NOMEM, "no memory for %zu submits", batch->n);
	for (size_t i = 0; i < batch->n; i++)
		given_take(&submits[i], sizeof(*submits),
		    from + i * given_stride(from, sizeof(*submits)));
	*ret_submits = submits;
	return ERR_OK;
}

enum dq_status dq_submit_all(
    struct dq *dq, const struct dq_batch *given, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_free_ struct dq_submit *submits = NULL;
	struct dq_batch batch;
	struct err err;

	given_take(&batch, sizeof(batch), given);
	session_verb_begins(dq, batch.n);
	if (take_submits(&batch, &submits, &err) || !submits)
		return session_fail(&err, ret_error);
	batch.submits = submits;
	session_set_max_wait(dq, batch.max_wait_ms);
	return (batch.dry_run ? rehearse : submit_all)(dq, &batch, &err)
	    ? session_fail(&err, ret_error)
	    : DQ_OK;
}

static void keep_id(void *payload, size_t i, const char *submit_id, bool is_known)
{
	(void)i;
	(void)is_known;
	(void)snprintf(payload, DQ_ID_MAX + 1, "%s", submit_id);
}

enum dq_status dq_submit(struct dq *dq, const struct dq_submit *submission,
    char ret_submit_id[DQ_ID_MAX + 1], struct dq_error *ret_error)
{
	const struct dq_batch batch = {
		.size_bytes = sizeof(batch),
		.submits = submission,
		.n = 1,
		.on_id = keep_id,
		.payload = ret_submit_id,
	};

	ret_submit_id[0] = '\0';
	return dq_submit_all(dq, &batch, ret_error);
}
