/*
 * send.c - a submit from the queue onto the wire: it is begun in the ledger, on the
 * ledger's thread, and leaves when that is durable, if it still may.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/policy/retry.h"
#include "core/submit/parts.h"

/* --- may it? ------------------------------------------------------------------------ */

/*
 * Is an answer on its way into the ledger that may be a reason for the others to wait?
 * What follows from it is known when it is there.
 */
static bool awaits_answer(const struct outbox *outbox)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++) {
		const struct sending *sending = &outbox->sendings[i];

		if (sending->step == WRITING && !sending->kept.is_put_back &&
		    sending->kept.outcome != SENT_ACCEPTED)
			return true;
	}
	return false;
}

int64_t outbox_queue_next_ms(const struct outbox *outbox, const struct queue *queue)
{
	const int64_t pace_ms = pace_next_ms(&queue->pace);

	if (queue->n == 0 || awaits_answer(outbox))
		return INT64_MAX;
	/* While nothing gets through, one is enough to find out. */
	if (outbox->failures > 0 &&
	    outbox_count(outbox, BEGINNING) + outbox_count(outbox, BEGUN) +
		    outbox_count(outbox, UNDER_WAY) >
		0)
		return INT64_MAX;
	return pace_ms > outbox->not_before_ms ? pace_ms : outbox->not_before_ms;
}

static bool may_begin(const struct outbox *outbox, const struct queue *queue)
{
	return !outbox->is_held && outbox_count(outbox, UNWRITTEN) == 0 &&
	    outbox_queue_next_ms(outbox, queue) <= outbox->dq->now.mono_ms;
}

/* As may_begin(), of one that has begun: what it says no to can't begin again at once. */
static bool may_leave(const struct sending *sending)
{
	const struct outbox *outbox = sending->outbox;
	const int64_t now_ms = outbox->dq->now.mono_ms;

	if (!sending->entry || outbox_count(outbox, UNWRITTEN) > 0)
		return false;
	if (outbox->failures > 0 && outbox_count(outbox, UNDER_WAY) > 0)
		return false;
	return pace_may_leave(&sending->queue->pace, now_ms) &&
	    outbox->not_before_ms <= now_ms;
}

/* --- begun -------------------------------------------------------------------------- */

/* Somebody else has sent it, or it was forgotten: which, is told. */
static void is_gone(struct sending *sending)
{
	struct outbox *outbox = sending->outbox;
	const struct dq *dq = outbox->dq;
	struct entry *entry = sending->entry;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	sending->step = IDLE;
	if (!entry)
		return;
	if (ledger_find(dq->ledger, dq->profile, entry->id, &task, &err)) {
		outbox_entry_remove(sending->queue, entry);
		outbox_abort(outbox, &err);
		return;
	}
	entry->is_forgotten = !task;
	TAILQ_REMOVE(&sending->queue->entries, entry, others);
	TAILQ_INSERT_TAIL(&outbox->gone, entry, others);
}

static void can_not_begin(struct sending *sending, const struct err *why)
{
	struct outbox *outbox = sending->outbox;

	outbox_wait_again(sending);
	outbox_end(sending, OUTBOX_WAITS, why);
	if (!retry_waits_for(why, outbox->perseveres, session_is_draining(outbox->dq))) {
		outbox_abort(outbox, why);
		return;
	}
	outbox->no_room = *why;
	outbox->is_held = true;
}

static void was_begun(struct group_entry *writing)
{
	struct sending *sending = (struct sending *)writing;

	sending->is_posted = false;
	sending->step = BEGUN;
	if (!writing->entry.why.kind && writing->entry.send.body)
		return;
	pace_ended(&sending->queue->pace);
	if (!writing->entry.why.kind || writing->entry.why.kind == ERR_NOT_FOUND)
		is_gone(sending);
	else
		can_not_begin(sending, &writing->entry.why);
}

static void begin(struct queue *queue, struct entry *entry, struct sending *sending)
{
	struct outbox *outbox = sending->outbox;

	entry->is_begun = true;
	queue->n--;
	pace_sent(&queue->pace);
	sending->queue = queue;
	sending->entry = entry;
	sending->key = entry->key;
	(void)snprintf(sending->id, sizeof(sending->id), "%s", entry->id);
	sending->step = BEGINNING;
	sending->is_posted = true;
	sending->writing = (struct group_entry){
		.entry = { .kind = ENTRY_SEND, .send = { .submit_id = sending->id } },
		.done = was_begun,
	};
	group_commit_post(outbox->commits, &sending->writing);
}

void outbox_begin_due(struct outbox *outbox, struct queue *queue)
{
	struct sending *idle;
	struct entry *entry;

	while (may_begin(outbox, queue) && (idle = outbox_sending_in(outbox, IDLE)) &&
	    (entry = outbox_first_waiting(queue)))
		begin(queue, entry, idle);
}

/* --- and away ----------------------------------------------------------------------- */

/* The ledger calls it begun, and it did not begin. */
static void not_started(struct sending *sending, const struct err *why)
{
	sending->kept = (struct answer_kept){ .outcome = SENT_NEVER_LEFT, .err = *why };
	outbox_write_down(sending);
	outbox_abort(sending->outbox, why);
}

static void leave(struct sending *sending)
{
	struct dq *dq = sending->outbox->dq;
	struct entry_send *begun = &sending->writing.entry.send;
	_cleanup_free_ char *body = TAKE_PTR(begun->body);
	struct err err;

	sending->begun_ms = dq->now.mono_ms;
	sending->step = UNDER_WAY;
	totals_request(dq);
	if (service_send(dq->service, begun->kind, body, outbox_on_sent, sending, &err))
		not_started(sending, &err);
}

bool outbox_has_begun(const struct outbox *outbox)
{
	return outbox_count(outbox, BEGUN) > 0 && !awaits_answer(outbox);
}

void outbox_leave(struct outbox *outbox, bool may_send)
{
	for (size_t i = 0; i < OUTBOX_UNDER_WAY_MAX; i++) {
		struct sending *sending = &outbox->sendings[i];

		if (sending->step != BEGUN)
			continue;
		if (may_send && (outbox->is_held || awaits_answer(outbox)))
			continue;
		if (may_send && may_leave(sending))
			leave(sending);
		else
			outbox_put_back(sending);
	}
}
