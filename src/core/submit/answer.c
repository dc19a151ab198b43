#include "base/say.h"
#include "core/submit/parts.h"

#include <stdio.h>
#include <stdlib.h>
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

/* It is over for the outbox, with this. */
static void leave(struct sending *sending, enum outbox_what what, const struct err *why)
{
	outbox_entry_remove(sending->queue, sending->entry);
	sending->entry = NULL;
	outbox_end(sending, what, why);
}

static void was_accepted(struct sending *sending, int64_t now_ms)
{
	(void)now_ms;
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
	if (sending->kept.err.kind == ERR_RUNNING)
		session_note(sending->outbox->dq, "%s", err_shown(&sending->kept.err));
	else
		session_note(sending->outbox->dq,
		    "%s; asking whether task '%s' has arrived",
		    err_shown(&sending->kept.err), sending->id);
	leave(sending, OUTBOX_UNCLEAR, &sending->kept.err);
}

static void was_refused(struct sending *sending, int64_t now_ms)
{
	(void)now_ms;
	leave(sending, OUTBOX_REFUSED, &sending->kept.err);
}

static void is_the_accounts(struct sending *sending, int64_t now_ms)
{
	(void)now_ms;
	pace_narrow(&sending->queue->pace);
	sending->outbox->account = sending->kept.err;
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

static void (*const on_outcome[])(struct sending *sending, int64_t now_ms) = {
	[SENT_ACCEPTED] = was_accepted,
	[SENT_UNCLEAR] = is_unclear,
	[SENT_REFUSED] = was_refused,
	[SENT_LATER] = shall_wait,
	[SENT_ACCOUNT] = is_the_accounts,
	[SENT_NEVER_LEFT] = never_left,
};

/* The answer is in the ledger: now it counts. */
static void follow(struct sending *sending)
{
	struct outbox *outbox = sending->outbox;
	const enum sent_outcome outcome = sending->kept.outcome;

	if (outcome != SENT_NEVER_LEFT)
		outbox->failures = 0;
	if (outcome != SENT_NEVER_LEFT && outcome != SENT_UNCLEAR)
		outbox->unclear = 0;
	if (outbox_state_after(outcome) == TASK_SUBMITTING) {
		outbox_wait_again(sending);
		outbox_end(sending, OUTBOX_WAITS, &sending->kept.err);
	}
	if (!sending->kept.is_put_back)
		on_outcome[outcome](sending, outbox->dq->now.mono_ms);
}

/* --- into the ledger ---------------------------------------------------------------- */

/*
 * No room in the ledger: the answer stays here, and the lock of the process says that
 * it is not lost. The task may end meanwhile (the waiting time is over).
 */
static void keep_unwritten(struct sending *sending, const struct err *why)
{
	outbox_end(sending, OUTBOX_UNWRITTEN, why);
	sending->step = UNWRITTEN;
	sending->outbox->write_ms = sending->outbox->dq->now.mono_ms + WRITE_AGAIN_MS;
	sending->outbox->is_held = true;
}

/* Whoever forgot it wanted to hear no more of it. */
static void was_forgotten(struct sending *sending)
{
	struct err why;

	session_note(sending->outbox->dq, "task '%s' was forgotten while it was sent",
	    sending->id);
	err_set(&why, ERR_NOT_FOUND, "task '%s' was forgotten", sending->id);
	leave(sending, OUTBOX_FORGOTTEN, &why);
}

/* It can't be written down, and nobody waits for that: the run ends. */
static void is_lost(struct sending *sending, const struct err *why)
{
	/* It waits for the next run: in this one it is begun. */
	outbox_end(sending, OUTBOX_WAITS, why);
	outbox_abort(sending->outbox, why);
}

static void was_written(struct group_entry *writing)
{
	struct sending *sending = (struct sending *)writing;
	const struct outbox *outbox = sending->outbox;
	const struct err *why = &writing->entry.why;

	sending->is_posted = false;
	if (why->kind && why->kind != ERR_NOT_FOUND &&
	    retry_waits_for(why, outbox->perseveres, session_is_draining(outbox->dq))) {
		keep_unwritten(sending, why);
		return;
	}
	pace_ended(&sending->queue->pace);
	if (!why->kind)
		follow(sending);
	else if (why->kind == ERR_NOT_FOUND)
		was_forgotten(sending);
	else
		is_lost(sending, why);
}

static void prepare(struct sending *sending)
{
	const struct answer_kept *kept = &sending->kept;

	sending->fail = (struct task_fail){
		.class = kept->fail_class,
		.code = kept->fail_code[0] ? kept->fail_code : NULL,
		.message = kept->err.msg,
	};
	sending->writing = (struct group_entry){
		.entry = { .kind = ENTRY_ANSWER,
		    .answer = { .submit_id = sending->id,
			.state = outbox_state_after(kept->outcome),
			.fail = kept->outcome == SENT_REFUSED ? &sending->fail : NULL,
			.history_id = kept->history_id[0] ? kept->history_id : NULL,
			.alias_id = kept->alias_id[0] ? kept->alias_id : NULL,
			.has_credits =
			    kept->outcome == SENT_ACCEPTED && kept->credits >= 0,
			.credits = kept->credits } },
		/* Once read it is nowhere else: no interrupt makes it end sooner. */
		.is_patient = true,
		.done = was_written,
	};
}

void outbox_write_down(struct sending *sending)
{
	prepare(sending);
	if (sending->step != UNWRITTEN)
		sending->step = WRITING;
	sending->is_posted = true;
	group_commit_post(sending->outbox->commits, &sending->writing);
}

/* Nothing of it was tried. */
static void forget_begun(struct sending *sending)
{
	free(sending->writing.entry.send.body);
	sending->writing.entry.send.body = NULL;
	sending->kept =
	    (struct answer_kept){ .outcome = SENT_NEVER_LEFT, .is_put_back = true };
}

void outbox_put_back(struct sending *sending)
{
	forget_begun(sending);
	outbox_write_down(sending);
}

/* What can't be written now, who comes next asks the service for. */
void outbox_write_last(struct sending *sending)
{
	const struct ledger_entry *entry = &sending->writing.entry;
	const bool is_written = sending->is_posted && !entry->why.kind;

	if (sending->step == BEGUN || (sending->step == BEGINNING && entry->send.body))
		forget_begun(sending);
	else if ((sending->step != WRITING && sending->step != UNWRITTEN) || is_written)
		return;
	prepare(sending);
	group_commit_now(sending->outbox->commits, &sending->writing);
}

/* --- the answer --------------------------------------------------------------------- */

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

/* The waiting time ended before an answer came. What has not left waits again. */
static void mind_given_up(struct sending *sending)
{
	struct answer_kept *kept = &sending->kept;

	if (kept->err.kind != ERR_CANCELLED)
		return;
	kept->is_put_back = kept->outcome == SENT_NEVER_LEFT;
	err_set(&kept->err, ERR_RUNNING,
	    "the waiting time ended before the service answered the submit of task '%s'; "
	    "it is never sent again: the next get, wait or query of it finds out whether "
	    "it has arrived",
	    sending->id);
}

void outbox_on_sent(void *payload, const struct service_sent *sent)
{
	struct sending *sending = payload;
	struct answer_kept *kept = &sending->kept;

	*kept = (struct answer_kept){
		.outcome = sent->outcome,
		.err = sent->err,
		.is_refusal = sent->err.kind == ERR_BUSY || sent->err.kind == ERR_AUTH ||
		    sent->err.kind == ERR_ACCOUNT,
		.fail_class = sent->fail_class,
		.reason = sent->reason,
		.credits = sent->credits,
	};
	keep(kept->fail_code, sizeof(kept->fail_code), sent->fail_code);
	keep_ids(sending, sent);
	mind_given_up(sending);
	outbox_write_down(sending);
}
