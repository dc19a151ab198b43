#include "base/say.h"
#include "core/submit/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/common/random.h"
#include "core/policy/backoff.h"
#include "core/policy/retry.h"

enum {
	/* Unclear ends in a row before the next ones are held back ... */
	UNCLEAR_MAX = 4,
	UNCLEAR_HOLD_MS = 500, /* ... for so long */
	WRITE_AGAIN_MS = 1000, /* the ledger found no room */
};

/* What is to be told of it when the next is asked for. */
static void tell(struct sending *sending, enum outbox_what what, const struct err *why)
{
	sending->told = (struct outbox_told){ .what = what, .why = *why };
	sending->is_to_tell = true;
}

/* Its submit has its place in the queue again. */
static void wait_again(struct sending *sending)
{
	if (!sending->entry)
		return;
	sending->entry->is_begun = false;
	sending->queue->n++;
}

/* It is over for the outbox, with this. */
static void leave(struct sending *sending, enum outbox_what what, const struct err *why)
{
	outbox_entry_remove(sending->queue, sending->entry);
	sending->entry = NULL;
	tell(sending, what, why);
}

static void was_accepted(struct sending *sending)
{
	pace_accepted(&sending->queue->pace);
	if (sending->kept.alias_id[0])
		session_note(sending->outbox->dq,
		    "the service calls task '%s' by another id, '%s'", sending->id,
		    sending->kept.alias_id);
	leave(sending, OUTBOX_ACCEPTED, &sending->kept.err);
}

/*
 * Many in a row: something in the middle swallows them. Hundreds need not follow. And
 * whatever became of this one, a refusal is a reason for the others to wait.
 */
static void hold_the_others(struct sending *sending, int64_t now_ms)
{
	struct outbox *outbox = sending->outbox;
	const struct answer_kept *kept = &sending->kept;

	if (++outbox->unclear >= UNCLEAR_MAX)
		outbox->not_before_ms = now_ms + UNCLEAR_HOLD_MS;
	if (kept->is_refusal)
		(void)pace_refused(&sending->queue->pace, now_ms,
		    kept->err.retry_after_ms, random_next(&outbox->random));
}

static void is_unclear(struct sending *sending, int64_t now_ms)
{
	hold_the_others(sending, now_ms);
	session_note(sending->outbox->dq, "%s; asking whether task '%s' has arrived",
	    err_shown(&sending->kept.err), sending->id);
	leave(sending, OUTBOX_UNCLEAR, &sending->kept.err);
}

static void shall_wait(struct sending *sending, int64_t now_ms)
{
	struct outbox *outbox = sending->outbox;
	const struct err *why = &sending->kept.err;
	const char *reason = sending->kept.reason;
	const size_t n = outbox_count_waiting(outbox);

	if (pace_refused(&sending->queue->pace, now_ms, why->retry_after_ms,
		random_next(&outbox->random)))
		session_tell(outbox->dq, DQ_NOTE_WAIT,
		    n == 1 ? N_("%s; %zu waits in the local queue")
			   : N_("%s; %zu wait in the local queue"),
		    reason ? say_text(reason) : err_shown(why), n);
}

static void never_left(struct sending *sending, int64_t now_ms)
{
	struct outbox *outbox = sending->outbox;

	if (outbox->failures > 0 && sending->begun_ms < outbox->failed_ms)
		return;
	if (outbox->failures == 0)
		outbox->trouble_since_ms = now_ms;
	outbox->failures++;
	outbox->failed_ms = now_ms;
	outbox->not_before_ms = now_ms +
	    backoff_ms(BACKOFF_UNSENT, outbox->failures, random_next(&outbox->random));
	outbox->never_left = sending->kept.err;
}

enum task_state outbox_state_after(enum sent_outcome outcome)
{
	static const enum task_state states[] = {
		[SENT_ACCEPTED] = TASK_QUEUED,
		[SENT_UNCLEAR] = TASK_UNKNOWN,
		[SENT_REFUSED] = TASK_FAILED,
		[SENT_LATER] = TASK_SUBMITTING,
		[SENT_ACCOUNT] = TASK_SUBMITTING,
		[SENT_NEVER_LEFT] = TASK_SUBMITTING,
	};

	return states[outcome];
}

/* The answer is in the ledger: now it counts. */
static void follow(struct sending *sending)
{
	struct outbox *outbox = sending->outbox;
	const int64_t now_ms = outbox->dq->now.mono_ms;
	const enum sent_outcome outcome = sending->kept.outcome;

	if (outcome != SENT_NEVER_LEFT)
		outbox->failures = 0;
	if (outcome != SENT_NEVER_LEFT && outcome != SENT_UNCLEAR)
		outbox->unclear = 0;
	sending->step = ANSWERED;
	if (outbox_state_after(outcome) == TASK_SUBMITTING) {
		wait_again(sending);
		tell(sending, OUTBOX_WAITS, &sending->kept.err);
	}
	switch (outcome) {
	case SENT_ACCEPTED:
		was_accepted(sending);
		break;
	case SENT_UNCLEAR:
		is_unclear(sending, now_ms);
		break;
	case SENT_REFUSED:
		leave(sending, OUTBOX_REFUSED, &sending->kept.err);
		break;
	case SENT_LATER:
		shall_wait(sending, now_ms);
		break;
	case SENT_ACCOUNT:
		pace_narrow(&sending->queue->pace);
		outbox->account = sending->kept.err;
		break;
	case SENT_NEVER_LEFT:
		never_left(sending, now_ms);
		break;
	}
}

enum err_kind outbox_write_down(const struct sending *sending, struct err *err)
{
	const struct answer_kept *kept = &sending->kept;
	struct dq *dq = sending->outbox->dq;
	const struct task_fail fail = {
		.class = kept->fail_class,
		.code = kept->fail_code[0] ? kept->fail_code : NULL,
		.message = kept->err.msg,
	};
	const struct answered answered = {
		.account = dq->profile,
		.submit_id = sending->id,
		.state = outbox_state_after(kept->outcome),
		.fail = kept->outcome == SENT_REFUSED ? &fail : NULL,
		.history_id = kept->history_id[0] ? kept->history_id : NULL,
		.alias_id = kept->alias_id[0] ? kept->alias_id : NULL,
	};

	return ledger_submitted(dq->ledger, &answered, err);
}

/*
 * No room in the ledger: the answer stays here, and the lock of the process says that
 * it is not lost. The task may end meanwhile (the waiting time is over).
 */
static void keep_unwritten(struct sending *sending, const struct err *why)
{
	sending->step = UNWRITTEN;
	sending->outbox->write_ms = sending->outbox->dq->now.mono_ms + WRITE_AGAIN_MS;
	sending->outbox->is_held = true;
	tell(sending, OUTBOX_UNWRITTEN, why);
}

/* Whoever forgot it wanted to hear no more of it. */
static void was_forgotten(struct sending *sending)
{
	struct err why;

	session_note(sending->outbox->dq, "task '%s' was forgotten while it was sent",
	    sending->id);
	err_set(&why, ERR_NOT_FOUND, "task '%s' was forgotten", sending->id);
	sending->step = ANSWERED;
	leave(sending, OUTBOX_FORGOTTEN, &why);
}

/* It can't be written down, and nobody waits for that: the run ends. */
static void is_lost(struct sending *sending, const struct err *why)
{
	sending->step = ANSWERED;
	tell(sending, OUTBOX_WAITS, why); /* for the next run: in this one it is begun */
	outbox_abort(sending->outbox, why);
}

void outbox_take_answer(struct sending *sending)
{
	struct outbox *outbox = sending->outbox;
	struct dq *dq = outbox->dq;
	struct err err;
	enum err_kind kind;

	/* Once read it is nowhere else: no interrupt makes it end sooner. */
	session_set_patient(dq, true);
	kind = outbox_write_down(sending, &err);
	session_set_patient(dq, false);
	if (!kind)
		follow(sending);
	else if (err.kind == ERR_NOT_FOUND)
		was_forgotten(sending);
	else if (retry_waits_for(&err, outbox->perseveres, session_is_draining(dq)))
		keep_unwritten(sending, &err);
	else
		is_lost(sending, &err);
}

static void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text && strlen(text) < room ? text : "");
}

/* Is this the name of another task that we know? (If it can't be told: of none.) */
static bool is_anothers(const struct sending *sending, const char *id)
{
	const struct dq *dq = sending->outbox->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err ignored;

	return id[0] && !ledger_find(dq->ledger, dq->profile, id, &task, &ignored) &&
	    task && strcmp(task->submit_id, sending->id) != 0;
}

/*
 * The service's names for it. An answer that names another of our tasks is not the
 * answer to this submit: nothing it says is believed.
 */
static void keep_ids(struct sending *sending, const struct service_sent *sent)
{
	struct answer_kept *kept = &sending->kept;

	keep(kept->history_id, sizeof(kept->history_id), sent->history_id);
	if (sent->submit_id && strcmp(sent->submit_id, sending->id) != 0)
		keep(kept->alias_id, sizeof(kept->alias_id), sent->submit_id);
	if (!is_anothers(sending, kept->alias_id) &&
	    !is_anothers(sending, kept->history_id))
		return;
	kept->alias_id[0] = kept->history_id[0] = '\0';
	kept->outcome = SENT_UNCLEAR;
	if (!kept->err.kind)
		err_set(&kept->err, ERR_CONTRACT,
		    "the answer to the submit names another task");
}

void outbox_on_sent(void *payload, const struct service_sent *sent)
{
	struct sending *sending = payload;
	struct answer_kept *kept = &sending->kept;

	pace_ended(&sending->queue->pace);
	*kept = (struct answer_kept){
		.outcome = sent->outcome,
		.err = sent->err,
		.is_refusal = sent->err.kind == ERR_BUSY || sent->err.kind == ERR_AUTH ||
		    sent->err.kind == ERR_ACCOUNT,
		.fail_class = sent->fail_class,
		.reason = sent->reason,
	};
	keep(kept->fail_code, sizeof(kept->fail_code), sent->fail_code);
	keep_ids(sending, sent);
	outbox_take_answer(sending);
}
