#include "core/submit/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/engine/pause.h"
#include "core/policy/retry.h"
#include "core/poll/waiting.h"
#include "service/jimeng/read/retcode.h"

enum {
	FAILURES_MAX = 5, /* GOAL_SUBMIT: attempts in a row that have not left */
	UNCLEAR_MAX =
	    4, /* unclear ends in a row before the next ones are held back ... */
	UNCLEAR_HOLD_MS = 500, /* ... for so long */
	WRITE_AGAIN_MS = 1000, /* the ledger found no room */
};

/* Its own back to the queue, where it keeps its place. */
static void wait_again(struct sending *sending)
{
	if (!sending->entry)
		return;
	sending->entry->is_begun = false;
	sending->queue->n++;
}

static void tell_state(struct engine *engine, const char *id)
{
	struct dq *dq = engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (!ledger_find(dq->ledger, dq->profile, id, &task, &err) && task)
		session_emit_task(dq, DQ_EVENT_STATE, task);
}

static void was_accepted(struct sending *sending)
{
	static const struct err accepted = { .kind = ERR_OK };
	struct engine *engine = sending->engine;
	struct item *item = sending->entry ? sending->entry->item : NULL;

	lane_accepted(&sending->queue->lane);
	if (sending->kept.alias_id[0])
		session_note(engine->dq,
		    "the service calls task '%s' by another id, '%s'", sending->id,
		    sending->kept.alias_id);
	outbox_entry_remove(sending->queue, sending->entry);
	if (!item)
		return;
	if (engine->goal == GOAL_SUBMIT) {
		engine_conclude(engine, item, &accepted);
		return;
	}
	tell_state(engine, item->id);
	waiting_accepted(engine, item);
}

static void was_refused(struct sending *sending)
{
	struct engine *engine = sending->engine;
	struct item *item = sending->entry ? sending->entry->item : NULL;
	struct err why = sending->kept.err;

	outbox_entry_remove(sending->queue, sending->entry);
	if (!item)
		return;
	/* To any other verb it is a task that has failed, like one that fails later. */
	if (engine->goal != GOAL_SUBMIT || why.kind != ERR_USAGE)
		why.kind = ERR_FAILED;
	err_note(&why, "task '%s'", item->id);
	item->is_final = true;
	engine_conclude(engine, item, &why);
}

/*
 * Many in a row: something in the middle swallows them. Hundreds need not follow. And
 * whatever became of this one, a refusal is a reason for the others to wait.
 */
static void hold_the_others(struct sending *sending, int64_t now_ms)
{
	struct outbox *outbox = sending->engine->outbox;
	const struct answer_kept *kept = &sending->kept;

	if (++outbox->unclear >= UNCLEAR_MAX)
		outbox->not_before_ms = now_ms + UNCLEAR_HOLD_MS;
	if (kept->is_refusal)
		(void)lane_refused(&sending->queue->lane, now_ms,
		    kept->err.retry_after_ms, engine_random(sending->engine));
}

static void is_unclear(struct sending *sending, int64_t now_ms)
{
	struct engine *engine = sending->engine;
	struct item *item = sending->entry ? sending->entry->item : NULL;

	hold_the_others(sending, now_ms);
	session_note(engine->dq, "%s; asking whether task '%s' has arrived",
	    sending->kept.err.msg, sending->id);
	outbox_entry_remove(sending->queue, sending->entry);
	if (!item)
		return;
	tell_state(engine, item->id);
	engine_look_at(engine, item);
}

static void shall_wait(struct sending *sending, int64_t now_ms)
{
	struct engine *engine = sending->engine;
	const struct err *why = &sending->kept.err;
	const char *reason = retcode_text(sending->kept.ret);
	const size_t n = outbox_count_waiting(engine->outbox);

	if (lane_refused(&sending->queue->lane, now_ms, why->retry_after_ms,
		engine_random(engine)))
		session_note(engine->dq, "%s; %zu %s in the local queue",
		    reason ? reason : why->msg, n, n == 1 ? "waits" : "wait");
}

/* What has not been sent ends for this run; the ledger keeps it in its queue. */
static void end_waiting(struct engine *engine, const struct err *why)
{
	struct outbox *outbox = engine->outbox;

	for (size_t i = 0; i < LANES; i++) {
		struct queue *queue = &outbox->queues[i];
		struct entry *entry;

		while ((entry = outbox_first_waiting(queue))) {
			struct item *item = entry->item;

			outbox_entry_remove(queue, entry);
			engine_end_looks_at(engine, item, why);
		}
	}
}

/* Is it worth another attempt? A look judges the same way (retry.h). */
static bool is_worth_it(
    const struct engine *engine, const struct err *why, int64_t now_ms)
{
	const struct outbox *outbox = engine->outbox;
	const struct retry_request tried = {
		.failures = outbox->failures,
		.trouble_ms = now_ms - outbox->trouble_since_ms,
		.ever_went_well = engine->ever_went_well,
	};

	if (engine->goal == GOAL_WATCH)
		return true;
	if (engine->goal == GOAL_SUBMIT)
		return outbox->failures < FAILURES_MAX;
	return (why->kind != ERR_NET && why->kind != ERR_TRUST) || retry_api(&tried, why);
}

static int64_t backoff_ms(unsigned failures, uint64_t random)
{
	int64_t for_ms = RETRY_BASE_MS;

	for (unsigned i = 1; i < failures && for_ms < RETRY_CAP_MS; i++)
		for_ms *= 2;
	if (for_ms > RETRY_CAP_MS)
		for_ms = RETRY_CAP_MS;
	return for_ms / 2 + (int64_t)(random % (uint64_t)(for_ms / 2));
}

static void never_left(struct sending *sending, int64_t now_ms)
{
	struct engine *engine = sending->engine;
	struct outbox *outbox = engine->outbox;
	const struct err *why = &sending->kept.err;

	if (outbox->failures > 0 && sending->begun_ms < outbox->failed_ms)
		return;
	if (outbox->failures == 0)
		outbox->trouble_since_ms = now_ms;
	outbox->failures++;
	outbox->failed_ms = now_ms;
	outbox->not_before_ms =
	    now_ms + backoff_ms(outbox->failures, engine_random(engine));
	if (!is_worth_it(engine, why, now_ms))
		end_waiting(engine, why);
	else if (outbox->failures == 1)
		session_note(engine->dq, "%s; nothing was sent, trying again", why->msg);
}

/* The answer is in the ledger: now it counts. */
static void follow(struct sending *sending)
{
	struct outbox *outbox = sending->engine->outbox;
	struct item *item = sending->entry ? sending->entry->item : NULL;
	const int64_t now_ms = clock_mono_ms();
	const enum fate fate = sending->kept.fate;

	if (item)
		item->requests = 0;
	if (fate != FATE_NEVER_LEFT)
		outbox->failures = 0;
	if (fate != FATE_NEVER_LEFT && fate != FATE_UNCLEAR)
		outbox->unclear = 0;
	if (fate_state(fate) == TASK_SUBMITTING)
		wait_again(sending);
	sending->step = IDLE;
	switch (fate) {
	case FATE_ACCEPTED:
		was_accepted(sending);
		break;
	case FATE_UNCLEAR:
		is_unclear(sending, now_ms);
		break;
	case FATE_REFUSED:
		was_refused(sending);
		break;
	case FATE_LATER:
		shall_wait(sending, now_ms);
		break;
	case FATE_ACCOUNT:
		lane_narrow(&sending->queue->lane);
		engine_account_trouble(sending->engine, &sending->kept.err);
		break;
	case FATE_NEVER_LEFT:
		never_left(sending, now_ms);
		break;
	}
	/* Its time was over while it was under way, and it waits again. */
	if (item && item->looks_are_over)
		engine_conclude_if_done(sending->engine, item);
}

enum err_kind outbox_write_down(const struct sending *sending, struct err *err)
{
	const struct answer_kept *kept = &sending->kept;
	struct dq *dq = sending->engine->dq;
	const struct task_fail fail = {
		.class = fate_fail_class(kept->ret),
		.code = kept->ret[0] ? kept->ret : NULL,
		.message = kept->err.msg,
	};
	const struct answered answered = {
		.account = dq->profile,
		.submit_id = sending->id,
		.state = fate_state(kept->fate),
		.fail = kept->fate == FATE_REFUSED ? &fail : NULL,
		.history_id = kept->history_id[0] ? kept->history_id : NULL,
		.alias_id = kept->alias_id[0] ? kept->alias_id : NULL,
	};

	return ledger_submitted(dq->ledger, &answered, err);
}

/*
 * No room in the ledger: the answer stays here, and the lock of the process says that
 * it is not lost. The item may end meanwhile (the waiting time is over).
 */
static void keep_unwritten(struct sending *sending, const struct err *why)
{
	struct engine *engine = sending->engine;

	sending->step = UNWRITTEN;
	if (sending->entry)
		sending->entry->item->requests = 0;
	engine->outbox->write_ms = clock_mono_ms() + WRITE_AGAIN_MS;
	if (engine_is_holding(engine))
		engine_abort(engine, why);
	else
		pause_for_disk(engine, why, -1);
}

/* Whoever forgot it wanted to hear no more of it. */
static void was_forgotten(struct sending *sending)
{
	struct item *item = sending->entry ? sending->entry->item : NULL;
	struct err why;

	sending->step = IDLE;
	outbox_entry_remove(sending->queue, sending->entry);
	session_note(sending->engine->dq, "task '%s' was forgotten while it was sent",
	    sending->id);
	if (!item)
		return;
	item->requests = 0;
	item->is_final = true;
	err_set(&why, ERR_NOT_FOUND, "task '%s' was forgotten", item->id);
	engine_conclude(sending->engine, item, &why);
}

void outbox_take_answer(struct sending *sending)
{
	struct dq *dq = sending->engine->dq;
	struct err err;
	enum err_kind kind;

	/* Once read it is nowhere else: no interrupt makes it end sooner. */
	dq->is_patient = true;
	kind = outbox_write_down(sending, &err);
	dq->is_patient = false;
	if (!kind) {
		follow(sending);
		return;
	}
	if (err.kind == ERR_NOT_FOUND) {
		was_forgotten(sending);
		return;
	}
	if (pause_waits_for(sending->engine, &err)) {
		keep_unwritten(sending, &err);
		return;
	}
	if (sending->entry)
		sending->entry->item->requests = 0;
	sending->step = IDLE;
	engine_abort(sending->engine, &err);
}

static void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text && strlen(text) < room ? text : "");
}

/* Is this the name of another task that we know? (If it can't be told: of none.) */
static bool is_anothers(const struct sending *sending, const char *id)
{
	const struct dq *dq = sending->engine->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err ignored;

	return id[0] && !ledger_find(dq->ledger, dq->profile, id, &task, &ignored) &&
	    task && strcmp(task->submit_id, sending->id) != 0;
}

/*
 * The service's names for it. An answer that names another of our tasks is not the
 * answer to this submit: nothing it says is believed.
 */
static void keep_ids(struct sending *sending, const struct submit_outcome *outcome)
{
	struct answer_kept *kept = &sending->kept;

	keep(kept->history_id, sizeof(kept->history_id), outcome->history_id);
	if (outcome->submit_id && strcmp(outcome->submit_id, sending->id) != 0)
		keep(kept->alias_id, sizeof(kept->alias_id), outcome->submit_id);
	if (!is_anothers(sending, kept->alias_id) &&
	    !is_anothers(sending, kept->history_id))
		return;
	kept->alias_id[0] = kept->history_id[0] = '\0';
	kept->fate = FATE_UNCLEAR;
	if (!kept->err.kind)
		err_set(&kept->err, ERR_CONTRACT,
		    "the answer to the submit names another task");
}

void outbox_on_submit(void *payload, const struct submit_outcome *outcome)
{
	struct sending *sending = payload;
	struct answer_kept *kept = &sending->kept;

	lane_ended(&sending->queue->lane);
	*kept = (struct answer_kept){ .fate = fate_of(outcome), .err = outcome->err };
	kept->is_refusal = outcome->err.kind == ERR_BUSY ||
	    outcome->err.kind == ERR_AUTH || outcome->err.kind == ERR_ACCOUNT;
	keep(kept->ret, sizeof(kept->ret), outcome->ret);
	keep_ids(sending, outcome);
	outbox_take_answer(sending);
}
